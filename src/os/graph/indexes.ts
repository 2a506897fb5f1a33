/**
 * The indexes of one space, as its types declare them: nodes of a type sorted by some of their fields. One serves equality on its
 * first fields, then a range or the beginning of a text, then an order. Built in slices. What changed is only noted, and
 * looked at when somebody asks: a node that changed a hundred times by then is looked at once.
 * Parents and relations need none: the engine finds both ways. It knows no type by name.
 */
import { GatheredNodes } from '../../vm/graph/store/changed';
import type { Engine, GraphNode, NodeId, ShardId, TypeRule, UserId } from '../schema/define';
import { type Arrival, type Arrivals, arrivalOf, KeptArrivals, type PositionOf, sameArrival } from './arrivals';
import { compareKeys, type Key, keptValue, keyOf } from './key';
import { KeptNotices, type Notices } from './notices';
import { Sorted } from './sorted';

export type IndexEntry = { readonly id: NodeId; readonly keys: readonly Key[] };
export type Index = { readonly fields: readonly string[]; readonly entries: Sorted<IndexEntry> };
type Standing = {
  readonly type: string;
  readonly entries: readonly IndexEntry[];
  readonly shard: ShardId;
  readonly arrival: Arrival | undefined;
};
/** `gone` and `came`: of the nodes that are being looked at. */
type KeptIndex = Index & { readonly gone: IndexEntry[]; readonly came: IndexEntry[] };
type OfType = {
  readonly indexes: readonly KeptIndex[];
  readonly removed: Set<NodeId>;
  /** By part, of types that count as unread. */
  readonly arrivals: Map<ShardId, KeptArrivals> | undefined;
  count: number;
};
/** So many changed nodes are looked at while a question waits: some milliseconds. */
const AT_ONCE = 1_000;
const NOTHING: Arrivals = new KeptArrivals();

const compareEntries = (a: IndexEntry, b: IndexEntry): number => {
  for (let i = 0; i < a.keys.length; i++) {
    const apart = compareKeys(a.keys[i], b.keys[i]);
    if (apart !== 0) return apart;
  }
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
};

export class Indexes {
  readonly #types = new Map<string, OfType>();
  readonly #standing = new Map<NodeId, Standing>();
  readonly #unread: string[] = [];
  /** Of the type that is being taken in; from `#next` on they are still to be looked at. */
  #ids: readonly NodeId[] = [];
  #next = 0;
  /** Changed, and not looked at again. */
  readonly #noted = new GatheredNodes();
  readonly #notices: KeptNotices | undefined;

  constructor(
    readonly engine: Pick<Engine, 'node' | 'idsOfType'>,
    rules: ReadonlyMap<string, TypeRule>,
    /** Without it nothing is known of arrivals. */
    readonly positionOf?: PositionOf,
    /** Whose notices are kept; none without. */
    me?: UserId,
  ) {
    this.#notices = me === undefined ? undefined : new KeptNotices(me, rules);
    for (const [type, { indexes, unread }] of rules) {
      if (!indexes) continue;
      this.#types.set(type, {
        indexes: Object.values(indexes).map((fields) => ({
          ...{ fields, entries: new Sorted(compareEntries) },
          ...{ gone: [], came: [] },
        })),
        removed: new Set(),
        arrivals: unread && positionOf ? new Map() : undefined,
        count: 0,
      });
      this.#unread.push(type);
    }
  }

  /** Otherwise a question has to be answered without them, and `build` goes on. */
  get ready(): boolean {
    return this.#next === this.#ids.length && this.#unread.length === 0 && this.#noted.size <= AT_ONCE;
  }
  /** Takes in at most `most` nodes; gives whether all are in. */
  build(most: number): boolean {
    let left = most;
    while (left > 0 && (this.#next < this.#ids.length || this.#unread.length > 0)) {
      if (this.#next === this.#ids.length) {
        const type = this.#unread.pop() as string;
        this.#ids = this.engine.idsOfType(type);
        this.#next = 0;
      }
      const slice = this.#ids.slice(this.#next, this.#next + left);
      this.#next += slice.length;
      left -= Math.max(1, slice.length);
      this.#look(slice);
    }
    if (this.#next === this.#ids.length) [this.#ids, this.#next] = [[], 0];
    if (left > 0) this.#look(this.#noted.take(left));
    return this.ready;
  }
  /** What was noted last: few, or it would not be ready. */
  #catchUp(): void {
    if (this.#noted.size > 0) this.#look(this.#noted.take(Number.POSITIVE_INFINITY));
  }

  /** Indexes of a type; none for a type that declares none. */
  of(type: string): readonly Index[] {
    this.#catchUp();
    return this.#types.get(type)?.indexes ?? [];
  }
  /** How many nodes of a type there are with the removed; `undefined` for a type that declares no index. */
  count(type: string): number | undefined {
    this.#catchUp();
    return this.#types.get(type)?.count;
  }
  removed(type: string): ReadonlySet<NodeId> | undefined {
    this.#catchUp();
    return this.#types.get(type)?.removed;
  }

  /** What arrived of a type in a part; `undefined` where that is not kept. */
  arrivals(type: string, part: ShardId): Arrivals | undefined {
    this.#catchUp();
    const kept = this.#types.get(type)?.arrivals;
    return kept && (kept.get(part) ?? NOTHING);
  }

  /** What addresses the person, who is called so. */
  notices(name: string): Notices | undefined {
    this.#catchUp();
    this.#notices?.call(name);
    return this.#notices;
  }

  /** These nodes are to be looked at again. */
  changed(nodes: Iterable<NodeId>): void {
    this.#noted.add(nodes);
  }
  /** None of them twice. */
  #look(nodes: Iterable<NodeId>): void {
    for (const id of nodes) {
      const node = this.engine.node(id);
      const known = this.#standing.get(id);
      const ofType = node && this.#types.get(node.type);
      if (known && known.type !== node?.type) this.#forget(id, known);
      if (known || ofType) this.#notices?.look(id, ofType ? node : undefined);
      if (node && ofType) this.#note(node, ofType, known?.type === node.type ? known : undefined);
    }
    for (const { indexes } of this.#types.values()) {
      for (const { entries, gone, came } of indexes) {
        entries.change(gone, came);
        gone.length = 0;
        came.length = 0;
      }
    }
  }

  #note(node: GraphNode, ofType: OfType, known: Standing | undefined): void {
    const entries = ofType.indexes.map(({ fields, gone, came }, i): IndexEntry => {
      const entry = { id: node.id, keys: fields.map((field) => keyOf(keptValue(node, field))) };
      const before = known?.entries[i];
      if (before && compareEntries(before, entry) === 0) return before;
      if (before) gone.push(before);
      came.push(entry);
      return entry;
    });
    if (!known) ofType.count++;
    if (node.deleted) ofType.removed.add(node.id);
    else ofType.removed.delete(node.id);
    const arrival = this.#arrive(node, ofType, known);
    if (known && known.arrival === arrival && entries.every((entry, i) => entry === known.entries[i])) return;
    this.#standing.set(node.id, { type: node.type, entries, shard: node.shard, arrival });
  }

  /** A device may claim one node twice; where the earlier claim comes later, the node is of another part from then on. */
  #arrive(node: GraphNode, { arrivals }: OfType, known: Standing | undefined): Arrival | undefined {
    if (!arrivals || !this.positionOf) return undefined;
    const arrival = arrivalOf(node, this.positionOf);
    const before = known?.arrival;
    if (before && known.shard === node.shard && sameArrival(before, arrival)) return before;
    if (before) arrivals.get(known.shard)?.take(before);
    const ofPart = arrivals.get(node.shard) ?? new KeptArrivals();
    arrivals.set(node.shard, ofPart);
    ofPart.put(arrival);
    return arrival;
  }

  #forget(id: NodeId, { type, entries, shard, arrival }: Standing): void {
    const ofType = this.#types.get(type);
    ofType?.indexes.forEach(({ gone }, i) => {
      gone.push(entries[i] as IndexEntry);
    });
    if (arrival) ofType?.arrivals?.get(shard)?.take(arrival);
    if (ofType) ofType.count--;
    ofType?.removed.delete(id);
    this.#standing.delete(id);
  }
}
