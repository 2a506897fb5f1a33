/**
 * P12. A list of 10,000 tasks, live: from the change in the worker to the frame that shows it, in Chromium. The peer is the same
 * question answered anew by looking at every task, in the same run. The least that is possible is a frame or so.
 */
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import react from '@vitejs/plugin-react';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { ROOT } from '../../beacon/install.mjs';
import { ensureChromium, FLAGS } from '../support/chromium.mjs';

const UPDATES = 60;
const TYPES = { '.html': 'text/html', '.js': 'text/javascript' };

const built = async () => {
  const folder = mkdtempSync(join(ROOT, 'dist/bench-'));
  await build({
    configFile: false,
    root: join(ROOT, 'tests/bench/query'),
    base: './',
    publicDir: false,
    logLevel: 'error',
    plugins: [react()],
    worker: { format: 'es' },
    build: { outDir: folder, emptyOutDir: true, target: 'es2023' },
  });
  return folder;
};

const serve = (folder) =>
  new Promise((done) => {
    const server = createServer((request, response) => {
      const path = normalize(new URL(request.url ?? '/', 'http://x').pathname);
      const file = join(folder, path === '/' ? 'index.html' : path);
      if (!existsSync(file)) return void response.writeHead(404).end();
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
      createReadStream(file).pipe(response);
    });
    server.listen(0, '127.0.0.1', () => done(server));
  });

/** Milliseconds at a share of the times. */
const quantile = (times, share) => {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] * 10) / 10;
};

export const query = async ({ runs }) => {
  const folder = await built();
  const server = await serve(folder);
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: FLAGS });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
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
      const [value, peerValue] = [quantile(kept.updates, 0.95), quantile(rerun.updates, 0.95)];
      results.push({
        bench: `query ${count} of 10,000`,
        goal: 'P12',
        value,
        unit: 'ms p95',
        p50: quantile(kept.updates, 0.5),
        firstMs: quantile(kept.first, 0.5),
        peer: 'run again',
        peerValue,
        peerP50: quantile(rerun.updates, 0.5),
        peerFirstMs: quantile(rerun.first, 0.5),
        ratio: Math.round((peerValue / value) * 10) / 10,
        runs,
      });
    }
    return results;
  } finally {
    await browser.close();
    server.close();
    rmSync(folder, { recursive: true });
  }
};
