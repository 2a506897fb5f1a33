/** [T77] What a member with a changed client writes, wherever a peer may write, runs nowhere on the page of another. */
import { ADDRESSES, MARKUP, openHostile, spoilDocument, TEXTS } from '../support/hostile';
import { ask, expect, type Page, sidebar, startTeam, test } from './support';

const ran = (page: Page): Promise<number> => page.evaluate(() => (window as { ran?: number }).ran ?? 0);
/** Every link that is on the page and leads neither into LGOS nor to a plain https or mail address. */
const badLinks = (page: Page): Promise<string[]> =>
  page.evaluate(
    () =>
      [...document.querySelectorAll('[href], [src], [action], [formaction]')]
        .flatMap((element) => ['href', 'src', 'action', 'formaction'].map((name) => element.getAttribute(name)))
        .filter((address) => address !== null && address !== '')
        .filter((address) => {
          const url = new URL(address as string, location.href);
          return url.origin !== location.origin && !['https:', 'mailto:', 'blob:'].includes(url.protocol);
        }) as string[],
  );
/** Handlers in attributes, and elements that only an attack would bring. */
const badElements = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.body.querySelectorAll('*')]
      .filter(
        (element) =>
          ['IFRAME', 'OBJECT', 'EMBED', 'VIDEO', 'ANIMATE', 'MATH', 'IMG'].includes(element.tagName.toUpperCase()) &&
          !element.classList.contains('ProseMirror-separator'),
      )
      .concat(
        [...document.body.querySelectorAll('*')].filter((element) =>
          element.getAttributeNames().some((name) => name.startsWith('on')),
        ),
      )
      .map((element) => element.outerHTML.slice(0, 200)),
  );
const clean = async (page: Page, where: string): Promise<void> => {
  expect(await badLinks(page), `links ${where}`).toEqual([]);
  expect(await badElements(page), `elements ${where}`).toEqual([]);
  expect(await ran(page), `scripts ${where}`).toBe(0);
};

test('[T77] the corpus runs where it is taken for markup, without the content security policy', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { page } = await person(url, { bypassCSP: true });
  const tried = async (payload: string, put: (payload: string) => void): Promise<void> => {
    const before = await ran(page);
    await page.evaluate(put, payload);
    await expect.poll(() => ran(page), { message: payload, timeout: 5_000 }).toBeGreaterThan(before);
  };
  for (const markup of MARKUP)
    await tried(markup, (html) => {
      document.body.appendChild(document.createElement('div')).innerHTML = html;
    });
  for (const address of ADDRESSES)
    await tried(address, (href) => {
      const link = document.body.appendChild(document.createElement('a'));
      link.href = href;
      link.click();
    });
  // With the policy the same markup runs nothing, and is no markup at all.
  const guarded = await person(url);
  expect(
    await guarded.page.evaluate((all) => {
      let refused = 0;
      for (const html of all) {
        try {
          document.body.appendChild(document.createElement('div')).innerHTML = html;
        } catch {
          refused++;
        }
      }
      return refused;
    }, MARKUP),
  ).toBe(MARKUP.length);
});

test('[T77] a hostile member writes it into every text of a space: with the policy off, nothing of it runs', async ({
  host,
  person,
}) => {
  test.setTimeout(180_000);
  const { url } = await host();
  // The policy is off for the page, so that what is shown is what the page itself does.
  const { a, spaceId, channelId } = await startTeam(person, url, { bypassCSP: true });
  const { url: link } = await ask(a.page, 'invite', spaceId, { role: 'admin', uses: 2 });
  const hostile = await openHostile(url);
  await hostile.join(link, { timeoutMs: 60_000 });
  const [image] = MARKUP;
  await hostile.setName(`${image}\u202e`.slice(0, 80));
  const attempt = async (name: string, args: object): Promise<string | undefined> =>
    hostile.run(name, args).then(
      ({ id }) => id ?? '',
      () => undefined,
    );
  let sent = 0;
  for (const text of TEXTS) if ((await attempt('chat.send', { channelId, text })) !== undefined) sent++;
  expect(sent).toBeGreaterThan(TEXTS.length * 0.9);
  const titles = [...MARKUP, ...ADDRESSES, 'report\u202egpj.exe'];
  const channels: string[] = [];
  const documents: string[] = [];
  for (const title of titles) {
    const channel = await attempt('chat.createChannel', { spaceId, title: title.slice(0, 80) });
    const document = await attempt('editor.createDocument', { spaceId, title: title.slice(0, 200) });
    if (channel) channels.push(channel);
    if (document) documents.push(document);
    if (channel) await attempt('chat.setTopic', { channelId: channel, topic: title });
    if (document) await attempt('editor.setIcon', { documentId: document, icon: title });
  }
  expect(Math.min(channels.length, documents.length)).toBeGreaterThan(10);
  await attempt('os.renameSpace', { spaceId, title: image.slice(0, 60) });
  const first = documents[0] as string;
  await spoilDocument(hostile, first);
  const words = (): Promise<number> =>
    ask(a.page, 'documentText', first).then(
      ({ length }) => length,
      () => 0,
    );
  await expect.poll(words, { timeout: 30_000 }).toBeGreaterThan(1_000);

  const { page } = a;
  await expect(page.getByRole('log', { name: 'Messages' }).getByText('top.ran').first()).toBeVisible();
  await clean(page, 'in the chat');
  await page.keyboard.press('Control+.');
  await clean(page, 'in the inspector of the chat');
  await page.goto(`${url}/#/s/${spaceId}/c/${channels[0]}`);
  await expect(page.getByRole('main').getByRole('heading', { level: 1 }).first()).toContainText('<img');
  await clean(page, 'in the channel with such a name');

  await page.goto(`${url}/#/s/${spaceId}/d/${first}`);
  await expect(page.getByTestId('document-body').getByText('deep')).toBeVisible({ timeout: 30_000 });
  const spans = await page
    .getByTestId('document-body')
    .locator('td')
    .evaluateAll((cells) => cells.map((cell) => (cell as HTMLTableCellElement).colSpan));
  expect(spans.length).toBeGreaterThan(3);
  expect(Math.max(...spans)).toBeLessThanOrEqual(64);
  await clean(page, 'in the editor');
  for (const link of await page.getByTestId('document-body').locator('a').all())
    await link.click({ modifiers: ['Control'], timeout: 500 }).catch(() => undefined);
  await clean(page, 'after links of the editor were followed');
  for (const other of a.context.pages()) expect(other.url()).not.toMatch(/^(javascript|data|vbscript):/);

  await page.goto(`${url}/#/s/${spaceId}/members`);
  await expect(page.getByRole('main').getByText('<img').first()).toBeVisible();
  await clean(page, 'among the members');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('img');
  await expect(page.getByRole('dialog').getByText('<img').first()).toBeVisible();
  await clean(page, 'in the palette');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Space:/ }).click();
  await clean(page, 'in the menu of spaces');
  await page.keyboard.press('Escape');
  await expect(sidebar(page).getByText('<svg').first()).toBeVisible();

  const { url: second } = await hostile.invite(spaceId, { role: 'member', uses: 1 });
  const guest = await person(url, { bypassCSP: true });
  await guest.page.goto(second);
  await expect(guest.page.getByRole('heading', { level: 1 })).toContainText('<img');
  await clean(guest.page, 'on the join page');
  expect(a.faults).toEqual([]);
  await hostile.close();
});
