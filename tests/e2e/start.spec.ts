import {
  body,
  CHANNEL,
  composer,
  createChannel,
  createSpace,
  expect,
  opened,
  otherAddress,
  SPACE,
  said,
  say,
  test,
  title,
} from './support';

test('two first visits become a shared message without help: a name is all that is asked, a few presses all that is needed', async ({
  host,
  browser,
}, info) => {
  const { url } = await host();
  const presses: string[] = [];
  const fields: string[] = [];
  const faults: string[] = [];
  const visit = async (address: string) => {
    const context = await browser.newContext({ locale: 'en-GB', permissions: ['clipboard-read', 'clipboard-write'] });
    const page = await context.newPage();
    page.on('pageerror', (fault) => faults.push(String(fault)));
    await page.goto(address);
    const press = async (role: 'button' | 'menuitem', name: string | RegExp) => {
      await page.getByRole(role, { name, exact: true }).first().click();
      presses.push(String(name));
    };
    /** Into the field of that name, or where the keys are already. */
    const write = async (field: string, words: string) => {
      const box = page.getByRole('textbox', { name: field, exact: true });
      if (await box.evaluate((element) => element !== document.activeElement)) presses.push(field);
      await box.click();
      await page.keyboard.type(words);
      fields.push(field);
    };
    return { context, page, press, write };
  };
  const began = performance.now();

  const a = await visit(url);
  await expect(title(a.page)).toHaveValue('Welcome to LifeGraph OS');
  await expect(body(a.page)).toContainText('Create a space for your team with the menu at the top left');
  await expect(a.page.getByRole('dialog')).toHaveCount(0);
  await expect(a.page.locator('form')).toHaveCount(0);
  await a.press('button', 'Space: Personal');
  await a.press('menuitem', 'New space');
  await a.write('Name', SPACE);
  await a.write('What others call you', 'Anna');
  await a.page.keyboard.press('Enter');
  await a.press('button', 'New channel');
  await a.write('Name', CHANNEL);
  await a.page.keyboard.press('Enter');
  await a.write(`Message to ${CHANNEL}`, 'The probe is in the water.');
  await a.page.keyboard.press('Enter');
  await expect(said(a.page, 'The probe is in the water.')).toBeVisible();
  await a.press('button', 'Share');
  await a.press('button', 'Make a link');
  await a.press('button', 'Copy link');
  const link = await a.page.evaluate(() => navigator.clipboard.readText());
  await a.press('button', 'Close');

  const b = await visit(link);
  await expect(b.page.getByRole('main')).toContainText('Anna invites you');
  await b.write('What others call you', 'Boris');
  await b.press('button', 'Join');
  await expect(said(b.page, 'The probe is in the water.')).toContainText('Anna');
  await b.write(`Message to ${CHANNEL}`, 'I see it.');
  await b.page.keyboard.press('Enter');
  await expect(said(a.page, 'I see it.')).toContainText('Boris');

  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  info.annotations.push({ type: 'first visit to a shared message and its answer', description: `${seconds} s` });
  await a.page.screenshot({ path: info.outputPath('a.png') });
  await b.page.screenshot({ path: info.outputPath('b.png') });
  expect(presses, 'what is pressed').toHaveLength(10);
  expect(fields, 'what is written into').toEqual([
    'Name',
    'What others call you',
    'Name',
    `Message to ${CHANNEL}`,
    'What others call you',
    `Message to ${CHANNEL}`,
  ]);
  expect(faults).toEqual([]);
  await Promise.all([a.context.close(), b.context.close()]);
});

test('a Russian browser is greeted in Russian', async ({ host, person }) => {
  const { url } = await host();
  const { page } = await person(url, { locale: 'ru-RU' });
  await expect(title(page)).toHaveValue('Добро пожаловать в LifeGraph OS');
  await expect(page.getByRole('button', { name: 'Пространство: Личное' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Новый канал' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'ru');
});

test('the installed page opens without its beacon, with what was written', async ({ host, person }) => {
  const beacon = await host();
  const { page, context } = await person(beacon.url);
  const session = await context.newCDPSession(page);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
  await createSpace(page, SPACE);
  await createChannel(page, CHANNEL);
  await say(page, 'Written while the beacon was up');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await beacon.stop();
  await page.reload();
  await opened(page);
  await expect(said(page, 'Written while the beacon was up')).toBeVisible();
  await say(page, 'Written without it');
  await page.reload();
  await expect(said(page, 'Written without it')).toBeVisible();
  await expect(composer(page)).toBeEditable();
});

test('an address that is not secure says what to do and starts nothing', async ({ host, browser }) => {
  const { port } = await host();
  const page = await browser.newPage({ locale: 'en-GB' });
  await page.goto(`http://${otherAddress()}:${port}/`);
  const alert = page.getByRole('alert');
  await expect(alert.getByRole('heading', { name: 'This address is not secure' })).toBeVisible();
  await expect(alert).toContainText('npm start -- --tls self');
  expect(await page.evaluate(() => window.lgos === undefined)).toBe(true);
  await page.close();
});
