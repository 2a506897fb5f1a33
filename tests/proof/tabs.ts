/**
 * Pages in Firefox and in Chromium for proofs, and what both drivers of browsers can do; a beacon for them, and a space that all
 * of them are in. Needs Firefox.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';
import { isBuilt } from '../../beacon/stamp.mjs';
import type { Lgos } from '../../src/bridge/messages';
import { startBeacon } from '../bench/hosts.mjs';
import { ensureChromium, FLAGS } from '../support/chromium.mjs';

declare const lgos: Lgos;

export type Tab = {
  evaluate<Given, Result>(run: (given: Given) => Result | Promise<Result>, given: Given): Promise<Result>;
};

const ends: (() => unknown)[] = [];
/** Also the beacon. */
export const closeTabs = async (): Promise<void> => {
  for (const end of ends.splice(0).reverse()) await end();
};

/** Both browsers hide the addresses of a machine behind names that only a network with mDNS resolves; these do not. */
export const openFirefox = async (url: string): Promise<Tab> => {
  const found = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find(
    (name) => spawnSync(name, ['--version']).status === 0,
  );
  if (!found) throw new Error('There is no Firefox on this machine: install one (on Debian: apt install firefox-esr).');
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: found,
    headless: true,
    extraPrefsFirefox: {
      'media.peerconnection.ice.loopback': true,
      'media.peerconnection.ice.obfuscate_host_addresses': false,
    },
  });
  ends.push(() => browser.close());
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction(() => 'lgos' in window);
  console.log(await browser.version());
  return page as unknown as Tab;
};
export const openChromium = async (url: string): Promise<Tab> => {
  const browser = await chromium.launch({
    executablePath: ensureChromium(),
    args: [...FLAGS, '--disable-features=WebRtcHideLocalIpsWithMdns'],
  });
  ends.push(() => browser.close());
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction(() => 'lgos' in window);
  console.log(`Chromium/${browser.version()}`);
  return page as unknown as Tab;
};

/** It ends with the tabs, unless it was killed before. */
export const openBeacon = async (): Promise<{ readonly url: string; kill(): Promise<void> }> => {
  if (!isBuilt()) throw new Error('npm run build comes first');
  const folder = mkdtempSync(join(tmpdir(), 'lgos-tabs-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const { url, stop, kill } = await startBeacon(folder);
  let isUp = true;
  ends.push(() => (isUp ? stop() : undefined));
  return {
    url,
    kill: () => {
      isUp = false;
      return kill();
    },
  };
};

/** A space with a channel and a document, founded by the first tab and joined by the others. */
export const foundCrew = async (founder: Tab, ...others: readonly Tab[]) => {
  const { link, ...crew } = await founder.evaluate(async () => {
    const { id: space } = await lgos.createSpace({ title: 'Crew', kind: 'team' });
    const { id: channel } = await lgos.run('chat.createChannel', { spaceId: space, title: 'deck' });
    const { id: document } = await lgos.run('editor.createDocument', { spaceId: space, title: 'Log' });
    const { url } = await lgos.invite(space, { role: 'member', uses: 9 });
    return { space, channel: channel as string, document: document as string, link: url };
  }, 0);
  for (const tab of others) await tab.evaluate(async (url) => void (await lgos.join(url)), link);
  return crew;
};

export const run = (tab: Tab, name: string, args: Readonly<Record<string, string>>): Promise<void> =>
  tab.evaluate(
    async ([command, given]) => {
      // A refusal is an object; what it says is wanted here.
      await lgos.run(command, given).catch((refusal) => Promise.reject(new Error(JSON.stringify(refusal))));
    },
    [name, args] as const,
  );

export const textsIn = (tab: Tab, channel: string): Promise<readonly string[]> =>
  tab.evaluate(
    async (channelId) =>
      ((await lgos.query('chat.messages', { channelId, limit: 50 })) as { text: string }[]).map(({ text }) => text),
    channel,
  );

export const isOneState = async (tabs: readonly Tab[], space: string): Promise<boolean> => {
  const hashes = await Promise.all(tabs.map((tab) => tab.evaluate((id) => lgos.stateHash(id), space)));
  return new Set(hashes).size === 1;
};
