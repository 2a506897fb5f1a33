/**
 * T49, T50, T58b: insiders with real keys who dial without end, take every link, tell of each other and pass on nothing, against the
 * overlay's machines. Each defence is run without it too, where the attack must succeed. Figures of larger networks:
 * docs/contributors/simulator.md.
 */
import { expect, test } from 'vitest';
import { SCENARIO } from '../../lab/scenario';
import { type CheapOutcome, type CheapScenario, simulateCheap } from '../network/cheap';

const run = async (over: Partial<CheapScenario>): Promise<CheapOutcome> => {
  const small = { nodes: 40, startWithin: 5, settle: 60, minutes: 0.4, calm: 20, seed: 3 } as const;
  return (await simulateCheap({ ...SCENARIO, ...small, spread: 'tree', ...over })).outcome;
};

test('[T49] with 30 % insiders hardly more of a view is theirs, and nobody is cut off; where they choose ranks nearly all is', async () => {
  const sound = await run({ blackHoles: 0.3 });
  expect(sound.insiders.inViews).toBeLessThan(0.5);
  expect(sound.insiders.eclipsed).toBe(0);
  expect(sound.delivery).toMatchObject({ reached: 1 });
  expect(sound.delivery.pushed).toBeGreaterThan(0.9);
  const chosen = await run({ blackHoles: 0.3, ranksChosen: true });
  expect(chosen.insiders.inViews).toBeGreaterThan(0.8);
  expect(chosen.delivery.pushed).toBeLessThan(sound.delivery.pushed);
});

test('[T50] whom all insiders dial keeps two sound links, and what they write comes out; where ranks are chosen they keep none', async () => {
  const sound = await run({ blackHoles: 0.3, victim: true });
  expect(sound.victim?.soundNeighbours).toBeGreaterThanOrEqual(2);
  expect(sound.delivery.reached).toBe(1);
  const chosen = await run({ blackHoles: 0.3, victim: true, ranksChosen: true, rules: { feelerMs: 1e9, guests: 0 } });
  expect(chosen.victim?.soundNeighbours).toBeLessThan(2);
});

test('[T58] when four of five are gone, the rest is whole again; where presence does not end, the dead are dialled', async () => {
  const kill = [{ type: 'kill', share: 0.8, at: 5 }] as const;
  const sound = await run({ nodes: 60, minutes: 1.2, happenings: kill });
  expect(sound).toMatchObject({ complete: 1, largestPart: 1 });
  const lasting = await run({ nodes: 60, minutes: 1.2, happenings: kill, rules: { freshMs: 1e9, lockMs: 1 } });
  const dials = ({ kinds }: CheapOutcome): number => kinds.signaling?.messages ?? 0;
  expect(dials(lasting)).toBeGreaterThan(1.2 * dials(sound));
});
