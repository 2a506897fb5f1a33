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
