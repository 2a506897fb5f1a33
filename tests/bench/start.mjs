/**
 * P14. A browser that was closed opens the installed page over a profile whose space holds 50,000 messages, each an entry of its
 * own as people write them: from the navigation to the frame in which the shell can be used, and to the one that shows the
 * last message and a composer.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collected, row } from './figures.mjs';
import { imageKept, openProfile, ready, startBeacon, withSeeded } from './hosts.mjs';

const OBJECTS = 50_000;
/** To fill a profile, to put an image away, and to open it. */
const FILL_MS = 200_000;
const IMAGE_MS = 75_000;
const OPEN_MS = 120_000;

const planOf = (objects) => () => ({ channels: 1, messages: objects, alone: objects, documents: 0, changes: 0 });

/** In the page, before anything of it: notes the frames in which what is looked for is there. */
const watch = (last) => {
  const seen = {};
  window.startedAt = seen;
  const look = () => {
    const now = performance.now();
    // The page's own frame, the sidebar with a row of the space, the last message.
    if (!seen.frame && document.querySelector('#root')?.firstElementChild) seen.frame = now;
    if (!seen.kernel && window.lgos) {
      seen.kernel = now;
      lgos.ready().then(() => {
        seen.ready = performance.now();
      });
    }
    if (!seen.shell && document.querySelector('aside a[href]')) seen.shell = now;
    if (!seen.rows && document.querySelector('[role=log]')?.textContent.includes(last)) seen.rows = now;
    if (!seen.shell || !seen.rows) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
};

/** A profile that joined the space, with an image of it and the page kept for the next visit; gives how long joining took, ms. */
export const fillProfile = async (folder, url, admit, { limit = FILL_MS, image = IMAGE_MS } = {}) => {
  const first = await openProfile(folder);
  try {
    const page = await first.newPage();
    await page.goto(url);
    await ready(page);
    const ms = await admit(page, limit);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await imageKept(() => page.evaluate(() => lgos.stats()), image);
    return ms;
  } finally {
    await first.close();
  }
};

/** `{ frame, kernel, ready, shell, rows }` in ms since the navigation of one start. */
export const openOnce = async (folder, url, { space, channels, last }, limit = OPEN_MS) => {
  const context = await openProfile(folder);
  try {
    const tab = await context.newPage();
    await tab.addInitScript(watch, last);
    await tab.goto(`${url}/#/s/${space}/c/${channels[0]}`);
    await tab.waitForFunction(() => window.startedAt.shell && window.startedAt.rows, undefined, { timeout: limit });
    return await tab.evaluate(() => window.startedAt);
  } finally {
    await context.close();
  }
};

export const start = async ({ runs, small = false, objects = small ? 200 : OBJECTS }) => {
  const folder = mkdtempSync(join(tmpdir(), 'lgos-bench-'));
  const beacon = await startBeacon(join(folder, 'beacon'));
  const found = collected();
  try {
    return await withSeeded(beacon.url, planOf(objects), async (seeded, admit, node) => {
      const profile = join(folder, 'profile');
      found.add('joined', await fillProfile(profile, beacon.url, admit, small ? { image: 0 } : {}));
      await node.setOnline(false);
      for (let run = 0; run < runs; run++)
        for (const [name, ms] of Object.entries(await openOnce(profile, beacon.url, seeded))) found.add(name, ms);
      const told = (name, what, goal = '') =>
        row({ bench: 'start', goal, what, unit: 'ms', ours: found.of(name), objects, runs });
      return [
        told('shell', 'shell', objects === OBJECTS ? 'P14' : ''),
        told('rows', 'the last message on the screen'),
        told('frame', 'of it the first frame of the page'),
        told('kernel', 'of it a kernel that can be asked'),
        told('joined', 'the first visit: joining and taking everything in'),
      ];
    });
  } finally {
    await beacon.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};
