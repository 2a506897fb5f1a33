/**
 * What every adapter of the port `Compute` does, on the same vectors and graphs, beside the one in plain JavaScript: the same
 * rows and levels; scores and importance to 1e-6; positions to 1e-4 of the largest coordinate. Runs in any environment.
 */
import { expect, it } from 'vitest';
import { type SeededRandom, seededRandom } from '../../src/base/random';
import type { Result } from '../../src/base/result';
import { scriptCompute } from '../../src/platform/compute-script';
import type { Compute, ComputeError, SparseGraph, Vectors } from '../../src/ports';

const reference = scriptCompute();

const ofRows = (random: SeededRandom, count: number, width: number): Vectors => {
  const rows = Float32Array.from({ length: count * width }, () => random.next() * 2 - 1);
  for (let at = 0; at < rows.length; at += width) {
    const row = rows.subarray(at, at + width);
    const size = Math.hypot(...row);
    for (let i = 0; i < width; i++) row[i] = (row[i] as number) / size;
  }
  return { width, rows };
};
const ofLists = (lists: readonly (readonly number[])[]): SparseGraph => {
  const offsets = new Uint32Array(lists.length + 1);
  lists.forEach((list, i) => {
    offsets[i + 1] = (offsets[i] as number) + list.length;
  });
  return { offsets, targets: Uint32Array.from(lists.flat()) };
};
/** Chains, hubs that hundreds lead to, nodes that lead nowhere or to themselves, edges twice. */
const ofHubs = (random: SeededRandom, nodes: number): SparseGraph =>
  ofLists(
    Array.from({ length: nodes }, (_, i) => {
      if (i % 5 === 0) return [];
      const hub = random.below(4);
      const others = Array.from({ length: random.below(5) }, () => Math.floor(random.next() ** 3 * nodes));
      return [hub, hub, ...others, i % 7 === 0 ? i : (i + 1) % nodes];
    }),
  );
const scattered = (random: SeededRandom, nodes: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: nodes * 2 }, () => random.next() * 200 - 100);

const valueIn = <T>(result: Result<T, ComputeError>): T => {
  if (!result.ok) throw new Error(`${result.error.type}: ${result.error.message}`);
  return result.value;
};
const errorIn = async (result: Promise<Result<unknown, ComputeError>>): Promise<string> => {
  const found = await result;
  return found.ok ? 'no error' : found.error.type;
};
const farthest = (a: ArrayLike<number>, b: ArrayLike<number>, scale: (at: number) => number): number => {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs((a[i] as number) - (b[i] as number)) / scale(i));
  return most;
};

const RULES = { steps: 1, repulsion: 40, attraction: 0.05, length: 12, gravity: 0.01, limit: 10 };

export const computeSuite = (name: string, open: () => Compute): void => {
  it.each([
    [5, 4, 1],
    [3, 8, 10],
    [1_024, 12, 1_000],
    [2_600, 36, 16],
    [4_000, 64, 40],
  ])(`[CM1] ${name} finds the same nearest of %d rows of %d numbers`, async (count, width, k) => {
    const random = seededRandom(count + width);
    const vectors = ofRows(random, count, width);
    const compute = open();
    for (let i = 0; i < 3; i++) {
      const query = ofRows(random, 1, vectors.width).rows;
      const [found, expected] = [
        valueIn(await compute.topK(vectors, query, k)),
        await reference.topK(vectors, query, k),
      ];
      expect(found.rows).toEqual(valueIn(expected).rows);
      expect(found.rows.length).toBe(Math.min(k, count));
      expect(farthest(found.scores, valueIn(expected).scores, () => 1)).toBeLessThanOrEqual(1e-6);
    }
  });

  it(`[CM1] ${name} puts equal rows in the order they stand, and leaves out what is not finite`, async () => {
    const rows = new Float32Array(1_500 * 4);
    for (let row = 0; row < 1_500; row++) rows[row * 4] = row % 3 === 0 ? 0.5 : 0.25;
    rows[3 * 4] = Number.NaN;
    rows[6 * 4] = Number.POSITIVE_INFINITY;
    rows[9 * 4 + 1] = Number.NaN;
    rows[700 * 4] = 1;
    const { rows: found } = valueIn(await open().topK({ width: 4, rows }, Float32Array.of(1, 0, 0, 0), 6));
    expect([...found]).toEqual([700, 0, 12, 15, 18, 21]);
  });

  it(`[CM1] ${name} answers about other rows, and about the first again`, async () => {
    const random = seededRandom(11);
    const compute = open();
    const [one, other] = [ofRows(random, 300, 16), ofRows(random, 200, 32)];
    for (const vectors of [one, other, one]) {
      const query = ofRows(random, 1, vectors.width).rows;
      const expected = valueIn(await reference.topK(vectors, query, 5));
      expect(valueIn(await compute.topK(vectors, query, 5)).rows).toEqual(expected.rows);
    }
    expect(
      valueIn(await compute.topK({ width: 4, rows: new Float32Array(0) }, new Float32Array(4), 3)).rows,
    ).toHaveLength(0);
  });

  it.each([0, 1, 3, 9, 400])(`[CM2] ${name} reaches the same within %d steps`, async (depth) => {
    const random = seededRandom(depth + 1);
    // A chain of three hundred, so that levels are many, beside a graph whose levels are wide.
    const wide = ofHubs(random, 1_500);
    const chain = Array.from({ length: 300 }, (_, i) => (i === 299 ? [] : [1_501 + i]));
    const lists = Array.from({ length: 1_500 }, (_, i) => [
      ...wide.targets.subarray(wide.offsets[i], wide.offsets[i + 1]),
    ]);
    const graph = ofLists([...lists, ...chain]);
    for (const from of [[1_500], [7, 1_600, 7], []]) {
      const given = Uint32Array.from(from);
      const levels = valueIn(await open().reach(graph, given, depth));
      expect(levels).toEqual(valueIn(await reference.reach(graph, given, depth)));
      if (from[0] === 1_500) expect(Math.max(...levels)).toBe(Math.min(depth, 299));
    }
  });

  it.each([1, 3, 20])(`[CM3] ${name} finds the same importance after %d rounds`, async (rounds) => {
    const graph = ofHubs(seededRandom(rounds), 2_500);
    const rules = { damping: 0.85, rounds };
    const expected = valueIn(await reference.importance(graph, rules));
    const found = valueIn(await open().importance(graph, rules));
    expect(farthest(found, expected, (at) => expected[at] as number)).toBeLessThanOrEqual(1e-6);
    expect(Math.abs(found.reduce((sum, rank) => sum + rank, 0) - 1)).toBeLessThan(1e-5);
    expect(found[0] as number).toBeGreaterThan(50 / 2_500);
  });

  it.each([1, 8])(`[CM4] ${name} moves nodes to the same places in %d steps`, async (steps) => {
    const random = seededRandom(steps);
    const graph = ofHubs(random, 603);
    const positions = scattered(random, 603);
    const before = positions.slice();
    const rules = { ...RULES, steps };
    const expected = valueIn(await reference.forces(graph, positions, rules));
    const largest = expected.reduce((most, at) => Math.max(most, Math.abs(at)), 0);
    const found = valueIn(await open().forces(graph, positions, rules));
    expect(farthest(found, expected, () => largest)).toBeLessThanOrEqual(1e-4);
    expect(positions).toEqual(before);
    expect(farthest(found, positions, () => 1)).toBeGreaterThan(1);
  });

  it(`[CM5] ${name} refuses what is out of shape or bounds, and takes what is empty`, async () => {
    const compute = open();
    const graph = ofLists([[1], [0]]);
    const row = new Float32Array(4);
    const vectors = { width: 4, rows: new Float32Array(8) };
    expect(await errorIn(compute.topK({ width: 6, rows: new Float32Array(12) }, new Float32Array(6), 1))).toBe(
      'malformed',
    );
    expect(await errorIn(compute.topK({ width: 4, rows: new Float32Array(7) }, row, 1))).toBe('malformed');
    expect(await errorIn(compute.topK(vectors, new Float32Array(8), 1))).toBe('malformed');
    expect(await errorIn(compute.topK(vectors, Float32Array.of(0, 0, 0, Number.NaN), 1))).toBe('malformed');
    expect(await errorIn(compute.topK(vectors, row, 0))).toBe('malformed');
    expect(await errorIn(compute.topK(vectors, row, 1_001))).toBe('malformed');
    const [none, two] = [Uint32Array.of(), Uint32Array.of(2)];
    expect(await errorIn(compute.reach({ ...graph, targets: two }, none, 1))).toBe('malformed');
    expect(await errorIn(compute.reach({ ...graph, targets: Uint32Array.of(1, 2) }, none, 1))).toBe('malformed');
    expect(await errorIn(compute.reach({ ...graph, offsets: Uint32Array.of(0, 3, 2) }, none, 1))).toBe('malformed');
    expect(await errorIn(compute.reach({ ...graph, offsets: none }, none, 1))).toBe('malformed');
    expect(await errorIn(compute.reach(graph, two, 1))).toBe('malformed');
    expect(await errorIn(compute.reach(graph, none, -1))).toBe('malformed');
    expect(await errorIn(compute.importance(graph, { damping: 1, rounds: 1 }))).toBe('malformed');
    expect(await errorIn(compute.importance(graph, { damping: 0.5, rounds: 0 }))).toBe('malformed');
    expect(await errorIn(compute.forces(graph, new Float32Array(3), RULES))).toBe('malformed');
    expect(await errorIn(compute.forces(graph, row, { ...RULES, length: 0 }))).toBe('malformed');
    expect(await errorIn(compute.forces(graph, row, { ...RULES, steps: 257 }))).toBe('malformed');
    const many = 33_000;
    const loose = { offsets: new Uint32Array(many + 1), targets: none };
    expect(await errorIn(compute.forces(loose, new Float32Array(many * 2), RULES))).toBe('too-large');
    const nothing = { offsets: Uint32Array.of(0), targets: none };
    expect(valueIn(await compute.reach(nothing, none, 3))).toHaveLength(0);
    expect(valueIn(await compute.importance(nothing, { damping: 0.85, rounds: 3 }))).toHaveLength(0);
    expect(valueIn(await compute.forces(nothing, new Float32Array(0), RULES))).toHaveLength(0);
  });
};
