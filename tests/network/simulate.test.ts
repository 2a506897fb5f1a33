/** Simulations: the same seed gives the same figures, and the figures tell of what was done to the network. */
import { expect, it } from 'vitest';
import { SCENARIO, type Scenario } from '../../lab/scenario';
import { type CheapScenario, simulateCheap } from './cheap';
import { pictureOf } from './picture';
import { loadRelease } from './release';
import { simulate } from './simulate';
import { tableOf } from './table';

const EARLIER = new URL('../releases/2.0-flooding/kernel.mjs', import.meta.url);
const SMALL: Scenario = {
  ...SCENARIO,
  ...{ nodes: 12, crypto: 'cheap', startWithin: 2, settle: 12, minutes: 0.1, writes: 60, calm: 4 },
};

let ran: ReturnType<typeof simulate> | undefined;
/** Run once for all tests that look at it. */
const small = (): NonNullable<typeof ran> => {
  ran ??= simulate(SMALL);
  return ran;
};

it('a simulation of twelve kernels is the same run each time', async () => {
  const [once, again] = [await small(), await simulate(SMALL)];
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

it('where packets are lost, entries come later, and all come', async () => {
  const [{ outcome: sound }, { outcome: lossy }] = [
    await small(),
    await simulate({ ...SMALL, links: { ...SMALL.links, loss: 0.1 } }),
  ];
  expect(lossy).toMatchObject({ written: 6, complete: 1, delivery: { reached: 1, whole: 1 } });
  expect(lossy.delivery.p95).toBeGreaterThan(Number(sound.delivery.p95) + 300);
});

it('a simulation in which some nodes run the kernel of an earlier release: all come to have everything', async () => {
  const mixed = { ...SMALL, nodes: 9, older: 1 / 3 };
  const { outcome } = await simulate(mixed, undefined, await loadRelease(EARLIER));
  expect(outcome).toMatchObject({ nodes: 9, written: 6, complete: 1, delivery: { reached: 1, whole: 1 } });
  await expect(simulate(mixed)).rejects.toThrow('earlier release');
});

it('a cheap simulation is the same run each time, and its tree has hardly a copy too many where flooding has many', async () => {
  const small: CheapScenario = {
    ...SCENARIO,
    ...{ nodes: 30, startWithin: 5, settle: 40, minutes: 0.5, calm: 8, spread: 'tree' },
  };
  const [once, again] = [await simulateCheap(small), await simulateCheap(small)];
  expect(again.outcome).toEqual(once.outcome);
  const flooded = await simulateCheap({ ...small, spread: 'flood' });
  expect(once.outcome).toMatchObject({
    complete: 1,
    largestPart: 1,
    delivery: { reached: 1 },
    insiders: { eclipsed: 0 },
  });
  expect(flooded.outcome.delivery.reached).toBe(1);
  expect(once.outcome.redundancy).toBeLessThan(flooded.outcome.redundancy / 5);
  expect(tableOf(small, once.outcome, once.cost)).not.toMatch(/NaN|undefined|Infinity/);
});
