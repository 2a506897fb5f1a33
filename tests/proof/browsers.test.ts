/** Firefox and Chromium in one mesh: each direct to the other, text both ways, also when the beacon is gone. Needs Firefox. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { isBuilt } from '../../beacon/stamp.mjs';
import type { Lgos } from '../../src/bridge/messages';
import { startBeacon } from '../bench/hosts.mjs';
import { until } from '../support/fleet';
import { closeTabs, openChromium, openFirefox, type Tab } from './tabs';

declare const lgos: Lgos;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  await closeTabs();
  for (const end of ends.splice(0).reverse()) await end();
});

test('[NET] Firefox and Chromium link directly and write in one space, also when the beacon is gone', async () => {
  expect(isBuilt(), 'npm run build comes first').toBe(true);
  const folder = mkdtempSync(join(tmpdir(), 'lgos-browsers-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const beacon = await startBeacon(folder);
  let isUp = true;
  ends.push(() => (isUp ? beacon.stop() : undefined));

  // Two of each, so that each has a neighbour of its own kind and of the other.
  const tabs: Tab[] = [];
  for (const open of [openFirefox, openChromium, openFirefox, openChromium]) tabs.push(await open(beacon.url));
  const [first] = tabs as [Tab, ...Tab[]];
  for (const [i, tab] of tabs.entries()) await tab.evaluate((n) => lgos.setName(`Person ${n}`), i);
  const { space, channel, document, link } = await first.evaluate(async () => {
    const { id: space } = await lgos.createSpace({ title: 'Crew', kind: 'team' });
    const { id: channel } = await lgos.run('chat.createChannel', { spaceId: space, title: 'deck' });
    const { id: document } = await lgos.run('editor.createDocument', { spaceId: space, title: 'Log' });
    const { url } = await lgos.invite(space, { role: 'member', uses: 9 });
    return { space, channel: channel as string, document: document as string, link: url };
  }, 0);
  for (const tab of tabs.slice(1)) await tab.evaluate(async (url) => void (await lgos.join(url)), link);
  const direct = (tab: Tab): Promise<number> =>
    tab.evaluate(
      async () => (await lgos.peers()).filter(({ kind, path }) => kind === 'tab' && path !== 'relayed').length,
      0,
    );
  for (const tab of tabs) await until(async () => (await direct(tab)) === 3, 'each is linked to all others');

  await beacon.kill();
  isUp = false;
  for (const [i, tab] of tabs.entries())
    await tab.evaluate(
      async ([channelId, documentId, n]) => {
        await lgos.run('chat.send', { channelId, text: `Said by ${n}` });
        await lgos.insertText(documentId, 0, `Written by ${n}. `);
      },
      [channel, document, i] as const,
    );
  for (const tab of tabs) {
    const heard = (): Promise<readonly string[]> =>
      tab.evaluate(
        async (channelId) =>
          ((await lgos.query('chat.messages', { channelId, limit: 50 })) as { text: string }[]).map(({ text }) => text),
        channel,
      );
    await until(async () => (await heard()).length === 4, 'all four are heard');
    expect([...(await heard())].sort()).toEqual([0, 1, 2, 3].map((n) => `Said by ${n}`));
    await until(async () => {
      const text = await tab.evaluate((id) => lgos.documentText(id), document);
      return [0, 1, 2, 3].every((n) => text.includes(`Written by ${n}.`));
    }, 'all four are read');
  }
  const hashes = (): Promise<string[]> =>
    Promise.all(tabs.map((tab) => tab.evaluate((id) => lgos.stateHash(id), space)));
  await until(async () => new Set(await hashes()).size === 1, 'one state');
}, 300_000);
