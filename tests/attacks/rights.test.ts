/** Insiders with real keys against the one door, of a tab and of a blind beacon, and against the same door left open. */
import { expect, test } from 'vitest';
import type { Act, Role } from '../../src/os/rights/acl';
import type { Identity } from '../../src/os/rights/identity';
import type { Rights } from '../../src/os/rights/resolve';
import { hlcOf } from '../../src/vm/op/clock';
import { CLASSES, type Entry, type EntryClass } from '../../src/vm/op/entry';
import { contentShardOf, type InviteId, metaShardOf } from '../../src/vm/op/ids';
import { holdSpace, makeInvite, newPerson } from '../support/insider';
import { counted, ROLES, type Stage, stage } from '../support/stage';
import { believing, classless, roleless, type Weaken } from '../support/weak';

const LEAST: Record<EntryClass, number> = { content: 2, annotation: 1, personal: 1, system: 3 };
/** Every role writes every class into every shard; each cell says what became of it and whether it is seen. */
const writeAll = async (weaken?: Weaken) => {
  const here = await stage(weaken);
  const { id, authors, document, tab, beacon } = here;
  const shards = {
    outline: here.outline,
    content: contentShardOf(id, document),
    meta: metaShardOf(id),
    acl: tab.space.replica.acl,
  };
  const cells = [];
  for (const [rank, role] of ROLES.entries()) {
    for (const entryClass of CLASSES) {
      for (const [name, shard] of Object.entries(shards)) {
        const author = authors[role];
        const value: string = `${cells.length}`;
        const entry = await here.set(author, 'x', value, { shard, class: entryClass });
        const got = await here.give(entry);
        if (got.tab[0] !== 'admitted') author.forget(entry);
        const needs = name === 'acl' ? 99 : name === 'meta' ? 3 : LEAST[entryClass];
        const cell = { role, class: entryClass, shard: name };
        cells.push({ cell, may: rank >= needs, got, seen: here.shown('x') === value });
      }
    }
  }
  return { cells, counted: [tab, beacon].map((node) => counted(node, /^refused\./)) };
};
const both = (admission: string) => ({ tab: [admission], beacon: [admission] });

test('[AD3] [T28] role x class x shard: what a role may not write is refused by tabs and by blind beacons alike', async () => {
  const sound = await writeAll();
  expect(sound.cells.length).toBe(80);
  for (const { cell, may, got, seen } of sound.cells) {
    const refusal = cell.shard === 'acl' ? 'refused wrongShard' : 'refused notAllowed';
    expect({ cell, got }).toEqual({ cell, got: both(may ? 'admitted' : refusal) });
    if (!may) expect({ cell, seen }).toEqual({ cell, seen: false });
  }
  const forbidden = sound.cells.filter(({ may }) => !may);
  expect(sound.counted).toEqual([forbidden.length, forbidden.length]);

  // Where nobody is asked for their role all of it is taken, and seen where the document stands.
  const open = await writeAll(roleless);
  for (const { cell, got, seen } of open.cells) {
    expect({ cell, got }).toEqual({ cell, got: both(cell.shard === 'acl' ? 'refused wrongShard' : 'admitted') });
    expect({ cell, seen }).toEqual({ cell, seen: cell.shard === 'outline' });
  }
  expect(open.cells.filter(({ may, seen }) => seen && !may).map(({ cell }) => `${cell.role} ${cell.class}`)).toEqual([
    'none content',
    'none annotation',
    'none personal',
    'none system',
    'guest content',
    'guest system',
    'member system',
  ]);
});

const INVITE = '1'.repeat(32) as InviteId;
const inviteAs = (role: Role): Act => ({
  type: 'invite',
  invite: INVITE,
  key: new Uint8Array(32),
  role,
  uses: 1,
  notAfter: Date.now() + 1e6,
  confirm: true,
  sealedKeys: new Uint8Array(),
});
const grant = ({ user }: Identity, role: Role): Act => ({
  type: 'grant',
  user,
  role,
  notAfter: undefined,
  cut: [],
  certificate: undefined,
});
/** `least`: the rank that may; 9 is nobody. `done`: the harm, or the use. */
const ACTS: Record<
  string,
  {
    readonly least: number;
    act(people: Stage['people'], by: Identity): Act;
    done(rights: Rights, people: Stage['people'], by: Identity): boolean;
  }
> = {
  'invite a Member': { least: 3, act: () => inviteAs('member'), done: (rights) => rights.invites().has(INVITE) },
  'invite an Admin': { least: 4, act: () => inviteAs('admin'), done: (rights) => rights.invites().has(INVITE) },
  'invite an Owner': { least: 9, act: () => inviteAs('owner'), done: (rights) => rights.invites().has(INVITE) },
  'grant Admin': {
    least: 4,
    act: ({ guest }) => grant(guest, 'admin'),
    done: (rights, { guest }) => rights.role(guest.user) === 'admin',
  },
  'grant Owner': {
    least: 4,
    act: ({ guest }) => grant(guest, 'owner'),
    done: (rights, { guest }) => rights.role(guest.user) === 'owner',
  },
  'demote an Admin': {
    least: 4,
    act: ({ admin }) => grant(admin, 'guest'),
    done: (rights, { admin }) => rights.role(admin.user) === 'guest',
  },
  'promote oneself': {
    least: 9,
    act: (_people, by) => grant(by, 'owner'),
    done: (rights, _people, by) => rights.role(by.user) === 'owner',
  },
  'remove the creator': {
    least: 9,
    act: ({ owner }) => ({ type: 'revoke', user: owner.user, cut: [] }),
    done: (rights, { owner }) => rights.role(owner.user) === 'none',
  },
  'name a beacon': {
    least: 3,
    act: ({ guest }) => ({ type: 'relay', device: guest.device, url: 'ws://x', name: '' }),
    done: (rights, { guest }) => rights.relays().has(guest.device),
  },
  'pass for another': {
    least: 9,
    act: ({ guest }) => ({ type: 'certify', certificate: guest.certificate }),
    done: (rights, { guest }, by) => rights.userOf(by.device) === guest.user,
  },
  'make another leave': {
    least: 9,
    act: ({ member }) => ({ type: 'leave', user: member.user, cut: [] }),
    done: (rights, { member }) => rights.role(member.user) === 'none',
  },
};
/** These are about oneself, or change nothing. */
const IDLE = ['guest pass for another', 'member make another leave', 'owner promote oneself', 'admin demote an Admin'];

const actAll = async (weaken: Weaken = () => {}) => {
  const { id, head, people, authors, entries } = await stage();
  const cells = [];
  for (const [rank, role] of ROLES.entries()) {
    for (const [name, { act, least, done }] of Object.entries(ACTS)) {
      const cell = `${role} ${name}`;
      if (IDLE.includes(cell)) continue;
      const by = people[role];
      // Each on a node of its own, or one grant would change what the next finds.
      const node = await holdSpace(id, people.owner);
      weaken(node);
      await node.receive(...entries);
      const entry = await authors[role].act([head], [act(people, by)]);
      const [got] = await node.receive(entry);
      authors[role].forget(entry);
      const { rights } = node.space.replica;
      const found = { got, done: done(rights, people, by), counted: counted(node, /^refused\.rightsNotAllowed$/) };
      cells.push({ cell, may: rank >= least, found });
    }
  }
  return cells;
};

test('[T28] role x act: the rights log takes from nobody what is above them', async () => {
  const cells = await actAll();
  expect(cells.length).toBe(51);
  const taken = { got: 'admitted', done: true, counted: 0 };
  const refused = { got: 'refused rightsNotAllowed', done: false, counted: 1 };
  for (const { cell, may, found } of cells) expect({ cell, found }).toEqual({ cell, found: may ? taken : refused });
  // A log that takes everybody at their word: each of the acts is done.
  for (const { cell, found } of await actAll(believing)) expect({ cell, found }).toEqual({ cell, found: taken });
});

const passOff = async (weaken: Weaken = () => {}) => {
  const here = await stage();
  weaken(here.tab);
  const { authors, document, write, set, tab } = here;
  const fake = authors.guest.newNode('Document');
  const annotation = { class: 'annotation' } as const;
  const shard = contentShardOf(here.id, document);
  const update = new Uint8Array([0, 0]);
  const got = await here.give(
    await write(authors.guest, [fake.op], annotation),
    await set(authors.guest, 'title', 'Mine now', annotation),
    await write(authors.guest, [{ type: 'nodeDel', node: document }], annotation),
    await write(authors.guest, [{ type: 'textUpdate', document, n: 1, update }], { ...annotation, shard }),
  );
  return {
    got: [...new Set([...got.tab, ...got.beacon])],
    made: tab.space.replica.engine.node(fake.node) !== undefined,
    title: here.shown('title'),
    deleted: tab.space.replica.engine.node(document)?.deleted,
    here,
  };
};

test('[T28] a Guest cannot pass content off as an annotation: key holders void it, a beacon cannot see it', async () => {
  const { here, ...sound } = await passOff();
  expect(sound).toEqual({ got: ['admitted'], made: false, title: 'Plan', deleted: false });
  // The new document and the text: their ops are not of the declared class.
  const { unfolded } = here.tab.space.replica;
  expect([...unfolded.values()]).toEqual(['void', 'void']);
  // Where classes are not compared and the Guest is heard as an Owner, the document is theirs.
  const { here: _, ...open } = await passOff((node) => {
    classless(node);
    roleless(node);
  });
  expect(open).toEqual({ got: ['admitted'], made: true, title: 'Mine now', deleted: true });
});

test('[T29] what a removed person writes later is held or refused everywhere and never shown, however it is dated', async () => {
  const { id, head, give, authors, people, tab, beacon, author, document, set } = await stage();
  const seen = await set(authors.member, 'a', 'seen');
  await give(seen);
  const cut = [{ log: seen.log, seq: seen.header.seq }];
  const removal = await author.act([head], [{ type: 'revoke', user: people.member.user, cut }]);
  await give(removal);
  const attempts: Entry[] = [];
  const backdated = { hlc: hlcOf(Math.floor(seen.header.hlc) + 1) };
  for (const [i, fields] of [
    { aclRef: head, ...backdated },
    { aclRef: head },
    { aclRef: head, incarnation: 5, hlc: hlcOf(1_000) },
    { aclRef: removal.id },
  ].entries()) {
    const entry = await set(authors.member, 'title', `taken ${i}`, fields);
    attempts.push(entry);
    const got = await give(entry);
    const expected = fields.aclRef === removal.id ? 'refused notAllowed' : 'admitted';
    expect(got).toEqual({ tab: [expected], beacon: [expected] });
  }
  const { replica } = tab.space;
  expect(attempts.slice(0, 3).map((entry) => replica.unfolded.get(entry.id))).toEqual(['held', 'held', 'held']);
  expect(replica.engine.node(document)?.field('title')).toBe('Plan');
  expect(replica.engine.node(document)?.field('a')).toBe('seen');
  // Whoever has not heard of the removal shows it: that is the attack. When they hear, the graph is built anew.
  const late = await holdSpace(id, people.owner);
  await late.receive(...[...replica.entries.values()].filter((entry) => entry.id !== removal.id));
  expect(late.space.replica.engine.node(document)?.field('title')).toMatch(/^taken/);
  await late.receive(removal);
  expect(late.space.replica.engine.node(document)?.field('title')).toBe('Plan');
  expect(late.space.replica.stateHash()).toBe(replica.stateHash());
  expect(beacon.space.replica.entries.size).toBe(replica.entries.size);
});

/** The creator makes the Admin an Owner, or the Guest a second Admin; then the first of a pair removes the other. */
const duel = async (grown: 'admin' | 'guest', to: Role, victim: 'owner' | 'guest', weaken: Weaken = () => {}) => {
  const { id, head, author, authors, people, entries } = await stage();
  const node = await holdSpace(id, people.owner);
  weaken(node);
  const granted = await author.act([head], [grant(people[grown], to)]);
  await node.receive(...entries, granted);
  expect(node.space.replica.rights.role(people[grown].user)).toBe(to);
  const removal = await authors.admin.act([granted.id], [{ type: 'revoke', user: people[victim].user, cut: [] }]);
  const [got] = await node.receive(removal);
  return { got, counted: counted(node, /^refused\./), left: node.space.replica.rights.role(people[victim].user) };
};

test('[T31] a younger Owner removes no older one, an Admin no Admin', async () => {
  const refused = { got: 'refused rightsNotAllowed', counted: 1 };
  const done = { got: 'admitted', counted: 0, left: 'none' };
  expect(await duel('admin', 'owner', 'owner')).toEqual({ ...refused, left: 'owner' });
  expect(await duel('admin', 'owner', 'owner', believing)).toEqual(done);
  expect(await duel('guest', 'admin', 'guest')).toEqual({ ...refused, left: 'admin' });
  expect(await duel('guest', 'admin', 'guest', believing)).toEqual(done);
});

test('[RR3] a removed Admin who backdates an invite lets nobody in, in whatever order it comes', async () => {
  const { id, key, head, author, authors, people, entries } = await stage();
  const removal = await author.act([head], [{ type: 'revoke', user: people.admin.user, cut: [] }]);
  const invite = await makeInvite(authors.admin, [head], key, { role: 'member' });
  const friend = await newPerson();
  const { entry: join } = await invite.join(friend, [invite.entry.id]);
  const roleAfter = async (...more: readonly Entry[]): Promise<string> => {
    const node = await holdSpace(id, people.owner);
    await node.receive(...entries, ...more);
    return node.space.replica.rights.role(friend.user);
  };
  expect(await roleAfter(removal, invite.entry, join)).toBe('none');
  expect(await roleAfter(invite.entry, removal, join)).toBe('none');
  expect(await roleAfter(invite.entry, join, removal)).toBe('none');
  // To a node without the removal the invite is as good as any: that is the attack.
  expect(await roleAfter(invite.entry, join)).toBe('member');
});

test('[RR5] a link from before a removal does not bring the removed person back, also in full knowledge; a new one does', async () => {
  const { id, key, head, author, people, entries } = await stage();
  const older = await makeInvite(author, [head], key, { role: 'admin' });
  const removal = await author.act([older.entry.id], [{ type: 'revoke', user: people.member.user, cut: [] }]);
  const newer = await makeInvite(author, [removal.id], key, { role: 'guest' });
  const node = await holdSpace(id, people.owner);
  await node.receive(...entries, older.entry, removal, newer.entry);
  const { rights } = node.space.replica;
  const back = await older.join(people.member, [newer.entry.id], { incarnation: 7 });
  expect(await node.receive(back.entry)).toEqual(['refused rightsNotAllowed']);
  expect(rights.role(people.member.user)).toBe('none');
  // The link is good for somebody who was not removed, and the newer one was made for whoever it reaches.
  const friend = await newPerson();
  expect(await node.receive((await older.join(friend, [newer.entry.id])).entry)).toEqual(['admitted']);
  expect(rights.role(friend.user)).toBe('admin');
  const again = await newer.join(people.member, [newer.entry.id], { incarnation: 8 });
  expect(await node.receive(again.entry)).toEqual(['admitted']);
  expect(rights.role(people.member.user)).toBe('guest');
});
