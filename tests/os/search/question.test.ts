import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isEmpty, type Part, type Question, readQuestion } from '../../../src/os/search/question';
import { rangesIn, snippetOf } from '../../../src/os/search/snippet';

/** 9 March 2026, 01:30 in Moscow, which is still the 8th by UTC. */
const when = { now: Date.UTC(2026, 2, 8, 22, 30), offset: 180 };
const read = (text: string): Question => readQuestion(text, when);
const MARKS = { exact: '=', forms: '~', begins: '>' } as const;
const shown = (parts: readonly Part[]): readonly string[] =>
  parts.map((part) => part.map(({ word, how, place }) => `${place || ''}${MARKS[how]}${word}`).join(' '));

test.each([
  ['план', ['>план'], []],
  ['план ', ['~план'], []],
  ['план работ', ['~план', '>работ'], []],
  ['Пла* Работ* да', ['>пла', '>работ'], []],
  ['"Наш план" отпуск ', ['=наш 1=план', '~отпуск'], []],
  ['"Наш пл', ['=наш 1>пл'], []],
  ['план -отпуск -"как всегда"', ['~план'], ['~отпуск', '=как 1=всегда']],
  ['из-за ', ['~из 1~за'], []],
  ['journal_store.ts', ['~journal 1~store 2>ts'], []],
  ['openSpace x', ['~openspace', '~x'], []],
  ['http://a.b/c ', ['~http 1~a 2~b 3~c'], []],
  ['в плане на день ', ['~плане', '~день'], []],
  ['the ', ['~the'], []],
  ['東京', ['~東 1>京'], []],
  ['from:"" in:', ['>in'], []],
  ['before:never x ', ['~before 1~never', '~x'], []],
  ['*** - "" —', [], []],
])('[QU1] %j asks for %j', (text, must, not) => {
  const question = read(text);
  expect([shown(question.must), shown(question.not)]).toEqual([must, not]);
});

test.each([
  ['from:Ada план', { from: ['Ada'], in: [], type: [] }],
  ['от:"Ада Лавлейс" в:общий', { from: ['Ада Лавлейс'], in: ['общий'], type: [] }],
  ['in:#general type:message тип:документ', { from: [], in: ['#general'], type: ['message', 'документ'] }],
])('[QU1] %j narrows', (text, narrowed) => {
  expect(read(text).narrowed).toEqual({ app: [], ...narrowed });
  expect(isEmpty(read(text))).toBe(false);
});

const day = (iso: string): number => Date.parse(`${iso}T00:00:00+03:00`);
test.each([
  ['after:2026-03-01', day('2026-03-01'), undefined],
  ['после:1.3.2026 до:2026-04', day('2026-03-01'), day('2026-04-01')],
  ['before:2026', undefined, day('2026-01-01')],
  ['after:today', day('2026-03-09'), undefined],
  ['до:вчера', undefined, day('2026-03-08')],
  ['after:2026-01 after:2026-02', day('2026-02-01'), undefined],
  ['after:2026-02-30', undefined, undefined],
])('[QU1] %j is of days where the person is', (text, after, before) => {
  expect([read(text).after, read(text).before]).toEqual([after, before]);
});

test('[QU1] any text is a question, and a bounded one', () => {
  const bounded = (text: string): boolean => {
    const { must, not } = read(text.repeat(9));
    return must.length <= 16 && not.length <= 16;
  };
  const pieces = fc.constantFrom('"', '-', '*', ':', 'from:', 'до:', ' ', 'a', 'я', '\ud800', '東', '2026');
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 80 }), (all) => bounded(all.join(''))),
    { numRuns: 200 },
  );
  expect(isEmpty(read('  '))).toBe(true);
});

const marked = (text: string, asked: string): string => {
  const { text: piece, ranges } = snippetOf(text, read(asked), 0);
  return [...ranges]
    .reverse()
    .reduce((all, [from, to]) => `${all.slice(0, from)}[${all.slice(from, to)}]${all.slice(to)}`, piece);
};

test('[SN1] a snippet marks the words that fit, in any form', () => {
  expect(marked('🚀 Ещё одну задачу\nвзяла Ада', 'задачи ада')).toBe('🚀 Ещё одну [задачу] взяла [Ада]');
  expect(marked('call openSpace() now', 'space ')).toBe('call open[Space]() now');
  expect(marked('call openSpace() now', 'openspace ')).toBe('call [openSpace]() now');
});

test('[SN1] a snippet shows where most of what was asked stands together, and says the line', () => {
  const text = [
    'план на год',
    ...Array.from({ length: 8 }, () => 'ничего такого здесь нет'),
    'план отпусков готов',
  ].join('\n');
  const snippet = snippetOf(text, read('план отпуск'), 0);
  expect(snippet.line).toBe(9);
  expect(snippet.text.startsWith('…')).toBe(true);
  expect(snippet.ranges.map(([from, to]) => snippet.text.slice(from, to))).toEqual(['план', 'отпусков']);
});

test('[SN1] whatever the text, ranges lie in the snippet in order, and no letter is cut in two', () => {
  const sound = (text: string): boolean => {
    const { text: piece, ranges } = snippetOf(text, read('план a'), 0);
    let end = 0;
    const lies = ranges.every(([from, to]) => {
      const fits = from >= end && to > from && to <= piece.length;
      end = to;
      return fits;
    });
    return lies && piece.isWellFormed() && piece.length <= 2_000;
  };
  const words = fc.array(
    fc.oneof(fc.constantFrom('план', 'a', '🚀', '\n', ' '), fc.string({ unit: 'grapheme', maxLength: 40 })),
    { maxLength: 80 },
  );
  fc.assert(
    fc.property(words, (all) => sound(all.join(' '))),
    { numRuns: 100 },
  );
  expect(sound('🚀'.repeat(900))).toBe(true);
  expect(sound(`план ${'🚀'.repeat(900)}`)).toBe(true);
});

test('[SN1] a title is marked as a whole', () => {
  expect(rangesIn('План планов', read('план'))).toEqual([
    [0, 4],
    [5, 11],
  ]);
});

test('a question tells what of it narrows, and where that stands', () => {
  const { filters, narrowed } = read('план от:"Анна К" приложение:чат до:никогда тип: после:вчера');
  expect(filters).toEqual([
    { by: 'from', value: 'Анна К', from: 5, to: 16 },
    { by: 'app', value: 'чат', from: 17, to: 31 },
    { by: 'after', value: 'вчера', from: 48, to: 59 },
  ]);
  expect(narrowed.app).toEqual(['чат']);
});
