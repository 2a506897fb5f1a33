/**
 * Two browsers on one space of a million operations (`--objects N`: of so many): how long joining takes and what it costs in
 * memory, a keystroke in one to the paint in the other, frames while the longest list is scrolled, the search of the palette,
 * and the next start. Each step has an end; where one cannot be done its row says why, and the others go on.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantile, row } from './figures.mjs';
import { imageKept, openProfile, ready, startBeacon, withSeeded } from './hosts.mjs';
import { openChannel, scrollRows, scrollUp } from './scroll.mjs';
import { openOnce } from './start.mjs';
import { pressKeys } from './typing.mjs';

const OPERATIONS = 1_000_000;
const JOIN_MS = 400_000;
const STEP_MS = 60_000;
const START_MS = 180_000;
const SEARCH_MS = 240_000;
const IMAGE_MS = 75_000;
const KEYS = 60;
const NOTCHES = 200;
const QUESTIONS = ['harbour', 'light', 'маяк', 'storm', 'lett', 'weath', 'карт', 'repair', 'sto', 'north'];

/** MB of a browser with all its processes, as Linux shares them out; `undefined` elsewhere. */
const memoryOf = (folder) => {
  const read = (pid, file) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8');
    } catch {
      // It has ended, or this is not Linux.
      return '';
    }
  };
  let pids;
  try {
    pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return undefined;
  }
  const parents = new Map(pids.map((pid) => [pid, /\) \w (\d+) /.exec(read(pid, 'stat'))?.[1]]));
  const mine = new Set(pids.filter((pid) => read(pid, 'cmdline').includes(`--user-data-dir=${folder}`)));
  for (let size = 0; size !== mine.size; ) {
    size = mine.size;
    for (const [pid, parent] of parents) if (mine.has(parent)) mine.add(pid);
  }
  let all = 0;
  let largest = 0;
  for (const pid of mine) {
    const mb = Number(/^Pss:\s+(\d+) kB/m.exec(read(pid, 'smaps_rollup'))?.[1] ?? 0) / 1024;
    all += mb;
    largest = Math.max(largest, mb);
  }
  return all > 0 ? { all, largest } : undefined;
};

/** From a key in the palette to the frame that shows what it did, as the browser times it, ms; and what the index took. */
const searching = async (page) => {
  const asked = await page.evaluate(async (questions) => {
    const times = [];
    for (const text of questions) {
      for (let end = 2; end <= text.length; end++) {
        const began = performance.now();
        await lgos.query('os.search', { text: text.slice(0, end), limit: 12, offset: 0 });
        times.push(performance.now() - began);
      }
    }
    return times;
  }, QUESTIONS);
  await page.evaluate(() => {
    window.keys = [];
    new PerformanceObserver((list) => {
      for (const { name, duration } of list.getEntries()) if (name === 'keydown') window.keys.push(duration);
    }).observe({ type: 'event', durationThreshold: 16 });
  });
  await page.keyboard.press('Control+k');
  await page.locator('.pal input').waitFor({ timeout: STEP_MS });
  await page.waitForTimeout(500);
  const opening = await page.evaluate(() => Math.max(0, ...window.keys.splice(0)));
  let pressed = 0;
  for (const text of QUESTIONS.slice(0, 4)) {
    await page.locator('.pal input').fill('');
    for (const letter of text.replaceAll(/[^a-z]/g, '')) {
      await page.keyboard.press(letter);
      await page.waitForTimeout(120);
      pressed++;
    }
  }
  await page.waitForTimeout(500);
  const keys = await page.evaluate(() => window.keys);
  await page.keyboard.press('Escape');
  // Keys below 16 ms are not told of.
  return { asked, opening, keys: [...keys, ...Array.from({ length: Math.max(0, pressed - keys.length) }, () => 8)] };
};

export const million = async ({ small = false, objects = small ? 5_000 : OPERATIONS, picture }) => {
  const folder = mkdtempSync(join(tmpdir(), 'lgos-bench-'));
  const beacon = await startBeacon(join(folder, 'beacon'));
  const rows = [];
  const contexts = [];
  const tell = (what, unit, value, rest = {}) =>
    rows.push(row({ bench: 'million', what, unit, ours: [value], ...rest }));
  const step = async (what, ms, run) => {
    let timer;
    const late = new Promise((_, fail) => {
      timer = setTimeout(() => fail(new Error(`not done after ${ms / 1_000} s`)), ms);
    });
    try {
      await Promise.race([run(), late]);
      return true;
    } catch (fault) {
      rows.push({
        bench: `million, ${what}`,
        failed: String(fault?.message ?? fault)
          .split('\n')[0]
          .slice(0, 200),
      });
      return false;
    } finally {
      clearTimeout(timer);
    }
  };
  try {
    await withSeeded(
      beacon.url,
      (parts) => parts.planOf(objects),
      async ({ space, channels, documents, last, ops, entries, bytes, kept, objects: things }, admit, node) => {
        tell('until a beacon holds all of it', 'ms', kept, { entries, 'journal MB': Math.round(bytes / 1e6) });
        const profiles = ['a', 'b'].map((name) => join(folder, name));
        const pages = [];
        for (const profile of profiles) {
          const joined = await step('joining', JOIN_MS + STEP_MS, async () => {
            const context = await openProfile(profile);
            contexts.push(context);
            const page = await context.newPage();
            await page.goto(beacon.url);
            await ready(page);
            const ms = await admit(page, JOIN_MS);
            const memory = memoryOf(profile);
            tell('joining, until everything is taken in', 'ms', ms, {
              ...{ ops, entries, objects: things },
              ...(memory ? { 'browser MB': Math.round(memory.all), 'its page MB': Math.round(memory.largest) } : {}),
            });
            pages.push(page);
          });
          if (!joined) return;
        }
        const [a, b] = pages;
        await node.setOnline(false);
        const typing = async (when) => {
          for (const page of pages) {
            await page.evaluate((hash) => {
              location.hash = hash;
            }, `/s/${space}/d/${documents[0]}`);
            await page.locator('.ProseMirror').waitFor({ timeout: STEP_MS });
          }
          const times = await pressKeys(a, b, KEYS);
          tell(`${when}, a keystroke in one to paint in the other, p50`, 'ms', quantile(times, 0.5), { keys: KEYS });
          tell(`${when}, a keystroke in one to paint in the other, p95`, 'ms', quantile(times, 0.95));
        };
        // While both still put the image away and make the search index; and once they have.
        await step('typing at once', STEP_MS, () => typing('right after joining'));
        await step('scrolling', STEP_MS, async () => {
          const ms = await openChannel(b, `/s/${space}/c/${channels[0]}`, last);
          tell('from the click to the last message of the longest channel', 'ms', ms);
          rows.push(...scrollRows('million', 'the longest channel', await scrollUp(b, small ? 30 : NOTCHES)));
        });
        if (picture) await step('picture', STEP_MS, () => b.screenshot({ path: picture }));
        await step('search', SEARCH_MS, async () => {
          const began = performance.now();
          await b.waitForFunction(async () => (await lgos.stats()).searchDue === 0, undefined, {
            timeout: SEARCH_MS,
            polling: 1_000,
          });
          tell('after joining, until everything can be searched', 'ms', performance.now() - began);
          const { asked, opening, keys } = await searching(b);
          tell('search, a word being typed, p50', 'ms', quantile(asked, 0.5), { questions: asked.length });
          tell('search, a word being typed, p95', 'ms', quantile(asked, 0.95));
          tell('palette, from the keys that open it to the frame that shows it', 'ms', opening);
          tell('palette, a letter to the frame that shows it, p50', 'ms', quantile(keys, 0.5), { keys: keys.length });
          tell('palette, a letter to the frame that shows it, p95', 'ms', quantile(keys, 0.95), {
            worst: Math.max(...keys),
          });
          const memory = memoryOf(profiles[1]);
          if (memory)
            tell('memory of a browser at the end', 'MB', memory.all, { 'its page MB': Math.round(memory.largest) });
        });
        for (const page of pages) await imageKept(() => page.evaluate(() => lgos.stats()), IMAGE_MS);
        await step('typing later', STEP_MS, () => typing('once all is done'));
        await contexts.pop().close();
        await step('the next start', START_MS, async () => {
          const at = await openOnce(profiles[1], beacon.url, { space, channels, last }, START_MS);
          tell('the next start, to the shell', 'ms', at.shell);
          tell('the next start, to the last message', 'ms', at.rows);
        });
      },
    );
  } catch (fault) {
    rows.push({
      bench: 'million',
      failed: String(fault?.message ?? fault)
        .split('\n')[0]
        .slice(0, 200),
    });
  } finally {
    for (const context of contexts) await context.close().catch(() => {});
    await beacon.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
};
