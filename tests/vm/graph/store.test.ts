/** The engine in WebAssembly against the fold in TypeScript, and its images against damage. */
import { describe, expect, it } from 'vitest';
import { compareEngines } from '../../support/engines';

describe('the engine in WebAssembly', () => {
  it('[GR12] comes to what the fold in TypeScript comes to, on 1,000 random histories', () => {
    let reloads = 0;
    for (let seed = 1; seed <= 1_000; seed++) {
      const compared = compareEngines(seed, 10 + (seed % 40));
      expect(compared.differs, `seed ${seed}`).toBeUndefined();
      reloads += compared.reloads;
    }
    expect(reloads).toBeGreaterThan(300);
  });
});
