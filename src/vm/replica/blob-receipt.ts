/**
 * Receipts of blobs: signed statements of a node which blobs of a space it durably holds whole. One names what is new, and a
 * digest over all that is held then, so that all is named only to who does not come to the same.
 */
import { concat, fromHex, utf8 } from '../../base/bytes';
import { encode, type ValueOf } from '../../base/codec';
import { hash } from '../../base/hash';
import type { Crypto, KeyHandle } from '../../ports';
import type { BlobId } from '../op/ids';
import { blobReceiptCodec } from '../sync/messages';

export type SignedBlobReceipt = ValueOf<typeof blobReceiptCodec>;

export const digestOf = (blobs: Iterable<BlobId>): Uint8Array<ArrayBuffer> =>
  hash('lgos/held-blobs/1', concat(...[...blobs].sort().map(fromHex)));

const signedBytes = (receipt: SignedBlobReceipt): Uint8Array<ArrayBuffer> =>
  concat(utf8('lgos/blob-receipt/1\0'), encode(blobReceiptCodec, { ...receipt, signature: new Uint8Array(64) }));

export const signBlobReceipt = async (
  crypto: Crypto,
  key: KeyHandle,
  receipt: Omit<SignedBlobReceipt, 'signature'>,
): Promise<SignedBlobReceipt> => {
  const unsigned = { ...receipt, signature: new Uint8Array(64) };
  return { ...unsigned, signature: await crypto.sign(key, signedBytes(unsigned)) };
};
export const verifyBlobReceipt = (crypto: Crypto, receipt: SignedBlobReceipt): Promise<boolean> =>
  crypto.verify(fromHex(receipt.device), signedBytes(receipt), receipt.signature);
