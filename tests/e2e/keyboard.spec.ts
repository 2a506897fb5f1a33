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

test('a dialog that closes gives the keys back to where they were, also to what opened a menu', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { page } = await person(url);
  await palette(page, 'Show the network');
  const pair = page.getByRole('button', { name: 'Connect without a server' });
  await pair.press('Enter');
  await expect(page.getByRole('combobox', { name: 'A space that both have' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(pair).toBeFocused();
  const spaces = page.getByRole('button', { name: /^Space:/ });
  await spaces.press('Enter');
  await page.getByRole('menuitem', { name: 'New space' }).press('Enter');
  await expect(page.getByRole('dialog', { name: 'New space' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(spaces).toBeFocused();
});
