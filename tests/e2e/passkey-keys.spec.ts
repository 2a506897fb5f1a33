/** A key file that opens with a passkey: made in one profile, opened in a clean one with the same authenticator. */
import { readFileSync } from 'node:fs';
import { ask, expect, holdPasskeys, opened, type Page, SPACE, sidebar, startTeam, test } from './support';

const settings = (page: Page): Promise<void> => sidebar(page).getByRole('button', { name: 'Settings' }).click();

test('a key file under a passkey brings the person back', async ({ host, person }) => {
  const { url } = await host();
  const { a } = await startTeam(person, url);
  const { userId } = await ask(a.page, 'me');
  await holdPasskeys(a);
  await settings(a.page);
  const saved = a.page.waitForEvent('download');
  await a.page.getByRole('button', { name: 'Save under a passkey' }).click();
  const file = readFileSync(await (await saved).path());
  expect(file.toString().startsWith('lgos-passkey-1:')).toBe(true);

  await a.page.goto(`${url}/?profile=clean#/settings`);
  await opened(a.page);
  expect((await ask(a.page, 'me')).userId).not.toBe(userId);
  const input = a.page.getByLabel('Open with a passkey').and(a.page.locator('input'));
  await input.setInputFiles({ name: 'keys.json', mimeType: 'application/json', buffer: file });
  const loaded = a.page.waitForEvent('load');
  await a.page.getByRole('button', { name: 'Reload' }).click();
  await loaded;
  await opened(a.page);
  expect((await ask(a.page, 'me')).userId).toBe(userId);
  await expect.poll(async () => (await ask(a.page, 'spaces')).map(({ title }) => title)).toContain(SPACE);
});
