/** Power lost at random moments. The disk takes back what was not synced; killing a process would prove nothing. */
import { expect, test } from 'vitest';
import { careless, crashBeacon, crashTab } from '../support/crash';

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

test('[DU1] a tab crashed 40 times under load opens with a beginning of what it did, with all it reported as saved or held', {
  timeout: 600_000,
}, async () => {
  const runs = await Promise.all(Array.from({ length: 4 }, (_, seed) => crashTab(seed + 1, 10)));
  expect(runs.flatMap((run) => run.lost)).toEqual([]);
  expect(runs.flatMap((run) => run.faults)).toEqual([]);
  expect(sum(runs.map((run) => run.forks))).toBe(0);
  expect(sum(runs.map((run) => run.saved))).toBeGreaterThan(20);
  expect(sum(runs.map((run) => run.dropped))).toBeGreaterThan(12);
  expect(sum(runs.map((run) => run.receipted))).toBeGreaterThan(0);
  const made = (name: string): number => sum(runs.map(({ shortcuts }) => shortcuts.get(name) ?? 0));
  for (const name of ['imagesSaved', 'imagesUsed', 'checkpointsStated', 'compacted'])
    expect(made(name), name).toBeGreaterThan(0);
  expect([made('imagesDamaged'), made('basesVoid')]).toEqual([0, 0]);
});

test('[DU1] on a disk that never syncs the same crashes lose or fork', async () => {
  const run = await crashTab(3, 4, careless);
  expect(run.lost.length + run.forks).toBeGreaterThan(0);
});

test('[DU2] a crashed beacon holds everything that it gave receipts for', async () => {
  const runs = await Promise.all([1, 2, 3, 4].map((seed) => crashBeacon(seed, 4)));
  expect(runs.flatMap((run) => run.lost)).toEqual([]);
  expect(runs.flatMap((run) => run.faults)).toEqual([]);
  expect(sum(runs.map((run) => run.forks))).toBe(0);
  expect(sum(runs.map((run) => run.receipted))).toBeGreaterThan(20);
});

test('[DU2] a beacon that does not wait for its disk breaks its promises', async () => {
  const run = await crashBeacon(1, 2, careless);
  expect(run.lost.length).toBeGreaterThan(0);
});
