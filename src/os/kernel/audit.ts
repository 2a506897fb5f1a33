/**
 * The audit trail of a space: all that was signed about rights, act by act, with who, to whom, when, from which device,
 * whether it counts, and if not, why. Also what nobody signs: a temporary right that ended. It reads; it decides nothing.
 */
import type { AuditGroup, AuditKind, AuditRow, AuditWhy } from '../../bridge/messages';
import { msOf } from '../../vm/op/clock';
import type { DeviceId, ShardId, SpaceId, UserId } from '../../vm/op/ids';
import { topics } from '../graph/query';
import type { Act, ActOf } from '../rights/acl';
import { has } from '../rights/past';
import type { Rights } from '../rights/resolve';
import { type Item, limitsIn, type Word } from '../rights/words';
import { query, type View } from '../schema/define';
import type { Stated } from './checkpointed';
import type { Erasing } from './erasing';
import { nameOfPart } from './objects';
import type { Space } from './space';

/** Rows of one answer at most. */
const MAX_ROWS = 500;

/** One act, in ids. `user`: to whom. */
export type AuditItem = {
  readonly id: string;
  readonly entry: string;
  readonly at: number;
  /** Nobody, of what ends by itself. */
  readonly by: UserId | undefined;
  readonly device: DeviceId | undefined;
  readonly kind: AuditKind;
  readonly user: UserId | undefined;
  readonly more: Pick<AuditRow, 'role' | 'until' | 'passes' | 'uses' | 'confirm' | 'name' | 'key' | 'value' | 'n'>;
  readonly parts: readonly ShardId[] | undefined;
  readonly counts: boolean;
  readonly why: { readonly code: AuditWhy; readonly by?: UserId; readonly at?: number } | undefined;
};
type Known = Pick<Rights, 'history' | 'userOf' | 'invites' | 'requests' | 'suspensions' | 'policy'>;

export const GROUPS: Readonly<Record<AuditKind, AuditGroup>> = {
  founded: 'people',
  granted: 'people',
  stepped: 'people',
  removed: 'people',
  banned: 'people',
  left: 'people',
  ended: 'people',
  adopted: 'people',
  invited: 'invites',
  inviteRevoked: 'invites',
  joined: 'invites',
  asked: 'invites',
  deviceAdded: 'devices',
  deviceRemoved: 'devices',
  deviceConfirmed: 'devices',
  deviceNoticed: 'devices',
  deviceRefused: 'devices',
  forked: 'devices',
  cleared: 'devices',
  beaconAdded: 'beacons',
  beaconRemoved: 'beacons',
  keyChanged: 'keys',
  keysGiven: 'keys',
  badKey: 'keys',
  rule: 'rules',
  erased: 'content',
  falseState: 'content',
};

type Told = Pick<AuditItem, 'kind'> & { readonly user?: UserId | undefined; readonly more?: AuditItem['more'] };

/** What an act says; `undefined` of those that only narrow or sharpen another act of their entry. */
const told = (act: Act, item: Item, rights: Known): Told | undefined => {
  switch (act.type) {
    case 'genesis':
      return { kind: 'founded', user: item.user, more: { value: act.kind } };
    case 'certify':
      return { kind: 'deviceAdded', user: item.user };
    case 'grant':
      return {
        kind: act.user === item.user ? 'stepped' : 'granted',
        user: act.user,
        more: { role: act.role, ...(act.notAfter === undefined ? {} : { until: act.notAfter }) },
      };
    case 'revoke': {
      const banned = item.acts.some((other) => other.type === 'ban' && other.user === act.user);
      return { kind: banned ? 'banned' : 'removed', user: act.user };
    }
    case 'leave':
      return { kind: 'left', user: act.user };
    case 'invite':
      return { kind: 'invited', more: { role: act.role, uses: act.uses, until: act.notAfter, confirm: act.confirm } };
    case 'revokeInvite': {
      const role = rights.invites().get(act.invite)?.role;
      return { kind: 'inviteRevoked', more: role ? { role } : {} };
    }
    case 'join': {
      const offer = rights.invites().get(act.invite);
      const more = offer ? { role: offer.role } : {};
      return { kind: offer?.confirm ? 'asked' : 'joined', user: item.user, more };
    }
    case 'relay':
      return { kind: 'beaconAdded', more: { name: act.name } };
    case 'unrelay':
      return { kind: 'beaconRemoved' };
    case 'epoch':
      return { kind: 'keyChanged' };
    case 'adopt':
      return { kind: 'adopted', user: act.user };
    case 'revokeDevice':
      return { kind: 'deviceRemoved', user: act.user };
    case 'confirm':
      return { kind: 'deviceConfirmed', user: item.user };
    case 'notice':
      return { kind: 'deviceNoticed', user: rights.userOf(act.device) };
    case 'veto':
      return { kind: 'deviceRefused', user: item.user };
    case 'fork':
      return { kind: 'forked', user: rights.userOf(act.device) };
    case 'clear':
      return { kind: 'cleared', user: rights.userOf(act.device) };
    case 'policy':
      return { kind: 'rule', more: { key: act.key, value: act.value } };
    case 'badKey':
      return { kind: 'badKey', user: act.user };
    default:
      return undefined;
  }
};

/** Why an entry does not count, as far as one reason can be named. */
const whyVoid = (item: Item, rights: Known): NonNullable<AuditItem['why']> => {
  const [join] = item.acts;
  const offer = join?.type === 'join' ? rights.invites().get(join.invite) : undefined;
  if (offer) {
    if (item.hlc > offer.notAfter) return { code: 'inviteOver' };
    if (offer.revoked) return { code: 'inviteRevoked' };
    return { code: offer.used >= offer.uses ? 'inviteUsed' : 'alreadyIn' };
  }
  const suspension = rights.suspensions(item.device).find((each) => !has(each.item.past, item.index));
  if (suspension && !suspension.cleared)
    return { code: 'device', by: suspension.by, at: msOf(suspension.item.hlc as never) };
  const removal = rights
    .history()
    .find(
      ({ item: other, counts }) =>
        counts &&
        !has(item.past, other.index) &&
        other !== item &&
        other.words.some((word) => word.subject === item.user && word.author !== item.user && word.type !== 'join'),
    )?.item;
  if (removal) return { code: 'decidedOtherwise', by: removal.user, at: msOf(removal.hlc as never) };
  return { code: 'weaker' };
};

const isJoin = (act: Act | undefined): act is ActOf<'join'> => act?.type === 'join';

/** Temporary rights whose end has come, where no later word about the person had replaced them by then. */
const endings = (rights: Known, now: number): readonly AuditItem[] => {
  const history = rights.history();
  const standing = history.flatMap(({ item, counts }) => (counts ? item.words : []));
  const about = new Map<UserId, Word[]>();
  for (const word of standing) about.set(word.subject, [...(about.get(word.subject) ?? []), word]);
  return standing.flatMap((word): AuditItem[] => {
    const until = word.limits.notAfter;
    if (until === undefined || until >= now || word.type === 'revoke') return [];
    const replaced = about
      .get(word.subject)
      ?.some((later) => later.item.hlc <= until && has(later.item.past, word.item.index));
    if (replaced) return [];
    return [
      {
        id: `${word.item.id}:${word.place}:end`,
        entry: word.item.id,
        at: until,
        by: undefined,
        device: undefined,
        kind: 'ended',
        user: word.subject,
        more: { role: (['guest', 'guest', 'member', 'admin', 'owner'] as const)[word.rank] ?? 'guest' },
        parts: word.limits.shards,
        counts: true,
        why: undefined,
      },
    ];
  });
};

/** Of content all that is told is that it was erased. `n`: entries. */
const erasuresOf = (rights: Pick<Rights, 'userOf'>, erasures: ReturnType<Erasing['erasures']>): readonly AuditItem[] =>
  erasures.map(({ entry, shard, by, erased }) => ({
    id: entry.id,
    entry: entry.id,
    at: msOf(entry.header.hlc),
    by,
    device: entry.header.device,
    kind: 'erased',
    user: rights.userOf((erased[0] as (typeof erased)[number]).header.device),
    more: { n: erased.length },
    parts: [shard],
    counts: true,
    why: undefined,
  }));

/** States that this device did not come to. `n`: people who signed it. */
const falseStatesOf = (rights: Pick<Rights, 'userOf'>, stated: readonly Stated[]): readonly AuditItem[] =>
  stated.map(({ entry, covered, signers }) => ({
    id: `${entry.id}:${covered.shard}`,
    entry: entry.id,
    at: msOf(entry.header.hlc),
    by: rights.userOf(entry.header.device),
    device: entry.header.device,
    kind: 'falseState',
    user: undefined,
    more: { n: signers.length },
    parts: [covered.shard],
    counts: false,
    why: undefined,
  }));

/** Newest first. `now`: network time in ms; what has ended by then is told. */
export const auditOf = (rights: Known, now: number, more: readonly AuditItem[] = []): readonly AuditItem[] => {
  const asking = new Set(rights.requests().map(({ entry }) => entry));
  const items = rights.history().flatMap(({ item, counts }): AuditItem[] => {
    const open = isJoin(item.acts[0]) && rights.invites().get(item.acts[0].invite)?.confirm === true;
    // Only of what is shown: it costs a look through the log.
    const whyOf = (): AuditItem['why'] => {
      if (open) return asking.has(item.id) ? { code: 'asking' } : undefined;
      return counts ? undefined : whyVoid(item, rights);
    };
    const { shards, delegate } = limitsIn(item.acts, undefined);
    const rows = item.acts.flatMap((act, place): AuditItem[] => {
      const row = told(act, item, rights);
      if (!row) return [];
      const narrowed = act.type === 'grant' || act.type === 'invite';
      return [
        {
          id: `${item.id}:${place}`,
          entry: item.id,
          at: msOf(item.hlc as never),
          by: item.user,
          device: item.device,
          kind: row.kind,
          user: row.user,
          more: { ...row.more, ...(narrowed && delegate > 0 ? { passes: delegate } : {}) },
          parts: narrowed ? shards : undefined,
          // A request counts as one, answered or not.
          counts: counts || open,
          get why() {
            return whyOf();
          },
        },
      ];
    });
    const wraps = item.acts.flatMap((act) => ('wrap' in act ? [act.wrap] : []));
    const [first] = wraps;
    if (!first || rows.length > 0) return rows;
    return [
      {
        id: `${item.id}:keys`,
        entry: item.id,
        at: msOf(item.hlc as never),
        by: item.user,
        device: item.device,
        kind: 'keysGiven',
        user: first.user,
        more: { n: wraps.length },
        parts: undefined,
        counts,
        get why() {
          return whyOf();
        },
      },
    ];
  });
  const all = [...items, ...endings(rights, now), ...more];
  return all.sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
};

export type AuditFilter = {
  readonly person?: string | undefined;
  /** A kind, or a group of kinds. */
  readonly kind?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly limit?: number | undefined;
  /** The id of the row after which to go on. */
  readonly before?: string | undefined;
};
/** Filters are hostile until used: an unknown kind finds nothing. */
export const filtered = (items: readonly AuditItem[], filter: AuditFilter): readonly AuditItem[] => {
  const { person, kind, since, until, before } = filter;
  const found = items.filter(
    (item) =>
      (person === undefined || item.by === person || item.user === person) &&
      (kind === undefined || item.kind === kind || GROUPS[item.kind] === kind) &&
      (since === undefined || item.at >= since) &&
      (until === undefined || item.at <= until),
  );
  const from = before === undefined ? 0 : found.findIndex(({ id }) => id === before) + 1;
  const limit = Math.max(1, Math.min(MAX_ROWS, Math.floor(filter.limit ?? 100)));
  return before !== undefined && from === 0 ? [] : found.slice(from, from + limit);
};

const rowOf = (view: View, space: Space, item: AuditItem): AuditRow => {
  const { why } = item;
  const person = (user: UserId | undefined) => (user === undefined ? null : view.person(space.id, user));
  const { key, value } = item.more;
  const [name, part] = (key ?? '').split(':');
  return {
    id: item.id,
    entry: item.entry,
    at: item.at,
    by: person(item.by),
    deviceId: item.device ?? null,
    kind: item.kind,
    group: GROUPS[item.kind],
    subject: person(item.user),
    ...item.more,
    ...(key === undefined ? {} : { key: name as string, value: value as string }),
    parts: item.parts
      ? item.parts.map((shard) => nameOfPart(space, shard))
      : part
        ? [nameOfPart(space, part as ShardId)]
        : null,
    counts: item.counts,
    why: why ? { code: why.code, by: person(why.by), ...(why.at === undefined ? {} : { at: why.at }) } : null,
  };
};

export const auditQuery = (facts: { space(id: SpaceId): Space | undefined; now(): number }) =>
  query({
    describes:
      'What was signed about the rights of a space, newest first: who did what to whom, when, from which device, whether it counts.',
    args: {
      spaceId: { type: 'id' },
      person: { type: 'id', optional: true },
      kind: { type: 'text', max: 30, optional: true },
      since: { type: 'number', optional: true },
      until: { type: 'number', optional: true },
      limit: { type: 'number', optional: true },
      before: { type: 'text', max: 200, optional: true },
    },
    run: (view, { spaceId, ...filter }): readonly AuditRow[] => {
      const space = facts.space(spaceId as SpaceId);
      view.note(topics.spaces);
      if (!space) return [];
      view.note(topics.rights(space.id));
      view.note(topics.graph(space.id));
      view.note(topics.states(space.id));
      const { rights, erasing, checkpointed } = space.replica;
      const more = [...erasuresOf(rights, erasing.erasures()), ...falseStatesOf(rights, checkpointed.falseStates)];
      return filtered(auditOf(rights, facts.now(), more), filter).map((item) => rowOf(view, space, item));
    },
  });
