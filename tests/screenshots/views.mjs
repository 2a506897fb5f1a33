/**
 * What is shown of a profile with data: view -> its address, and what to do there. It knows nothing of files, of browsers, and of
 * how the data came about; ids are of what the data has. A view without an address in some data is left out of it.
 *
 * - `act` ends when what it opens is there; `after` puts back what it changed. Menus and dialogs go with the page.
 * - `whole`: as high as what it scrolls, for pages of rows.
 */

/** In the language of the page. */
const inIts = (page, english, russian) => (page.isRussian ? russian : english);

/** Pressed once the page hears keys; dialogs come when they are first opened. */
const opening = async (page, keys) => {
  await page.getByRole('main').waitFor();
  await page.keyboard.press(keys);
  await page.getByRole('dialog').first().waitFor();
};

/** From the palette, by its name. */
const doing = async (page, english, russian) => {
  await opening(page, 'Control+k');
  await page.getByRole('combobox').fill(`>${inIts(page, english, russian)}`);
  await page.getByRole('option').first().click();
};
const dialogOf = (english, russian) => async (page) => {
  await doing(page, english, russian);
  await page.getByRole('dialog').first().waitFor();
};

/** On a narrow screen it is behind a button. */
const showSidebar = async (page) => {
  const more = page.getByRole('button', { name: inIts(page, 'More', 'Ещё'), exact: true });
  if (await more.isVisible()) await more.click();
};

/** Into a new line after all that a document has. */
const atEnd = async (page) => {
  await page.locator('.editor-body > :last-child').click();
  await page.keyboard.press('Control+End');
  await page.waitForTimeout(250);
  await page.keyboard.press('Enter');
};
export const writeAtEnd = atEnd;
const typingAtEnd = (letters) => ({
  path: ({ space, document }) => document && `/s/${space}/d/${document}`,
  act: async (page) => {
    await atEnd(page);
    await page.keyboard.type(letters);
  },
  after: async (page) => {
    await page.keyboard.press('Escape');
    for (let i = 0; i <= letters.length; i++) await page.keyboard.press('Backspace');
  },
});

/** Where there is such a thing, and it may be pressed. */
const pressing = async (button, how = {}) => {
  if (await button.isEnabled({ timeout: 2_000 }).catch(() => false)) await button.click(how);
};

const channelPath = ({ space, channel }) => channel && `/s/${space}/c/${channel}`;
const documentPath = ({ space, document }) => document && `/s/${space}/d/${document}`;
const inChannel = (act, after) => ({ path: channelPath, act, after });
const inDocument = (act, after) => ({ path: documentPath, act, after });
const atMembers = (act, after) => ({ path: ({ space }) => `/s/${space}/members`, act, after });

/** Nothing is kept of what was typed. */
const emptied = async (page) => {
  await page.getByTestId('composer').fill('');
  await page.locator('.crumb h1').click();
  await page.waitForTimeout(1_000);
};

/** The tools of the last message, which stand there while it is pointed at or has the focus. */
const lastTools = async (page) => {
  const said = page.locator('.msg').last();
  if (!(await said.isVisible())) return undefined;
  await said.hover();
  await said.focus();
  return said.getByRole('toolbar');
};

export const VIEWS = {
  home: { path: () => '/' },
  hub: { path: ({ space }) => `/s/${space}/hub` },
  space: { path: ({ space }) => `/s/${space}` },
  chat: { path: channelPath },
  editor: { path: documentPath },
  members: { path: ({ space }) => `/s/${space}/members`, whole: true },
  invitations: { path: ({ space }) => `/s/${space}/invitations`, whole: true },
  audit: { path: ({ space }) => `/s/${space}/audit` },
  trash: { path: ({ space }) => `/s/${space}/trash` },
  search: { path: () => '/search' },
  found: { path: ({ word }) => `/search?q=${encodeURIComponent(word)}` },
  nothing: { path: () => '/search?q=qqqqq' },
  settings: { path: () => '/settings', whole: true },
  network: { path: () => '/settings/network', whole: true },
  lab: {
    // Nothing of it is of the profile: once is enough.
    path: ({ word }) => /^t|^т/.test(word) && '/lab',
    whole: true,
    act: async (page) => {
      await page.locator('.page.lab[data-state=paused]').waitFor({ timeout: 60_000 });
      for (let second = 0; second < 16; second++) {
        await page.getByRole('button', { name: inIts(page, 'One second', 'Одна секунда') }).click();
        await page.waitForFunction(
          (s) => Number(document.querySelector('.lab .clock').textContent.match(/\d+/)?.[0]) > s,
          second,
        );
      }
    },
  },
  devices: { path: () => '/settings/devices', whole: true },
  recover: { path: () => '/recover' },
  paste: { path: () => '/join' },
  link: { path: () => '/link' },
  sidebar: { path: ({ space }) => `/s/${space}/hub`, act: showSidebar },
  inspector: inChannel((page) => page.keyboard.press('Control+.')),
  history: {
    path: documentPath,
    whole: true,
    act: (page) => page.keyboard.press('Control+.'),
  },
  earlier: inDocument(async (page) => {
    await page.keyboard.press('Control+.');
    await pressing(page.locator('.past .change').first());
  }),
  thread: inChannel((page) => pressing(page.locator('.replies').first())),
  beginning: inChannel(async (page) => {
    const log = page.locator('.log');
    if (!(await log.isVisible())) return;
    await log.hover();
    const there = () => log.evaluate((box) => box.scrollTop < 1 && box.querySelector('.beginning') !== null);
    for (let n = 0; n < 40 && !(await there()); n++) {
      await page.mouse.wheel(0, -2_000);
      await page.waitForTimeout(100);
    }
    await page.mouse.move(0, 0);
  }),
  message: inChannel(lastTools),
  emoji: inChannel(async (page) => {
    const tools = await lastTools(page);
    if (tools) await pressing(tools.getByRole('button').first());
  }),
  menu: inChannel(async (page) => {
    const tools = await lastTools(page);
    if (tools) await pressing(tools.getByRole('button').last());
  }),
  toast: inChannel(
    async (page) => {
      if (await lastTools(page)) await page.keyboard.press('Delete');
    },
    async (page) => {
      // The toast may have gone meanwhile.
      await page.locator('.crumb h1').click();
      await page.keyboard.press('Control+z');
      await page.waitForTimeout(1_000);
    },
  ),
  mention: inChannel((page) => page.getByTestId('composer').pressSequentially('@'), emptied),
  written: inChannel(async (page) => {
    await page.keyboard.press('Escape');
    const said = page.locator('.msg').last();
    if (await said.isVisible()) {
      await said.focus();
      await page.keyboard.press('r');
    }
    await page
      .getByTestId('composer')
      .fill('**Thursday** works for me\n\n- bath at ten\n- boat at noon\n- ужин в семь');
  }, emptied),
  tools: inChannel((page) => pressing(page.locator('.top .tools button').last())),
  thing: inChannel((page) => pressing(page.locator('.crumb .dots:visible'))),
  slash: typingAtEnd('/'),
  naming: typingAtEnd('@'),
  bubble: inDocument(async (page) => {
    await page.locator('.editor-body > :first-child').click();
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+End');
  }),
  suggesting: inDocument((page) => pressing(page.getByRole('radio', { name: inIts(page, 'Suggest', 'Предлагать') }))),
  row: {
    path: ({ space }) => `/s/${space}/hub`,
    act: async (page) => {
      await showSidebar(page);
      await pressing(page.locator('.side nav:not(.apps) a[href*="/c/"]').first(), { button: 'right' });
    },
  },
  spaces: {
    path: ({ space }) => `/s/${space}/hub`,
    act: async (page) => {
      await showSidebar(page);
      await page.locator('.side .sw').click();
    },
  },
  you: {
    path: ({ space }) => `/s/${space}/hub`,
    act: async (page) => {
      await showSidebar(page);
      await page.locator('.side .person').click();
    },
  },
  chip: inChannel((page) => page.locator('.chip.sync:visible').first().click()),
  offline: inChannel(
    (page) => page.evaluate(() => lgos.setOnline(false)),
    (page) => page.evaluate(() => lgos.setOnline(true)),
  ),
  invite: {
    path: ({ space }) => `/s/${space}/invitations`,
    act: (page) => pressing(page.locator('.page .btn.pri').first()),
  },
  steps: {
    path: () => '/',
    act: async (page) => {
      await showSidebar(page);
      await page.getByRole('button', { name: inIts(page, /^First steps/, /^Первые шаги/) }).click();
    },
  },
  snooze: {
    path: ({ space }) => `/s/${space}/hub`,
    act: async (page) => {
      await page.getByRole('main').waitFor();
      await page.keyboard.press('s');
    },
  },
  palette: atMembers((page) => opening(page, 'Control+k')),
  named: {
    path: ({ space }) => `/s/${space}/members`,
    act: async (page, { word }) => {
      await opening(page, 'Control+k');
      await page.getByRole('combobox').fill(word);
    },
  },
  unnamed: atMembers(async (page) => {
    await opening(page, 'Control+k');
    await page.getByRole('combobox').fill('qqqqq');
  }),
  shortcuts: atMembers((page) => opening(page, '?')),
  templates: atMembers(dialogOf('New document from template', 'Новый документ по шаблону')),
  export: atMembers(dialogOf('Export', 'Выгрузить')),
  import: atMembers(dialogOf('Bring in a space', 'Загрузить пространство')),
  channelNew: atMembers(dialogOf('New channel', 'Новый канал')),
  spaceNew: atMembers(dialogOf('New space', 'Новое пространство')),
  past: atMembers((page) => doing(page, 'See the space as it was', 'Посмотреть пространство в прошлом')),
};
