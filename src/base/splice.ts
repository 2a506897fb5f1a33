/**
 * Edits of lists, each in proportion to what changed: what goes and what comes at a few places, with what only moved named by
 * where it stood. It knows nothing of the items. Rule: what is kept or moved is the same object afterwards.
 */
import { assert } from './assert';

/** `from`: where it stood in the list before; with `item` too, what took its place. One of the two is always there. */
export type Put<T> = { readonly from?: number; readonly item?: T };
/** At `at` of the list before, `drop` items go and `put` come. Splices of one edit go up and never overlap. */
export type Splice<T> = { readonly at: number; readonly drop: number; readonly put: readonly Put<T>[] };

/** The list after. `joined` makes one item of what stood there and what comes. Throws when the edit does not fit the list. */
export const applySplices = <T>(
  list: readonly T[],
  splices: readonly Splice<T>[],
  joined: (before: T, item: T) => T = (_, item) => item,
): T[] => {
  const after: T[] = [];
  let done = 0;
  for (const { at, drop, put } of splices) {
    assert(at >= done && drop >= 0 && at + drop <= list.length, 'an edit fits the list it was made for');
    for (; done < at; done++) after.push(list[done] as T);
    for (const { from, item } of put) {
      assert(from === undefined ? item !== undefined : from >= 0 && from < list.length, 'an edit names what is there');
      const before = from === undefined ? undefined : (list[from] as T);
      after.push(before === undefined ? (item as T) : item === undefined ? before : joined(before, item));
    }
    done = at + drop;
  }
  for (; done < list.length; done++) after.push(list[done] as T);
  return after;
};

export type SpliceBuilder<T> = {
  keep(count: number): void;
  drop(count: number): void;
  put(put: Put<T>): void;
  splices(): readonly Splice<T>[];
};
/** Collects an edit from the beginning of the list to its end. */
export const spliceBuilder = <T>(): SpliceBuilder<T> => {
  const splices: { at: number; drop: number; put: Put<T>[] }[] = [];
  let at = 0;
  const open = (): { at: number; drop: number; put: Put<T>[] } => {
    const last = splices.at(-1);
    if (last && last.at + last.drop === at) return last;
    const next = { at, drop: 0, put: [] };
    splices.push(next);
    return next;
  };
  return {
    keep: (count) => {
      at += count;
    },
    drop: (count) => {
      if (count === 0) return;
      open().drop += count;
      at += count;
    },
    put: (put) => void open().put.push(put),
    splices: () => splices,
  };
};

/** Of positions in any order, the places in the list of a longest run that goes up. */
export const longestRise = (positions: readonly number[]): readonly number[] => {
  const tails: number[] = [];
  const before: number[] = [];
  positions.forEach((position, i) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((positions[tails[middle] as number] as number) < position) low = middle + 1;
      else high = middle;
    }
    before[i] = low === 0 ? -1 : (tails[low - 1] as number);
    tails[low] = i;
  });
  const rise: number[] = [];
  for (let i = tails.at(-1) ?? -1; i >= 0; i = before[i] as number) rise.push(i);
  return rise.reverse();
};
