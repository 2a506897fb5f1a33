/**
 * A text in passages: what is indexed, and indexed again, on its own. Lines that stand together make one; where it ends
 * follows from what the lines say, so that an edit changes the passages around it and no others. Pure.
 */

/** In UTF-16 units: a text up to `SHORT` is one passage; none is longer than twice `LONG`. */
const SHORT = 800;
const LEAST = 300;
const LONG = 1_500;

/** 53 bits. Equal for equal texts; not for keeping anything secret. */
export const hashText = (text: string): number => {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
};

/** `line`: the line that it begins in. `from`: where it begins in the text. */
export type Passage = { readonly text: string; readonly line: number; readonly from: number };

export const passagesOf = (text: string): readonly Passage[] => {
  if (text.length <= SHORT) return [{ text, line: 0, from: 0 }];
  const passages: Passage[] = [];
  let [start, startLine] = [0, 0];
  const end = (to: number, next: number, line: number): void => {
    if (to > start) passages.push({ text: text.slice(start, to), line: startLine, from: start });
    [start, startLine] = [next, line];
  };
  for (let at = 0, line = 0; at <= text.length; line++) {
    const found = text.indexOf('\n', at);
    const stop = found < 0 ? text.length : found;
    if (stop - at > LONG) {
      end(at - 1, at, line);
      while (stop - start > LONG) {
        const cut = cutBefore(text, start + LONG, start);
        end(cut, cut, line);
      }
    }
    const length = stop - start;
    if (length >= LONG || (length >= LEAST && hashText(text.slice(at, stop)) % 4 === 0)) end(stop, stop + 1, line + 1);
    at = stop + 1;
  }
  end(text.length, text.length, 0);
  return passages;
};

/** At the last space, where there is one; never between the halves of a surrogate pair. */
const cutBefore = (text: string, at: number, start: number): number => {
  const space = text.slice(start, at).lastIndexOf(' ');
  if (space > 0) return start + space;
  const last = text.charCodeAt(at - 1);
  return last >= 0xd800 && last < 0xdc00 ? at - 1 : at;
};
