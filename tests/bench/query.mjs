/**
 * P12. A list of 10,000 tasks, live: from the change in the worker to the frame that shows it, in Chromium. The peer is the same
 * question answered anew by looking at every task, in the same run. The least that is possible is a frame or so.
 */
import react from '@vitejs/plugin-react';
import { chromium } from 'playwright-core';
import { ensureChromium, FLAGS } from '../support/chromium.mjs';
import { median, quantile, round, row } from './figures.mjs';
import { withPage } from './project.mjs';

const UPDATES = 60;

export const query = ({ runs }) =>
  withPage('query', [react()], async (url) => {
    const browser = await chromium.launch({ executablePath: ensureChromium(), args: FLAGS });
    try {
      const page = await browser.newPage();
      await page.goto(url);
      await page.waitForFunction(() => window.measure);
      const measured = async (name, count) => {
        const all = [];
        for (let run = 0; run < runs; run++)
          all.push(await page.evaluate(([...args]) => window.measure(...args), [name, count, UPDATES]));
        return { first: all.map(({ first }) => first), updates: all.flatMap(({ updates }) => updates) };
      };
      const results = [];
      for (const count of [1, 100]) {
        const kept = await measured('kept', count);
        const rerun = await measured('rerun', count);
        const of = (all, share) => [quantile(all, share)];
        results.push(
          row({
            ...{ bench: 'query', goal: 'P12', what: `${count} of 10,000 rows change, p95`, unit: 'ms' },
            ...{ ours: of(kept.updates, 0.95), peers: { 'asked again': of(rerun.updates, 0.95) } },
            ...{ p50: round(quantile(kept.updates, 0.5)), 'asked again p50': round(quantile(rerun.updates, 0.5)) },
            ...{ 'first answer ms': round(median(kept.first)), 'asked plainly ms': round(median(rerun.first)), runs },
          }),
        );
      }
      return results;
    } finally {
      await browser.close();
    }
  });
