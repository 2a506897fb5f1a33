/**
 * Reading the journal of a space from its storage, record by record: what is sound, what is damaged and what that held, and
 * where the next record goes. It changes nothing.
 */
import { err, ok, type Result } from '../../base/result';
import type { Storage, StorageError } from '../../ports';
import type { Entry } from '../op/entry';
import type { EntryId, SpaceId } from '../op/ids';
import type { SegmentRow } from './fold';
import { decodeIndex, journalPrefixOf, type Run, readKey, runsOf } from './places';
import { type Damaged, decodeSegment, entriesIn, type Newer, SEGMENT_FORMAT, type Slot } from './segment';

/** Records read at once. */
const PAGE = 32;

/** `held`: what the damaged segment held, where its index is sound. */
export type Lost = Damaged & { readonly held?: readonly Run[] };
/**
 * What `load` found. Entries of a damaged segment may be anybody's: others' are fetched again, and a device that finds
 * any damage must not continue its own logs from here (it would contradict itself): it adopts them from a peer or
 * begins a new incarnation.
 */
export type Loaded = { readonly entries: readonly Entry[]; readonly damaged: readonly Lost[] };

/** A sound segment as it lies; `indexed`: its index lies beside it. */
export type Row = SegmentRow & {
  readonly ordinal: number;
  readonly runs: readonly Run[];
  readonly indexed: boolean;
};
export const rowOf = (key: string, ordinal: number, slots: readonly Slot[], bytes: number, indexed = false): Row => ({
  key,
  ordinal,
  entries: slots.length,
  bytes,
  runs: runsOf(slots),
  indexed,
});

/** `broken`: keys of what is damaged, indexes too. `next`: the ordinal of the next segment. */
type Read = Loaded & { readonly rows: readonly Row[]; readonly broken: readonly string[]; readonly next: number };

/** The ids of the entries of a record in their order, where it is the very one that somebody saw before. */
export type Vouch = (ordinal: number, bytes: Uint8Array) => Promise<readonly EntryId[] | undefined>;
/** `pause`: between records, where others wait for their turn. */
export type Reading = { readonly pause?: () => Promise<void>; readonly vouch?: Vouch };

export const readJournal = async (
  storage: Storage,
  space: SpaceId,
  { pause, vouch }: Reading,
): Promise<Result<Read, StorageError>> => {
  const rows: Row[] = [];
  const entries: Entry[] = [];
  const damaged: Damaged[] = [];
  const broken: string[] = [];
  const runsByOrdinal = new Map<number, readonly Run[]>();
  let next = 0;
  for (let after: string | undefined; ; ) {
    const page = await readPage(storage, journalPrefixOf(space), after, PAGE);
    if (!page.ok) return page;
    const vouched = await Promise.all(
      page.value.map(({ key, value }) => vouch?.(readKey(space, key)?.ordinal ?? -1, value)),
    );
    for (const [i, { key, value }] of page.value.entries()) {
      after = key;
      await pause?.();
      const place = readKey(space, key);
      if (place?.type === 'index') {
        const runs = decodeIndex(key, value);
        if (runs) runsByOrdinal.set(place.ordinal, runs);
        else broken.push(key);
        continue;
      }
      const opened = place ? openRecord(key, value, vouched[i]) : notOurs(key);
      if (place) next = Math.max(next, place.ordinal + 1);
      if (!place || !opened.ok) {
        if (!opened.ok && opened.error.type === 'newer') return writtenByNewer(opened.error);
        if (!opened.ok) damaged.push({ ...opened.error, type: 'damaged' });
        broken.push(key);
        continue;
      }
      for (const entry of opened.value.entries) entries.push(entry);
      rows.push({
        ...rowOf(key, place.ordinal, opened.value.slots, value.length),
        old: value[0] !== SEGMENT_FORMAT,
      });
    }
    if (page.value.length < PAGE) break;
  }
  const lost = damaged.map((each): Lost => {
    const held = runsByOrdinal.get(readKey(space, each.key)?.ordinal ?? -1);
    return held ? { ...each, held } : each;
  });
  const indexed = rows.map((row) => ({ ...row, indexed: runsByOrdinal.has(row.ordinal) }));
  return ok({ rows: indexed, entries, damaged: lost, broken, next });
};

const openRecord = (
  key: string,
  value: Uint8Array,
  ids: readonly EntryId[] | undefined,
): Result<{ slots: readonly Slot[]; entries: readonly Entry[] }, Damaged | Newer> => {
  const slots = decodeSegment(key, value);
  if (!slots.ok) return slots;
  const entries = entriesIn(key, slots.value, ids?.length === slots.value.length ? ids : undefined);
  return entries.ok ? ok({ slots: slots.value, entries: entries.value }) : entries;
};
const notOurs = (key: string): Result<never, Damaged> =>
  err({ type: 'damaged', key, message: 'not the key of a segment' });
const writtenByNewer = ({ message }: Newer): Result<never, StorageError> =>
  err({ type: 'failed', message: `a newer version of the program wrote it (${message})` });

export const readPage = async (storage: Storage, prefix: string, after: string | undefined, limit?: number) => {
  try {
    return ok(await storage.list('journal', prefix, after, limit));
  } catch (fault) {
    return err<StorageError>({ type: 'failed', message: fault instanceof Error ? fault.message : String(fault) });
  }
};
