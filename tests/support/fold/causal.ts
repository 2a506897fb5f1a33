/**
 * Which entry knew of which: the causal past by log order and by the entries each names. Also finds forks.
 * Rests on admission: an entry's stamp is above those of its predecessor and of all that it names.
 */

import type { FoldEntry, Role } from '../../../src/vm/graph/engine';
import type { Hlc } from '../../../src/vm/op/clock';
import type { DeviceId, EntryId, LogId, ShardId, UserId } from '../../../src/vm/op/ids';

/** What stays in memory of an entry. */
export type Stamp = {
  readonly id: EntryId;
  readonly log: LogId;
  readonly shard: ShardId;
  readonly seq: number;
  readonly device: DeviceId;
  readonly author: UserId;
  readonly role: Role;
  readonly hlc: Hlc;
  readonly prev: EntryId | undefined;
  readonly deps: readonly EntryId[];
};

export class Causality {
  readonly #stampsById = new Map<EntryId, Stamp>();
  /** By log, then by place; more than one at a place is a fork. */
  readonly #logs = new Map<LogId, Map<number, Stamp[]>>();
  /** The first place that two entries claim. */
  readonly #forkedAt = new Map<LogId, number>();

  /** The stamp, and whether another entry claims the same place in its log; `undefined` when it is known already. */
  add(entry: FoldEntry): { readonly stamp: Stamp; readonly forked: boolean } | undefined {
    if (this.#stampsById.has(entry.id)) return undefined;
    const { id, log, shard, seq, device, author, role, hlc, prev, deps } = entry;
    const stamp: Stamp = { id, log, shard, seq, device, author, role, hlc, prev, deps };
    this.#stampsById.set(id, stamp);
    const places = this.#logs.get(log) ?? new Map<number, Stamp[]>();
    this.#logs.set(log, places);
    const place = places.get(seq);
    if (!place) places.set(seq, [stamp]);
    else {
      place.push(stamp);
      this.#forkedAt.set(log, Math.min(this.#forkedAt.get(log) ?? seq, seq));
    }
    return { stamp, forked: place !== undefined };
  }

  stamp(id: EntryId): Stamp | undefined {
    return this.#stampsById.get(id);
  }

  /** Whether the author of `later` had `earlier` in the past. Walks back no further than `earlier`'s own stamp. */
  precedes(earlier: Stamp, later: Stamp): boolean {
    if (earlier.hlc >= later.hlc) return false;
    const seen = new Set<EntryId>();
    const open: Stamp[] = [later];
    // Up to there all branches of its log are one.
    const shared = earlier.seq < (this.#forkedAt.get(earlier.log) ?? Number.POSITIVE_INFINITY);
    for (let stamp = open.pop(); stamp; stamp = open.pop()) {
      if (stamp.id === earlier.id || (shared && stamp.log === earlier.log && stamp.seq > earlier.seq)) return true;
      if (stamp.hlc <= earlier.hlc || seen.has(stamp.id)) continue;
      seen.add(stamp.id);
      for (const dep of stamp.deps) {
        const known = this.#stampsById.get(dep);
        if (known) open.push(known);
      }
      for (const before of this.#logs.get(stamp.log)?.get(stamp.seq - 1) ?? [])
        if (stamp.prev === undefined || stamp.prev === before.id) open.push(before);
    }
    return false;
  }
}
