/**
 * The clear bodies of the rights log: who is in a space, who lent which right, under which keys.
 * Byte table: docs/protocol/rights.md. Readable by blind beacons on purpose: they enforce rights without content.
 */
import {
  blob,
  fixed,
  flag,
  list,
  oneOf,
  optional,
  record,
  tagged,
  text,
  u8,
  u32,
  u64,
  type ValueOf,
} from '../../base/codec';
import {
  type DeviceId,
  deviceIdCodec,
  type EntryId,
  entryIdCodec,
  epochIdCodec,
  inviteIdCodec,
  SPACE_KINDS,
  shardIdCodec,
  type UserId,
  userIdCodec,
} from '../../vm/op/ids';
import { cutCodec } from './cuts';

export const ROLES = ['guest', 'member', 'admin', 'owner'] as const;
export type Role = (typeof ROLES)[number];
/** 0 for somebody who is not in the space. */
export const rankOf = (role: Role | 'none'): number => (role === 'none' ? 0 : ROLES.indexOf(role) + 1);

/** How often a right may be passed on. */
export const MAX_DELEGATION = 2;

/** Epochs that were made at the same time and are written under together, at most. */
export const MAX_TIPS = 8;

/** At most so many heads are cited; a space with more concurrent heads merges them in steps. */
export const MAX_HEADS = 16;

/** A user root's word that a device is theirs. `signature`: ECDSA P-256 of the root over `certificateBytes`. */
export const certificateCodec = record({
  user: userIdCodec,
  rootPub: text(200),
  userNonce: fixed(32),
  device: deviceIdCodec,
  /** X25519 key shared by the user's devices: epoch keys are wrapped to it. */
  keyring: fixed(32),
  createdAt: u64,
  signature: fixed(64),
});
export type Certificate = ValueOf<typeof certificateCodec>;

/** An epoch key sealed to one person's keyring key: ephemeral X25519 key, then AES-256-GCM of the key. */
const wrapCodec = record({ user: userIdCodec, ephemeral: fixed(32), sealed: fixed(48) });
export type Wrap = ValueOf<typeof wrapCodec>;

export const actCodec = tagged({
  genesis: [
    1,
    record({ kind: oneOf(...SPACE_KINDS), nonce: fixed(32), roomKey: fixed(32), certificate: certificateCodec }),
  ],
  certify: [2, record({ certificate: certificateCodec })],
  grant: [
    3,
    record({
      user: userIdCodec,
      role: oneOf(...ROLES),
      notAfter: optional(u64),
      cut: cutCodec,
      certificate: optional(certificateCodec),
    }),
  ],
  revoke: [4, record({ user: userIdCodec, cut: cutCodec })],
  invite: [
    5,
    record({
      invite: inviteIdCodec,
      key: fixed(32),
      role: oneOf(...ROLES),
      uses: u32,
      notAfter: u64,
      confirm: flag,
      /** Open invites: the epoch keys, sealed to the secret of the link. Empty where an Owner confirms. */
      sealedKeys: blob(16 * 1024),
    }),
  ],
  revokeInvite: [6, record({ invite: inviteIdCodec })],
  /** Signed by the device (the entry) and by the invite's key: over space ‖ invite ‖ user ‖ device. */
  join: [7, record({ invite: inviteIdCodec, certificate: certificateCodec, proof: fixed(64) })],
  /** A beacon may store and forward; it gets no keys. */
  relay: [8, record({ device: deviceIdCodec, url: text(500), name: text(100) })],
  unrelay: [9, record({ device: deviceIdCodec })],
  /** `cut`: all that one wrote until then. */
  leave: [10, record({ user: userIdCodec, cut: cutCodec })],
  epoch: [
    11,
    record({
      epoch: epochIdCodec,
      nonce: fixed(16),
      roomKey: fixed(32),
      /** The epochs before, and their keys sealed under this one, so that newcomers may read what was. */
      previous: list(record({ epoch: epochIdCodec, sealedKey: fixed(60) }), MAX_TIPS),
      wraps: list(wrapCodec, 1000),
    }),
  ],
  /** An existing epoch's key for somebody admitted later. */
  wrap: [12, record({ epoch: epochIdCodec, wrap: wrapCodec })],
  /**
   * The grants and invites of this entry hold only in these parts of the space. `delegate`: how many times the right may
   * be passed on, at most `MAX_DELEGATION`. No parts: the whole space.
   */
  within: [13, record({ shards: list(shardIdCodec, 64), delegate: u8 })],
  /** The removal in this entry is a ban: only somebody of the banner's rank or above lifts it, and no link does. */
  ban: [14, record({ user: userIdCodec })],
  /** Takes over what a removed person wrote unseen, up to these places: work that was held is shown. */
  adopt: [15, record({ user: userIdCodec, cut: cutCodec })],
  /** A person's own word, signed by their root, that a device is not theirs any more. */
  revokeDevice: [16, record({ user: userIdCodec, device: deviceIdCodec, cut: cutCodec, signature: fixed(64) })],
  /** Two entries of one device in one place of a log, encoded without their bodies; `cut`: what the reporter holds of it. */
  fork: [17, record({ device: deviceIdCodec, first: blob(1024), second: blob(1024), cut: cutCodec })],
  /** A device that forked its log may write again. */
  clear: [18, record({ device: deviceIdCodec })],
  /** A rule of the space; keys and values in `policy.ts`. */
  policy: [19, record({ key: text(100), value: text(200) })],
  /** The key that was wrapped for `user` in this epoch is not the epoch's: they cannot read, and say so. */
  badKey: [20, record({ epoch: epochIdCodec, user: userIdCodec })],
  /** The key of one part of the space under an epoch, for somebody who may read that part alone. */
  wrapPart: [21, record({ epoch: epochIdCodec, shard: shardIdCodec, wrap: wrapCodec })],
  /** The word of `by`, signed by it, that `device` is the same person's: bound to no space, and brought by any of theirs. */
  confirm: [22, record({ device: deviceIdCodec, by: deviceIdCodec, signature: fixed(64) })],
  /** That a device has come for which none of its person's vouched: from then on its time of waiting runs. */
  notice: [23, record({ device: deviceIdCodec })],
  /** Of an older device of the person: the newcomer is not theirs. `cut`: what it wrote and is accepted. */
  veto: [24, record({ device: deviceIdCodec, cut: cutCodec })],
});
export type Act = ValueOf<typeof actCodec>;
export type ActOf<Type extends Act['type']> = Extract<Act, { type: Type }>;

export const aclBodyCodec = record({ version: u8, heads: list(entryIdCodec, MAX_HEADS), acts: list(actCodec, 256) });
export type AclBody = { readonly version: number; readonly heads: readonly EntryId[]; readonly acts: readonly Act[] };

/** What the invite's key signs in a join. */
export const joinProofCodec = record({
  domain: text(20),
  space: fixed(32),
  invite: inviteIdCodec,
  user: userIdCodec,
  device: deviceIdCodec,
});
export type { DeviceId, UserId };
