/** The real resolution beside an independent model, and against insiders who are out and sign what they like. */
import { expect, test } from 'vitest';
import { compare, type Found } from '../../support/rights-compare';
import type { Weak } from '../../support/rights-model';

const broken = (found: Found): string[] =>
  Object.entries(found).flatMap(([name, seeds]) => (Array.isArray(seeds) && seeds.length > 0 ? [name] : []));

test('[T29] 2,000 random histories: the verdicts of the model, in every order, and nobody who is out changes anything', () => {
  const found = compare(1, 2_000);
  expect(broken(found)).toEqual([]);
  expect(found.attacks).toBeGreaterThan(1_000);
  expect(found.content).toBeGreaterThan(5_000);
});

/** Which of the checks notices that a defence is gone. The others need a case of their own: `cases.test.ts`. */
const NOTICED: Partial<Record<Weak, keyof Found>> = {
  cuts: 'backdated',
  layers: 'adminsAlone',
  adminsKeepToTheirRank: 'cameBack',
  seniority: 'seniority',
};
for (const [weak, check] of Object.entries(NOTICED) as [Weak, keyof Found][])
  test(`[T29] without "${weak}" the checks find harm, and the model agrees on it`, () => {
    const found = compare(1, 1_000, weak);
    expect(broken(found)).toContain(check);
    expect(found.different).toEqual([]);
  });

for (const weak of ['removalsWin', 'leaveFirst', 'onlyEffective', 'presentRole', 'ownersSettleTargets'] as const)
  test(`[T29] without "${weak}" the model gives the same verdicts as the resolution without it`, () => {
    expect(compare(1, 500, weak).different).toEqual([]);
  });
