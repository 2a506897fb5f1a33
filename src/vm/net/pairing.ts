/**
 * Two browsers that meet without any server: what one of them says of itself as a text, which a person carries to the other one as a
 * QR code or by hand, and back. Bytes: docs/protocol/signaling.md.
 *
 * SP1 sealed by the room key of a space and signed by the device: nobody else reads it, or makes one.
 * SP2 ten minutes old at most; bounded before and after it is inflated.
 * SP3 an answer is for the one offer that it names, and for the device that made it.
 * SP4 it only opens a connection: who is at its other end the handshake proves, as ever.
 */
import { concat, fromBase64Url, fromHex, toBase64Url, utf8 } from '../../base/bytes';
import { decode, encode, hexId, list, oneOf, optional, record, text, u64, type ValueOf } from '../../base/codec';
import { deriveKey } from '../../base/hash';
import { err, ok, type Result } from '../../base/result';
import type { KeyHandle, Ports } from '../../ports';
import { type DeviceId, deviceIdCodec } from '../op/ids';
import { sessionIdCodec } from './signal';

export const PAIRING_PREFIX = 'lgos-pair:';
export const PAIRING_MS = 600_000;
/** Of the text. */
export const MAX_PAIRING = 8 * 1024;
export const MAX_PAIRING_SIGNALS = 32;
const MAX_INFLATED = 16 * 1024;

const pairingCodec = record({
  kind: oneOf('offer', 'answer'),
  /** Of the offer, 16 random bytes; an answer names it. */
  id: hexId<string>(16),
  from: deviceIdCodec,
  session: sessionIdCodec,
  /** By the sender's clock, ms. */
  time: u64,
  to: optional(deviceIdCodec),
  /** As the peer channel gave them. */
  signals: list(text(8 * 1024), MAX_PAIRING_SIGNALS),
});
export type PairingMessage = ValueOf<typeof pairingCodec>;

const VERSION = 1;
const NONCE = 12;
const SIGNATURE = 64;
const PLAIN = 0;
const DEFLATED = 1;
const ASSOCIATED = utf8('lgos/pair/1\0');
const NO_SALT = new Uint8Array();

const keyOf = (roomKey: Uint8Array): Uint8Array => deriveKey(roomKey, NO_SALT, 'lgos/pair/1');
const signedBytesOf = (roomKey: Uint8Array, message: Uint8Array): Uint8Array =>
  concat(ASSOCIATED, deriveKey(roomKey, NO_SALT, 'lgos/pair-room/1'), message);

type Needs = Pick<Ports, 'crypto' | 'random' | 'deflate'>;

/** `key` is the key of `message.from`. `undefined` where it is longer than anybody takes. */
export const writePairing = async (
  { crypto, random, deflate }: Needs,
  key: KeyHandle,
  roomKey: Uint8Array,
  message: PairingMessage,
): Promise<string | undefined> => {
  const bytes = encode(pairingCodec, message);
  const signature = await crypto.sign(key, signedBytesOf(roomKey, bytes));
  const deflated = await deflate?.deflate(bytes, bytes.length);
  const packed = deflated ? concat(Uint8Array.of(DEFLATED), deflated) : concat(Uint8Array.of(PLAIN), bytes);
  const nonce = random.bytes(NONCE);
  const sealed = await crypto.seal(keyOf(roomKey), nonce, concat(signature, packed), ASSOCIATED);
  const written = PAIRING_PREFIX + toBase64Url(concat(Uint8Array.of(VERSION), nonce, sealed));
  return written.length <= MAX_PAIRING ? written : undefined;
};

/** `unknown`: of no space that is here, or altered on the way. */
export type PairingError = 'notOne' | 'version' | 'unknown';

/** Checks form, seal and signature: `room` is the place of the key that opened it. What is in it, `judgePairing` looks at. */
export const readPairing = async (
  { crypto, deflate }: Pick<Needs, 'crypto' | 'deflate'>,
  rooms: readonly Uint8Array[],
  typed: string,
): Promise<Result<{ readonly room: number; readonly message: PairingMessage }, PairingError>> => {
  // Mail and chats break long lines.
  const written = typed.length <= 2 * MAX_PAIRING ? typed.replace(/\s+/g, '') : '';
  if (!written.startsWith(PAIRING_PREFIX) || written.length > MAX_PAIRING) return err('notOne');
  const bytes = fromBase64Url(written.slice(PAIRING_PREFIX.length));
  if (!bytes || bytes.length === 0) return err('notOne');
  if (bytes[0] !== VERSION) return err('version');
  const nonce = bytes.subarray(1, 1 + NONCE);
  if (nonce.length < NONCE) return err('notOne');
  for (const [room, roomKey] of rooms.entries()) {
    const plain = await crypto.open(keyOf(roomKey), nonce, bytes.subarray(1 + NONCE), ASSOCIATED);
    if (!plain || plain.length <= SIGNATURE) continue;
    const packed = plain.subarray(SIGNATURE + 1);
    const inflated = plain[SIGNATURE] === DEFLATED ? await deflate?.inflate(packed, MAX_INFLATED) : packed;
    if (!inflated) return err('unknown');
    const message = decode(pairingCodec, inflated);
    if (!message.ok) return err('unknown');
    const signed = signedBytesOf(roomKey, inflated);
    const proved = await crypto.verify(fromHex(message.value.from), signed, plain.subarray(0, SIGNATURE));
    return proved ? ok({ room, message: message.value }) : err('unknown');
  }
  return err('unknown');
};

/** `offered`: what this device offered, while it stands. */
export const judgePairing = (
  { kind, id, from, to, time }: PairingMessage,
  { self, now, offered }: { readonly self: DeviceId; readonly now: number; readonly offered: string | undefined },
): 'own' | 'late' | 'notAsked' | undefined => {
  if (from === self) return 'own';
  if (Math.abs(now - time) > PAIRING_MS) return 'late';
  return kind === 'answer' && (to !== self || id !== offered) ? 'notAsked' : undefined;
};
