/**
 * Entries as the module takes them: a header of fixed width, then the ops as the wire has them (numbers may be longer
 * than their shortest form, and texts of documents stay here). The table is in docs/contributors/engine.md.
 */
import { assert } from '../../../base/assert';
import { utf8, writeHex } from '../../../base/bytes';
import { decode, record, u64, type ValueOf } from '../../../base/codec';
import { type Op, type OpId, updateCodec } from '../../op/body';
import { type LogId, type NodeId, nodeIdCodec } from '../../op/ids';
import { opsIn } from '../../op/tables';
import type { FoldEntry, Role } from '../engine';

/** An entry whose ops are still the bytes of its body. Ops that stand for others are left out: see `FoldEntry`. */
export type BodyEntry = Omit<FoldEntry, 'ops'> & { readonly body: Uint8Array };

const edit = { n: u64, update: updateCodec };
const editCodec = record(edit);
const textCodec = record({ document: nodeIdCodec, ...edit });
/** The payload of a text op, as the wire has it. `document`: where it stands in a table. */
export const readText = (bytes: Uint8Array, document: NodeId | undefined) => {
  const read = document === undefined ? decode(textCodec, bytes) : decode(editCodec, bytes);
  assert(read.ok, 'an admitted body decodes');
  return document === undefined ? (read.value as ValueOf<typeof textCodec>) : { ...read.value, document };
};

const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'guest'];
const HEADER = 32 * 5 + 16 + 8 + 8 + 4 + 1 + 1 + 2;
const ORIGIN = 32 * 3 + 16;
const MAX_ORIGINS = 1_000;
const KINDS = { nodeNew: 1, fieldSet: 2, edgeAdd: 4, edgeDel: 5, nodeDel: 6, nodeRestore: 7, move: 8, textUpdate: 9 };
/** A length of four bytes, whatever it is: it is written before what it counts. */
const LENGTH = 4;

/** What an op may name in few bytes: two nodes, and a text that it makes of one. */
const NAMED = 24;

/** About the bytes it will take in a batch, or more: no less than a third, where texts are not ASCII. */
export const weightOf = (entry: FoldEntry | BodyEntry): number => {
  let weight = HEADER + entry.deps.length * 32;
  if ('body' in entry) return weight + entry.body.length + opsIn(entry.body) * NAMED;
  for (const op of entry.ops) weight += 64 + payloadWeight(op);
  return weight;
};
const payloadWeight = (op: Op): number => {
  switch (op.type) {
    case 'nodeNew':
      return op.nodeType.length;
    case 'fieldSet':
      return op.key.length + op.value.length;
    case 'edgeAdd':
      return op.relation.length + op.to.length + op.value.length;
    case 'edgeDel':
      return op.tags.length * 36;
    case 'nodeRestore':
      return op.deletions.length * 36;
    case 'move':
      return op.order.length;
    default:
      return 0;
  }
};

export class Batch {
  #bytes = new Uint8Array(16 * 1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  readonly #origins = new Map<LogId, Pick<FoldEntry, 'shard' | 'device' | 'author'> & { readonly bytes: Uint8Array }>();

  get length(): number {
    return this.#length;
  }
  /** All there is, and begins anew. Valid until the next entry. */
  take(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return bytes;
  }

  add(entry: FoldEntry | BodyEntry): void {
    const { deps } = entry;
    this.#room(HEADER + deps.length * 32 + 4);
    this.#hex(entry.id, 32);
    this.#origin(entry);
    if (entry.prev !== undefined) this.#hex(entry.prev, 32);
    else this.#length += 32;
    const at = this.#length;
    this.#view.setFloat64(at, entry.hlc, true);
    this.#view.setFloat64(at + 8, entry.seq, true);
    this.#view.setUint32(at + 16, entry.incarnation, true);
    this.#view.setUint8(at + 20, ROLES.indexOf(entry.role));
    this.#view.setUint8(at + 21, entry.prev === undefined ? 0 : 1);
    assert(deps.length < 65_536, 'an entry names few others');
    this.#view.setUint16(at + 22, deps.length, true);
    this.#length += 24;
    for (const dep of deps) this.#hex(dep, 32);
    const size = this.#length;
    this.#length += 4;
    if ('body' in entry) this.#raw(entry.body);
    else this.#ops(entry.ops);
    this.#view.setUint32(size, this.#length - size - 4, true);
  }

  #room(extra: number): void {
    if (this.#length + extra <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + extra));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
  /** Room is there. */
  #hex(id: string, length: number): void {
    assert(writeHex(id, this.#bytes, this.#length, length), 'an id is lower-case hex');
    this.#length += length;
  }
  /** Log, shard, device and author: the same for most entries of a log, so they are made once. */
  #origin({ log, shard, device, author }: FoldEntry | BodyEntry): void {
    const known = this.#origins.get(log);
    if (known?.shard === shard && known.device === device && known.author === author) {
      this.#bytes.set(known.bytes, this.#length);
      this.#length += ORIGIN;
      return;
    }
    this.#hex(log, 32);
    this.#hex(shard, 16);
    this.#hex(device, 32);
    this.#hex(author, 32);
    if (this.#origins.size >= MAX_ORIGINS) this.#origins.clear();
    const bytes = this.#bytes.slice(this.#length - ORIGIN, this.#length);
    this.#origins.set(log, { shard, device, author, bytes });
  }
  #raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }
  #lengthAt(at: number, value: number): void {
    assert(value < 1 << 28, 'an op is smaller than 256 MiB');
    this.#bytes[at] = (value & 127) | 128;
    this.#bytes[at + 1] = ((value >> 7) & 127) | 128;
    this.#bytes[at + 2] = ((value >> 14) & 127) | 128;
    this.#bytes[at + 3] = value >> 21;
  }
  #number(value: number): void {
    this.#room(LENGTH);
    this.#lengthAt(this.#length, value);
    this.#length += LENGTH;
  }
  #text(text: string): void {
    this.#room(LENGTH + text.length);
    const at = this.#length + LENGTH;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) {
        const bytes = utf8(text);
        this.#number(bytes.length);
        this.#raw(bytes);
        return;
      }
      this.#bytes[at + i] = code;
    }
    this.#lengthAt(this.#length, text.length);
    this.#length = at + text.length;
  }
  /** Half a surrogate pair is not JSON that anybody writes, and has no UTF-8: the value is void either way. */
  #json(text: string): void {
    this.#text(/\p{Surrogate}/u.test(text) ? '' : text);
  }
  #id(id: string): void {
    this.#room(16);
    this.#hex(id, 16);
  }
  #opIds(ids: readonly OpId[]): void {
    this.#number(ids.length);
    for (const id of ids) {
      this.#room(32);
      this.#hex(id.slice(0, 64), 32);
      this.#number(Number(id.slice(65)));
    }
  }

  #ops(ops: readonly Op[]): void {
    this.#number(ops.length);
    for (const op of ops) {
      this.#room(1 + LENGTH);
      this.#bytes[this.#length] = KINDS[op.type as keyof typeof KINDS] ?? 0;
      const size = this.#length + 1;
      this.#length = size + LENGTH;
      this.#payload(op);
      this.#lengthAt(size, this.#length - size - LENGTH);
    }
  }
  #payload(op: Op): void {
    switch (op.type) {
      case 'nodeNew':
        this.#id(op.node);
        this.#text(op.nodeType);
        this.#room(8);
        this.#view.setBigUint64(this.#length, BigInt(op.counter));
        this.#length += 8;
        return;
      case 'fieldSet':
        this.#id(op.node);
        this.#text(op.key);
        return this.#json(op.value);
      case 'edgeAdd':
        this.#id(op.from);
        this.#text(op.relation);
        this.#text(op.to);
        return this.#json(op.value);
      case 'edgeDel':
        return this.#opIds(op.tags);
      case 'nodeDel':
        return this.#id(op.node);
      case 'nodeRestore':
        this.#id(op.node);
        return this.#opIds(op.deletions);
      case 'move':
        this.#id(op.node);
        this.#room(1);
        this.#bytes[this.#length++] = op.parent === '' ? 0 : 1;
        if (op.parent !== '') this.#id(op.parent);
        return this.#text(op.order);
      case 'textUpdate':
      case 'large':
      case 'unknown':
        return;
    }
  }
}
