/** Connecting without a server at a person's pace: the answer comes back after 1 s, 60 s and 150 s, between two Chromium, from Chromium to Firefox, and from Firefox to Chromium. `LGOS_PACES`: other waits, in s. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { isBuilt } from '../../beacon/stamp.mjs';
import type { Lgos, PairingAnswer } from '../../src/bridge/messages';
import { startBeacon } from '../bench/hosts.mjs';
import { until } from '../support/fleet';
import { closeTabs, openChromium, openFirefox, type Tab } from './tabs';

declare const lgos: Lgos;

const paces = (process.env.LGOS_PACES ?? '1,60,150').split(',').map(Number);

const ends: (() => unknown)[] = [];
afterEach(async () => {
  await closeTabs();
  for (const end of ends.splice(0).reverse()) await end();
});

const at = async (tab: Tab, step: PairingAnswer['step']): Promise<PairingAnswer> => {
  let answer: PairingAnswer = { step: 'none' };
  await until(async () => {
    answer = await tab.evaluate(async () => (await lgos.query('os.pairing', {})) as PairingAnswer, 0);
    return answer.step === step || answer.step === 'failed';
  }, step);
  expect(answer).toMatchObject({ step });
  return answer;
};
const direct = (tab: Tab): Promise<number> =>
  tab.evaluate(async () => (await lgos.peers()).filter(({ path }) => path === 'direct').length, 0);
const run = (tab: Tab, name: string, args: Readonly<Record<string, string>>): Promise<void> =>
  tab.evaluate(
    async ([command, given]) => {
      // A refusal is an object; what it says is wanted here.
      await lgos.run(command, given).catch((refusal) => Promise.reject(new Error(JSON.stringify(refusal))));
    },
    [name, args] as const,
  );

test.each([
  ['Chromium', 'Chromium', openChromium, openChromium],
  ['Chromium', 'Firefox', openChromium, openFirefox],
  ['Firefox', 'Chromium', openFirefox, openChromium],
])(
  '[SP2] %s and %s connect by two texts, however long within ten minutes the answer takes',
  { timeout: (paces.reduce((sum, pace) => sum + pace, 0) + 240) * 1_000 },
  async (oneName, twoName, openOne, openTwo) => {
    expect(isBuilt(), 'npm run build comes first').toBe(true);
    const folder = mkdtempSync(join(tmpdir(), 'lgos-pairing-'));
    ends.push(() => rmSync(folder, { recursive: true, force: true }));
    const beacon = await startBeacon(folder);
    let isUp = true;
    ends.push(() => (isUp ? beacon.stop() : undefined));
    const [one, two] = [await openOne(beacon.url), await openTwo(beacon.url)];
    const { space, channel, link } = await one.evaluate(async () => {
      const { id: space } = await lgos.createSpace({ title: 'Crew', kind: 'team' });
      const { id: channel } = await lgos.run('chat.createChannel', { spaceId: space, title: 'deck' });
      const { url } = await lgos.invite(space, { role: 'member', uses: 9 });
      return { space, channel: channel as string, link: url };
    }, 0);
    await two.evaluate(async (url) => void (await lgos.join(url)), link);
    const heard = (tab: Tab): Promise<readonly string[]> =>
      tab.evaluate(
        async (channelId) =>
          ((await lgos.query('chat.messages', { channelId, limit: 50 })) as { text: string }[]).map(({ text }) => text),
        channel,
      );
    await until(
      async () =>
        (await two.evaluate((id) => lgos.stateHash(id), space)) ===
        (await one.evaluate((id) => lgos.stateHash(id), space)),
      'both have the space',
    );
    await beacon.kill();
    isUp = false;

    for (const pace of paces) {
      for (const online of [false, true])
        for (const tab of [one, two]) await tab.evaluate((is) => lgos.setOnline(is), online);
      for (const tab of [one, two]) await run(tab, 'os.stopPairing', {});
      for (const tab of [one, two]) expect(await direct(tab)).toBe(0);
      await run(one, 'os.offerPairing', { spaceId: space });
      const { text: offer = '' } = await at(one, 'offered');
      await run(two, 'os.takePairing', { text: offer });
      const { text: answer = '' } = await at(two, 'answered');
      await new Promise((done) => setTimeout(done, pace * 1_000));
      await at(two, 'answered');
      await run(one, 'os.takePairing', { text: answer });
      const began = performance.now();
      for (const tab of [one, two]) await at(tab, 'linked');
      console.log(
        `${oneName} and ${twoName}: the answer after ${pace} s, linked in ${Math.round(performance.now() - began)} ms`,
      );
      const said = `After ${pace} s`;
      await run(one, 'chat.send', { channelId: channel, text: said });
      await until(async () => (await heard(two)).includes(said), said);
    }
  },
);
