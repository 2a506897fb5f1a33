/**
 * Which entries of the rights log count. Higher authority is settled first, in full, before lower authority is looked at:
 * so nothing that a weaker hand signs can alter what a stronger one decided, whenever it arrives.
 *
 * RR1 a leave always counts, is settled before everything, and binds who leaves.
 * RR2 Owners count by seniority: the creator, whom they appointed, in their order, then whom those appointed.
 * RR3 an entry counts where its author had the authority in its past, where no removal of them that counts and takes
 *     effect was unseen by it, and where its author may act on whom it names.
 * RR4 then come the joins that make Admins, the Admins, the other joins, and last whoever passes on a right of their own.
 * RR5 of the joins by one link the first `uses` people count; a join that a revocation of the link had not seen is void,
 *     and a link that was made before somebody was removed does not bring them back.
 *     Within an hour a link lets in no more than `JOINS_AN_HOUR` people, and all links of somebody below Admin no more than
 *     `GUESTS_OF_A_MEMBER`: whoever gets hold of a link, or of a Member, fills no space with invented people at once.
 * RR6 of a device that its owner has revoked nothing counts that the revocation had not seen; of one that forked its log
 *     nothing that no report of it had seen, until an Admin clears it. Both prove themselves and need no authority.
 * RR7 which devices of a person have their say is settled before all that (`newcomers.ts`): of the others nothing counts that
 *     needs it, a leave and the taking away of a device included.
 */
import type { DeviceId, InviteId, UserId } from '../../vm/op/ids';
import { type Act, type ActOf, rankOf } from './acl';
import { clearingsOf, lifts } from './fork';
import { type Authority, decide, type Right, type Rules, rightOf, type Settled, SOUND, seniorityOf } from './layers';
import { type Newcomers, newcomersIn } from './newcomers';
import { has, type Past } from './past';
import { policyIn } from './policy';
import {
  ADMIN,
  aboutOneself,
  before,
  GUEST,
  type Item,
  limitsIn,
  lowers,
  MEMBER,
  NONE,
  type Offer,
  OWNER,
  type Word,
} from './words';

export type Resolution = Settled & {
  /** In the order that is equal everywhere. */
  readonly items: readonly Item[];
  readonly right: (user: UserId, past?: Past) => Right;
  /** Whether a removal or demotion leaves its subject below `rank`, going by all that is not later than it. */
  readonly takesEffect: (word: Word, rank: number) => boolean;
  readonly used: ReadonlyMap<InviteId, ReadonlySet<UserId>>;
  readonly revokedInvites: ReadonlySet<InviteId>;
  /** RR5, by the last one: when people came in by each link within an hour. */
  readonly joinTimes: ReadonlyMap<InviteId, readonly number[]>;
  readonly people: ReadonlySet<UserId>;
  readonly newcomers: Newcomers;
};

/** RR5. People, not devices. */
export const JOINS_AN_HOUR = 200;
export const GUESTS_OF_A_MEMBER = 50;
export const HOUR = 3_600_000;

const into = <Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void => {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
};

/** How often it is asked anew which clearings count, where one rests on another. */
const MAX_ROUNDS = 4;

/** `items`: closed under what they cite, in order, the genesis first. `userOf`: whose a device is. */
export const resolve = (
  items: readonly Item[],
  userOf: (device: DeviceId) => UserId | undefined,
  rules: Rules = SOUND,
): Resolution => {
  const clears = clearingsOf(items);
  const newcomers = newcomersIn(items, rules.newcomersWait);
  // What a suspended device signed after its clearing counts only where the clearing does: so that is settled without it first.
  let counting: readonly Item[] = [];
  let resolution = settle(items, userOf, rules, counting, newcomers);
  for (let round = 0; clears.length > 0 && round < MAX_ROUNDS; round++) {
    const next = clears.filter((clear) => resolution.authority(clear) !== undefined);
    if (next.length === counting.length && next.every((clear, i) => clear === counting[i])) break;
    counting = next;
    resolution = settle(items, userOf, rules, counting, newcomers);
  }
  return resolution;
};

type Report = { readonly item: Item; readonly act: ActOf<'fork'> | ActOf<'revokeDevice'> | ActOf<'veto'> };

/** `clears`: the clearings that count. */
const settle = (
  items: readonly Item[],
  userOf: (device: DeviceId) => UserId | undefined,
  rules: Rules,
  clears: readonly Item[],
  newcomers: Newcomers,
): Resolution => {
  const creator = items[0]?.user ?? ('' as UserId);
  const authorities = new Map<Item, Authority>();
  const owners: UserId[] = [creator];
  const about = new Map<UserId, Word[]>();
  const by = new Map<UserId, Item[]>();
  const reports = new Map<DeviceId, Report[]>();
  const offers = new Map<InviteId, Offer[]>();
  const revoking = new Map<InviteId, Item[]>();
  for (const item of items) {
    into(by, item.user, item);
    for (const act of item.acts) {
      if (act.type === 'fork' || (act.type === 'revokeDevice' && newcomers.rules(item)))
        into(reports, act.device, { item, act });
      if (act.type === 'invite') into(offers, act.invite, { item, act });
      if (act.type === 'revokeInvite') into(revoking, act.invite, item);
    }
    for (const word of item.words) into(about, word.subject, word);
  }
  for (const { item, act } of newcomers.vetoes) into(reports, act.device, { item, act });
  const settled: Settled = {
    creator,
    owners,
    words: (subject) => about.get(subject) ?? [],
    authority: (item) => authorities.get(item),
    rules,
  };
  const levelOf = (word: Word): number => authorities.get(word.item)?.level ?? NONE;
  const counts = (word: Word): boolean => authorities.has(word.item);
  const seniority = (user: UserId): number => seniorityOf(owners, user);
  const byOwners = (word: Word): boolean => levelOf(word) === OWNER || aboutOneself(word);
  const everybody = (): boolean => true;

  const takesEffectFor = (word: Word, rank: number, only: (word: Word) => boolean): boolean =>
    !rules.onlyEffective ||
    decide(settled, word.subject, { only: (other) => !before(word, other) && only(other) }).rank < rank;

  /** RR3, what was unseen: the entry is before each such removal, or after a new grant that came after it. */
  const uncut = (item: Item, grants: readonly Word[], removals: readonly Word[]): boolean =>
    removals.every((removal) => {
      const seenByRemoval = !rules.cuts || has(removal.item.past, item.index);
      if (seenByRemoval && !has(item.past, removal.item.index)) return true;
      return grants.some((grant) => before(removal, grant) && has(item.past, grant.item.index));
    });

  const mayTouch = (user: UserId, target: UserId, level: number, item: Item): boolean => {
    if (target === user) return false;
    const only = level === OWNER || rules.ownersSettleTargets ? byOwners : everybody;
    const { rank } = decide(settled, target, { past: item.past, only });
    if (level === OWNER) return !rules.seniority || rank < OWNER || seniority(user) < seniority(target);
    return !rules.adminsKeepToTheirRank || rank < ADMIN;
  };

  /** What an author of `level` may do to others and to the space, besides words about themselves. */
  const allowed = (act: Act, level: number, item: Item): boolean => {
    const { user } = item;
    switch (act.type) {
      case 'genesis':
        return item === items[0];
      case 'grant': {
        const rank = rankOf(act.role);
        if (!mayTouch(user, act.user, level, item)) return false;
        if (level < OWNER) return rank < level;
        return rank < OWNER || seniority(act.user) > seniority(user);
      }
      case 'revoke':
        return mayTouch(user, act.user, level, item);
      case 'invite':
        return rankOf(act.role) < level;
      case 'revokeInvite': {
        const offer = offerOf(act.invite, item.past);
        return offer === undefined || rankOf(offer.act.role) < level;
      }
      case 'clear': {
        const target = userOf(act.device);
        return target !== undefined && target !== user && (level === OWNER || mayTouch(user, target, level, item));
      }
      case 'policy':
        return level === OWNER;
      case 'join':
      case 'leave':
        return false;
      default:
        return true;
    }
  };
  const offerOf = (invite: InviteId, past: Past): Offer | undefined =>
    offers.get(invite)?.find(({ item }) => has(past, item.index));

  const evaluate = (user: UserId, level: number): void => {
    for (const item of by.get(user) ?? []) {
      if (authorities.has(item) || barred(item) || item.acts.some(({ type }) => type === 'join')) continue;
      const grants = settled
        .words(user)
        .filter(
          (word) =>
            counts(word) &&
            word.type !== 'revoke' &&
            word.rank >= level &&
            has(item.past, word.item.index) &&
            (levelOf(word) === OWNER || level < ADMIN),
        );
      if (!(user === creator && level === OWNER) && grants.length === 0) continue;
      const removals = settled
        .words(user)
        .filter(
          (word) =>
            counts(word) &&
            word.item !== item &&
            word.type !== 'genesis' &&
            lowers(word, level) &&
            (aboutOneself(word) ||
              level < ADMIN ||
              (levelOf(word) === OWNER && (level < OWNER || seniority(word.author) < seniority(user)))) &&
            takesEffectFor(word, level, level < ADMIN ? everybody : byOwners),
        );
      if (!uncut(item, grants, removals)) continue;
      const leaves = item.acts.length === 1 && item.acts[0]?.type === 'leave' && !rules.leaveFirst;
      if (!leaves && !item.acts.every((act) => allowed(act, level, item))) continue;
      authorities.set(item, { level, seniority: level === OWNER ? seniority(user) : 0 });
    }
  };

  /** RR6. */
  const barred = (item: Item): boolean => {
    if (!newcomers.mayCount(item)) return true;
    let reported = false;
    let seen = false;
    for (const { item: report, act } of reports.get(item.device) ?? []) {
      const saw = report === item || has(report.past, item.index);
      if (act.type === 'revokeDevice') {
        // Only a device's own person disowns it.
        if (!saw && act.user === item.user) return true;
      } else if (act.type === 'veto') {
        if (!saw) return true;
      } else if (!clears.some((clear) => has(item.past, clear.index) && lifts(clear, act, items))) {
        if (has(item.past, report.index)) return true;
        reported = true;
        seen ||= saw;
      }
    }
    return reported && !seen;
  };

  // --- RR4, joins ----------------------------------------------------------------------------------------------

  const used = new Map<InviteId, Set<UserId>>();
  /** RR5: when people came in by each link, and who by the links of each Member. */
  const times = new Map<InviteId, number[]>();
  const guestsOf = new Map<UserId, Set<UserId>>();
  const full = ({ item, act }: Offer, from: Authority, hlc: number): boolean => {
    if (!rules.boundedJoins) return false;
    const lately = (times.get(act.invite) ?? []).filter((time) => time > hlc - HOUR);
    times.set(act.invite, lately);
    return (
      lately.length >= JOINS_AN_HOUR ||
      (from.level <= MEMBER && (guestsOf.get(item.user)?.size ?? 0) >= GUESTS_OF_A_MEMBER)
    );
  };
  const revocations = (invite: InviteId): Item[] =>
    (revoking.get(invite) ?? []).filter((item) => authorities.has(item));
  /** Gives whether anybody came in. */
  const admitJoins = (counted: (rank: number) => boolean): boolean => {
    let admitted = false;
    for (const item of items) {
      for (const { type, offer, subject } of item.words) {
        const from = offer && authorities.get(offer.item);
        if (type !== 'join' || authorities.has(item) || !offer || !from || !counted(rankOf(offer.act.role))) continue;
        if (barred(item) || item.hlc > offer.act.notAfter) continue;
        const known = decide(settled, subject, { past: item.past });
        // RL5: no link lifts a ban.
        if (known.rank > NONE || known.word?.ban) continue;
        const { word } = known;
        const removed = word?.type === 'revoke' && !aboutOneself(word);
        if (removed && !has(offer.item.past, word.item.index)) continue;
        if (!revocations(offer.act.invite).every((revocation) => has(revocation.past, item.index))) continue;
        const users = used.get(offer.act.invite) ?? new Set<UserId>();
        if (!users.has(subject)) {
          if ((rules.countedUses && users.size >= offer.act.uses) || full(offer, from, item.hlc)) continue;
          times.set(offer.act.invite, [...(times.get(offer.act.invite) ?? []), item.hlc]);
          guestsOf.set(offer.item.user, (guestsOf.get(offer.item.user) ?? new Set()).add(subject));
        }
        used.set(offer.act.invite, users.add(subject));
        authorities.set(item, from);
        admitted = true;
      }
    }
    return admitted;
  };

  // --- RR4, whoever passes on a right of their own, and what anybody may say --------------------------------------

  const passesOn = (act: Act, right: Right, item: Item): boolean => {
    const { user } = item;
    switch (act.type) {
      case 'grant': {
        const { delegate, shards, notAfter } = limitsIn(item.acts, act.notAfter);
        const own = right.limits;
        return (
          act.user !== user &&
          rankOf(act.role) <= right.rank &&
          own.delegate > delegate &&
          (!own.shards || (shards?.every((shard) => own.shards?.includes(shard)) ?? false)) &&
          (own.notAfter === undefined || (notAfter !== undefined && notAfter <= own.notAfter)) &&
          decide(settled, act.user, { past: item.past }).word === undefined
        );
      }
      case 'revoke': {
        const theirs = rightOf(settled, act.user, { past: item.past });
        return theirs.chain.length > 1 && theirs.word?.author === user;
      }
      case 'invite':
        return (
          right.rank === MEMBER && act.role === 'guest' && policyIn(ruling, settled, item.past, 'invite') === 'member'
        );
      case 'revokeInvite':
        return offerOf(act.invite, item.past)?.item.user === user;
      case 'epoch':
        return right.rank >= MEMBER && item.acts.some(({ type }) => type === 'revokeDevice');
      case 'within':
        return true;
      case 'revokeDevice':
        return act.user === user;
      // The keys that go with the right, or with the epoch.
      case 'wrap':
      case 'wrapPart':
        return item.acts.some(
          (other) =>
            (other.type === 'grant' && other.user === act.wrap.user) ||
            (other.type === 'epoch' && other.epoch === act.epoch),
        );
      case 'certify':
      case 'fork':
      case 'badKey':
      case 'confirm':
      case 'notice':
        return right.rank >= GUEST;
      default:
        return false;
    }
  };
  const ruling = items.filter(({ acts }) => acts.some(({ type }) => type === 'policy'));
  /** RR3. */
  const isCut = (item: Item): boolean => {
    const level = item.acts.some(({ type }) => type === 'epoch' || type === 'invite') ? MEMBER : GUEST;
    const theirs = settled.words(item.user).filter((word) => counts(word) && word.item !== item);
    const removals = theirs.filter(
      (word) => word.type !== 'genesis' && lowers(word, level) && takesEffectFor(word, level, everybody),
    );
    const grants = theirs.filter((word) => word.type !== 'revoke' && word.rank >= level);
    return removals.length > 0 && !uncut(item, grants, removals);
  };
  const evaluateOthers = (): void => {
    for (const item of items) {
      if (authorities.has(item) || barred(item)) continue;
      if (item.acts.some(({ type }) => type === 'join' || type === 'leave')) continue;
      const right = rightOf(settled, item.user, { past: item.past });
      if (right.rank === NONE || !item.acts.every((act) => passesOn(act, right, item)) || isCut(item)) continue;
      authorities.set(item, { level: Math.min(right.rank, MEMBER), seniority: 0 });
    }
  };

  // --- The order of settling ---------------------------------------------------------------------------------------

  for (const item of items) {
    const word = item.words[0];
    const alone = item.acts.length === 1 && word && aboutOneself(word) && word.type !== 'join';
    if (newcomers.heard(item) || (rules.leaveFirst && alone && !barred(item)))
      authorities.set(item, { level: NONE, seniority: 0 });
  }
  for (let place = 0; place < owners.length; place++) {
    const owner = owners[place] as UserId;
    evaluate(owner, OWNER);
    for (const item of by.get(owner) ?? []) {
      if (authorities.get(item)?.level !== OWNER) continue;
      for (const { type, rank, subject } of item.words)
        if (type === 'grant' && rank === OWNER && !owners.includes(subject)) owners.push(subject);
    }
  }
  admitJoins((rank) => rank >= ADMIN);
  const admins = new Set<UserId>();
  for (const item of items)
    for (const word of item.words)
      if (counts(word) && word.type !== 'revoke' && word.rank >= ADMIN) admins.add(word.subject);
  for (const admin of [...admins].sort()) evaluate(admin, ADMIN);
  admitJoins((rank) => rank < ADMIN);
  evaluateOthers();
  // Guests whom a Member let in have a word as well.
  if (admitJoins((rank) => rank < MEMBER)) evaluateOthers();

  return {
    ...settled,
    items,
    used,
    joinTimes: times,
    people: new Set(about.keys()),
    newcomers,
    revokedInvites: new Set([...revoking.keys()].filter((invite) => revocations(invite).length > 0)),
    right: (user, past) => rightOf(settled, user, past ? { past } : {}),
    takesEffect: (word, rank) => takesEffectFor(word, rank, everybody),
  };
};
