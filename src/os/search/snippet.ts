/**
 * The piece of a text that shows why it was found, with the words that fit marked: near where most of what was asked stands
 * together, cut at words. Places count UTF-16 units of the piece. Pure.
 */
import { hashText, passagesOf } from './passages';
import type { Question, Step } from './question';
import { stemOf, type Word, wordsOf } from './words';

type Range = readonly [from: number, to: number];
/** `line`: of the text, where the first marked word stands. */
type Snippet = { readonly text: string; readonly ranges: readonly Range[]; readonly line: number };

const LENGTH = 160;
/** What stands before the first marked word. */
const LEAD = 24;
const MORE = '…';

type Fitting = (word: string) => number;
/** The first part of the question that a word fits, by its number; -1 for none. */
const fittingOf = ({ must }: Question): Fitting => {
  const steps: (Step & { readonly part: number; readonly stem: string })[] = must.flatMap((part, i) =>
    part.map((step) => ({ ...step, part: i, stem: stemOf(step.word) })),
  );
  return (word) => {
    const stem = stemOf(word);
    const fits = ({ word: asked, how, stem: wanted }: (typeof steps)[number]): boolean =>
      word === asked || (how !== 'exact' && stem === wanted) || (how === 'begins' && word.startsWith(asked));
    return steps.find(fits)?.part ?? -1;
  };
};

type Marked = Word & { readonly part: number };
const markedIn = (text: string, fitting: Fitting): readonly Marked[] => {
  const marked: Marked[] = [];
  for (const word of wordsOf(text)) {
    const part = fitting(word.text);
    const last = marked.at(-1);
    if (part < 0) continue;
    // The parts of a name lie in the name.
    if (last && word.from < last.to) continue;
    marked.push({ ...word, part });
  }
  return marked;
};

/** The places of what fits in a short text, such as a title. */
export const rangesIn = (text: string, question: Question): readonly Range[] =>
  markedIn(text, fittingOf(question)).map(({ from, to }): Range => [from, to]);

/** `best`: the hash of the passage to show; another is shown when the text has changed since. */
export const snippetOf = (text: string, question: Question, best: number): Snippet => {
  const passages = passagesOf(text);
  const passage = passages.find((each) => hashText(each.text) === best) ?? passages[0];
  if (!passage) return { text: '', ranges: [], line: 0 };
  const marked = markedIn(passage.text, fittingOf(question));
  const first = marked[bestStart(marked)];
  const from = first ? startBefore(passage.text, first.from) : 0;
  const to = endAfter(passage.text, Math.max(from + LENGTH, first?.to ?? 0));
  const lead = from > 0 ? MORE : '';
  const shown = lead + passage.text.slice(from, to).replace(/\s/g, ' ') + (to < passage.text.length ? MORE : '');
  const ranges = marked
    .filter((word) => word.from >= from && word.to <= to)
    .map((word): Range => [word.from - from + lead.length, word.to - from + lead.length]);
  return { text: shown, ranges, line: passage.line + linesIn(passage.text.slice(0, first?.from ?? 0)) };
};

const linesIn = (text: string): number => text.split('\n').length - 1;

/** From which marked word on the most parts of the question stand within one piece; the first of equals. */
const bestStart = (marked: readonly Marked[]): number => {
  let best = { at: 0, parts: 0 };
  for (const [at, { from }] of marked.entries()) {
    const parts = new Set<number>();
    for (let i = at; i < marked.length && (marked[i] as Marked).to <= from + LENGTH - LEAD; i++)
      parts.add((marked[i] as Marked).part);
    if (parts.size > best.parts) best = { at, parts: parts.size };
  }
  return best.at;
};

/** A little before a word, at the beginning of another one; of its line where that is near. */
const startBefore = (text: string, at: number): number => {
  if (at <= LEAD) return 0;
  const line = text.lastIndexOf('\n', at - 1);
  if (line >= at - LEAD) return line + 1;
  const space = text.slice(at - LEAD, at).search(/\s/);
  return space < 0 ? at : at - LEAD + space + 1;
};
const endAfter = (text: string, at: number): number => {
  if (at >= text.length) return text.length;
  const back = text.slice(at - LEAD, at).search(/\s\S*$/);
  if (back > 0) return at - LEAD + back;
  const last = text.charCodeAt(at - 1);
  return last >= 0xd800 && last < 0xdc00 ? at - 1 : at;
};
