/** A text that leaves the device, and comes back from the beacon when it is looked at. */
import { ask, body, createDocument, expect, onBeacon, open, startTeam, test, wordsOf, workOffline } from './support';

test('a document that was removed from the device shows who has it, and comes back from the beacon', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { a, spaceId } = await startTeam(person, url);
  const { page } = a;
  const id = await createDocument(page, 'Protocol');
  await body(page).click();
  await page.keyboard.type('Rinse the probe twice');
  await expect.poll(() => ask(page, 'documentText', id)).toBe('Rinse the probe twice');
  await onBeacon(page, spaceId);
  await open(page, 'buoy-3');
  const content = () => ask(page, 'query', 'os.content', { id }) as Promise<{ here: boolean }>;
  await expect
    .poll(async () => {
      await ask(page, 'run', 'os.shelve', { id }).catch(() => {});
      return (await content()).here;
    })
    .toBe(false);

  await workOffline(page, true);
  await open(page, 'Protocol');
  const away = page.getByTestId('away');
  await expect(away).toContainText('The text of this document is not on this device.');
  await expect(away).toContainText('out of reach');
  await workOffline(page, false);
  await expect.poll(() => wordsOf(page)).toBe('Rinse the probe twice');
  await expect(away).toHaveCount(0);
  expect(a.faults).toEqual([]);
});

test('a document whose changes lie with the beacon is read and edited without a connection; an earlier state is fetched', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { a, spaceId } = await startTeam(person, url);
  const { page } = a;
  const id = await createDocument(page, 'Protocol');
  for (let i = 0; i < 24; i++) await ask(page, 'insertText', id, 0, `${i} `);
  const text = await ask(page, 'documentText', id);
  await ask(page, 'run', 'editor.rename', { documentId: id, title: 'Other' });
  await onBeacon(page, spaceId);
  await open(page, 'buoy-3');
  const content = () => ask(page, 'query', 'os.content', { id }) as Promise<{ here: boolean; changes: boolean }>;
  await expect
    .poll(async () => {
      await ask(page, 'run', 'os.compact', { id }).catch(() => {});
      return content();
    })
    .toMatchObject({ here: true, changes: false });

  await page.reload();
  await workOffline(page, true);
  await open(page, 'Other');
  await expect.poll(() => wordsOf(page)).toBe(text);
  await body(page).click();
  await page.keyboard.press('Home');
  await page.keyboard.type('New ');
  await expect.poll(() => ask(page, 'documentText', id)).toBe(`New ${text}`);
  await page.keyboard.press('Control+.');
  await page.locator('.past .change').last().click();
  const away = page.getByTestId('changes-away');
  await expect(away).toContainText('nobody who has them answers now');
  await ask(page, 'setOnline', true);
  await expect(page.getByTestId('earlier-body').or(page.getByText('There was no text yet.'))).toBeVisible();
  expect(await content()).toMatchObject({ here: true, changes: true });
  expect(a.faults).toEqual([]);
});
