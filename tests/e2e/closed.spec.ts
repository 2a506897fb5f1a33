import { readdirSync, readFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import {
  ask,
  body,
  createChannel,
  createDocument,
  createSpace,
  expect,
  invite,
  join,
  onBeacon,
  open,
  said,
  say,
  sidebar,
  test,
  wordsOf,
} from './support';

/** Every file below a folder, in one piece. */
const bytesBelow = (folder: string): Buffer =>
  Buffer.concat(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(pathOf(entry.parentPath, entry.name))),
  );

/** What roles and types are called; on a beacon they are numbers. */
const ROLE_WORDS = ['"owner"', '"admin"', '"member"', '"guest"', 'Channel', 'Message', 'Profile', 'paragraph'];

test('[T78] a person joins and reads everything while only a beacon is up, and the beacon can read nothing of it', async ({
  host,
  person,
}) => {
  const beacon = await host();
  const words = {
    space: 'Kanareika Team',
    name: 'Annabella Quicksilver',
    channel: 'zeppelin-moorings',
    title: 'Marmalade protocol',
    text: 'Velvet thermometers dislike thunder.',
    message: 'The heron left at dawn.',
  };
  const a = await person(beacon.url, { name: words.name });
  const spaceId = await createSpace(a.page, words.space);
  const channelId = await createChannel(a.page, words.channel);
  await say(a.page, words.message);
  await createDocument(a.page, words.title);
  await body(a.page).click();
  await a.page.keyboard.type(words.text);
  const topic = 'Zephyr budget of the moorings';
  await ask(a.page, 'run', 'chat.setTopic', { channelId, topic });
  const draft = 'Unsaid persimmon';
  await ask(a.page, 'run', 'os.saveDraft', { key: channelId, text: draft });
  const link = await invite(a.page);
  const b = await person(beacon.url, { name: 'Boris Plumtree' });
  await join(b.page, link, words.space);
  await open(b.page, words.channel);
  await say(b.page, 'A second kettle sings.');
  await expect.poll(async () => (await ask(a.page, 'members', spaceId)).length).toBe(2);
  for (const { page } of [a, b]) await onBeacon(page, spaceId);
  await a.context.close();
  await b.context.close();

  const c = await person(beacon.url, { name: 'Cecilia Windermere' });
  await join(c.page, link, words.space);
  await open(c.page, words.channel);
  await expect(said(c.page, words.message)).toContainText(words.name);
  await expect(said(c.page, 'A second kettle sings.')).toContainText('Boris Plumtree');
  await open(c.page, words.title);
  await expect.poll(() => wordsOf(c.page)).toBe(words.text);
  await expect(sidebar(c.page).getByRole('link', { name: words.title })).toBeVisible();
  await onBeacon(c.page, spaceId);

  await beacon.stop();
  const data = bytesBelow(beacon.data);
  // Words of the interface that only come from inside a space: roles, topics, icons, drafts.
  const others = ['Boris Plumtree', 'A second kettle sings.', 'Cecilia Windermere', topic, draft, 'blockId'];
  const canaries = [...Object.values(words), ...others, ...ROLE_WORDS];
  const found = canaries.filter((canary) => data.includes(canary) || data.includes(Buffer.from(canary, 'utf16le')));
  expect(found).toEqual([]);
  // The scan sees what is there: the beacon does hold the space.
  expect(data.includes(Buffer.from(spaceId, 'hex')) || data.includes(spaceId)).toBe(true);
});
