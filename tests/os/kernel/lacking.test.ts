/** Who has all of a space: as it is reckoned from everything each time, and at the cost of what changed. */
import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import { holdersOf } from '../../../src/os/kernel/health';
import { Stated } from '../../../src/os/kernel/stated';
import { EntryLog } from '../../../src/vm/journal/log';
import type { Entry } from '../../../src/vm/op/entry';
import { type DeviceId, type EntryId, type LogId, type ShardId, ZERO_ENTRY } from '../../../src/vm/op/ids';

const WAY_MS = 120_000;
const DAY_MS = 24 * 3_600_000;
const idOf = (kind: string, n: number) => kind + n.toString(16).padStart(63, '0');

/** Heights that count how often they are asked. */
class Heights extends Map<LogId, number> {
  static asked = 0;
  override get(log: LogId): number | undefined {
    Heights.asked++;
    return super.get(log);
  }
}

/** Of each part so many logs, of one entry each. */
const space = (parts: number, logsOfPart: number, devices: number) => {
  const logs = new Map<LogId, EntryLog>();
  const entries = new Map<EntryId, Entry>();
  const receipts = new Map<DeviceId, Stated>();
  let now = WAY_MS * 10;
  const replica = { logs, entries, receipts, now: () => now };
  const shardOf = (log: LogId) => idOf('a', Math.floor(Number.parseInt(log.slice(1), 16) / logsOfPart)) as ShardId;
  /** At the end of the log, or beside its last entry. */
  const write = (log: EntryLog, beside = false): void => {
    const seq = beside ? log.length - 1 : log.length;
    const prev = seq === 0 ? ZERO_ENTRY : (log.at(seq - 1) as Entry).id;
    const header = { seq, prev, hlc: now, shard: shardOf(log.id), device: 'x' };
    const entry = { id: idOf('e', entries.size), log: log.id, header } as unknown as Entry;
    expect(log.append(entry).ok).toBe(true);
    entries.set(entry.id, entry);
    now++;
  };
  const byShard = new Map<ShardId, EntryLog[]>();
  for (let i = 0; i < parts * logsOfPart; i++) {
    const log = new EntryLog(idOf('b', i) as LogId);
    logs.set(log.id, log);
    byShard.set(shardOf(log.id), [...(byShard.get(shardOf(log.id)) ?? []), log]);
    write(log);
  }
  /** A device says that it holds a part, but for the last `less` entries of each log. */
  const state = (device: DeviceId, shard: ShardId, less = 0, age = 0): void => {
    const stated = receipts.get(device) ?? new Stated();
    receipts.set(device, stated);
    const held = byShard.get(shard) ?? [];
    const heights = new Heights(held.map((log): [LogId, number] => [log.id, log.length - 1 - less]));
    stated.set(shard, { hlc: now, at: now - age, heights });
  };
  const names = Array.from({ length: devices }, (_, i) => idOf('d', i) as DeviceId);
  const shards = Array.from({ length: parts }, (_, i) => idOf('a', i) as ShardId);
  for (const device of names) for (const shard of shards) state(device, shard);
  const holders = (shard?: ShardId) => holdersOf(replica as never, 'me' as DeviceId, now, shard);
  const passes = (ms: number): void => {
    now += ms;
  };
  return { ...replica, shards, names, write, state, holders, passes };
};
type Space = ReturnType<typeof space>;

/** By everything that is known. */
const reckoned = ({ logs, receipts, now }: Space, shard?: ShardId): readonly DeviceId[] =>
  [...receipts].flatMap(([device, stated]) => {
    const words = [...stated].filter(([part]) => shard === undefined || part === shard);
    const isFresh = words.some(([, { at }]) => Math.abs(now() - at) <= 7 * DAY_MS);
    const holdsAll = [...logs.values()].every((log) => {
      const part = log.head?.header.shard as ShardId;
      if (shard !== undefined && part !== shard) return true;
      const height = stated.get(part)?.heights.get(log.id) ?? -1;
      const held = Math.min(log.length, log.forkedAt, height + 1);
      return held >= Math.min(log.length, log.forkedAt) || (log.at(held) as Entry).header.hlc > now() - WAY_MS;
    });
    return isFresh && holdsAll ? [device] : [];
  });

test('[HE4] who has all of a space or of a part is as it is reckoned from everything, whatever happened since it was asked before', () => {
  let found = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed);
    const here = space(4, 3, 5);
    for (let step = 0; step < 120; step++) {
      const act = random.below(20);
      const shard = random.pick(here.shards);
      if (act < 5) here.write(random.pick([...here.logs.values()]));
      else if (act < 14)
        here.state(random.pick(here.names), shard, random.below(8) === 0 ? 1 : 0, random.below(9) * DAY_MS);
      else if (act < 15) here.receipts.get(random.pick(here.names))?.delete(shard);
      else if (act < 16 && step % 4 === 0) here.write(random.pick([...here.logs.values()]), true);
      else if (act < 19) here.passes(random.below(WAY_MS));
      if (random.below(3) === 0) continue;
      expect(here.holders(), `seed ${seed}, step ${step}`).toEqual(reckoned(here));
      expect(here.holders(shard), `seed ${seed}, step ${step}, a part`).toEqual(reckoned(here, shard));
      found += here.holders().length;
    }
  }
  expect(found).toBeGreaterThan(500);
});

test('a place that two entries claim is lacked by nobody, also where one was before', () => {
  const here = space(1, 1, 1);
  const [log] = here.logs.values() as unknown as [EntryLog];
  here.write(log);
  here.passes(2 * WAY_MS);
  expect(here.holders()).toEqual([]);
  here.write(log, true);
  expect(here.holders()).toEqual(here.names);
});

test('to ask again costs what was written and stated since, not devices times logs', () => {
  for (const [parts, logsOfPart] of [
    [1, 1_000],
    [1_000, 1],
  ] as const) {
    const here = space(parts, logsOfPart, 10);
    const asked = (what: () => void = () => {}): number => {
      what();
      const before = Heights.asked;
      expect(here.holders()).toHaveLength(10);
      return Heights.asked - before;
    };
    const [log] = here.logs.values();
    const [shard] = here.shards as [ShardId];
    expect(asked()).toBe(10 * 1_000);
    expect(asked()).toBe(0);
    expect(asked(() => here.write(log as EntryLog))).toBe(10);
    expect(asked(() => here.state(here.names[3] as DeviceId, shard))).toBe(logsOfPart);
  }
});
