/** Simulations: the same seed gives the same figures, and the figures tell of what was done to the network. */
import { expect, it } from 'vitest';
import { SCENARIO, type Scenario } from './scenario';
import { simulate } from './simulate';

const SMALL: Scenario = {
  ...SCENARIO,
  ...{ nodes: 12, crypto: 'cheap', startWithin: 2, settle: 12, minutes: 0.1, writes: 60, calm: 4 },
};

it('a simulation of twelve kernels is the same run each time, and another with another seed', async () => {
  const [once, again, other] = [
    await simulate(SMALL),
    await simulate(SMALL),
    await simulate({ ...SMALL, nodes: 6, seed: 2 }),
  ];
  expect(again.outcome).toEqual(once.outcome);
  expect(other.outcome.delivery).not.toEqual(once.outcome.delivery);
  expect(once.outcome).toMatchObject({ nodes: 12, written: 6, complete: 1, delivery: { reached: 1, whole: 1 } });
});
