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

test('a first visit needs no form: an identity, a personal space and a document that greets', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { page, faults } = await person(url);
  await expect(title(page)).toHaveValue('Welcome to LifeGraph OS');
  await expect(page.getByRole('button', { name: 'Space: Personal' })).toBeVisible();
  await expect(body(page)).toContainText('This tab is now a node of your own network.');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.locator('form')).toHaveCount(0);
  expect(faults).toEqual([]);
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
