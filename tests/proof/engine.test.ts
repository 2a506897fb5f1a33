/** The engine in WebAssembly: 100,000 random histories through it and through the fold in TypeScript come to the same. */
import { expect, test } from 'vitest';
import { compareEngines } from '../support/engines';

const HOUR = 3_600_000;

test(
  '[GR12] 100,000 random histories, shuffled, repeated, split, put away and taken out in between',
  () => {
    let reloads = 0;
    for (let seed = 1_000_001; seed <= 1_100_000; seed++) {
      const compared = compareEngines(seed, 4 + (seed % (seed % 50 === 0 ? 120 : 24)));
      expect(compared.differs, `seed ${seed}`).toBeUndefined();
      reloads += compared.reloads;
    }
    console.log(`${reloads} times put away and taken out again`);
  },
  6 * HOUR,
);
