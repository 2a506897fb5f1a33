/** Pictures of the preview: `node tests/view/editor-preview/shots.mjs FOLDER [KIND...]`. Starts and stops its own server. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';
import { FLAGS, findChromium } from '../../support/chromium.mjs';

const [folder = 'dist/editor-shots', ...kinds] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const server = await createServer({
  configFile: fileURLToPath(new URL('vite.config.ts', import.meta.url)),
  server: { port: 0 },
});
await server.listen();
const [base] = server.resolvedUrls.local;
const browser = await chromium.launch({ executablePath: findChromium() ?? undefined, args: FLAGS });
for (const kind of kinds.length > 0
  ? kinds
  : ['ordinary', 'slash', 'bubble', 'empty', 'overfull', 'reader', 'refused']) {
  for (const theme of ['light', 'dark']) {
    for (const [width, height] of [
      [1440, 900],
      [390, 844],
    ]) {
      const page = await browser.newPage({ viewport: { width, height } });
      page.on('pageerror', (error) => console.error(kind, error.message));
      page.on('console', (message) => message.type() === 'error' && console.error(kind, message.text()));
      const of = kind === 'slash' || kind === 'bubble' ? 'reader-off' : kind;
      await page.goto(`${base}?theme=${theme}&kind=${of}&lang=${theme === 'dark' ? 'ru' : 'en'}`);
      const body = page.locator('.editor-columns [data-testid=document-body]');
      await body.waitFor();
      if (kind === 'slash') {
        await body.locator('p').last().click();
        await page.keyboard.type('/ta');
        await page.locator('[role=option]').first().waitFor();
      }
      if (kind === 'bubble') {
        await body
          .locator('p')
          .first()
          .click({ clickCount: 2, position: { x: 40, y: 12 } });
        await page.locator('[role=toolbar]').waitFor();
      }
      await page.waitForTimeout(1100);
      await page.screenshot({ path: `${folder}/${kind}-${theme}-${width}.png` });
      await page.close();
    }
  }
}
await browser.close();
await server.close();
