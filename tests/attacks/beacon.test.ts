/** A beacon that was put back to yesterday, and one that keeps back what a member writes. */
import { afterEach, expect, test } from 'vitest';
import type { KernelApi, MessageRow } from '../../src/bridge/messages';
import { Session } from '../../src/os/kernel/session';
import { memoryStorage } from '../../src/platform/memory/storage';
import { type Storage, TABLES } from '../../src/ports';
import { BEACON_URL, converged, createFleet, until } from '../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>>;
const { vectorReceived } = Session.prototype;
afterEach(async () => {
  Session.prototype.vectorReceived = vectorReceived;
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

const copied = async (from: Storage): Promise<Storage> => {
  const to = memoryStorage();
  for (const table of TABLES)
    await to.write(
      (await from.list(table, '')).map(({ key, value }) => ({ table, key, value })),
      'strict',
    );
  return to;
};
const texts = async (kernel: KernelApi, channelId: string) =>
  ((await kernel.query('chat.messages', { channelId })) as readonly MessageRow[]).map((row) => row.text);

/** Yesterday's disk is put in the place of today's while nobody looks; somebody who wrote is there when it comes back, and goes. */
const rollBack = async (listens: boolean) => {
  fleet = await createFleet();
  const a = await fleet.tab('a', { direct: false });
  const b = await fleet.tab('b', { direct: false });
  const { id: space } = await a.createSpace({ title: 'T', kind: 'team' });
  const { id: channelId } = (await a.run('chat.createChannel', { spaceId: space, title: 'c' })) as { id: string };
  const { url } = await a.invite(space, { role: 'member', uses: 5 });
  await b.join(url, { timeoutMs: 30_000 });
  await converged([a, b], space);
  await until(async () => (await a.durability(space)).beacons === 1, 'the beacon holds it');
  const yesterday = await copied(fleet.beaconPorts.storage);
  for (let i = 0; i < 5; i++) await a.run('chat.send', { channelId, text: `today ${i}` });
  await converged([a, b], space);
  await until(async () => (await a.durability(space)).beacons === 1, 'the beacon holds that too');
  const held = fleet.beacon.stats().entriesHeld ?? 0;
  fleet.network.setUp(BEACON_URL, false);
  await fleet.beacon.stop();
  await until(async () => (await a.stats()).links === 0 && (await b.stats()).links === 0, 'no links');
  fleet.beaconPorts.storage = yesterday;
  if (!listens) Session.prototype.vectorReceived = () => {};
  fleet.network.setUp(BEACON_URL, true);
  const back = await fleet.startBeacon();
  expect(back.stats().entriesHeld ?? 0).toBeLessThan(held);
  await until(async () => (await a.stats()).links === 1, 'linked again');
  // What it stated yesterday evening is not believed for ever: it says anew what it holds.
  if (listens) await until(() => (back.stats().entriesHeld ?? 0) >= held, 'the beacon holds all again');
  await a.run('chat.send', { channelId, text: 'tomorrow' });
  const durable = await until(
    async () => (await a.durability(space)).beacons === 1,
    'it is safe',
    listens ? 30_000 : 2_000,
  ).catch(() => false);
  await Promise.all([a.stop(), b.stop()]);
  return { durable, url, channelId, isWhole: (back.stats().entriesHeld ?? 0) >= held };
};

test('[T60] a beacon that was put back to yesterday is given all that it lost by whoever links first, and a newcomer reads it there', async () => {
  const { durable, isWhole, url, channelId } = await rollBack(true);
  expect({ durable, isWhole }).toEqual({ durable: true, isWhole: true });
  const c = await fleet.tab('c', { direct: false });
  await c.join(url, { timeoutMs: 30_000 });
  await until(async () => (await texts(c, channelId)).length === 6, 'all messages');
  await fleet.stop();
  // Where nobody compares, what it lost stays lost there, and nobody is told that it is safe.
  expect(await rollBack(false)).toMatchObject({ durable: false, isWhole: false });
});
