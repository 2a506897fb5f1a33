/**
 * Answers a question once. It walks the shortest way, tests each node, and stops where the window ends when the way is sorted.
 * Rows are plain JSON: what every node has, and its fields.
 */
import type { FoundRow, GroupRow } from '../../bridge/messages';
import { type GraphNode, msOf, type NodeId, type ShardId, type Value } from '../schema/define';
import { type Arrivals, type PositionOf, SoughtArrivals } from './arrivals';
import { Closure } from './closure';
import { type Compiled, compile, type Place } from './compile';
import { compareKeys, keyOf, toldValue } from './key';
import { type Source, type Way, wayTo } from './plan';
import { type KnownTypes, MAX_GROUPS, type Question } from './question';

type Found = {
  readonly nodes: readonly GraphNode[];
  /** Nodes that were looked at. */
  readonly visited: number;
  readonly ways: readonly string[];
};

export const pathsOf = ({ engine }: Pick<Source, 'engine'>, { paths }: Compiled): readonly Closure[] =>
  paths.map((path) => new Closure(engine, path));

/** All that fit, in no order. */
export const allThatFit = (source: Source, compiled: Compiled, paths: readonly Closure[]): Found => {
  const nodes: GraphNode[] = [];
  const ways: string[] = [];
  let visited = 0;
  for (const type of compiled.types) {
    const way = wayTo(source, type, compiled, paths);
    ways.push(way.name);
    for (const node of way.walk()) {
      visited++;
      if (node.type === type && compiled.fits(node, paths)) nodes.push(node);
    }
  }
  return { nodes, visited, ways };
};

/** The place after which the window begins; `nowhere` when that node is not here. */
const placeAfter = ({ engine }: Source, { question, place }: Compiled): Place | undefined | 'nowhere' => {
  if (question.after === undefined) return undefined;
  const node = engine.node(question.after as NodeId);
  return node ? place(node) : 'nowhere';
};

/** The nodes of the window, in order. */
export const findNodes = (source: Source, compiled: Compiled): Found => {
  const paths = pathsOf(source, compiled);
  const after = placeAfter(source, compiled);
  if (after === 'nowhere') return { nodes: [], visited: 0, ways: [] };
  const [type, ...others] = compiled.types;
  const way = type !== undefined && others.length === 0 ? wayTo(source, type, compiled, paths) : undefined;
  if (way?.sorted) return walked(way, compiled, paths, after);
  const found = allThatFit(source, compiled, paths);
  const placed = found.nodes.map((node) => ({ node, place: compiled.place(node) }));
  const later = after ? placed.filter(({ place }) => compiled.compare(place, after) > 0) : placed;
  const { offset = 0, limit = Number.POSITIVE_INFINITY } = compiled.question;
  const nodes = later
    .sort((a, b) => compiled.compare(a.place, b.place))
    .slice(offset, offset + limit)
    .map(({ node }) => node);
  return { ...found, nodes };
};

const walked = (way: Way, compiled: Compiled, paths: readonly Closure[], after: Place | undefined): Found => {
  const { offset = 0, limit = Number.POSITIVE_INFINITY } = compiled.question;
  const nodes: GraphNode[] = [];
  let visited = 0;
  let skipped = 0;
  for (const node of way.walk(after)) {
    visited++;
    if (!compiled.fits(node, paths)) continue;
    if (skipped < offset) skipped++;
    else nodes.push(node);
    if (nodes.length >= limit) break;
  }
  return { nodes, visited, ways: [way.name] };
};

/** Tells rows of the answer. `fields`: those that were asked for; all that the type declares unless told. */
export const rowTeller = (
  known: KnownTypes,
  fields: readonly string[] | undefined,
): ((node: GraphNode) => FoundRow) => {
  const fieldsByType = new Map<string, readonly string[]>();
  const fieldsOf = (type: string): readonly string[] => {
    const told = fieldsByType.get(type) ?? fields ?? Object.keys(known.get(type)?.fields ?? {});
    fieldsByType.set(type, told);
    return told;
  };
  // Built piece by piece: a first answer has ten thousand of them.
  return (node) => {
    const { type } = node;
    const values: Record<string, Value> = {};
    for (const field of fieldsOf(type)) {
      const value = toldValue(node, field);
      if (value !== undefined && value !== null) values[field] = value;
    }
    const row: Changing<FoundRow> = {
      id: node.id,
      type,
      author: node.author,
      createdAt: msOf(node.createdAt),
      updatedAt: msOf(node.updatedAt),
      fields: values,
    };
    const { parent } = node;
    if (parent !== '') row.parent = parent;
    if (node.deleted) row.removed = true;
    return row;
  };
};
type Changing<T> = { -readonly [K in keyof T]: T[K] };

export const groupOf = (node: GraphNode, field: string): { readonly id: string; readonly value: Value } => {
  const value = toldValue(node, field) ?? null;
  return { id: JSON.stringify(value), value };
};
export const groupRows = (groups: Iterable<GroupRow>): readonly GroupRow[] =>
  [...groups]
    .sort(
      (a, b) =>
        compareKeys(keyOf(a.value as Value), keyOf(b.value as Value)) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
    )
    .slice(0, MAX_GROUPS);

/** Rows, groups, or `{count}`. */
export const answerOnce = (source: Source, question: Question, known: KnownTypes): unknown => {
  const compiled = compile(source.space, question);
  const { group, count, fields } = question;
  if (group === undefined && !count) return findNodes(source, compiled).nodes.map(rowTeller(known, fields));
  const { nodes } = allThatFit(source, compiled, pathsOf(source, compiled));
  if (group === undefined) return { count: nodes.length };
  const groups = new Map<string, { id: string; value: Value; count: number }>();
  for (const node of nodes) {
    const { id, value } = groupOf(node, group);
    const known = groups.get(id);
    if (known) known.count++;
    else groups.set(id, { id, value, count: 1 });
  }
  return groupRows(groups.values());
};

/** What arrived of a type in a part: from the index where it is ready, else by a look at the part. */
export const arrivalsIn = (
  source: Source | undefined,
  part: ShardId,
  type: string,
  positionOf: PositionOf,
): Arrivals => {
  const kept = source?.indexes?.arrivals(type, part);
  if (kept) return kept;
  return new SoughtArrivals((field) => source?.engine.births(part, type, field) ?? [], positionOf);
};

/** For questions of applications, which are not checked but by tests. */
export const findIn = (source: Source, question: Question): readonly GraphNode[] =>
  findNodes(source, compile(source.space, question)).nodes;
