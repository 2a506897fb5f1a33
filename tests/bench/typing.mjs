/**
 * P11. Two browsers, each its own process, on one document. Keys are pressed in A at a typist's pace; a key's time counts
 * from A's `keydown` to the frame after which B's text shows it. Both read the machine's clock.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ROOT } from '../../beacon/install.mjs';
import { ensureChromium, FLAGS } from '../support/chromium.mjs';
import { quantile, row } from './figures.mjs';

const KEYS = 120;
const PACE_MS = 90;
const KEYS_MS = 60_000;

const freePort = () =>
  new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

const startBeacon = async (port, data) => {
  const child = spawn(process.execPath, [`${ROOT}/dist/beacon/main.js`], {
    env: { ...process.env, LGOS_PORT: String(port), LGOS_DATA: data },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((done, fail) => {
    child.once('exit', (code) => fail(new Error(`The beacon ended with code ${code}`)));
    child.stdout.on('data', (text) => String(text).includes('LGOS is ready') && done());
  });
  return child;
};

/** Both show the same document; keys are pressed in one. From each key to the frame in which the other shows it, ms. */
export const pressKeys = async (a, b, keys) => {
  await b.evaluate(() => {
    const body = document.querySelector('.ProseMirror');
    const lengthNow = () => {
      // The name at the other's cursor is drawn inside the text, and is none of it.
      const flags = [...body.querySelectorAll('[data-testid=cursor]')];
      return body.textContent.length - flags.reduce((sum, flag) => sum + flag.textContent.length, 0);
    };
    const before = lengthNow();
    window.painted = [];
    const look = () =>
      requestAnimationFrame(() => {
        const now = performance.timeOrigin + performance.now();
        while (window.painted.length < lengthNow() - before) window.painted.push(now);
      });
    window.looking?.disconnect();
    window.looking = new MutationObserver(look);
    window.looking.observe(body, { subtree: true, childList: true, characterData: true });
  });
  await a.evaluate(() => {
    window.pressed = [];
    window.noting?.abort();
    window.noting = new AbortController();
    const note = () => window.pressed.push(performance.timeOrigin + performance.now());
    const { signal } = window.noting;
    document.querySelector('.ProseMirror').addEventListener('keydown', note, { capture: true, signal });
  });
  await a.locator('.ProseMirror').click();
  for (let i = 0; i < keys; i++)
    await a.keyboard.press('abcdefghij'[i % 10], { delay: PACE_MS / 2 }).then(() => a.waitForTimeout(PACE_MS / 2));
  await b.waitForFunction((all) => window.painted.length >= all, keys, { timeout: KEYS_MS });
  const pressed = await a.evaluate(() => window.pressed);
  const painted = await b.evaluate(() => window.painted);
  return pressed.slice(0, keys).map((at, i) => painted[i] - at);
};

const oneRun = async (origin, links) => {
  const launch = () => chromium.launch({ executablePath: ensureChromium(), args: FLAGS });
  const browsers = [await launch(), await launch()];
  try {
    const open = async (browser) => {
      const page = await (await browser.newContext()).newPage();
      await page.goto(`${origin}/?links=${links}`);
      await page.waitForFunction(() => window.lgos);
      return page;
    };
    const a = await open(browsers[0]);
    const made = await a.evaluate(async () => {
      const { id: space } = await lgos.createSpace({ title: 'Bench', kind: 'team' });
      const { id: document } = await lgos.run('editor.createDocument', { spaceId: space, title: 'Typing' });
      return { space, document, url: (await lgos.invite(space, { role: 'member' })).url };
    });
    const b = await open(browsers[1]);
    await b.evaluate(async (url) => {
      // A refusal is an object; what it says is wanted here.
      await lgos
        .join(url, { timeoutMs: 20_000 })
        .catch((refusal) => Promise.reject(new Error(JSON.stringify(refusal))));
    }, made.url);
    if (links === 'any')
      await a.waitForFunction(async () =>
        (await lgos.peers()).some((peer) => peer.kind === 'tab' && peer.path === 'direct'),
      );
    for (const page of [a, b]) {
      await page.evaluate(({ space, document }) => (location.hash = `/s/${space}/d/${document}`), made);
      await page.locator('.ProseMirror').waitFor();
    }
    return await pressKeys(a, b, KEYS);
  } finally {
    for (const browser of browsers) await browser.close();
  }
};

export const typing = async ({ runs }) => {
  const data = mkdtempSync(join(tmpdir(), 'lgos-bench-'));
  const port = await freePort();
  const beacon = await startBeacon(port, data);
  try {
    const results = [];
    for (const links of ['any', 'relay']) {
      const times = [];
      for (let run = 0; run < runs; run++) times.push(...(await oneRun(`http://localhost:${port}`, links)));
      const path = links === 'any' ? 'direct' : 'relayed';
      for (const [name, share] of [
        ['p50', 0.5],
        ['p95', 0.95],
      ])
        results.push(
          row({
            ...{ bench: 'typing', goal: `P11 ${name}`, what: `${path}, ${name}`, unit: 'ms' },
            ...{ ours: [quantile(times, share)], keys: times.length, runs },
          }),
        );
    }
    return results;
  } finally {
    beacon.kill('SIGTERM');
    rmSync(data, { recursive: true, force: true });
  }
};
