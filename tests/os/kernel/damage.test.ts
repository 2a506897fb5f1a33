/** A segment that the medium damaged: its entries come again from others. */
import { afterEach, expect, test } from 'vitest';
import type { KernelApi, MessageRow } from '../../../src/bridge/messages';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { memoryVault } from '../../../src/platform/memory/vault';
import { Journal } from '../../../src/vm/journal/journal';
import type { SpaceId } from '../../../src/vm/op/ids';
import { converged, createFleet, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(() => fleet?.stop());

const texts = async (kernel: KernelApi, channelId: string) =>
  ((await kernel.query('chat.messages', { channelId, limit: 500 })) as readonly MessageRow[]).map(({ text }) => text);

test('a damaged segment is counted with what it held, and healed from others', async () => {
  fleet = await createFleet(9, { beaconStorage: memoryStorage() });
  const a = await fleet.tab('a', { beacon: false });
  const storage = memoryStorage();
  const vault = memoryVault();
  const b = await fleet.tab('b', { storage, vault, beacon: false });
  const { id: space } = await a.createSpace({ title: 'T', kind: 'team' });
  const { id: channelId } = (await a.run('chat.createChannel', { spaceId: space, title: 'c' })) as { id: string };
  const { url } = await a.invite(space, { role: 'member' });
  await b.join(url, { timeoutMs: 30_000 });
  for (let i = 0; i < 150; i++) await a.run('chat.send', { channelId, text: `${i}` });
  await until(async () => (await texts(b, channelId)).length === 150, 'all');
  await b.stop();
  const journal = new Journal(storage, space as SpaceId);
  await journal.load();
  await journal.compact();
  const [first] = await storage.list('journal', `${space}/`);
  const broken = Uint8Array.from(first?.value ?? []);
  broken[500] = (broken[500] as number) ^ 1;
  await storage.write([{ table: 'journal', key: first?.key as string, value: broken }], 'strict');

  // Nobody else is there: what is lost stays lost.
  await a.setOnline(false);
  const alone = await fleet.tab('b2', { storage, vault, beacon: false, direct: false });
  const { journalDamaged, journalLost } = await alone.stats();
  expect(journalDamaged).toBe(1);
  expect(journalLost).toBeGreaterThan(100);
  expect((await texts(alone, channelId)).length).toBeLessThan(150);
  await alone.stop();

  await a.setOnline(true);
  const again = await fleet.tab('b3', { storage, vault, beacon: false });
  await until(async () => (await texts(again, channelId)).length === 150, 'healed');
  await converged([a, again], space);
  await again.run('chat.send', { channelId, text: 'goes on' });
  await until(async () => (await texts(a, channelId)).includes('goes on'), 'it still writes');
  for (const kernel of [a, again]) expect((await kernel.stats()).forks).toBeUndefined();
  await again.stop();
  const healed = await fleet.tab('b4', { storage, vault, beacon: false, direct: false });
  expect(await texts(healed, channelId)).toHaveLength(151);
  expect((await healed.stats()).journalDamaged).toBeUndefined();
});
