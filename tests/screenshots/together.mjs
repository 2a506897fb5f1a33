/**
 * What several people make: their ways to each other, connecting without a server, and meeting again. Name -> what brings the page of
 * one of them there. Each has a beacon of its own, since some go on without it.
 */
import { quiet } from './quiet.mjs';

const TITLE = 'Ladoga field team';
const SAID = ['The bench run is done.', 'Соляная ванна в четверг.', 'Three thermistors are left.'];

export const opened = async (context, url) => {
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction(() => window.lgos);
  await page.evaluate(() => lgos.ready());
  await quiet(page);
  return page;
};
const going = async (page, path) => {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, path);
  await quiet(page);
};
const online = (pages, on) => Promise.all(pages.map((page) => page.evaluate((is) => lgos.setOnline(is), on)));

/** Each name of `queries` joins the first, by an address with that query. */
const team = async (context, { beaconOf, newContext }, queries) => {
  const beacon = await beaconOf();
  const first = await opened(context, beacon.url);
  const { space, channel, hash } = await first.evaluate(async (title) => {
    await lgos.setName('Anna Sorokina');
    const { id } = await lgos.createSpace({ title, kind: 'team' });
    const created = await lgos.run('chat.createChannel', { spaceId: id, title: 'buoy-3' });
    const { url } = await lgos.invite(id, { role: 'member', uses: 9 });
    return { space: id, channel: created.id, hash: new URL(url).hash };
  }, TITLE);
  const pages = [first];
  for (const [name, query] of Object.entries(queries)) {
    const page = await opened(await newContext(), `${beacon.url}/${query}`);
    await page.evaluate(
      async ([person, link]) => {
        await lgos.setName(person);
        await lgos.join(link, { timeoutMs: 60_000 });
      },
      [name, `${beacon.url}/${query}${hash}`],
    );
    pages.push(page);
  }
  for (const [at, page] of pages.entries()) {
    await page.waitForFunction(
      async ([spaceId, channelId]) =>
        (await lgos.query('chat.channels', { spaceId })).some(({ id }) => id === channelId),
      [space, channel],
    );
    await going(page, `/s/${space}/c/${channel}`);
    await page.evaluate(([channelId, text]) => lgos.run('chat.send', { channelId, text }), [channel, SAID[at]]);
  }
  await first.waitForFunction(async (n) => (await lgos.peers()).filter(({ path }) => path).length >= n, pages.length);
  return { beacon, pages, space, channel };
};

const pairSheet = async (page) => {
  await going(page, '/settings/network');
  await page.locator('.page.node .head .btn').first().click();
  await page.locator('.pair select').waitFor();
};
const TEXT = '.pair textarea[readonly]';
const TAKE = '.pair .take textarea';
/** As far as the last of `steps`: offered, refused, answered, linked; gives the page where it shows. */
const pairing = (last) => async (context, given) => {
  const { beacon, pages, space } = await team(context, given, { 'Tomas Lindqvist': '' });
  for (const page of pages) await pairSheet(page);
  await beacon.stop();
  await online(pages, false);
  await online(pages, true);
  const [one, two] = pages;
  if (last === 'begun') return one;
  await one.locator('.pair select').selectOption(space);
  await one.locator('.pair .btn.pri').click();
  const offer = await one.locator(TEXT).inputValue();
  if (last === 'offered') return one;
  const taking = async (page, text) => {
    await page.locator(TAKE).fill(text);
    await page.locator('.pair .take button[type=submit]').click();
  };
  if (last === 'refused') {
    await taking(one, 'https://lgos.example/#/join/not-this-text');
    await one.locator('.pair [role=alert]').waitFor();
    return one;
  }
  await taking(two, offer);
  const answer = await two.locator(TEXT).inputValue();
  if (last === 'answered') return two;
  await taking(one, answer);
  await one.locator('.pair .df .btn.pri').waitFor();
  return one;
};

/** The other one and the beacon go. */
const left = async (context, given) => {
  const { beacon, pages, space } = await team(context, given, { 'Tomas Lindqvist': '' });
  const [one, two] = pages;
  await one.waitForFunction(
    async (spaceId) => {
      const [health] = await lgos.query('os.health', { spaceId });
      return health.beacons > 0;
    },
    space,
    { timeout: 60_000 },
  );
  await online([two], false);
  await beacon.stop();
  return { one, space };
};

/** Half a minute apart, as the report needs, then a minute until it is told. */
const meeting = async (context, given) => {
  const { pages, space, channel } = await team(context, given, { 'Tomas Lindqvist': '' });
  const [one, two] = pages;
  await online(pages, false);
  const writing = (page, title, texts) =>
    page.evaluate(
      async ([spaceId, channelId, name, said]) => {
        await lgos.run('chat.renameChannel', { channelId, title: name });
        const { id } = await lgos.run('editor.createDocument', { spaceId, title: `Plan: ${name}` });
        await lgos.run('editor.rename', { documentId: id, title: `Plan of ${name}` });
        for (const text of said) await lgos.run('chat.send', { channelId, text });
      },
      [space, channel, title, texts],
    );
  await writing(one, 'buoy-3-north', SAID);
  await writing(two, 'buoy-3-south', SAID);
  await one.waitForTimeout(35_000);
  await online(pages, true);
  await one.locator('.banner .row .btn.line').waitFor({ timeout: 120_000 });
  return one;
};

export const TOGETHER = {
  peers: async (context, given) => {
    const { pages } = await team(context, given, { 'Tomas Lindqvist': '', 'Денис Ким': '?links=relay' });
    await going(pages[0], '/settings/network');
    await pages[0].locator('[data-peer] .way path[stroke-dasharray]').waitFor({ state: 'attached' });
    return pages[0];
  },
  pair: pairing('begun'),
  pairOffered: pairing('offered'),
  pairRefused: pairing('refused'),
  pairAnswered: pairing('answered'),
  pairLinked: pairing('linked'),
  health: async (context, given) => {
    const { one } = await left(context, given);
    await one.locator('.chip.sync:visible').first().click();
    return one;
  },
  copies: async (context, given) => {
    const { one, space } = await left(context, given);
    await going(one, `/s/${space}/hub`);
    await one.keyboard.press('Control+.');
    await one.locator('.ins').waitFor();
    return one;
  },
  merged: async (context, given) => {
    const page = await meeting(context, given);
    await page.locator('.banner .row .btn.line').click();
    await page.locator('.merge').waitFor();
    return page;
  },
};
