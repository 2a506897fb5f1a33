/** Histories that were cut, turned around or made endless, and clocks that lie: each attack also on a node without the defence. */
import { expect, test } from 'vitest';
import { NetworkTime } from '../../src/os/kernel/time';
import { virtualClock } from '../../src/platform/memory/clock';
import { hlcOf, MAX_AHEAD_MS } from '../../src/vm/op/clock';
import type { Entry } from '../../src/vm/op/entry';
import { type EntryId, type LogId, outlineShardOf } from '../../src/vm/op/ids';
import { type Held, holdSpace } from '../support/insider';
import { stage } from '../support/stage';
import { holed, unparking, type Weaken } from '../support/weak';

/** Logs of eight, each of another incarnation. */
const written = async (count = 1) => {
  const here = await stage();
  const logs: Entry[][] = [];
  for (let incarnation = 1; incarnation <= count; incarnation++) {
    const log: Entry[] = [];
    for (let i = 0; i < 8; i++) log.push(await here.set(here.authors.member, 'p', `${i}`, { incarnation }));
    logs.push(log);
  }
  return { ...here, logs, log: logs[0] as Entry[] };
};
const lengthOf = ({ space }: Held, log: LogId): number => space.replica.logs.get(log)?.length ?? 0;

test('[T3] of a log from which an entry was taken a node holds what is before it, and asks for it', async () => {
  const { tab, logs } = await written(9);
  for (const [k, log] of logs.slice(0, 8).entries()) {
    const [lost, id] = [log[k] as Entry, (log[0] as Entry).log];
    await tab.receive(...log.filter((entry) => entry !== lost));
    expect(lengthOf(tab, id)).toBe(k);
    expect(tab.space.replica.waiting.missing()).toEqual(k === 7 ? [] : [lost.id]);
    await tab.receive(lost);
    expect(lengthOf(tab, id)).toBe(8);
  }
  // Where nobody asks what an entry names, the history has a hole that nobody ever looks for.
  const log = logs[8] as Entry[];
  const lost = log[3] as Entry;
  holed(lost)(tab);
  await tab.receive(...log.filter((entry) => entry !== lost));
  expect(tab.space.replica.waiting.missing()).toEqual([]);
  expect(tab.space.replica.log(lost.log).head?.id).toBe((log[7] as Entry).id);
});

test('[T3] turned around or told as shorter than it is, a log comes to the same, and the difference is seen', async () => {
  const { tab, beacon, log } = await written();
  await tab.receive(...log.toReversed());
  expect(lengthOf(tab, (log[0] as Entry).log)).toBe(8);
  await beacon.receive(...log.slice(0, 5));
  const [whole, cut] = [tab.space.replica, beacon.space.replica];
  expect(Buffer.from(whole.digest())).not.toEqual(Buffer.from(cut.digest()));
  const told = cut.tips().filter(({ log: id }) => id === log[0]?.log);
  expect(whole.log((log[0] as Entry).log).lackedBy(told)).toEqual(log.slice(5));
});

test('[T56] a chain of 20,000 that comes in reverse, and entries with as many ancestors as there may be, cost what they are long', async () => {
  const { tab, log, authors, set } = await written();
  await tab.receive(...log);
  const { waiting } = tab.space.replica;
  const deep: Entry[] = [];
  const one = log[7] as Entry;
  const name = (i: number): EntryId => i.toString(16).padStart(64, '0') as EntryId;
  for (let i = 0; i < 20_000; i++)
    deep.push({ ...one, id: name(i + 1), header: { ...one.header, device: name(i % 400) as never, prev: name(i) } });
  // As the door does: each waits for the one before, and is released by it. Nothing calls itself.
  const run = (place: typeof waiting): number => {
    for (const entry of deep.toReversed()) place.waitFor(entry, [entry.header.prev]);
    let steps = 0;
    const ready = [name(0)];
    for (let next = ready.pop(); next !== undefined; next = ready.pop())
      for (const released of place.released(next)) {
        steps++;
        ready.push(released.id);
      }
    return steps;
  };
  expect(run(waiting)).toBe(20_000);
  expect(waiting.size).toBe(0);
  // A walk that calls itself for each that was released ends where the stack does.
  const calling = (place: typeof waiting, id: EntryId): number =>
    place.released(id).reduce((steps, released) => steps + 1 + calling(place, released.id), 0);
  for (const entry of deep.toReversed()) waiting.waitFor(entry, [entry.header.prev]);
  expect(() => calling(waiting, name(0))).toThrow(RangeError);
  // Signed ones through the door, the last first: some are dropped and come again, none is taken twice.
  const chain: Entry[] = [];
  for (let i = 0; i < 80; i++) chain.push(await set(authors.member, 'q', `${i}`, { incarnation: 8 }));
  await tab.receive(...chain.toReversed());
  expect((await tab.receive(...chain)).filter((became) => became === 'admitted').length).toBeLessThanOrEqual(80);
  expect(lengthOf(tab, (chain[0] as Entry).log)).toBe(80);
});

const write = async (node: Held, value: string): Promise<Entry> => {
  const { replica } = node.space;
  const made = await node.space.write(outlineShardOf(replica.id), 'content', [
    { type: 'fieldSet', node: replica.engine.idsOfType('Document')[0] as never, key: 'r', value: `"${value}"` },
  ]);
  if (!made.ok || !made.value) throw new Error('nothing was written');
  return made.value;
};

test('[T14] a third that date all by 59 s ahead pull nobody who is sound further than a minute, and for no longer', async () => {
  const drag = async (weaken: Weaken = () => {}) => {
    const here = await stage();
    const clock = virtualClock(Date.now());
    const node = await holdSpace(here.id, here.people.owner, clock);
    node.space.replica.keys.set(here.key.epoch, here.key.key);
    await node.receive(...here.tab.space.replica.entries.values());
    weaken(node);
    let drift = 0;
    for (let i = 0; i < 10; i++) {
      const ahead = i % 2 === 0 ? 59_000 : 3_600_000 * (i + 1);
      const lie = { hlc: hlcOf(clock.now() + ahead), incarnation: 50 + i };
      await node.receive(await here.set(here.authors.member, 'q', `${i}`, lie));
      drift = Math.max(drift, (await write(node, `${i}`)).header.hlc - clock.now());
    }
    return drift;
  };
  expect(await drag()).toBeLessThanOrEqual(MAX_AHEAD_MS);
  // Nor where all is taken, however far ahead it is dated: what is written here follows nothing from ahead.
  expect(await drag(unparking)).toBeLessThanOrEqual(MAX_AHEAD_MS);
  // Their word on the time is one voice each: those who are sound decide. Whoever believed the last one would follow.
  const day = async (believesLast: boolean) => {
    const clock = virtualClock(0);
    const time = new NetworkTime(clock);
    let [last, drift] = [0, 0];
    if (believesLast) Object.assign(time, { now: () => clock.now() + last });
    for (let hour = 0; hour < 24; hour++) {
      await clock.advance(3_600_000);
      for (let i = 0; i < 10; i++) {
        last = i < 7 ? 0 : 59_000 * hour;
        time.heard(`${i}`, 'tab', clock.now() + last);
      }
      drift = Math.max(drift, Math.abs(time.now() - clock.now()));
    }
    return drift;
  };
  expect(await day(false)).toBe(0);
  expect(await day(true)).toBeGreaterThan(20 * MAX_AHEAD_MS);
});

test('[T15] a clock that jumps an hour either way makes no own entry malformed, late or out of order', async () => {
  const jump = async (listens: boolean) => {
    const here = await stage();
    const [right, wrong] = [virtualClock(Date.now()), virtualClock(Date.now()).skewed(0)];
    const node = await holdSpace(here.id, here.people.owner, wrong);
    const other = await holdSpace(here.id, here.people.admin, right);
    for (const each of [node, other]) {
      each.space.replica.keys.set(here.key.epoch, here.key.key);
      await each.receive(...here.tab.space.replica.entries.values());
    }
    const became: string[] = [];
    const made: Entry[] = [];
    for (const offset of [0, 3_600_000, 0, -3_600_000, 0, 3_600_000, -3_600_000]) {
      wrong.setOffset(offset);
      // After a jump whoever is linked says what time it is.
      if (listens) node.context.time.heard('beacon', 'beacon', right.now());
      const entry = await write(node, `${offset}`);
      made.push(entry);
      became.push(...(await other.receive(entry)));
    }
    const isSorted = made.every(({ header }, i) => i === 0 || header.hlc > (made[i - 1] as Entry).header.hlc);
    return { isSorted, became: [...new Set(became)] };
  };
  expect(await jump(true)).toEqual({ isSorted: true, became: ['admitted'] });
  // By its own clock alone it would write what others must wait for.
  expect(await jump(false)).toMatchObject({ became: ['admitted', 'parked', 'waiting'] });
});
