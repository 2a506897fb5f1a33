/**
 * Segments: how entries lie in storage. A record holds up to 256 encoded entries and a hash over them and its own key,
 * so that a damaged or misplaced record is seen, never half believed. Appending makes many small segments; merging
 * joins neighbours. Keys sort in the order of appending.
 */

import { assert } from '../../base/assert';
import { concat, equalBytes, utf8 } from '../../base/bytes';
import { blob, decode, encode, list, record, u8 } from '../../base/codec';
import { hash } from '../../base/hash';
import { err, ok, type Result } from '../../base/result';
import { decodeEntry, type Entry, encodeEntry, MAX_ENTRY } from '../op/entry';
import type { SpaceId } from '../op/ids';

export const MAX_SEGMENT_ENTRIES = 256;
export const MAX_SEGMENT_BYTES = 1024 * 1024;
const HASH = 32;
const DIGITS = 12;
const VERSION = 1;

const recordCodec = record({ version: u8, entries: list(blob(MAX_ENTRY), MAX_SEGMENT_ENTRIES) });

export const segmentPrefixOf = (space: SpaceId): string => `${space}/`;
export const segmentKeyOf = (space: SpaceId, ordinal: number): string => {
  assert(ordinal >= 0 && ordinal < 10 ** DIGITS, `segment ordinal ${ordinal}`);
  return `${space}/${String(ordinal).padStart(DIGITS, '0')}`;
};
/** `undefined` for a key that is none of ours. */
export const ordinalOf = (space: SpaceId, key: string): number | undefined => {
  const digits = key.slice(space.length + 1);
  return key.startsWith(`${space}/`) && /^\d{12}$/.test(digits) ? Number(digits) : undefined;
};

export const encodeSegment = (key: string, entries: readonly Entry[]): Uint8Array<ArrayBuffer> => {
  const bytes = encode(recordCodec, { version: VERSION, entries: entries.map(encodeEntry) });
  return concat(bytes, checkOf(key, bytes));
};

export type Damaged = { readonly type: 'damaged'; readonly key: string; readonly message: string };

export const decodeSegment = (key: string, bytes: Uint8Array): Result<readonly Entry[], Damaged> => {
  const damaged = (message: string) => err<Damaged>({ type: 'damaged', key, message });
  const end = bytes.length - HASH;
  if (end < 0) return damaged('shorter than its hash');
  const content = bytes.subarray(0, end);
  if (!equalBytes(checkOf(key, content), bytes.subarray(end))) return damaged('not the bytes that were written');
  const decoded = decode(recordCodec, content);
  if (!decoded.ok) return damaged(decoded.error.message);
  if (decoded.value.version !== VERSION) return damaged(`segment version ${decoded.value.version}`);
  const entries: Entry[] = [];
  for (const encoded of decoded.value.entries) {
    const entry = decodeEntry(encoded);
    if (!entry.ok) return damaged(entry.error.message);
    entries.push(entry.value);
  }
  return ok(entries);
};

/** Cuts a run of entries into segments that each keep both limits, in order. */
export const cutIntoSegments = (entries: readonly Entry[]): readonly (readonly Entry[])[] => {
  const segments: Entry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const last = segments.at(-1);
    const size = sizeOf(entry);
    if (last && last.length < MAX_SEGMENT_ENTRIES && bytes + size <= MAX_SEGMENT_BYTES) {
      last.push(entry);
      bytes += size;
    } else {
      segments.push([entry]);
      bytes = size;
    }
  }
  return segments;
};

/** `bytes` as stored. */
export type SegmentRow = { readonly key: string; readonly entries: number; readonly bytes: number };

/**
 * Which neighbours to join, each group into one segment under its first key. Segments that are half full are left
 * alone, so that an entry is rewritten a bounded number of times. `rows` in the order of their keys.
 */
export const mergePlan = (rows: readonly SegmentRow[]): readonly (readonly SegmentRow[])[] => {
  const groups: SegmentRow[][] = [];
  let group: SegmentRow[] = [];
  let entries = 0;
  let bytes = 0;
  const close = (): void => {
    if (group.length > 1) groups.push(group);
    group = [];
    entries = 0;
    bytes = 0;
  };
  for (const row of rows) {
    if (row.entries >= MAX_SEGMENT_ENTRIES / 2 || row.bytes >= MAX_SEGMENT_BYTES / 2) {
      close();
      continue;
    }
    if (entries + row.entries > MAX_SEGMENT_ENTRIES || bytes + row.bytes > MAX_SEGMENT_BYTES) close();
    group.push(row);
    entries += row.entries;
    bytes += row.bytes;
  }
  close();
  return groups;
};

const checkOf = (key: string, bytes: Uint8Array): Uint8Array => hash('lgos/segment/1', utf8(`${key}\0`), bytes);
/** At least what the entry takes in a record. */
const sizeOf = (entry: Entry): number => entry.body.length + 400 + 32 * entry.header.deps.length;
