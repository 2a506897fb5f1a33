/**
 * An ordinary team space in the page itself, told in the browser's own figures: a cached start (first and largest paint, what
 * moved by itself, long tasks), then each kind of thing that people do, from the key or the click to the next frame as the
 * browser times it, and what moved under their hands. What the browser does not report, because it took less than 16 ms, counts
 * as 8 ms.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChannel, openDocument, openHub, words } from './acts.mjs';
import { collected, median, quantile, row } from './figures.mjs';
import { openProfile, startBeacon, withSeeded } from './hosts.mjs';
import { fillProfile } from './start.mjs';

const PLAN = { channels: 10, messages: 5_000, alone: 500, documents: 200, changes: 400 };
const SMALL = { channels: 2, messages: 100, alone: 20, documents: 6, changes: 4 };
const MENTIONS = 12;
const KEYS = 60;
const TIMES = 10;
const KEY_MS = 90;
/** Until a start has nothing left to do that moves anything. */
const STILL_MS = 3_000;
const UNREPORTED_MS = 8;
const STEP_MS = 60_000;

/** In the page, before anything of it. */
const feel = () => {
  const felt = { paints: {}, shifts: [], long: [], events: [], pressed: 0 };
  window.felt = felt;
  const nameOf = (node) => {
    const element = node instanceof Element ? node : node?.parentElement;
    return element ? `${element.tagName.toLowerCase()}.${[...element.classList].join('.')}` : 'gone';
  };
  const watch = (type, run, options = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(run)).observe({ type, buffered: true, ...options });
  watch('paint', ({ name, startTime }) => {
    felt.paints[name] = startTime;
  });
  watch('largest-contentful-paint', ({ startTime }) => {
    felt.paints.largest = startTime;
  });
  watch('layout-shift', ({ value, startTime, hadRecentInput, sources }) =>
    felt.shifts.push({
      value,
      at: startTime,
      asked: hadRecentInput,
      by: sources.map(
        ({ node, previousRect, currentRect }) =>
          `${nameOf(node)} ${Math.round(previousRect.y)}+${Math.round(previousRect.height)} to ${Math.round(currentRect.y)}+${Math.round(currentRect.height)}`,
      ),
    }),
  );
  watch('longtask', ({ duration }) => felt.long.push(duration));
  watch('event', ({ interactionId, duration }) => felt.events.push([interactionId, duration]), {
    durationThreshold: 16,
  });
  for (const type of ['keydown', 'pointerdown']) addEventListener(type, () => felt.pressed++, { capture: true });
  const look = () => {
    const now = performance.now();
    if (!felt.shell && document.querySelector('aside a[href]')) felt.shell = now;
    if (!felt.content && document.querySelector('[data-message], .ProseMirror p')) felt.content = now;
    if (!felt.shell || !felt.content) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
};

/** The largest sum of shifts that nobody asked for within a second of each other and five in all: the browser's own measure. */
const shiftOf = (shifts) => {
  let most = 0;
  let from = Number.NEGATIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (const { value, at } of shifts.filter(({ asked }) => !asked)) {
    if (at - last > 1_000 || at - from > 5_000) {
      from = at;
      sum = 0;
    }
    last = at;
    sum += value;
    most = Math.max(most, sum);
  }
  return most;
};
/** From the key or click to the next frame, ms: an interaction is as long as the longest of its events. */
const latenciesOf = ({ events, pressed }) => {
  const longest = new Map();
  for (const [id, ms] of events) if (id > 0) longest.set(id, Math.max(longest.get(id) ?? 0, ms));
  const told = [...longest.values()];
  return [...told, ...Array.from({ length: Math.max(0, pressed - told.length) }, () => UNREPORTED_MS)];
};

const press = async (page, keys) => {
  for (const key of keys) {
    await page.keyboard.press(key);
    await page.waitForTimeout(KEY_MS);
  }
};
const typed = (count) => words(3, 20).slice(0, count);

/** Each kind: what leads there, and what is measured. */
const KINDS = (channels, documents) => {
  const others = Array.from({ length: TIMES }, (_, i) => i);
  const [first, second] = channels;
  return {
    'typing a message': [
      async (page) => {
        await openChannel(page, first);
        await page.getByTestId('composer').click();
      },
      (page) => press(page, typed(KEYS)),
      (page) => page.getByTestId('composer').fill(''),
    ],
    'typing in a document': [
      async (page) => {
        await openDocument(page, documents[0]);
        await page.locator('.ProseMirror').first().click();
        await page.keyboard.press('Control+End');
      },
      (page) => press(page, typed(KEYS)),
    ],
    'going to a channel': [
      (page) => openChannel(page, first),
      async (page) => {
        for (const i of others) await openChannel(page, i % 2 === 0 ? second : first);
      },
    ],
    'going to a document': [
      (page) => openChannel(page, first),
      async (page) => {
        for (const i of others) await openDocument(page, documents[i % documents.length]);
      },
    ],
    'palette, opening and typing': [
      (page) => openChannel(page, first),
      async (page) => {
        for (const _ of others.slice(0, 3)) {
          await press(page, ['Control+k']);
          await page.locator('.pal input').waitFor();
          await press(page, 'harbour');
          await press(page, ['Escape']);
        }
      },
    ],
    'search, typing': [
      async (page) => {
        await page.keyboard.press('Control+Shift+F');
        await page.getByRole('main').getByRole('searchbox').waitFor();
      },
      async (page) => {
        for (const word of ['harbour', 'lett', 'storm']) {
          await press(page, word);
          await page.getByRole('main').getByRole('searchbox').fill('');
        }
      },
      (page) => page.goBack(),
    ],
    'inspector, opening and closing': [
      (page) => openChannel(page, first),
      (page) =>
        press(
          page,
          others.map(() => 'Control+.'),
        ),
    ],
    'inbox, by keys': [
      async (page) => {
        await openHub(page);
        await page.locator('[data-row]').first().waitFor();
      },
      (page) => press(page, ['j', 'k', 'e', 'e', 'r', 'j', 'e', 'u', 'e', 'e']),
    ],
    'sidebar, folding': [
      (page) => openChannel(page, first),
      async (page) => {
        const heading = page.getByRole('complementary', { name: 'Navigation' }).locator('button.fold').last();
        for (const _ of others) {
          await heading.click();
          await page.waitForTimeout(KEY_MS);
        }
      },
    ],
    'changing the theme': [
      (page) => openChannel(page, first),
      async (page) => {
        const button = page.locator('.foot').getByRole('button', { name: 'Light or dark' }).last();
        for (const _ of others.slice(0, 6)) {
          await button.click();
          await page.waitForTimeout(KEY_MS);
        }
      },
    ],
  };
};

/** A cached start at an address: what the browser tells of it. */
const startOnce = async (profile, address) => {
  const context = await openProfile(profile);
  try {
    const page = await context.newPage();
    await page.addInitScript(feel);
    await page.goto(address);
    await page.waitForFunction(() => window.felt.shell && window.felt.content, undefined, { timeout: STEP_MS });
    await page.waitForTimeout(STILL_MS);
    return await page.evaluate(() => window.felt);
  } finally {
    await context.close();
  }
};
const startRows = async (what, profile, address, runs) => {
  const found = collected();
  const moved = new Set();
  for (let run = 0; run < runs; run++) {
    const felt = await startOnce(profile, address);
    found.add('first paint', felt.paints['first-contentful-paint']);
    found.add('largest paint', felt.paints.largest);
    found.add('shell', felt.shell);
    found.add('content', felt.content);
    found.add(
      'long',
      felt.long.reduce((sum, ms) => sum + Math.max(0, ms - 50), 0),
    );
    found.add('moved', shiftOf(felt.shifts));
    for (const { by, value, asked } of felt.shifts) if (!asked && value > 0) for (const each of by) moved.add(each);
  }
  const told = (name, words, unit, goal, rest = {}) =>
    row({ bench: 'use', what: `${what}, ${words}`, goal, unit, ours: found.of(name), runs, ...rest });
  return [
    told('first paint', 'first paint', 'ms'),
    told('largest paint', 'largest paint', 'ms', 'largest paint'),
    told('shell', 'shell', 'ms', 'usable'),
    told('content', 'what was last there', 'ms', 'usable'),
    told('long', 'blocked beyond 50 ms at a time', 'ms', 'blocked'),
    told('moved', 'layout shift', 'of the screen', 'shift', moved.size > 0 ? { moved: [...moved] } : {}),
  ];
};

const felt = (page) =>
  page.evaluate(() => {
    const { events, pressed, shifts, long } = window.felt;
    Object.assign(window.felt, { events: [], pressed: 0, shifts: [], long: [] });
    return { events, pressed, shifts, long };
  });
const kindRows = async (page, kinds) => {
  const rows = [];
  const all = [];
  const shifts = [];
  for (const [name, [before, run, after]] of Object.entries(kinds)) {
    await before(page);
    await page.waitForTimeout(1_000);
    await felt(page);
    await run(page);
    await page.waitForTimeout(500);
    const seen = await felt(page);
    await after?.(page);
    const times = latenciesOf(seen);
    all.push(...times);
    shifts.push(...seen.shifts.map((shift) => ({ ...shift, kind: name })));
    rows.push(
      row({
        ...{ bench: 'use', what: `${name}, p95`, unit: 'ms', goal: name.startsWith('typing') ? 'key' : 'act' },
        ...{ ours: [quantile(times, 0.95)], p50: quantile(times, 0.5), worst: Math.max(...times), times: times.length },
        'long tasks': seen.long.length,
      }),
    );
  }
  const moved = [
    ...new Set(shifts.filter(({ asked }) => !asked).flatMap(({ kind, by }) => by.map((each) => `${kind}: ${each}`))),
  ];
  return [
    ...rows,
    row({
      ...{ bench: 'use', what: 'all of these together, p98', unit: 'ms', goal: 'act', ours: [quantile(all, 0.98)] },
      ...{ p50: median(all), worst: Math.max(...all), times: all.length },
    }),
    row({
      ...{ bench: 'use', what: 'layout shift that nobody asked for', unit: 'of the screen', goal: 'shift' },
      ...{ ours: [shiftOf(shifts)], ...(moved.length > 0 ? { moved } : {}) },
    }),
  ];
};

export const use = async ({ runs, small = false }) => {
  const folder = mkdtempSync(join(tmpdir(), 'lgos-bench-'));
  const beacon = await startBeacon(join(folder, 'beacon'));
  const profile = join(folder, 'profile');
  try {
    return await withSeeded(
      beacon.url,
      () => (small ? SMALL : PLAN),
      async ({ space, channels, documents }, admit, node) => {
        await fillProfile(
          profile,
          beacon.url,
          async (page, limit) => {
            const ms = await admit(page, limit);
            // Somebody names the person, so that their inbox has rows.
            const { userId, name } = await page.evaluate(() => lgos.me());
            for (let i = 0; i < MENTIONS; i++)
              await node.run('chat.send', {
                channelId: channels[i % 2],
                text: `[@${name}](lgos:user/${userId}) ${words(i)}`,
              });
            await page.waitForFunction(
              (all) => lgos.query('hub.badge', {}).then(({ unread }) => unread >= all),
              MENTIONS,
              { timeout: STEP_MS },
            );
            return ms;
          },
          small ? { image: 0 } : {},
        );
        await node.setOnline(false);
        const at = (path) => `${beacon.url}/#/s/${space}/${path}`;
        const rows = [
          ...(await startRows('cached start in a channel', profile, at(`c/${channels[0]}`), runs)),
          ...(await startRows('cached start in a document', profile, at(`d/${documents[0]}`), runs)),
        ];
        const context = await openProfile(profile);
        try {
          const page = await context.newPage();
          page.setDefaultTimeout(STEP_MS);
          await page.addInitScript(feel);
          await page.goto(at(`c/${channels[0]}`));
          await page.waitForFunction(() => window.felt.shell && window.felt.content);
          await page.waitForFunction(async () => (await lgos.stats()).searchDue === 0, undefined, { polling: 1_000 });
          const titles = await page.evaluate(
            async ([id, ids]) => {
              const named = new Map(
                (await lgos.query('editor.documents', { spaceId: id })).map((each) => [each.id, each.title]),
              );
              return ids.map((each) => named.get(each));
            },
            [space, documents.slice(0, 5)],
          );
          rows.push(...(await kindRows(page, KINDS(['Channel 1', 'Channel 2'], titles))));
        } finally {
          await context.close();
        }
        return rows;
      },
    );
  } finally {
    await beacon.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};
