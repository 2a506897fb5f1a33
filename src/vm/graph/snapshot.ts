/**
 * A state put away as the ops that are left of it: what still shows, and nothing of how it came about. Whoever takes them
 * into an empty engine has the state that the whole history gives. Bytes: docs/protocol/checkpoint.md. Must not know who
 * vouches for it, keys or storage.
 *
 * CK1 a snapshot taken in gives the state hash of the history, documents included, and its conflicts.
 * CK2 it is a function of the entries: whoever folds the same makes the same bytes, part by part, the newest first.
 * CK3 what does not decode is refused as a whole, before anything of it is folded.
 */
import { assert } from '../../base/assert';
import {
  DecodeError,
  list,
  type Malformed,
  optional,
  Reader,
  record,
  u8,
  u32,
  u64,
  varint,
  Writer,
} from '../../base/codec';
import { err, ok, type Result } from '../../base/result';
import { bodyCodec, type Op, opIdOf } from '../op/body';
import { hlcCodec } from '../op/clock';
import {
  deviceIdCodec,
  type EntryId,
  entryIdCodec,
  type LogId,
  logIdOf,
  type NodeId,
  type ShardId,
  type SpaceId,
  userIdCodec,
} from '../op/ids';
import type { FieldState, FoldEntry, Role } from './engine';
import type { GraphStore } from './store/store';

const MAX_ENTRIES = 1 << 20;
/** Bytes of a part, about: the first is to be there soon. */
const FIRST_PART = 96 * 1024;
const OTHER_PART = 256 * 1024;

const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'guest'];
/** Stands where an op was that shows no more, so that those after it keep their places. */
const GONE: Op = { type: 'unknown', kind: 0, bytes: new Uint8Array() };

/** Tells what is left of entries in an engine that was given all of them. */
export class Survey {
  readonly #fields = new Map<NodeId, Map<string, FieldState | undefined>>();
  readonly #edges = new Map<NodeId, ReadonlySet<string>>();

  constructor(private readonly engine: GraphStore) {}

  /** The ops that show, each at its place; a document's whole text at the place of its last change. */
  left({ id, ops }: Pick<FoldEntry, 'id' | 'ops'>): readonly Op[] {
    const left = ops.map((op, index) => this.#left(id, op, index) ?? GONE);
    while (left.at(-1) === GONE) left.pop();
    return left;
  }
  #left(entry: EntryId, op: Op, index: number): Op | undefined {
    const { engine } = this;
    switch (op.type) {
      case 'nodeNew':
        return engine.node(op.node)?.createdBy === entry ? op : undefined;
      case 'fieldSet': {
        const state = this.#field(op.node, op.key);
        const shows = state && [state, ...state.losers].some((each) => each.entry === entry && each.json === op.value);
        return shows ? op : undefined;
      }
      case 'edgeAdd':
        return this.#edgesFrom(op.from).has(opIdOf(entry, index)) ? op : undefined;
      case 'nodeDel':
        return engine.node(op.node)?.deletions.includes(opIdOf(entry, index)) ? op : undefined;
      case 'move':
        return engine.moveOf(op.node) === opIdOf(entry, index) ? op : undefined;
      case 'textUpdate':
        if (engine.lastText(op.document) !== opIdOf(entry, index)) return undefined;
        return { ...op, n: 0, update: engine.documentUpdate(op.document) };
      default:
        return undefined;
    }
  }
  #field(node: NodeId, key: string): FieldState | undefined {
    const fields = this.#fields.get(node) ?? new Map<string, FieldState | undefined>();
    this.#fields.set(node, fields);
    if (!fields.has(key)) fields.set(key, this.engine.node(node)?.fieldState(key));
    return fields.get(key);
  }
  #edgesFrom(node: NodeId): ReadonlySet<string> {
    const known = this.#edges.get(node) ?? new Set(this.engine.edgesFrom(node).map(({ tag }) => tag));
    this.#edges.set(node, known);
    return known;
  }
}

/** An entry as a snapshot has it. Its log follows from the device; what it knew of others is left out. */
type Left = Pick<FoldEntry, 'id' | 'device' | 'incarnation' | 'seq' | 'author' | 'role' | 'hlc' | 'ops'> & {
  /** Where the log goes on in several ways. */
  readonly prev?: EntryId | undefined;
};

/** Ops looked at, written or read in one go, about: some milliseconds. */
const AT_ONCE = 500;

/**
 * In order of time, the newest first; cut so that the first part is small. `entries` of one shard, all that was folded. Stops
 * now and then, for others to work.
 */
export function* partsOf(
  entries: readonly FoldEntry[],
  survey: Survey,
): Generator<undefined, readonly Uint8Array<ArrayBuffer>[]> {
  const places = new Map<string, number>();
  const forked = new Set<LogId>();
  const placeOf = ({ log, seq }: FoldEntry): string => `${log} ${seq}`;
  for (const entry of entries) {
    if (entry.hollow) continue;
    const claims = (places.get(placeOf(entry)) ?? 0) + 1;
    places.set(placeOf(entry), claims);
    if (claims > 1) forked.add(entry.log);
  }
  const left: Left[] = [];
  let looked = 0;
  for (const entry of entries) {
    looked += 1 + entry.ops.length;
    if (looked >= AT_ONCE) {
      looked = 0;
      yield;
    }
    const ops = survey.left(entry);
    // Two claims of one place tell of a device that contradicts itself: the state tells so too.
    const contested = !entry.hollow && (places.get(placeOf(entry)) ?? 0) > 1;
    if (ops.length > 0 || contested) left.push({ ...entry, ops, prev: forked.has(entry.log) ? entry.prev : undefined });
  }
  left.sort((a, b) => b.hlc - a.hlc || (a.id < b.id ? -1 : 1));
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let from = 0; from < left.length; ) {
    const limit = parts.length === 0 ? FIRST_PART : OTHER_PART;
    let size = 0;
    let to = from;
    while (to < left.length && (to === from || size < limit)) size += sizeOf(left[to++] as Left);
    parts.push(yield* written(left.slice(from, to)));
    from = to;
    yield;
  }
  return parts;
}
const sizeOf = ({ ops }: Left): number =>
  ops.reduce((sum, op) => {
    if (op.type === 'textUpdate') return sum + op.update.length;
    return sum + 40 + ('value' in op ? op.value.length : 0);
  }, 80);

const lines = record({
  id: entryIdCodec,
  device: varint,
  incarnation: u32,
  seq: u64,
  author: varint,
  role: u8,
  hlc: hlcCodec,
  prev: optional(entryIdCodec),
});
const tables = record({ devices: list(deviceIdCodec, MAX_ENTRIES), authors: list(userIdCodec, MAX_ENTRIES) });
const count = varint;
const at = <T>(table: readonly T[], index: number): T => {
  const value = table[index];
  if (value === undefined) throw new DecodeError('names nobody');
  return value;
};
const VERSION = 1;
function* written(entries: readonly Left[]): Generator<undefined, Uint8Array<ArrayBuffer>> {
  assert(entries.length <= MAX_ENTRIES, 'a part is cut by size');
  const writer = new Writer();
  const devices = [...new Set(entries.map(({ device }) => device))].sort();
  const authors = [...new Set(entries.map(({ author }) => author))].sort();
  const deviceAt = new Map(devices.map((device, i) => [device, i]));
  const authorAt = new Map(authors.map((author, i) => [author, i]));
  u8.write(writer, VERSION);
  tables.write(writer, { devices, authors });
  count.write(writer, entries.length);
  let ops = 0;
  for (const entry of entries) {
    const device = deviceAt.get(entry.device) as number;
    const author = authorAt.get(entry.author) as number;
    lines.write(writer, { ...entry, prev: entry.prev, device, author, role: ROLES.indexOf(entry.role) });
    bodyCodec.write(writer, entry.ops);
    ops += entry.ops.length;
    if (ops < AT_ONCE) continue;
    ops = 0;
    yield;
  }
  return writer.finish();
}
function* read(reader: Reader): Generator<undefined, readonly Left[]> {
  if (u8.read(reader) !== VERSION) throw new DecodeError('snapshot of another version');
  const { devices, authors } = tables.read(reader);
  const length = count.read(reader);
  if (length > MAX_ENTRIES || length > reader.left) throw new DecodeError('more entries than there can be');
  const entries: Left[] = [];
  let seen = 0;
  while (entries.length < length) {
    const { device, author, role, prev, ...line } = lines.read(reader);
    const ops = bodyCodec.read(reader);
    if (ops.some(({ type }) => type === 'large')) throw new DecodeError('an op that stands for another');
    entries.push({
      ...line,
      prev,
      device: at(devices, device),
      author: at(authors, author),
      role: at(ROLES, role),
      ops,
    });
    seen += ops.length;
    if (seen < AT_ONCE) continue;
    seen = 0;
    yield;
  }
  if (reader.left > 0) throw new DecodeError(`${reader.left} bytes too many`);
  return entries;
}

/** What an engine is given for one part; stops now and then. */
export function* readInSteps(
  bytes: Uint8Array,
  space: SpaceId,
  shard: ShardId,
): Generator<undefined, Result<readonly FoldEntry[], Malformed>> {
  try {
    const left = yield* read(new Reader(bytes));
    return ok(
      left.map(({ prev, ...entry }) => ({
        ...entry,
        space,
        shard,
        log: logIdOf(space, shard, entry.device, entry.incarnation),
        deps: [],
        whole: true,
        ...(prev === undefined ? {} : { prev }),
      })),
    );
  } catch (fault) {
    if (fault instanceof DecodeError) return err({ type: 'malformed', message: fault.message });
    throw fault;
  }
}
/** The same at once. */
export const readPart = (
  bytes: Uint8Array,
  space: SpaceId,
  shard: ShardId,
): Result<readonly FoldEntry[], Malformed> => {
  const reading = readInSteps(bytes, space, shard);
  for (;;) {
    const step = reading.next();
    if (step.done) return step.value;
  }
};
