/**
 * The Crypto and Random ports over WebCrypto, for browsers, workers and Node 20. Private keys stay inside as
 * non-extractable CryptoKeys. What comes from outside (public keys, signatures, sealed bytes) never throws here;
 * an engine without an algorithm does, because "every signature is false" would be a lie.
 */
import { concat, fromBase64Url, fromHex, toBase64Url, toHex, utf8 } from '../base/bytes';
import type { Crypto, KeyHandle, KeyPair, Random, RootPair } from '../ports';

type Bytes = Uint8Array<ArrayBuffer>;

/** PKCS8 up to the 32-byte seed (RFC 8410): the same frame with another algorithm number. */
const PKCS8_ED25519 = fromHex('302e020100300506032b657004220420');
const PKCS8_X25519 = fromHex('302e020100300506032b656e04220420');
const P256_SIGN = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const P256_AGREE = { name: 'ECDH', namedCurve: 'P-256' } as const;
const ECDSA_SHA256 = { name: 'ECDSA', hash: 'SHA-256' } as const;
/** Imported public keys are kept, because one device signs many entries. */
const MAX_KEPT_KEYS = 256;

/**
 * The y coordinates of all points of small order on Ed25519, canonical or not, sign bit cleared. WebCrypto says that a
 * key or an R among them verifies nothing; engines differ, and replicas must not.
 */
const SMALL_ORDER = new Set([
  `00${'00'.repeat(31)}`,
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
]);

export const webCrypto = (subtle: SubtleCrypto = globalThis.crypto.subtle): Crypto => {
  const verifyKeys = new Map<string, Promise<CryptoKey>>();
  const verifyKeyOf = (publicKey: Uint8Array): Promise<CryptoKey> => {
    const name = toHex(publicKey);
    const kept = verifyKeys.get(name);
    if (kept) return kept;
    const oldest = verifyKeys.keys().next();
    if (verifyKeys.size >= MAX_KEPT_KEYS && !oldest.done) verifyKeys.delete(oldest.value);
    const imported = subtle.importKey('raw', unshared(publicKey), { name: 'Ed25519' }, false, ['verify']);
    verifyKeys.set(name, imported);
    imported.catch(() => verifyKeys.delete(name));
    return imported;
  };

  const keyPairOf = async (name: string, frame: Bytes, seed: Uint8Array, use: KeyUsage): Promise<KeyPair> => {
    if (seed.length !== 32) throw new Error(`A seed of ${seed.length} bytes, expected 32`);
    const pkcs8 = concat(frame, seed);
    const open = await subtle.importKey('pkcs8', pkcs8, { name }, true, [use]);
    pkcs8.fill(0);
    // As a JWK it is read five times as fast in Node, whose decoder of PKCS #8 takes milliseconds.
    const jwk = await subtle.exportKey('jwk', open);
    const handle = await subtle.importKey('jwk', jwk, { name }, false, [use]);
    const publicKey = fromBase64Url(jwk.x ?? '');
    if (publicKey?.length !== 32) throw new Error(`This engine gives no public key for ${name}`);
    return { publicKey, handle: handle as unknown as KeyHandle };
  };

  const aesKeyOf = (key: Uint8Array, use: KeyUsage): Promise<CryptoKey> =>
    subtle.importKey('raw', unshared(key), { name: 'AES-GCM' }, false, [use]);
  const gcm = (nonce: Uint8Array, associated: Uint8Array): AesGcmParams => ({
    name: 'AES-GCM',
    iv: unshared(nonce),
    additionalData: unshared(associated),
    tagLength: 128,
  });

  return {
    signingKey: (seed) => keyPairOf('Ed25519', PKCS8_ED25519, seed, 'sign'),
    sign: async (key, message) => new Uint8Array(await subtle.sign({ name: 'Ed25519' }, keyOf(key), unshared(message))),
    verify: async (publicKey, message, signature) => {
      if (publicKey.length !== 32 || signature.length !== 64) return false;
      if (isSmallOrder(publicKey) || isSmallOrder(signature.subarray(0, 32))) return false;
      const check = async () =>
        subtle.verify({ name: 'Ed25519' }, await verifyKeyOf(publicKey), unshared(signature), unshared(message));
      return (await refused(check)) ?? false;
    },

    agreementKey: (seed) => keyPairOf('X25519', PKCS8_X25519, seed, 'deriveBits'),
    agree: async (key, theirPublicKey) => {
      if (theirPublicKey.length !== 32) return undefined;
      const derive = async () => {
        const theirs = await subtle.importKey('raw', unshared(theirPublicKey), { name: 'X25519' }, false, []);
        return new Uint8Array(await subtle.deriveBits({ name: 'X25519', public: theirs }, keyOf(key), 256));
      };
      const shared = await refused(derive);
      return shared?.some((byte) => byte !== 0) ? shared : undefined;
    },

    seal: async (key, nonce, plaintext, associated) => {
      if (key.length !== 32 || nonce.length !== 12)
        throw new Error('AES-256-GCM takes a key of 32 and a nonce of 12 bytes');
      const aesKey = await aesKeyOf(key, 'encrypt');
      return new Uint8Array(await subtle.encrypt(gcm(nonce, associated), aesKey, unshared(plaintext)));
    },
    open: async (key, nonce, sealed, associated) => {
      if (key.length !== 32 || nonce.length !== 12 || sealed.length < 16) return undefined;
      const aesKey = await aesKeyOf(key, 'decrypt');
      return refused(
        async () => new Uint8Array(await subtle.decrypt(gcm(nonce, associated), aesKey, unshared(sealed))),
      );
    },

    digest: async (bytes) => new Uint8Array(await subtle.digest('SHA-256', unshared(bytes))),
    rootPair: async (): Promise<RootPair> => {
      const [signing, agreement] = await Promise.all([
        subtle.generateKey(P256_SIGN, true, ['sign', 'verify']),
        subtle.generateKey(P256_AGREE, true, ['deriveBits']),
      ]);
      const [s, e] = await Promise.all([
        subtle.exportKey('jwk', signing.privateKey),
        subtle.exportKey('jwk', agreement.privateKey),
      ]);
      return { pub: `${s.x}.${s.y}`, priv: `${s.d}`, epub: `${e.x}.${e.y}`, epriv: `${e.d}` };
    },
    signAsRoot: async (pair, message) => {
      const jwk = p256JwkOf(pair.pub);
      if (!jwk) throw new Error('Not a SEA pair: pub is not two P-256 coordinates');
      const key = await subtle.importKey('jwk', { ...jwk, d: pair.priv, key_ops: ['sign'] }, P256_SIGN, false, [
        'sign',
      ]);
      return new Uint8Array(await subtle.sign(ECDSA_SHA256, key, unshared(message)));
    },
    verifyRoot: async (pub, message, signature) => {
      const jwk = p256JwkOf(pub);
      if (!jwk || signature.length !== 64) return false;
      const check = async () => {
        const key = await subtle.importKey('jwk', { ...jwk, key_ops: ['verify'] }, P256_SIGN, false, ['verify']);
        return subtle.verify(ECDSA_SHA256, key, unshared(signature), unshared(message));
      };
      return (await refused(check)) ?? false;
    },

    stretch: async (passphrase, salt, iterations) => {
      const key = await subtle.importKey('raw', utf8(passphrase), 'PBKDF2', false, ['deriveBits']);
      const how = { name: 'PBKDF2', hash: 'SHA-256', salt: unshared(salt), iterations };
      return new Uint8Array(await subtle.deriveBits(how, key, 256));
    },
  };
};

export const webRandom = (): Random => ({
  bytes: (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 65_536) globalThis.crypto.getRandomValues(bytes.subarray(at, at + 65_536));
    return bytes;
  },
});

const keyOf = (handle: KeyHandle): CryptoKey => handle as unknown as CryptoKey;

/** WebCrypto takes no view over shared memory, which is where a WebAssembly engine may keep its bytes. */
const unshared = (bytes: Uint8Array): Bytes =>
  bytes.buffer instanceof ArrayBuffer ? (bytes as Bytes) : (new Uint8Array(bytes) as Bytes);

/** `undefined` when the engine refuses the bytes; an engine that lacks the algorithm still throws. */
const refused = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await work();
  } catch (fault) {
    if (fault instanceof DOMException && fault.name !== 'NotSupportedError') return undefined;
    throw fault;
  }
};

const isSmallOrder = (point: Uint8Array): boolean => {
  const y = new Uint8Array(point);
  y[31] = (y[31] as number) & 127;
  return SMALL_ORDER.has(toHex(y));
};

/** "x.y", each 32 bytes in base64url in its one spelling. */
const p256JwkOf = (pub: string): JsonWebKey | undefined => {
  const [x, y, ...rest] = pub.split('.');
  if (x === undefined || y === undefined || rest.length > 0) return undefined;
  for (const coordinate of [x, y]) {
    const bytes = fromBase64Url(coordinate);
    if (bytes?.length !== 32 || toBase64Url(bytes) !== coordinate) return undefined;
  }
  return { kty: 'EC', crv: 'P-256', x, y, ext: true };
};
