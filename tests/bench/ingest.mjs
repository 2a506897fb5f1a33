/**
 * P9. Signed, encrypted and authorised entries of workload G taken in by one worker in Chromium. The peer is a system that signs
 * every write: it can take in no more writes than the same worker verifies signatures.
 */
import { chromium } from 'playwright-core';
import { ensureChromium, FLAGS } from '../support/chromium.mjs';
import { row } from './figures.mjs';
import { withPage } from './project.mjs';
import { ACTORS, FIELDS, writes } from './workload.mjs';

export const ingest = ({ runs, small = false }) =>
  withPage('ingest', [], async (url) => {
    const browser = await chromium.launch({ executablePath: ensureChromium(), args: FLAGS });
    try {
      const page = await browser.newPage();
      await page.goto(url);
      await page.waitForFunction(() => window.takeIn);
      const rows = [];
      for (const [size, count] of [
        [256, small ? 2_000 : 50_000],
        [1, small ? 100 : 5_000],
      ]) {
        const nodes = Math.ceil(count / 10);
        const ask = {
          ...{ writes: writes({ count, nodes }), nodes, fields: FIELDS, actors: ACTORS, size },
          ...{ runs: small ? 1 : runs, signatures: small ? 100 : 5_000 },
        };
        const told = await page.evaluate((asked) => window.takeIn(asked), ask);
        if (told.fault) throw new Error(told.fault);
        rows.push(
          row({
            ...{ bench: 'ingest', goal: size === 256 ? 'P9' : '', what: `entries of ${size}`, unit: 'writes/s' },
            ...{ ours: told.writes, peers: { 'a signature a write': told.signatures }, more: true },
            ...{ writes: count, entries: told.entries, runs },
          }),
        );
      }
      return rows;
    } finally {
      await browser.close();
    }
  });
