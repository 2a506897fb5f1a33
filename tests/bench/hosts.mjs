/** What the benchmarks in browsers stand on: a beacon as a process, a seeded space that pages join from it, profiles of Chromium. */
import { spawn } from 'node:child_process';
import { chromium } from 'playwright-core';
import { ROOT } from '../../beacon/install.mjs';
import { ensureChromium, FLAGS } from '../support/chromium.mjs';
import { withModule } from './project.mjs';

/** Until a beacon holds a seeded space, and until a page knows that it was let in. */
const KEEP_MS = 480_000;
const JOIN_MS = 60_000;

/** `{ url, stop, kill }` of a beacon, on a free port where none is given. */
export const startBeacon = async (data, port = 0) => {
  const child = spawn(process.execPath, [`${ROOT}/dist/beacon/main.js`], {
    env: { ...process.env, LGOS_PORT: String(port), LGOS_DATA: data, LGOS_HOSTING: 'open', LGOS_QUOTA_MB: '8192' },
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
  const end = async (signal) => {
    const exit = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await exit;
  };
  return { url, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
};

/** A profile in a folder, opened by a Chromium of its own. */
export const openProfile = (folder) =>
  chromium.launchPersistentContext(folder, {
    executablePath: ensureChromium(),
    args: [...FLAGS, '--js-flags=--max-old-space-size=8192'],
    viewport: { width: 1280, height: 800 },
  });

export const ready = async (page) => {
  await page.waitForFunction(() => window.lgos, undefined, { timeout: 60_000 });
  await page.evaluate(() => lgos.ready());
};

/** Until an image of the space is put away, at most so long; gives how long it took, ms, or nothing where there was none. */
export const imageKept = async (ask, limit) => {
  const began = performance.now();
  while (performance.now() - began < limit) {
    if ((await ask()).imagesSaved > 0) return performance.now() - began;
    await new Promise((done) => setTimeout(done, 250));
  }
  return undefined;
};

/**
 * A node at the beacon with a seeded space; `use` gets what was seeded, and what lets a page in and waits until it holds
 * everything. In Node, as a page of its own kind.
 */
export const withSeeded = (origin, planOf, use) =>
  withModule('seeding.ts', async (path) => {
    const parts = await import(path);
    const [storage, vault] = [parts.memoryStorage(), parts.memoryVault()];
    const seeded = await parts.seedSpace(storage, vault, planOf(parts));
    const node = await parts.openSeeded(storage, vault, { origin });
    /** Gives how long it took, in ms. `limit`: ms. */
    const admit = async (page, limit) => {
      const { url } = await node.invite(seeded.space, { role: 'member' });
      const began = performance.now();
      const before = await page.evaluate(async () => (await lgos.stats()).entriesHeld);
      await page.evaluate(
        async ([link, timeoutMs]) => {
          // A refusal is an object; what it says is wanted here.
          await lgos.join(link, { timeoutMs }).catch((refusal) => Promise.reject(new Error(JSON.stringify(refusal))));
        },
        [url, JOIN_MS],
      );
      const all = seeded.entries + before;
      let held = 0;
      while (held < all) {
        if (performance.now() - began > limit)
          throw new Error(`After ${limit} ms a page that joined holds ${held} of ${all} entries`);
        await page.waitForTimeout(500);
        held = await page.evaluate(async () => (await lgos.stats()).entriesHeld);
      }
      // What was taken in last lies on the disk when a receipt for it was given.
      await page.waitForTimeout(1_000);
      return performance.now() - began;
    };
    try {
      // The beacon keeps it, so that pages need nobody else.
      const began = performance.now();
      while ((await node.durability(seeded.space)).beacons === 0) {
        if (performance.now() - began > KEEP_MS)
          throw new Error(`After ${KEEP_MS} ms the beacon does not hold ${seeded.entries} entries`);
        await new Promise((done) => setTimeout(done, 1_000));
      }
      const kept = performance.now() - began;
      return await use({ ...seeded, kept, last: parts.LAST }, admit, node);
    } finally {
      await node.stop();
    }
  });
