/**
 * How a body of the second form names nodes: a table of them, to whose places its ops refer. A node stands there by its birth
 * where that is shorter: the counter under which a device made it, from which its id follows. Byte table:
 * docs/protocol/entry.md; why: docs/decisions/0022. Must not know what ops do with nodes.
 */
import { isHex, toHex } from '../../base/bytes';
import { type Codec, DecodeError, encode, fixed, type Reader } from '../../base/codec';
import { MAX_OPS, type Op } from './body';
import { type DeviceId, deviceIdCodec, type NodeId, nodeIdCodec, nodeIdOf, type SpaceId } from './ids';

/** Of the entry that the body belongs to. */
export type Origin = { readonly space: SpaceId; readonly device: DeviceId; readonly incarnation: number };
/** Under what a node was made; its id follows from it and from the space. */
export type BirthName = { readonly device: DeviceId; readonly incarnation: number; readonly counter: number };

const MAX_NODES = 2 * MAX_OPS;
/** So many nodes of one device are shorter by their births, whatever these are. */
const LEAST_OF_GROUP = 4;
const MAX_GROUPS = MAX_NODES / LEAST_OF_GROUP;
const MAX_INCARNATION = 2 ** 32;

type Group = { readonly device: DeviceId; readonly incarnation: number; readonly counters: readonly number[] };
/** In the order of their places. `own`: counters of the entry's own device and incarnation. */
export type NodeTable = {
  readonly own: readonly number[];
  readonly groups: readonly Group[];
  readonly ids: readonly Uint8Array[];
};
// --- Counters: ascending, the first as it is, the others as what lies between ----------------------------------

const counters: Codec<readonly number[]> = {
  write: (writer, values) => {
    writer.varint(values.length);
    values.forEach((value, i) => {
      writer.varint(i === 0 ? value : value - (values[i - 1] as number) - 1);
    });
  },
  read: (reader) => {
    const count = bounded(reader, MAX_NODES);
    const values: number[] = [];
    for (let i = 0; i < count; i++) {
      const value = reader.varint() + (i === 0 ? 0 : (values[i - 1] as number) + 1);
      if (!Number.isSafeInteger(value)) throw new DecodeError('number above 2^53');
      values.push(value);
    }
    return values;
  },
};
/** A count of things that take a byte each at least. */
export const bounded = (reader: Reader, limit: number): number => {
  const count = reader.varint();
  if (count > limit || count > reader.left) throw new DecodeError(`${count} items, at most ${limit}`);
  return count;
};

// --- NodeTable -----------------------------------------------------------------------------------------------------

const groupOrder = (a: Omit<Group, 'counters'>, b: Omit<Group, 'counters'>): number =>
  a.device === b.device ? a.incarnation - b.incarnation : a.device < b.device ? -1 : 1;

export const nodeTableCodec: Codec<NodeTable> = {
  write: (writer, { own, groups, ids }) => {
    counters.write(writer, own);
    writer.varint(groups.length);
    for (const group of groups) {
      deviceIdCodec.write(writer, group.device);
      writer.varint(group.incarnation);
      counters.write(writer, group.counters);
    }
    writer.varint(ids.length);
    for (const id of ids) writer.raw(id);
  },
  read: (reader) => {
    const own = counters.read(reader);
    const groups: Group[] = [];
    for (let i = bounded(reader, MAX_GROUPS); i > 0; i--) {
      const group = {
        device: deviceIdCodec.read(reader),
        incarnation: reader.varint(),
        counters: counters.read(reader),
      };
      const before = groups.at(-1);
      if (before && groupOrder(before, group) >= 0) throw new DecodeError('devices not sorted');
      if (group.incarnation >= MAX_INCARNATION) throw new DecodeError('an incarnation above 2^32');
      if (group.counters.length < LEAST_OF_GROUP) throw new DecodeError('a device that is named for few nodes');
      groups.push(group);
    }
    const ids = Array.from({ length: bounded(reader, MAX_NODES) }, () => fixed(16).read(reader));
    for (let i = 1; i < ids.length; i++)
      if (compare(ids[i - 1] as Uint8Array, ids[i] as Uint8Array) >= 0) throw new DecodeError('nodes not sorted');
    const nodes = { own, groups, ids };
    if (sizeOf(nodes) > MAX_NODES) throw new DecodeError(`more than ${MAX_NODES} nodes`);
    return nodes;
  },
};
const compare = (a: Uint8Array, b: Uint8Array): number => {
  for (let i = 0; i < 16; i++) if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number);
  return 0;
};
export const sizeOf = ({ own, groups, ids }: NodeTable): number =>
  groups.reduce((count, group) => count + group.counters.length, own.length + ids.length);

export const idsOf = ({ own, groups, ids }: NodeTable, { space, device, incarnation }: Origin): readonly NodeId[] => [
  ...own.map((counter) => nodeIdOf(space, device, incarnation, counter)),
  ...groups.flatMap((group) =>
    group.counters.map((counter) => nodeIdOf(space, group.device, group.incarnation, counter)),
  ),
  ...ids.map((id) => toHex(id) as NodeId),
];

/** Which nodes ops name, and as what. `told`: what is known of their births. */
export const tableOf = (ops: readonly Op[], origin: Origin, told: (node: NodeId) => BirthName | undefined) => {
  const births = new Map<NodeId, BirthName | undefined>();
  const forged = new Set<NodeId>();
  const note = (node: NodeId): void => {
    if (!births.has(node)) births.set(node, told(node));
  };
  for (const op of ops) {
    if (op.type === 'nodeNew') {
      const { space, device, incarnation } = origin;
      if (nodeIdOf(space, device, incarnation, op.counter) === op.node)
        births.set(op.node, { device, incarnation, counter: op.counter });
      else forged.add(op.node);
    }
    if ('node' in op) note(op.node);
    else if (op.type === 'textUpdate') note(op.document);
    else if (op.type === 'edgeAdd') note(op.from);
    if (op.type === 'move' && op.parent !== '') note(op.parent);
    if (op.type === 'edgeAdd' && isHex(op.to, 16)) note(op.to as NodeId);
  }
  // A counter is said with the op where it is not the node's.
  for (const node of forged) births.set(node, undefined);
  return placesOf(births, origin);
};
const placesOf = (births: ReadonlyMap<NodeId, BirthName | undefined>, origin: Origin) => {
  const own: [number, NodeId][] = [];
  const others = new Map<string, { of: BirthName; nodes: [number, NodeId][] }>();
  const plain: NodeId[] = [];
  for (const [node, birth] of births) {
    if (!birth) plain.push(node);
    else if (groupOrder(birth, origin) === 0) own.push([birth.counter, node]);
    else {
      const name = `${birth.device} ${birth.incarnation}`;
      const group = others.get(name) ?? { of: birth, nodes: [] };
      others.set(name, group);
      group.nodes.push([birth.counter, node]);
    }
  }
  const kept = [...others.values()].filter(({ nodes }) => nodes.length >= LEAST_OF_GROUP);
  for (const { nodes } of others.values())
    if (nodes.length < LEAST_OF_GROUP) plain.push(...nodes.map(([, node]) => node));
  const inOrder = (nodes: [number, NodeId][]) => nodes.sort(([a], [b]) => a - b);
  const ordered = [inOrder(own), ...kept.sort((a, b) => groupOrder(a.of, b.of)).map(({ nodes }) => inOrder(nodes))];
  plain.sort();
  const counted = (nodes: readonly [number, NodeId][]) => nodes.map(([counter]) => counter);
  const nodes: NodeTable = {
    own: counted(own),
    groups: kept.map(({ of, nodes }) => ({
      device: of.device,
      incarnation: of.incarnation,
      counters: counted(nodes),
    })),
    ids: plain.map((id) => encode(nodeIdCodec, id)),
  };
  const ids = [...ordered.flat().map(([, node]) => node), ...plain];
  return { nodes, placeByNode: new Map(ids.map((id, place) => [id, place])) };
};
