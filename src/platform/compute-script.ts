/** `Compute` in plain JavaScript, in f64: what the other adapters are compared with, and what runs where there is no SIMD. */
import { ok } from '../base/result';
import type { Compute, ForceRules, SparseGraph } from '../ports';
import {
  bothWays,
  checkForces,
  checkImportance,
  checkReach,
  checkTopK,
  dot,
  MAX_FLOAT,
  nodesOf,
  ranked,
  reversed,
} from './compute-input';

export const scriptCompute = (): Compute => ({
  async topK(vectors, query, k) {
    const checked = checkTopK(vectors, query, k);
    if (!checked.ok) return checked;
    const { width, rows } = vectors;
    const best = new Best(k);
    for (let at = 0, row = 0; at < rows.length; at += width, row++) best.offer(dot(rows, at, query), row);
    return ok(ranked(vectors, query, best.rows, k));
  },

  async reach(graph, from, depth) {
    const checked = checkReach(graph, from, depth);
    return checked.ok ? ok(levelsOf(graph, from, depth)) : checked;
  },

  async importance(graph, { damping, rounds }) {
    const checked = checkImportance(graph, damping, rounds);
    return checked.ok ? ok(ranksOf(graph, damping, rounds)) : checked;
  },

  async forces(graph, positions, rules) {
    const checked = checkForces(graph, positions, rules);
    if (!checked.ok) return checked;
    const neighbours = bothWays(graph);
    let now = positions.slice();
    for (let step = 0; step < rules.steps; step++) now = moved(neighbours, now, rules);
    return ok(now);
  },
});

/** The largest so many; rows are offered in rising order, so that of equal ones the first stay. */
class Best {
  /** By score, the worst first. */
  readonly #scores: number[] = [];
  readonly rows: number[] = [];
  constructor(private readonly size: number) {}

  offer(score: number, row: number): void {
    const scores = this.#scores;
    if (scores.length === this.size && !(score > (scores[0] as number))) return;
    if (!(Math.abs(score) <= MAX_FLOAT)) return;
    let [low, high] = [0, scores.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((scores[middle] as number) < score) low = middle + 1;
      else high = middle;
    }
    scores.splice(low, 0, score);
    this.rows.splice(low, 0, row);
    if (scores.length <= this.size) return;
    scores.shift();
    this.rows.shift();
  }
}

const levelsOf = ({ offsets, targets }: SparseGraph, from: Uint32Array, depth: number): Int32Array<ArrayBuffer> => {
  const levels = new Int32Array(offsets.length - 1).fill(-1);
  const queue = new Uint32Array(levels.length);
  let end = 0;
  for (const node of from) {
    if (levels[node] === 0) continue;
    levels[node] = 0;
    queue[end++] = node;
  }
  for (let at = 0; at < end; at++) {
    const node = queue[at] as number;
    const next = (levels[node] as number) + 1;
    if (next > depth) break;
    for (let edge = offsets[node] as number; edge < (offsets[node + 1] as number); edge++) {
      const target = targets[edge] as number;
      if (levels[target] !== -1) continue;
      levels[target] = next;
      queue[end++] = target;
    }
  }
  return levels;
};

/** Pulled along the ways in, so that every node is written once a round. */
const ranksOf = (graph: SparseGraph, damping: number, rounds: number): Float32Array<ArrayBuffer> => {
  const nodes = nodesOf(graph);
  const { offsets } = graph;
  const { offsets: first, targets: sources } = reversed(graph);
  // As many times what is given out at the end, so that small numbers stay away from 0.
  const ranks = new Float64Array(nodes).fill(1);
  const shares = new Float64Array(nodes);
  for (let round = 0; round < rounds; round++) {
    let lost = 0;
    for (let i = 0; i < nodes; i++) {
      const degree = (offsets[i + 1] as number) - (offsets[i] as number);
      if (degree === 0) lost += ranks[i] as number;
      shares[i] = degree === 0 ? 0 : (ranks[i] as number) / degree;
    }
    const base = 1 - damping + (damping * lost) / nodes;
    for (let i = 0; i < nodes; i++) {
      let sum = 0;
      for (let at = first[i] as number; at < (first[i + 1] as number); at++)
        sum += shares[sources[at] as number] as number;
      ranks[i] = base + damping * sum;
    }
  }
  return Float32Array.from(ranks, (rank) => rank / nodes);
};

const moved = (
  { offsets, targets }: SparseGraph,
  positions: Float32Array,
  { repulsion, attraction, length, gravity, limit }: ForceRules,
): Float32Array<ArrayBuffer> => {
  const nodes = offsets.length - 1;
  const soft = (length / 10) ** 2;
  const next = new Float32Array(positions.length);
  for (let i = 0; i < nodes; i++) {
    const [x, y] = [positions[2 * i] as number, positions[2 * i + 1] as number];
    let [fx, fy] = [0, 0];
    for (let j = 0; j < positions.length; j += 2) {
      const dx = x - (positions[j] as number);
      const dy = y - (positions[j + 1] as number);
      const weight = 1 / (soft + dx * dx + dy * dy);
      fx += dx * weight;
      fy += dy * weight;
    }
    fx = fx * repulsion - gravity * x;
    fy = fy * repulsion - gravity * y;
    for (let edge = offsets[i] as number; edge < (offsets[i + 1] as number); edge++) {
      const j = 2 * (targets[edge] as number);
      const dx = (positions[j] as number) - x;
      const dy = (positions[j + 1] as number) - y;
      const weight = attraction * (1 - length / Math.sqrt(soft + dx * dx + dy * dy));
      fx += dx * weight;
      fy += dy * weight;
    }
    const far = Math.hypot(fx, fy);
    const scale = far > limit ? limit / far : 1;
    next[2 * i] = x + fx * scale;
    next[2 * i + 1] = y + fy * scale;
  }
  return next;
};
