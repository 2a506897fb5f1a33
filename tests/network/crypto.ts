/**
 * The Crypto port for simulations in Node: everything settles at once, so that virtual time does not wait for threads and a seed
 * gives the same run each time. `exactCrypto` computes what WebCrypto computes; what one node verified, another need not compute
 * again. `cheapCrypto` is that of the lab, with Node's hashes.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import { hashedCrypto } from '../../lab/crypto';
import { concat, fromBase64Url, fromHex, toHex } from '../../src/base/bytes';
import { webCrypto } from '../../src/platform/webcrypto';
import type { Crypto, KeyHandle, KeyPair } from '../../src/ports';

type Bytes = Uint8Array<ArrayBuffer>;
const own = (bytes: Uint8Array): Bytes => new Uint8Array(bytes);
const asHandle = (key: object): KeyHandle => key as unknown as KeyHandle;

/** Bounded by forgetting everything: what is forgotten is computed again. */
const remembering = <T>(most: number, compute: (key: string) => T): ((key: string) => T) => {
  const known = new Map<string, T>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= most) known.clear();
    const value = compute(key);
    known.set(key, value);
    return value;
  };
};
const MOST = 200_000;

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
const digest = async (bytes: Uint8Array): Promise<Bytes> => own(createHash('sha256').update(bytes).digest());

const PKCS8 = { ed25519: '302e020100300506032b657004220420', x25519: '302e020100300506032b656e04220420' } as const;
const SPKI = { ed25519: '302a300506032b6570032100', x25519: '302a300506032b656e032100' } as const;
type Curve = keyof typeof PKCS8;

const pairOf = (curve: Curve, seed: Uint8Array): KeyPair => {
  const key = createPrivateKey({ key: Buffer.from(concat(fromHex(PKCS8[curve]), seed)), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return { publicKey: own(spki.subarray(-32)), handle: asHandle(key) };
};
const publicKeyOf = (curve: Curve, bytes: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.from(concat(fromHex(SPKI[curve]), bytes)), format: 'der', type: 'spki' });
const keyOf = (handle: KeyHandle): KeyObject => handle as unknown as KeyObject;

export const exactCrypto = (): Crypto => {
  const verifyKey = remembering(MOST, (hex) => publicKeyOf('ed25519', fromHex(hex)));
  /** Of the hex of key and signature, and the message. */
  const verified = remembering(MOST / 4, (checked) => {
    const [key, signature, message] = [checked.slice(0, 64), checked.slice(64, 192), checked.slice(192)];
    return verify(null, Buffer.from(message, 'latin1'), verifyKey(key), Buffer.from(signature, 'hex'));
  });
  const certified = remembering(MOST / 4, (checked) => {
    const signature = fromHex(checked.slice(0, 128));
    const end = checked.indexOf(' ');
    const parts = checked.slice(128, end).split('.');
    const point = concat(Uint8Array.of(4), ...parts.map((part) => fromBase64Url(part) ?? new Uint8Array()));
    try {
      return p256.verify(signature, Buffer.from(checked.slice(end + 1), 'latin1'), point, { lowS: false });
    } catch {
      return false;
    }
  });
  return {
    ...webCrypto(),
    digest,
    signingKey: async (seed) => pairOf('ed25519', seed),
    sign: async (key, message) => own(sign(null, message, keyOf(key))),
    verify: async (publicKey, message, signature) => {
      if (publicKey.length !== 32 || signature.length !== 64) return false;
      return verified(`${toHex(publicKey)}${toHex(signature)}${textOf(message)}`);
    },
    agreementKey: async (seed) => pairOf('x25519', seed),
    agree: async (key, theirs) =>
      theirs.length === 32
        ? own(diffieHellman({ privateKey: keyOf(key), publicKey: publicKeyOf('x25519', theirs) }))
        : undefined,
    seal: async (key, nonce, plaintext, associated) => {
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associated);
      return own(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
    },
    open: async (key, nonce, sealed, associated) => {
      if (key.length !== 32 || nonce.length !== 12 || sealed.length < 16) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(associated);
      decipher.setAuthTag(sealed.subarray(-16));
      const plain = decipher.update(sealed.subarray(0, -16));
      try {
        return own(Buffer.concat([plain, decipher.final()]));
      } catch {
        return undefined;
      }
    },
    // By the message, not by chance: the same run twice.
    signAsRoot: async ({ priv }, message) => own(p256.sign(message, fromBase64Url(priv) as Bytes)),
    verifyRoot: async (pub, message, signature) =>
      signature.length === 64 && certified(`${toHex(signature)}${pub} ${textOf(message)}`),
  };
};

export const cheapCrypto = (): Crypto =>
  hashedCrypto({
    sha256: (bytes) => own(hash('sha256', bytes, 'buffer')),
    // Not quite: but nobody here lengthens a message, and it takes a third of the time.
    hmacSha256: (key, message) => own(hash('sha256', concat(key, message), 'buffer')),
  });
