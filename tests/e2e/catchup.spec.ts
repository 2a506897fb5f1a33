/** Somebody comes back to two thousand messages: where they read on, what moves under them, what clears, what is found. */
import type { MessageWindow } from '../../src/bridge/messages';
import { notches } from '../support/notches.mjs';
import {
  ask,
  CHANNEL,
  composer,
  expect,
  invite,
  join,
  type Locator,
  open,
  opened,
  openPage,
  type Page,
  SPACE,
  said,
  say,
  showing,
  sidebar,
  startTeam,
  test,
} from './support';

/** Many at once: for what others wrote meanwhile. */
const sendAll = (page: Page, channelId: string, texts: readonly string[]): Promise<void> =>
  page.evaluate(
    async ([id, all]) => {
      for (let i = 0; i < all.length; i += 100)
        await Promise.all(all.slice(i, i + 100).map((text) => window.lgos?.run('chat.send', { channelId: id, text })));
    },
    [channelId, texts] as const,
  );

const top = (message: Locator): Promise<number> => message.evaluate((element) => element.getBoundingClientRect().top);
/** The message that is lit, as soon as one is. */
const lit = (page: Page): Promise<string> =>
  page
    .waitForFunction(() => document.querySelector('[data-message].found')?.textContent)
    .then((text) => text.jsonValue() as Promise<string>);

test('who comes back to 2,000 messages reads on where they stopped, loses no place, clears every badge, and finds an old one by half-remembered words', async ({
  host,
  person,
}, info) => {
  test.setTimeout(240_000);
  const { url } = await host();
  const { a, spaceId, channelId } = await startTeam(person, url);
  const channel = async (title: string) =>
    (await ask(a.page, 'run', 'chat.createChannel', { spaceId, title })).id as string;
  const [boat, news] = [await channel('boat'), await channel('news')];
  const link = await invite(a.page);
  const { context, page: before } = await person(url, { name: 'Boris' });
  await join(before, link, SPACE);
  await open(before, CHANNEL);
  await say(before, 'Где лежит запасная помпа?');
  await expect(said(a.page, 'Где лежит запасная помпа?')).toBeVisible();
  const where = before.url();
  await before.close();

  // Anna looks elsewhere: nobody draws what is sent.
  await sidebar(a.page).getByRole('link', { name: /^Hub/ }).click();
  const readings = Array.from(
    { length: 1_400 },
    (_, i) => `Reading ${i} of the probe${', and it is stable'.repeat(i % 9)}.`,
  );
  readings[300] = 'Забрала обе помпы у Марины, они в ангаре';
  readings[700] = 'The spare anchors went overboard near the lighthouse';
  await sendAll(a.page, channelId, readings);
  await sendAll(a.page, boat, [
    ...Array.from({ length: 397 }, (_, i) => `Hull ${i}`),
    'Paint, @Boris',
    'Rope, @Boris',
    'Oil, @Boris',
  ]);
  await sendAll(
    a.page,
    news,
    Array.from({ length: 200 }, (_, i) => `Bulletin ${i}`),
  );

  // The address is that of the channel, and its end was in sight: what comes in is not read by that.
  const began = performance.now();
  const after = () => `${Math.round(performance.now() - began)} ms after coming back`;
  const { page, faults } = await openPage(context, where);
  const row = (name: string | RegExp) => sidebar(page).getByRole('link', { name }).last();
  await expect(row(CHANNEL)).toContainText('1,400 unread', { timeout: 60_000 });
  await expect(row('boat')).toContainText('3 addressed to you');
  await expect(row('news')).toContainText('200 unread');
  await expect(row(/^Hub/)).toContainText('3');
  info.annotations.push({ type: 'all counted', description: after() });
  await expect(page.getByText('1,400 new since')).toBeInViewport();
  await expect(said(page, 'Reading 0 of')).toBeInViewport();
  info.annotations.push({ type: 'at the first unread', description: after() });
  await expect(row(CHANNEL)).toContainText('1,400 unread');

  // What comes in, and going down, moves nothing by itself.
  const reading = said(page, 'Reading 9 of');
  const stood = await top(reading);
  await sendAll(a.page, channelId, ['The newest of all']);
  const toEnd = page.getByRole('button', { name: '1,401 new' });
  await expect(toEnd).toBeVisible();
  expect(await top(reading)).toBe(stood);
  const list = page.getByRole('log', { name: 'Messages' });
  for (const by of [240, 240, -120]) {
    const from = await list.evaluate((element) => element.scrollTop);
    const at = await top(reading);
    await list.hover();
    await page.mouse.wheel(0, by);
    await expect.poll(() => list.evaluate((element) => element.scrollTop)).toBe(from + by);
    expect(await top(reading)).toBe(at - by);
  }

  // The end is read, and stays in sight as more comes.
  await toEnd.click();
  await expect(said(page, 'The newest of all')).toBeInViewport();
  await expect(row(CHANNEL)).not.toContainText('unread');
  await sendAll(a.page, channelId, ['And one more']);
  await expect(said(page, 'And one more')).toBeInViewport();
  await expect(row(CHANNEL)).not.toContainText('unread');

  // Any message is a link away; across the borders of what is loaded the wheel alone moves what is read, whatever comes.
  const around = await ask(page, 'query', 'chat.window', { channelId, rank: 500, limit: 1 });
  const far = (around as MessageWindow).rows[0]?.id;
  await page.evaluate((to) => location.assign(to), `${new URL(where).hash}?m=${far}`);
  await expect(page.locator(`[data-message="${far}"]`)).toBeInViewport();
  await list.hover();
  const write = (i: number) => (i % 6 === 0 ? sendAll(a.page, channelId, [`Meanwhile ${i}`]) : undefined);
  const strayed = [...(await notches(page, 18, -480, write)), ...(await notches(page, 30, 480, write))];
  expect(strayed.filter((px) => px > 1)).toEqual([]);
  await page.getByRole('button', { name: '8 new' }).click();
  await expect(said(page, 'Meanwhile 24')).toBeInViewport();
  await expect(row(CHANNEL)).not.toContainText('unread');
  await page.getByRole('button', { name: 'What can be done here' }).click();
  await page.getByRole('menuitem', { name: 'Mark the whole space as read' }).click();
  const nothingUnread = async () => {
    await expect(row('boat')).toBeVisible();
    await expect(sidebar(page).getByText(/unread|addressed/)).toHaveCount(0);
  };
  await nothingUnread();

  // What is half written stays with its channel, and all of it outlives the page.
  await composer(page).click();
  await page.keyboard.type('Half a thought');
  await open(page, 'news');
  await expect(composer(page)).toHaveValue('');
  await composer(page).click();
  await page.keyboard.type('Another thought');
  await expect(row(CHANNEL)).toContainText('draft');
  await expect(row('news')).toContainText('draft');
  await page.reload();
  await opened(page);
  await expect(composer(page)).toHaveValue('Another thought');
  await nothingUnread();
  await open(page, CHANNEL);
  await expect(composer(page)).toHaveValue('Half a thought');

  // By another form of a word and whose it was, in the palette; by a beginning, on the page of all results; and back.
  await open(page, 'news');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Search and commands' })).toBeFocused();
  await page.keyboard.type('помпами from:anna');
  await expect(page.getByRole('option', { name: /Забрала обе помпы/ })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('option', { name: /Где лежит/ })).toHaveCount(0);
  let shown = lit(page);
  await page.keyboard.press('Enter');
  expect(await shown).toContain('Забрала обе помпы у Марины');
  await expect(said(page, 'Забрала обе помпы у Марины')).toBeInViewport();
  await page.goBack();
  await showing(page, 'news');

  await page.keyboard.press('Control+Shift+F');
  await expect(page.getByRole('searchbox', { name: 'Search everything' })).toBeFocused();
  await page.keyboard.type('lighthouses anch');
  const hit = page.getByRole('main').getByRole('button', { name: /spare anchors went overboard/ });
  await expect(hit).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await expect(hit).toBeFocused();
  shown = lit(page);
  await page.keyboard.press('Enter');
  expect(await shown).toContain('The spare anchors went overboard near the lighthouse');
  await expect(said(page, 'The spare anchors went overboard')).toBeInViewport();
  await nothingUnread();
  await page.goBack();
  await expect(page.getByRole('searchbox', { name: 'Search everything' })).toHaveValue('lighthouses anch');
  await expect(hit).toBeVisible();
  expect(faults).toEqual([]);
});
