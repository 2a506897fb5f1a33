/**
 * Taking back what a command did: what each op changed is noted when it is written, and the way back is worked out when it is
 * wanted, against the graph as it is then. Pure; it writes nothing and knows no command.
 *
 * UN1 a field goes back only while it holds what the undone change wrote, by its author's own hand.
 * UN2 nobody's deletion but the undone one is lifted, nobody's relation but the undone one is cut.
 * UN3 what others have worked on since is not removed by taking back that it was made.
 * UN4 whatever stays as it is is named, with why.
 */
import type { Edge, Engine, GraphNode } from '../../vm/graph/engine';
import type { JsonText, Op, OpId } from '../../vm/op/body';
import type { EntryClass } from '../../vm/op/entry';
import { contentShardOf, type NodeId, type ShardId, type SpaceId, type UserId } from '../../vm/op/ids';
import { canonicalJson } from '../schema/json';
import { type Draft, split } from './writer';

type Place = { readonly parent: NodeId | ''; readonly order: string };
type Tie = { readonly from: NodeId; readonly relation: string; readonly to: string; readonly value: JsonText };
type What =
  | { readonly type: 'created'; readonly node: NodeId }
  | {
      readonly type: 'field';
      readonly node: NodeId;
      readonly key: string;
      readonly before: JsonText | undefined;
      readonly after: JsonText;
    }
  | { readonly type: 'deleted'; readonly node: NodeId; readonly before: ReadonlySet<OpId> }
  /** `others`: how much others had put into it by then. */
  | { readonly type: 'restored'; readonly node: NodeId; readonly others: number }
  | { readonly type: 'moved'; readonly node: NodeId; readonly before: Place | undefined; readonly after: Place }
  | { readonly type: 'linked'; readonly tie: Tie; readonly before: ReadonlySet<OpId> }
  | { readonly type: 'unlinked'; readonly ties: readonly Tie[] };
/** One thing that was changed, and where the ops about it go. */
export type Change = What & { readonly space: SpaceId; readonly shard: ShardId; readonly class: EntryClass };

/** `changed`: somebody wrote it anew; `removed`, `worked`: somebody removed it, or worked on it; `gone`: where it was is gone. */
export type Left = {
  readonly why: 'changed' | 'removed' | 'worked' | 'gone';
  readonly node: NodeId;
  readonly key?: string;
};
export type WayBack = { readonly drafts: ReadonlyMap<SpaceId, readonly Draft[]>; readonly left: readonly Left[] };
export type UndoFacts = { graph(space: SpaceId): Engine | undefined; readonly me: UserId };

export const nodeOfChange = (change: Change): NodeId | undefined =>
  change.type === 'linked' ? change.tie.from : change.type === 'unlinked' ? change.ties[0]?.from : change.node;

const jsonOf = (value: unknown): JsonText => {
  const text = canonicalJson(value);
  return text.ok ? text.value : 'null';
};
const tieOf = ({ from, relation, to, value }: Edge): Tie => ({ from, relation, to, value: jsonOf(value) });
const isTie = (edge: Edge, { to, value }: Tie): boolean => edge.to === to && jsonOf(edge.value) === value;

/** How much others have put into a node: changes of it, what stands in it or under it, and what names it beside it. */
const othersIn = (engine: Engine, space: SpaceId, node: GraphNode, me: UserId): number => {
  const theirs = (each: { readonly author: UserId }): boolean => each.author !== me;
  const names = (each: GraphNode): boolean => each.keys().some((key) => each.field(key) === node.id);
  const own = engine.history(node.id).filter(theirs).length;
  const inside = [...engine.nodesOfShard(contentShardOf(space, node.id))].filter(theirs).length;
  const under = engine.children(node.id).filter(theirs).length;
  const about = [...engine.nodesOfShard(node.shard)].filter((each) => theirs(each) && names(each)).length;
  return own + inside + under + about;
};

/** What drafts will change, by the graph as it is before they are written. A person's settings are no part of it. */
export const changesOf = (space: SpaceId, drafts: readonly Draft[], { graph, me }: UndoFacts): readonly Change[] => {
  const engine = graph(space);
  if (!engine) return [];
  const made = new Set<NodeId>();
  for (const { ops } of drafts) for (const op of ops) if (op.type === 'nodeNew') made.add(op.node);
  const whatOf = (op: Op): readonly What[] => {
    switch (op.type) {
      case 'nodeNew':
        return [{ type: 'created', node: op.node }];
      case 'fieldSet': {
        const before = engine.node(op.node)?.fieldState(op.key)?.json;
        const { node, key, value } = op;
        return made.has(node) || before === value ? [] : [{ type: 'field', node, key, before, after: value }];
      }
      case 'nodeDel':
        return [{ type: 'deleted', node: op.node, before: new Set(engine.node(op.node)?.deletions) }];
      case 'nodeRestore': {
        const node = engine.node(op.node);
        return node ? [{ type: 'restored', node: op.node, others: othersIn(engine, space, node, me) }] : [];
      }
      case 'move': {
        const node = engine.node(op.node);
        const before = node && node.order !== '' ? { parent: node.parent, order: node.order } : undefined;
        const after = { parent: op.parent, order: op.order };
        return made.has(op.node) ? [] : [{ type: 'moved', node: op.node, before, after }];
      }
      case 'edgeAdd': {
        const tie = { from: op.from, relation: op.relation, to: op.to, value: op.value };
        const there = engine.edgesFrom(op.from, op.relation).filter((edge) => isTie(edge, tie));
        return made.has(op.from) ? [] : [{ type: 'linked', tie, before: new Set(there.map(({ tag }) => tag)) }];
      }
      case 'edgeDel': {
        const ties = edgesOf(engine, drafts, op.tags).map(tieOf);
        return ties.length > 0 ? [{ type: 'unlinked', ties }] : [];
      }
      default:
        return [];
    }
  };
  return drafts
    .filter((draft) => draft.class !== 'personal')
    .flatMap((draft) =>
      draft.ops.flatMap((op) => whatOf(op).map((what) => ({ ...what, space, shard: draft.shard, class: draft.class }))),
    );
};

/** An op that cuts names tags only: the edges are those of the nodes in the same shard. */
const edgesOf = (engine: Engine, drafts: readonly Draft[], tags: readonly OpId[]): readonly Edge[] => {
  const wanted = new Set(tags);
  const found: Edge[] = [];
  for (const shard of new Set(drafts.map((draft) => draft.shard)))
    for (const node of engine.nodesOfShard(shard))
      for (const edge of engine.edgesFrom(node.id)) if (wanted.has(edge.tag)) found.push(edge);
  return found;
};

/** The ops that take one change back, or what hinders; neither where it is back already. */
const backOf = (
  change: Change,
  engine: Engine,
  me: UserId,
  restored: ReadonlySet<NodeId>,
): { readonly op?: Op; readonly left?: Left }[] => {
  const id = nodeOfChange(change);
  const node = id && engine.node(id);
  if (!id || !node) return id ? [{ left: { why: 'gone', node: id } }] : [];
  const removed: Left = { why: 'removed', node: id };
  const isGone = node.deleted && !restored.has(id);
  switch (change.type) {
    case 'created':
    case 'restored': {
      const known = change.type === 'restored' ? change.others : 0;
      if (node.deleted) return [];
      if (othersIn(engine, change.space, node, me) > known) return [{ left: { why: 'worked', node: id } }];
      return [{ op: { type: 'nodeDel', node: id } }];
    }
    case 'deleted': {
      const authors = new Map(engine.history(id).map((item) => [item.op, item.author]));
      const own = node.deletions.filter((op) => !change.before.has(op) && authors.get(op) === me);
      const rest = node.deletions.some((op) => !own.includes(op));
      return [
        ...(own.length > 0 ? [{ op: { type: 'nodeRestore', node: id, deletions: own } as const }] : []),
        ...(rest ? [{ left: removed }] : []),
      ];
    }
    case 'field': {
      const { key, before = 'null', after } = change;
      const now = node.fieldState(key);
      if ((now?.json ?? 'null') === before) return [];
      if (isGone) return [{ left: { ...removed, key } }];
      const holds = now?.json === after && now.author === me;
      return holds
        ? [{ op: { type: 'fieldSet', node: id, key, value: before } }]
        : [{ left: { why: 'changed', node: id, key } }];
    }
    case 'moved': {
      const { before, after } = change;
      if (!before || (node.parent === before.parent && node.order === before.order)) return [];
      if (isGone) return [{ left: removed }];
      const left = (why: Left['why']): { left: Left }[] => [{ left: { why, node: id, key: 'parent' } }];
      if (node.parent !== after.parent || node.order !== after.order) return left('changed');
      for (let above = before.parent; above !== ''; ) {
        const over = engine.node(above);
        if (!over || over.deleted || above === id) return left('gone');
        above = over.parent;
      }
      return [{ op: { type: 'move', node: id, ...before } }];
    }
    case 'linked': {
      const tags = engine
        .edgesFrom(id, change.tie.relation)
        .filter((edge) => isTie(edge, change.tie) && edge.author === me && !change.before.has(edge.tag))
        .map(({ tag }) => tag);
      return tags.length > 0 ? [{ op: { type: 'edgeDel', tags } }] : [];
    }
    case 'unlinked': {
      if (isGone) return [{ left: removed }];
      return change.ties
        .filter((tie) => !engine.edgesFrom(tie.from, tie.relation).some((edge) => isTie(edge, tie)))
        .map((tie) => ({ op: { type: 'edgeAdd', ...tie } }));
    }
  }
};

/** The way back from changes, the last first. */
export const wayBack = (changes: readonly Change[], { graph, me }: UndoFacts): WayBack => {
  const piles = new Map<string, { space: SpaceId; shard: ShardId; class: EntryClass; ops: Op[] }>();
  const left: Left[] = [];
  const restored = new Set<NodeId>();
  for (const change of [...changes].reverse()) {
    const engine = graph(change.space);
    for (const each of engine ? backOf(change, engine, me, restored) : []) {
      if (each.left) left.push(each.left);
      if (!each.op) continue;
      if (each.op.type === 'nodeRestore') restored.add(each.op.node);
      const key = `${change.space}/${change.shard}/${change.class}`;
      const pile = piles.get(key) ?? { space: change.space, shard: change.shard, class: change.class, ops: [] };
      pile.ops.push(each.op);
      piles.set(key, pile);
    }
  }
  const drafts = new Map<SpaceId, Draft[]>();
  for (const { space, shard, class: entryClass, ops } of piles.values())
    drafts.set(space, [
      ...(drafts.get(space) ?? []),
      ...split(ops).map((part) => ({ shard, class: entryClass, ops: part })),
    ]);
  return { drafts, left };
};
