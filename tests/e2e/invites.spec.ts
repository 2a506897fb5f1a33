import type { Locator, Page } from '@playwright/test';
import {
  ask,
  CHANNEL,
  createDocument,
  expect,
  invite,
  onBeacon,
  opened,
  SPACE,
  showing,
  startTeam,
  test,
} from './support';

const share = async (page: Page): Promise<Locator> => {
  await page.getByRole('button', { name: 'Share' }).click();
  return page.getByRole('dialog', { name: /^Invite to/ });
};
const choose = (dialog: Locator, group: string, name: string): Promise<void> =>
  dialog.getByRole('radiogroup', { name: group }).getByRole('radio', { name, exact: true }).click();
const make = async (dialog: Locator): Promise<string> => {
  await dialog.getByRole('button', { name: 'Make a link' }).click();
  return dialog.getByRole('textbox', { name: 'Link' }).inputValue();
};
const invitations = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: /^Space:/ }).click();
  await page.getByRole('menuitem', { name: 'Invitations' }).click();
  await expect(page.getByRole('heading', { name: 'Invitations', level: 2 })).toBeVisible();
};
const paste = async (page: Page, what: string): Promise<void> => {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('Paste an inv');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Link, text or code' }).fill(what);
  await page.keyboard.press('Enter');
};

/** Everything that a page sends to or hears from servers: addresses, headers, bodies, frames of sockets. */
const record = (page: Page): { readonly all: readonly string[] } => {
  const all: string[] = [];
  const note = (payload: string | Buffer): void => {
    if (typeof payload === 'string') all.push(payload);
    else all.push(payload.toString('latin1'), payload.toString('hex'));
  };
  page.on('request', (request) => {
    all.push(request.url(), JSON.stringify(request.headers()), request.postData() ?? '');
  });
  page.on('websocket', (socket) => {
    all.push(socket.url());
    socket.on('framesent', ({ payload }) => note(payload));
    socket.on('framereceived', ({ payload }) => note(payload));
  });
  return { all };
};
/** The shapes in which a secret could leave. `payload`: of a link, base64url. */
const shapesOf = (payload: string): readonly string[] => {
  const bytes = Buffer.from(payload, 'base64url');
  // Version and space go before it.
  const secret = bytes.subarray(33, 53);
  return [
    payload,
    encodeURIComponent(payload).slice(60, 100),
    secret.toString('hex'),
    secret.toString('base64'),
    secret.toString('base64url'),
    secret.toString('latin1'),
    JSON.stringify([...secret]).slice(1, -1),
  ];
};

test('[T41] the joiner arrives at the document that was shared, and no request or frame carries the secret of the link', async ({
  host,
  person,
}, info) => {
  const beacon = await host();
  const { url } = beacon;
  const { a, spaceId } = await startTeam(person, url);
  const heardOfA = record(a.page);
  await a.page.reload();
  await opened(a.page);
  await createDocument(a.page, 'Launch plan');
  const dialog = await share(a.page);
  await expect(dialog.getByText('Those who come arrive at “Launch plan”.')).toBeVisible();
  await expect(dialog.getByText('Anyone with the link can read until you revoke it.')).toBeVisible();
  const link = await make(dialog);
  await a.page.screenshot({ path: info.outputPath('dialog.png') });
  await onBeacon(a.page, spaceId);

  const b = await person(url, { name: 'Boris' });
  const heardOfB = record(b.page);
  await b.page.goto(link);
  await b.page.reload();
  await expect(b.page.getByRole('heading', { name: SPACE })).toBeVisible();
  await expect(b.page.getByText('Anna invites you')).toBeVisible();
  await expect(b.page.getByText('Launch plan')).toBeVisible();
  await b.page.screenshot({ path: info.outputPath('join.png') });
  await b.page.getByRole('button', { name: 'Join' }).click();
  await showing(b.page, 'Launch plan');

  // Who is inside already is not asked anything.
  await b.page.goto(`${url}/#/settings`);
  await b.page.goto(link);
  await showing(b.page, 'Launch plan');

  const shapes = shapesOf(link.split('#/join/')[1] as string);
  for (const { all } of [heardOfA, heardOfB]) {
    expect(all.length).toBeGreaterThan(20);
    for (const shape of shapes) expect(all.filter((text) => text.includes(shape))).toEqual([]);
    expect(all.filter((text) => text.includes('#/join'))).toEqual([]);
  }
  for (const shape of shapes) expect(beacon.printed()).not.toContain(shape);
  // A page that tells its server is found out.
  await b.page.evaluate((told) => fetch(`/?${told}`), shapes[0]);
  expect(heardOfB.all.filter((text) => text.includes(shapes[0] as string))).not.toEqual([]);
  expect([...a.faults, ...b.faults]).toEqual([]);
});

test('[T41] a code that is said aloud, and a text that is pasted, bring people in; the code goes through no server', async ({
  host,
  person,
  context,
}, info) => {
  await context.close();
  const { url } = await host();
  const { a } = await startTeam(person, url, { permissions: ['clipboard-read', 'clipboard-write'] });
  const dialog = await share(a.page);
  await choose(dialog, 'Role', 'Guest');
  await make(dialog);
  await dialog.getByRole('button', { name: 'Copy as a text' }).click();
  const text = await a.page.evaluate(() => navigator.clipboard.readText());
  expect(text).toContain(`Anna invites you to “${CHANNEL}” in the space “${SPACE}” in LGOS.`);
  await dialog.getByRole('button', { name: 'Make a code to say aloud' }).click();
  const shown = dialog.getByRole('status', { name: 'Or say the code' });
  await expect(shown).toHaveText(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/);
  const code = (await shown.textContent()) as string;
  await a.page.screenshot({ path: info.outputPath('code.png') });

  const b = await person(url, { name: 'Boris' });
  const heard = record(b.page);
  const slip = code.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
  await paste(b.page, slip);
  await expect(b.page.getByRole('alert')).toContainText('There is a slip in this code.');
  await b.page.screenshot({ path: info.outputPath('paste.png') });
  await b.page.getByRole('textbox', { name: 'Link, text or code' }).fill(code.toLowerCase().replace('-', ' '));
  await b.page.keyboard.press('Enter');
  await b.page.getByRole('button', { name: 'Join' }).click();
  await showing(b.page, CHANNEL);
  const said = code.replace('-', '').slice(4, 9);
  for (const shape of [code, code.replace('-', ''), said])
    expect(heard.all.filter((frame) => frame.includes(shape))).toEqual([]);

  const c = await person(url, { name: 'Vera' });
  await paste(c.page, `Hello!\n\n${text}\n\nSee you`);
  await c.page.getByRole('button', { name: 'Join' }).click();
  await showing(c.page, CHANNEL);
  expect(
    await ask(a.page, 'members', (await ask(b.page, 'spaces')).find(({ title }) => title === SPACE)?.id as string),
  ).toHaveLength(3);
  expect([...a.faults, ...b.faults, ...c.faults]).toEqual([]);
});

test('one waits to be let in and is, another is refused and told so, and a revoked link says that it is', async ({
  host,
  person,
}, info) => {
  const { url } = await host();
  const { a } = await startTeam(person, url);
  const dialog = await share(a.page);
  await choose(dialog, 'Entry', 'After approval');
  await choose(dialog, 'Uses', '3');
  const link = await make(dialog);
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  const [b, c] = [await person(url, { name: 'Boris' }), await person(url, { name: 'Vera' })];
  for (const { page } of [b, c]) {
    await page.goto(link);
    await page.getByRole('button', { name: 'Join' }).click();
    await expect(page.getByText('Waiting to be let in')).toBeVisible();
    await expect(page.locator('li.now')).toContainText(/^Waiting to be let in.*Newcomer [0-9A-F]{4}/);
  }
  await invitations(a.page);
  const waiting = a.page.getByRole('region', { name: 'Waiting to be let in' });
  await expect(waiting.getByRole('listitem')).toHaveCount(2);
  const open = a.page.getByRole('region', { name: 'Open invitations' });
  await expect(open).toContainText('used 0 of 3');
  await expect(open).toContainText('2 wait to be let in');
  await a.page.screenshot({ path: info.outputPath('invitations.png') });
  await waiting.getByRole('button', { name: 'Let in' }).first().click();
  await expect(waiting.getByRole('listitem')).toHaveCount(1);
  await waiting.getByRole('button', { name: 'Refuse' }).click();
  await expect(waiting).toHaveCount(0);
  await expect(open).toContainText('used 1 of 3');
  await showing(b.page, CHANNEL).catch(() => showing(c.page, CHANNEL));
  const refused = b.page.url().includes('/join/') ? b.page : c.page;
  await expect(refused.getByRole('alert')).toContainText('Your request was refused.');
  await refused.screenshot({ path: info.outputPath('refused.png') });

  await open.getByRole('button', { name: 'Revoke' }).click();
  await expect(a.page.getByRole('region', { name: 'Over' })).toContainText('revoked');
  const d = await person(url, { name: 'Denis' });
  await d.page.goto(link);
  await d.page.getByRole('button', { name: 'Join' }).click();
  await expect(d.page.getByRole('alert')).toContainText('This invitation was revoked.');
  expect([...a.faults, ...b.faults, ...c.faults, ...d.faults]).toEqual([]);
});

test('an open link is shown again, copied and revoked from the list; a Member is told why they invite nobody', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { a } = await startTeam(person, url);
  const link = await invite(a.page);
  await invitations(a.page);
  await a.page.getByRole('button', { name: 'Show the invitation' }).click();
  const shown = a.page.getByRole('dialog', { name: 'Show the invitation' });
  await expect(shown.getByRole('img', { name: 'The link as a QR code' })).toBeVisible();
  await expect(shown.getByRole('textbox', { name: 'Link' })).toHaveValue(link);
  await a.page.keyboard.press('Escape');

  const b = await person(url, { name: 'Boris' });
  await b.page.goto(link);
  await b.page.getByRole('button', { name: 'Join' }).click();
  await showing(b.page, CHANNEL);
  await invitations(b.page);
  await expect(b.page.getByText('Only Admins and Owners invite people to this space.').first()).toBeVisible();
  await expect(b.page.getByRole('main').getByRole('button', { name: 'Invite people' })).toBeDisabled();
});
