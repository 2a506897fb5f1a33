/**
 * The rank of a pair: a number that both ends reckon alike and neither can choose, because rights admit device keys and the salt
 * changes with the keys of the space and each week. The lower, the sooner the two are neighbours.
 *
 * OV1 rank(a, b) = rank(b, a), uniform in [0, 1), and different for each salt.
 */
import { fromHex } from '../../base/bytes';
import { encode, u32 } from '../../base/codec';
import { hash } from '../../base/hash';
import type { DeviceId } from '../op/ids';

const WEEK_MS = 7 * 86_400_000;

/** `roomKey`: of the space, new with each epoch; `now`: network time. */
export const saltOf = (roomKey: Uint8Array, now: number): Uint8Array<ArrayBuffer> =>
  hash(
    'lgos/overlay-salt/1',
    hash('lgos/overlay-room/1', roomKey),
    encode(u32, Math.max(0, Math.floor(now / WEEK_MS))),
  );

export const rankOf = (salt: Uint8Array, a: DeviceId, b: DeviceId): number => {
  const [low, high] = a < b ? [a, b] : [b, a];
  const digest = hash('lgos/overlay-rank/1', salt, fromHex(low), fromHex(high));
  let rank = 0;
  for (let i = 0; i < 6; i++) rank = rank * 256 + (digest[i] as number);
  return rank / 2 ** 48;
};
