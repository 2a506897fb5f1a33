/** Files beside messages, over real kernels: sealed, taken by whoever reads the space, and erased with their message. */
import { afterEach, describe, expect, it } from 'vitest';
import { equalBytes } from '../../../src/base/bytes';
import type { FileAnswer, KeptFilesAnswer, KernelApi, MessageRow } from '../../../src/bridge/messages';
import { memoryStorage } from '../../../src/platform/memory/storage';
import type { Storage } from '../../../src/ports';
import { createFleet, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>> | undefined;
afterEach(async () => {
  await fleet?.stop();
  fleet = undefined;
});

const rows = async (kernel: KernelApi, channelId: string) =>
  (await kernel.query('chat.messages', { channelId })) as readonly MessageRow[];
const setUp = async (disks: { ada?: Storage; beacon?: Storage } = {}) => {
  fleet = await createFleet(13, disks.beacon ? { beaconStorage: disks.beacon } : {});
  const ada = await fleet.tab('ada', disks.ada ? { storage: disks.ada } : {});
  const { id: spaceId } = await ada.createSpace({ title: 'Team', kind: 'team' });
  const { id: channelId = '' } = await ada.run('chat.createChannel', { spaceId, title: 'general' });
  return { fleet, ada, spaceId, channelId };
};
const refused = (work: Promise<unknown>) => work.then(() => 'done').catch((why: { type: string }) => why.type);

describe('files', () => {
  it('reach others with the message that names them, and open there alone with its key', async () => {
    const { fleet, ada, spaceId, channelId } = await setUp();
    const bob = await fleet.tab('bob');
    await bob.join((await ada.invite(spaceId, { role: 'member' })).url);
    const bytes = new Uint8Array(200_000).map((_, i) => i % 251);
    const file = { ...(await ada.putFile(spaceId, bytes)), name: 'bench.csv', mime: 'text/csv', size: bytes.length };
    await ada.run('chat.send', { channelId, text: '', files: [file] });
    await until(async () => (await rows(bob, channelId))[0]?.attachments.length === 1);
    const [row] = await rows(bob, channelId);
    expect(row?.attachments).toMatchObject([{ name: 'bench.csv', mime: 'text/csv', size: 200_000, blob: file.blob }]);
    const here = async () => ((await bob.query('os.file', { spaceId, blob: file.blob })) as FileAnswer).here;
    await until(here);
    expect(equalBytes(await bob.getFile(spaceId, file.blob, file.key), bytes)).toBe(true);
    expect(await refused(bob.getFile(spaceId, file.blob, '0'.repeat(64)))).toBe('damaged');
    expect(await refused(bob.getFile(spaceId, '1'.repeat(64), file.key))).toBe('away');
  });

  it('are refused where they are too large or not kept, and told without what is not of their form', async () => {
    const { ada, spaceId, channelId } = await setUp();
    expect(await refused(ada.putFile(spaceId, new Uint8Array(25 * 1024 * 1024 + 1)))).toBe('tooLarge');
    const file = await ada.putFile(spaceId, new Uint8Array([1, 2, 3]));
    const send = (files: unknown) => refused(ada.run('chat.send', { channelId, text: 'x', files }));
    expect(await send([{ ...file, blob: 'no' }])).toBe('badFiles');
    expect(await send(Array.from({ length: 11 }, () => file))).toBe('badFiles');
    const odd = { ...file, name: '../..\\evil\n.html', mime: 'text/html; x', size: -1, thumb: 'javascript:alert(1)' };
    expect(await send([odd])).toBe('done');
    const [row] = await rows(ada, channelId);
    expect(row?.attachments[0]).toMatchObject({ mime: 'application/octet-stream', size: 0, thumb: '' });
    expect(row?.attachments[0]?.name).not.toMatch(/[/\\\n]/);
  });

  it('come by themselves where they are small or the device keeps all, else when they are asked for, and not when they lie about their size', async () => {
    const { fleet, ada, spaceId, channelId } = await setUp();
    const bob = await fleet.tab('bob');
    await bob.join((await ada.invite(spaceId, { role: 'member' })).url);
    const send = async (size: number, fill: number) => {
      const { blob } = await ada.putFile(spaceId, new Uint8Array(size).fill(fill));
      return blob;
    };
    const state = async (blob: string) => (await bob.query('os.file', { spaceId, blob })) as FileAnswer;
    const large = await send(1_100_000, 1);
    const small = await send(10_000, 2);
    // Anything of its own makes a node tell what it has.
    await ada.run('chat.send', { channelId, text: 'look' });
    await until(async () => (await state(small)).here, 'the small one');
    await until(async () => (await state(large)).sources > 0, 'the large one is offered');
    expect(await state(large)).toMatchObject({ here: false, coming: false, share: 0 });
    await bob.run('os.fetchFile', { spaceId, blob: large, size: 1_000_000 });
    await until(async () => (await state(large)).larger, 'it is larger than was stated');
    expect(await state(large)).toMatchObject({ here: false, coming: false });
    expect(((await bob.query('os.keptFiles', { spaceId })) as KeptFilesAnswer).files).toBe(1);
    const nowhere = '7'.repeat(64);
    await bob.run('os.fetchFile', { spaceId, blob: nowhere });
    expect(await state(nowhere)).toMatchObject({ coming: true, sources: 0 });
    await bob.run('os.leaveFile', { spaceId, blob: nowhere });
    expect(await state(nowhere)).toMatchObject({ coming: false });
    await bob.run('os.fetchFile', { spaceId, blob: large, size: 1_100_000 });
    await until(async () => (await state(large)).here, 'the large one');
    const other = await send(1_100_000, 3);
    await ada.run('chat.send', { channelId, text: 'and this' });
    await until(async () => (await state(other)).sources > 0, 'the other is offered');
    await bob.run('os.keepFiles', { spaceId, keep: true });
    await until(async () => (await state(other)).here, 'the other');
    expect(await bob.query('os.keptFiles', { spaceId })).toEqual({ keep: true, files: 3, bytes: 2_210_000 });
    expect(await refused(bob.run('os.fetchFile', { spaceId, blob: other, size: -1 }))).toBe('damaged');
  });

  it('are erased along with their message, key and all, and their bytes leave every device and the beacon', async () => {
    const disks = { ada: memoryStorage(), bob: memoryStorage(), beacon: memoryStorage() };
    const { fleet, ada, spaceId, channelId } = await setUp(disks);
    const bob = await fleet.tab('bob', { storage: disks.bob });
    await bob.join((await ada.invite(spaceId, { role: 'member' })).url);
    const file = { ...(await ada.putFile(spaceId, new Uint8Array([1, 2, 3]))), name: 'a.txt' };
    const pieces = async () =>
      (await Promise.all(Object.values(disks).map((disk) => disk.keys('blob', file.blob)))).map((keys) => keys.length);
    const { id = '' } = await ada.run('chat.send', { channelId, text: 'look', files: [file] });
    const { id: other = '' } = await ada.run('chat.send', { channelId, text: 'and again', files: [file] });
    await until(async () => (await pieces()).every((count) => count === 2), 'the file everywhere');
    await until(async () => (await refused(ada.run('os.erase', { objectId: id }))) === 'done');
    await until(async () => (await rows(bob, channelId))[0]?.attachments.length === 0, 'the first is erased at bob');
    // Another message names it.
    expect(await pieces()).toEqual([2, 2, 2]);
    await ada.run('os.erase', { objectId: other });
    await until(async () => (await pieces()).every((count) => count === 0), 'its bytes are gone everywhere');
    expect(await ada.query('os.find', { spaceId, type: 'Attachment', removed: 'also' })).toEqual([]);
    const left = await rows(ada, channelId);
    expect(left).toHaveLength(2);
    expect(left[0]).toMatchObject({ id, text: '', attachments: [] });
    expect(fleet.faults).toEqual([]);
  });
});
