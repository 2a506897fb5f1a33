/**
 * The Snowball stemmer for Russian, as its authors publish it. Takes lower-case Cyrillic letters with `ё` written as `е`.
 * Pure.
 *
 * Of the endings in a first group only what follows `а` or `я` counts. A longer ending that does not count hides shorter ones.
 */
import { type Endings, endingOf, endingsOf } from './ending';

type Grouped = { readonly both: Endings; readonly afterA: ReadonlySet<string> };
const grouped = (afterA: string, others: string): Grouped => ({
  both: endingsOf(`${afterA} ${others}`),
  afterA: new Set(afterA.split(' ')),
});

const GERUND = grouped('в вши вшись', 'ив ивши ившись ыв ывши ывшись');
const PARTICIPLE = grouped('ем нн вш ющ щ', 'ивш ывш ующ');
const VERB = grouped(
  'ла на ете йте ли й л ем н ло но ет ют ны ть ешь нно',
  'ила ыла ена ейте уйте ите или ыли ей уй ил ыл им ым ен ило ыло ено ят ует уют ит ыт ены ить ыть ишь ую ю',
);
const ADJECTIVE = endingsOf('ее ие ое ые ими ыми ей ий ой ый ем им ом ым его ого ему ому их ых ую юю ая яя ою ею');
const NOUN = endingsOf(
  'а ев ов ие ье е иями ями ами еи ии и ией ей ой ий й иям ям ием ем ам ом о у ах иях ях ы ь ию ью ю ия ья я',
);
const REFLEXIVE = endingsOf('ся сь');
const DERIVED = endingsOf('ост ость');
const SUPERLATIVE = endingsOf('ейш ейше');

const isVowel = (letter: string | undefined): boolean => letter !== undefined && 'аеиоуыэюя'.includes(letter);

const behind = (word: string, from: number, wanted: boolean): number => {
  for (let i = from; i < word.length; i++) if (isVowel(word[i]) === wanted) return i + 1;
  return word.length;
};

/** Without the ending; `undefined` when there is none that counts. */
const cut = (word: string, from: number, endings: Endings): string | undefined => {
  const ending = endingOf(word, endings, from);
  return ending === '' ? undefined : word.slice(0, word.length - ending.length);
};
const cutGrouped = (word: string, from: number, { both, afterA }: Grouped): string | undefined => {
  const before = cut(word, from, both);
  if (before === undefined || !afterA.has(word.slice(before.length))) return before;
  return before.length > from && /[ая]$/.test(before) ? before : undefined;
};

export const stemRussian = (given: string): string => {
  const from = behind(given, 0, true);
  const derived = behind(given, behind(given, behind(given, from, false), true), false);
  let word = cutGrouped(given, from, GERUND) ?? inflected(given, from);
  if (word.length > from && word.endsWith('и')) word = word.slice(0, -1);
  word = cut(word, Math.max(from, derived), DERIVED) ?? word;
  const plain = cut(word, from, SUPERLATIVE);
  if (plain !== undefined) return single(plain, from);
  if (word.length > from && word.endsWith('ь')) return word.slice(0, -1);
  return single(word, from);
};

const inflected = (given: string, from: number): string => {
  const word = cut(given, from, REFLEXIVE) ?? given;
  const noAdjective = cut(word, from, ADJECTIVE);
  if (noAdjective !== undefined) return cutGrouped(noAdjective, from, PARTICIPLE) ?? noAdjective;
  return cutGrouped(word, from, VERB) ?? cut(word, from, NOUN) ?? word;
};

const single = (word: string, from: number): string =>
  word.length - 2 >= from && word.endsWith('нн') ? word.slice(0, -1) : word;
