/**
 * How a name fits what is typed: one that begins so first, then one in which a word does, then anywhere inside; case and "ё" do
 * not matter. The rule of the palette, for whoever keeps its names and for whoever draws them. Pure.
 */

/** Who gave no name yet: a word for that, in the language of whoever reads, and the beginning of the id. */
export const namelessName = (word: string, user: string): string => `${word} ${user.slice(0, 4).toUpperCase()}`.trim();

/** Numbers in a name by how much they are: 9 before 10. */
const inOrder = new Intl.Collator(undefined, { numeric: true });

/** Those without a name last. */
export const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  Number(a.name === '') - Number(b.name === '') || inOrder.compare(a.name, b.name);

/** Keeps the length of the text, so that places found in the one hold in the other. */
export const foldName = (name: string): string => {
  const small = name.toLowerCase();
  if (small.length === name.length) return small.replaceAll('ё', 'е').replaceAll('ς', 'σ');
  return Array.from({ length: name.length }, (_, at) => {
    const letter = name.charAt(at).toLowerCase();
    return letter === 'ё' ? 'е' : letter.length === 1 ? letter : name.charAt(at);
  }).join('');
};

/** 1 begins with the words, 0.8 a word begins with them, 0.4 somewhere inside, 0 not at all. No words fit everything. Both folded. */
export const fits = (name: string, words: string): number => {
  if (words === '') return 1;
  const at = name.indexOf(words);
  if (at < 0) return 0;
  if (at === 0) return 1;
  return /[\s\p{P}]/u.test(name.charAt(at - 1)) ? 0.8 : 0.4;
};

/** The first of them in this order, at most so many; it keeps no more than these. */
export class Leading<Row> {
  readonly rows: Row[] = [];

  constructor(
    private readonly compare: (a: Row, b: Row) => number,
    private readonly most: number,
  ) {}

  add(row: Row): void {
    const { rows, compare, most } = this;
    const last = rows[rows.length - 1];
    if (rows.length >= most && (last === undefined || compare(row, last) >= 0)) return;
    let [from, to] = [0, rows.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (compare(row, rows[middle] as Row) < 0) to = middle;
      else from = middle + 1;
    }
    rows.splice(from, 0, row);
    if (rows.length > most) rows.pop();
  }
}
