/**
 * Doors beside the one door: stock clients of y-webrtc and gun, with all that a member knows, at the sockets of a space's beacon. What they
 * say is carried or refused, and nothing of it reaches a space.
 */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as listenOn } from 'node:net';
import { join as pathOf } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { WebSocket } from 'ws';
import { ask, body, createDocument, expect, type Page, startTeam, test, wordsOf } from './support';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WORDS = 'The heron left at dawn.';
const ROGUE = `
import * as Y from 'yjs';
import { WebrtcProvider } from 'y-webrtc';
window.join = (room, server, words) => {
  const doc = new Y.Doc();
  const provider = new WebrtcProvider(room, doc, { signaling: [server], peerOpts: { config: { iceServers: [] } } });
  const paragraph = new Y.XmlElement('paragraph');
  paragraph.insert(0, [new Y.XmlText(words)]);
  doc.getXmlFragment('default').insert(0, [paragraph]);
  doc.getText('title').insert(0, words);
  provider.awareness.setLocalStateField('user', { name: words });
  window.seen = () => doc.getXmlFragment('default').toString();
  window.peers = () => provider.room ? provider.room.webrtcConns.size : 0;
};`;

/** A page of another site with stock y-webrtc in it. */
const rogueSite = async (): Promise<{ url: string; close(): void }> => {
  const folder = mkdtempSync(pathOf(ROOT, 'node_modules', '.y-webrtc-rogue-'));
  writeFileSync(pathOf(folder, 'page.js'), ROGUE);
  await build({
    configFile: false,
    root: folder,
    logLevel: 'error',
    resolve: { dedupe: ['yjs', 'lib0'] },
    build: {
      lib: { entry: pathOf(folder, 'page.js'), formats: ['es'], fileName: 'built' },
      outDir: pathOf(folder, 'out'),
    },
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const script = readFileSync(pathOf(folder, 'out', 'built.js'));
  rmSync(folder, { recursive: true, force: true });
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
  }).listen(0);
  await once(server, 'listening');
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
/** The topics under which a page meets the others, as whoever is in the space computes them. */
const topicsOf = (page: Page): Promise<string[]> => {
  const topics = new Set<string>();
  return new Promise((resolve) => {
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        const message = typeof payload === 'string' && payload.startsWith('{') ? JSON.parse(payload) : {};
        for (const topic of message.type === 'subscribe' ? message.topics : []) topics.add(topic);
        if (topics.size > 0) resolve([...topics]);
      }),
    );
  });
};

test('[T46] a stock y-webrtc client in the rooms where a space meets is heard by its own kind and changes nothing', async ({
  host,
  person,
  browser,
}) => {
  const { url, port } = await host();
  const { a, spaceId } = await startTeam(person, url);
  const documentId = await createDocument(a.page, 'Plan');
  await body(a.page).click();
  await a.page.keyboard.type(WORDS);
  await expect.poll(() => ask(a.page, 'documentText', documentId)).toBe(WORDS);
  const heard = topicsOf(a.page);
  await a.page.reload();
  const topics = await heard;
  expect(topics.length).toBeGreaterThan(1);
  await expect.poll(() => ask(a.page, 'documentText', documentId)).toBe(WORDS);
  const before = await ask(a.page, 'stateHash', spaceId);
  const heads = await ask(a.page, 'heads', spaceId);

  const site = await rogueSite();
  const context = await browser.newContext();
  const rogues = [await context.newPage(), await (await browser.newContext()).newPage()] as const;
  for (const page of rogues) {
    await page.goto(site.url);
    await page.waitForFunction('window.join !== undefined');
    for (const topic of topics)
      await page.evaluate(`window.join('${topic}', 'ws://localhost:${port}/signal', 'written by a rogue')`);
  }
  // They reach each other through this very server and these very topics.
  for (const page of rogues) {
    await page.waitForFunction('window.peers() > 0');
    await expect.poll(() => page.evaluate('window.seen().split("rogue").length')).toBe(3);
  }
  expect(await ask(a.page, 'stateHash', spaceId)).toBe(before);
  expect(await ask(a.page, 'heads', spaceId)).toEqual(heads);
  expect(await wordsOf(a.page)).toBe(WORDS);
  expect((await ask(a.page, 'peers')).filter(({ kind }) => kind === 'tab')).toEqual([]);
  await expect(a.page.getByText('written by a rogue')).toHaveCount(0);
  expect(a.faults).toEqual([]);
  await Promise.all(rogues.map((page) => page.context().close()));
  site.close();
});

test('[T48] gun messages at any socket of a beacon do nothing, and make nobody dial', async ({ host, person }) => {
  const { url, port } = await host();
  const { a, spaceId } = await startTeam(person, url);
  const before = await ask(a.page, 'stateHash', spaceId);
  // Where a message that redirects would lead.
  let dialled = 0;
  const lure = listenOn((socket) => {
    dialled++;
    socket.destroy();
  }).listen(0);
  await once(lure, 'listening');
  const away = `http://localhost:${(lure.address() as AddressInfo).port}/gun`;
  const soul = spaceId;
  const node = { _: { '#': soul, '>': { title: Date.now() + 1_000 } }, title: 'written by gun' };
  const messages = [
    { '#': 'a1', put: { [soul]: node } },
    { '#': 'a2', put: node, '##': 1, $: 'x' },
    { '#': 'a3', get: { '#': soul } },
    { '#': 'a4', get: { '#': { '*': '' } }, dam: '?' },
    { dam: '?', pid: 'rogue', '#': 'a5' },
    { dam: 'hi', pid: 'rogue', '#': 'a6' },
    { dam: 'mob', mob: '5', peers: { [away]: {} }, '#': 'a7' },
    { dam: 'opt', opt: { peers: [away] }, '#': 'a8' },
    { dam: '!', err: 'x'.repeat(1_000), '#': 'a9' },
    { dam: 'rtc', ok: { rtc: { id: 'x', offer: away } }, '#': 'a10' },
  ];
  const answers: string[] = [];
  for (const path of ['link', 'signal', 'gun', '']) {
    const socket = new WebSocket(`ws://localhost:${port}/${path}`);
    socket.on('message', (data) => answers.push(String(data)));
    socket.on('error', () => undefined);
    const ended = new Promise((resolve) => socket.once('close', resolve));
    await Promise.race([new Promise((resolve) => socket.once('open', resolve)), ended]);
    if (socket.readyState === WebSocket.OPEN) {
      for (const message of messages) socket.send(JSON.stringify(message));
      socket.send(JSON.stringify(messages));
      for (const message of messages) socket.send(Buffer.from(JSON.stringify(message)));
      socket.close();
    } else expect(['gun', '']).toContain(path);
    await ended;
  }
  for (const method of ['POST', 'PUT']) {
    const { status } = await fetch(`${url}/gun`, { method, body: JSON.stringify(messages[0]) });
    expect(status).toBe(405);
  }
  expect(answers.filter((answer) => answer.includes('written by gun') || /"(put|dam)"/.test(answer))).toEqual([]);
  expect(await ask(a.page, 'stateHash', spaceId)).toBe(before);
  expect((await ask(a.page, 'spaces')).map(({ title }) => title)).not.toContain('written by gun');
  expect(dialled).toBe(0);
  // The lure does hear who dials.
  await fetch(away).catch(() => undefined);
  expect(dialled).toBe(1);
  lure.close();
});
