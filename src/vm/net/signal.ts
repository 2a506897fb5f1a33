/**
 * What nodes tell each other through a signaling server, sealed: the server can drop, delay or repeat it, and learns
 * neither devices nor addresses from it. The seal proves membership (the room key), the signature the device.
 *
 * Sealed form: version (1) ‖ nonce (12) ‖ AES-256-GCM(signature (64) ‖ message). The signature covers the room too, so
 * that a member of two spaces cannot carry a message from one into the other. Nothing here decides whom to trust.
 */

import type { Brand } from '../../base/brand';
import { concat, fromBase64Url, fromHex, isHex, toBase64Url, utf8 } from '../../base/bytes';
import { decode, encode, flag, hexId, type Malformed, oneOf, optional, record, text, u32, u64 } from '../../base/codec';
import { deriveKey } from '../../base/hash';
import { onceOf } from '../../base/once';
import { err, ok, type Result } from '../../base/result';
import type { Crypto, KeyHandle, Random } from '../../ports';
import { type DeviceId, deviceIdCodec } from '../op/ids';

/** One run of a node: 16 random bytes, new with every reload. Lower-case hex in memory. */
export type SessionId = Brand<string, 'SessionId'>;
export const sessionIdCodec = hexId<SessionId>(16);

/** Longest `payload` in bytes of UTF-8: with the seal, in base64url, it fits a server's 16 KiB. */
export const MAX_PAYLOAD = 11 * 1024;
/** What is around it: the seal and the other fields. */
export const MAX_SEALED = MAX_PAYLOAD + 1024;

const signalCodec = record({
  kind: oneOf('announce', 'signal'),
  from: deviceIdCodec,
  session: sessionIdCodec,
  /** Grows with each message of a session: what a server repeats is recognised by it. */
  count: u32,
  /** The network's time in ms, as the sender has it: clocks are hours off. By it presence ends in large spaces. */
  time: u64,
  /** The sender has no link in this space yet. */
  alone: flag,
  to: optional(deviceIdCodec),
  toSession: optional(sessionIdCodec),
  /** SDP or a candidate, as the peer channel gave it; empty in an announce. */
  payload: text(MAX_PAYLOAD),
});

export type SignalMessage = {
  readonly kind: 'announce' | 'signal';
  readonly from: DeviceId;
  readonly session: SessionId;
  readonly count: number;
  readonly time: number;
  readonly alone: boolean;
  readonly to: DeviceId | undefined;
  readonly toSession: SessionId | undefined;
  readonly payload: string;
};

const VERSION = 1;
const NONCE = 12;
const SIGNATURE = 64;
const ASSOCIATED = utf8('lgos/signal/1\0');
const NO_SALT = new Uint8Array();

const keyOf = onceOf((roomKey: Uint8Array) => deriveKey(roomKey, NO_SALT, 'lgos/signal/1'));
const roomOf = onceOf((roomKey: Uint8Array) => deriveKey(roomKey, NO_SALT, 'lgos/signal-room/1'));
const signedBytesOf = (roomKey: Uint8Array, message: Uint8Array): Uint8Array =>
  concat(ASSOCIATED, roomOf(roomKey), message);

/** `key` is the key of `message.from`. Throws when the payload is longer than `MAX_PAYLOAD`. */
export const sealSignal = async (
  crypto: Crypto,
  random: Random,
  key: KeyHandle,
  roomKey: Uint8Array,
  message: SignalMessage,
): Promise<Uint8Array<ArrayBuffer>> => {
  const bytes = encode(signalCodec, message);
  const signature = await crypto.sign(key, signedBytesOf(roomKey, bytes));
  const nonce = random.bytes(NONCE);
  const sealed = await crypto.seal(keyOf(roomKey), nonce, concat(signature, bytes), ASSOCIATED);
  return concat(Uint8Array.of(VERSION), nonce, sealed);
};

/** `wrongKey`: not of this room, or altered on the way; `forged`: of a member who is not the device it names. */
export type SignalError = Malformed | { readonly type: 'wrongKey' | 'forged'; readonly message: string };

/** Checks form, seal and signature; whether it is fresh and for us, the rendezvous decides. */
export const openSignal = async (
  crypto: Crypto,
  roomKey: Uint8Array,
  sealed: Uint8Array,
): Promise<Result<SignalMessage, SignalError>> => {
  if (sealed[0] !== VERSION || sealed.length > MAX_SEALED) {
    return err({ type: 'malformed', message: 'not a sealed signal of version 1' });
  }
  const nonce = sealed.subarray(1, 1 + NONCE);
  const plain = await crypto.open(keyOf(roomKey), nonce, sealed.subarray(1 + NONCE), ASSOCIATED);
  if (!plain || plain.length < SIGNATURE)
    return err({ type: 'wrongKey', message: 'the signal does not open under this room key' });
  const bytes = plain.subarray(SIGNATURE);
  const message = decode(signalCodec, bytes);
  if (!message.ok) return message;
  const proved = await crypto.verify(
    fromHex(message.value.from),
    signedBytesOf(roomKey, bytes),
    plain.subarray(0, SIGNATURE),
  );
  return proved
    ? ok(message.value)
    : err({ type: 'forged', message: 'the device that it names did not sign the signal' });
};

// --- Text for the server -----------------------------------------------------------------------------------

export const subscribeText = (topics: readonly string[]): string => JSON.stringify({ type: 'subscribe', topics });
export const unsubscribeText = (topics: readonly string[]): string => JSON.stringify({ type: 'unsubscribe', topics });
export const publishText = (topic: string, sealed: Uint8Array): string =>
  JSON.stringify({ type: 'publish', topic, lgos: toBase64Url(sealed) });
/** Send one every 20 s or so: a server forgets a socket that is silent for 60 s. */
export const PING_TEXT = '{"type":"ping"}';

export type ServerMessage =
  | { readonly type: 'publish'; readonly topic: string; readonly sealed: Uint8Array<ArrayBuffer> }
  | { readonly type: 'challenge'; readonly nonce: Uint8Array<ArrayBuffer> }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'pong' | 'welcome' };

const MAX_TEXT = 17 * 1024;

/** What a server says, which is not trusted either. `undefined`: nothing that concerns us. */
export const readServerText = (incoming: string): ServerMessage | undefined => {
  if (incoming.length > MAX_TEXT) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(incoming);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const textAt = (name: string): string | undefined => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return typeof field === 'string' ? field : undefined;
  };
  const type = textAt('type');
  if (type === 'pong' || type === 'welcome') return { type };
  if (type === 'refused') return { type, reason: (textAt('reason') ?? '').slice(0, 64) };
  if (type === 'challenge') {
    const nonce = fromBase64Url(textAt('nonce') ?? '');
    return nonce?.length === 32 ? { type, nonce } : undefined;
  }
  if (type !== 'publish') return undefined;
  const topic = textAt('topic');
  const sealed = fromBase64Url(textAt('lgos') ?? '');
  return isHex(topic, 32) && sealed && sealed.length > 0 ? { type, topic, sealed } : undefined;
};
