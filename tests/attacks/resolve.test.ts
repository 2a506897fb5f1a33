/** Rights are a function of the set of entries: not of their order, and not of what a weaker hand signs beside it. */
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random';
import { checkHistories, naive } from '../support/rights';

test('[RI1] 100 random histories give the same rights in every causal order, also with duplicates', () => {
  expect(checkHistories(1, 100)).toEqual({ histories: 100, different: [], broken: [] });
});

test('[RL6] seed 22802: whom a removal shows as out has no say that others would not see', () => {
  expect(checkHistories(22_802, 1)).toEqual({ histories: 1, different: [], broken: [] });
});

test('[RI1] a log read in the order of arrival gives different rights: the check sees it', () => {
  const found = [];
  for (let seed = 1; seed <= 40; seed++) found.push(naive(seededRandom(seed)));
  expect(found.some((same) => !same)).toBe(true);
});
