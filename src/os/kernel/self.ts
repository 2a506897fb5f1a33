/** Queries and commands about this person's own self: devices, linking, the recovery phrase, coming back, the picture. */
import { err, ok, type Result } from '../../base/result';
import type {
  DeviceRow,
  LinkingAnswer,
  NewcomerRow,
  PhraseAnswer,
  RecoveryAnswer,
  Refusal,
} from '../../bridge/messages';
import type { DeviceId } from '../../vm/op/ids';
import { topics } from '../graph/query';
import { type PhraseError, phraseOf, seedOfPhrase } from '../rights/phrase';
import { type App, command, deed, defineApp, query, refusal } from '../schema/define';
import { MAX_PICTURE, readPicture } from '../schema/picture';
import { type Devices, deviceKey, deviceNameKey } from './devices';
import type { Linking } from './linking';

/** Touched when a device, linking or coming back moved. */
export const SELF = 'self';
const WRITTEN = 'phrase/written';
const SAVED = 'keyFile/saved';
const LATER = 'phrase/later';

export type SelfFacts = {
  readonly devices: Pick<
    Devices,
    'rows' | 'revoke' | 'removed' | 'refused' | 'newcomers' | 'waits' | 'confirm' | 'refuse'
  >;
  readonly linking: Pick<Linking, 'answer' | 'offer' | 'ask' | 'confirm' | 'cancel'>;
  readonly identity: { readonly seed: Uint8Array | undefined; readonly root: object | undefined } | undefined;
  /** Whether the personal space is here; spaces known of, and held. */
  home(): { readonly home: boolean; readonly known: number; readonly here: number };
  /** This profile became another person: what runs here is of the former one. */
  readonly restart: boolean;
  become(seed: Uint8Array<ArrayBuffer>): Promise<Result<void, Refusal>>;
  present(values: { readonly picture: string }): Promise<void>;
};

const NOTHING = 'Nothing was changed.';
const badPhrase = (error: PhraseError): Refusal => {
  switch (error.type) {
    case 'length':
      return refusal(
        'badPhrase',
        `A recovery phrase has 12 words; these are ${error.words}.`,
        NOTHING,
        'Type all of them.',
      );
    case 'word':
      return refusal(
        'badPhrase',
        `“${error.word}” is not a word of any recovery phrase.`,
        NOTHING,
        'Compare it letter by letter with what you wrote down.',
      );
    case 'order':
      return refusal(
        'badPhrase',
        'These words do not make a recovery phrase.',
        NOTHING,
        'Two words may have changed places, or one is wrong.',
      );
  }
};

export const selfApp = (self: () => SelfFacts): App =>
  defineApp({
    name: 'os',
    types: {},
    commands: {
      renameDevice: command({
        describes: 'Calls a device of this person something else.',
        args: { deviceId: { type: 'id' }, name: { type: 'text', max: 80 } },
        run: (_view, write, { deviceId, name }) => {
          const known = self()
            .devices.rows()
            .some(({ id }) => id === deviceId);
          if (!known || name.trim() === '')
            return err(
              refusal('notFound', 'That is not a device of yours, or the name is empty.', NOTHING, 'Type a name.'),
            );
          write.setPersonal(deviceNameKey(deviceId), name.trim());
          return ok({});
        },
      }),
      phraseWritten: command({
        describes: 'Says that the recovery phrase was written down.',
        args: {},
        run: (_view, write) => {
          write.setPersonal(WRITTEN, true);
          return ok({});
        },
      }),
      keyFileSaved: command({
        describes: 'Says that a key file was saved.',
        args: {},
        run: (_view, write) => {
          write.setPersonal(SAVED, true);
          return ok({});
        },
      }),
      phraseLater: command({
        describes: 'Puts away the offer to write the recovery phrase down.',
        args: {},
        run: (_view, write) => {
          write.setPersonal(LATER, true);
          return ok({});
        },
      }),
    },
    deeds: {
      recover: deed({
        describes: 'Makes this browser the person of a recovery phrase; then the page has to be loaded again.',
        args: { phrase: { type: 'text', max: 1_000 } },
        perform: async (_view, { phrase }) => {
          const seed = seedOfPhrase(phrase);
          if (!seed.ok) return err(badPhrase(seed.error));
          const become = await self().become(seed.value);
          return become.ok ? ok({}) : become;
        },
      }),
      revokeDevice: deed({
        describes: 'Takes a device of this person away, in every space, and changes the keys.',
        args: { deviceId: { type: 'id' } },
        perform: async (_view, { deviceId }) => {
          await self().devices.revoke(deviceId as DeviceId);
          return ok({});
        },
      }),
      confirmDevice: deed({
        describes: 'Says that a device of os.newcomers was restored by this person: it waits no longer.',
        args: { deviceId: { type: 'id' } },
        perform: async (_view, { deviceId }) => {
          await self().devices.confirm(deviceId as DeviceId);
          return ok({});
        },
      }),
      refuseDevice: deed({
        describes: 'Says that a device of os.newcomers is not this person: it is out everywhere, and the keys change.',
        args: { deviceId: { type: 'id' } },
        perform: async (_view, { deviceId }) => {
          await self().devices.refuse(deviceId as DeviceId);
          return ok({});
        },
      }),
      offerLinking: deed({
        describes: 'Shows a code with which another device links itself to this person.',
        args: {},
        perform: async () => {
          const offered = self().linking.offer();
          return offered.ok ? ok({}) : offered;
        },
      }),
      linkDevice: deed({
        describes: 'Links this device by the code that another one shows.',
        args: { code: { type: 'text', max: 4_096 } },
        perform: async (_view, { code }) => {
          const asked = await self().linking.ask(code);
          return asked.ok ? ok({}) : asked;
        },
      }),
      confirmLinking: deed({
        describes: 'Says whether both devices show the same digits.',
        args: { same: { type: 'flag' } },
        perform: async (_view, { same }) => {
          await self().linking.confirm(same);
          return ok({});
        },
      }),
      stopLinking: deed({
        describes: 'Ends linking.',
        args: {},
        perform: async () => {
          self().linking.cancel();
          return ok({});
        },
      }),
      setPicture: deed({
        describes: 'Sets the picture of this person, a small image as a data address; an empty one takes it away.',
        args: { picture: { type: 'text', max: MAX_PICTURE } },
        perform: async (_view, { picture }) => {
          if (picture !== '' && readPicture(picture) === undefined)
            return err(
              refusal('badPicture', 'A picture is a small image.', NOTHING, 'Choose a JPEG, PNG or WebP image.'),
            );
          await self().present({ picture });
          return ok({});
        },
      }),
    },
    queries: {
      devices: query({
        describes: 'The devices of this person.',
        args: {},
        run: (view): readonly DeviceRow[] => {
          view.note(SELF);
          view.note(topics.net);
          view.note(topics.rights(view.me.personalSpace));
          const rows = self().devices.rows();
          for (const { id } of rows) for (const key of [deviceKey(id), deviceNameKey(id)]) view.personal(key);
          return rows;
        },
      }),
      newcomers: query({
        describes: 'Devices restored with the recovery phrase or a key file that older ones may confirm or refuse.',
        args: {},
        run: (view): readonly NewcomerRow[] => {
          view.note(SELF);
          for (const id of view.spaces) view.note(topics.rights(id));
          const rows = self().devices.newcomers();
          for (const { id } of rows) view.personal(deviceNameKey(id));
          return rows;
        },
      }),
      linking: query({
        describes: 'How linking a device goes.',
        args: {},
        run: (view): LinkingAnswer => {
          view.note(SELF);
          return self().linking.answer;
        },
      }),
      recovery: query({
        describes: 'How this person would come back, and how coming back goes.',
        args: {},
        run: (view): RecoveryAnswer => {
          view.note(SELF);
          view.note(topics.spaces);
          view.note(topics.graph(view.me.personalSpace));
          for (const id of view.spaces) view.note(topics.rights(id));
          const me = self().identity;
          return {
            way: me?.seed ? 'phrase' : me?.root ? 'keyFile' : 'none',
            written: view.personal(WRITTEN) === true,
            saved: view.personal(SAVED) === true,
            later: view.personal(LATER) === true,
            ...self().home(),
            removed: self().devices.removed,
            refused: self().devices.refused,
            waits: self().devices.waits(),
            restart: self().restart,
          };
        },
      }),
      recoveryPhrase: query({
        describes: 'The recovery phrase of this person: whoever reads it is this person.',
        args: {},
        run: (): PhraseAnswer => {
          const seed = self().identity?.seed;
          return seed ? { words: phraseOf(seed).split(' ') } : null;
        },
      }),
      pictures: query({
        describes: 'The pictures of the people of a space.',
        args: { spaceId: { type: 'id' } },
        early: true,
        run: (view, { spaceId }) => {
          const rows = new Map<string, { id: string; picture: string }>();
          for (const node of view.graph(spaceId as never)?.nodesOfType('Profile') ?? []) {
            const picture = node.deleted ? undefined : readPicture(node.field('picture'));
            if (picture) rows.set(node.author, { id: node.author, picture });
          }
          return [...rows.values()];
        },
      }),
    },
  });
