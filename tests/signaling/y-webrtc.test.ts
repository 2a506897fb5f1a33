/** Two stock `WebrtcProvider`s, in browsers of their own, meet and sync through our signaling. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Signaling, serveSignaling } from '../../signaling/server';
import { FLAGS, findChromium } from '../support/chromium.mjs';
import { until } from '../support/fleet';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = `
import * as Y from 'yjs';
import { WebrtcProvider } from 'y-webrtc';
window.join = (room, password) => {
  const doc = new Y.Doc();
  const options = { signaling: ['ws://' + location.host + '/signal'], password, peerOpts: { config: { iceServers: [] } } };
  window.provider = new WebrtcProvider(room, doc, options);
  window.text = doc.getText('t');
};`;

let browser: Browser;
let server: Server;
let signaling: Signaling;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(ROOT, 'node_modules', '.y-webrtc-'));
  writeFileSync(join(folder, 'page.js'), PAGE);
  await build({
    configFile: false,
    root: folder,
    logLevel: 'error',
    resolve: { dedupe: ['yjs', 'lib0'] },
    build: { lib: { entry: join(folder, 'page.js'), formats: ['es'], fileName: 'built' }, outDir: join(folder, 'out') },
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const script = readFileSync(join(folder, 'out', 'built.js'));
  signaling = await serveSignaling({ verify: async () => false });
  server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
  }).on('upgrade', signaling.upgrade);
  server.listen(0);
  await once(server, 'listening');
  browser = await chromium.launch({ executablePath: findChromium() ?? 'chromium-not-found', args: FLAGS });
});
afterAll(async () => {
  await browser?.close();
  signaling?.close();
  server?.closeAllConnections();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = async (): Promise<Page> => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction('window.join !== undefined');
  return page;
};

test.each(['', 'secret'])(
  '[LO1] stock y-webrtc clients meet and sync through our signaling (password "%s")',
  async (password) => {
    const [a, b] = [await open(), await open()];
    const before = signaling.stats().published ?? 0;
    await a.evaluate(`window.join('room-${password}', '${password}' || null); window.text.insert(0, 'hello ');`);
    // Two that announce themselves at once call each other at once, and y-webrtc does not always find its way out of that.
    await until(async () => Number(signaling.stats().published) > before, 'announced');
    await b.evaluate(`window.join('room-${password}', '${password}' || null)`);
    await b.waitForFunction(`window.text.toString() === 'hello '`);
    await b.evaluate(`window.text.insert(6, 'there')`);
    await a.waitForFunction(`window.text.toString() === 'hello there'`);
    const refused = Object.entries(signaling.stats()).filter(
      ([name, count]) => name.startsWith('refused') && count > 0,
    );
    expect(refused).toEqual([]);
    expect(signaling.stats().published).toBeGreaterThan(0);
    await Promise.all([a.context().close(), b.context().close()]);
  },
  30_000,
);
