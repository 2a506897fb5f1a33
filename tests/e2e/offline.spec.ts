import {
  agree,
  body,
  chip,
  createChannel,
  createDocument,
  expect,
  invite,
  join,
  open,
  type Person,
  SPACE,
  said,
  say,
  showing,
  sidebar,
  startTeam,
  test,
  title,
  wordsOf,
  workOffline,
} from './support';

test('nothing is lost when two people edit the same field, list and paragraph offline', async ({ host, person }) => {
  const { url } = await host();
  const { a, spaceId } = await startTeam(person, url);
  await createDocument(a.page, 'Protocol');
  await body(a.page).click();
  await a.page.keyboard.type('middle');
  const link = await invite(a.page);
  const b = await person(url, { name: 'Boris' });
  await join(b.page, link, SPACE);
  await open(b.page, 'Protocol');
  await expect.poll(() => wordsOf(b.page)).toBe('middle');

  await workOffline(a.page, true);
  await workOffline(b.page, true);
  await expect(a.page.getByRole('status').filter({ hasText: 'You are working offline.' })).toBeVisible();

  const edit = async ({ page }: Person, name: string, at: 'Home' | 'End', words: string, channel: string) => {
    await body(page).click();
    await page.keyboard.press(`Control+${at}`);
    await page.keyboard.type(words);
    await title(page).fill(name);
    await title(page).press('Enter');
    await showing(page, name);
    await createDocument(page, `Document of ${channel}`);
    await createChannel(page, channel);
    await say(page, `First words in ${channel}`);
  };
  await edit(a, 'Protocol of Anna', 'End', ' end', 'north');
  await edit(b, 'Protocol of Boris', 'Home', 'start ', 'south');
  await expect(chip(a.page)).toHaveText(/^Offline, \d+ changes waiting$/);
  await expect(sidebar(a.page).getByRole('link', { name: 'south' })).toHaveCount(0);

  await workOffline(a.page, false);
  await a.page.getByRole('button', { name: 'Go online' }).waitFor({ state: 'detached' });
  await b.page.getByRole('button', { name: 'Go online' }).click();

  for (const { page } of [a, b]) {
    for (const name of [/^north/, /^south/, 'Document of north', 'Document of south'])
      await expect(sidebar(page).getByRole('link', { name })).toBeVisible();
  }
  await open(a.page, 'south');
  await expect(said(a.page, 'First words in south')).toBeVisible();
  await open(b.page, 'north');
  await expect(said(b.page, 'First words in north')).toBeVisible();
  await agree(spaceId, a.page, b.page);

  for (const { page } of [a, b]) {
    await open(page, /^Protocol of/);
    await expect.poll(() => wordsOf(page)).toBe('start middle end');
  }
  const won = await title(a.page).inputValue();
  await expect(title(b.page)).toHaveValue(won);
  expect(['Protocol of Anna', 'Protocol of Boris']).toContain(won);
  const lost = won === 'Protocol of Anna' ? 'Protocol of Boris' : 'Protocol of Anna';

  await a.page.keyboard.press('Control+.');
  const inspector = a.page.getByRole('complementary', { name: 'Inspector' });
  await expect(inspector.getByText('Fewer copies than wanted')).toBeVisible();
  const step = inspector.locator('.step').filter({ hasText: lost });
  await expect(step).toBeVisible();
  await step.getByRole('button', { name: 'restore' }).click();
  for (const { page } of [a, b]) await expect(title(page)).toHaveValue(lost);
  await expect(inspector.locator('.step').filter({ hasText: won }).first()).toBeVisible();
  await agree(spaceId, a.page, b.page);
});
