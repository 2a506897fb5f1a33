/**
 * Which way to the nodes of a question is the shortest: an index, a path, a part of the space, the removed, or all of the type.
 * Every way leads to all nodes that fit and maybe others; whoever walks it tests each. Lengths are counted, not guessed.
 */
import {
  type Births,
  contentShardOf,
  type Engine,
  type GraphNode,
  type NodeId,
  type SpaceId,
  type Value,
} from '../schema/define';
import type { Closure } from './closure';
import { type Compiled, conjunction, type Place } from './compile';
import type { Index, IndexEntry, Indexes } from './indexes';
import { compareKeys, folded, type Key, keyOf } from './key';
import type { Comparison, Term } from './question';

export type Source = {
  readonly space: SpaceId;
  readonly engine: Pick<
    Engine,
    'node' | 'nodesOfType' | 'nodesOfShard' | 'births' | 'children' | 'edgesFrom' | 'edgesTo'
  >;
  /** Only when they are ready. */
  readonly indexes?: Indexes | undefined;
};
export type Way = {
  /** What is walked, for people. */
  readonly name: string;
  /** At most so many nodes. */
  readonly length: number;
  /** Already in the order of the question. */
  readonly sorted: boolean;
  /** `after`: only what comes after that place, on a sorted way. */
  walk(after?: Place): Iterable<GraphNode>;
};

export const wayTo = (source: Source, type: string, compiled: Compiled, paths: readonly Closure[]): Way => {
  const ways = waysTo(source, type, compiled, paths);
  const { limit = Number.POSITIVE_INFINITY, offset = 0 } = compiled.question;
  // On a sorted way the window ends the walk; how many there do not fit is not known, so some more are reckoned with.
  const cost = (way: Way): number => (way.sorted ? Math.min(way.length, 4 * (offset + limit)) : 2 * way.length);
  return ways.reduce((best, way) => (cost(way) < cost(best) ? way : best));
};

const waysTo = (source: Source, type: string, compiled: Compiled, paths: readonly Closure[]): readonly Way[] => [
  ...idWays(source, compiled),
  ...pathWays(source, compiled, paths),
  ...(source.indexes?.of(type) ?? []).flatMap((index) => indexWay(source, index, compiled) ?? []),
  ...removedWays(source, type, compiled),
  ...eitherWays(source, type, compiled, paths),
  ...partWays(source, type, compiled),
  ...ageWays(source, type, compiled),
  allOf(source, type),
];

const nodesOf = function* ({ engine }: Source, ids: Iterable<string>): Generator<GraphNode> {
  for (const id of ids) {
    const node = engine.node(id as NodeId);
    if (node) yield node;
  }
};

const allOf = (source: Source, type: string): Way => ({
  name: `all of ${type}`,
  length: source.indexes?.count(type) ?? Number.MAX_SAFE_INTEGER,
  sorted: false,
  walk: () => source.engine.nodesOfType(type),
});

const idWays = (source: Source, { all }: Compiled): readonly Way[] =>
  all.flatMap((term): Way[] => {
    const ids = 'field' in term && term.field === '@id' ? pointsOf(term) : undefined;
    if (!ids) return [];
    const texts = new Set(ids.filter((id): id is string => typeof id === 'string'));
    return [{ name: 'ids', length: texts.size, sorted: false, walk: () => nodesOf(source, texts) }];
  });

const pathWays = (source: Source, { all, pathOf }: Compiled, paths: readonly Closure[]): readonly Way[] =>
  all.flatMap((term): Way[] => {
    const path = paths[pathOf.get(term) ?? -1];
    if (!path) return [];
    return [{ name: path.path.type, length: path.size, sorted: false, walk: () => nodesOf(source, path.members()) }];
  });

/** More terms of one `or` are not planned for. */
const MAX_EITHER = 32;

/** Where one of several terms must hold: the shortest way for each, one after the other. What holds beside them helps each. */
const eitherWays = (source: Source, type: string, compiled: Compiled, paths: readonly Closure[]): readonly Way[] => {
  const beside = compiled.all.filter((term) => !('or' in term));
  return compiled.all.flatMap((term): Way[] => {
    if (!('or' in term) || term.or.length > MAX_EITHER) return [];
    const ways = term.or.map((each) =>
      waysTo(source, type, { ...compiled, all: [...beside, ...conjunction(each)] }, paths).reduce((best, way) =>
        way.length < best.length ? way : best,
      ),
    );
    const walk = function* (): Generator<GraphNode> {
      const seen = new Set<NodeId>();
      for (const way of ways) {
        for (const node of way.walk()) {
          if (seen.has(node.id)) continue;
          seen.add(node.id);
          yield node;
        }
      }
    };
    const length = ways.reduce((sum, way) => sum + way.length, 0);
    const name = ways.length === 0 ? 'nothing' : `either ${ways.map((way) => way.name).join(' | ')}`;
    return [{ name, length, sorted: false, walk }];
  });
};

const removedWays = (source: Source, type: string, { question }: Compiled): readonly Way[] => {
  const ids = question.removed === 'only' ? source.indexes?.removed(type) : undefined;
  return ids ? [{ name: 'removed', length: ids.size, sorted: false, walk: () => nodesOf(source, ids) }] : [];
};

const partWays = (source: Source, type: string, { all }: Compiled): readonly Way[] =>
  all.flatMap((term): Way[] => {
    if (!('within' in term)) return [];
    const part = contentShardOf(source.space, term.within as NodeId);
    // Its length is not known: taken before all of the type where nothing that is counted is as short.
    const length = source.indexes?.count(type) ?? Number.MAX_SAFE_INTEGER - 1;
    return [{ name: 'part', length, sorted: false, walk: () => source.engine.nodesOfShard(part) }];
  });

/** Without an index: a part by the age of what is in it, which the logs tell without a view of each. */
const ageWays = (source: Source, type: string, compiled: Compiled): readonly Way[] => {
  const [by, ...others] = compiled.order;
  if (source.indexes || by?.by !== '@createdAt' || others.length > 0) return [];
  return compiled.all.flatMap((term): Way[] => {
    if (!('within' in term)) return [];
    const part = contentShardOf(source.space, term.within as NodeId);
    const walk = (after?: Place): Iterable<GraphNode> =>
      byAge(source.engine.births(part, type), by.down === true, compiled, after);
    return [{ name: 'part by age', length: Number.MAX_SAFE_INTEGER - 1, sorted: true, walk }];
  });
};
function* byAge(
  births: readonly Births[],
  down: boolean,
  { place, compare }: Compiled,
  after: Place | undefined,
): Generator<GraphNode> {
  const all = births.flatMap(({ times, node }) => times.map((time, i) => ({ time, node: () => node(i) })));
  // Each log goes on in time, so that they are merged rather than sorted.
  all.sort(down ? (a, b) => b.time - a.time : (a, b) => a.time - b.time);
  const begin = after?.keys[0];
  for (let i = 0; i < all.length; ) {
    const { time } = all[i] as (typeof all)[number];
    const same: { readonly node: GraphNode; readonly place: Place }[] = [];
    const isBefore = typeof begin === 'number' && (down ? time > begin : time < begin);
    for (; all[i]?.time === time; i++) {
      if (isBefore) continue;
      const node = (all[i] as (typeof all)[number]).node();
      const at = place(node);
      if (!after || compare(at, after) > 0) same.push({ node, place: at });
    }
    for (const { node } of same.sort((a, b) => compare(a.place, b.place))) yield node;
  }
}

/** The values that a field must be one of. */
const pointsOf = ({ is, among }: Comparison): readonly Value[] | undefined => (is !== undefined ? [is] : among);

// --- By an index ------------------------------------------------------------------------------------------------------

type Bounds = { readonly from?: Key; readonly to?: Key; readonly starts?: string };
/** Keys of the first fields, each of one value. */
type Prefix = readonly Key[];

const MAX_PREFIXES = 1_000;
const isTime = (field: string): boolean => field === '@createdAt' || field === '@updatedAt';

const pointKeys = (space: SpaceId, field: string, all: readonly Term[]): readonly Key[] | undefined => {
  for (const term of all) {
    if ('within' in term && field === '@part') return [keyOf(contentShardOf(space, term.within as NodeId))];
    // Times are told in whole milliseconds and kept finer.
    if (!('field' in term) || term.field !== field || isTime(field)) continue;
    const points = pointsOf(term);
    if (points) return points.map((value) => keyOf(value));
  }
  return undefined;
};

const boundsOf = (field: string, all: readonly Term[]): Bounds | undefined => {
  const bounds: { from?: Key; to?: Key; starts?: string } = {};
  for (const term of all) {
    if (!('field' in term) || term.field !== field) continue;
    const low = term.atLeast ?? term.above ?? (isTime(field) ? term.is : undefined);
    const high = term.atMost ?? term.below ?? (isTime(field) ? term.is : undefined);
    if (low !== undefined) bounds.from = keyOf(low);
    if (high !== undefined) bounds.to = keyOf(isTime(field) && typeof high === 'number' ? high + 1 : high);
    if (term.starts !== undefined) bounds.starts = folded(term.starts);
  }
  // A bound speaks of its own kind.
  if (typeof bounds.from === 'number') bounds.to ??= Number.POSITIVE_INFINITY;
  if (typeof bounds.to === 'number') bounds.from ??= Number.NEGATIVE_INFINITY;
  if (typeof bounds.to === 'string') bounds.from ??= '';
  return Object.keys(bounds).length > 0 ? bounds : undefined;
};

const isSorted = (index: Index, fixed: number, compiled: Compiled): { down: boolean } | undefined => {
  const rest = index.fields.slice(fixed);
  const down = compiled.order[0]?.down === true;
  const same =
    rest.length === compiled.order.length &&
    compiled.order.every((each, i) => each.by === rest[i] && each.down === down);
  return same ? { down } : undefined;
};

const indexWay = (source: Source, { fields, entries }: Index, compiled: Compiled): Way | undefined => {
  let prefixes: readonly Prefix[] = [[]];
  let fixed = 0;
  for (const field of fields) {
    const points = pointKeys(source.space, field, compiled.all);
    if (!points || prefixes.length * points.length > MAX_PREFIXES) break;
    prefixes = prefixes.flatMap((prefix) => points.map((key) => [...prefix, key]));
    fixed++;
  }
  const next = fields[fixed];
  const bounds = next === undefined ? undefined : boundsOf(next, compiled.all);
  const order = prefixes.length === 1 ? isSorted({ fields, entries }, fixed, compiled) : undefined;
  if (fixed === 0 && !bounds && !order) return undefined;
  const toPrefix = (entry: IndexEntry, prefix: Prefix): number => {
    for (let i = 0; i < prefix.length; i++) {
      const apart = compareKeys(entry.keys[i], prefix[i]);
      if (apart !== 0) return apart;
    }
    return 0;
  };
  /** Ranks from and to (exclusive). */
  const ranges = unique(prefixes).map((prefix): readonly [number, number] => {
    const apart = (entry: IndexEntry): number => {
      const first = toPrefix(entry, prefix);
      if (first !== 0 || !bounds) return first;
      const key = entry.keys[fixed];
      if (bounds.starts !== undefined)
        return typeof key === 'string' && key.startsWith(bounds.starts) ? 0 : compareKeys(key, bounds.starts);
      if (bounds.from !== undefined && compareKeys(key, bounds.from) < 0) return -1;
      return bounds.to !== undefined && compareKeys(key, bounds.to) > 0 ? 1 : 0;
    };
    return [entries.rank((entry) => apart(entry) < 0), entries.rank((entry) => apart(entry) <= 0)];
  });
  const length = ranges.reduce((sum, [from, to]) => sum + Math.max(0, to - from), 0);
  const name = `index ${fields.join(', ')}`;
  if (!order) {
    const walk = function* (): Generator<GraphNode> {
      for (const [from, to] of ranges) yield* nodesOf(source, idsOf(entries.range(from, to)));
    };
    return { name, length, sorted: false, walk };
  }
  const [prefix] = prefixes as [Prefix];
  const [from, to] = ranges[0] as readonly [number, number];
  const rankOf = (place: Place): number =>
    entries.rank((entry) => {
      const first = toPrefix(entry, prefix);
      if (first !== 0) return first < 0;
      for (let i = 0; i < place.keys.length; i++) {
        const apart = compareKeys(entry.keys[fixed + i], place.keys[i]);
        if (apart !== 0) return apart < 0;
      }
      return order.down ? entry.id < place.id : entry.id <= place.id;
    });
  const walk = (after?: Place): Iterable<GraphNode> => {
    const rank = after && rankOf(after);
    const [start, end] = order.down ? [from, Math.min(to, rank ?? to)] : [Math.max(from, rank ?? from), to];
    return nodesOf(source, idsOf(entries.range(start, end, order.down)));
  };
  return { name, length, sorted: true, walk };
};

const idsOf = function* (entries: Iterable<IndexEntry>): Generator<NodeId> {
  for (const { id } of entries) yield id;
};

/** A node must not be walked to twice. */
const unique = (prefixes: readonly Prefix[]): readonly Prefix[] => {
  if (prefixes.length < 2) return prefixes;
  const sorted = [...prefixes].sort(comparePrefixes);
  return sorted.filter((prefix, i) => i === 0 || comparePrefixes(sorted[i - 1] as Prefix, prefix) !== 0);
};
const comparePrefixes = (a: Prefix, b: Prefix): number => {
  for (let i = 0; i < a.length; i++) {
    const apart = compareKeys(a[i], b[i]);
    if (apart !== 0) return apart;
  }
  return 0;
};
