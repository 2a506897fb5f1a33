import { expect, test } from 'vitest';
import { TokenBucket, TokenBuckets } from '../../src/base/bucket';

test('gives its burst at once, then its rate, and nothing for a clock that goes back', () => {
  const bucket = new TokenBucket(10, 3, 1_000);
  const take = (now: number, times: number): number =>
    Array.from({ length: times }, () => bucket.take(now)).filter((taken) => taken).length;
  expect(take(1_000, 5)).toBe(3);
  expect(take(1_250, 5)).toBe(2);
  expect(take(500, 5)).toBe(0);
  expect(take(600, 5)).toBe(1);
  expect(take(1e9, 5)).toBe(3);
});

test('has a bucket for each name, and of too many names forgets the one heard longest ago', () => {
  const buckets = new TokenBuckets(0, 1, 2);
  expect(['a', 'b', 'a', 'b'].map((name) => buckets.take(name, 0))).toEqual([true, true, false, false]);
  expect(buckets.take('a', 0)).toBe(false);
  expect(buckets.take('c', 0)).toBe(true);
  expect(['a', 'b'].map((name) => buckets.take(name, 0))).toEqual([false, true]);
  expect([buckets.has('never', 0), buckets.has('b', 0)]).toEqual([true, false]);
});
