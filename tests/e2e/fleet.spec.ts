/** The short form of `npm run proof -- fleet`. */
import { expect, test } from '@playwright/test';
import { fleet } from '../bench/fleet.mjs';

test('browsers at two beacons that close, freeze and go offline at random, beside a beacon that is killed, lose nothing and agree', async () => {
  test.setTimeout(240_000);
  const outcome = await fleet({ pages: 5, minutes: 0, away: [1_000, 4_000], seed: 7 });
  const { closed, frozen, offline, killed } = outcome.acts;
  expect(Math.min(closed, frozen, offline, killed), 'each happened').toBeGreaterThan(0);
  expect(outcome).toMatchObject({ faults: [], lost: [], twice: 0, typedLost: 0, agreed: true, kept: 2 });
  expect(Math.max(outcome.most.links, outcome.most.connections)).toBeLessThanOrEqual(32);
});
