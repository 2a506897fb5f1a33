/**
 * What refers to what, among all that is searched: answers to what they answer, comments to what they are about, relations, and
 * links in messages and documents. From it comes a little more weight for what others refer to. Must not know applications: an
 * id in a field, in a text or in the address of a link is a reference. People are no objects, so naming one refers to nothing.
 *
 * - Weight is bounded: whoever refers to their own a thousand times gains no more than WEIGHT.
 * - What nobody refers to weighs 1, as everything does until there was time to reckon, or where a host gives no `Compute`.
 */
import type { SparseGraph } from '../../ports';
import type { Engine, GraphNode } from '../../vm/graph/engine';
import type { KernelContext } from './context';

/** The most that references add. */
const WEIGHT = 0.25;
const DAMPING = 0.85;
const ROUNDS = 20;
/** Of one object; more are not looked at. */
const MOST = 64;
/** An object's id, also inside of an address. */
const ID = /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/g;
/** After a change, so that many are reckoned with at once. */
const LATER_MS = 5_000;

export class Ties {
  readonly #targets = new Map<string, readonly string[]>();
  /** Turned around: what refers to it. */
  readonly #sources = new Map<string, Set<string>>();
  #weights: ReadonlyMap<string, number> = new Map();
  #timer: (() => void) | undefined;
  #reckoning = false;
  #stale = false;
  #started = false;

  constructor(
    private readonly context: Pick<KernelContext, 'ports'>,
    private readonly changed: () => void,
  ) {}

  start(): void {
    this.#started = true;
    this.#later();
  }
  stop(): void {
    this.#started = false;
    this.#timer?.();
    this.#timer = undefined;
  }

  /** What the object refers to now; `undefined` for what is gone. */
  put(id: string, targets: readonly string[] = []): void {
    const before = this.#targets.get(id) ?? [];
    if (before.length === targets.length && before.every((target, i) => target === targets[i])) return;
    if (targets.length > 0) this.#targets.set(id, targets);
    else this.#targets.delete(id);
    for (const target of before) {
      const sources = this.#sources.get(target);
      sources?.delete(id);
      if (sources?.size === 0) this.#sources.delete(target);
    }
    for (const target of targets) this.#sources.set(target, (this.#sources.get(target) ?? new Set()).add(id));
    this.#stale = true;
    this.#later();
  }

  /** What refers to it, in no order. */
  sourcesOf(id: string): Iterable<string> {
    return this.#sources.get(id) ?? [];
  }

  /** 1 to 1 + WEIGHT. */
  weightOf(id: string): number {
    return this.#weights.get(id) ?? 1;
  }

  #later(): void {
    const { clock, compute } = this.context.ports;
    if (!compute || !this.#started || !this.#stale || this.#timer || this.#reckoning) return;
    this.#timer = clock.after(LATER_MS, () => {
      this.#timer = undefined;
      void this.#reckon();
    });
  }
  async #reckon(): Promise<void> {
    const { compute, log } = this.context.ports;
    if (!compute) return;
    this.#reckoning = true;
    this.#stale = false;
    const { ids, graph } = sparseOf(this.#targets);
    const ranks = await compute.importance(graph, { damping: DAMPING, rounds: ROUNDS });
    this.#reckoning = false;
    if (ranks.ok && this.#started) {
      this.#weights = weightsOf(ids, ranks.value);
      this.changed();
    } else if (!ranks.ok) log('search.ties', { error: ranks.error.type });
    this.#later();
  }
}

/** Ids that an object holds in its fields, relations and document, without its own, in rising order. */
export const targetsOf = (graph: Engine, node: GraphNode): readonly string[] => {
  const found = new Set<string>();
  const take = (value: unknown): void => {
    if (typeof value !== 'string') return;
    for (const [id] of value.matchAll(ID)) if (found.size < MOST && id !== node.id) found.add(id);
  };
  for (const key of node.keys()) take(node.field(key));
  for (const { to } of graph.edgesFrom(node.id)) take(to);
  for (const { target } of graph.blocks(node.id)) take(target);
  return [...found].sort();
};

/** Objects that refer or are referred to, by number. */
const sparseOf = (
  byId: ReadonlyMap<string, readonly string[]>,
): { readonly ids: readonly string[]; readonly graph: SparseGraph } => {
  const numbers = new Map<string, number>();
  let edges = 0;
  for (const [id, targets] of byId) {
    for (const each of [id, ...targets]) if (!numbers.has(each)) numbers.set(each, numbers.size);
    edges += targets.length;
  }
  const offsets = new Uint32Array(numbers.size + 1);
  const targets = new Uint32Array(edges);
  let [at, node] = [0, 0];
  for (const id of numbers.keys()) {
    for (const target of byId.get(id) ?? []) targets[at++] = numbers.get(target) as number;
    offsets[++node] = at;
  }
  return { ids: [...numbers.keys()], graph: { offsets, targets } };
};

/** Against what nobody refers to, which has the least: twice as important is half of WEIGHT, ever more is nearly all. */
const weightsOf = (ids: readonly string[], ranks: Float32Array): ReadonlyMap<string, number> => {
  const least = ranks.reduce((a, b) => Math.min(a, b), 1);
  const weights = new Map<string, number>();
  ids.forEach((id, i) => {
    const weight = 1 + WEIGHT * (1 - least / (ranks[i] as number));
    if (weight > 1) weights.set(id, weight);
  });
  return weights;
};
