/** Queries and commands about what this device keeps: the budget, single documents, and what is fetched from whom. */
import { isHex } from '../../base/bytes';
import { byName } from '../../base/called';
import { err } from '../../base/result';
import type { ContentAnswer, Refusal, ShelfAnswer } from '../../bridge/messages';
import { contentShardOf, type DeviceId, type NodeId, type SpaceId } from '../../vm/op/ids';
import { topics } from '../graph/query';
import { type App, DONE, deed, defineApp, notFound, query, refusal, type View } from '../schema/define';
import type { Eviction } from './eviction';
import type { Fetching } from './fetching';
import { SHELF, type Stays } from './shelf';
import type { Space } from './space';

type ShelvingFacts = {
  space(id: SpaceId): Space | undefined;
  eviction(): Eviction;
  fetching(): Fetching;
  /** Types whose nodes have a text. */
  isText(type: string): boolean;
  linked(): readonly { readonly device: DeviceId }[];
  device(): DeviceId;
};

/** Below this a device would do little else than fetch. */
const MIN_BUDGET = 1_000_000;

const STAYS: Readonly<Record<Stays | 'inUse', readonly [message: string, next: string]>> = {
  inUse: ['This document is open, or is to be kept on this device.', 'Close it, or let it go first.'],
  onlyHere: [
    'Nobody else is known to hold all of this document.',
    'Wait until a beacon or two other devices hold it; the mark beside its title says so.',
  ],
  unsent: ['Something in this space is not sent yet.', 'Try again in a moment.'],
  unclear: ['Something in this document waits for a key, or for an Admin.', 'Try again when it is shown.'],
};
const staysHere = (why: Stays | 'inUse'): Refusal => {
  const [message, next] = STAYS[why];
  return refusal('staysHere', message, 'It stays on this device.', next);
};

export const shelvingApp = (facts: ShelvingFacts): App => {
  const find = (view: View, text: string): { readonly space: Space; readonly object: NodeId } | undefined => {
    const id = isHex(text, 16) ? view.spaceOf(text as NodeId) : undefined;
    const space = id && facts.space(id);
    const node = id && view.graph(id)?.node(text as NodeId);
    return space && node && facts.isText(node.type) ? { space, object: node.id } : undefined;
  };
  const whoIs = (view: View, { id, replica }: Space, device: DeviceId): { userId?: string; name: string } => {
    const relay = replica.rights.relays().get(device);
    const user = replica.rights.userOf(device);
    return { ...(user ? { userId: user } : {}), name: relay?.name ?? (user ? view.person(id, user).name : '') };
  };

  const contentOf = (view: View, space: Space, object: NodeId): ContentAnswer => {
    const { replica } = space;
    const shard = contentShardOf(space.id, object);
    const away = replica.shelved.get(shard);
    const progress = facts.fetching().progress(space, object);
    const relays = replica.rights.relays();
    const linked = new Set(facts.linked().map(({ device }) => device));
    const pinned = facts.eviction().isPinned(object);
    const here = !replica.isAway(shard);
    if (!away) return { here, changes: true, pinned, bytes: 0, got: 0, total: 0, from: null, holders: [] };
    const holders = [...replica.receipts].filter(
      ([device, byShard]) => device !== facts.device() && (byShard.get(shard)?.heights.size ?? 0) > 0,
    );
    return {
      here,
      changes: false,
      pinned,
      bytes: [...away].reduce((sum, id) => sum + (replica.entries.get(id)?.header.bodyLength ?? 0), 0),
      got: progress?.got ?? 0,
      total: progress?.total ?? away.size,
      from: progress?.from === undefined ? null : whoIs(view, space, progress.from),
      holders: holders
        .map(([device]) => ({
          deviceId: device,
          ...whoIs(view, space, device),
          kind: relays.has(device) ? ('beacon' as const) : ('tab' as const),
          linked: linked.has(device),
          silent: progress?.silent.has(device) ?? false,
        }))
        .sort((a, b) => a.kind.localeCompare(b.kind) || byName(a, b)),
    };
  };

  const id = { type: 'id' } as const;
  return defineApp({
    name: 'os',
    types: {},
    commands: {},
    deeds: {
      setBudget: deed({
        describes: 'How many bytes of work this device keeps at most (1 MB or more); everything without `bytes`.',
        args: { bytes: { type: 'number', optional: true } },
        perform: async (_view, { bytes }) => {
          if (bytes !== undefined && !(bytes >= MIN_BUDGET && bytes <= Number.MAX_SAFE_INTEGER))
            return err(
              refusal('badArguments', 'A device keeps 1 MB at least.', 'Nothing was changed.', 'Give a larger number.'),
            );
          await facts.eviction().setBudget(bytes === undefined ? undefined : Math.floor(bytes));
          return DONE;
        },
      }),
      keepHere: deed({
        describes:
          'Keeps the text of a document on this device whatever the budget is, or with `keep` false no longer.',
        args: { id, keep: { type: 'flag' } },
        perform: async (view, args) => {
          const found = find(view, args.id);
          if (!found) return err(notFound('document'));
          await facts.eviction().pin(found.object, args.keep);
          if (args.keep) facts.fetching().fetch(found.space, found.object);
          return DONE;
        },
      }),
      shelve: deed({
        describes: 'Removes the text of a document from this device, where others hold it for sure.',
        args: { id },
        perform: async (view, args) => {
          const found = find(view, args.id);
          if (!found) return err(notFound('document'));
          const gone = await facts.eviction().letGo(found.space, found.object);
          return gone.ok ? DONE : err(staysHere(gone.error));
        },
      }),
      compact: deed({
        describes:
          'Keeps the text of a document, and no longer its single changes, where others hold them for sure; they are fetched when somebody looks at an earlier state.',
        args: { id },
        perform: async (view, args) => {
          const found = find(view, args.id);
          if (!found) return err(notFound('document'));
          const gone = await facts.eviction().compact(found.space, found.object);
          return gone.ok ? DONE : err(staysHere(gone.error));
        },
      }),
      fetch: deed({
        describes:
          'Begins to bring the text of a document, and all changes of it, back to this device; `os.content` says how far it is.',
        args: { id },
        perform: async (view, args) => {
          const found = find(view, args.id);
          if (!found) return err(notFound('document'));
          facts.eviction().opened(found.object);
          facts.fetching().fetch(found.space, found.object);
          return DONE;
        },
      }),
    },
    queries: {
      shelf: query({
        describes: 'What this device keeps, how much it may keep, and how much text lies with others alone.',
        args: {},
        run: (view): ShelfAnswer => {
          view.note(SHELF);
          view.note(topics.net);
          for (const space of view.spaces) view.note(topics.states(space));
          const { budget, used, images, over, away, compacted } = facts.eviction();
          return { budget: budget ?? null, used, images, over, away, compacted };
        },
      }),
      content: query({
        describes: 'Whether the text of a document is on this device, who holds it, and how far it is fetched.',
        args: { id },
        run: (view, args): ContentAnswer | null => {
          view.note(SHELF);
          const found = find(view, args.id);
          if (!found) return null;
          if (found.space.replica.shelved.size > 0) {
            view.note(topics.net);
            view.note(topics.rights(found.space.id));
          }
          return contentOf(view, found.space, found.object);
        },
      }),
    },
  });
};
