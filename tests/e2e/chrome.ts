/** A whole Chromium on a profile directory that outlives it, to be killed, and that directory's databases, to be damaged. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { chromium } from '@playwright/test';
import { FLAGS, findChromium } from '../support/chromium.mjs';
import { expect, opened, type Page } from './support';

const DAMAGED_BYTE = 200;

export type Chrome = {
  readonly page: Page;
  /** The browser says that it has deleted the database of the page as damaged. */
  lostDatabase(): boolean;
  /** SIGKILL to all of its processes at once. */
  kill(): Promise<void>;
};

/** A whole browser of its own on a profile that outlives it. */
export const startChrome = async (
  profile: string,
  url: string,
  { locked = false }: { /** No kernel answers before somebody unlocks. */ readonly locked?: boolean } = {},
): Promise<Chrome> => {
  const told = pathOf(profile, 'DevToolsActivePort');
  rmSync(told, { force: true });
  const child: ChildProcess = spawn(
    findChromium() ?? 'chromium-not-found',
    [...FLAGS, '--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
    { detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const end = (): void => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid as number), 'SIGKILL');
  };
  // A test that fails leaves no browser behind.
  process.once('exit', end);
  let said = '';
  child.stderr?.on('data', (text) => {
    said += text;
  });
  await expect
    .poll(() => existsSync(told) && readFileSync(told, 'utf8').includes('\n'), { intervals: [20], timeout: 30_000 })
    .toBe(true);
  const [port, path] = readFileSync(told, 'utf8').split('\n');
  const browser = await chromium.connectOverCDP(`ws://127.0.0.1:${port}${path}`);
  const page = browser.contexts()[0]?.pages()[0];
  if (!page) throw new Error('The browser opened no page');
  await page.goto(url);
  if (!locked) await opened(page);
  return {
    page,
    lostDatabase: () => said.includes('recovering from a corrupted (and deleted) database'),
    kill: async () => {
      const exit = once(child, 'exit');
      process.removeListener('exit', end);
      end();
      await exit;
      await browser.close();
    },
  };
};

/** One byte of what the page keeps in IndexedDB is another one from now on. The browser must not run. */
export const damageDatabase = (profile: string): void => {
  const databases = pathOf(profile, 'Default', 'IndexedDB');
  const logs = readdirSync(databases)
    .filter((name) => name.endsWith('.leveldb'))
    .flatMap((name) => readdirSync(pathOf(databases, name)).map((file) => pathOf(databases, name, file)))
    .filter((path) => path.endsWith('.log') && statSync(path).size > DAMAGED_BYTE);
  if (logs.length === 0) throw new Error('The profile has no log to damage');
  for (const path of logs) {
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(DAMAGED_BYTE) ^ 0xff, DAMAGED_BYTE);
    writeFileSync(path, bytes);
  }
};
