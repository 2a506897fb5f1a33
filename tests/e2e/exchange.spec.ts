/** A space leaves one browser as a file and comes into another that nobody is linked to, with the same state; it is searched there. */
import { unzipSync } from 'fflate';
import { ask, body, createDocument, expect, sidebar, startTeam, test, workOffline } from './support';

test('a space is exported as a zip, and comes into a clean browser without a network, with the same state hash, and is searched there', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { a, spaceId } = await startTeam(person, url);
  const { page } = a;
  await createDocument(page, 'План: "осень" / 2026');
  await body(page).click();
  await page.keyboard.type('## Rinse the probe twice');
  await ask(page, 'run', 'chat.createChannel', { spaceId, title: '👩‍👩‍👧 ../x'.repeat(6) });
  const hash = await ask(page, 'stateHash', spaceId);

  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('>export');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Export a space' });
  await dialog.getByLabel('Passphrase').fill('correct horse');
  // The browser's own window to choose a file is out of reach: a file of the page's own stands for the chosen one.
  await page.evaluate(() => {
    const chosen = async () =>
      (await navigator.storage.getDirectory()).getFileHandle('Team.zip', { create: true }) as Promise<unknown>;
    Object.assign(window, { showSaveFilePicker: chosen });
  });
  await dialog.getByRole('button', { name: 'Export' }).click();
  await expect(page.getByText('was saved as Team.zip')).toBeVisible();
  const bytes = Buffer.from(
    await page.evaluate(async () => {
      const folder = await navigator.storage.getDirectory();
      const saved = await (await (await folder.getFileHandle('Team.zip')).getFile()).arrayBuffer();
      return btoa(Array.from(new Uint8Array(saved), (byte) => String.fromCharCode(byte)).join(''));
    }),
    'base64',
  );
  const file = { name: 'Team.zip', mimeType: 'application/zip', buffer: bytes };
  const zip = unzipSync(new Uint8Array(bytes));
  const names = Object.keys(zip);
  expect(names).toEqual(expect.arrayContaining(['journal.lgos', 'README.txt', 'objects.json', 'people.json']));
  expect(names.every((name) => new TextEncoder().encode(name).length < 130 && !name.includes('..'))).toBe(true);
  const document = names.find((name) => name.startsWith('documents/План')) ?? '';
  expect(new TextDecoder().decode(zip[document])).toContain('## Rinse the probe twice');
  expect(JSON.parse(new TextDecoder().decode(zip['objects.json'])).length).toBeGreaterThan(3);

  const b = await person(url);
  await workOffline(b.page, true);
  await sidebar(b.page).getByRole('button', { name: 'Settings' }).click();
  await b.page.getByRole('button', { name: 'Bring in a space from a file' }).click();
  const importing = b.page.getByRole('dialog', { name: 'Bring in a space from a file' });
  await importing.locator('input[type=file]').setInputFiles(file);
  await importing.getByLabel('Passphrase of the file').fill('wrong');
  await importing.getByRole('button', { name: 'Bring in' }).click();
  await expect(b.page.getByRole('alert')).toContainText('does not open the keys');
  await importing.getByLabel('Passphrase of the file').fill('correct horse');
  await importing.getByRole('button', { name: 'Bring in' }).click();
  await expect(importing).toContainText('every one of them checked');
  await expect(importing).toContainText(String(hash));
  await importing.getByRole('button', { name: 'Open the space' }).click();
  expect(await ask(b.page, 'stateHash', spaceId)).toBe(hash);
  await b.page.reload();
  await b.page.waitForFunction(() => window.lgos !== undefined);
  await expect.poll(() => ask(b.page, 'stateHash', spaceId)).toBe(hash);

  await b.page.keyboard.press('Control+Shift+F');
  const question = b.page.getByRole('searchbox', { name: 'Search everything' });
  await question.fill('rinsed probes');
  const hit = b.page.getByRole('main').getByRole('button', { name: /Rinse the probe twice/ });
  await expect(hit).toBeVisible();
  await b.page.getByRole('button', { name: 'What' }).click();
  await b.page.getByRole('menuitem', { name: 'Documents' }).click();
  await expect(question).toHaveValue('rinsed probes type:document ');
  await expect(b.page.getByRole('button', { name: 'Without “only document”' })).toBeVisible();
  await question.press('ArrowDown');
  await expect(hit).toBeFocused();
  await b.page.keyboard.press('Enter');
  await expect(body(b.page)).toContainText('Rinse the probe twice');
  await b.page.goBack();
  await expect(question).toHaveValue('rinsed probes type:document');
  await expect(hit).toBeVisible();
  expect([...a.faults, ...b.faults]).toEqual([]);
});
