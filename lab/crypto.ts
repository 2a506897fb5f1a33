/**
 * The Crypto port of simulations in which keyed hashes stand in the place of signatures and seals: what is wrong still fails, and
 * nobody who holds no key can make what holds; whoever reads this process can. Everything settles at once, so that virtual time
 * waits for no thread and a seed gives the same run each time.
 */
import { concat, equalBytes, fromBase64Url, toHex, utf8 } from '../src/base/bytes';
import { hmacSha256, sha256 } from '../src/base/hash';
import { webCrypto } from '../src/platform/webcrypto';
import type { Crypto, KeyHandle, KeyPair } from '../src/ports';

type Bytes = Uint8Array<ArrayBuffer>;
/** As the host computes them fastest. */
export type Hashes = {
  sha256(bytes: Uint8Array): Bytes;
  hmacSha256(key: Uint8Array, message: Uint8Array): Bytes;
};
const OWN_HASHES: Hashes = { sha256, hmacSha256 };

type Secret = { readonly secret: Uint8Array };
const asHandle = (key: Secret): KeyHandle => key as unknown as KeyHandle;
const secretOf = (handle: KeyHandle): Uint8Array => (handle as unknown as Secret).secret;
const ascending = (a: Uint8Array, b: Uint8Array): number => (toHex(a) < toHex(b) ? -1 : 1);

/** One for a whole world: it knows whose every key is. */
export const hashedCrypto = (hashes: Hashes = OWN_HASHES): Crypto => {
  const secretByPublic = new Map<string, Uint8Array>();
  const made = (domain: string, seed: Uint8Array): KeyPair => {
    const publicKey = hashes.sha256(concat(utf8(domain), seed));
    secretByPublic.set(toHex(publicKey), seed.slice());
    return { publicKey, handle: asHandle({ secret: seed.slice() }) };
  };
  const tag = (key: Uint8Array, ...parts: readonly Uint8Array[]): Bytes =>
    hashes.hmacSha256(key, concat(...parts)).slice(0, 16);
  /** As long as a signature. */
  const signature = (secret: Uint8Array, message: Uint8Array): Bytes => {
    const half = hashes.hmacSha256(secret, message);
    return concat(half, half);
  };
  const isSigned = (publicName: string, message: Uint8Array, given: Uint8Array): boolean => {
    const secret = secretByPublic.get(publicName);
    return secret !== undefined && equalBytes(signature(secret, message), given);
  };
  return {
    ...webCrypto(),
    digest: async (bytes) => hashes.sha256(bytes),
    signingKey: async (seed) => made('sign', seed),
    sign: async (key, message) => signature(secretOf(key), message),
    verify: async (publicKey, message, given) => isSigned(toHex(publicKey), message, given),
    agreementKey: async (seed) => made('agree', seed),
    agree: async (key, theirs) => {
      const mine = secretOf(key);
      const other = secretByPublic.get(toHex(theirs));
      return other && hashes.sha256(concat(utf8('shared'), ...[mine, other].sort(ascending)));
    },
    seal: async (key, nonce, plaintext, associated) => concat(plaintext, tag(key, nonce, associated, plaintext)),
    open: async (key, nonce, sealed, associated) => {
      if (sealed.length < 16) return undefined;
      const plain = sealed.slice(0, -16);
      return equalBytes(tag(key, nonce, associated, plain), sealed.subarray(-16)) ? plain : undefined;
    },
    signAsRoot: async ({ pub, priv }, message) => {
      const secret = fromBase64Url(priv) ?? new Uint8Array();
      secretByPublic.set(pub, secret);
      return signature(secret, message);
    },
    verifyRoot: async (pub, message, given) => isSigned(pub, message, given),
  };
};
