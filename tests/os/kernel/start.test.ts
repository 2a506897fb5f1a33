/** The first steps of a person, read from the graph, and the demo space to play in. */
import { afterEach, expect, test } from 'vitest';
import { referencesIn } from '../../../src/base/reference';
import type { KernelClient } from '../../../src/bridge/client';
import type { KernelApi, MessageRow } from '../../../src/bridge/messages';
import type { StepsAnswer } from '../../../src/domain/start/queries';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { memoryVault } from '../../../src/platform/memory/vault';
import { beginDemo, removeDemo } from '../../../src/view/onboarding/demo';
import { rowsOf } from '../../support/disk';
import { createFleet, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(async () => {
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});
const WELCOME = { space: 'Personal', title: 'Welcome', markdown: '## Hello' };
const steps = async (kernel: KernelApi): Promise<StepsAnswer> => (await kernel.query('start.steps', {})) as StepsAnswer;
const NOTHING = { dismissed: false, demo: null, named: false, wrote: false, documented: false, met: false };

test.each(['en', 'ru'] as const)(
  'the demo space holds what every application shows, in %s, and goes as it came',
  async (language) => {
    fleet = await createFleet(1);
    const disk = { storage: memoryStorage(), vault: memoryVault() };
    const kernel = await fleet.tab('one', { beacon: false, kernel: { welcome: WELCOME }, ...disk });
    const made = await beginDemo(kernel as KernelClient, language);
    expect(await steps(kernel)).toEqual({ ...NOTHING, demo: made.space });
    const channels = (await kernel.query('chat.channels', { spaceId: made.space })) as { id: string }[];
    const pages = await Promise.all(channels.map(({ id }) => kernel.query('chat.messages', { channelId: id })));
    const rows = (pages as MessageRow[][]).flat();
    expect(rows.length).toBeGreaterThan(6);
    // Nobody is pretended to be there: what others say is quoted.
    expect(rows.every(({ mine, text }) => mine && !text.includes('{'))).toBe(true);
    expect(rows.filter(({ text }) => text.startsWith('> **')).length).toBe(rows.length - 1);
    expect(rows.filter(({ replies }) => replies !== null).length).toBe(1);
    const [link] = rows.flatMap(({ text }) => referencesIn(text));
    const documents = (await kernel.query('editor.documents', { spaceId: made.space })) as { id: string }[];
    expect(documents.map(({ id }) => id)).toContain(link?.id);
    expect((await kernel.documentText(made.document)).split('\n').length).toBe(4);
    expect(((await kernel.query('comments.thread', { objectId: made.document })) as unknown[]).length).toBe(1);
    await removeDemo(kernel as KernelClient, made.space);
    expect(await steps(kernel)).toEqual(NOTHING);
    expect((await kernel.spaces()).map(({ title }) => title)).toEqual(['Personal']);
    // Nobody else ever had it: it leaves the disk as soon as the list of spaces says so.
    await until(async () => (await rowsOf(disk, made.space)).length === 0, 'gone from the disk');
  },
);

test('each step is done when the graph says so, and the list is put away', async () => {
  fleet = await createFleet(2);
  const ada = await fleet.tab('ada', { kernel: { welcome: WELCOME } });
  const bert = await fleet.tab('bert');
  expect(await steps(ada)).toEqual(NOTHING);
  const [personal] = await ada.spaces();
  const [welcome] = (await ada.query('editor.documents', { spaceId: personal?.id })) as { id: string }[];
  expect(await ada.documentText(welcome?.id ?? '')).toBe('Hello');
  await ada.setName('Ada');
  expect(await steps(ada)).toEqual({ ...NOTHING, named: true });
  const { id } = await ada.createSpace({ title: 'Team', kind: 'team' });
  const { id: channelId } = await ada.run('chat.createChannel', { spaceId: id, title: 'general' });
  await ada.run('chat.send', { channelId, text: 'Hello' });
  expect(await steps(ada)).toEqual({ ...NOTHING, named: true, wrote: true });
  await ada.run('editor.createDocument', { spaceId: id, title: 'Plan' });
  expect(await steps(ada)).toEqual({ ...NOTHING, named: true, wrote: true, documented: true });
  await bert.join((await ada.invite(id, { role: 'member' })).url);
  await until(async () => (await steps(ada)).met, 'somebody came');
  await ada.run('start.dismiss', {});
  expect((await steps(ada)).dismissed).toBe(true);
  await ada.run('start.dismiss', { shown: true });
  expect((await steps(ada)).dismissed).toBe(false);
});
