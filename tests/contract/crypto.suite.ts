/** What every Crypto adapter keeps to; run in Node and in real browsers, whose engines must accept the same signatures. */
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex, utf8 } from '../../src/base/bytes';
import { seededRandom } from '../../src/base/random';
import type { Crypto, RootPair } from '../../src/ports';

const flipped = (bytes: Uint8Array, bit: number): Uint8Array<ArrayBuffer> => {
  const copy = new Uint8Array(bytes);
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
};
const none = new Uint8Array();

/** RFC 8032, section 7.1: seed, public key, message, signature. */
const RFC8032 = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
] as const;

/** Encodings of points of small order on Curve25519's u line. */
const LOW_ORDER_X = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
];

export const cryptoContract = (name: string, crypto: Crypto): void => {
  describe(`Crypto contract: ${name}`, () => {
    const random = seededRandom(11);

    it.each(RFC8032)(
      'Ed25519 gives the keys and signatures of RFC 8032 (%s)',
      async (seed, publicKey, message, signature) => {
        const pair = await crypto.signingKey(fromHex(seed));
        expect(toHex(pair.publicKey)).toBe(publicKey);
        expect(toHex(await crypto.sign(pair.handle, fromHex(message)))).toBe(signature);
        expect(await crypto.verify(pair.publicKey, fromHex(message), fromHex(signature))).toBe(true);
      },
    );

    it('Ed25519 refuses every flipped bit of the signature, and other messages and keys', async () => {
      const pair = await crypto.signingKey(random.bytes(32));
      const message = utf8('rights');
      const signature = await crypto.sign(pair.handle, message);
      for (let bit = 0; bit < 512; bit++)
        expect(await crypto.verify(pair.publicKey, message, flipped(signature, bit))).toBe(false);
      for (let bit = 0; bit < 48; bit++)
        expect(await crypto.verify(pair.publicKey, flipped(message, bit), signature)).toBe(false);
      for (let bit = 0; bit < 256; bit += 7)
        expect(await crypto.verify(flipped(pair.publicKey, bit), message, signature)).toBe(false);
    });

    it('Ed25519 answers garbage with false and never throws', async () => {
      const pair = await crypto.signingKey(random.bytes(32));
      for (let i = 0; i < 100; i++) {
        const publicKey = i % 2 ? pair.publicKey : random.bytes(random.pick([0, 31, 32, 33]));
        expect(await crypto.verify(publicKey, random.bytes(20), random.bytes(random.pick([0, 63, 64, 65])))).toBe(
          false,
        );
      }
    });

    it('Ed25519 verifies nothing under a key or an R of small order, on any engine', async () => {
      const identity = fromHex(`01${'00'.repeat(31)}`);
      const universal = concat(identity, new Uint8Array(32));
      expect(await crypto.verify(identity, utf8('anything'), universal)).toBe(false);
      expect(await crypto.verify(fromHex(`01${'00'.repeat(30)}80`), utf8('anything'), universal)).toBe(false);
      for (const point of ['26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', '00'.repeat(32)]) {
        expect(await crypto.verify(fromHex(point), utf8('anything'), concat(fromHex(point), new Uint8Array(32)))).toBe(
          false,
        );
      }
    });

    it('Ed25519 refuses the malleated twin S + L', async () => {
      const pair = await crypto.signingKey(random.bytes(32));
      const signature = await crypto.sign(pair.handle, none);
      const order = 2n ** 252n + 27742317777372353535851937790883648493n;
      let s = 0n;
      for (let i = 63; i >= 32; i--) s = (s << 8n) | BigInt(signature[i] as number);
      s += order;
      const twin = new Uint8Array(signature);
      for (let i = 32; i < 64; i++, s >>= 8n) twin[i] = Number(s & 255n);
      expect(await crypto.verify(pair.publicKey, none, signature)).toBe(true);
      expect(await crypto.verify(pair.publicKey, none, twin)).toBe(false);
    });

    it('a seed of another length is a bug, and a handle shows no key', async () => {
      await expect(crypto.signingKey(new Uint8Array(31))).rejects.toThrow(/32/);
      const { handle } = await crypto.signingKey(random.bytes(32));
      await expect(globalThis.crypto.subtle.exportKey('pkcs8', handle as unknown as CryptoKey)).rejects.toThrow();
    });

    it('X25519 gives the keys and the secret of RFC 7748, the same on both sides', async () => {
      const alice = await crypto.agreementKey(
        fromHex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'),
      );
      const bob = await crypto.agreementKey(
        fromHex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb'),
      );
      expect(toHex(bob.publicKey)).toBe('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
      const shared = await crypto.agree(alice.handle, bob.publicKey);
      expect(shared && toHex(shared)).toBe('4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742');
      expect(await crypto.agree(bob.handle, alice.publicKey)).toEqual(shared);
      const eve = await crypto.agreementKey(random.bytes(32));
      expect(await crypto.agree(eve.handle, alice.publicKey)).not.toEqual(shared);
    });

    it.each(LOW_ORDER_X)('X25519 agrees with nobody through a point of low order (%s)', async (point) => {
      const pair = await crypto.agreementKey(random.bytes(32));
      expect(await crypto.agree(pair.handle, fromHex(point))).toBeUndefined();
    });

    it('X25519 answers a key of another length with undefined', async () => {
      const pair = await crypto.agreementKey(random.bytes(32));
      for (const length of [0, 31, 33]) expect(await crypto.agree(pair.handle, random.bytes(length))).toBeUndefined();
    });

    it('AES-GCM opens what was sealed, with key, nonce and associated data all the same', async () => {
      const [key, nonce, text, about] = [random.bytes(32), random.bytes(12), random.bytes(50), random.bytes(20)];
      const sealed = await crypto.seal(key, nonce, text, about);
      expect(sealed.length).toBe(66);
      expect(await crypto.open(key, nonce, sealed, about)).toEqual(text);
      expect(await crypto.open(key, nonce, await crypto.seal(key, nonce, none, none), none)).toEqual(none);
      for (let bit = 0; bit < sealed.length * 8; bit++)
        expect(await crypto.open(key, nonce, flipped(sealed, bit), about)).toBeUndefined();
      for (const [k, n, a] of [
        [flipped(key, 3), nonce, about],
        [key, flipped(nonce, 3), about],
        [key, nonce, flipped(about, 3)],
        [key, nonce, none],
      ] as const) {
        expect(await crypto.open(k, n, sealed, a)).toBeUndefined();
      }
    });

    it('AES-GCM answers bytes of any shape with undefined', async () => {
      for (const length of [0, 1, 15, 16, 40])
        expect(await crypto.open(random.bytes(32), random.bytes(12), random.bytes(length), none)).toBeUndefined();
      expect(await crypto.open(random.bytes(5), random.bytes(12), random.bytes(40), none)).toBeUndefined();
      expect(await crypto.open(random.bytes(32), random.bytes(0), random.bytes(40), none)).toBeUndefined();
    });

    it('takes views into larger and into shared memory', async () => {
      const around = random.bytes(100);
      const shared =
        typeof SharedArrayBuffer === 'undefined' ? around.slice(10, 42) : new Uint8Array(new SharedArrayBuffer(32));
      shared.set(around.subarray(10, 42));
      const pair = await crypto.signingKey(shared);
      const signature = await crypto.sign(pair.handle, shared);
      expect(await crypto.verify(pair.publicKey, around.subarray(10, 42), signature)).toBe(true);
      expect(await crypto.verify(pair.publicKey, around.slice(10, 42), signature)).toBe(true);
    });

    it('a root pair has the shape of SEA, signs and verifies, and other pairs do not', async () => {
      const [pair, other] = await Promise.all([crypto.rootPair(), crypto.rootPair()]);
      expect(pair.pub).toMatch(/^[\w-]{43}\.[\w-]{43}$/);
      expect(pair.epub).toMatch(/^[\w-]{43}\.[\w-]{43}$/);
      expect(pair.priv).toMatch(/^[\w-]{43}$/);
      expect(pair.epriv).toMatch(/^[\w-]{43}$/);
      expect(new Set([pair.pub, pair.epub, other.pub, other.epub]).size).toBe(4);
      const message = utf8('certificate');
      const signature = await crypto.signAsRoot(pair, message);
      expect(signature.length).toBe(64);
      expect(await crypto.verifyRoot(pair.pub, message, signature)).toBe(true);
      expect(await crypto.verifyRoot(other.pub, message, signature)).toBe(false);
      expect(await crypto.verifyRoot(pair.pub, utf8('certificatf'), signature)).toBe(false);
      for (let bit = 0; bit < 512; bit += 3)
        expect(await crypto.verifyRoot(pair.pub, message, flipped(signature, bit))).toBe(false);
    });

    it('answers a root key that is none with false', async () => {
      const { pub } = await crypto.rootPair();
      const texts = [
        '',
        '.',
        'a.b',
        `${pub}.`,
        `${pub}=`,
        pub.slice(1),
        `${'A'.repeat(43)}.${'A'.repeat(43)}`,
        `${'_'.repeat(43)}.${'_'.repeat(43)}`,
      ];
      for (const text of texts) expect(await crypto.verifyRoot(text, none, new Uint8Array(64))).toBe(false);
      const broken: RootPair = { pub: 'x', priv: 'y', epub: '', epriv: '' };
      await expect(crypto.signAsRoot(broken, none)).rejects.toThrow(/SEA/);
    });

    it('stretches a passphrase as PBKDF2-HMAC-SHA-256 does', async () => {
      expect(toHex(await crypto.stretch('password', utf8('salt'), 1))).toBe(
        '120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b',
      );
      expect(toHex(await crypto.stretch('password', utf8('salt'), 4096))).toBe(
        'c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a',
      );
    });
  });
};
