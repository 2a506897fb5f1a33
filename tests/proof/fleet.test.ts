/** Twelve browsers and two beacons in one space for five minutes of closing, freezing, going offline and killing: nothing is lost, all agree. `LGOS_MINUTES`, `LGOS_PAGES`, `LGOS_SEED`: others. */
import { expect, test } from 'vitest';
import { isBuilt } from '../../beacon/stamp.mjs';
import { fleet } from '../bench/fleet.mjs';

const minutes = Number(process.env.LGOS_MINUTES ?? 5);
const pages = Number(process.env.LGOS_PAGES ?? 12);
const seed = Number(process.env.LGOS_SEED ?? 1);

test('[NET] browsers that close, freeze and go offline at random stay within limits, lose nothing and agree', {
  timeout: (minutes + 30) * 60_000,
}, async () => {
  expect(isBuilt(), 'npm run build comes first').toBe(true);
  const outcome = await fleet({ pages, minutes, seed, told: (sample: object) => console.log(JSON.stringify(sample)) });
  console.log(JSON.stringify({ ...outcome, lost: outcome.lost.length }));
  expect(outcome.faults).toEqual([]);
  expect(outcome.lost).toEqual([]);
  expect(outcome.twice).toBe(0);
  expect(outcome.typedLost).toBe(0);
  expect(outcome.agreed).toBe(true);
  expect(outcome.kept, 'beacons that hold everything').toBe(2);
  expect(outcome.most.links).toBeLessThanOrEqual(32);
  expect(outcome.most.connections).toBeLessThanOrEqual(32);
});
