/**
 * The second form of the body of a data entry: each node (`names.ts`) and each pair of kind and name is said once, and ops
 * refer to their places; values are packed (`packed.ts`). Byte table: docs/protocol/entry.md; why: docs/decisions/0022. Must not know keys or what ops come to.
 *
 * BD1 both forms are read, the second is written; the first number of a body tells them apart.
 * BD2 for ops, and births that are known, there is one encoding; what is not in its order or shortest form, or is named and
 *     not used, is malformed.
 * BD3 every count is checked before anything is made for it; ids are derived only for who asks for ops.
 */
import { isHex } from '../../base/bytes';
import { type Codec, DecodeError, decode, list, type Malformed, Reader, u64, Writer } from '../../base/codec';
import { err, ok, type Result } from '../../base/result';
import {
  bodyCodec,
  type KnownOp,
  kindOf,
  largeCodec,
  MAX_OPS,
  nameCodec,
  type Op,
  type OpOf,
  opIdCodec,
  typeOfKind,
  unknownBytes,
  updateCodec,
} from './body';
import type { NodeId } from './ids';
import { type BirthName, bounded, idsOf, type NodeTable, nodeTableCodec, type Origin, sizeOf, tableOf } from './names';
import { packedValue } from './packed';

/** What a body says, without the ids of nodes: enough to judge it. */
export type Body = {
  readonly ops: readonly OpOf<unknown, unknown>[];
  named(origin: Origin): readonly Op[];
};

/** A number of ops that no body of the first form has. */
const SECOND = 257;
/** Ops whose nodes are places in the table; an edge may also lead to a text. */
type Placed = OpOf<number, number | string>;
type Shape = { readonly type: KnownOp; readonly name: string } | { readonly type: 'unknown'; readonly kind: number };

// --- Shapes: the kind of an op, and the name in it where it has one ---------------------------------------------

const shapeOf = (op: OpOf<unknown, unknown>): Shape => {
  switch (op.type) {
    case 'unknown':
      return { type: 'unknown', kind: op.kind };
    case 'nodeNew':
      return { type: op.type, name: op.nodeType };
    case 'fieldSet':
      return { type: op.type, name: op.key };
    case 'edgeAdd':
      return { type: op.type, name: op.relation };
    default:
      return { type: op.type, name: '' };
  }
};
const keyOf = (shape: Shape): string => (shape.type === 'unknown' ? `${shape.kind}` : `${shape.type} ${shape.name}`);
const isNamed = (type: KnownOp): boolean => type === 'nodeNew' || type === 'fieldSet' || type === 'edgeAdd';

const shapeCodec: Codec<Shape> = {
  write: (writer, shape) => {
    writer.varint(shape.type === 'unknown' ? shape.kind : kindOf(shape.type));
    if (shape.type !== 'unknown' && isNamed(shape.type)) nameCodec.write(writer, shape.name);
  },
  read: (reader) => {
    const kind = reader.varint();
    const type = typeOfKind(kind);
    if (!type) return { type: 'unknown', kind };
    return { type, name: isNamed(type) ? nameCodec.read(reader) : '' };
  },
};

// --- Ops -------------------------------------------------------------------------------------------------------

const opIds = list(opIdCodec, MAX_OPS);

/** What follows the shape. `own`: how many places at the beginning are of nodes whose counter the table says. */
const payloadOf = (own: number, size: number) => {
  const used = new Uint8Array(size);
  const isWide = size > 256;
  const place: Codec<number> = {
    write: (writer, value) => writer.uint(value, isWide ? 2 : 1),
    read: (reader) => {
      const value = reader.uint(isWide ? 2 : 1);
      if (value >= size) throw new DecodeError('names no node');
      used[value] = 1;
      return value;
    },
  };
  const either = <T>(reader: Reader, one: () => T, other: () => T): T => {
    const which = reader.u8();
    if (which > 1) throw new DecodeError('flag is neither 0 nor 1');
    return which === 1 ? other() : one();
  };
  const write = (writer: Writer, op: Placed): void => {
    switch (op.type) {
      case 'nodeNew':
        place.write(writer, op.node);
        if (op.node >= own) u64.write(writer, op.counter);
        return;
      case 'fieldSet':
        place.write(writer, op.node);
        return packedValue.write(writer, op.value);
      case 'edgeAdd':
        place.write(writer, op.from);
        writer.u8(typeof op.to === 'number' ? 0 : 1);
        if (typeof op.to === 'number') place.write(writer, op.to);
        else nameCodec.write(writer, op.to);
        return packedValue.write(writer, op.value);
      case 'edgeDel':
        return opIds.write(writer, op.tags);
      case 'nodeDel':
        return place.write(writer, op.node);
      case 'nodeRestore':
        place.write(writer, op.node);
        return opIds.write(writer, op.deletions);
      case 'move':
        place.write(writer, op.node);
        writer.u8(op.parent === '' ? 0 : 1);
        if (op.parent !== '') place.write(writer, op.parent);
        return nameCodec.write(writer, op.order);
      case 'textUpdate':
        place.write(writer, op.document);
        u64.write(writer, op.n);
        return updateCodec.write(writer, op.update);
      case 'large':
        return largeCodec.write(writer, op);
      case 'unknown':
        return unknownBytes.write(writer, op.bytes);
    }
  };
  const read = (reader: Reader, shape: Shape, ownCounters: readonly number[]): Placed => {
    switch (shape.type) {
      case 'unknown':
        return { type: 'unknown', kind: shape.kind, bytes: unknownBytes.read(reader) };
      case 'nodeNew': {
        const node = place.read(reader);
        const counter = node < own ? (ownCounters[node] as number) : u64.read(reader);
        return { type: 'nodeNew', node, nodeType: shape.name, counter };
      }
      case 'fieldSet':
        return { type: 'fieldSet', node: place.read(reader), key: shape.name, value: packedValue.read(reader) };
      case 'edgeAdd': {
        const from = place.read(reader);
        const to = either<number | string>(
          reader,
          () => place.read(reader),
          () => nameCodec.read(reader),
        );
        if (isHex(to, 16)) throw new DecodeError('a node that is written as text');
        return { type: 'edgeAdd', from, relation: shape.name, to, value: packedValue.read(reader) };
      }
      case 'edgeDel':
        return { type: 'edgeDel', tags: opIds.read(reader) };
      case 'nodeDel':
        return { type: 'nodeDel', node: place.read(reader) };
      case 'nodeRestore':
        return { type: 'nodeRestore', node: place.read(reader), deletions: opIds.read(reader) };
      case 'move': {
        const node = place.read(reader);
        const parent = either<number | ''>(
          reader,
          () => '',
          () => place.read(reader),
        );
        return { type: 'move', node, parent, order: nameCodec.read(reader) };
      }
      case 'textUpdate':
        return {
          type: 'textUpdate',
          document: place.read(reader),
          n: u64.read(reader),
          update: updateCodec.read(reader),
        };
      case 'large':
        return { type: 'large', ...largeCodec.read(reader) };
    }
  };
  return { write, read, isUsed: () => used.every((mark) => mark === 1) };
};

const mapped = <A, TA, B, TB>(op: OpOf<A, TA>, node: (name: A) => B, to: (name: TA) => TB): OpOf<B, TB> => {
  switch (op.type) {
    case 'nodeNew':
    case 'fieldSet':
    case 'nodeDel':
    case 'nodeRestore':
      return { ...op, node: node(op.node) };
    case 'edgeAdd':
      return { ...op, from: node(op.from), to: to(op.to) };
    case 'move':
      return { ...op, node: node(op.node), parent: op.parent === '' ? '' : node(op.parent) };
    case 'textUpdate':
      return { ...op, document: node(op.document) };
    default:
      return op;
  }
};

// --- Bodies ----------------------------------------------------------------------------------------------------

/** `told`: what is known of the births of nodes that these ops name. Throws where there are more than 256 ops. */
export const encodeBody = (
  ops: readonly Op[],
  origin: Origin,
  told: (node: NodeId) => BirthName | undefined = () => undefined,
): Uint8Array<ArrayBuffer> => {
  if (ops.length > MAX_OPS) throw new Error(`${ops.length} ops, at most ${MAX_OPS}`);
  const { nodes, placeByNode } = tableOf(ops, origin, told);
  const shapes = new Map<string, readonly [place: number, Shape]>();
  for (const op of ops) {
    const shape = shapeOf(op);
    const key = keyOf(shape);
    if (!shapes.has(key)) shapes.set(key, [shapes.size, shape]);
  }
  const writer = new Writer();
  writer.varint(SECOND);
  writer.varint(ops.length);
  nodeTableCodec.write(writer, nodes);
  writer.varint(shapes.size);
  for (const [, shape] of shapes.values()) shapeCodec.write(writer, shape);
  const payload = payloadOf(nodes.own.length, placeByNode.size);
  const placeOf = (node: NodeId): number => placeByNode.get(node) as number;
  for (const op of ops) {
    writer.u8(shapes.get(keyOf(shapeOf(op)))?.[0] as number);
    payload.write(
      writer,
      mapped(op, placeOf, (to) => placeByNode.get(to as NodeId) ?? to),
    );
  }
  return writer.finish();
};

type Read = { readonly nodes: NodeTable; readonly ops: readonly Placed[] };
const secondCodec = (reader: Reader): Read => {
  const count = bounded(reader, MAX_OPS);
  const nodes = nodeTableCodec.read(reader);
  const shapes = Array.from({ length: bounded(reader, count) }, () => shapeCodec.read(reader));
  if (new Set(shapes.map(keyOf)).size < shapes.length) throw new DecodeError('a shape twice');
  const { own } = nodes;
  const payload = payloadOf(own.length, sizeOf(nodes));
  let seen = 0;
  const ops = Array.from({ length: count }, () => {
    const at = reader.u8();
    const shape = shapes[at];
    if (!shape || at > seen) throw new DecodeError('shapes not in the order of their use');
    if (at === seen) seen++;
    return payload.read(reader, shape, own);
  });
  if (seen < shapes.length || !payload.isUsed()) throw new DecodeError('what is named is not used');
  if (reader.left > 0) throw new DecodeError(`${reader.left} bytes too many`);
  return { nodes, ops };
};

/** Of either form. */
export const readBody = (bytes: Uint8Array): Result<Body, Malformed> => {
  const reader = new Reader(bytes);
  try {
    if (reader.varint() !== SECOND) {
      const first = decode(bodyCodec, bytes);
      return first.ok ? ok({ ops: first.value, named: () => first.value }) : first;
    }
    const { nodes, ops } = secondCodec(reader);
    const named = (origin: Origin): readonly Op[] => {
      const ids = idsOf(nodes, origin);
      const idAt = (place: number): NodeId => ids[place] as NodeId;
      return ops.map((op) => mapped(op, idAt, (to): string => (typeof to === 'number' ? idAt(to) : to)));
    };
    return ok({ ops, named });
  } catch (fault) {
    if (fault instanceof DecodeError) return err({ type: 'malformed', message: fault.message });
    throw fault;
  }
};
export const decodeBody = (bytes: Uint8Array, origin: Origin): Result<readonly Op[], Malformed> => {
  const read = readBody(bytes);
  return read.ok ? ok(read.value.named(origin)) : read;
};
/** How many ops it holds, of a body that was read. */
export const opsIn = (body: Uint8Array): number => {
  const reader = new Reader(body);
  const first = reader.varint();
  return first === SECOND ? reader.varint() : first;
};
