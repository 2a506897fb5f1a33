/** The beacon as its operator meets it: a process, started from its bundle, on a port of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Inside the project, so that the bundle finds the packages. */
const BUILT = join(ROOT, 'dist', `test-beacon-${process.pid}`);
const MAIN = join(BUILT, 'beacon', 'main.js');
const CSP =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' https: wss: ws://localhost:* ws://127.0.0.1:*; " +
  "style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; media-src 'self' blob:; worker-src 'self'; object-src 'none'; " +
  "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default";

beforeAll(async () => {
  await build({
    configFile: false,
    root: ROOT,
    publicDir: false,
    logLevel: 'warn',
    build: {
      ssr: join(ROOT, 'beacon/main.ts'),
      outDir: join(BUILT, 'beacon'),
      emptyOutDir: true,
      target: 'node20',
      minify: false,
      rollupOptions: { output: { entryFileNames: '[name].js' } },
    },
  });
  mkdirSync(join(BUILT, 'app', 'assets'), { recursive: true });
  writeFileSync(join(BUILT, 'app', 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(BUILT, 'app', 'assets', 'index-AbCd1234.js'), 'export {};');
});
afterAll(() => rmSync(BUILT, { recursive: true, force: true }));

const folders: string[] = [];
const children: ChildProcess[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'lgos-beacon-'));
  folders.push(folder);
  return folder;
};
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

type Environment = Record<string, string>;
const launch = (environment: Environment, ...args: string[]) => {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('LGOS_')));
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...clean, LGOS_PORT: '0', ...environment } });
  children.push(child);
  const said = { out: '', err: '' };
  child.stdout.on('data', (data) => {
    said.out += data;
  });
  child.stderr.on('data', (data) => {
    said.err += data;
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...said }));
  const ready = new Promise<number>((resolve, reject) => {
    child.stdout.on('data', () => {
      const port = /^LGOS is ready at http:\/\/localhost:(\d+)\n/.exec(said.out)?.[1];
      if (port) resolve(Number(port));
    });
    ended.then(({ code, err }) => reject(new Error(`ended with ${code}: ${err}`)));
  });
  ready.catch(() => {});
  return { child, said, ended, ready };
};

type Answer = { status: number; headers: IncomingMessage['headers']; body: string };
const collected = (response: IncomingMessage): Promise<Answer> =>
  new Promise((resolve) => {
    let body = '';
    response.on('data', (data) => {
      body += data;
    });
    response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
  });
const get = (port: number, path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    httpGet({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => resolve(collected(response))).on(
      'error',
      reject,
    );
  });
const getSecure = (port: number, path: string, ca: string, servername = 'localhost'): Promise<Answer> =>
  new Promise((resolve, reject) => {
    httpsGet({ host: '127.0.0.1', port, path, ca, servername, agent: false }, (response) =>
      resolve(collected(response)),
    ).on('error', reject);
  });

describe('a start', () => {
  test('serves the page with every header, discovery, health and metrics, and stops cleanly on SIGTERM', async () => {
    const data = newFolder();
    const beacon = launch({ LGOS_DATA: data });
    const port = await beacon.ready;
    for (const path of [
      '/',
      '/assets/index-AbCd1234.js',
      '/any/page/of/the/app',
      '/health',
      '/missing.js',
      '/.well-known/lgos.json',
    ]) {
      const { headers } = await get(port, path);
      expect(headers).toMatchObject({
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
        'content-security-policy': CSP,
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      });
      expect(headers['cross-origin-resource-policy']).toBe(path.startsWith('/.well') ? 'cross-origin' : 'same-origin');
    }
    expect(await get(port, '/')).toMatchObject({ status: 200, headers: { 'cache-control': 'no-cache' } });
    expect((await get(port, '/assets/index-AbCd1234.js')).headers['cache-control']).toContain('immutable');
    expect((await get(port, '/any/page/of/the/app')).body).toContain('<title>page</title>');
    expect((await get(port, '/missing.js')).status).toBe(404);
    expect((await get(port, '/../../package.json')).body).not.toContain('lifegraph');
    expect((await get(port, '/install-authority')).status).toBe(404);
    expect(JSON.parse((await get(port, '/health')).body)).toEqual({ status: 'ok' });
    expect(JSON.parse((await get(port, '/.well-known/lgos.json')).body)).toEqual({
      protocol: 1,
      devicePub: expect.stringMatching(/^[0-9a-f]{64}$/),
      link: '/link',
      hosting: 'code',
      signaling: ['/signal'],
      links: 'any',
    });
    expect((await get(port, '/metrics')).body).toContain('lgos_signaling_sockets 0\n');
    expect((await get(port, '/metrics', { 'X-Forwarded-For': '203.0.113.1' })).status).toBe(404);
    expect(beacon.said.out).toMatch(/\nJoin code: [A-Z2-9]{4}-[A-Z2-9]{4}\n$/);

    beacon.child.kill('SIGTERM');
    expect(await beacon.ended).toMatchObject({ code: 0, signal: null, err: '' });
    expect(existsSync(join(data, 'lock'))).toBe(false);
  });

  test('keeps its key and its join code, in files that only this user reads', async () => {
    const data = newFolder();
    const seen: string[] = [];
    for (let round = 0; round < 2; round++) {
      const beacon = launch({ LGOS_DATA: data });
      const port = await beacon.ready;
      seen.push(
        JSON.parse((await get(port, '/.well-known/lgos.json')).body).devicePub,
        /Join code: (.*)/.exec(beacon.said.out)?.[1] ?? '',
      );
      beacon.child.kill('SIGINT');
      expect((await beacon.ended).code).toBe(0);
    }
    expect(seen[2]).toBe(seen[0]);
    expect(seen[3]).toBe(seen[1]);
    const secrets = readdirSync(join(data, 'identity'));
    expect(secrets.length).toBeGreaterThanOrEqual(2);
    for (const name of secrets) expect(statSync(join(data, 'identity', name)).mode & 0o777).toBe(0o600);
  });

  test('passes signaling on, and ends upgrades of other paths', async () => {
    const port = await launch({ LGOS_DATA: newFolder() }).ready;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/signal`);
    await once(socket, 'open');
    socket.send('{"type":"ping"}');
    expect(String((await once(socket, 'message'))[0])).toBe('{"type":"pong"}');
    const other = new WebSocket(`ws://127.0.0.1:${port}/other`);
    expect(String((await once(other, 'error'))[0])).toContain('404');
    socket.terminate();
  });

  test('--only signaling needs no data and has no link', async () => {
    const data = join(newFolder(), 'none');
    const port = await launch({ LGOS_DATA: data, LGOS_SIGNALING: 'wss://other.example' }, '--only', 'signaling').ready;
    expect(JSON.parse((await get(port, '/.well-known/lgos.json')).body)).toEqual({
      protocol: 1,
      signaling: ['/signal', 'wss://other.example/'],
      links: 'any',
    });
    expect((await get(port, '/')).status).toBe(404);
    expect(existsSync(data)).toBe(false);
  });

  test('--help tells the variables and starts nothing', async () => {
    const { ended } = launch({ LGOS_DATA: '/dev/null/x' }, '--help');
    expect(await ended).toMatchObject({ code: 0, err: '', out: expect.stringContaining('LGOS_HOSTING') });
  });
});

describe('a start that cannot be', () => {
  const oneSentence = (text: string) => expect(text).toMatch(/^[^\n]+\.\n$/);

  test('a taken port is one sentence with what to do, and leaves nothing locked', async () => {
    const holder = createServer().listen(0);
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    const data = newFolder();
    const { code, err } = await launch({ LGOS_DATA: data, LGOS_PORT: String(port) }).ended;
    expect([code, err]).toEqual([
      1,
      `Port ${port} is taken by another program: stop it, or choose another port with LGOS_PORT.\n`,
    ]);
    expect(existsSync(join(data, 'lock'))).toBe(false);
    holder.close();
  });

  test('a data directory that cannot be written is one sentence', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, 'x');
    for (const directory of [file, join(file, 'below')]) {
      const { code, err } = await launch({ LGOS_DATA: directory }).ended;
      expect(code).toBe(1);
      oneSentence(err);
      expect(err).toContain(directory);
    }
  });

  test('a second process on the same data is one sentence that names the first; the first goes on', async () => {
    const data = newFolder();
    const first = launch({ LGOS_DATA: data });
    const port = await first.ready;
    const { code, err } = await launch({ LGOS_DATA: data }).ended;
    expect(code).toBe(1);
    oneSentence(err.replace('. Stop', ', stop'));
    expect(err).toContain(String(first.child.pid));
    expect((await get(port, '/health')).status).toBe(200);
  });

  test('a wrong variable is one sentence', async () => {
    const { code, err } = await launch({ LGOS_PORT: 'many' }).ended;
    expect(code).toBe(2);
    oneSentence(err);
  });
});

describe('--tls self', () => {
  test('serves https under its own authority, which the plain page offers, and the rest of plain http to this machine alone', async () => {
    const data = newFolder();
    const beacon = launch({ LGOS_DATA: data, LGOS_HOST: 'notes.example' }, '--tls', 'self');
    const port = await beacon.ready;
    const authority = (await get(port, '/authority.crt', { Host: `192.168.1.5:${port}` })).body;
    expect(authority).toContain('BEGIN CERTIFICATE');
    for (const name of ['localhost', 'notes.example']) {
      expect(await getSecure(port, '/health', authority, name)).toMatchObject({ status: 200 });
    }
    await expect(getSecure(port, '/health', authority, 'bank.example')).rejects.toThrow(/altnames/);
    const plain = (path: string, host: string) => get(port, path, { Host: host });
    expect((await plain('/', `localhost:${port}`)).status).toBe(200);
    expect(await plain('/x?y', `notes.example:${port}`)).toMatchObject({
      status: 308,
      headers: { location: `https://notes.example:${port}/x?y` },
    });
    const page = (await plain('/install-authority', 'notes.example"><script>')).body;
    expect(page).toContain(/Authority SHA-256: (.*)/.exec(beacon.said.out)?.[1] ?? 'no fingerprint');
    expect(page).toContain('Скачать сертификат');
    expect(page).not.toContain('<script');
    const socket = new WebSocket(`wss://localhost:${port}/signal`, { ca: authority });
    await once(socket, 'open');
    socket.terminate();
    const refused = new WebSocket(`ws://127.0.0.1:${port}/signal`, { headers: { Host: 'notes.example' } });
    expect(String((await once(refused, 'error'))[0])).toContain('426');
    beacon.child.kill('SIGTERM');
    expect((await beacon.ended).code).toBe(0);
  });
});
