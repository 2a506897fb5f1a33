/**
 * Which entries under a temporary right came to light too late. No clock tells it: an entry that its author dated before
 * the end is late when others, whose rights last, wrote in that shard after the end without knowing of it, and none of them
 * had cited it within a day after the end. A function of the set of entries; costs a few steps an entry, and memory only
 * for logs that hold such entries.
 *
 * TM1 late: the space moved on without it, and nobody witnessed it in time.
 * TM2 who writes under a temporary right is no witness, and neither is the author.
 */
import type { Entry } from '../../vm/op/entry';
import type { EntryId, LogId, ShardId, UserId } from '../../vm/op/ids';

/** How long after the end of a right somebody may still witness what was written before it. */
export const WITNESS_MS = 24 * 3_600_000;

/** `counts`: shown, but for its lateness. `until`: ms, of a temporary right. */
export type Author = { readonly user: UserId; readonly counts: boolean; readonly until: number | undefined };

type Open = { readonly id: EntryId; readonly seq: number; readonly until: number; late: boolean };
type Watched = {
  readonly user: UserId;
  /** How much of this log each entry of the shard knows. */
  readonly known: Map<EntryId, number>;
  /** Not witnessed yet. */
  open: Open[];
};
type Shard = { readonly latest: Map<UserId, number>; readonly watched: Map<LogId, Watched> };

export class Timely {
  readonly #shards = new Map<ShardId, Shard>();
  readonly #late = new Set<EntryId>();

  /** `forkedAt`: the first place of a log that two entries claim; what stands there or later nobody can witness. */
  constructor(private readonly forkedAt: (log: LogId) => number) {}

  isLate(id: EntryId): boolean {
    return this.#late.has(id);
  }

  /** An entry that came after all that it builds on. Gives those of others that are late now and were not, or the other way. */
  add(entry: Entry, { user, counts, until }: Author): readonly EntryId[] {
    const { header, log } = entry;
    const shard: Shard = this.#shards.get(header.shard) ?? { latest: new Map(), watched: new Map() };
    this.#shards.set(header.shard, shard);
    const lasting = counts && until === undefined;
    const changed: EntryId[] = [];
    for (const [id, watched] of shard.watched) {
      let known = id === log ? header.seq : -1;
      for (const before of [header.prev, ...header.deps]) known = Math.max(known, watched.known.get(before) ?? -1);
      if (known >= 0) watched.known.set(entry.id, known);
      if (lasting && watched.user !== user) changed.push(...this.#weigh(id, watched, known, header.hlc));
    }
    if (lasting) shard.latest.set(user, Math.max(shard.latest.get(user) ?? 0, header.hlc));
    if (counts && until !== undefined) {
      const watched: Watched = shard.watched.get(log) ?? { user, known: new Map(), open: [] };
      shard.watched.set(log, watched);
      watched.known.set(entry.id, header.seq);
      const late = [...shard.latest].some(([other, hlc]) => other !== user && hlc > until);
      watched.open.push({ id: entry.id, seq: header.seq, until, late });
      if (late) this.#late.add(entry.id);
    }
    return changed;
  }

  /** What somebody's entry of that time, who knows so much of the log, says of those not witnessed. */
  #weigh(log: LogId, watched: Watched, known: number, hlc: number): readonly EntryId[] {
    const changed: EntryId[] = [];
    const forkedAt = this.forkedAt(log);
    watched.open = watched.open.filter((open) => {
      const cites = open.seq <= known && open.seq < forkedAt;
      if (cites && hlc <= open.until + WITNESS_MS) {
        if (this.#late.delete(open.id)) changed.push(open.id);
        return false;
      }
      if (!cites && hlc > open.until && !open.late) {
        open.late = true;
        this.#late.add(open.id);
        changed.push(open.id);
      }
      return true;
    });
    return changed;
  }
}
