/**
 * T49, T50, T51, T58: insiders with real keys who dial without end, take every link, tell of each other and of nobody, and pass on
 * nothing; and most of a network gone at once: against the overlay's machines. Each defence is run without it too, where the attack
 * must succeed. Figures of larger networks: docs/contributors/simulator.md.
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

test('[T50] whom all insiders dial for ten minutes keeps two sound links, and all goes out of it and comes in; where ranks are chosen it is alone', async () => {
  const all = { nodes: 24, settle: 40, blackHoles: 0.3, victim: true } as const;
  const { victim, delivery } = await run({ ...all, minutes: 10, writes: 6 });
  expect(victim?.soundLinks).toBeGreaterThanOrEqual(2);
  expect(Math.max(victim?.outMs ?? 0, victim?.inMs ?? 0)).toBeLessThan(120_000);
  expect(delivery.reached).toBe(1);
  const chosen = await run({ ...all, minutes: 2, calm: 120, ranksChosen: true, rules: { feelerMs: 1e9, guests: 0 } });
  expect(chosen.victim).toEqual({ soundLinks: 0, outMs: Number.POSITIVE_INFINITY, inMs: Number.POSITIVE_INFINITY });
});

test('[T51] of 100,000 devices that somebody invents hardly any is known to anybody; where all is believed most of what is known is false', async () => {
  const one = { nodes: 30, settle: 40, blackHoles: 1 / 30 } as const;
  const { insiders } = await run({ ...one, minutes: 1, invented: 320 });
  expect(insiders.invented).toBeGreaterThan(100_000);
  expect(insiders.known).toBeLessThan(0.3);
  const believing = await run({ ...one, invented: 20, rules: { believed: 1e9 } });
  expect(believing.insiders.known).toBeGreaterThan(0.5);
});

test('[T58] when half, four of five or 19 of 20 are gone the rest is prompt again within a minute, and nobody dials without end', async () => {
  const gone = (share: number, rules?: CheapScenario['rules']): Promise<CheapOutcome> =>
    run({
      seed: 3,
      nodes: 60,
      minutes: 1.2,
      calm: 60,
      happenings: [{ type: 'kill', share, at: 5 }],
      ...(rules ? { rules } : {}),
    });
  // Goals 10 and 10b.
  for (const [share, seconds] of [
    [0.5, 50],
    [0.8, 60],
    [0.95, 60],
  ] as const) {
    const sound = await gone(share);
    expect(sound, `${share}`).toMatchObject({ complete: 1, largestPart: 1, delivery: { reached: 1 } });
    expect(sound.promptAfter, `${share}`).toBeLessThanOrEqual(seconds);
    expect(sound.delivery.most, `${share}`).toBeLessThanOrEqual(180_000);
    expect(sound.dialsPerSecond, `${share}`).toBeLessThanOrEqual(2);
  }
  // Where presence does not end those who are left dial the dead; where dials have no limit they dial all at once.
  expect((await gone(0.95, { freshMs: 1e9 })).promptAfter ?? Number.POSITIVE_INFINITY).toBeGreaterThan(60);
  expect((await gone(0.8, { dials: 1e9, dialsPerTick: 1e9 })).dialsPerSecond).toBeGreaterThan(2);
});
