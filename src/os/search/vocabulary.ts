/**
 * All words that were ever indexed, each with a number; the words of one stem, and those that begin alike. It only grows:
 * whoever holds it builds it anew when too much of it is of the past. It knows neither texts nor objects.
 */
import { ints } from './column';
import { stemOf } from './words';

/** So many words may stand unsorted: they are looked through one by one. */
const MAX_TAIL = 4_096;

export class Vocabulary {
  readonly #numbers = new Map<string, number>();
  readonly #words: string[] = [];
  readonly #groups = new Map<string, number>();
  /** The last word of each stem, and for each word the one of its stem before it; -1 for none. */
  readonly #lastOfGroup = ints();
  readonly #before = ints();
  #sorted = new Int32Array(0);

  get size(): number {
    return this.#words.length;
  }

  /** `word`: folded. */
  numberOf(given: string): number {
    const known = this.#numbers.get(given);
    if (known !== undefined) return known;
    // A longer piece of a text would keep all of the text in memory.
    const word = given.length > 12 ? (JSON.parse(JSON.stringify(given)) as string) : given;
    const number = this.#words.push(word) - 1;
    this.#numbers.set(word, number);
    const stem = stemOf(word);
    const group = this.#groups.get(stem);
    if (group === undefined) {
      this.#groups.set(stem, this.#lastOfGroup.push(number));
      this.#before.push(-1);
    } else {
      this.#before.push(this.#lastOfGroup.at(group));
      this.#lastOfGroup.all[group] = number;
    }
    return number;
  }

  find(word: string): number | undefined {
    return this.#numbers.get(word);
  }
  /** The words that have the stem of this one, itself among them. */
  formsOf(word: string): readonly number[] {
    const forms: number[] = [];
    const group = this.#groups.get(stemOf(word));
    for (let each = group === undefined ? -1 : this.#lastOfGroup.at(group); each >= 0; each = this.#before.at(each))
      forms.push(each);
    return forms;
  }
  beginningWith(prefix: string): readonly number[] {
    if (this.size - this.#sorted.length > MAX_TAIL) this.sort();
    const found: number[] = [];
    for (let i = this.#placeOf(prefix); i < this.#sorted.length; i++) {
      const number = this.#sorted[i] as number;
      if (!this.#words[number]?.startsWith(prefix)) break;
      found.push(number);
    }
    for (let number = this.#sorted.length; number < this.size; number++)
      if (this.#words[number]?.startsWith(prefix)) found.push(number);
    return found;
  }

  /** Takes in what stands unsorted, where it is much. */
  tidy(): void {
    if (this.size - this.#sorted.length > MAX_TAIL) this.sort();
  }
  private sort(): void {
    const words = this.#words;
    const tail = Int32Array.from({ length: this.size - this.#sorted.length }, (_, i) => this.#sorted.length + i);
    tail.sort((a, b) => ((words[a] as string) < (words[b] as string) ? -1 : 1));
    const next = new Int32Array(this.size);
    let [from, to] = [0, 0];
    for (const number of tail) {
      const place = this.#placeOf(words[number] as string, from);
      next.set(this.#sorted.subarray(from, place), to);
      to += place - from;
      next[to++] = number;
      from = place;
    }
    next.set(this.#sorted.subarray(from), to);
    this.#sorted = next;
  }
  /** Where the first word stands that is not before this one. */
  #placeOf(word: string, from = 0): number {
    let [low, high] = [from, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#words[this.#sorted[middle] as number] as string) < word) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
