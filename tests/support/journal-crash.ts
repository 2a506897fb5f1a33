/** A journal on a disk that loses power and runs full, while it appends, folds, moves old records over and replaces entries. */
import { seededRandom } from '../../src/base/random';
import { faultyStorage } from '../../src/platform/memory/faulty';
import type { Write } from '../../src/ports';
import { Journal } from '../../src/vm/journal/journal';
import { EntryLog } from '../../src/vm/journal/log';
import { segmentKeyOf } from '../../src/vm/journal/places';
import type { Entry } from '../../src/vm/op/entry';
import type { EntryId } from '../../src/vm/op/ids';
import { chainOf, SPACE } from '../vm/journal/entries';
import { encodeFirst } from './profile';

const chain = chainOf(700);
const MARK = 255;
const formOf = (entry: Entry): Entry => ({ ...entry, signature: new Uint8Array(64).fill(MARK) });
const isFormed = ({ signature }: Entry): boolean => signature[0] === MARK && signature[63] === MARK;

export type CrashRun = {
  readonly faults: readonly string[];
  readonly lost: number;
  readonly promised: number;
  readonly folded: number;
  readonly full: number;
};

/** So many lives, each ended at a random moment. `faults`: what must not be; the rest shows that something was at stake. */
export const crashJournal = async (seed: number, lives: number): Promise<CrashRun> => {
  const random = seededRandom(seed);
  const disk = faultyStorage(random);
  const faults: string[] = [];
  const count = { lost: 0, promised: 0, folded: 0, full: 0 };
  /** Durable, and in another form, as was said to somebody. */
  const formed = new Set<EntryId>();
  let known = seed % 2 ? 0 : 100;
  // Every second disk was begun by the version before.
  const first = chain.slice(0, known).map((entry, ordinal): Write => {
    const key = segmentKeyOf(SPACE, ordinal);
    return { table: 'journal', key, value: encodeFirst(key, [entry]) };
  });
  await disk.open().write(first, 'strict');
  for (let life = 0; life <= lives; life++) {
    const journal = new Journal(disk.open(), SPACE);
    const loaded = await journal.load();
    const name = `seed ${seed}, life ${life}`;
    if (!loaded.ok || loaded.value.damaged.length > 0) {
      faults.push(`${name} does not open: ${JSON.stringify(loaded)}`);
      break;
    }
    const { entries } = loaded.value;
    if (entries.length < known) faults.push(`${name}: ${entries.length} entries, ${known} were durable`);
    if (entries.some(({ id }, i) => id !== chain[i]?.id)) faults.push(`${name}: not a beginning of the log`);
    const log = new EntryLog((chain[0] as Entry).log);
    if (!entries.every((entry) => log.append(entry).ok)) faults.push(`${name}: the log does not hold together`);
    for (const entry of entries) if (formed.has(entry.id) && !isFormed(entry)) faults.push(`${name}: a former form`);
    if (life === lives || entries.length > 400) break;
    const before = entries.length;
    known = before;
    let offered = before;
    for (let turns = random.below(180); turns > 0; turns--) {
      const act = random.below(40);
      if (act < 16) {
        const batch = chain.slice(offered, offered + 1 + random.below(4));
        offered += batch.length;
        const end = offered;
        const durability = random.below(2) ? 'strict' : 'relaxed';
        void journal.append(batch, durability).then((result) => {
          if (result.ok && durability === 'strict') known = Math.max(known, end);
        });
      } else if (act === 16) {
        void journal.compact().then((result) => {
          if (result.ok) count.folded += result.value;
        });
      } else if (act === 17) {
        disk.failNext('full', 1 + random.below(3));
        count.full++;
      } else if (act === 18 && offered > 0) {
        const at = random.below(offered);
        const entry = formOf(chain[at] as Entry);
        // One that the disk may still take away whole comes again in its former form.
        const durable = at < known;
        void journal.replace(new Map([[entry.id, entry]])).then((result) => {
          if (result.ok && durable) formed.add(entry.id);
        });
      } else if (journal.full) void journal.retry();
      await Promise.resolve();
    }
    disk.crash(random.below(2) ? 'torn' : 'unsynced');
    count.promised += known - before;
    count.lost += offered - known;
  }
  return { faults, ...count };
};
