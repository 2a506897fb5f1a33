/**
 * A text as words with places: the one way in which texts and questions are cut, so that both meet. Any text is taken:
 * broken surrogates, markup and other scripts yield what words there are. Pure.
 *
 * WO1 case, `ё` and `е`, accents and compatibility forms do not matter; a place counts UTF-16 units of the text as given.
 * WO2 scripts written without spaces are cut into letters, a name such as `openSpace` also into its parts.
 * WO3 a word is at most `MAX_WORD` units long; what is longer is cut off there.
 */
import { stemEnglish } from './english';
import { stemRussian } from './russian';

export const MAX_WORD = 64;

/** `place`: how many words stand before it; the parts of a name share the places of the name. */
export type Word = { readonly text: string; readonly place: number; readonly from: number; readonly to: number };

const UNSPACED = String.raw`\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}`;
/** One letter of a script without spaces, with its marks. */
const LETTER = String.raw`[${UNSPACED}]\p{M}*`;
const SPACED = String.raw`(?![${UNSPACED}])[\p{L}\p{N}](?:(?![${UNSPACED}])[\p{L}\p{N}\p{M}])*`;
const PIECE = new RegExp(
  String.raw`${LETTER}|${SPACED}(?:['’ʼ](?:(?![${UNSPACED}])[\p{L}\p{M}])+)*|\p{RI}\p{RI}|\p{Extended_Pictographic}`,
  'gu',
);
const PLAIN = /^(?:[a-z0-9]+|[а-я]+)$/;
const NAME = /\p{Ll}\p{Lu}|\p{Lu}{2}\p{Ll}/u;
const PART = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[^\p{Lu}]+/gu;
const UNSPACED_FIRST = new RegExp(`^[${UNSPACED}]`, 'u');

/** WO1: one spelling of a word. */
export const foldWord = (word: string): string => {
  const small = word.toLowerCase();
  if (PLAIN.test(small)) return small.length > MAX_WORD ? cutAt(small) : small;
  const plain = small
    .normalize('NFKD')
    .toLowerCase()
    .replace(/([и])\u0306|([і])\u0308|[\u0300-\u036f]/g, (mark, short, dotted) => (short || dotted ? mark : ''))
    .normalize('NFC')
    .replace(/[’ʼ]/g, "'")
    .replaceAll('ß', 'ss')
    .replaceAll('ς', 'σ');
  return plain.length > MAX_WORD ? cutAt(plain) : plain;
};
/** Never between the halves of a surrogate pair. */
const cutAt = (word: string): string => {
  const last = word.charCodeAt(MAX_WORD - 1);
  return word.slice(0, last >= 0xd800 && last < 0xdc00 ? MAX_WORD - 1 : MAX_WORD);
};

/** The stem of a folded word, by its script; of mixed ones and other scripts the word itself. */
export const stemOf = (word: string): string => {
  const first = word.charCodeAt(0);
  if (first < 0x80) return /^[a-z']+$/.test(word) ? stemEnglish(word) : word;
  return /^[а-я]+$/.test(word) ? stemRussian(word) : word;
};

const ANY = 0;
const LOW = 1;
const HIGH = 2;
const OTHER = 3;
/** Of the units up to U+0451: what belongs to words of small and of capital letters, and what to none. */
const KINDS = Uint8Array.from({ length: 0x452 }, (_, unit) => {
  const letter = String.fromCharCode(unit);
  if (/[a-z0-9а-яё]/.test(letter)) return LOW;
  if (/[A-ZА-Я]/.test(letter)) return HIGH;
  return unit < 0x80 && letter !== "'" ? OTHER : ANY;
});

/**
 * The same for what most texts are: plain letters of two alphabets, no capital inside a word. `undefined` where a text has
 * anything else.
 */
const plainWordsOf = (text: string): readonly Word[] | undefined => {
  const words: Word[] = [];
  let from = -1;
  for (let at = 0; at <= text.length; at++) {
    const kind = at === text.length ? OTHER : (KINDS[text.charCodeAt(at)] ?? ANY);
    if (kind === ANY || (kind === HIGH && from >= 0)) return undefined;
    if (kind !== OTHER) {
      if (from < 0) from = at;
    } else if (from >= 0) {
      words.push({ text: foldPlain(text.slice(from, at)), place: words.length, from, to: at });
      from = -1;
    }
  }
  return words;
};
const foldPlain = (word: string): string => {
  const small = word.toLowerCase().replaceAll('ё', 'е');
  return small.length > MAX_WORD ? small.slice(0, MAX_WORD) : small;
};

/** The words of a text in order; `parts` false leaves out the parts of names. */
export const wordsOf = (text: string, parts = true): readonly Word[] => plainWordsOf(text) ?? anyWordsOf(text, parts);

/** The same of any text. */
export const anyWordsOf = (text: string, parts = true): readonly Word[] => {
  const words: Word[] = [];
  let place = 0;
  for (const match of text.matchAll(PIECE)) {
    const [piece] = match;
    const from = match.index;
    const folded = foldWord(piece);
    if (folded === '') continue;
    words.push({ text: folded, place, from, to: from + piece.length });
    const cut = NAME.test(piece) ? [...piece.matchAll(PART)] : [];
    if (cut.length > 1 && parts) {
      cut.forEach((part, i) => {
        const start = from + part.index;
        words.push({ text: foldWord(part[0]), place: place + i, from: start, to: start + part[0].length });
      });
    }
    place += Math.max(1, cut.length);
  }
  return words;
};

/** A letter of a script without spaces stands for more than one of an alphabet. */
export const isUnspaced = (word: string): boolean => UNSPACED_FIRST.test(word);

const COMMON = new Set(
  `a an and are as at be by for from in is it of on or that the this to was with
   а бы в во да для до же за и из или к как ко ли на не но о об от по при с со то у что это`.split(/\s+/),
);
/** Says little on its own: left out of a question that asks for more. */
export const isCommon = (word: string): boolean => COMMON.has(word);
