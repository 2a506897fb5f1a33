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
  H_BODY_NODES,
  H_BODY_SHAPES,
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
import { writeDecimal, writeHex, writeQuoted, writeWhole, written } from './packed';
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
  findBorn,
  F_FROM,
  F_TURNED,
  KNOWN,
  LOG,
  N_FLAGS,
  NAME,
  node,
  putBorn,
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
  if (total == SECOND) takeSecond(item, number, device, load<u32>(incarnation));
  else for (let index: u32 = 0; index < total && !broken; index++) takeOp(item, number, index, device, load<u32>(incarnation));
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
      if (!broken) claim(id, item, index, type, device, incarnation, bswap<u64>(load<u64>(counter)));
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
    case EDGE_DEL:
      takeRemovals(item, index);
      break;
    case DEL: {
      const owner = nodeHere();
      if (!broken) deleteNode(owner, item, index);
      break;
    }
    case RESTORE: {
      const owner = nodeHere();
      takeRestored(owner, item, index);
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
      pushText(number, item, index, 0, from, length);
      break;
    default:
      break;
  }
  here = after;
  end = limit;
}

function takeRemovals(item: u32, index: u32): void {
  const count = varint();
  for (let i: u32 = 0; i < count; i++) {
    const adding = take(32);
    const addedAt = varint();
    if (broken) break;
    removeEdge(item, index, entry(adding), addedAt);
  }
}
function takeRestored(owner: u32, item: u32, index: u32): void {
  const count = varint();
  if (broken || count > end - here) {
    broken = true;
    return;
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
}
/** `document`: where the payload does not say it. */
function pushText(number: u32, item: u32, index: u32, document: u32, from: u32, length: u32): void {
  push(H_TEXTS, number);
  push(H_TEXTS, item);
  push(H_TEXTS, index);
  push(H_TEXTS, document);
  push(H_TEXTS, from);
  push(H_TEXTS, length);
}

/** A node's id is made of its device and a counter, so that nobody else can claim it first. To CLAIMED. */
function derive(device: u32, incarnation: u32, counter: u64): void {
  if (begunFor == 0 || !same(CLAIM + 12, H_SPACE, 32) || !same(CLAIM + 44, device, 32)) {
    copy32(CLAIM + 12, H_SPACE);
    copy32(CLAIM + 44, device);
    begun(CLAIM, BEGUN);
    begunFor = 1;
  }
  store<u32>(CLAIM + 76, bswap<u32>(incarnation));
  store<u64>(CLAIM + 80, bswap<u64>(counter));
  ended88(BEGUN, CLAIM + 64, CLAIMED);
}
function claim(id: u32, item: u32, index: u32, type: u32, device: u32, incarnation: u32, counter: u64): void {
  derive(device, incarnation, counter);
  if (!same(CLAIMED, id, 16)) return;
  const owner = node(id);
  putBorn(owner, get(item + E_DEVICE), incarnation, counter);
  bear(owner, item, index, type);
}

// --- The second form: what ops name stands in tables before them -------------------------------------------------------

/** A number of ops that no body of the first form has. */
const SECOND: u32 = 257;
const LARGE: u32 = 11;
let nodeCount: u32 = 0;

function varint64(): u64 {
  let value: u64 = 0;
  for (let shift: u64 = 0; shift < 56; shift += 7) {
    const from = take(1);
    if (broken) return 0;
    const byte: u64 = load<u8>(from);
    value |= (byte & 127) << shift;
    if (byte < 128) return value;
  }
  broken = true;
  return 0;
}
/** Nodes by their births. `name`: the device as it is interned. */
function takeCounters(device: u32, name: u32, incarnation: u32): u32 {
  const count = varint();
  let counter: u64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    counter += varint64() + (i == 0 ? 0 : 1);
    if (broken) return 0;
    let each = findBorn(name, incarnation, counter);
    if (!each) {
      derive(device, incarnation, counter);
      each = node(CLAIMED);
      putBorn(each, name, incarnation, counter);
    }
    push(H_BODY_NODES, each);
  }
  return count;
}
function place(): u32 {
  const wide = nodeCount > 256;
  const from = take(wide ? 2 : 1);
  if (broken) return 0;
  const index: u32 = wide ? ((<u32>load<u8>(from)) << 8) | <u32>load<u8>(from + 1) : load<u8>(from);
  if (index < nodeCount) return at(H_BODY_NODES, index);
  broken = true;
  return 0;
}

/** Where the text of a value stands, and how long it is. */
let text: u32 = 0;
let textLength: u32 = 0;
function takeValue(): void {
  const head = varint64();
  const form = <u32>head & 3;
  const rest = head >> 2;
  if (form == 2) {
    textLength = writeWhole(rest);
    text = written();
    return;
  }
  if (form == 3) {
    const digits = varint64();
    if (broken || rest > 31) {
      broken = true;
      return;
    }
    textLength = writeDecimal(<u32>rest, digits);
    text = written();
    return;
  }
  if (rest > <u64>(end - here)) {
    broken = true;
    return;
  }
  textLength = <u32>rest;
  text = take(textLength);
  if (broken || form == 0) return;
  textLength = writeQuoted(text, textLength);
  text = written();
}
/** A node that an edge leads to, by its id as text. */
function target(to: u32): u32 {
  if (broken) return 0;
  const length = writeHex(to);
  return str(TARGET, written(), length);
}

function takeSecond(item: u32, number: u32, device: u32, incarnation: u32): void {
  const total = varint();
  empty(H_BODY_NODES);
  empty(H_BODY_SHAPES);
  const own = takeCounters(device, get(item + E_DEVICE), incarnation);
  for (let groups = varint(); groups > 0 && !broken; groups--) {
    const other = take(32);
    const theirs = varint();
    if (!broken) takeCounters(other, str(DEVICE, other, 32), theirs);
  }
  for (let ids = varint(); ids > 0 && !broken; ids--) {
    const id = take(16);
    if (!broken) push(H_BODY_NODES, node(id));
  }
  nodeCount = lengthOf(H_BODY_NODES);
  for (let shapes = varint(); shapes > 0 && !broken; shapes--) {
    const kind = varint64();
    const named: u32 = kind == NEW ? TYPE : kind == SET || kind == EDGE_ADD ? NAME : 0;
    push(H_BODY_SHAPES, kind > 255 ? 255 : <u32>kind);
    push(H_BODY_SHAPES, named ? name(named) : 0);
  }
  for (let index: u32 = 0; index < total && !broken; index++) {
    const at = take(1);
    if (!broken) takePlaced(item, number, index, device, incarnation, load<u8>(at), own);
  }
}
function takePlaced(
  item: u32,
  number: u32,
  index: u32,
  device: u32,
  incarnation: u32,
  shape: u32,
  own: u32,
): void {
  if (shape * 2 >= lengthOf(H_BODY_SHAPES)) {
    broken = true;
    return;
  }
  const named = at(H_BODY_SHAPES, shape * 2 + 1);
  switch (at(H_BODY_SHAPES, shape * 2)) {
    case NEW: {
      const from = here;
      const owner = place();
      if (broken) break;
      // What its device bore under a counter of its own was derived from that.
      const which: u32 = nodeCount > 256 ? ((<u32>load<u8>(from)) << 8) | <u32>load<u8>(from + 1) : load<u8>(from);
      if (which < own) bear(owner, item, index, named);
      else {
        const counter = take(8);
        if (!broken) claim(owner, item, index, named, device, incarnation, bswap<u64>(load<u64>(counter)));
      }
      break;
    }
    case SET: {
      const owner = place();
      takeValue();
      if (!broken) setField(owner, item, index, named, text, textLength);
      break;
    }
    case EDGE_ADD: {
      const owner = place();
      const isText = take(1);
      if (broken) break;
      const to = load<u8>(isText) ? name(TARGET) : target(place());
      takeValue();
      if (!broken) addEdge(item, index, owner, named, to, text, textLength);
      break;
    }
    case EDGE_DEL:
      takeRemovals(item, index);
      break;
    case DEL: {
      const owner = place();
      if (!broken) deleteNode(owner, item, index);
      break;
    }
    case RESTORE: {
      const owner = place();
      takeRestored(owner, item, index);
      break;
    }
    case MOVE: {
      const owner = place();
      const present = take(1);
      if (broken) break;
      const parent = load<u8>(present) ? place() : 0;
      const order = name(NAME);
      if (!broken) moveNode(owner, item, index, parent, order);
      break;
    }
    case TEXT: {
      const document = place();
      const from = here;
      take(8);
      take(varint());
      if (!broken) pushText(number, item, index, document, from, here - from);
      break;
    }
    case LARGE:
      take(32);
      varint64();
      take(32);
      break;
    default:
      take(varint());
  }
}
