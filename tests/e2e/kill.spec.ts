/**
 * The tab's browser and the beacon are killed while messages are written. Rule: what was answered is there afterwards, what
 * a beacon has signed for is there without the tab, and nobody ever sees two entries in one place of a log.
 *
 * A browser may lose its own database to a kill: LevelDB goes on with a log whose end was torn, and Chromium finds a wrong
 * checksum at the start after the next and deletes the database. It says so on standard error. Only then a round begins
 * with a new person, who is told of the loss and must find all that others hold.
 */
import { startChrome } from './chrome';
import {
  agree,
  ask,
  CHANNEL,
  createChannel,
  createSpace,
  expect,
  type Host,
  invite,
  join,
  lossBanner,
  newFolder,
  onBeacon,
  type Page,
  SPACE,
  test,
  texts,
} from './support';

/** A few, as smoke: the many are in the proof `crash`, over a storage that loses what was not synced. */
const ROUNDS = 5;

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
      channelId = await createChannel(page, CHANNEL);
      link = await invite(page);
      await join(watcher.page, link, SPACE);
    } else if (chrome.lostDatabase()) {
      info.annotations.push({ type: 'lost', description: `Chromium deleted its database before round ${round}` });
      await expect(lossBanner(page)).toBeVisible();
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
  if (chrome.lostDatabase()) {
    await expect(lossBanner(chrome.page)).toBeVisible();
    await join(chrome.page, link, SPACE);
  } else expect(await texts(chrome.page, channelId)).toEqual(expect.arrayContaining(answered));
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
