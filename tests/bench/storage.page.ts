/** What the benchmark of the storage runs in a page: the journal as it is, and one record an operation in the same database. */
import { openIdbStorage } from '../../src/platform/browser/idb';
import type { Write } from '../../src/ports';
import { Journal } from '../../src/vm/journal/journal';
import { chainOf, SPACE } from '../vm/journal/entries';

const BYTES = 200;
/** Operations of an entry, entries that are stored at once, and records of a transaction. */
const IN_ENTRY = 256;
const IN_BATCH = 64;
const IN_TRANSACTION = 1_000;

const noise = (length: number): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
};
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};
const sound = (result: { readonly ok: boolean }): void => {
  if (!result.ok) throw new Error('A write failed');
};

/** Milliseconds to write so many operations, and to read them back. */
const bench = {
  segments: async (operations: number) => {
    const entries = chainOf(Math.ceil(operations / IN_ENTRY), { body: noise(BYTES * IN_ENTRY) });
    const storage = await openIdbStorage(`bench-${crypto.randomUUID()}`);
    const journal = new Journal(storage, SPACE);
    await journal.load();
    const write = await timed(async () => {
      for (let i = 0; i < entries.length; i += IN_BATCH)
        sound(await journal.append(entries.slice(i, i + IN_BATCH), 'relaxed'));
    });
    const read = await timed(async () => sound(await new Journal(storage, SPACE).load()));
    await storage.close();
    return { write, read };
  },
  records: async (operations: number) => {
    const value = noise(BYTES);
    const storage = await openIdbStorage(`bench-${crypto.randomUUID()}`);
    const write = await timed(async () => {
      for (let i = 0; i < operations; i += IN_TRANSACTION) {
        const writes = Array.from({ length: IN_TRANSACTION }, (_, n): Write => {
          return { table: 'journal', key: `space/${String(i + n).padStart(12, '0')}`, value };
        });
        sound(await storage.write(writes, 'relaxed'));
      }
    });
    const read = await timed(() => storage.list('journal', ''));
    await storage.close();
    return { write, read };
  },
};
Object.assign(globalThis, { bench });
