/** How much of what comes at once is taken in before somebody else has a turn. */
import { expect, test } from 'vitest';
import { turnsOf } from '../../../src/os/kernel/intake';

const sizes = (...lengths: readonly number[]): readonly (readonly number[])[] =>
  turnsOf(lengths.map((length) => new Uint8Array(length))).map((turn) => turn.map(({ length }) => length));
const KIB = 1024;

test('a turn takes 64 entries and 64 KiB at most, in their order, and a larger one alone', () => {
  expect(sizes()).toEqual([]);
  expect(sizes(...Array.from({ length: 130 }, () => 10)).map(({ length }) => length)).toEqual([64, 64, 2]);
  expect(sizes(30 * KIB, 34 * KIB, 1, 64 * KIB, 1)).toEqual([[30 * KIB, 34 * KIB], [1], [64 * KIB], [1]]);
  expect(sizes(1, 200 * KIB, 2, 3)).toEqual([[1], [200 * KIB], [2, 3]]);
});
