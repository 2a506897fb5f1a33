/** Everybody can use it: no view breaks WCAG 2.2 AA as far as a machine can tell, and all is done by the keyboard alone. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { en } from '../../src/view/locales/en';
import { ru } from '../../src/view/locales/ru';
import { ask, CHANNEL, createDocument, expect, type Page, sidebar, startTeam, test, title } from './support';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
type Axe = {
  run(
    on: Document,
    options: object,
  ): Promise<{ violations: { id: string; nodes: { target: string[]; html: string }[] }[] }>;
};

/** What breaks a rule, as text; run past the page's policy for scripts. */
const broken = async (page: Page): Promise<readonly string[]> => {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
  const { violations } = await page.evaluate(
    (runOnly) => (window as unknown as { axe: Axe }).axe.run(document, { runOnly }),
    RULES,
  );
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
};
const to = (page: Page, path: string): Promise<void> =>
  page.evaluate((hash) => {
    location.hash = hash;
  }, path);

test('[WCAG] no view breaks a rule of WCAG 2.2 AA that a machine can check, light or dark', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { a, spaceId, channelId } = await startTeam(person, url);
  const { page } = a;
  await page.evaluate(
    (id) => window.lgos?.run('chat.send', { channelId: id, text: 'See **the plan**, `v2`, at http://a.example/b' }),
    channelId,
  );
  const document = await createDocument(page, 'Calibration');
  await page.evaluate(async (id) => {
    await window.lgos?.insertText(id, 0, 'Each sensor is compared with the probe.');
    await window.lgos?.run('comments.add', { objectId: id, text: 'All of them?' });
    const removed = await window.lgos?.run('editor.createFolder', {
      spaceId: location.hash.split('/')[2],
      title: 'Old',
    });
    await window.lgos?.run('editor.remove', { documentId: removed?.id });
  }, document);
  const space = `/s/${spaceId}`;
  const views: readonly (readonly [string, string])[] = [
    [`${space}/c/${channelId}`, 'Message to'],
    [`${space}/d/${document}`, 'Each sensor'],
    [`${space}/hub`, 'Hub'],
    [`${space}/members`, 'Members'],
    [`${space}/invitations`, 'Invitations'],
    [`${space}/audit`, 'History of access'],
    [`${space}/trash`, 'removed by'],
    ['/settings', 'Settings'],
    ['/settings/devices', 'Devices'],
    ['/join', 'Paste'],
  ];
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    // In the dark the same parts are drawn; those with most colours are looked at again.
    for (const [path, words] of scheme === 'light' ? views : views.slice(0, 4)) {
      await to(page, path);
      const there = page.getByText(words).or(page.getByPlaceholder(words)).first();
      await expect(there, path).toBeVisible();
      expect(await broken(page), `${scheme} ${path}`).toEqual([]);
    }
  }
  await to(page, `${space}/d/${document}`);
  await expect(page.getByText('Each sensor')).toBeVisible();
  await page.keyboard.press('Control+.');
  await expect(page.getByRole('region', { name: 'What points here' })).toBeVisible();
  await expect(page.getByText('All of them?')).toBeVisible();
  expect(await broken(page), 'the inspector').toEqual([]);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('option').first()).toBeVisible();
  expect(await broken(page), 'the palette').toEqual([]);
  expect(a.faults).toEqual([]);
});

test('a tree is built, put in order, starred, left and found again by the keyboard alone', async ({ host, person }) => {
  const { url } = await host();
  const { a, spaceId } = await startTeam(person, url);
  const { page } = a;
  const names = async (): Promise<readonly string[]> =>
    ((await ask(page, 'query', 'editor.documents', { spaceId })) as { title: string; depth: number }[]).map(
      (row) => '-'.repeat(row.depth) + row.title,
    );
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const row = (name: string) =>
    sidebar(page).getByRole('navigation', { name: 'Documents' }).getByRole('link', { name });
  for (const name of ['One', 'Two', 'Three']) {
    // From the field of a message the palette does it, elsewhere the keys too.
    await press('Control+k');
    await page.keyboard.type('New document');
    await expect(page.getByRole('option', { name: /^New document/, selected: true })).toBeVisible();
    await press('Enter');
    await expect(title(page)).toHaveValue('');
    await title(page).press('Control+a');
    await page.keyboard.type(name);
    await press('Enter');
    await expect(row(name)).toBeVisible();
  }
  expect(await names()).toEqual(['One', 'Two', 'Three']);
  await row('Three').focus();
  await press('Alt+ArrowUp');
  await expect.poll(names).toEqual(['One', 'Three', 'Two']);
  await expect(row('Three')).toBeFocused();
  await press('Alt+ArrowRight');
  await expect.poll(names).toEqual(['One', '-Three', 'Two']);
  await expect(row('One')).toHaveAttribute('aria-expanded', 'true');
  await press('ArrowLeft');
  await expect(row('One')).toBeFocused();
  await press('ArrowLeft');
  await expect(row('Three')).toHaveCount(0);
  await press('ArrowRight');
  await expect(row('Three')).toBeVisible();
  await press('ArrowDown', 'F2');
  await expect(page.getByRole('textbox', { name: 'New name of “Three”' })).toBeFocused();
  await page.keyboard.type('Третий');
  await press('Enter');
  await expect.poll(names).toEqual(['One', '-Третий', 'Two']);
  await expect(row('Третий')).toBeFocused();
  await press('Alt+ArrowLeft');
  await expect.poll(names).toEqual(['One', 'Третий', 'Two']);

  // Starred, and the way back and forth.
  await press('Enter');
  await expect(title(page)).toHaveValue('Третий');
  await row('Третий').focus();
  await press('Alt+Shift+F');
  const favourites = sidebar(page).getByRole('navigation', { name: 'Favourites' });
  await expect(favourites.getByRole('link', { name: 'Третий' })).toBeVisible();
  await press('Control+k');
  await page.keyboard.type(CHANNEL);
  await press('Enter');
  await expect(page.getByRole('main').getByRole('heading', { level: 1 }).first()).toHaveText(CHANNEL);
  await page.getByRole('button', { name: 'Back' }).press('Enter');
  await expect(title(page)).toHaveValue('Третий');
  await page.getByRole('button', { name: 'Forward' }).press('Enter');
  await expect(page.getByRole('main').getByRole('heading', { level: 1 }).first()).toHaveText(CHANNEL);

  // Removed, and brought back from the trash.
  await row('Two').focus();
  await press('ContextMenu');
  await page.getByRole('menuitem', { name: 'Remove document' }).press('Enter');
  await expect(row('Two')).toHaveCount(0);
  await press('Control+k');
  await page.keyboard.type('>Trash');
  await press('Enter');
  await page.getByRole('listitem').filter({ hasText: 'Two' }).getByRole('button', { name: 'Restore' }).press('Enter');
  await expect(row('Two')).toBeVisible();

  // The sheet tells of all of it; what is folded and starred is there after a load.
  await sidebar(page).getByRole('button', { name: 'Documents', exact: true }).press('Enter');
  await expect(row('Two')).toHaveCount(0);
  await press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toContainText('Rename in place');
  await press('Escape');
  await page.reload();
  await expect(favourites.getByRole('link', { name: 'Третий' })).toBeVisible();
  await expect(row('Two')).toHaveCount(0);
  expect(a.faults).toEqual([]);
});

test('a view that cannot be shown leaves the rest standing, and tells of it without a word of the person', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { a } = await startTeam(person, url, { serviceWorkers: 'block' });
  const { page } = a;
  await page.route(/TrashPage-.*\.js/, (route) => route.abort());
  await page.evaluate(() => {
    location.hash = `${location.hash.split('/c/')[0]}/trash`;
  });
  const told = page.getByRole('alert').filter({ hasText: 'could not be shown' });
  await expect(told).toContainText('nothing was lost');
  await told.getByText('What to tell about it').click();
  await expect(told.locator('pre')).toContainText('in: trash');
  await expect(told.locator('pre')).toContainText('LGOS 0.');
  const report = (await told.locator('pre').textContent()) ?? '';
  for (const secret of ['Anna', 'Ladoga', CHANNEL, new URL(url).host]) expect(report).not.toContain(secret);
  await sidebar(page).getByRole('link', { name: CHANNEL }).last().click();
  await expect(page.getByRole('main').getByRole('heading', { level: 1 }).first()).toHaveText(CHANNEL);
});

test('what a first visit has to load of scripts before the editor stays below 250 kB', async ({ host, request }) => {
  const { url } = await host();
  const page = await (await request.get(url)).text();
  const scripts = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map((found) => found[1] as string);
  expect(scripts.length).toBeGreaterThan(0);
  const bodies = await Promise.all(scripts.map(async (path) => (await request.get(url + path)).body()));
  const sizes = bodies.map((body) => gzipSync(body, { level: 9 }).length);
  expect(sizes.reduce((a, b) => a + b, 0)).toBeLessThan(250_000);
  // The other language comes when it is spoken.
  expect(bodies.some((body) => body.includes(en['access.none']))).toBe(true);
  expect(bodies.some((body) => body.includes(ru['access.none']))).toBe(false);
});
