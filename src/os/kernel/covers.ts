/**
 * Covers: what somebody who may read single objects is told about them, as the outline is closed to them. A cover lies in
 * the object's own part of the space and says what the object is called, what it is and in which space. Members write them
 * for what is shared, and keep them up to date; here is also how covers stand for the outline where it cannot be read.
 *
 * CV1 a cover counts only in the part of the object that it names: nobody covers what they cannot write to.
 * CV2 what the outline itself says goes before any cover.
 */
import type { ChangeSet, Engine, FieldState, GraphNode, Value } from '../../vm/graph/engine';
import { contentShardOf, type NodeId, type ShardId, type UserId } from '../../vm/op/ids';
import { mayRead } from '../rights/epochs';
import { textField } from '../schema/define';
import { COVER, SPACE } from '../schema/system';
import type { KernelContext } from './context';
import type { Replica } from './replica';

type Held = {
  readonly id: Replica['id'];
  readonly replica: Pick<Replica, 'engine' | 'outline' | 'rights' | 'logs' | 'acl'>;
};

const objectIn = (cover: GraphNode): NodeId | undefined => {
  const object = cover.field('object');
  return typeof object === 'string' ? (object as NodeId) : undefined;
};

/** CV1: by object, the one with the least id of several. */
const coversIn = (space: Held, isDeleted = false): ReadonlyMap<NodeId, GraphNode> => {
  const found = new Map<NodeId, GraphNode>();
  for (const cover of space.replica.engine.nodesOfType(COVER)) {
    const object = objectIn(cover);
    if (!object || cover.deleted !== isDeleted || contentShardOf(space.id, object) !== cover.shard) continue;
    const other = found.get(object);
    if (!other || cover.id < other.id) found.set(object, cover);
  }
  return found;
};

/** The object that a part belongs to, as its cover says. */
export const coveredObject = (space: Held, shard: ShardId): NodeId | undefined => {
  for (const [object, cover] of coversIn(space)) if (cover.shard === shard) return object;
  return undefined;
};

/** The title of a space for whoever cannot read its outline. */
export const coveredTitle = (space: Held): string => {
  for (const cover of coversIn(space).values()) {
    const title = textField(cover, 'space');
    if (title !== '') return title;
  }
  return '';
};

const COVERED_FIELDS: readonly string[] = ['title', 'icon'];

/** What a cover tells of its object, in the object's place. */
const standIn = (cover: GraphNode, id: NodeId, outline: ShardId): GraphNode => ({
  id,
  type: textField(cover, 'kind'),
  shard: outline,
  author: (textField(cover, 'by') || cover.author) as UserId,
  createdAt: cover.createdAt,
  createdBy: cover.createdBy,
  deleted: false,
  deletions: [],
  get updatedAt() {
    return cover.updatedAt;
  },
  parent: '',
  get order() {
    return textField(cover, 'title');
  },
  field: (key): Value | undefined => (COVERED_FIELDS.includes(key) ? cover.field(key) : undefined),
  fieldState: (key): FieldState | undefined => (COVERED_FIELDS.includes(key) ? cover.fieldState(key) : undefined),
  keys: () => COVERED_FIELDS.filter((key) => cover.field(key) !== undefined),
});

/** The graph with covers in the place of what is not in it (CV2). */
export const withCovers = (space: Held): Engine => {
  const { engine, outline } = space.replica;
  const standIns = (): readonly GraphNode[] =>
    [...coversIn(space)]
      .filter(([object]) => engine.node(object) === undefined)
      .map(([object, cover]) => standIn(cover, object, outline))
      .sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : a.id < b.id ? -1 : 1));
  const covered: Pick<Engine, 'node' | 'nodesOfType' | 'idsOfType' | 'children'> = {
    node: (id) => engine.node(id) ?? standIns().find((node) => node.id === id),
    nodesOfType: (type) => {
      const more = type === COVER ? [] : standIns().filter((node) => node.type === type);
      return more.length === 0 ? engine.nodesOfType(type) : [...engine.nodesOfType(type), ...more];
    },
    idsOfType: (type) => {
      const more = type === COVER ? [] : standIns().filter((node) => node.type === type);
      return [...engine.idsOfType(type), ...more.map(({ id }) => id)];
    },
    children: (parent, type) => {
      const children = engine.children(parent, type);
      const more = parent === '' ? standIns().filter((node) => type === undefined || node.type === type) : [];
      return more.length === 0 ? children : [...children, ...more];
    },
  };
  // All else is the engine's own.
  return new Proxy(engine, {
    get: (target, name) => {
      if (name in covered) return covered[name as keyof typeof covered];
      const own: unknown = Reflect.get(target, name, target);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
};
/** A change of a cover is a change of what it stands for. */
export const coveredChanges = (space: Held, changes: ChangeSet): ChangeSet => {
  if (!changes.types.has(COVER)) return changes;
  const nodes = new Set(changes.nodes);
  const types = new Set(changes.types).add(SPACE);
  for (const id of changes.nodes) {
    const cover = space.replica.engine.node(id);
    const object = cover?.type === COVER ? objectIn(cover) : undefined;
    if (!cover || !object) continue;
    nodes.add(object);
    types.add(textField(cover, 'kind'));
  }
  return { ...changes, nodes, texts: undefined, types };
};

// --- Keeping them ------------------------------------------------------------------------------------------------

/** Parts that somebody may read who may not read all, and those that open links give. */
const sharedParts = (space: Held, now: number): ReadonlySet<ShardId> => {
  const { rights } = space.replica;
  const parts = new Set<ShardId>();
  for (const user of rights.members(now).keys()) {
    const reach = mayRead(rights, user, now);
    if (reach && reach !== 'all') for (const shard of reach) parts.add(shard);
  }
  for (const { limits, revoked, used, uses, notAfter } of rights.invites().values())
    if (!revoked && used < uses && notAfter > now) for (const shard of limits.shards ?? []) parts.add(shard);
  return parts;
};

type CoverFields = Readonly<Record<'object' | 'kind' | 'title' | 'icon' | 'space' | 'by', string>>;
export type CoverDue =
  | { readonly type: 'make'; readonly object: NodeId; readonly fields: CoverFields }
  | { readonly type: 'set'; readonly cover: NodeId; readonly fields: Partial<CoverFields> }
  | { readonly type: 'remove'; readonly cover: NodeId };

/** What the covers of shared parts lack, by what the outline says. */
export const coversDue = (space: Held, now: number): readonly CoverDue[] => {
  const { engine, outline } = space.replica;
  const shared = sharedParts(space, now);
  if (shared.size === 0) return [];
  const covers = coversIn(space);
  let title = '';
  for (const node of engine.nodesOfType(SPACE)) title ||= textField(node, 'title');
  const due: CoverDue[] = [];
  for (const node of engine.nodesOfShard(outline)) {
    if (!shared.has(contentShardOf(space.id, node.id))) continue;
    const cover = covers.get(node.id);
    const fields: CoverFields = {
      object: node.id,
      kind: node.type,
      title: textField(node, 'title'),
      icon: textField(node, 'icon'),
      space: title,
      by: node.author,
    };
    if (node.deleted) {
      if (cover) due.push({ type: 'remove', cover: cover.id });
      continue;
    }
    if (!cover) {
      due.push({ type: 'make', object: node.id, fields });
      continue;
    }
    const stale = Object.entries(fields).filter(([key, value]) => textField(cover, key) !== value);
    if (stale.length > 0) due.push({ type: 'set', cover: cover.id, fields: Object.fromEntries(stale) });
  }
  return due;
};

/** Parts in which others look for this person's name: all that they may read, or, of what is shared, where they wrote. */
export const profileParts = (
  context: Pick<KernelContext, 'identity'>,
  space: Held,
  now: number,
): readonly ShardId[] => {
  const { identity } = context;
  const { rights, logs, acl } = space.replica;
  const reach = identity && mayRead(rights, identity.user, now);
  if (!identity || !reach) return [];
  if (reach !== 'all') return [...reach];
  const shared = sharedParts(space, now);
  const wrote = new Set<ShardId>();
  for (const { head } of logs.values())
    if (head && shared.has(head.header.shard) && rights.userOf(head.header.device) === identity.user)
      wrote.add(head.header.shard);
  wrote.delete(acl);
  return [...wrote];
};
