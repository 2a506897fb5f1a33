/** The adapters in memory: contracts, the faulty disk's own rules, virtual time. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random';
import { virtualClock } from '../../src/platform/memory/clock';
import { faultyStorage } from '../../src/platform/memory/faulty';
import { memoryImages } from '../../src/platform/memory/images';
import { seededEntropy } from '../../src/platform/memory/random';
import { memoryStorage } from '../../src/platform/memory/storage';
import { memoryVault } from '../../src/platform/memory/vault';
import type { Durability, Storage } from '../../src/ports';
import { imagesContract } from './images.suite';
import { storageContract } from './storage.suite';
import { vaultContract } from './vault.suite';

storageContract('memory', { open: async () => memoryStorage() });
let disk = faultyStorage(seededRandom(1));
storageContract('faulty disk that does not fail', {
  open: async () => {
    disk = faultyStorage(seededRandom(1));
    return disk.open();
  },
  reopen: async () => disk.open(),
});
imagesContract('memory', async () => {
  const images = memoryImages();
  return async () => images;
});
vaultContract('memory', {
  fresh: async () => {
    const vault = memoryVault();
    return async () => vault;
  },
  outlivesHandle: true,
});

const put = (storage: Storage, key: string, durability: Durability) =>
  storage.write(
    [
      { table: 'journal', key, value: Uint8Array.of(1) },
      { table: 'local', key, value: Uint8Array.of(1) },
    ],
    durability,
  );
const keys = async (storage: Storage) => (await storage.list('journal', '')).map(({ key }) => key);

describe('memory storage', () => {
  it('answers `full` beyond its quota and writes none of the batch', async () => {
    const storage = memoryStorage(10);
    expect((await put(storage, 'abcd', 'strict')).ok).toBe(true);
    expect(await put(storage, 'e', 'strict')).toMatchObject({ ok: false, error: { type: 'full' } });
    expect(await keys(storage)).toEqual(['abcd']);
  });
});

describe('faulty disk', () => {
  it('loses relaxed writes at a crash, and keeps what a strict write made durable', async () => {
    const disk = faultyStorage(seededRandom(2));
    const storage = disk.open();
    await put(storage, 'a', 'relaxed');
    await put(storage, 'b', 'strict');
    await put(storage, 'c', 'relaxed');
    expect(await keys(storage)).toEqual(['a', 'b', 'c']);
    expect(disk.unsynced).toBe(1);
    disk.crash('unsynced');
    expect(await keys(disk.open())).toEqual(['a', 'b']);
  });

  it('keeps a beginning of the unsynced writes in a torn crash, each batch whole', async () => {
    const lengths = new Set<number>();
    for (let seed = 1; seed <= 40; seed++) {
      const disk = faultyStorage(seededRandom(seed));
      const storage = disk.open();
      for (const key of ['a', 'b', 'c', 'd']) await put(storage, key, 'relaxed');
      disk.crash('torn');
      const left = disk.open();
      const kept = await keys(left);
      expect(['a', 'b', 'c', 'd'].slice(0, kept.length)).toEqual(kept);
      expect((await left.list('local', '')).map(({ key }) => key)).toEqual(kept);
      lengths.add(kept.length);
    }
    expect([...lengths].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it('loses or keeps whole a strict write in flight, and never settles it', async () => {
    const outcomes = new Set<number>();
    for (let seed = 1; seed <= 30; seed++) {
      const disk = faultyStorage(seededRandom(seed));
      disk.hold();
      let settled = false;
      void put(disk.open(), 'a', 'strict').then(() => {
        settled = true;
      });
      expect(disk.inFlight).toBe(1);
      disk.crash('torn');
      disk.release();
      outcomes.add((await keys(disk.open())).length);
      for (let i = 0; i < 50; i++) await Promise.resolve();
      expect(settled).toBe(false);
    }
    expect([...outcomes].sort()).toEqual([0, 1]);
  });

  it('never answers a handle from before the crash', async () => {
    const disk = faultyStorage(seededRandom(3));
    const dead = disk.open();
    disk.crash('unsynced');
    const late: string[] = [];
    void put(dead, 'x', 'strict').then(() => late.push('write'));
    void dead.read('journal', 'x').then(() => late.push('read'));
    await put(disk.open(), 'y', 'strict');
    expect(late).toEqual([]);
    expect(await keys(disk.open())).toEqual(['y']);
  });

  it('fails as it is told and writes nothing of that batch', async () => {
    const disk = faultyStorage(seededRandom(4));
    const storage = disk.open();
    disk.failNext('full', 2);
    expect(await put(storage, 'a', 'strict')).toMatchObject({ ok: false, error: { type: 'full' } });
    expect(await put(storage, 'b', 'relaxed')).toMatchObject({ ok: false, error: { type: 'full' } });
    expect((await put(storage, 'c', 'strict')).ok).toBe(true);
    expect(await keys(storage)).toEqual(['c']);
  });
});

describe('virtual clock', () => {
  it('runs timers by due time, then by the order in which they were armed, each at its own time', async () => {
    const clock = virtualClock(1000);
    const ran: string[] = [];
    const note = (name: string) => () => ran.push(`${name}@${clock.now()}`);
    clock.after(20, note('late'));
    clock.after(10, note('first'));
    clock.after(10, note('second'));
    const cancel = clock.after(5, note('cancelled'));
    clock.after(10, () => {
      clock.after(5, note('nested'));
    });
    cancel();
    await clock.advance(16);
    expect(ran).toEqual(['first@1010', 'second@1010', 'nested@1015']);
    expect(clock.now()).toBe(1016);
    await clock.advance(4);
    expect(ran.at(-1)).toBe('late@1020');
    expect(clock.timers).toBe(0);
  });

  it('lets promises finish before time moves on', async () => {
    const clock = virtualClock();
    const seen: number[] = [];
    clock.after(1, async () => {
      for (let i = 0; i < 10; i++) await Promise.resolve();
      clock.after(1, () => seen.push(clock.now()));
    });
    await clock.advance(10);
    expect(seen).toEqual([2]);
  });

  it('runs until idle, and says when something re-arms itself for ever', async () => {
    const clock = virtualClock();
    let runs = 0;
    clock.after(100, () => {
      clock.after(50, () => {
        runs++;
      });
    });
    await clock.runUntilIdle(1000);
    expect([runs, clock.now()]).toEqual([1, 150]);
    const again = (): void => {
      clock.after(10, again);
    };
    again();
    await expect(clock.runUntilIdle(1000)).rejects.toThrow(/still armed/);
  });

  it('skews what a node reads, not when its timers run', async () => {
    const clock = virtualClock(1000);
    const fast = clock.skewed(3_600_000);
    let at = 0;
    fast.after(10, () => {
      at = clock.now();
    });
    expect(fast.now()).toBe(3_601_000);
    await clock.advance(10);
    expect(at).toBe(1010);
    fast.setOffset(-500);
    expect(fast.now()).toBe(510);
  });
});

it('seeded entropy repeats with its seed and differs with another', () => {
  expect(seededEntropy(5).bytes(40)).toEqual(seededEntropy(5).bytes(40));
  expect(seededEntropy(5).bytes(40)).not.toEqual(seededEntropy(6).bytes(40));
});
