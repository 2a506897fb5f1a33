/**
 * Ids and names become addresses once. A `str` is a byte string of a kind: logs, types, targets of edges, shards, keys,
 * users, devices; the same bytes under two kinds are two. Nodes and entries have records of their own, made when they
 * are first named, long before they are known.
 */
import {
  alloc,
  block,
  copy,
  copy16,
  copy32,
  get,
  H_ALL_NODES,
  H_BIRTHS,
  H_EDGES,
  H_ENTRIES,
  H_NODES,
  H_PLACES,
  H_STRS,
  hash16,
  hashBytes,
  hashPair,
  insert,
  itemIn,
  makeTable,
  mask,
  push,
  release,
  same,
  set,
  slotAt,
  slots,
} from './heap';

export const LOG: u32 = 1;
export const TYPE: u32 = 2;
export const TARGET: u32 = 3;
export const SHARD: u32 = 4;
export const NAME: u32 = 5;
export const USER: u32 = 6;
export const DEVICE: u32 = 7;

// str: length | kind << 24, what hangs on it, bytes
// @ts-ignore: decorator
@inline export function strLength(str: u32): u32 { return get(str) & 0xffffff; }
// @ts-ignore: decorator
@inline export function strBytes(str: u32): u32 { return str + 8; }
/** Of a log: where it forked. Of a type or shard: its nodes. Of a target: the edges to it. */
// @ts-ignore: decorator
@inline export function aux(str: u32): u32 { return get(str + 4); }
// @ts-ignore: decorator
@inline export function setAux(str: u32, value: u32): void { set(str + 4, value); }

export function findStr(kind: u32, at: u32, length: u32): u32 {
  const hash = hashBytes(at, length) + kind;
  const table = get(H_STRS);
  const m = mask(table);
  const s = slots(table);
  const tag = length | (kind << 24);
  let i = hash & m;
  while (true) {
    const slot = slotAt(s, i);
    const str = itemIn(slot);
    if (!str) return 0;
    if (get(slot) == hash && get(str) == tag && same(strBytes(str), at, length)) return str;
    i = (i + 1) & m;
  }
}
export function str(kind: u32, at: u32, length: u32): u32 {
  const known = findStr(kind, at, length);
  if (known) return known;
  const hash = hashBytes(at, length) + kind;
  const made = alloc(8 + ((length + 3) & ~3));
  set(made, length | (kind << 24));
  copy(strBytes(made), at, length);
  insert(get(H_STRS), hash, made);
  return made;
}

// --- Nodes ---------------------------------------------------------------------------------------------------

// id 16 at 0. What a write of a field needs comes first, so that it is read with the id.
/** What its id is derived from, once that was named. */
export const N_COUNTER: u32 = 16; // u64
export const N_DEVICE: u32 = 24;
export const N_INCARNATION: u32 = 28;
/** The entry that made it; 0: it is not born. */
export const N_HOME: u32 = 32;
export const N_TYPE: u32 = 36;
export const N_CELLS: u32 = 40;
export const N_CELL_STATE: u32 = 44;
export const N_UPDATED: u32 = 48; // f64
export const N_BATCH: u32 = 56;
export const N_FLAGS: u32 = 60;
export const N_BIRTH: u32 = 64;
/** Births that lost, texts, and field writes that do not count. */
export const N_OPS: u32 = 68;
export const N_DELETIONS: u32 = 72;
export const N_MOVES: u32 = 76;
/** Deletions that count and that nobody lifted. */
export const N_OPEN: u32 = 80;
export const N_TYPE_NEXT: u32 = 84;
export const N_TYPE_PREV: u32 = 88;
export const N_SHARD_NEXT: u32 = 92;
export const N_SHARD_PREV: u32 = 96;
export const N_EDGES: u32 = 100;
/** What was added to the hash of a shard for it, and for its text. */
export const N_DIGEST: u32 = 104;
export const N_TEXT_DIGEST: u32 = 108;
/** The move that holds. */
export const N_PLACE: u32 = 112;
export const NODE_SIZE: u32 = 116;

export const F_DIRTY: u32 = 1;
export const F_TURNED: u32 = 2;
export const F_MOVED: u32 = 4;
export const F_FROM: u32 = 8;

export function findNode(id: u32): u32 {
  const table = get(H_NODES);
  const m = mask(table);
  const s = slots(table);
  const hash = hash16(id);
  let i = hash & m;
  while (true) {
    const slot = slotAt(s, i);
    const node = itemIn(slot);
    if (!node) return 0;
    if (get(slot) == hash && load<u64>(node) == load<u64>(id) && load<u64>(node, 8) == load<u64>(id, 8)) return node;
    i = (i + 1) & m;
  }
}
export function node(id: u32): u32 {
  const known = findNode(id);
  if (known) return known;
  const made = alloc(NODE_SIZE);
  copy16(made, id);
  insert(get(H_NODES), hash16(made), made);
  push(H_ALL_NODES, made);
  return made;
}

// --- Entries -------------------------------------------------------------------------------------------------

// id 32 at 0
export const E_HLC: u32 = 32; // f64
export const E_SEQ: u32 = 40; // f64
export const E_LOG: u32 = 48;
export const E_SHARD: u32 = 52;
export const E_DEVICE: u32 = 56;
export const E_AUTHOR: u32 = 60;
export const E_PREV: u32 = 64;
/** {count, addresses} */
export const E_DEPS: u32 = 68;
/** Role, and `KNOWN` once the entry itself is here. */
export const E_ROLE: u32 = 72;
/** The next that claims the same place in its log. */
export const E_BESIDE: u32 = 76;
export const E_VISIT: u32 = 80;
export const ENTRY_SIZE: u32 = 84;
export const KNOWN: u32 = 256;

/** 0 where nobody ever named it. */
export function findEntry(id: u32): u32 {
  const table = get(H_ENTRIES);
  const m = mask(table);
  const s = slots(table);
  const hash = hashBytes(id, 32);
  let i = hash & m;
  while (true) {
    const slot = slotAt(s, i);
    const known = itemIn(slot);
    if (!known) return 0;
    if (get(slot) == hash && same(known, id, 32)) return known;
    i = (i + 1) & m;
  }
}
export function entry(id: u32): u32 {
  const found = findEntry(id);
  if (found) return found;
  const made = alloc(ENTRY_SIZE);
  copy32(made, id);
  insert(get(H_ENTRIES), hashBytes(id, 32), made);
  return made;
}

// --- Places in logs: the entries that claim one, by (log, seq) -------------------------------------------------------

// @ts-ignore: decorator
@inline function placeHash(log: u32, seq: f64): u32 {
  const bits = reinterpret<u64>(seq);
  return hashPair(log ^ <u32>(bits >> 32), <u32>bits);
}
export function placed(log: u32, seq: f64): u32 {
  const table = get(H_PLACES);
  const m = mask(table);
  const s = slots(table);
  const hash = placeHash(log, seq);
  let i = hash & m;
  while (true) {
    const slot = slotAt(s, i);
    const item = itemIn(slot);
    if (!item) return 0;
    if (get(slot) == hash && get(item + E_LOG) == log && load<f64>(item + E_SEQ) == seq) return item;
    i = (i + 1) & m;
  }
}
export function putPlaced(item: u32): void {
  insert(get(H_PLACES), placeHash(get(item + E_LOG), load<f64>(item + E_SEQ)), item);
}

// --- Nodes by their births: (device, incarnation, counter) ------------------------------------------------------------

// @ts-ignore: decorator
@inline function birthHash(device: u32, incarnation: u32, counter: u64): u32 {
  return hashPair(device ^ <u32>(counter >> 32), <u32>counter ^ (incarnation << 24));
}
/** 0 where nobody named it so. */
export function findBorn(device: u32, incarnation: u32, counter: u64): u32 {
  const table = get(H_BIRTHS);
  const m = mask(table);
  const s = slots(table);
  const hash = birthHash(device, incarnation, counter);
  let i = hash & m;
  while (true) {
    const slot = slotAt(s, i);
    const item = itemIn(slot);
    if (!item) return 0;
    if (
      get(slot) == hash &&
      load<u64>(item + N_COUNTER) == counter &&
      get(item + N_DEVICE) == device &&
      get(item + N_INCARNATION) == incarnation
    ) return item;
    i = (i + 1) & m;
  }
}
/** What the id of a node was derived from; the same whoever asks. */
export function putBorn(item: u32, device: u32, incarnation: u32, counter: u64): void {
  if (get(item + N_DEVICE)) return;
  set(item + N_DEVICE, device);
  set(item + N_INCARNATION, incarnation);
  store<u64>(item + N_COUNTER, counter);
  insert(get(H_BIRTHS), birthHash(device, incarnation, counter), item);
}

// --- Cells: the fields of a node, in a block of its own ------------------------------------------------------------------

/** 0: no cell. */
export const C_KEY: u32 = 0;
/** The winner: entry (0: nothing counts here any more), value, place in the entry. */
export const C_ENTRY: u32 = 4;
export const C_VALUE: u32 = 8;
export const C_INDEX: u32 = 12;
/** All other writes that count. */
export const C_OTHERS: u32 = 16;
const CELL_SIZE: u32 = 20;
/** 64 bytes hold the first three; in up to 512 they stand in a row, beyond they are found by hash. */
const FIRST_CELLS: u32 = 6;
const LAST_ROW: u32 = 9;
/** How many cells there are, and log2 of the block's bytes. */
const CELL_COUNT: u32 = (1 << 27) - 1;
const CELL_LOG2: u32 = 27;

// @ts-ignore: decorator
@inline function cellsIn(log2: u32): u32 { return (<u32>1 << log2) / CELL_SIZE; }
/** Where the cell of `key` is, or may be. */
function cellSlot(cells: u32, log2: u32, owner: u32, key: u32): u32 {
  const end = cells + cellsIn(log2) * CELL_SIZE;
  let cell = cells + (hashPair(owner, key) % cellsIn(log2)) * CELL_SIZE;
  while (get(cell) && get(cell) != key) {
    cell += CELL_SIZE;
    if (cell == end) cell = cells;
  }
  return cell;
}
/** A cell stays where it is until another is made for the same node. */
export function findCell(owner: u32, key: u32): u32 {
  const state = get(owner + N_CELL_STATE);
  const log2 = state >> CELL_LOG2;
  const cells = get(owner + N_CELLS);
  if (log2 > LAST_ROW) {
    const cell = cellSlot(cells, log2, owner, key);
    return get(cell) ? cell : 0;
  }
  const end = cells + (state & CELL_COUNT) * CELL_SIZE;
  for (let cell = cells; cell < end; cell += CELL_SIZE) if (get(cell) == key) return cell;
  return 0;
}
/** Of a key that has none. */
export function makeCell(owner: u32, key: u32): u32 {
  const state = get(owner + N_CELL_STATE);
  const count = state & CELL_COUNT;
  let log2 = state >> CELL_LOG2;
  let cells = get(owner + N_CELLS);
  const room: u32 = log2 == 0 ? 0 : log2 > LAST_ROW ? (cellsIn(log2) * 3) >> 2 : cellsIn(log2);
  if (count >= room) {
    const wider: u32 = log2 == 0 ? FIRST_CELLS : log2 + 1;
    const to = block(wider);
    if (wider <= LAST_ROW) copy(to, cells, count * CELL_SIZE);
    else for (let cell = firstCell(owner); cell; cell = nextCell(owner, cell)) copy(cellSlot(to, wider, owner, get(cell)), cell, CELL_SIZE);
    if (log2) release(cells, log2);
    log2 = wider;
    cells = to;
    set(owner + N_CELLS, cells);
  }
  set(owner + N_CELL_STATE, (count + 1) | (log2 << CELL_LOG2));
  const cell = log2 > LAST_ROW ? cellSlot(cells, log2, owner, key) : cells + count * CELL_SIZE;
  set(cell, key);
  return cell;
}
export function firstCell(owner: u32): u32 {
  const cells = get(owner + N_CELLS);
  return cells ? nextCell(owner, cells - CELL_SIZE) : 0;
}
export function nextCell(owner: u32, cell: u32): u32 {
  const state = get(owner + N_CELL_STATE);
  const log2 = state >> CELL_LOG2;
  const end = get(owner + N_CELLS) + (log2 > LAST_ROW ? cellsIn(log2) : state & CELL_COUNT) * CELL_SIZE;
  for (cell += CELL_SIZE; cell < end; cell += CELL_SIZE) if (get(cell)) return cell;
  return 0;
}

// --- Edges: by the op that adds them ---------------------------------------------------------------------------

export const D_ENTRY: u32 = 0;
export const D_INDEX: u32 = 4;
export const D_FLAGS: u32 = 8;
export const D_FROM: u32 = 12;
export const D_RELATION: u32 = 16;
export const D_TO: u32 = 20;
export const D_VALUE: u32 = 24;
export const D_FROM_NEXT: u32 = 28;
export const D_TO_NEXT: u32 = 32;
/** {next, entry, index} each. */
export const D_REMOVALS: u32 = 36;
export const D_DIGEST: u32 = 40;
export const EDGE_SIZE: u32 = 44;
/** The adding op is here and counts. */
export const PRESENT: u32 = 1;
export const LIVE: u32 = 2;
export const EDGE_DIRTY: u32 = 4;

export function edge(adding: u32, index: u32): u32 {
  const table = get(H_EDGES);
  const hash = hashPair(adding, index);
  const m = mask(table);
  const s = slots(table);
  for (let i = hash & m; ; i = (i + 1) & m) {
    const slot = slotAt(s, i);
    const known = itemIn(slot);
    if (!known) break;
    if (get(slot) == hash && get(known + D_ENTRY) == adding && get(known + D_INDEX) == index) return known;
  }
  const made = alloc(EDGE_SIZE);
  set(made + D_ENTRY, adding);
  set(made + D_INDEX, index);
  insert(table, hash, made);
  return made;
}

export function makeTables(): void {
  set(H_STRS, makeTable());
  set(H_NODES, makeTable());
  set(H_ENTRIES, makeTable());
  set(H_EDGES, makeTable());
  set(H_PLACES, makeTable());
  set(H_BIRTHS, makeTable());
  }
