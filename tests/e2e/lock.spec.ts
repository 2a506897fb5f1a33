/** The lock of a profile: what lies in the browser with it and without it, in one tab and several, with a passphrase and a passkey. */
import { startChrome } from './chrome';
import {
  ask,
  CHANNEL,
  createChannel,
  createSpace,
  expect,
  holdPasskeys,
  newFolder,
  opened,
  openPage,
  type Page,
  SPACE,
  said,
  say,
  sidebar,
  startTeam,
  test,
  texts,
} from './support';

const PASSPHRASE = 'correct horse battery';

/** Every row of every database of the page, keys and values, and every secret as the browser's own key opens it. */
const rowsOf = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const settled = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const latin = (value: unknown): string =>
      value instanceof Uint8Array ? Array.from(value, (byte) => String.fromCharCode(byte)).join('') : String(value);
    const parts: string[] = [];
    for (const { name } of await indexedDB.databases()) {
      const db = await settled(indexedDB.open(name as string));
      for (const store of db.objectStoreNames) {
        const inside = () => db.transaction(store).objectStore(store);
        const [keys, values] = [await settled(inside().getAllKeys()), await settled(inside().getAll())];
        for (const [i, value] of values.entries()) parts.push(`${keys[i]}`, latin(value));
        if (store !== 'secret') continue;
        const key = await settled(db.transaction('key').objectStore('key').get('wrapping'));
        for (const [i, sealed] of values.entries()) {
          const how = {
            name: 'AES-GCM',
            iv: sealed.slice(0, 12),
            additionalData: new TextEncoder().encode(`${keys[i]}`),
          };
          parts.push(latin(new Uint8Array(await crypto.subtle.decrypt(how, key, sealed.slice(12)))));
        }
      }
      db.close();
    }
    return parts.join('\n');
  });
/** Ids as they may lie there: as text and as bytes. */
const formsOf = (id: string): string[] => [id, Buffer.from(id, 'hex').toString('latin1')];
const foundIn = (rows: string, ids: readonly string[]): string[] =>
  ids.filter((id) => formsOf(id).some((form) => rows.includes(form)));

/** Rows enough that going over takes a while. */
const FILLERS = 2_000;
const fill = (page: Page): Promise<void> =>
  page.evaluate(async (count) => {
    const db = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('lgos/default');
      request.onsuccess = () => resolve(request.result);
    });
    const transaction = db.transaction('outbox', 'readwrite');
    for (let i = 0; i < count; i++) transaction.objectStore('outbox').put(new Uint8Array(2_000), `filler/${i}`);
    await new Promise((resolve) => {
      transaction.oncomplete = resolve;
    });
    db.close();
  }, FILLERS);
/** How many rows of the outbox lie in which form. */
const fillers = (page: Page): Promise<{ plain: number; sealed: number }> =>
  page.evaluate(async () => {
    const db = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('lgos/default');
      request.onsuccess = () => resolve(request.result);
    });
    const keys = await new Promise<IDBValidKey[]>((resolve) => {
      const request = db.transaction('outbox').objectStore('outbox').getAllKeys();
      request.onsuccess = () => resolve(request.result);
    });
    db.close();
    const count = (beginning: string): number => keys.filter((key) => String(key).startsWith(beginning)).length;
    return { plain: count('filler/'), sealed: count('~lock/r/') };
  });

const locked = (page: Page) => page.getByRole('heading', { name: 'This profile is locked' });
/** The settings ask for passphrases too: the locked page has to be there first. */
const unlock = async (page: Page, passphrase = PASSPHRASE): Promise<void> => {
  await expect(locked(page)).toBeVisible();
  await page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await page.getByRole('button', { name: 'Unlock' }).click();
};
const lockPart = (page: Page) => page.getByRole('region', { name: 'Lock' });
const settings = async (page: Page) => {
  await sidebar(page).getByRole('button', { name: 'Settings' }).click();
  return lockPart(page);
};
const turnOn = async (page: Page): Promise<void> => {
  const part = await settings(page);
  await expect(part).toContainText('somebody who has this device’s files');
  await part.getByLabel('New passphrase').fill(PASSPHRASE);
  await part.getByLabel('The passphrase again').fill(PASSPHRASE);
  await part.getByRole('button', { name: 'Turn the lock on' }).click();
  await expect(lockPart(page).getByRole('button', { name: 'Lock now' })).toBeVisible();
};

test('[LK3] with the lock no row of the browser names a space, a person or a device; without it they do', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { a, spaceId, channelId } = await startTeam(person, url);
  await say(a.page, 'The heron left at dawn.');
  const me = await ask(a.page, 'me');
  const canaries = [spaceId, me.userId, me.deviceId];
  expect(foundIn(await rowsOf(a.page), canaries)).toEqual(canaries);
  await turnOn(a.page);
  await a.page.goto(`${url}/#/s/${spaceId}/c/${channelId}`);
  await say(a.page, 'And came back at noon.');
  const rows = await rowsOf(a.page);
  expect(foundIn(rows, canaries)).toEqual([]);
  expect(rows).not.toMatch(/heron|at noon|Anna|epoch\//);

  await a.page.reload();
  await expect(locked(a.page)).toBeVisible();
  await expect(a.page.getByText('heron')).toHaveCount(0);
  await unlock(a.page);
  await expect(said(a.page, 'And came back at noon.')).toBeVisible();
  expect((await ask(a.page, 'me')).userId).toBe(me.userId);

  const part = await settings(a.page);
  await part.getByRole('button', { name: 'Turn off' }).click();
  const dialog = a.page.getByRole('dialog', { name: 'Turn the lock off' });
  await dialog.getByLabel('Current passphrase').fill(PASSPHRASE);
  await dialog.getByRole('button', { name: 'Turn off' }).click();
  await expect(lockPart(a.page).getByRole('button', { name: 'Turn the lock on' })).toBeVisible();
  expect(foundIn(await rowsOf(a.page), canaries)).toEqual(canaries);
  await a.page.reload();
  await opened(a.page);
  expect(await texts(a.page, channelId)).toEqual(['The heron left at dawn.', 'And came back at noon.']);
  expect(a.faults).toEqual([]);
});

test('[LK9] unlocking one tab opens the others, locking one empties them, and a wrong passphrase says so and waits', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { a, spaceId, channelId } = await startTeam(person, url);
  await say(a.page, 'Velvet thermometers');
  await turnOn(a.page);
  const b = await openPage(a.context, `${url}/#/s/${spaceId}/c/${channelId}`);
  await expect(said(b.page, 'Velvet thermometers')).toBeVisible();
  await a.page.evaluate(() => Object.assign(window, { before: true }));
  await b.page.evaluate(() => Object.assign(window, { before: true }));
  await lockPart(a.page).getByRole('button', { name: 'Lock now' }).click();
  for (const { page } of [a, b]) {
    await expect(locked(page)).toBeVisible();
    await expect(page.getByText('Velvet')).toHaveCount(0);
    // Loaded again: what the page remembered is gone with it.
    expect(await page.evaluate(() => 'before' in window)).toBe(false);
  }
  for (const wrong of ['wrong number one', 'wrong number two', 'wrong number three']) {
    await unlock(b.page, wrong);
    await expect(b.page.getByRole('alert')).toContainText('This is not the passphrase.');
  }
  await expect(b.page.getByRole('alert')).toContainText(/Wait \d seconds?/);
  await expect(b.page.getByRole('button', { name: 'Unlock' })).toBeDisabled();
  await b.page.reload();
  await expect(b.page.getByRole('button', { name: 'Unlock' })).toBeDisabled();
  await b.page.getByLabel('Passphrase').fill(PASSPHRASE);
  await expect(b.page.getByRole('button', { name: 'Unlock' })).toBeEnabled();
  await b.page.getByLabel('Passphrase').press('Enter');
  for (const { page } of [a, b]) await opened(page);
  await say(b.page, 'dislike thunder');
  await a.page.goto(`${url}/#/s/${spaceId}/c/${channelId}`);
  await expect(said(a.page, 'dislike thunder')).toBeVisible();
});

test('[LK9] a profile that nobody touches for five minutes locks itself', async ({ host, person }) => {
  const { url } = await host();
  const { a } = await startTeam(person, url);
  await turnOn(a.page);
  await a.page.clock.install();
  await a.page.reload();
  await unlock(a.page);
  const part = lockPart(a.page);
  await part.getByRole('radio', { name: '5 min', exact: true }).click();
  await expect(part.getByRole('radio', { name: '5 min', exact: true })).toBeChecked();
  await a.page.clock.runFor('04:00');
  await a.page.keyboard.press('Shift');
  await a.page.clock.runFor('04:00');
  await expect(part).toBeVisible();
  await a.page.clock.runFor('01:30');
  await expect(locked(a.page)).toBeVisible();
});

test('[LK5] a passkey opens the lock, and who forgot removes the profile and begins again', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { a } = await startTeam(person, url);
  const { userId } = await ask(a.page, 'me');
  await holdPasskeys(a);
  const part = await settings(a.page);
  await part.getByRole('button', { name: 'Turn on with a passkey' }).click();
  await expect(part.getByRole('button', { name: 'Lock now' })).toBeVisible();
  await part.getByRole('button', { name: 'Lock now' }).click();
  await expect(locked(a.page)).toBeVisible();
  await expect(a.page.getByLabel('Passphrase')).toHaveCount(0);
  await a.page.getByRole('button', { name: 'Use the passkey' }).click();
  await opened(a.page);
  expect((await ask(a.page, 'me')).userId).toBe(userId);

  await lockPart(a.page).getByRole('button', { name: 'Add a passphrase' }).click();
  const dialog = a.page.getByRole('dialog');
  await dialog.getByLabel('New passphrase').fill(PASSPHRASE);
  await dialog.getByLabel('The passphrase again').fill(PASSPHRASE);
  await dialog.getByRole('button', { name: 'Use the passkey' }).click();
  await expect(dialog).toHaveCount(0);
  await lockPart(a.page).getByRole('button', { name: 'Lock now' }).click();
  await unlock(a.page);
  await opened(a.page);
  expect((await ask(a.page, 'me')).userId).toBe(userId);

  await lockPart(a.page).getByRole('button', { name: 'Lock now' }).click();
  await a.page.getByText('Forgotten?').click();
  await a.page.getByRole('button', { name: 'Remove this profile from this browser' }).click();
  const reloaded = a.page.waitForEvent('load');
  await a.page.getByRole('dialog').getByRole('button', { name: 'Remove this profile from this browser' }).click();
  await reloaded;
  await opened(a.page);
  expect((await ask(a.page, 'me')).userId).not.toBe(userId);
  await expect(a.page.getByRole('alert').filter({ hasText: 'The browser lost' })).toHaveCount(0);
});

test('[LK4] a browser that is killed while the lock is turned on loses nothing', async ({ host }) => {
  test.setTimeout(180_000);
  const { url } = await host();
  const profile = newFolder();
  let chrome = await startChrome(profile, url);
  await createSpace(chrome.page, SPACE);
  const channelId = await createChannel(chrome.page, CHANNEL);
  const wanted = Array.from({ length: 100 }, (_, i) => `message ${i}`);
  await chrome.page.evaluate(
    async ([channel, all]) => {
      for (const text of all) await window.lgos?.run('chat.send', { channelId: channel, text });
    },
    [channelId, wanted] as const,
  );
  const { userId } = await ask(chrome.page, 'me');
  await fill(chrome.page);
  await chrome.page.evaluate(
    (passphrase) =>
      new Promise<void>((resolve) => {
        window.lgos?.watch('browser.lock', {}, (answer) => {
          if (((answer as { moved: number | null }).moved ?? 0) > 300) resolve();
        });
        void window.lgos?.run('browser.turnOnLock', { passphrase });
      }),
    PASSPHRASE,
  );
  await chrome.kill();

  chrome = await startChrome(profile, url, { locked: true });
  await expect(locked(chrome.page)).toBeVisible();
  const cut = await fillers(chrome.page);
  expect(cut.plain, 'killed in the middle').toBeGreaterThan(0);
  expect(cut.sealed, 'killed in the middle').toBeGreaterThan(0);
  await unlock(chrome.page);
  await opened(chrome.page);
  expect((await ask(chrome.page, 'me')).userId).toBe(userId);
  expect(await texts(chrome.page, channelId)).toEqual(wanted);
  expect(await ask(chrome.page, 'query', 'browser.lock', {})).toMatchObject({ at: 'open', on: true });
  expect((await fillers(chrome.page)).plain).toBe(0);
  await chrome.kill();
});
