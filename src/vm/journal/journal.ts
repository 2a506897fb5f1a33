/**
 * The journal of one space over a Storage: entries in the order in which they were admitted. It knows nothing of logs,
 * rights or keys. Rules: writes reach the storage one at a time and in order, those that wait are joined into one
 * batch; after a write that failed nothing more is written, or the journal would have a hole; a damaged segment is
 * reported and its entries are left out, never guessed.
 */
import { assert } from '../../base/assert';
import { err, ok, type Result } from '../../base/result';
import type { Durability, Storage, StorageError, Write } from '../../ports';
import type { Entry } from '../op/entry';
import type { SpaceId } from '../op/ids';
import {
  cutIntoSegments,
  type Damaged,
  decodeSegment,
  encodeSegment,
  mergePlan,
  ordinalOf,
  type SegmentRow,
  segmentKeyOf,
  segmentPrefixOf,
} from './segment';

const PAGE = 64;

/**
 * What `load` found. Entries of a damaged segment may be anybody's: others' are fetched again, and a device that finds
 * any damage must not continue its own logs from here (it would contradict itself): it adopts them from a peer or
 * begins a new incarnation.
 */
export type Loaded = { readonly entries: readonly Entry[]; readonly damaged: readonly Damaged[] };

type Appending = {
  readonly entries: readonly Entry[];
  readonly durability: Durability;
  readonly done: (result: Result<void, StorageError>) => void;
};

export class Journal {
  /** Sound segments in the order of their keys; `undefined` before `load`. */
  #rows: SegmentRow[] | undefined;
  #damaged: readonly Damaged[] = [];
  #next = 0;
  #queue: Appending[] = [];
  #draining = false;
  #failure: StorageError | undefined;
  #compacting: Promise<Result<number, StorageError | Damaged>> | undefined;
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
  /** Entries handed to `append` that are not settled: what a caller bounds its intake by. */
  get backlog(): number {
    return this.#queue.reduce((count, { entries }) => count + entries.length, 0);
  }
  get segments(): number {
    return this.#rows?.length ?? 0;
  }

  /** Once, before anything else. */
  async load(): Promise<Result<Loaded, StorageError>> {
    assert(this.#rows === undefined, 'a journal is loaded once');
    const rows: SegmentRow[] = [];
    const entries: Entry[] = [];
    const damaged: Damaged[] = [];
    const prefix = segmentPrefixOf(this.space);
    for (let after: string | undefined; ; ) {
      const page = await readPage(this.storage, prefix, after);
      if (!page.ok) return page;
      for (const { key, value } of page.value) {
        after = key;
        const ordinal = ordinalOf(this.space, key);
        const decoded =
          ordinal === undefined
            ? err<Damaged>({ type: 'damaged', key, message: 'not the key of a segment' })
            : decodeSegment(key, value);
        if (ordinal !== undefined) this.#next = Math.max(this.#next, ordinal + 1);
        if (!decoded.ok) {
          damaged.push(decoded.error);
          continue;
        }
        rows.push({ key, entries: decoded.value.length, bytes: value.length });
        for (const entry of decoded.value) entries.push(entry);
      }
      if (page.value.length < PAGE) break;
    }
    this.#rows = rows;
    this.#damaged = damaged;
    return ok({ entries, damaged });
  }

  /** Settles when the entries are written with at least this durability, or will never be. */
  append(entries: readonly Entry[], durability: Durability): Promise<Result<void, StorageError>> {
    assert(this.#rows, 'a journal is loaded before it is written');
    if (this.#failure) return Promise.resolve(err(this.#failure));
    return new Promise((done) => {
      this.#queue.push({ entries, durability, done });
      if (!this.#draining) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    while (this.#queue.length > 0) {
      await this.#inTurn(async () => {
        const batch = [...this.#queue];
        const result = await this.#write(batch);
        // What came while this batch was on its way stays in the queue, unless the way is closed.
        const settled = result.ok ? this.#queue.splice(0, batch.length) : this.#queue.splice(0);
        for (const { done } of settled) done(result);
      });
    }
    this.#draining = false;
  }

  async #write(batch: readonly Appending[]): Promise<Result<void, StorageError>> {
    const rows: SegmentRow[] = [];
    const writes: Write[] = [];
    for (const entries of cutIntoSegments(batch.flatMap((appending) => appending.entries))) {
      const key = segmentKeyOf(this.space, this.#next++);
      const value = encodeSegment(key, entries);
      writes.push({ table: 'journal', key, value });
      rows.push({ key, entries: entries.length, bytes: value.length });
    }
    const strict = batch.some(({ durability }) => durability === 'strict');
    return this.#commit(writes, strict ? 'strict' : 'relaxed', () => this.#rows?.push(...rows));
  }

  /**
   * Joins small neighbouring segments, each group in one batch. Gives how many segments there are fewer. Nothing is
   * lost by a crash in between, because a group is replaced at once. A segment found damaged stops it. Asked again
   * while it runs, it gives the same run.
   */
  compact(): Promise<Result<number, StorageError | Damaged>> {
    assert(this.#rows, 'a journal is loaded before it is compacted');
    this.#compacting ??= this.#compactGroups(this.#rows).finally(() => {
      this.#compacting = undefined;
    });
    return this.#compacting;
  }

  async #compactGroups(rows: readonly SegmentRow[]): Promise<Result<number, StorageError | Damaged>> {
    let fewer = 0;
    for (const group of mergePlan(rows)) {
      const merged = await this.#inTurn(() => this.#merge(group));
      if (!merged.ok) return merged;
      fewer += group.length - 1;
    }
    return ok(fewer);
  }

  async #merge(group: readonly SegmentRow[]): Promise<Result<void, StorageError | Damaged>> {
    const entries: Entry[] = [];
    for (const { key } of group) {
      const value = await this.storage.read('journal', key);
      const decoded = value ? decodeSegment(key, value) : err<Damaged>({ type: 'damaged', key, message: 'it is gone' });
      if (!decoded.ok) return decoded;
      entries.push(...decoded.value);
    }
    const [{ key }, ...others] = group as readonly [SegmentRow, ...SegmentRow[]];
    const value = encodeSegment(key, entries);
    const removed = new Set(others.map((row) => row.key));
    const writes: Write[] = [{ table: 'journal', key, value }];
    for (const other of removed) writes.push({ table: 'journal', key: other });
    return this.#commit(writes, 'relaxed', () => {
      const rows = this.#rows as SegmentRow[];
      const kept = rows.filter((row) => !removed.has(row.key));
      kept[kept.findIndex((row) => row.key === key)] = { key, entries: entries.length, bytes: value.length };
      this.#rows = kept;
    });
  }

  /** Removes the damaged records that `load` reported: call it once their loss is taken care of. */
  async discardDamaged(): Promise<Result<void, StorageError>> {
    const writes = this.#damaged.map(({ key }): Write => ({ table: 'journal', key }));
    if (writes.length === 0) return ok(undefined);
    return this.#inTurn(() =>
      this.#commit(writes, 'strict', () => {
        this.#damaged = [];
      }),
    );
  }

  async #commit(
    writes: readonly Write[],
    durability: Durability,
    written: () => void,
  ): Promise<Result<void, StorageError>> {
    if (this.#failure) return err(this.#failure);
    const result = await this.storage.write(writes, durability);
    if (result.ok) written();
    else this.#failure = result.error;
    return result;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#work.then(work);
    this.#work = turn.catch(() => {});
    return turn;
  }
}

const readPage = async (storage: Storage, prefix: string, after: string | undefined) => {
  try {
    return ok(await storage.list('journal', prefix, after, PAGE));
  } catch (fault) {
    return err<StorageError>({ type: 'failed', message: fault instanceof Error ? fault.message : String(fault) });
  }
};
