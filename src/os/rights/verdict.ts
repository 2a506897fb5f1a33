/**
 * How the rights log judges a content entry: by the role of its author where it stood, by what was decided about the
 * author unseen by it, and by what they are now.
 *
 * RV1 the author's right at the rights it cites must allow the class, the part of the space and the time.
 * RV2 a removal or demotion that it had not seen must accept it (its cut, or a later adoption), unless a new grant after
 *     that removal was seen.
 * RV3 where the author's present role is too low, every author's last word about them that it had not seen must accept it.
 * RV4 what hangs on a right that was passed on is judged by what was decided about each in the chain.
 */
import type { DeviceId, LogId, ShardId, UserId } from '../../vm/op/ids';
import type { Right } from './layers';
import { has, type Past } from './past';
import type { Resolution } from './resolution';
import { before, type Item, lowers, type Word } from './words';

/** Something that binds an entry: it must lie within `cut`, or in what was adopted after it. */
type Bound = { readonly item: Item; readonly cut: ReadonlyMap<LogId, number>; readonly user: UserId };
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

/** What Admins took over of a person's work after it had been cut off. */
const adopted = (resolution: Resolution, { item, user }: Bound, log: LogId): number => {
  let height = -1;
  for (const later of resolution.items) {
    if (!has(later.past, item.index) || resolution.authority(later) === undefined) continue;
    for (const act of later.acts) {
      if (act.type !== 'adopt' || act.user !== user) continue;
      for (const place of act.cut) if (place.log === log) height = Math.max(height, place.seq);
    }
  }
  return height;
};

export const accepted = (resolution: Resolution, standing: Standing, log: LogId, seq: number): boolean =>
  standing.bounds.every((bound) => seq <= (bound.cut.get(log) ?? -1) || seq <= adopted(resolution, bound, log));

export const covers = ({ limits }: Right, shard: ShardId): boolean =>
  limits.shards === undefined || limits.shards.includes(shard);

// --- Devices -------------------------------------------------------------------------------------------------

/** Why a device may not write any more, and up to where what it wrote is taken. */
export type Suspension = {
  readonly type: 'revoked' | 'forked';
  readonly item: Item;
  readonly by: UserId;
  readonly cut: ReadonlyMap<LogId, number>;
  /** Cleared by an Admin afterwards. */
  readonly cleared: Item | undefined;
};

/** Both prove themselves, by a root's signature or by the two entries, so they need no authority. */
export const suspensionsOf = (resolution: Resolution): ReadonlyMap<DeviceId, readonly Suspension[]> => {
  const found = new Map<DeviceId, Suspension[]>();
  for (const item of resolution.items) {
    for (const act of item.acts) {
      if (act.type !== 'revokeDevice' && act.type !== 'fork') continue;
      const clearing = resolution.items.filter(
        (later) =>
          act.type === 'fork' &&
          resolution.authority(later) !== undefined &&
          has(later.past, item.index) &&
          later.acts.some((other) => other.type === 'clear' && other.device === act.device),
      );
      const suspension: Suspension = {
        type: act.type === 'fork' ? 'forked' : 'revoked',
        item,
        by: item.user,
        cut: new Map(act.cut.map(({ log, seq }) => [log, seq])),
        cleared: clearing[0],
      };
      found.set(act.device, [...(found.get(act.device) ?? []), suspension]);
    }
  }
  return found;
};

/**
 * Whether a suspended device's entry counts: within the cut of one report that it had not seen (each reporter held what
 * they held), or acting under rights that know of the clearing, or adopted. Two reports of one fork widen each other.
 */
export const suspended = (
  resolution: Resolution,
  suspensions: readonly Suspension[],
  entry: { readonly user: UserId; readonly past: Past; readonly log: LogId; readonly seq: number },
): boolean => {
  const { user, past, log, seq } = entry;
  const bars = (suspension: Suspension): boolean => {
    if (suspension.cleared && has(past, suspension.cleared.index)) return false;
    if (has(past, suspension.item.index)) return true;
    return seq > (suspension.cut.get(log) ?? -1) && seq > adopted(resolution, { ...suspension, user }, log);
  };
  const revoked = suspensions.filter(({ type }) => type === 'revoked');
  const forked = suspensions.filter(({ type }) => type === 'forked');
  return revoked.some(bars) || (forked.length > 0 && forked.every(bars));
};
