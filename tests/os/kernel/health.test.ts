/** How well spaces are kept: what counts as a copy, and who fetches again what too few have. */
import { expect, test } from 'vitest';
import {
  aimOf,
  type Copies,
  copiesBy,
  holdersOf,
  levelOf,
  type OwnCopy,
  repairTurn,
  type Shown,
  shownNext,
} from '../../../src/os/kernel/health';
import { stand } from '../../../src/os/kernel/receipts';
import { Tending } from '../../../src/os/kernel/tending';
import { virtualClock } from '../../../src/platform/memory/clock';
import { memoryStorage } from '../../../src/platform/memory/storage';
import type { NodeId } from '../../../src/vm/op/ids';
import { proved, UNPROVED } from '../../../src/vm/replica/possession';
import { desk, Node } from '../../support/shelf';

test('[HE1] [HE2] green is as many copies as are aimed at with something lasting among them, red is what a loss or two would end', () => {
  const level = (beacons: number, kept: number, others: number, own: OwnCopy, aim = 3) =>
    levelOf({ beacons, kept, others } satisfies Copies, own, aim);
  // Nobody, one other device, two that may clear it, a beacon.
  expect(level(0, 0, 0, 'kept')).toBe('red');
  expect(level(0, 1, 0, 'kept')).toBe('red');
  expect(level(0, 0, 2, 'kept')).toBe('yellow');
  expect(level(1, 0, 0, 'kept')).toBe('yellow');
  expect(level(1, 0, 0, 'kept', 2)).toBe('green');
  expect(level(1, 1, 0, 'kept')).toBe('green');
  expect(level(1, 1, 0, 'mayGo')).toBe('yellow');
  expect(level(1, 1, 3, 'mayGo')).toBe('green');
  expect(level(1, 2, 0, 'partly')).toBe('green');
  // Without a beacon two browsers have to keep it, however many may clear it.
  expect(level(0, 0, 40, 'kept')).toBe('yellow');
  expect(level(0, 1, 4, 'kept')).toBe('green');
  expect(level(0, 2, 0, 'kept')).toBe('green');
  expect(level(0, 1, 40, 'mayGo')).toBe('yellow');
});

test('[HE5] good news shows at once, bad news when it has lasted for a minute, on a clock that goes back too', () => {
  let shown: Shown = { level: undefined };
  const at = (now: number, level: 'red' | 'yellow' | 'green') => {
    shown = shownNext(shown, level, now);
    return shown.level;
  };
  expect(at(-60_000, 'red')).toBeUndefined();
  expect(at(0, 'red')).toBe('red');
  expect(at(1, 'green')).toBe('green');
  expect(at(2, 'yellow')).toBe('green');
  expect(at(30_000, 'green')).toBe('green');
  expect(at(40_000, 'red')).toBe('green');
  expect(at(99_000, 'yellow')).toBe('green');
  expect(at(100_000, 'yellow')).toBe('yellow');
  expect(at(100_001, 'red')).toBe('yellow');
  expect(at(-100_000, 'red')).toBe('red');
});

/** An Owner whose text may go, and others of the space who state to hold it. */
const company = async () => {
  const set = await desk(1);
  const { here } = set;
  const [document] = set.documents as [NodeId];
  await set.type(here.authors.member, document, 'A text that is to be kept. ');
  const clock = virtualClock(Date.now() + 600_000);
  const owner = await Node.of(here, here.people.owner, clock);
  const people = [here.people.admin, here.people.member, here.people.guest, here.people.none] as const;
  const others = await Promise.all(people.map((person) => Node.of(here, person, clock)));
  for (const node of [owner, ...others]) await node.take(...set.history());
  const shards = new Set([...owner.replica.entries.values()].map(({ header }) => header.shard));
  const state = (node: Node): void => {
    for (const shard of shards) node.claim(shard)(owner, clock.now());
  };
  const now = () => clock.now();
  return { ...set, owner, others: others as [Node, Node, Node, Node], document, clock, state, now };
};

test('[HE4] who was removed, who is doubted, who said it long ago and who lacks a part counts for nothing', async () => {
  const { owner, others, document, state, now, clock, shardOf } = await company();
  // The last one was removed.
  const [admin, member, guest] = others;
  const copies = () => copiesBy(owner.replica, holdersOf(owner.replica, owner.device, now()));
  expect(copies()).toEqual({ beacons: 0, kept: 0, others: 0 });
  for (const node of others) state(node);
  expect(copies()).toEqual({ beacons: 0, kept: 0, others: 3 });
  stand(owner.space, admin.device, proved(now(), true));
  expect(copies()).toEqual({ beacons: 0, kept: 1, others: 2 });
  stand(owner.space, guest.device, { ...UNPROVED, failed: 2 });
  expect(copies()).toEqual({ beacons: 0, kept: 1, others: 1 });
  await member.letGo(document);
  member.claim(shardOf(document))(owner);
  expect(copies()).toEqual({ beacons: 0, kept: 1, others: 0 });
  await clock.advance(8 * 86_400_000);
  expect(copies()).toEqual({ beacons: 0, kept: 0, others: 0 });
});

test('[RP1] [RP2] [RP3] a text that too few hold is fetched again, by one after the other, and not where there is no room', async () => {
  const { owner, others, document, state, now, clock, shardOf } = await company();
  const [admin, member] = others;
  const shard = shardOf(document);
  await owner.letGo(document);
  expect(aimOf(owner.replica)).toBe(3);
  const turn = () => repairTurn(owner.replica, shard, owner.device, true, now());
  for (const node of [admin, member]) {
    state(node);
    stand(owner.space, node.device, proved(now(), true));
  }
  expect(turn(), 'two keep it').toBeUndefined();

  let room = 0;
  const fetched: NodeId[] = [];
  const kept = { ...memoryStorage(), usage: async () => ({ used: 0, kept: true }) };
  Object.assign(owner.held.context.ports, { storage: kept });
  const tending = new Tending(owner.held.context, {
    spaces: () => new Map([[owner.space.id, owner.space]]),
    room: () => room,
    fetch: (_, object) => void fetched.push(object),
    changed: () => {},
  });
  tending.start();
  await clock.advance(600_000);
  expect(fetched).toEqual([]);

  // One of them lets go too: now either of the two may have to fetch it, and one of them first.
  await member.letGo(document);
  for (const [from, to] of [
    [member, owner],
    [owner, member],
    [admin, member],
  ] as const)
    from.claim(shard)(to);
  for (const node of [owner, admin]) stand(member.space, node.device, proved(now(), true));
  expect([turn(), repairTurn(member.replica, shard, member.device, true, now())].sort()).toEqual([0, 1]);
  await clock.advance(600_000);
  expect(fetched, 'there is no room').toEqual([]);
  room = 1_000_000;
  await clock.advance(600_000);
  expect(new Set(fetched)).toEqual(new Set([document]));
  tending.stop();
});
