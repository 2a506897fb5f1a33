/**
 * The hash of a state: an additive LtHash a shard, so that an item goes in or out at the same cost at any size and
 * in any order. 1,024 lanes of 16 bits, filled from BLAKE3; the shard's root is SHA-256 over the lanes.
 * What is added is one digest an owner (a node, an edge, a document, the forks of a shard) over all its items, as JSON.
 */
import {
  alloc,
  at,
  compareText,
  copy32,
  empty,
  get,
  H_DIRTY_EDGES,
  H_DIRTY_NODES,
  H_DIRTY_SHARDS,
  H_ITEMS,
  H_OUT,
  H_SCRATCH,
  H_SHARD_LIST,
  H_TEXT,
  lengthOf,
  pop,
  push,
  room,
  same,
  set,
} from './heap';
import { blake3, sha256 } from './hash';
import {
  C_ENTRY,
  C_KEY,
  C_VALUE,
  D_DIGEST,
  D_ENTRY,
  D_FLAGS,
  D_INDEX,
  E_SHARD,
  EDGE_DIRTY,
  F_DIRTY,
  firstCell,
  LIVE,
  N_BIRTH,
  N_DELETIONS,
  N_DIGEST,
  N_FLAGS,
  N_PLACE,
  N_TEXT_DIGEST,
  N_TYPE,
  nextCell,
  strBytes,
  strLength,
} from './intern';
import {
  COUNTS,
  DEL,
  indexOf,
  LIFTED,
  O_A,
  O_B,
  O_ENTRY,
  O_INFO,
  S_FLAGS,
  S_FORK_DIGEST,
  S_FORKS,
  S_LANES,
  S_ROOT,
  shardOf,
  valueBytes,
  valueLength,
} from './nodes';
import { sort } from './sort';

const HEX: u32 = <u32>memory.data<u8>([48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 97, 98, 99, 100, 101, 102]);
const ITEMS: u32 = <u32>memory.data<u8>([108, 103, 111, 115, 47, 105, 116, 101, 109, 115, 47, 49, 0]); // lgos/items/1
const ROOT: u32 = <u32>memory.data<u8>([108, 103, 111, 115, 47, 115, 116, 97, 116, 101, 47, 115, 104, 97, 114, 100, 47, 49, 0]); // lgos/state/shard/1
const NODE_WORD: u32 = <u32>memory.data<u8>([110, 111, 100, 101]);
const CELL_WORD: u32 = <u32>memory.data<u8>([99, 101, 108, 108]);
const DELETED_WORD: u32 = <u32>memory.data<u8>([100, 101, 108, 101, 116, 101, 100]);
const PLACE_WORD: u32 = <u32>memory.data<u8>([112, 108, 97, 99, 101]);
const EDGE_WORD: u32 = <u32>memory.data<u8>([101, 100, 103, 101]);
const TEXT_WORD: u32 = <u32>memory.data<u8>([116, 101, 120, 116]);
const FORK_WORD: u32 = <u32>memory.data<u8>([102, 111, 114, 107]);
const DIGEST: u32 = <u32>memory.data(32, 16);
const ITEM_LANES: u32 = <u32>memory.data(2048, 16);
const LANES_SIZE: u32 = 2048;

// --- JSON text, in a list used as bytes ------------------------------------------------------------------------------

/** Where the next byte goes, and in which list. */
let to: u32 = 0;
let list: u32 = 0;

function begin(which: u32): void {
  list = which;
  empty(which);
  to = 0;
}
// @ts-ignore: decorator
@inline function need(count: u32): u32 {
  room(list, to + count);
  return get(list) + to;
}
function byte(value: u32): void {
  store<u8>(need(1), value);
  to++;
}
/** As JSON writes the inside of a text. */
function escaped(from: u32, length: u32): void {
  const start = need(length * 6);
  let out = start;
  const end = from + length;
  for (let i = from; i < end; i++) {
    // Sixteen at a time, where none needs a backslash.
    while (i + 16 <= end) {
      const bytes = v128.load(i);
      const bad = v128.or(
        v128.or(i8x16.eq(bytes, i8x16.splat(34)), i8x16.eq(bytes, i8x16.splat(92))),
        i8x16.lt_u(bytes, i8x16.splat(32)),
      );
      if (v128.any_true(bad)) break;
      v128.store(out, bytes);
      out += 16;
      i += 16;
    }
    if (i == end) break;
    const char = load<u8>(i);
    if (char == 34 || char == 92) {
      store<u8>(out++, 92);
      store<u8>(out++, char);
    } else if (char >= 32) store<u8>(out++, char);
    else {
      store<u8>(out++, 92);
      const short: u32 = char == 8 ? 98 : char == 9 ? 116 : char == 10 ? 110 : char == 12 ? 102 : char == 13 ? 114 : 0;
      if (short) store<u8>(out++, short);
      else {
        store<u8>(out, 117);
        store<u8>(out + 1, 48);
        store<u8>(out + 2, 48);
        store<u8>(out + 3, load<u8>(HEX + (char >> 4)));
        store<u8>(out + 4, load<u8>(HEX + (char & 15)));
        out += 5;
      }
    }
  }
  to += out - start;
}
function hex(from: u32, length: u32): void {
  const start = need(length * 2);
  for (let i: u32 = 0; i < length; i++) {
    const value = load<u8>(from + i);
    store<u8>(start + i * 2, load<u8>(HEX + (value >> 4)));
    store<u8>(start + i * 2 + 1, load<u8>(HEX + (value & 15)));
  }
  to += length * 2;
}
/** The ids of nodes whose addresses stand in a row, one after the other. */
export function hexIds(nodes: u32, count: u32): void {
  begin(H_TEXT);
  need(count << 5);
  for (let end = nodes + (count << 2); nodes < end; nodes += 4) hex(get(nodes), 16);
}
function decimal(value: u32): void {
  if (value >= 10) decimal(value / 10);
  byte(48 + (value % 10));
}

// Items: {length, text} in TEXT, their offsets in ITEMS.

let itemAt: u32 = 0;
function beginItems(): void {
  empty(H_ITEMS);
  begin(H_TEXT);
}
function beginItem(word: u32, length: u32): void {
  to = (to + 3) & ~3;
  itemAt = to;
  push(H_ITEMS, itemAt);
  need(4);
  to += 4;
  byte(91);
  byte(34);
  escaped(word, length);
}
function part(): void {
  byte(34);
  byte(44);
  byte(34);
}
function endItem(): void {
  byte(34);
  byte(93);
  set(get(list) + itemAt, to - itemAt - 4);
}
function opId(entry: u32, index: u32): void {
  hex(entry, 32);
  byte(58);
  decimal(index);
}
function compareItems(a: u32, b: u32): i32 {
  const x = get(H_TEXT) + a;
  const y = get(H_TEXT) + b;
  return compareText(x + 4, get(x), y + 4, get(y));
}
/** The digest of all items, to DIGEST. */
function finishItems(): void {
  const count = lengthOf(H_ITEMS);
  sort(get(H_ITEMS), count, compareItems);
  begin(H_SCRATCH);
  memory.copy(need(13), ITEMS, 13);
  to += 13;
  byte(91);
  for (let i: u32 = 0; i < count; i++) {
    if (i > 0) byte(44);
    byte(34);
    const item = get(H_TEXT) + at(H_ITEMS, i);
    escaped(item + 4, get(item));
    byte(34);
  }
  byte(93);
  blake3(get(H_SCRATCH), to, DIGEST, 32);
}

// --- Owners ------------------------------------------------------------------------------------------------------------

function lanes(shard: u32, digest: u32, away: bool): void {
  let sums = get(shard + S_LANES);
  if (!sums) {
    sums = alloc(LANES_SIZE);
    set(shard + S_LANES, sums);
  }
  set(shard + S_FLAGS, get(shard + S_FLAGS) | 1);
  blake3(digest, 32, ITEM_LANES, LANES_SIZE);
  for (let i: u32 = 0; i < LANES_SIZE; i += 16) {
    const sum = v128.load(sums + i);
    const item = v128.load(ITEM_LANES + i);
    v128.store(sums + i, away ? i16x8.sub(sum, item) : i16x8.add(sum, item));
  }
}
/** Replaces what `slot` names, {shard, digest}, by the items there are now. */
function settle(slot: u32, shard: u32): void {
  const some = lengthOf(H_ITEMS) > 0;
  if (some) finishItems();
  let known = get(slot);
  if (!known) {
    if (!some) return;
    known = alloc(36);
    set(slot, known);
  }
  const was = get(known);
  if (some && was == shard && same(known + 4, DIGEST, 32)) return;
  if (was) lanes(was, known + 4, true);
  set(known, some ? shard : 0);
  if (!some) return;
  copy32(known + 4, DIGEST);
  lanes(shard, known + 4, false);
}

function hashNode(node: u32): void {
  const birth = get(node + N_BIRTH);
  if (!birth) return;
  const entry = get(birth + O_ENTRY);
  beginItems();
  beginItem(NODE_WORD, 4);
  part();
  hex(node, 16);
  part();
  escaped(strBytes(get(node + N_TYPE)), strLength(get(node + N_TYPE)));
  part();
  hex(entry, 32);
  endItem();
  for (let cell = firstCell(node); cell; cell = nextCell(node, cell)) {
    const winner = get(cell + C_ENTRY);
    if (!winner) continue;
    const key = get(cell + C_KEY);
    const value = get(cell + C_VALUE);
    beginItem(CELL_WORD, 4);
    part();
    hex(node, 16);
    part();
    escaped(strBytes(key), strLength(key));
    part();
    escaped(valueBytes(value), valueLength(value));
    part();
    hex(winner, 32);
    endItem();
  }
  for (let op = get(node + N_DELETIONS); op; op = get(op)) {
    if ((get(op + O_INFO) & (255 | COUNTS | LIFTED)) != (DEL | COUNTS)) continue;
    beginItem(DELETED_WORD, 7);
    part();
    hex(node, 16);
    part();
    opId(get(op + O_ENTRY), indexOf(op));
    endItem();
  }
  const move = get(node + N_PLACE);
  if (move) {
    beginItem(PLACE_WORD, 5);
    part();
    hex(node, 16);
    part();
    if (get(move + O_A)) hex(get(move + O_A), 16);
    part();
    escaped(strBytes(get(move + O_B)), strLength(get(move + O_B)));
    part();
    hex(get(move + O_ENTRY), 32);
    endItem();
  }
  settle(node + N_DIGEST, shardOf(get(entry + E_SHARD)));
}
function hashEdge(item: u32): void {
  beginItems();
  if (get(item + D_FLAGS) & LIVE) {
    beginItem(EDGE_WORD, 4);
    part();
    opId(get(item + D_ENTRY), get(item + D_INDEX));
    endItem();
  }
  settle(item + D_DIGEST, shardOf(get(get(item + D_ENTRY) + E_SHARD)));
}
function hashForks(shard: u32): void {
  beginItems();
  for (let fork = get(shard + S_FORKS); fork; fork = get(fork)) {
    beginItem(FORK_WORD, 4);
    part();
    hex(strBytes(get(fork + 4)), 32);
    endItem();
  }
  settle(shard + S_FORK_DIGEST, shard);
}
/** `sum`: 32 bytes over the document. `shard` 0: nothing stands in it any more. */
export function hashText(node: u32, shard: u32, sum: u32): void {
  beginItems();
  if (!shard) {
    settle(node + N_TEXT_DIGEST, 0);
    return;
  }
  beginItem(TEXT_WORD, 4);
  part();
  hex(node, 16);
  part();
  hex(sum, 32);
  endItem();
  settle(node + N_TEXT_DIGEST, shardOf(shard));
}

export function flagFork(shard: u32, device: u32): void {
  for (let fork = get(shard + S_FORKS); fork; fork = get(fork)) if (get(fork + 4) == device) return;
  const fork = alloc(8);
  set(fork, get(shard + S_FORKS));
  set(fork + 4, device);
  set(shard + S_FORKS, fork);
  if (get(shard + S_FLAGS) & 2) return;
  set(shard + S_FLAGS, get(shard + S_FLAGS) | 2);
  push(H_DIRTY_SHARDS, shard);
}

function isZero(sums: u32): bool {
  for (let i: u32 = 0; i < LANES_SIZE; i += 16) if (v128.any_true(v128.load(sums + i))) return false;
  return true;
}

/** Takes up to `most` of the nodes and edges that changed into the sums of their shards. How many are left. */
export function hashSome(most: u32): u32 {
  for (; most && lengthOf(H_DIRTY_NODES); most--) {
    const node = pop(H_DIRTY_NODES);
    set(node + N_FLAGS, get(node + N_FLAGS) & ~F_DIRTY);
    hashNode(node);
  }
  for (; most && lengthOf(H_DIRTY_EDGES); most--) {
    const item = pop(H_DIRTY_EDGES);
    set(item + D_FLAGS, get(item + D_FLAGS) & ~EDGE_DIRTY);
    hashEdge(item);
  }
  return lengthOf(H_DIRTY_NODES) + lengthOf(H_DIRTY_EDGES);
}

/** To OUT: every shard that has items. Costs time by what changed since the last call. */
export function hashState(): void {
  hashSome(u32.MAX_VALUE);
  for (let i: u32 = 0, count = lengthOf(H_DIRTY_SHARDS); i < count; i++) {
    const shard = at(H_DIRTY_SHARDS, i);
    set(shard + S_FLAGS, get(shard + S_FLAGS) & ~2);
    hashForks(shard);
  }
  empty(H_DIRTY_SHARDS);
  empty(H_OUT);
  for (let i: u32 = 0, count = lengthOf(H_SHARD_LIST); i < count; i++) {
    const shard = at(H_SHARD_LIST, i);
    if (get(shard + S_FLAGS) & 1) {
      const sums = get(shard + S_LANES);
      const zero = isZero(sums);
      if (!zero) {
        begin(H_SCRATCH);
        const from = need(19 + LANES_SIZE);
        memory.copy(from, ROOT, 19);
        memory.copy(from + 19, sums, LANES_SIZE);
        sha256(from, 19 + LANES_SIZE, shard + S_ROOT);
      }
      set(shard + S_FLAGS, (get(shard + S_FLAGS) & ~5) | (zero ? 4 : 0));
    }
    if (!(get(shard + S_FLAGS) & 4)) push(H_OUT, shard);
  }
}
