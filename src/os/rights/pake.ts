/**
 * Agreeing on a key by a short secret that two people have told each other, over a server that nobody trusts. Of the shape
 * of CPace on X25519: both raise the same secret point to powers of their own, so only who knows the secret comes to the
 * same key. It knows no messages, no codes and no network.
 *
 * PK1 what goes over the wire says nothing of the secret: there is no list of secrets to try at leisure.
 * PK2 one exchange tests one secret, on either side; so whoever counts wrong proofs bounds the guesses.
 */
import { fromHex, utf8 } from '../../base/bytes';
import { deriveKey, hash, hmacSha256 } from '../../base/hash';
import type { Crypto, KeyHandle, Random } from '../../ports';

const P = 2n ** 255n - 19n;
const A = 486_662n;

const mod = (value: bigint): bigint => ((value % P) + P) % P;
const power = (base: bigint, exponent: bigint): bigint => {
  let result = 1n;
  for (let square = mod(base), rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
};
const inverse = (value: bigint): bigint => power(value, P - 2n);
const isSquare = (value: bigint): boolean => {
  const symbol = power(value, (P - 1n) / 2n);
  return symbol === 0n || symbol === 1n;
};

const fromLittleEndian = (bytes: Uint8Array): bigint => {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  return value;
};
const toLittleEndian = (value: bigint): Uint8Array<ArrayBuffer> => {
  const hex = value.toString(16).padStart(64, '0');
  return fromHex(hex).reverse() as Uint8Array<ArrayBuffer>;
};

/** Elligator 2 (RFC 9380, 6.7.1) with Z = 2: 32 bytes to the u-coordinate of a point of Curve25519, as X25519 writes it. */
export const mapToCurve = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
  const r = mod(fromLittleEndian(bytes) & (2n ** 255n - 1n));
  const twice = mod(2n * r * r);
  // -1 is not twice a square, so this never divides by zero; were it so, the point would be -A.
  const x = mod(-A * inverse(mod(1n + twice)));
  const y2 = mod(((x + A) * x + 1n) * x);
  return toLittleEndian(isSquare(y2) ? x : mod(-x - A));
};

/** `sid`: 16 bytes of one exchange, new each time. */
const generatorOf = (secret: string, sid: Uint8Array): Uint8Array<ArrayBuffer> =>
  mapToCurve(hash('lgos/code-point/1', hash('lgos/code-secret/1', utf8(secret)), sid));

export type Half = { readonly handle: KeyHandle; readonly point: Uint8Array<ArrayBuffer> };

/** One side of an exchange: the power that stays here, and the point for the other side. */
export const beginAgreement = async (
  crypto: Crypto,
  random: Random,
  secret: string,
  sid: Uint8Array,
): Promise<Half> => {
  const { handle } = await crypto.agreementKey(random.bytes(32));
  const point = await crypto.agree(handle, generatorOf(secret, sid));
  if (!point) throw new Error('Broken invariant: the secret point is of small order');
  return { handle, point };
};

export type Agreed = {
  /** What the asking side shows, 32 bytes: it knew the secret. */
  readonly proof: Uint8Array<ArrayBuffer>;
  /** Seals what the other side gives then. */
  readonly key: Uint8Array<ArrayBuffer>;
};

/** `undefined` for a point that agrees with everybody. `asked`, `answered`: the points in the order of the messages. */
export const agreeOn = async (
  crypto: Crypto,
  half: Half,
  theirs: Uint8Array,
  transcript: { readonly sid: Uint8Array; readonly asked: Uint8Array; readonly answered: Uint8Array },
): Promise<Agreed | undefined> => {
  const shared = await crypto.agree(half.handle, theirs);
  if (!shared) return undefined;
  const session = hash('lgos/code-session/1', transcript.sid, shared, transcript.asked, transcript.answered);
  const none = new Uint8Array();
  return {
    proof: hmacSha256(deriveKey(session, none, 'lgos/code-proof/1'), utf8('asked')),
    key: deriveKey(session, none, 'lgos/code-gift/1'),
  };
};
