/**
 * Nodes: every op that names one, and what they come to. Ops wait for the NODE_NEW; who may do what is decided from
 * the node's author, type and shard, never from the order of arrival: when those change, all is folded anew.
 * Must not know documents, edges or the tree: of moves it only says which count.
 */
import {
  alloc,
  at,
  bytes,
  compareBytes,
  compareText,
  copy,
  empty,
  get,
  H_BATCH,
  H_BORN,
  H_CHANGED,
  H_COUNT_FIELDS,
  H_COUNT_NODES,
  H_COUNT_OPS,
  H_DIRTY_NODES,
  H_FREE_OPS,
  H_MOVED,
  H_OUT,
  H_PARENT_KEY,
  H_REBORN,
  H_SCRATCH,
  H_SHARD_LIST,
  H_STACK,
  H_TURNED,
  lengthOf,
  push,
  set,
} from './heap';
import {
  aux,
  C_ENTRY,
  C_INDEX,
  C_KEY,
  C_OTHERS,
  C_VALUE,
  E_AUTHOR,
  E_HLC,
  E_SHARD,
  F_DIRTY,
  F_MOVED,
  F_TURNED,
  findCell,
  firstCell,
  makeCell,
  nextCell,
  N_BATCH,
  N_BIRTH,
  N_DELETIONS,
  N_FLAGS,
  N_HOME,
  N_MOVES,
  N_OPEN,
  N_OPS,
  N_PLACE,
  N_SHARD_NEXT,
  N_SHARD_PREV,
  N_TYPE,
  N_TYPE_NEXT,
  N_TYPE_PREV,
  N_UPDATED,
  setAux,
} from './intern';
import { precedes } from './entries';
import { isCanonical } from './json';
import { AUTHOR, DELETION, FIELD, isAdmin, mayWrite, rule } from './rules';
import { sort } from './sort';

// --- Values: length as a varint, then the bytes --------------------------------------------------------------------

export function keep(from: u32, length: u32): u32 {
  let head: u32 = 1;
  for (let rest = length; rest >= 128; rest >>= 7) head++;
  const value = bytes(head + length);
  let to = value;
  let rest = length;
  for (; rest >= 128; rest >>= 7) store<u8>(to++, (rest & 127) | 128);
  store<u8>(to++, rest);
  copy(to, from, length);
  return value;
}
export function valueLength(value: u32): u32 {
  let length: u32 = 0;
  let shift: u32 = 0;
  while (true) {
    const byte: u32 = load<u8>(value++);
    length |= (byte & 127) << shift;
    if (byte < 128) return length;
    shift += 7;
  }
}
export function valueBytes(value: u32): u32 {
  while (load<u8>(value) >= 128) value++;
  return value + 1;
}

// --- Ops -----------------------------------------------------------------------------------------------------------

export const O_NEXT: u32 = 0;
export const O_ENTRY: u32 = 4;
/** kind | flags << 8 | place in the entry << 16 */
export const O_INFO: u32 = 8;
/** NEW: type. SET: key. RESTORE: {count, (entry, index) each}. MOVE: parent. */
export const O_A: u32 = 12;
/** SET: value. MOVE: order. */
export const O_B: u32 = 16;
const OP_SIZE: u32 = 20;

export const NEW: u32 = 1;
export const SET: u32 = 2;
export const DEL: u32 = 6;
export const RESTORE: u32 = 7;
export const MOVE: u32 = 8;
export const TEXT: u32 = 9;
/** Of deletions: may be made; was lifted. Of moves: the tree has it. */
export const COUNTS: u32 = 256;
export const LIFTED: u32 = 512;
const IN_TREE: u32 = 1024;

// @ts-ignore: decorator
@inline export function kindOf(op: u32): u32 { return get(op + O_INFO) & 255; }
// @ts-ignore: decorator
@inline export function indexOf(op: u32): u32 { return get(op + O_INFO) >> 16; }
// @ts-ignore: decorator
@inline function raise(op: u32, flags: u32): void { set(op + O_INFO, get(op + O_INFO) | flags); }
// @ts-ignore: decorator
@inline function lower(op: u32, flags: u32): void { set(op + O_INFO, get(op + O_INFO) & ~flags); }

function makeOp(kind: u32, entry: u32, index: u32, a: u32, b: u32): u32 {
  let op = get(H_FREE_OPS);
  if (op) set(H_FREE_OPS, get(op));
  else op = alloc(OP_SIZE);
  set(op + O_ENTRY, entry);
  set(op + O_INFO, kind | (index << 16));
  set(op + O_A, a);
  set(op + O_B, b);
  return op;
}
function freeOp(op: u32): void {
  set(op, get(H_FREE_OPS));
  set(H_FREE_OPS, op);
}
// @ts-ignore: decorator
@inline function link(op: u32, list: u32): void {
  set(op, get(list));
  set(list, op);
}

// --- Order ---------------------------------------------------------------------------------------------------------

function compareEntries(a: u32, b: u32): i32 {
  const x = load<f64>(a + E_HLC);
  const y = load<f64>(b + E_HLC);
  if (x != y) return x < y ? -1 : 1;
  return a == b ? 0 : compareBytes(a, 32, b, 32);
}
/** The field rule, identical to gun's HAM. Above 0 when `a` wins. */
export function compareWrites(aEntry: u32, aValue: u32, aIndex: u32, bEntry: u32, bValue: u32, bIndex: u32): i32 {
  const x = load<f64>(aEntry + E_HLC);
  const y = load<f64>(bEntry + E_HLC);
  if (x != y) return x < y ? -1 : 1;
  const text = compareText(valueBytes(aValue), valueLength(aValue), valueBytes(bValue), valueLength(bValue));
  if (text != 0) return text;
  if (aEntry != bEntry) return compareBytes(bEntry, 32, aEntry, 32);
  return bIndex == aIndex ? 0 : bIndex < aIndex ? -1 : 1;
}

// --- Marks of what changed -----------------------------------------------------------------------------------------

export function dirty(node: u32): void {
  const flags = get(node + N_FLAGS);
  if (flags & F_DIRTY) return;
  set(node + N_FLAGS, flags | F_DIRTY);
  push(H_DIRTY_NODES, node);
}
function changed(node: u32): void {
  dirty(node);
  const batch = get(H_BATCH);
  if (get(node + N_BATCH) == batch) return;
  set(node + N_BATCH, batch);
  push(H_CHANGED, node);
}
function turned(node: u32): void {
  const flags = get(node + N_FLAGS);
  if (flags & F_TURNED) return;
  set(node + N_FLAGS, flags | F_TURNED);
  push(H_TURNED, node);
}
function moved(node: u32): void {
  const flags = get(node + N_FLAGS);
  if (flags & F_MOVED) return;
  set(node + N_FLAGS, flags | F_MOVED);
  push(H_MOVED, node);
}
// @ts-ignore: decorator
@inline function seen(node: u32, entry: u32): void {
  const hlc = load<f64>(entry + E_HLC);
  if (hlc > load<f64>(node + N_UPDATED)) store<f64>(node + N_UPDATED, hlc);
}

// --- Who may -------------------------------------------------------------------------------------------------------

// @ts-ignore: decorator
@inline export function isBorn(node: u32): bool { return get(node + N_HOME) != 0; }
// @ts-ignore: decorator
@inline function isHome(node: u32, entry: u32): bool {
  const home = get(node + N_HOME);
  return home != 0 && get(home + E_SHARD) == get(entry + E_SHARD);
}
// @ts-ignore: decorator
@inline function ownerOf(node: u32): u32 { return get(get(node + N_HOME) + E_AUTHOR); }
function maySet(node: u32, entry: u32, key: u32): bool {
  return isHome(node, entry) && mayWrite(rule(FIELD, get(node + N_TYPE), key), entry, ownerOf(node));
}
function mayDelete(node: u32, entry: u32): bool {
  if (!isHome(node, entry)) return false;
  const writable = rule(DELETION, get(node + N_TYPE), 0);
  return mayWrite(writable, entry, ownerOf(node)) || (writable == AUTHOR && isAdmin(entry));
}
/** Moves of nodes that are not born count no more than others' moves do. */
export function mayMove(node: u32, op: u32): bool {
  return maySet(node, get(op + O_ENTRY), get(H_PARENT_KEY));
}

// --- Fields --------------------------------------------------------------------------------------------------------

/** `from`, `length`: the text, not yet kept. */
export function setField(node: u32, entry: u32, index: u32, key: u32, from: u32, length: u32): void {
  set(H_COUNT_OPS, get(H_COUNT_OPS) + 1);
  if (!maySet(node, entry, key) || !isCanonical(from, length)) {
    link(makeOp(SET, entry, index, key, keep(from, length)), node + N_OPS);
    return;
  }
  write(node, entry, index, key, keep(from, length));
  changed(node);
}
function write(node: u32, entry: u32, index: u32, key: u32, value: u32): void {
  seen(node, entry);
  let cell = findCell(node, key);
  if (!cell) cell = makeCell(node, key);
  const winner = get(cell + C_ENTRY);
  if (winner) {
    const held = get(cell + C_VALUE);
    if (compareWrites(entry, value, index, winner, held, get(cell + C_INDEX)) <= 0) {
      link(makeOp(SET, entry, index, key, value), cell + C_OTHERS);
      return;
    }
    link(makeOp(SET, winner, get(cell + C_INDEX), key, held), cell + C_OTHERS);
  } else set(H_COUNT_FIELDS, get(H_COUNT_FIELDS) + 1);
  set(cell + C_ENTRY, entry);
  set(cell + C_VALUE, value);
  set(cell + C_INDEX, index);
}

const MAX_LOSERS: u32 = 4;
function compareOps(a: u32, b: u32): i32 {
  return compareWrites(get(b + O_ENTRY), get(b + O_B), indexOf(b), get(a + O_ENTRY), get(a + O_B), indexOf(a));
}
/**
 * To OUT: the other values that are current on some side, the best first, at most 4: nobody who wrote later on this
 * field knew of them. (entry, value) each.
 */
export function losers(cell: u32): void {
  empty(H_OUT);
  if (!get(cell + C_OTHERS)) return;
  empty(H_SCRATCH);
  for (let op = get(cell + C_OTHERS); op; op = get(op)) push(H_SCRATCH, op);
  const count = lengthOf(H_SCRATCH);
  sort(get(H_SCRATCH), count, compareOps);
  // Heads follow in the same list: the best first, so whoever replaced a write was looked at before it.
  push(H_SCRATCH, get(cell + C_ENTRY));
  push(H_SCRATCH, get(cell + C_VALUE));
  for (let i: u32 = 0; i < count && lengthOf(H_OUT) < MAX_LOSERS * 2; i++) {
    const op = at(H_SCRATCH, i);
    const entry = get(op + O_ENTRY);
    const value = get(op + O_B);
    let replaced = false;
    let repeats = false;
    for (let j = count; j < lengthOf(H_SCRATCH) && !replaced; j += 2) {
      const head = at(H_SCRATCH, j);
      replaced = head == entry || precedes(entry, head);
      repeats = repeats || sameValue(value, at(H_SCRATCH, j + 1));
    }
    if (replaced) continue;
    push(H_SCRATCH, entry);
    push(H_SCRATCH, value);
    if (repeats) continue;
    push(H_OUT, entry);
    push(H_OUT, value);
  }
}
function sameValue(a: u32, b: u32): bool {
  return a == b || compareBytes(valueBytes(a), valueLength(a), valueBytes(b), valueLength(b)) == 0;
}

// --- Deletions -----------------------------------------------------------------------------------------------------

/** A deletion is lifted by its own author or by an Admin. */
function lifts(restore: u32, deletion: u32): bool {
  const by = get(restore + O_ENTRY);
  const entry = get(deletion + O_ENTRY);
  if (get(by + E_AUTHOR) != get(entry + E_AUTHOR) && !isAdmin(by)) return false;
  const named = get(restore + O_A);
  const end = named + 4 + (get(named) << 3);
  const index = indexOf(deletion);
  for (let i = named + 4; i < end; i += 8) if (get(i) == entry && get(i + 4) == index) return true;
  return false;
}
function judgeDeletion(node: u32, op: u32): void {
  lower(op, COUNTS | LIFTED);
  const entry = get(op + O_ENTRY);
  if (!mayDelete(node, entry)) return;
  seen(node, entry);
  raise(op, COUNTS);
  for (let other = get(node + N_DELETIONS); other; other = get(other)) {
    if (kindOf(other) != RESTORE || !isHome(node, get(other + O_ENTRY)) || !lifts(other, op)) continue;
    raise(op, LIFTED);
    return;
  }
  set(node + N_OPEN, get(node + N_OPEN) + 1);
}
export function deleteNode(node: u32, entry: u32, index: u32): void {
  set(H_COUNT_OPS, get(H_COUNT_OPS) + 1);
  const op = makeOp(DEL, entry, index, 0, 0);
  const before = get(node + N_OPEN);
  link(op, node + N_DELETIONS);
  judgeDeletion(node, op);
  if (!(get(op + O_INFO) & COUNTS)) return;
  changed(node);
  if (before == 0 && get(node + N_OPEN) > 0) turned(node);
}
/** `named`: {count, (entry, index) each}. */
export function restoreNode(node: u32, entry: u32, index: u32, named: u32): void {
  set(H_COUNT_OPS, get(H_COUNT_OPS) + 1);
  const op = makeOp(RESTORE, entry, index, named, 0);
  link(op, node + N_DELETIONS);
  if (!isHome(node, entry)) return;
  seen(node, entry);
  const before = get(node + N_OPEN);
  for (let other = get(node + N_DELETIONS); other; other = get(other)) {
    const state = get(other + O_INFO) & (255 | COUNTS | LIFTED);
    if (state != (DEL | COUNTS) || !lifts(op, other)) continue;
    raise(other, LIFTED);
    set(node + N_OPEN, get(node + N_OPEN) - 1);
  }
  changed(node);
  if (before > 0 && get(node + N_OPEN) == 0) turned(node);
}

// --- Moves and texts -----------------------------------------------------------------------------------------------

export function moveNode(node: u32, entry: u32, index: u32, parent: u32, order: u32): void {
  set(H_COUNT_OPS, get(H_COUNT_OPS) + 1);
  const op = makeOp(MOVE, entry, index, parent, order);
  link(op, node + N_MOVES);
  if (!mayMove(node, op)) return;
  seen(node, entry);
  changed(node);
  moved(node);
}
/** To OUT: (node, move) for each move that counts and that the tree has not been given. */
export function takeMoves(all: bool): void {
  empty(H_OUT);
  for (let i: u32 = 0, count = lengthOf(H_MOVED); i < count; i++) {
    const node = at(H_MOVED, i);
    set(node + N_FLAGS, get(node + N_FLAGS) & ~F_MOVED);
    for (let op = get(node + N_MOVES); op; op = get(op)) {
      if ((get(op + O_INFO) & IN_TREE && !all) || !mayMove(node, op)) continue;
      raise(op, IN_TREE);
      push(H_OUT, node);
      push(H_OUT, op);
    }
  }
}
/** As if all nodes had moved just now: the host builds its tree again. */
export function markAllMoved(node: u32): void {
  if (get(node + N_MOVES)) moved(node);
}
export function setPlace(node: u32, move: u32): void {
  if (get(node + N_PLACE) == move) return;
  set(node + N_PLACE, move);
  dirty(node);
}
export function markText(node: u32, entry: u32, index: u32): void {
  set(H_COUNT_OPS, get(H_COUNT_OPS) + 1);
  link(makeOp(TEXT, entry, index, 0, 0), node + N_OPS);
  if (!isBorn(node)) return;
  seen(node, entry);
  changed(node);
}

// --- Birth ---------------------------------------------------------------------------------------------------------

export function bear(node: u32, entry: u32, index: u32, type: u32): void {
  set(H_COUNT_OPS, get(H_COUNT_OPS) + 1);
  const op = makeOp(NEW, entry, index, type, 0);
  link(op, node + N_OPS);
  const before = get(node + N_BIRTH);
  if (before) {
    const order = compareEntries(get(before + O_ENTRY), entry);
    if (order < 0 || (order == 0 && indexOf(before) <= index)) return;
    leave(get(node + N_TYPE), node, N_TYPE_NEXT, N_TYPE_PREV);
    leave(shardOf(get(get(before + O_ENTRY) + E_SHARD)), node, N_SHARD_NEXT, N_SHARD_PREV);
    // Only a device that claims one node twice comes here.
    push(H_REBORN, node);
  } else set(H_COUNT_NODES, get(H_COUNT_NODES) + 1);
  set(node + N_BIRTH, op);
  set(node + N_HOME, entry);
  set(node + N_TYPE, type);
  enter(members(type), node, N_TYPE_NEXT, N_TYPE_PREV);
  enter(shardOf(get(entry + E_SHARD)), node, N_SHARD_NEXT, N_SHARD_PREV);
  refold(node);
  changed(node);
  turned(node);
  push(H_BORN, node);
}

/** What was allowed under one claim is asked again under another. */
function refold(node: u32): void {
  store<f64>(node + N_UPDATED, load<f64>(get(node + N_HOME) + E_HLC));
  for (let cell = firstCell(node); cell; cell = nextCell(node, cell)) {
    const winner = get(cell + C_ENTRY);
    if (!winner) continue;
    link(makeOp(SET, winner, get(cell + C_INDEX), get(cell + C_KEY), get(cell + C_VALUE)), node + N_OPS);
    for (let op = get(cell + C_OTHERS); op; ) {
      const next = get(op);
      link(op, node + N_OPS);
      op = next;
    }
    set(cell + C_ENTRY, 0);
    set(cell + C_OTHERS, 0);
    set(H_COUNT_FIELDS, get(H_COUNT_FIELDS) - 1);
  }
  let op = get(node + N_OPS);
  set(node + N_OPS, 0);
  while (op) {
    const next = get(op);
    const entry = get(op + O_ENTRY);
    const value = get(op + O_B);
    if (
      kindOf(op) == SET &&
      maySet(node, entry, get(op + O_A)) &&
      isCanonical(valueBytes(value), valueLength(value))
    ) {
      const index = indexOf(op);
      const key = get(op + O_A);
      freeOp(op);
      write(node, entry, index, key, value);
    } else {
      if (kindOf(op) == TEXT) seen(node, entry);
      link(op, node + N_OPS);
    }
    op = next;
  }
  set(node + N_OPEN, 0);
  for (let each = get(node + N_DELETIONS); each; each = get(each)) {
    if (kindOf(each) == DEL) judgeDeletion(node, each);
    else if (isHome(node, get(each + O_ENTRY))) seen(node, get(each + O_ENTRY));
  }
  for (let each = get(node + N_MOVES); each; each = get(each)) {
    lower(each, IN_TREE);
    if (mayMove(node, each)) seen(node, get(each + O_ENTRY));
  }
  markAllMoved(node);
}

// --- Lists of a type and of a shard: {str, first, last} ---------------------------------------------------------------

const L_FIRST: u32 = 4;
const L_LAST: u32 = 8;
export const S_LANES: u32 = 12;
export const S_FORKS: u32 = 16;
export const S_FORK_DIGEST: u32 = 20;
/** 1: the root is not that of the lanes. 2: forks were added. 4: all lanes are zero. */
export const S_FLAGS: u32 = 24;
export const S_ROOT: u32 = 28;
const SHARD_SIZE: u32 = 60;

function members(name: u32): u32 {
  let list = aux(name);
  if (list) return list;
  list = alloc(12);
  set(list, name);
  setAux(name, list);
  return list;
}
export function shardOf(name: u32): u32 {
  let list = aux(name);
  if (list) return list;
  list = alloc(SHARD_SIZE);
  set(list, name);
  set(list + S_FLAGS, 4);
  setAux(name, list);
  push(H_SHARD_LIST, list);
  return list;
}
function enter(list: u32, node: u32, next: u32, prev: u32): void {
  const last = get(list + L_LAST);
  set(node + next, 0);
  set(node + prev, last);
  set(last ? last + next : list + L_FIRST, node);
  set(list + L_LAST, node);
}
function leave(listOrName: u32, node: u32, next: u32, prev: u32): void {
  const list = next == N_TYPE_NEXT ? members(listOrName) : listOrName;
  const before = get(node + prev);
  const after = get(node + next);
  set(before ? before + next : list + L_FIRST, after);
  set(after ? after + prev : list + L_LAST, before);
}
// @ts-ignore: decorator
@inline export function firstOf(list: u32): u32 { return list ? get(list + L_FIRST) : 0; }

/** To OUT: every op that counts, (kind, entry, index, a, b) each. A field's a and b are its key and value. */
export function history(node: u32): void {
  empty(H_OUT);
  if (!isBorn(node)) return;
  tell(get(node + N_BIRTH));
  for (let op = get(node + N_OPS); op; op = get(op)) if (kindOf(op) == TEXT) tell(op);
  for (let cell = firstCell(node); cell; cell = nextCell(node, cell)) {
    if (!get(cell + C_ENTRY)) continue;
    push(H_OUT, SET);
    push(H_OUT, get(cell + C_ENTRY));
    push(H_OUT, get(cell + C_INDEX));
    push(H_OUT, get(cell + C_KEY));
    push(H_OUT, get(cell + C_VALUE));
    for (let op = get(cell + C_OTHERS); op; op = get(op)) tell(op);
  }
  for (let op = get(node + N_DELETIONS); op; op = get(op)) {
    if (kindOf(op) == DEL ? get(op + O_INFO) & COUNTS : isHome(node, get(op + O_ENTRY))) tell(op);
  }
  for (let op = get(node + N_MOVES); op; op = get(op)) if (mayMove(node, op)) tell(op);
}
function tell(op: u32): void {
  push(H_OUT, kindOf(op));
  push(H_OUT, get(op + O_ENTRY));
  push(H_OUT, indexOf(op));
  push(H_OUT, get(op + O_A));
  push(H_OUT, get(op + O_B));
}
