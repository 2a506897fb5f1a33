/** What the palette makes of what is typed, and of the names that fit: which is best, and which letters of it are marked. Pure. */
import { fits, foldName, Leading } from '../../base/called';
import type { Piece } from '../kit/pieces';

export type Narrowing = { readonly only: '#' | '@' | '>' | null; readonly words: string };

export function narrowing(text: string): Narrowing {
  const first = text.trimStart().charAt(0);
  if (first === '#' || first === '@' || first === '>') return { only: first, words: text.trimStart().slice(1).trim() };
  return { only: null, words: text.trim() };
}

export const scoreOf = (name: string, words: string): number => fits(foldName(name), foldName(words));

/** The rows whose names fit best, at most so many: no list of names is longer than a person reads. */
export function bestOf<Row>(
  rows: readonly Row[],
  nameOf: (row: Row) => string,
  words: string,
  most: number,
): readonly Row[] {
  type Scored = { readonly row: Row; readonly at: number; readonly score: number };
  const leading = new Leading<Scored>((a, b) => b.score - a.score || a.at - b.at, most);
  for (const [at, row] of rows.entries()) {
    const score = scoreOf(nameOf(row), words);
    if (score > 0) leading.add({ row, at, score });
  }
  return leading.rows.map(({ row }) => row);
}

/** The name in pieces, the found one marked. */
export function cutAt(name: string, words: string): readonly Piece[] {
  const at = words === '' ? -1 : foldName(name).indexOf(foldName(words));
  if (at < 0) return [{ from: 0, text: name, hit: false }];
  return [
    { from: 0, text: name.slice(0, at), hit: false },
    { from: at, text: name.slice(at, at + words.length), hit: true },
    { from: at + words.length, text: name.slice(at + words.length), hit: false },
  ].filter((piece) => piece.text !== '');
}
