/** The golden vectors and the verdicts on hostile signatures in a stock Firefox: the same as everywhere. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, expect, test } from 'vitest';
import ed25519 from '../vectors/ed25519.json';
import { RECORDED } from '../vectors/vectors.suite';

type Report = {
  readonly agent: string;
  readonly fault?: string;
  readonly accepted: readonly boolean[];
  readonly computed: Readonly<Record<string, unknown>>;
};

const profile = mkdtempSync(join(tmpdir(), 'lgos-firefox-'));
let firefox: ChildProcess | undefined;
let server: Server | undefined;
afterAll(() => {
  firefox?.kill('SIGKILL');
  server?.close();
  rmSync(profile, { recursive: true, force: true });
});

const bundled = async (): Promise<string> => {
  const made = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      lib: {
        entry: fileURLToPath(new URL('../support/verdicts.ts', import.meta.url)),
        formats: ['es'],
        fileName: 'verdicts',
      },
    },
  });
  const [first] = Array.isArray(made) ? made : [made];
  const chunk = first && 'output' in first ? first.output.find(({ type }) => type === 'chunk') : undefined;
  if (chunk?.type !== 'chunk') throw new Error('The page was not bundled');
  return chunk.code;
};

test('[T4] [T5] Firefox computes every golden vector and judges every signature as Node and Chromium do', async () => {
  const found = ['firefox', 'firefox-esr'].find((name) => spawnSync(name, ['--version']).status === 0);
  if (!found) throw new Error('There is no Firefox on this machine: install one (on Debian: apt install firefox-esr).');
  const code = await bundled();
  const report = await new Promise<Report>((resolve, reject) => {
    const listening = createServer((request, response) => {
      if (request.method === 'POST') {
        let body = '';
        request.on('data', (part) => {
          body += part;
        });
        request.on('end', () => {
          response.end();
          resolve(JSON.parse(body) as Report);
        });
        return;
      }
      const script = request.url === '/verdicts.js';
      response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
      response.end(script ? code : '<!doctype html><script type="module" src="/verdicts.js"></script>');
    });
    server = listening;
    listening.listen(0, '127.0.0.1', () => {
      const { port } = listening.address() as AddressInfo;
      firefox = spawn(found, ['--headless', '--no-remote', '--profile', profile, `http://localhost:${port}/`], {
        stdio: 'ignore',
        env: { ...process.env, HOME: profile },
      });
      firefox.once('error', reject);
    });
  });
  console.log(report.agent);
  expect(report.fault).toBe(undefined);
  const verdicts = ed25519.map(({ name }, i) => ({ name, accepted: report.accepted[i] }));
  expect(verdicts).toEqual(ed25519.map(({ name, accepted }) => ({ name, accepted })));
  for (const [file, recorded] of Object.entries(RECORDED)) expect(report.computed[file], file).toEqual(recorded);
}, 180_000);
