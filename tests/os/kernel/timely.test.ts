/** Lateness as a function of the set of entries: any order of arrival, and what each of the two rules is worth. */
import { expect, test } from 'vitest';
import { type SeededRandom, seededRandom } from '../../../src/base/random';
import { type Author, Timely, WITNESS_MS } from '../../../src/os/kernel/timely';
import { hlcOf } from '../../../src/vm/op/clock';
import type { Entry } from '../../../src/vm/op/entry';
import type { EntryId, LogId, ShardId, UserId } from '../../../src/vm/op/ids';

const END = 10 * WITNESS_MS;
type Written = { readonly entry: Entry; readonly author: Author };
const write = (
  id: string,
  user: string,
  seq: number,
  at: number,
  deps: readonly string[],
  more: Partial<Author> = {},
): Written => ({
  entry: {
    id: id as EntryId,
    log: `log ${user}` as LogId,
    header: {
      shard: 'shard' as ShardId,
      seq,
      prev: (seq > 0 ? `${user}${seq - 1}` : '') as EntryId,
      hlc: hlcOf(at),
      deps: deps as readonly EntryId[],
    },
  } as Entry,
  author: { user: user as UserId, counts: true, until: undefined, ...more },
});
const late = (order: readonly Written[], forkedAt = Number.POSITIVE_INFINITY): string[] => {
  const timely = new Timely(() => forkedAt);
  const told = new Map<EntryId, boolean>();
  for (const { entry, author } of order) {
    for (const id of timely.add(entry, author)) told.set(id, timely.isLate(id));
    told.set(entry.id, timely.isLate(entry.id));
  }
  // What it said on the way is what it says in the end.
  for (const [id, was] of told) expect([id, was]).toEqual([id, timely.isLate(id)]);
  return order.flatMap(({ entry: { id } }) => (timely.isLate(id) ? [id] : [])).sort();
};
const guest = { until: END };
const HOUR = 3_600_000;

test('[TM1] written before the end: shown alone, late once others went on without it, shown where one had cited it in time', () => {
  const work = write('g0', 'g', 0, END - HOUR, [], guest);
  const without = write('a0', 'a', 0, END + 2 * HOUR, []);
  const citing = write('b0', 'b', 0, END + HOUR, ['g0']);
  const lateCiting = write('b0', 'b', 0, END + WITNESS_MS + 1, ['g0']);
  const before = write('a0', 'a', 0, END - 1, []);
  expect(late([work])).toEqual([]);
  expect(late([work, before])).toEqual([]);
  expect(late([work, without])).toEqual(['g0']);
  expect(late([without, work])).toEqual(['g0']);
  expect(late([work, without, citing])).toEqual([]);
  expect(late([work, citing, without])).toEqual([]);
  expect(late([work, lateCiting]), 'whoever went on knew of it').toEqual([]);
  expect(late([work, without, lateCiting]), 'a day after is too late').toEqual(['g0']);
});

test('[TM2] neither the author, nor another whose right ends, nor somebody removed is a witness or moves the space on', () => {
  const work = write('g0', 'g', 0, END - HOUR, [], guest);
  const without = write('a0', 'a', 0, END + 2 * HOUR, []);
  const own = write('g1', 'g', 1, END - 1, [], guest);
  const other = write('t0', 't', 0, END + HOUR, ['g0'], { until: END + 5 * HOUR });
  const removed = write('r0', 'r', 0, END + HOUR, ['g0'], { counts: false });
  expect(late([work, without, own, other, removed])).toEqual(['g0', 'g1']);
  const strangers = [
    write('t0', 't', 0, END + HOUR, [], { until: END + 5 * HOUR }),
    write('r0', 'r', 0, END + HOUR, [], { counts: false }),
  ];
  expect(late([work, ...strangers])).toEqual([]);
  // But what they knew, and somebody later knew through them, counts.
  const through = write('b0', 'b', 0, END + 2 * HOUR, ['t0']);
  expect(late([work, other, through, without])).toEqual([]);
  expect(late([work, without, write('b0', 'b', 0, END + HOUR, ['g0'])], 0), 'nobody witnesses a fork').toEqual(['g0']);
});

/** People who write now and then knowing what they know; two have rights that end. */
const history = (random: SeededRandom): Written[] => {
  const people = ['a', 'b', 'g', 't'] as const;
  const all: Written[] = [];
  const knows = new Map(people.map((person) => [person, new Set<Written>()]));
  const seqs = new Map<string, number>();
  let at = END - 3 * HOUR;
  for (let step = 0; step < 24; step++) {
    const person = random.pick(people);
    const known = knows.get(person) as Set<Written>;
    for (const written of all) if (random.below(3) === 0) known.add(written);
    at += random.below(4) === 0 ? WITNESS_MS / 2 : HOUR / 2;
    if ((person === 'g' && at > END) || (person === 't' && at > END + 4 * HOUR)) continue;
    const seq = seqs.get(person) ?? 0;
    seqs.set(person, seq + 1);
    const until = person === 'g' ? END : person === 't' ? END + 4 * HOUR : undefined;
    const deps = [...known].map(({ entry }) => entry.id).slice(-8);
    const written = write(`${person}${seq}`, person, seq, at, deps, { until, counts: random.below(10) > 0 });
    all.push(written);
    known.add(written);
  }
  return all;
};
const causal = (random: SeededRandom, all: readonly Written[]): Written[] => {
  let rest = random.shuffle(all);
  const placed = new Set<string>(['']);
  const order: Written[] = [];
  while (rest.length > 0)
    rest = rest.filter((written) => {
      const { prev, deps } = written.entry.header;
      if (![prev, ...deps].every((id) => placed.has(id))) return true;
      placed.add(written.entry.id);
      order.push(written);
      return false;
    });
  return order;
};
/** The rule as it is said, over the whole. */
const said = (all: readonly Written[]): string[] => {
  const byId = new Map(all.map((written) => [written.entry.id, written]));
  const cites = (from: Written, id: EntryId): boolean =>
    [from.entry.header.prev, ...from.entry.header.deps].some((before) => {
      const found = byId.get(before);
      return before === id || (found !== undefined && cites(found, id));
    });
  return all
    .filter(({ entry, author }) => {
      const { until } = author;
      if (until === undefined || !author.counts) return false;
      const others = all.filter(
        (other) => other.author.user !== author.user && other.author.counts && other.author.until === undefined,
      );
      const witness = others.some((other) => cites(other, entry.id) && other.entry.header.hlc <= until + WITNESS_MS);
      const moved = others.some((other) => !cites(other, entry.id) && other.entry.header.hlc > until);
      return moved && !witness;
    })
    .map(({ entry }) => entry.id)
    .sort();
};
test('[TM1] 600 random histories: as the rule says, in every order of arrival', () => {
  let found = 0;
  for (let seed = 1; seed <= 600; seed++) {
    const random = seededRandom(seed);
    const all = history(random);
    const expected = said(all);
    found += expected.length;
    for (let shuffle = 0; shuffle < 3; shuffle++) expect([seed, late(causal(random, all))]).toEqual([seed, expected]);
  }
  expect(found).toBeGreaterThan(150);
});
