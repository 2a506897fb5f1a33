/**
 * P8. 100,000 operations of 200 bytes persisted in IndexedDB of a real browser: through the journal, in entries of 256 operations
 * and batches of 64 entries as they come from others, and, the peer, as one record each, a thousand in a transaction. The two take
 * turns in one page.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { ROOT } from '../../beacon/install.mjs';
import { ensureChromium, FLAGS } from '../support/chromium.mjs';
import { row } from './figures.mjs';

const OPERATIONS = 100_000;

const bundled = async (folder) => {
  await build({
    root: ROOT,
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    build: {
      outDir: folder,
      emptyOutDir: false,
      lib: { entry: `${ROOT}/tests/bench/storage.page.ts`, formats: ['es'], fileName: () => 'page.js' },
    },
  });
  return readFileSync(join(folder, 'page.js'));
};

export const storage = async ({ runs }) => {
  const folder = mkdtempSync(join(tmpdir(), 'lgos-bench-'));
  const script = await bundled(folder);
  const server = createServer(({ url }, response) => {
    const isScript = url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: FLAGS });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction(() => globalThis.bench);
    const timesByKind = { segments: [], records: [] };
    for (let run = 0; run < runs; run++) {
      for (const kind of Object.keys(timesByKind))
        timesByKind[kind].push(
          await page.evaluate(([name, count]) => globalThis.bench[name](count), [kind, OPERATIONS]),
        );
    }
    const of = (kind, what) => timesByKind[kind].map((times) => times[what]);
    return [
      ['write', 'P8'],
      ['read', ''],
    ].map(([what, goal]) =>
      row({
        ...{ bench: `storage ${what}`, goal, what: `${OPERATIONS} operations of 200 bytes in IndexedDB`, unit: 'ms' },
        ...{ ours: of('segments', what), peers: { 'one record each': of('records', what) }, runs },
      }),
    );
  } finally {
    await browser.close();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
};
