/**
 * The four computations on one device: lays out buffers, queues the kernels, reads back as little and as seldom as can be (a
 * readback costs milliseconds whatever its size). Takes checked, non-empty input. Throws where the device fails; `gpu.ts` catches.
 */
import type { ForceRules, Nearest, SparseGraph, Vectors } from '../../ports';
import { bothWays, nodesOf, ranked, reversed, SPARE } from '../compute-input';
import { BLOCK, FORCES, GROUP, IMPORTANCE, NEAREST, REACH } from './gpu-kernels';

/** Rows of one buffer, a multiple of BLOCK, as far as its bytes allow. */
const SHARD_ROWS = 2 ** 20;
/** Levels until the first look whether there are more; then twice as many each time. */
const LEVELS = 8;
const MOST_LEVELS = 64;
/** Rounds handed over at once. */
const ROUNDS = 32;
/** Sums of 32 bits over more would not keep the bound. */
const MOST_SOURCES = 2 ** 14;

/** Of the WebGPU standard; the types that come with the compiler leave its constants out. */
const USAGE = { MAP_READ: 1, COPY_SRC: 4, COPY_DST: 8, UNIFORM: 64, STORAGE: 128 };
const FOR_READING = 1;
const IN_COMPUTE = 4;

type Words = Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
type Shard = { readonly buffer: GPUBuffer; readonly first: number; readonly count: number };
type Step = { readonly pipeline: GPUComputePipeline; readonly groups: number };

/** Buffers of one computation, gone with it. */
class Bench {
  readonly #buffers: GPUBuffer[] = [];
  constructor(private readonly device: GPUDevice) {}

  room(bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const buffer = this.device.createBuffer({ size: Math.max(16, Math.ceil(bytes / 16) * 16), usage });
    this.#buffers.push(buffer);
    return buffer;
  }
  storage(bytes: number): GPUBuffer {
    return this.room(bytes, USAGE.STORAGE | USAGE.COPY_SRC | USAGE.COPY_DST);
  }
  put(words: Words): GPUBuffer {
    const buffer = this.storage(words.byteLength);
    this.device.queue.writeBuffer(buffer, 0, words);
    return buffer;
  }
  /** Of 32 bits each: whole numbers, then floats. */
  ask(whole: readonly number[], floats: readonly number[] = []): GPUBuffer {
    const words = new ArrayBuffer((whole.length + floats.length) * 4);
    new Uint32Array(words, 0, whole.length).set(whole);
    new Float32Array(words, whole.length * 4).set(floats);
    const buffer = this.room(words.byteLength, USAGE.UNIFORM | USAGE.COPY_DST);
    this.device.queue.writeBuffer(buffer, 0, words);
    return buffer;
  }
  async read(commands: GPUCommandEncoder, from: GPUBuffer, bytes: number): Promise<ArrayBuffer> {
    const target = this.room(bytes, USAGE.MAP_READ | USAGE.COPY_DST);
    commands.copyBufferToBuffer(from, 0, target, 0, bytes);
    this.device.queue.submit([commands.finish()]);
    await target.mapAsync(FOR_READING, 0, bytes);
    const copy = target.getMappedRange(0, bytes).slice(0);
    target.unmap();
    return copy;
  }
  clear(): void {
    for (const buffer of this.#buffers) buffer.destroy();
  }
}

export class GpuWork {
  readonly #pipelines = new Map<string, GPUComputePipeline>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  #resident: { readonly vectors: Vectors; readonly shards: readonly Shard[] } | undefined;
  constructor(private readonly device: GPUDevice) {}

  topK(vectors: Vectors, query: Float32Array, k: number): Promise<Nearest> {
    return this.#onBench(async (bench) => {
      const { width } = vectors;
      const kept = k + SPARE;
      const asked = bench.put(Float32Array.from(query));
      const found: { readonly score: number; readonly row: number }[] = [];
      for (const { buffer, first, count } of this.#hold(vectors)) {
        const groups = Math.ceil(count / BLOCK);
        const best = bench.storage(groups * kept * 8);
        const buffers = [bench.ask([count, width / 4, kept]), buffer, asked, best];
        const commands = this.device.createCommandEncoder();
        this.#run(commands, buffers, 'urrw', [{ pipeline: this.#pipeline(NEAREST, 'nearest', 'urrw'), groups }]);
        const pairs = await bench.read(commands, best, groups * kept * 8);
        const [scores, rows] = [new Float32Array(pairs), new Uint32Array(pairs)];
        for (let at = 0; at < scores.length; at += 2) {
          const row = rows[at + 1] as number;
          if (row < count) found.push({ score: scores[at] as number, row: first + row });
        }
      }
      found.sort((a, b) => b.score - a.score || a.row - b.row);
      return ranked(
        vectors,
        query,
        found.slice(0, kept).map(({ row }) => row),
        k,
      );
    });
  }

  reach(graph: SparseGraph, from: Uint32Array, depth: number): Promise<Int32Array<ArrayBuffer>> {
    return this.#onBench(async (bench) => {
      const nodes = nodesOf(graph);
      const begun = new Int32Array(nodes).fill(-1);
      for (const node of from) begun[node] = 0;
      if (depth === 0) return begun;
      const levels = bench.put(begun);
      const state = bench.put(Uint32Array.of(0, 0, depth, nodes));
      const buffers = [bench.put(graph.offsets), bench.put(graph.targets), levels, state];
      const level = [
        { pipeline: this.#pipeline(REACH, 'spread', 'rrww'), groups: Math.ceil(nodes / GROUP) },
        { pipeline: this.#pipeline(REACH, 'advance', 'rrww'), groups: 1 },
      ];
      for (let many = LEVELS; ; many = Math.min(MOST_LEVELS, many * 2)) {
        const commands = this.device.createCommandEncoder();
        this.#run(commands, buffers, 'rrww', Array.from({ length: many }, () => level).flat());
        const [now] = new Uint32Array(await bench.read(commands, state, 16));
        if (now === 0xffff_ffff) break;
      }
      return new Int32Array(await bench.read(this.device.createCommandEncoder(), levels, nodes * 4));
    });
  }

  /** `undefined` for a graph in which too much leads to one node. */
  importance(graph: SparseGraph, damping: number, rounds: number): Promise<Float32Array<ArrayBuffer> | undefined> {
    return this.#onBench(async (bench) => {
      const nodes = nodesOf(graph);
      const ways = reversed(graph);
      for (let i = 0; i < nodes; i++)
        if ((ways.offsets[i + 1] as number) - (ways.offsets[i] as number) > MOST_SOURCES) return undefined;
      const groups = Math.ceil(nodes / GROUP);
      const ranks = bench.put(new Float32Array(nodes).fill(1));
      const buffers = [
        ...[bench.ask([nodes, groups], [damping]), bench.put(graph.offsets), bench.put(ways.offsets)],
        ...[bench.put(ways.targets), ranks, bench.storage(nodes * 4), bench.storage((groups + 1) * 4)],
      ];
      const kind = 'urrrwww';
      const round = [
        { pipeline: this.#pipeline(IMPORTANCE, 'share', kind), groups },
        { pipeline: this.#pipeline(IMPORTANCE, 'settle', kind), groups: 1 },
        { pipeline: this.#pipeline(IMPORTANCE, 'pull', kind), groups },
      ];
      for (let left = rounds; left > 0; left -= ROUNDS) {
        const commands = this.device.createCommandEncoder();
        this.#run(commands, buffers, kind, Array.from({ length: Math.min(left, ROUNDS) }, () => round).flat());
        this.device.queue.submit([commands.finish()]);
      }
      const found = new Float32Array(await bench.read(this.device.createCommandEncoder(), ranks, nodes * 4));
      return found.map((rank) => rank / nodes);
    });
  }

  forces(
    graph: SparseGraph,
    positions: Float32Array<ArrayBuffer>,
    rules: ForceRules,
  ): Promise<Float32Array<ArrayBuffer>> {
    return this.#onBench(async (bench) => {
      const nodes = nodesOf(graph);
      const ways = bothWays(graph);
      const { steps, repulsion, attraction, length, gravity, limit } = rules;
      const given = [bench.ask([nodes], [repulsion, attraction, length, gravity, limit])];
      given.push(bench.put(ways.offsets), bench.put(ways.targets));
      let [now, next] = [bench.put(positions), bench.storage(positions.byteLength)];
      const step = [{ pipeline: this.#pipeline(FORCES, 'shift', 'urrrw'), groups: Math.ceil(nodes / GROUP) }];
      const commands = this.device.createCommandEncoder();
      for (let i = 0; i < steps; i++) {
        this.#run(commands, [...given, now, next], 'urrrw', step);
        [now, next] = [next, now];
      }
      return new Float32Array(await bench.read(commands, now, positions.byteLength));
    });
  }

  // --- Shared ----------------------------------------------------------------------------------------------------

  async #onBench<T>(work: (bench: Bench) => Promise<T>): Promise<T> {
    const bench = new Bench(this.device);
    try {
      return await work(bench);
    } finally {
      bench.clear();
    }
  }

  #hold(vectors: Vectors): readonly Shard[] {
    if (this.#resident?.vectors === vectors) return this.#resident.shards;
    this.release();
    const { width, rows } = vectors;
    const fitting = Math.floor(this.device.limits.maxStorageBufferBindingSize / (width * 4 * BLOCK)) * BLOCK;
    const most = Math.min(SHARD_ROWS, fitting);
    const shards: Shard[] = [];
    this.#resident = { vectors, shards };
    for (let first = 0; first * width < rows.length; first += most) {
      const part = rows.subarray(first * width, (first + most) * width);
      const usage = USAGE.STORAGE | USAGE.COPY_DST;
      const buffer = this.device.createBuffer({ size: part.byteLength, usage });
      shards.push({ buffer, first, count: part.length / width });
      this.device.queue.writeBuffer(buffer, 0, part);
    }
    return shards;
  }
  release(): void {
    for (const { buffer } of this.#resident?.shards ?? []) buffer.destroy();
    this.#resident = undefined;
  }

  /** By binding: `u` uniform, `r` storage that is read, `w` that is written too. */
  #layout(kind: string): GPUBindGroupLayout {
    const types = { u: 'uniform', r: 'read-only-storage', w: 'storage' } as const;
    const entries = [...kind].map((letter, binding) => ({
      binding,
      visibility: IN_COMPUTE,
      buffer: { type: types[letter as keyof typeof types] },
    }));
    const layout = this.#layouts.get(kind) ?? this.device.createBindGroupLayout({ entries });
    this.#layouts.set(kind, layout);
    return layout;
  }
  #pipeline(code: string, entryPoint: string, kind: string): GPUComputePipeline {
    const known = this.#pipelines.get(entryPoint);
    if (known) return known;
    const pipeline = this.device.createComputePipeline({
      layout: this.device.createPipelineLayout({ bindGroupLayouts: [this.#layout(kind)] }),
      compute: { module: this.device.createShaderModule({ code }), entryPoint },
    });
    this.#pipelines.set(entryPoint, pipeline);
    return pipeline;
  }
  #run(commands: GPUCommandEncoder, buffers: readonly GPUBuffer[], kind: string, steps: readonly Step[]): void {
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    const pass = commands.beginComputePass();
    pass.setBindGroup(0, this.device.createBindGroup({ layout: this.#layout(kind), entries }));
    for (const { pipeline, groups } of steps) {
      pass.setPipeline(pipeline);
      pass.dispatchWorkgroups(groups);
    }
    pass.end();
  }
}
