import {
  ask,
  body,
  createDocument,
  expect,
  invite,
  join,
  onBeacon,
  open,
  type Page,
  SPACE,
  sidebar,
  startTeam,
  test,
  wordsOf,
} from './support';

const TEXT = 'Wait twenty minutes at each point.\nWeigh the bath before and after.';
const DOCUMENT = 'Calibration protocol';
const proposals = (page: Page) => page.getByRole('toolbar', { name: 'Proposed changes' });
const threads = (page: Page) => page.getByRole('article', { name: /^Thread of/ });
/** The words that stand in the document itself, without what is only proposed. */
const written = (page: Page, documentId: string) => ask(page, 'documentText', documentId);

/** Selects words of the open document with the pointer's own means. */
const select = (page: Page, words: string): Promise<void> =>
  body(page).evaluate((element, wanted) => {
    const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const at = node.textContent?.indexOf(wanted) ?? -1;
      if (at < 0) continue;
      (element as HTMLElement).focus();
      getSelection()?.setBaseAndExtent(node, at, node, at + wanted.length);
      return;
    }
    throw new Error(`The document does not say "${wanted}"`);
  }, words);

test('a guest of one document suggests and comments there, sees nothing else, and a member accepts', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { a, spaceId, channelId } = await startTeam(person, url);
  const secret = await createDocument(a.page, 'Salaries');
  await ask(a.page, 'insertText', secret, 0, 'Nobody else reads this.');
  const documentId = await createDocument(a.page, DOCUMENT);
  await ask(a.page, 'insertText', documentId, 0, TEXT);
  const { url: link } = await ask(a.page, 'invite', spaceId, { role: 'guest', within: [documentId] });
  await onBeacon(a.page, spaceId);

  const g = await person(url, { name: 'Gus' });
  await join(g.page, link, SPACE);
  await open(g.page, DOCUMENT);
  await expect(body(g.page)).toContainText('Weigh the bath');

  // Nothing else is there: not in the sidebar, not for a script, not by its id.
  await expect(sidebar(g.page).getByRole('link', { name: 'Salaries' })).toHaveCount(0);
  expect(await ask(g.page, 'query', 'chat.channels', { spaceId })).toEqual([]);
  expect(await ask(g.page, 'query', 'editor.documents', { spaceId })).toMatchObject([
    { id: documentId, title: DOCUMENT },
  ]);
  for (const [name, args] of [
    ['editor.document', { documentId: secret }],
    ['chat.channel', { channelId }],
    ['comments.about', { objectId: secret }],
    ['comments.about', { objectId: channelId }],
  ] as const)
    expect(await ask(g.page, 'query', name, args), name).toBeNull();
  await expect(written(g.page, secret)).rejects.toThrow();

  // What they type becomes a suggestion, and what they may not do says why.
  await expect(g.page.getByRole('radio', { name: 'Edit' })).toHaveAttribute('aria-disabled', 'true');
  await select(g.page, 'twenty');
  await g.page.keyboard.type('forty');
  await expect(proposals(a.page)).toContainText('“twenty” becomes “forty”');
  await expect(body(a.page).locator('del')).toHaveText('twenty');
  await expect(body(a.page).locator('ins')).toHaveText('forty');
  expect(await written(a.page, documentId)).toBe(TEXT);

  // A comment on selected words.
  await select(g.page, 'the bath');
  await g.page.getByRole('button', { name: 'Comment', exact: true }).click();
  const box = g.page.getByRole('textbox', { name: 'Comment on these words' });
  await expect(box).toBeFocused();
  await box.fill('Which of the two?');
  await box.press('Enter');
  await expect(threads(g.page)).toContainText('Which of the two?');

  // The member answers it at its mark, and accepts the suggestion by keyboard.
  await body(a.page)
    .getByRole('button', { name: /^Comments here: 1/ })
    .click();
  await expect(threads(a.page)).toContainText('the bath');
  const answer = threads(a.page).getByRole('textbox', { name: 'Answer' });
  await answer.fill('The salt bath.');
  await answer.press('Enter');
  await expect(threads(g.page)).toContainText('The salt bath.');
  await body(a.page).focus();
  await a.page.keyboard.press('F8');
  await expect(proposals(a.page)).toBeFocused();
  await a.page.keyboard.press('a');
  await expect.poll(() => written(a.page, documentId)).toBe(TEXT.replace('twenty', 'forty'));
  await expect(proposals(a.page)).toHaveCount(0);
  await expect(a.page.getByText('Anna accepted what Gus suggested')).toBeVisible();

  // The guest's page follows, and holds the word once.
  await expect.poll(() => written(g.page, documentId)).toBe(TEXT.replace('twenty', 'forty'));
  await expect(proposals(g.page)).toHaveCount(0);
  expect(await wordsOf(g.page)).toContain('Wait forty minutes at each point.');
  expect(g.faults).toEqual([]);
  expect(a.faults).toEqual([]);
});

test('a suggestion that a member overtook says so, and is compared before it is accepted', async ({ host, person }) => {
  const { url } = await host();
  const { a } = await startTeam(person, url);
  const documentId = await createDocument(a.page, DOCUMENT);
  await ask(a.page, 'insertText', documentId, 0, TEXT);
  const b = await person(url, { name: 'Boris' });
  await join(b.page, await invite(a.page), SPACE);
  await open(b.page, DOCUMENT);
  // A Member may choose to suggest.
  await b.page.getByRole('radio', { name: 'Suggest' }).click();
  await select(b.page, 'twenty');
  await b.page.keyboard.type('forty');
  await expect(proposals(a.page)).toBeVisible();
  await b.page.goto(url);

  await ask(a.page, 'deleteText', documentId, TEXT.indexOf('twenty'), 6);
  await ask(a.page, 'insertText', documentId, TEXT.indexOf('twenty'), 'ten');
  await expect(proposals(a.page)).toContainText('The text changed since');
  await expect(proposals(a.page).getByRole('button', { name: 'Accept', exact: true })).toBeDisabled();
  await proposals(a.page).getByRole('button', { name: 'Compare' }).click();
  const dialog = a.page.getByRole('dialog', { name: 'Compare' });
  for (const words of ['Wait twenty', 'Wait ten', 'Wait forty']) await expect(dialog).toContainText(words);
  await dialog.getByRole('button', { name: 'Accept as suggested' }).click();
  await expect.poll(() => written(a.page, documentId)).toBe(TEXT.replace('twenty', 'forty'));
  await expect(proposals(a.page)).toHaveCount(0);
  await expect(body(a.page)).toContainText('Wait forty');
  expect(a.faults).toEqual([]);
});
