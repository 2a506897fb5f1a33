/**
 * Just enough of edwards25519 to make signatures that verifiers are known to judge differently. For vectors only: slow,
 * and not constant in time.
 */
import { sha512 } from '@noble/hashes/sha2.js';
import { concat, fromHex, toHex, utf8 } from '../../src/base/bytes';

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (a: bigint, m = P): bigint => ((a % m) + m) % m;
const power = (base: bigint, exponent: bigint): bigint => {
  let [result, b] = [1n, mod(base)];
  for (let e = exponent; e > 0n; e >>= 1n, b = mod(b * b)) if (e & 1n) result = mod(result * b);
  return result;
};
const invert = (a: bigint): bigint => power(a, P - 2n);
const D = mod(-121665n * invert(121666n));

type Point = readonly [bigint, bigint];
const IDENTITY: Point = [0n, 1n];
const add = ([x1, y1]: Point, [x2, y2]: Point): Point => {
  const t = mod(D * x1 * x2 * y1 * y2);
  return [mod((x1 * y2 + y1 * x2) * invert(1n + t)), mod((y1 * y2 + x1 * x2) * invert(1n - t))];
};
const times = (scalar: bigint, point: Point): Point => {
  let [result, p] = [IDENTITY, point];
  for (let s = scalar; s > 0n; s >>= 1n, p = add(p, p)) if (s & 1n) result = add(result, p);
  return result;
};

const toLittle = (value: bigint): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(32);
  for (let i = 0, v = value; i < 32; i++, v >>= 8n) bytes[i] = Number(v & 255n);
  return bytes;
};
const fromLittle = (bytes: Uint8Array): bigint => bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
const pack = ([x, y]: Point): Uint8Array<ArrayBuffer> => toLittle(y | ((x & 1n) << 255n));
const unpack = (bytes: Uint8Array): Point => {
  const y = fromLittle(bytes) & (2n ** 255n - 1n);
  const square = mod((y * y - 1n) * invert(D * y * y + 1n));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x - square) !== 0n) x = mod(x * power(2n, (P - 1n) / 4n));
  if ((x & 1n) !== BigInt((bytes[31] as number) >> 7)) x = mod(-x);
  return [x, y];
};

const BASE = unpack(fromHex(`58${'66'.repeat(31)}`));
/** A point of order 8. */
const TORSION = unpack(fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'));

export type SignatureCase = {
  readonly name: string;
  readonly publicKey: string;
  readonly message: string;
  readonly signature: string;
  readonly accepted: boolean;
  readonly why: string;
};

const MESSAGE = utf8('lgos');
/** Secret scalars of the key and of R; any would do. */
const A = fromLittle(sha512(utf8('lgos/vectors/a')).subarray(0, 32)) % L;
const R = fromLittle(sha512(utf8('lgos/vectors/r')).subarray(0, 32)) % L;

/** A signature by the secret scalar `a` that says its public key is `key` and its commitment `r`. */
const sign = (key: Uint8Array, commitment: Uint8Array, r: bigint, message: Uint8Array) => {
  const k = fromLittle(sha512(concat(commitment, key, message))) % L;
  return { signature: concat(commitment, toLittle(mod(r + k * A, L))), k };
};

/** RFC 8032, section 7.1. */
const RFC8032: readonly SignatureCase[] = [
  [
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
].map(([publicKey = '', message = '', signature = ''], i) => ({
  name: `RFC 8032 test ${i + 1}`,
  publicKey,
  message,
  signature,
  accepted: true,
  why: 'an ordinary signature',
}));

export const signatureCases = (): readonly SignatureCase[] => {
  const key = pack(times(A, BASE));
  const good = sign(key, pack(times(R, BASE)), R, MESSAGE).signature;
  const make = (
    name: string,
    publicKey: Uint8Array,
    signature: Uint8Array,
    accepted: boolean,
    why: string,
    message = MESSAGE,
  ): SignatureCase => ({
    name,
    publicKey: toHex(publicKey),
    message: toHex(message),
    signature: toHex(signature),
    accepted,
    why,
  });
  const raised = (multiple: bigint): Uint8Array =>
    concat(good.subarray(0, 32), toLittle(fromLittle(good.subarray(32)) + multiple * L));
  const torsionR = pack(add(times(R, BASE), TORSION));
  const mixed = pack(add(times(A, BASE), TORSION));
  const commitment = pack(times(R, BASE));
  /** A message whose challenge is, or is not, a multiple of 8: then the torsion of the key goes away, or stays. */
  const withChallenge = (multipleOf8: boolean): Uint8Array<ArrayBuffer> => {
    for (let i = 0; ; i++) {
      const message = utf8(`lgos ${i}`);
      if ((sign(mixed, commitment, R, message).k % 8n === 0n) === multipleOf8) return message;
    }
  };
  const [vanishes, stays] = [withChallenge(true), withChallenge(false)];
  const identity = pack(IDENTITY);
  const identityTwice = toLittle(P + 1n);
  return [
    ...RFC8032,
    make('ours', key, good, true, 'made from known scalars, as the cases below'),
    make('S + L', key, raised(1n), false, 'S is not below the order of the group: a second signature for one message'),
    make('S + 2L', key, raised(2n), false, 'the same'),
    make('torsion in R', key, sign(key, torsionR, R, MESSAGE).signature, false, 'only a cofactored verifier takes it'),
    make(
      'torsion in A, challenge not a multiple of 8',
      mixed,
      sign(mixed, commitment, R, stays).signature,
      false,
      'only a cofactored verifier takes it',
      stays,
    ),
    make(
      'torsion in A, challenge a multiple of 8',
      mixed,
      sign(mixed, commitment, R, vanishes).signature,
      true,
      'the torsion cancels, so every verifier takes it; whoever made such a key only made signing hard for themselves',
      vanishes,
    ),
    make('A the identity', identity, concat(identity, new Uint8Array(32)), false, 'it would verify any message'),
    make(
      'A of order 8',
      pack(TORSION),
      concat(pack(TORSION), new Uint8Array(32)),
      false,
      'a key of small order belongs to everybody',
    ),
    make('R the identity', key, sign(key, identity, 0n, MESSAGE).signature, false, 'R of small order'),
    make(
      'R the identity, y above p',
      key,
      sign(key, identityTwice, 0n, MESSAGE).signature,
      false,
      'R of small order, and not in its one encoding',
    ),
    make('63 bytes', key, good.subarray(0, 63), false, 'truncated'),
    make('65 bytes', key, concat(good, new Uint8Array(1)), false, 'too long'),
    make('no signature', key, new Uint8Array(), false, 'empty'),
    make('31-byte key', key.subarray(0, 31), good, false, 'truncated key'),
    make('another message', key, good, false, 'signed something else', utf8('lgo5')),
  ];
};
