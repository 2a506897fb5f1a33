/**
 * `Compute` in WebAssembly with SIMD: the module of `wasm/assembly/vector.ts`. Rows stay in its memory until others are asked
 * about; graphs are laid out anew each time, in a memory that is dropped when it grew large.
 */
import { VECTOR_BYTES } from '../../wasm/build/vector';
import { err, ok, type Result } from '../base/result';
import type { Compute, ComputeError, Nearest, Vectors } from '../ports';
import {
  bothWays,
  checkForces,
  checkImportance,
  checkReach,
  checkTopK,
  MAX_K,
  nodesOf,
  ranked,
  reversed,
  SPARE,
} from './compute-input';

/** Addresses, counts and numbers of 32 bits, but for `damping`. */
type Calls = Readonly<Record<'nearest' | 'reach' | 'importance' | 'step', (...args: readonly number[]) => number>>;
type Words = Uint32Array | Int32Array | Float32Array;
/** Of the module's own; below lies nothing of ours. */
const START = 4_096;
const KEEP = 2 ** 26;
const PAGE = 65_536;

/** The memory of one instance, given out from the bottom. */
class Memory {
  readonly calls: Calls;
  readonly #memory: WebAssembly.Memory;
  #top = START;
  constructor(module: WebAssembly.Module) {
    const { exports } = new WebAssembly.Instance(module, {});
    this.calls = exports as Calls;
    this.#memory = exports.memory as WebAssembly.Memory;
  }
  get size(): number {
    return this.#memory.buffer.byteLength;
  }
  empty(): void {
    this.#top = START;
  }
  /** Throws a RangeError where there is no more memory. */
  room(bytes: number): number {
    const at = this.#top;
    this.#top = (at + bytes + 15) & ~15;
    if (at + bytes + 16 >= 2 ** 31) throw new RangeError('more than 2 GiB');
    const missing = Math.ceil((this.#top - this.size) / PAGE);
    if (missing > 0) this.#memory.grow(missing);
    return at;
  }
  put(words: Words): number {
    const at = this.room(words.byteLength);
    this.write(at, words);
    return at;
  }
  write(at: number, words: Words): void {
    const Kind = words.constructor as new (buffer: ArrayBuffer, at: number, length: number) => Uint32Array;
    new Kind(this.#memory.buffer as ArrayBuffer, at, words.length).set(words);
  }
  floats(at: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#memory.buffer as ArrayBuffer, at, length).slice();
  }
  whole(at: number, length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.#memory.buffer as ArrayBuffer, at, length).slice();
  }
}

/** The page's policy has to allow `'wasm-unsafe-eval'`. `undefined` where there is no SIMD. */
export const simdCompute = (): Compute | undefined => {
  const bytes = Uint8Array.from(atob(VECTOR_BYTES), (char) => char.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) return undefined;
  const module = new WebAssembly.Module(bytes);
  let resident: { readonly vectors: Vectors; readonly memory: Memory; readonly at: number } | undefined;
  let scratch: Memory | undefined;

  const inScratch = <T>(work: (memory: Memory) => T): Result<T, ComputeError> =>
    attempt(() => {
      const memory = scratch ?? new Memory(module);
      scratch = undefined;
      memory.empty();
      const outcome = work(memory);
      if (memory.size <= KEEP) scratch = memory;
      return outcome;
    });

  const hold = (vectors: Vectors): NonNullable<typeof resident> => {
    if (resident?.vectors === vectors) return resident;
    resident = undefined;
    const memory = new Memory(module);
    // Query and outcome first, that they lie where the rows do not matter.
    memory.room(vectors.width * 4);
    memory.room((MAX_K + SPARE) * 8);
    return { vectors, memory, at: memory.put(vectors.rows) };
  };

  return {
    async topK(vectors, query, k) {
      const checked = checkTopK(vectors, query, k);
      if (!checked.ok) return checked;
      return attempt((): Nearest => {
        const held = hold(vectors);
        resident = held;
        const { memory, at } = held;
        const { width, rows } = vectors;
        const heap = START + width * 4;
        memory.write(START, query);
        const found = memory.calls.nearest(at, rows.length / width, width, START, heap, k + SPARE);
        const pairs = memory.whole(heap, found * 2);
        return ranked(
          vectors,
          query,
          Array.from({ length: found }, (_, i) => pairs[2 * i + 1] as number),
          k,
        );
      });
    },

    async reach(graph, from, depth) {
      const checked = checkReach(graph, from, depth);
      if (!checked.ok) return checked;
      return inScratch((memory) => {
        const levels = new Int32Array(nodesOf(graph)).fill(-1);
        const begins = new Set(from);
        for (const node of begins) levels[node] = 0;
        const offsets = memory.put(graph.offsets);
        const targets = memory.put(graph.targets);
        const out = memory.put(levels);
        const queue = memory.room(levels.byteLength);
        memory.write(queue, Uint32Array.from(begins));
        memory.calls.reach(offsets, targets, out, queue, begins.size, depth);
        return memory.whole(out, levels.length);
      });
    },

    async importance(graph, { damping, rounds }) {
      const checked = checkImportance(graph, damping, rounds);
      if (!checked.ok) return checked;
      return inScratch((memory) => {
        const nodes = nodesOf(graph);
        const ways = reversed(graph);
        const given = [graph.offsets, ways.offsets, ways.targets].map((words) => memory.put(words));
        const rooms = [memory.room(nodes * 8), memory.room(nodes * 8)];
        const out = memory.room(nodes * 4);
        memory.calls.importance(nodes, ...given, ...rooms, out, damping, rounds);
        return memory.floats(out, nodes);
      });
    },

    async forces(graph, positions, rules) {
      const checked = checkForces(graph, positions, rules);
      if (!checked.ok) return checked;
      return inScratch((memory) => {
        const nodes = nodesOf(graph);
        const ways = bothWays(graph);
        const offsets = memory.put(ways.offsets);
        const neighbours = memory.put(ways.targets);
        let now = [0, 1].map((axis) => memory.put(positions.filter((_, i) => i % 2 === axis)));
        let next = [memory.room(nodes * 4), memory.room(nodes * 4)];
        const { repulsion, attraction, length, gravity, limit } = rules;
        for (let step = 0; step < rules.steps; step++) {
          const places = [offsets, neighbours, ...now, ...next];
          memory.calls.step(nodes, ...places, repulsion, attraction, length, gravity, limit);
          [now, next] = [next, now];
        }
        const [xs, ys] = now.map((at) => memory.floats(at, nodes)) as [Float32Array, Float32Array];
        return Float32Array.from(positions, (_, i) => (i % 2 === 0 ? xs : ys)[i >> 1] as number);
      });
    },
  };
};

const attempt = <T>(work: () => T): Result<T, ComputeError> => {
  try {
    return ok(work());
  } catch (error) {
    return err({ type: 'failed', message: String(error) });
  }
};
