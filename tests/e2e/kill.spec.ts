/**
 * The tab's browser and the beacon are killed while messages are written. Rule: what was answered is there afterwards, what
 * a beacon has signed for is there without the tab, and nobody ever sees two entries in one place of a log.
 *
 * A browser may lose its own database to a kill: LevelDB goes on with a log whose end was torn, and Chromium finds a wrong
 * checksum at the start after the next and deletes the database. It says so on standard error. Only then a round begins
 * with a new person, who must find all that others hold.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { chromium } from '@playwright/test';
import { FLAGS, findChromium } from '../support/chromium.mjs';
import {
  agree,
  ask,
  createChannel,
  createSpace,
  expect,
  type Host,
  invite,
  join,
  messages,
  newFolder,
  onBeacon,
  opened,
  type Page,
  test,
} from './support';

const ROUNDS = 20;
const SPACE = 'Ladoga Field Team';

type Chrome = {
  readonly page: Page;
  /** The browser says that it has deleted the database of the page as damaged. */
  lostDatabase(): boolean;
  /** SIGKILL to all of its processes at once. */
  kill(): Promise<void>;
};

/** A whole browser of its own on a profile that outlives it. */
const startChrome = async (profile: string, url: string): Promise<Chrome> => {
  const told = pathOf(profile, 'DevToolsActivePort');
  rmSync(told, { force: true });
  const child: ChildProcess = spawn(
    findChromium() ?? 'chromium-not-found',
    [...FLAGS, '--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
    { detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
  );
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
  await opened(page);
  return {
    page,
    lostDatabase: () => said.includes('recovering from a corrupted (and deleted) database'),
    kill: async () => {
      const exit = once(child, 'exit');
      process.kill(-(child.pid as number), 'SIGKILL');
      await exit;
      await browser.close();
    },
  };
};

/** Sends one message after the other; the page tells each one that was answered. */
const write = (page: Page, channelId: string, round: number): void => {
  page
    .evaluate(
      async ([channel, turn]) => {
        for (let i = 0; ; i++) {
          const text = `round ${turn}, message ${i}`;
          await window.lgos?.run('chat.send', { channelId: channel, text });
          console.info(`answered: ${text}`);
        }
      },
      [channelId, round] as const,
    )
    // The page is killed under it.
    .catch(() => {});
};

const texts = async (page: Page, channelId: string): Promise<readonly string[]> =>
  (await messages(page, channelId)).map(({ text }) => text);
const forks = async (page: Page): Promise<readonly string[]> =>
  Object.keys(await ask(page, 'stats')).filter((name) => /fork/i.test(name));
const forksAt = async ({ url }: Host): Promise<readonly string[]> =>
  (await (await fetch(`${url}/metrics`)).text()).split('\n').filter((line) => /fork/i.test(line));

test('what was answered survives SIGKILL of the browser and of the beacon, and no log forks', async ({
  host,
  person,
}, info) => {
  test.setTimeout(240_000);
  let beacon = await host();
  const profile = newFolder();
  let answered: string[] = [];
  let userId = '';
  let spaceId = '';
  let channelId = '';
  let link = '';
  const watcher = await person(beacon.url, { name: 'Boris' });

  for (let round = 0; round < ROUNDS; round++) {
    const chrome = await startChrome(profile, beacon.url);
    const { page } = chrome;
    if (round === 0) {
      userId = (await ask(page, 'me')).userId;
      spaceId = await createSpace(page, SPACE);
      channelId = await createChannel(page, 'buoy-3');
      link = await invite(page);
      await join(watcher.page, link, SPACE);
    } else if (chrome.lostDatabase()) {
      info.annotations.push({ type: 'lost', description: `Chromium deleted its database before round ${round}` });
      await join(page, link, SPACE);
      userId = (await ask(page, 'me')).userId;
      await agree(spaceId, page, watcher.page);
      answered = [...(await texts(watcher.page, channelId))];
      expect(await texts(page, channelId)).toEqual(answered);
    } else {
      expect((await ask(page, 'me')).userId).toBe(userId);
      expect(await texts(page, channelId), JSON.stringify(await ask(page, 'stats'))).toEqual(
        expect.arrayContaining(answered),
      );
      expect(await forks(page)).toEqual([]);
    }
    const before = answered.length;
    page.on('console', (message) => {
      const text = /^answered: (.*)$/.exec(message.text())?.[1];
      if (text) answered.push(text);
    });
    write(page, channelId, round);
    await expect.poll(() => answered.length - before, { intervals: [5] }).toBeGreaterThanOrEqual(1 + (round % 7));
    if (round % 3 === 1) {
      expect(await forksAt(beacon)).toEqual([]);
      await beacon.kill();
      beacon = await host({ data: beacon.data, port: beacon.port });
    }
    await chrome.kill();
  }

  const chrome = await startChrome(profile, beacon.url);
  if (chrome.lostDatabase()) await join(chrome.page, link, SPACE);
  else expect(await texts(chrome.page, channelId)).toEqual(expect.arrayContaining(answered));
  await onBeacon(chrome.page, spaceId);
  const receipted = await texts(chrome.page, channelId);
  await expect.poll(async () => (await texts(watcher.page, channelId)).length).toBe(receipted.length);
  await agree(spaceId, chrome.page, watcher.page);
  for (const page of [chrome.page, watcher.page]) expect(await forks(page)).toEqual([]);

  expect(await forksAt(beacon)).toEqual([]);

  // All that the beacon signed for is there when it alone is left and has been killed.
  await chrome.kill();
  await watcher.context.close();
  await beacon.kill();
  beacon = await host({ data: beacon.data, port: beacon.port });
  const again = await person(beacon.url);
  await join(again.page, link, SPACE);
  await expect.poll(async () => [...(await texts(again.page, channelId))].sort()).toEqual([...receipted].sort());
  expect(await forks(again.page)).toEqual([]);
});
