/**
 * Taking entries in, many in one call. A batch is a row of entries (docs/contributors/engine.md has the table): what
 * stands in the header, then the ops as the wire has them. Trusts that they were admitted; a batch that does not
 * decode is the host's fault and is told as such, never read past its end.
 */
import {
  alloc,
  at,
  copy32,
  empty,
  get,
  H_BATCH,
  H_BORN,
  H_CHANGED,
  H_CHANGED_FROM,
  H_REBORN,
  H_SPACE,
  H_TEXTS,
  H_TURNED,
  lengthOf,
  push,
  same,
  set,
} from './heap';
import { flagFork } from './digest';
import { addEdge, removeEdge } from './edges';
import { isKnown, takePlace } from './entries';
import { begun, ended88 } from './hash';
import {
  DEVICE,
  E_AUTHOR,
  E_DEPS,
  E_DEVICE,
  E_HLC,
  E_LOG,
  E_PREV,
  E_ROLE,
  E_SEQ,
  E_SHARD,
  entry,
  F_FROM,
  F_TURNED,
  KNOWN,
  LOG,
  N_FLAGS,
  NAME,
  node,
  SHARD,
  str,
  TARGET,
  TYPE,
  USER,
} from './intern';
import { bear, DEL, deleteNode, MOVE, moveNode, NEW, RESTORE, restoreNode, SET, setField, shardOf, TEXT } from './nodes';

const EDGE_ADD: u32 = 4;
const EDGE_DEL: u32 = 5;
/** lgos/node/1, then space, device, incarnation, counter. */
const CLAIM: u32 = <u32>memory.data<u8>([
  108, 103, 111, 115, 47, 110, 111, 100, 101, 47, 49, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
const CLAIMED: u32 = <u32>memory.data(32, 16);
/** The hash of the first 64 bytes of CLAIM: one device bears many. */
const BEGUN: u32 = <u32>memory.data(32, 16);
let begunFor: u32 = 0;

let here: u32 = 0;
let end: u32 = 0;
let broken: bool = false;

/** The next `count` bytes; where there are none, the batch is broken and address 0 is as good as any. */
function take(count: u32): u32 {
  if (count > end - here) {
    broken = true;
    here = end;
    return 0;
  }
  const from = here;
  here += count;
  return from;
}
function varint(): u32 {
  let value: u32 = 0;
  for (let shift: u32 = 0; shift < 35; shift += 7) {
    const from = take(1);
    if (broken) return 0;
    const byte: u32 = load<u8>(from);
    value |= (byte & 127) << shift;
    if (byte < 128) return value;
  }
  broken = true;
  return 0;
}
function name(kind: u32): u32 {
  const length = varint();
  const from = take(length);
  return broken ? 0 : str(kind, from, length);
}
function nodeHere(): u32 {
  const from = take(16);
  return broken ? 0 : node(from);
}

/** Forgets what the batch before it changed. */
export function begin(): void {
  for (let i: u32 = 0, count = lengthOf(H_TURNED); i < count; i++) {
    const each = at(H_TURNED, i);
    set(each + N_FLAGS, get(each + N_FLAGS) & ~F_TURNED);
  }
  for (let i: u32 = 0, count = lengthOf(H_CHANGED_FROM); i < count; i++) {
    const each = at(H_CHANGED_FROM, i);
    set(each + N_FLAGS, get(each + N_FLAGS) & ~F_FROM);
  }
  set(H_BATCH, get(H_BATCH) + 1);
  empty(H_CHANGED);
  empty(H_CHANGED_FROM);
  empty(H_TURNED);
  empty(H_BORN);
  empty(H_REBORN);
  empty(H_TEXTS);
}

/** False where the batch does not decode. `first`: the number of its first entry, for the list of texts. */
export function ingest(from: u32, length: u32, first: u32): bool {
  here = from;
  end = from + length;
  broken = false;
  for (let number = first; here < end && !broken; number++) takeEntry(number);
  return !broken;
}

function takeEntry(number: u32): void {
  const id = take(32);
  const log = take(32);
  const shard = take(16);
  const device = take(32);
  const author = take(32);
  const prev = take(32);
  const hlc = take(8);
  const seq = take(8);
  const incarnation = take(4);
  const role = take(1);
  const flags = take(1);
  const depCount = take(2);
  if (broken) return;
  const deps = take(<u32>load<u16>(depCount) << 5);
  const size = take(4);
  if (broken) return;
  const length = load<u32>(size);
  const ops = take(length);
  if (broken) return;
  const item = entry(id);
  if (isKnown(item)) return;
  set(item + E_ROLE, KNOWN | load<u8>(role));
  store<f64>(item + E_HLC, load<f64>(hlc));
  store<f64>(item + E_SEQ, load<f64>(seq));
  set(item + E_LOG, str(LOG, log, 32));
  set(item + E_SHARD, str(SHARD, shard, 16));
  set(item + E_DEVICE, str(DEVICE, device, 32));
  set(item + E_AUTHOR, str(USER, author, 32));
  if (load<u8>(flags) & 1) set(item + E_PREV, entry(prev));
  const count: u32 = load<u16>(depCount);
  if (count > 0) {
    const list = alloc(4 + (count << 2));
    set(list, count);
    for (let i: u32 = 0; i < count; i++) set(list + 4 + (i << 2), entry(deps + (i << 5)));
    set(item + E_DEPS, list);
  }
  if (takePlace(item)) flagFork(shardOf(get(item + E_SHARD)), get(item + E_DEVICE));

  const after = here;
  const limit = end;
  here = ops;
  end = ops + length;
  const total = varint();
  for (let index: u32 = 0; index < total && !broken; index++) takeOp(item, number, index, device, incarnation);
  if (here != end) broken = true;
  here = after;
  end = limit;
}

function takeOp(item: u32, number: u32, index: u32, device: u32, incarnation: u32): void {
  const kind = varint();
  const length = varint();
  const from = take(length);
  if (broken) return;
  const after = here;
  const limit = end;
  here = from;
  end = from + length;
  switch (kind) {
    case NEW: {
      const id = take(16);
      const type = name(TYPE);
      const counter = take(8);
      if (!broken && isOwn(id, device, incarnation, counter)) bear(node(id), item, index, type);
      break;
    }
    case SET: {
      const owner = nodeHere();
      const key = name(NAME);
      const size = varint();
      const text = take(size);
      if (!broken) setField(owner, item, index, key, text, size);
      break;
    }
    case EDGE_ADD: {
      const owner = nodeHere();
      const relation = name(NAME);
      const to = name(TARGET);
      const size = varint();
      const text = take(size);
      if (!broken) addEdge(item, index, owner, relation, to, text, size);
      break;
    }
    case EDGE_DEL: {
      const count = varint();
      for (let i: u32 = 0; i < count; i++) {
        const adding = take(32);
        const addedAt = varint();
        if (broken) break;
        removeEdge(item, index, entry(adding), addedAt);
      }
      break;
    }
    case DEL: {
      const owner = nodeHere();
      if (!broken) deleteNode(owner, item, index);
      break;
    }
    case RESTORE: {
      const owner = nodeHere();
      const count = varint();
      if (broken || count > length) {
        broken = true;
        break;
      }
      const list = alloc(4 + (count << 3));
      set(list, count);
      for (let i: u32 = 0; i < count && !broken; i++) {
        const deleting = take(32);
        const deletedAt = varint();
        if (broken) break;
        set(list + 4 + (i << 3), entry(deleting));
        set(list + 8 + (i << 3), deletedAt);
      }
      if (!broken) restoreNode(owner, item, index, list);
      break;
    }
    case MOVE: {
      const owner = nodeHere();
      const present = take(1);
      if (broken) break;
      const parent = load<u8>(present) ? nodeHere() : 0;
      const order = name(NAME);
      if (!broken) moveNode(owner, item, index, parent, order);
      break;
    }
    case TEXT:
      // Documents are the host's; it says later which of these count.
      push(H_TEXTS, number);
      push(H_TEXTS, item);
      push(H_TEXTS, index);
      push(H_TEXTS, from);
      push(H_TEXTS, length);
      break;
    default:
      break;
  }
  here = after;
  end = limit;
}

/** A node's id is made of its device and a counter, so that nobody else can claim it first. */
function isOwn(id: u32, device: u32, incarnation: u32, counter: u32): bool {
  if (begunFor == 0 || !same(CLAIM + 12, H_SPACE, 32) || !same(CLAIM + 44, device, 32)) {
    copy32(CLAIM + 12, H_SPACE);
    copy32(CLAIM + 44, device);
    begun(CLAIM, BEGUN);
    begunFor = 1;
  }
  store<u32>(CLAIM + 76, bswap<u32>(load<u32>(incarnation)));
  store<u64>(CLAIM + 80, load<u64>(counter));
  ended88(BEGUN, CLAIM + 64, CLAIMED);
  return same(CLAIMED, id, 16);
}
