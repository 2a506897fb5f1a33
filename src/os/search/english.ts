/**
 * The Snowball stemmer for English (“Porter 2”), as its authors publish it. Forms of one word get one stem; a stem need not
 * be a word. Takes lower-case letters and apostrophes. Pure.
 */
import { type Endings, endingOf, endingsOf } from './ending';

const isVowel = (letter: string | undefined): boolean => letter !== undefined && 'aeiouy'.includes(letter);

const FIXED = new Map(
  Object.entries({
    skis: 'ski',
    skies: 'sky',
    dying: 'die',
    lying: 'lie',
    tying: 'tie',
    idly: 'idl',
    gently: 'gentl',
    ugly: 'ugli',
    early: 'earli',
    only: 'onli',
    singly: 'singl',
    ...Object.fromEntries(['sky', 'news', 'howe', 'atlas', 'cosmos', 'bias', 'andes'].map((word) => [word, word])),
  }),
);
const FIXED_LATER = new Set(['inning', 'outing', 'canning', 'herring', 'earring', 'proceed', 'exceed', 'succeed']);
const EARLY_REGION = ['gener', 'commun', 'arsen'];

const PLURAL = endingsOf('sses ied ies us ss s');
const PAST = endingsOf('eed eedly ed edly ing ingly');
const DOUBLES = endingsOf('bb dd ff gg mm nn pp rr tt');
const LONG: ReadonlyMap<string, string> = new Map(
  Object.entries({
    tional: 'tion',
    enci: 'ence',
    anci: 'ance',
    abli: 'able',
    entli: 'ent',
    izer: 'ize',
    ization: 'ize',
    ational: 'ate',
    ation: 'ate',
    ator: 'ate',
    alism: 'al',
    aliti: 'al',
    alli: 'al',
    fulness: 'ful',
    ousli: 'ous',
    ousness: 'ous',
    iveness: 'ive',
    iviti: 'ive',
    biliti: 'ble',
    bli: 'ble',
    ogi: 'og',
    fulli: 'ful',
    lessli: 'less',
    li: '',
  }),
);
const LONG_ENDINGS = endingsOf([...LONG.keys()].join(' '));
const MIDDLE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    tional: 'tion',
    ational: 'ate',
    alize: 'al',
    icate: 'ic',
    iciti: 'ic',
    ical: 'ic',
    ful: '',
    ness: '',
    ative: '',
  }),
);
const MIDDLE_ENDINGS = endingsOf([...MIDDLE.keys()].join(' '));
const LAST = endingsOf('al ance ence er ic able ible ant ement ment ent ism ate iti ous ive ize ion');

/** Where the part begins that follows the first vowel and the consonant after it, looked for from `from`. */
const regionAfter = (word: string, from: number): number => {
  for (let i = from + 1; i < word.length; i++) if (!isVowel(word[i]) && isVowel(word[i - 1])) return i + 1;
  return word.length;
};

/** Ends in a short syllable: `at`, `hop`, `bead`'s is none. `Y` is a consonant. */
const endsShort = (word: string): boolean => {
  const last = word.at(-1);
  if (word.length < 2 || isVowel(last) || !isVowel(word.at(-2))) return false;
  return word.length === 2 || (!'wxY'.includes(last as string) && !isVowel(word.at(-3)));
};
const hasVowel = (text: string): boolean => [...text].some(isVowel);

export const stemEnglish = (given: string): string => {
  if (given.length <= 2) return given;
  const fixed = FIXED.get(given);
  if (fixed !== undefined) return fixed;
  let word = withConsonantY(given.startsWith("'") ? given.slice(1) : given);
  const early = EARLY_REGION.find((start) => word.startsWith(start));
  const first = early ? early.length : regionAfter(word, 0);
  const second = regionAfter(word, first);

  word = word.replace(/'s'$|'s$|'$/, '');
  word = withoutPlural(word);
  if (FIXED_LATER.has(word)) return word;
  word = withoutPast(word, first);
  if (word.length > 2 && 'yY'.includes(word.at(-1) as string) && !isVowel(word.at(-2))) word = `${word.slice(0, -1)}i`;
  word = shortened(word, first, LONG_ENDINGS, (ending, before) => {
    if (ending === 'ogi' && !before.endsWith('l')) return undefined;
    if (ending === 'li' && !/[cdeghkmnrt]$/.test(before)) return undefined;
    return LONG.get(ending);
  });
  word = shortened(word, first, MIDDLE_ENDINGS, (ending, before) =>
    ending === 'ative' && before.length < second ? undefined : MIDDLE.get(ending),
  );
  word = shortened(word, second, LAST, (ending, before) =>
    ending === 'ion' && !/[st]$/.test(before) ? undefined : '',
  );
  const before = word.slice(0, -1);
  if (word.endsWith('e') && (before.length >= second || (before.length >= first && !endsShort(before)))) word = before;
  else if (word.endsWith('ll') && before.length >= second) word = before;
  return word.replaceAll('Y', 'y');
};

/** A `y` that sounds as a consonant, at the beginning or after a vowel, is marked. */
const withConsonantY = (word: string): string => {
  if (!word.includes('y')) return word;
  let marked = '';
  for (let i = 0; i < word.length; i++) {
    const isConsonant = word[i] === 'y' && (i === 0 || isVowel(marked[i - 1]));
    marked += isConsonant ? 'Y' : word[i];
  }
  return marked;
};

/** Only the longest ending is looked at; it must lie behind `from`. `undefined` leaves the word as it is. */
const shortened = (
  word: string,
  from: number,
  endings: Endings,
  instead: (ending: string, before: string) => string | undefined,
): string => {
  const ending = endingOf(word, endings);
  const before = word.slice(0, word.length - ending.length);
  if (ending === '' || before.length < from) return word;
  const put = instead(ending, before);
  return put === undefined ? word : before + put;
};

const withoutPlural = (word: string): string => {
  const ending = endingOf(word, PLURAL);
  const before = word.slice(0, word.length - ending.length);
  if (ending === 'sses') return `${before}ss`;
  if (ending === 'ied' || ending === 'ies') return before + (before.length > 1 ? 'i' : 'ie');
  return ending === 's' && hasVowel(before.slice(0, -1)) ? before : word;
};

const withoutPast = (word: string, first: number): string => {
  const ending = endingOf(word, PAST);
  const before = word.slice(0, word.length - ending.length);
  if (ending === '') return word;
  if (ending.startsWith('eed')) return before.length >= first ? `${before}ee` : word;
  if (!hasVowel(before)) return word;
  if (/(?:at|bl|iz)$/.test(before)) return `${before}e`;
  if (endingOf(before, DOUBLES) !== '') return before.slice(0, -1);
  return before.length <= first && endsShort(before) ? `${before}e` : before;
};
