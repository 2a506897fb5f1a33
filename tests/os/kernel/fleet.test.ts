import { afterEach, expect, test } from 'vitest';
import type { MessageRow } from '../../../src/bridge/messages';
import { systemClock } from '../../../src/platform/clock';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { memoryVault } from '../../../src/platform/memory/vault';
import type { Clock } from '../../../src/ports';
import { hastyClock } from '../../support/clocks';
import { converged, createFleet, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(async () => {
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

test('[SY2] two nodes over a beacon share a space, chat and write one document', async () => {
  fleet = await createFleet();
  const a = await fleet.tab('a', { direct: false });
  const b = await fleet.tab('b', { direct: false });
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  const { id: channelId } = await a.run('chat.createChannel', { spaceId: space, title: 'general' });
  const { id: documentId } = await a.run('editor.createDocument', { spaceId: space, title: 'Plan' });
  await a.run('chat.send', { channelId, text: 'hello' });
  await a.insertText(documentId as string, 0, 'First line');
  const { url } = await a.invite(space, { role: 'member' });
  await until(() => fleet.beacon.hosted().includes(space as never), 'hosted');
  expect(await b.join(url, { timeoutMs: 30_000 })).toEqual({ id: space });
  await until(async () => (await b.documentText(documentId as string)) === 'First line', 'text');
  await b.run('chat.send', { channelId, text: 'hi there' });
  await Promise.all([a.insertText(documentId as string, 5, ' AAA'), b.insertText(documentId as string, 5, ' BBB')]);
  await converged([a, b], space);
  const rows = (await a.query('chat.messages', { channelId })) as MessageRow[];
  expect(rows.map((row) => row.text)).toEqual(['hello', 'hi there']);
  expect(await a.documentText(documentId as string)).toContain('AAA');
  expect(await a.documentText(documentId as string)).toContain('BBB');
  await until(async () => (await a.durability(space)).beacons === 1, 'receipts');
});

test('[ID1] a key file brings a person and their spaces back in a clean browser', async () => {
  fleet = await createFleet();
  const a = await fleet.tab('a', { direct: false });
  const { userId, deviceId } = await a.me();
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  const { id: documentId } = await a.run('editor.createDocument', { spaceId: space, title: 'Plan' });
  await a.insertText(documentId as string, 0, 'Not lost');
  await until(async () => (await a.durability(space)).safe, 'safe');
  const file = await a.exportKeys('correct horse');
  await a.stop();

  const vault = memoryVault();
  const storage = memoryStorage();
  const clean = await fleet.tab('clean', { vault, storage, direct: false });
  await expect(clean.importKeys(file, 'wrong')).rejects.toMatchObject({ type: 'wrongPassphrase' });
  await clean.importKeys(file, 'correct horse');
  await clean.stop();
  const restored = await fleet.tab('restored', { vault, storage, direct: false });
  expect((await restored.me()).userId).toBe(userId);
  expect((await restored.me()).deviceId).not.toBe(deviceId);
  await until(async () => (await restored.documentText(documentId as string)) === 'Not lost', 'document');
  await restored.insertText(documentId as string, 8, ', found');
  await until(async () => (await restored.durability(space)).beacons === 1, 'receipts for what the new device wrote');
});

test('[SY2] two that hold the same state so once, and again when something is new; not with each digest', async () => {
  fleet = await createFleet();
  const clock = hastyClock(60);
  const a = await fleet.tab('a', { beacon: false, clock });
  const b = await fleet.tab('b', { beacon: false, clock });
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  const { id: channelId } = await a.run('chat.createChannel', { spaceId: space, title: 'general' });
  const { url } = await a.invite(space, { role: 'member' });
  await b.join(url, { timeoutMs: 600_000 });
  await a.run('chat.send', { channelId, text: 'hello' });
  await converged([a, b], space);
  const given = async () => (await b.stats()).receiptsGiven ?? 0;
  const minutes = async (n: number) => {
    const from = clock.now();
    await until(() => clock.now() > from + n * 60_000, `${n} minutes`);
  };
  await minutes(2);
  const before = await given();
  expect(before).toBeGreaterThan(0);
  await minutes(3);
  expect(await given()).toBe(before);
  await a.run('chat.send', { channelId, text: 'something new' });
  await until(async () => (await given()) > before, 'a receipt for it');
  await until(async () => (await a.durability(space)).devices === 1, 'it counts');
});

test('[SY2] what was asked for before it was stored is sent once it is, and not with the next digest', async () => {
  const disk = memoryStorage();
  let writes = async (): Promise<void> => {};
  let space = '';
  const system = systemClock();
  // The digests that are sent from time to time never come.
  const clock: Clock = { ...system, after: (ms, run) => (ms > 7_000 ? () => {} : system.after(ms, run)) };
  fleet = await createFleet(1, {
    clock,
    beaconStorage: {
      ...disk,
      write: async (rows, how) => {
        if (rows.some(({ table, key }) => table === 'journal' && key.startsWith(space))) await writes();
        return disk.write(rows, how);
      },
    },
  });
  const a = await fleet.tab('a', { direct: false });
  const b = await fleet.tab('b', { direct: false });
  space = (await a.createSpace({ title: 'Team', kind: 'team' })).id;
  const { id: channelId } = await a.run('chat.createChannel', { spaceId: space, title: 'general' });
  await until(() => fleet.beacon.hosted().includes(space as never), 'hosted');
  await b.join((await a.invite(space, { role: 'member' })).url, { timeoutMs: 30_000 });
  await converged([a, b], space);
  const { personalSpace } = (await b.query('os.me', {})) as { personalSpace: string };
  for (const id of [space, personalSpace])
    await until(async () => (await b.durability(id)).safe, 'what b has written is on the beacon');
  await until(async () => (await a.durability(space)).safe, 'what a has written too');
  await b.setOnline(false);
  await until(async () => (await b.peers()).length === 0, 'gone');
  let held = false;
  let go = (): void => {};
  const gate = new Promise<void>((done) => {
    go = done;
  });
  writes = () => {
    held = true;
    return gate;
  };
  await a.run('chat.send', { channelId, text: 'not on the disk yet' });
  await until(() => held, 'the beacon has it, and has not stored it');
  await b.setOnline(true);
  await until(async () => (await b.peers()).length === 1, 'back');
  await b.run('os.saveDraft', { key: 'after', text: 'asked' });
  await until(async () => (await b.durability(personalSpace)).safe, 'what b asked for was heard');
  go();
  await converged([a, b], space);
});

test('[SY3] what is given in several messages is taken in the order in which it left: nothing waits for what came before it', async () => {
  fleet = await createFleet();
  const a = await fleet.tab('a', { direct: false });
  const { id: spaceId } = await a.createSpace({ title: 'Team', kind: 'team' });
  const { url } = await a.invite(spaceId, { role: 'member' });
  const { id: channelId } = await a.run('chat.createChannel', { spaceId, title: 'general' });
  await Promise.all(Array.from({ length: 300 }, (_, i) => a.run('chat.send', { channelId, text: `${i}` })));
  await until(() => (fleet.beacon.stats().entries ?? 0) > 300, 'at the beacon');
  await a.setOnline(false);
  const b = await fleet.tab('b', { direct: false });
  await b.join(url);
  await until(async () => ((await b.stats()).entriesHeld ?? 0) > 300, 'all of it');
  expect((await b.stats()).waitingDropped ?? 0).toBe(0);
});
