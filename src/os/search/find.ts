/**
 * Answers a question from an index: the objects in which every part of it is found, the best first. Okapi BM25 by passage;
 * a title counts more than a text, a word as typed more than another form of it, what is new more than what is old.
 * A function of the index, the question and the time. Pure.
 */
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

/** Passage -> how well it fits: occurrences, weighed. */
type Fits = Map<number, number>;

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
  const fits: Fits = new Map();
  const [first] = part;
  if (!first) return fits;
  if (part.length > 1) return togetherIn(index, part);
  for (const [word, weight] of wordsFor(index, first))
    index.visit(word, (passage, count) => fits.set(passage, (fits.get(passage) ?? 0) + count * weight));
  return fits;
};

/** Where all the words stand one after the other. */
const togetherIn = (index: SearchIndex, part: Part): Fits => {
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
  const fits: Fits = new Map();
  for (const [passage, found] of starts ?? [])
    fits.set(
      passage,
      [...found.values()].reduce((sum, weight) => sum + weight, 0),
    );
  return fits;
};

export const findIn = (index: SearchIndex, question: Question, asking: Asking): readonly Hit[] => {
  const { accepts, now, limit, skip = 0 } = asking;
  const inTime = ({ at }: Item): boolean => at >= (question.after ?? -Infinity) && at < (question.before ?? Infinity);
  const best = new Best(skip + limit);
  const denied = new Set<number>();
  for (const part of question.not)
    for (const passage of fitsOf(index, part).keys()) denied.add(index.objectOf(passage));
  const offer = (object: number, held: Held, score: number): void => {
    const { item } = held;
    if (denied.has(object) || !inTime(item) || !accepts(item)) return;
    best.offer(held, score * (1 + 2 ** (-Math.max(0, now - item.at) / AGE)));
  };
  if (question.must.length === 0) {
    for (let object = 0; object < index.bounds.objects; object++) {
      const held = index.held(object);
      if (held) offer(object, held, 1);
    }
    return best.hits(() => 0).slice(skip);
  }
  const scores = scoresOf(index, question.must);
  for (const [object, score] of scores.byObject) {
    const held = index.held(object);
    if (held) offer(object, held, score);
  }
  return best.hits((passage) => scores.byPassage.get(passage) ?? 0).slice(skip);
};

type Scores = { readonly byObject: ReadonlyMap<number, number>; readonly byPassage: ReadonlyMap<number, number> };
/** Objects that have every part, with the sum of the best that each part reaches in them. */
const scoresOf = (index: SearchIndex, parts: readonly Part[]): Scores => {
  const byPassage = new Map<number, number>();
  let byObject: Map<number, number> | undefined;
  for (const part of parts) {
    const fits = fitsOf(index, part);
    const rarity = Math.log(1 + (index.passages - fits.size + 0.5) / (fits.size + 0.5));
    const reached = new Map<number, number>();
    for (const [passage, weight] of fits) {
      const object = index.objectOf(passage);
      if (byObject && !byObject.has(object)) continue;
      const often = weight / EXACT;
      const long = 1 - B + (B * index.lengthOf(passage)) / index.averageLength;
      const score = ((rarity * often * (K + 1)) / (often + K * long)) * (index.isTitle(passage) ? TITLE : 1);
      byPassage.set(passage, (byPassage.get(passage) ?? 0) + score);
      if (score > (reached.get(object) ?? 0)) reached.set(object, score);
    }
    for (const [object, score] of reached) reached.set(object, score + (byObject?.get(object) ?? 0));
    byObject = reached;
  }
  return { byObject: byObject ?? new Map(), byPassage };
};

/** The best so many, by score, then the latest, then by id. */
class Best {
  readonly #kept: { readonly held: Held; readonly score: number }[] = [];
  constructor(private readonly size: number) {}

  offer(held: Held, score: number): void {
    const kept = this.#kept;
    const last = kept.at(-1);
    if (kept.length >= this.size && last && !isBefore(held.item, score, last.held.item, last.score)) return;
    let [low, high] = [0, kept.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = kept[middle] as (typeof kept)[number];
      if (isBefore(held.item, score, other.held.item, other.score)) high = middle;
      else low = middle + 1;
    }
    kept.splice(low, 0, { held, score });
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
