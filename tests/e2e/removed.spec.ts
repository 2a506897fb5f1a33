import {
  ask,
  CHANNEL,
  composer,
  expect,
  invite,
  join,
  onBeacon,
  open,
  opened,
  SPACE,
  said,
  say,
  startTeam,
  test,
  texts,
} from './support';

test('a removed person is told so, writes nothing more and gets nothing new', async ({ host, person }) => {
  const { url } = await host();
  const { a, spaceId, channelId } = await startTeam(person, url);
  const link = await invite(a.page);
  const [b, c] = [await person(url, { name: 'Boris' }), await person(url, { name: 'Vera' })];
  for (const { page } of [b, c]) {
    await join(page, link, SPACE);
    await open(page, CHANNEL);
  }
  await say(b.page, 'Words of Boris while he was in');
  await expect(said(a.page, 'Words of Boris while he was in')).toBeVisible();

  await a.page.getByRole('button', { name: `Space: ${SPACE}` }).click();
  await a.page.getByRole('menuitem', { name: 'Members' }).click();
  await a.page.getByRole('button', { name: 'Actions: Boris' }).click();
  await a.page.getByRole('menuitem', { name: 'Remove from the space' }).click();
  const dialog = a.page.getByRole('dialog', { name: 'Remove Boris?' });
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(a.page.getByRole('button', { name: 'Role of Boris: Member' })).toHaveCount(0);

  await expect(b.page.getByText('You are not a member of this space.')).toBeVisible();
  await expect(composer(b.page)).toHaveCount(0);
  const refusal = await b.page.evaluate(
    (id) =>
      window.lgos?.run('chat.send', { channelId: id, text: 'Words of Boris after' }).then(
        () => undefined,
        (refused: { message: string; safe: string; next: string }) => refused,
      ),
    channelId,
  );
  expect(refusal).toMatchObject({ message: expect.any(String), safe: expect.any(String), next: expect.any(String) });

  await open(a.page, CHANNEL);
  await say(a.page, 'Said after Boris had gone');
  await expect(said(c.page, 'Said after Boris had gone')).toBeVisible();
  await onBeacon(a.page, spaceId);
  // Boris comes again and links to whoever lets him: what he held is there, and nothing else.
  await b.page.reload();
  await opened(b.page);
  await expect.poll(async () => (await ask(b.page, 'peers')).length).toBeGreaterThan(0);
  await expect(said(b.page, 'Words of Boris while he was in')).toBeVisible();
  expect(await texts(b.page, channelId)).toEqual(['Words of Boris while he was in']);
  for (const { page } of [a, c])
    expect(await texts(page, channelId)).toEqual(['Words of Boris while he was in', 'Said after Boris had gone']);
});
