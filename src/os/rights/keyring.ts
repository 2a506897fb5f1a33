/**
 * Epoch keys of a space: making them, wrapping them to people, and learning them from the rights log. An epoch id
 * commits to its key, so a wrap that yields another key is noticed and thrown away.
 */
import { concat, fromHex, utf8 } from '../../base/bytes';
import { deriveKey } from '../../base/hash';
import type { Crypto, KeyPair, Random } from '../../ports';
import { type EpochId, epochIdOf, type SpaceId, type UserId } from '../../vm/op/ids';
import type { ActOf, Wrap } from './acl';
import type { Rights } from './resolve';

export type EpochKeys = ReadonlyMap<EpochId, Uint8Array>;

const wrapAssociated = (space: SpaceId, user: UserId): Uint8Array<ArrayBuffer> =>
  concat(utf8('lgos/wrap/1\0'), fromHex(space), fromHex(user));
const ZERO_NONCE = new Uint8Array(12);

/** The wrapping key is used for one message only, so its nonce may be zero. */
export const wrapKey = async (
  crypto: Crypto,
  random: Random,
  space: SpaceId,
  key: Uint8Array,
  user: UserId,
  keyring: Uint8Array,
): Promise<Wrap | undefined> => {
  const ephemeral = await crypto.agreementKey(random.bytes(32));
  const shared = await crypto.agree(ephemeral.handle, keyring);
  if (!shared) return undefined;
  const wrapping = deriveKey(shared, concat(ephemeral.publicKey, keyring), 'lgos/wrap/1');
  return {
    user,
    ephemeral: ephemeral.publicKey,
    sealed: await crypto.seal(wrapping, ZERO_NONCE, key, wrapAssociated(space, user)),
  };
};

export const unwrapKey = async (
  crypto: Crypto,
  keyring: KeyPair,
  space: SpaceId,
  wrap: Wrap,
): Promise<Uint8Array | undefined> => {
  const shared = await crypto.agree(keyring.handle, wrap.ephemeral);
  if (!shared) return undefined;
  const wrapping = deriveKey(shared, concat(wrap.ephemeral, keyring.publicKey), 'lgos/wrap/1');
  return crypto.open(wrapping, ZERO_NONCE, wrap.sealed, wrapAssociated(space, wrap.user));
};

/** A new epoch for `people`, with the key before it sealed under the new one (history stays readable to newcomers). */
export const makeEpoch = async (
  crypto: Crypto,
  random: Random,
  space: SpaceId,
  people: readonly { user: UserId; keyring: Uint8Array }[],
  previous: { epoch: EpochId; key: Uint8Array } | undefined,
): Promise<{ act: ActOf<'epoch'>; key: Uint8Array<ArrayBuffer> }> => {
  const key = random.bytes(32);
  const nonce = random.bytes(16);
  const wraps: Wrap[] = [];
  for (const { user, keyring } of people) {
    const wrap = await wrapKey(crypto, random, space, key, user, keyring);
    if (wrap) wraps.push(wrap);
  }
  let before: ActOf<'epoch'>['previous'];
  if (previous) {
    const sealNonce = random.bytes(12);
    before = {
      epoch: previous.epoch,
      sealedKey: concat(sealNonce, await crypto.seal(key, sealNonce, previous.key, utf8('lgos/previous/1'))),
    };
  }
  return {
    act: {
      type: 'epoch',
      epoch: epochIdOf(space, key, nonce),
      nonce,
      roomKey: random.bytes(32),
      previous: before,
      wraps,
    },
    key,
  };
};

/** Whether the rights log promised this very key for the epoch: no second key can ever pass for it. */
export const commitsTo = (space: SpaceId, rights: Rights, epoch: EpochId, key: Uint8Array): boolean =>
  rights.epochs().some(({ act }) => act.epoch === epoch && epochIdOf(space, key, act.nonce) === epoch);

/** All epoch keys that can be had from the rights log with this keyring and the keys known already. */
export const learnKeys = async (
  crypto: Crypto,
  space: SpaceId,
  rights: Rights,
  me: { user: UserId; keyring: KeyPair },
  known: EpochKeys,
): Promise<Map<EpochId, Uint8Array>> => {
  const keys = new Map(known);
  const keep = (epoch: EpochId, key: Uint8Array | undefined): void => {
    if (key && commitsTo(space, rights, epoch, key)) keys.set(epoch, key);
  };
  const epochs = [...rights.epochs()].reverse();
  for (const { act } of epochs) {
    if (keys.has(act.epoch)) continue;
    const mine = [
      ...act.wraps,
      ...rights
        .wraps()
        .filter((wrap) => wrap.epoch === act.epoch)
        .map(({ wrap }) => wrap),
    ];
    for (const wrap of mine) {
      if (wrap.user === me.user && !keys.has(act.epoch))
        keep(act.epoch, await unwrapKey(crypto, me.keyring, space, wrap));
    }
  }
  for (const { act } of epochs) {
    const key = keys.get(act.epoch);
    if (!key || !act.previous || keys.has(act.previous.epoch)) continue;
    const { epoch, sealedKey } = act.previous;
    keep(epoch, await crypto.open(key, sealedKey.subarray(0, 12), sealedKey.subarray(12), utf8('lgos/previous/1')));
  }
  return keys;
};
