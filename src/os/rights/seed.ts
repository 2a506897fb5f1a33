/**
 * All that a person is, from 16 bytes: the root pair, the nonce of their id, the keys of their keyring, and what founds
 * their personal space, so that its id can be computed in a browser that has nothing but the recovery phrase.
 * Table: docs/protocol/identity.md. Nothing here is secret from whoever has the seed.
 */
import { toBase64Url, toHex } from '../../base/bytes';
import { encode, u32 } from '../../base/codec';
import { deriveKey } from '../../base/hash';
import { isP256Scalar, p256Point } from '../../base/p256';
import type { Crypto, KeyPair, RootPair } from '../../ports';
import { type DeviceId, type SpaceId, spaceIdOf, type UserId } from '../../vm/op/ids';

export const SEED_BYTES = 16;
const NO_SALT = new Uint8Array();

const derived = (seed: Uint8Array, what: string, index = 0): Uint8Array<ArrayBuffer> => {
  if (seed.length !== SEED_BYTES) throw new Error(`A seed of ${seed.length} bytes, expected ${SEED_BYTES}`);
  return deriveKey(seed, index === 0 ? NO_SALT : encode(u32, index), `lgos/seed/${what}/1`);
};

/** Uniform: what is not below the order, one draw in 2^32, is drawn again. */
const scalarOf = (seed: Uint8Array, what: string): Uint8Array => {
  for (let draw = 0; ; draw++) {
    const scalar = derived(seed, what, draw);
    if (isP256Scalar(scalar)) return scalar;
  }
};
const pairOf = (seed: Uint8Array, what: string): readonly [string, string] => {
  const scalar = scalarOf(seed, what);
  const { x, y } = p256Point(scalar);
  return [`${toBase64Url(x)}.${toBase64Url(y)}`, toBase64Url(scalar)];
};

/** A SEA pair. */
export const rootPairOf = (seed: Uint8Array): RootPair => {
  const [pub, priv] = pairOf(seed, 'root');
  const [epub, epriv] = pairOf(seed, 'root-agree');
  return { pub, priv, epub, epriv };
};
export const userNonceOf = (seed: Uint8Array): Uint8Array<ArrayBuffer> => derived(seed, 'user');
/** Of the keyring's X25519 key; a new generation when a device is revoked. */
export const keyringSeedOf = (seed: Uint8Array, generation: number): Uint8Array<ArrayBuffer> =>
  derived(seed, 'keyring', generation);

/**
 * The device that founds the personal space, and signs nothing but its genesis. It is nobody's browser: each device
 * of the person, the first one too, names itself in the space afterwards.
 */
export type Founder = {
  readonly device: DeviceId;
  readonly key: KeyPair;
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly roomKey: Uint8Array<ArrayBuffer>;
  readonly space: SpaceId;
};
export const founderOf = async (crypto: Crypto, seed: Uint8Array, user: UserId): Promise<Founder> => {
  const key = await crypto.signingKey(derived(seed, 'founder'));
  const device = toHex(key.publicKey) as DeviceId;
  const nonce = derived(seed, 'personal');
  const space = spaceIdOf(user, device, 'personal', nonce);
  return { device, key, nonce, roomKey: derived(seed, 'personal-room'), space };
};
