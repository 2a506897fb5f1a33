/**
 * A space as somebody else sees it: a view with their role, their part of the space and their rules, over the same graph.
 * For looking only: nothing is written through it. It shows what rights allow, of what this device holds.
 */
import type { Engine, GraphNode } from '../../vm/graph/engine';
import type { EntryClass } from '../../vm/op/entry';
import type { NodeId, ShardId, SpaceId, UserId } from '../../vm/op/ids';
import { arrivalsIn, findIn } from '../graph/find';
import { NO_NOTICES } from '../graph/notices';
import { type Role, rankOf } from '../rights/acl';
import { type Asked, explain } from '../rights/explain';
import type { Right } from '../rights/layers';
import type { View } from '../schema/define';
import { PROFILE, SPACE } from '../schema/system';
import { partOf } from './objects';
import type { Space } from './space';

/** `user`: a given person; without one, a Guest such as an invite makes. `shards`: all that they see; absent, everything. */
export type Stance = {
  readonly space: Space;
  readonly user: UserId | undefined;
  readonly role: Role | 'none';
  readonly shards: readonly ShardId[] | undefined;
  readonly now: number;
};

const stances = new WeakMap<View, Stance>();

export const stanceOf = (space: Space, user: UserId | undefined, part: ShardId | undefined, now: number): Stance => {
  if (user === undefined) return { space, user, role: 'guest', shards: part ? [part] : undefined, now };
  const { rights } = space.replica;
  return { space, user, role: rights.role(user, now), shards: rights.right(user).limits.shards, now };
};

/** The right of a Guest whom nobody has let in yet. */
const guestRight = ({ shards }: Stance): Right => ({
  rank: rankOf('guest'),
  word: undefined,
  limits: { shards, notAfter: undefined, delegate: 0 },
  chain: [],
});

/** The rights as the person who is looked as has them; for a Guest that is not there yet, put in place of `me`. */
export const askedAs = (view: View, rights: Asked, me: UserId): Asked => {
  const stance = stances.get(view);
  if (!stance || stance.user !== undefined) return rights;
  return {
    right: (user) => (user === me ? guestRight(stance) : rights.right(user)),
    rightAt: rights.rightAt,
    creator: () => undefined,
    policy: rights.policy,
    history: rights.history,
    requests: rights.requests,
    suspensions: rights.suspensions,
  };
};

const visible = ({ space, shards, role }: Stance, node: GraphNode): boolean =>
  role !== 'none' &&
  (shards === undefined || node.type === SPACE || node.type === PROFILE || shards.includes(partOf(space, node)));

/** Only what is visible. What stands under something that is not stands at the top. */
const seen = (engine: Engine, stance: Stance): Engine => {
  if (stance.role !== 'none' && stance.shards === undefined) return engine;
  const see = (node: GraphNode): boolean => visible(stance, node);
  const sees = (id: NodeId): boolean => {
    const node = engine.node(id);
    return node !== undefined && see(node);
  };
  const { outline } = stance.space.replica;
  return {
    apply: (entries) => engine.apply(entries),
    stateHash: (aclIds) => engine.stateHash(aclIds),
    counts: () => engine.counts(),
    textEdit: (document, edit, clientId) => engine.textEdit(document, edit, clientId),
    documentUpdate: (document) => engine.documentUpdate(document),
    node: (id) => {
      const node = engine.node(id);
      return node && see(node) ? node : undefined;
    },
    nodesOfType: (type) => [...engine.nodesOfType(type)].filter(see),
    idsOfType: (type) => [...engine.nodesOfType(type)].filter(see).map(({ id }) => id),
    nodesOfShard: (shard) => [...engine.nodesOfShard(shard)].filter(see),
    births: (shard, type, field) =>
      engine.births(shard, type, field).map(({ log, seqs, times, node }) => {
        const shown = seqs.map((_, i) => i).filter((i) => see(node(i)));
        const only = <T>(all: readonly T[]): T[] => shown.map((i) => all[i] as T);
        return { log, seqs: only(seqs), times: only(times), node: (i) => node(shown[i] as number) };
      }),
    placeOf: (entry) => engine.placeOf(entry),
    children: (parent, type) => {
      const own = engine.children(parent, type).filter(see);
      if (parent !== '') return own;
      const orphans = [...engine.nodesOfShard(outline)].filter(
        (node) =>
          see(node) && !node.deleted && node.parent !== '' && !sees(node.parent) && (!type || node.type === type),
      );
      return [...own, ...orphans];
    },
    edgesFrom: (node, relation) => (sees(node) ? engine.edgesFrom(node, relation) : []),
    edgesTo: (to, relation) => engine.edgesTo(to, relation).filter((edge) => sees(edge.from)),
    documentText: (document) => (sees(document) ? engine.documentText(document) : ''),
    blocks: (document) => (sees(document) ? engine.blocks(document) : []),
    history: (node) => (sees(node) ? engine.history(node) : []),
    textHistory: (document, block) => (sees(document) ? engine.textHistory(document, block) : []),
  };
};

const CLASS_ACTIONS: Readonly<Partial<Record<EntryClass, 'edit' | 'comment'>>> = {
  content: 'edit',
  annotation: 'comment',
};

/** `view` with the eyes of `stance`; other spaces are not to be seen. */
export const seenAs = (view: View, stance: Stance): View => {
  const { space, user, role, now } = stance;
  const mine = (id: SpaceId): boolean => id === space.id;
  const own = view.me.userId;
  const wrapped: View = {
    get me() {
      if (user === undefined) return view.me;
      return { ...view.me, userId: user, name: view.person(space.id, user).name };
    },
    get spaces() {
      return role === 'none' ? [] : view.spaces.filter(mine);
    },
    graph: (id) => {
      const engine = mine(id) ? view.graph(id) : undefined;
      return engine && seen(engine, stance);
    },
    find: (id, question) => {
      const found = wrapped.source(id);
      return found ? findIn(found.source, question) : [];
    },
    // Without indexes, which tell of more than is seen.
    source: (id) => {
      const engine = wrapped.graph(id);
      return engine && { source: { space: id, engine }, of: engine };
    },
    spaceOf: (node) => {
      const holding = view.spaceOf(node);
      if (holding === undefined || !mine(holding)) return undefined;
      return wrapped.graph(holding)?.node(node) ? holding : undefined;
    },
    role: (id, who) => {
      const me = user ?? own;
      return mine(id) && (who === undefined || who === me) ? role : view.role(id, who);
    },
    may: (id, entryClass, shard) => {
      const action = CLASS_ACTIONS[entryClass];
      if (!mine(id) || !action) return false;
      const me = user ?? own;
      return explain(askedAs(wrapped, space.replica.rights, me), { user: me, action, shard, now }).allowed;
    },
    person: view.person,
    erased: (id, shard) => {
      const reaches = mine(id) && role !== 'none' && (stance.shards?.includes(shard) ?? true);
      return reaches ? view.erased(id, shard) : [];
    },
    stateOf: view.stateOf,
    // Settings are one's own: nothing of them is theirs.
    personal: () => undefined,
    heads: view.heads,
    note: view.note,
    partOf: view.partOf,
    arrivals: (id, part, type) =>
      arrivalsIn(wrapped.source(id)?.source, part, type, (entry) => view.position(id, entry)),
    position: view.position,
    containerOf: view.containerOf,
    // What addresses them, and what waits for them, is theirs.
    notices: () => NO_NOTICES,
    writers: (id, part) => (mine(id) && (stance.shards?.includes(part) ?? true) ? view.writers(id, part) : []),
    community: (id) => ({ ...view.community(id), waiting: [] }),
    passed: view.passed,
  };
  stances.set(wrapped, stance);
  return wrapped;
};
