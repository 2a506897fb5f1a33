/**
 * Linking a device: what the old and the new one say to each other, and what they agree on. Both know the secret of a code
 * that is shown on one screen; they agree on a key by X25519 and show six digits that depend on all that was said.
 *
 * LI1 the new device commits to its key before it sees the old one's, and opens the commitment after: whoever stands between
 *     them must choose before they know what the digits will be, and meets them by one chance in a million.
 * LI2 nothing of the person passes before both people have said that the digits are the same.
 * LI3 what passes is a certificate, the keyring and where the personal space is; never the root.
 */
import { concat, equalBytes, fromBase64Url, toBase64Url, toHex, utf8 } from '../../base/bytes';
import { blob, decode, encode, fixed, list, oneOf, record, tagged, text, u8, type ValueOf } from '../../base/codec';
import { deriveKey, hash, hmacSha256 } from '../../base/hash';
import { err, ok, type Result } from '../../base/result';
import type { Crypto, KeyPair, Random } from '../../ports';
import { type DeviceId, deviceIdCodec, spaceIdCodec } from '../../vm/op/ids';
import { certificateCodec } from './acl';

export const LINK_TRIES = 3;
export const LINK_CODE_MS = 10 * 60_000;
export const LINK_ANSWER_MS = 60_000;
const SECRET_BYTES = 10;
/** Crockford's base 32: no I, L, O, U. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

// --- The code ------------------------------------------------------------------------------------------------

const linkCodec = record({ version: u8, secret: fixed(SECRET_BYTES), signaling: list(text(500), 3) });
export type LinkingCode = { readonly secret: Uint8Array<ArrayBuffer>; readonly signaling: readonly string[] };

/** Sixteen letters and digits in four groups: 80 bits. */
export const writeLinkingCode = (secret: Uint8Array): string => {
  let bits = '';
  for (const byte of secret) bits += byte.toString(2).padStart(8, '0');
  const letters = bits.replace(/.{5}/g, (five) => LETTERS[Number.parseInt(five, 2)] as string);
  return letters.replace(/(.{4})(?=.)/g, '$1-');
};
/** For a QR code: opens the page, and says where the two meet. */
export const writeLinkingUrl = (origin: string, code: LinkingCode): string =>
  `${origin}/#/link/${toBase64Url(encode(linkCodec, { version: 1, ...code }))}`;

export type LinkingCodeError = { readonly type: 'badCode' };
/** Takes the letters in any spacing, O for 0, I and L for 1; or the link. */
export const readLinkingCode = (typed: string): Result<LinkingCode, LinkingCodeError> => {
  const trimmed = typed.trim().slice(0, 4_096);
  const letters = trimmed
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  if (!trimmed.includes('/') && letters.length === 16 && [...letters].every((letter) => LETTERS.includes(letter))) {
    const bits = [...letters].map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, '0')).join('');
    const secret = Uint8Array.from({ length: SECRET_BYTES }, (_, i) =>
      Number.parseInt(bits.slice(i * 8, i * 8 + 8), 2),
    );
    return ok({ secret, signaling: [] });
  }
  const bytes = fromBase64Url(trimmed.split('#/link/').at(-1) ?? '');
  const decoded = bytes ? decode(linkCodec, bytes) : undefined;
  if (!decoded?.ok || decoded.value.version !== 1) return err({ type: 'badCode' });
  const { secret, signaling } = decoded.value;
  if (!signaling.every((url) => /^wss?:\/\/\S+$/.test(url))) return err({ type: 'badCode' });
  return ok({ secret, signaling });
};

// --- What is said --------------------------------------------------------------------------------------------

const side = { device: deviceIdCodec, ephemeral: fixed(32), nonce: fixed(32) };
const sideCodec = record(side);
/** What one side brings to the agreement. */
export type Side = ValueOf<typeof sideCodec>;
const attempt = fixed(16);
export const linkingCodec = tagged({
  hello: [1, record({ attempt, commitment: fixed(32) })],
  answer: [2, record({ attempt, ...side, name: text(400) })],
  reveal: [3, record({ attempt, ...side, name: text(400) })],
  /** Under the agreed key. `from`: who seals, so that neither can be told their own words. */
  sealed: [4, record({ attempt, from: oneOf('old', 'new'), nonce: fixed(12), sealed: blob(12 * 1024) })],
  stop: [5, record({ attempt, from: oneOf('old', 'new') })],
});
export type LinkingMessage = ValueOf<typeof linkingCodec>;
/** The new device's last word: the digits are the same, and it holds the key of the device it names. */
export const proofCodec = record({ signature: fixed(64) });
export const parcelCodec = record({
  certificate: certificateCodec,
  /** Secrets of all generations, oldest first. */
  keyrings: list(fixed(32), 1_000),
  personal: spaceIdCodec,
  room: fixed(32),
  beacons: list(record({ url: text(500), device: deviceIdCodec }), 8),
});
export type LinkingParcel = ValueOf<typeof parcelCodec>;

export const linkingTopicOf = (secret: Uint8Array): string => toHex(hmacSha256(secret, utf8('lgos/link-topic/1\0')));
const ASSOCIATED = utf8('lgos/link/1\0');
const roomKeyOf = (secret: Uint8Array): Uint8Array => deriveKey(secret, new Uint8Array(), 'lgos/link-room/1');

export const sealLinking = async (
  crypto: Crypto,
  random: Random,
  secret: Uint8Array,
  message: LinkingMessage,
): Promise<Uint8Array<ArrayBuffer>> => {
  const nonce = random.bytes(12);
  return concat(nonce, await crypto.seal(roomKeyOf(secret), nonce, encode(linkingCodec, message), ASSOCIATED));
};
export const openLinking = async (
  crypto: Crypto,
  secret: Uint8Array,
  sealed: Uint8Array,
): Promise<LinkingMessage | undefined> => {
  const plain = await crypto.open(roomKeyOf(secret), sealed.subarray(0, 12), sealed.subarray(12), ASSOCIATED);
  const message = plain ? decode(linkingCodec, plain) : undefined;
  return message?.ok ? message.value : undefined;
};

// --- What is agreed on -----------------------------------------------------------------------------------------

export const beginSide = async (
  crypto: Crypto,
  random: Random,
  device: DeviceId,
): Promise<{ readonly side: Side; readonly key: KeyPair }> => {
  const key = await crypto.agreementKey(random.bytes(32));
  return { side: { device, ephemeral: key.publicKey, nonce: random.bytes(32) }, key };
};

export const commitmentOf = (of: Uint8Array, { device, ephemeral, nonce }: Side): Uint8Array<ArrayBuffer> =>
  hash('lgos/link-commit/1', of, encode(sideCodec, { device, ephemeral, nonce }));
export const opens = (of: Uint8Array, commitment: Uint8Array, revealed: Side): boolean =>
  equalBytes(commitmentOf(of, revealed), commitment);

export const linkingTranscript = (of: Uint8Array, older: Side, newer: Side): Uint8Array<ArrayBuffer> => {
  const plain = ({ device, ephemeral, nonce }: Side): Uint8Array => encode(sideCodec, { device, ephemeral, nonce });
  return hash('lgos/link-transcript/1', of, plain(older), plain(newer));
};
/** Six digits. */
export const digitsOf = (transcript: Uint8Array): string => {
  const bytes = hash('lgos/link-digits/1', transcript);
  let value = 0n;
  for (const byte of bytes.subarray(0, 16)) value = (value << 8n) | BigInt(byte);
  return String(value % 1_000_000n).padStart(6, '0');
};
/** `undefined` for a key that agrees with everybody. */
export const linkingKey = async (
  crypto: Crypto,
  mine: KeyPair,
  theirs: Uint8Array,
  transcript: Uint8Array,
): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  const shared = await crypto.agree(mine.handle, theirs);
  return shared && deriveKey(shared, transcript, 'lgos/link-key/1');
};
export const linkingProofBytes = (transcript: Uint8Array): Uint8Array<ArrayBuffer> =>
  concat(utf8('lgos/link-proof/1\0'), transcript);
export const sealedBytes = (from: 'old' | 'new', transcript: Uint8Array): Uint8Array<ArrayBuffer> =>
  concat(utf8(`lgos/link-${from}/1\0`), transcript);
