/** Two to four islands that write and change rights apart, 500 times: one history, one state and one opinion about rights once they meet. */
import { expect, test } from 'vitest';
import { part } from '../support/partitions';
import { stage } from '../support/stage';

const SEEDS = Number(process.env.LGOS_SEEDS ?? 500);
const ACTS = 24;
const FIRST = 1_001;

test('[T57] random partitions of two to four islands end in one history, one state and one opinion about rights', async () => {
  const began = performance.now();
  const byIslands = new Map<number, number>();
  const broken: string[] = [];
  let apart = 0;
  for (let seed = FIRST; seed < FIRST + SEEDS; seed += 25) {
    // Another space each time: a rights log grows with what was said in it before.
    const here = await stage();
    for (let each = seed; each < Math.min(seed + 25, FIRST + SEEDS); each++) {
      const { islands, apart: histories, ...met } = await part(here, each, ACTS);
      byIslands.set(islands, (byIslands.get(islands) ?? 0) + 1);
      apart += histories;
      if (met.digests + met.states + met.roles !== 3) broken.push(`${each} ${JSON.stringify(met)}`);
    }
  }
  const shares = [...byIslands].sort().map(([islands, times]) => `${times} of ${islands} islands`);
  console.log(
    `${SEEDS} partitions (${shares.join(', ')}), ${apart} histories before they met; ${((performance.now() - began) / 1_000).toFixed(0)} s`,
  );
  expect(broken).toEqual([]);
  expect(apart).toBeGreaterThan(SEEDS * 1.5);
}, 3_600_000);
