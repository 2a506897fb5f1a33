/**
 * The one linear buffer. Everything that is state lies between HEAD and the top, so that this range is the image.
 * Records never move and are named by their address; 0 names nothing. Blocks (powers of two) are for what grows:
 * tables and lists; a block that was outgrown is used again.
 * No garbage collector, no objects: only addresses.
 */

/** State begins here; constants of the module lie below. */
export const HEAD: u32 = 8192;
export const MAGIC: u32 = 0x4547474c;
/** Raise it with every change of a record's layout: an image of another layout is not read. */
export const LAYOUT: u32 = 4;

// Fields of the head.
export const H_MAGIC: u32 = HEAD;
export const H_LAYOUT: u32 = HEAD + 4;
export const H_TOP: u32 = HEAD + 8;
export const H_LIMIT: u32 = HEAD + 12;
export const H_SEED: u32 = HEAD + 16; // u64
export const H_SPACE: u32 = HEAD + 24; // 32 bytes
export const H_HAS_SPACE: u32 = HEAD + 56;
/** Addresses of the tables, each `table`. */
export const H_STRS: u32 = HEAD + 60;
export const H_NODES: u32 = HEAD + 64;
export const H_ENTRIES: u32 = HEAD + 68;
export const H_BIRTHS: u32 = HEAD + 72;
export const H_EDGES: u32 = HEAD + 76;
export const H_PLACES: u32 = HEAD + 80;
export const H_RULES: u32 = HEAD + 84;
export const H_PARENT_KEY: u32 = HEAD + 88;
export const H_FREE_OPS: u32 = HEAD + 96;
export const H_BYTES: u32 = HEAD + 100;
export const H_BYTES_END: u32 = HEAD + 104;
export const H_BATCH: u32 = HEAD + 108;
export const H_VISIT: u32 = HEAD + 112;
export const H_COUNT_NODES: u32 = HEAD + 116;
export const H_COUNT_FIELDS: u32 = HEAD + 120;
export const H_COUNT_EDGES: u32 = HEAD + 124;
export const H_COUNT_ENTRIES: u32 = HEAD + 128;
export const H_COUNT_OPS: u32 = HEAD + 132;
export const H_INPUT: u32 = HEAD + 136;
export const H_INPUT_LOG2: u32 = HEAD + 140;
/** Lists, each `list`: 12 bytes. */
export const H_CHANGED: u32 = HEAD + 144;
export const H_CHANGED_FROM: u32 = HEAD + 156;
export const H_TURNED: u32 = HEAD + 168;
export const H_BORN: u32 = HEAD + 180;
export const H_REBORN: u32 = HEAD + 192;
export const H_MOVED: u32 = HEAD + 204;
export const H_TEXTS: u32 = HEAD + 216;
export const H_DIRTY_NODES: u32 = HEAD + 228;
export const H_DIRTY_EDGES: u32 = HEAD + 240;
export const H_DIRTY_SHARDS: u32 = HEAD + 252;
export const H_OUT: u32 = HEAD + 264;
export const H_SCRATCH: u32 = HEAD + 276;
export const H_STACK: u32 = HEAD + 288;
export const H_TEXT: u32 = HEAD + 300;
export const H_ITEMS: u32 = HEAD + 312;
export const H_ALL_NODES: u32 = HEAD + 324;
export const H_SHARD_LIST: u32 = HEAD + 336;
/** Of the body that is being taken in: its nodes, and (kind, name) each. */
export const H_BODY_NODES: u32 = HEAD + 348;
export const H_BODY_SHAPES: u32 = HEAD + 360;
export const H_FREE: u32 = HEAD + 384; // 32 addresses, by size
export const HEAP: u32 = HEAD + 512;

const PAGE: u32 = 65536;

// @ts-ignore: decorator
@inline export function get(at: u32): u32 { return load<u32>(at); }
// @ts-ignore: decorator
@inline export function set(at: u32, value: u32): void { store<u32>(at, value); }

/** Makes the memory reach `end`. Traps at the limit: the host asks `roomFor` before it hands anything in. */
export function reach(end: u64): void {
  if (end > <u64>get(H_LIMIT)) unreachable();
  const has = <u64>memory.size() * PAGE;
  if (end <= has) return;
  // Half more than is there, at least what is asked for. Pages that nobody touches cost nothing, but hosts count each
  // growth as a whole new memory, and collect garbage because of it.
  let want = has + (has >> 1);
  if (want < end) want = end;
  if (want > <u64>get(H_LIMIT)) want = get(H_LIMIT);
  const pages = <i32>((want - has + PAGE - 1) / PAGE);
  if (memory.grow(pages) < 0) unreachable();
}

/** A record of `size` bytes, a multiple of 4, all zero. */
export function alloc(size: u32): u32 {
  const at = get(H_TOP);
  const end = <u64>at + size;
  reach(end);
  set(H_TOP, <u32>end);
  return at;
}

/** 2^log2 bytes, at least 8, all zero. */
export function block(log2: u32): u32 {
  const free = H_FREE + log2 * 4;
  const at = get(free);
  if (at) {
    set(free, get(at));
    memory.fill(at, 0, <usize>1 << log2);
    return at;
  }
  return alloc(1 << log2);
}
export function release(at: u32, log2: u32): void {
  const free = H_FREE + log2 * 4;
  set(at, get(free));
  set(free, at);
}

const CHUNK: u32 = 4096;
/** 64 bytes: what the first cells of a node outgrew. */
const SMALL: u32 = 6;
/** Room for `size` bytes that need not be aligned. */
export function bytes(size: u32): u32 {
  if (size > CHUNK >> 2) return alloc((size + 3) & ~3);
  let at = get(H_BYTES);
  if (at + size > get(H_BYTES_END)) {
    const free = H_FREE + SMALL * 4;
    at = get(free);
    if (at && size <= 1 << SMALL) {
      set(free, get(at));
      set(H_BYTES_END, at + (1 << SMALL));
    } else {
      at = alloc(CHUNK);
      set(H_BYTES_END, at + CHUNK);
    }
  }
  set(H_BYTES, at + size);
  return at;
}

// --- Lists: {address, length, log2 of the bytes} -------------------------------------------------------------

// @ts-ignore: decorator
@inline export function lengthOf(list: u32): u32 { return get(list + 4); }
// @ts-ignore: decorator
@inline export function at(list: u32, index: u32): u32 { return get(get(list) + (index << 2)); }
/** The last value of a list that has one, which it has no more. */
// @ts-ignore: decorator
@inline export function pop(list: u32): u32 {
  const last = get(list + 4) - 1;
  set(list + 4, last);
  return get(get(list) + (last << 2));
}
// @ts-ignore: decorator
@inline export function empty(list: u32): void { set(list + 4, 0); }

/** Room for `count` bytes in a list that is used as bytes. */
export function room(list: u32, count: u32): void {
  const log2 = get(list + 8);
  if (log2 != 0 && count <= <u32>1 << log2) return;
  let next = log2 < 5 ? 5 : log2 + 1;
  while (<u32>1 << next < count) next++;
  const to = block(next);
  const from = get(list);
  if (from) {
    memory.copy(to, from, <usize>1 << log2);
    release(from, log2);
  }
  set(list, to);
  set(list + 8, next);
}
export function push(list: u32, value: u32): void {
  const length = get(list + 4);
  const end = (length + 1) << 2;
  const log2 = get(list + 8);
  if (log2 == 0 || end > <u32>1 << log2) room(list, end);
  set(get(list) + (length << 2), value);
  set(list + 4, length + 1);
}

// --- Bytes ---------------------------------------------------------------------------------------------------

export function same(a: u32, b: u32, length: u32): bool {
  let i: u32 = 0;
  for (; i + 8 <= length; i += 8) if (load<u64>(a + i) != load<u64>(b + i)) return false;
  for (; i < length; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
  return true;
}
/** As unsigned bytes; a shorter one that the other begins with comes first. */
export function compareBytes(a: u32, aLength: u32, b: u32, bLength: u32): i32 {
  const shared = min(aLength, bLength);
  for (let i: u32 = 0; i < shared; i++) {
    const x = load<u8>(a + i);
    const y = load<u8>(b + i);
    if (x != y) return x < y ? -1 : 1;
  }
  return aLength == bLength ? 0 : aLength < bLength ? -1 : 1;
}
/** UTF-8 in the order that JavaScript gives the same texts: by UTF-16 code unit. */
export function compareText(a: u32, aLength: u32, b: u32, bLength: u32): i32 {
  const shared = min(aLength, bLength);
  let i: u32 = 0;
  while (i + 8 <= shared && load<u64>(a + i) == load<u64>(b + i)) i += 8;
  for (; i < shared; i++) {
    const x = load<u8>(a + i);
    const y = load<u8>(b + i);
    if (x == y) continue;
    // Four bytes are two surrogates, which stand below U+E000 to U+FFFF.
    if (x >= 0xee && y >= 0xee && (x >= 0xf0) != (y >= 0xf0)) return x >= 0xf0 ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return aLength == bLength ? 0 : aLength < bLength ? -1 : 1;
}

/** Small copies: the engine's own bulk copy costs more than they do. */
// @ts-ignore: decorator
@inline export function copy16(to: u32, from: u32): void { v128.store(to, v128.load(from)); }
// @ts-ignore: decorator
@inline export function copy32(to: u32, from: u32): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
}
// @ts-ignore: decorator
@inline export function copy64(to: u32, from: u32): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  v128.store(to, v128.load(from, 32), 32);
  v128.store(to, v128.load(from, 48), 48);
}
export function copy(to: u32, from: u32, length: u32): void {
  if (length > 128) {
    memory.copy(to, from, length);
    return;
  }
  let i: u32 = 0;
  for (; i + 16 <= length; i += 16) v128.store(to + i, v128.load(from + i));
  for (; i < length; i++) store<u8>(to + i, load<u8>(from + i));
}

// --- Hash tables of addresses: {slots, log2 of their number, count} ---------------------------------------------
// A slot has the hash beside the address, so that looking past others reads none of their records.

/** Keyed, so that nobody outside can choose what collides. */
export function hashBytes(at: u32, length: u32): u32 {
  let h: u64 = load<u64>(H_SEED) ^ <u64>length;
  let i: u32 = 0;
  for (; i + 8 <= length; i += 8) h = mix(h ^ load<u64>(at + i));
  let tail: u64 = 0;
  for (let shift: u64 = 0; i < length; i++, shift += 8) tail |= <u64>load<u8>(at + i) << shift;
  h = mix(h ^ tail ^ 0x9e3779b97f4a7c15);
  return <u32>(h ^ (h >> 32));
}
// @ts-ignore: decorator
@inline export function mix(value: u64): u64 {
  let h = value * 0xbf58476d1ce4e5b9;
  h ^= h >> 29;
  h *= 0x94d049bb133111eb;
  return h ^ (h >> 32);
}
export function hash16(at: u32): u32 {
  const h = mix(mix(load<u64>(H_SEED) ^ load<u64>(at)) ^ load<u64>(at, 8));
  return <u32>(h ^ (h >> 32));
}
export function hashPair(a: u32, b: u32): u32 {
  const h = mix(load<u64>(H_SEED) ^ (<u64>a << 32) ^ <u64>b);
  return <u32>h;
}

export function makeTable(): u32 {
  const table = alloc(12);
  set(table, block(7));
  set(table + 4, 4);
  return table;
}
// @ts-ignore: decorator
@inline export function slots(table: u32): u32 { return get(table); }
// @ts-ignore: decorator
@inline export function mask(table: u32): u32 { return (<u32>1 << get(table + 4)) - 1; }
/** In bytes: a slot holds the hash and the address. */
const SLOT_LOG2: u32 = 3;
// @ts-ignore: decorator
@inline export function slotAt(slots: u32, index: u32): u32 { return slots + (index << SLOT_LOG2); }
/** The address in a slot; 0: it is empty. */
// @ts-ignore: decorator
@inline export function itemIn(slot: u32): u32 { return get(slot + 4); }
/** Puts an item that is known to be new. At most four of five slots are filled; nothing of the items is read. */
export function insert(table: u32, hash: u32, item: u32): void {
  const count = get(table + 8) + 1;
  set(table + 8, count);
  if (count * 5 > (<u32>4 << get(table + 4))) {
    const old = get(table);
    const log2 = get(table + 4);
    set(table, block(log2 + 1 + SLOT_LOG2));
    set(table + 4, log2 + 1);
    for (let slot = old, end = slotAt(old, <u32>1 << log2); slot < end; slot += 1 << SLOT_LOG2) {
      if (itemIn(slot)) place(table, get(slot), itemIn(slot));
    }
    release(old, log2 + SLOT_LOG2);
  }
  place(table, hash, item);
}
function place(table: u32, hash: u32, item: u32): void {
  const m = mask(table);
  const s = slots(table);
  let i = hash & m;
  while (itemIn(slotAt(s, i))) i = (i + 1) & m;
  set(slotAt(s, i), hash);
  set(slotAt(s, i) + 4, item);
}
