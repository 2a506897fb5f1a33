/** A second device becomes the person's own: a code, six digits on both screens, and everything is there. Then it is taken away. */
import {
  agree,
  ask,
  CHANNEL,
  expect,
  open,
  opened,
  type Page,
  SPACE,
  said,
  say,
  sidebar,
  startTeam,
  test,
} from './support';

const settings = (page: Page): Promise<void> => sidebar(page).getByRole('button', { name: 'Settings' }).click();

test('a person links a second device by a code and digits, works on both, and takes one away', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { a, spaceId } = await startTeam(person, url);
  await say(a.page, 'From the first device');
  const { userId } = await ask(a.page, 'me');
  await expect.poll(async () => ((await ask(a.page, 'query', 'os.recovery', {})) as { known: number }).known).toBe(1);
  await settings(a.page);
  await a.page.getByRole('button', { name: 'Devices', exact: true }).click();
  await a.page.getByRole('button', { name: 'Link a device' }).click();
  const dialog = a.page.getByRole('dialog', { name: 'Link a device' });
  await expect(dialog.getByRole('img', { name: 'QR code for the new device' })).toBeVisible();
  const code = (await dialog.getByTestId('link-code').textContent()) ?? '';
  expect(code).toMatch(/^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/);

  const b = await person(url, { viewport: { width: 390, height: 844 } });
  await b.page.goto(`${url}/#/link`);
  await b.page.getByRole('textbox', { name: 'Code' }).fill(code.toLowerCase());
  await b.page.getByRole('button', { name: 'Link', exact: true }).click();
  const shown = (await dialog.getByTestId('digits').textContent()) ?? '';
  expect(shown).toMatch(/^\d{3} \d{3}$/);
  await expect(b.page.getByTestId('digits')).toHaveText(shown);
  await b.page.getByRole('button', { name: 'The same' }).click();
  const loaded = b.page.waitForEvent('load');
  await dialog.getByRole('button', { name: 'The same' }).click();
  await loaded;
  await opened(b.page);
  await expect(dialog.getByText('The device is linked.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).last().click();

  expect((await ask(b.page, 'me')).userId).toBe(userId);
  await expect.poll(async () => (await ask(b.page, 'spaces')).map(({ title }) => title)).toContain(SPACE);
  await b.page.setViewportSize({ width: 1440, height: 900 });
  await b.page.goto(`${url}/#/s/${spaceId}`);
  await open(b.page, CHANNEL);
  await expect(said(b.page, 'From the first device')).toBeVisible();
  await say(b.page, 'From the second one');
  await agree(spaceId, a.page, b.page);

  const { deviceId } = await ask(b.page, 'me');
  const row = a.page.locator(`[data-device="${deviceId}"]`);
  await expect(row).toContainText('Chrome, Linux');
  await row.getByRole('button', { name: 'Rename Chrome, Linux' }).click();
  await a.page.getByRole('textbox', { name: 'Name of the device' }).fill('Phone');
  await a.page.keyboard.press('Enter');
  await expect(row).toContainText('Phone');
  await row.getByRole('button', { name: 'Remove Phone' }).click();
  await a.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(b.page.getByRole('alert').filter({ hasText: 'You removed this device' })).toBeVisible();
  await expect(a.page.getByRole('region', { name: 'Removed' })).toContainText('Phone');
  await a.page.goto(`${url}/#/s/${spaceId}`);
  await open(a.page, CHANNEL);
  await say(a.page, 'Not for the phone');
  await expect(said(b.page, 'Not for the phone')).toBeHidden();
  await expect(said(a.page, 'From the second one')).toBeVisible();
  expect([...a.faults, ...b.faults]).toEqual([]);
});
