/** Sets of ids and their fingerprints in the module, against a list that is sorted and summed anew for each question. */
import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex, utf8 } from '../../../src/base/bytes';
import { seededRandom } from '../../../src/base/random';
import { graphModule } from '../../../src/platform/engine';
import { IdSet } from '../../../src/vm/graph/store/sets';
import type { EntryId } from '../../../src/vm/op/ids';

type Item = { readonly place: bigint; readonly id: EntryId };
const END = 1n << 64n;

const numbers = new Map<string, bigint>();
const numberOf = (id: string): bigint => {
  const number = numbers.get(id) ?? BigInt(`0x${toHex(fromHex(id).reverse())}`);
  numbers.set(id, number);
  return number;
};
const bytesOf = (value: bigint, length: number, little: boolean): Uint8Array => {
  const bytes = fromHex(value.toString(16).padStart(length * 2, '0'));
  return little ? bytes.reverse() : bytes;
};
const ordered = (items: Iterable<Item>): readonly Item[] =>
  [...items].sort((a, b) => (a.place < b.place ? -1 : a.place > b.place ? 1 : a.id < b.id ? -1 : 1));
const modelOf = (items: Iterable<Item>, from: bigint, until: bigint) => {
  const found = [...items].filter(({ place }) => place >= from && place < until);
  const sum = found.reduce((all, { id }) => (all + numberOf(id)) % (1n << 256n), 0n);
  const count = BigInt(found.length);
  const digest = sha256(concat(utf8('lgos/set/1\0'), bytesOf(sum, 32, true), bytesOf(count, 8, false))).slice(0, 16);
  return { count: found.length, digest: toHex(digest) };
};
const told = (set: IdSet, from: bigint, until: bigint) => {
  const { count, digest } = set.fingerprint(from, until);
  return { count, digest: toHex(digest) };
};

describe('a set of ids in the module', () => {
  it('[GR17] has the fingerprint of what is in it, of any range, however it came to that', () => {
    const random = seededRandom(17);
    const set = new IdSet(graphModule());
    const held = new Map<string, Item>();
    // Sums that carry through all words, places at both ends, many at one place.
    const ids = [
      ...['00', 'ff', '80', '7f'].map((byte) => byte.repeat(32)),
      ...Array.from({ length: 3_000 }, () => toHex(random.bytes(32))),
    ];
    const places = [0n, 1n, END - 1n, ...Array.from({ length: 1_500 }, () => BigInt(random.below(2 ** 31)) << 12n)];
    for (let step = 0; step < 6_000; step++) {
      const item = { place: random.pick(places), id: random.pick(ids) as EntryId };
      const name = `${item.place} ${item.id}`;
      // Grows first, then shrinks until blocks go.
      if (random.below(10) < (step < 3_000 ? 8 : 1)) {
        expect(set.add(item.place, item.id)).toBe(!held.has(name));
        held.set(name, item);
      } else {
        // Mostly the one that was put in first.
        const gone = random.below(4) === 0 ? item : (held.values().next().value ?? item);
        expect(set.remove(gone.place, gone.id)).toBe(held.delete(`${gone.place} ${gone.id}`));
      }
      if (step % 250 > 0) continue;
      const [a, b] = [random.pick(places), random.pick(places)];
      for (const [from, until] of [
        [0n, END],
        [a, b],
        [b, a],
        [a, END],
        [0n, b],
        [a, a],
        [a, a + 1n],
      ] as const)
        expect(told(set, from, until), `step ${step}: ${from} to ${until}`).toEqual(
          modelOf(held.values(), from, until),
        );
      const sorted = ordered(held.values());
      const index = random.below(sorted.length + 1);
      expect([set.size, set.at(index), set.at(-1)]).toEqual([sorted.length, sorted[index], undefined]);
    }
    expect(held.size).toBeGreaterThan(100);
    for (const { place, id } of [...held.values()]) set.remove(place, id);
    expect(told(set, 0n, END)).toEqual(modelOf([], 0n, END));
    // Emptied, it goes on.
    const random2 = seededRandom(18);
    for (const id of random2.shuffle(ids)) set.add(7n, id as EntryId);
    expect(told(set, 7n, 8n)).toEqual(
      modelOf(
        ids.map((id) => ({ place: 7n, id: id as EntryId })),
        7n,
        8n,
      ),
    );
  });

  it('[GR17] two sets that differ in few are found to differ by halving, in few questions', () => {
    const random = seededRandom(5);
    const [ours, theirs] = [new IdSet(graphModule()), new IdSet(graphModule())];
    const missing = new Set<string>();
    for (let i = 0; i < 20_000; i++) {
      const id = toHex(random.bytes(32)) as EntryId;
      const place = BigInt(1_000 + i);
      ours.add(place, id);
      if (i % 4_000 === 77) missing.add(id);
      else theirs.add(place, id);
    }
    let questions = 0;
    const found = new Set<string>();
    const look = (from: bigint, until: bigint): void => {
      questions++;
      const [a, b] = [told(ours, from, until), told(theirs, from, until)];
      if (a.digest === b.digest) return;
      if (until - from === 1n) {
        for (let i = 0; i < ours.size; i++) {
          const item = ours.at(i);
          if (item && item.place === from) found.add(item.id);
        }
        return;
      }
      const middle = (from + until) / 2n;
      look(from, middle);
      look(middle, until);
    };
    look(0n, 32_768n);
    expect(found).toEqual(missing);
    expect(questions).toBeLessThan(200);
  });

  it('[GR17] an id that is none is refused', () => {
    expect(() => new IdSet(graphModule()).add(1n, 'no id' as EntryId)).toThrow(RangeError);
  });
});
