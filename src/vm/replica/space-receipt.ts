/**
 * Receipts of a whole space: a signed digest over all that a node durably holds, and by name only what changed. Who comes to the
 * same digest, from what was stated before or from what it holds itself, knows all of it; who does not asks.
 *
 * SR1 what a receipt names counts as it stands, whatever its digest is.
 * SR2 what it does not name counts when it leads to the digest; else as it was stated before, and as old as that.
 */
import { concat, fromHex, utf8 } from '../../base/bytes';
import { encode, u64, type ValueOf } from '../../base/codec';
import { hash } from '../../base/hash';
import type { Crypto, KeyHandle } from '../../ports';
import { type DeviceId, deviceIdCodec, type LogId, type ShardId, type SpaceId, spaceIdCodec } from '../op/ids';
import { spaceReceiptCodec } from '../sync/messages';

/** Of the logs of one shard the last place that is held. Never changed once made. */
export type Heights = ReadonlyMap<LogId, number>;
export type Held = ReadonlyMap<ShardId, Heights>;
export type SpaceReceipt = ValueOf<typeof spaceReceiptCodec>;
export type Named = SpaceReceipt['shards'];

const digests = new WeakMap<Heights, Uint8Array>();
const shardDigest = (heights: Heights): Uint8Array => {
  const known = digests.get(heights);
  if (known) return known;
  const logs = [...heights].sort(([a], [b]) => (a < b ? -1 : 1));
  const made = hash('lgos/held-logs/1', concat(...logs.flatMap(([log, seq]) => [fromHex(log), encode(u64, seq + 1)])));
  digests.set(heights, made);
  return made;
};
export const heldDigest = (held: Held): Uint8Array<ArrayBuffer> => {
  const shards = [...held].filter(([, heights]) => heights.size > 0).sort(([a], [b]) => (a < b ? -1 : 1));
  return hash('lgos/held/1', concat(...shards.flatMap(([shard, heights]) => [fromHex(shard), shardDigest(heights)])));
};

/** `held` with what a receipt names in its place. What did not change stays the same object. */
export const withNamed = (held: Held, named: Named): Held => {
  const next = new Map(held);
  for (const { shard, logs } of named) {
    const before = next.get(shard);
    if (logs.every(({ log, length }) => (before?.get(log) ?? -1) === length - 1)) continue;
    const heights = new Map(before);
    for (const { log, length } of logs) {
      if (length > 0) heights.set(log, length - 1);
      else heights.delete(log);
    }
    next.set(shard, heights);
  }
  return next;
};

const signedBytes = (space: SpaceId, device: DeviceId, receipt: SpaceReceipt): Uint8Array<ArrayBuffer> =>
  concat(
    utf8('lgos/space-receipt/1\0'),
    encode(spaceIdCodec, space),
    encode(deviceIdCodec, device),
    encode(spaceReceiptCodec, { ...receipt, signature: new Uint8Array(64) }),
  );

export const signSpaceReceipt = async (
  crypto: Crypto,
  key: KeyHandle,
  space: SpaceId,
  device: DeviceId,
  receipt: Omit<SpaceReceipt, 'signature'>,
): Promise<SpaceReceipt> => {
  const unsigned = { ...receipt, signature: new Uint8Array(64) };
  return { ...unsigned, signature: await crypto.sign(key, signedBytes(space, device, unsigned)) };
};
export const verifySpaceReceipt = (
  crypto: Crypto,
  space: SpaceId,
  device: DeviceId,
  receipt: SpaceReceipt,
): Promise<boolean> => crypto.verify(fromHex(device), signedBytes(space, device, receipt), receipt.signature);
