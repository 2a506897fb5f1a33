/** Random histories of a rights log: people invite, join, grant, remove, demote and leave, each knowing what they know. */

import { toHex } from '../../src/base/bytes';
import { encode } from '../../src/base/codec';
import { hash } from '../../src/base/hash';
import type { SeededRandom } from '../../src/base/random';
import { type AclBody, type Act, aclBodyCodec, type Certificate, type Role } from '../../src/os/rights/acl';
import type { AclEntry, Rights } from '../../src/os/rights/resolve';
import { createRights } from '../../src/os/rights/resolve';
import { hlcOf } from '../../src/vm/op/clock';
import type { Entry } from '../../src/vm/op/entry';
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
export const actorOf = (name: string, space: SpaceId | undefined): Actor => {
  const user = toHex(bytes(`user ${name}`)) as UserId;
  const device = toHex(bytes(`device ${name}`)) as DeviceId;
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

export const randomHistory = (random: SeededRandom, people: number, steps: number) => {
  const nonce = bytes('space');
  const first = actorOf('p0', undefined);
  const space = spaceIdOf(first.user, first.device, 'team', nonce);
  const actors = Array.from({ length: people }, (_, i) => actorOf(`p${i}`, space));
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
  for (let step = 0; step < steps; step++) {
    const actor = random.pick(actors);
    const other = random.pick(actors);
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
  return { space, actors, all, invites };
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
