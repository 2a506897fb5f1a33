import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyWordsOf, foldWord, MAX_WORD, stemOf, wordsOf } from '../../../src/os/search/words';

const texts = (text: string): readonly string[] => wordsOf(text).map((word) => word.text);

test.each([
  ['Задачи на Среду', ['задачи', 'на', 'среду']],
  ['Ещё ёлка', ['еще', 'елка']],
  ['за́мок йод Йошкар-Ола', ['замок', 'йод', 'йошкар', 'ола']],
  ['Crème brûlée STRASSE straße', ['creme', 'brulee', 'strasse', 'strasse']],
  ['ﬁne Ａｂｃ ２５', ['fine', 'abc', '25']],
  ["John's п’ять don't", ["john's", "п'ять", "don't"]],
  ['openSpace HTMLParser', ['openspace', 'open', 'space', 'htmlparser', 'html', 'parser']],
  ['journal_store.ts v1.2.3', ['journal', 'store', 'ts', 'v1', '2', '3']],
  ['東京タワー', ['東', '京', 'タ', 'ワ', 'ー']],
  ['한국어 검색', ['한국어', '검색']],
  ['हिन्दी में', ['हिन्दी', 'में']],
  ['ship 🚀🇷🇺 it ❤️', ['ship', '🚀', '🇷🇺', 'it', '❤']],
  ['Πάσης ΟΔΟΣ', ['πασησ', 'οδοσ']],
  ['\ud800 ok \udfff', ['ok']],
  ['— … !', []],
])('[WO1] %s is cut into words', (text, words) => {
  expect(texts(text)).toEqual(words);
});

test('[WO2] a name counts as many places as it has parts, and the name stands at the first', () => {
  expect(wordsOf('an openSpace call').map(({ text, place }) => [text, place])).toEqual([
    ['an', 0],
    ['openspace', 1],
    ['open', 1],
    ['space', 2],
    ['call', 3],
  ]);
  expect(wordsOf('an openSpace call', false).map(({ place }) => place)).toEqual([0, 1, 3]);
});

test('[WO1] words in two scripts stem each by its own', () => {
  expect(['задачу', 'running', 'mp3', 'веб', "john's"].map(stemOf)).toEqual(['задач', 'run', 'mp3', 'веб', 'john']);
});

test('[WO3] whatever the text, words lie in it in order, and are bounded', () => {
  const sound = (text: string): boolean => {
    let [from, place] = [0, 0];
    return wordsOf(text, false).every((word) => {
      const fits = word.from >= from && word.to > word.from && word.to <= text.length && word.place >= place;
      [from, place] = [word.to, word.place + 1];
      return fits && word.text !== '' && word.text.length <= MAX_WORD && stemOf(word.text) !== '';
    });
  };
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), sound), { numRuns: 100 });
  expect(sound('x'.repeat(MAX_WORD - 1) + '𝒳'.repeat(9))).toBe(true);
});

test('[WO1] folding a folded word changes nothing', () => {
  const same = (text: string): boolean => wordsOf(text).every(({ text: word }) => foldWord(word) === word);
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), same), { numRuns: 100 });
});

test('[WO1] plain texts are cut as any text is', () => {
  const pieces = fc.constantFrom(...'aZя Ёё9_-.,\n!', "'", 'й', '«', '—', 'ßé', 'Ab');
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (all) => {
      const text = all.join('');
      expect(wordsOf(text)).toEqual(anyWordsOf(text));
    }),
    { numRuns: 300 },
  );
});
