/**
 * What journeys stand on: beacons as processes with temporary data on free ports, people in browser contexts of their
 * own, and the steps that people take on the screen. Everything waits for a condition; nothing waits for a time.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join as pathOf } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type BrowserContext,
  type BrowserContextOptions,
  test as base,
  expect,
  type Locator,
  type Page,
} from '@playwright/test';
import type { KernelCalls, MessageRow } from '../../src/bridge/messages';

export type { Locator, Page } from '@playwright/test';
export { expect };

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** `LGOS_TEST_BUILD`: the folder of another build to test, inside the project. */
const MAIN = pathOf(ROOT, process.env.LGOS_TEST_BUILD ?? 'dist', 'beacon', 'main.js');

// --- Processes -------------------------------------------------------------------------------------------------

export type HostOptions = {
  /** Data of an earlier process; a new folder where absent. */
  readonly data?: string;
  readonly port?: number;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
};
/** A running `main.js`. */
export type Host = {
  readonly url: string;
  readonly port: number;
  readonly data: string;
  /** What it has printed so far. */
  printed(): string;
  /** The same on standard error. */
  complained(): string;
  /** SIGTERM, until the process has gone. */
  stop(): Promise<void>;
  /** SIGKILL, until the process has gone. */
  kill(): Promise<void>;
};

const ended = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
};

export const startHost = async (options: HostOptions = {}): Promise<Host> => {
  const data = options.data ?? newFolder();
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('LGOS_')));
  const child = spawn(process.execPath, [MAIN, ...(options.args ?? [])], {
    env: { ...clean, LGOS_DATA: data, LGOS_PORT: String(options.port ?? 0), ...options.environment },
  });
  let out = '';
  let fault = '';
  child.stderr.on('data', (text) => {
    fault += text;
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.on('data', (text) => {
      out += text;
      const found = /LGOS is ready at \w+:\/\/[^:]+:(\d+)\n/.exec(out)?.[1];
      if (found) resolve(Number(found));
    });
    child.on('exit', (code) => reject(new Error(`The process ended with ${code}: ${fault}`)));
  });
  return {
    url: `http://localhost:${port}`,
    port,
    data,
    printed: () => out,
    complained: () => fault,
    stop: () => ended(child, 'SIGTERM'),
    kill: () => ended(child, 'SIGKILL'),
  };
};

const folders: string[] = [];
/** A temporary folder; gone after the test. */
export const newFolder = (): string => {
  const folder = mkdtempSync(pathOf(tmpdir(), 'lgos-e2e-'));
  folders.push(folder);
  return folder;
};

/** Another address of this machine than localhost: what a second device would use. */
export const otherAddress = (): string => {
  const found = Object.values(networkInterfaces())
    .flat()
    .find((address) => address && address.family === 'IPv4' && !address.internal);
  if (!found) throw new Error('This machine has no IPv4 address besides localhost');
  return found.address;
};

// --- People ----------------------------------------------------------------------------------------------------

export type Person = { readonly page: Page; readonly context: BrowserContext; readonly faults: readonly string[] };
export type PersonOptions = BrowserContextOptions & { readonly name?: string; readonly query?: string };

type Fixtures = {
  /** Starts a host that is killed when the test ends. */
  host: (options?: HostOptions) => Promise<Host>;
  /** Opens the page in a browser context of its own, of a person of that name where one is given. */
  person: (url: string, options?: PersonOptions) => Promise<Person>;
};

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures from this pattern
  host: async ({}, use) => {
    const hosts: Host[] = [];
    await use(async (options) => {
      const host = await startHost(options);
      hosts.push(host);
      return host;
    });
    await Promise.all(hosts.map((host) => host.kill()));
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  },
  person: async ({ browser }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (url, { name, query = '', ...options } = {}) => {
      const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1440, height: 900 }, ...options });
      contexts.push(context);
      const person = await openPage(context, url + query);
      if (name !== undefined) await ask(person.page, 'setName', name);
      return person;
    });
    await Promise.all(contexts.map((context) => context.close()));
  },
});

/** A tab in a context, once its kernel answers. */
export const openPage = async (context: BrowserContext, url: string): Promise<Person> => {
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (fault) => faults.push(String(fault)));
  await page.goto(url);
  await opened(page);
  return { page, context, faults };
};
export const opened = async (page: Page): Promise<void> => {
  await page.waitForFunction(() => window.lgos !== undefined);
  await ask(page, 'ready');
};

/** Gives the person's page an authenticator that makes passkeys which give a secret, and agrees to everything. */
export const holdPasskeys = async ({ context, page }: Person): Promise<void> => {
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      hasPrf: true,
    },
  });
};

/** One call of `lgos`: for checks, not in place of a person's act. */
export const ask = <Name extends keyof KernelCalls>(
  page: Page,
  name: Name,
  ...args: Parameters<KernelCalls[Name]>
): Promise<Awaited<ReturnType<KernelCalls[Name]>>> =>
  page.evaluate(
    ([called, given]) =>
      (window.lgos as unknown as Record<string, (...values: unknown[]) => unknown>)[called]?.(...given),
    [name, args] as [string, unknown[]],
  ) as Promise<Awaited<ReturnType<KernelCalls[Name]>>>;

/** Until every page gives the same state hash for the space. */
export const agree = (spaceId: string, ...pages: readonly Page[]): Promise<void> =>
  expect
    .poll(
      async () => new Set(await Promise.all(pages.map((page) => ask(page, 'stateHash', spaceId)))).size,
      'different state hashes',
    )
    .toBe(1);
/** Until everything of the space is held by a beacon, by its signed receipts. */
export const onBeacon = (page: Page, spaceId: string): Promise<void> =>
  expect
    .poll(async () => {
      const { holders, waiting } = (await ask(page, 'query', 'os.sync', { spaceId })) as {
        holders: readonly { kind: string; behind: number }[];
        waiting: number;
      };
      return waiting === 0 && holders.some(({ kind, behind }) => kind === 'beacon' && behind === 0);
    }, 'a beacon holds everything')
    .toBe(true);
/** All of a channel, oldest first, page by page. */
export const messages = async (page: Page, channelId: string): Promise<readonly MessageRow[]> => {
  const limit = 500;
  let all: readonly MessageRow[] = [];
  for (;;) {
    const args = { channelId, limit, ...(all[0] ? { before: all[0].id } : {}) };
    const older = (await ask(page, 'query', 'chat.messages', args)) as readonly MessageRow[];
    all = [...older, ...all];
    if (older.length < limit) return all;
  }
};
/** What was said in a channel, oldest first. */
export const texts = async (page: Page, channelId: string): Promise<readonly string[]> =>
  (await messages(page, channelId)).map(({ text }) => text);

// --- Steps on the screen -----------------------------------------------------------------------------------------

export const sidebar = (page: Page): Locator => page.getByRole('complementary', { name: /^(Navigation|Навигация)$/ });
export const composer = (page: Page): Locator => page.getByTestId('composer');
export const title = (page: Page): Locator => page.getByTestId('document-title');
export const body = (page: Page): Locator => page.getByRole('textbox', { name: 'Document text' });
/** The words of the open document as the editor shows them, without the names at other people's cursors. */
export const wordsOf = (page: Page): Promise<string> =>
  body(page).evaluate((element) => {
    const copy = element.cloneNode(true) as HTMLElement;
    for (const cursor of copy.querySelectorAll('[data-testid=cursor]')) cursor.remove();
    return [...copy.querySelectorAll('p, h1, h2, h3')].map((block) => block.textContent).join('\n');
  });
export const chip = (page: Page): Locator => page.getByTestId('sync-chip');
/** What a person is told after their browser lost the profile. */
export const lossBanner = (page: Page): Locator => page.getByRole('alert').filter({ hasText: 'The browser lost' });
export const log = (page: Page): Locator => page.getByRole('log', { name: 'Messages' });
export const said = (page: Page, text: string): Locator => log(page).getByRole('article').filter({ hasText: text });

/** The bar above the view names the channel or document. */
export const showing = (page: Page, name: string | RegExp): Promise<void> =>
  expect(page.getByRole('main').getByRole('heading', { level: 1 }).first()).toHaveText(name);
/** On the page of settings. */
export const callOneself = async (page: Page, name: string): Promise<void> => {
  await sidebar(page).getByRole('button', { name: 'Settings' }).click();
  const field = page.getByRole('textbox', { name: 'Your name' });
  await field.fill(name);
  await field.press('Enter');
  await expect.poll(async () => (await ask(page, 'me')).name).toBe(name);
};
/** Gives the id of the space. */
export const createSpace = async (page: Page, name: string): Promise<string> => {
  await page.getByRole('button', { name: /^Space:/ }).click();
  await page.getByRole('menuitem', { name: 'New space' }).click();
  const dialog = page.getByRole('dialog', { name: 'New space' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('button', { name: `Space: ${name}` })).toBeVisible();
  return idIn(page, 's');
};
/** Gives the id of the channel, which is open afterwards. */
export const createChannel = async (page: Page, name: string): Promise<string> => {
  await sidebar(page).getByRole('button', { name: 'New channel' }).click();
  const dialog = page.getByRole('dialog', { name: 'New channel' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
  await dialog.getByRole('button', { name: 'Create' }).click();
  await showing(page, name);
  return idIn(page, 'c');
};
/** Gives the id of the document, which is open afterwards. */
export const createDocument = async (page: Page, name: string): Promise<string> => {
  const before = page.url();
  await sidebar(page).getByRole('button', { name: 'New document', exact: true }).click();
  await page.waitForURL((url) => url.href !== before && /\/d\/[^/]+$/.test(url.hash));
  await expect(title(page)).toHaveValue('');
  await title(page).fill(name);
  await title(page).press('Enter');
  await showing(page, name);
  return idIn(page, 'd');
};
const idIn = async (page: Page, kind: 's' | 'c' | 'd'): Promise<string> => {
  const id = new RegExp(`/${kind}/([^/]+)`).exec(new URL(page.url()).hash)?.[1];
  if (!id) throw new Error(`No ${kind} in ${page.url()}`);
  return id;
};
/** What most journeys begin with: Anna, in a space of her own with a channel, which is open. */
export const SPACE = 'Ladoga Field Team';
export const CHANNEL = 'buoy-3';
export const startTeam = async (
  person: Fixtures['person'],
  url: string,
  options: PersonOptions = {},
): Promise<{ readonly a: Person; readonly spaceId: string; readonly channelId: string }> => {
  const a = await person(url, { name: 'Anna', ...options });
  const spaceId = await createSpace(a.page, SPACE);
  const channelId = await createChannel(a.page, CHANNEL);
  return { a, spaceId, channelId };
};
/** An open invitation; gives its link. */
export const invite = async (page: Page): Promise<string> => {
  await page.getByRole('button', { name: 'Share' }).click();
  const dialog = page.getByRole('dialog', { name: /^Invite to/ });
  await dialog.getByRole('button', { name: 'Make a link' }).click();
  const url = await dialog.getByRole('textbox', { name: 'Link' }).inputValue();
  await dialog.getByRole('button', { name: 'Close' }).click();
  return url;
};
/** Through the join page, until the space is open. */
export const join = async (page: Page, link: string, space: string): Promise<void> => {
  await page.goto(link);
  await expect(page.getByRole('heading', { name: space })).toBeVisible();
  await page.getByRole('button', { name: /^(Join|Try again)$/ }).click();
  await expect(page.getByRole('button', { name: `Space: ${space}` })).toBeVisible({ timeout: 30_000 });
};
/** Opens a channel or a document by its row in the sidebar. */
export const open = async (page: Page, name: string | RegExp): Promise<void> => {
  await sidebar(page).getByRole('navigation').getByRole('link', { name }).first().click();
  await showing(page, name);
};
export const say = async (page: Page, text: string): Promise<void> => {
  await composer(page).fill(text);
  await composer(page).press('Enter');
  await expect(said(page, text)).toBeVisible();
};
/** The switch behind the chip. */
export const workOffline = async (page: Page, offline: boolean): Promise<void> => {
  await chip(page).click();
  const change = page.getByRole('switch', { name: 'Work offline' });
  await change.click();
  await expect(change).toBeChecked({ checked: offline });
  await page.keyboard.press('Escape');
  await expect(change).toBeHidden();
};
