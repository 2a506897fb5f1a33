/** Files over links that break: what is here is not asked for again, whoever has the rest, also after restarts. */
import { afterEach, expect, it } from 'vitest';
import { equalBytes } from '../../src/base/bytes';
import type { FileAnswer, KernelApi, MessageRow, SyncAnswer } from '../../src/bridge/messages';
import { memoryStorage } from '../../src/platform/memory/storage';
import { memoryVault } from '../../src/platform/memory/vault';
import type { Storage } from '../../src/ports';
import { BEACON_URL, createFleet, until } from '../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>> | undefined;
afterEach(async () => {
  await fleet?.stop();
  fleet = undefined;
});

/** How often each piece was written; `at` is called when so many were. */
const counted = (inner: Storage) => {
  const puts = new Map<string, number>();
  let due: { pieces: number; run: () => void } | undefined;
  const storage: Storage = {
    ...inner,
    write: (writes, durability) => {
      for (const { table, key, value } of writes)
        if (table === 'blob' && value) puts.set(key, (puts.get(key) ?? 0) + 1);
      if (due && puts.size >= due.pieces) {
        due.run();
        due = undefined;
      }
      return inner.write(writes, durability);
    },
  };
  return {
    storage,
    puts,
    at: (pieces: number, run: () => void) => {
      due = { pieces, run };
    },
  };
};
const bytes = new Uint8Array(2_000_000).map((_, i) => (i * 7 + (i >> 8)) % 251);
/** Of that file: its chunks and the manifest. */
const PIECES = 32;

const setUp = async () => {
  const disk = counted(memoryStorage());
  fleet = await createFleet(31, { beaconStorage: disk.storage });
  const profile = { storage: memoryStorage(), vault: memoryVault() };
  const ada = await fleet.tab('ada', profile);
  const { id: spaceId } = await ada.createSpace({ title: 'Team', kind: 'team' });
  const { id: channelId = '' } = await ada.run('chat.createChannel', { spaceId, title: 'general' });
  await until(async () => (await ada.durability(spaceId)).beacons === 1, 'the space at the beacon');
  const send = async (kernel: KernelApi) => {
    const file = { ...(await kernel.putFile(spaceId, bytes)), name: 'a.bin', size: bytes.length };
    await kernel.run('chat.send', { channelId, text: '', files: [file] });
    return file;
  };
  const here = async (kernel: KernelApi, blob: string) =>
    ((await kernel.query('os.file', { spaceId, blob })) as FileAnswer).here;
  const named = async (kernel: KernelApi) =>
    ((await kernel.query('chat.messages', { channelId })) as readonly MessageRow[])[0]?.attachments.length === 1;
  return { fleet, disk, ada, profile, spaceId, channelId, send, here, named };
};
const whole = ({ puts }: ReturnType<typeof counted>, blob: string) =>
  [...puts.keys()].filter((key) => key.startsWith(blob)).length === PIECES;

it('[BL5] a file goes on from what is here when its link broke and the beacon was begun anew', async () => {
  const { fleet, disk, ada, send } = await setUp();
  const cut = new Promise<void>((done) => {
    disk.at(10, () => {
      fleet.network.setUp(BEACON_URL, false);
      done();
    });
  });
  const { blob } = await send(ada);
  await cut;
  await fleet.beacon.stop();
  expect(whole(disk, blob)).toBe(false);
  const again = await fleet.startBeacon();
  fleet.network.setUp(BEACON_URL, true);
  await until(() => whole(disk, blob), 'the whole file at the beacon');
  expect([...disk.puts.values()].every((times) => times === 1)).toBe(true);
  expect(again.stats()['refused.badPiece'] ?? 0).toBe(0);
});

it('[BL5] a device that was closed halfway takes the rest from somebody else', async () => {
  const { fleet, ada, spaceId, send, here, named } = await setUp();
  const disk = counted(memoryStorage());
  const profile = { storage: disk.storage, vault: memoryVault() };
  const first = await fleet.tab('bob', { ...profile, direct: false });
  await first.join((await ada.invite(spaceId, { role: 'member' })).url);
  const cut = new Promise<void>((done) => {
    disk.at(12, () => {
      fleet.network.setUp(BEACON_URL, false);
      done();
    });
  });
  const file = await send(ada);
  await until(() => named(first), 'the message');
  expect(disk.puts.size).toBe(0);
  await first.run('os.fetchFile', { spaceId, blob: file.blob, size: bytes.length });
  await cut;
  fleet.abandon(first);
  const before = disk.puts.size;
  expect(before).toBeLessThan(PIECES);
  // The beacon stays away; ada has it all.
  // What was asked for is still wanted.
  const second = await fleet.tab('bob', profile);
  await until(() => here(second, file.blob), 'the whole file');
  expect(equalBytes(await second.getFile(spaceId, file.blob, file.key), bytes)).toBe(true);
  expect([...disk.puts.values()].every((times) => times === 1)).toBe(true);
});

it('[RB1] a file counts as safe when a beacon has signed for all of it, and is known to be so after a restart', async () => {
  const { fleet, disk, ada, profile, spaceId, send } = await setUp();
  const sync = async (kernel: KernelApi) => (await kernel.query('os.sync', { spaceId })) as SyncAnswer;
  const file = async (kernel: KernelApi, blob: string) =>
    (await kernel.query('os.file', { spaceId, blob })) as FileAnswer;
  await until(async () => (await sync(ada)).safe, 'safe without files');
  let release = (): void => {};
  const cut = new Promise<void>((done) => {
    disk.at(20, () => {
      fleet.network.setUp(BEACON_URL, false);
      done();
    });
    release = () => fleet.network.setUp(BEACON_URL, true);
  });
  const { blob } = await send(ada);
  await cut;
  // Most of it lies there, and nobody has signed for that.
  expect(await sync(ada)).toMatchObject({ safe: false, files: 1 });
  expect(await file(ada, blob)).toMatchObject({ here: true, beacons: 0, devices: 0 });
  release();
  await until(async () => (await sync(ada)).safe, 'safe with its file');
  expect(await file(ada, blob)).toMatchObject({ here: true, beacons: 1 });
  expect((await sync(ada)).files).toBe(0);
  await ada.stop();
  fleet.network.setUp(BEACON_URL, false);
  const again = await fleet.tab('ada', profile);
  expect(await file(again, blob)).toMatchObject({ here: true, beacons: 1 });
  expect(await sync(again)).toMatchObject({ safe: true, files: 0 });
});
