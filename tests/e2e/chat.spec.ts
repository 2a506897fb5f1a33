import { readFileSync } from 'node:fs';
import { CHANNEL, composer, expect, invite, join, open, SPACE, said, say, sidebar, startTeam, test } from './support';

test('two people talk in a thread, name each other, and pass a file on', async ({ host, person }, info) => {
  const { url } = await host();
  const { a } = await startTeam(person, url);
  const link = await invite(a.page);
  const b = await person(url, { name: 'Boris' });
  await join(b.page, link, SPACE);
  await open(a.page, CHANNEL);
  await say(a.page, 'The probe is in the water.');
  await open(b.page, CHANNEL);
  await expect(said(b.page, 'The probe is in the water.')).toBeVisible();

  // Anna looks elsewhere, Boris answers in a thread and names her there.
  await a.page.evaluate(async () => {
    const [space] = (await window.lgos?.spaces())?.filter(({ kind }) => kind === 'team') ?? [];
    location.hash = `#/s/${space?.id}/members`;
  });
  await said(b.page, 'The probe is in the water.').hover();
  await said(b.page, 'The probe is in the water.').getByRole('button', { name: 'Reply in thread' }).first().click();
  const thread = b.page.getByTestId('thread-composer');
  await thread.pressSequentially('Flat so far, @Ann');
  await expect(b.page.getByRole('option', { name: 'Anna' })).toBeVisible();
  await b.page.keyboard.press('Enter');
  await b.page.keyboard.type('look');
  await b.page.getByTestId('thread-file-picker').setInputFiles({
    name: 'bench.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('drift,0.3\n'.repeat(10_000)),
  });
  await expect(b.page.getByRole('listitem').filter({ hasText: 'bench.csv' })).toBeVisible();
  await b.page.keyboard.press('Enter');
  await expect(b.page.getByRole('log', { name: 'Thread' }).getByText('@Anna')).toBeVisible();
  await b.page.screenshot({ path: info.outputPath('thread-b.png') });

  // It counts as hers, leads to the thread, and is read where it is read.
  const channelLink = sidebar(a.page).getByRole('link', { name: CHANNEL }).first();
  await expect(channelLink).toContainText('1');
  await channelLink.click();
  await a.page.getByRole('button', { name: '1 new reply in 1 thread' }).click();
  await a.page.getByRole('menuitem', { name: /The probe is in the water/ }).click();
  const answer = a.page.getByRole('log', { name: 'Thread' }).getByRole('article').filter({ hasText: 'Flat so far' });
  await expect(answer).toContainText('@Anna');
  const file = answer.getByRole('button', { name: /bench\.csv/ });
  await expect(file).toBeEnabled();
  const [download] = await Promise.all([a.page.waitForEvent('download'), file.click()]);
  expect(download.suggestedFilename()).toBe('bench.csv');
  expect(readFileSync(await download.path(), 'utf8')).toBe('drift,0.3\n'.repeat(10_000));
  await expect(a.page.getByRole('button', { name: /new repl/ })).toHaveCount(0);
  await a.page.screenshot({ path: info.outputPath('thread-a.png') });
  await a.page.keyboard.press('Escape');
  await expect(composer(a.page)).toBeFocused();
  await composer(b.page).pressSequentially('Then');
  await expect(a.page.getByText('Boris is typing')).toBeVisible();
  await composer(b.page).press('Enter');
  await expect(a.page.getByText('Boris is typing')).toHaveCount(0);
  expect([...a.faults, ...b.faults]).toEqual([]);
});
