/** Connecting without a server at a person's pace: the answer comes back after 1 s, 60 s and 150 s, between two Chromium, from Chromium to Firefox, and from Firefox to Chromium. `LGOS_PACES`: other waits, in s. */
import { afterEach, expect, test } from 'vitest';
import type { Lgos, PairingAnswer } from '../../src/bridge/messages';
import { until } from '../support/fleet';
import {
  closeTabs,
  foundCrew,
  isOneState,
  openBeacon,
  openChromium,
  openFirefox,
  run,
  type Tab,
  textsIn,
} from './tabs';

declare const lgos: Lgos;

const paces = (process.env.LGOS_PACES ?? '1,60,150').split(',').map(Number);

afterEach(closeTabs);

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

test.each([
  ['Chromium', 'Chromium', openChromium, openChromium],
  ['Chromium', 'Firefox', openChromium, openFirefox],
  ['Firefox', 'Chromium', openFirefox, openChromium],
])(
  '[SP2] %s and %s connect by two texts, however long within ten minutes the answer takes',
  { timeout: (paces.reduce((sum, pace) => sum + pace, 0) + 240) * 1_000 },
  async (oneName, twoName, openOne, openTwo) => {
    const beacon = await openBeacon();
    const [one, two] = [await openOne(beacon.url), await openTwo(beacon.url)];
    const { space, channel } = await foundCrew(one, two);
    await until(() => isOneState([one, two], space), 'both have the space');
    await beacon.kill();

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
      await until(async () => (await textsIn(two, channel)).includes(said), said);
    }
  },
);
