/**
 * The rights of one space on one node: takes entries of the rights log and answers who may do what. A function of the set
 * of entries: the order in which they were added never matters, as long as each comes after those it cites.
 *
 * RI1 an entry is taken by its causal past alone: going by what it cites, its author could do each of its acts. Whether
 *     it counts among all that is known now is for `resolution.ts`.
 * RI2 a device belongs to whom it has named itself, in an entry that it signed; the first such entry counts.
 */
import { onceOf } from '../../base/once';
import type { Entry, EntryClass } from '../../vm/op/entry';
import {
  type DeviceId,
  type EntryId,
  type InviteId,
  type ShardId,
  type SpaceId,
  type SpaceKind,
  spaceIdOf,
  type UserId,
} from '../../vm/op/ids';
import { type AclBody, type ActOf, type Certificate, MAX_DELEGATION, type Role, rankOf } from './acl';
import type { Place } from './cuts';
import { keyIsOut } from './epochs';
import { claimsOf, readFork } from './fork';
import { type Right, type Rules, SOUND } from './layers';
import type { DeviceStanding } from './newcomers';
import { Named, Newcoming } from './newcoming';
import { has, type Past, sizeOf, union } from './past';
import { isPolicy, policyIn } from './policy';
import { type Resolution, resolve } from './resolution';
import {
  accepted,
  adopted,
  covers,
  type Standing,
  type Suspension,
  standingAt,
  suspended,
  suspensionsOf,
} from './verdict';
import { type Item, inOrder, type Limits, limitsIn, NONE, type Offer, type Word, wordsOf } from './words';

/** An entry whose form, signature, certificates and join proof were checked. */
export type AclEntry = { readonly entry: Entry; readonly body: AclBody };

export type InviteState = ActOf<'invite'> & {
  readonly by: UserId;
  readonly entry: EntryId;
  readonly revoked: boolean;
  readonly used: number;
  readonly limits: Limits;
};
export type JoinRequest = {
  readonly entry: EntryId;
  /** The confirmed invite by which they ask. */
  readonly invite: InviteId;
  readonly user: UserId;
  readonly device: DeviceId;
  readonly certificate: Certificate;
  readonly role: Role;
  readonly limits: Limits;
  readonly hlc: number;
};
/** What is asked about a content entry. `hlc` in ms. */
export type Asked = {
  readonly device: DeviceId;
  readonly aclRef: EntryId;
  readonly class: EntryClass;
  readonly shard: ShardId;
  readonly hlc: number;
} & Place;
/**
 * How the rights log judges a content entry. `held`: stored, not shown, may be adopted by an Admin. `until`: the right was
 * temporary, so the entry must not come to light too late.
 */
export type Verdict =
  | { readonly type: 'allowed'; readonly role: Role; readonly user: UserId; readonly until: number | undefined }
  | { readonly type: 'refused' | 'held' | 'unknownHead'; readonly reason: string };

export type Rights = {
  /** `false`: the entry is void by its own past, whatever else is known; it is not added. */
  add(entry: AclEntry): boolean;
  has(id: EntryId): boolean;
  /** Whether `later` had `earlier` in its past. */
  knows(later: EntryId, earlier: EntryId): boolean;
  heads(): readonly EntryId[];
  ids(): readonly EntryId[];
  genesis(): ActOf<'genesis'> | undefined;
  creator(): UserId | undefined;
  /** Whether the acts of this entry count, now that all that is known is known. */
  stands(id: EntryId): boolean;
  /** `now`, network time in ms: a temporary right that has ended is none. Without it rights do not end. */
  role(user: UserId, now?: number): Role | 'none';
  right(user: UserId): Right;
  roleAt(user: UserId, head: EntryId): Role | 'none';
  /** By what `head` knows alone. */
  rightAt(user: UserId, head: EntryId): Right | undefined;
  userOf(device: DeviceId): UserId | undefined;
  /** Whose the device is, as far as `head` knows. */
  userAt(device: DeviceId, head: EntryId): UserId | undefined;
  devicesOf(user: UserId): readonly DeviceId[];
  suspensions(device: DeviceId): readonly Suspension[];
  /** How a device stands among those of its person; `undefined` of an only one. */
  standingOf(device: DeviceId): DeviceStanding | undefined;
  /** Words of devices for others of their person, whether they count or not. */
  confirms(): readonly ActOf<'confirm'>[];
  /** Devices that have no say yet. */
  newcomers(): readonly DeviceStanding[];
  /** The key of an invite that one of `heads` knows, whether it still stands or not. */
  inviteKeyAt(invite: InviteId, heads: readonly EntryId[]): Uint8Array | undefined;
  certificates(): ReadonlyMap<DeviceId, Certificate>;
  /** All that devices of the person have shown, also those that are not theirs any more. */
  certificatesOf(user: UserId): readonly Certificate[];
  members(now?: number): ReadonlyMap<UserId, Role>;
  /** Of the last certificate of a device that is still theirs. */
  keyringOf(user: UserId): Uint8Array | undefined;
  invites(): ReadonlyMap<InviteId, InviteState>;
  /** Those that wait: nobody has answered them, and their invite was not revoked. The last one of each person by an invite. */
  requests(): readonly JoinRequest[];
  /** Requests that were answered with a no, by whom. */
  refusedRequests(): ReadonlyMap<EntryId, UserId>;
  relays(): ReadonlyMap<DeviceId, ActOf<'relay'>>;
  /** Standing epochs, oldest first. */
  epochs(): readonly Epoch[];
  wraps(): readonly ActOf<'wrap'>[];
  /** Notices that a wrapped key is not the epoch's. */
  badKeys(): readonly (ActOf<'badKey'> & { readonly by: UserId; readonly entry: EntryId })[];
  /** Whether somebody who is not in the space can know the key that is written under now: an Admin must make a new one. */
  keyIsOut(now?: number): boolean;
  roomKeys(): readonly Uint8Array[];
  kind(): SpaceKind;
  policy(key: string, head?: EntryId): string | undefined;
  /** By what the cited rights know alone: a refusal here is for good, and equal on all nodes. */
  judgeAt(asked: Asked): Verdict;
  /** By all that is known. */
  judge(asked: Asked): Verdict;
  /** All that was signed about rights, oldest first, with what came of it. */
  history(): readonly { readonly item: Item; readonly counts: boolean }[];
  /** Changes whenever the judgement of an older entry may have changed. */
  generation(): number;
};
export type Epoch = {
  readonly act: ActOf<'epoch'>;
  readonly entry: EntryId;
  readonly item: Item;
  readonly by: UserId;
};

const roleOfRank = (rank: number): Role | 'none' =>
  (['none', 'guest', 'member', 'admin', 'owner'] as const)[rank] ?? 'none';

/** Every device certificate that a body brings along. */
export const certificatesIn = (body: AclBody): readonly Certificate[] =>
  body.acts.flatMap((act) => ('certificate' in act && act.certificate ? [act.certificate] : []));

/** The least rank that may write a class: what a node without keys enforces. */
export const LEAST: Readonly<Record<EntryClass, number>> = {
  content: rankOf('member'),
  annotation: rankOf('guest'),
  personal: rankOf('guest'),
  system: rankOf('admin'),
};

/** `rules`: all defences, but in tests of each. */
export const createRights = (space: SpaceId, rules: Rules = SOUND): Rights => {
  const known: Item[] = [];
  const ordered: Item[] = [];
  const byId = new Map<EntryId, Item>();
  let heads: EntryId[] = [];
  const claims = new Map<DeviceId, { readonly item: Item; readonly certificate: Certificate }[]>();
  /** Whose devices are whose, until the next entry. */
  let devicesByUser: Map<UserId, DeviceId[]> | undefined;
  /** Answers found already, until the next entry. */
  let current: Answers | undefined;
  /** Of all that is known, where it was found already. */
  let present: Resolution | undefined;
  const earlier = new Map<EntryId, Resolution>();
  /** What was settled last of all that was known then, where only newcomers came since. */
  let newcoming: Newcoming | undefined;
  const newNames = new Named();
  const offers = new Map<InviteId, Offer[]>();

  const userIn = (device: DeviceId, past?: Past): UserId | undefined =>
    claims.get(device)?.find(({ item }) => !past || has(past, item.index))?.certificate.user;
  const pastWith = (item: Item): Past => union([item.past], item.index);
  const answers = (): Answers => {
    if (!present) {
      present = resolve([...ordered], (device) => userIn(device), rules);
      newcoming = new Newcoming(present);
    }
    current ??= answersFrom(present, claims);
    return current;
  };
  /** Of what `past` knows; all that is known is answered from the present. */
  const resolutionOf = (past: Past): Resolution =>
    sizeOf(past) === known.length
      ? answers().resolution
      : resolve(
          ordered.filter((item) => has(past, item.index)),
          (device) => userIn(device, past),
          rules,
        );
  const resolutionAt = (item: Item): Resolution => {
    let found = earlier.get(item.id);
    if (!found) {
      found = resolutionOf(pastWith(item));
      // It never changes, except that the present is kept for its latest head only.
      if (earlier.size >= 512) earlier.delete(earlier.keys().next().value as EntryId);
      earlier.set(item.id, found);
    }
    return found;
  };

  /** RI1, the parts that need no authority. */
  const wellFormed = (item: Item): boolean => {
    const { acts, user } = item;
    const first = item.index === 0;
    if (first !== (acts[0]?.type === 'genesis')) return false;
    const alone = acts.some(({ type }) => type === 'leave' || type === 'join' || type === 'genesis');
    const others = first ? acts.slice(1).filter(({ type }) => type !== 'confirm') : acts.slice(1);
    if (alone && others.length > 0) return false;
    return acts.every((act) => {
      switch (act.type) {
        case 'genesis':
          return spaceIdOf(user, item.device, act.kind, act.nonce) === space;
        case 'leave':
          return act.user === user;
        case 'revoke':
          return act.user !== user;
        case 'grant':
          return act.user !== user || acts.length === 1;
        case 'ban':
          return acts.some((other) => other.type === 'revoke' && other.user === act.user);
        case 'within':
          return act.delegate <= MAX_DELEGATION && acts.filter(({ type }) => type === 'within').length === 1;
        case 'policy':
          return isPolicy(act.key, act.value);
        case 'revokeDevice':
          // Also one that has not shown itself here yet: it is not to come in later.
          return act.user === user && act.device !== item.device && isOwn(act.device, item);
        case 'fork':
          return isProved(act, item.past);
        case 'confirm':
          if (first) return act.by === item.device && acts.length === 2;
          return act.by !== act.device && userIn(act.by, item.past) === user && isOwn(act.device, item);
        case 'notice':
          return act.device !== item.device && userIn(act.device, item.past) !== undefined;
        case 'veto':
          // Also before it has shown itself, as above.
          return act.device !== item.device && acts.every(({ type }) => type === 'veto') && isOwn(act.device, item);
        default:
          return true;
      }
    });
  };

  /** As far as the entry knows. */
  const isOwn = (device: DeviceId, { user, past }: Item): boolean => (userIn(device, past) ?? user) === user;

  /** A fork whose two entries the reporter had the rights for: a report does not reach further back than the fork. */
  const isProved = (act: ActOf<'fork'>, past: Past): boolean => {
    if (userIn(act.device, past) === undefined || readFork(space, act) === undefined) return false;
    return claimsOf(act).every(({ cited }) => {
      const known = byId.get(cited);
      return known !== undefined && has(past, known.index);
    });
  };

  const add = ({ entry, body }: AclEntry): boolean => {
    if (byId.has(entry.id)) return true;
    const cited = body.heads.map((id) => byId.get(id));
    if (cited.some((item) => item === undefined))
      throw new Error('Broken invariant: a rights entry before those it cites');
    const past = union(
      (cited as Item[]).map((item) => item.past),
      ...(cited as Item[]).map((item) => item.index),
    );
    const { device, hlc } = entry.header;
    const brought = certificatesIn(body);
    const user = userIn(device, past) ?? brought[0]?.user;
    if (!user || body.acts.length === 0) return false;
    // Nobody names another's device.
    if (brought.some((certificate) => certificate.device !== device || certificate.user !== user)) return false;
    const item = wordsOf({ id: entry.id, index: known.length, hlc, device, user, acts: body.acts, past }, offerIn);
    if (!wellFormed(item)) return false;
    for (const certificate of brought)
      claims.set(
        device,
        [...(claims.get(device) ?? []), { item, certificate }].sort((a, b) => inOrder(a.item, b.item)),
      );
    const latest = heads.every((id) => has(past, (byId.get(id) as Item).index));
    const last = ordered.at(-1);
    if (latest && last && inOrder(last, item) < 0 && newNames.isNew(item) && newcoming?.admits(item)) {
      take(item, body.heads);
      present = undefined;
      return true;
    }
    const before = latest ? ordered : ordered.filter((other) => has(past, other.index));
    const stood = resolve([...before, item].sort(inOrder), (of) => userIn(of, pastWith(item)), rules);
    // Whoever steps down gives something up.
    const [only] = item.acts;
    const raises = only?.type === 'grant' && only.user === user && rankOf(only.role) >= stood.right(user, past).rank;
    const request = only?.type === 'join' ? offerIn(only.invite, past)?.act : undefined;
    const asks = request?.confirm && hlc <= request.notAfter;
    if (raises || (stood.authority(item) === undefined && !asks)) {
      if (brought.length > 0)
        claims.set(
          device,
          (claims.get(device) ?? []).filter((claim) => claim.item !== item),
        );
      return false;
    }
    take(item, body.heads);
    present = latest ? stood : undefined;
    newcoming = present && new Newcoming(present);
    return true;
  };
  const take = (item: Item, cited: readonly EntryId[]): void => {
    known.push(item);
    newNames.add(item);
    byId.set(item.id, item);
    let at = ordered.length;
    while (at > 0 && inOrder(ordered[at - 1] as Item, item) > 0) at--;
    ordered.splice(at, 0, item);
    for (const act of item.acts)
      if (act.type === 'invite')
        offers.set(
          act.invite,
          [...(offers.get(act.invite) ?? []), { item, act }].sort((a, b) => inOrder(a.item, b.item)),
        );
    heads = [...heads.filter((head) => !cited.includes(head)), item.id].sort();
    current = undefined;
    devicesByUser = undefined;
  };
  const offerIn = (invite: InviteId, past: Past): Word['offer'] =>
    offers.get(invite)?.find(({ item }) => has(past, item.index));

  const rightAt: Rights['rightAt'] = (user, head) => {
    const cited = byId.get(head);
    return cited && resolutionAt(cited).right(user);
  };
  const judgeIn = (resolution: Resolution, asked: Asked, cited: Item, standings: Map<string, Standing>): Verdict => {
    const past = pastWith(cited);
    const user = userIn(asked.device, past);
    if (!user) return { type: 'refused', reason: 'unknownAuthor' };
    const { items } = resolution;
    const rule = (key: string) => policyIn(items, resolution, past, key) as Role | undefined;
    const policy = rule(`${asked.class}:${asked.shard}`) ?? rule(asked.class);
    const least = Math.max(LEAST[asked.class], policy ? rankOf(policy) : NONE);
    const key = `${user}${cited.id}${least}`;
    const standing = standings.get(key) ?? standingAt(resolution, user, past, least);
    standings.set(key, standing);
    const { right } = standing;
    if (right.rank < least) return { type: 'refused', reason: 'notAllowed' };
    if (!covers(right, asked.shard)) return { type: 'refused', reason: 'outsideScope' };
    const until = right.limits.notAfter;
    if (until !== undefined && asked.hlc > until) return { type: 'refused', reason: 'expired' };
    const suspensions = suspensionsIn(resolution).get(asked.device) ?? [];
    if (suspended(resolution, suspensions, { user, past, place: asked }))
      return { type: 'held', reason: 'deviceSuspended' };
    if (!accepted(resolution, standing, asked)) return { type: 'held', reason: 'authorRemoved' };
    const role = roleOfRank(right.rank) as Role;
    const open = until !== undefined && !adopted(resolution, user, asked);
    return { type: 'allowed', role, user, until: open ? until : undefined };
  };
  const unknownHead: Verdict = { type: 'unknownHead', reason: 'unknownRights' };

  const rankNow = ({ rank, limits }: Right, now: number | undefined): number =>
    now !== undefined && limits.notAfter !== undefined && limits.notAfter < now ? NONE : rank;
  const members = (now?: number): ReadonlyMap<UserId, Role> => {
    const { roles, lasting } = everybodyIn(answers());
    if (now === undefined || lasting) return roles;
    return new Map([...roles].filter(([user]) => rankNow(answers().right(user), now) !== NONE));
  };
  const genesis = (): ActOf<'genesis'> | undefined =>
    known[0]?.acts.find((act): act is ActOf<'genesis'> => act.type === 'genesis');

  const self: Rights = {
    add,
    has: (id) => byId.has(id),
    knows: (later, earlier) => {
      const [one, other] = [byId.get(later), byId.get(earlier)];
      return one !== undefined && other !== undefined && has(one.past, other.index);
    },
    heads: () => heads,
    ids: () => known.map((item) => item.id),
    genesis,
    creator: () => known[0]?.user,
    stands: (id) => {
      const item = byId.get(id);
      return item !== undefined && answers().resolution.authority(item) !== undefined;
    },
    role: (user, now) => (known.length === 0 ? 'none' : roleOfRank(rankNow(answers().right(user), now))),
    right: (user) => answers().right(user),
    roleAt: (user, head) => roleOfRank(rightAt(user, head)?.rank ?? NONE),
    rightAt,
    userOf: (device) => userIn(device),
    userAt: (device, head) => {
      const cited = byId.get(head);
      return cited && userIn(device, pastWith(cited));
    },
    devicesOf: (user) => {
      if (!devicesByUser) {
        devicesByUser = new Map();
        for (const device of [...claims.keys()].sort()) {
          const owner = userIn(device);
          if (!owner) continue;
          const theirs = devicesByUser.get(owner);
          if (theirs) theirs.push(device);
          else devicesByUser.set(owner, [device]);
        }
      }
      return devicesByUser.get(user) ?? [];
    },
    suspensions: (device) => {
      const user = userIn(device);
      const found = answers().suspensions.get(device) ?? [];
      return found.filter(({ type, by }) => type === 'forked' || user === undefined || by === user);
    },
    standingOf: (device) => answers().resolution.newcomers.of(device),
    confirms: () => answers().confirms,
    newcomers: () => answers().resolution.newcomers.waiting,
    inviteKeyAt: (invite, at) => {
      const cited = at.flatMap((head) => byId.get(head) ?? []);
      return offerIn(
        invite,
        union(
          cited.map((item) => item.past),
          ...cited.map((item) => item.index),
        ),
      )?.act.key;
    },
    certificates: () => answers().certificates,
    certificatesOf: (user) =>
      [...claims.values()].flatMap((claimed) =>
        claimed.flatMap(({ certificate }) => (certificate.user === user ? [certificate] : [])),
      ),
    members,
    keyringOf: (user) => answers().keyrings.get(user),
    invites: () => answers().invites,
    requests: () => answers().requests,
    refusedRequests: () => answers().refusedRequests,
    relays: () => answers().relays,
    epochs: () => answers().epochs,
    wraps: () => answers().wraps,
    badKeys: () => answers().badKeys,
    keyIsOut: (now) => keyIsOut(self, now ?? Number.NEGATIVE_INFINITY) !== undefined,
    roomKeys: () => {
      const first = genesis();
      return [...(first ? [first.roomKey] : []), ...answers().epochs.map(({ act }) => act.roomKey)];
    },
    kind: () => genesis()?.kind ?? 'team',
    policy: (key, head) => {
      const cited = head && byId.get(head);
      const { resolution } = answers();
      return policyIn(resolution.items, resolution, cited ? pastWith(cited) : undefined, key);
    },
    judgeAt: (asked) => {
      const cited = byId.get(asked.aclRef);
      return cited ? judgeIn(resolutionAt(cited), asked, cited, new Map()) : unknownHead;
    },
    judge: (asked) => {
      const cited = byId.get(asked.aclRef);
      return cited ? judgeIn(answers().resolution, asked, cited, answers().standings) : unknownHead;
    },
    history: () => ordered.map((item) => ({ item, counts: answers().resolution.authority(item) !== undefined })),
    generation: () => known.length,
  };
  return self;
};

// --- What a resolution comes to ------------------------------------------------------------------------------

type Claims = ReadonlyMap<DeviceId, readonly { readonly item: Item; readonly certificate: Certificate }[]>;
type Answers = {
  readonly resolution: Resolution;
  right(user: UserId): Right;
  readonly suspensions: ReadonlyMap<DeviceId, readonly Suspension[]>;
  readonly standings: Map<string, Standing>;
  readonly certificates: ReadonlyMap<DeviceId, Certificate>;
  readonly keyrings: ReadonlyMap<UserId, Uint8Array>;
  readonly invites: ReadonlyMap<InviteId, InviteState>;
  readonly requests: readonly JoinRequest[];
  readonly refusedRequests: ReadonlyMap<EntryId, UserId>;
  readonly relays: ReadonlyMap<DeviceId, ActOf<'relay'>>;
  readonly epochs: readonly Epoch[];
  readonly wraps: readonly ActOf<'wrap'>[];
  readonly badKeys: readonly (ActOf<'badKey'> & { readonly by: UserId; readonly entry: EntryId })[];
  readonly confirms: readonly ActOf<'confirm'>[];
};

const suspensionsKnown = new WeakMap<Resolution, ReadonlyMap<DeviceId, readonly Suspension[]>>();
const suspensionsIn = (resolution: Resolution): ReadonlyMap<DeviceId, readonly Suspension[]> => {
  const found = suspensionsKnown.get(resolution) ?? suspensionsOf(resolution);
  suspensionsKnown.set(resolution, found);
  return found;
};

/** `lasting`: nobody's right ends by itself. */
const everybodyIn = onceOf(({ resolution, right }: Answers) => {
  const roles = new Map<UserId, Role>();
  let lasting = true;
  for (const user of resolution.people) {
    const { rank, limits } = right(user);
    const role = roleOfRank(rank);
    if (role !== 'none') roles.set(user, role);
    lasting &&= limits.notAfter === undefined;
  }
  return { roles: roles as ReadonlyMap<UserId, Role>, lasting };
});

const answersFrom = (resolution: Resolution, claims: Claims): Answers => {
  const rightsFound = new Map<UserId, Right>();
  const right = (user: UserId): Right => {
    const found = rightsFound.get(user) ?? resolution.right(user);
    rightsFound.set(user, found);
    return found;
  };
  const suspensions = suspensionsIn(resolution);
  const certificates = new Map<DeviceId, Certificate>();
  const latest = new Map<UserId, { item: Item; certificate: Certificate; weight: number }>();
  const takings = new Map<UserId, Item[]>();
  for (const item of resolution.items)
    if (item.acts.some(({ type }) => type === 'revokeDevice') && resolution.newcomers.rules(item))
      takings.set(item.user, [...(takings.get(item.user) ?? []), item]);
  for (const [device, claimed] of claims) {
    const first = claimed[0]?.certificate;
    if (!first) continue;
    certificates.set(device, first);
    if (suspensions.get(device)?.some(({ type, by }) => type === 'revoked' && by === first.user)) continue;
    for (const { item, certificate } of claimed) {
      if (certificate.user !== first.user) continue;
      // A keyring shown by somebody who had not heard that a device was taken away may be one that it knows.
      const current = (takings.get(first.user) ?? []).every(
        (taking) => taking === item || has(item.past, taking.index),
      );
      // Nor is that of a device that has no say yet: it would choose who reads what.
      const weight = Number(resolution.newcomers.rules(item)) * 2 + Number(current);
      const last = latest.get(first.user);
      if (!last || last.weight < weight || (last.weight === weight && inOrder(last.item, item) < 0))
        latest.set(first.user, { item, certificate, weight });
    }
  }
  const invites = new Map<InviteId, InviteState>();
  const requests = new Map<string, JoinRequest>();
  const refusedRequests = new Map<EntryId, UserId>();
  /** Of confirmed invites: whom somebody has let in by one. */
  const letIn = new Map<InviteId, Set<UserId>>();
  const relays = new Map<DeviceId, ActOf<'relay'>>();
  const epochs: Epoch[] = [];
  const wraps: ActOf<'wrap'>[] = [];
  const badKeys: Answers['badKeys'][number][] = [];
  for (const item of resolution.items) {
    const [first] = item.acts;
    const offer = first?.type === 'join' ? invites.get(first.invite) : undefined;
    if (first?.type === 'join' && offer?.confirm && item.hlc <= offer.notAfter) {
      const { certificate, invite } = first;
      const { role, limits, revoked } = offer;
      const answered = resolution
        .words(item.user)
        .filter((word) => resolution.authority(word.item) !== undefined && has(word.item.past, item.index));
      if (answered.some(({ type }) => type === 'grant'))
        letIn.set(invite, (letIn.get(invite) ?? new Set()).add(item.user));
      const no = answered.find(({ type }) => type === 'revoke');
      if (no) refusedRequests.set(item.id, no.author);
      else if (!revoked && right(item.user).rank === NONE) {
        const { id: entry, user, device, hlc } = item;
        requests.set(`${user}${invite}`, { entry, invite, user, device, certificate, role, limits, hlc });
      }
    }
    if (resolution.authority(item) === undefined) continue;
    for (const act of item.acts) {
      if (act.type === 'invite' && !invites.has(act.invite)) {
        const revoked = resolution.revokedInvites.has(act.invite);
        const used = resolution.used.get(act.invite)?.size ?? 0;
        const limits = limitsIn(item.acts, undefined);
        invites.set(act.invite, { ...act, by: item.user, entry: item.id, revoked, used, limits });
      }
      if (act.type === 'relay') relays.set(act.device, act);
      if (act.type === 'unrelay') relays.delete(act.device);
      if (act.type === 'epoch') epochs.push({ act, entry: item.id, item, by: item.user });
      if (act.type === 'wrap') wraps.push(act);
      if (act.type === 'badKey') badKeys.push({ ...act, by: item.user, entry: item.id });
    }
  }
  for (const [invite, people] of letIn) {
    const state = invites.get(invite);
    if (state) invites.set(invite, { ...state, used: people.size });
  }
  const keyrings = new Map([...latest].map(([user, { certificate }]) => [user, certificate.keyring as Uint8Array]));
  return {
    resolution,
    right,
    suspensions,
    standings: new Map(),
    certificates,
    keyrings,
    invites,
    requests: [...requests.values()],
    refusedRequests,
    relays,
    epochs,
    wraps,
    badKeys,
    confirms: resolution.items.flatMap(({ acts }) => acts.flatMap((act) => (act.type === 'confirm' ? [act] : []))),
  };
};
