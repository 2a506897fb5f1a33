/** The journal over a disk that loses power, and over one that is damaged. */
import { describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../../src/base/bytes';
import { crc32 } from '../../../src/base/checksum';
import { encode, u32 } from '../../../src/base/codec';
import { seededRandom } from '../../../src/base/random';
import { faultyStorage } from '../../../src/platform/memory/faulty';
import { memoryStorage } from '../../../src/platform/memory/storage';
import type { Storage } from '../../../src/ports';
import { Journal } from '../../../src/vm/journal/journal';
import { readKey } from '../../../src/vm/journal/places';
import { MAX_SEGMENT_ENTRIES } from '../../../src/vm/journal/segment';
import type { Entry } from '../../../src/vm/op/entry';
import type { EntryId } from '../../../src/vm/op/ids';
import { type CrashRun, crashJournal } from '../../support/journal-crash';
import { chainOf, SPACE, spaceNamed } from './entries';

const chain = chainOf(600);
const opened = async (storage: Storage): Promise<{ journal: Journal; entries: readonly Entry[]; damaged: number }> => {
  const journal = new Journal(storage, SPACE);
  const loaded = await journal.load();
  if (!loaded.ok) throw new Error(loaded.error.message);
  return { journal, entries: loaded.value.entries, damaged: loaded.value.damaged.length };
};
const ids = (entries: readonly Entry[]) => entries.map(({ id }) => id);
const records = (storage: Storage) => storage.list('journal', `${SPACE}/`);
const rows = async (storage: Storage) =>
  (await records(storage)).filter(({ key }) => readKey(SPACE, key)?.type === 'segment');

describe('the journal', () => {
  it('gives back all entries in the order in which they were appended', async () => {
    const storage = memoryStorage();
    const { journal, entries } = await opened(storage);
    expect(entries).toEqual([]);
    await Promise.all(chain.slice(0, 100).map((entry, i) => journal.append([entry], i % 3 ? 'relaxed' : 'strict')));
    await journal.append(chain.slice(100), 'strict');
    expect((await opened(storage)).entries).toEqual(chain);
    expect(journal.backlog).toBe(0);
  });

  it('[IM7] takes the ids of a record from who vouches for it, and hashes what nobody does', async () => {
    const storage = memoryStorage();
    const { journal } = await opened(storage);
    await journal.append(chain, 'strict');
    const told: number[] = [];
    for await (const { ordinal, slots } of journal.records()) {
      told.push(ordinal);
      expect(slots.map(({ seq }) => seq)).toEqual(
        chain.slice(ordinal * 256, ordinal * 256 + 256).map((e) => e.header.seq),
      );
    }
    expect(told).toEqual([0, 1]);
    const given = chain.slice(0, 256).map((_, i) => i.toString(16).padStart(64, '0') as EntryId);
    const vouch = async (ordinal: number) => [given, given.slice(1)][ordinal];
    const loaded = await new Journal(storage, SPACE).load({ vouch });
    if (!loaded.ok) throw new Error(loaded.error.message);
    // Of the second record one id is missing, so that it is not the one that was seen.
    expect(ids(loaded.value.entries)).toEqual([...given, ...ids(chain.slice(256))]);
  });

  it('gives the entries of logs that are not known, and reads no record of known ones alone', async () => {
    const storage = memoryStorage();
    const other = chainOf(3, { incarnation: 1 });
    const { journal } = await opened(storage);
    await journal.append(chain.slice(0, 256), 'strict');
    await journal.append([...other, ...chain.slice(256, 300)], 'strict');
    const read: string[] = [];
    const watched = {
      ...storage,
      read: (...args: Parameters<Storage['read']>) => {
        read.push(args[1]);
        return storage.read(...args);
      },
    };
    const known = (log: string) => log === chain[0]?.log;
    expect(ids((await new Journal(watched, SPACE).beside(known)) ?? [])).toEqual(ids(other));
    expect(read).toEqual((await rows(storage)).slice(1).map(({ key }) => key));
    // Where what it touches is not sound it says nothing.
    const [, last] = await rows(storage);
    await storage.write([{ table: 'journal', key: last?.key as string, value: Uint8Array.of(1) }], 'strict');
    expect(await new Journal(storage, SPACE).beside(known)).toBeUndefined();
  });

  it('continues after a reload with keys that are higher still', async () => {
    const storage = memoryStorage();
    for (let i = 0; i < 5; i++) {
      const { journal, entries } = await opened(storage);
      expect(ids(entries)).toEqual(ids(chain.slice(0, i * 10)));
      for (const entry of chain.slice(i * 10, i * 10 + 10)) await journal.append([entry], 'relaxed');
    }
    expect((await rows(storage)).length).toBe(50);
  });

  it('keeps spaces apart', async () => {
    const storage = memoryStorage();
    const { journal } = await opened(storage);
    await journal.append(chain.slice(0, 3), 'strict');
    const other = new Journal(storage, spaceNamed('other'));
    expect(await other.load()).toEqual({ ok: true, value: { entries: [], damaged: [] } });
  });

  it('joins what waits into one batch, which is strict when one of it is', async () => {
    const disk = faultyStorage(seededRandom(1));
    const { journal } = await opened(disk.open());
    disk.hold();
    const results = chain.slice(0, 20).map((entry, i) => journal.append([entry], i === 10 ? 'strict' : 'relaxed'));
    for (let i = 0; i < 20; i++) await Promise.resolve();
    expect(disk.inFlight).toBe(1);
    disk.release();
    expect((await Promise.all(results)).every((result) => result.ok)).toBe(true);
    expect((await rows(disk.open())).length).toBeLessThan(5);
    disk.crash('unsynced');
    expect(ids((await opened(disk.open())).entries)).toEqual(ids(chain.slice(0, 20)));
  });

  it('writes nothing more after a write that failed, so that it has no hole', async () => {
    const disk = faultyStorage(seededRandom(2));
    const { journal } = await opened(disk.open());
    await journal.append(chain.slice(0, 5), 'strict');
    disk.failNext('failed');
    const results = await Promise.all(chain.slice(5, 15).map((entry) => journal.append([entry], 'strict')));
    for (const result of results) expect(result).toMatchObject({ ok: false, error: { type: 'failed' } });
    expect(await journal.append(chain.slice(15, 16), 'strict')).toMatchObject({ ok: false, error: { type: 'failed' } });
    expect(journal.failure?.type).toBe('failed');
    const again = await opened(disk.open());
    expect(ids(again.entries)).toEqual(ids(chain.slice(0, 5)));
    expect((await again.journal.append(chain.slice(5, 15), 'strict')).ok).toBe(true);
  });

  it('reports a damaged segment, leaves its entries out, and gives the others', async () => {
    const storage = memoryStorage();
    const { journal } = await opened(storage);
    for (let i = 0; i < 5; i++) await journal.append(chain.slice(i * 4, i * 4 + 4), 'strict');
    const random = seededRandom(3);
    for (const { key, value } of await rows(storage)) {
      for (let trial = 0; trial < 40; trial++) {
        const broken = new Uint8Array(value);
        const at = random.below(broken.length);
        broken[at] = (broken[at] as number) ^ (1 + random.below(255));
        await storage.write([{ table: 'journal', key, value: broken }], 'strict');
        const loaded = await new Journal(storage, SPACE).load();
        if (!loaded.ok) throw new Error(loaded.error.message);
        expect(loaded.value.damaged).toMatchObject([{ type: 'damaged', key }]);
        expect(loaded.value.entries).toHaveLength(16);
      }
      await storage.write([{ table: 'journal', key, value }], 'strict');
    }
    expect((await opened(storage)).damaged).toBe(0);
  });

  it('keeps damaged records until told to discard them, and never writes over them', async () => {
    const storage = memoryStorage();
    const { journal } = await opened(storage);
    await journal.append(chain.slice(0, 2), 'strict');
    await journal.append(chain.slice(2, 4), 'strict');
    const [, last] = await rows(storage);
    await storage.write([{ table: 'journal', key: last?.key as string, value: Uint8Array.of(1, 2, 3) }], 'strict');
    const again = await opened(storage);
    expect(again.damaged).toBe(1);
    await again.journal.append(chain.slice(2, 4), 'strict');
    expect((await opened(storage)).damaged).toBe(1);
    expect(await again.journal.discardDamaged()).toEqual({ ok: true, value: undefined });
    const healed = await opened(storage);
    expect([ids(healed.entries), healed.damaged]).toEqual([ids(chain.slice(0, 4)), 0]);
  });

  it('gives a storage that cannot be read as an error', async () => {
    const broken: Storage = { ...memoryStorage(), list: () => Promise.reject(new Error('gone')) };
    expect(await new Journal(broken, SPACE).load()).toMatchObject({
      ok: false,
      error: { type: 'failed', message: 'gone' },
    });
  });

  it('compacts small segments into few, with the same entries in the same order, while appends go on', async () => {
    const storage = memoryStorage();
    const { journal } = await opened(storage);
    for (const entry of chain.slice(0, 500)) await journal.append([entry], 'relaxed');
    expect(journal.segments).toBe(500);
    const compacting = journal.compact();
    const appending = chain.slice(500).map((entry) => journal.append([entry], 'strict'));
    expect((await compacting).ok).toBe(true);
    expect((await Promise.all(appending)).every((result) => result.ok)).toBe(true);
    expect(await journal.compact()).toMatchObject({ ok: true });
    expect(journal.segments).toBeLessThanOrEqual(Math.ceil(600 / (MAX_SEGMENT_ENTRIES / 2)) + 1);
    expect(await rows(storage)).toHaveLength(journal.segments);
    const again = await opened(storage);
    expect(again.entries).toEqual(chain);
    await again.journal.append(chainOf(1, { incarnation: 1 }), 'strict');
    expect((await opened(storage)).entries).toHaveLength(601);
  });

  it('compacts once when asked twice, and has one write on its way at a time', async () => {
    const disk = faultyStorage(seededRandom(7));
    const { journal } = await opened(disk.open());
    for (const entry of chain.slice(0, 300)) await journal.append([entry], 'relaxed');
    let most = 0;
    const compacting = [journal.compact(), journal.compact()];
    const appending: Promise<unknown>[] = [];
    // A merge reads for hundreds of turns before it writes; an append every few turns would meet it.
    for (let turn = 0; turn < 2000; turn++) {
      if (turn % 20 === 0) appending.push(journal.append(chain.slice(300 + turn / 20, 301 + turn / 20), 'relaxed'));
      await Promise.resolve();
      most = Math.max(most, disk.inFlight);
    }
    await Promise.all(appending);
    expect(most).toBe(1);
    expect(await Promise.all(compacting)).toEqual([
      { ok: true, value: 298 },
      { ok: true, value: 298 },
    ]);
    expect((await opened(disk.open())).entries).toEqual(chain.slice(0, 400));
  });

  it('ends compacting between two groups when it is stopped, and takes what is appended after that', async () => {
    const storage = memoryStorage();
    const { journal } = await opened(storage);
    for (let i = 0; i < 4; i++)
      for (const entry of chain.slice(i * 120, i * 120 + 120)) await journal.append([entry], 'relaxed');
    await journal.stop();
    const again = (await opened(storage)).journal;
    const folding = again.compact();
    await again.stop();
    expect((await folding).ok).toBe(true);
    expect((await again.append(chain.slice(480, 481), 'strict')).ok).toBe(true);
    expect(ids((await opened(storage)).entries)).toEqual(ids(chain.slice(0, 481)));
  });

  it('gives a storage that throws while it compacts as an error', async () => {
    const inner = memoryStorage();
    const { journal } = await opened(inner);
    for (const entry of chain.slice(0, 4)) await journal.append([entry], 'strict');
    let closed = false;
    const storage: Storage = {
      ...inner,
      list: async (...args) => (closed ? [] : inner.list(...args)),
      read: async (...args) => (closed ? Promise.reject(new Error('gone')) : inner.read(...args)),
    };
    const again = (await opened(storage)).journal;
    closed = true;
    expect(await again.compact()).toMatchObject({ ok: false, error: { type: 'failed' } });
    expect(again.failure).toBeUndefined();
  });

  it('stops compacting at a segment that was damaged meanwhile, and removes nothing of it', async () => {
    const storage = memoryStorage();
    const { journal } = await opened(storage);
    for (const entry of chain.slice(0, 4)) await journal.append([entry], 'strict');
    const [, second] = await rows(storage);
    await storage.write([{ table: 'journal', key: second?.key as string, value: Uint8Array.of(9) }], 'strict');
    expect(await journal.compact()).toMatchObject({ ok: false, error: { type: 'damaged', key: second?.key } });
    expect(await rows(storage)).toHaveLength(4);
  });
});

describe('crash safety', () => {
  it('at 50 random moments, with folding, a full disk and old records, keeps what was said to be durable', async () => {
    const runs: CrashRun[] = [];
    for (let seed = 1; seed <= 10; seed++) runs.push(await crashJournal(seed, 5));
    expect(runs.flatMap(({ faults }) => faults)).toEqual([]);
    const sum = (of: (run: CrashRun) => number) => runs.reduce((total, run) => total + of(run), 0);
    // Much was at stake: otherwise this proves nothing.
    expect(sum(({ lost }) => lost)).toBeGreaterThan(150);
    expect(sum(({ promised }) => promised)).toBeGreaterThan(500);
    expect(sum(({ folded }) => folded)).toBeGreaterThan(500);
    expect(sum(({ full }) => full)).toBeGreaterThan(50);
  });
});

describe('a full disk', () => {
  it('makes appends wait, in order, and writes them when there is room', async () => {
    const disk = faultyStorage(seededRandom(8));
    const { journal } = await opened(disk.open());
    const told: (string | undefined)[] = [];
    journal.onFull((full) => told.push(full?.type));
    await journal.append(chain.slice(0, 3), 'strict');
    disk.failNext('full', 3);
    const settled: number[] = [];
    const waiting = [3, 4, 5].map((i) =>
      journal.append(chain.slice(i, i + 1), 'strict').then((result) => {
        if (result.ok) settled.push(i);
      }),
    );
    while (!journal.full) await Promise.resolve();
    expect(await journal.retry()).toBe(false);
    expect(await journal.retry()).toBe(false);
    waiting.push(
      journal.append(chain.slice(6, 7), 'relaxed').then((result) => {
        if (result.ok) settled.push(6);
      }),
    );
    expect([journal.full?.type, journal.failure, journal.backlog, settled]).toEqual(['full', undefined, 4, []]);
    expect(ids((await opened(disk.open())).entries)).toEqual(ids(chain.slice(0, 3)));
    expect(await journal.retry()).toBe(true);
    await Promise.all(waiting);
    expect([settled, told, journal.full]).toEqual([[3, 4, 5, 6], ['full', undefined], undefined]);
    expect(ids((await opened(disk.open())).entries)).toEqual(ids(chain.slice(0, 7)));
  });

  it('answers what waits when it is stopped, and writes nothing after it', async () => {
    const disk = faultyStorage(seededRandom(9));
    const { journal } = await opened(disk.open());
    disk.failNext('full');
    const waiting = journal.append(chain.slice(0, 1), 'strict');
    while (!journal.full) await Promise.resolve();
    await journal.stop();
    expect(await waiting).toMatchObject({ ok: false, error: { type: 'full' } });
    expect((await journal.append(chain.slice(1, 2), 'strict')).ok).toBe(false);
    expect(await rows(disk.open())).toEqual([]);
  });
});

describe('single entries', () => {
  /** Some in folded segments with an index, some in small records. */
  const filled = async (storage: Storage): Promise<Journal> => {
    const { journal } = await opened(storage);
    for (const entry of chain.slice(0, 300)) await journal.append([entry], 'relaxed');
    await journal.compact();
    for (const entry of chain.slice(300, 310)) await journal.append([entry], 'relaxed');
    return journal;
  };

  it('are found by log and place, before and after a reload', async () => {
    const storage = memoryStorage();
    const [first] = chain as [Entry];
    for (const journal of [await filled(storage), (await opened(storage)).journal]) {
      for (const seq of [0, 127, 255, 256, 299, 305])
        expect(await journal.find(first.log, seq)).toEqual({ ok: true, value: [chain[seq]] });
      expect(await journal.find(first.log, 310)).toEqual({ ok: true, value: [] });
      expect(await journal.find('00'.repeat(32) as never, 0)).toEqual({ ok: true, value: [] });
    }
  });

  it('are replaced by another form wherever they lie, in one batch, and the others stay', async () => {
    const storage = memoryStorage();
    const journal = await filled(storage);
    const forms = new Map(
      [3, 200, 305, 306].map((seq): [EntryId, Entry] => {
        const entry = chain[seq] as Entry;
        return [entry.id, { ...entry, signature: new Uint8Array(64).fill(255) }];
      }),
    );
    const late = chain.slice(310, 311);
    const expected = [...chain.slice(0, 310).map((entry) => forms.get(entry.id) ?? entry), ...late];
    const appending = journal.append(late, 'strict');
    expect(await journal.replace(forms)).toEqual({ ok: true, value: undefined });
    await appending;
    expect((await opened(storage)).entries).toEqual(expected);
    expect(await journal.find((chain[3] as Entry).log, 3)).toEqual({ ok: true, value: [expected[3]] });
    expect(await journal.replace(new Map())).toEqual({ ok: true, value: undefined });
    const [stranger] = chainOf(1, { incarnation: 4 }) as [Entry];
    expect((await journal.replace(new Map([[stranger.id, stranger]]))).ok).toBe(true);
    expect((await opened(storage)).entries).toEqual(expected);
  });

  it('that wait to be written are written in their new form', async () => {
    const disk = faultyStorage(seededRandom(10));
    const { journal } = await opened(disk.open());
    disk.hold();
    const appending = [0, 1, 2].map((i) => journal.append(chain.slice(i, i + 1), 'strict'));
    const form = { ...(chain[2] as Entry), signature: new Uint8Array(64).fill(255) };
    const replacing = journal.replace(new Map([[form.id, form]]));
    disk.release();
    expect((await Promise.all([...appending, replacing])).every((result) => result.ok)).toBe(true);
    expect((await opened(disk.open())).entries).toEqual([chain[0], chain[1], form]);
  });
});

describe('damage', () => {
  it('tells by the index what a damaged segment held, and forgets both when told to', async () => {
    const storage = memoryStorage();
    const { journal } = await opened(storage);
    for (const entry of chain.slice(0, 300)) await journal.append([entry], 'relaxed');
    await journal.compact();
    const [first] = await rows(storage);
    await storage.write([{ table: 'journal', key: first?.key as string, value: Uint8Array.of(2, 7, 7) }], 'strict');
    const again = new Journal(storage, SPACE);
    const loaded = await again.load();
    if (!loaded.ok) throw new Error(loaded.error.message);
    const log = (chain[0] as Entry).log;
    expect(loaded.value.damaged).toMatchObject([{ key: first?.key, held: [{ log, from: 0, count: 256 }] }]);
    expect(ids(loaded.value.entries)).toEqual(ids(chain.slice(256, 300)));
    await again.discardDamaged();
    await again.append(chain.slice(0, 256), 'strict');
    expect((await opened(storage)).damaged).toBe(0);
    expect((await opened(storage)).entries).toHaveLength(300);
  });

  it('of an index alone costs nothing but the index', async () => {
    const storage = memoryStorage();
    const { journal } = await opened(storage);
    await journal.append(chain.slice(0, 256), 'strict');
    const index = (await records(storage)).find(({ key }) => readKey(SPACE, key)?.type === 'index');
    await storage.write([{ table: 'journal', key: index?.key as string, value: Uint8Array.of(1) }], 'strict');
    const again = await opened(storage);
    expect([again.damaged, ids(again.entries)]).toEqual([0, ids(chain.slice(0, 256))]);
    expect(again.journal.needsFold).toBe(true);
    expect(await again.journal.compact()).toEqual({ ok: true, value: 0 });
    expect((await records(storage))[1]).toEqual(index);
    expect(again.journal.needsFold).toBe(false);
  });

  it('is not what a later version wrote: nothing is loaded, nothing is thrown away', async () => {
    const storage = memoryStorage();
    const { journal } = await opened(storage);
    await journal.append(chain.slice(0, 2), 'strict');
    const [row] = await rows(storage);
    const key = row?.key as string;
    const later = Uint8Array.from(row?.value ?? []).slice(0, -4);
    later[0] = 9;
    const sum = encode(u32, crc32(later, crc32(utf8(`${key}\0`))));
    await storage.write([{ table: 'journal', key, value: concat(later, sum) }], 'strict');
    expect(await new Journal(storage, SPACE).load()).toMatchObject({ ok: false, error: { type: 'failed' } });
    expect(await rows(storage)).toHaveLength(1);
  });
});
