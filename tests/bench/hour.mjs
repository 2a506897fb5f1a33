/**
 * Two browsers in use for long: each person writes a message or an edit every two seconds, and between them goes from channel
 * to channel and document to document, searches, opens and closes palette, inspector, threads and Hub. Nobody loads a page anew.
 * Every minute each goes to the same empty channel, and what its page and worker hold is noted. At the end each page is loaded
 * once more over the same data: what it holds then is what the data cost, and what it held above that was kept for nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  openChannel,
  openDocument,
  openHub,
  openInspector,
  openPalette,
  openThread,
  say,
  searchFor,
  words,
  write,
} from './acts.mjs';
import { openProfile, ready, startBeacon } from './hosts.mjs';
import { lookInside } from './inside.mjs';
import { drawTime } from './picture.mjs';

const CHANNELS = ['general', 'fleet'];
const REST = 'still';
const DOCUMENTS = ['Plan', 'Log', 'Crew', 'Charts'];
const ACT_MS = 60_000;
const SETTLE_MS = 120_000;

/** Ten steps, again and again; each writes once. `n` counts steps, `who` keeps the two from saying the same. */
const STEPS = [
  async (page, n, who) => {
    await openChannel(page, CHANNELS[0]);
    await say(page, `${who} ${n} ${words(n)}`);
  },
  (page, n, who) => say(page, `${who} ${n} ${words(n)}`),
  async (page, n, who) => {
    await openPalette(page, 'pl');
    await say(page, `${who} ${n} ${words(n)}`);
  },
  (page, n, who) => openThread(page, `${who} ${n} ${words(n, 4)}`),
  async (page, n, who) => {
    await openDocument(page, DOCUMENTS[n % 4]);
    await write(page, `${who} ${n} ${words(n, 3)}`, { atStart: who === 'Boris', newLine: true });
  },
  async (page, n, who) => {
    await openInspector(page);
    await write(page, `${who} ${n} ${words(n, 3)}`, { atStart: who === 'Boris' });
  },
  async (page, n, who) => {
    await openDocument(page, DOCUMENTS[(n + 1) % 4]);
    await write(page, `${who} ${n} ${words(n, 3)}`, { atStart: who === 'Boris' });
  },
  async (page, n, who) => {
    await searchFor(page, 'harbour');
    await openChannel(page, CHANNELS[1]);
    await say(page, `${who} ${n} ${words(n)}`);
  },
  async (page, n, who) => {
    await openHub(page);
    await openChannel(page, CHANNELS[1]);
    await say(page, `${who} ${n} ${words(n)}`);
  },
  async (page, n, who) => {
    await openInspector(page);
    await say(page, `${who} ${n} ${words(n)}`);
  },
];

const found = (page) =>
  page.evaluate(
    async ([channels, documents]) => {
      const { id: space } = await lgos.createSpace({ title: 'Crew', kind: 'team' });
      for (const title of channels) await lgos.run('chat.createChannel', { spaceId: space, title });
      for (const title of documents) await lgos.run('editor.createDocument', { spaceId: space, title });
      const [first] = await lgos.query('chat.channels', { spaceId: space });
      return { hash: `/s/${space}/c/${first.id}`, link: (await lgos.invite(space, { role: 'member' })).url };
    },
    [[...CHANNELS, REST], DOCUMENTS],
  );
const goTo = (page, address) =>
  page.evaluate((hash) => {
    location.hash = hash;
  }, address);
/** Until the page has nothing left to do of its own accord. */
const settled = (page) =>
  page.waitForFunction(async () => (await lgos.stats()).searchDue === 0, undefined, {
    timeout: SETTLE_MS,
    polling: 1_000,
  });
const atRest = async (page, inside) => {
  await openChannel(page, REST);
  await settled(page);
  return inside.sample();
};

/** What was noted, over the minutes: figures of both people, in one picture. */
export const drawHour = (samples) => {
  const people = [...new Set(samples.map(({ who }) => who))];
  const panel = (title, unit, of) => ({
    ...{ title, unit },
    lines: Object.fromEntries(
      people.map((name) => [
        name,
        samples
          .filter(({ who, minute }) => who === name && typeof minute === 'number')
          .map((each) => [each.minute, of(each)]),
      ]),
    ),
  });
  return drawTime(
    [
      panel(
        'memory of the page',
        'MB',
        ({ page, pageOutside, pageBuffers }) => (page + pageOutside + pageBuffers) / 1e6,
      ),
      panel('nodes of the page', 'nodes', ({ nodes }) => nodes),
      panel('memory of the worker', 'MB', ({ worker, workerBuffers, wasm }) => (worker + workerBuffers + wasm) / 1e6),
      panel('entries held', 'entries', ({ entries }) => entries),
    ],
    'What two browsers hold during an hour of use',
    `minutes; blue: ${people[0]}, yellow: ${people[1]}`,
  );
};

/** `minutes` of use. `told({ who, minute, steps, ...sample })` hears of each sample as it comes, `minute` 'fresh' after the load at the end. */
export const hour = async ({
  minutes = 60,
  pace = 2_000,
  told = (_sample) => {},
  seen = async (_sample, _inside) => {},
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'lgos-hour-'));
  const beacon = await startBeacon(join(folder, 'beacon'));
  const people = [];
  const samples = [];
  const missed = [];
  try {
    for (const who of ['Anna', 'Boris']) {
      const context = await openProfile(join(folder, who));
      const page = await context.newPage();
      page.setDefaultTimeout(ACT_MS);
      const faults = [];
      page.on('pageerror', (fault) => faults.push(String(fault)));
      people.push({ who, context, page, faults, inside: await lookInside(page) });
      await page.goto(beacon.url);
      await ready(page);
    }
    const [{ page: first }, { page: second }] = people;
    const made = await found(first);
    await second.evaluate((link) => lgos.join(link, { timeoutMs: 30_000 }), made.link);
    for (const { page } of people) await goTo(page, made.hash);
    const note = async ({ who, page, inside }, minute, steps) => {
      const sample = { who, minute, steps, ...(await atRest(page, inside)) };
      samples.push(sample);
      told(sample);
      await seen(sample, inside, page);
    };
    const use = async (person) => {
      const { who, page } = person;
      let n = 0;
      const step = async () => {
        const began = Date.now();
        try {
          await STEPS[n % STEPS.length](page, n, who);
        } catch (fault) {
          // One act that a busy machine, or the other, got in the way of is told of, and does not end the hour.
          missed.push({ who, n, why: String(fault).split('\n')[0], at: await page.locator('main').textContent() });
          await page.keyboard.press('Escape');
          await goTo(page, made.hash);
          await openChannel(page, CHANNELS[0]);
        }
        n++;
        await page.waitForTimeout(Math.max(0, began + pace - Date.now()));
      };
      // Once round, so that every view is loaded before the first sample.
      while (n < STEPS.length * 2) await step();
      const began = Date.now();
      for (let minute = 0; minute <= minutes; minute++) {
        while (Date.now() < began + minute * 60_000 || n % STEPS.length !== 0) await step();
        await note(person, minute, n);
      }
      return n;
    };
    const steps = await Promise.all(people.map(use));
    // The last things that the other wrote.
    for (const [i, person] of people.entries()) await note(person, 'last', steps[i]);
    for (const [i, person] of people.entries()) {
      await person.page.reload();
      await ready(person.page);
      for (const name of CHANNELS) await openChannel(person.page, name);
      await openThread(person.page);
      await openPalette(person.page, 'pl');
      for (const name of DOCUMENTS) await openDocument(person.page, name);
      await openInspector(person.page);
      await searchFor(person.page, 'harbour');
      await openHub(person.page);
      await note(person, 'fresh', steps[i]);
    }
    return { samples, missed, faults: people.flatMap(({ faults }) => faults) };
  } finally {
    for (const { context } of people) await context.close().catch(() => undefined);
    await beacon.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};
