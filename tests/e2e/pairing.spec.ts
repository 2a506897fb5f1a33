/** Two browsers, and no server at all: they connect by a text from one to the other and one back. */
import {
  agree,
  ask,
  CHANNEL,
  expect,
  invite,
  join,
  type Locator,
  open,
  type Page,
  SPACE,
  said,
  say,
  startTeam,
  test,
  workOffline,
} from './support';

const linked = async (page: Page): Promise<number> =>
  (await ask(page, 'peers')).filter(({ kind, path }) => kind === 'tab' && path === 'direct').length;
const to = (page: Page, path: string): Promise<void> =>
  page.evaluate((hash) => {
    location.hash = hash;
  }, path);
const sheet = async (page: Page): Promise<Locator> => {
  await to(page, '/settings/network');
  await page.getByRole('button', { name: 'Connect without a server…' }).click();
  return page.getByRole('dialog', { name: 'Connect without a server' });
};
const shown = (dialog: Locator): Promise<string> =>
  dialog.getByRole('textbox', { name: 'Text for the other device' }).inputValue();
const pair = async (first: Page, second: Page): Promise<void> => {
  const [one, two] = [await sheet(first), await sheet(second)];
  await one.getByRole('combobox', { name: 'A space that both have' }).selectOption({ label: SPACE });
  await one.getByRole('button', { name: 'Begin' }).click();
  await two.getByRole('textbox', { name: 'Text from the other device' }).fill(await shown(one));
  await two.getByRole('button', { name: 'Connect' }).click();
  await one.getByRole('textbox', { name: 'Answer of the other device' }).fill(await shown(two));
  await one.getByRole('button', { name: 'Connect' }).click();
  for (const dialog of [one, two]) {
    await expect(dialog.getByRole('status')).toContainText('Connected with');
    await dialog.getByRole('button', { name: 'Close' }).last().click();
  }
};

test('with no server at all two browsers connect by pasted texts', async ({ host, person }) => {
  const server = await host();
  const { a, spaceId, channelId } = await startTeam(person, server.url);
  const link = await invite(a.page);
  const b = await person(server.url, { name: 'Boris' });
  await join(b.page, link, SPACE);
  await open(b.page, CHANNEL);
  const pages = [a.page, b.page];
  // Neither has looked at the page of the network yet: its script is here all the same.
  for (const page of pages) await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await server.kill();
  for (const page of pages) await workOffline(page, true);
  for (const page of pages) await workOffline(page, false);
  for (const page of pages) expect(await linked(page)).toBe(0);

  await pair(a.page, b.page);
  for (const page of pages) await to(page, `/s/${spaceId}/c/${channelId}`);
  await say(a.page, 'From Anna, with no server');
  await expect(said(b.page, 'From Anna, with no server')).toBeVisible();
  await say(b.page, 'And back');
  await expect(said(a.page, 'And back')).toBeVisible();
  await agree(spaceId, ...pages);
});
