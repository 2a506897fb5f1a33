/**
 * A channel of so many messages (100,000 unless told) in the page itself: from the click to its end, from a
 * permalink to the 500th message, and one notch of the wheel after another across the borders of the window, both ways, while
 * others write: what is read moves by the notch and by nothing else. Then back to the present.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { notches } from '../support/notches.mjs';
import { row } from './figures.mjs';
import { openProfile, ready, startBeacon, withSeeded } from './hosts.mjs';
import { openChannel } from './scroll.mjs';

const MESSAGES = 100_000;
const FILL_MS = 480_000;
const NOTCH_PX = 240;
const STEP_MS = 60_000;

const planOf = (messages) => () => ({
  ...{ channels: 1, messages, alone: Math.min(500, messages) },
  ...{ documents: 0, changes: 0 },
});

const timed = async (page, hash, id) => {
  await page.evaluate((wanted) => {
    const began = performance.now();
    window.shownAt = new Promise((done) => {
      const look = () => {
        const box = document.querySelector(`[data-message="${CSS.escape(wanted)}"]`)?.getBoundingClientRect();
        const log = document.querySelector('[role=log]')?.getBoundingClientRect();
        if (box && log && box.top >= log.top && box.bottom <= log.bottom) done(performance.now() - began);
        else requestAnimationFrame(look);
      };
      look();
    });
  }, id);
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
  return page.evaluate(() => window.shownAt);
};

/** Bytes of the page's own heap, after what was left was collected. */
const heapOf = async (context, page) => {
  const session = await context.newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
};

export const channel = async ({ small = false, messages = small ? 3_000 : MESSAGES }) => {
  const folder = mkdtempSync(join(tmpdir(), 'lgos-bench-'));
  const beacon = await startBeacon(join(folder, 'beacon'));
  try {
    return await withSeeded(beacon.url, planOf(messages), async ({ space, channels, last }, admit, node) => {
      const context = await openProfile(join(folder, 'profile'));
      try {
        const page = await context.newPage();
        page.setDefaultTimeout(STEP_MS);
        await page.goto(beacon.url);
        await ready(page);
        const joined = await admit(page, FILL_MS);
        const [channelId] = channels;
        const hash = `/s/${space}/c/${channelId}`;
        const opened = await openChannel(page, hash, last);
        const heapAtEnd = await heapOf(context, page);
        const asked = await page.evaluate(async (id) => {
          const times = [];
          for (const rank of [500, 1_000, 1_500, 500, 1_000, 1_500]) {
            const began = performance.now();
            await lgos.query('chat.window', { channelId: id, rank, limit: 400 });
            times.push(performance.now() - began);
          }
          const { rows } = await lgos.query('chat.window', { channelId: id, rank: 500, limit: 2 });
          return { times, wanted: rows[1].id };
        }, channelId);
        const jumped = await timed(page, `${hash}?m=${asked.wanted}`, asked.wanted);
        const box = await page.locator('[role=log]').boundingBox();
        await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
        let written = 0;
        const write = (i) =>
          i % 4 === 0 ? node.run('chat.send', { channelId, text: `Meanwhile ${++written}` }) : undefined;
        const turns = small ? 20 : 60;
        const strayed = [
          ...(await notches(page, turns, -NOTCH_PX, write)),
          ...(await notches(page, 2 * turns, NOTCH_PX, write)),
        ];
        const heapUp = await heapOf(context, page);
        const drawn = await page.locator('[data-message]').count();
        const began = performance.now();
        await page.locator('.to-end').click();
        await page.getByText(`Meanwhile ${written}`, { exact: true }).waitFor();
        const back = performance.now() - began;
        const what = `${messages.toLocaleString('en')} messages`;
        const tell = (name, unit, ours, rest = {}) =>
          row({ bench: 'channel', what: `${what}: ${name}`, unit, ours, ...rest });
        return [
          tell('joining, until all is taken in', 'ms', [joined]),
          tell('from the click to the last message', 'ms', [opened]),
          tell('a window, as the page asks for it', 'ms', asked.times),
          tell('from a permalink to the 500th message', 'ms', [jumped]),
          tell('what is read strays from the wheel, at most', 'px', [Math.max(...strayed)], {
            ...{ notches: strayed.length, 'notch px': NOTCH_PX, 'written meanwhile': written },
            'moved more than 1 px': strayed.filter((px) => px > 1).length,
          }),
          tell('back to the present', 'ms', [back], {
            ...{ 'rows drawn': drawn, 'heap of the page at first MB': Math.round(heapAtEnd / 1e5) / 10 },
            'heap of the page afterwards MB': Math.round(heapUp / 1e5) / 10,
          }),
        ];
      } finally {
        await context.close();
      }
    });
  } finally {
    await beacon.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};
