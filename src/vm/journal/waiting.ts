/**
 * Entries of one space that cannot be admitted yet, because an ancestor (their predecessor, what they depend on, the
 * rights they act under) has not come. Bounded for each device and for the space: the oldest is dropped first, and
 * reconciliation brings it again. Only entries with a verified signature belong here, or a stranger fills a device's share.
 */
import type { Entry } from '../op/entry';
import { type DeviceId, type EntryId, ZERO_ENTRY } from '../op/ids';

export const MAX_WAITING_PER_DEVICE = 64;
export const MAX_WAITING_BYTES_PER_DEVICE = 1024 * 1024;
export const MAX_WAITING_BYTES = 16 * 1024 * 1024;

type Waiter = { readonly entry: Entry; readonly missing: Set<EntryId>; readonly bytes: number };
/** `waiters` from the oldest on. */
type Share = { readonly waiters: Set<Waiter>; bytes: number };

export class Waiting {
  /** From the oldest on. */
  readonly #waiterById = new Map<EntryId, Waiter>();
  readonly #shareByDevice = new Map<DeviceId, Share>();
  readonly #waitersByMissing = new Map<EntryId, Set<Waiter>>();
  #bytes = 0;

  get size(): number {
    return this.#waiterById.size;
  }
  /** About what the entries take in memory. */
  get bytes(): number {
    return this.#bytes;
  }
  has(id: EntryId): boolean {
    return this.#waiterById.has(id);
  }
  /** What to ask other nodes for: ancestors that are themselves not waiting here. */
  missing(): readonly EntryId[] {
    return [...this.#waitersByMissing.keys()].filter((id) => !this.#waiterById.has(id));
  }

  /** Keeps the entry until all of `missing` (at least one id) have come; gives what was dropped for it, the oldest first. */
  waitFor(entry: Entry, missing: readonly EntryId[]): readonly Entry[] {
    if (this.#waiterById.has(entry.id) || missing.length === 0) return [];
    const waiter: Waiter = { entry, missing: new Set(missing), bytes: weightOf(entry) };
    const share = this.#shareByDevice.get(entry.header.device) ?? { waiters: new Set<Waiter>(), bytes: 0 };
    this.#shareByDevice.set(entry.header.device, share);
    this.#waiterById.set(entry.id, waiter);
    share.waiters.add(waiter);
    share.bytes += waiter.bytes;
    this.#bytes += waiter.bytes;
    for (const id of waiter.missing) {
      const waiters = this.#waitersByMissing.get(id) ?? new Set();
      this.#waitersByMissing.set(id, waiters.add(waiter));
    }
    const dropped: Entry[] = [];
    while (share.waiters.size > MAX_WAITING_PER_DEVICE || share.bytes > MAX_WAITING_BYTES_PER_DEVICE) {
      dropped.push(this.#dropOldest(share.waiters));
    }
    while (this.#bytes > MAX_WAITING_BYTES) dropped.push(this.#dropOldest(this.#waiterById.values()));
    return dropped;
  }

  /** The entry `id` was admitted: gives those that waited for nothing else, in the order in which they came. */
  released(id: EntryId): readonly Entry[] {
    const waiters = this.#waitersByMissing.get(id);
    if (!waiters) return [];
    this.#waitersByMissing.delete(id);
    const ready: Entry[] = [];
    for (const waiter of waiters) {
      waiter.missing.delete(id);
      if (waiter.missing.size > 0) continue;
      this.#remove(waiter);
      ready.push(waiter.entry);
    }
    return ready;
  }

  #dropOldest(waiters: Iterable<Waiter>): Entry {
    const [oldest] = waiters as Iterable<Waiter> & [Waiter];
    this.#remove(oldest);
    return oldest.entry;
  }
  #remove(waiter: Waiter): void {
    const { id, header } = waiter.entry;
    this.#waiterById.delete(id);
    this.#bytes -= waiter.bytes;
    const share = this.#shareByDevice.get(header.device);
    if (share?.waiters.delete(waiter)) share.bytes -= waiter.bytes;
    if (share?.waiters.size === 0) this.#shareByDevice.delete(header.device);
    for (const missing of waiter.missing) {
      const waiters = this.#waitersByMissing.get(missing);
      waiters?.delete(waiter);
      if (waiters?.size === 0) this.#waitersByMissing.delete(missing);
    }
  }
}

/** The ids an entry names, each once: all must be admitted before it. */
export const ancestorsOf = ({ header }: Entry): readonly EntryId[] =>
  [...new Set([header.prev, header.aclRef, ...header.deps])].filter((id) => id !== ZERO_ENTRY);

/** The body, and a header with its signature. */
const weightOf = (entry: Entry): number => entry.body.length + 256 + 32 * entry.header.deps.length;
