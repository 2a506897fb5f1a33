/**
 * Since when each device lacks something of a space, by what it stated to hold. Asked over and over while a space is looked at: what
 * was found is kept until the device states something else, so that an answer costs what changed, not devices times logs.
 */
import type { EntryLog } from '../../vm/journal/log';
import type { DeviceId, ShardId } from '../../vm/op/ids';
import type { Replica } from './replica';
import type { Stated } from './stated';

type Held = Pick<Replica, 'logs' | 'entries' | 'receipts'>;
/** `lacks`: when the first entry was written that it lacked at that version, or one after it. */
type Found = { readonly stated: Stated; readonly version: number; lacks: number };

/** The time of the first entry of a log that is not held up to `height`; a receipt says nothing of a place that two entries claim. */
const lackedIn = (log: EntryLog, height: number | undefined): number => {
  const held = height === undefined ? 0 : height + 1;
  return held >= Math.min(log.length, log.forkedAt) ? Number.POSITIVE_INFINITY : (log.at(held)?.header.hlc ?? 0);
};

class Lacking {
  readonly #logsByShard = new Map<ShardId, EntryLog[]>();
  readonly #sizes = new Map<EntryLog, number>();
  readonly #found = new Map<DeviceId, Found>();
  #entries = 0;

  constructor(private readonly replica: Held) {}

  /** Whether a device has stated to hold all, of the space or of one part, that is not later than `before`. */
  holdsAll(device: DeviceId, before: number, shard?: ShardId): boolean {
    this.#note();
    const stated = this.replica.receipts.get(device);
    if (!stated) return false;
    if (shard !== undefined) return this.#firstLacked([shard], stated, before) > before;
    let found = this.#found.get(device);
    if (found?.stated !== stated) found = undefined;
    if (found && found.lacks > before)
      found.lacks = Math.min(found.lacks, this.#firstLacked(stated.changed, stated, before));
    stated.changed.clear();
    // What lacked may have been stated since.
    if (!found || (found.lacks <= before && found.version !== stated.version)) {
      const lacks = this.#firstLacked(this.#logsByShard.keys(), stated, before);
      found = { stated, version: stated.version, lacks };
      this.#found.set(device, found);
    }
    return found.lacks > before;
  }
  /** When it was written; of several that are not later than `before` one. Infinite where nothing is lacking. */
  #firstLacked(shards: Iterable<ShardId>, stated: Stated, before: number): number {
    let first = Number.POSITIVE_INFINITY;
    for (const shard of shards) {
      const heights = stated.get(shard)?.heights;
      for (const log of this.#logsByShard.get(shard) ?? []) {
        first = Math.min(first, lackedIn(log, heights?.get(log.id)));
        if (first <= before) return first;
      }
    }
    return first;
  }
  #logsOf(shard: ShardId): EntryLog[] {
    const logs = this.#logsByShard.get(shard) ?? [];
    this.#logsByShard.set(shard, logs);
    return logs;
  }

  /** Logs that grew since the last time. None ever goes. */
  #note(): void {
    if (this.replica.entries.size === this.#entries) return;
    this.#entries = this.replica.entries.size;
    for (const log of this.replica.logs.values()) {
      const before = this.#sizes.get(log) ?? 0;
      const shard = log.head?.header.shard;
      if (log.size === before || shard === undefined) continue;
      this.#sizes.set(log, log.size);
      if (before === 0) this.#logsOf(shard).push(log);
      // What was lacking may be claimed by two now.
      if (log.forked) this.#found.clear();
      for (const found of this.#found.values())
        found.lacks = Math.min(found.lacks, lackedIn(log, found.stated.get(shard)?.heights.get(log.id)));
    }
  }
}

const byReplica = new WeakMap<Held, Lacking>();
export const lackingIn = (replica: Held): Lacking => {
  const lacking = byReplica.get(replica) ?? new Lacking(replica);
  byReplica.set(replica, lacking);
  return lacking;
};
