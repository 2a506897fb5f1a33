/** Simulations: the same seed gives the same figures, and the figures tell of what was done to the network. */
import { expect, it } from 'vitest';
import { pictureOf } from './picture';
import { SCENARIO, type Scenario } from './scenario';
import { simulate } from './simulate';
import { tableOf } from './table';

const SMALL: Scenario = {
  ...SCENARIO,
  ...{ nodes: 12, crypto: 'cheap', startWithin: 2, settle: 12, minutes: 0.1, writes: 60, calm: 4 },
};

it('a simulation of twelve kernels is the same run each time', async () => {
  const [once, again] = [await simulate(SMALL), await simulate(SMALL)];
  expect(again.outcome).toEqual(once.outcome);
  expect(once.outcome).toMatchObject({ nodes: 12, written: 6, complete: 1, delivery: { reached: 1, whole: 1 } });
  const drawn = pictureOf(SMALL, once.outcome);
  expect(drawn.match(/<polyline/g)).toHaveLength(5);
  expect(`${drawn}${tableOf(SMALL, once.outcome, once.cost)}`).not.toMatch(/NaN|undefined|Infinity/);
});

it('another seed, a beacon, insiders, wrong clocks and a partition: sound nodes have everything in the end', async () => {
  const { outcome } = await simulate({
    ...SMALL,
    ...{ seed: 2, nodes: 8, beacons: 1, blackHoles: 0.25, skewed: 0.25, calm: 20 },
    happenings: [
      { type: 'part', islands: 2, at: 1 },
      { type: 'heal', at: 5 },
    ],
  });
  expect(outcome).toMatchObject({ nodes: 8, written: 6, complete: 1, delivery: { reached: 1 } });
  expect(outcome.moments.some(({ largestPart }) => largestPart < 1)).toBe(true);
});
