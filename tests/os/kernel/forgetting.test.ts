/** Spaces that one has left leave the device: when, and that nothing of them stays behind. */
import { afterEach, expect, test } from 'vitest';
import type { FeedAnswer, KernelApi, SearchAnswer, StorageAnswer } from '../../../src/bridge/messages';
import { memoryImages } from '../../../src/platform/memory/images';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { memoryVault } from '../../../src/platform/memory/vault';
import { rowsOf } from '../../support/disk';
import { converged, createFleet, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(async () => {
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

const told = async (kernel: KernelApi, space: string) =>
  ((await kernel.query('os.storage', {})) as StorageAnswer).spaces.find(({ id }) => id === space);
const hits = async (kernel: KernelApi) =>
  ((await kernel.query('os.search', { text: 'lighthouse' })) as SearchAnswer).rows.length;

test('[FG1] [FG2] [FG3] a space that was left goes once others know, over a restart, with its files and keys; and comes again by an invitation', async () => {
  fleet = await createFleet(5);
  const disk = { storage: memoryStorage(), vault: memoryVault(), images: memoryImages() };
  const a = await fleet.tab('a');
  const b = await fleet.tab('b', disk);
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  const { id: channelId } = await a.run('chat.createChannel', { spaceId: space, title: 'all' });
  const { url } = await a.invite(space, { role: 'member', uses: 5 });
  await b.join(url);
  await b.run('chat.send', { channelId, text: 'a lighthouse' });
  await b.putFile(space, new Uint8Array(40_000).fill(7));
  await b.run('os.keepFiles', { spaceId: space, keep: true });
  expect(await disk.storage.keys('local', `files/${space}`)).toHaveLength(1);
  await converged([a, b], space);
  await until(async () => (await told(b, space))?.onlyHere.changes === 0, 'others hold all of it');
  const taken = await told(b, space);
  expect(taken).toMatchObject({ title: 'Team', role: 'member', personal: false, leaving: false });
  expect(taken?.journal).toBeGreaterThan(500);
  await until(async () => (await hits(b)) === 1, 'indexed');
  await expect(b.run('os.forgetSpace', { spaceId: space })).rejects.toMatchObject({ type: 'stillIn' });

  // Nobody hears that they left.
  await b.setOnline(false);
  await b.run('chat.send', { channelId, text: 'the last word' });
  expect((await told(b, space))?.onlyHere.changes).toBe(1);
  await b.leave(space);
  await b.run('os.forgetSpace', { spaceId: space });
  expect(await told(b, space)).toMatchObject({ role: 'none', leaving: true });
  expect((await rowsOf(disk, space)).length).toBeGreaterThan(0);
  expect((await disk.storage.keys('blob', '')).length).toBeGreaterThan(0);
  await b.stop();

  const again = await fleet.tab('b', disk);
  await until(async () => (await rowsOf(disk, space)).length === 0, 'gone from the disk');
  expect(await disk.storage.keys('blob', '')).toEqual([]);
  expect(await disk.storage.keys('local', `files/${space}`)).toEqual([]);
  expect(await told(again, space)).toBeUndefined();
  expect(await hits(again)).toBe(0);
  const { userId } = await again.me();
  await until(async () => !(await a.members(space)).some((member) => member.userId === userId), 'a knows');
  await again.stop();

  const back = await fleet.tab('b', disk);
  expect((await back.spaces()).map(({ title }) => title)).not.toContain('Team');
  await back.join(url);
  await converged([a, back], space);
  expect(await told(back, space)).toMatchObject({ role: 'member', leaving: false });

  // The feed tells both ways of going.
  await back.setName('Bea');
  await until(async () => (await a.members(space)).some(({ name }) => name === 'Bea'), 'the name');
  await a.remove(space, userId);
  const feed = (await a.query('hub.feed', { spaceId: space })) as FeedAnswer;
  const gone = feed.items.filter(({ kind }) => kind === 'left' || kind === 'putOut');
  expect(gone.map(({ kind, own, people, about }) => [kind, own, people[0]?.name, about[0]?.name])).toEqual([
    ['putOut', true, (await a.me()).name, 'Bea'],
    ['left', false, 'Bea', undefined],
  ]);
});

test('[FG2] a person may have it gone at once, also where nobody is there to know', async () => {
  fleet = await createFleet(6);
  const disk = { storage: memoryStorage(), vault: memoryVault() };
  const a = await fleet.tab('a');
  const b = await fleet.tab('b', disk);
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  await b.join((await a.invite(space, { role: 'member' })).url);
  await converged([a, b], space);
  await b.setOnline(false);
  await b.leave(space);
  await b.run('os.forgetSpace', { spaceId: space, now: true });
  expect(await rowsOf(disk, space)).toEqual([]);
  expect(await told(b, space)).toBeUndefined();
});
