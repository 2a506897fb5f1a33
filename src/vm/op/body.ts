/**
 * Ops, and the first form of the body of a data entry: a batch of graph operations, sealed as one. Byte table:
 * docs/protocol/entry.md. Every op is framed by its kind and length, so that kinds of a later version are kept and forwarded
 * untouched. Bodies are written in the second form (`tables.ts`); this one is read, and used where ops lie on this device.
 */

import {
  blob,
  type Codec,
  DecodeError,
  decode,
  encode,
  fixed,
  list,
  record,
  text,
  u64,
  varint,
} from '../../base/codec';
import { type BlobId, blobIdCodec, type EntryId, entryIdCodec, type NodeId, nodeIdCodec } from './ids';

export const MAX_OPS = 256;
export const MAX_BODY = 64 * 1024;
/** Ops that take no more than this, each as `opCodec` writes it, fit a body: tables take a little more where nothing repeats. */
export const MAX_OPS_BYTES = MAX_BODY - 1024;
/** A payload above this travels as a sealed blob, and the op carries its content id. */
export const MAX_INLINE = 16 * 1024;

/** Names one op for ever: the entry that carries it and its place there. */
export type OpId = `${EntryId}:${number}`;
export const opIdOf = (entry: EntryId, index: number): OpId => `${entry}:${index}`;
export const opIdCodec: Codec<OpId> = {
  write: (writer, value) => {
    entryIdCodec.write(writer, value.slice(0, 64) as EntryId);
    varint.write(writer, Number(value.slice(65)));
  },
  read: (reader) => {
    const entry = entryIdCodec.read(reader);
    const index = varint.read(reader);
    if (index >= MAX_OPS) throw new DecodeError('op index above 255');
    return opIdOf(entry, index);
  },
};

/** A field's value as canonical JSON text: what gun would compare. */
export type JsonText = string;

/** `Node`: how it names nodes; `To`: how an edge names what it leads to. */
export type OpOf<Node, To> =
  /** A graph node; its id is derived from the device and `counter`, checked at admission. */
  | { readonly type: 'nodeNew'; readonly node: Node; readonly nodeType: string; readonly counter: number }
  | { readonly type: 'fieldSet'; readonly node: Node; readonly key: string; readonly value: JsonText }
  | {
      readonly type: 'edgeAdd';
      readonly from: Node;
      readonly relation: string;
      readonly to: To;
      readonly value: JsonText;
    }
  | { readonly type: 'edgeDel'; readonly tags: readonly OpId[] }
  | { readonly type: 'nodeDel'; readonly node: Node }
  /** Names the deletions it lifts. */
  | { readonly type: 'nodeRestore'; readonly node: Node; readonly deletions: readonly OpId[] }
  /** `parent` empty: the top of the outline. `order` is a fractional index. */
  | { readonly type: 'move'; readonly node: Node; readonly parent: Node | ''; readonly order: string }
  /** A Yjs V2 update of a document; every struct's client must be H53(device ‖ document ‖ n). */
  | { readonly type: 'textUpdate'; readonly document: Node; readonly n: number; readonly update: Uint8Array }
  /** Stands for one op whose payload is too large: the blob holds that op's bytes, sealed under `key`. */
  | { readonly type: 'large'; readonly blob: BlobId; readonly size: number; readonly key: Uint8Array }
  /** An op of a later version: kept, forwarded, not folded. */
  | { readonly type: 'unknown'; readonly kind: number; readonly bytes: Uint8Array };
export type Op = OpOf<NodeId, string>;
export type KnownOp = Exclude<Op['type'], 'unknown'>;

export const nameCodec = text(200);
const name = nameCodec;
const json = text(MAX_BODY);
const parent: Codec<NodeId | ''> = {
  write: (writer, value) => {
    writer.u8(value === '' ? 0 : 1);
    if (value !== '') nodeIdCodec.write(writer, value);
  },
  read: (reader) => {
    const present = reader.u8();
    if (present > 1) throw new DecodeError('flag is neither 0 nor 1');
    return present === 1 ? nodeIdCodec.read(reader) : '';
  },
};

export const updateCodec: Codec<Uint8Array> = blob(32 * 1024 * 1024);
const keyCodec: Codec<Uint8Array> = fixed(32);
export const largeCodec = record({ blob: blobIdCodec, size: varint, key: keyCodec });

/** Numbers are registered once and never reused. */
// biome-ignore lint/suspicious/noExplicitAny: a table of codecs, each of its own op
const OPS: Record<KnownOp, readonly [number, Codec<any>]> = {
  nodeNew: [1, record({ node: nodeIdCodec, nodeType: name, counter: u64 })],
  fieldSet: [2, record({ node: nodeIdCodec, key: name, value: json })],
  edgeAdd: [4, record({ from: nodeIdCodec, relation: name, to: name, value: json })],
  edgeDel: [5, record({ tags: list(opIdCodec, MAX_OPS) })],
  nodeDel: [6, record({ node: nodeIdCodec })],
  nodeRestore: [7, record({ node: nodeIdCodec, deletions: list(opIdCodec, MAX_OPS) })],
  move: [8, record({ node: nodeIdCodec, parent, order: name })],
  textUpdate: [9, record({ document: nodeIdCodec, n: u64, update: updateCodec })],
  large: [11, largeCodec],
};
const TYPES = new Map(Object.entries(OPS).map(([type, [kind]]) => [kind, type as KnownOp]));
export const kindOf = (type: KnownOp): number => OPS[type][0];
/** `undefined`: of a later version. */
export const typeOfKind = (kind: number): KnownOp | undefined => TYPES.get(kind);

export const unknownBytes: Codec<Uint8Array> = blob(MAX_BODY);

/** One op: kind ‖ length ‖ payload. The limit of a large op is that of a document. */
export const opCodec: Codec<Op> = {
  write: (writer, op) => {
    if (op.type === 'unknown') {
      writer.varint(op.kind);
      unknownBytes.write(writer, op.bytes);
      return;
    }
    const [kind, codec] = OPS[op.type];
    const payload = encode(codec, op);
    writer.varint(kind);
    writer.varint(payload.length);
    writer.raw(payload);
  },
  read: (reader) => {
    const kind = reader.varint();
    const bytes = reader.raw(reader.varint());
    const type = TYPES.get(kind);
    if (!type) return { type: 'unknown', kind, bytes };
    const decoded = decode(OPS[type][1], bytes);
    if (!decoded.ok) throw new DecodeError(decoded.error.message);
    return { type, ...decoded.value } as Op;
  },
};

/** The first form. */
export const bodyCodec: Codec<readonly Op[]> = list(opCodec, MAX_OPS);
