/**
 * Pictures of every view: both themes, both languages, wide and narrow, with empty, ordinary and overfull data.
 *
 *   npm run screenshots -- FOLDER [--data empty,ordinary,overfull] [--views chat,search] [--themes light,dark]
 *     [--languages en,ru] [--widths 1440,390]
 *
 * They are for people to look at. It fails where a view throws, and tells where one is wider than the screen.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { startBeacon } from './bench/hosts.mjs';
import { withModule } from './bench/project.mjs';
import { ensureChromium, FLAGS } from './support/chromium.mjs';

const HEIGHTS = { 1440: 900, 390: 844 };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string', default: 'empty,ordinary,overfull' },
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

/** Pressed once the page hears keys; dialogs come when they are first opened. */
const opening = async (page, keys) => {
  await page.getByRole('main').waitFor();
  await page.keyboard.press(keys);
  await page.getByRole('dialog').first().waitFor();
};

/** On a narrow screen it is behind a button. */
const showSidebar = async (page) => {
  const more = page.getByRole('button', { name: page.isRussian ? 'Ещё' : 'More', exact: true });
  if (await more.isVisible()) await more.click();
};

/** Into a new line after all that a document has. */
const atEnd = async (page) => {
  await page.locator('.editor-body > :last-child').click();
  await page.keyboard.press('Control+End');
  await page.waitForTimeout(250);
  await page.keyboard.press('Enter');
};

/** Where there is such a thing, and it may be pressed. */
const pressing = async (button) => {
  if (await button.isEnabled({ timeout: 2_000 }).catch(() => false)) await button.click();
};

/** View -> its address, and what to do there. Ids are of what the data has. */
const VIEWS = {
  home: { path: () => '/' },
  hub: { path: ({ space }) => `/s/${space}/hub` },
  space: { path: ({ space }) => `/s/${space}` },
  chat: { path: ({ space, channel }) => channel && `/s/${space}/c/${channel}` },
  editor: { path: ({ space, document }) => document && `/s/${space}/d/${document}` },
  inspector: {
    path: ({ space, channel }) => channel && `/s/${space}/c/${channel}`,
    act: (page) => page.keyboard.press('Control+.'),
  },
  thread: {
    path: ({ space, channel }) => channel && `/s/${space}/c/${channel}`,
    act: (page) => pressing(page.locator('.replies').first()),
  },
  message: {
    path: ({ space, channel }) => channel && `/s/${space}/c/${channel}`,
    act: async (page) => {
      const said = page.locator('.msg').last();
      if (await said.isVisible()) await said.hover();
    },
  },
  mention: {
    path: ({ space, channel }) => channel && `/s/${space}/c/${channel}`,
    act: (page) => page.getByTestId('composer').pressSequentially('@'),
    after: (page) => page.getByTestId('composer').fill(''),
  },
  tools: {
    path: ({ space, channel }) => channel && `/s/${space}/c/${channel}`,
    act: (page) => pressing(page.locator('.top .tools button').last()),
  },
  slash: {
    path: ({ space, document }) => document && `/s/${space}/d/${document}`,
    act: async (page) => {
      await atEnd(page);
      await page.keyboard.type('/');
    },
    after: async (page) => {
      await page.keyboard.press('Escape');
      await page.keyboard.press('Backspace');
      await page.keyboard.press('Backspace');
    },
  },
  spaces: {
    path: ({ space }) => `/s/${space}/hub`,
    act: async (page) => {
      await showSidebar(page);
      await page.locator('.side .sw').click();
    },
  },
  invite: {
    path: ({ space }) => `/s/${space}/invitations`,
    act: (page) => pressing(page.locator('.page .btn.pri').first()),
  },
  members: { path: ({ space }) => `/s/${space}/members` },
  invitations: { path: ({ space }) => `/s/${space}/invitations` },
  audit: { path: ({ space }) => `/s/${space}/audit` },
  trash: { path: ({ space }) => `/s/${space}/trash` },
  search: { path: () => '/search' },
  found: { path: ({ word }) => `/search?q=${encodeURIComponent(word)}` },
  settings: { path: () => '/settings' },
  network: { path: () => '/settings/network' },
  devices: { path: () => '/settings/devices' },
  recover: { path: () => '/recover' },
  paste: { path: () => '/join' },
  link: { path: () => '/link' },
  palette: { path: ({ space }) => `/s/${space}/members`, act: (page) => opening(page, 'Control+k') },
  shortcuts: { path: ({ space }) => `/s/${space}/members`, act: (page) => opening(page, '?') },
  steps: {
    path: () => '/',
    act: async (page) => {
      await showSidebar(page);
      await page.getByRole('button', { name: page.isRussian ? /^Первые шаги/ : /^First steps/ }).click();
    },
  },
  export: {
    path: ({ space }) => `/s/${space}/members`,
    act: async (page) => {
      await opening(page, 'Control+k');
      await page.getByRole('combobox').fill(page.isRussian ? '>Выгрузить' : '>Export');
      await page.getByRole('option').first().click();
      await page.getByRole('dialog').first().waitFor();
    },
  },
};

/** Into a space that others made: its bundle, then its link. */
const enter = (page, { bundle, url }) =>
  page.evaluate(
    async ([text, link]) => {
      // A refusal is an object; what it says is wanted here.
      const told = (refusal) => Promise.reject(new Error(JSON.stringify(refusal)));
      const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0));
      await lgos.importBundle(bytes).catch(told);
      await lgos.join(link, { timeoutMs: 60_000 }).catch(told);
    },
    [bundle, url],
  );

/** What a page of text looks like with all that is in it, as it comes from the clipboard. */
const PASTED = `<h2>Method</h2><p>Fill the bath to the <b>upper mark</b>, then let it rest. Log with <code>--rate 1</code>.</p>
<ul><li>Five points: 0, 4, 10, 15 and 20 °C</li><li>Forty minutes at each of them</li></ul>
<h2>Five-point curve</h2><table><tr><th>Sensor</th><th>0 °C</th><th>4 °C</th><th>10 °C</th></tr>
<tr><td>3A</td><td>0.38 %</td><td>0.31 %</td><td>0.12 %</td></tr><tr><td>3B</td><td>0.30 %</td><td>2.10 %</td><td>0.14 %</td></tr></table>
<h2>До соляной ванны</h2><p>Заказать восемь термисторов и взвесить ванну до и после.</p>
<blockquote><p>Whoever signs the certificate has seen the curve.</p></blockquote>`;
const write = async (page, { space, document: id }) => {
  await page.goto(`${beacon.url}/#/s/${space}/d/${id}`);
  const body = page.locator('.editor-body');
  await quiet(page);
  await atEnd(page);
  await body.evaluate((element, html) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/html', html);
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, PASTED);
};

/** Fills a new profile; gives what the views open. */
const SEEDS = {
  empty: (page) =>
    page.evaluate(async () => {
      const { id: space } = await lgos.createSpace({ title: 'Empty', kind: 'team' });
      const { id: channel } = await lgos.run('chat.createChannel', { spaceId: space, title: 'general' });
      const { id: document } = await lgos.run('editor.createDocument', { spaceId: space, title: '' });
      return { space, channel, document, word: 'nothing' };
    }),
  ordinary: async (page) => {
    const name = page.isRussian ? 'Ада Морозова' : 'Ada Morris';
    await page.evaluate((own) => lgos.setName(own), name);
    const { userId } = await page.evaluate(() => lgos.me());
    const ids = await withModule('../support/team.ts', async (path) => (await import(path)).team({ userId, name }));
    await enter(page, ids);
    await write(page, ids);
    return { ...ids, word: page.isRussian ? 'термистор' : 'thermistor' };
  },
  overfull: async (page) => {
    const ids = await crowded();
    await enter(page, ids);
    return { ...ids, word: 'лодка' };
  },
};
let made;
const crowded = () => {
  made ??= withModule('../support/crowd.ts', async (path) => (await import(path)).crowd());
  return made;
};

const quiet = async (page) => {
  await page.waitForLoadState('networkidle').catch(() => {});
  // Nothing is on its way any more, and what slides in has arrived.
  await page
    .waitForFunction(() => !document.querySelector('.skel, .indexing'), undefined, { timeout: 10_000 })
    .catch(() => {});
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(250);
};

mkdirSync(folder, { recursive: true });
const data = mkdtempSync(join(tmpdir(), 'lgos-pictures-'));
const beacon = await startBeacon(data);
const browser = await chromium.launch({ executablePath: ensureChromium(), args: FLAGS });
const faults = [];
let taken = 0;
try {
  for (const language of list(values.languages))
    for (const state of list(values.data)) {
      const isRussian = language === 'ru';
      const context = await browser.newContext({ locale: isRussian ? 'ru-RU' : 'en-GB', reducedMotion: 'reduce' });
      const page = await context.newPage();
      page.isRussian = isRussian;
      let at = '';
      page.on('pageerror', (fault) => faults.push(`${at}: ${fault}`));
      await page.goto(beacon.url);
      await page.waitForFunction(() => window.lgos);
      await page.evaluate(() => lgos.ready());
      const ids = await SEEDS[state](page);
      for (const width of list(values.widths))
        for (const theme of list(values.themes))
          for (const name of values.views ? list(values.views) : Object.keys(VIEWS)) {
            const { path, act, after } = VIEWS[name] ?? {};
            if (!path) throw new Error(`There is no view ${name}; there are ${Object.keys(VIEWS).join(', ')}`);
            const place = path(ids);
            if (!place) continue;
            at = `${state}-${name}-${language}-${theme}-${width}`;
            await page.setViewportSize({ width: Number(width), height: HEIGHTS[width] ?? 900 });
            await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
            await page.goto(`${beacon.url}/#${place}`);
            await page.reload();
            await page.waitForFunction(() => window.lgos);
            await quiet(page);
            await act?.(page);
            if (act) await quiet(page);
            const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            if (wide > 0) faults.push(`${at}: ${wide} px wider than the screen`);
            await page.screenshot({ path: join(folder, `${at}.png`) });
            taken++;
            await after?.(page);
          }
      await context.close();
    }
} finally {
  await browser.close();
  await beacon.stop();
  rmSync(data, { recursive: true, force: true });
}
console.log(`${taken} pictures in ${folder}`);
if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exit(1);
}
