/**
 * Random histories of a rights log: people invite, join, grant, remove, demote and leave, each knowing what they know. In
 * wide ones they also ban, step down, lend parts, pass on, set rules, take devices away, report forks and clear them.
 */

import { toHex } from '../../src/base/bytes';
import { encode } from '../../src/base/codec';
import { hash } from '../../src/base/hash';
import type { SeededRandom } from '../../src/base/random';
import { type AclBody, type Act, aclBodyCodec, type Certificate, type Role } from '../../src/os/rights/acl';
import { forkAct } from '../../src/os/rights/fork';
import type { AclEntry, Rights } from '../../src/os/rights/resolve';
import { createRights } from '../../src/os/rights/resolve';
import { hlcOf } from '../../src/vm/op/clock';
import { type Entry, entryIdOf, type Header } from '../../src/vm/op/entry';
import {
  aclShardOf,
  type DeviceId,
  type EntryId,
  type InviteId,
  type LogId,
  logIdOf,
  type ShardId,
  type SpaceId,
  spaceIdOf,
  type UserId,
  ZERO_ENTRY,
  ZERO_EPOCH,
} from '../../src/vm/op/ids';

export type Actor = {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly certificate: Certificate;
  rights: Rights;
  readonly held: Set<AclEntry>;
  hlc: number;
  seq: number;
};
const bytes = (name: string): Uint8Array<ArrayBuffer> => hash('history', new TextEncoder().encode(name));

/** Signatures are checked before rights are asked: here entries bear none. */
export const actorOf = (name: string, space: SpaceId | undefined, on = name): Actor => {
  const user = toHex(bytes(`user ${name}`)) as UserId;
  const device = toHex(bytes(`device ${on}`)) as DeviceId;
  const certificate = {
    user,
    rootPub: name,
    userNonce: bytes('nonce'),
    device,
    keyring: bytes(`keyring ${name}`),
    createdAt: 0,
    signature: new Uint8Array(64),
  };
  return { user, device, certificate, rights: createRights(space ?? ('' as SpaceId)), held: new Set(), hlc: 0, seq: 0 };
};

export const unsigned = (
  space: SpaceId,
  actor: Pick<Actor, 'device'>,
  hlc: number,
  seq: number,
  body: AclBody,
  incarnation = 0,
): AclEntry => {
  const encoded = encode(aclBodyCodec, body);
  const shard = aclShardOf(space);
  const header = {
    version: 1,
    suite: 1,
    class: 'system' as const,
    kind: 'acl' as const,
    space,
    shard,
    device: actor.device,
    incarnation,
    seq,
    prev: ZERO_ENTRY,
    hlc: hlcOf(hlc),
    aclRef: ZERO_ENTRY,
    epoch: ZERO_EPOCH,
    deps: [],
    bodyLength: encoded.length,
    bodyHash: hash('body', encoded),
  };
  const id = toHex(hash('entry', encoded, bytes(`${actor.device}${hlc}${seq}${incarnation}`))) as EntryId;
  const log: LogId = logIdOf(space, shard, actor.device, incarnation);
  const entry: Entry = { id, log, header, body: encoded, signature: new Uint8Array(64) };
  return { entry, body };
};

const ROLES: readonly Role[] = ['guest', 'member', 'admin', 'owner'];

export const randomHistory = (random: SeededRandom, people: number, steps: number, wide = false) => {
  const nonce = bytes('space');
  const first = actorOf('p0', undefined);
  const space = spaceIdOf(first.user, first.device, 'team', nonce);
  const actors = Array.from({ length: people }, (_, i) => actorOf(`p${i}`, space));
  const seconds = wide ? [actorOf('p0', space, 'p0 again'), actorOf('p1', space, 'p1 again')] : [];
  const all: AclEntry[] = [];
  const invites: InviteId[] = [];
  const write = (actor: Actor, acts: readonly Act[], hlcShift = 0): boolean => {
    const heads = [...actor.rights.heads()].slice(-16);
    const known = [...actor.held].filter((it) => heads.includes(it.entry.id)).map((it) => it.entry.header.hlc);
    const hlc = Math.floor(Math.max(actor.hlc, 0, ...known)) + 1 + random.below(50) + hlcShift;
    const item = unsigned(space, actor, hlc, actor.seq, { version: 1, heads, acts });
    if (!actor.rights.add(item)) return false;
    actor.hlc = hlc;
    actor.seq++;
    actor.held.add(item);
    all.push(item);
    return true;
  };
  const [creator] = actors as [Actor];
  write(creator, [{ type: 'genesis', kind: 'team', nonce, roomKey: bytes('room'), certificate: creator.certificate }]);
  const invite = (by: Actor, role: Role, uses: number): void => {
    const id = toHex(bytes(`invite ${invites.length}`)).slice(0, 32) as InviteId;
    const act: Act = {
      type: 'invite',
      invite: id,
      key: bytes('key'),
      role,
      uses,
      notAfter: 1e12,
      confirm: false,
      sealedKeys: new Uint8Array(),
    };
    if (write(by, [act])) invites.push(id);
  };
  invite(creator, 'admin', 2);
  invite(creator, 'member', people);
  /** In the order in which it came there. */
  const learn = (actor: Actor, from: Actor): void => {
    for (const item of from.held) {
      if (actor.held.has(item) || !item.body.heads.every((head) => actor.rights.has(head))) continue;
      if (actor.rights.add(item)) actor.held.add(item);
    }
  };
  for (const actor of actors.slice(1)) {
    learn(actor, creator);
    if (random.below(5) === 0) continue;
    const invite = random.pick(invites);
    write(actor, [{ type: 'join', invite, certificate: actor.certificate, proof: new Uint8Array(64) }]);
    if (random.below(3) > 0) learn(creator, actor);
  }
  for (const actor of actors.slice(1)) {
    if (random.below(3) > 0)
      write(creator, [
        {
          type: 'grant',
          user: actor.user,
          role: random.pick(ROLES),
          notAfter: undefined,
          cut: [],
          certificate: undefined,
        },
      ]);
    if (random.below(2) > 0) learn(actor, creator);
  }
  for (const second of seconds) {
    learn(second, creator);
    write(second, [{ type: 'certify', certificate: second.certificate }]);
  }
  // To whom nobody has granted anything yet, and what may be passed on to them.
  const strangers = wide ? ['s0', 's1', 's2'].map((name) => actorOf(name, space)) : [];
  for (const lender of wide ? actors.slice(1, 3) : []) {
    write(creator, [
      grantTo(lender.user, 'member', random.below(2) === 0 ? 5_000 : undefined),
      { type: 'within', shards: SHARDS.slice(random.below(3)), delegate: 2 },
    ]);
    learn(lender, creator);
    write(lender, [{ type: 'certify', certificate: lender.certificate }]);
  }
  const everybody = [...actors, ...seconds, ...strangers];
  for (let step = 0; step < steps; step++) {
    const actor = random.pick(everybody);
    const other = random.pick(everybody);
    if (wide && random.below(2) === 0) {
      if (strangers.length > 0 && random.below(3) === 0) {
        const stranger = random.pick(strangers);
        const lent = write(actor, passedOn(random, stranger));
        learn(stranger, actor);
        if (lent) write(stranger, [{ type: 'certify', certificate: stranger.certificate }]);
      } else write(actor, wideActs(random, space, actor, other));
      continue;
    }
    switch (random.below(10)) {
      case 0:
      case 1:
        learn(actor, other);
        break;
      case 2:
      case 3:
        invite(actor, random.pick(ROLES), 1 + random.below(2));
        break;
      case 4:
      case 5:
        write(actor, [
          { type: 'join', invite: random.pick(invites), certificate: actor.certificate, proof: new Uint8Array(64) },
        ]);
        break;
      case 6:
        write(actor, [
          {
            type: 'grant',
            user: other.user,
            role: random.pick(ROLES),
            notAfter: undefined,
            cut: [],
            certificate: undefined,
          },
        ]);
        break;
      case 7:
        write(actor, [{ type: 'revoke', user: other.user, cut: [] }]);
        break;
      case 8:
        if (random.below(3) === 0) write(actor, [{ type: 'leave', user: actor.user, cut: [] }]);
        else write(actor, [{ type: 'revokeInvite', invite: random.pick(invites) }]);
        break;
      default:
        write(actor, [
          random.below(2) === 0
            ? { type: 'relay', device: other.device, url: 'ws://x', name: 'x' }
            : { type: 'unrelay', device: other.device },
        ]);
    }
  }
  return { space, actors: everybody, all, invites };
};

const SHARDS = ['a', 'b', 'c'].map((name) => toHex(bytes(`shard ${name}`)).slice(0, 32) as ShardId);
const grantTo = (user: UserId, role: Role, notAfter?: number): Act => ({
  type: 'grant',
  user,
  role,
  notAfter,
  cut: [],
  certificate: undefined,
});

const passedOn = (random: SeededRandom, { user }: Actor): readonly Act[] => [
  grantTo(user, random.pick(['guest', 'member']), random.below(2) === 0 ? 1_000 + random.below(4_000) : undefined),
  { type: 'within', shards: SHARDS.slice(1 + random.below(2)), delegate: random.below(2) },
];

/** What only wide histories hold. Most of it is refused to most people, as it should be. */
const wideActs = (random: SeededRandom, space: SpaceId, actor: Actor, other: Actor): readonly Act[] => {
  const within: Act = { type: 'within', shards: SHARDS.slice(random.below(3)), delegate: random.below(3) };
  const low = random.pick(['guest', 'member'] as const);
  switch (random.below(11)) {
    case 0:
      return [
        { type: 'revoke', user: other.user, cut: [] },
        { type: 'ban', user: other.user },
      ];
    case 1:
      return [grantTo(actor.user, random.pick(ROLES))];
    case 2:
    case 3:
    case 4:
      return [grantTo(other.user, low, random.below(2) === 0 ? 1_000 + random.below(9_000) : undefined), within];
    case 5:
      return [{ type: 'policy', key: random.pick(['invite', 'content']), value: random.pick(['admin', 'member']) }];
    case 6:
      return [
        {
          type: 'revokeDevice',
          user: actor.user,
          device: other.device,
          cut: [{ log: 'f'.repeat(64) as LogId, seq: random.below(5) }],
          signature: new Uint8Array(64),
        },
      ];
    case 7:
    case 8: {
      const cited = random.pick([...other.rights.ids().filter((id) => actor.rights.has(id)), ...actor.rights.ids()]);
      return cited ? [forkOf(space, other.device, cited, random.below(5))] : [];
    }
    case 9:
      return [{ type: 'clear', device: other.device }];
    default:
      return [{ type: 'adopt', user: other.user, cut: [{ log: 'f'.repeat(64) as LogId, seq: random.below(5) }] }];
  }
};

/** Proof that a device signed two histories, unsigned, acting under `cited`. */
export const forkOf = (space: SpaceId, device: DeviceId, cited: EntryId, seq: number): Act => {
  const claim = (fill: number): Entry => {
    const header: Header = {
      version: 1,
      suite: 1,
      class: 'content',
      kind: 'data',
      space,
      shard: SHARDS[0] as ShardId,
      device,
      incarnation: 0,
      seq: 0,
      prev: ZERO_ENTRY,
      hlc: hlcOf(1 + fill),
      aclRef: cited,
      epoch: ZERO_EPOCH,
      deps: [],
      bodyLength: 0,
      bodyHash: new Uint8Array(32),
    };
    return { id: entryIdOf(header), header, signature: new Uint8Array(64) } as Entry;
  };
  return forkAct(claim(1), claim(2), [{ log: 'f'.repeat(64) as LogId, seq }]);
};

/** Another order in which each entry still comes after those that it cites. */
export const causalShuffle = (random: SeededRandom, all: readonly AclEntry[]): AclEntry[] => {
  let rest = random.shuffle(all);
  const placed = new Set<EntryId>();
  const order: AclEntry[] = [];
  while (rest.length > 0) {
    const later: AclEntry[] = [];
    for (const item of rest) {
      if (!item.body.heads.every((head) => placed.has(head))) {
        later.push(item);
        continue;
      }
      placed.add(item.entry.id);
      order.push(item);
      if (random.below(4) === 0) order.push(item);
    }
    rest = later;
  }
  return order;
};

/** Everything that rights decide, as text. */
export const decided = (rights: Rights, actors: readonly Pick<Actor, 'user' | 'device'>[]): string => {
  const ids = [...rights.ids()].sort();
  const log = 'f'.repeat(64) as LogId;
  return JSON.stringify({
    ids,
    heads: rights.heads(),
    stands: ids.filter((id) => rights.stands(id)),
    members: [...rights.members()].sort(),
    relays: [...rights.relays().keys()].sort(),
    invites: [...rights.invites()]
      .map(([id, { revoked, used, role }]) => [id, revoked, used, role])
      .sort((a, b) => String(a[0]).localeCompare(String(b[0]))),
    rights: actors.map(({ user }) => {
      const { rank, limits, chain } = rights.right(user);
      return [rank, limits, chain.map(({ item, rank: link }) => [item.id, link])];
    }),
    suspended: actors.map(({ device }) =>
      rights.suspensions(device).map(({ type, item, clearings }) => [type, item.id, clearings.map(({ id }) => id)]),
    ),
    policies: ['invite', 'content', 'history'].map((key) => rights.policy(key) ?? null),
    keyIsOut: rights.keyIsOut(),
    devices: actors.map(({ device }) => rights.userOf(device) ?? null),
    verdicts: actors.map(({ device }) =>
      ids.map((aclRef) => {
        const asked = {
          device,
          aclRef,
          log,
          seq: 3,
          class: 'content',
          shard: 'f'.repeat(32) as ShardId,
          hlc: 1,
        } as const;
        return [rights.judgeAt(asked), rights.judge(asked)].map((verdict) => Object.values(verdict).slice(0, 2));
      }),
    ),
    epochs: rights.epochs().map(({ entry }) => entry),
  });
};
