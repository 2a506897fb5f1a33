/** A text in pieces, some of them marked. Pure. */
export type Piece = { readonly from: number; readonly text: string; readonly hit: boolean };

/** A text in pieces, the given ranges marked. */
export function cutBy(text: string, ranges: readonly (readonly [number, number])[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const [from, to] of ranges) {
    pieces.push({ from: at, text: text.slice(at, from), hit: false }, { from, text: text.slice(from, to), hit: true });
    at = to;
  }
  return [...pieces, { from: at, text: text.slice(at), hit: false }].filter((piece) => piece.text !== '');
}
