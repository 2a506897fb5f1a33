/** A day of five people in one space: what each does reaches all, online or later, and what was unread clears for everybody. */
import { readFileSync } from 'node:fs';
import {
  agree,
  CHANNEL,
  composer,
  createChannel,
  expect,
  invite,
  open,
  type Page,
  said,
  say,
  showing,
  sidebar,
  startTeam,
  test,
  texts,
  workOffline,
} from './support';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mMQqUjBihiGlgQAXiE8ARZ0bAMAAAAASUVORK5CYII=',
  'base64',
);
const channel = (page: Page, name: string) =>
  sidebar(page).getByRole('navigation', { name: 'Channels' }).getByRole('link', { name });
const nothingUnread = (page: Page): Promise<void> =>
  expect(sidebar(page).getByText(/unread|addressed to you/)).toHaveCount(0);
/** Names somebody while writing: offered after a few letters. */
const naming = async (page: Page, words: string, name: string): Promise<void> => {
  await page.keyboard.type(`${words}@${name.slice(0, 3)}`);
  await expect(page.getByRole('option', { name })).toBeVisible();
  await page.keyboard.press('Enter');
};
const does = async (page: Page, text: string, act: string): Promise<void> => {
  await said(page, text).hover();
  await said(page, text).getByRole('button', { name: act }).first().click();
};

test('five people talk in channels and a thread, name each other, pass on a picture and a file, edit, pin, and write offline; in the evening all five have the same, and nothing unread', async ({
  host,
  person,
}, info) => {
  test.setTimeout(240_000);
  const { url } = await host();
  const { a: anna, spaceId, channelId } = await startTeam(person, url);
  const a = anna.page;
  const boat = await createChannel(a, 'boat');
  const link = await invite(a);
  const others = [];
  for (const name of ['Boris', 'Vera', 'Gleb', 'Dasha']) {
    const other = await person(link);
    await other.page.getByRole('textbox', { name: 'What others call you' }).fill(name);
    await other.page.getByRole('button', { name: 'Join' }).click();
    await showing(other.page, 'boat');
    others.push(other);
  }
  const [b, v, g, d] = others.map(({ page }) => page) as [Page, Page, Page, Page];
  const all = [a, b, v, g, d];

  // Morning: a message to all; Anna looks elsewhere while Boris answers in a thread, with her name and a file.
  for (const page of all) await open(page, CHANNEL);
  await say(a, 'The probe is in the water.');
  for (const page of all) await expect(said(page, 'The probe is in the water.')).toContainText('Anna');
  await sidebar(a).getByRole('link', { name: /^Hub/ }).click();
  await does(b, 'The probe is in the water.', 'Reply in thread');
  await b.getByTestId('thread-composer').click();
  await naming(b, 'Flat so far, ', 'Anna');
  await b.keyboard.type('look');
  await b.getByTestId('thread-file-picker').setInputFiles({
    name: 'bench.csv',
    mimeType: 'text/csv',
    // Too large to come by itself.
    buffer: Buffer.from('drift,0.3\n'.repeat(130_000)),
  });
  await expect(b.getByRole('listitem').filter({ hasText: 'bench.csv' })).toBeVisible();
  await b.keyboard.press('Enter');
  await expect(b.getByRole('log', { name: 'Thread' }).getByText('@Anna')).toBeVisible();
  await b.keyboard.press('Escape');

  // It counts as hers, leads to the thread, and is read where it is read.
  await expect(
    a.getByRole('region', { name: 'Inbox' }).getByRole('listitem').filter({ hasText: 'Flat so far' }),
  ).toBeVisible();
  await expect(channel(a, CHANNEL)).toContainText('1 addressed to you');
  await channel(a, CHANNEL).click();
  await a.getByRole('button', { name: '1 new reply in 1 thread' }).click();
  await a.getByRole('menuitem', { name: /The probe is in the water/ }).click();
  const answer = a.getByRole('log', { name: 'Thread' }).getByRole('article').filter({ hasText: 'Flat so far' });
  const file = answer.getByRole('button', { name: /^Download bench\.csv/ });
  const [download] = await Promise.all([a.waitForEvent('download'), file.click()]);
  expect(download.suggestedFilename()).toBe('bench.csv');
  expect(readFileSync(await download.path(), 'utf8')).toBe('drift,0.3\n'.repeat(130_000));
  await expect(answer.getByRole('button', { name: 'Save bench.csv' })).toBeEnabled();
  await expect(a.getByRole('button', { name: /new repl/ })).toHaveCount(0);
  await a.keyboard.press('Escape');
  await expect(composer(a)).toBeFocused();

  // Noon: a picture, and what people think of it.
  await v.getByTestId('file-picker').setInputFiles({ name: 'buoy.png', mimeType: 'image/png', buffer: PNG });
  await expect(v.getByRole('listitem').filter({ hasText: 'buoy.png' })).toBeVisible();
  await composer(v).pressSequentially('How it looks');
  await expect(a.getByText('Vera is typing')).toBeVisible();
  await composer(v).press('Enter');
  for (const page of [g, d]) {
    await expect(said(page, 'How it looks').getByRole('img', { name: 'buoy.png' })).toBeVisible();
    await does(page, 'How it looks', 'React');
    await page
      .getByRole('menuitem', { name: '👍' })
      .or(page.getByRole('menuitemcheckbox', { name: '👍' }))
      .click();
  }
  await expect(said(v, 'How it looks').getByRole('button', { name: /👍.*(Gleb.*Dasha|Dasha.*Gleb)/ })).toBeVisible();

  // Gleb is out on the lake. He reads what he has, and writes; ashore things go on.
  await workOffline(g, true);
  await say(g, 'The anchor holds.');
  await a.keyboard.press('ArrowUp');
  await a.getByRole('textbox', { name: 'Edit the message' }).press('End');
  await a.keyboard.type(' At four metres.');
  await a.keyboard.press('Enter');
  for (const page of [a, b, v, d]) await expect(said(page, 'At four metres.')).toContainText('edited');
  await said(a, 'At four metres.').click({ button: 'right' });
  await a.getByRole('menuitem', { name: 'Pin to the channel' }).click();
  await open(d, 'boat');
  await composer(d).click();
  await naming(d, 'Supper at seven, ', 'Gleb');
  await d.keyboard.press('Enter');
  await expect(said(d, 'Supper at seven')).toBeVisible();
  await expect(channel(b, 'boat')).toContainText('1 unread');
  await expect(said(g, 'At four metres.')).toHaveCount(0);
  await expect(said(b, 'The anchor holds.')).toHaveCount(0);

  // Back ashore, each has what the other wrote.
  await g.getByRole('button', { name: 'Go online' }).click();
  await expect(said(g, 'At four metres.')).toBeVisible();
  await expect(g.getByRole('button', { name: '1 pin' })).toBeVisible();
  await expect(channel(g, 'boat')).toContainText('1 addressed to you');
  for (const page of [a, b, v]) await expect(said(page, 'The anchor holds.')).toContainText('Gleb');

  // Evening: everybody has read everything, and has the same.
  for (const page of all) {
    await open(page, 'boat');
    await expect(said(page, 'Supper at seven')).toContainText('@Gleb');
    await open(page, CHANNEL);
    await expect(said(page, 'The anchor holds.')).toBeVisible();
  }
  // What was said in the thread was for those who are in it.
  for (const page of all) await nothingUnread(page);
  await agree(spaceId, ...all);
  for (const page of all) {
    expect(await texts(page, channelId)).toEqual(await texts(a, channelId));
    expect(await texts(page, boat)).toEqual(await texts(a, boat));
  }
  await g.screenshot({ path: info.outputPath('gleb.png') });
  expect([anna, ...others].flatMap(({ faults }) => faults)).toEqual([]);
});
