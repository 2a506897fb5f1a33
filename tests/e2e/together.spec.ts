import {
  agree,
  ask,
  body,
  CHANNEL,
  createDocument,
  expect,
  invite,
  join,
  open,
  otherAddress,
  SPACE,
  said,
  say,
  sidebar,
  startTeam,
  test,
  wordsOf,
} from './support';

test('two people who share a link talk and write in one paragraph at once', async ({ host, person }, info) => {
  const { url } = await host();
  const { a, spaceId } = await startTeam(person, url);
  const documentId = await createDocument(a.page, 'Calibration protocol');
  const link = await invite(a.page);

  const b = await person(url, { name: 'Boris' });
  await join(b.page, link, SPACE);
  for (const name of [CHANNEL, 'Calibration protocol'])
    await expect(sidebar(b.page).getByRole('link', { name }).last()).toBeVisible();

  await open(a.page, CHANNEL);
  await open(b.page, CHANNEL);
  await say(a.page, 'The probe is in the water.');
  await expect(said(b.page, 'The probe is in the water.')).toBeVisible();
  await say(b.page, 'The bench run is done.');
  await expect(said(a.page, 'The bench run is done.')).toContainText('Boris');
  await a.page.screenshot({ path: info.outputPath('chat-a.png') });
  await b.page.screenshot({ path: info.outputPath('chat-b.png') });

  await open(a.page, 'Calibration protocol');
  await open(b.page, 'Calibration protocol');
  await body(a.page).click();
  await a.page.keyboard.type('middle');
  await expect(body(b.page)).toContainText('middle');
  await body(b.page).click();
  await b.page.keyboard.press('Control+Home');
  await Promise.all([
    a.page.keyboard.type(' and the words of Anna', { delay: 15 }),
    b.page.keyboard.type('Words of Boris and the ', { delay: 15 }),
  ]);
  const whole = 'Words of Boris and the middle and the words of Anna';
  for (const { page } of [a, b]) await expect.poll(() => wordsOf(page)).toContain(whole);
  expect(await ask(a.page, 'documentText', documentId)).toContain(whole);
  await agree(spaceId, a.page, b.page);
  await a.page.screenshot({ path: info.outputPath('document-a.png') });
  await b.page.screenshot({ path: info.outputPath('document-b.png') });
  expect([...a.faults, ...b.faults]).toEqual([]);
});

test('a person at another address of the machine joins over https', async ({ host, person }, info) => {
  const beacon = await host({ args: ['--tls', 'self'] });
  const { a, spaceId } = await startTeam(person, beacon.url);
  const link = new URL(await invite(a.page));

  const origin = `https://${otherAddress()}:${beacon.port}`;
  const c = await person(origin, { name: 'Vera', ignoreHTTPSErrors: true });
  await join(c.page, `${origin}/${link.hash}`, SPACE);
  await open(a.page, CHANNEL);
  await open(c.page, CHANNEL);
  await say(c.page, 'Here from my own device.');
  await expect(said(a.page, 'Here from my own device.')).toContainText('Vera');
  await say(a.page, 'Welcome.');
  await expect(said(c.page, 'Welcome.')).toBeVisible();
  await agree(spaceId, a.page, c.page);
  await c.page.screenshot({ path: info.outputPath('https.png') });
});
