/** A browser that has no room left for the page, by its own quota: nothing is lost, and work goes on once there is room. */
import {
  CHANNEL,
  callOneself,
  composer,
  createChannel,
  createSpace,
  expect,
  opened,
  openPage,
  type Page,
  SPACE,
  say,
  test,
  texts,
} from './support';

/** Takes all the room that is left, in a database beside the profile's. */
const fill = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const settled = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const opening = indexedDB.open('filler');
    opening.onupgradeneeded = () => void opening.result.createObjectStore('rows', { autoIncrement: true });
    const db = await settled(opening);
    let taken = 0;
    for (const size of [1_000_000, 30_000, 1_000]) {
      const value = new Uint8Array(size);
      for (let at = 0; at < size; at += 50_000) crypto.getRandomValues(value.subarray(at, Math.min(size, at + 50_000)));
      for (;;) {
        const transaction = db.transaction('rows', 'readwrite');
        transaction.objectStore('rows').add(value);
        const written = await new Promise<boolean>((resolve) => {
          transaction.oncomplete = () => resolve(true);
          transaction.onabort = () => resolve(false);
        });
        if (!written) break;
        taken += size;
      }
    }
    db.close();
    return taken;
  });

test('a full browser turns the page read-only with clear words, and what was typed is saved once there is room', async ({
  host,
  browser,
}) => {
  const beacon = await host();
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1440, height: 900 } });
  // A page of its own keeps the quota; it has to be there before the first database is opened.
  const devtools = await context.newCDPSession(await context.newPage());
  const allow = (quotaSize: number) =>
    devtools.send('Storage.overrideQuotaForOrigin', { origin: beacon.url, quotaSize });
  await allow(25e6);
  const { page, faults } = await openPage(context, beacon.url);
  await callOneself(page, 'Ada');
  await createSpace(page, SPACE);
  const channelId = await createChannel(page, CHANNEL);
  await say(page, 'before');
  expect(await fill(page)).toBeGreaterThan(1e6);
  await composer(page).fill('not saved yet');
  await composer(page).press('Enter');
  const alert = page.getByRole('alert').filter({ hasText: 'The browser has no room left.' });
  await expect(alert).toContainText('what is not saved yet waits in this page');
  await expect(alert).toContainText(/Free room: .* This site takes \d+ MB\./);
  await composer(page).fill('typed meanwhile');
  await composer(page).press('Enter');
  await expect(composer(page)).toHaveValue('typed meanwhile');
  await allow(200e6);
  await expect(alert).toHaveCount(0);
  await composer(page).press('Enter');
  await expect(composer(page)).toHaveValue('');
  await page.reload();
  await opened(page);
  await expect
    .poll(async () => [...(await texts(page, channelId))].sort())
    .toEqual(['before', 'not saved yet', 'typed meanwhile']);
  expect(faults).toEqual([]);
  await context.close();
});
