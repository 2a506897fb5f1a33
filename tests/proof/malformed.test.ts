/** 200,000 hostile frames against a live beacon and tab: no crash, bounded memory, every refusal counted. */
import { expect, test } from 'vitest';
import { storm } from '../support/malformed';

test('[T10] 200,000 hostile frames', async () => {
  const sum = { sent: 0, refused: 0, closed: 0, grownMiB: 0 };
  const reasons = new Set<string>();
  for (let seed = 1; seed <= 10; seed++) {
    const found = await storm(100 + seed, 20_000);
    const { faults, uncounted, reopened } = found;
    expect({ seed, faults, uncounted, reopened }).toEqual({ seed, faults: [], uncounted: [], reopened: true });
    expect(found.grown).toBeLessThan(50 * 1024 * 1024);
    expect(found.text.length).toBe(20_000);
    sum.sent += found.sent;
    sum.refused += found.refused;
    sum.closed += found.closed;
    sum.grownMiB = Math.max(sum.grownMiB, Math.round(found.grown / 1024 / 1024));
    for (const reason of found.reasons) reasons.add(reason);
  }
  expect(sum.sent).toBeGreaterThanOrEqual(200_000);
  // The storms went deep: into frames, messages and entries.
  expect(reasons).toContain('badEntry');
  expect(sum.refused).toBeGreaterThan(10_000);
  expect(sum.closed).toBeGreaterThan(10_000);
  console.log({ ...sum, reasons: reasons.size });
});
