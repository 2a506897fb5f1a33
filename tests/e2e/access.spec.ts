/** Access as people see it: why, who opens a document, rules, looking as a guest, and the history that tells all of it. */

import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import {
  ask,
  body,
  CHANNEL,
  composer,
  createDocument,
  expect,
  join,
  onBeacon,
  open,
  SPACE,
  showing,
  startTeam,
  test,
} from './support';

const inspector = (page: Page) => page.getByRole('complementary', { name: 'Inspector' });
const openAudit = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: /^Space:/ }).click();
  await page.getByRole('menuitem', { name: 'History of access' }).click();
  await showing(page, 'History of access');
};
const acts = (page: Page) => page.getByRole('main').getByRole('listitem');

test('temporary access ends by itself, and the history of access tells all of it', async ({ host, person }) => {
  const { url } = await host();
  const { a, spaceId } = await startTeam(person, url);
  const documentId = await createDocument(a.page, 'Plan');
  const b = await person(url, { name: 'Vera' });
  const { url: link } = await ask(a.page, 'invite', spaceId, { role: 'guest' });
  await onBeacon(a.page, spaceId);
  await join(b.page, link, SPACE);
  const { userId } = await ask(b.page, 'me');
  await expect.poll(async () => (await ask(a.page, 'members', spaceId)).length).toBe(2);
  const grantFor = (ms: number): Promise<void> =>
    ask(a.page, 'grant', spaceId, userId, { role: 'guest', notAfter: Date.now() + ms, within: [documentId] });
  await grantFor(3_600_000);

  // Anna sees in the inspector who opens the plan, until when, and why.
  await a.page.getByRole('button', { name: /^Inspector/ }).click();
  const reader = inspector(a.page).getByRole('listitem').filter({ hasText: 'Vera' });
  await expect(reader).toContainText('Guest, only this, until');
  await reader.getByRole('button', { name: 'Why? Vera' }).click();
  const why = a.page.getByRole('dialog', { name: 'Why can Vera do this?' });
  await expect(why.getByRole('listitem').first()).toContainText('Anna founded the space');
  await expect(why).toContainText('Anna made Vera Guest of “Plan” until');
  await a.page.keyboard.press('Escape');

  // She shortens it; then nobody does anything, and the right ends.
  await grantFor(8_000);
  await expect(reader).toHaveCount(0, { timeout: 30_000 });
  await openAudit(a.page);
  await expect(acts(a.page).filter({ hasText: 'The access of Vera as Guest ended by itself.' })).toHaveCount(1);
  await expect
    .poll(async () => {
      const told = (await ask(b.page, 'explain', spaceId, 'read')) as { allowed: boolean; missing: { code: string } };
      return told.allowed ? 'allowed' : told.missing.code;
    })
    .toBe('ended');

  // The filters are ordinary fields, and the text holds what is shown.
  await a.page.getByRole('main').getByLabel('Who').selectOption({ label: 'Vera' });
  await expect(acts(a.page).filter({ hasText: 'came in by a link as Guest' })).toHaveCount(1);
  await expect(acts(a.page).filter({ hasText: 'made Vera Guest of “Plan”, until' })).toHaveCount(2);
  await expect(acts(a.page).filter({ hasText: 'founded' })).toHaveCount(0);
  await a.page.getByRole('main').getByLabel('What').selectOption({ label: 'Invitations' });
  await expect(acts(a.page).filter({ hasText: 'ended by itself' })).toHaveCount(0);
  await a.page.getByRole('main').getByLabel('What').selectOption({ label: 'Everything' });
  const saving = a.page.waitForEvent('download');
  await a.page.getByRole('button', { name: 'Save as text' }).click();
  const text = readFileSync(await (await saving).path(), 'utf8');
  expect(text).toContain(`History of access: ${SPACE}`);
  expect(text).toContain('The access of Vera as Guest ended by itself.');
  expect(a.faults).toEqual([]);
  expect(b.faults).toEqual([]);
});

test('a rule of one document closes it to Members, who are told why; an Owner looks as a guest', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { a, spaceId } = await startTeam(person, url);
  await createDocument(a.page, 'Plan');
  const b = await person(url, { name: 'Boris' });
  const { url: link } = await ask(a.page, 'invite', spaceId, { role: 'member' });
  await onBeacon(a.page, spaceId);
  await join(b.page, link, SPACE);
  await open(b.page, 'Plan');
  await expect(body(b.page)).toHaveAttribute('contenteditable', 'true');

  await a.page.getByRole('button', { name: /^Inspector/ }).click();
  await inspector(a.page).getByLabel('Who edits').selectOption({ label: 'Admins and Owners' });
  await expect(inspector(a.page)).toContainText('Set by Anna');
  await expect(b.page.getByRole('main')).toContainText('asks for the role Admin; the role here is Member');
  // What they write is a proposal; where that is closed too, they read.
  await inspector(a.page).getByLabel('Who comments and suggests').selectOption({ label: 'Owners only' });
  await expect(body(b.page)).toHaveAttribute('contenteditable', 'false');

  // As a guest of the space: a banner, nothing to write with, and a way back.
  await open(a.page, CHANNEL);
  await expect(composer(a.page)).toBeVisible();
  await a.page.getByRole('button', { name: 'View as a guest' }).click();
  const banner = a.page.getByRole('status').filter({ hasText: `You see ${SPACE} as a Guest` });
  await expect(banner).toBeVisible();
  await expect(composer(a.page)).toHaveCount(0);
  await banner.getByRole('button', { name: 'Back to your own view' }).click();
  await expect(composer(a.page)).toBeVisible();
  expect(a.faults).toEqual([]);
  expect(b.faults).toEqual([]);
});
