/**
 * Keys of the journal's records, and the index over them: which runs of which logs a segment holds. A segment that is worth
 * it has its index in a record beside it, written in the same batch, so that what a damaged one held is known by (log, seq),
 * and a single entry is found without reading the others. Byte table: docs/protocol/storage.md.
 */
import { assert } from '../../base/assert';
import { decode, encode, list, record, u8, u16, u64 } from '../../base/codec';
import { type LogId, logIdCodec, type SpaceId } from '../op/ids';
import { checked, MAX_SEGMENT_ENTRIES, type Slot, withCheck } from './segment';

/** `count` entries of a log, from place `from` on, one after the other. */
export type Run = { readonly log: LogId; readonly from: number; readonly count: number };

const DIGITS = 12;
const VERSION = 1;

export const journalPrefixOf = (space: SpaceId): string => `${space}/`;
export const segmentKeyOf = (space: SpaceId, ordinal: number): string => `${space}/${digitsOf(ordinal)}`;
/** After all segments of the space. */
export const indexPrefixOf = (space: SpaceId): string => `${space}/index/`;
export const indexKeyOf = (space: SpaceId, ordinal: number): string => `${indexPrefixOf(space)}${digitsOf(ordinal)}`;
const digitsOf = (ordinal: number): string => {
  assert(ordinal >= 0 && ordinal < 10 ** DIGITS, `segment ordinal ${ordinal}`);
  return String(ordinal).padStart(DIGITS, '0');
};
/** `undefined` for a key that is none of ours. */
export const readKey = (
  space: SpaceId,
  key: string,
): { readonly type: 'segment' | 'index'; readonly ordinal: number } | undefined => {
  const found = key.startsWith(`${space}/`) ? /^(index\/)?(\d{12})$/.exec(key.slice(space.length + 1)) : null;
  return found ? { type: found[1] ? 'index' : 'segment', ordinal: Number(found[2]) } : undefined;
};

export const runsOf = (slots: readonly Slot[]): readonly Run[] => {
  const runs: { log: LogId; from: number; count: number }[] = [];
  for (const { log, seq } of slots) {
    const last = runs.at(-1);
    if (last?.log === log && last.from + last.count === seq) last.count++;
    else runs.push({ log, from: seq, count: 1 });
  }
  return runs;
};
export const holds = (runs: readonly Run[], log: LogId, seq: number): boolean =>
  runs.some((run) => run.log === log && seq >= run.from && seq < run.from + run.count);

const indexCodec = record({
  version: u8,
  logs: list(logIdCodec, MAX_SEGMENT_ENTRIES),
  runs: list(record({ log: u8, from: u64, count: u16 }), MAX_SEGMENT_ENTRIES),
});

export const encodeIndex = (key: string, runs: readonly Run[]): Uint8Array<ArrayBuffer> => {
  const logs = [...new Set(runs.map(({ log }) => log))];
  const numbered = runs.map(({ log, from, count }) => ({ log: logs.indexOf(log), from, count }));
  return withCheck(key, encode(indexCodec, { version: VERSION, logs, runs: numbered }));
};
/** `undefined`: damaged, or of a version that this program does not know. It says nothing that the segment does not. */
export const decodeIndex = (key: string, bytes: Uint8Array): readonly Run[] | undefined => {
  const content = checked(key, bytes);
  const decoded = content && decode(indexCodec, content);
  if (!decoded?.ok || decoded.value.version !== VERSION) return undefined;
  const { logs, runs } = decoded.value;
  const found: Run[] = [];
  for (const { log: number, from, count } of runs) {
    const log = logs[number];
    if (log === undefined || count === 0 || count > MAX_SEGMENT_ENTRIES) return undefined;
    found.push({ log, from, count });
  }
  return found;
};
