/**
 * What every Storage adapter keeps to. One suite, run on memory, the faulty disk, LMDB and IndexedDB.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random';
import { type Storage, TABLES, type Table, type Write } from '../../src/ports';
import { journalContract } from './journal.suite';

/** `open` gives an empty storage; `reopen` closes it and opens what it left, where the medium outlives a handle. */
export type StorageSubject = { open(): Promise<Storage>; reopen?(storage: Storage): Promise<Storage> };

const bytesOf = (...values: number[]) => Uint8Array.from(values);
const put = (table: Table, key: string, ...values: number[]): Write => ({ table, key, value: bytesOf(...values) });
const written = { ok: true, value: undefined };

export const storageContract = (name: string, subject: StorageSubject): void => {
  journalContract(name, subject);
  describe(`Storage contract: ${name}`, () => {
    let storage: Storage;
    beforeEach(async () => {
      storage = await subject.open();
    });
    afterEach(() => storage.close());

    it('reads back what was written, and nothing where nothing was', async () => {
      expect(await storage.write([put('journal', 'a', 1, 2, 3)], 'strict')).toEqual(written);
      expect(await storage.read('journal', 'a')).toEqual(bytesOf(1, 2, 3));
      expect(await storage.read('journal', 'b')).toBeUndefined();
      expect(await storage.read('space', 'a')).toBeUndefined();
    });

    it('keeps every table apart and takes one batch over all of them', async () => {
      expect(
        await storage.write(
          TABLES.map((table, i) => put(table, 'key', i)),
          'relaxed',
        ),
      ).toEqual(written);
      for (const [i, table] of TABLES.entries()) expect(await storage.read(table, 'key')).toEqual(bytesOf(i));
    });

    it('keeps an empty value apart from no value', async () => {
      await storage.write([put('local', 'empty')], 'strict');
      expect(await storage.read('local', 'empty')).toEqual(bytesOf());
      expect(await storage.list('local', '')).toEqual([{ key: 'empty', value: bytesOf() }]);
    });

    it('writes exactly the bytes of a view, not those around it', async () => {
      const around = bytesOf(9, 1, 2, 9);
      await storage.write([{ table: 'blob', key: 'view', value: around.subarray(1, 3) }], 'strict');
      const read = await storage.read('blob', 'view');
      expect(read).toEqual(bytesOf(1, 2));
      expect(read?.buffer.byteLength).toBe(2);
    });

    it('is not changed by what a caller does with its buffers afterwards', async () => {
      const value = bytesOf(1);
      const writing = storage.write([{ table: 'space', key: 'a', value }], 'strict');
      value[0] = 7;
      await writing;
      const read = await storage.read('space', 'a');
      expect(read).toEqual(bytesOf(1));
      (read as Uint8Array)[0] = 9;
      expect(await storage.read('space', 'a')).toEqual(bytesOf(1));
    });

    it('applies a batch in its order: the last write of a key stands', async () => {
      await storage.write(
        [
          put('space', 'a', 1),
          { table: 'space', key: 'a' },
          put('space', 'a', 2),
          put('space', 'b', 1),
          { table: 'space', key: 'b' },
        ],
        'strict',
      );
      expect(await storage.list('space', '')).toEqual([{ key: 'a', value: bytesOf(2) }]);
    });

    it('deletes, and deletes what is not there without complaint', async () => {
      await storage.write([put('outbox', 'a', 1)], 'strict');
      expect(
        await storage.write(
          [
            { table: 'outbox', key: 'a' },
            { table: 'outbox', key: 'never' },
          ],
          'strict',
        ),
      ).toEqual(written);
      expect(await storage.read('outbox', 'a')).toBeUndefined();
      expect(await storage.list('outbox', '')).toEqual([]);
    });

    it('takes an empty batch', async () => {
      expect(await storage.write([], 'strict')).toEqual(written);
    });

    it('lists by prefix, in the order of code units, after a key, up to a limit', async () => {
      const keys = ['a/1', 'a/10', 'a/2', 'a', 'a0', 'B/1', 'a/', 'a/~', 'b/1', ' ', '~'];
      await storage.write(
        keys.map((key) => put('journal', key, 1)),
        'strict',
      );
      const listed = async (prefix: string, after?: string, limit?: number) =>
        (await storage.list('journal', prefix, after, limit)).map((row) => row.key);
      expect(await listed('')).toEqual([...keys].sort());
      expect(await listed('a/')).toEqual(['a/', 'a/1', 'a/10', 'a/2', 'a/~']);
      expect(await listed('a/', 'a/1')).toEqual(['a/10', 'a/2', 'a/~']);
      expect(await listed('a/', 'a/11')).toEqual(['a/2', 'a/~']);
      expect(await listed('a/', 'A')).toEqual(['a/', 'a/1', 'a/10', 'a/2', 'a/~']);
      expect(await listed('a/', 'a/~')).toEqual([]);
      expect(await listed('a/', 'z')).toEqual([]);
      expect(await listed('a/', undefined, 2)).toEqual(['a/', 'a/1']);
      expect(await listed('a/', 'a/1', 2)).toEqual(['a/10', 'a/2']);
      expect(await listed('a/', 'a/1', 0)).toEqual([]);
      expect(await listed('c')).toEqual([]);
      for (const prefix of ['', 'a/', 'a/1', 'c', 'a/~'])
        expect(await storage.keys('journal', prefix)).toEqual(await listed(prefix));
    });

    it('refuses keys outside the contract as a bug, and writes nothing of the batch', async () => {
      for (const key of ['', 'ключ', 'a\n', 'x'.repeat(401)]) {
        await expect(
          (async () => storage.write([put('space', 'fine', 1), put('space', key, 1)], 'strict'))(),
        ).rejects.toThrow();
      }
      expect(await storage.list('space', '')).toEqual([]);
      expect(await storage.write([put('space', 'x'.repeat(400), 1)], 'strict')).toEqual(written);
    });

    it('keeps writes that are not awaited in the order in which they were asked', async () => {
      const results = Array.from({ length: 40 }, (_, i) =>
        storage.write([put('local', 'n', i), put('local', `n${i}`, i)], i % 5 ? 'relaxed' : 'strict'),
      );
      for (const result of await Promise.all(results)) expect(result).toEqual(written);
      expect(await storage.read('local', 'n')).toEqual(bytesOf(39));
      expect(await storage.list('local', 'n')).toHaveLength(41);
    });

    it('agrees with a plain map over random batches', async () => {
      const random = seededRandom(7);
      const model = new Map<string, Uint8Array>();
      for (let round = 0; round < 60; round++) {
        const batch: Write[] = Array.from({ length: 1 + random.below(8) }, () => {
          const key = `k${random.below(30)}`;
          return random.below(3) === 0
            ? { table: 'space', key }
            : { table: 'space', key, value: random.bytes(random.below(50)) };
        });
        await storage.write(batch, random.below(2) ? 'strict' : 'relaxed');
        for (const { key, value } of batch) {
          if (value) model.set(key, new Uint8Array(value));
          else model.delete(key);
        }
      }
      const expected = [...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => ({ key, value }));
      expect(await storage.list('space', '')).toEqual(expected);
    });

    it('holds a row of a megabyte whole', async () => {
      const value = seededRandom(1).bytes(1024 * 1024);
      expect(await storage.write([{ table: 'journal', key: 'large', value }], 'strict')).toEqual(written);
      const read = await storage.read('journal', 'large');
      expect(read?.length).toBe(value.length);
      expect(read?.every((byte, i) => byte === value[i])).toBe(true);
    });

    it('says how much is used', async () => {
      await storage.write([{ table: 'blob', key: 'some', value: new Uint8Array(100_000) }], 'strict');
      const { used, quota } = await storage.usage();
      expect(used).toBeGreaterThanOrEqual(100_000);
      if (quota !== undefined) expect(quota).toBeGreaterThan(0);
    });

    it('answers a write after close with `failed`', async () => {
      await storage.close();
      expect(await storage.write([put('space', 'late', 1)], 'strict')).toMatchObject({
        ok: false,
        error: { type: 'failed' },
      });
    });

    it.runIf(subject.reopen)('finds everything again after closing and opening', async () => {
      await storage.write([put('journal', 'a', 1)], 'strict');
      await storage.write([put('journal', 'b', 2)], 'relaxed');
      storage = (await subject.reopen?.(storage)) as Storage;
      expect(await storage.list('journal', '')).toEqual([
        { key: 'a', value: bytesOf(1) },
        { key: 'b', value: bytesOf(2) },
      ]);
    });
  });
};
