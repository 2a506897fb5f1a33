/** Files beside messages, over real kernels: sealed, taken by whoever reads the space, and erased with their message. */
import { afterEach, describe, expect, it } from 'vitest';
import type { FileAnswer, KernelApi, MessageRow } from '../../../src/bridge/messages';
import { createFleet, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>> | undefined;
afterEach(async () => {
  await fleet?.stop();
  fleet = undefined;
});

const rows = async (kernel: KernelApi, channelId: string) =>
  (await kernel.query('chat.messages', { channelId })) as readonly MessageRow[];
const setUp = async () => {
  fleet = await createFleet(13);
  const ada = await fleet.tab('ada');
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
    expect(await bob.getFile(spaceId, file.blob, file.key)).toEqual(bytes);
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

  it('are erased along with their message, key and all', async () => {
    const { ada, spaceId, channelId } = await setUp();
    const file = { ...(await ada.putFile(spaceId, new Uint8Array([1, 2, 3]))), name: 'a.txt' };
    const { id = '' } = await ada.run('chat.send', { channelId, text: 'look', files: [file] });
    await until(async () => (await refused(ada.run('os.erase', { objectId: id }))) === 'done');
    expect(await ada.query('os.find', { spaceId, type: 'Attachment', removed: 'also' })).toEqual([]);
    const left = await rows(ada, channelId);
    expect(left).toHaveLength(1);
    expect(left[0]).toMatchObject({ id, text: '', attachments: [] });
  });
});
