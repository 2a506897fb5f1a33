/** Receipts: signed, cumulative statements of what a node durably holds. Only they make a change count as safe. */
import { concat, fromHex, utf8 } from '../../base/bytes';
import { encode, type ValueOf } from '../../base/codec';
import type { Crypto, KeyHandle } from '../../ports';
import type { Hlc } from '../op/clock';
import type { DeviceId, LogId, ShardId, SpaceId } from '../op/ids';
import { receiptCodec } from '../sync/messages';

export type SignedReceipt = ValueOf<typeof receiptCodec>;

const signedBytes = (receipt: SignedReceipt): Uint8Array<ArrayBuffer> =>
  concat(utf8('lgos/receipt/1\0'), encode(receiptCodec, { ...receipt, signature: new Uint8Array(64) }));

export const makeReceipt = async (
  crypto: Crypto,
  key: KeyHandle,
  device: DeviceId,
  space: SpaceId,
  shard: ShardId,
  hlc: Hlc,
  heights: ReadonlyMap<LogId, number>,
): Promise<SignedReceipt> => {
  const receipt: SignedReceipt = {
    space,
    shard,
    device,
    hlc,
    heights: [...heights].slice(0, 2048).map(([log, seq]) => ({ log, seq })),
    signature: new Uint8Array(64),
  };
  return { ...receipt, signature: await crypto.sign(key, signedBytes(receipt)) };
};

export const verifyReceipt = (crypto: Crypto, receipt: SignedReceipt): Promise<boolean> =>
  crypto.verify(fromHex(receipt.device), signedBytes(receipt), receipt.signature);
