/**
 * P14. A browser that was closed opens the installed page over a profile whose space holds 50,000 messages: from the navigation
 * to the frame in which the shell can be used, and to the one that shows the last message and a composer.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ROOT } from '../../beacon/install.mjs';
import { ensureChromium, FLAGS } from '../support/chromium.mjs';
import { collected, row } from './figures.mjs';

const OBJECTS = 50_000;
const LAST = 'The last message of all';

const startBeacon = async (data) => {
  const child = spawn(process.execPath, [`${ROOT}/dist/beacon/main.js`], {
    env: { ...process.env, LGOS_PORT: '0', LGOS_DATA: data },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise((done, fail) => {
    let out = '';
    child.once('exit', (code) => fail(new Error(`The beacon ended with code ${code}`)));
    child.stdout.on('data', (text) => {
      out += text;
      const found = /LGOS is ready at (\w+:\/\/[^\s/]+)/.exec(out)?.[1];
      if (found) done(found);
    });
  });
  return { url, child };
};

/** A space with a channel of so many messages, sealed as they come: some hundreds of writes an entry. */
const fill = async (page, count) => {
  const made = await page.evaluate(async () => {
    const { id: space } = await lgos.createSpace({ title: 'Start', kind: 'team' });
    const { id: channel } = await lgos.run('chat.createChannel', { spaceId: space, title: 'many' });
    return { space, channel };
  });
  for (let at = 0; at < count; at += 1_000) {
    await page.evaluate(
      async ({ channel, from, to }) => {
        const text = (i) => `Message ${i} about the buoy at the northern shore`;
        await Promise.all(
          Array.from({ length: to - from }, (_, i) =>
            lgos.run('chat.send', { channelId: channel, text: text(from + i) }),
          ),
        );
      },
      { channel: made.channel, from: at, to: Math.min(count, at + 1_000) },
    );
  }
  await page.evaluate(
    async ([channelId, text]) => void (await lgos.run('chat.send', { channelId, text })),
    [made.channel, LAST],
  );
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  return made;
};

/** In the page, before anything of it: notes the frames in which what is looked for is there. */
const watch = (last) => {
  const seen = {};
  window.startedAt = seen;
  const look = () => {
    const now = performance.now();
    // The sidebar with a row of the space, and a place to press.
    if (!seen.shell && document.querySelector('aside a[href]')) seen.shell = now;
    if (!seen.rows && document.querySelector('[role=log]')?.textContent.includes(last)) seen.rows = now;
    if (!seen.shell || !seen.rows) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
};

export const start = async ({ runs, small = false, objects = small ? 200 : OBJECTS }) => {
  const folder = mkdtempSync(join(tmpdir(), 'lgos-bench-'));
  const beacon = await startBeacon(join(folder, 'beacon'));
  const found = collected();
  const open = () =>
    chromium.launchPersistentContext(join(folder, 'profile'), { executablePath: ensureChromium(), args: FLAGS });
  try {
    const first = await open();
    const page = await first.newPage();
    await page.goto(beacon.url);
    await page.waitForFunction(() => window.lgos);
    await page.evaluate(() => lgos.ready());
    const { space, channel } = await fill(page, objects);
    await first.close();
    for (let run = 0; run < runs; run++) {
      const again = await open();
      const tab = await again.newPage();
      await tab.addInitScript(watch, LAST);
      await tab.goto(`${beacon.url}/#/s/${space}/c/${channel}`);
      await tab.waitForFunction(() => window.startedAt.shell && window.startedAt.rows, undefined, { timeout: 300_000 });
      const at = await tab.evaluate(() => window.startedAt);
      found.add('shell', at.shell);
      found.add('rows', at.rows);
      await again.close();
    }
    return [
      row({
        bench: 'start',
        goal: objects === OBJECTS ? 'P14' : '',
        what: 'shell',
        unit: 'ms',
        ours: found.of('shell'),
        objects,
        runs,
      }),
      row({
        bench: 'start',
        goal: '',
        what: 'the last message on the screen',
        unit: 'ms',
        ours: found.of('rows'),
        objects,
        runs,
      }),
    ];
  } finally {
    const exit = new Promise((done) => beacon.child.once('exit', done));
    beacon.child.kill('SIGTERM');
    await exit;
    rmSync(folder, { recursive: true, force: true });
  }
};
