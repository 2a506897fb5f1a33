/**
 * A hundred megabytes of another channel come over a direct link between two Chromium while somebody types in a document, and speaks
 * in a channel, that the other one has open in two tabs: when each key and each word stands on the page, and how much of the
 * backlog came before it. `LGOS_BACKLOG_MB`: another size.
 */
import { afterEach, expect, test } from 'vitest';
import type { Lgos, PairingAnswer } from '../../src/bridge/messages';
import { until } from '../support/fleet';
import { closeTabs, foundCrew, isOneState, openBeacon, openChromium, run, type Tab } from './tabs';

declare const lgos: Lgos;

const MEGABYTES = Number(process.env.LGOS_BACKLOG_MB ?? 100);
/** Characters of a message, the most that one takes; random, so that nothing packs them. */
const CHARS = 8_000;
const KEY_MS = 250;
/** Every so many keys one is a word in the channel. */
const WORD = 4;

afterEach(closeTabs);

type Key = { readonly key: number; readonly at: number };
const delays = (typed: readonly Key[], seen: readonly Key[]): readonly number[] => {
  const seenAt = new Map(seen.map(({ key, at }) => [key, at]));
  return typed
    .flatMap(({ key, at }) => (seenAt.has(key) ? [(seenAt.get(key) as number) - at] : []))
    .sort((a, b) => a - b);
};
const told = (sorted: readonly number[]): string =>
  `${sorted.length}, p50 ${sorted[Math.floor(sorted.length / 2)]}, p95 ${sorted[Math.floor(sorted.length * 0.95)]}, longest ${sorted.at(-1)} ms`;

const textOf = (tab: Tab): Promise<string> =>
  until(
    () =>
      tab.evaluate(
        async () => ((await lgos.query('os.pairing', {})) as PairingAnswer & { text?: string }).text ?? '',
        0,
      ),
    'a text to carry',
  );

test('[FL1] what is typed overtakes a backlog of a hundred megabytes between two Chromium', {
  timeout: 900_000,
}, async () => {
  const beacon = await openBeacon();
  const [writer, reader] = [await openChromium(beacon.url), await openChromium(beacon.url)] as const;
  const { space, channel, document } = await foundCrew(writer, reader);
  const plan = await writer.evaluate(
    async (spaceId) => (await lgos.run('chat.createChannel', { spaceId, title: 'plan' })).id as string,
    space,
  );
  const isDirect = (tab: Tab): Promise<boolean> =>
    tab.evaluate(async () => (await lgos.peers()).some(({ kind, path }) => kind === 'tab' && path === 'direct'), 0);
  const entries = (tab: Tab): Promise<number> =>
    tab.evaluate(async (id) => Object.values(await lgos.heads(id)).reduce((sum, head) => sum + head, 0), space);
  const isSame = (): Promise<boolean> => isOneState([writer, reader], space);
  await until(isSame, 'both have the space');
  await until(() => isDirect(writer), 'they are linked');
  // What is open leaves first, in whichever tab it is.
  await reader.evaluate((hash) => void location.assign(hash), `#/s/${space}/d/${document}`);
  await reader.evaluate(
    (hash) => void Object.assign(window, { second: window.open(location.pathname + hash, '', 'popup,width=800') }),
    `#/s/${space}/c/${plan}`,
  );
  const isOpen = (): Promise<boolean> =>
    reader.evaluate(() => {
      const { second } = window as unknown as { second: Window };
      return [window, second].every((page) => page.document.querySelector('[data-testid=composer], .ProseMirror'));
    }, 0);
  await until(isOpen, 'both are open');
  await beacon.kill();

  await reader.evaluate(() => lgos.setOnline(false), 0);
  const before = await entries(writer);
  const messages = Math.ceil((MEGABYTES * 1e6) / CHARS);
  for (let done = 0; done < messages; done += 500)
    await writer.evaluate(
      async ([channelId, count, chars]) => {
        for (let i = 0; i < count; i++) {
          let text = '';
          while (text.length < chars) text += Math.random().toString(36).slice(2);
          await lgos.run('chat.send', { channelId, text: text.slice(0, chars) });
        }
      },
      [channel, Math.min(500, messages - done), CHARS] as const,
    );
  const backlog = (await entries(writer)) - before;
  console.log(`${messages} messages of ${CHARS} characters wait`);

  const type = (): Promise<void> =>
    writer.evaluate(
      ([documentId, channelId, everyMs, word]) => {
        const typed: Key[] = [];
        let key = 0;
        const timer = setInterval(async () => {
          const mine = key++;
          typed.push({ key: mine, at: Date.now() });
          if (mine % word === 0) await lgos.run('chat.send', { channelId, text: `<${mine}>` });
          else await lgos.insertText(documentId, 0, `<${mine}>`);
        }, everyMs);
        Object.assign(window, { typed, stopTyping: () => clearInterval(timer) });
      },
      [document, plan, KEY_MS, WORD] as const,
    );
  // When they stand on the page: asking the kernel again and again would take of the time that is measured.
  const watch = (): Promise<void> =>
    reader.evaluate(() => {
      const seen: Key[] = [];
      const known = new Set<number>();
      const { second } = window as unknown as { second: Window };
      for (const { document } of [window, second]) {
        const look = (): void => {
          const text = document.querySelector('[role=log], .ProseMirror')?.textContent ?? '';
          for (const [, digits] of text.matchAll(/<(\d+)>/g)) {
            const key = Number(digits);
            if (!known.has(key)) seen.push({ key, at: Date.now() });
            known.add(key);
          }
        };
        new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
      }
      Object.assign(window, { seen });
    }, 0);
  const keys = (tab: Tab, name: 'typed' | 'seen'): Promise<readonly Key[]> =>
    tab.evaluate((of) => (window as unknown as Record<string, readonly Key[]>)[of] as readonly Key[], name);

  await watch();
  await type();
  await reader.evaluate(() => lgos.setOnline(true), 0);
  // There is no server any more: they meet by two texts.
  await run(writer, 'os.offerPairing', { spaceId: space });
  await run(reader, 'os.takePairing', { text: await textOf(writer) });
  await run(writer, 'os.takePairing', { text: await textOf(reader) });
  await until(() => isDirect(reader), 'they are linked again');
  const linkedAt = Date.now();
  let early: readonly Key[] = [];
  await until(
    async () => {
      const have = (await entries(reader)) - before;
      if (have < backlog / 2) early = await keys(reader, 'seen');
      return have >= backlog;
    },
    'the backlog is there',
    600_000,
  );
  const doneAt = Date.now();
  await new Promise((done) => setTimeout(done, 15_000));
  await writer.evaluate(() => (window as unknown as { stopTyping(): void }).stopTyping(), 0);
  await until(isSame, 'all is there', 60_000);
  const [typed, seen] = [await keys(writer, 'typed'), await keys(reader, 'seen')];
  const during = typed.filter(({ at }) => at > linkedAt && at < doneAt);
  console.log(`The backlog came in ${((doneAt - linkedAt) / 1_000).toFixed(1)} s`);
  const after = typed.filter(({ at }) => at > doneAt + 2_000);
  for (const [when, all] of Object.entries({ 'While it came': during, 'After it': after })) {
    const [words, rest] = [all.filter(({ key }) => key % WORD === 0), all.filter(({ key }) => key % WORD !== 0)];
    console.log(`${when}: keys ${told(delays(rest, seen))}; words ${told(delays(words, seen))}`);
  }

  expect(delays(typed, seen)).toHaveLength(typed.length);
  // Half of the backlog was still to come when these were there.
  const inTime = during.filter(({ key }) => early.some((other) => other.key === key));
  expect(inTime.filter(({ key }) => key % WORD === 0).length).toBeGreaterThan(0);
  expect(inTime.filter(({ key }) => key % WORD !== 0).length).toBeGreaterThan(0);
});
