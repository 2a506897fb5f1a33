import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findIn } from '../../../src/os/search/find';
import { type Content, type Item, SearchIndex } from '../../../src/os/search/index';
import { type Part, type Question, readQuestion } from '../../../src/os/search/question';
import { stemOf, wordsOf } from '../../../src/os/search/words';

const NOW = Date.UTC(2026, 2, 9, 12);
const when = { now: NOW, offset: 0 };
const item = (id: string, over: Partial<Item> = {}): Item => ({
  id,
  space: 's',
  type: 'Message',
  author: 'ada',
  within: 'c',
  at: NOW - 1_000,
  ...over,
});
const ask = (index: SearchIndex, text: string, over: { accepts?(item: Item): boolean; limit?: number } = {}) =>
  findIn(index, readQuestion(text, when), { accepts: () => true, now: NOW, limit: 100, ...over });
const idsOf = (index: SearchIndex, text: string): readonly string[] => ask(index, text).map((hit) => hit.item.id);
const indexOf = (texts: Readonly<Record<string, string>>): SearchIndex => {
  const index = new SearchIndex();
  for (const [id, text] of Object.entries(texts)) index.putAll(item(id), { title: '', text });
  return index;
};

// --- The same by looking through everything ----------------------------------------------------------------------

type Held = ReadonlyMap<string, Content>;
const partIn = (content: Content, part: Part): boolean =>
  [content.title, ...content.text.split('\n')].some((line) => {
    const words = wordsOf(line);
    return words.some(({ place }) =>
      part.every((step) =>
        words.some(
          (word) =>
            word.place === place + step.place &&
            (word.text === step.word ||
              (step.how !== 'exact' && stemOf(word.text) === stemOf(step.word)) ||
              (step.how === 'begins' && word.text.startsWith(step.word))),
        ),
      ),
    );
  });
const scan = (held: Held, { must, not }: Question): readonly string[] =>
  [...held]
    .filter(([, content]) => must.every((part) => partIn(content, part)) && !not.some((part) => partIn(content, part)))
    .map(([id]) => id)
    .sort();

const WORDS = [
  'задача',
  'задачу',
  'задачи',
  'план',
  'планы',
  'на',
  'running',
  'runs',
  'openSpace',
  'open',
  '東京',
  'v2',
  'план-б',
  '🚀',
];
const words = fc.array(fc.constantFrom(...WORDS), { maxLength: 6 });
const text = fc.array(words, { maxLength: 3 }).map((lines) => lines.map((line) => line.join(' ')).join('\n'));
const content = fc.record({ title: words.map((line) => line.join(' ')), text });
/** Long enough to be cut into passages. */
const long = fc.array(words, { minLength: 30, maxLength: 60 }).map((lines) => ({
  title: '',
  text: lines.map((line) => `${line.join(' ')} ${'filler '.repeat(6)}`).join('\n'),
}));
const step = fc.oneof(
  fc.record({
    type: fc.constant('put' as const),
    id: fc.integer({ min: 0, max: 9 }),
    content: fc.oneof({ weight: 6, arbitrary: content }, long),
  }),
  fc.record({ type: fc.constant('remove' as const), id: fc.integer({ min: 0, max: 9 }) }),
  fc.record({ type: fc.constant('tend' as const), budget: fc.integer({ min: 1, max: 2_000 }) }),
  /** Taken in half-way, then put anew. */
  fc.record({ type: fc.constant('half' as const), id: fc.integer({ min: 0, max: 9 }), content: long }),
  /** So many that segments come to be. */
  fc.record({ type: fc.constant('many' as const), n: fc.integer({ min: 1, max: 60 }) }),
);
const questions = fc.array(
  fc.oneof(
    fc.constantFrom(...WORDS, 'зад', 'пла', 'op', 'run', 'нет'),
    fc.constantFrom('-план', '-openSpace', '"план на"', '"на план"', '-"план задача"', 'зад*', 'openSpace/v2', '東'),
  ),
  { minLength: 1, maxLength: 3 },
);

test('[SX1] what is found, and in which order, is what a look through everything finds, however it came to be', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 25, size: 'max' }),
      fc.array(questions, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      (steps, asked, settled) => {
        const index = new SearchIndex(3);
        const held = new Map<string, Content>();
        let n = 0;
        for (const each of steps) {
          if (each.type === 'tend') for (let i = 0; i < 12 && index.tend(each.budget); i++);
          else if (each.type === 'many') {
            for (let i = 0; i < each.n; i++) {
              const id = `m${n++ % 90}`;
              held.set(id, { title: '', text: `${WORDS[n % WORDS.length]} ${n % 7}` });
              index.putAll(item(id), held.get(id) as Content);
            }
          } else {
            const id = `o${each.id}`;
            if (each.type === 'remove') {
              index.remove(id);
              held.delete(id);
            } else {
              const content = each.type === 'half' ? { title: 'план', text: 'runs' } : each.content;
              if (each.type === 'half') index.put(item(id), each.content).next();
              index.putAll(item(id), content);
              held.set(id, content);
            }
          }
        }
        while (settled && index.tend(50));
        const fresh = new SearchIndex();
        for (const [id, each] of [...held].sort(([a], [b]) => (a < b ? -1 : 1))) fresh.putAll(item(id), each);
        for (const each of asked) {
          const question = readQuestion(each.join(' '), when);
          const asking = { accepts: () => true, now: NOW, limit: 2_000 };
          const found = findIn(index, question, asking);
          expect(found.map((hit) => hit.item.id).sort()).toEqual(scan(held, question));
          expect(found.map(({ item: { id }, score }) => ({ id, score }))).toEqual(
            findIn(fresh, question, asking).map(({ item: { id }, score }) => ({ id, score })),
          );
        }
        expect(index.size).toBe(held.size);
        expect(index.passages).toBe(fresh.passages);
      },
    ),
    { numRuns: 40 },
  );
});

test('[SX1] segments merge into few, and what is gone falls out of them', () => {
  const index = new SearchIndex();
  for (let i = 0; i < 20_000; i++) index.putAll(item(`${i % 4_000}`), { title: '', text: `слово${i} план` });
  const before = index.bytes;
  while (index.tend(1_000));
  expect(index.segments).toBeLessThan(12);
  expect(index.bytes).toBeLessThan(before);
  expect(ask(index, 'план', { limit: 5_000 })).toHaveLength(4_000);
  expect(idsOf(index, 'слово19999')).toEqual(['3999']);
  expect(idsOf(index, 'слово15999')).toEqual([]);
});

test('[SX2] an edit of a long text takes in the passages around it and no others', () => {
  const index = new SearchIndex();
  const lines = Array.from({ length: 2_000 }, (_, i) => `Строка ${i} говорит о плане номер ${i * 7} подробно`);
  index.putAll(item('doc'), { title: 'План', text: lines.join('\n') });
  const edited = [...lines.slice(0, 900), 'Новая строка о бюджете', ...lines.slice(900)].join('\n');
  const cost = [...index.put(item('doc'), { title: 'План', text: edited })].reduce((sum, each) => sum + each, 0);
  expect(cost).toBeLessThan(6_000);
  expect(idsOf(index, 'бюджет')).toEqual(['doc']);
});

// --- What is found -----------------------------------------------------------------------------------------------

test.each([
  ['задачи', ['a']],
  ['задачам', ['a']],
  ['зад', ['a']],
  ['зад*', ['a']],
  ['еще ЁЖ', ['b']],
  ['ships', ['c']],
  ['shipping', ['c']],
  ['ship план', []],
  ['план', ['d']],
  ['"план работ"', ['d']],
  ['"работ план"', []],
  ['"планы работ"', []],
  ['"план раб', ['d']],
  ['-задача', ['b', 'c', 'd', 'e']],
  ['на задачу', ['a']],
  ['journal_store', ['e']],
  ['journal_st', ['e']],
  ['space', ['e']],
  ['openSpace', ['e']],
])('[SX1] %s finds %j', (asked, found) => {
  const index = indexOf({
    a: 'Возьми задачу у Ады',
    b: 'Ещё ёж в тумане',
    c: 'We shipped it 🚀',
    d: 'План работ готов',
    e: 'see journal_store.ts and openSpace()',
  });
  expect([...idsOf(index, asked)].sort()).toEqual(found);
});

test('[SX1] a title goes before a text, the word as typed before its forms, and the new before the old', () => {
  const index = new SearchIndex();
  index.putAll(item('text'), { title: '', text: 'a plan for us' });
  index.putAll(item('form'), { title: '', text: 'a planned for us' });
  index.putAll(item('title'), { title: 'plan', text: '' });
  index.putAll(item('old', { at: NOW - 400 * 86_400_000 }), { title: '', text: 'a plan for us' });
  expect(idsOf(index, 'plan ')).toEqual(['title', 'text', 'form', 'old']);
});

test('[SX1] only what is accepted is found, in pages', () => {
  const index = new SearchIndex();
  for (let i = 0; i < 50; i++) index.putAll(item(`${i}`, { at: NOW - i }), { title: '', text: 'план' });
  const odd = { accepts: ({ id }: Item) => Number(id) % 2 === 1 };
  expect(ask(index, 'план', { ...odd, limit: 3 }).map((hit) => hit.item.id)).toEqual(['1', '3', '5']);
  const next = findIn(index, readQuestion('план', when), { ...odd, now: NOW, skip: 3, limit: 2 });
  expect(next.map((hit) => hit.item.id)).toEqual(['7', '9']);
});

test('[SX1] a removed object that was half taken in leaves nothing behind', () => {
  const index = new SearchIndex();
  const putting = index.put(item('a'), { title: 'план', text: `${'слово\n'.repeat(900)}` });
  putting.next();
  index.remove('a');
  for (const _ of putting);
  expect([index.size, index.passages, idsOf(index, 'план')]).toEqual([0, 0, []]);
});
