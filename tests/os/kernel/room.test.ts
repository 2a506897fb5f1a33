/** A storage that is full, and what becomes of what was written meanwhile. */
import { afterEach, expect, test } from 'vitest';
import type { KernelApi, MessageRow, SyncAnswer } from '../../../src/bridge/messages';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { memoryVault } from '../../../src/platform/memory/vault';
import type { Storage } from '../../../src/ports';
import { converged, createFleet, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(() => fleet?.stop());

const texts = async (kernel: KernelApi, channelId: string) =>
  ((await kernel.query('chat.messages', { channelId, limit: 100 })) as readonly MessageRow[])
    .map(({ text }) => text)
    .sort();

/** Two people in a channel, and a switch for the room of the first. */
const start = async () => {
  fleet = await createFleet(3);
  const inner = memoryStorage();
  const vault = memoryVault();
  let full = false;
  const storage: Storage = {
    ...inner,
    write: async (writes, durability) =>
      full ? { ok: false, error: { type: 'full', message: 'no room' } } : inner.write(writes, durability),
    usage: async () => ({ used: 900, quota: 1_000 }),
  };
  const a = await fleet.tab('a', { storage, vault });
  const b = await fleet.tab('b');
  const { id: space } = await a.createSpace({ title: 'T', kind: 'team' });
  const { id: channelId } = (await a.run('chat.createChannel', { spaceId: space, title: 'c' })) as { id: string };
  const { url } = await a.invite(space, { role: 'member' });
  await b.join(url, { timeoutMs: 30_000 });
  await a.run('chat.send', { channelId, text: 'before' });
  await converged([a, b], space);
  const sync = async () => (await a.query('os.sync', { spaceId: space })) as SyncAnswer;
  return {
    ...{ a, b, space, channelId, inner, vault, sync },
    fill: (to: boolean) => {
      full = to;
    },
  };
};

test('a full storage makes the profile read-only, tells what takes the room, and writes what waited once there is some', async () => {
  const { a, b, space, channelId, inner, vault, sync, fill } = await start();
  fill(true);
  let settled = false;
  const sending = a.run('chat.send', { channelId, text: 'during' }).then(() => {
    settled = true;
  });
  const noRoom = await until(async () => {
    const { noRoom: found } = await sync();
    return found?.used ? found : undefined;
  }, 'it is known');
  expect((await sync()).readOnly).not.toBeNull();
  expect(noRoom).toMatchObject({ used: 900, quota: 1_000 });
  expect(noRoom?.spaces.find(({ spaceId }) => spaceId === space)?.bytes).toBeGreaterThan(1_000);
  await expect(a.run('chat.send', { channelId, text: 'refused' })).rejects.toMatchObject({ type: 'notSaved' });
  await b.run('chat.send', { channelId, text: 'from b' });
  // What is shown is not called saved, and nobody else has it: it may still be lost.
  expect(settled).toBe(false);
  expect(await texts(b, channelId)).toEqual(['before', 'from b']);
  fill(false);
  await sending;
  await until(async () => (await sync()).readOnly === null, 'it writes again');
  expect((await sync()).noRoom).toBeUndefined();
  await a.run('chat.send', { channelId, text: 'after' });
  const all = ['after', 'before', 'during', 'from b'];
  await until(async () => (await texts(b, channelId)).length === all.length, 'all');
  await converged([a, b], space);
  await a.stop();
  const again = await fleet.tab('a2', { storage: inner, vault, beacon: false, direct: false });
  expect((await texts(again, channelId)).filter((text) => text !== 'from b')).toEqual(['after', 'before', 'during']);
});

test('a kernel that is stopped while its storage is full ends, and what was saved before is there', async () => {
  const { a, channelId, inner, vault, sync, fill } = await start();
  fill(true);
  const sending = a.run('chat.send', { channelId, text: 'during' }).catch((refused: unknown) => refused);
  await until(async () => (await sync()).noRoom !== undefined, 'it is known');
  await a.stop();
  expect(await sending).toMatchObject({ type: 'notSaved' });
  const again = await fleet.tab('a2', { storage: inner, vault, beacon: false, direct: false });
  expect(await texts(again, channelId)).toEqual(['before']);
});
