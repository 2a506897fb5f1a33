/** Two histories of one device, and work that comes too late, over live links: what all come to hold, and what people are told. */
import { afterEach, expect, test } from 'vitest';
import type { HeldRow, KernelApi, MemberRow, MessageRow } from '../../src/bridge/messages';
import { memoryStorage } from '../../src/platform/memory/storage';
import { memoryVault } from '../../src/platform/memory/vault';
import { type Storage, TABLES, type Vault } from '../../src/ports';
import { converged, createFleet, until } from '../support/fleet';

type Fleet = Awaited<ReturnType<typeof createFleet>>;
let fleet: Fleet;
afterEach(async () => {
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

/** All that a profile holds, copied: what a restored backup or a cloned machine comes to. */
const cloneOf = async (storage: Storage, vault: Vault): Promise<{ storage: Storage; vault: Vault }> => {
  const clone = { storage: memoryStorage(), vault: memoryVault() };
  for (const table of TABLES) {
    const rows = await storage.list(table, '');
    await clone.storage.write(
      rows.map(({ key, value }) => ({ table, key, value })),
      'strict',
    );
  }
  for (const name of await vault.list('')) {
    const value = await vault.get(name);
    if (value) await clone.vault.put(name, value);
  }
  return clone;
};
const messages = async (kernel: KernelApi, channelId: string): Promise<readonly string[]> =>
  ((await kernel.query('chat.messages', { channelId, limit: 100 })) as readonly MessageRow[]).map(({ text }) => text);
const held = async (kernel: KernelApi, spaceId: string) =>
  (await kernel.query('os.held', { spaceId })) as readonly HeldRow[];

const team = async (names: readonly string[]) => {
  fleet = await createFleet();
  const places = new Map(names.map((name) => [name, { storage: memoryStorage(), vault: memoryVault() }]));
  const tabs: KernelApi[] = [];
  for (const name of names) tabs.push(await fleet.tab(name, { direct: false, ...places.get(name) }));
  const [a] = tabs as [KernelApi];
  const { id: spaceId } = await a.createSpace({ title: 'Team', kind: 'team' });
  const { id: channelId } = (await a.run('chat.createChannel', { spaceId, title: 'general' })) as { id: string };
  const { url } = await a.invite(spaceId, { role: 'member', uses: 9 });
  for (const tab of tabs.slice(1)) await tab.join(url, { timeoutMs: 60_000 });
  await converged(tabs, spaceId);
  return { tabs, places, spaceId, channelId };
};

test('[T6] a profile that was cloned writes on in both: all come to hold both histories, the device is reported and cleared', async () => {
  const { tabs, places, spaceId, channelId } = await team(['a', 'b', 'c']);
  const [a, b, c] = tabs as [KernelApi, KernelApi, KernelApi];
  await c.run('chat.send', { channelId, text: 'before' });
  await converged(tabs, spaceId);
  const place = places.get('c') as { storage: Storage; vault: Vault };
  const { deviceId } = await c.me();
  await c.stop();
  const twin = await cloneOf(place.storage, place.vault);
  // Each of the two works alone, and is not linked while the other is.
  const away = { direct: false, kernel: { beacon: undefined as never, signaling: [] } };
  const one = await fleet.tab('c one', { ...away, ...place });
  await one.run('chat.send', { channelId, text: 'one' });
  await one.run('chat.send', { channelId, text: 'one more' });
  await one.stop();
  const two = await fleet.tab('c two', { ...away, ...twin });
  await two.run('chat.send', { channelId, text: 'two' });
  await two.stop();
  const first = await fleet.tab('c first', { direct: false, ...place });
  await until(async () => (await messages(a, channelId)).includes('one more'), 'the first history');
  await first.stop();
  const second = await fleet.tab('c second', { direct: false, ...twin });
  await until(async () => (await messages(b, channelId)).includes('two'), 'the second history');
  await until(async () => ((await a.stats()).forks ?? 0) > 0, 'both are held');
  await converged([a, b, second], spaceId);
  for (const tab of [a, b, second])
    expect(await messages(tab, channelId)).toEqual(['before', 'one', 'one more', 'two']);
  await until(async () => {
    const refused = await second.run('chat.send', { channelId, text: 'suspended' }).catch((why) => why.type);
    return refused === 'deviceSuspended';
  }, 'nothing new of the device is taken');
  await expect(b.run('os.clearDevice', { spaceId, deviceId })).rejects.toMatchObject({ type: 'adminsOnly' });
  // The report may still be on its way to the Owner.
  await until(
    () =>
      a.run('os.clearDevice', { spaceId, deviceId }).then(
        () => true,
        (why) => (why.type === 'notSuspended' ? false : Promise.reject(why)),
      ),
    'cleared',
  );
  await until(
    () =>
      second.run('chat.send', { channelId, text: 'again' }).then(
        () => true,
        () => false,
      ),
    'the device writes again',
  );
  await until(async () => (await messages(b, channelId)).includes('again'), 'and is heard');
  await expect(a.run('os.clearDevice', { spaceId, deviceId })).rejects.toMatchObject({ type: 'notSuspended' });
  await converged([a, b, second], spaceId);
});

test('[T30] who wrote while away and was removed meanwhile is told so; an Owner takes the work over, and all see it', async () => {
  const { tabs, spaceId, channelId } = await team(['a', 'b', 'c']);
  const [a, b, c] = tabs as [KernelApi, KernelApi, KernelApi];
  const { userId } = await c.me();
  await c.setOnline(false);
  await until(async () => (await c.stats()).links === 0, 'away');
  await c.run('chat.send', { channelId, text: 'written away' });
  await c.run('chat.send', { channelId, text: 'and more' });
  await a.remove(spaceId, userId);
  await until(async () => ((await b.query('os.members', { spaceId })) as readonly MemberRow[]).length === 2, 'out');
  await c.setOnline(true);
  const rows = (await until(async () => {
    const found = await held(a, spaceId);
    return found[0]?.changes === 2 && found;
  }, 'it is held')) as readonly HeldRow[];
  expect(rows).toMatchObject([{ userId, reason: 'removed', you: false, changes: 2, mayTakeOver: true }]);
  expect(rows[0]?.objects.map(({ title }) => title)).toEqual(['general']);
  expect(await messages(a, channelId)).toEqual([]);
  // A Member sees nothing of others' held work; its author sees their own.
  expect(await held(b, spaceId)).toEqual([]);
  const own = await until(async () => {
    const found = await held(c, spaceId);
    return found.length > 0 && found;
  }, 'they are told');
  expect(own).toMatchObject([{ userId, reason: 'removed', you: true, changes: 2, mayTakeOver: false }]);
  await expect(b.run('os.adopt', { spaceId, userId })).rejects.toMatchObject({ type: 'adminsOnly' });
  await a.run('os.adopt', { spaceId, userId });
  for (const tab of [a, b])
    await until(async () => (await messages(tab, channelId)).join() === 'written away,and more', 'taken over');
  expect(await held(a, spaceId)).toEqual([]);
  await expect(a.run('os.adopt', { spaceId, userId })).rejects.toMatchObject({ type: 'nothingHeld' });
  await converged([a, b], spaceId);
});

test('[T7] whoever closes and opens a profile 20 times contradicts nobody, and nobody is reported', async () => {
  const { tabs, places, spaceId, channelId } = await team(['a', 'b']);
  const [a] = tabs as [KernelApi];
  let b = tabs[1] as KernelApi;
  for (let i = 0; i < 20; i++) {
    await b.run('chat.send', { channelId, text: `${i}` });
    await b.stop();
    b = await fleet.tab(`b ${i}`, { direct: false, ...places.get('b') });
  }
  await until(async () => (await messages(a, channelId)).length === 20, 'all of it');
  await converged([a, b], spaceId);
  for (const kernel of [a, b]) expect((await kernel.stats()).forks ?? 0).toBe(0);
  expect(fleet.beacon.stats().forks ?? 0).toBe(0);
});
