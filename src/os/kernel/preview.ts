/**
 * A second graph beside the one that is built from the history: made of a snapshot that is believed, and shown until the
 * history has come. What the snapshot does not cover goes to both.
 *
 * CK8 what is not covered is in the preview as soon as in the graph; what is covered comes there from the snapshot alone.
 * CK9 when it ends, for whatever reason, what is shown is the graph made of the history, and nothing else ever is again.
 */
import type { ChangeSet, Engine, FoldEntry } from '../../vm/graph/engine';
import { NO_CHANGES } from '../../vm/graph/store/changed';
import { EngineFull, type FoldItem, type GraphStore } from '../../vm/graph/store/store';
import type { Reach } from '../../vm/op/checkpoint';
import type { LogId, NodeId } from '../../vm/op/ids';

/** What changed, added up. */
class Sum {
  readonly nodes = new Set<NodeId>();
  readonly types = new Set<string>();
  readonly documents = new Set<NodeId>();
  readonly edges = new Set<NodeId>();
  add({ nodes, types, documents, rebuilt, edges }: ChangeSet): void {
    for (const id of nodes) this.nodes.add(id);
    for (const type of types) this.types.add(type);
    for (const ids of [documents.keys(), rebuilt]) for (const id of ids) this.documents.add(id);
    for (const id of edges) this.edges.add(id);
  }
}

export class Preview {
  readonly #lengths = new Map<LogId, number>();
  /** All that is in it, and what came into the graph behind it. */
  readonly #sum = new Sum();
  #shown = false;
  /** It took in no more. */
  full = false;

  constructor(readonly engine: GraphStore) {}

  get isShown(): boolean {
    return this.#shown;
  }
  get shown(): Engine | undefined {
    return this.#shown ? this.engine : undefined;
  }
  covers({ log, seq }: Pick<FoldItem, 'log' | 'seq'>): boolean {
    return seq < (this.#lengths.get(log) ?? 0);
  }
  cover(reach: readonly Reach[]): void {
    for (const { log, length } of reach) this.#lengths.set(log, length);
  }
  /** How many entries it stands for. `lengthOf`: of the logs behind it. */
  progress(lengthOf: (log: LogId) => number): { readonly here: number; readonly total: number } {
    let [here, total] = [0, 0];
    for (const [log, length] of this.#lengths) {
      here += Math.min(length, lengthOf(log));
      total += length;
    }
    return { here, total };
  }
  #take(items: readonly FoldItem[]): ChangeSet {
    if (this.full || items.length === 0) return NO_CHANGES;
    try {
      const changes = this.engine.ingest(items);
      this.#sum.add(changes);
      return changes;
    } catch (fault) {
      if (!(fault instanceof EngineFull)) throw fault;
      this.full = true;
      return NO_CHANGES;
    }
  }
  /** A part of a snapshot. What changed for who looks on. */
  add(entries: readonly FoldEntry[]): ChangeSet {
    const changes = this.#take(entries);
    return this.#shown ? changes : NO_CHANGES;
  }
  /** What the graph took in. Gives what changed for who looks on. */
  beside(items: readonly FoldItem[], changes: ChangeSet): ChangeSet {
    const own = this.#take(items.filter((item) => !this.covers(item)));
    if (!this.#shown) return changes;
    this.#sum.add(changes);
    return own;
  }
  /** From now on it is what is seen. Page twins take what they lack. */
  show(): ChangeSet {
    this.#shown = true;
    const documents = new Map([...this.#sum.documents].map((id) => [id, [this.engine.documentUpdate(id)]]));
    return { ...this.#sum, documents, rebuilt: new Set() };
  }
  /** It is seen no more. `sound`: the graph has all that it had, so that page twins may go on. */
  end(sound: boolean): ChangeSet {
    const wasShown = this.#shown;
    this.#shown = false;
    if (!wasShown) return NO_CHANGES;
    return { ...this.#sum, documents: new Map(), rebuilt: sound ? new Set() : this.#sum.documents };
  }
}
