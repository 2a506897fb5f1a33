/** Random histories with everything that can be signed about rights, in every causal order. */
import { expect, test } from 'vitest';
import { checkWide } from '../../support/rights';

test('[RI1] 60 wide histories: one outcome in every order; RL4, T35: a right that was passed on is in no way wider than any link', () => {
  const { different, broken, chains, suspended, bans } = checkWide(1, 60);
  expect({ different, broken }).toEqual({ different: [], broken: [] });
  expect([chains > 5, suspended > 30, bans > 5]).toEqual([true, true, true]);
});
