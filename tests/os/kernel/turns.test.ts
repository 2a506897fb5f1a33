/** What one side of a session gives while it is held, and while what it gave is on its way. */
import { expect, test } from 'vitest';
import type { Link } from '../../../src/os/kernel/link';
import { readEntries, Session } from '../../../src/os/kernel/session';
import { decodeEntry, type Entry } from '../../../src/vm/op/entry';
import { Node } from '../../support/shelf';
import { stage } from '../../support/stage';

/** A session over a link that only notes what leaves, of a node that holds `count` writes of a Member. */
const giving = async (count: number) => {
  const here = await stage();
  let now = Date.now();
  const clock = { now: () => now, after: () => () => {} };
  const node = await Node.of(here, here.people.owner, clock);
  await node.take(...here.tab.space.replica.entries.values());
  const writes: Entry[] = [];
  for (let i = 0; i < count; i++) writes.push(await here.set(here.authors.member, 'title', `${i}`));
  await node.take(...writes);
  const left: Entry[] = [];
  const bulk = { given: 0, dealtWith: 0 };
  const note = (bytes: Uint8Array): void => {
    const entry = decodeEntry(bytes);
    if (entry.ok) left.push(entry.value);
  };
  const link = {
    ready: {
      device: here.people.admin.device,
      kind: 'tab',
      nonces: [new Uint8Array(32), new Uint8Array(32)],
      features: [],
    },
    roomForBulk: true,
    closed: false,
    bulk,
    send: (type: string, payload: Uint8Array) => {
      if (type === 'entry') note(payload);
      if (type !== 'entries') return true;
      bulk.given += payload.length;
      for (const bytes of readEntries(payload) ?? []) note(bytes);
      return true;
    },
  } as unknown as Link;
  const session = new Session(link, node.space, 1, clock, { device: node.device, count: () => {} }, () => []);
  session.theirIndex = 1;
  const lackingAll = { answer: true, rightsOnly: false, logs: [] };
  const { acl } = node.replica;
  return {
    ...{ session, writes, bulk },
    later: (ms: number) => {
      now += ms;
    },
    /** What leaves when somebody says so; how much of it is rights, and how much of the writes. */
    leaves: (work: (session: Session) => void) => {
      left.length = 0;
      work(session);
      return {
        rights: left.filter(({ header }) => header.shard === acl).length,
        writes: left.filter(({ id }) => writes.some((write) => write.id === id)).length,
      };
    },
    asks: (session: Session) => session.vectorReceived(lackingAll),
  };
};

test('[TN4] who is held gives rights and what is asked for by name, and no content until it may, or a minute has passed', async () => {
  for (const freed of ['by word', 'by time'] as const) {
    const { leaves, asks, writes, later } = await giving(20);
    const held = leaves((session) => {
      session.holdHeard(true);
      asks(session);
    });
    expect(held.rights).toBeGreaterThan(0);
    expect(held.writes).toBe(0);
    expect(leaves((session) => session.wantReceived(writes.slice(0, 3).map(({ id }) => id))).writes).toBe(3);
    later(freed === 'by time' ? 60_000 : 10_000);
    const free = leaves((session) => {
      if (freed === 'by word') session.holdHeard(false);
      asks(session);
    });
    expect(free.writes).toBe(20);
  }
});

test('[TN4] what waits to leave when a hold comes does not leave, and is given when it is asked for again', async () => {
  const { leaves, asks, session } = await giving(20);
  Object.assign(session.link, { roomForBulk: false });
  expect(leaves(asks).writes).toBe(0);
  session.holdHeard(true);
  Object.assign(session.link, { roomForBulk: true });
  expect(leaves((held) => held.pump()).writes).toBe(0);
  session.holdHeard(false);
  expect(leaves(asks).writes).toBe(20);
});

test('[TN4] what came by reconciliation is not pushed to who holds us or told to have it; news is', async () => {
  const { leaves, writes, session } = await giving(3);
  const [first, second] = writes as [Entry, Entry];
  expect(leaves(() => session.pass(second, true)).writes).toBe(1);
  session.vectorReceived({
    answer: true,
    rightsOnly: false,
    logs: [{ log: first.log, length: first.header.seq + 1, head: first.id }],
  });
  expect(leaves(() => session.pass(first, true)).writes).toBe(0);
  expect(leaves(() => session.pass(second, true)).writes).toBe(1);
  session.holdHeard(true);
  expect(leaves(() => session.pass(second, true)).writes).toBe(0);
  expect(leaves(() => session.pass(second)).writes).toBe(1);
});

test('[TN5] what is on its way is not given twice; what was dealt with, or is late, is given again to who lacks it', async () => {
  const { leaves, asks, bulk, later } = await giving(20);
  expect(leaves(asks).writes).toBe(20);
  later(1_000);
  expect(leaves(asks)).toEqual({ rights: 0, writes: 0 });
  bulk.dealtWith = bulk.given;
  expect(leaves(asks).writes).toBe(20);
  later(1_000);
  expect(leaves(asks).writes).toBe(0);
  later(3_000);
  expect(leaves(asks).writes).toBe(20);
  // Much lies before it on the link: it is on its way however long that takes.
  bulk.given += 1_000_000;
  later(3_000);
  expect(leaves(asks).writes).toBe(20);
  later(10_000);
  expect(leaves(asks).writes).toBe(0);
  bulk.dealtWith = bulk.given;
  expect(leaves(asks).writes).toBe(20);
});
