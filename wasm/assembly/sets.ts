/**
 * Sets of ids (32 bytes) in an order of the host's, with sums over any range of it: two nodes whose sums of a range are equal hold
 * the same there. An item is a place of 8 bytes and an id, compared as 40 bytes. Blocks of items in a row, each with the sum of its
 * ids, read as numbers of 256 bits, little-endian, modulo 2^256: an item goes in or out at the same cost in any order.
 * Must not know what an id names.
 */
import { alloc, at, block, compareBytes, copy, copy32, get, lengthOf, push, release, set } from './heap';

const ITEM: u32 = 40;
const MOST: u32 = 200;
// A block: number of items, sum at 8, items
const SUM: u32 = 8;
const ITEMS: u32 = 40;
/** 2^13 bytes hold one. */
const BLOCK: u32 = 13;
/** {list of blocks: 12, number of items} */
const SET_SIZE: u32 = 16;
const COUNT: u32 = 12;

export function makeSet(): u32 {
  const made = alloc(SET_SIZE);
  push(made, block(BLOCK));
  return made;
}
export function setCount(items: u32): u32 { return get(items + COUNT); }

// @ts-ignore: decorator
@inline function item(row: u32, index: u32): u32 { return row + ITEMS + index * ITEM; }
function add(sum: u32, id: u32, away: bool): void {
  let carry: u64 = 0;
  for (let i: u32 = 0; i < 32; i += 8) {
    const a = load<u64>(sum + i);
    const b = load<u64>(id + i);
    if (away) {
      const c = a - b;
      store<u64>(sum + i, c - carry);
      carry = u64(a < b || c < carry);
    } else {
      const c = a + b;
      store<u64>(sum + i, c + carry);
      carry = u64(c < a || c + carry < c);
    }
  }
}
/** The first block that does not lie before `key` as a whole, or the last. */
function blockFor(items: u32, key: u32): u32 {
  let low: u32 = 0;
  let high = lengthOf(items) - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = at(items, middle);
    if (compareBytes(item(row, get(row) - 1), ITEM, key, ITEM) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
/** How many items of a block come before `key`. */
function rank(row: u32, key: u32): u32 {
  let low: u32 = 0;
  let high = get(row);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareBytes(item(row, middle), ITEM, key, ITEM) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
// @ts-ignore: decorator
@inline function isAt(row: u32, index: u32, key: u32): bool {
  return index < get(row) && compareBytes(item(row, index), ITEM, key, ITEM) == 0;
}

/** False when it is there already. */
export function addToSet(items: u32, key: u32): bool {
  let place = blockFor(items, key);
  let row = at(items, place);
  let index = rank(row, key);
  if (isAt(row, index, key)) return false;
  if (get(row) == MOST) {
    split(items, place);
    if (index > MOST >> 1) {
      row = at(items, place + 1);
      index -= MOST >> 1;
    }
  }
  const count = get(row);
  memory.copy(item(row, index + 1), item(row, index), (count - index) * ITEM);
  copy(item(row, index), key, ITEM);
  set(row, count + 1);
  add(row + SUM, key + 8, false);
  set(items + COUNT, get(items + COUNT) + 1);
  return true;
}
function split(items: u32, place: u32): void {
  const full = at(items, place);
  const half = MOST >> 1;
  const made = block(BLOCK);
  memory.copy(item(made, 0), item(full, half), half * ITEM);
  set(made, half);
  set(full, half);
  for (let i: u32 = 0; i < half; i++) {
    const id = item(made, i) + 8;
    add(made + SUM, id, false);
    add(full + SUM, id, true);
  }
  push(items, 0);
  const blocks = get(items);
  memory.copy(blocks + ((place + 2) << 2), blocks + ((place + 1) << 2), (lengthOf(items) - place - 2) << 2);
  set(blocks + ((place + 1) << 2), made);
}
/** False when it is not there. */
export function takeFromSet(items: u32, key: u32): bool {
  const place = blockFor(items, key);
  const row = at(items, place);
  const index = rank(row, key);
  if (!isAt(row, index, key)) return false;
  add(row + SUM, key + 8, true);
  const count = get(row) - 1;
  set(row, count);
  memory.copy(item(row, index), item(row, index + 1), (count - index) * ITEM);
  set(items + COUNT, get(items + COUNT) - 1);
  const blocks = lengthOf(items);
  if (count > 0 || blocks == 1) return true;
  const from = get(items) + (place << 2);
  memory.copy(from, from + 4, (blocks - place - 1) << 2);
  set(items + 4, blocks - 1);
  release(row, BLOCK);
  return true;
}

/** The sum of the ids from one key up to another (exclusive): 32 bytes to `to`; gives how many there are. */
export function sumOfSet(items: u32, from: u32, until: u32, to: u32): u32 {
  memory.fill(to, 0, 32);
  let found: u32 = 0;
  const blocks = lengthOf(items);
  for (let place = blockFor(items, from); place < blocks; place++) {
    const row = at(items, place);
    const count = get(row);
    if (count == 0) return 0;
    const begins = compareBytes(from, ITEM, item(row, 0), ITEM) <= 0;
    const first: u32 = begins ? 0 : rank(row, from);
    const ends = compareBytes(item(row, count - 1), ITEM, until, ITEM) < 0;
    const last: u32 = ends ? count : rank(row, until);
    if (begins && ends) add(to, row + SUM, false);
    else for (let i = first; i < last; i++) add(to, item(row, i) + 8, false);
    if (last > first) found += last - first;
    if (!ends) break;
  }
  return found;
}
/** The key of the item that `index` others come before; only of one that is there. 40 bytes to `to`. */
export function keyInSet(items: u32, index: u32, to: u32): void {
  let left = index;
  for (let place: u32 = 0, blocks = lengthOf(items); place < blocks; place++) {
    const row = at(items, place);
    if (left < get(row)) {
      copy32(to, item(row, left));
      store<u64>(to + 32, load<u64>(item(row, left) + 32));
      return;
    }
    left -= get(row);
  }
}
