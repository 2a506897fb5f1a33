/** Every way from one person to another, and each of them cut. */
import { afterEach, expect, test } from 'vitest';
import type { KernelApi, MessageRow, PeerRow, SyncAnswer } from '../../src/bridge/messages';
import { memoryStorage } from '../../src/platform/memory/storage';
import { memoryVault } from '../../src/platform/memory/vault';
import { type Storage, TABLES } from '../../src/ports';
import { BEACON_URL, converged, createFleet, SIGNALING_URL, type TabOptions, until } from '../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(async () => {
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

const team = async (kernel: KernelApi) => {
  const { id: space } = await kernel.createSpace({ title: 'Team', kind: 'team' });
  const { id: channelId } = (await kernel.run('chat.createChannel', { spaceId: space, title: 'general' })) as {
    id: string;
  };
  const { id: documentId } = (await kernel.run('editor.createDocument', { spaceId: space, title: 'Plan' })) as {
    id: string;
  };
  return { space, channelId, documentId };
};
const two = async (options: TabOptions) => {
  fleet = await createFleet();
  const a = await fleet.tab('a', options);
  const b = await fleet.tab('b', options);
  const made = await team(a);
  const { url } = await a.invite(made.space, { role: 'member' });
  await b.join(url, { timeoutMs: 30_000 });
  await converged([a, b], made.space);
  return { a, b, ...made };
};
const texts = async (kernel: KernelApi, channelId: string) =>
  ((await kernel.query('chat.messages', { channelId })) as readonly MessageRow[]).map((row) => row.text);
const pathTo = async (kernel: KernelApi, other: KernelApi) => {
  const { deviceId } = await other.me();
  return (await kernel.peers()).find((peer) => peer.deviceId === deviceId)?.path;
};
const direct = (kernel: KernelApi, other: KernelApi) =>
  until(async () => (await pathTo(kernel, other)) === 'direct', 'a direct link');
const island = async (kernel: KernelApi, spaceId: string) =>
  ((await kernel.query('os.sync', { spaceId })) as SyncAnswer).island;

test('[RE1] two linked directly go on when signaling is down', async () => {
  const { a, b, space, channelId, documentId } = await two({ beacon: false });
  await direct(a, b);
  fleet.network.setUp(SIGNALING_URL, false);
  await until(async () => (await a.stats()).signaling === 0 && (await b.stats()).signaling === 0, 'signaling is gone');
  await a.run('chat.send', { channelId, text: 'still here' });
  await b.insertText(documentId, 0, 'me too');
  await until(async () => (await texts(b, channelId)).includes('still here'), 'the message');
  await until(async () => (await a.documentText(documentId)) === 'me too', 'the text');
  await converged([a, b], space);
});

test('[RE1] without that link nothing flows while signaling is down', async () => {
  const { a, b, channelId } = await two({ beacon: false });
  await direct(a, b);
  fleet.network.setUp(SIGNALING_URL, false);
  fleet.network.partition([['a'], ['b']]);
  await until(async () => (await a.stats()).links === 0, 'the link is cut');
  fleet.network.partition([]);
  await a.run('chat.send', { channelId, text: 'alone' });
  expect(await pathTo(a, b)).toBe(undefined);
  expect(await texts(b, channelId)).toEqual([]);
});

test('[RE2] two who cannot link directly work through the beacon and are shown as relayed', async () => {
  const { a, b, space, channelId } = await two({ direct: false });
  await b.run('chat.send', { channelId, text: 'through the beacon' });
  await until(async () => (await texts(a, channelId)).includes('through the beacon'), 'the message');
  await until(async () => (await pathTo(a, b)) === 'relayed', 'presence through the beacon');
  const { deviceId } = await b.me();
  expect((await a.query('os.peers', {})) as readonly PeerRow[]).toEqual([
    expect.objectContaining({ kind: 'beacon', deviceId: fleet.beacon.deviceId, path: 'beacon' }),
    expect.objectContaining({ kind: 'tab', deviceId, path: 'relayed', via: fleet.beacon.deviceId }),
  ]);
  await converged([a, b], space);
});

test('[RE3] with the beacon down two direct tabs go on as an island, and the beacon gets what it missed', async () => {
  const { a, b, space, channelId, documentId } = await two({});
  await direct(a, b);
  await until(async () => (await island(a, space)) === null, 'no island');
  fleet.network.setUp(BEACON_URL, false);
  await fleet.beacon.stop();
  await until(async () => (await island(a, space)) === 2 && (await island(b, space)) === 2, 'an island of two');
  await a.run('chat.send', { channelId, text: 'on our own' });
  await b.insertText(documentId, 0, 'x'.repeat(40_000));
  await until(async () => (await a.documentText(documentId)).length === 40_000, 'a large text between the two');
  await converged([a, b], space);
  expect((await a.query('os.sync', { spaceId: space })) as SyncAnswer).toMatchObject({ island: 2 });

  fleet.network.setUp(BEACON_URL, true);
  const back = await fleet.startBeacon();
  expect(back.deviceId).toBe(fleet.beacon.deviceId);
  await until(async () => (await island(a, space)) === null && (await island(b, space)) === null, 'no island again');
  await until(
    async () => (await a.durability(space)).beacons === 1 && (await b.durability(space)).beacons === 1,
    'receipts',
    12_000,
  );
  // The large text itself, not only the entry that names it: a newcomer reads it with both writers gone.
  await until(() => hasBlobs(fleet.beaconPorts.storage), 'the blob at the beacon');
  const { url } = await a.invite(space, { role: 'member' });
  await until(async () => (await a.durability(space)).beacons === 1, 'the invite is there');
  await Promise.all([a.stop(), b.stop()]);
  const c = await fleet.tab('c', { direct: false });
  await c.join(url, { timeoutMs: 30_000 });
  await until(async () => (await c.documentText(documentId)).length === 40_000, 'the large text');
});

const hasBlobs = async (storage: Storage) => (await storage.list('blob', '')).length > 0;

const CANARIES = [
  'canary-title',
  'canary-channel',
  'canary-message',
  'canary-person',
  'canary-large',
  'canary-offline',
];
const everything = async (storage: Storage): Promise<string> => {
  const rows: string[] = [];
  for (const table of TABLES)
    for (const { key, value } of await storage.list(table, '')) rows.push(key, Buffer.from(value).toString('latin1'));
  return rows.join('\n');
};

test('[RE4] with both writers gone a third joins by an open invite and a blind beacon alone, which holds no plaintext', async () => {
  fleet = await createFleet();
  const disk = { storage: memoryStorage(), vault: memoryVault() };
  const a = await fleet.tab('a', disk);
  await a.setName('canary-person');
  const { space, channelId, documentId } = await team(a);
  await a.run('editor.rename', { documentId, title: 'canary-title' });
  await a.run('chat.renameChannel', { channelId, title: 'canary-channel' });
  await a.run('chat.send', { channelId, text: 'canary-message' });
  // Offline, so that the payload is only offered on a later meeting; and then from a kernel that started anew.
  await a.setOnline(false);
  const large = 'canary-large '.repeat(3_000);
  await a.insertText(documentId, 0, large);
  await a.run('chat.send', { channelId, text: 'canary-offline' });
  await a.stop();
  const again = await fleet.tab('a', disk);
  const b = await fleet.tab('b');
  const { url } = await again.invite(space, { role: 'member', uses: 3 });
  await b.join(url, { timeoutMs: 30_000 });
  await converged([again, b], space);
  await until(async () => (await b.documentText(documentId)) === large, 'B reads');
  await until(async () => (await again.durability(space)).beacons === 1, 'receipts');
  await until(() => hasBlobs(fleet.beaconPorts.storage), 'the blob at the beacon');
  await Promise.all([again.stop(), b.stop()]);

  const c = await fleet.tab('c');
  expect(await c.join(url, { timeoutMs: 30_000 })).toEqual({ id: space });
  await until(async () => (await c.documentText(documentId)) === large, 'the large text');
  expect(await texts(c, channelId)).toEqual(['canary-message', 'canary-offline']);
  expect((await c.members(space)).map((member) => member.name)).toContain('canary-person');

  const held = await everything(fleet.beaconPorts.storage);
  expect(held.length).toBeGreaterThan(large.length);
  for (const canary of CANARIES) expect(held).not.toContain(canary);
  // The same scan finds them where they are not sealed.
  const open = memoryStorage();
  const update = new TextEncoder().encode(`\u0001${large}`);
  await open.write([{ table: 'blob', key: 'unsealed', value: update }], 'strict');
  expect(await everything(open)).toContain('canary-large');
});

test('[RE5] whoever greets before their invite has arrived is let in when it does', async () => {
  const joined = await Promise.all(
    Array.from({ length: 8 }, async (_, seed) => {
      const own = await createFleet(seed);
      const a = await own.tab('a', { direct: seed % 2 === 0 });
      const b = await own.tab('b', { direct: seed % 4 < 2 });
      const { id: space } = await a.createSpace({ title: 'T', kind: 'team' });
      await until(() => own.beacon.hosted().includes(space as never), 'hosted');
      const { url } = await a.invite(space, { role: 'member' });
      const { id } = await b.join(url, { timeoutMs: 30_000 });
      await own.stop();
      return id === space && own.faults.length === 0;
    }),
  );
  fleet = await createFleet();
  expect(joined).toEqual(joined.map(() => true));
});
