/** What the host calls. Addresses go out as they are: the host reads records with these functions and bytes by itself. */
import {
  block,
  get,
  H_ALL_NODES,
  H_BORN,
  H_CHANGED,
  H_CHANGED_FROM,
  H_COUNT_EDGES,
  H_COUNT_ENTRIES,
  H_COUNT_FIELDS,
  H_COUNT_NODES,
  H_COUNT_OPS,
  H_HAS_SPACE,
  H_INPUT,
  H_INPUT_LOG2,
  H_LAYOUT,
  H_LIMIT,
  H_MAGIC,
  H_OUT,
  H_REBORN,
  H_SEED,
  H_SPACE,
  H_TEXT,
  H_TEXTS,
  H_TOP,
  H_TURNED,
  HEAD,
  HEAP,
  LAYOUT,
  lengthOf,
  MAGIC,
  push,
  at,
  reach,
  release,
  same,
  set,
} from './heap';
import * as hashes from './hash';
import {
  aux,
  C_ENTRY,
  C_INDEX,
  C_KEY,
  C_VALUE,
  D_ENTRY,
  D_FLAGS,
  D_FROM,
  D_INDEX,
  D_RELATION,
  D_TO,
  D_VALUE,
  E_AUTHOR,
  E_DEVICE,
  E_HLC,
  E_LOG,
  E_SEQ,
  E_SHARD,
  findCell,
  firstCell as first,
  findEntry as entryWith,
  findNode as find,
  findStr as findName,
  LIVE,
  makeTables,
  N_HOME,
  N_COUNTER,
  N_DEVICE,
  N_DELETIONS,
  N_INCARNATION,
  N_OPEN,
  N_SHARD_NEXT,
  N_TYPE,
  N_TYPE_NEXT,
  N_UPDATED,
  nextCell as next,
  node,
  str,
  strBytes,
  strLength,
} from './intern';
import { COUNTS, DEL, firstOf, indexOf, LIFTED, markAllMoved, O_A, O_B, O_ENTRY, O_INFO, S_ROOT, valueBytes, valueLength } from './nodes';
import { makeRules, rulesHold as holds } from './rules';

export { begin, ingest } from './batch';
export { edgeHistory, edgesFrom, edgesTo } from './edges';
import { hexIds } from './digest';
export { hashSome, hashState, hashText } from './digest';
export { plain } from './json';
export { history, losers, markText, setPlace, takeMoves } from './nodes';

// --- Life ------------------------------------------------------------------------------------------------------------

/** `limit`: of the whole memory, in bytes. */
export function init(limit: u32, seed: u64): void {
  if (__heap_base > HEAD) unreachable();
  set(H_LIMIT, limit);
  set(H_MAGIC, MAGIC);
  set(H_LAYOUT, LAYOUT);
  set(H_TOP, HEAP);
  store<u64>(H_SEED, seed);
  makeTables();
  makeRules();
}
/** One space; false for another than the first named. */
export function setSpace(id: u32): bool {
  if (get(H_HAS_SPACE)) return same(H_SPACE, id, 32);
  set(H_HAS_SPACE, 1);
  memory.copy(H_SPACE, id, 32);
  return true;
}
/** Where its id stands; 0 before it is named. */
export function space(): u32 { return get(H_HAS_SPACE) ? H_SPACE : 0; }
/** Where the host writes: at least `size` bytes, until the next call. */
export function input(size: u32): u32 {
  if (get(H_INPUT) && size <= <u32>1 << get(H_INPUT_LOG2)) return get(H_INPUT);
  let log2: u32 = 12;
  while (<u32>1 << log2 < size) log2++;
  const to = block(log2);
  if (get(H_INPUT)) release(get(H_INPUT), get(H_INPUT_LOG2));
  set(H_INPUT, to);
  set(H_INPUT_LOG2, log2);
  return to;
}
export function used(): u32 { return get(H_TOP) - HEAD; }

// --- Image -------------------------------------------------------------------------------------------------------------

export function head(): u32 { return HEAD; }
/** Room for an image of `length` bytes in a memory that was not begun. */
export function makeRoom(length: u32, limit: u32): u32 {
  set(H_LIMIT, limit);
  reach(<u64>HEAD + length);
  return HEAD;
}
/** Of the state as it lies here. */
export function checksum(length: u32): u64 { return hashes.checksum(HEAD, length); }
/** Whether what was put at HEAD is a state of this layout and length. */
export function adopt(length: u32, limit: u32): bool {
  if (get(H_MAGIC) != MAGIC || get(H_LAYOUT) != LAYOUT || get(H_TOP) != HEAD + length) return false;
  set(H_LIMIT, limit);
  for (let i: u32 = 0, count = lengthOf(H_ALL_NODES); i < count; i++) markAllMoved(at(H_ALL_NODES, i));
  return true;
}
export function rulesHold(): bool { return holds(); }

// --- Lists: {address, length} ------------------------------------------------------------------------------------------

export function changed(): u32 { return H_CHANGED; }
export function changedFrom(): u32 { return H_CHANGED_FROM; }
export function turned(): u32 { return H_TURNED; }
export function born(): u32 { return H_BORN; }
export function reborn(): u32 { return H_REBORN; }
export function texts(): u32 { return H_TEXTS; }
export function out(): u32 { return H_OUT; }

/** The ids of nodes whose addresses stand in a row as hex, in the list TEXT: gives its address. */
export function hexOf(nodes: u32, count: u32): u32 {
  hexIds(nodes, count);
  return get(H_TEXT);
}
/** To OUT: the types of the nodes that changed, each once. */
export function changedTypes(): void {
  set(H_OUT + 4, 0);
  let last: u32 = 0;
  for (let i: u32 = 0, count = lengthOf(H_CHANGED); i < count; i++) {
    const type = get(at(H_CHANGED, i) + N_TYPE);
    if (type == last) continue;
    last = type;
    let j: u32 = 0;
    while (j < lengthOf(H_OUT) && at(H_OUT, j) != type) j++;
    if (j == lengthOf(H_OUT)) push(H_OUT, type);
  }
}

// --- Counts ------------------------------------------------------------------------------------------------------------

export function nodeCount(): u32 { return get(H_COUNT_NODES); }
export function fieldCount(): u32 { return get(H_COUNT_FIELDS); }
export function edgeCount(): u32 { return get(H_COUNT_EDGES); }
export function entryCount(): u32 { return get(H_COUNT_ENTRIES); }
export function opCount(): u32 { return get(H_COUNT_OPS); }

// --- Records -----------------------------------------------------------------------------------------------------------

export function findNode(id: u32): u32 { return find(id); }
export function nodeAt(id: u32): u32 { return node(id); }
export function findStr(kind: u32, from: u32, length: u32): u32 { return findName(kind, from, length); }
export function strOf(kind: u32, from: u32, length: u32): u32 { return str(kind, from, length); }
export function strAt(name: u32): u32 { return strBytes(name); }
export function strSize(name: u32): u32 { return strLength(name); }
export function hangs(name: u32): u32 { return aux(name); }

/** The entry that made it; 0 for one that is not born. */
export function bornIn(node: u32): u32 { return get(node + N_HOME); }
/** What the id of a node is derived from: its device, 0 where that is not known; incarnation, counter. */
export function bornOn(node: u32): u32 { return get(node + N_DEVICE); }
export function incarnationOf(node: u32): u32 { return get(node + N_INCARNATION); }
export function counterOf(node: u32): f64 { return <f64>load<u64>(node + N_COUNTER); }
export function typeOf(node: u32): u32 { return get(node + N_TYPE); }
export function updatedAt(node: u32): f64 { return load<f64>(node + N_UPDATED); }
export function openDeletions(node: u32): u32 { return get(node + N_OPEN); }
/** To OUT: (entry, index) each. */
export function deletions(node: u32): void {
  set(H_OUT + 4, 0);
  for (let op = get(node + N_DELETIONS); op; op = get(op)) {
    if ((get(op + O_INFO) & (255 | COUNTS | LIFTED)) != (DEL | COUNTS)) continue;
    push(H_OUT, get(op + O_ENTRY));
    push(H_OUT, indexOf(op));
  }
}


export function firstIn(list: u32): u32 { return firstOf(list); }
export function nextOfType(node: u32): u32 { return get(node + N_TYPE_NEXT); }
export function nextOfShard(node: u32): u32 { return get(node + N_SHARD_NEXT); }

/** A field that holds something, or 0. */
export function cellOf(node: u32, key: u32): u32 {
  const cell = findCell(node, key);
  return cell && get(cell + C_ENTRY) ? cell : 0;
}
export function firstCell(node: u32): u32 { return first(node); }
export function nextCell(node: u32, cell: u32): u32 { return next(node, cell); }
export function cellKey(cell: u32): u32 { return get(cell + C_KEY); }
export function cellEntry(cell: u32): u32 { return get(cell + C_ENTRY); }
export function cellValue(cell: u32): u32 { return get(cell + C_VALUE); }
export function cellIndex(cell: u32): u32 { return get(cell + C_INDEX); }
export function valueAt(value: u32): u32 { return valueBytes(value); }
export function valueSize(value: u32): u32 { return valueLength(value); }

/** 0 where nobody ever named it. */
export function findEntry(id: u32): u32 { return entryWith(id); }
export function seqOf(entry: u32): f64 { return load<f64>(entry + E_SEQ); }
export function hlcOf(entry: u32): f64 { return load<f64>(entry + E_HLC); }
export function logOf(entry: u32): u32 { return get(entry + E_LOG); }
export function shardNameOf(entry: u32): u32 { return get(entry + E_SHARD); }
export function deviceOf(entry: u32): u32 { return get(entry + E_DEVICE); }
export function authorOf(entry: u32): u32 { return get(entry + E_AUTHOR); }

export function opEntry(op: u32): u32 { return get(op + O_ENTRY); }
export function opIndex(op: u32): u32 { return indexOf(op); }
export function opA(op: u32): u32 { return get(op + O_A); }
export function opB(op: u32): u32 { return get(op + O_B); }

export function edgeEntry(edge: u32): u32 { return get(edge + D_ENTRY); }
export function edgeIndex(edge: u32): u32 { return get(edge + D_INDEX); }
export function edgeSource(edge: u32): u32 { return get(edge + D_FROM); }
export function edgeRelation(edge: u32): u32 { return get(edge + D_RELATION); }
export function edgeTarget(edge: u32): u32 { return get(edge + D_TO); }
export function edgeValue(edge: u32): u32 { return get(edge + D_VALUE); }
export function edgeIsLive(edge: u32): bool { return (get(edge + D_FLAGS) & LIVE) != 0; }

export function shardName(shard: u32): u32 { return get(shard); }
export function shardRoot(shard: u32): u32 { return shard + S_ROOT; }

// --- For others, and for tests ----------------------------------------------------------------------------------------------

export function sha256(from: u32, length: u32, to: u32): void { hashes.sha256(from, length, to); }
export function blake3(from: u32, length: u32, to: u32, outLength: u32): void { hashes.blake3(from, length, to, outLength); }
export function xxh64(from: u32, length: u32): u64 { return hashes.checksum(from, length); }
