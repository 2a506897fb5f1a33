import { expect, test } from 'vitest';
import { toHex } from '../../../src/base/bytes';
import { encode } from '../../../src/base/codec';
import { type SeededRandom, seededRandom } from '../../../src/base/random';
import type { EntryId, LogId, SpaceId } from '../../../src/vm/op/ids';
import { drawWith, type Line, nameOf, roundKey } from '../../../src/vm/sync/names';
import { apart, FIRST_SYMBOLS, type Item, MAX_SYMBOLS, symbolsCodec, symbolsOf } from '../../../src/vm/sync/sketch';

const SPACE = '0a'.repeat(32) as SpaceId;
const id = (random: SeededRandom): string => toHex(random.bytes(32));
const lineOf = (random: SeededRandom): Line => ({
  log: id(random) as LogId,
  length: 1 + random.below(1_000),
  head: id(random) as EntryId,
});
const keyOf = (random: SeededRandom, round = 1) => roundKey([random.bytes(32), random.bytes(32)], SPACE, round);
/** The first so many symbols at which it comes apart, in steps of eight. */
const comesApart = (
  ours: readonly Item[],
  theirs: readonly Item[],
  draw: ReturnType<typeof drawWith>,
  most: number,
) => {
  const all = symbolsOf(theirs, draw, 0, most);
  for (let size = 8; size <= most; size += 8) {
    const found = apart(ours, draw, all.slice(0, size));
    if (found.type === 'found') return { size, found };
  }
  return undefined;
};

test('[SK1] two sets come apart into exactly what differs, with about one and a half symbols for each (30 seeds)', () => {
  let [symbols, items] = [0, 0];
  for (let seed = 1; seed <= 30; seed++) {
    const random = seededRandom(seed);
    const draw = drawWith(keyOf(random));
    const common = Array.from({ length: random.below(300) }, () => draw.item(lineOf(random)));
    const [ours, theirs] = [0, 1].map(() => Array.from({ length: random.below(60) }, () => draw.item(lineOf(random))));
    const all = comesApart(
      [...common, ...(ours as Item[])],
      random.shuffle([...common, ...(theirs as Item[])]),
      draw,
      512,
    );
    expect(all, `seed ${seed}`).toBeDefined();
    const sorted = (list: readonly Item[] | undefined) => list?.map(String).sort();
    expect(sorted(all?.found.ours)).toEqual(sorted(ours));
    expect(sorted(all?.found.theirs)).toEqual(sorted(theirs));
    symbols += all?.size ?? 0;
    items += (ours?.length ?? 0) + (theirs?.length ?? 0);
  }
  expect(symbols / items).toBeLessThan(1.8);
});

test('[SK1] of 2,000 logs of which 20 differ the first symbols tell which, in 1 kB; seldom more are needed', () => {
  let again = 0;
  for (let seed = 1; seed <= 10; seed++) {
    const random = seededRandom(seed);
    const draw = drawWith(keyOf(random));
    const lines = Array.from({ length: 2_000 }, () => lineOf(random));
    const theirs = lines.map((line, i) =>
      i % 100 === 0 ? { ...line, length: line.length + 1, head: id(random) as EntryId } : line,
    );
    const symbols = symbolsOf(theirs.map(draw.item), draw, 0, FIRST_SYMBOLS);
    expect(encode(symbolsCodec, symbols).length).toBeLessThan(1_024);
    const found = apart(lines.map(draw.item), draw, symbols);
    if (found.type === 'more') again++;
    else
      expect(new Set(found.theirs.map(nameOf))).toEqual(
        new Set(lines.filter((_, i) => i % 100 === 0).map((line) => nameOf(draw.item(line)))),
      );
  }
  expect(again).toBeLessThanOrEqual(1);
});

test('[T54] [SK1] items that are made for a known key never come apart; with the key of the link they do as any others', () => {
  const random = seededRandom(54);
  const known = drawWith(roundKey([new Uint8Array(32), new Uint8Array(32)], SPACE, 1));
  const size = 64;
  // Heads are mined until an item stands at place 0 alone: two of those hide each other.
  const poison: Line[] = [];
  for (const base = lineOf(random); poison.length < 2; ) {
    const line = { ...base, head: id(random) as EntryId };
    const alone = symbolsOf([known.item(line)], known, 0, size);
    if (alone.filter(({ count }) => count > 0).length === 1) poison.push(line);
  }
  const common = Array.from({ length: 50 }, () => lineOf(random));
  const stalls = (draw: ReturnType<typeof drawWith>): boolean =>
    comesApart(common.map(draw.item), [...common, ...poison].map(draw.item), draw, size) === undefined;
  expect(stalls(known)).toBe(true);
  for (let link = 0; link < 20; link++) expect(stalls(drawWith(keyOf(random))), `link ${link}`).toBe(false);
});

test('[T54] [SK2] bent and endless symbols are given up after as many steps as there are symbols', () => {
  const random = seededRandom(7);
  const draw = drawWith(keyOf(random));
  const ours = Array.from({ length: 300 }, () => draw.item(lineOf(random)));
  const noise = Array.from({ length: MAX_SYMBOLS }, () => ({
    count: random.below(3),
    sum: random.bytes(8),
    check: random.bytes(4),
  }));
  expect(encode(symbolsCodec, noise).length).toBeLessThanOrEqual(64 * 1024);
  expect(apart(ours, draw, noise).type).toBe('more');
  // One item that says of itself, at each place, that it is there once: peeled off here, it is there again.
  const [one] = symbolsOf([draw.item(lineOf(random))], draw, 0, 1);
  const echo = apart(
    [],
    draw,
    Array.from({ length: 512 }, () => one as NonNullable<typeof one>),
  );
  expect(echo.type).toBe('more');
  expect(echo.steps).toBeLessThanOrEqual(512);
});

test('[T55] [SK1] two ends of one log that share a name under a known key hide from it; under the key of the next round they do not', () => {
  const random = seededRandom(55);
  const nonces = [random.bytes(32), random.bytes(32)] as const;
  const [known, next] = [drawWith(roundKey(nonces, SPACE, 1)), drawWith(roundKey(nonces, SPACE, 2))];
  const base = lineOf(random);
  // Mined: the state of an end has 24 bits, so some thousands of heads hold two that are drawn alike.
  const byItem = new Map<string, Line>();
  let twins: readonly [Line, Line] | undefined;
  while (!twins) {
    const line = { ...base, head: id(random) as EntryId };
    const item = String(known.item(line));
    const other = byItem.get(item);
    if (other) twins = [other, line];
    byItem.set(item, line);
  }
  const common = Array.from({ length: 50 }, () => lineOf(random));
  const differs = (draw: ReturnType<typeof drawWith>): number => {
    const [ours, theirs] = (twins as readonly [Line, Line]).map((line) => [...common, line].map(draw.item));
    const found = apart(ours as Item[], draw, symbolsOf(theirs as Item[], draw, 0, FIRST_SYMBOLS));
    return found.type === 'found' ? found.ours.length + found.theirs.length : -1;
  };
  expect(differs(known)).toBe(0);
  expect(differs(next)).toBe(2);
});
