/**
 * The graph of a space on this node: the store that all goes into; another one, while it is built anew in its place; and, until the
 * history has come, one that is shown instead (`preview.ts`). There is one way in, and one to hear of what changed. It judges nothing.
 */
import type { ChangeSet, Engine } from '../../vm/graph/engine';
import { weightOf } from '../../vm/graph/store/batch';
import { NO_CHANGES } from '../../vm/graph/store/changed';
import { createStore, EngineFull, type FoldItem, type GraphStore } from '../../vm/graph/store/store';
import type { EntryId, NodeId } from '../../vm/op/ids';
import type { KernelContext } from './context';
import { Preview } from './preview';

/** Bytes given to the graph at once: it asks for many times the room. */
const PORTION = 512 * 1024;

export type ShownEvents = {
  /** AD5: it did not fit. */
  leftOut(id: EntryId): void;
  /** Text that is in these documents stands no more: they are to be built anew. */
  basesLost(documents: readonly NodeId[]): void;
};

export class ShownGraph {
  #store: GraphStore;
  /** The one that is being built in its place: what is admitted meanwhile goes into both. */
  #next: GraphStore | undefined;
  #preview: Preview | undefined;
  /** Admitted, and not in the graph yet: taken in together. */
  #queued: FoldItem[] = [];
  /** What came of what was taken in, and nobody was told yet. */
  #untold: ChangeSet[] = [];
  /** Entries taken in since the last image was made of the graph. */
  sinceImage = 0;
  /** The memory of the graph took something in no more: what is shown is not all. */
  isFull = false;

  constructor(
    private readonly context: KernelContext,
    private readonly events: ShownEvents,
  ) {
    this.#store = this.newStore();
  }

  newStore(): GraphStore {
    return createStore(this.context.ports.graph, this.context.rules);
  }
  /** What people see. It has all that was admitted. */
  get engine(): Engine {
    this.takeIn();
    return this.#preview?.shown ?? this.#store;
  }
  /** What the history made, whatever is shown. It has all that was admitted. */
  get store(): GraphStore {
    this.takeIn();
    return this.#store;
  }

  /** To be taken in with others: at the latest when somebody reads the graph. */
  queue(item: FoldItem): void {
    this.#queued.push(item);
  }
  /** To be told with the next `flush`. */
  changed(changes: ChangeSet): void {
    this.#untold.push(changes);
  }
  /** What was queued. */
  takeIn(): void {
    if (this.#queued.length === 0) return;
    const items = this.#queued;
    this.#queued = [];
    this.changed(this.fold(items));
  }
  /** Takes in what was queued. What changed since it was asked last, if anything did. */
  flush(): ChangeSet | undefined {
    this.takeIn();
    const changes = this.#untold;
    this.#untold = [];
    return changes.length > 0 ? joined(changes) : undefined;
  }

  /** The one way into what is shown. */
  fold(items: readonly FoldItem[]): ChangeSet {
    if (this.#next) this.ingest(this.#next, items);
    const changes = this.foldInto(this.#store, items);
    return this.#preview ? this.#preview.beside(items, changes) : changes;
  }
  /** The same into one that is to be shown. */
  foldInto(store: GraphStore, items: readonly FoldItem[]): ChangeSet {
    this.sinceImage += items.length;
    this.context.count('folded', items.length);
    const changes = this.ingest(store, items);
    const lost = store.takeLostBases();
    if (lost.length > 0) this.events.basesLost(lost);
    return changes;
  }
  /** AD5: what does not fit stays out, and is noted; the rest goes on. */
  ingest(store: GraphStore, items: readonly FoldItem[]): ChangeSet {
    const all: ChangeSet[] = [];
    const due = [...portionsOf(items)].reverse();
    for (let portion = due.pop(); portion; portion = due.pop()) {
      try {
        all.push(store.ingest(portion));
      } catch (fault) {
        if (!(fault instanceof EngineFull)) throw fault;
        const half = portion.length >> 1;
        if (half > 0) due.push(portion.slice(half), portion.slice(0, half));
        else for (const { id } of portion) this.events.leftOut(id);
      }
    }
    return joined(all);
  }

  // --- One in the place of another -----------------------------------------------------------------------------

  get isBuilding(): boolean {
    return this.#next !== undefined;
  }
  /** What `work` fills is given all that is admitted meanwhile, and is not shown yet. */
  async beside<T>(store: GraphStore, work: () => Promise<T>): Promise<T> {
    this.#next = store;
    try {
      return await work();
    } finally {
      this.#next = undefined;
    }
  }
  show(store: GraphStore): void {
    this.#store = store;
  }

  get preview(): Preview | undefined {
    return this.#preview;
  }
  /** A second graph beside this one, empty and not shown yet. */
  beginPreview(): Preview {
    this.#preview = new Preview(this.newStore());
    return this.#preview;
  }
  /** What is shown is the graph again. `sound`: it has all that was shown. To be told with the next `flush`. */
  endPreview(sound: boolean): void {
    this.takeIn();
    const changes = this.#preview?.end(sound);
    this.#preview = undefined;
    if (changes) this.changed(changes);
  }
}

const portionsOf = (items: readonly FoldItem[]): readonly (readonly FoldItem[])[] => {
  if (items.length < 2) return items.length > 0 ? [items] : [];
  const portions: FoldItem[][] = [];
  let weight = Number.POSITIVE_INFINITY;
  for (const item of items) {
    weight += weightOf(item);
    if (weight > PORTION) {
      portions.push([]);
      weight = weightOf(item);
    }
    portions.at(-1)?.push(item);
  }
  return portions;
};

/** What changed in all of them. */
export const joined = (all: readonly ChangeSet[]): ChangeSet => {
  const [only] = all;
  if (!only) return NO_CHANGES;
  if (all.length === 1) return only;
  const documents = new Map<NodeId, readonly Uint8Array[]>();
  for (const each of all)
    for (const [id, updates] of each.documents) documents.set(id, [...(documents.get(id) ?? []), ...updates]);
  return {
    nodes: new Set(all.flatMap(({ nodes }) => [...nodes])),
    types: new Set(all.flatMap(({ types }) => [...types])),
    documents,
    rebuilt: new Set(all.flatMap(({ rebuilt }) => [...rebuilt])),
    edges: new Set(all.flatMap(({ edges }) => [...edges])),
  };
};
