/**
 * Where words stand: word -> the passages that have it, and the places in each. New passages are collected in a `Draft`; a
 * `Segment` holds a range of passages, never changes, and is written as bytes. Segments that follow one another are merged
 * into one, in steps. It knows words and passages by their numbers only.
 *
 * A list in a segment: for each passage, in order, the distance from the one before (the first: from the segment's start),
 * how many places, and each place as the distance from the one before. All are varints.
 */
import { bytes, ints, pushVarint } from './column';

export type Segment = {
  /** Passages from `from` up to, not including, `to`. */
  readonly from: number;
  readonly to: number;
  /** Ascending. */
  readonly words: Int32Array;
  /** Of each word, where its list begins; one more for the end. */
  readonly starts: Int32Array;
  readonly bytes: Uint8Array;
};

/** `places`: valid during the call only. */
export type Visit = (passage: number, count: number, places: Int32Array) => void;

let places = new Int32Array(64);
const readList = (all: ArrayLike<number>, start: number, end: number, from: number, visit: Visit): void => {
  let passage = from;
  let at = start;
  const next = (): number => {
    let byte = all[at++] as number;
    let value = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = all[at++] as number;
      value |= (byte & 127) << shift;
    }
    return value;
  };
  while (at < end) {
    passage += next();
    const count = next();
    if (count > places.length) places = new Int32Array(count * 2);
    let place = 0;
    for (let i = 0; i < count; i++) {
      place += next();
      places[i] = place;
    }
    visit(passage, count, places);
  }
};

const indexOf = (words: Int32Array, word: number): number => {
  let [low, high] = [0, words.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((words[middle] as number) < word) low = middle + 1;
    else high = middle;
  }
  return words[low] === word ? low : -1;
};

export const visitSegment = (segment: Segment, word: number, visit: Visit): void => {
  const index = indexOf(segment.words, word);
  if (index < 0) return;
  readList(segment.bytes, segment.starts[index] as number, segment.starts[index + 1] as number, segment.from, visit);
};

type Bytes = { push(value: number): number };
type List<B extends Bytes> = { readonly bytes: B; last: number };
const writePosting = (list: List<Bytes>, passage: number, count: number, at: (i: number) => number): void => {
  pushVarint(list.bytes, passage - list.last);
  list.last = passage;
  pushVarint(list.bytes, count);
  let before = 0;
  for (let i = 0; i < count; i++) {
    pushVarint(list.bytes, at(i) - before);
    before = at(i);
  }
};

/** A word and a place in one number, so that sorting groups the places of each word. */
const PLACES = 2 ** 24;
export const occurrence = (word: number, place: number): number => word * PLACES + Math.min(place, PLACES - 1);

/** The passages that came last. */
export class Draft {
  readonly #lists = new Map<number, List<number[]>>();
  to: number;
  constructor(readonly from: number) {
    this.to = from;
  }

  /** `occurrences`: sorted. Passages come in ascending order. */
  add(passage: number, occurrences: Float64Array): void {
    for (let start = 0, end = 0; start < occurrences.length; start = end) {
      const word = Math.floor((occurrences[start] as number) / PLACES);
      const beyond = (word + 1) * PLACES;
      while (end < occurrences.length && (occurrences[end] as number) < beyond) end++;
      const list = this.#lists.get(word) ?? { bytes: [], last: this.from };
      this.#lists.set(word, list);
      const at = (i: number): number => (occurrences[start + i] as number) % PLACES;
      writePosting(list, passage, end - start, at);
    }
    this.to = passage + 1;
  }
  visit(word: number, visit: Visit): void {
    const list = this.#lists.get(word);
    if (list) readList(list.bytes, 0, list.bytes.length, this.from, visit);
  }
  frozen(): Segment {
    const words = Int32Array.from(this.#lists.keys()).sort();
    const starts = new Int32Array(words.length + 1);
    words.forEach((word, i) => {
      starts[i + 1] = (starts[i] as number) + (this.#lists.get(word)?.bytes.length ?? 0);
    });
    const all = new Uint8Array(starts.at(-1) ?? 0);
    words.forEach((word, i) => {
      all.set(this.#lists.get(word)?.bytes ?? [], starts[i]);
    });
    return { from: this.from, to: this.to, words, starts, bytes: all };
  }
}

/** Merges segments that follow one another and leaves out what `isLive` denies. */
export class Merge {
  readonly #words = ints();
  readonly #starts = ints();
  readonly #bytes = bytes();
  readonly #next: number[];
  constructor(
    readonly segments: readonly Segment[],
    private readonly isLive: (passage: number) => boolean,
  ) {
    this.#next = segments.map(() => 0);
    this.#starts.push(0);
  }

  /** Reads about `budget` bytes; gives the segment when it is whole. */
  step(budget: number): Segment | undefined {
    const { from } = this.segments[0] as Segment;
    let read = 0;
    while (read < budget) {
      let word = Number.POSITIVE_INFINITY;
      this.segments.forEach(({ words }, i) => {
        word = Math.min(word, words[this.#next[i] as number] ?? Number.POSITIVE_INFINITY);
      });
      if (word === Number.POSITIVE_INFINITY) return this.#whole(from);
      const list = { bytes: this.#bytes, last: from };
      const before = this.#bytes.length;
      this.segments.forEach((segment, i) => {
        const index = this.#next[i] as number;
        if (segment.words[index] !== word) return;
        this.#next[i] = index + 1;
        const [start, end] = [segment.starts[index] as number, segment.starts[index + 1] as number];
        read += end - start + 4;
        readList(segment.bytes, start, end, segment.from, (passage, count, at) => {
          if (this.isLive(passage)) writePosting(list, passage, count, (place) => at[place] as number);
        });
      });
      if (this.#bytes.length === before) continue;
      this.#words.push(word);
      this.#starts.push(this.#bytes.length);
    }
    return undefined;
  }
  #whole(from: number): Segment {
    const { to } = this.segments.at(-1) as Segment;
    return {
      from,
      to,
      words: this.#words.trimmed(),
      starts: this.#starts.trimmed(),
      bytes: this.#bytes.trimmed(),
    };
  }
}
