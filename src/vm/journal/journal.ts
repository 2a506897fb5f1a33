/**
 * The journal of one space over a Storage: entries in the order in which they were admitted, and an index over them by
 * (log, seq). It knows nothing of rights or keys. Rules: writes reach the storage one at a time and in order, those that
 * wait are joined into one batch; after a write that failed nothing more is written, or the journal would have a hole, and
 * one that found no room waits, with all that came after it, until there is room; a damaged segment is reported and its
 * entries are left out, never guessed.
 */
import { assert } from '../../base/assert';
import { equalBytes } from '../../base/bytes';
import { err, ok, type Result } from '../../base/result';
import type { Durability, Storage, StorageError, Write } from '../../ports';
import type { Entry } from '../op/entry';
import type { EntryId, LogId, SpaceId } from '../op/ids';
import { cutIntoSegments, foldPlan, isHalfFull, type SegmentRow } from './fold';
import { type Loaded, type Reading, type Row, readJournal, readPage, rowOf } from './loading';
import { entriesBeside } from './peek';
import { encodeIndex, holds, indexKeyOf, journalPrefixOf, readKey, segmentKeyOf } from './places';
import { type Damaged, decodeSegment, encodeSegment, entryIn, MAX_SEGMENT_ENTRIES, type Slot, slotOf } from './segment';

/** So many entries in small records are worth folding after a write, and so many small records at a start. */
const FOLD_ENTRIES = MAX_SEGMENT_ENTRIES;
const FOLD_RECORDS = 32;

type Appending = {
  readonly slots: Slot[];
  readonly ids: readonly EntryId[];
  readonly durability: Durability;
  readonly done: (result: Result<void, StorageError>) => void;
};

export class Journal {
  /** Sound segments in the order of their keys; `undefined` before `load`. */
  #rows: Row[] | undefined;
  /** Records to be removed once their loss is taken care of. */
  #broken: readonly string[] = [];
  #next = 0;
  #queue: Appending[] = [];
  #draining: Promise<void> | undefined;
  #failure: StorageError | undefined;
  #full: StorageError | undefined;
  #stopping = false;
  #toldFull: ((full: StorageError | undefined) => void)[] = [];
  /** Entries in small records that no fold has looked at. */
  #loose = 0;
  #folding: Promise<Result<number, StorageError | Damaged>> | undefined;
  /** The last storage work that was begun; the next waits for it. */
  #work: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly storage: Storage,
    readonly space: SpaceId,
  ) {}

  /** Why nothing is written any more. A new Journal over the storage begins again from what is there. */
  get failure(): StorageError | undefined {
    return this.#failure;
  }
  /** Why what was handed to `append` waits, while it does. */
  get full(): StorageError | undefined {
    return this.#full;
  }
  /** Entries handed to `append` that are not settled: what a caller bounds its intake by. */
  get backlog(): number {
    return this.#queue.reduce((count, { slots }) => count + slots.length, 0);
  }
  get segments(): number {
    return this.#rows?.length ?? 0;
  }
  /** There is something that `compact` would join, or move over to the present format. */
  get needsFold(): boolean {
    const rows = this.#rows ?? [];
    if (rows.some((row) => row.old || lacksIndex(row))) return true;
    return rows.filter((row) => !isHalfFull(row)).length >= FOLD_RECORDS;
  }
  /** Hears when there is no room to write, and, with nothing, when all that waited for it is written. */
  onFull(told: (full: StorageError | undefined) => void): void {
    this.#toldFull.push(told);
  }

  /** What is there of logs that somebody does not know; before `load`, and where all that it touches is sound. */
  beside(isKnown: (log: LogId) => boolean): Promise<readonly Entry[] | undefined> {
    return entriesBeside(this.storage, this.space, isKnown);
  }
  /** Once, before anything is written. */
  async load(how: Reading = {}): Promise<Result<Loaded, StorageError>> {
    assert(this.#rows === undefined, 'a journal is loaded once');
    const read = await readJournal(this.storage, this.space, how);
    if (!read.ok) return read;
    const { rows, entries, damaged, broken, next } = read.value;
    this.#rows = [...rows];
    this.#broken = broken;
    this.#next = next;
    this.#loose = looseIn(rows);
    return ok({ entries, damaged });
  }

  // --- Writing -------------------------------------------------------------------------------------------------

  /**
   * Settles when the entries are written with at least this durability, or will never be. Where there is no room it settles
   * after a `retry` that finds some, or `stop`.
   */
  append(entries: readonly Entry[], durability: Durability): Promise<Result<void, StorageError>> {
    assert(this.#rows, 'a journal is loaded before it is written');
    if (this.#failure) return Promise.resolve(err(this.#failure));
    return new Promise((done) => {
      this.#queue.push({ slots: entries.map(slotOf), ids: entries.map(({ id }) => id), durability, done });
      if (!this.#full) this.#drain();
    });
  }
  /** Writes what waits for room. False while there is none. */
  async retry(): Promise<boolean> {
    await this.#draining;
    if (this.#full) await this.#drain();
    return this.#full === undefined;
  }
  /** What waits for room is given up, folding ends with the group at hand; settles when nothing of the journal is under way. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#full) this.#close(this.#full);
    await this.#folding;
    await this.#work;
  }
  #close(fault: StorageError): void {
    this.#failure = fault;
    this.#full = undefined;
    for (const { done } of this.#queue.splice(0)) done(err(fault));
  }

  #drain(): Promise<void> {
    this.#draining ??= this.#drainQueue().finally(() => {
      this.#draining = undefined;
      if (this.#full || this.#failure) return;
      // What came while this ended.
      if (this.#queue.length > 0) this.#drain();
      else if (this.#loose >= FOLD_ENTRIES && !this.#stopping) void this.compact();
    });
    return this.#draining;
  }
  async #drainQueue(): Promise<void> {
    while (this.#queue.length > 0) {
      const goesOn = await this.#inTurn(async () => {
        const batch = [...this.#queue];
        const result = await this.#write(batch);
        const full = !result.ok && result.error.type === 'full';
        if (full && this.#stopping) this.#close(result.error);
        else this.#tellFull(full ? result.error : undefined);
        if (full) return false;
        // What came while this batch was on its way stays in the queue, unless the way is closed.
        const settled = result.ok ? this.#queue.splice(0, batch.length) : this.#queue.splice(0);
        for (const { done } of settled) done(result);
        return true;
      });
      if (!goesOn) return;
    }
  }
  #tellFull(full: StorageError | undefined): void {
    const changed = (this.#full === undefined) !== (full === undefined);
    this.#full = full;
    if (changed) for (const told of this.#toldFull) told(full);
  }

  async #write(batch: readonly Appending[]): Promise<Result<void, StorageError>> {
    const rows: Row[] = [];
    const writes: Write[] = [];
    for (const slots of cutIntoSegments(batch.flatMap((appending) => appending.slots))) {
      const ordinal = this.#next + rows.length;
      const segment = this.#segment(ordinal, slots);
      writes.push(...segment.writes);
      rows.push(segment.row);
    }
    const strict = batch.some(({ durability }) => durability === 'strict');
    return this.#commit(writes, strict ? 'strict' : 'relaxed', () => {
      this.#next += rows.length;
      this.#rows?.push(...rows);
      this.#loose += looseIn(rows);
    });
  }
  /** A segment, with an index beside it where it is worth one. */
  #segment(ordinal: number, slots: readonly Slot[], indexed?: boolean): { writes: Write[]; row: Row } {
    const key = segmentKeyOf(this.space, ordinal);
    const value = encodeSegment(key, slots);
    const row = rowOf(key, ordinal, slots, value.length);
    const writes: Write[] = [{ table: 'journal', key, value }];
    if (!(indexed ?? isHalfFull(row))) return { writes, row };
    const indexKey = indexKeyOf(this.space, ordinal);
    writes.push({ table: 'journal', key: indexKey, value: encodeIndex(indexKey, row.runs) });
    return { writes, row: { ...row, indexed: true } };
  }

  // --- Folding -------------------------------------------------------------------------------------------------

  /**
   * Joins small neighbouring segments, and moves those of a former format over, each group in one batch. Gives how many
   * segments there are fewer. Nothing is lost by a crash in between, because a group is replaced at once. A segment found
   * damaged stops it, and so does a write that fails: then all lies as before. Asked again while it runs, it gives the same run.
   */
  compact(): Promise<Result<number, StorageError | Damaged>> {
    assert(this.#rows, 'a journal is loaded before it is compacted');
    this.#folding ??= this.#foldGroups(this.#rows)
      .catch((fault: unknown) => err<StorageError>({ type: 'failed', message: String(fault) }))
      .finally(() => {
        this.#folding = undefined;
      });
    return this.#folding;
  }

  async #foldGroups(rows: readonly Row[]): Promise<Result<number, StorageError | Damaged>> {
    let fewer = 0;
    this.#loose = 0;
    for (const group of foldPlan(rows)) {
      if (this.#stopping) return ok(fewer);
      const folded = await this.#inTurn(() => this.#fold(group));
      if (!folded.ok) return folded;
      fewer += group.length - 1;
    }
    const indexed = await this.#inTurn(() => this.#index());
    return indexed.ok ? ok(fewer) : indexed;
  }
  /** Indexes that were damaged are written anew. */
  async #index(): Promise<Result<void, StorageError>> {
    const lacking = new Set((this.#rows as Row[]).filter(lacksIndex));
    if (lacking.size === 0) return ok(undefined);
    const writes = [...lacking].map(({ ordinal, runs }): Write => {
      const key = indexKeyOf(this.space, ordinal);
      return { table: 'journal', key, value: encodeIndex(key, runs) };
    });
    return this.#rewrite(writes, 'relaxed', () => {
      this.#rows = (this.#rows as Row[]).map((row) => (lacking.has(row) ? { ...row, indexed: true } : row));
    });
  }

  async #fold(group: readonly Row[]): Promise<Result<void, StorageError | Damaged>> {
    const slots: Slot[] = [];
    const found = await this.#read(group);
    if (!found.ok) return found;
    for (const [i, { key }] of group.entries()) {
      const decoded = decodeSound(key, found.value[i]);
      if (!decoded.ok) return decoded;
      slots.push(...decoded.value);
    }
    const [first, ...others] = group as readonly [Row, ...Row[]];
    const { row, writes } = this.#segment(first.ordinal, slots);
    if (first.indexed && !row.indexed) writes.push({ table: 'journal', key: indexKeyOf(this.space, first.ordinal) });
    for (const { key, ordinal, indexed } of others) {
      writes.push({ table: 'journal', key });
      if (indexed) writes.push({ table: 'journal', key: indexKeyOf(this.space, ordinal) });
    }
    return this.#rewrite(writes, 'relaxed', () => {
      const removed = new Set(others.map(({ key }) => key));
      const kept = (this.#rows as Row[]).filter(({ key }) => !removed.has(key));
      kept[kept.findIndex(({ key }) => key === first.key)] = row;
      this.#rows = kept;
    });
  }
  /** The values of rows that lie one after the other, in their order. */
  async #read(group: readonly Row[]): Promise<Result<readonly (Uint8Array | undefined)[], StorageError>> {
    const [first] = group as readonly [Row, ...Row[]];
    const before = first.ordinal > 0 ? segmentKeyOf(this.space, first.ordinal - 1) : undefined;
    const page = await readPage(this.storage, journalPrefixOf(this.space), before, group.length);
    if (!page.ok) return page;
    const valueByKey = new Map(page.value.map(({ key, value }) => [key, value]));
    const values: (Uint8Array | undefined)[] = [];
    // What was damaged at the start lies between them still.
    for (const { key } of group) values.push(valueByKey.get(key) ?? (await this.storage.read('journal', key)));
    return ok(values);
  }

  /** Sound records that no fold touches any more, each as it lies at that moment. */
  async *records(): AsyncGenerator<{
    readonly ordinal: number;
    readonly bytes: Uint8Array;
    readonly slots: readonly Slot[];
  }> {
    for (const row of this.#rows ?? []) {
      const bytes = isHalfFull(row) ? await this.storage.read('journal', row.key) : undefined;
      const slots = bytes && decodeSegment(row.key, bytes);
      if (bytes && slots?.ok) yield { ordinal: row.ordinal, bytes, slots: slots.value };
    }
  }

  // --- Single entries ------------------------------------------------------------------------------------------

  /** The stored entries at a place: several where a device contradicted itself, none where there is nothing. */
  async find(log: LogId, seq: number): Promise<Result<readonly Entry[], Damaged>> {
    const found = new Map<EntryId, Entry>();
    for (const { key, runs } of this.#rows ?? []) {
      if (!holds(runs, log, seq)) continue;
      const slots = decodeSound(key, await this.storage.read('journal', key));
      if (!slots.ok) return slots;
      for (const slot of slots.value) {
        if (slot.log !== log || slot.seq !== seq) continue;
        const entry = entryIn(key, slot);
        if (!entry.ok) return entry;
        found.set(entry.value.id, entry.value);
      }
    }
    return ok([...found.values()]);
  }

  /**
   * Writes entries that are stored already in another form, with or without their bodies, in place of the former one: when
   * it resolves, no record holds that any more. Entries that are not stored are left out. All or nothing.
   */
  replace(entries: ReadonlyMap<EntryId, Entry>): Promise<Result<void, StorageError>> {
    assert(this.#rows, 'a journal is loaded before it is written');
    if (entries.size === 0) return Promise.resolve(ok(undefined));
    const slotById = new Map([...entries].map(([id, entry]) => [id, slotOf(entry)]));
    // What is not written yet is written in its new form.
    for (const { ids, slots } of this.#queue)
      for (const [i, id] of ids.entries()) slots[i] = slotById.get(id) ?? (slots[i] as Slot);
    return this.#inTurn(async () => {
      const writes: Write[] = [];
      const rewritten = new Map<string, Row>();
      for (const row of this.#rows as Row[]) {
        if (![...slotById.values()].some(({ log, seq }) => holds(row.runs, log, seq))) continue;
        const changed = await this.#withForms(row, slotById);
        if (!changed.ok) return err({ type: 'failed', message: `${changed.error.key}: ${changed.error.message}` });
        if (!changed.value) continue;
        const segment = this.#segment(row.ordinal, changed.value, row.indexed);
        writes.push(...segment.writes);
        rewritten.set(row.key, segment.row);
      }
      if (writes.length === 0) return ok(undefined);
      return this.#rewrite(writes, 'strict', () => {
        this.#rows = (this.#rows as Row[]).map((row) => rewritten.get(row.key) ?? row);
      });
    });
  }
  /** The slots of a segment with other forms of some entries; `undefined` where it has these already. */
  async #withForms(
    { key }: Row,
    slotById: ReadonlyMap<EntryId, Slot>,
  ): Promise<Result<readonly Slot[] | undefined, Damaged>> {
    const slots = decodeSound(key, await this.storage.read('journal', key));
    if (!slots.ok) return slots;
    const places = new Set([...slotById.values()].map(placeOf));
    let stale = false;
    const forms: Slot[] = [];
    for (const slot of slots.value) {
      // Several entries may claim one place: which it is, only its id says.
      const entry = places.has(placeOf(slot)) ? entryIn(key, slot) : undefined;
      if (entry && !entry.ok) return entry;
      const form = entry && slotById.get(entry.value.id);
      const isStale = form !== undefined && !equalBytes(form.bytes, slot.bytes);
      forms.push(isStale ? form : slot);
      stale ||= isStale;
    }
    return ok(stale ? forms : undefined);
  }

  /** Removes the damaged records that `load` reported: call it once their loss is taken care of. */
  async discardDamaged(): Promise<Result<void, StorageError>> {
    if (this.#broken.length === 0) return ok(undefined);
    const writes: Write[] = [];
    for (const key of this.#broken) {
      writes.push({ table: 'journal', key });
      const place = readKey(this.space, key);
      if (place?.type === 'segment') writes.push({ table: 'journal', key: indexKeyOf(this.space, place.ordinal) });
    }
    return this.#inTurn(() =>
      this.#rewrite(writes, 'strict', () => {
        this.#broken = [];
      }),
    );
  }

  // --- The storage ---------------------------------------------------------------------------------------------

  /** A write that adds entries: if it fails for another reason than room, none may follow it. */
  async #commit(writes: readonly Write[], durability: Durability, written: () => void) {
    const result = await this.#rewrite(writes, durability, written);
    if (!result.ok && result.error.type !== 'full') this.#failure = result.error;
    return result;
  }
  /** A write that changes how entries lie: if it fails, they lie as before. */
  async #rewrite(
    writes: readonly Write[],
    durability: Durability,
    written: () => void,
  ): Promise<Result<void, StorageError>> {
    if (this.#failure) return err(this.#failure);
    const result = await this.storage.write(writes, durability);
    if (result.ok) written();
    return result;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#work.then(work);
    this.#work = turn.catch(() => {});
    return turn;
  }
}

const placeOf = ({ log, seq }: Slot): string => `${log}/${seq}`;
const lacksIndex = (row: Row): boolean => !row.indexed && isHalfFull(row);
const looseIn = (rows: readonly SegmentRow[]): number =>
  rows.reduce((count, row) => count + (isHalfFull(row) ? 0 : row.entries), 0);

const decodeSound = (key: string, value: Uint8Array | undefined): Result<readonly Slot[], Damaged> => {
  if (!value) return err({ type: 'damaged', key, message: 'it is gone' });
  const decoded = decodeSegment(key, value);
  return decoded.ok ? decoded : err({ ...decoded.error, type: 'damaged' });
};
