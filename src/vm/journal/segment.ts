/**
 * Segments: how entries lie in storage. A record holds up to 256 encoded entries in the order in which they were admitted,
 * before each its place (log, seq), and a checksum over them and its own key, so that a damaged or misplaced record is
 * seen, never half believed. A record is moved, joined and searched by the places alone, without opening entries. Byte
 * table: docs/protocol/storage.md. The first format, which had no places, is still read.
 */

import { concat, equalBytes, utf8 } from '../../base/bytes';
import { crc32 } from '../../base/checksum';
import { blob, decode, encode, list, record, u8, u32, u64 } from '../../base/codec';
import { hash } from '../../base/hash';
import { err, ok, type Result } from '../../base/result';
import { decodeEntry, decodeKept, type Entry, encodeKept, MAX_ENTRY, type Naming, rememberingLogs } from '../op/entry';
import { type EntryId, type LogId, logIdCodec } from '../op/ids';

export const MAX_SEGMENT_ENTRIES = 256;
/** What one may grow to by joining. Larger values are slow to read back from IndexedDB. */
export const MAX_SEGMENT_BYTES = 256 * 1024;
/** The format that is written. */
export const SEGMENT_FORMAT = 2;
const FIRST_FORMAT = 1;
const FIRST_HASH = 32;
const CHECK = 4;

/** One entry as it lies: `bytes` are its own encoding, whole, erased, or without a body that others hold. */
export type Slot = { readonly log: LogId; readonly seq: number; readonly bytes: Uint8Array<ArrayBuffer> };
export type Damaged = { readonly type: 'damaged'; readonly key: string; readonly message: string };
/** Written by a program that is newer than this one: to be left alone. */
export type Newer = { readonly type: 'newer'; readonly key: string; readonly message: string };

const firstCodec = record({ version: u8, entries: list(blob(MAX_ENTRY), MAX_SEGMENT_ENTRIES) });
const slotCodec = record({ log: u8, seq: u64, bytes: blob(MAX_ENTRY) });
const segmentCodec = record({
  version: u8,
  logs: list(logIdCodec, MAX_SEGMENT_ENTRIES),
  slots: list(slotCodec, MAX_SEGMENT_ENTRIES),
});

export const slotOf = (entry: Entry): Slot => ({
  log: entry.log,
  seq: entry.header.seq,
  bytes: encodeKept(entry),
});

export const encodeSegment = (key: string, slots: readonly Slot[]): Uint8Array<ArrayBuffer> => {
  const logs = [...new Set(slots.map(({ log }) => log))];
  const numberByLog = new Map(logs.map((log, number) => [log, number]));
  const content = encode(segmentCodec, {
    version: SEGMENT_FORMAT,
    logs,
    slots: slots.map(({ log, seq, bytes }) => ({ log: numberByLog.get(log) as number, seq, bytes })),
  });
  return withCheck(key, content);
};

/** The slots of a record, each entry still closed. */
export const decodeSegment = (key: string, bytes: Uint8Array): Result<readonly Slot[], Damaged | Newer> => {
  if (bytes[0] === FIRST_FORMAT) return decodeFirst(key, bytes);
  const content = checked(key, bytes);
  if (!content) return damaged(key, 'not the bytes that were written');
  const [version] = content;
  if (version !== undefined && version > SEGMENT_FORMAT)
    return err({ type: 'newer', key, message: `segment version ${version}` });
  const decoded = decode(segmentCodec, content);
  if (!decoded.ok) return damaged(key, decoded.error.message);
  if (version !== SEGMENT_FORMAT) return damaged(key, `segment version ${version}`);
  const { logs, slots } = decoded.value;
  const found: Slot[] = [];
  for (const { log: number, seq, bytes: entry } of slots) {
    const log = logs[number];
    if (log === undefined) return damaged(key, `an entry of log ${number}, of ${logs.length}`);
    found.push({ log, seq, bytes: entry });
  }
  return ok(found);
};

/** Opens a slot: its entry must be one, and at home in that place. */
export const entryIn = (key: string, { log, seq, bytes }: Slot, naming?: Naming): Result<Entry, Damaged> => {
  const entry = decodeKept(bytes, naming);
  if (!entry.ok) return damaged(key, entry.error.message);
  if (entry.value.log !== log || entry.value.header.seq !== seq) return damaged(key, `no entry ${seq} of ${log}`);
  return entry;
};

/** `ids`: of the entries, where somebody vouches for the record. */
export const entriesIn = (
  key: string,
  slots: readonly Slot[],
  ids?: readonly EntryId[],
): Result<readonly Entry[], Damaged> => {
  const entries: Entry[] = [];
  const log = rememberingLogs();
  for (const [i, slot] of slots.entries()) {
    const id = ids?.[i];
    const entry = entryIn(key, slot, id === undefined ? { log } : { log: () => slot.log, id });
    if (!entry.ok) return entry;
    entries.push(entry.value);
  }
  return ok(entries);
};

const decodeFirst = (key: string, bytes: Uint8Array): Result<readonly Slot[], Damaged> => {
  const end = bytes.length - FIRST_HASH;
  if (end < 0) return damaged(key, 'shorter than its hash');
  const content = bytes.subarray(0, end);
  if (!equalBytes(hash('lgos/segment/1', utf8(`${key}\0`), content), bytes.subarray(end)))
    return damaged(key, 'not the bytes that were written');
  const decoded = decode(firstCodec, content);
  if (!decoded.ok) return damaged(key, decoded.error.message);
  const slots: Slot[] = [];
  for (const encoded of decoded.value.entries) {
    const entry = decodeEntry(encoded);
    if (!entry.ok) return damaged(key, entry.error.message);
    slots.push({ log: entry.value.log, seq: entry.value.header.seq, bytes: encoded });
  }
  return ok(slots);
};

const damaged = (key: string, message: string) => err<Damaged>({ type: 'damaged', key, message });

/** `content` and a checksum over it and its key. */
export const withCheck = (key: string, content: Uint8Array): Uint8Array<ArrayBuffer> =>
  concat(content, encode(u32, checkOf(key, content)));
/** The content, where the checksum fits. */
export const checked = (key: string, bytes: Uint8Array): Uint8Array | undefined => {
  const end = bytes.length - CHECK;
  if (end < 0) return undefined;
  const content = bytes.subarray(0, end);
  return equalBytes(encode(u32, checkOf(key, content)), bytes.subarray(end)) ? content : undefined;
};
const checkOf = (key: string, content: Uint8Array): number => crc32(content, crc32(utf8(`${key}\0`)));
