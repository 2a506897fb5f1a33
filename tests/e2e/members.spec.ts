/** People of a space on the screen: what may be done about whom, access that ends, decisions made apart, bans, reports. */
import type { PersonRow } from '../../src/bridge/messages';
import {
  agree,
  ask,
  body,
  CHANNEL,
  createDocument,
  expect,
  invite,
  join,
  onBeacon,
  open,
  type Page,
  type Person,
  SPACE,
  said,
  say,
  showing,
  startTeam,
  test,
  texts,
  workOffline,
} from './support';

const openMembers = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: `Space: ${SPACE}` }).click();
  await page.getByRole('menuitem', { name: /^Members/ }).click();
  await showing(page, 'Members');
};
const people = async (page: Page, spaceId: string): Promise<readonly PersonRow[]> =>
  (await ask(page, 'query', 'os.people', { spaceId })) as readonly PersonRow[];
const roleOn = (page: Page, name: string, role: string) =>
  page.getByRole('button', { name: `Role of ${name}: ${role}` });
const choose = async (page: Page, name: string, item: string): Promise<void> => {
  await page.getByRole('button', { name: `Actions: ${name}` }).click();
  await page.getByRole('menuitem', { name: item }).click();
};
const setRole = async (page: Page, name: string, from: string, to: string): Promise<void> => {
  await roleOn(page, name, from).click();
  await page.getByRole('menuitem', { name: new RegExp(`^${to}`) }).click();
  await expect(roleOn(page, name, to)).toBeVisible();
};

test.describe.configure({ timeout: 180_000 });

type Start = { readonly url: string; readonly person: Parameters<typeof startTeam>[0] };
/** Anna founds the space; Boris is made Admin on the screen; Vera is a Member. */
const team = async ({ url, person }: Start) => {
  const { a, spaceId, channelId } = await startTeam(person, url);
  const link = await invite(a.page);
  const [b, v] = [await person(url, { name: 'Boris' }), await person(url, { name: 'Vera' })] as [Person, Person];
  for (const { page } of [b, v]) await join(page, link, SPACE);
  await openMembers(a.page);
  await expect(roleOn(a.page, 'Vera', 'Member')).toBeVisible();
  await setRole(a.page, 'Boris', 'Member', 'Admin');
  await expect
    .poll(async () => (await people(b.page, spaceId)).find(({ you }) => you)?.role, 'Boris knows of it')
    .toBe('admin');
  return { a, b, v, spaceId, channelId };
};

test('what may not be done about a person is off and says why; access ends by itself and the list follows', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { a, b, v, spaceId } = await team({ url, person });
  // An Admin: Vera can be made a Guest, not an Admin, and says why; about Anna nothing can be done.
  await openMembers(b.page);
  await roleOn(b.page, 'Vera', 'Member').click();
  const admin = b.page.getByRole('menuitem', { name: /^Admin/ });
  await expect(admin).toBeDisabled();
  await expect(admin).toContainText('Only an Owner does this.');
  await b.page.keyboard.press('Escape');
  await b.page.getByRole('button', { name: 'Actions: Anna' }).click();
  await expect(b.page.getByRole('menuitem', { name: /Remove from the space/ })).toBeDisabled();
  await b.page.keyboard.press('Escape');
  // A Member can do nothing about anybody.
  await openMembers(v.page);
  await v.page.getByRole('button', { name: 'Actions: Boris' }).click();
  await expect(v.page.getByRole('menuitem', { name: /Ban from the space/ })).toContainText(
    'Only Admins and Owners do this.',
  );
  await v.page.keyboard.press('Escape');
  // The only Owner cannot go.
  await a.page.getByRole('button', { name: 'Leave the space' }).click();
  const leaving = a.page.getByRole('dialog', { name: `Leave ${SPACE}?` });
  await expect(leaving).toContainText('You are the only Owner');
  await leaving.getByRole('button', { name: 'Hand over' }).click();
  const handing = a.page.getByRole('dialog', { name: 'Hand over the space' });
  await expect(handing.getByRole('combobox', { name: 'New Owner' })).toBeVisible();
  await handing.getByRole('button', { name: 'Cancel' }).click();

  // Until a time: told in the row on both sides. By the script to the second, as the field takes minutes.
  await choose(b.page, 'Vera', 'Access until…');
  const limiting = b.page.getByRole('dialog', { name: 'Access of Vera' });
  await limiting.getByRole('button', { name: 'A week' }).click();
  await limiting.getByRole('button', { name: 'Save' }).click();
  for (const { page } of [a, b]) await expect(page.locator('.until')).toContainText('until');
  const vera = (await people(b.page, spaceId)).find(({ name }) => name === 'Vera');
  await ask(b.page, 'run', 'os.setRole', {
    spaceId,
    userId: vera?.userId,
    role: 'member',
    until: Date.now() + 4_000,
  });
  for (const { page } of [a, b]) await expect(roleOn(page, 'Vera', 'Member')).toHaveCount(0);
  await expect(v.page.getByText('You are not a member of this space.').first()).toBeVisible();

  // Who leaves may have it gone from the device as well: here at once, for others know.
  await b.page.getByRole('button', { name: 'Leave the space' }).click();
  const going = b.page.getByRole('dialog', { name: `Leave ${SPACE}?` });
  await going.getByRole('switch', { name: 'Also remove it from this device' }).click();
  await going.getByRole('button', { name: 'Leave the space' }).click();
  await expect
    .poll(async () => JSON.stringify(await ask(b.page, 'query', 'os.storage', {})).includes(spaceId))
    .toBe(false);
});

test('an Owner and an Admin who decide differently apart are told, and adding again ends it', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { a, b, spaceId } = await team({ url, person });
  await openMembers(b.page);
  await workOffline(b.page, true);
  await choose(b.page, 'Vera', 'Remove from the space');
  await b.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(roleOn(b.page, 'Vera', 'Member')).toHaveCount(0);
  await setRole(a.page, 'Vera', 'Member', 'Guest');
  await workOffline(b.page, false);
  for (const { page } of [a, b]) {
    const told = page.getByRole('region', { name: 'Decided apart' });
    await expect(told).toContainText('Two people decided differently about Vera');
    await expect(told).toContainText('Boris removed Vera');
    await expect(told).toContainText('Anna made Vera Guest');
    await expect(told).toContainText('Now: Vera is not in the space.');
    await expect(page.getByRole('button', { name: /^Space: / })).toContainText('1');
  }
  await b.page.getByRole('button', { name: 'Leave it so' }).click();
  await expect(b.page.getByRole('region', { name: 'Decided apart' })).toHaveCount(0);
  await a.page.getByRole('button', { name: 'Add again as Guest' }).click();
  await expect(roleOn(a.page, 'Vera', 'Guest')).toBeVisible();
  await expect(a.page.getByRole('region', { name: 'Decided apart' })).toHaveCount(0);
  expect((await people(a.page, spaceId)).map(({ name, role }) => `${name} ${role}`).sort()).toEqual([
    'Anna owner',
    'Boris admin',
    'Vera guest',
  ]);
});

test('a message is reported and removed; whom one blocks is folded away for oneself alone; a ban is lifted', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { a, b, v, channelId } = await team({ url, person });
  for (const { page } of [a, b, v]) await open(page, CHANNEL);
  await say(b.page, 'Buy my coins');
  await say(b.page, 'Really, buy them');
  const bad = said(v.page, 'Buy my coins');
  await bad.hover();
  await bad.getByRole('button', { name: 'More' }).click();
  await v.page.getByRole('menuitem', { name: 'Report to the Admins' }).click();
  const dialog = v.page.getByRole('dialog', { name: 'Report to the Admins' });
  await dialog.getByRole('textbox', { name: 'What is wrong with it?' }).fill('Spam');
  await dialog.getByRole('button', { name: 'Report' }).click();
  await expect(v.page.getByText('The Admins will see it')).toBeVisible();
  // Vera sees no more of Boris; Anna does.
  await bad.hover();
  await bad.getByRole('button', { name: 'More' }).click();
  await v.page.getByRole('menuitem', { name: 'Hide messages of Boris' }).click();
  await expect(v.page.getByText('Boris: hidden by you')).toHaveCount(2);
  await expect(v.page.getByText('Really, buy them')).toHaveCount(0);
  await v.page.getByRole('button', { name: 'Show' }).last().click();
  await expect(said(v.page, 'Really, buy them')).toBeVisible();
  await expect(said(a.page, 'Really, buy them')).toBeVisible();

  await openMembers(a.page);
  const reported = a.page.getByRole('region', { name: 'Reported' });
  await expect(reported).toContainText('Buy my coins');
  await expect(reported).toContainText('Vera: Spam');
  await reported.getByRole('button', { name: 'Remove' }).click();
  await expect(reported).toHaveCount(0);
  await expect.poll(() => texts(v.page, channelId)).toEqual(['', 'Really, buy them']);

  await choose(a.page, 'Boris', 'Ban from the space');
  await a.page.getByRole('dialog').getByRole('button', { name: 'Ban from the space' }).click();
  const banned = a.page.getByRole('region', { name: 'Banned' });
  await expect(banned).toContainText('Boris');
  await banned.getByRole('button', { name: 'Lift the ban' }).click();
  await expect(banned).toHaveCount(0);
});

test('who writes on while being removed is told, and an Admin takes over the work that is held', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { a, b, v, spaceId } = await team({ url, person });
  const documentId = await createDocument(a.page, 'Field log');
  await open(v.page, 'Field log');
  await body(v.page).click();
  await v.page.keyboard.type('Before. ');
  await expect(body(a.page)).toContainText('Before.');
  await onBeacon(v.page, spaceId);
  await workOffline(v.page, true);
  await body(v.page).click();
  await v.page.keyboard.press('Control+End');
  await v.page.keyboard.type('Written on the boat.');
  await expect(body(v.page)).toContainText('Written on the boat.');

  await openMembers(b.page);
  await choose(b.page, 'Vera', 'Remove from the space');
  await b.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(roleOn(b.page, 'Vera', 'Member')).toHaveCount(0);
  await onBeacon(b.page, spaceId);

  await workOffline(v.page, false);
  await expect(v.page.getByText('You are not a member of this space.').first()).toBeVisible();
  const held = b.page.getByRole('region', { name: 'Work that is held' });
  await expect(held).toContainText('Vera');
  await expect(held).toContainText('Field log');
  expect(await ask(a.page, 'documentText', documentId)).not.toContain('boat');
  // What of it comes later is held as well, and taken over as well.
  await expect(async () => {
    if (await held.isVisible()) await held.getByRole('button', { name: 'Take over' }).click({ timeout: 2_000 });
    await expect(held).toHaveCount(0, { timeout: 2_000 });
  }).toPass();
  for (const { page } of [a, b])
    await expect.poll(() => ask(page, 'documentText', documentId)).toContain('Written on the boat.');
  await agree(spaceId, a.page, b.page);
});
