/** Filters as words of a question. */
import { expect, test } from 'vitest';
import { readQuestion } from '../../src/os/search/question';
import { daysAgo, withFilter, without } from '../../src/view/search/filters';

const filtersOf = (text: string) => readQuestion(text, { now: Date.UTC(2026, 10, 21), offset: 180 }).filters;

test.each([
  ['boat', 'from', 'me', 'boat from:me '],
  ['boat from:ada', 'from', 'Ada K', 'boat from:"Ada K" '],
  ['from:ada boat from:bert type:message', 'from', 'me', 'boat type:message from:me '],
  ['', 'type', 'document', 'type:document '],
  ['лодка от:ада', 'from', 'me', 'лодка from:me '],
  ['boat', 'in', 'a "b" c', 'boat in:"a b c" '],
] as const)('%j with %s %s is %j, and is read so', (text, by, value, whole) => {
  expect(withFilter(text, filtersOf(text), by, value)).toBe(whole);
  expect(filtersOf(whole).filter((filter) => filter.by === by)).toHaveLength(1);
});

test('a filter is taken out where it stands', () => {
  const text = 'boat from:"Ada K" engine after:2026';
  expect(filtersOf(text).map((filter) => without(text, filter))).toEqual([
    'boat engine after:2026',
    'boat from:"Ada K" engine',
  ]);
});

test('days are counted by the local calendar', () => {
  expect(daysAgo(7, new Date(2026, 2, 3, 0, 30))).toBe('2026-02-24');
});
