/** The engine in WebAssembly: 100,000 random histories come to what the fold makes of them, and 100,000 sequences to what gun keeps. */
import { expect, test } from 'vitest';
import { compareEngines } from '../support/engines';
import { compareWithGun } from '../support/gun';

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

test(
  '[T16] [FI1] 100,000 random sequences of writes to a field, equal states included, delivered in any order',
  () => {
    for (let seed = 1; seed <= 10; seed++) expect(compareWithGun(seed, 10_000)).toBeUndefined();
  },
  HOUR,
);
