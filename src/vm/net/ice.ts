/**
 * What a beacon tells a device that it may use to connect to others: its own STUN port, and TURN servers with credentials that
 * expire (coturn's `use-auth-secret`). Pure; it knows neither rates nor who may ask. Bytes: docs/protocol/link.md.
 *
 * Rules kept here:
 * [IC1] A credential names its own end and a tag of the device, and is an HMAC over both: no part of it can be changed.
 * [IC2] The tag is the same for all credentials of a device, so that a TURN server can count them together, and tells nobody
 * without the secret which device it is.
 * [IC3] What an answer names is an address of STUN or TURN and nothing else, at most four of them.
 */
import { toBase64Url, utf8 } from '../../base/bytes';
import { list, oneOf, record, text, u16, u32 } from '../../base/codec';
import { hash, hmacSha1 } from '../../base/hash';
import type { DeviceId } from '../op/ids';

/** Number of the feature in hellos: `iceAsk` and `ice` are sent where both have it. */
export const ICE_SERVERS = 12;
/** How long a credential is good for. */
export const CREDENTIAL_S = 3_600;
export const MAX_TURN = 4;

/** An answer to `iceAsk`, which is empty. Where nothing is given, only `stunPort` says something. */
export const iceCodec = record({
  answer: oneOf('given', 'notMember', 'tooOften'),
  /** Until the credential ends. */
  seconds: u32,
  /** UDP, at the address of the beacon; 0: none. */
  stunPort: u16,
  turn: list(text(256), MAX_TURN),
  username: text(128),
  credential: text(64),
});

/** IC3. An operator's, and a beacon's word. */
export const isTurnUrl = (url: string): boolean => {
  const port = url.length <= 256 ? TURN_URL.exec(url) : null;
  const number = Number(port?.[1] ?? 3_478);
  return port !== null && number > 0 && number <= 65_535;
};
const TURN_URL =
  /^turns?:(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d{1,5}))?(?:\?transport=(?:udp|tcp))?$/i;

export type TurnSecret = { readonly urls: readonly string[]; readonly secret: string };
export type TurnCredential = { readonly username: string; readonly credential: string };

/** IC2 */
export const turnTag = (secret: string, device: DeviceId): string =>
  toBase64Url(hash('lgos/turn-tag/1', hash('lgos/turn-secret/1', utf8(secret)), utf8(device)).slice(0, 12));

/** IC1. `now` in milliseconds. */
export const turnCredential = (secret: string, device: DeviceId, now: number): TurnCredential => {
  const username = `${Math.floor(now / 1_000) + CREDENTIAL_S}:${turnTag(secret, device)}`;
  return { username, credential: base64(hmacSha1(utf8(secret), utf8(username))) };
};

/** TURN servers read the padded alphabet. */
const base64 = (bytes: Uint8Array): string => {
  const text = toBase64Url(bytes).replaceAll('-', '+').replaceAll('_', '/');
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
};
