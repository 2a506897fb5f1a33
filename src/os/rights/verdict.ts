/**
 * How the rights log judges a content entry: by the role of its author where it stood, by what was decided about the
 * author unseen by it, and by what they are now.
 *
 * RV1 the author's right at the rights it cites must allow the class, the part of the space and the time.
 * RV2 a removal or demotion that it had not seen must accept it (its cut, or a later adoption), unless a new grant after
 *     that removal was seen.
 * RV3 where the author's present role is too low, every author's last word about them that it had not seen must accept it.
 * RV4 what hangs on a right that was passed on is judged by what was decided about each in the chain.
 * RV5 a place of a cut holds for what leads to the entry that it names: not for another branch of a log.
 * RV6 what a suspended device wrote counts where one report, unseen by it, takes it in, or where it was adopted.
 */
import type { DeviceId, ShardId, UserId } from '../../vm/op/ids';
import { type Cut, cutOf, type Place, within } from './cuts';
import { clearingsOf, lifts } from './fork';
import type { Right } from './layers';
import { has, type Past } from './past';
import type { Resolution } from './resolution';
import { before, type Item, lowers } from './words';

/** Something that binds an entry: it must lie within `cut`, or in what was adopted after it. */
type Bound = { readonly item: Item; readonly cut: Cut; readonly user: UserId };
export type Standing = {
  readonly right: Right;
  /** What must accept an entry that acts under these rights. */
  readonly bounds: readonly Bound[];
};

/** The user's right at `past`, and what else binds an entry that needs `rank`. */
export const standingAt = (resolution: Resolution, user: UserId, past: Past, rank: number): Standing => {
  const right = resolution.right(user, past);
  // The first word of a chain is an Owner's or Admin's own.
  const persons = new Set([user, ...right.chain.slice(1).map(({ author }) => author)]);
  const bounds: Bound[] = [];
  for (const person of persons) {
    const words = resolution
      .words(person)
      .filter((word) => resolution.authority(word.item) !== undefined && word.type !== 'genesis');
    const unseen = words.filter((word) => !has(past, word.item.index));
    const binding = unseen.filter(
      (word) =>
        resolution.rules.cuts &&
        lowers(word, rank) &&
        resolution.takesEffect(word, rank) &&
        !words.some(
          (grant) =>
            grant.type !== 'revoke' && grant.rank >= rank && before(word, grant) && has(past, grant.item.index),
        ),
    );
    if (resolution.rules.presentRole && resolution.right(person).rank < rank)
      binding.push(
        ...unseen.filter(
          (word) => !words.some((later) => later !== word && later.author === word.author && before(word, later)),
        ),
      );
    for (const { item, cut } of new Set(binding)) bounds.push({ item, cut, user });
  }
  return { right, bounds };
};

/** Whether an Admin took it over: after `item`, what cut it off, where something did. */
export const adopted = (resolution: Resolution, user: UserId, place: Place, item?: Item): boolean =>
  resolution.items.some(
    (later) =>
      later.acts.some((act) => act.type === 'adopt' && act.user === user && within(act.cut, place)) &&
      (!item || has(later.past, item.index)) &&
      resolution.authority(later) !== undefined,
  );

export const accepted = (resolution: Resolution, standing: Standing, place: Place): boolean =>
  standing.bounds.every(
    ({ item, cut, user }) => within(cut.get(place.log), place) || adopted(resolution, user, place, item),
  );

export const covers = ({ limits }: Right, shard: ShardId): boolean =>
  limits.shards === undefined || limits.shards.includes(shard);

// --- Devices -------------------------------------------------------------------------------------------------

/** Why a device may not write any more, and up to where what it wrote is taken. */
export type Suspension = {
  readonly type: 'revoked' | 'forked';
  /** By the veto of an older device, without the root. */
  readonly vetoed: boolean;
  readonly item: Item;
  readonly by: UserId;
  readonly cut: Cut;
  /** Lifted by an Admin: for what knows of it. */
  readonly cleared: Item | undefined;
  readonly clearings: readonly Item[];
};

/** Both prove themselves, by a root's signature or by the two entries, so they need no authority. */
export const suspensionsOf = (resolution: Resolution): ReadonlyMap<DeviceId, readonly Suspension[]> => {
  const found = new Map<DeviceId, Suspension[]>();
  const clears = clearingsOf(resolution.items).filter((item) => resolution.authority(item) !== undefined);
  for (const item of resolution.items) {
    for (const act of item.acts) {
      if (act.type !== 'revokeDevice' && act.type !== 'fork' && act.type !== 'veto') continue;
      if (act.type === 'revokeDevice' && !resolution.newcomers.rules(item)) continue;
      const vetoed = act.type === 'veto';
      if (vetoed && !resolution.newcomers.vetoes.some((veto) => veto.item === item)) continue;
      const clearings =
        act.type === 'fork' && clears.length > 0 ? clears.filter((clear) => lifts(clear, act, resolution.items)) : [];
      const suspension: Suspension = {
        type: act.type === 'fork' ? 'forked' : 'revoked',
        vetoed,
        item,
        by: item.user,
        cut: cutOf(act.cut),
        cleared: clearings[0],
        clearings,
      };
      found.set(act.device, [...(found.get(act.device) ?? []), suspension]);
    }
  }
  return found;
};

/**
 * Whether a suspended device's entry does not count: it knows that the device is suspended, or no report takes it in (each
 * reporter held what they held, so several reports widen each other), and nobody adopted it. A clearing that it knows of
 * lifts all forks from before.
 */
export const suspended = (
  resolution: Resolution,
  suspensions: readonly Suspension[],
  entry: { readonly user: UserId; readonly past: Past; readonly place: Place },
): boolean => {
  const { user, past, place } = entry;
  const takes = ({ item, cut }: Suspension): boolean =>
    !has(past, item.index) && (within(cut.get(place.log), place) || adopted(resolution, user, place, item));
  // Only a device's own person disowns it.
  const theirs = suspensions.filter(({ type, by }) => type === 'forked' || by === user);
  const live = theirs.filter(({ clearings }) => !clearings.some((clear) => has(past, clear.index)));
  const forked = live.filter(({ type }) => type === 'forked');
  if (live.some((suspension) => suspension.type === 'revoked' && !takes(suspension))) return true;
  return forked.length > 0 && (forked.some(({ item }) => has(past, item.index)) || !forked.some(takes));
};
