/**
 * A sorted list that stays sorted: blocks of bounded length, their lengths summed in a Fenwick tree. Put, take, rank and the item
 * at a rank cost O(log n) and one move within a block. It knows nothing of its items but how two of them compare.
 * Rule: no two items compare equal.
 */
import { assert } from '../../base/assert';
import { firstNot } from '../../base/sorted';

const MAX_BLOCK = 512;

export class Sorted<T> {
  #blocks: T[][] = [];
  /** Fenwick tree over the lengths of blocks, from 1. */
  #sums: number[] = [0];
  #size = 0;

  constructor(readonly compare: (a: T, b: T) => number) {}

  /** `items` in any order. */
  static of<T>(items: readonly T[], compare: (a: T, b: T) => number): Sorted<T> {
    const list = new Sorted<T>(compare);
    list.#fill([...items]);
    return list;
  }
  #fill(items: T[]): void {
    items.sort(this.compare);
    this.#blocks = [];
    for (let i = 0; i < items.length; i += MAX_BLOCK / 2) this.#blocks.push(items.slice(i, i + MAX_BLOCK / 2));
    this.#size = items.length;
    this.#sum();
  }

  /** Takes and puts many. `gone` are the very items that are there. */
  change(gone: readonly T[], came: readonly T[]): void {
    if (gone.length + came.length === 0) return;
    if ((gone.length + came.length) * 8 < this.#size) {
      for (const item of gone) this.take(item);
      for (const item of came) this.put(item);
      return;
    }
    const without = new Set(gone);
    const kept = this.#blocks.flatMap((block) =>
      without.size > 0 ? block.filter((item) => !without.has(item)) : block,
    );
    assert(kept.length + gone.length === this.#size, 'what is taken is there');
    this.#fill(kept.concat(came));
  }

  get size(): number {
    return this.#size;
  }

  put(item: T): void {
    const at = Math.min(
      this.#blockFor((other) => this.compare(other, item) < 0),
      this.#blocks.length - 1,
    );
    if (at < 0) {
      this.#blocks.push([item]);
      this.#size = 1;
      return this.#sum();
    }
    const block = this.#blocks[at] as T[];
    const place = firstNot(block, (other) => this.compare(other, item) < 0);
    assert(block[place] === undefined || this.compare(block[place] as T, item) !== 0, 'an item stands once');
    block.splice(place, 0, item);
    this.#size++;
    if (block.length <= MAX_BLOCK) return this.#add(at, 1);
    this.#blocks.splice(at + 1, 0, block.splice(MAX_BLOCK / 2));
    this.#sum();
  }

  /** `item`, or one that compares equal, must be there. */
  take(item: T): void {
    const at = this.#blockFor((other) => this.compare(other, item) < 0);
    const block = this.#blocks[at] ?? [];
    const place = firstNot(block, (other) => this.compare(other, item) < 0);
    assert(place < block.length && this.compare(block[place] as T, item) === 0, 'what is taken is there');
    block.splice(place, 1);
    this.#size--;
    if (block.length > 0) return this.#add(at, -1);
    this.#blocks.splice(at, 1);
    this.#sum();
  }

  /** How many items come before the first for which `isBefore` is false; it must be true of a beginning, false of the rest. */
  rank(isBefore: (item: T) => boolean): number {
    const at = this.#blockFor(isBefore);
    const block = this.#blocks[at];
    return this.#before(at) + (block ? firstNot(block, isBefore) : 0);
  }
  /** The rank of an item that is there. */
  rankOf(item: T): number {
    return this.rank((other) => this.compare(other, item) < 0);
  }

  at(rank: number): T | undefined {
    if (rank < 0 || rank >= this.#size) return undefined;
    const [block, place] = this.#find(rank);
    return this.#blocks[block]?.[place];
  }

  /** Items of the ranks `from` up to `to` (exclusive), in order or `down`. */
  *range(from = 0, to = this.#size, down = false): Generator<T> {
    const [start, end] = [Math.max(0, from), Math.min(this.#size, to)];
    if (start >= end) return;
    let [block, place] = this.#find(down ? end - 1 : start);
    for (let left = end - start; left > 0; left--) {
      yield (this.#blocks[block] as T[])[place] as T;
      place += down ? -1 : 1;
      if (place >= 0 && place < (this.#blocks[block] as T[]).length) continue;
      block += down ? -1 : 1;
      place = down ? (this.#blocks[block]?.length ?? 0) - 1 : 0;
    }
  }

  /** The first block that does not lie before as a whole; the number of blocks when all do. */
  #blockFor(isBefore: (item: T) => boolean): number {
    return firstNot(this.#blocks, (block) => isBefore(block[block.length - 1] as T));
  }
  #sum(): void {
    const sums = new Array<number>(this.#blocks.length + 1).fill(0);
    for (let i = 1; i < sums.length; i++) {
      sums[i] = (sums[i] as number) + (this.#blocks[i - 1] as T[]).length;
      const above = i + (i & -i);
      if (above < sums.length) sums[above] = (sums[above] as number) + (sums[i] as number);
    }
    this.#sums = sums;
  }
  #add(block: number, by: number): void {
    for (let i = block + 1; i < this.#sums.length; i += i & -i) this.#sums[i] = (this.#sums[i] as number) + by;
  }
  /** Items in the first `blocks` blocks. */
  #before(blocks: number): number {
    let sum = 0;
    for (let i = blocks; i > 0; i -= i & -i) sum += this.#sums[i] as number;
    return sum;
  }
  #find(rank: number): [block: number, place: number] {
    let block = 0;
    let left = rank;
    for (let step = 2 ** Math.floor(Math.log2(this.#sums.length)); step > 0; step >>= 1) {
      const sum = this.#sums[block + step];
      if (sum === undefined || sum > left) continue;
      block += step;
      left -= sum;
    }
    return [block, left];
  }
}
