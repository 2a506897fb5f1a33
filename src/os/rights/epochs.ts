/**
 * Which epoch is written under, who can know its key, and when there must be a new one. Pure: decided from the rights log
 * and network time alone, so that every node decides alike. It holds no key and makes none.
 *
 * EP1 one writes under all epochs at once that no other standing epoch has seen: only who was given each of them reads it.
 * EP2 the key is out when somebody knows every part of it who may not read now what is written under it.
 * EP3 a lower right, a temporary right that ended, a lost device and a revoked link let a key out as a removal does.
 * EP4 an epoch whose key is kept from those who make keys, or more of them than can be written under, is followed by a new one.
 */
import { fromHex, toHex } from '../../base/bytes';
import { hash128 } from '../../base/hash';
import type { EpochId, ShardId, SpaceId, UserId } from '../../vm/op/ids';
import { type Act, type ActOf, MAX_TIPS, rankOf } from './acl';
import { has, union } from './past';
import type { Epoch, Rights } from './resolve';
import { ADMIN, type Item, NONE } from './words';

export const MAX_EPOCH_AGE_MS = 30 * 86_400_000;
export const MAX_EPOCH_ENTRIES = 2 ** 20;
/** Sets of concurrent epochs that a node keeps keys for, the newest. */
const MAX_SETS = 256;

/** Standing epochs that no other standing epoch has seen, by id. */
export const tipsOf = (rights: Pick<Rights, 'epochs'>): readonly Epoch[] => {
  const epochs = rights.epochs();
  return epochs
    .filter(({ item }) => !epochs.some((later) => later.item !== item && has(later.item.past, item.index)))
    .filter((epoch, at, tips) => tips.findLastIndex(({ item }) => item === epoch.item) === at)
    .sort((a, b) => (a.act.epoch < b.act.epoch ? -1 : 1));
};

/** The id under which several epochs are written under at once. `epochs` in ascending order. */
const mergedEpochOf = (space: SpaceId, epochs: readonly EpochId[]): EpochId =>
  toHex(hash128('lgos/merged-epoch/1', fromHex(space), ...epochs.map((epoch) => fromHex(epoch)))) as EpochId;

/** EP1; `undefined` when there is none, or too many at once. */
export const writingEpoch = (space: SpaceId, tips: readonly Epoch[]): EpochId | undefined => {
  const ids = tips.map(({ act }) => act.epoch);
  return ids.length > MAX_TIPS ? undefined : ids.length > 1 ? mergedEpochOf(space, ids) : ids[0];
};

/** All epochs that were ever opened by somebody who could: also those that do not count any more may have been written under. */
const everOpened = (rights: Pick<Rights, 'history'>): readonly { readonly item: Item; readonly epoch: EpochId }[] =>
  rights
    .history()
    .flatMap(({ item }) => item.acts.flatMap((act) => (act.type === 'epoch' ? [{ item, epoch: act.epoch }] : [])));

/** The sets of epochs of which none has seen another, with the id they are written under: what an entry may name. */
export const mergedSets = (space: SpaceId, rights: Rights): ReadonlyMap<EpochId, readonly EpochId[]> => {
  const opened = everOpened(rights).toReversed();
  const concurrent = (a: Item, b: Item): boolean => a !== b && !has(a.past, b.index) && !has(b.past, a.index);
  const sets = new Map<EpochId, readonly EpochId[]>();
  const grow = (set: readonly (typeof opened)[number][], from: number): void => {
    for (let at = from; at < opened.length && sets.size < MAX_SETS; at++) {
      const next = opened[at] as (typeof opened)[number];
      if (!set.every(({ item }) => concurrent(item, next.item))) continue;
      const grown = [...set, next];
      const ids = grown.map(({ epoch }) => epoch).sort();
      if (ids.length > 1) sets.set(mergedEpochOf(space, ids), ids);
      if (grown.length < MAX_TIPS) grow(grown, at + 1);
    }
  };
  grow([], 0);
  return sets;
};

// --- Who can know a key ------------------------------------------------------------------------------------------

/** Parts, or everything. */
type Reach = 'all' | ReadonlySet<ShardId>;
const joined = (a: Reach | undefined, b: Reach): Reach =>
  a === 'all' || b === 'all' ? 'all' : new Set([...(a ?? []), ...b]);
const common = (a: Reach, b: Reach): Reach =>
  a === 'all' ? b : b === 'all' ? a : new Set([...a].filter((shard) => b.has(shard)));
const isEmpty = (reach: Reach): boolean => reach !== 'all' && reach.size === 0;

const knownBy = ({ item, act: { epoch, wraps } }: Epoch, rights: Rights): Map<UserId, Reach> => {
  const known = new Map<UserId, Reach>();
  const know = (user: UserId, reach: Reach): void => void known.set(user, joined(known.get(user), reach));
  for (const { user } of wraps) know(user, 'all');
  const offers = new Map<string, Reach>();
  for (const { item: later } of rights.history()) {
    // Whoever had seen the epoch and could give its key did, whether it counts by now or not.
    if (later !== item && !has(later.past, item.index)) continue;
    for (const act of later.acts) {
      if (act.type === 'wrap' && act.epoch === epoch) know(act.wrap.user, 'all');
      if (act.type === 'wrapPart' && act.epoch === epoch) know(act.wrap.user, new Set([act.shard]));
      // A link carries the keys of its time.
      if (act.type === 'invite' && !act.confirm) offers.set(act.invite, reachOf(later.acts));
      const offer = act.type === 'join' ? offers.get(act.invite) : undefined;
      if (offer) know(later.user, offer);
    }
  }
  return known;
};
const reachOf = (acts: readonly Act[]): Reach => {
  const within = acts.find((act): act is ActOf<'within'> => act.type === 'within');
  return within && within.shards.length > 0 ? new Set(within.shards) : 'all';
};

/** What somebody may read at `now`; `undefined` when nothing. */
export const mayRead = (rights: Rights, user: UserId, now: number): Reach | undefined => {
  const { rank, limits } = rights.right(user);
  if (rank === NONE || (limits.notAfter !== undefined && limits.notAfter < now)) return undefined;
  return limits.shards ? new Set(limits.shards) : 'all';
};

/** Why a new key is due. `merged`: several were made at once. `old`, `full`: of age, of entries. */
export type RotationReason =
  | 'removed'
  | 'left'
  | 'ended'
  | 'narrowed'
  | 'voidJoin'
  | 'deviceRevoked'
  | 'linkRevoked'
  | 'merged'
  | 'policy'
  | 'old'
  | 'full';

const whyOut = (rights: Rights, user: UserId, now: number): RotationReason => {
  const { rank, limits, word } = rights.right(user);
  if (rank !== NONE && limits.notAfter !== undefined && limits.notAfter < now) return 'ended';
  if (rank !== NONE) return 'narrowed';
  if (!word) return 'voidJoin';
  return word.author === user ? 'left' : 'removed';
};

/**
 * What follows from the rights until they change: when temporary rights end, ascending, and, until the next one does, why the key is
 * out. It is asked for whenever a link comes or goes.
 */
type Known = {
  readonly generation: number;
  readonly ends: readonly number[];
  ended: number;
  out: RotationReason | undefined;
};
const knownByRights = new WeakMap<Rights, Known>();
const knownOf = (rights: Rights): Known => {
  const before = knownByRights.get(rights);
  const generation = rights.generation();
  if (before?.generation === generation) return before;
  const ends = [...rights.members().keys()].flatMap((user) => rights.right(user).limits.notAfter ?? []);
  const known: Known = { generation, ends: ends.sort((x, y) => x - y), ended: -1, out: undefined };
  knownByRights.set(rights, known);
  return known;
};

/** EP2, EP3: why somebody can read who may not. */
export const keyIsOut = (rights: Rights, now: number): RotationReason | undefined => {
  const known = knownOf(rights);
  const ended = known.ends.filter((end) => end < now).length;
  if (known.ended !== ended) Object.assign(known, { ended, out: whyKeyIsOut(rights, now) });
  return known.out;
};
const whyKeyIsOut = (rights: Rights, now: number): RotationReason | undefined => {
  const tips = tipsOf(rights);
  if (tips.length === 0) return undefined;
  const [first, ...more] = tips.map((tip) => knownBy(tip, rights)) as [Map<UserId, Reach>, ...Map<UserId, Reach>[]];
  for (const [user, reach] of first) {
    const known = more.reduce<Reach>((sum, each) => common(sum, each.get(user) ?? new Set()), reach);
    const may = mayRead(rights, user, now);
    if (isEmpty(known) || may === 'all') continue;
    if (!may || known === 'all' || [...known].some((shard) => !may.has(shard))) return whyOut(rights, user, now);
  }
  const unseen = (item: Item): boolean => tips.every((tip) => !has(union([tip.item.past], tip.item.index), item.index));
  const carried = (item: Item): boolean => tips.every((tip) => has(item.past, tip.item.index));
  const members = rights.members(now);
  for (const [device, { user }] of rights.certificates())
    if (members.has(user) && rights.suspensions(device).some(({ type, item }) => type === 'revoked' && unseen(item)))
      return 'deviceRevoked';
  const links = new Set<string>();
  for (const { item, counts } of rights.history())
    for (const act of counts ? item.acts : []) {
      if (act.type === 'invite' && !act.confirm && carried(item)) links.add(act.invite);
      if (act.type === 'revokeInvite' && links.has(act.invite) && unseen(item)) return 'linkRevoked';
    }
  return undefined;
};

/** `entries`: how many were written under the present epoch. */
export const rotationDue = (
  rights: Rights,
  { now, entries }: { readonly now: number; readonly entries: number },
): RotationReason | undefined => {
  const tips = tipsOf(rights);
  const out = keyIsOut(rights, now);
  if (out || tips.length === 0) return out;
  if (tips.length > 1) return 'merged';
  const [{ item, entry }] = tips as [Epoch];
  if (rights.policy('history', entry) !== rights.policy('history')) return 'policy';
  if (now - Math.floor(item.hlc) >= MAX_EPOCH_AGE_MS) return 'old';
  return entries >= MAX_EPOCH_ENTRIES ? 'full' : undefined;
};

/** Network time in ms of the next moment at which a key will be due by time alone. */
export const nextByTime = (rights: Rights, now: number): number => {
  const ages = tipsOf(rights).map(({ item }) => Math.floor(item.hlc) + MAX_EPOCH_AGE_MS);
  const end = knownOf(rights).ends.find((at) => at + 1 > now);
  return Math.min(
    ...[...ages, ...(end === undefined ? [] : [end + 1])].filter((at) => at > now),
    now + MAX_EPOCH_AGE_MS,
  );
};

// --- Who lacks a key ---------------------------------------------------------------------------------------------

/** Whether newcomers may read what was written under this epoch. */
export const isOpenToNewcomers = (rights: Rights, { entry }: Pick<Epoch, 'entry'>): boolean =>
  rights.policy('history', entry) !== 'fromJoin' && rights.policy('history') !== 'fromJoin';

export type WrapDue = { readonly user: UserId; readonly epoch: EpochId; readonly shard: ShardId | undefined };

/** Whether somebody was given a key, or that of everything, by an act that counts. */
export const givenKeys = (rights: Rights): ((due: WrapDue) => boolean) => {
  const given = new Set<string>();
  for (const { act } of rights.epochs()) for (const { user } of act.wraps) given.add(`${user}/${act.epoch}`);
  for (const { epoch, wrap } of rights.wraps()) given.add(`${wrap.user}/${epoch}`);
  for (const { epoch, shard, wrap } of partWraps(rights)) given.add(`${wrap.user}/${epoch}/${shard}`);
  return ({ user, epoch, shard }) => given.has(`${user}/${epoch}`) || given.has(`${user}/${epoch}/${shard}`);
};

/**
 * Wraps that members lack: of the present epochs, and for whoever may read a part alone, of each epoch that `used` says
 * something was written under there, as far as newcomers may read it.
 */
export const wrapsDue = (
  rights: Rights,
  now: number,
  used: (shard: ShardId) => ReadonlySet<EpochId>,
): readonly WrapDue[] => {
  const tips = tipsOf(rights);
  const present = new Set(tips.map(({ act }) => act.epoch));
  const earlier = rights.epochs().filter((epoch) => !present.has(epoch.act.epoch) && isOpenToNewcomers(rights, epoch));
  const isGiven = givenKeys(rights);
  const due: WrapDue[] = [];
  for (const user of rights.members(now).keys()) {
    const reach = mayRead(rights, user, now);
    if (reach === 'all')
      for (const { act } of tips)
        if (!isGiven({ user, epoch: act.epoch, shard: undefined }))
          due.push({ user, epoch: act.epoch, shard: undefined });
    if (!reach || reach === 'all') continue;
    for (const shard of reach) {
      const under = used(shard);
      const epochs = [...earlier.map(({ act }) => act.epoch).filter((epoch) => under.has(epoch)), ...present];
      for (const epoch of epochs) if (!isGiven({ user, epoch, shard })) due.push({ user, epoch, shard });
    }
  }
  return due;
};

/** That count, oldest first. */
export const partWraps = (rights: Pick<Rights, 'history'>): readonly ActOf<'wrapPart'>[] =>
  rights
    .history()
    .flatMap(({ item, counts }) =>
      counts ? item.acts.filter((act): act is ActOf<'wrapPart'> => act.type === 'wrapPart') : [],
    );

/**
 * EP4: whether a standing epoch shuts out those who make keys. Of somebody below Admin: `me`, who was in, was not given its
 * key. Of an Admin: no Owner or Admin was. A wrap that its recipient has named false gives nothing.
 */
export const isWithheld = (rights: Rights, me: UserId, { act: { epoch }, entry, by }: Epoch): boolean => {
  const mine = rights.rightAt(me, entry);
  if (!mine || mine.rank === NONE || mine.limits.shards) return false;
  const isGiven = givenKeys(rights);
  const hasKey = (user: UserId): boolean =>
    isGiven({ user, epoch, shard: undefined }) &&
    !rights.badKeys().some((bad) => bad.epoch === epoch && bad.user === user && bad.by === user);
  if (rankOf(rights.roleAt(by, entry)) < ADMIN) return !hasKey(me);
  return [...rights.members()].every(([user, role]) => rankOf(role) < ADMIN || !hasKey(user));
};

/** What a new epoch makes known of older ones, of which `held` says that their key is known: those that newcomers may read. */
export const passedOn = (rights: Rights, held: (epoch: EpochId) => boolean = () => true): readonly EpochId[] =>
  tipsOf({ epochs: () => rights.epochs().filter(({ act }) => held(act.epoch)) })
    .filter((tip) => isOpenToNewcomers(rights, tip))
    .map(({ act }) => act.epoch)
    .slice(0, MAX_TIPS);
