/**
 * What a person may do about another, in the words of the screen: one table for the commands that refuse and for the
 * controls that say why they are off. It only foretells: what counts is decided by `resolution.ts` on every node, and a
 * test holds the two against each other at the door.
 *
 * PE1 an Admin acts on Members and Guests; an Owner on everybody but the Owners who were there before.
 * PE2 what one does about oneself is to step down and to leave; the last Owner hands over first.
 * PE3 a ban is lifted by the banner's rank.
 * PE4 a device that has no say yet changes nobody's access (ND3).
 */
import type { Denial as Why } from '../../bridge/messages';
import type { DeviceId, UserId } from '../../vm/op/ids';
import { type Role, rankOf } from './acl';
import type { Rights } from './resolve';

export const PERSON_ACTS = [
  'toGuest',
  'toMember',
  'toAdmin',
  'toOwner',
  'limit',
  'remove',
  'ban',
  'liftBan',
  'refuse',
  'handOver',
  'stepDown',
  'leave',
] as const;
export type { Why };
export type PersonAct = (typeof PERSON_ACTS)[number];

export const ROLE_ACTS: Readonly<Record<Role, PersonAct>> = {
  guest: 'toGuest',
  member: 'toMember',
  admin: 'toAdmin',
  owner: 'toOwner',
};

/** How somebody stands in a space now. */
export type Standing = {
  readonly user: UserId;
  readonly role: Role | 'none';
  /** Place among all who ever were Owners, from the creator down; absent for who never was. */
  readonly seniority?: number | undefined;
  /** The role of whoever banned them. */
  readonly bannedBy?: Role | undefined;
  /** The only Owner, and not alone in the space. */
  readonly lastOwner?: boolean | undefined;
  /** Their right ends by itself, or holds in parts of the space only. */
  readonly limited?: boolean | undefined;
  /** They ask on a device that has no say yet. */
  readonly waits?: boolean | undefined;
};

const ROLE_OF: Partial<Record<PersonAct, Role>> = {
  toGuest: 'guest',
  toMember: 'member',
  toAdmin: 'admin',
  toOwner: 'owner',
};

/** `undefined`: they may. */
export const mayDo = (by: Standing, act: PersonAct, target: Standing): Why | undefined => {
  if (by.role === 'none') return 'notIn';
  if (by.waits) return 'restored';
  if (act === 'stepDown' || act === 'leave') {
    if (by.user !== target.user) return 'onlyYourself';
    if (by.lastOwner) return 'lastOwner';
    return act === 'stepDown' && by.role === 'guest' ? 'lowest' : undefined;
  }
  if (by.user === target.user) return 'yourself';
  if (rankOf(by.role) < rankOf('admin')) return 'adminsOnly';
  if (act === 'handOver' && by.role !== 'owner') return 'ownersOnly';
  const above = whyAbove(by, target);
  if (above) return above;
  const higherBan = target.bannedBy !== undefined && rankOf(by.role) < rankOf(target.bannedBy);
  switch (act) {
    case 'liftBan':
      if (target.bannedBy === undefined) return 'notBanned';
      return higherBan ? 'bannedHigher' : undefined;
    case 'ban':
      return target.bannedBy === undefined ? undefined : 'banned';
    case 'remove':
      return target.role === 'none' ? 'notInSpace' : undefined;
    case 'refuse':
      return target.role === 'none' ? undefined : 'inSpace';
    case 'limit':
      if (target.role === 'none') return 'notInSpace';
      return rankOf(target.role) >= rankOf('admin') ? 'noEnd' : undefined;
    case 'handOver':
      if (target.role === 'none') return 'notInSpace';
      return target.role === 'owner' ? undefined : whyNotRole(by, 'owner', target);
    default: {
      const role = ROLE_OF[act] as Role;
      if (higherBan) return 'bannedHigher';
      if (target.role === role && !target.limited) return 'already';
      return whyNotRole(by, role, target);
    }
  }
};

/** PE1. */
const whyAbove = (by: Standing, target: Standing): Why | undefined => {
  if (by.role === 'admin') return rankOf(target.role) >= rankOf('admin') ? 'ownersOnly' : undefined;
  return target.role === 'owner' && !isJunior(target, by) ? 'senior' : undefined;
};
const whyNotRole = (by: Standing, role: Role, target: Standing): Why | undefined => {
  if (by.role === 'admin') return rankOf(role) >= rankOf('admin') ? 'ownersOnly' : undefined;
  return role === 'owner' && !isJunior(target, by) ? 'senior' : undefined;
};
const isJunior = (target: Standing, by: Standing): boolean =>
  (target.seniority ?? Number.POSITIVE_INFINITY) > (by.seniority ?? Number.POSITIVE_INFINITY) ||
  target.seniority === undefined;

/** Everybody who ever was an Owner by words that count, from the creator down: as in RR2. */
const ownersIn = (rights: Pick<Rights, 'creator' | 'history'>): readonly UserId[] => {
  const creator = rights.creator();
  if (creator === undefined) return [];
  const owners = [creator];
  const history = rights.history();
  for (let place = 0; place < owners.length; place++) {
    for (const { item, counts } of history) {
      if (!counts || item.user !== owners[place]) continue;
      for (const { type, rank, subject } of item.words)
        if (type === 'grant' && rank === rankOf('owner') && !owners.includes(subject)) owners.push(subject);
    }
  }
  return owners;
};

/** Until when the device has no say, network time in ms; `undefined` where it has. */
export const waitsUntil = (rights: Pick<Rights, 'standingOf'>, device: DeviceId, now: number): number | undefined => {
  const standing = rights.standingOf(device);
  return standing?.type === 'waiting' && now < standing.until ? standing.until : undefined;
};

/** Answers for everybody, from one look at the log. `now`: network time, ms. `device`: on which it is asked. */
export const standingsIn = (rights: Rights, now: number, device?: DeviceId): ((user: UserId) => Standing) => {
  const waits = device !== undefined && waitsUntil(rights, device, now) !== undefined;
  const asking = device && rights.userOf(device);
  const owners = ownersIn(rights);
  const members = rights.members(now);
  const ruling = [...members.values()].filter((role) => role === 'owner').length;
  return (user) => {
    const role = members.get(user) ?? 'none';
    const place = owners.indexOf(user);
    const { word, limits } = rights.right(user);
    const by = role === 'none' && word?.ban ? rights.roleAt(word.author, word.item.id) : 'none';
    return {
      user,
      role,
      seniority: place < 0 ? undefined : place,
      bannedBy: by === 'none' ? undefined : by,
      lastOwner: role === 'owner' && ruling === 1 && members.size > 1,
      limited: limits.notAfter !== undefined || limits.shards !== undefined,
      waits: waits && user === asking,
    };
  };
};
