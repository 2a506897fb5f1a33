/**
 * From a set of entries of the rights log to who may do what. A function of the set: the order in which entries were
 * added never matters, as long as each comes after those it cites.
 *
 * RI1 an entry is valid by its causal past alone: its author's role there must allow each of its acts.
 * RI2 among acts about one person the causally last ones count. Of concurrent ones the highest authors are heard first,
 *     the lowest role of theirs holds; a lower author's word still lowers it if they could act on a holder of that role.
 * RI3 what somebody signed concurrently with their own removal or demotion, and could not have signed after it, is void
 *     when the remover outranks them, or is the senior of two Owners. What hangs on void authority is void too.
 * RI4 an open invite admits the first `uses` joins by (time, id); later ones are void.
 * RI5 a device belongs to whom it has named itself, in an entry that it signed; the first such entry counts.
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
  readonly user: UserId;
  readonly acts: readonly Act[];
  readonly past: Bits;
  readonly rank: number;
};
const allOf = (items: readonly Known[]): Bits =>
  union(
    items.map((item) => item.past),
    ...items.map((item) => item.index),
  );
/** By time and id: after all that it cites, and equal on all nodes. */
const before = (a: Known, b: Known): number => a.hlc - b.hlc || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
type Counts = (item: Known) => boolean;
const everything: Counts = () => true;
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
  /** Whose the device is, as far as `head` knows. */
  userAt(device: DeviceId, head: EntryId): UserId | undefined;
  /** The key of an invite that one of `heads` knows, whether it still stands or not. */
  inviteKeyAt(invite: InviteId, heads: readonly EntryId[]): Uint8Array | undefined;
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
  /** Whether somebody who is not in the space can know the key that is written under now: an Admin must make a new one. */
  keyIsOut(): boolean;
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
  /** In the order of arrival: only for the numbers in `Bits`. */
  const known: Known[] = [];
  /** In the order that is equal everywhere. */
  const ordered: Known[] = [];
  const byId = new Map<EntryId, Known>();
  let heads: EntryId[] = [];
  let generation = 0;
  const claims = new Map<DeviceId, { readonly item: Known; readonly certificate: Certificate }[]>();
  const certificates = new Map<DeviceId, Certificate>();
  let resolved = emptyResolution();
  /** Ranks already found, until the next entry. */
  const ranks = new Map<string, number>();
  const rankAt = (user: UserId, cited: Known, standingOnly: boolean): number => {
    const key = `${user}${cited.id}${standingOnly}`;
    const counts: Counts = standingOnly ? (item) => resolved.standing.has(item.id) : everything;
    const rank = ranks.get(key) ?? rankIn(user, union([cited.past], cited.index), counts);
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

  /** RI5, as far as `among` knows. */
  const userIn = (device: DeviceId, among: Bits): UserId | undefined =>
    claims.get(device)?.find(({ item }) => has(among, item.index))?.certificate.user;

  /** Acts about a person: the rank each gives. A join is judged by its invite. */
  const rankGiven = (act: Act, user: UserId, among: Bits): number | undefined => {
    if (act.type === 'genesis' && act.certificate.user === user) return rankOf('owner');
    if (act.type === 'grant' && act.user === user) return rankOf(act.role);
    if ((act.type === 'revoke' || act.type === 'leave') && act.user === user) return 0;
    if (act.type === 'join' && act.certificate.user === user) {
      const invite = inviteIn(act.invite, among, everything);
      return invite && !invite.confirm ? rankOf(invite.role) : undefined;
    }
    return undefined;
  };
  const inviteIn = (id: InviteId, among: Bits, counts: Counts): ActOf<'invite'> | undefined => {
    for (const item of ordered) {
      if (!has(among, item.index) || !counts(item)) continue;
      for (const act of item.acts) if (act.type === 'invite' && act.invite === id) return act;
    }
    return undefined;
  };

  /** RI2 over the entries of `among` that `counts` lets through. */
  const rankIn = (user: UserId, among: Bits, counts: Counts): number => {
    const about: { item: Known; rank: number; authority: number }[] = [];
    for (const item of ordered) {
      if (!has(among, item.index) || !counts(item)) continue;
      let rank: number | undefined;
      for (const act of item.acts) rank = rankGiven(act, user, union([item.past], item.index)) ?? rank;
      // Whoever leaves is heard before everybody.
      const leaves = item.acts.some((act) => act.type === 'leave');
      if (rank !== undefined) about.push({ item, rank, authority: leaves ? 5 : item.rank });
    }
    const last = about
      .filter(({ item }) => !about.some((later) => later.item !== item && has(later.item.past, item.index)))
      .sort((a, b) => b.authority - a.authority || a.rank - b.rank);
    let decided: { rank: number; authority: number } | undefined;
    for (const { rank, authority } of last) {
      if (!decided) decided = { rank, authority };
      else if (rank < decided.rank && authority > decided.rank) decided = { rank, authority };
    }
    return decided?.rank ?? 0;
  };

  /** When somebody first became an Owner: the lower, the more senior. The creator is below all. */
  const seniority = (user: UserId, among: Bits): number => {
    for (const [place, item] of ordered.entries()) {
      if (!has(among, item.index)) continue;
      for (const act of item.acts) {
        if (act.type === 'genesis' && act.certificate.user === user) return -1;
        if (act.type === 'grant' && act.role === 'owner' && act.user === user) return place;
      }
    }
    return Number.POSITIVE_INFINITY;
  };

  type Acting = Pick<Known, 'past' | 'device' | 'hlc'> & { readonly user: UserId; readonly first: boolean };
  /** Whether `rank` allows the act, by the past of its entry. */
  const allowed = (act: Act, rank: number, item: Acting, counts: Counts): boolean => {
    const { user, past } = item;
    const named = 'certificate' in act ? act.certificate : undefined;
    // RI5: nobody names another's device.
    if (named && (named.device !== item.device || named.user !== user)) return false;
    /** An Owner, or whoever once was one, is touched by their seniors only. */
    const mayTouch = (target: UserId): boolean => {
      if (target === user) return false;
      if (rank === 4) return seniority(user, past) < seniority(target, past);
      return rank === 3 && rankIn(target, past, everything) < 3 && seniority(target, past) === Number.POSITIVE_INFINITY;
    };
    switch (act.type) {
      case 'genesis':
        return item.first && spaceIdOf(user, item.device, act.kind, act.nonce) === space;
      case 'certify':
        return rank >= 1;
      case 'grant':
        return mayTouch(act.user) && (rank === 4 || rankOf(act.role) < rank);
      case 'revoke':
        return mayTouch(act.user);
      case 'invite':
        return rank >= 3 && rankOf(act.role) < rank;
      case 'join': {
        const invite = inviteIn(act.invite, past, counts);
        return invite !== undefined && item.hlc <= invite.notAfter;
      }
      case 'leave':
        return act.user === user && rank >= 1;
      case 'revokeInvite':
      case 'relay':
      case 'unrelay':
      case 'epoch':
      case 'wrap':
        return rank >= 3;
    }
  };
  const founding = (item: { readonly acts: readonly Act[] }): boolean => item.acts[0]?.type === 'genesis';
  const stillAllowed = (item: Known, rank: number, counts: Counts): boolean =>
    item.acts.every((act) => allowed(act, rank, { ...item, user: item.user, first: true }, counts));

  const resolve = (): void => {
    const next = emptyResolution();
    const all = allOf(known);
    const voided = new Set<Known>();
    const stands: Counts = (item) => !voided.has(item);
    const voidWhatHangs = (): void => {
      for (const item of ordered) {
        if (voided.has(item) || founding(item)) continue;
        if (!stillAllowed(item, rankIn(item.user, item.past, stands), stands)) voided.add(item);
      }
    };
    // RI3, the strongest removers first.
    const removers = ordered
      .filter((item) => item.acts.some((act) => act.type === 'revoke' || act.type === 'grant'))
      .sort((a, b) => b.rank - a.rank || seniority(a.user, all) - seniority(b.user, all) || before(a, b));
    for (const removal of removers) {
      if (voided.has(removal)) continue;
      const size = voided.size;
      for (const act of removal.acts) {
        if (act.type !== 'revoke' && act.type !== 'grant') continue;
        const left = act.type === 'revoke' ? 0 : rankOf(act.role);
        for (const other of ordered) {
          if (other.user !== act.user || other === removal || founding(other) || left >= other.rank) continue;
          if (has(removal.past, other.index) || has(other.past, removal.index)) continue;
          const senior =
            removal.rank > other.rank ||
            (removal.rank === 4 && seniority(removal.user, all) < seniority(act.user, all));
          if (!senior || other.acts.some((mine) => mine.type === 'leave')) continue;
          if (left === 0 || !stillAllowed(other, left, everything)) voided.add(other);
        }
      }
      if (voided.size > size) voidWhatHangs();
    }
    const invitesUsed = new Map<InviteId, Known[]>();
    const revokedInvites = new Map<InviteId, Known[]>();
    for (const item of ordered) {
      if (voided.has(item)) continue;
      for (const act of item.acts) {
        if (act.type === 'join') invitesUsed.set(act.invite, [...(invitesUsed.get(act.invite) ?? []), item]);
        if (act.type === 'invite' && !next.invites.has(act.invite))
          next.invites.set(act.invite, { ...act, by: item.user, entry: item.id, revoked: false, used: 0 });
        if (act.type === 'revokeInvite')
          revokedInvites.set(act.invite, [...(revokedInvites.get(act.invite) ?? []), item]);
      }
    }
    // RI4, and a revocation of the invite beats a join that did not come before it.
    for (const [id, joins] of invitesUsed) {
      const invite = next.invites.get(id);
      const revocations = revokedInvites.get(id) ?? [];
      const users = new Set<UserId>();
      for (const join of joins) {
        const inTime = revocations.every((revocation) => has(revocation.past, join.index));
        if (invite && inTime && (users.has(join.user) || users.size < invite.uses)) users.add(join.user);
        else voided.add(join);
      }
      if (invite) next.invites.set(id, { ...invite, used: users.size });
    }
    if (voided.size > 0) voidWhatHangs();
    for (const id of revokedInvites.keys()) {
      const invite = next.invites.get(id);
      if (invite) next.invites.set(id, { ...invite, revoked: true });
    }
    for (const [id, { entry }] of next.invites) if (voided.has(byId.get(entry) as Known)) next.invites.delete(id);
    const people = new Set<UserId>();
    for (const item of ordered) {
      if (voided.has(item)) continue;
      next.standing.add(item.id);
      for (const act of item.acts) {
        if (act.type === 'genesis') people.add(act.certificate.user);
        if (act.type === 'grant') people.add(act.user);
        if (act.type === 'join') people.add(act.certificate.user);
        if (act.type === 'relay') next.relays.set(act.device, act);
        if (act.type === 'unrelay') next.relays.delete(act.device);
        if (act.type === 'epoch') next.epochs.push({ act, entry: item.id, index: item.index, by: item.user });
        if (act.type === 'wrap') next.wraps.push(act);
      }
    }
    for (const user of people) {
      const role = roleOfRank(rankIn(user, all, stands));
      if (role !== 'none') next.roles.set(user, role);
      const lowerings: Lowering[] = [];
      for (const item of ordered) {
        if (voided.has(item)) continue;
        for (const act of item.acts) {
          if ((act.type !== 'revoke' && act.type !== 'grant') || act.user !== user) continue;
          // What it came to, without what was decided after it: an overruled removal lowers nobody.
          const rank = rankIn(user, all, (other) => stands(other) && !has(other.past, item.index));
          if (rank >= rankIn(user, item.past, everything)) continue;
          lowerings.push({ index: item.index, rank, cut: new Map(act.cut.map(({ log, seq }) => [log, seq])) });
        }
      }
      if (lowerings.length > 0) next.lowerings.set(user, lowerings);
    }
    for (const item of ordered) {
      if (voided.has(item)) continue;
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
    const { device, hlc } = entry.header;
    const brought = certificatesIn(body);
    const user = userIn(device, past) ?? brought[0]?.user;
    if (!user || body.acts.length === 0) return false;
    const rank = rankIn(user, past, everything);
    const item: Known = { id: entry.id, index: known.length, hlc, device, user, acts: body.acts, past, rank };
    const first = known.length === 0 && body.heads.length === 0;
    const acting = { past, device, hlc, user, first };
    if (!body.acts.every((act) => allowed(act, founding(body) ? 4 : rank, acting, everything))) return false;
    known.push(item);
    byId.set(entry.id, item);
    ordered.push(item);
    ordered.sort(before);
    for (const certificate of brought) {
      const claimed = [...(claims.get(device) ?? []), { item, certificate }].sort((a, b) => before(a.item, b.item));
      claims.set(device, claimed);
      certificates.set(device, (claimed[0] as (typeof claimed)[number]).certificate);
    }
    heads = [...heads.filter((head) => !body.heads.includes(head)), entry.id].sort();
    generation++;
    ranks.clear();
    resolve();
    return true;
  };

  const judge: Rights['judge'] = (device, head, log, seq) => {
    const cited = byId.get(head);
    if (!cited) return { type: 'unknownHead', reason: 'It cites rights that are not known here' };
    const among = union([cited.past], cited.index);
    const user = userIn(device, among);
    if (!user) return { type: 'refused', reason: 'The device belongs to nobody in this space' };
    let rank = rankAt(user, cited, true);
    if (rank === 0) return { type: 'refused', reason: 'The author was not in the space' };
    for (const lowering of resolved.lowerings.get(user) ?? []) {
      if (has(among, lowering.index) || seq <= (lowering.cut.get(log) ?? -1)) continue;
      rank = Math.min(rank, lowering.rank);
    }
    const role = roleOfRank(rank);
    if (role === 'none')
      return { type: 'held', reason: 'It was written by somebody who had been removed, unseen by who removed them' };
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
    userAt: (device, head) => {
      const cited = byId.get(head);
      return cited && userIn(device, union([cited.past], cited.index));
    },
    inviteKeyAt: (invite, at) => {
      const cited = at.flatMap((head) => byId.get(head) ?? []);
      const among = union(
        cited.map((item) => item.past),
        ...cited.map((item) => item.index),
      );
      return inviteIn(invite, among, everything)?.key;
    },
    certificates: () => certificates,
    members: () => resolved.roles,
    keyringOf: (user) => [...certificates.values()].find((certificate) => certificate.user === user)?.keyring,
    invites: () => resolved.invites,
    requests: () => resolved.requests,
    relays: () => resolved.relays,
    epochs: () => resolved.epochs,
    wraps: () => resolved.wraps,
    keyIsOut: () => {
      const last = resolved.epochs.at(-1);
      if (!last) return false;
      const outside = (user: UserId): boolean => !resolved.roles.has(user);
      const later = resolved.wraps.filter(({ epoch }) => epoch === last.act.epoch).map(({ wrap }) => wrap);
      if ([...last.act.wraps, ...later].some(({ user }) => outside(user))) return true;
      // Links that were made before carry older keys only.
      const before = union([(known[last.index] as Known).past], last.index);
      const carries = (id: InviteId): boolean => {
        const invite = inviteIn(id, allOf(known), (item) => !has(before, item.index));
        return invite !== undefined && !invite.confirm;
      };
      return ordered.some(({ acts }) =>
        acts.some((act) => act.type === 'join' && outside(act.certificate.user) && carries(act.invite)),
      );
    },
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
