/**
 * Receipts of others: what each device has signed that it holds. The newest of a device and shard counts; it is kept over
 * a restart, so that what is safe is known without anybody there. The signature was checked where it came in.
 */
import type { DeviceId, LogId, ShardId } from '../../vm/op/ids';
import type { SignedReceipt } from '../../vm/replica/receipt';
import type { KernelContext } from './context';
import type { Space } from './space';

type Kept = { hlc: number; at: number; heights: readonly { log: LogId; seq: number }[] };

const note = (space: Space, device: DeviceId, shard: ShardId, { hlc, at, heights }: Kept): void => {
  const byShard = space.replica.receipts.get(device) ?? new Map();
  byShard.set(shard, { hlc, at, heights: new Map(heights.map(({ log, seq }) => [log, seq])) });
  space.replica.receipts.set(device, byShard);
};

/** False for one that is no later than what is known. */
export const keepReceipt = ({ ports }: KernelContext, space: Space, receipt: SignedReceipt): boolean => {
  const { device, shard, hlc, heights } = receipt;
  const before = space.replica.receipts.get(device)?.get(shard);
  if (before && before.hlc >= hlc) return false;
  const kept: Kept = { hlc, at: ports.clock.now(), heights };
  note(space, device, shard, kept);
  const value = new Uint8Array(new TextEncoder().encode(JSON.stringify(kept)));
  void ports.storage.write([{ table: 'space', key: `receipt/${space.id}/${device}/${shard}`, value }], 'relaxed');
  return true;
};

/** What was kept of a space. */
export const restoreReceipts = async (context: KernelContext, space: Space): Promise<void> => {
  for (const { key, value } of await context.ports.storage.list('space', `receipt/${space.id}/`)) {
    const [, , device, shard] = key.split('/') as [string, string, DeviceId, ShardId];
    try {
      note(space, device, shard, JSON.parse(new TextDecoder().decode(value)) as Kept);
    } catch {
      context.count('receiptDamaged');
    }
  }
};
