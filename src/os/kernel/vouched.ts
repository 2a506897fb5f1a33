/**
 * Records of a journal as an image saw them: the digest of the bytes of each, and the ids of its entries in their order. So a start
 * that finds the same bytes knows the ids, and need not hash every header and every body again. It knows no image and no rights.
 *
 * IM7 a record is vouched for by all of its bytes: where one is another, its entries are hashed as if nobody had seen them.
 */
import { equalBytes, fromHex, toHex } from '../../base/bytes';
import { blob, fixed, list, record, u64 } from '../../base/codec';
import type { Crypto } from '../../ports';
import type { Journal } from '../../vm/journal/journal';
import type { Vouch } from '../../vm/journal/loading';
import type { EntryLog } from '../../vm/journal/log';
import type { EntryId, LogId } from '../../vm/op/ids';
import type { Pause } from './slices';

const MANY = 2 ** 32;
const ID = 32;

/** `ids`: of its entries, one after the other. */
export type VouchedRecord = {
  readonly ordinal: number;
  readonly digest: Uint8Array<ArrayBuffer>;
  readonly ids: Uint8Array<ArrayBuffer>;
};
export const vouchedCodec = list(record({ ordinal: u64, digest: fixed(32), ids: blob(MANY) }), MANY);

export const vouching = (crypto: Pick<Crypto, 'digest'>, records: readonly VouchedRecord[]): Vouch => {
  const byOrdinal = new Map(records.map((each) => [each.ordinal, each]));
  return async (ordinal, bytes) => {
    const known = byOrdinal.get(ordinal);
    if (!known || !equalBytes(await crypto.digest(bytes), known.digest)) return undefined;
    return Array.from(
      { length: known.ids.length / ID },
      (_, i) => toHex(known.ids.subarray(i * ID, (i + 1) * ID)) as EntryId,
    );
  };
};

/** All records that are not about to be joined with others. Where two entries claim a place, which lies there is not told. */
export const vouchedRecords = async (
  journal: Journal,
  logs: ReadonlyMap<LogId, EntryLog>,
  crypto: Pick<Crypto, 'digest'>,
  pause: Pause,
): Promise<readonly VouchedRecord[]> => {
  const records: VouchedRecord[] = [];
  for await (const { ordinal, bytes, slots } of journal.records()) {
    await pause();
    const ids = new Uint8Array(slots.length * ID);
    const isTold = slots.every(({ log, seq }, i) => {
      const held = logs.get(log);
      const id = held?.forked ? undefined : held?.at(seq)?.id;
      if (id !== undefined) ids.set(fromHex(id), i * ID);
      return id !== undefined;
    });
    if (isTold) records.push({ ordinal, digest: await crypto.digest(bytes), ids });
  }
  return records;
};
