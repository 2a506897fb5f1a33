/**
 * Chromium deletes a database that it finds damaged, and the keys with it. The person is told so, for as long as they have
 * done nothing about it, and a key file makes them themselves again.
 */
import { damageDatabase, startChrome } from './chrome';
import {
  ask,
  CHANNEL,
  createChannel,
  createSpace,
  expect,
  lossBanner,
  newFolder,
  onBeacon,
  open,
  opened,
  SPACE,
  said,
  say,
  test,
} from './support';

const PASSPHRASE = 'correct horse battery';

test('a browser that lost its database says so; a key file restores the person, or they go on as a new one', async ({
  host,
}) => {
  const { url } = await host();
  const profile = newFolder();

  let chrome = await startChrome(profile, url);
  await expect(lossBanner(chrome.page)).toHaveCount(0);
  const { userId } = await ask(chrome.page, 'me');
  const spaceId = await createSpace(chrome.page, SPACE);
  await createChannel(chrome.page, CHANNEL);
  await say(chrome.page, 'Held by the beacon');
  await onBeacon(chrome.page, spaceId);
  const keyFile = await ask(chrome.page, 'exportKeys', PASSPHRASE);
  await chrome.kill();

  damageDatabase(profile);
  chrome = await startChrome(profile, url);
  expect(chrome.lostDatabase()).toBe(true);
  await expect(lossBanner(chrome.page)).toContainText('What a beacon or other people hold is still there');
  expect((await ask(chrome.page, 'me')).userId).not.toBe(userId);
  // It stays when the page is loaded again, and when the browser is started again.
  await chrome.page.reload();
  await expect(lossBanner(chrome.page)).toBeVisible();
  await chrome.kill();
  chrome = await startChrome(profile, url);
  await lossBanner(chrome.page).getByRole('button', { name: 'Open key file' }).click();
  await expect(chrome.page.getByLabel('Passphrase of a key file')).toBeFocused();
  await chrome.page.keyboard.type(PASSPHRASE);
  await chrome.page
    .getByLabel('Open key file')
    .setInputFiles({ name: 'lgos-keys.json', mimeType: 'application/json', buffer: Buffer.from(keyFile) });
  await expect(lossBanner(chrome.page)).toHaveCount(0);
  const loaded = chrome.page.waitForEvent('load');
  await chrome.page.getByRole('button', { name: 'Reload' }).click();
  await loaded;
  await opened(chrome.page);
  expect((await ask(chrome.page, 'me')).userId).toBe(userId);
  await expect.poll(async () => (await ask(chrome.page, 'spaces')).map(({ title }) => title)).toContain(SPACE);
  await chrome.page.goto(`${url}/#/s/${spaceId}`);
  await open(chrome.page, CHANNEL);
  await expect(said(chrome.page, 'Held by the beacon')).toBeVisible();
  await expect(lossBanner(chrome.page)).toHaveCount(0);
  await chrome.kill();

  damageDatabase(profile);
  chrome = await startChrome(profile, url);
  const stranger = (await ask(chrome.page, 'me')).userId;
  expect(stranger).not.toBe(userId);
  await lossBanner(chrome.page).getByRole('button', { name: 'Go on as a new person' }).click();
  await expect(lossBanner(chrome.page)).toHaveCount(0);
  await chrome.kill();
  chrome = await startChrome(profile, url);
  await expect(chrome.page.getByTestId('document-title')).toHaveValue('Welcome to LifeGraph OS');
  expect((await ask(chrome.page, 'me')).userId).toBe(stranger);
  await expect(lossBanner(chrome.page)).toHaveCount(0);
  await chrome.kill();
});
