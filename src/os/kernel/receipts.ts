/**
 * Receipts of others: what each device has signed that it holds. The newest of a device and shard counts; it is kept over
 * a restart, so that what is safe is known without anybody there. The signature was checked where it came in. Of a device that is
 * doubted they are kept apart, where nobody counts them.
 */
import type { Write } from '../../ports';
import type { Hlc } from '../../vm/op/clock';
import type { DeviceId, LogId, ShardId, SpaceId } from '../../vm/op/ids';
import { isDoubted, type Standing, UNPROVED } from '../../vm/replica/possession';
import type { SignedReceipt } from '../../vm/replica/receipt';
import type { Heights, Held } from '../../vm/replica/space-receipt';
import type { KernelContext } from './context';
import type { Space } from './space';
import { type Receipt, Stated } from './stated';

type Kept = { hlc: number; at: number; heights: readonly { log: LogId; seq: number }[] };
/** Logs, and parts, that are noted of one device in one space: what it says of such as nobody else has heard of is bounded. */
const MAX_NOTED = 65_536;
const FEW_NOTED = 4_096;
const mostNoted = ({ replica }: Space): number => Math.min(MAX_NOTED, FEW_NOTED + 2 * replica.logs.size);
/** Once an hour it is written that a statement still stands. */
const HOUR_MS = 3_600_000;

/** A peer states thousands of parts at once: they are written together. */
const TOGETHER_MS = 100;

/** The rows of a space begin so. */
export const receiptsOf = (space: SpaceId): string => `receipt/${space}/`;

const noted = (heights: Kept['heights']): Heights => new Map(heights.map(({ log, seq }) => [log, seq]));
/** What a device stated, whether it counts or not. */
const statedBy = ({ replica }: Space, device: DeviceId): Stated | undefined =>
  replica.receipts.get(device) ?? replica.doubted.get(device);
const note = (space: Space, device: DeviceId, shard: ShardId, { hlc, at, heights }: Receipt): void => {
  const byShard = statedBy(space, device) ?? new Stated();
  byShard.set(shard, { hlc, at, heights });
  const { standings, receipts, doubted } = space.replica;
  (isDoubted(standings.get(device) ?? UNPROVED) ? doubted : receipts).set(device, byShard);
};
/** What is known of a device changed: its word counts, or does not. */
export const stand = ({ replica }: Space, device: DeviceId, standing: Standing): void => {
  const { receipts, doubted } = replica;
  replica.standings.set(device, standing);
  const [from, to] = isDoubted(standing) ? [receipts, doubted] : [doubted, receipts];
  const stated = from.get(device);
  if (stated) to.set(device, stated);
  from.delete(device);
};

export class Receipts {
  /** Key -> what is to be written: of each device and shard the newest. */
  readonly #unwritten = new Map<string, Uint8Array<ArrayBuffer> | undefined>();
  #timer: (() => void) | undefined;

  constructor(private readonly context: KernelContext) {}

  /** False for one that is no later than what is known. */
  keep(space: Space, { device, shard, hlc, heights }: SignedReceipt): boolean {
    const before = statedBy(space, device)?.get(shard);
    if (before && before.hlc >= hlc) return false;
    const others = (statedBy(space, device)?.names ?? 0) - (before ? 1 + before.heights.size : 0);
    if (others + 1 + heights.length > mostNoted(space)) return false;
    const receipt = { hlc, at: this.context.ports.clock.now(), heights: noted(heights) };
    note(space, device, shard, receipt);
    this.#write(space, device, shard, receipt);
    return true;
  }

  /** What a device stated to hold. */
  heldBy(space: Space, device: DeviceId): Held {
    return new Map([...(statedBy(space, device) ?? [])].map(([shard, { heights }]) => [shard, heights]));
  }
  /**
   * Of a receipt of the whole space: what the device holds by it. `sure`: the parts of which it said so now; of the others it is as
   * old as it was. `anew`: nothing else counts any more. False for one that is no later than what is known, or too much.
   */
  keepHeld(
    space: Space,
    device: DeviceId,
    hlc: Hlc,
    held: Held,
    { anew, sure }: { readonly anew: boolean; readonly sure: ReadonlySet<ShardId> | 'all' },
  ): boolean {
    const before = statedBy(space, device) ?? new Stated();
    if ([...before.values()].some((receipt) => receipt.hlc >= hlc)) return false;
    if ([...held.values()].reduce((sum, { size }) => sum + 1 + size, 0) > mostNoted(space)) return false;
    const at = this.context.ports.clock.now();
    for (const shard of anew || sure === 'all' ? [...before.keys()] : []) {
      if (held.has(shard)) continue;
      before.delete(shard);
      this.#write(space, device, shard, undefined);
    }
    for (const [shard, heights] of held) {
      const known = before.get(shard);
      if (sure !== 'all' && !sure.has(shard)) continue;
      const receipt = { hlc, at, heights };
      note(space, device, shard, receipt);
      const isSame = known && isEqual(known.heights, heights) && hourOf(known.at) === hourOf(at);
      if (!isSame) this.#write(space, device, shard, receipt);
    }
    return true;
  }

  #write(space: Space, device: DeviceId, shard: ShardId, receipt: Receipt | undefined): void {
    const kept = receipt && { ...receipt, heights: [...receipt.heights].map(([log, seq]) => ({ log, seq })) };
    const value = kept && new Uint8Array(new TextEncoder().encode(JSON.stringify(kept)));
    this.#unwritten.set(`${receiptsOf(space.id)}${device}/${shard}`, value);
    this.#timer ??= this.context.ports.clock.after(TOGETHER_MS, () => void this.flush());
  }

  /** Settles when all that was kept was handed to the storage. What a crash takes is stated again. */
  async flush(): Promise<void> {
    this.#timer?.();
    this.#timer = undefined;
    const writes = [...this.#unwritten].map(
      ([key, value]): Write => ({ table: 'space', key, ...(value ? { value } : {}) }),
    );
    this.#unwritten.clear();
    if (writes.length > 0) await this.context.ports.storage.write(writes, 'relaxed');
  }
}

const hourOf = (at: number): number => Math.floor(at / HOUR_MS);
const isEqual = (a: Heights, b: Heights): boolean =>
  a === b || (a.size === b.size && [...a].every(([log, seq]) => b.get(log) === seq));

/** What was kept of a space. */
export const restoreReceipts = async (context: KernelContext, space: Space): Promise<void> => {
  for (const { key, value } of await context.ports.storage.list('space', receiptsOf(space.id))) {
    const [, , device, shard] = key.split('/') as [string, string, DeviceId, ShardId];
    try {
      const { hlc, at, heights } = JSON.parse(new TextDecoder().decode(value)) as Kept;
      note(space, device, shard, { hlc, at, heights: noted(heights) });
    } catch {
      context.count('receiptDamaged');
    }
  }
};
