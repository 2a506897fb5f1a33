/**
 * Invites. The secret travels in the fragment of a link and never reaches a server; from it come the invite's signing
 * key and, for open invites, the key that opens the epoch keys. Format of the link: docs/protocol/invite.md.
 */
import { concat, fromBase64Url, fromHex, toBase64Url, toHex, utf8 } from '../../base/bytes';
import {
  blob,
  decode,
  encode,
  fixed,
  flag,
  list,
  oneOf,
  optional,
  record,
  tagged,
  text,
  u64,
  type ValueOf,
} from '../../base/codec';
import { deriveKey, hmacSha256 } from '../../base/hash';
import { err, ok, type Result } from '../../base/result';
import type { Crypto, KeyPair, Random } from '../../ports';
import {
  type DeviceId,
  deviceIdCodec,
  type EpochId,
  epochIdCodec,
  type InviteId,
  nodeIdCodec,
  type ShardId,
  SPACE_KINDS,
  type SpaceId,
  shardIdCodec,
  spaceIdCodec,
  type UserId,
} from '../../vm/op/ids';
import { joinProofCodec } from './acl';
import { type EpochKeys, type PartKeys, partName } from './keyring';

/** What an invitation may lead to within its space; the place of a name is the wire format. */
export const LANDING_KINDS = ['channel', 'document', 'folder'] as const;

const beginning = {
  space: spaceIdCodec,
  secret: fixed(20),
  title: text(400),
  kind: oneOf(...SPACE_KINDS),
  confirm: flag,
  expires: u64,
  beacons: list(record({ url: text(500), device: deviceIdCodec }), 8),
  signaling: list(text(500), 8),
};
const landingCodec = record({ id: nodeIdCodec, kind: oneOf(...LANDING_KINDS), title: text(400) });
/** By version. Links of version 1 lead to the space, and say nothing of who invites. */
const linkCodec = tagged({
  plain: [1, record(beginning)],
  shared: [2, record({ ...beginning, from: text(400), object: optional(landingCodec) })],
});
export type Landing = ValueOf<typeof landingCodec>;
export type InviteLink = {
  readonly space: SpaceId;
  readonly secret: Uint8Array<ArrayBuffer>;
  readonly title: string;
  readonly kind: (typeof SPACE_KINDS)[number];
  readonly confirm: boolean;
  readonly expires: number;
  readonly beacons: readonly { readonly url: string; readonly device: DeviceId }[];
  readonly signaling: readonly string[];
  /** The name of who invites; empty where it is not told. Nobody vouches for it, nor for the titles. */
  readonly from: string;
  /** What was shared: where the joiner arrives. */
  readonly object: Landing | undefined;
};
export type LinkError = { readonly type: 'badLink'; readonly message: string };

export const writeLink = (origin: string, link: InviteLink): string =>
  `${origin}/#/join/${toBase64Url(encode(linkCodec, { type: 'shared', ...link }))}`;

/** The payload of a link in `typed`: a whole link, only what follows `#/join/`, or a text with a link somewhere in it. */
const payloadIn = (typed: string): string =>
  /#\/join\/([\w-]+)/.exec(typed)?.[1] ?? typed.trim().split('#/join/').at(-1) ?? '';

/** Takes the whole link, a text with the link in it, or only what follows `#/join/`. */
export const readLink = (typed: string): Result<InviteLink, LinkError> => {
  const payload = payloadIn(typed);
  const bytes = payload.length <= 8192 ? fromBase64Url(payload) : undefined;
  const decoded = bytes ? decode(linkCodec, bytes) : undefined;
  if (!decoded?.ok) return err({ type: 'badLink', message: 'This is not a complete invite link.' });
  const { type: _, ...link } = { from: '', object: undefined, ...decoded.value };
  const web = (text: string): boolean => /^(wss?|https?):\/\/[^\s]+$/.test(text);
  if (!link.beacons.every(({ url }) => web(url)) || !link.signaling.every(web)) {
    return err({ type: 'badLink', message: 'This invite link names an address of an unknown form.' });
  }
  return ok(link);
};

export const inviteIdOf = (secret: Uint8Array): InviteId =>
  toHex(deriveKey(secret, new Uint8Array(), 'lgos/invite-id/1', 16)) as InviteId;
export const inviteKeyOf = (crypto: Crypto, secret: Uint8Array): Promise<KeyPair> =>
  crypto.signingKey(deriveKey(secret, new Uint8Array(), 'lgos/invite-key/1'));
/** Lets people with the link find each other through signaling before any rights are known. */
export const inviteRoomKeyOf = (secret: Uint8Array): Uint8Array<ArrayBuffer> =>
  deriveKey(secret, new Uint8Array(), 'lgos/invite-room/1');

const epochKeysCodec = list(record({ epoch: epochIdCodec, key: fixed(32) }), 200);
/** Whoever may read parts alone is given their keys and no other. */
const keysCodec = record({
  epochs: epochKeysCodec,
  parts: list(record({ epoch: epochIdCodec, shard: shardIdCodec, key: fixed(32) }), 200),
});
const sealedCodec = record({ nonce: fixed(12), sealed: blob(16 * 1024) });
/** What is sealed, by version: the first held epoch keys alone. */
const SEALED = { 1: 'lgos/invite/1', 2: 'lgos/invite/2' } as const;
export type LinkKeys = { readonly epochs: EpochKeys; readonly parts: PartKeys };

/** For whoever has the link: newest last. */
export const sealKeysToLink = async (
  crypto: Crypto,
  random: Random,
  space: SpaceId,
  secret: Uint8Array,
  keys: LinkKeys,
): Promise<Uint8Array<ArrayBuffer>> => {
  const nonce = random.bytes(12);
  const plain = encode(keysCodec, {
    epochs: [...keys.epochs].slice(-200).map(([epoch, key]) => ({ epoch, key: key as Uint8Array<ArrayBuffer> })),
    parts: [...keys.parts].slice(-200).map(([part, key]) => {
      const [epoch, shard] = part.split('/') as [EpochId, ShardId];
      return { epoch, shard, key: key as Uint8Array<ArrayBuffer> };
    }),
  });
  const sealed = await crypto.seal(
    deriveKey(secret, fromHex(space), 'lgos/invite-seal/1'),
    nonce,
    plain,
    utf8(SEALED[2]),
  );
  return encode(sealedCodec, { nonce, sealed });
};
export const openKeysWithLink = async (
  crypto: Crypto,
  space: SpaceId,
  secret: Uint8Array,
  bytes: Uint8Array,
): Promise<LinkKeys> => {
  const nothing: LinkKeys = { epochs: new Map(), parts: new Map() };
  const envelope = decode(sealedCodec, bytes);
  if (!envelope.ok) return nothing;
  const { nonce, sealed } = envelope.value;
  const sealing = deriveKey(secret, fromHex(space), 'lgos/invite-seal/1');
  const epochsOf = (keys: readonly { readonly epoch: EpochId; readonly key: Uint8Array }[]): EpochKeys =>
    new Map(keys.map(({ epoch, key }) => [epoch, key]));
  const plain = await crypto.open(sealing, nonce, sealed, utf8(SEALED[2]));
  const keys = plain ? decode(keysCodec, plain) : undefined;
  if (keys?.ok)
    return {
      epochs: epochsOf(keys.value.epochs),
      parts: new Map(keys.value.parts.map(({ epoch, shard, key }) => [partName(epoch, shard), key])),
    };
  const first = await crypto.open(sealing, nonce, sealed, utf8(SEALED[1]));
  const earlier = first ? decode(epochKeysCodec, first) : undefined;
  return earlier?.ok ? { ...nothing, epochs: epochsOf(earlier.value) } : nothing;
};

/** What the invite's key signs when somebody joins. */
export const joinProofBytes = (
  space: SpaceId,
  invite: InviteId,
  user: UserId,
  device: DeviceId,
): Uint8Array<ArrayBuffer> =>
  encode(joinProofCodec, { domain: 'lgos/join/1', space: fromHex(space), invite, user, device });
/** Shows a node on a fresh link that its caller holds the invite: bound to both nonces of this link. */
export const greetProofBytes = (space: SpaceId, invite: InviteId, transcript: Uint8Array): Uint8Array<ArrayBuffer> =>
  concat(utf8('lgos/greet/1\0'), fromHex(space), fromHex(invite), hmacSha256(transcript, utf8('greet')));
