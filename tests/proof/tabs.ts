/** Pages in Firefox and in Chromium for proofs, and what both drivers of browsers can do. Needs Firefox. */
import { spawnSync } from 'node:child_process';
import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';
import { ensureChromium, FLAGS } from '../support/chromium.mjs';

export type Tab = {
  evaluate<Given, Result>(run: (given: Given) => Result | Promise<Result>, given: Given): Promise<Result>;
};

const ends: (() => unknown)[] = [];
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
