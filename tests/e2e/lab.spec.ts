/** The network lab runs kernels in a worker of the page: they deliver everything, lose half of themselves, and have it back. */
import { expect, test } from './support';

test('the network lab delivers an entry to all, and its table tells when half is gone and when it is back', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { page } = await person(url);
  await page.goto(`${url}/#/settings/network`);
  await page.getByRole('link', { name: 'Network lab' }).click();
  const lab = page.locator('.page.lab');
  const figure = (row: string) => lab.locator(`tr[data-row=${row}] td`).first();
  await expect(lab).toHaveAttribute('data-state', 'playing');
  await lab.getByRole('button', { name: 'Pause' }).click();
  await lab.getByRole('slider', { name: 'Devices' }).fill('12');
  await lab.getByRole('slider', { name: 'Entries written' }).fill('0');
  await lab.getByRole('switch', { name: 'Run flooding beside it' }).click();
  await lab.getByRole('button', { name: 'Make it anew' }).click();
  await lab.getByRole('radio', { name: '20×' }).click();
  await lab.getByRole('button', { name: 'Run' }).click();
  await expect(figure('together')).toHaveText('100%');
  await expect(figure('up')).toHaveText('12');
  await lab.getByRole('button', { name: 'Write' }).click();
  await expect(figure('written')).toHaveText('1');
  await expect(figure('delivered')).toHaveText('100%');
  await expect(lab.getByRole('img')).toHaveAccessibleName(/12 of the sound ones are up/);

  await lab.getByRole('button', { name: 'Kill half' }).click();
  await expect(figure('up')).toHaveText('6');
  await lab.getByRole('button', { name: 'Bring back' }).click();
  await expect(figure('up')).toHaveText('12');
  await expect(figure('complete')).toHaveText('100%');
  await expect(figure('together')).toHaveText('100%');
});
