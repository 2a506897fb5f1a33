/**
 * Pages that stand apart from any data, each in a browser profile of its own: before there is a person, while one is locked out, and
 * where something failed; and where several people meet. Name -> what brings a new context there; gives the page. `beaconOf` starts another
 * beacon, `newContext` a profile of somebody else.
 */
import { networkInterfaces } from 'node:os';
import { opened, TOGETHER } from './together.mjs';

const PASSPHRASE = 'correct horse battery';

const invitation = async (context, url, how) => {
  const page = await opened(context, url);
  return page.evaluate(async (invited) => {
    await lgos.setName('Anna Sorokina');
    const { id } = await lgos.createSpace({ title: 'Ladoga field team', kind: 'team' });
    return (await lgos.invite(id, { role: 'member', uses: 3, ...invited })).url;
  }, how);
};
const invited =
  (how) =>
  async (context, { url, newContext }) => {
    const link = await invitation(await newContext(), url, how);
    return opened(context, link);
  };

/** In the page: takes all the room that its origin has, in a database beside the profile's. */
const fill = async () => {
  const settled = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const opening = indexedDB.open('filler');
  opening.onupgradeneeded = () => opening.result.createObjectStore('rows', { autoIncrement: true });
  const db = await settled(opening);
  for (const size of [1_000_000, 30_000, 1_000]) {
    const value = new Uint8Array(size);
    for (let at = 0; at < size; at += 50_000) crypto.getRandomValues(value.subarray(at, Math.min(size, at + 50_000)));
    for (let written = true; written; ) {
      const transaction = db.transaction('rows', 'readwrite');
      transaction.objectStore('rows').add(value);
      written = await new Promise((resolve) => {
        transaction.oncomplete = () => resolve(true);
        transaction.onabort = () => resolve(false);
      });
    }
  }
  db.close();
};

export const APART = {
  welcome: (context, { url }) => opened(context, url),
  join: invited({}),
  asked: async (context, beacon) => {
    const page = await invited({ confirm: true })(context, beacon);
    await page.locator('.join .btn.pri').click();
    return page;
  },
  badLink: (context, { url }) => opened(context, `${url}/#/join/${'x'.repeat(80)}`),
  locked: async (context, { url }) => {
    const page = await opened(context, url);
    await page.evaluate(async (passphrase) => {
      await lgos.run('browser.turnOnLock', { passphrase });
      // The page goes with its answer.
      void lgos.run('browser.lockNow', {});
    }, PASSPHRASE);
    await page.locator('input[type=password]').waitFor();
    return page;
  },
  broken: async (context, { url }) => {
    const page = await opened(context, url);
    await page.route(/SearchPage/, (route) => route.abort());
    await page.goto(`${url}/#/search`);
    await page.locator('.broken').waitFor();
    await page.locator('.broken summary').click();
    return page;
  },
  insecure: async (context, { port }) => {
    const page = await context.newPage();
    const other = Object.values(networkInterfaces())
      .flat()
      .find((address) => address && address.family === 'IPv4' && !address.internal);
    if (!other) throw new Error('This machine has no address besides localhost');
    await page.goto(`http://${other.address}:${port}`);
    await page.getByRole('alert').waitFor();
    return page;
  },
  oldBrowser: async (context, { url }) => {
    const page = await context.newPage();
    await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }));
    await page.goto(url);
    await page.getByRole('alert').waitFor();
    return page;
  },
  noRoom: async (context, { url }) => {
    // A page of its own keeps the quota; it has to be there before the first database is opened.
    const devtools = await context.newCDPSession(await context.newPage());
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: url, quotaSize: 25e6 });
    const page = await opened(context, url);
    await page.evaluate(fill);
    // Its answer comes when there is room, if ever.
    void page.evaluate(() => lgos.setName('Ada')).catch(() => {});
    await page.locator('.banner.bad').waitFor();
    return page;
  },
  island: async (context, { beaconOf }) => {
    const own = await beaconOf();
    const page = await opened(context, own.url);
    await page.waitForFunction(async () => {
      const { personalSpace: spaceId } = await lgos.query('os.me', {});
      return (await lgos.query('os.sync', { spaceId })).safe;
    });
    await own.stop();
    await page.locator('.banner.net').waitFor();
    return page;
  },
  ...TOGETHER,
};
