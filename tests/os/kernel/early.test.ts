/** Kernels that are asked before they have read their journals: what images show, and what waits. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KernelApi, MessageRow, SpaceRow } from '../../../src/bridge/messages';
import { SpaceImage } from '../../../src/os/kernel/images';
import { memoryImages } from '../../../src/platform/memory/images';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { memoryVault } from '../../../src/platform/memory/vault';
import type { Storage } from '../../../src/ports';
import { converged, createFleet, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>>;
const { changed } = SpaceImage.prototype;
beforeEach(() => {
  // At each change, instead of after many and a pause.
  SpaceImage.prototype.changed = (_since, save) => void save();
});
afterEach(async () => {
  SpaceImage.prototype.changed = changed;
  open();
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

/** A journal that is read when `open` is called. */
let open = (): void => {};
const held = (storage: Storage, space = ''): Storage => {
  const opened = new Promise<void>((done) => {
    open = done;
  });
  const list: Storage['list'] = async (table, prefix, after, limit) => {
    if (table === 'journal' && prefix.startsWith(space) && !prefix.includes('index')) await opened;
    return storage.list(table, prefix, after, limit);
  };
  return { ...storage, list };
};
/** Every answer of a live query. */
const heard = <T>(kernel: KernelApi, name: string, args: unknown): T[] => {
  const answers: T[] = [];
  kernel.watch(name, args, (answer) => void answers.push(answer as T));
  return answers;
};
const textsOf = (rows: readonly MessageRow[] | undefined) => rows?.map(({ text }) => text).sort();

/** A person with a space of two messages, one of them another's, that were put away; closed again. */
const putAway = async () => {
  fleet = await createFleet();
  const disk = { storage: memoryStorage(), vault: memoryVault(), images: memoryImages() };
  const a = await fleet.tab('a', { ...disk, direct: false });
  const b = await fleet.tab('b', { direct: false });
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  const { id: channelId } = await a.run('chat.createChannel', { spaceId: space, title: 'general' });
  const { url } = await a.invite(space, { role: 'member' });
  await b.join(url, { timeoutMs: 30_000 });
  await a.run('chat.send', { channelId, text: 'of mine' });
  await b.run('chat.send', { channelId, text: 'of another' });
  await converged([a, b], space);
  await until(async () => (await a.durability(space)).beacons === 1, 'receipts');
  await until(() => disk.images.files.size === 2, 'an image of each space');
  await a.stop();
  return { disk, a, b, space, channelId };
};

test('[IM5] [IM6] a start shows spaces, channels, messages and what is unread at once, tells nothing that it does not know, and keeps what is written', async () => {
  const { disk, b, space, channelId } = await putAway();
  await b.run('chat.send', { channelId, text: 'while away' });
  const again = await fleet.tab('a again', { ...disk, storage: held(disk.storage), direct: false });
  const spaces = heard<readonly SpaceRow[]>(again, 'os.spaces', {});
  const messages = heard<readonly MessageRow[]>(again, 'chat.messages', { channelId });
  const sync = heard<{ safe: boolean }>(again, 'os.sync', { spaceId: space });
  await until(() => messages.length > 0, 'messages');
  expect(spaces.at(-1)?.map(({ id, unread }) => [id === space, unread])).toContainEqual([true, 1]);
  expect(textsOf(messages.at(-1))).toEqual(['of another', 'of mine']);
  expect(messages.at(-1)?.[0]?.state).toEqual({ step: 'unknown' });

  const settled: string[] = [];
  const sent = again.run('chat.send', { channelId, text: 'before all is here' }).then(() => settled.push('sent'));
  const asked = again.query('chat.messages', { channelId }).then(() => settled.push('asked'));
  const named = again.setName('Ann').then(() => settled.push('named'));
  await until(async () => (await again.queries()).length > 0, 'what asks nothing of journals');
  expect([settled, sync]).toEqual([[], []]);

  open();
  await Promise.all([sent, asked, named]);
  await until(() => textsOf(messages.at(-1))?.length === 4, 'all messages');
  expect(textsOf(messages.at(-1))).toEqual(['before all is here', 'of another', 'of mine', 'while away']);
  await until(() => sync.at(-1)?.safe === true, 'it is safe');
  await until(() => messages.at(-1)?.every(({ mine, state }) => !mine || state.step === 'beacon'), 'states');
  // Nothing that was shown went away and came again.
  for (const [i, rows] of messages.entries())
    expect(textsOf(messages[i + 1]) ?? textsOf(rows)).toEqual(expect.arrayContaining(textsOf(rows) as string[]));
  for (const rows of spaces) expect(rows.find(({ id }) => id === space)?.title).toBe('Team');
  await converged([again, b], space);
});

test('[IM6] what cannot be read after all is told to whoever waits, and nothing is written', async () => {
  const { disk, channelId } = await putAway();
  let reads = 0;
  const list: Storage['list'] = async (table, prefix, after, limit) => {
    if (table === 'journal' && !prefix.includes('index') && ++reads > 0) throw new Error('the medium is gone');
    return disk.storage.list(table, prefix, after, limit);
  };
  const again = await fleet.tab('a again', { ...disk, storage: { ...disk.storage, list }, direct: false });
  const messages = heard<readonly MessageRow[]>(again, 'chat.messages', { channelId });
  expect(textsOf(messages.at(-1))).toEqual(['of another', 'of mine']);
  await expect(again.run('chat.send', { channelId, text: 'lost?' })).rejects.toMatchObject({ type: 'storage' });
  expect(reads).toBeGreaterThan(0);
});

test('[IM8] a command or deed waits for the spaces that it names and for the own one; what names none, or looks elsewhere too, waits for all', async () => {
  fleet = await createFleet();
  const disk = { storage: memoryStorage(), vault: memoryVault(), images: memoryImages() };
  const a = await fleet.tab('a', { ...disk, direct: false });
  const made = await Promise.all(
    ['Small', 'Large'].map(async (title) => {
      const { id: space } = await a.createSpace({ title, kind: 'team' });
      const { id: channelId } = await a.run('chat.createChannel', { spaceId: space, title: 'general' });
      const { id: said } = await a.run('chat.send', { channelId, text: title });
      return { space, channelId: channelId as string, said: said as string };
    }),
  );
  const [small, large] = made as [(typeof made)[0], (typeof made)[0]];
  await until(() => disk.images.files.size === 3, 'an image of each space');
  await a.stop();

  const again = await fleet.tab('a again', { ...disk, storage: held(disk.storage, large.space), direct: false });
  const inLarge = heard<readonly MessageRow[]>(again, 'chat.messages', { channelId: large.channelId });
  const inSmall = heard<readonly MessageRow[]>(again, 'chat.messages', { channelId: small.channelId });
  const stars = heard<{ favourites: readonly unknown[] }>(again, 'os.places', {});
  const settled: string[] = [];
  const waiting = [
    again.run('chat.send', { channelId: large.channelId, text: 'later' }).then(() => settled.push('there')),
    again.run('os.saveDraft', { key: 'x', text: 'a draft' }).then(() => settled.push('names none')),
    again.run('os.setBudget', {}).then(() => settled.push('a deed')),
    again.run('os.keepFiles', { spaceId: large.space, keep: true }).then(() => settled.push('a deed there')),
    again.run('os.erase', { objectId: small.said }).then(() => settled.push('a deed that looks elsewhere')),
  ];
  await again.run('chat.send', { channelId: small.channelId, text: 'at once' });
  await again.run('os.keepFiles', { spaceId: small.space, keep: true });
  await again.run('os.setPolicy', { spaceId: small.space, key: 'invite', value: 'member' });
  await again.run('os.star', { id: small.channelId, on: true });
  await until(() => textsOf(inSmall.at(-1))?.includes('at once') && stars.at(-1)?.favourites.length === 1, 'shown');
  expect([settled, textsOf(inLarge.at(-1))]).toEqual([[], ['Large']]);

  open();
  await Promise.all(waiting);
  await until(() => textsOf(inLarge.at(-1))?.includes('later'), 'there too');
  expect(await again.query('os.draft', { key: 'x' })).toBe('a draft');
  // Nothing that was written before all was here contradicts what came after it.
  await again.stop();
  const third = await fleet.tab('a third', { ...disk, direct: false });
  expect(textsOf((await third.query('chat.messages', { channelId: small.channelId })) as MessageRow[])).toEqual([
    '',
    'at once',
  ]);
  expect((await third.stats()).held).toBe(0);
  await until(async () => (await third.durability(small.space)).beacons === 1, 'a beacon took it');
});
