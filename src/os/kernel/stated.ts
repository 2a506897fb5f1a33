/** What one device has stated to hold of a space, part by part. */
import type { LogId, ShardId } from '../../vm/op/ids';

export type Receipt = { readonly hlc: number; readonly at: number; readonly heights: ReadonlyMap<LogId, number> };

export class Stated extends Map<ShardId, Receipt> {
  /** Another one whenever a word comes or goes. */
  version = 0;
  /** Parts whose words came or went since whoever looks (`lacking.ts`) looked last. */
  readonly changed = new Set<ShardId>();
  /** Parts and logs that it names. */
  names = 0;

  override set(shard: ShardId, receipt: Receipt): this {
    this.#without(shard);
    this.names += 1 + receipt.heights.size;
    return super.set(shard, receipt);
  }
  override delete(shard: ShardId): boolean {
    this.#without(shard);
    return super.delete(shard);
  }
  #without(shard: ShardId): void {
    this.version++;
    this.changed.add(shard);
    const before = this.get(shard);
    if (before) this.names -= 1 + before.heights.size;
  }
}
