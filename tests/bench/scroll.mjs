/**
 * A channel of 10,000 messages in the page itself: how long it takes to open at its end, how long frames take while somebody
 * scrolls up through it, with older pages coming in on the way, and whether what is in sight ever jumps.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantile, row } from './figures.mjs';
import { openProfile, ready, startBeacon, withSeeded } from './hosts.mjs';

const MESSAGES = 10_000;
const NOTCHES = 300;
const NOTCH_PX = 120;
const FILL_MS = 120_000;
/** A message that moved this far against the wheel has jumped. */
const JUMP_PX = 3;
const FRAME_MS = 1_000 / 60;

const planOf = (messages) => () => ({
  channels: 1,
  messages,
  alone: Math.min(500, messages),
  documents: 0,
  changes: 0,
});

/**
 * In the page, until `window.watched.stop()`: how long each frame took, and how far what is in sight moved in it. It is
 * scrolled up, so what is in sight only ever goes down: when it goes up, it has jumped.
 */
const watchFrames = (jumpPx) => {
  const log = document.querySelector('[role=log]');
  const inSight = () => {
    const { top, bottom } = log.getBoundingClientRect();
    const found = [...log.querySelectorAll('[data-message]')].find((each) => {
      const box = each.getBoundingClientRect();
      return box.top > top && box.bottom < bottom;
    });
    return found && { id: found.dataset.message, top: found.getBoundingClientRect().top };
  };
  const seen = { frames: [], long: [], jumps: 0, farthest: 0, blank: 0, moved: 0 };
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.long.push(duration);
  });
  observer.observe({ type: 'longtask' });
  let last;
  let before;
  let goes = true;
  const look = (now) => {
    if (last !== undefined) seen.frames.push(now - last);
    last = now;
    const known = before && log.querySelector(`[data-message="${CSS.escape(before.id)}"]`);
    if (known) {
      const moved = known.getBoundingClientRect().top - before.top;
      seen.moved += moved;
      seen.farthest = Math.max(seen.farthest, -moved);
      if (moved < -jumpPx) seen.jumps++;
    }
    before = inSight();
    if (!before) seen.blank++;
    if (goes) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  window.watched = {
    seen,
    stop: () => {
      goes = false;
      observer.disconnect();
      return { ...seen, height: log.scrollHeight, top: log.scrollTop };
    },
  };
};

/** Turns the wheel over the list, a notch a frame, and gives what the page saw. */
export const scrollUp = async (page, notches) => {
  const box = await page.locator('[role=log]').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.evaluate(watchFrames, JUMP_PX);
  for (let i = 0; i < notches; i++) {
    await page.mouse.wheel(0, -NOTCH_PX);
    await page.waitForTimeout(FRAME_MS);
  }
  return page.evaluate(() => window.watched.stop());
};

/** Opens a channel in which all is read, and gives how long it took until its last message was in sight at the end of the list. */
export const openChannel = async (page, hash, last) => {
  await page.evaluate((spaceId) => lgos.run('chat.markAllRead', { spaceId }), hash.split('/')[2]);
  await page.evaluate((text) => {
    const began = performance.now();
    window.openedAt = new Promise((done) => {
      const look = () => {
        const log = document.querySelector('[role=log]');
        const isEnd = log && log.scrollHeight - log.scrollTop - log.clientHeight < 4;
        if (isEnd && log.textContent.includes(text)) done(performance.now() - began);
        else requestAnimationFrame(look);
      };
      look();
    });
  }, last);
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
  return page.evaluate(() => window.openedAt);
};

/** Rows of one scroll. */
export const scrollRows = (bench, what, { frames, jumps, farthest, blank, long, height, moved }, rest) => [
  row({
    bench,
    what: `${what}: a frame while scrolling, p50`,
    unit: 'ms',
    ours: [quantile(frames, 0.5)],
    frames: frames.length,
    ...rest,
  }),
  row({
    ...{ bench, what: `${what}: a frame while scrolling, p95`, unit: 'ms', ours: [quantile(frames, 0.95)] },
    ...{ longest: Math.round(Math.max(...frames)), 'long tasks': long.length },
    'frames above 1.5 of a frame': frames.filter((ms) => ms > 1.5 * FRAME_MS).length,
  }),
  row({
    ...{ bench, what: `${what}: jumps of what is in sight`, unit: 'frames', ours: [jumps] },
    ...{
      'farthest px': Math.round(farthest),
      'frames without a message': blank,
      'moved px': Math.round(moved),
      'height of the list px': Math.round(height),
    },
  }),
];

export const scroll = async ({ small = false }) => {
  const messages = small ? 600 : MESSAGES;
  const folder = mkdtempSync(join(tmpdir(), 'lgos-bench-'));
  const beacon = await startBeacon(join(folder, 'beacon'));
  try {
    return await withSeeded(beacon.url, planOf(messages), async ({ space, channels, last }, admit) => {
      const context = await openProfile(join(folder, 'profile'));
      try {
        const page = await context.newPage();
        await page.goto(beacon.url);
        await ready(page);
        await admit(page, FILL_MS);
        const ms = await openChannel(page, `/s/${space}/c/${channels[0]}`, last);
        const scrolled = await scrollUp(page, small ? 40 : NOTCHES);
        const what = `${messages.toLocaleString('en')} messages`;
        return [
          row({ bench: 'scroll', what: `${what}: from the click to the last message`, unit: 'ms', ours: [ms] }),
          ...scrollRows('scroll', what, scrolled),
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
