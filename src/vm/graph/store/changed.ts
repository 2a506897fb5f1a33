/**
 * Nodes that changed: addresses until somebody asks for ids. Addresses never change their meaning, so an answer may come
 * long after the change. Must not know what changed in them.
 */
import type { NodeId } from '../../op/ids';
import type { ChangeSet, NodeSet } from '../engine';
import type { Address, Native } from './native';

export const NO_CHANGES: ChangeSet = {
  nodes: new Set(),
  types: new Set(),
  documents: new Map(),
  rebuilt: new Set(),
  edges: new Set(),
};

export class ChangedNodes implements NodeSet {
  #ids: Set<NodeId> | undefined;

  /** `more`: none of `addresses`. */
  constructor(
    readonly native: Native,
    readonly addresses: Uint32Array,
    readonly more: ReadonlySet<NodeId>,
  ) {}

  get #known(): Set<NodeId> {
    this.#ids ??= new Set([...this.native.ids(this.addresses), ...this.more]);
    return this.#ids;
  }
  get size(): number {
    return this.addresses.length + this.more.size;
  }
  has(id: NodeId): boolean {
    return this.size > 0 && this.#known.has(id);
  }
  [Symbol.iterator](): Iterator<NodeId> {
    return this.#known.values();
  }
}

/** Nodes of many changes, each once, until they are taken. */
export class GatheredNodes {
  #native: Native | undefined;
  readonly #addresses = new Set<Address>();
  readonly #ids = new Set<NodeId>();

  /** A node may count twice. */
  get size(): number {
    return this.#addresses.size + this.#ids.size;
  }
  add(nodes: Iterable<NodeId>): void {
    if (!(nodes instanceof ChangedNodes) || (this.#native && this.#native !== nodes.native)) {
      for (const id of nodes) this.#ids.add(id);
      return;
    }
    this.#native = nodes.native;
    for (const address of nodes.addresses) this.#addresses.add(address);
    for (const id of nodes.more) this.#ids.add(id);
  }
  /** At most `most` of them, which it then no longer has. */
  take(most: number): readonly NodeId[] {
    const addresses = first(this.#addresses, most);
    const ids = first(this.#ids, most - addresses.length);
    const known = this.#native ? this.#native.ids(Uint32Array.from(addresses)) : [];
    return ids.length > 0 ? [...new Set([...known, ...ids])] : known;
  }
}

const first = <T>(set: Set<T>, most: number): readonly T[] => {
  if (set.size <= most) {
    const all = [...set];
    set.clear();
    return all;
  }
  const taken: T[] = [];
  for (const item of set) {
    if (taken.length >= most) break;
    taken.push(item);
  }
  for (const item of taken) set.delete(item);
  return taken;
};
