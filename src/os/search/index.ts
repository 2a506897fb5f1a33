/**
 * The full-text index of what this device can read: objects, their titles and texts as passages, and where each word stands.
 * Changed objects are taken in passage by passage, so that an edit costs what it touches; what is gone is marked and falls
 * out when segments merge. All work is in steps that the caller bounds. It knows no graph, no rights, no clock.
 *
 * SX1 what is found is a function of what was put and not removed, whatever the order, the steps and the merges.
 * SX2 no step does more than its budget and one passage or list.
 */
import { bytes, ints, shorts } from './column';
import { hashText, type Passage, passagesOf } from './passages';
import { Draft, Merge, occurrence, type Segment, type Visit, visitSegment } from './segment';
import { Vocabulary } from './vocabulary';
import { wordsOf } from './words';

/** What is searched in an object; ids and names mean nothing here. */
export type Item = {
  readonly id: string;
  readonly space: string;
  readonly type: string;
  readonly author: string;
  /** What it lies in: a channel, a document; itself for what stands on its own. */
  readonly within: string;
  /** ms. */
  readonly at: number;
};
export type Content = { readonly title: string; readonly text: string };

/** An object that is indexed. `passages`: their numbers; `hashes`: of their texts, negative for titles. */
export type Held = { item: Item; passages: readonly number[]; hashes: readonly number[] };

/** So many segments of about one size become one. */
const FANOUT = 4;
/** Between lines no two words are neighbours. */
const LINE_GAP = 2;
const MAX_LENGTH = 65_535;
const WORN = 200_000;

export class SearchIndex {
  readonly vocabulary = new Vocabulary();
  /** Of each passage its object, -1 when it is gone, and how many words it has. */
  readonly #objects = ints();
  readonly #lengths = shorts();
  readonly #titles = bytes();
  readonly #held: (Held | undefined)[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #free: number[] = [];
  #segments: readonly Segment[] = [];
  #draft = new Draft(0);
  #merge: Merge | undefined;
  #live = 0;
  #words = 0;

  /** `draft`: so many passages are collected before they become a segment. */
  constructor(private readonly draft = 512) {}

  /** Objects. */
  get size(): number {
    return this.#numbers.size;
  }
  get passages(): number {
    return this.#live;
  }
  get averageLength(): number {
    return this.#live === 0 ? 1 : Math.max(1, this.#words / this.#live);
  }
  /** Numbers that passages and objects have had; all of them are below. */
  get bounds(): { readonly passages: number; readonly objects: number } {
    return { passages: this.#objects.length, objects: this.#held.length };
  }
  get segments(): number {
    return this.#segments.length;
  }
  /** Most of what it holds is of the past: a new index would be much smaller. */
  get worn(): boolean {
    return this.#objects.length > WORN && this.#objects.length > 4 * this.#live;
  }
  /** Bytes of the lists and tables, without the vocabulary. */
  get bytes(): number {
    const lists = this.#segments.reduce(
      (sum, { bytes, words, starts }) => sum + bytes.length + 4 * (words.length + starts.length),
      0,
    );
    return lists + 7 * this.#objects.length;
  }

  held(object: number): Held | undefined {
    return this.#held[object];
  }
  find(id: string): Held | undefined {
    return this.#held[this.#numbers.get(id) ?? -1];
  }
  ids(): Iterable<string> {
    return this.#numbers.keys();
  }
  objectOf(passage: number): number {
    return this.#objects.at(passage);
  }
  lengthOf(passage: number): number {
    return this.#lengths.at(passage);
  }
  isTitle(passage: number): boolean {
    return this.#titles.at(passage) === 1;
  }
  /** Every live passage that has the word. */
  visit(word: number, visit: Visit): void {
    const live: Visit = (passage, count, places) => {
      if (this.#objects.at(passage) >= 0) visit(passage, count, places);
    };
    for (const segment of this.#segments) visitSegment(segment, word, live);
    this.#draft.visit(word, live);
  }

  // --- Taking in ---------------------------------------------------------------------------------------------

  /** Puts an object, or what it is now. Yields what each passage cost, in UTF-16 units; half-way it is found by either text. */
  *put(item: Item, content: Content): Generator<number, void> {
    const held = this.#hold(item);
    const kept = new Map<number, number[]>();
    for (const [i, hash] of held.hashes.entries())
      kept.set(hash, [...(kept.get(hash) ?? []), held.passages[i] as number]);
    const passages: number[] = [];
    const hashes: number[] = [];
    const pieces: readonly (Passage & { title?: true })[] = [
      { text: content.title, line: 0, from: 0, title: true },
      ...passagesOf(content.text),
    ];
    for (const { text, title } of pieces) {
      if (text === '') continue;
      const hash = title ? -1 - hashText(text) : hashText(text);
      const known = kept.get(hash)?.pop();
      const passage = known ?? this.#add(held, text, title === true);
      if (passage === undefined) continue;
      passages.push(passage);
      hashes.push(hash);
      if (known !== undefined) continue;
      // All there is now, so that a removal in between leaves nothing behind.
      held.passages = [...held.passages, passage];
      held.hashes = [...held.hashes, hash];
      yield text.length;
      if (this.#held[this.#numbers.get(item.id) ?? -1] !== held) return;
    }
    for (const gone of kept.values()) for (const passage of gone) this.#drop(passage);
    [held.passages, held.hashes] = [passages, hashes];
  }
  /** The same in one go. */
  putAll(item: Item, content: Content): void {
    for (const _ of this.put(item, content));
  }

  remove(id: string): void {
    const number = this.#numbers.get(id);
    const held = this.#held[number ?? -1];
    if (number === undefined || !held) return;
    for (const passage of held.passages) this.#drop(passage);
    this.#held[number] = undefined;
    this.#numbers.delete(id);
    this.#free.push(number);
  }

  #hold(item: Item): Held {
    const known = this.find(item.id);
    if (known) {
      known.item = item;
      return known;
    }
    const held: Held = { item, passages: [], hashes: [] };
    const number = this.#free.pop() ?? this.#held.length;
    this.#held[number] = held;
    this.#numbers.set(item.id, number);
    return held;
  }

  /** `undefined` for a text without words. */
  #add(held: Held, text: string, isTitle: boolean): number | undefined {
    const occurrences: number[] = [];
    let start = 0;
    for (const line of text.split('\n')) {
      const words = wordsOf(line);
      for (const { text: word, place } of words) {
        occurrences.push(occurrence(this.vocabulary.numberOf(word), start + place));
      }
      start += (words.at(-1)?.place ?? 0) + LINE_GAP;
    }
    const { length } = occurrences;
    if (length === 0) return undefined;
    const object = this.#numbers.get(held.item.id) as number;
    const passage = this.#objects.push(object);
    this.#lengths.push(Math.min(MAX_LENGTH, length));
    this.#titles.push(isTitle ? 1 : 0);
    this.#live++;
    this.#words += this.lengthOf(passage);
    this.#draft.add(passage, Float64Array.from(occurrences).sort());
    if (passage + 1 - this.#draft.from >= this.draft) this.#freeze();
    return passage;
  }

  #drop(passage: number): void {
    if (this.#objects.at(passage) < 0) return;
    this.#objects.all[passage] = -1;
    this.#live--;
    this.#words -= this.lengthOf(passage);
  }

  #freeze(): void {
    this.#segments = [...this.#segments, this.#draft.frozen()];
    this.#draft = new Draft(this.#draft.to);
    this.vocabulary.tidy();
  }

  // --- Merging -----------------------------------------------------------------------------------------------

  /** Merges a little; gives whether there is more to do. `budget`: bytes of lists. */
  tend(budget: number): boolean {
    this.#merge ??= this.#due();
    const merged = this.#merge?.step(budget);
    if (!this.#merge) return false;
    if (merged) {
      const gone = new Set(this.#merge.segments);
      const at = this.#segments.indexOf(this.#merge.segments[0] as Segment);
      const rest = this.#segments.filter((segment) => !gone.has(segment));
      this.#segments = [...rest.slice(0, at), merged, ...rest.slice(at)];
      this.#merge = undefined;
    }
    return true;
  }
  /** The first neighbours of about one size. */
  #due(): Merge | undefined {
    const tiers = this.#segments.map(({ from, to }) =>
      Math.floor(Math.log((to - from) / this.draft) / Math.log(FANOUT) + 0.5),
    );
    for (let i = tiers.length - FANOUT; i >= 0; i--) {
      if (!tiers.slice(i, i + FANOUT).every((tier) => tier <= (tiers[i] as number))) continue;
      return new Merge(this.#segments.slice(i, i + FANOUT), (passage) => this.#objects.at(passage) >= 0);
    }
    return undefined;
  }
}
