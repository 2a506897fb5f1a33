/** The network lab: the same orders give the same run, in a tree and with flooding, and what its figures say is what was done. */
import { expect, it } from 'vitest';
import { bounded, type Experiment, openExperiment } from '../../lab/experiment';
import type { LabFigures, LabFrame, LabSettings } from '../../lab/messages';
import type { NeighbourhoodRow } from '../../src/bridge/messages';
import { cheapCrypto } from './crypto';

const host = { crypto: cheapCrypto, settle: () => new Promise<void>((done) => setImmediate(done)) };
const SETTINGS: LabSettings = {
  ...{ seed: 7, nodes: 10, beacons: 0, delayMs: 40, shut: 0, black: 0, grey: 0, churn: 0, writes: 60, flooded: true },
};
const passing = async (experiment: Experiment, seconds: number): Promise<LabFrame> => {
  for (let i = 0; i < seconds; i++) await experiment.do({ type: 'pass', ms: 1_000 });
  return experiment.frame();
};
const WHOLE: Partial<LabFigures> = { delivered: 1, complete: 1, together: 1 };

it('a lab delivers everything, with fewer copies by the tree than by flooding the same entries', async () => {
  const experiment = await openExperiment(SETTINGS, host);
  const { tree, flood } = await passing(experiment, 15);
  expect(tree.figures).toMatchObject({ ...WHOLE, up: 10 });
  expect(flood?.figures).toMatchObject({ ...WHOLE, written: tree.figures.written });
  expect(tree.figures.copies).toBeLessThan((flood?.figures.copies ?? 0) / 2);
  expect(tree.entries[0]?.hops.filter(({ isFirst }) => isFirst)).toHaveLength(9);
  const [row] = ((await experiment.runs[0]?.fleet.nodes[3]?.kernel?.query('os.neighbours', {})) ??
    []) as NeighbourhoodRow[];
  expect(row).toMatchObject({ title: 'Simulated', known: 9 });
  expect(row?.neighbours.length).toBeGreaterThan(4);
  expect(new Set(row?.neighbours.map(({ gets }) => gets))).toEqual(new Set(['entries', 'announcements']));
  await experiment.close();
});

it('a lab loses half of its nodes and has them back, and hangs together again after a cut', async () => {
  const experiment = await openExperiment({ ...SETTINGS, nodes: 8, grey: 0.125, flooded: false }, host);
  expect((await passing(experiment, 6)).tree.figures.up).toBe(7);
  await experiment.do({ type: 'killHalf' });
  const halved = await passing(experiment, 1);
  expect([halved.tree.figures.up, halved.tree.up.reduce((sum, up) => sum + up, 0)]).toEqual([4, 5]);
  await experiment.do({ type: 'bringBack' });
  expect((await passing(experiment, 10)).tree.figures).toMatchObject({ up: 7, together: 1, complete: 1 });
  await experiment.do({ type: 'split' });
  const split = await passing(experiment, 9);
  expect(split.isSplit).toBe(true);
  expect(split.tree.figures.together).toBeLessThan(1);
  expect(split.tree.figures.complete).toBeLessThan(1);
  await experiment.do({ type: 'heal' });
  expect((await passing(experiment, 14)).tree.figures).toMatchObject({ together: 1, complete: 1 });
  await experiment.close();
});

it('a lab takes what it is asked to what it can, and no more', () => {
  const wild = { ...SETTINGS, nodes: 1e9, seed: Number.NaN, black: -1, delayMs: 0.4, writes: Number.POSITIVE_INFINITY };
  expect(bounded(wild)).toEqual({ ...SETTINGS, nodes: 60, seed: 1, black: 0, delayMs: 5, writes: 0 });
});
