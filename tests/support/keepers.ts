/**
 * People at their own nodes, each with the care for keys, in one space without a network: entries go from node to node when
 * a test says so, so that partitions are exact. And the attacker's trial: everything somebody ever knew, tried on everything.
 */
import { linkKeys } from '../../src/os/kernel/lending';
import { Membership } from '../../src/os/kernel/membership';
import { Rotation } from '../../src/os/kernel/rotation';
import type { Act, Role } from '../../src/os/rights/acl';
import type { Identity } from '../../src/os/rights/identity';
import { inviteIdOf, inviteKeyOf, joinProofBytes, openKeysWithLink, sealKeysToLink } from '../../src/os/rights/invite';
import { type EpochKeys, mergedShardKey, type PartKeys } from '../../src/os/rights/keyring';
import type { Clock } from '../../src/ports';
import { type Entry, isSealed } from '../../src/vm/op/entry';
import { contentShardOf, type EpochId, type NodeId, type ShardId, type UserId } from '../../src/vm/op/ids';
import { shardKeyOf } from '../../src/vm/op/seal';
import { crypto, foundSpace, type Held, holdSpace, makeInvite, newPerson, random } from './insider';
import { openBody } from './open';

export type Keeper = Held & {
  readonly me: Identity;
  readonly user: UserId;
  readonly rotation: Rotation;
  readonly membership: Membership;
  /** Does what is due for the keys until nothing is; gives how many entries that took. */
  tend(): Promise<number>;
  act(...acts: readonly Act[]): Promise<void>;
  /** A new document with this title; in the outline, or in the part of `container`. `undefined`: it waits. */
  write(title: string, shard?: ShardId): Promise<Entry | undefined>;
  /** All entries held, rights first. */
  entries(): readonly Entry[];
  /** Our own content that went out, in the order of going. */
  sent(): readonly Entry[];
  /** Titles of documents that are shown. */
  titles(): readonly string[];
};

export const keeper = async (id: Held['space']['id'], me: Identity, clock?: Clock, online = true): Promise<Keeper> => {
  const held = await holdSpace(id, me, clock);
  const { space, context } = held;
  const rotation = new Rotation(context, () => online);
  const membership = new Membership(context, (of, without) => rotation.newKey(of, without));
  const entries = (): readonly Entry[] =>
    [...space.replica.entries.values()].sort(
      (a, b) => Number(isSealed(a)) - Number(isSealed(b)) || a.header.hlc - b.header.hlc,
    );
  return {
    ...held,
    me,
    user: me.user,
    rotation,
    membership,
    entries,
    tend: async () => {
      const before = space.replica.entries.size;
      for (let i = 0; i < 10; i++) {
        const size = space.replica.entries.size;
        await rotation.tend(space);
        if (space.replica.entries.size === size) break;
      }
      return space.replica.entries.size - before;
    },
    act: async (...acts) => {
      const done = await space.act('acl', acts);
      if (!done.ok) throw new Error(`${done.error.type}: ${done.error.message}`);
    },
    write: async (title, shard = space.replica.outline) => {
      const { node, counter } = space.nextNode();
      const written = await space.write(shard, 'content', [
        { type: 'nodeNew', node, nodeType: 'Document', counter },
        { type: 'fieldSet', node, key: 'title', value: JSON.stringify(title) },
      ]);
      if (!written.ok) throw new Error(`${written.error.type}: ${written.error.message}`);
      return written.value;
    },
    sent: () => held.passedOn.filter((entry) => isSealed(entry) && entry.header.device === me.device),
    titles: () =>
      [...space.replica.engine.nodesOfType('Document')]
        .map((node) => node.field('title'))
        .filter((title): title is string => typeof title === 'string')
        .sort(),
  };
};

/** Everybody gets what everybody has. */
export const meet = async (...keepers: readonly Keeper[]): Promise<void> => {
  for (const from of keepers) for (const to of keepers) if (from !== to) await to.receive(...from.entries());
};

/** An Owner and people of these roles, each at a node of their own, all on the same knowledge. */
export const company = async (roles: readonly Role[], clock?: Clock) => {
  const owner = await newPerson();
  const founded = await foundSpace(owner);
  const entries: Entry[] = [...founded.entries];
  const people: Identity[] = [];
  for (const role of roles) {
    const heads = [(entries.at(-1) as Entry).id];
    const invite = await makeInvite(founded.author, heads, founded.key, { role });
    const person = await newPerson();
    const { entry } = await invite.join(person, [invite.entry.id]);
    entries.push(invite.entry, entry);
    people.push(person);
  }
  const at = async (person: Identity): Promise<Keeper> => {
    const made = await keeper(founded.id, person, clock);
    made.space.replica.keys.set(founded.key.epoch, founded.key.key);
    const refused = (await made.receive(...entries)).filter((what) => what !== 'admitted');
    if (refused.length > 0) throw new Error(`Nobody met: ${refused}`);
    return made;
  };
  const boss = await at(owner);
  // Everybody has the key in the rights log.
  await boss.tend();
  const others: Keeper[] = [];
  for (const person of people) {
    const other = await at(person);
    await other.receive(...boss.entries());
    others.push(other);
  }
  return { id: founded.id, owner: boss, others, first: founded.key };
};

export const partOf = (id: Held['space']['id'], object: NodeId): ShardId => contentShardOf(id, object);

/** What somebody ever knew: a copy, which nothing takes away again. */
export type Loot = { readonly keys: EpochKeys; readonly parts: PartKeys };
export const lootOf = (...keepers: readonly Keeper[]): Loot => ({
  keys: new Map(keepers.flatMap(({ space }) => [...space.replica.keys])),
  parts: new Map(keepers.flatMap(({ space }) => [...space.replica.parts])),
});

/** How many of the entries open to somebody who has these keys: each alone, and all sets of up to three together. */
export const opened = async (entries: readonly Entry[], { keys, parts }: Loot): Promise<number> => {
  const epochs = [...keys].sort(([a], [b]) => (a < b ? -1 : 1));
  let count = 0;
  for (const entry of entries) {
    const { shard, epoch } = entry.header;
    const known: [string, Uint8Array][] = epochs.map(([id, key]) => [id, shardKeyOf(key, shard)]);
    for (const [name, key] of parts) if (name.endsWith(`/${shard}`)) known.push([name.slice(0, 32), key]);
    known.sort(([a], [b]) => (a < b ? -1 : 1));
    const candidates = known.map(([, key]) => key);
    for (const [i, [, a]] of known.entries())
      for (const [j, [, b]] of known.slice(i + 1).entries()) {
        candidates.push(mergedShardKey(epoch as EpochId, [a, b]));
        for (const [, c] of known.slice(i + j + 2)) candidates.push(mergedShardKey(epoch as EpochId, [a, b, c]));
      }
    for (const key of candidates)
      if ((await openBody(crypto, key, entry)).ok) {
        count++;
        break;
      }
  }
  return count;
};

/**
 * Somebody new follows a link that `by` makes: an open one, or a request that waits. `object`: the link is for this alone.
 * They know what `by` knows.
 */
export const newcomer = async (
  by: Keeper,
  options: { readonly role: Role; readonly object?: NodeId; readonly open?: boolean },
): Promise<Keeper & { readonly request: string }> => {
  const { space } = by;
  const secret = random.bytes(20);
  const invite = inviteIdOf(secret);
  const pair = await inviteKeyOf(crypto, secret);
  const shards = options.object ? [partOf(space.id, options.object)] : [];
  const sealedKeys = options.open
    ? await sealKeysToLink(crypto, random, space.id, secret, linkKeys(space, shards))
    : new Uint8Array();
  await by.act(...(shards.length > 0 ? [{ type: 'within' as const, shards, delegate: 0 }] : []), {
    type: 'invite',
    invite,
    key: pair.publicKey,
    role: options.role,
    uses: 1,
    notAfter: by.context.ports.clock.now() + 3_600_000,
    confirm: !options.open,
    sealedKeys,
  });
  const me = await newPerson();
  const made = await keeper(space.id, me, by.context.ports.clock);
  await made.receive(...by.entries());
  if (options.open) {
    const { epochs, parts } = await openKeysWithLink(crypto, space.id, secret, sealedKeys);
    for (const [epoch, key] of epochs) made.space.replica.keys.set(epoch, key);
    for (const [part, key] of parts) made.space.replica.parts.set(part, key);
  }
  const proof = await crypto.sign(pair.handle, joinProofBytes(space.id, invite, me.user, me.device));
  await made.act({ type: 'join', invite, certificate: me.certificate, proof });
  await by.receive(...made.entries());
  const request = space.replica.rights.requests().find(({ user }) => user === me.user)?.entry ?? '';
  return { ...made, request };
};
