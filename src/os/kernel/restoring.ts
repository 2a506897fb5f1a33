/**
 * Bringing an earlier state of one object back: how it differs from the present one, what of it this person may write, and
 * the writes themselves. They are new changes; what was written meanwhile stays in the history.
 */
import type { Edge, Engine, GraphNode, Value } from '../../vm/graph/engine';
import { reviseText } from '../../vm/graph/revise';
import type { Hlc } from '../../vm/op/clock';
import { contentShardOf, type EntryId, type NodeId, type ShardId } from '../../vm/op/ids';
import { isAdmin, mayRestore, mayWrite, type TypeRule, type View, type Writer } from '../schema/define';
import { partOf } from './objects';
import { momentOf } from './pasts';
import type { Space } from './space';

/** The parts that say all about an object: its own, what is in it, and where it stands. */
export const partsAbout = (space: Space, node: GraphNode): readonly ShardId[] => [
  ...new Set([node.shard, space.replica.outline, contentShardOf(space.id, node.id)]),
];

/** PA1: the moment of an entry is its own time; of a time in ms, all of that millisecond. */
export const momentAsked = (
  space: Space,
  { at, entry }: { readonly at?: number; readonly entry?: string },
): Hlc | undefined => {
  if (entry !== undefined) return space.replica.entries.get(entry as EntryId)?.header.hlc;
  return at !== undefined && at >= 0 && at < 2 ** 42 ? momentOf(at) : undefined;
};

type Difference = {
  readonly fields: ReadonlyMap<string, Value>;
  readonly place: { readonly parent: NodeId | ''; readonly order: string } | undefined;
  readonly linked: readonly Edge[];
  readonly unlinked: readonly Edge[];
  readonly text: boolean;
  /** It is removed now, and was not. */
  readonly deleted: boolean;
  /** Of these, what this person may not write, or what has no place any more. */
  readonly closed: readonly { readonly key: string; readonly why: 'notAllowed' | 'gone' }[];
};

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
const tied = (edge: Edge) => (other: Edge) => other.to === edge.to && same(other.value, edge.value);

const mayReach = (view: View, space: Space, node: GraphNode, rule: TypeRule | undefined): boolean => {
  const entryClass = rule?.class === 'annotation' ? 'annotation' : 'content';
  return (
    rule?.class !== 'personal' &&
    (entryClass === 'annotation' || mayWrite(view.role(space.id))) &&
    view.may(space.id, entryClass, partOf(space, node))
  );
};
const maySet = (view: View, space: Space, node: GraphNode, rule: TypeRule | undefined, key: string): boolean => {
  const role = view.role(space.id);
  const who = rule && Object.hasOwn(rule.fields, key) ? rule.fields[key] : 'members';
  if (who === 'admins') return isAdmin(role);
  return node.author === view.me.userId || (who !== 'author' && mayWrite(role));
};

/** From `past` to now, narrowed to `only`: keys of fields, `parent`, `relations`, `text`, `deleted`. */
export const differenceTo = (
  view: View,
  space: Space,
  node: GraphNode,
  past: Engine,
  rule: TypeRule | undefined,
  only?: ReadonlySet<string>,
): Difference | undefined => {
  const was = past.node(node.id);
  const now = view.graph(space.id);
  if (!was || !now) return undefined;
  const reach = mayReach(view, space, node, rule);
  const closed: { key: string; why: 'notAllowed' | 'gone' }[] = [];
  const open = (key: string, may: boolean): boolean => {
    if (only && !only.has(key)) return false;
    if (!may) closed.push({ key, why: 'notAllowed' });
    return may;
  };
  const fields = new Map<string, Value>();
  for (const key of new Set([...was.keys(), ...node.keys()])) {
    if (same(was.field(key), node.field(key))) continue;
    if (open(key, reach && maySet(view, space, node, rule, key))) fields.set(key, was.field(key) ?? null);
  }
  const moved = was.order !== '' && (was.parent !== node.parent || was.order !== node.order);
  let place: Difference['place'];
  if (moved && open('parent', reach && maySet(view, space, node, rule, 'parent'))) {
    let above: NodeId | '' | undefined = was.parent;
    while (above) {
      const over = now.node(above);
      above = !over || over.deleted || over.id === node.id ? undefined : over.parent;
    }
    if (above === '') place = { parent: was.parent, order: was.order };
    else closed.push({ key: 'parent', why: 'gone' });
  }
  const [before, after] = [past.edgesFrom(node.id), now.edgesFrom(node.id)];
  const linked = before.filter((edge) => !after.some(tied(edge)));
  const unlinked = after.filter((edge) => !before.some(tied(edge)));
  const tie = linked.length + unlinked.length > 0 && open('relations', reach);
  const wrote = past.blocks(node.id).length + now.blocks(node.id).length > 0;
  const text = wrote && textDiffers(now.documentUpdate(node.id), past.documentUpdate(node.id));
  const deleted = node.deleted && !was.deleted;
  return {
    fields,
    place,
    linked: tie ? linked : [],
    unlinked: tie ? unlinked : [],
    text: text && open('text', reach),
    deleted: deleted && open('deleted', mayRestore(view, { space: space.id, node })),
    closed,
  };
};

const textDiffers = (now: Uint8Array, past: Uint8Array): boolean => {
  const revision = reviseText(now, { to: past }, 1);
  return revision.ok && revision.value.changed;
};

export const keysOf = ({ fields, place, linked, unlinked, text, deleted }: Difference): readonly string[] => [
  ...(text ? ['text'] : []),
  ...fields.keys(),
  ...(place ? ['parent'] : []),
  ...(linked.length + unlinked.length > 0 ? ['relations'] : []),
  ...(deleted ? ['deleted'] : []),
];

/** All but the text, which is an edit of its own. */
export const writeBack = (write: Writer, { id }: GraphNode, difference: Difference): void => {
  if (difference.deleted) write.restore(id);
  for (const [key, value] of difference.fields) write.set(id, key, value);
  if (difference.place) write.move(id, difference.place.parent, difference.place.order);
  for (const { relation, to } of difference.unlinked) write.unlink(id, relation, to);
  for (const { relation, to, value } of difference.linked) write.link(id, relation, to, value);
};
