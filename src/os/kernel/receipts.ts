/**
 * Receipts of others: what each device has signed that it holds. The newest of a device and shard counts; it is kept over
 * a restart, so that what is safe is known without anybody there. The signature was checked where it came in.
 */
import type { Write } from '../../ports';
import type { DeviceId, LogId, ShardId, SpaceId } from '../../vm/op/ids';
import type { SignedReceipt } from '../../vm/replica/receipt';
import type { KernelContext } from './context';
import type { Space } from './space';

type Kept = { hlc: number; at: number; heights: readonly { log: LogId; seq: number }[] };

/** A peer states thousands of parts at once: they are written together. */
const TOGETHER_MS = 100;

/** The rows of a space begin so. */
export const receiptsOf = (space: SpaceId): string => `receipt/${space}/`;

const note = (space: Space, device: DeviceId, shard: ShardId, { hlc, at, heights }: Kept): void => {
  const byShard = space.replica.receipts.get(device) ?? new Map();
  byShard.set(shard, { hlc, at, heights: new Map(heights.map(({ log, seq }) => [log, seq])) });
  space.replica.receipts.set(device, byShard);
};

export class Receipts {
  /** Key -> what is to be written: of each device and shard the newest. */
  readonly #unwritten = new Map<string, Uint8Array<ArrayBuffer>>();
  #timer: (() => void) | undefined;

  constructor(private readonly context: KernelContext) {}

  /** False for one that is no later than what is known. */
  keep(space: Space, { device, shard, hlc, heights }: SignedReceipt): boolean {
    const before = space.replica.receipts.get(device)?.get(shard);
    if (before && before.hlc >= hlc) return false;
    const { clock } = this.context.ports;
    const kept: Kept = { hlc, at: clock.now(), heights };
    note(space, device, shard, kept);
    const value = new Uint8Array(new TextEncoder().encode(JSON.stringify(kept)));
    this.#unwritten.set(`${receiptsOf(space.id)}${device}/${shard}`, value);
    this.#timer ??= clock.after(TOGETHER_MS, () => void this.flush());
    return true;
  }

  /** Settles when all that was kept was handed to the storage. What a crash takes is stated again. */
  async flush(): Promise<void> {
    this.#timer?.();
    this.#timer = undefined;
    const writes = [...this.#unwritten].map(([key, value]): Write => ({ table: 'space', key, value }));
    this.#unwritten.clear();
    if (writes.length > 0) await this.context.ports.storage.write(writes, 'relaxed');
  }
}

/** What was kept of a space. */
export const restoreReceipts = async (context: KernelContext, space: Space): Promise<void> => {
  for (const { key, value } of await context.ports.storage.list('space', receiptsOf(space.id))) {
    const [, , device, shard] = key.split('/') as [string, string, DeviceId, ShardId];
    try {
      note(space, device, shard, JSON.parse(new TextDecoder().decode(value)) as Kept);
    } catch {
      context.count('receiptDamaged');
    }
  }
};
