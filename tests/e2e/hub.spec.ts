import {
  ask,
  CHANNEL,
  createDocument,
  expect,
  invite,
  join,
  open,
  type Page,
  SPACE,
  said,
  showing,
  sidebar,
  startTeam,
  test,
} from './support';

const hub = (page: Page) => sidebar(page).getByRole('link', { name: /^Hub/ });
const inbox = (page: Page) => page.getByRole('region', { name: 'Inbox' });
const rows = (page: Page) => inbox(page).getByRole('listitem');

test('what addresses a person is sorted by the keyboard, clears where it is read, and stays done', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { a, channelId } = await startTeam(person, url);
  const documentId = await createDocument(a.page, 'Calibration protocol');
  const link = await invite(a.page);
  const b = await person(url, { name: 'Boris' });
  await join(b.page, link, SPACE);
  await expect(sidebar(b.page).getByRole('link', { name: 'Calibration protocol' }).last()).toBeVisible();
  const run = (name: string, args: object) => ask(b.page, 'run', name, args);

  // Told outside the page once she asks for it, by a click, and of what addresses her alone.
  await a.page.evaluate(() => {
    const told: string[] = [];
    const fake = class {
      static permission = 'default';
      static async requestPermission() {
        fake.permission = 'granted';
        return fake.permission;
      }
      constructor(title: string) {
        told.push(title);
      }
      close() {}
    };
    Object.assign(window, { Notification: fake, told });
  });
  const told = () => a.page.evaluate(() => (window as unknown as { told: string[] }).told);
  await sidebar(a.page).getByRole('button', { name: 'Settings' }).click();
  await a.page.getByRole('radio', { name: 'What addresses me' }).click();
  await expect(a.page.getByRole('radio', { name: 'What addresses me' })).toBeChecked();

  await run('chat.send', { channelId, text: 'To everybody' });
  await run('chat.send', { channelId, text: 'Is the probe wet, @Anna?' });
  await run('comments.add', { objectId: documentId, text: 'Rinse it twice' });
  await run('editor.suggest', { documentId, blocks: ['a1'], base: [], proposed: [], note: 'Once is enough' });

  await expect.poll(told).toContain('Boris mentioned you in #buoy-3');
  expect(await told()).not.toContain('Boris in #buoy-3');
  await a.page.goBack();

  // Three of the four are for Anna, the newest first.
  await expect(hub(a.page)).toContainText('3');
  await hub(a.page).click();
  await showing(a.page, 'Hub');
  await expect(rows(a.page)).toHaveCount(3);
  await expect(rows(a.page).nth(0)).toContainText('Once is enough');
  await expect(rows(a.page).nth(2)).toContainText('Is the probe wet');

  await expect(a.page.getByRole('region', { name: 'What changed' })).toContainText('Boris wrote 2 messages in');

  // Done, taken back, done; the next row takes its place and has the focus.
  await a.page.keyboard.press('j');
  await expect(
    rows(a.page)
      .nth(1)
      .getByRole('link', { name: /Rinse it twice/ }),
  ).toBeFocused();
  await a.page.keyboard.press('k');
  await a.page.keyboard.press('e');
  await expect(rows(a.page)).toHaveCount(2);
  await expect(
    rows(a.page)
      .nth(0)
      .getByRole('link', { name: /Rinse it twice/ }),
  ).toBeFocused();
  await a.page.keyboard.press('u');
  await expect(rows(a.page)).toHaveCount(3);
  await rows(a.page)
    .nth(0)
    .getByRole('link', { name: /Once is enough/ })
    .focus();
  await a.page.keyboard.press('e');
  await expect(rows(a.page)).toHaveCount(2);

  // Asleep until tomorrow, and to be found among what sleeps.
  await a.page.keyboard.press('s');
  await expect(a.page.getByRole('menuitem', { name: /In three hours/ })).toBeFocused();
  await a.page.keyboard.press('ArrowDown');
  await a.page.keyboard.press('Enter');
  await expect(rows(a.page)).toHaveCount(1);
  await expect(inbox(a.page).getByRole('button', { name: /1 snoozed/ })).toBeVisible();

  // Enter opens the message where it stands; read there, it is read here, and the badge is gone.
  const mention = rows(a.page)
    .nth(0)
    .getByRole('link', { name: /Is the probe wet/ });
  await expect(mention).toBeFocused();
  await a.page.keyboard.press('Enter');
  await showing(a.page, CHANNEL);
  await expect(said(a.page, 'Is the probe wet')).toBeInViewport();
  await expect(hub(a.page)).not.toContainText(/\d/);

  // What was done stays so after a reload, and what sleeps sleeps on.
  await a.page.reload();
  await hub(a.page).click();
  await expect(rows(a.page)).toHaveCount(1);
  await a.page.keyboard.press('e');
  await expect(inbox(a.page)).toContainText('Nothing waits for you');
  await open(a.page, 'Calibration protocol');
  expect([...a.faults, ...b.faults]).toEqual([]);
});
