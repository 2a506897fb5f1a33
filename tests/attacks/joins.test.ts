/** Joins that should not count: too late, revoked, forged, or one too many. */
import { expect, test } from 'vitest';
import type { Certificate } from '../../src/os/rights/acl';
import { type Identity, loadDevice } from '../../src/os/rights/identity';
import { makeEpoch, unwrapKey } from '../../src/os/rights/keyring';
import { type Rules, SOUND } from '../../src/os/rights/layers';
import { GUESTS_OF_A_MEMBER, JOINS_AN_HOUR } from '../../src/os/rights/resolution';
import { createRights, type Rights } from '../../src/os/rights/resolve';
import { memoryVault } from '../../src/platform/memory/vault';
import { hlcOf } from '../../src/vm/op/clock';
import type { Entry } from '../../src/vm/op/entry';
import type { EntryId, EpochId, SpaceId, UserId } from '../../src/vm/op/ids';
import { type Author, bodyOf, crypto, type Held, holdSpace, makeInvite, newPerson, random } from '../support/insider';
import { counted, type Stage, stage } from '../support/stage';
import { credulous, limitless, type Weaken } from '../support/weak';

type Try = {
  readonly invite?: { readonly notAfter?: number; readonly uses?: number };
  readonly revoked?: boolean;
  /** A secret that is not the link's. */
  readonly guessed?: boolean;
  /** The joiner names themselves by this person's certificate. */
  readonly as?: (people: Stage['people']) => Identity;
  /** What the door says of the join. */
  readonly got: string;
  readonly weaken?: Weaken;
};
const TRIES: Readonly<Record<string, Try>> = {
  expired: { invite: { notAfter: 1_000 }, got: 'refused rightsNotAllowed', weaken: limitless },
  // Kept, and void.
  revoked: { revoked: true, got: 'admitted', weaken: limitless },
  'forged proof': { guessed: true, got: 'refused badJoinProof', weaken: credulous },
  'forged certificate': { as: ({ none }) => none, got: 'refused badCertificate', weaken: credulous },
  honest: { got: 'admitted' },
};

/** Somebody tries to come in; whether they are, and as whom. */
const tryToJoin = async (here: Stage, how: Try, node: Held) => {
  const { author, key, head, people, entries } = here;
  await node.receive(...entries);
  const invite = await makeInvite(author, [head], key, { role: 'member', ...how.invite });
  await node.receive(invite.entry);
  if (how.revoked) {
    const revocation = await author.act([invite.entry.id], [{ type: 'revokeInvite', invite: invite.invite }]);
    await node.receive(revocation);
    author.forget(revocation);
  }
  author.forget(invite.entry);
  const joiner = await newPerson();
  const named = how.as?.(people);
  const person: Identity = named ? { ...joiner, user: named.user } : joiner;
  const certificate: Certificate = named
    ? { ...named.certificate, device: joiner.device, keyring: joiner.certificate.keyring }
    : joiner.certificate;
  const forge = { certificate, ...(how.guessed ? { proofBy: random.bytes(20) } : {}) };
  const { entry } = await invite.join(person, [invite.entry.id], {}, forge);
  const [got] = await node.receive(entry);
  const { rights } = node.space.replica;
  const user = rights.userOf(joiner.device);
  return {
    got,
    counted: counted(node, /^refused\./),
    inside: user === person.user && rights.role(user) !== 'none',
  };
};

test('[T41] expired, revoked and forged joins count on no node', async () => {
  const here = await stage();
  for (const [name, how] of Object.entries(TRIES)) {
    for (const me of [here.people.owner, undefined]) {
      const refused = how.got === 'admitted' ? 0 : 1;
      const sound = await tryToJoin(here, how, await holdSpace(here.id, me));
      expect({ name, ...sound }).toEqual({ name, got: how.got, counted: refused, inside: name === 'honest' });
      if (!how.weaken) continue;
      // Without limits of invites, or with signatures that nobody checks, they are in.
      const node = await holdSpace(here.id, me);
      how.weaken(node);
      const weak = await tryToJoin(here, how, node);
      expect({ name, ...weak }).toEqual({ name, got: 'admitted', counted: 0, inside: true });
    }
  }
});

/** Five race for an invite of one use, each on an island; then nodes hear of all of them, each in another order. */
const race = async (weaken: Weaken = () => {}) => {
  const { author, key, head, id, people, entries } = await stage();
  const invite = await makeInvite(author, [head], key, { role: 'member', uses: 1 });
  const joiners = await Promise.all(Array.from({ length: 5 }, () => newPerson()));
  const joins = await Promise.all(joiners.map((person) => invite.join(person, [invite.entry.id])));
  const insideAfter = async (me: Identity | undefined, joined: typeof joins): Promise<readonly number[]> => {
    const node = await holdSpace(id, me);
    weaken(node);
    await node.receive(...entries, invite.entry, ...joined.map(({ entry }) => entry));
    return joiners.flatMap(({ user }, at) => (node.space.replica.rights.role(user) === 'none' ? [] : [at]));
  };
  const alone = [];
  for (const join of joins) alone.push(await insideAfter(people.owner, [join]));
  const together = [];
  for (let order = 0; order < joins.length; order++) {
    const turned = [...joins.slice(order), ...joins.slice(0, order)];
    together.push(await insideAfter(order % 2 === 0 ? people.owner : undefined, turned));
  }
  return { alone, together };
};

test('[T41] of five who race for an invite of one use over a partition exactly one is in, the same on all nodes', async () => {
  const sound = await race();
  expect(sound.alone).toEqual([[0], [1], [2], [3], [4]]);
  const [winner] = sound.together;
  expect(winner?.length).toBe(1);
  expect(sound.together).toEqual(Array(5).fill(winner));
  // Where uses are not counted the link lets everybody in.
  expect((await race(limitless)).together).toEqual(Array(5).fill([0, 1, 2, 3, 4]));
});

// --- Many ----------------------------------------------------------------------------------------------------------

/** A new key for all who are in, as one who rules makes it. */
const newKey = async (
  id: SpaceId,
  author: Author,
  rights: Rights,
  head: EntryId,
  old: { readonly epoch: EpochId; readonly key: Uint8Array },
) => {
  const people = [...rights.members().keys()].map((user) => ({ user, keyring: rights.keyringOf(user) as Uint8Array }));
  const made = await makeEpoch(crypto, random, id, people, [old]);
  return { entry: await author.act([head], [made.act]), epoch: made.act.epoch, key: made.key, act: made.act };
};

/** A space of an Owner with one invite, and the rights of it alone: what counts, without a node around it. */
const door = async (invite: {
  readonly uses: number;
  readonly confirm?: boolean;
  readonly by?: 'owner' | 'member';
}) => {
  const here = await stage();
  const { author, authors, key, entries, head } = here;
  // Somebody was removed from the stage: the key is made anew for those who are left.
  const fresh = await newKey(here.id, author, here.tab.space.replica.rights, head, key);
  const before: Entry[] = [fresh.entry];
  let heads: readonly EntryId[] = [fresh.entry.id];
  if (invite.by === 'member') {
    before.push(await author.act(heads, [{ type: 'policy', key: 'invite', value: 'member' }]));
    heads = [(before.at(-1) as Entry).id];
  }
  const by = invite.by === 'member' ? authors.member : author;
  const role = invite.by === 'member' ? 'guest' : 'member';
  const made = await makeInvite(by, heads, fresh, { role, uses: invite.uses, confirm: invite.confirm ?? false });
  const log = [...entries, ...before, made.entry];
  /** Who of `people` is in, for somebody who has heard of these entries, in this order. */
  const inside = (more: readonly Entry[], people: readonly Identity[], rules: Rules = SOUND): readonly UserId[] => {
    const rights = createRights(here.id, rules);
    for (const entry of [...log, ...more])
      if (bodyOf(entry).acts.length > 0) rights.add({ entry, body: bodyOf(entry) });
    return people.map(({ user }) => user).filter((user) => rights.role(user) !== 'none');
  };
  const rightsOf = (more: readonly Entry[], rules: Rules = SOUND) => {
    const rights = createRights(here.id, rules);
    for (const entry of [...log, ...more]) rights.add({ entry, body: bodyOf(entry) });
    return rights;
  };
  return { ...here, fresh, made, log, by, inside, rightsOf };
};
/** More devices of one person, with real keys and certificates. */
const devicesOf = (person: Identity, count: number): Promise<readonly Identity[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const device = await loadDevice(crypto, random, memoryVault());
      const certificate = await person.certifies(device.device, person.keyring.publicKey, Date.now());
      return { ...person, ...device, certificate };
    }),
  );
const many = (count: number): Promise<readonly Identity[]> =>
  Promise.all(Array.from({ length: count }, () => newPerson()));

test('[T41] of fifty who race for an open invite of one use over a partition one gets the new key', async () => {
  const { made, inside, rightsOf, id, author, fresh } = await door({ uses: 1 });
  const joiners = await many(50);
  const joins = (await Promise.all(joiners.map((person) => made.join(person, [made.entry.id])))).map(
    ({ entry }) => entry,
  );
  // Two halves, then all, in either order.
  const halves = [joins.slice(0, 25), joins.slice(25)];
  for (const half of halves) expect(inside(half, joiners)).toHaveLength(1);
  const all = inside(joins, joiners);
  expect(all).toHaveLength(1);
  expect(inside([...joins].reverse(), joiners)).toEqual(all);
  // Where uses are not counted they are all in.
  expect(inside(joins, joiners, { ...SOUND, countedUses: false })).toHaveLength(50);
  // The others could read the old key in the link: it is out, and whoever rules makes a new one for those who are in.
  const rights = rightsOf(joins);
  expect(rights.keyIsOut()).toBe(true);
  expect(rightsOf([]).keyIsOut()).toBe(false);
  const next = await newKey(id, author, rights, made.entry.id, fresh);
  const holders: UserId[] = [];
  for (const person of joiners)
    for (const wrap of next.act.wraps) if (await unwrapKey(crypto, person.keyring, id, wrap)) holders.push(person.user);
  expect(holders).toEqual(all);
});

test('[T41] of fifty who ask by a confirmed invite of one use none gets a key before an answer, and one answer fills it', async () => {
  const { made, inside, rightsOf, author } = await door({ uses: 1, confirm: true });
  const joiners = await many(50);
  const asks = (await Promise.all(joiners.map((person) => made.join(person, [made.entry.id])))).map(
    ({ entry }) => entry,
  );
  expect(inside(asks, joiners)).toEqual([]);
  const rights = rightsOf(asks);
  expect(rights.requests()).toHaveLength(50);
  expect(rights.keyIsOut()).toBe(false);
  expect(rights.invites().get(made.invite)?.sealedKeys).toHaveLength(0);
  const first = joiners[0] as Identity;
  const answer = await author.act(rights.heads().slice(0, 16), [
    { type: 'grant', user: first.user, role: 'member', notAfter: undefined, cut: [], certificate: undefined },
  ]);
  const chosen = asks.find((entry) => entry.header.device === first.device) as Entry;
  const seen = rights.heads().slice(0, 16).includes(chosen.id);
  const after = rightsOf([...asks, answer]);
  expect(after.role(first.user)).toBe('member');
  expect(after.invites().get(made.invite)?.used).toBe(seen ? 1 : 0);
  // An answer that saw the request counts as a use; the door of `membership.ts` then takes no other.
  const told = await author.act(
    [chosen.id, answer.id],
    [{ type: 'grant', user: first.user, role: 'member', notAfter: undefined, cut: [], certificate: undefined }],
  );
  const full = rightsOf([...asks, answer, told])
    .invites()
    .get(made.invite);
  expect(full).toMatchObject({ used: 1, uses: 1 });
});

test('[T41] a request is over when it is refused, when its link is revoked, and when whoever asked has left again', async () => {
  const { made, rightsOf, author } = await door({ uses: 5, confirm: true });
  const [one, two] = (await many(2)) as [Identity, Identity];
  const ask = await made.join(one, [made.entry.id]);
  const other = await made.join(two, [made.entry.id]);
  const asked = [ask.entry, other.entry];
  expect(rightsOf(asked).requests()).toHaveLength(2);
  const no = await author.act(
    asked.map(({ id }) => id),
    [{ type: 'revoke', user: one.user, cut: [] }],
  );
  const refused = rightsOf([...asked, no]);
  expect(refused.requests().map(({ user }) => user)).toEqual([two.user]);
  expect([...refused.refusedRequests().keys()]).toEqual([ask.entry.id]);
  // They may ask again, which is a new request.
  const again = await ask.author.act([no.id], bodyOf(ask.entry).acts);
  expect(rightsOf([...asked, no, again]).requests()).toHaveLength(2);
  const revoked = await author.act([no.id], [{ type: 'revokeInvite', invite: made.invite }]);
  expect(rightsOf([...asked, no, revoked]).requests()).toEqual([]);
});

test('[T45] two hundred devices of one person are one person: one use, one member', async () => {
  const { made, rightsOf } = await door({ uses: 2 });
  const person = await newPerson();
  const devices = await devicesOf(person, 200);
  const joins: Entry[] = [];
  for (const device of devices) joins.push((await made.join(device, [made.entry.id])).entry);
  const rights = rightsOf(joins);
  expect(new Set(devices.map(({ device }) => device)).size).toBe(200);
  expect(rights.invites().get(made.invite)?.used).toBe(1);
  expect(rights.devicesOf(person.user)).toHaveLength(200);
  expect([...rights.members().keys()].filter((user) => user === person.user)).toHaveLength(1);
  // Where each device is somebody of its own, two of them use the link up.
  const strangers = await many(200);
  const theirs = (await Promise.all(strangers.map((each) => made.join(each, [made.entry.id])))).map(
    ({ entry }) => entry,
  );
  expect(rightsOf(theirs).invites().get(made.invite)?.used).toBe(2);
  // The second use is somebody else's.
  const friend = await newPerson();
  const last = await made.join(friend, [made.entry.id]);
  expect(rightsOf([...joins, last.entry]).role(friend.user)).toBe('member');
});

test('[T45] a link lets in no more than so many people within an hour, whatever it is for; later it does again', async () => {
  const { made, inside } = await door({ uses: 1_000 });
  const crowd = await many(JOINS_AN_HOUR + 20);
  const start = made.entry.header.hlc;
  const joins: Entry[] = [];
  for (const [n, person] of crowd.entries())
    joins.push((await made.join(person, [made.entry.id], { hlc: hlcOf(start + 1 + n) })).entry);
  expect(inside(joins, crowd)).toHaveLength(JOINS_AN_HOUR);
  expect(inside([...joins].reverse(), crowd)).toHaveLength(JOINS_AN_HOUR);
  expect(inside(joins, crowd, { ...SOUND, boundedJoins: false })).toHaveLength(crowd.length);
  const late = await newPerson();
  const later = await made.join(late, [made.entry.id], { hlc: hlcOf(start + 3_600_000 - 1_000) });
  expect(inside([...joins, later.entry], [late])).toEqual([]);
});

test('[T45] all links of a Member let in no more than their share, and an Owner is bound by the uses alone', async () => {
  const member = await door({ uses: 1_000, by: 'member' });
  const crowd = await many(GUESTS_OF_A_MEMBER + 10);
  const guests = (await Promise.all(crowd.map((person) => member.made.join(person, [member.made.entry.id])))).map(
    ({ entry }) => entry,
  );
  expect(member.inside(guests, crowd)).toHaveLength(GUESTS_OF_A_MEMBER);
  expect(member.inside(guests, crowd, { ...SOUND, boundedJoins: false })).toHaveLength(crowd.length);
  // A second link gives no second share.
  const second = await makeInvite(member.by, [member.made.entry.id], member.key, { role: 'guest', uses: 100 });
  const one = await newPerson();
  const more = await second.join(one, [second.entry.id]);
  expect(member.inside([...guests, second.entry, more.entry], [one])).toEqual([]);
  const owner = await door({ uses: 1_000 });
  const joins = (await Promise.all(crowd.map((person) => owner.made.join(person, [owner.made.entry.id])))).map(
    ({ entry }) => entry,
  );
  expect(owner.inside(joins, crowd)).toHaveLength(crowd.length);
});
