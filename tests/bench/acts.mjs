/**
 * What a person does on the screen, by mouse and keys, for what measures use. Each act ends when the screen shows what came of
 * it, and leaves nothing open. It knows the page as people do: by names and places, in English.
 */
const WORDS = 'buoy north shore harbour light keeper tide chart rope anchor signal fog weather crew watch log'.split(
  ' ',
);
/** Always the same words for the same number. */
export const words = (n, count = 6) =>
  Array.from({ length: count }, (_, i) => WORDS[(n * 7 + i * (1 + (n % 5))) % WORDS.length]).join(' ');

const sidebar = (page) => page.getByRole('complementary', { name: 'Navigation' });
const heading = (page) => page.getByRole('main').getByRole('heading', { level: 1 }).first();
const named = (page, name) => heading(page).getByText(name, { exact: true }).waitFor();

/** Opens a channel by its row in the sidebar. */
export const openChannel = async (page, name) => {
  await sidebar(page).getByRole('navigation').getByRole('link', { name }).first().click();
  await named(page, name);
  await page.getByTestId('composer').waitFor();
};
/** The same for a document. */
export const openDocument = async (page, name) => {
  await sidebar(page).getByRole('navigation').getByRole('link', { name }).first().click();
  await named(page, name);
  await page.locator('.ProseMirror').first().waitFor();
};
/** Types and sends in the channel that is open. */
export const say = async (page, text) => {
  await page.getByTestId('composer').click();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
  await page.getByRole('log', { name: 'Messages' }).getByText(text).last().waitFor();
};
/** Types into the document that is open: at its end, or at its beginning so that two do not write in one place. */
export const write = async (page, text, { atStart = false, newLine = false } = {}) => {
  const body = page.locator('.ProseMirror').first();
  await body.click();
  await page.keyboard.press(atStart ? 'Control+Home' : 'Control+End');
  if (newLine && !atStart) await page.keyboard.press('Enter');
  await page.keyboard.type(`${text} `);
  if (newLine && atStart) await page.keyboard.press('Enter');
  await body.getByText(text).first().waitFor();
};
/** Opens the palette, types, and closes it. */
export const openPalette = async (page, text) => {
  await page.keyboard.press('Control+k');
  const field = page.locator('.pal input');
  await field.waitFor();
  await page.keyboard.type(text);
  await page.locator('.pal [role=option]').first().waitFor();
  await page.keyboard.press('Escape');
  await field.waitFor({ state: 'detached' });
};
/** Opens the inspector, and closes it. */
export const openInspector = async (page) => {
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  await page.keyboard.press('Control+.');
  await inspector.waitFor();
  await page.keyboard.press('Control+.');
  await inspector.waitFor({ state: 'detached' });
};
/** Opens the thread under the last message of the channel that is open, and closes it; with a text, answers there first. */
export const openThread = async (page, text) => {
  const list = page.getByRole('log', { name: 'Messages' });
  const id = await list.getByRole('article').last().getAttribute('data-message');
  // By the keyboard: under a mouse the list moves when somebody else writes.
  await list.locator(`[data-message="${id}"]`).getByRole('button', { name: 'Reply in thread' }).first().press('Enter');
  const field = page.getByTestId('thread-composer');
  await field.waitFor();
  if (text) {
    await field.click();
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
    await page.getByRole('log', { name: 'Thread' }).getByText(text).last().waitFor();
  }
  const panel = page.locator('.thread-panel');
  await panel.getByRole('button', { name: 'Close' }).first().click();
  await panel.waitFor({ state: 'detached' });
};
/** Asks the page of search, and goes back to where it was. */
export const searchFor = async (page, text) => {
  await page.keyboard.press('Control+Shift+F');
  const field = page.getByRole('main').getByRole('searchbox');
  await field.waitFor();
  await field.fill(text);
  await page.locator('.hit').first().waitFor();
  await page.goBack();
  await field.waitFor({ state: 'detached' });
};
/** Looks at the Hub of the space that is open. */
export const openHub = async (page) => {
  await sidebar(page).getByRole('link', { name: /^Hub/ }).first().click();
  await page.locator('.hub').first().waitFor();
};
