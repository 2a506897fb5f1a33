/** Entries that are forged, repeated, misplaced, early or without ancestors; each attack also on a node without the defence. */
import { expect, test } from 'vitest';
import { MAX_WAITING_PER_DEVICE } from '../../src/vm/journal/waiting';
import { hlcOf } from '../../src/vm/op/clock';
import { type Entry, encodeEntry } from '../../src/vm/op/entry';
import type { EntryId } from '../../src/vm/op/ids';
import { Author, foundSpace, holdSpace, newPerson, random } from '../support/insider';
import { counted, type Stage, stage } from '../support/stage';
import { credulous, endless, forgetful, roleless, timeless, type Weaken } from '../support/weak';

/** Signs with their own key in the name of another's device. */
const thiefOf = ({ id, people }: Stage): Author => new Author({ ...people.member, device: people.admin.device }, id);

const forge = async (sign: (here: Stage) => Author | Promise<Author>, weaken?: Weaken) => {
  const here = await stage(weaken);
  const thief = await sign(here);
  const passedOn = here.tab.passedOn.length;
  const { node, op } = thief.newNode('Document', 9);
  const entry = await here.write(thief, [op], { incarnation: 9 });
  const got = await here.give(entry);
  return {
    got,
    counted: counted(here.tab, /^refused\./),
    passedOn: here.tab.passedOn.length - passedOn,
    asAdmin: here.tab.space.replica.engine.node(node)?.author === here.people.admin.user,
    shown: here.tab.space.replica.engine.node(node) !== undefined,
  };
};

test("[T1] what one signs in the name of another's device is taken by nobody and passed on to nobody", async () => {
  expect(await forge(thiefOf)).toEqual({
    got: { tab: ['refused badSignature'], beacon: ['refused badSignature'] },
    counted: 1,
    passedOn: 0,
    asAdmin: false,
    shown: false,
  });
  // With signatures that nobody checks it is the Admin's work.
  expect(await forge(thiefOf, credulous)).toEqual({
    got: { tab: ['admitted'], beacon: ['admitted'] },
    counted: 0,
    passedOn: 1,
    asAdmin: true,
    shown: true,
  });
});

test('[AD1] [T1] what a stranger signs with a sound key is taken by nobody', async () => {
  const stranger = async ({ id }: Stage): Promise<Author> => new Author(await newPerson(), id);
  expect(await forge(stranger)).toMatchObject({
    got: { tab: ['refused unknownAuthor'], beacon: ['refused unknownAuthor'] },
    counted: 1,
    passedOn: 0,
    shown: false,
  });
  expect(await forge(stranger, roleless)).toMatchObject({
    got: { tab: ['admitted'], beacon: ['admitted'] },
    counted: 0,
    passedOn: 1,
    shown: true,
  });
});

const SIGNATURE = 64;
/** Each byte of an entry changed, one after the other, or each of its signature. */
const bend = async (part: 'entry' | 'signature', weaken?: Weaken) => {
  const { authors, set, tab } = await stage(weaken);
  const entry = await set(authors.member, 'z', '1');
  const bytes = encodeEntry(entry);
  let taken = 0;
  const from = part === 'entry' ? 0 : Buffer.from(bytes).indexOf(entry.signature);
  const to = part === 'entry' ? bytes.length : from + SIGNATURE;
  for (let at = from; at < to; at++) {
    const changed = bytes.slice();
    changed[at] = (changed[at] as number) ^ (1 << (at % 8));
    const [admission] = await tab.space.receive([changed], undefined);
    if (admission?.type !== 'refused') taken++;
  }
  return { taken, counted: counted(tab, /^refused\./), length: bytes.length, entry, tab };
};

test('[T1] no entry with any byte changed is taken', async () => {
  const { tab, entry, length, ...found } = await bend('entry');
  expect(length).toBeGreaterThan(300);
  expect(found).toEqual({ taken: 0, counted: length });
  expect(await tab.receive(entry)).toEqual(['admitted']);
  // Where signatures are not checked they can be anything; the rest is taken too, as long as it can be read.
  expect((await bend('signature', credulous)).taken).toBe(SIGNATURE);
  expect((await bend('entry', credulous)).tab.passedOn.length).toBeGreaterThan(0);
});

const repeat = async (weaken: (entry: Entry) => Weaken = () => () => {}) => {
  const { authors, set, tab } = await stage();
  const entry = await set(authors.member, 'z', '1');
  expect(await tab.receive(entry)).toEqual(['admitted']);
  weaken(entry)(tab);
  const { replica } = tab.space;
  const before = { hash: replica.stateHash(), bytes: tab.space.bytes, passedOn: tab.passedOn.length };
  const got = new Set(await tab.receive(...Array<Entry>(100).fill(entry)));
  expect(replica.stateHash()).toBe(before.hash);
  return {
    got: [...got],
    passedOn: tab.passedOn.length - before.passedOn,
    kept: (tab.space.bytes - before.bytes) / (entry.body.length + 400),
  };
};

test('[T2] replayed a hundred times an entry is neither kept nor passed on again', async () => {
  expect(await repeat()).toEqual({ got: ['known'], passedOn: 0, kept: 0 });
  // Who does not know what they have keeps it a hundred times, and sends it to everybody a hundred times.
  expect(await repeat(forgetful)).toEqual({ got: ['admitted'], passedOn: 100, kept: 100 });
});

/** A Member of one space founded another: somebody plays their work in the first to the second. */
const misplace = async (placeless = false) => {
  const here = await stage();
  const victim = here.people.member;
  const other = await foundSpace(victim);
  const there = await holdSpace(other.id, victim);
  await there.receive(...other.entries);
  const under = { aclRef: (other.entries.at(-1) as Entry).id };
  const { node, op } = other.author.newNode('Document');
  const first = await other.author.data(other.outline, 'content', [op], other.key, under);
  const title = { type: 'fieldSet', node, key: 'title', value: '"Honest"' } as const;
  const second = await other.author.data(other.outline, 'content', [title], other.key, under);
  expect(await there.receive(second)).toEqual(['waiting']);
  const replayed: Entry[] = [];
  for (let i = 0; i < MAX_WAITING_PER_DEVICE; i++) replayed.push(await here.set(here.authors.member, 'z', `${i}`));
  // A node that does not compare takes itself to be wherever the entry says.
  if (placeless) Object.assign(there.space.replica, { id: here.id });
  const got = new Set(await there.receive(...replayed));
  Object.assign(there.space.replica, { id: other.id });
  await there.receive(first);
  return {
    got: [...got],
    counted: counted(there, /^refused\.otherSpace$/),
    shown: there.space.replica.engine.node(node)?.field('title'),
  };
};

test('[T2] in another space an entry is refused, and what waits there is not pushed out', async () => {
  expect(await misplace()).toEqual({ got: ['refused otherSpace'], counted: 64, shown: 'Honest' });
  // It would wait for rights that never come, in the place of its author's own work.
  expect(await misplace(true)).toEqual({ got: ['waiting'], counted: 0, shown: undefined });
});

const comeEarly = async (weaken?: Weaken) => {
  const here = await stage(weaken);
  const { authors, set, tab } = here;
  const passedOn = tab.passedOn.length;
  const future = Date.now() + 10 * 365 * 86_400_000;
  const got: string[] = [];
  for (const [i, value] of ['For ever', 'More'].entries())
    got.push(...(await tab.receive(await set(authors.member, 'title', value, { hlc: hlcOf(future + 5 * i) }))));
  const found = {
    got,
    parked: tab.space.replica.parked.size,
    counted: counted(tab, /^(parked|refused\.futureFull)$/),
    passedOn: tab.passedOn.length - passedOn,
    before: here.shown('title'),
  };
  expect(await tab.receive(await set(authors.admin, 'title', 'Now'))).toEqual(['admitted']);
  return { ...found, after: here.shown('title') };
};

test('[AD2] [T13] an entry from the far future is parked, one a log, goes no further and wins nothing', async () => {
  expect(await comeEarly()).toEqual({
    got: ['parked', 'waiting'],
    parked: 1,
    counted: 1,
    passedOn: 0,
    before: 'Plan',
    after: 'Now',
  });
  // Folded at once it wins against whatever is written in the next ten years.
  expect(await comeEarly(timeless)).toEqual({
    got: ['admitted', 'admitted'],
    parked: 0,
    counted: 0,
    passedOn: 2,
    before: 'More',
    after: 'More',
  });
});

const FLOOD = 200;
const flood = async (weaken?: Weaken) => {
  const here = await stage(weaken);
  const { authors, set, tab } = here;
  // Honest work that came before what it stands on.
  const [first, second] = [await set(authors.admin, 'p', '1'), await set(authors.admin, 'p', '2')];
  expect(await tab.receive(second)).toEqual(['waiting']);
  for (let i = 0; i < FLOOD; i++) {
    const invented = Buffer.from(random.bytes(32)).toString('hex') as EntryId;
    const orphan = await set(authors.member, 'q', '1', { incarnation: 100 + i, deps: [invented] });
    expect(await tab.receive(orphan)).toEqual(['waiting']);
  }
  const { waiting } = tab.space.replica;
  const found = {
    waiting: waiting.size - 1,
    asked: waiting.missing().length - 1,
    counted: counted(tab, /^waitingDropped$/),
  };
  expect(await here.give(first)).toEqual({ tab: ['admitted'], beacon: ['admitted'] });
  return { ...found, honest: here.shown('p') };
};

test('[AD2] [T11] a flood of entries with invented ancestors stays within its bounds, and honest work goes past it', async () => {
  const bound = MAX_WAITING_PER_DEVICE;
  expect(await flood()).toEqual({ waiting: bound, asked: bound, counted: FLOOD - bound, honest: '2' });
  // Without bounds all of it stays, and every node is asked for each invented ancestor, for ever.
  expect(await flood(endless)).toEqual({ waiting: FLOOD, asked: FLOOD, counted: 0, honest: '2' });
});
