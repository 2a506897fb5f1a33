/** Data of the first storage format goes over to the present one, wherever it is stopped. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import { faultyStorage } from '../../../src/platform/memory/faulty';
import { memoryStorage } from '../../../src/platform/memory/storage';
import type { Storage, Write } from '../../../src/ports';
import { Journal } from '../../../src/vm/journal/journal';
import { readKey, segmentKeyOf } from '../../../src/vm/journal/places';
import { decodeSegment, entriesIn, SEGMENT_FORMAT } from '../../../src/vm/journal/segment';
import type { Entry } from '../../../src/vm/op/entry';
import type { SpaceId } from '../../../src/vm/op/ids';
import { encodeFirst, FIRST_PROFILE, firstRows } from '../../support/profile';
import { chainOf, SPACE } from './entries';

const chain = chainOf(700);
/** As the first version wrote: mostly one record an entry, now and then a batch, and a large one that was joined. */
const cuts = [...Array.from({ length: 300 }, () => 1), 200, ...Array.from({ length: 20 }, () => 10)];
const firstSegments = (): Write[] => {
  let from = 0;
  return cuts.map((count, ordinal) => {
    const key = segmentKeyOf(SPACE, ordinal);
    const value = encodeFirst(key, chain.slice(from, from + count));
    from += count;
    return { table: 'journal', key, value };
  });
};
const opened = async (storage: Storage, space = SPACE) => {
  const journal = new Journal(storage, space);
  const loaded = await journal.load();
  if (!loaded.ok) throw new Error(loaded.error.message);
  expect(loaded.value.damaged).toEqual([]);
  return { journal, entries: loaded.value.entries };
};
const ids = (entries: readonly Entry[]) => entries.map(({ id }) => id);
const formats = async (storage: Storage, space = SPACE) => {
  const records = await storage.list('journal', `${space}/`);
  return records.filter(({ key }) => readKey(space, key)?.type === 'segment').map(({ value }) => value[0]);
};

describe('migration from the first storage format', () => {
  it('reads what the version before wrote, and the encoder of the tests writes the same bytes', () => {
    let entries = 0;
    for (const { table, key, value } of firstRows()) {
      if (table !== 'journal' || !value) continue;
      const slots = decodeSegment(key, value);
      const found = slots.ok ? entriesIn(key, slots.value) : slots;
      if (!found.ok) throw new Error(found.error.message);
      entries += found.value.length;
      expect(encodeFirst(key, found.value)).toEqual(value);
    }
    expect(entries).toBeGreaterThan(30);
  });

  it('moves data of the version before over, with the same entries in the same order', async () => {
    const storage = memoryStorage();
    await storage.write(firstRows(), 'strict');
    const space = FIRST_PROFILE.space as SpaceId;
    const { journal, entries } = await opened(storage, space);
    expect(journal.needsFold).toBe(true);
    expect(await journal.compact()).toMatchObject({ ok: true });
    expect(journal.needsFold).toBe(false);
    expect(await formats(storage, space)).toEqual([SEGMENT_FORMAT]);
    expect(ids((await opened(storage, space)).entries)).toEqual(ids(entries));
  });

  it('goes in slices of at most one segment, while entries come', async () => {
    const inner = memoryStorage();
    await inner.write(firstSegments(), 'strict');
    let most = 0;
    const storage: Storage = {
      ...inner,
      write: (writes, durability) => {
        most = Math.max(most, writes.length);
        return inner.write(writes, durability);
      },
    };
    const { journal } = await opened(storage);
    const moved = journal.compact();
    const later = chainOf(40, { incarnation: 1 });
    const appended = later.map((entry) => journal.append([entry], 'strict'));
    expect((await Promise.all([moved, ...appended])).every((result) => result.ok)).toBe(true);
    expect(most).toBeLessThanOrEqual(258);
    expect(await formats(inner)).not.toContain(1);
    expect(ids((await opened(inner)).entries)).toEqual(ids([...chain, ...later]));
  });

  it('opens whole after power is lost at each of its writes, and goes on from there', async () => {
    for (let steps = 0; steps < 8; steps++) {
      for (const kind of ['unsynced', 'torn'] as const) {
        const disk = faultyStorage(seededRandom(steps + 1));
        await disk.open().write(firstSegments(), 'strict');
        const { journal } = await opened(disk.open());
        disk.hold();
        const moving = journal.compact();
        for (let step = 0; step <= steps; step++) {
          for (let turns = 0; turns < 4_000 && disk.inFlight === 0; turns++) await Promise.resolve();
          if (step < steps) disk.step();
        }
        disk.crash(kind);
        disk.release();
        void moving;
        const again = await opened(disk.open());
        expect(ids(again.entries), `${steps} ${kind}`).toEqual(ids(chain));
        expect((await again.journal.compact()).ok).toBe(true);
        expect(await formats(disk.open())).not.toContain(1);
        expect(ids((await opened(disk.open())).entries)).toEqual(ids(chain));
      }
    }
  });

  it('leaves all as it lies where a write fails, and is done the next time', async () => {
    const disk = faultyStorage(seededRandom(3));
    await disk.open().write(firstSegments(), 'strict');
    const { journal } = await opened(disk.open());
    disk.failNext('full');
    expect(await journal.compact()).toMatchObject({ ok: false, error: { type: 'full' } });
    expect(journal.failure).toBeUndefined();
    expect((await journal.append(chainOf(1, { incarnation: 1 }), 'strict')).ok).toBe(true);
    expect((await journal.compact()).ok).toBe(true);
    expect(await formats(disk.open())).not.toContain(1);
    expect((await opened(disk.open())).entries).toHaveLength(701);
  });
});
