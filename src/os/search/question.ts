/**
 * What somebody asks, as typed: words, all of which must be there, in any form; the last one may be unfinished; `work*` is so
 * anywhere; "words in quotes" stand together as written; `-word` must not be there; `from: in: type: app: before: after:` narrow,
 * also in Russian. Any text is a question. Pure.
 *
 * QU1 an operator that makes no sense is searched as words.
 * QU2 common words are left out where others say more.
 */
import { foldWord, isCommon, isUnspaced, type Word, wordsOf } from './words';

/** `forms`: of one stem. `begins`: those, and all that begin so. */
export type How = 'exact' | 'forms' | 'begins';
export type Step = { readonly word: string; readonly place: number; readonly how: How };
/** Words that stand together; one of a single word. */
export type Part = readonly Step[];

const NARROWING = ['from', 'in', 'type', 'app'] as const;
type Narrowed = Readonly<Record<(typeof NARROWING)[number], readonly string[]>>;
export type Question = {
  readonly must: readonly Part[];
  readonly not: readonly Part[];
  /** Names as typed; each of them must fit. */
  readonly narrowed: Narrowed;
  /** ms: from here on, and up to but not including. */
  readonly after?: number;
  readonly before?: number;
  /** What of the text narrows, and where it stands in it. */
  readonly filters: readonly Filter[];
};
type Operator = (typeof NARROWING)[number] | 'before' | 'after';
export type Filter = { readonly by: Operator; readonly value: string; readonly from: number; readonly to: number };

/** `now`: ms. `offset`: minutes from UTC to where the person is, so that days begin at their midnight. */
export type When = { readonly now: number; readonly offset: number };

export const MAX_QUESTION = 500;
const MAX_PARTS = 16;
const DAY = 86_400_000;

const OPERATORS: Readonly<Record<string, Operator>> = {
  from: 'from',
  от: 'from',
  in: 'in',
  в: 'in',
  type: 'type',
  тип: 'type',
  app: 'app',
  приложение: 'app',
  before: 'before',
  до: 'before',
  after: 'after',
  после: 'after',
};
const PIECE = /(-?)(?:(\p{L}+):(?:"([^"]*)"?|([^\s"]+))|"([^"]*)("?)|(\S+))/gu;

export const readQuestion = (typed: string, when: When): Question => {
  const text = typed.slice(0, MAX_QUESTION);
  const must: Part[] = [];
  const not: Part[] = [];
  const narrowed: Record<(typeof NARROWING)[number], string[]> = { from: [], in: [], type: [], app: [] };
  const filters: Filter[] = [];
  let [after, before] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const piece of text.matchAll(PIECE)) {
    const [whole, minus, name = '', quoted, plain, phrase, closed, words] = piece;
    const operator = minus === '' ? OPERATORS[name.toLowerCase()] : undefined;
    const value = (quoted ?? plain ?? '').trim();
    const isLast = piece.index + whole.length === text.length;
    const into = minus === '-' ? not : must;
    const day = operator === 'before' || operator === 'after' ? startOf(value, when) : undefined;
    const narrows = operator !== undefined && (day !== undefined || (isNarrowing(operator) && value !== ''));
    if (narrows) filters.push({ by: operator, value, from: piece.index, to: piece.index + whole.length });
    if (operator === 'after' && day !== undefined) after = Math.max(after, day);
    else if (operator === 'before' && day !== undefined) before = Math.min(before, day);
    else if (narrows && isNarrowing(operator)) narrowed[operator].push(value);
    else if (phrase !== undefined) add(into, wordsOf(phrase, false), 'exact', isLast && closed === '');
    else if (operator === undefined || value !== '')
      add(
        into,
        wordsOf(words ?? whole.slice(minus?.length), false),
        'forms',
        (isLast && into === must) || whole.endsWith('*'),
      );
  }
  return {
    must: withoutCommon(must).slice(0, MAX_PARTS),
    not: not.slice(0, MAX_PARTS),
    narrowed,
    filters,
    ...(after === Number.NEGATIVE_INFINITY ? {} : { after }),
    ...(before === Number.POSITIVE_INFINITY ? {} : { before }),
  };
};

const isNarrowing = (operator: Operator): operator is (typeof NARROWING)[number] =>
  NARROWING.some((name) => name === operator);

/** Nothing is asked. */
export const isEmpty = ({ must, narrowed, after, before }: Question): boolean =>
  must.length === 0 &&
  NARROWING.every((name) => narrowed[name].length === 0) &&
  after === undefined &&
  before === undefined;

/** What stands in one piece, such as `web-page` or `src/os`, stands together. A letter alone is no beginning. */
const add = (into: Part[], words: readonly Word[], how: How, unfinished: boolean): void => {
  const first = words[0];
  if (!first) return;
  into.push(
    words.map(({ text, place }, i) => {
      const begins = unfinished && i === words.length - 1 && (text.length > 1 || isUnspaced(text));
      return { word: text, place: place - first.place, how: begins ? 'begins' : how };
    }),
  );
};

/** QU2. */
const withoutCommon = (parts: readonly Part[]): readonly Part[] => {
  const telling = parts.filter(
    (part) => part.length > 1 || part.some(({ word, how }) => how === 'exact' || !isCommon(word)),
  );
  return telling.length === 0 ? parts : telling;
};

/** Where a day, month or year begins: `2026-03-09`, `2026-03`, `2026`, `9.3.2026`, today, yesterday. */
const startOf = (value: string, { now, offset }: When): number | undefined => {
  const shift = offset * 60_000;
  const today = Math.floor((now + shift) / DAY) * DAY - shift;
  const word = foldWord(value);
  if (word === 'today' || word === 'сегодня') return today;
  if (word === 'yesterday' || word === 'вчера') return today - DAY;
  const iso = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(value);
  const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(value);
  const [year, month, day] = iso
    ? [iso[1], iso[2] ?? '1', iso[3] ?? '1']
    : dotted
      ? [dotted[3], dotted[2], dotted[1]]
      : [];
  if (year === undefined) return undefined;
  const start = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const read = new Date(start);
  const isSound = read.getUTCMonth() === Number(month) - 1 && read.getUTCDate() === Number(day);
  return isSound ? start - shift : undefined;
};
