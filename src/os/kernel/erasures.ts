/**
 * Erasing an object for good, and what is told of it. It names the entries that are about the object alone; whether that
 * counts is decided by every node from rights (`erasing.ts`). Text of documents is not erased so.
 */
import { err, type Result } from '../../base/result';
import type { Refusal } from '../../bridge/messages';
import type { GraphNode } from '../../vm/graph/engine';
import { msOf } from '../../vm/op/clock';
import type { Entry } from '../../vm/op/entry';
import { MAX_ERASED } from '../../vm/op/erase';
import type { BlobId, EntryId, NodeId, ShardId, SpaceId, UserId } from '../../vm/op/ids';
import {
  type App,
  DONE,
  deed,
  defineApp,
  type Erased,
  isAdmin,
  notAllowed,
  notFound,
  type Outcome,
  refusal,
  textField,
} from '../schema/define';
import type { Registry } from '../schema/registry';
import { opsOf } from './bodies';
import { blobOf, namedBlobs } from './named-blobs';
import { objectOf } from './parts';
import type { Replica } from './replica';
import type { Space } from './space';

const notErasable = refusal(
  'notErasable',
  'This cannot be erased: other things are built on it, or it was written by an older version.',
  'Nothing was changed.',
  'Delete it instead; that hides it.',
);
const notSent = refusal(
  'waitingForKey',
  'This was not sent yet: the space waits for a new key.',
  'Nothing was changed.',
  'Erase it when it was sent.',
);

/** Each object once, by the first erasure that took something of it. */
export const erasedIn = (replica: Replica, shard: ShardId): readonly Erased[] => {
  const found = new Map<NodeId, Erased>();
  for (const { entry, object, within, by, erased } of replica.erasing.erasures(shard)) {
    const [first] = erased as [Entry];
    const author = replica.rights.userOf(first.header.device) ?? by;
    const known = found.get(object);
    const hlc = known && known.hlc < first.header.hlc ? known.hlc : first.header.hlc;
    if (known) found.set(object, { ...known, hlc });
    else found.set(object, { id: object, within, by, author, at: msOf(entry.header.hlc), hlc, entry: entry.id });
  }
  return [...found.values()].sort((a, b) => a.hlc - b.hlc || (a.id < b.id ? -1 : 1));
};

/** Entries about this node that this person may have erased, or why there are none. */
const erasableOf = async (
  { replica }: Space,
  node: { readonly id: NodeId; readonly author: UserId; readonly shard: ShardId; readonly createdBy: EntryId },
  mayErase: (author: UserId | undefined) => boolean,
): Promise<Result<readonly EntryId[], Refusal>> => {
  const ids: EntryId[] = [];
  const there = [...replica.entries.values()].filter(
    ({ id, header }) => header.shard === node.shard && replica.judged.has(id),
  );
  for await (const slice of replica.openAll(there)) {
    for (const [{ id, header }, content] of slice) {
      if (!opsOf(content, header).some((op) => 'node' in op && op.node === node.id)) continue;
      const author = replica.rights.userOf(header.device);
      if (header.kind === 'erasable') {
        if (mayErase(author)) ids.push(id);
      } else if (author === node.author) return err(notErasable);
    }
  }
  return ids.includes(node.createdBy) ? { ok: true, value: ids.sort() } : err(notSent);
};

type ErasureFacts = {
  space(id: SpaceId): Space | undefined;
  registry(): Pick<Registry, 'typeRule' | 'applicationTypes'>;
};

export const erasuresApp = (facts: ErasureFacts): App =>
  defineApp({
    name: 'os',
    types: {},
    commands: {},
    deeds: {
      erase: deed({
        describes:
          'Erases a message or a comment for good: every honest device and beacon deletes its bytes, and those of its files. Your own, or any as an Admin. Cannot be undone.',
        args: { objectId: { type: 'id' } },
        // A file goes only where no space stands on it.
        everywhere: true,
        perform: async (view, { objectId }): Promise<Outcome> => {
          const holding = view.spaceOf(objectId as NodeId);
          const space = holding && facts.space(holding);
          const node = holding && view.graph(holding)?.node(objectId as NodeId);
          if (!space || !node) return err(notFound('object'));
          const rule = facts.registry().typeRule(node.type);
          if (!rule?.erasable) return err(notErasable);
          const admin = isAdmin(view.role(space.id));
          const me = view.me.userId;
          if (node.author !== me && !admin)
            return err(notAllowed('Only its author or an Admin erases it.', 'Ask an Admin of the space.'));
          const all = [...alongWith(space, node, facts), node];
          const going = new Set(all.map((each) => each.id));
          const named = namedBlobs(facts.registry(), space.replica.engine);
          const isLast = (blob: BlobId): boolean => (named.get(blob) ?? []).every((by) => going.has(by));
          for (const each of all) {
            const file = blobOf(facts.registry(), each);
            const blobs = file && isLast(file) ? [file] : [];
            const found = await erasableOf(space, each, (author) => admin || author === me);
            if (!found.ok) return found;
            const { within: fields } = facts.registry().typeRule(each.type)?.erasable ?? rule.erasable;
            const within = fields.map((key) => textField(each, key)).find((id) => id !== '');
            const body = {
              version: 1,
              shard: each.shard,
              object: each.id,
              within: (within ?? objectOf(space, each.shard) ?? each.id) as NodeId,
            };
            for (let from = 0; from < found.value.length; from += MAX_ERASED) {
              const entries = found.value.slice(from, from + MAX_ERASED);
              const files = from === 0 && blobs.length > 0 ? { version: 2, blobs } : {};
              const told = await space.erase({ ...body, entries, ...files });
              if (!told.ok) return told;
            }
          }
          return DONE;
        },
      }),
    },
    queries: {},
  });

/** What the same person put beside it, to be erased along with it. */
const alongWith = (space: Space, node: GraphNode, facts: Pick<ErasureFacts, 'registry'>): readonly GraphNode[] =>
  [...space.replica.engine.nodesOfShard(node.shard)].filter((each) => {
    const along = facts.registry().typeRule(each.type)?.erasable?.along;
    return along !== undefined && each.author === node.author && textField(each, along) === node.id;
  });
