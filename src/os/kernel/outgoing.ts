/**
 * The entries of one space that wait to leave on one link, and in which order they do.
 *
 * SY3 rights first, so that what they allow is believed; then erasures, so that what comes without its body is; checkpoints, so that
 *     the newest is seen before all of it; what names and arranges objects; the parts that the other side has open, the one first
 *     in which the least waits; all other parts, the one first in which the oldest waits. Within a part by their times, so
 *     that ancestors come before what builds on them.
 */
import type { Entry } from '../../vm/op/entry';
import type { EntryId, ShardId } from '../../vm/op/ids';

export class Outgoing {
  /** The newest first: they are taken from the end. */
  readonly #byPart = new Map<ShardId, Entry[]>();
  readonly #ids = new Set<EntryId>();
  #lookedAt: ReadonlySet<ShardId> = new Set();
  /** Parts in the order in which they leave, the first one last; unknown after a change. */
  #order: ShardId[] | undefined;

  /** `leading`: parts that come before all others, in this order. */
  constructor(private readonly leading: readonly ShardId[]) {}

  get size(): number {
    return this.#ids.size;
  }
  has(id: EntryId): boolean {
    return this.#ids.has(id);
  }

  /** Gives how many entries it went through. */
  add(entries: readonly Entry[]): number {
    const changed = new Set<ShardId>();
    for (const entry of entries) {
      if (this.#ids.has(entry.id)) continue;
      this.#ids.add(entry.id);
      const { shard } = entry.header;
      const part = this.#byPart.get(shard) ?? [];
      this.#byPart.set(shard, part);
      part.push(entry);
      changed.add(shard);
    }
    if (changed.size === 0) return entries.length;
    this.#order = undefined;
    let through = entries.length;
    for (const shard of changed) {
      const part = this.#byPart.get(shard) as Entry[];
      part.sort((a, b) => b.header.hlc - a.header.hlc);
      through += part.length;
    }
    return through;
  }

  /** All others do not leave. */
  keep(stays: (entry: Entry) => boolean): void {
    for (const [shard, part] of this.#byPart) {
      const kept = part.filter(stays);
      if (kept.length === part.length) continue;
      for (const entry of part) this.#ids.delete(entry.id);
      for (const { id } of kept) this.#ids.add(id);
      if (kept.length > 0) this.#byPart.set(shard, kept);
      else this.#byPart.delete(shard);
      this.#order = undefined;
    }
  }

  /** LA1: what the other side has open, in place of what it had. */
  look(parts: readonly ShardId[]): void {
    this.#lookedAt = new Set(parts);
    this.#order = undefined;
  }

  take(): Entry | undefined {
    this.#order ??= this.#ordered();
    const shard = this.#order.at(-1);
    const part = shard && this.#byPart.get(shard);
    const entry = part?.pop();
    if (!part || !entry) return undefined;
    this.#ids.delete(entry.id);
    if (part.length === 0) {
      this.#byPart.delete(shard);
      this.#order.pop();
    }
    return entry;
  }

  #ordered(): ShardId[] {
    const rank = (shard: ShardId): number => {
      const place = this.leading.indexOf(shard);
      if (place >= 0) return place;
      return this.leading.length + (this.#lookedAt.has(shard) ? 0 : 1);
    };
    const next = (shard: ShardId, part: readonly Entry[]): number =>
      this.#lookedAt.has(shard) ? part.length : (part.at(-1)?.header.hlc ?? 0);
    return [...this.#byPart]
      .map(([shard, part]) => ({ shard, rank: rank(shard), next: next(shard, part) }))
      .sort((a, b) => b.rank - a.rank || b.next - a.next)
      .map(({ shard }) => shard);
  }
}
