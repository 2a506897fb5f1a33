/** Connecting without a server, by name: the commands and the query. */
import { ok } from '../../base/result';
import type { PairingAnswer } from '../../bridge/messages';
import type { SpaceId } from '../../vm/op/ids';
import { type App, deed, defineApp, query } from '../schema/define';
import type { Pairing } from './pairing';

export const PAIRING = 'pairing';

export const pairingApp = (pairing: () => Pairing): App =>
  defineApp({
    name: 'os',
    types: {},
    commands: {},
    deeds: {
      offerPairing: deed({
        describes:
          'Makes a text with which another device of the space connects without any server; os.pairing shows it.',
        args: { spaceId: { type: 'id' } },
        perform: async (_view, { spaceId }) => {
          const offered = pairing().offer(spaceId as SpaceId);
          return offered.ok ? ok({}) : offered;
        },
      }),
      takePairing: deed({
        describes: 'Takes the text of the other device: its offer, which is answered, or its answer to the own offer.',
        args: { text: { type: 'text', max: 16_384 } },
        perform: async (_view, { text }) => {
          const taken = await pairing().take(text);
          return taken.ok ? ok({}) : taken;
        },
      }),
      stopPairing: deed({
        describes: 'Ends connecting without a server; a link that came of it stays.',
        args: {},
        perform: async () => {
          pairing().stop();
          return ok({});
        },
      }),
    },
    queries: {
      pairing: query({
        describes: 'How connecting without a server goes, and the text for the other device.',
        args: {},
        run: (view): PairingAnswer => {
          view.note(PAIRING);
          return pairing().answer;
        },
      }),
    },
  });
