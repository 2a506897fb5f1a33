/**
 * Sets of ids with fingerprints of any range of their order, by which two nodes can find where they differ without telling all
 * that they have. Each is a memory of the module of its own. Must not know what an id names.
 *
 * A fingerprint is made of a sum. Whoever makes entries by the million can look for some with equal sums, so an equal one spares
 * work and proves nothing: nothing may be held to be known, kept or erased because of it.
 */
import { toHex, writeHex } from '../../../base/bytes';
import { hash128 } from '../../../base/hash';
import type { GraphModule } from '../../../ports';
import type { EntryId } from '../../op/ids';
import type { SchemaRules } from '../engine';
import { Native } from './native';

const GIB = 2 ** 30;
/** A set asks for less with one more item. */
const STEP = 2 ** 20;
const PLACE = 8;
const ID = 32;
const KEY = PLACE + ID;
const NO_RULES: SchemaRules = { field: () => 'members', deletion: () => 'members', relation: () => 'members' };

const begin = (module: GraphModule): Native => {
  const native = new Native(module, NO_RULES);
  native.calls.init(GIB, 0n);
  return native;
};

/** Before an id: a whole number from 0 to 2^64 - 1, such as a time or a place in a log. Equal ones stand by id. */
export type Place = bigint;
/** Of the items from one place up to another: how many, and 16 bytes that tell them from others. */
export type Fingerprint = { readonly count: number; readonly digest: Uint8Array<ArrayBuffer> };

/** Ids in order. An item goes in or out, and a range is summed, at a cost that hardly grows with what there is. */
export class IdSet {
  readonly #native: Native;
  readonly #set: number;

  constructor(module: GraphModule) {
    this.#native = begin(module);
    this.#set = this.#native.calls.makeSet();
  }
  get size(): number {
    return this.#native.calls.setCount(this.#set);
  }

  /** False when it is there already. Throws `RangeError` at some 20 million ids. */
  add(place: Place, id: EntryId): boolean {
    if (this.#native.calls.used() + STEP > GIB / 2) throw new RangeError('A set of ids is full');
    return this.#native.calls.addToSet(this.#set, this.#key(place, id)) === 1;
  }
  /** False when it is not there. */
  remove(place: Place, id: EntryId): boolean {
    return this.#native.calls.takeFromSet(this.#set, this.#key(place, id)) === 1;
  }
  #key(place: Place, id: EntryId): number {
    const at = this.#native.calls.input(KEY);
    const { bytes } = this.#native;
    new DataView(bytes.buffer, at).setBigUint64(0, place);
    if (!writeHex(id, bytes, at + PLACE, ID)) throw new RangeError('An id is lower-case hex');
    return at;
  }

  /** Of all whose place is at least `from` and below `until`; `until` may be 2^64. */
  fingerprint(from: Place = 0n, until: Place = 1n << 64n): Fingerprint {
    const { calls } = this.#native;
    const at = calls.input(KEY * 2 + ID);
    const view = new DataView(this.#native.bytes.buffer, at);
    // An id of zero bytes stands before all others of its place; after all there are comes one of 255s.
    new Uint8Array(view.buffer, at, KEY * 2).fill(0);
    view.setBigUint64(0, from);
    if (until >> 64n === 0n) view.setBigUint64(KEY, until);
    else new Uint8Array(view.buffer, at + KEY, KEY).fill(255);
    const count = calls.sumOfSet(this.#set, at, at + KEY, at + KEY * 2);
    const sum = this.#native.bytes.slice(at + KEY * 2, at + KEY * 2 + ID);
    const counted = new Uint8Array(8);
    new DataView(counted.buffer).setBigUint64(0, BigInt(count));
    return { count, digest: hash128('lgos/set/1', sum, counted) };
  }
  /** The item that `index` others come before: where a range is cut in parts. */
  at(index: number): { readonly place: Place; readonly id: EntryId } | undefined {
    if (index < 0 || index >= this.size) return undefined;
    const at = this.#native.calls.input(KEY);
    this.#native.calls.keyInSet(this.#set, index, at);
    const key = this.#native.bytes.slice(at, at + KEY);
    return { place: new DataView(key.buffer).getBigUint64(0), id: toHex(key.subarray(PLACE)) as EntryId };
  }
}
