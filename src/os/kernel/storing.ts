/**
 * What each space takes on this device, how much of it is nowhere else, and making room: by letting go of texts that others hold, or of a
 * whole space that the person is not in any more. What may go is decided in `shelf.ts` and `forgetting.ts`.
 */
import { err } from '../../base/result';
import type { SpaceStorageRow, StorageAnswer } from '../../bridge/messages';
import type { DeviceId, SpaceId } from '../../vm/op/ids';
import { topics } from '../graph/query';
import { type App, DONE, deed, defineApp, notFound, query } from '../schema/define';
import type { Eviction } from './eviction';
import type { Forgetting } from './forgetting';
import { loneEntries, SHELF } from './shelf';
import type { Space } from './space';

/** Touched when a space is asked to go, or went. */
export const STORING = 'storing';
/** Figures are told again after this long, while somebody looks: they move with every message. */
const AGAIN_MS = 3_000;

type StoringFacts = {
  spaces(): ReadonlyMap<SpaceId, Space>;
  title(space: Space): string;
  device(): DeviceId;
  /** Network time. */
  now(): number;
  eviction(): Eviction;
  forgetting(): Pick<Forgetting, 'ask' | 'isAsked'>;
  /** Bytes of the lists for the search, in memory. */
  searchBytes(): number;
};

/** Changes of this device that nobody else ever stated to hold. */
const onlyHere = ({ replica, unsealed }: Space, own: DeviceId): SpaceStorageRow['onlyHere'] => {
  let [changes, bytes] = [unsealed, 0];
  for (const log of replica.logs.values()) {
    const header = log.head?.header;
    if (header?.device !== own) continue;
    const lone = loneEntries(replica, log, own);
    changes += lone.length;
    bytes += lone.reduce((sum, { body }) => sum + body.length, 0);
  }
  return { changes, bytes };
};

export const storingApp = (facts: StoringFacts): App => {
  const spaceId = { type: 'id' } as const;
  return defineApp({
    name: 'os',
    types: {},
    commands: {},
    deeds: {
      freeSpace: deed({
        describes:
          'Lets go of all texts of a space that others hold for sure and nobody uses now; they come back when they are opened. Gives the bytes that went.',
        args: { spaceId },
        perform: async (_view, args) => {
          const space = facts.spaces().get(args.spaceId as SpaceId);
          if (!space) return err(notFound('space'));
          return { ok: true, value: { bytes: String(await facts.eviction().free(space)) } };
        },
      }),
      forgetSpace: deed({
        describes:
          'Removes a space that you are not in from this device, once others know that you left, or with `now` at once.',
        args: { spaceId, now: { type: 'flag', optional: true } },
        // Its files go only where no other space stands on them.
        everywhere: true,
        perform: async (_view, args) => {
          const space = facts.spaces().get(args.spaceId as SpaceId);
          if (!space) return err(notFound('space'));
          const asked = await facts.forgetting().ask(space, args.now === true);
          return asked.ok ? DONE : asked;
        },
      }),
    },
    queries: {
      storage: query({
        describes:
          'What each space takes on this device, in bytes: history, files, image; what of it nobody else holds; and what is to be removed. The largest first.',
        args: {},
        run: (view): StorageAnswer => {
          for (const topic of [STORING, SHELF, topics.spaces, topics.net]) view.note(topic);
          view.passed((Math.floor(facts.now() / AGAIN_MS) + 1) * AGAIN_MS);
          const rows = [...facts.spaces().values()].map((space): SpaceStorageRow => {
            view.note(topics.rights(space.id));
            const { replica } = space;
            const files = space.blobs.bytes;
            return {
              id: space.id,
              title: facts.title(space),
              kind: replica.rights.kind(),
              role: view.role(space.id),
              personal: space.id === view.me.personalSpace,
              journal: Math.max(0, space.bytes - files),
              files,
              images: replica.image.bytes,
              onlyHere: onlyHere(space, facts.device()),
              leaving: facts.forgetting().isAsked(space.id),
            };
          });
          const sizeOf = ({ journal, files, images }: SpaceStorageRow): number => journal + files + images;
          return {
            spaces: rows.sort((a, b) => sizeOf(b) - sizeOf(a) || (a.id < b.id ? -1 : 1)),
            search: facts.searchBytes(),
          };
        },
      }),
    },
  });
};
