/**
 * From a set of entries of the rights log to who may do what. A function of the set: the order in which entries were
 * added never matters, as long as each comes after those it cites.
 *
 * RI1 an entry is valid by its causal past alone: its author's role there must allow each of its acts.
 * RI2 among acts about one person the causally last ones count; concurrent ones: a removal wins, else the lower role.
 * RI3 what somebody signed concurrently with their own removal is void when the remover outranks them, or is the
 *     senior of two Owners.
 * RI4 an open invite admits the first `uses` joins by (time, id); later ones are void.
 */
import type { Entry } from '../../vm/op/entry';
import type { DeviceId, EntryId, EpochId, InviteId, LogId, SpaceId, SpaceKind, UserId } from '../../vm/op/ids';
import { spaceIdOf } from '../../vm/op/ids';
import { type AclBody, type Act, type ActOf, type Certificate, type Role, rankOf } from './acl';

/** An entry whose form, signature, certificates and join proof were checked. */
export type AclEntry = { readonly entry: Entry; readonly body: AclBody };

type Known = {
  readonly id: EntryId;
  readonly index: number;
  readonly hlc: number;
  readonly device: DeviceId;
  readonly user: UserId | undefined;
  readonly acts: readonly Act[];
  readonly past: Bits;
  valid: boolean;
  rank: number;
};
/** A set of entries, by their index of arrival. */
type Bits = Uint32Array;
const has = (bits: Bits, index: number): boolean => ((bits[index >>> 5] ?? 0) & (1 << (index & 31))) !== 0;
const union = (sets: readonly Bits[], ...more: readonly number[]): Bits => {
  const size = Math.max(1, ...sets.map((set) => set.length), ...more.map((index) => (index >>> 5) + 1));
  const bits = new Uint32Array(size);
  for (const set of sets) for (let i = 0; i < set.length; i++) bits[i] = (bits[i] as number) | (set[i] as number);
  for (const index of more) bits[index >>> 5] = (bits[index >>> 5] as number) | (1 << (index & 31));
  return bits;
};

export type InviteState = ActOf<'invite'> & {
  readonly by: UserId;
  readonly entry: EntryId;
  readonly revoked: boolean;
  readonly used: number;
};
export type JoinRequest = {
  readonly entry: EntryId;
  readonly user: UserId;
  readonly device: DeviceId;
  readonly certificate: Certificate;
  readonly role: Role;
  readonly hlc: number;
};
/** A removal or demotion, and how much of the person's work it accepts. */
type Lowering = { readonly index: number; readonly rank: number; readonly cut: ReadonlyMap<LogId, number> };

/** How the rights log judges a content entry. `held`: stored, not shown, may be adopted by an Admin. */
export type Verdict =
  | { readonly type: 'allowed'; readonly role: Role; readonly user: UserId }
  | { readonly type: 'refused' | 'held' | 'unknownHead'; readonly reason: string };

export type Rights = {
  /** `false`: the entry is void by its own past, whatever else is known; it is not added. */
  add(entry: AclEntry): boolean;
  has(id: EntryId): boolean;
  heads(): readonly EntryId[];
  ids(): readonly EntryId[];
  genesis(): ActOf<'genesis'> | undefined;
  /** Which of the acts of this entry count, now that all that is known is known. */
  stands(id: EntryId): boolean;
  role(user: UserId): Role | 'none';
  roleAt(user: UserId, head: EntryId): Role | 'none';
  userOf(device: DeviceId): UserId | undefined;
  certificates(): ReadonlyMap<DeviceId, Certificate>;
  members(): ReadonlyMap<UserId, Role>;
  keyringOf(user: UserId): Uint8Array | undefined;
  invites(): ReadonlyMap<InviteId, InviteState>;
  requests(): readonly JoinRequest[];
  relays(): ReadonlyMap<DeviceId, ActOf<'relay'>>;
  /** Standing epochs, oldest first. */
  epochs(): readonly {
    readonly act: ActOf<'epoch'>;
    readonly entry: EntryId;
    readonly index: number;
    readonly by: UserId;
  }[];
  wraps(): readonly ActOf<'wrap'>[];
  roomKeys(): readonly Uint8Array[];
  kind(): SpaceKind;
  /** A content entry of `device` that cites `head`, at `seq` of `log`. */
  judge(device: DeviceId, head: EntryId, log: LogId, seq: number): Verdict;
  /** How many removals and demotions count: with more of them older entries may be judged otherwise. */
  lowerings(): number;
  /** Changes whenever the judgement of an older entry may have changed. */
  generation(): number;
};

const roleOfRank = (rank: number): Role | 'none' =>
  (['none', 'guest', 'member', 'admin', 'owner'] as const)[rank] ?? 'none';

/** Every device certificate that a body brings along. */
export const certificatesIn = (body: AclBody): readonly Certificate[] =>
  body.acts.flatMap((act) => ('certificate' in act && act.certificate ? [act.certificate] : []));

export const createRights = (space: SpaceId): Rights => {
  const known: Known[] = [];
  const byId = new Map<EntryId, Known>();
  let heads: EntryId[] = [];
  let generation = 0;
  const certificates = new Map<DeviceId, Certificate>();
  let resolved = emptyResolution();
  /** Ranks already found, until the next entry. */
  const ranks = new Map<string, number>();
  const rankAt = (user: UserId, cited: Known, standingOnly: boolean): number => {
    const key = `${user}${cited.id}${standingOnly}`;
    const rank =
      ranks.get(key) ??
      rankIn(
        user,
        union([cited.past], cited.index),
        standingOnly ? (item) => resolved.standing.has(item.id) : () => true,
      );
    ranks.set(key, rank);
    return rank;
  };

  function emptyResolution() {
    return {
      standing: new Set<EntryId>(),
      roles: new Map<UserId, Role>(),
      lowerings: new Map<UserId, Lowering[]>(),
      invites: new Map<InviteId, InviteState>(),
      requests: [] as JoinRequest[],
      relays: new Map<DeviceId, ActOf<'relay'>>(),
      epochs: [] as { act: ActOf<'epoch'>; entry: EntryId; index: number; by: UserId }[],
      wraps: [] as ActOf<'wrap'>[],
    };
  }

  /** Acts about a person: the rank each gives. A join is judged by its invite. */
  const rankGiven = (act: Act, user: UserId, among: Bits): number | undefined => {
    if (act.type === 'genesis' && act.certificate.user === user) return rankOf('owner');
    if (act.type === 'grant' && act.user === user) return rankOf(act.role);
    if ((act.type === 'revoke' || act.type === 'leave') && act.user === user) return 0;
    if (act.type === 'join' && act.certificate.user === user) {
      const invite = inviteIn(act.invite, among);
      return invite && !invite.confirm ? rankOf(invite.role) : undefined;
    }
    return undefined;
  };
  const inviteIn = (id: InviteId, among: Bits): ActOf<'invite'> | undefined => {
    for (const item of known) {
      if (!item.valid || !has(among, item.index)) continue;
      for (const act of item.acts) if (act.type === 'invite' && act.invite === id) return act;
    }
    return undefined;
  };

  /** RI2 over the valid entries of `among` that `counts` lets through. */
  const rankIn = (user: UserId, among: Bits, counts: (item: Known) => boolean): number => {
    const about: { item: Known; rank: number }[] = [];
    for (const item of known) {
      if (!item.valid || !has(among, item.index) || !counts(item)) continue;
      let rank: number | undefined;
      for (const act of item.acts) rank = rankGiven(act, user, union([item.past], item.index)) ?? rank;
      if (rank !== undefined) about.push({ item, rank });
    }
    const last = about.filter(
      ({ item }) => !about.some((later) => later.item !== item && has(later.item.past, item.index)),
    );
    return last.length === 0 ? 0 : Math.min(...last.map(({ rank }) => rank));
  };

  const allowed = (
    act: Act,
    user: UserId,
    rank: number,
    item: { past: Bits; device: DeviceId; hlc: number; first: boolean },
  ): boolean => {
    const rankBefore = (other: UserId): number => rankIn(other, item.past, () => true);
    switch (act.type) {
      case 'genesis': {
        const { certificate } = act;
        return (
          item.first &&
          certificate.device === item.device &&
          certificate.user === user &&
          spaceIdOf(user, item.device, act.kind, act.nonce) === space
        );
      }
      case 'certify':
        return act.certificate.user === user;
      case 'grant': {
        const target = rankBefore(act.user);
        if (act.user === user) return false;
        return rank === 4 || (rank === 3 && target < 3 && rankOf(act.role) < 3);
      }
      case 'revoke': {
        const target = rankBefore(act.user);
        return act.user !== user && (rank === 4 || (rank === 3 && target < 3));
      }
      case 'invite':
        return rank >= 3 && (rankOf(act.role) < rank || (rank === 4 && act.role === 'admin')) && act.role !== 'owner';
      case 'revokeInvite':
        return rank >= 3;
      case 'join': {
        const invite = inviteIn(act.invite, item.past);
        return (
          invite !== undefined &&
          item.hlc <= invite.notAfter &&
          act.certificate.user === user &&
          act.certificate.device === item.device
        );
      }
      case 'relay':
      case 'unrelay':
        return rank >= 3;
      case 'leave':
        return act.user === user;
      case 'epoch':
      case 'wrap':
        return rank >= 3;
    }
  };

  const resolve = (): void => {
    const next = emptyResolution();
    const all = union(
      known.map((item) => item.past),
      ...known.map((item) => item.index),
    );
    const position = new Map<UserId, string>();
    for (const item of known) {
      if (!item.valid) continue;
      for (const act of item.acts) {
        const user =
          act.type === 'genesis'
            ? act.certificate.user
            : act.type === 'grant' && act.role === 'owner'
              ? act.user
              : undefined;
        const place = act.type === 'genesis' ? '' : `${String(item.hlc).padStart(24, '0')}${item.id}`;
        if (user && (position.get(user) ?? '~') > place) position.set(user, place);
      }
    }
    // RI3, the strongest removers first.
    const voided = new Set<Known>();
    const removers = known
      .filter(
        (item) =>
          item.valid && item.acts.some((act) => act.type === 'revoke' || (act.type === 'grant' && act.cut.length > 0)),
      )
      .sort(
        (a, b) =>
          b.rank - a.rank ||
          ((position.get(a.user as UserId) ?? '~') < (position.get(b.user as UserId) ?? '~') ? -1 : 1),
      );
    for (const removal of removers) {
      if (voided.has(removal)) continue;
      for (const act of removal.acts) {
        if (act.type !== 'revoke') continue;
        for (const other of known) {
          if (!other.valid || other.user !== act.user || other === removal) continue;
          if (has(removal.past, other.index) || has(other.past, removal.index)) continue;
          const senior =
            removal.rank > other.rank ||
            (removal.rank === 4 && (position.get(removal.user as UserId) ?? '~') < (position.get(act.user) ?? '~'));
          if (senior && !other.acts.some((mine) => mine.type === 'leave')) voided.add(other);
        }
      }
    }
    const invitesUsed = new Map<InviteId, Known[]>();
    for (const item of known) {
      if (!item.valid || voided.has(item)) continue;
      for (const act of item.acts)
        if (act.type === 'join') invitesUsed.set(act.invite, [...(invitesUsed.get(act.invite) ?? []), item]);
    }
    const revokedInvites = new Map<InviteId, Known[]>();
    for (const item of known) {
      if (!item.valid || voided.has(item)) continue;
      for (const act of item.acts) {
        if (act.type === 'invite')
          next.invites.set(act.invite, { ...act, by: item.user as UserId, entry: item.id, revoked: false, used: 0 });
        if (act.type === 'revokeInvite')
          revokedInvites.set(act.invite, [...(revokedInvites.get(act.invite) ?? []), item]);
      }
    }
    // RI4, and a revocation of the invite beats a join that did not come before it.
    for (const [id, joins] of invitesUsed) {
      const invite = next.invites.get(id);
      const revocations = revokedInvites.get(id) ?? [];
      const inTime = joins
        .filter((join) => revocations.every((revocation) => has(revocation.past, join.index)))
        .sort((a, b) => a.hlc - b.hlc || (a.id < b.id ? -1 : 1));
      const users = new Set<UserId>();
      for (const join of joins) {
        const accepted =
          invite && inTime.includes(join) && (users.has(join.user as UserId) || users.size < invite.uses);
        if (!accepted) voided.add(join);
      }
      if (invite) {
        for (const join of inTime) if (users.size < invite.uses) users.add(join.user as UserId);
        for (const join of inTime) if (!users.has(join.user as UserId)) voided.add(join);
        for (const join of inTime) if (users.has(join.user as UserId)) voided.delete(join);
        next.invites.set(id, { ...invite, used: users.size });
      }
    }
    for (const id of revokedInvites.keys()) {
      const invite = next.invites.get(id);
      if (invite) next.invites.set(id, { ...invite, revoked: true });
    }
    const counts = (item: Known): boolean => !voided.has(item);
    const people = new Set<UserId>();
    for (const item of known) {
      if (!item.valid || !counts(item)) continue;
      next.standing.add(item.id);
      for (const act of item.acts) {
        if (act.type === 'genesis') people.add(act.certificate.user);
        if (act.type === 'grant') people.add(act.user);
        if (act.type === 'join') people.add(act.certificate.user);
        if (act.type === 'relay') next.relays.set(act.device, act);
        if (act.type === 'unrelay') next.relays.delete(act.device);
        if (act.type === 'epoch') next.epochs.push({ act, entry: item.id, index: item.index, by: item.user as UserId });
        if (act.type === 'wrap') next.wraps.push(act);
      }
    }
    for (const user of people) {
      const rank = rankIn(user, all, counts);
      const role = roleOfRank(rank);
      if (role !== 'none') next.roles.set(user, role);
      const lowerings: Lowering[] = [];
      for (const item of known) {
        if (!item.valid || !counts(item)) continue;
        for (const act of item.acts) {
          if ((act.type === 'revoke' || act.type === 'grant') && act.user === user) {
            if (act.type === 'grant' && rankOf(act.role) >= rankIn(user, item.past, () => true)) continue;
            lowerings.push({
              index: item.index,
              rank: act.type === 'revoke' ? 0 : rankOf(act.role),
              cut: new Map(act.cut.map(({ log, seq }) => [log, seq])),
            });
          }
        }
      }
      if (lowerings.length > 0) next.lowerings.set(user, lowerings);
    }
    for (const item of known) {
      if (!next.standing.has(item.id)) continue;
      for (const act of item.acts) {
        const invite = act.type === 'join' ? next.invites.get(act.invite) : undefined;
        if (act.type !== 'join' || !invite?.confirm || next.roles.has(act.certificate.user)) continue;
        next.requests.push({
          entry: item.id,
          user: act.certificate.user,
          device: item.device,
          certificate: act.certificate,
          role: invite.role,
          hlc: item.hlc,
        });
      }
    }
    next.epochs.sort((a, b) =>
      has((known[b.index] as Known).past, a.index)
        ? -1
        : has((known[a.index] as Known).past, b.index)
          ? 1
          : a.entry < b.entry
            ? -1
            : 1,
    );
    resolved = next;
  };

  const add = ({ entry, body }: AclEntry): boolean => {
    if (byId.has(entry.id)) return true;
    const cited = body.heads.map((id) => byId.get(id));
    if (cited.some((item) => item === undefined))
      throw new Error('Broken invariant: a rights entry before those it cites');
    const past = union(
      (cited as Known[]).map((item) => item.past),
      ...(cited as Known[]).map((item) => item.index),
    );
    const index = known.length;
    const brought = certificatesIn(body);
    const own = brought.find((certificate) => certificate.device === entry.header.device);
    const user = (certificates.get(entry.header.device) ?? own)?.user;
    const rank = user ? rankIn(user, past, () => true) : 0;
    const item: Known = {
      id: entry.id,
      index,
      hlc: entry.header.hlc,
      device: entry.header.device,
      user,
      acts: body.acts,
      past,
      valid: false,
      rank,
    };
    const first = known.length === 0 && body.heads.length === 0;
    const founding = body.acts[0]?.type === 'genesis';
    item.valid =
      user !== undefined &&
      body.acts.every((act) =>
        allowed(act, user, founding ? 4 : rank, { past, device: item.device, hlc: item.hlc, first }),
      );
    if (!item.valid) return false;
    for (const certificate of brought)
      if (!certificates.has(certificate.device)) certificates.set(certificate.device, certificate);
    known.push(item);
    byId.set(entry.id, item);
    heads = [...heads.filter((head) => !body.heads.includes(head)), entry.id].sort();
    generation++;
    ranks.clear();
    resolve();
    return true;
  };

  const judge: Rights['judge'] = (device, head, log, seq) => {
    const cited = byId.get(head);
    if (!cited) return { type: 'unknownHead', reason: 'It cites rights that are not known here' };
    const user = certificates.get(device)?.user;
    if (!user) return { type: 'refused', reason: 'The device belongs to nobody in this space' };
    const among = union([cited.past], cited.index);
    const role = roleOfRank(rankAt(user, cited, true));
    if (role === 'none') return { type: 'refused', reason: 'The author was not in the space' };
    for (const lowering of resolved.lowerings.get(user) ?? []) {
      if (has(among, lowering.index) || seq <= (lowering.cut.get(log) ?? -1)) continue;
      return { type: 'held', reason: 'It was written by somebody who had been removed, unseen by who removed them' };
    }
    return { type: 'allowed', role, user };
  };

  return {
    add,
    judge,
    has: (id) => byId.has(id),
    heads: () => heads,
    ids: () => known.map((item) => item.id),
    genesis: () => known[0]?.acts.find((act): act is ActOf<'genesis'> => act.type === 'genesis'),
    stands: (id) => resolved.standing.has(id),
    role: (user) => resolved.roles.get(user) ?? 'none',
    roleAt: (user, head) => {
      const cited = byId.get(head);
      return cited ? roleOfRank(rankAt(user, cited, false)) : 'none';
    },
    userOf: (device) => certificates.get(device)?.user,
    certificates: () => certificates,
    members: () => resolved.roles,
    keyringOf: (user) => [...certificates.values()].find((certificate) => certificate.user === user)?.keyring,
    invites: () => resolved.invites,
    requests: () => resolved.requests,
    relays: () => resolved.relays,
    epochs: () => resolved.epochs,
    wraps: () => resolved.wraps,
    roomKeys: () => {
      const genesis = known[0]?.acts.find((act): act is ActOf<'genesis'> => act.type === 'genesis');
      return [...(genesis ? [genesis.roomKey] : []), ...resolved.epochs.map(({ act }) => act.roomKey)];
    },
    kind: () => known[0]?.acts.find((act): act is ActOf<'genesis'> => act.type === 'genesis')?.kind ?? 'team',
    lowerings: () => [...resolved.lowerings.values()].reduce((sum, list) => sum + list.length, 0),
    generation: () => generation,
  };
};
export type { EpochId };
