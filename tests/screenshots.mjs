/**
 * Pictures of every view: both themes, both languages, wide and narrow, with empty, ordinary and overfull data, and of the pages that
 * stand apart from any data (`apart`); and one sheet of all pictures of each of these.
 *
 *   npm run screenshots -- FOLDER [--data empty,ordinary,overfull,apart] [--views chat,search] [--themes light,dark]
 *     [--languages en,ru] [--widths 1440,390]
 *
 * They are for people to look at. It fails where a view throws or cannot be reached, and tells where one is wider than the screen.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { ROOT, runProgram } from '../beacon/install.mjs';
import { isBuilt } from '../beacon/stamp.mjs';
import { startBeacon } from './bench/hosts.mjs';
import { APART } from './screenshots/apart.mjs';
import { SEEDS } from './screenshots/data.mjs';
import { quiet } from './screenshots/quiet.mjs';
import { sheets } from './screenshots/sheet.mjs';
import { VIEWS } from './screenshots/views.mjs';
import { ensureChromium, FLAGS } from './support/chromium.mjs';

const HEIGHTS = { 1440: 900, 390: 844 };
const TALLEST = 4_000;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string', default: 'empty,ordinary,overfull,apart' },
    views: { type: 'string' },
    themes: { type: 'string', default: 'light,dark' },
    languages: { type: 'string', default: 'en,ru' },
    widths: { type: 'string', default: '1440,390' },
  },
});
const [folder] = positionals;
if (!folder) {
  console.error('Say where to: npm run screenshots -- FOLDER');
  process.exit(2);
}
const list = (text) => text.split(',').filter((each) => each !== '');
const [themes, widths] = [list(values.themes), list(values.widths)];
const named = values.views && list(values.views);
const known = [...Object.keys(VIEWS), ...Object.keys(APART)];
for (const name of named ?? [])
  if (!known.includes(name)) throw new Error(`There is no view ${name}; there are ${known.join(', ')}`);
const chosen = (views) => Object.entries(views).filter(([name]) => named?.includes(name) ?? true);

const faults = [];
let taken = 0;
/** What a page looks like now, once in each theme. */
const sizing = (page, width) => page.setViewportSize({ width: Number(width), height: HEIGHTS[width] ?? 900 });
const taking = async (page, { state, name, width, language }) => {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) faults.push(`${state}-${name}-${language}-${width}: ${wide} px wider than the screen`);
  for (const theme of themes) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    const path = join(folder, `${state}-${name}-${language}-${theme}-${width}.png`);
    await page.screenshot({ path });
    taken++;
    const cell = join(folder, `sheet-${state}-${language}-${theme}-${width}`);
    cells.set(cell, { width, pictures: [...(cells.get(cell)?.pictures ?? []), path] });
  }
};
/** As high as what it scrolls. */
const whole = async (page, width) => {
  const more = await page.evaluate(() =>
    Math.max(
      0,
      ...[...document.querySelectorAll('main *, aside *')].map((each) => each.scrollHeight - each.clientHeight),
    ),
  );
  const height = Math.min(TALLEST, (HEIGHTS[width] ?? 900) + more);
  await page.setViewportSize({ width: Number(width), height });
};

if (!isBuilt()) {
  const code = await runProgram(process.execPath, [`${ROOT}/beacon/build.mjs`]);
  if (code !== 0) process.exit(code);
}
mkdirSync(folder, { recursive: true });
const kept = [];
const beaconOf = async () => {
  const data = mkdtempSync(join(tmpdir(), 'lgos-pictures-'));
  const beacon = await startBeacon(data);
  const own = {
    url: beacon.url,
    port: new URL(beacon.url).port,
    stop: async () => {
      kept.splice(kept.indexOf(own), 1);
      await beacon.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
  kept.push(own);
  return own;
};
const beacon = await beaconOf();
const browser = await chromium.launch({ executablePath: ensureChromium(), args: FLAGS });
const newContext = (language) =>
  browser.newContext({ locale: language === 'ru' ? 'ru-RU' : 'en-GB', reducedMotion: 'reduce' });
/** Where to -> width and pictures. */
const cells = new Map();

/** One profile with data, and all its views. */
const pictured = async (state, language) => {
  const context = await newContext(language);
  const page = await context.newPage();
  page.isRussian = language === 'ru';
  let at = state;
  page.on('pageerror', (fault) => faults.push(`${at}: ${fault}`));
  await page.goto(beacon.url);
  await page.waitForFunction(() => window.lgos);
  await page.evaluate(() => lgos.ready());
  const ids = await SEEDS[state](page);
  for (const width of widths) {
    await sizing(page, width);
    let fresh = false;
    for (const [name, view] of chosen(VIEWS)) {
      const place = view.path(ids);
      if (!place) continue;
      at = `${state}-${name}-${language}-${width}`;
      await page.goto(`${beacon.url}/#${place}`);
      // What was opened goes with the page.
      if (!fresh) await page.reload();
      fresh = view.act === undefined;
      try {
        await page.waitForFunction(() => window.lgos);
        await quiet(page);
        if (view.act) {
          await view.act(page, ids);
          await quiet(page);
        }
        if (view.whole) await whole(page, width);
        await taking(page, { state, name, width, language });
        if (view.whole) await sizing(page, width);
        await view.after?.(page);
      } catch (fault) {
        fresh = false;
        faults.push(`${at}: ${fault}`);
      }
    }
  }
  await context.close();
};

/** Each in a profile of its own. */
const pictureApart = async (language) => {
  for (const [name, open] of chosen(APART)) {
    const contexts = [];
    const newOne = async () => {
      contexts.push(await newContext(language));
      return contexts.at(-1);
    };
    try {
      const page = await open(await newOne(), { ...beacon, beaconOf, newContext: newOne });
      for (const width of widths) {
        await sizing(page, width);
        await page.waitForTimeout(250);
        await taking(page, { state: 'apart', name, width, language });
      }
    } catch (fault) {
      faults.push(`apart-${name}-${language}: ${fault}`);
    }
    for (const context of contexts) await context.close();
  }
};

try {
  for (const language of list(values.languages))
    for (const state of list(values.data))
      await (state === 'apart' ? pictureApart(language) : pictured(state, language));
  for (const [path, { width, pictures }] of cells) await sheets(browser, pictures, Number(width), path);
} finally {
  await browser.close();
  for (const own of [...kept]) await own.stop();
}
console.log(`${taken} pictures in ${folder}`);
if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exit(1);
}
