/**
 * Epoch keys of a space: making them, wrapping them to people, and learning them from the rights log. An epoch id
 * commits to its key, so a wrap that yields another key is noticed and thrown away.
 *
 * KW1 a wrap is a function of the key, the recipient and the space: whoever has the key makes it again and sees a false one.
 * KW2 the key of a part is wrapped in the same way under the epoch's key, so members see a false one for those who cannot.
 */
import { concat, equalBytes, fromHex, utf8 } from '../../base/bytes';
import { deriveKey } from '../../base/hash';
import type { Crypto, KeyPair, Random } from '../../ports';
import { type EpochId, epochIdOf, type ShardId, type SpaceId, type UserId } from '../../vm/op/ids';
import { shardKeyOf } from '../../vm/op/seal';
import type { Act, ActOf, Wrap } from './acl';
import { partWraps } from './epochs';
import type { Rights } from './resolve';

export type EpochKeys = ReadonlyMap<EpochId, Uint8Array>;
/** Of one part of a space under one epoch. */
export type PartName = `${EpochId}/${ShardId}`;
export type PartKeys = ReadonlyMap<PartName, Uint8Array>;
export const partName = (epoch: EpochId, shard: ShardId): PartName => `${epoch}/${shard}`;

/** Whose keyring a wrap is for. `part`: the key is that of a part, and `key` the epoch's all the same. */
type Recipient = { readonly user: UserId; readonly keyring: Uint8Array };
type Part = { readonly epoch: EpochId; readonly shard: ShardId };

const associated = (space: SpaceId, user: UserId, part: Part | undefined): Uint8Array<ArrayBuffer> =>
  part
    ? concat(utf8('lgos/wrap-part/1\0'), fromHex(space), fromHex(user), fromHex(part.epoch), fromHex(part.shard))
    : concat(utf8('lgos/wrap/1\0'), fromHex(space), fromHex(user));
const ZERO_NONCE = new Uint8Array(12);

/** KW1. The wrapping key is used for one message only, so its nonce may be zero. */
export const wrapKey = async (
  crypto: Crypto,
  space: SpaceId,
  key: Uint8Array,
  { user, keyring }: Recipient,
  part?: Part,
): Promise<Wrap | undefined> => {
  const about = associated(space, user, part);
  const ephemeral = await crypto.agreementKey(deriveKey(key, concat(about, keyring), 'lgos/wrap-ephemeral/1'));
  const shared = await crypto.agree(ephemeral.handle, keyring);
  if (!shared) return undefined;
  const wrapping = deriveKey(shared, concat(ephemeral.publicKey, keyring), 'lgos/wrap/1');
  const plain = part ? shardKeyOf(key, part.shard) : key;
  return { user, ephemeral: ephemeral.publicKey, sealed: await crypto.seal(wrapping, ZERO_NONCE, plain, about) };
};

export const unwrapKey = async (
  crypto: Crypto,
  keyring: KeyPair,
  space: SpaceId,
  wrap: Wrap,
  part?: Part,
): Promise<Uint8Array | undefined> => {
  const shared = await crypto.agree(keyring.handle, wrap.ephemeral);
  if (!shared) return undefined;
  const wrapping = deriveKey(shared, concat(wrap.ephemeral, keyring.publicKey), 'lgos/wrap/1');
  return crypto.open(wrapping, ZERO_NONCE, wrap.sealed, associated(space, wrap.user, part));
};

/** KW1: whether this is the wrap of that key, for one of the keyrings that the recipient has had. */
const isTrueWrap = async (
  crypto: Crypto,
  space: SpaceId,
  key: Uint8Array,
  wrap: Wrap,
  keyrings: readonly Uint8Array[],
  part?: Part,
): Promise<boolean> => {
  for (const keyring of keyrings) {
    const made = await wrapKey(crypto, space, key, { user: wrap.user, keyring }, part);
    if (made && equalBytes(made.ephemeral, wrap.ephemeral) && equalBytes(made.sealed, wrap.sealed)) return true;
  }
  return false;
};

/** The key of a part under several epochs at once: whoever lacks one of theirs cannot make it. `keys` in the order of the epochs' ids. */
export const mergedShardKey = (merged: EpochId, keys: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  deriveKey(concat(...keys), fromHex(merged), 'lgos/merged-shard-key/1');

// --- Making ------------------------------------------------------------------------------------------------------

/** Wraps that the act of an epoch carries; the rest follows in entries of its own. */
const MAX_EPOCH_WRAPS = 250;

/** A new epoch for `people`, with the keys before it sealed under the new one where newcomers may read what was. */
export const makeEpoch = async (
  crypto: Crypto,
  random: Random,
  space: SpaceId,
  people: readonly Recipient[],
  previous: readonly { readonly epoch: EpochId; readonly key: Uint8Array }[],
): Promise<{ act: ActOf<'epoch'>; key: Uint8Array<ArrayBuffer> }> => {
  const key = random.bytes(32);
  const nonce = random.bytes(16);
  const wraps: Wrap[] = [];
  for (const recipient of people.slice(0, MAX_EPOCH_WRAPS)) {
    const wrap = await wrapKey(crypto, space, key, recipient);
    if (wrap) wraps.push(wrap);
  }
  const before: ActOf<'epoch'>['previous'][number][] = [];
  for (const { epoch, key: old } of previous) {
    const sealNonce = random.bytes(12);
    const sealed = await crypto.seal(key, sealNonce, old, utf8('lgos/previous/1'));
    before.push({ epoch, sealedKey: concat(sealNonce, sealed) });
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

// --- Learning ----------------------------------------------------------------------------------------------------

/** With the keyrings of all generations, the last one last. */
type Me = { readonly user: UserId; readonly keyrings: readonly KeyPair[] };

const unwrapWithAny = async (
  crypto: Crypto,
  { keyrings }: Me,
  space: SpaceId,
  wrap: Wrap,
  part?: Part,
): Promise<Uint8Array | undefined> => {
  for (const keyring of keyrings.toReversed()) {
    const key = await unwrapKey(crypto, keyring, space, wrap, part);
    if (key) return key;
  }
  return undefined;
};

/** That were ever opened, oldest first, also where they do not count any more: what was written under them stays readable. */
const epochsIn = (rights: Pick<Rights, 'history'>): readonly ActOf<'epoch'>[] => actsIn(rights, 'epoch');
const actsIn = <Type extends Act['type']>(rights: Pick<Rights, 'history'>, type: Type): readonly ActOf<Type>[] =>
  rights.history().flatMap(({ item }) => item.acts.filter((act): act is ActOf<Type> => act.type === type));

/** Whether the rights log promised this very key for the epoch: no second key can ever pass for it. */
export const commitsTo = (space: SpaceId, rights: Rights, epoch: EpochId, key: Uint8Array): boolean =>
  epochsIn(rights).some((act) => act.epoch === epoch && epochIdOf(space, key, act.nonce) === epoch);

/** All epoch keys that can be had from the rights log with this keyring and the keys known already. */
export const learnKeys = async (
  crypto: Crypto,
  space: SpaceId,
  rights: Rights,
  me: Me,
  known: EpochKeys,
): Promise<Map<EpochId, Uint8Array>> => {
  const keys = new Map(known);
  const epochs = epochsIn(rights).toReversed();
  const nonces = new Map(epochs.map(({ epoch, nonce }) => [epoch, nonce]));
  const keep = (epoch: EpochId, key: Uint8Array | undefined): void => {
    const nonce = nonces.get(epoch);
    if (key && nonce && epochIdOf(space, key, nonce) === epoch) keys.set(epoch, key);
  };
  const later = actsIn(rights, 'wrap');
  for (const { epoch, wraps } of epochs) {
    if (keys.has(epoch)) continue;
    const mine = [...wraps, ...later.filter((wrap) => wrap.epoch === epoch).map(({ wrap }) => wrap)];
    for (const wrap of mine)
      if (wrap.user === me.user && !keys.has(epoch)) keep(epoch, await unwrapWithAny(crypto, me, space, wrap));
  }
  for (const act of epochs) {
    const key = keys.get(act.epoch);
    for (const { epoch, sealedKey } of key ? act.previous : []) {
      if (keys.has(epoch) || !key) continue;
      keep(epoch, await crypto.open(key, sealedKey.subarray(0, 12), sealedKey.subarray(12), utf8('lgos/previous/1')));
    }
  }
  return keys;
};

/** The same for parts. Nobody who has a part alone can check its key: of several the last stands, and members watch (KW2). */
export const learnParts = async (
  crypto: Crypto,
  space: SpaceId,
  rights: Rights,
  me: Me,
  known: PartKeys,
): Promise<Map<PartName, Uint8Array>> => {
  const keys = new Map(known);
  for (const { epoch, shard, wrap } of partWraps(rights)) {
    if (wrap.user !== me.user) continue;
    const key = await unwrapWithAny(crypto, me, space, wrap, { epoch, shard });
    if (key?.length === 32) keys.set(partName(epoch, shard), key);
  }
  return keys;
};

// --- Watching ----------------------------------------------------------------------------------------------------

/** All keyring keys that people ever had here. */
const keyringsIn = (rights: Pick<Rights, 'history'>): ReadonlyMap<UserId, readonly Uint8Array[]> => {
  const found = new Map<UserId, Uint8Array[]>();
  for (const { item } of rights.history())
    for (const act of item.acts) {
      const certificate = 'certificate' in act ? act.certificate : undefined;
      if (!certificate) continue;
      const known = found.get(certificate.user) ?? [];
      if (!known.some((keyring) => equalBytes(keyring, certificate.keyring))) known.push(certificate.keyring);
      found.set(certificate.user, known);
    }
  return found;
};

export type BadWrap = { readonly epoch: EpochId; readonly user: UserId; readonly shard: ShardId | undefined };

const NO_KEY = new Uint8Array();
/** Wraps that were found true, and of which key. */
const foundTrue = new WeakMap<Wrap, Uint8Array>();

/**
 * People of one of `epochs` who were given something else than its key, and nothing true: by making each wrap again, once, where
 * the key is known, and for oneself, where it is not, by what does not open.
 */
export const badWraps = async (
  crypto: Crypto,
  space: SpaceId,
  rights: Rights,
  me: UserId,
  keys: EpochKeys,
  epochs: readonly EpochId[],
): Promise<readonly BadWrap[]> => {
  const keyrings = keyringsIn(rights);
  const bad = new Map<string, BadWrap>();
  for (const epoch of epochs) {
    const key = keys.get(epoch);
    const acts = rights.epochs().filter(({ act }) => act.epoch === epoch);
    const whole = [
      ...acts.flatMap(({ act }) => act.wraps),
      ...rights.wraps().flatMap((act) => (act.epoch === epoch ? [act.wrap] : [])),
    ].map((wrap) => ({ wrap, shard: undefined }));
    const parts = partWraps(rights).filter((act) => act.epoch === epoch);
    const given = new Map<string, { readonly wrap: Wrap; readonly shard: ShardId | undefined }[]>();
    for (const each of [...whole, ...parts]) {
      const name = `${epoch}/${each.wrap.user}/${each.shard ?? ''}`;
      given.set(name, [...(given.get(name) ?? []), each]);
    }
    for (const [name, wraps] of given) {
      const [{ wrap, shard }] = wraps as [(typeof wraps)[number]];
      const { user } = wrap;
      if (!key) {
        if (user === me && shard === undefined) bad.set(name, { epoch, user, shard });
        continue;
      }
      let found = false;
      for (const each of wraps.toReversed()) {
        const part = each.shard ? { epoch, shard: each.shard } : undefined;
        found =
          equalBytes(foundTrue.get(each.wrap) ?? NO_KEY, key) ||
          (await isTrueWrap(crypto, space, key, each.wrap, keyrings.get(user) ?? [], part));
        if (!found) continue;
        foundTrue.set(each.wrap, key);
        break;
      }
      if (!found) bad.set(name, { epoch, user, shard });
    }
  }
  return [...bad.values()];
};
