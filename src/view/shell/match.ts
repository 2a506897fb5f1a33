/** How the palette finds: by the beginning of a word first, then anywhere inside; case and "ё" do not matter. Pure. */
import type { Piece } from '../kit/pieces';

export type Narrowing = { readonly only: '#' | '@' | '>' | null; readonly words: string };

export function narrowing(text: string): Narrowing {
  const first = text.trimStart().charAt(0);
  if (first === '#' || first === '@' || first === '>') return { only: first, words: text.trimStart().slice(1).trim() };
  return { only: null, words: text.trim() };
}

/** Keeps the length of the text, so that places found in the one hold in the other. */
const folded = (text: string): string =>
  Array.from({ length: text.length }, (_, at) => {
    const small = text.charAt(at).toLowerCase();
    return small === 'ё' ? 'е' : small.length === 1 ? small : text.charAt(at);
  }).join('');

/** 1 begins with the words, 0.8 a word begins with them, 0.4 somewhere inside, 0 not at all. No words match everything. */
export function scoreOf(name: string, words: string): number {
  if (words === '') return 1;
  const at = folded(name).indexOf(folded(words));
  if (at < 0) return 0;
  if (at === 0) return 1;
  return /[\s\p{P}]/u.test(name.charAt(at - 1)) ? 0.8 : 0.4;
}

/** The rows whose names fit best, at most so many, in their own order: no list of names is longer than a person reads. */
export function bestOf<Row>(
  rows: readonly Row[],
  nameOf: (row: Row) => string,
  words: string,
  most: number,
): readonly Row[] {
  if (words === '') return rows.slice(0, most);
  const scored = rows
    .map((row, at) => ({ row, at, score: scoreOf(nameOf(row), words) }))
    .filter(({ score }) => score > 0);
  if (scored.length > most) scored.sort((a, b) => b.score - a.score || a.at - b.at).length = most;
  return scored.sort((a, b) => a.at - b.at).map(({ row }) => row);
}

/** The name in pieces, the found one marked. */
export function cutAt(name: string, words: string): readonly Piece[] {
  const at = words === '' ? -1 : folded(name).indexOf(folded(words));
  if (at < 0) return [{ from: 0, text: name, hit: false }];
  return [
    { from: 0, text: name.slice(0, at), hit: false },
    { from: at, text: name.slice(at, at + words.length), hit: true },
    { from: at + words.length, text: name.slice(at + words.length), hit: false },
  ].filter((piece) => piece.text !== '');
}
