/**
 * What every adapter of `Compute` shares: the checks at the door, after which nothing can be out of bounds; the same graph seen
 * from the other end; and the last word on the order of rows, so that adapters which add in other orders give the same rows.
 */
import { err, ok, type Result } from '../base/result';
import type { ComputeError, ForceRules, Nearest, SparseGraph, Vectors } from '../ports';

const MAX_NUMBERS = 2 ** 28;
const MAX_WIDTH = 4_096;
export const MAX_K = 1_000;
const MAX_NODES = 2 ** 22;
const MAX_EDGES = 2 ** 24;
const MAX_DEPTH = 65_535;
const MAX_ROUNDS = 256;
const MAX_WORK = 2 ** 30;
/** So many rows more than asked for are looked at again: what rounding may have put below the line. */
export const SPARE = 24;

type Checked = Result<void, ComputeError>;
const FINE: Checked = ok(undefined);
const malformed = (message: string): Checked => err({ type: 'malformed', message });
const tooLarge = (message: string): Checked => err({ type: 'too-large', message });
const isWhole = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;

// --- Checks ----------------------------------------------------------------------------------------------------

export const checkTopK = ({ width, rows }: Vectors, query: Float32Array, k: number): Checked => {
  if (!isWhole(width, 4, MAX_WIDTH) || width % 4 !== 0) return malformed(`No row is ${width} numbers wide`);
  if (rows.length % width !== 0) return malformed('The last row is not whole');
  if (rows.length > MAX_NUMBERS) return tooLarge(`More than ${MAX_NUMBERS} numbers`);
  if (query.length !== width || !query.every(Number.isFinite))
    return malformed('The query is no row of finite numbers');
  return isWhole(k, 1, MAX_K) ? FINE : malformed(`k is 1 to ${MAX_K}`);
};

const checkGraph = ({ offsets, targets }: SparseGraph): Checked => {
  const nodes = offsets.length - 1;
  if (nodes > MAX_NODES || targets.length > MAX_EDGES)
    return tooLarge(`More than ${MAX_NODES} nodes or ${MAX_EDGES} edges`);
  if (nodes < 0 || offsets[0] !== 0 || offsets[nodes] !== targets.length)
    return malformed('Offsets do not span the targets');
  for (let i = 0; i < nodes; i++)
    if ((offsets[i] as number) > (offsets[i + 1] as number)) return malformed('Offsets fall');
  for (let i = 0; i < targets.length; i++)
    if ((targets[i] as number) >= nodes) return malformed('An edge leads to no node');
  return FINE;
};

export const checkReach = (graph: SparseGraph, from: Uint32Array, depth: number): Checked => {
  const checked = checkGraph(graph);
  if (!checked.ok) return checked;
  if (!from.every((node) => node < nodesOf(graph))) return malformed('A beginning is no node');
  return isWhole(depth, 0, MAX_DEPTH) ? FINE : malformed(`depth is 0 to ${MAX_DEPTH}`);
};

export const checkImportance = (graph: SparseGraph, damping: number, rounds: number): Checked => {
  const checked = checkGraph(graph);
  if (!checked.ok) return checked;
  if (!(damping >= 0 && damping < 1)) return malformed('damping is 0 to below 1');
  if (!isWhole(rounds, 1, MAX_ROUNDS)) return malformed(`rounds is 1 to ${MAX_ROUNDS}`);
  const work = (nodesOf(graph) + graph.targets.length) * rounds;
  return work <= MAX_WORK ? FINE : tooLarge('Too many rounds for so large a graph');
};

export const checkForces = (graph: SparseGraph, positions: Float32Array, rules: ForceRules): Checked => {
  const checked = checkGraph(graph);
  if (!checked.ok) return checked;
  const { steps, repulsion, attraction, length, gravity, limit } = rules;
  if (positions.length !== 2 * nodesOf(graph) || !positions.every(Number.isFinite))
    return malformed('Positions are two finite numbers a node');
  if (![repulsion, attraction, gravity].every(Number.isFinite)) return malformed('A force is no finite number');
  if (!(length > 0 && length < Infinity && limit > 0 && limit < Infinity))
    return malformed('length and limit are finite and above 0');
  if (!isWhole(steps, 1, MAX_ROUNDS)) return malformed(`steps is 1 to ${MAX_ROUNDS}`);
  return nodesOf(graph) ** 2 * steps <= MAX_WORK ? FINE : tooLarge('Too many steps for so many nodes');
};

// --- Graphs ----------------------------------------------------------------------------------------------------

export const nodesOf = (graph: SparseGraph): number => graph.offsets.length - 1;

/** A graph of `count` nodes from what `visit` tells, the same each time. */
const sparse = (count: number, visit: (edge: (from: number, to: number) => void) => void): SparseGraph => {
  const offsets = new Uint32Array(count + 1);
  visit((from) => {
    offsets[from + 1] = (offsets[from + 1] as number) + 1;
  });
  for (let i = 0; i < count; i++) offsets[i + 1] = (offsets[i + 1] as number) + (offsets[i] as number);
  const next = offsets.slice(0, count);
  const targets = new Uint32Array(offsets[count] as number);
  visit((from, to) => {
    const at = next[from] as number;
    targets[at] = to;
    next[from] = at + 1;
  });
  return { offsets, targets };
};

const eachEdge = ({ offsets, targets }: SparseGraph, edge: (from: number, to: number) => void): void => {
  for (let i = 0; i + 1 < offsets.length; i++)
    for (let at = offsets[i] as number; at < (offsets[i + 1] as number); at++) edge(i, targets[at] as number);
};

/** The ways in: from each node to those that lead to it, in rising order. */
export const reversed = (graph: SparseGraph): SparseGraph =>
  sparse(nodesOf(graph), (edge) => eachEdge(graph, (from, to) => edge(to, from)));
/** Both ends of every edge as each other's neighbours. */
export const bothWays = (graph: SparseGraph): SparseGraph =>
  sparse(nodesOf(graph), (edge) =>
    eachEdge(graph, (from, to) => {
      edge(from, to);
      edge(to, from);
    }),
  );

// --- Rows ------------------------------------------------------------------------------------------------------

/** In f64, as four sums: what a score is. */
export const dot = (rows: Float32Array, at: number, query: Float32Array): number => {
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0, j = at; i < query.length; i += 4, j += 4) {
    a += (rows[j] as number) * (query[i] as number);
    b += (rows[j + 1] as number) * (query[i + 1] as number);
    c += (rows[j + 2] as number) * (query[i + 2] as number);
    d += (rows[j + 3] as number) * (query[i + 3] as number);
  }
  return a + b + (c + d);
};

/** The best of rows that were found, by what their scores are. */
export const ranked = ({ width, rows }: Vectors, query: Float32Array, found: Iterable<number>, k: number): Nearest => {
  const best = Array.from(found, (row) => ({ row, score: dot(rows, row * width, query) }))
    .filter(({ score }) => Math.abs(score) <= MAX_FLOAT)
    .sort((a, b) => b.score - a.score || a.row - b.row)
    .slice(0, k);
  return {
    rows: Uint32Array.from(best, ({ row }) => row),
    scores: Float32Array.from(best, ({ score }) => score),
  };
};
/** Beyond it a number is not finite in 32 bits. */
export const MAX_FLOAT = 3.4028234663852886e38;
