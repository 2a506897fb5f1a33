import { expect, it } from 'vitest';
import { spaced } from '../../../src/os/kernel/spaced';

it('runs the first after a pause at once and the next a little later, also when the clock is set back', () => {
  let now = 1_000;
  const waits: number[] = [];
  const waiting: (() => void)[] = [];
  const soon = spaced(
    {
      now: () => now,
      after: (ms, run) => {
        waits.push(ms);
        waiting.push(run);
        return () => undefined;
      },
    },
    8,
  );
  const ran: number[] = [];
  const ask = (): void => soon(() => ran.push(now));
  const run = (): void => {
    for (const each of waiting.splice(0)) each();
  };
  ask();
  run();
  now += 3;
  ask();
  now += 5;
  run();
  now += 100;
  ask();
  run();
  now -= 60_000;
  ask();
  expect([waits, ran]).toEqual([
    [0, 5, 0, 8],
    [1_000, 1_008, 1_108],
  ]);
});

it('runs what takes long less often, and never much later', () => {
  let now = 1_000;
  const waits: number[] = [];
  let work: (() => void) | undefined;
  const soon = spaced(
    {
      now: () => now,
      after: (ms, run) => {
        waits.push(ms);
        work = run;
        return () => undefined;
      },
    },
    8,
  );
  for (const took of [20, 1_000, 1, 0]) {
    soon(() => {
      now += took;
    });
    now += waits.at(-1) ?? 0;
    work?.();
  }
  expect(waits).toEqual([0, 60, 250, 7]);
});
