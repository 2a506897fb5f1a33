/**
 * Answers a question from an index: the objects in which every part of it is found, the best first. Okapi BM25 by passage;
 * a title counts more than a text, a word as typed more than another form of it, what is new more than what is old.
 * A function of the index, the question and the time. Pure.
 */
import { firstNot } from '../../base/sorted';
import type { Held, Item, SearchIndex } from './index';
import type { Part, Question, Step } from './question';

type Hit = {
  readonly item: Item;
  readonly score: number;
  /** The passage that fits best: the hash of its text, negative for the title. */
  readonly best: number;
};
type Asking = {
  /** Whether an object may be found at all. */
  accepts(item: Item): boolean;
  /** What its score is multiplied by, above 0; 1 when left out. */
  weigh?(item: Item): number;
  /** ms. */
  readonly now: number;
  /** The first so many hits are left out. */
  readonly skip?: number;
  readonly limit: number;
};

/** Saturation of repeated words, and how far a passage's length counts. */
const K = 1.2;
const B = 0.6;
const TITLE = 3;
/** What is as old as this has lost half of what being new adds. */
const AGE = 30 * 86_400_000;
/** How much each way of fitting counts; whole numbers, so that no order of adding shows. */
const EXACT = 10;
const FORM = 8;
const BEGUN = 6;

/** Passages, and by their numbers how well each fits: occurrences, weighed. Rows of numbers: there may be very many. */
type Fits = { readonly passages: readonly number[]; readonly weights: Float64Array };

const wordsFor = (index: SearchIndex, { word, how }: Step): ReadonlyMap<number, number> => {
  const weights = new Map<number, number>();
  const { vocabulary } = index;
  if (how === 'begins') for (const number of vocabulary.beginningWith(word)) weights.set(number, BEGUN);
  if (how !== 'exact') for (const number of vocabulary.formsOf(word)) weights.set(number, FORM);
  const exact = vocabulary.find(word);
  if (exact !== undefined) weights.set(exact, EXACT);
  return weights;
};

const fitsOf = (index: SearchIndex, part: Part): Fits => {
  const passages: number[] = [];
  const weights = new Float64Array(index.bounds.passages);
  const add = (passage: number, weight: number): void => {
    if (weights[passage] === 0) passages.push(passage);
    weights[passage] = (weights[passage] as number) + weight;
  };
  const [first] = part;
  if (part.length > 1) addTogether(index, part, add);
  else if (first)
    for (const [word, weight] of wordsFor(index, first))
      index.visit(word, (passage, count) => add(passage, count * weight));
  return { passages, weights };
};

/** Where all the words stand one after the other. */
const addTogether = (index: SearchIndex, part: Part, add: (passage: number, weight: number) => void): void => {
  let starts: Map<number, Map<number, number>> | undefined;
  for (const step of part) {
    const next = new Map<number, Map<number, number>>();
    for (const [word, weight] of wordsFor(index, step)) {
      index.visit(word, (passage, count, places) => {
        const before = starts?.get(passage);
        if (starts && !before) return;
        for (let i = 0; i < count; i++) {
          const start = (places[i] as number) - step.place;
          const least = before ? before.get(start) : weight;
          if (start < 0 || least === undefined) continue;
          const found = next.get(passage) ?? new Map<number, number>();
          next.set(passage, found);
          found.set(start, Math.max(found.get(start) ?? 0, Math.min(least, weight)));
        }
      });
    }
    starts = next;
  }
  for (const [passage, found] of starts ?? []) for (const weight of found.values()) add(passage, weight);
};

export const findIn = (index: SearchIndex, question: Question, asking: Asking): readonly Hit[] => {
  const { accepts, weigh = () => 1, now, limit, skip = 0 } = asking;
  const inTime = ({ at }: Item): boolean => at >= (question.after ?? -Infinity) && at < (question.before ?? Infinity);
  const best = new Best(skip + limit);
  const denied = new Set<number>();
  for (const part of question.not)
    for (const passage of fitsOf(index, part).passages) denied.add(index.objectOf(passage));
  const offer = (object: number, held: Held, score: number): void => {
    const { item } = held;
    if (denied.has(object) || !inTime(item)) return;
    const weighed = score * weigh(item) * (1 + 2 ** (-Math.max(0, now - item.at) / AGE));
    // Whether it may be found costs most, and few come so far.
    if (best.takes(item, weighed) && accepts(item)) best.offer(held, weighed);
  };
  if (question.must.length === 0) {
    for (let object = 0; object < index.bounds.objects; object++) {
      const held = index.held(object);
      if (held) offer(object, held, 1);
    }
    return best.hits(() => 0).slice(skip);
  }
  const { objects, sums, byPassage } = scoresOf(index, question.must);
  for (const object of objects) {
    const held = index.held(object);
    if (held) offer(object, held, sums[object] as number);
  }
  return best.hits((passage) => byPassage[passage] as number).slice(skip);
};

/** Objects that have every part, and by their numbers the sum of the best that each part reaches in them. */
type Scores = { readonly objects: readonly number[]; readonly sums: Float64Array; readonly byPassage: Float64Array };
const scoresOf = (index: SearchIndex, parts: readonly Part[]): Scores => {
  const byPassage = new Float64Array(index.bounds.passages);
  const sums = new Float64Array(index.bounds.objects);
  /** How many parts each object has so far. */
  const had = new Uint8Array(index.bounds.objects);
  let objects: number[] = [];
  const { averageLength } = index;
  parts.forEach((part, n) => {
    const { passages, weights } = fitsOf(index, part);
    const rarity = Math.log(1 + (index.passages - passages.length + 0.5) / (passages.length + 0.5));
    const reached = new Float64Array(index.bounds.objects);
    objects = [];
    for (const passage of passages) {
      const object = index.objectOf(passage);
      if ((had[object] as number) < n) continue;
      const often = (weights[passage] as number) / EXACT;
      const long = 1 - B + (B * index.lengthOf(passage)) / averageLength;
      const score = ((rarity * often * (K + 1)) / (often + K * long)) * (index.isTitle(passage) ? TITLE : 1);
      byPassage[passage] = (byPassage[passage] as number) + score;
      if (had[object] === n) {
        had[object] = n + 1;
        objects.push(object);
      }
      if (score > (reached[object] as number)) reached[object] = score;
    }
    for (const object of objects) sums[object] = (sums[object] as number) + (reached[object] as number);
  });
  return { objects, sums, byPassage };
};

/** The best so many, by score, then the latest, then by id. */
class Best {
  readonly #kept: { readonly held: Held; readonly score: number }[] = [];
  constructor(private readonly size: number) {}

  /** Whether it would be among them. */
  takes(item: Item, score: number): boolean {
    const last = this.#kept.at(-1);
    return this.#kept.length < this.size || !last || isBefore(item, score, last.held.item, last.score);
  }
  offer(held: Held, score: number): void {
    const kept = this.#kept;
    const at = firstNot(kept, (other) => !isBefore(held.item, score, other.held.item, other.score));
    kept.splice(at, 0, { held, score });
    if (kept.length > this.size) kept.pop();
  }
  hits(worth: (passage: number) => number): readonly Hit[] {
    return this.#kept.map(({ held, score }) => {
      let best = 0;
      held.passages.forEach((passage, i) => {
        if (worth(passage) > worth(held.passages[best] as number)) best = i;
      });
      return { item: held.item, score, best: held.hashes[best] ?? 0 };
    });
  }
}
const isBefore = (a: Item, scoreA: number, b: Item, scoreB: number): boolean =>
  scoreA !== scoreB ? scoreA > scoreB : a.at !== b.at ? a.at > b.at : a.id < b.id;
