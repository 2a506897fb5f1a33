import { expect, test } from 'vitest';
import { forgetOldest, setLatest } from '../../src/base/latest';

test('keeps what was named last, and forgets what was named longest ago', () => {
  const map = new Map<string, number>();
  for (const [n, key] of ['a', 'b', 'a', 'c'].entries()) setLatest(map, key, n, 2);
  expect([...map]).toEqual([
    ['a', 2],
    ['c', 3],
  ]);
  const set = new Set([1, 2, 3]);
  forgetOldest(set, 1);
  expect([...set]).toEqual([3]);
  forgetOldest(set, 0);
  expect(set.size).toBe(0);
});
