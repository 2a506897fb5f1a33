/** [TT1] The page under Trusted Types, in the browser that has them: everything works, nothing is reported, and markup is refused. */
import { ask, body, createDocument, expect, type Page, say, startTeam, test, wordsOf } from './support';

const watch = async (page: Page): Promise<void> => {
  await page.addInitScript(() => {
    Object.assign(window, { violations: [] });
    document.addEventListener('securitypolicyviolation', (event) => {
      (window as unknown as { violations: string[] }).violations.push(`${event.violatedDirective} ${event.sample}`);
    });
  });
};
const violations = (page: Page): Promise<string[]> =>
  page.evaluate(() => (window as unknown as { violations: string[] }).violations);

test('[TT1] chat, editor, paste, tables and the service worker break no policy; markup and foreign workers do', async ({
  host,
  person,
}) => {
  const { url } = await host();
  const { a } = await startTeam(person, url);
  const { page } = a;
  await watch(page);
  await page.reload();
  await page.waitForFunction(() => window.lgos !== undefined);
  await page.waitForFunction(() => navigator.serviceWorker.ready.then(() => true));
  await say(page, 'The heron left at dawn.');
  const documentId = await createDocument(page, 'Plan');
  await body(page).click();
  await page.keyboard.type('# Heading');
  await page.keyboard.press('Enter');
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/html', '<p>pasted <b>words</b></p><table><tr><td>cell</td></tr></table>');
    document
      .querySelector('.editor-body')
      ?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
  });
  await expect.poll(() => wordsOf(page)).toContain('pasted words');
  await expect(body(page).locator('td')).toHaveText('cell');
  await page.keyboard.type(' /');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Escape');
  expect(await ask(page, 'documentText', documentId)).toContain('pasted words');
  expect(await violations(page)).toEqual([]);
  // What is pasted with a handler is reported, not run, and the handler is gone from what is kept.
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/html', '<p onclick="window.ran=1">later<img src=x onerror="window.ran=1"></p>');
    const paste = new ClipboardEvent('paste', { clipboardData: data, bubbles: true });
    document.querySelector('.editor-body')?.dispatchEvent(paste);
  });
  await expect.poll(() => wordsOf(page)).toContain('later');
  expect(await body(page).locator('[onclick], img:not(.ProseMirror-separator)').count()).toBe(0);
  expect(await page.evaluate(() => 'ran' in window)).toBe(false);

  const refused = await page.evaluate(() =>
    [
      () => {
        document.body.appendChild(document.createElement('div')).innerHTML = '<b>x</b>';
      },
      () => document.write('<b>x</b>'),
      () => new Worker('data:text/javascript,1'),
      () => new Worker('/assets/index.js'),
      () => Object.assign(document.createElement('script'), { text: 'window.ran = 1' }),
      () =>
        (
          window as unknown as { trustedTypes: { createPolicy(name: string, rules: object): void } }
        ).trustedTypes.createPolicy('mine', {}),
    ].map((attempt) => {
      try {
        attempt();
        return 'done';
      } catch (fault) {
        return (fault as Error).name;
      }
    }),
  );
  expect(refused).toEqual(['TypeError', 'TypeError', 'TypeError', 'TypeError', 'TypeError', 'TypeError']);
  expect(a.faults).toEqual([]);

  // Without the policy the browser takes all of it.
  const free = await person(url, { bypassCSP: true });
  expect(
    await free.page.evaluate(() => {
      document.body.appendChild(document.createElement('div')).innerHTML = '<img src=x onerror="window.ran=1">';
      return new Promise((resolve) => setInterval(() => 'ran' in window && resolve(true), 10));
    }),
  ).toBe(true);
});
