/** Firefox and Chromium in one mesh: each direct to the other, text both ways, also when the beacon is gone. Needs Firefox. */
import { afterEach, expect, test } from 'vitest';
import type { Lgos } from '../../src/bridge/messages';
import { until } from '../support/fleet';
import { closeTabs, foundCrew, isOneState, openBeacon, openChromium, openFirefox, type Tab, textsIn } from './tabs';

declare const lgos: Lgos;

afterEach(closeTabs);

test('[NET] Firefox and Chromium link directly and write in one space, also when the beacon is gone', async () => {
  const beacon = await openBeacon();
  // Two of each, so that each has a neighbour of its own kind and of the other.
  const tabs: Tab[] = [];
  for (const open of [openFirefox, openChromium, openFirefox, openChromium]) tabs.push(await open(beacon.url));
  const [first, ...others] = tabs as [Tab, ...Tab[]];
  for (const [i, tab] of tabs.entries()) await tab.evaluate((n) => lgos.setName(`Person ${n}`), i);
  const { space, channel, document } = await foundCrew(first, ...others);
  const direct = (tab: Tab): Promise<number> =>
    tab.evaluate(
      async () => (await lgos.peers()).filter(({ kind, path }) => kind === 'tab' && path !== 'relayed').length,
      0,
    );
  for (const tab of tabs) await until(async () => (await direct(tab)) === 3, 'each is linked to all others');

  await beacon.kill();
  for (const [i, tab] of tabs.entries())
    await tab.evaluate(
      async ([channelId, documentId, n]) => {
        await lgos.run('chat.send', { channelId, text: `Said by ${n}` });
        await lgos.insertText(documentId, 0, `Written by ${n}. `);
      },
      [channel, document, i] as const,
    );
  for (const tab of tabs) {
    await until(async () => (await textsIn(tab, channel)).length === 4, 'all four are heard');
    expect([...(await textsIn(tab, channel))].sort()).toEqual([0, 1, 2, 3].map((n) => `Said by ${n}`));
    await until(async () => {
      const text = await tab.evaluate((id) => lgos.documentText(id), document);
      return [0, 1, 2, 3].every((n) => text.includes(`Written by ${n}.`));
    }, 'all four are read');
  }
  await until(() => isOneState(tabs, space), 'one state');
}, 300_000);
