/** 20,000 random histories of a rights log: the same rights in every causal order, and nobody removed changes others. */
import { expect, test } from 'vitest';
import { checkHistories } from '../support/rights';

test('[RI1] 20,000 random histories', () => {
  expect(checkHistories(10_000, 20_000)).toEqual({ histories: 20_000, different: [], broken: [] });
});
