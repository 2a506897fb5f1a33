/** Devices that sign two histories, and what they try with it: to split replicas, to write past a removal, to shut others out. */
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import type { Act } from '../../src/os/rights/acl';
import { forkAct } from '../../src/os/rights/fork';
import type { EntryLog } from '../../src/vm/journal/log';
import { hlcOf } from '../../src/vm/op/clock';
import { type Entry, entryIdOf } from '../../src/vm/op/entry';
import { contentShardOf, type EntryId, yjsClientIdOf } from '../../src/vm/op/ids';
import { digests, exchange, nodeOf, states, take, testClock } from '../support/halves';
import { Author, bodyOf, type Held, heard } from '../support/insider';
import { type Stage, stage } from '../support/stage';
import { credulous } from '../support/weak';

const reportsIn = ({ space }: Held): readonly Entry[] =>
  [...space.replica.entries.values()].filter(
    (entry) => entry.header.shard === space.replica.acl && bodyOf(entry).acts.some(({ type }) => type === 'fork'),
  );
const lastOf = (node: Held, device: string): Entry => {
  const [log] = [...node.space.replica.logs.values()].filter(
    ({ head }) => head?.header.device === device && head.header.shard !== node.space.replica.acl,
  );
  return log?.head as Entry;
};

/** The Member's device goes on in two ways after what it had written; each half of the space is shown one. */
const twoFaced = async (here: Stage, length = 3) => {
  const clock = testClock();
  const nodes = {
    left: [await nodeOf(here, 'owner', clock), await nodeOf(here, 'none', clock)],
    right: [await nodeOf(here, 'admin', clock), await nodeOf(here, 'guest', clock)],
  };
  const last = lastOf(nodes.left[0] as Held, here.people.member.device);
  const branches: Entry[][] = [];
  for (const name of ['left', 'right'] as const) {
    const branch: Entry[] = [];
    for (let i = 0; i < length; i++) {
      const before = branch.at(-1) ?? last;
      const place = { seq: before.header.seq + 1, prev: before.id };
      branch.push(await here.set(here.authors.member, i === 0 ? 'title' : `${name} ${i}`, `${name} ${i}`, place));
    }
    branches.push(branch);
    for (const node of nodes[name]) await take(node, branch);
  }
  const all = [...nodes.left, ...nodes.right];
  const [left, right] = branches as [Entry[], Entry[]];
  /** Time enough for everybody who wants to report. */
  const settle = async () => {
    for (let i = 0; i < 3; i++) {
      await exchange(all);
      await clock.advance(2_000);
    }
    await exchange(all);
  };
  return { clock, nodes, all, seeing: all.filter(({ context }) => context.kind === 'tab'), left, right, settle };
};

test('[T6] two entries for one place: both are kept, all replicas agree, and all hold the proof; each reports once', async () => {
  const here = await stage();
  const { people, document } = here;
  const { all, seeing, left, right, settle } = await twoFaced(here);
  expect(digests(all).length).toBe(2);
  await settle();
  expect(digests(all).length).toBe(1);
  expect(states(seeing).length).toBe(1);
  for (const node of seeing) {
    const { rights, engine, entries } = node.space.replica;
    for (const entry of [...left, ...right]) expect(entries.has(entry.id)).toBe(true);
    expect(rights.suspensions(people.member.device)).not.toEqual([]);
    expect(rights.role(people.member.user), 'the person keeps the role').toBe('member');
    // Fields of both branches merge: the later title wins, and what only one wrote is there.
    const shown = engine.node(document);
    expect(shown?.field('title')).toBe('right 0');
    expect([shown?.field('left 1'), shown?.field('right 2')]).toEqual(['left 1', 'right 2']);
  }
  const reports = reportsIn(all[0] as Held);
  expect(reports.length).toBeGreaterThan(0);
  expect(new Set(reports.map(({ header }) => header.device)).size).toBe(reports.length);
});

test('[T6] the first branch to arrive stands where forks are refused: the halves never agree', async () => {
  const here = await stage();
  const { all, seeing, left, right } = await twoFaced(here);
  for (const { space } of all)
    for (const log of space.replica.logs.values()) {
      const { check } = log;
      log.check = (entry, deps) => {
        const checked = check.call(log, entry, deps);
        return checked.ok && checked.value.fork ? { ok: false, error: { type: 'duplicate' } } : checked;
      };
    }
  for (const node of all) await take(node, [...left, ...right]);
  expect(digests(all).length).toBe(2);
  expect(states(seeing).length).toBe(2);
});

test('[FK1] of a suspended device nothing new counts, on any node, until an Admin clears it', async () => {
  const here = await stage();
  const { people, authors, set, document } = here;
  const { all, seeing, left, settle } = await twoFaced(here);
  await settle();
  const [owner, beacon] = all as [Held, Held];
  const told = owner.space.replica.rights.heads()[0] as EntryId;
  const last = left.at(-1) as Entry;
  const next = { seq: last.header.seq + 1, prev: last.id };
  const knowing = await set(authors.member, 'after', 'knowing', { ...next, aclRef: told });
  for (const node of [owner, beacon]) expect(await node.receive(knowing)).toEqual(['refused deviceSuspended']);
  // It acts as if it had not heard of it: stored, and not shown, also on a new branch in a place before, or in a new log.
  const unknowing = [
    await set(authors.member, 'after', 'unknowing', next),
    await set(authors.member, 'after', 'again', { ...next, seq: last.header.seq, prev: last.header.prev }),
    await set(authors.member, 'after', 'reborn', { seq: 0, prev: '0'.repeat(64) as EntryId, incarnation: 7 }),
  ];
  for (const node of all) await take(node, unknowing);
  const shown = (node: Held) => node.space.replica.engine.node(document)?.field('after');
  for (const node of seeing) {
    expect(shown(node)).toBeUndefined();
    for (const { id } of unknowing) expect(node.space.replica.unfolded.get(id)).toBe('held');
  }
  await settle();
  expect(states(seeing).length).toBe(1);
  expect(reportsIn(owner).length, 'nobody vouches for it by another report').toBe(reportsIn(beacon).length);

  const cleared = await owner.space.act('acl', [{ type: 'clear', device: people.member.device }]);
  const clear = cleared.ok ? cleared.value : undefined;
  // What an honest device does that met another history of its own: it goes on in new logs.
  const reborn = { seq: 0, prev: '0'.repeat(64) as EntryId, incarnation: 9, aclRef: clear?.id as EntryId };
  const back = await set(authors.member, 'after', 'back', reborn);
  await exchange(all);
  for (const node of all) await take(node, [back]);
  await settle();
  for (const node of seeing) expect(shown(node)).toBe('back');
  expect(states(seeing).length).toBe(1);

  // FK2: the old proof suspends nobody again; a fork signed with knowledge of the clearing does.
  const before = reportsIn(owner).length;
  const [old] = reportsIn(owner).flatMap((entry) => bodyOf(entry).acts);
  const again = await owner.space.act('acl', [{ ...(old as Extract<Act, { type: 'fork' }>), cut: [] }]);
  expect(again.ok).toBe(true);
  const more = await set(authors.member, 'after', 'more', {
    ...reborn,
    seq: 1,
    prev: back.id,
  });
  expect(await owner.receive(more)).toEqual(['admitted']);
  expect(shown(owner)).toBe('more');
  const rival = await set(authors.member, 'after', 'rival', {
    ...reborn,
    seq: 1,
    prev: back.id,
  });
  await take(owner, [rival]);
  await settle();
  expect(reportsIn(owner).length).toBeGreaterThan(before + 1);
  const { rights } = owner.space.replica;
  expect(rights.suspensions(people.member.device).some((each) => !each.cleared)).toBe(true);
  expect(states(seeing).length).toBe(1);
});

test('[T22] two texts under the same clocks: every replica comes to the same text; Yjs alone stays apart for ever', async () => {
  const here = await stage();
  const { id, people, document, write, authors } = here;
  const { all, seeing, left, right, settle } = await twoFaced(here, 1);
  const shard = contentShardOf(id, document);
  const { device } = people.member;
  const client = yjsClientIdOf(device, document, 1);
  const typed = (words: string): Uint8Array => {
    const doc = new Y.Doc();
    doc.clientID = client;
    const paragraph = new Y.XmlElement('paragraph');
    paragraph.insert(0, [new Y.XmlText(words)]);
    doc.getXmlFragment('default').insert(0, [paragraph]);
    return Y.encodeStateAsUpdateV2(doc);
  };
  const updates = [typed('bread and butter'), typed('water and stone')];
  const entries: Entry[] = [];
  for (const [i, branch] of [left, right].entries()) {
    const update = updates[i] as Uint8Array<ArrayBuffer>;
    entries.push(
      await write(authors.member, [{ type: 'textUpdate', document, n: 1, update }], {
        shard,
        seq: 0,
        prev: '0'.repeat(64) as EntryId,
        aclRef: branch[0]?.header.aclRef as EntryId,
      }),
    );
  }
  for (const [i, node] of all.entries()) await take(node, [entries[i < 2 ? 0 : 1] as Entry]);
  const texts = () => new Set(seeing.map(({ space }) => space.replica.engine.documentText(document)));
  expect(texts().size).toBe(2);
  await settle();
  expect([...texts()]).toEqual(['bread and butter']);
  expect(states(seeing).length).toBe(1);
  const bare = [updates, updates.toReversed()].map((order) => {
    const doc = new Y.Doc();
    for (const update of order) Y.applyUpdateV2(doc, update);
    return doc.getXmlFragment('default').toString();
  });
  expect(bare[0], 'without the rule the text differs').not.toBe(bare[1]);
});

/** The Member is removed; what the remover held is accepted. Then a second history comes up that begins before the cut. */
const beforeTheCut = async (headed: boolean) => {
  const here = await stage();
  const { tab, people, authors, author, set, head } = here;
  const first = lastOf(tab, people.member.device);
  const seen = await set(authors.member, 'a', 'seen', { seq: 1, prev: first.id });
  const more = await set(authors.member, 'b', 'seen', { seq: 2, prev: seen.id });
  await here.give(seen, more);
  const cut = [{ log: seen.log, seq: 2, ...(headed ? { head: more.id } : {}) }];
  const removal = await author.act([head], [{ type: 'revoke', user: people.member.user, cut }]);
  await here.give(removal);
  const forged = await set(authors.member, 'c', 'forged', { seq: 1, prev: first.id });
  expect(await here.give(forged)).toEqual({ tab: ['admitted'], beacon: ['admitted'] });
  return { shown: here.shown, verdict: tab.space.replica.unfolded.get(forged.id) };
};
test('[T29] a second history that begins before the cut of a removal is held: a cut names the branch', async () => {
  const sound = await beforeTheCut(true);
  expect([sound.shown('a'), sound.shown('b'), sound.shown('c'), sound.verdict]).toEqual([
    'seen',
    'seen',
    undefined,
    'held',
  ]);
  const weak = await beforeTheCut(false);
  expect(weak.shown('c'), 'a cut by places alone lets it in').toBe('forged');
});

test('[T6] nobody is suspended by what is no proof: another device, one entry twice, two places, a bad signature', async () => {
  const here = await stage();
  const { people, authors, author, set, head, tab } = here;
  const last = lastOf(tab, people.member.device);
  const [a, b] = [
    await set(authors.member, 'a', '1', { seq: 1, prev: last.id }),
    await set(authors.member, 'a', '2', { seq: 1, prev: last.id }),
  ] as [Entry, Entry];
  const later = await set(authors.member, 'a', '3', { seq: 2, prev: b.id });
  const other = await set(authors.admin, 'a', '4', { seq: 1, prev: last.id });
  const elsewhere = await set(authors.member, 'a', '5', { seq: 1, prev: last.id, incarnation: 3 });
  const forged: Entry = { ...b, signature: new Uint8Array(64).fill(7) };
  const good = forkAct(a, b, []);
  const offered: Record<string, Act> = {
    forged: forkAct(a, forged, []),
    same: forkAct(a, a, []),
    later: forkAct(a, later, []),
    other: forkAct(a, other, []),
    elsewhere: forkAct(a, elsewhere, []),
    anothersDevice: { ...good, device: people.guest.device },
    turned: { ...good, first: good.second, second: good.first },
    rubbish: { ...good, first: Uint8Array.of(1) },
  };
  for (const [name, act] of Object.entries(offered)) {
    const entry = await author.act([head], [act]);
    expect([name, await here.give(entry)]).toEqual([
      name,
      { tab: ['refused badForkProof'], beacon: ['refused badForkProof'] },
    ]);
    author.forget(entry);
  }
  // A stranger, or a report that does not know the rights that the two act under, proves nothing either.
  const early = await author.act([(here.entries[1] as Entry).id], [good]);
  expect((await here.give(early)).tab).toEqual(['refused rightsNotAllowed']);
  author.forget(early);
  expect(tab.space.replica.rights.suspensions(people.member.device)).toEqual([]);
  expect((await here.give(await author.act([head], [good]))).tab).toEqual(['admitted']);
  expect(tab.space.replica.rights.suspensions(people.member.device).length).toBe(1);

  // The defence off: a forged signature shuts an honest device out.
  const weak = await stage(credulous);
  const mine = await weak.set(weak.authors.member, 'a', '1', {
    seq: 1,
    prev: lastOf(weak.tab, weak.people.member.device).id,
  });
  const header = { ...mine.header, hlc: hlcOf(5_000) };
  const invented: Entry = { ...mine, id: entryIdOf(header), header };
  await weak.give(await weak.author.act([weak.head], [forkAct(mine, invented, [])]));
  expect(weak.tab.space.replica.rights.suspensions(weak.people.member.device).length).toBe(1);
});

test('[RR6] a device that forks the rights log: both branches go through the resolution, nothing after the report counts', async () => {
  const here = await stage();
  const { people, head, tab, give, id } = here;
  const admin = people.admin.device;
  const log = [...tab.space.replica.logs.values()].find(
    ({ head: last }) => last?.header.device === admin && last.header.shard === tab.space.replica.acl,
  ) as EntryLog;
  const last = log.head as Entry;
  const place = { seq: last.header.seq + 1, prev: last.id };
  const two = new Author(people.admin, id);
  const grant = (role: 'guest' | 'member'): Act => ({
    type: 'grant',
    user: people.guest.user,
    role,
    notAfter: undefined,
    cut: [],
    certificate: undefined,
  });
  const [raise, remove] = [
    await two.act([head], [grant('member')], place),
    await two.act([head], [{ type: 'revoke', user: people.guest.user, cut: [] }], place),
  ];
  expect(await give(raise, remove)).toEqual({ tab: ['admitted', 'admitted'], beacon: ['admitted', 'admitted'] });
  const { rights } = tab.space.replica;
  expect(rights.role(people.guest.user), 'a removal beats a concurrent grant').toBe('none');
  const told = await tab.space.act('acl', [forkAct(raise, remove, [])]);
  expect(told.ok).toBe(true);
  if (told.ok) heard(told.value);
  expect([rights.role(people.guest.user), rights.role(people.admin.user)]).toEqual(['none', 'admin']);
  // As if it knew nothing of the report, and knowing of it.
  const unaware = await two.act([remove.id], [grant('guest')], { seq: place.seq + 1, prev: remove.id });
  expect(await tab.receive(unaware)).toEqual(['admitted']);
  expect([rights.stands(unaware.id), rights.role(people.guest.user)]).toEqual([false, 'none']);
  const aware = await two.act([told.ok ? told.value.id : head], [grant('guest')], {
    seq: place.seq + 2,
    prev: unaware.id,
  });
  expect(await tab.receive(aware)).toEqual(['refused deviceSuspended']);
  const cleared = await tab.space.act('acl', [{ type: 'clear', device: admin }]);
  if (cleared.ok) heard(cleared.value);
  const after = await two.act([cleared.ok ? cleared.value.id : head], [grant('guest')], {
    seq: place.seq + 2,
    prev: unaware.id,
  });
  expect(await tab.receive(after)).toEqual(['admitted']);
  expect(rights.role(people.guest.user)).toBe('guest');
});
