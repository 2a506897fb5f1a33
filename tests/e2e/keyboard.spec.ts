import {
  CHANNEL,
  composer,
  createChannel,
  createDocument,
  createSpace,
  expect,
  type Page,
  SPACE,
  said,
  showing,
  test,
  title,
} from './support';

const palette = async (page: Page, words: string): Promise<void> => {
  await page.keyboard.press('Control+k');
  const found = page.getByRole('dialog', { name: 'Search and commands' });
  await expect(found.getByRole('combobox')).toBeFocused();
  await page.keyboard.type(words);
  await expect(found.getByRole('option').first()).toContainText(words);
  await page.keyboard.press('Enter');
  await expect(found).toBeHidden();
};

test('the palette finds a channel and makes a document by the keyboard alone', async ({ host, person }) => {
  const { url } = await host();
  const { page } = await person(url);
  await createSpace(page, SPACE);
  await createChannel(page, CHANNEL);
  await createDocument(page, 'Protocol');
  await palette(page, 'buoy');
  await showing(page, CHANNEL);
  await expect(composer(page)).toBeFocused();
  await palette(page, 'New document');
  await expect(title(page)).toHaveValue('');
  await palette(page, 'Protocol');
  await expect(title(page)).toHaveValue('Protocol');
  await palette(page, 'buoy');
  await showing(page, CHANNEL);
});

test('a message is sent, edited, removed and brought back by the keyboard', async ({ host, person }) => {
  const { url } = await host();
  const { page } = await person(url);
  await createSpace(page, SPACE);
  await createChannel(page, CHANNEL);
  await composer(page).press('T');
  await page.keyboard.type('he probe is wet');
  await page.keyboard.press('Enter');
  await expect(said(page, 'The probe is wet')).toBeVisible();
  await expect(composer(page)).toHaveValue('');

  await page.keyboard.press('ArrowUp');
  await expect(page.getByRole('textbox', { name: 'Edit the message' })).toBeFocused();
  await page.keyboard.type(' and cold');
  await page.keyboard.press('Enter');
  await expect(said(page, 'The probe is wet and cold')).toContainText('edited');
  await expect(composer(page)).toBeFocused();

  await said(page, 'The probe is wet and cold').press('Delete');
  await expect(said(page, 'Message removed')).toBeVisible();
  await expect(said(page, 'The probe is wet and cold')).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).press('Enter');
  await expect(said(page, 'The probe is wet and cold')).toBeVisible();
  // Outside of text the keys take back the step before it, and do it again.
  await said(page, 'The probe is wet and cold').press('Control+z');
  await expect(said(page, 'The probe is wet and cold')).toHaveCount(0);
  await said(page, 'The probe is wet').press('Control+Shift+z');
  await expect(said(page, 'The probe is wet and cold')).toBeVisible();

  // What it said before, and the whole space then.
  await said(page, 'The probe is wet and cold').press('Control+.');
  const changes = page.getByRole('region', { name: 'History' }).getByRole('button');
  await changes.last().press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'See the whole space then' }).press('Enter');
  await expect(page.getByRole('slider', { name: 'Earlier or later' })).toBeVisible();
  await expect(said(page, 'The probe is wet')).toHaveCount(0);
  await page.getByRole('slider', { name: 'Earlier or later' }).press('End');
  await expect(said(page, 'The probe is wet and cold')).toBeVisible();
  await page.getByRole('button', { name: 'Back to now' }).press('Enter');
  await expect(composer(page)).toBeVisible();
});
