/**
 * What whoever writes next in a part builds on: of the entries that count here, those that no other such entry builds on. Pure.
 *
 * AD7 what does not count here (unreadable, void, held, of an unknown kind) is not cited, and hides nothing of what it cites:
 *     the graph cannot look through it, so an edit that came after another would be shown as made beside it.
 */
import type { Entry } from '../../vm/op/entry';
import type { EntryId, ShardId } from '../../vm/op/ids';

export class Frontiers {
  readonly #heads = new Map<ShardId, Set<EntryId>>();

  of(shard: ShardId): ReadonlySet<EntryId> {
    return this.#heads.get(shard) ?? NONE;
  }
  /** It counts, and what it builds on was told before it. */
  advance({ id, header: { shard, prev, deps } }: Entry): void {
    const heads = this.#heads.get(shard) ?? new Set();
    this.#heads.set(shard, heads);
    for (const covered of [prev, ...deps]) heads.delete(covered);
    heads.add(id);
  }
  clear(): void {
    this.#heads.clear();
  }
}
const NONE: ReadonlySet<EntryId> = new Set();
