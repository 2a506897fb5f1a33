/**
 * What differs between two sets, at a price of the difference: a rateless IBLT. One side sends symbols, as many as it takes; the
 * other takes its own away from them and peels off what is left. Pure; what an item stands for is `names.ts`.
 *
 * SK1 items are drawn with a key of both ends of the link and of the round: nobody else can choose items that do not come apart.
 * SK2 no symbols, however bent, cost more than a bounded number of steps; at `MAX_SYMBOLS` it is given up.
 */
import { fixed, list, record, type ValueOf, varint } from '../../base/codec';

/** Eight bytes, as they are drawn: of 32, 8 and 24 bits. */
export type Item = readonly [high: number, low: number, state: number];
export type Draw = {
  /** 32 bits of an item; what says that a sum is one item, and where it stands. */
  check(item: Item): number;
};

/** Less than 1 kB: 40 items apart come apart with it. */
export const FIRST_SYMBOLS = 72;
/** Less than 64 KiB. */
export const MAX_SYMBOLS = 4_096;
const symbolCodec = record({ count: varint, sum: fixed(8), check: fixed(4) });
export const symbolsCodec = list(symbolCodec, MAX_SYMBOLS);
export type WireSymbol = ValueOf<typeof symbolCodec>;

type Cells = { readonly count: Int32Array; readonly sums: Uint32Array; readonly checks: Uint32Array };
const cellsOf = (size: number): Cells => ({
  count: new Int32Array(size),
  sums: new Uint32Array(size * 3),
  checks: new Uint32Array(size),
});

/**
 * The places of an item below `end`: place 0 always, place i with a chance of 1 / (1 + i / 2), by the distribution of Yang, Gilad
 * and Alizadeh (SIGCOMM 2024).
 */
const eachPlace = (check: number, end: number, visit: (place: number) => void): void => {
  let random = check === 0 ? 1 : check;
  for (let place = 0; place < end; ) {
    visit(place);
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    place += Math.ceil((place + 1.5) * (65_536 / Math.sqrt((random >>> 0) + 1) - 1));
    if (random === 0) random = 1;
  }
};
const toggle = (cells: Cells, item: Item, check: number, by: number, end: number): void =>
  eachPlace(check, end, (place) => {
    cells.count[place] = (cells.count[place] as number) + by;
    cells.checks[place] = (cells.checks[place] as number) ^ check;
    for (let i = 0; i < 3; i++) cells.sums[place * 3 + i] = (cells.sums[place * 3 + i] as number) ^ (item[i] as number);
  });
const filled = (items: readonly Item[], draw: Draw, size: number, by: number): Cells => {
  const cells = cellsOf(size);
  for (const item of items) toggle(cells, item, draw.check(item), by, size);
  return cells;
};

/** Symbols `from` to `to` (not included) of a set. */
export const symbolsOf = (items: readonly Item[], draw: Draw, from: number, to: number): readonly WireSymbol[] => {
  const { count, sums, checks } = filled(items, draw, to, 1);
  return Array.from({ length: to - from }, (_, i) => {
    const at = from + i;
    const sum = new Uint8Array(8);
    const view = new DataView(sum.buffer);
    view.setUint32(0, sums[at * 3] as number);
    view.setUint32(4, (sums[at * 3 + 1] as number) * 2 ** 24 + (sums[at * 3 + 2] as number));
    const check = new Uint8Array(4);
    new DataView(check.buffer).setUint32(0, checks[at] as number);
    return { count: count[at] as number, sum, check };
  });
};

/** `ours` lacks the other side, `theirs` this one. `steps`: items that were peeled off. */
export type Apart =
  | { readonly type: 'found'; readonly ours: readonly Item[]; readonly theirs: readonly Item[]; readonly steps: number }
  | { readonly type: 'more'; readonly steps: number };

/** What differs between `items` and the set that all these symbols, from place 0 on, are of. */
export const apart = (items: readonly Item[], draw: Draw, symbols: readonly WireSymbol[]): Apart => {
  const size = symbols.length;
  const cells = filled(items, draw, size, -1);
  for (const [at, { count, sum, check }] of symbols.entries()) {
    const view = new DataView(sum.buffer, sum.byteOffset, sum.byteLength);
    cells.count[at] = (cells.count[at] as number) + count;
    cells.checks[at] = (cells.checks[at] as number) ^ new DataView(check.buffer, check.byteOffset, 4).getUint32(0);
    for (const [i, word] of [view.getUint32(0), view.getUint8(4), view.getUint32(4) & 0xffffff].entries())
      cells.sums[at * 3 + i] = (cells.sums[at * 3 + i] as number) ^ word;
  }
  const ours: Item[] = [];
  const theirs: Item[] = [];
  const itemAt = (at: number): Item => [
    cells.sums[at * 3] as number,
    cells.sums[at * 3 + 1] as number,
    cells.sums[at * 3 + 2] as number,
  ];
  const queue = Array.from({ length: size }, (_, at) => at);
  let steps = 0;
  // SK2: there are no more items in a difference that comes apart than symbols.
  for (let next = queue.pop(); next !== undefined && steps < size; next = queue.pop()) {
    const count = cells.count[next] as number;
    if (count !== 1 && count !== -1) continue;
    const item = itemAt(next);
    const check = draw.check(item);
    if (check !== cells.checks[next]) continue;
    steps++;
    (count === 1 ? theirs : ours).push(item);
    toggle(cells, item, check, -count, size);
    eachPlace(check, size, (place) => {
      const left = cells.count[place];
      if (left === 1 || left === -1) queue.push(place);
    });
  }
  const isEmpty = cells.count.every((count) => count === 0) && cells.checks.every((check) => check === 0);
  return isEmpty ? { type: 'found', ours, theirs, steps } : { type: 'more', steps };
};
