/** 200,000 hostile frames against a live beacon and tab: no crash, bounded memory, every refusal counted. */
import { expect, test } from 'vitest';
import { storm } from '../support/malformed';

test('[T10] 200,000 hostile frames', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const { grown, faults, uncounted, reopened } = await storm(100 + seed, 20_000);
    expect({ faults, uncounted, reopened }).toEqual({ faults: [], uncounted: [], reopened: true });
    expect(grown).toBeLessThan(50 * 1024 * 1024);
  }
});
