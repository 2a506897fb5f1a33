/**
 * What becomes one segment: how a run of entries is cut, and which small neighbours are joined. Pure. A commit of one's own
 * entry is a small record of its own, written at once; many of them are folded into one later, so that an entry is
 * rewritten a bounded number of times and a start reads few records.
 */
import { MAX_SEGMENT_BYTES, MAX_SEGMENT_ENTRIES, type Slot } from './segment';

/** A record as it lies: `bytes` as stored. `old`: of a former format. */
export type SegmentRow = {
  readonly key: string;
  readonly entries: number;
  readonly bytes: number;
  readonly old?: boolean;
};

/** Cuts a run of entries into segments that each keep both limits, in order. */
export const cutIntoSegments = (slots: readonly Slot[]): readonly (readonly Slot[])[] => {
  const segments: Slot[][] = [];
  let bytes = 0;
  for (const slot of slots) {
    const last = segments.at(-1);
    const size = sizeOf(slot);
    if (last && last.length < MAX_SEGMENT_ENTRIES && bytes + size <= MAX_SEGMENT_BYTES) {
      last.push(slot);
      bytes += size;
    } else {
      segments.push([slot]);
      bytes = size;
    }
  }
  return segments;
};

/** Nothing is joined to it any more. */
export const isHalfFull = ({ entries, bytes }: Pick<SegmentRow, 'entries' | 'bytes'>): boolean =>
  entries >= MAX_SEGMENT_ENTRIES / 2 || bytes >= MAX_SEGMENT_BYTES / 2;

/**
 * Which neighbours become one segment, each group under its first key. What is half full is left alone; what is of a former
 * format is rewritten in any case, alone if need be. `rows` in the order of their keys.
 */
export const foldPlan = <Row extends SegmentRow>(rows: readonly Row[]): readonly (readonly Row[])[] => {
  const groups: Row[][] = [];
  let group: Row[] = [];
  let entries = 0;
  let bytes = 0;
  const close = (): void => {
    if (group.length > 1 || group[0]?.old) groups.push(group);
    group = [];
    entries = 0;
    bytes = 0;
  };
  for (const row of rows) {
    if (isHalfFull(row)) {
      close();
      if (row.old) groups.push([row]);
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

/** At least what a slot takes in a record, its log included. */
const sizeOf = ({ bytes }: Slot): number => bytes.length + 48;
