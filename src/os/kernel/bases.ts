/**
 * Bases: the text of a document as this device put it together itself, kept in the place of the bodies it was made of. Here is
 * what a base says, how it lies on the disk, and whether it still stands. It decides not whose bodies may go (`shelf.ts`).
 * Bytes: docs/protocol/storage.md.
 *
 * CO1 with a base the document is what it is with all bodies: text, state hash, history, who wrote what; also after what comes.
 * CO2 bodies go only after the base that covers them lies on the disk, strictly; what others hold of them is asked by PR2.
 * CO3 a base stands while all that it covers is here, on logs that go on in one way up to there, and counts; else, and where a
 *     clock of the text that it holds is claimed again, it is void: the bodies are asked for, and until then the text is away.
 * CO4 a base is of this device alone: none is ever sent or taken from anybody. On the disk it is sealed under the key of its part.
 * CO5 what reads single changes (an earlier state, a comparison) has the bodies brought back; it takes no base for a change.
 */
import { concat, fromHex, utf8 } from '../../base/bytes';
import { blob, decode, encode, fixed, list, record, u8, u64, varint } from '../../base/codec';
import { deriveKey } from '../../base/hash';
import type { TextBase, TextChange } from '../../vm/graph/text';
import type { Op } from '../../vm/op/body';
import type { Reach } from '../../vm/op/checkpoint';
import type { Entry } from '../../vm/op/entry';
import {
  type EntryId,
  entryIdCodec,
  epochIdCodec,
  type LogId,
  logIdCodec,
  type NodeId,
  nodeIdCodec,
  type ShardId,
  type SpaceId,
} from '../../vm/op/ids';
import { opsOf } from './bodies';
import type { KernelContext } from './context';
import type { Replica } from './replica';
import type { Part } from './shelf';

/** `covered`: how many changes of the text each entry has that it stands for. `bytes`: as it lies on the disk. */
export type Base = {
  readonly shard: ShardId;
  readonly document: NodeId;
  readonly text: TextBase;
  readonly covered: ReadonlyMap<EntryId, number>;
  readonly bytes: number;
};

/** As the graph is given an entry whose text is in the base. */
export const coveredOps = ({ document, covered }: Base, entry: EntryId): readonly Op[] =>
  Array.from({ length: covered.get(entry) ?? 0 }, () => ({ type: 'textUpdate', document, n: 0, update: NOTHING }));
const NOTHING = new Uint8Array();
/** The time of the last change in it. */
export const endOf = ({ text }: Base): number => text.claims.at(-1)?.stamp.hlc ?? 0;

/** All that it covers lies within these reaches. */
export const isWithin = ({ covered }: Base, replica: Replica, reach: readonly Reach[]): boolean => {
  const lengths = new Map(reach.map(({ log, length }) => [log, length]));
  return [...covered.keys()].every((id) => {
    const entry = replica.entries.get(id);
    return entry !== undefined && entry.header.seq < (lengths.get(entry.log) ?? 0);
  });
};

const MANY = 2 ** 32;
/** A change claims `length` clocks of a client, `skip` after the last one that its log claimed; one without only deletes. */
const changeCodec = record({ client: varint, skip: varint, length: varint });
/** `times` entries alike, each `gap` places after the one before. */
const runCodec = record({ times: varint, gap: varint, changes: list(changeCodec, 256) });
const partCodec = record({ log: logIdCodec, length: u64, head: entryIdCodec, runs: list(runCodec, MANY) });
const baseCodec = record({
  version: u8,
  document: nodeIdCodec,
  clients: list(u64, MANY),
  logs: list(partCodec, MANY),
  update: blob(MANY),
});
type Written = ReturnType<(typeof baseCodec)['read']>;
type Run = Written['logs'][number]['runs'][number];
const rowCodec = record({ version: u8, epoch: epochIdCodec, salt: fixed(16), nonce: fixed(12), sealed: blob(MANY) });
const VERSION = 1;

export const basesOf = (space: SpaceId): string => `base/${space}/`;
export const rowOf = (space: SpaceId, shard: ShardId) =>
  ({ table: 'space', key: `${basesOf(space)}${shard}` }) as const;

// --- What is written --------------------------------------------------------------------------------------------------

/** `undefined` where a log goes on in several ways, or claims clocks out of their order. */
const written = (replica: Replica, document: NodeId, { update, claims }: TextBase): Written | undefined => {
  const clients = [...new Set(claims.map(({ client }) => client))].sort((a, b) => a - b);
  const claimsByEntry = new Map<EntryId, TextChange[]>();
  for (const claim of claims) {
    const others = claimsByEntry.get(claim.stamp.id);
    // What stands between them in an entry is nothing that a base can tell.
    if (claim.index !== (others?.length ?? 0)) return undefined;
    if (others) others.push(claim);
    else claimsByEntry.set(claim.stamp.id, [claim]);
  }
  const entriesByLog = new Map<LogId, Entry[]>();
  for (const id of claimsByEntry.keys()) {
    const entry = replica.entries.get(id);
    if (!entry) return undefined;
    const entries = entriesByLog.get(entry.log);
    if (entries) entries.push(entry);
    else entriesByLog.set(entry.log, [entry]);
  }
  const logs: Written['logs'][number][] = [];
  for (const [log, entries] of [...entriesByLog].sort(([a], [b]) => (a < b ? -1 : 1))) {
    entries.sort((a, b) => a.header.seq - b.header.seq);
    const last = entries.at(-1) as Entry;
    if (replica.log(log).forkedAt <= last.header.seq) return undefined;
    const next = new Map<number, number>();
    const runs: Run[] = [];
    let place = -1;
    for (const { id, header } of entries) {
      const changes: Run['changes'][number][] = [];
      for (const { client, from, to } of claimsByEntry.get(id) ?? []) {
        const skip = to > from ? from - (next.get(client) ?? 0) : 0;
        if (skip < 0) return undefined;
        if (to > from) next.set(client, to);
        changes.push({ client: clients.indexOf(client), skip, length: to - from });
      }
      const gap = header.seq - place;
      place = header.seq;
      const before = runs.at(-1);
      const alike = before?.gap === gap && JSON.stringify(before.changes) === JSON.stringify(changes);
      if (before && alike) runs[runs.length - 1] = { ...before, times: before.times + 1 };
      else runs.push({ times: 1, gap, changes });
    }
    logs.push({ log, length: last.header.seq + 1, head: last.id, runs });
  }
  return { version: VERSION, document, clients, logs, update: new Uint8Array(update) };
};

/** It is worth it where it takes no more than this part of what it stands for. */
const WORTH = 1 / 2;

type Made = { readonly base: Base; readonly value: Uint8Array<ArrayBuffer>; readonly bare: readonly EntryId[] };
/**
 * The base of a document as it is now, the row that keeps it, and whose bodies it makes needless: of what says nothing but the
 * text that it covers. `undefined` where there can be none, or it is not worth it.
 */
export const makeBase = async (
  context: KernelContext,
  replica: Replica,
  { shard, object, entries }: Pick<Part, 'shard' | 'object' | 'entries'>,
): Promise<Made | undefined> => {
  const made = await sealBase(context, replica, shard, object);
  if (!made) return undefined;
  const bare: EntryId[] = [];
  let bytes = replica.bases.get(shard)?.bytes ?? 0;
  const { covered } = made.base;
  const bodied = entries.filter(({ id, body }) => body.length > 0 && covered.has(id));
  for await (const slice of replica.openAll(bodied))
    for (const [entry, content] of slice) {
      const ops = opsOf(content, entry.header);
      if (ops.length !== covered.get(entry.id) || ops.some((op) => !('document' in op) || op.document !== object))
        continue;
      bare.push(entry.id);
      bytes += entry.body.length;
    }
  return bare.length > 0 && made.base.bytes <= bytes * WORTH ? { ...made, bare } : undefined;
};
const sealBase = async (
  { ports: { crypto, random } }: Pick<KernelContext, 'ports'>,
  replica: Replica,
  shard: ShardId,
  document: NodeId,
): Promise<Pick<Made, 'base' | 'value'> | undefined> => {
  const text = replica.graph.store.layTogether(document);
  const writing = replica.writingKey(shard);
  if (!text || !writing || text.claims.some(({ stamp }) => stamp.shard !== shard)) return undefined;
  const plain = written(replica, document, text);
  if (!plain) return undefined;
  const [salt, nonce] = [random.bytes(16), random.bytes(12)];
  const key = keyOf(writing.key, salt);
  const sealed = await crypto.seal(key, nonce, encode(baseCodec, plain), placeOf(replica.id, shard));
  const value = encode(rowCodec, { version: VERSION, epoch: writing.epoch, salt, nonce, sealed });
  return { base: { shard, document, text, covered: countsOf(text), bytes: value.length }, value };
};
const keyOf = (shardKey: Uint8Array, salt: Uint8Array) => deriveKey(shardKey, salt, 'lgos/base/1');
const placeOf = (space: SpaceId, shard: ShardId) => concat(utf8('base'), fromHex(space), fromHex(shard));
const countsOf = ({ claims }: TextBase): ReadonlyMap<EntryId, number> => {
  const counts = new Map<EntryId, number>();
  for (const { stamp } of claims) counts.set(stamp.id, (counts.get(stamp.id) ?? 0) + 1);
  return counts;
};

// --- What is read -----------------------------------------------------------------------------------------------------

/** All bases of a space that can be opened, are of what is here, and cover all that lacks its body in their parts. */
export const openBases = async (
  { ports: { crypto, storage } }: Pick<KernelContext, 'ports'>,
  replica: Replica,
): Promise<{ readonly bases: readonly Base[]; readonly needless: readonly ShardId[] }> => {
  const bases: Base[] = [];
  const needless: ShardId[] = [];
  for (const { key, value } of await storage.list('space', basesOf(replica.id))) {
    const shard = key.slice(-32) as ShardId;
    const row = decode(rowCodec, value);
    const shardKey = row.ok ? replica.shardKey(row.value.epoch, shard) : undefined;
    // Its key may be learned yet.
    if (row.ok && !shardKey) continue;
    const plain = row.ok && shardKey ? await openRow(crypto, replica.id, shard, row.value, shardKey) : undefined;
    const read = plain && readBase(replica, shard, plain, value.length);
    const bare = replica.shelved.get(shard);
    const stands = read && bare && [...bare].every((id) => read.covered.has(id));
    if (stands) bases.push(read);
    else needless.push(shard);
  }
  return { bases, needless };
};
const openRow = async (
  crypto: KernelContext['ports']['crypto'],
  space: SpaceId,
  shard: ShardId,
  { salt, nonce, sealed }: ReturnType<(typeof rowCodec)['read']>,
  shardKey: Uint8Array,
): Promise<Written | undefined> => {
  const plain = await crypto.open(keyOf(shardKey, salt), nonce, sealed, placeOf(space, shard));
  const read = plain && decode(baseCodec, plain);
  return read?.ok && read.value.version === VERSION ? read.value : undefined;
};
const readBase = (replica: Replica, shard: ShardId, plain: Written, bytes: number): Base | undefined => {
  const { document, clients, logs, update } = plain;
  const claims: TextChange[] = [];
  for (const { log: id, length, head, runs } of logs) {
    const log = replica.logs.get(id);
    if (!log || log.forkedAt < length || log.at(length - 1)?.id !== head) return undefined;
    const next = new Map<number, number>();
    let place = -1;
    for (const { times, gap, changes } of runs)
      for (let i = 0; i < times; i++) {
        place += gap;
        const entry = place < length ? log.at(place) : undefined;
        const author = entry && replica.rights.userOf(entry.header.device);
        if (!entry || !author || entry.header.shard !== shard) return undefined;
        const { device, hlc } = entry.header;
        const stamp = { id: entry.id, shard, device, author, hlc };
        for (const [index, { client: which, skip, length: clocks }] of changes.entries()) {
          const client = clients[which];
          if (client === undefined) return undefined;
          const from = clocks > 0 ? (next.get(client) ?? 0) + skip : 0;
          if (clocks > 0) next.set(client, from + clocks);
          claims.push({ stamp, index, client, from, to: from + clocks });
        }
      }
  }
  claims.sort(
    (a, b) =>
      a.stamp.hlc - b.stamp.hlc || (a.stamp.id < b.stamp.id ? -1 : a.stamp.id > b.stamp.id ? 1 : a.index - b.index),
  );
  const text = { update, claims };
  return { shard, document, text, covered: countsOf(text), bytes };
};
