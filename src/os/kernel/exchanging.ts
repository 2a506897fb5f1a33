/** Queries and commands about spaces as files: how an export goes, and spaces that only a file brought here. */
import { err } from '../../base/result';
import type { ExportingAnswer } from '../../bridge/messages';
import type { SpaceId } from '../../vm/op/ids';
import { type App, DONE, deed, defineApp, notFound, query } from '../schema/define';
import type { Exchange } from './exchange';

/** Touched when an export moved. */
export const EXCHANGE = 'exchange';

type ExchangingFacts = {
  exchange(): Pick<Exchange, 'answer' | 'stopExport'>;
  /** Whether there was such an archive, and it is gone. */
  removeArchive(space: SpaceId): Promise<boolean>;
};

export const exchangeApp = (facts: ExchangingFacts): App =>
  defineApp({
    name: 'os',
    types: {},
    commands: {},
    deeds: {
      stopExport: deed({
        describes: 'Stops the export that os.exporting tells of.',
        args: {},
        perform: async () => {
          facts.exchange().stopExport();
          return DONE;
        },
      }),
      removeArchive: deed({
        describes: 'Removes a space from this device that a file brought here and that you are not in.',
        args: { spaceId: { type: 'id' } },
        perform: async (_view, { spaceId }) =>
          (await facts.removeArchive(spaceId as SpaceId)) ? DONE : err(notFound('archive')),
      }),
    },
    queries: {
      exporting: query({
        describes: 'The space that is being exported, and how far that is; null while none is.',
        args: {},
        run: (view): ExportingAnswer => {
          view.note(EXCHANGE);
          return facts.exchange().answer;
        },
      }),
    },
  });
