/**
 * What goes on in a space besides its graph, for whoever tells of it: who came in and who went, what waits for an Admin, who wrote in a part.
 * It reads rights and logs; it decides nothing.
 */
import { msOf } from '../../vm/op/clock';
import type { NodeId, ShardId, UserId } from '../../vm/op/ids';
import { type Community, type Hlc, isAdmin, textField, type View, type Waiting } from '../schema/define';
import { REPORT } from '../schema/system';
import { heldIn } from './held';
import type { Replica } from './replica';
import type { Space } from './space';

const MAX_JOINED = 200;
const MAX_WAITING = 200;
/** Entries of a log that are looked at for one that wrote content. */
const MAX_BACK = 64;

export const NOBODY: Community = { kind: 'personal', joined: [], gone: [], waiting: [] };

type Passage = Pick<Community, 'joined' | 'gone'>;
/** Of one state of the rights. */
const passageByReplica = new WeakMap<Replica, Passage & { readonly entries: number }>();

/** Who came in by an invite or was let in, by the first word that gave each something; and who went, or was put out. */
const passageIn = (replica: Replica): Passage => {
  const { rights } = replica;
  const entries = rights.ids().length;
  const known = passageByReplica.get(replica);
  if (known?.entries === entries) return known;
  const seen = new Set<UserId>();
  const inside = new Set<UserId>();
  const joined: Community['joined'][number][] = [];
  const gone: Community['gone'][number][] = [];
  for (const { item, counts } of rights.history()) {
    if (!counts) continue;
    for (const { rank, subject: user, author: by, type } of item.words) {
      const word = { id: item.id as string, user, at: msOf(item.hlc as never) };
      if (rank > 0) {
        inside.add(user);
        if (!seen.has(user) && type !== 'genesis') joined.push(word);
        seen.add(user);
      } else if (inside.delete(user)) gone.push({ ...word, by });
    }
  }
  const last = <T>(rows: readonly T[]): readonly T[] => rows.slice(-MAX_JOINED).reverse();
  const passage = { entries, joined: last(joined), gone: last(gone) };
  passageByReplica.set(replica, passage);
  return passage;
};

const waitingIn = ({ replica }: Space): readonly Waiting[] => {
  const requests = replica.rights
    .requests()
    .map(({ entry, user, hlc }): Waiting => ({ id: entry, kind: 'request', user, at: msOf(hlc as never) }));
  const reports: Waiting[] = [];
  for (const node of replica.engine.nodesOfType(REPORT)) {
    if (node.deleted || node.field('resolved') !== undefined) continue;
    const object = textField(node, 'object') as NodeId;
    // What is gone needs no decision.
    if (replica.engine.node(object)?.deleted !== false) continue;
    reports.push({ id: node.id, kind: 'report', user: node.author, at: msOf(node.createdAt), object });
  }
  const held = new Map<UserId, Waiting>();
  for (const { entry, user } of heldIn(replica)) {
    const at = msOf(entry.header.hlc);
    if (at > (held.get(user)?.at ?? -1)) held.set(user, { id: `held ${user} ${at}`, kind: 'held', user, at });
  }
  return [...requests, ...reports, ...held.values()].sort((a, b) => b.at - a.at).slice(0, MAX_WAITING);
};

export const communityOf = (space: Space, me: UserId): Community => {
  const { replica } = space;
  const admin = isAdmin(replica.rights.role(me, replica.now()));
  const { joined, gone } = passageIn(replica);
  return { kind: replica.rights.kind(), joined, gone, waiting: admin ? waitingIn(space) : [] };
};

type Log = Replica['logs'] extends Map<unknown, infer L> ? L : never;
/** Logs are never taken away, so their number says whether there is a new one. */
const logsByReplica = new WeakMap<Replica, { count: number; readonly byShard: Map<ShardId, Log[]> }>();

const logsOf = (replica: Replica, part: ShardId): readonly Log[] => {
  const known = logsByReplica.get(replica);
  if (known?.count === replica.logs.size) return known.byShard.get(part) ?? [];
  const byShard = new Map<ShardId, Log[]>();
  for (const log of replica.logs.values()) {
    const shard = log.head?.header.shard;
    if (shard) byShard.set(shard, [...(byShard.get(shard) ?? []), log]);
  }
  logsByReplica.set(replica, { count: replica.logs.size, byShard });
  return byShard.get(part) ?? [];
};

export const writersIn = ({ replica }: Space, part: ShardId): ReturnType<View['writers']> => {
  const lastByUser = new Map<UserId, Hlc>();
  for (const log of logsOf(replica, part)) {
    for (let seq = log.length - 1; seq >= Math.max(0, log.length - MAX_BACK); seq--) {
      const entry = log.at(seq);
      if (entry?.header.class !== 'content' || replica.unfolded.has(entry.id)) continue;
      const user = replica.rights.userOf(entry.header.device);
      if (user && entry.header.hlc > (lastByUser.get(user) ?? -1)) lastByUser.set(user, entry.header.hlc);
      break;
    }
  }
  return [...lastByUser].map(([user, at]) => ({ user, at })).sort((a, b) => b.at - a.at || (a.user < b.user ? -1 : 1));
};
