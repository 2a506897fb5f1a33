/** What was erased for good is on no honest node, whoever had it, whoever comes later, and on which disk it lay. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { AuditRow, CommentRow, HistoryRow, KernelApi, MessageRow } from '../../src/bridge/messages';
import { Erasing } from '../../src/os/kernel/erasing';
import { memoryStorage } from '../../src/platform/memory/storage';
import { memoryVault } from '../../src/platform/memory/vault';
import { openLmdbStorage } from '../../src/platform/node/lmdb';
import { openSealedStorage } from '../../src/platform/sealed';
import { createSealer } from '../../src/platform/sealer';
import { webCrypto, webRandom } from '../../src/platform/webcrypto';
import { contentShardOf, type NodeId, type SpaceId } from '../../src/vm/op/ids';
import { bodiesIn, chainsOn, foundIn } from '../support/disk';
import { converged, createFleet, until } from '../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>>;
let folder: string | undefined;
afterEach(async () => {
  await fleet.stop();
  if (folder) await rm(folder, { recursive: true });
  folder = undefined;
  expect(fleet.faults).toEqual([]);
});

const SECRET = 'the word that must go';

/** An Owner and two Members in a channel; a beacon keeps the space. `disks`: of each, of every kind that runs here. */
const team = async () => {
  folder = await mkdtemp(join(tmpdir(), 'lgos-'));
  const sealer = createSealer(webCrypto(), webRandom(), webRandom().bytes(32));
  const disks = {
    beacon: await openLmdbStorage(folder),
    owner: memoryStorage(),
    writer: memoryStorage(),
    away: await openSealedStorage(memoryStorage(), sealer),
    late: memoryStorage(),
  };
  fleet = await createFleet(1, { beaconStorage: disks.beacon });
  const vault = memoryVault();
  const owner = await fleet.tab('owner', { storage: disks.owner, vault });
  const writer = await fleet.tab('writer', { storage: disks.writer });
  const away = await fleet.tab('away', { storage: disks.away });
  const { id: space } = await owner.createSpace({ title: 'Team', kind: 'team' });
  const { id: channelId } = (await owner.run('chat.createChannel', { spaceId: space, title: 'general' })) as {
    id: string;
  };
  const { url } = await owner.invite(space, { role: 'member', uses: 5 });
  await writer.join(url, { timeoutMs: 30_000 });
  await away.join(url, { timeoutMs: 30_000 });
  await converged([owner, writer, away], space);
  return { disks, vault, owner, writer, away, space, channelId, url };
};
const rowsOf = async (kernel: KernelApi, channelId: string) =>
  (await kernel.query('chat.messages', { channelId })) as readonly MessageRow[];
const hasText = (kernel: KernelApi, channelId: string, text: string) =>
  until(async () => (await rowsOf(kernel, channelId)).some((row) => row.text === text), text);
const isErased = (kernel: KernelApi, channelId: string) =>
  until(async () => (await rowsOf(kernel, channelId)).some((row) => row.erased), 'erased');
const shardOf = (space: string, channel: string) => contentShardOf(space as SpaceId, channel as NodeId);

/** The message with an edit and an answer, held by all; then one goes offline, and it is erased. */
const erase = async () => {
  const here = await team();
  const { disks, owner, writer, away, space, channelId } = here;
  const { id: messageId } = (await writer.run('chat.send', { channelId, text: 'first words' })) as { id: string };
  await writer.run('chat.edit', { messageId, text: SECRET });
  await writer.run('chat.send', { channelId, text: 'the next one' });
  for (const kernel of [owner, away]) await hasText(kernel, channelId, 'the next one');
  await converged([owner, writer, away], space);
  const bodies = await bodiesIn(disks.writer, space, shardOf(space, channelId));
  expect(bodies).toHaveLength(3);
  const gone = bodies.slice(0, 2);
  await until(async () => (await foundIn(disks.beacon, gone)) === 2, 'the beacon holds them');
  await until(async () => (await foundIn(disks.away, gone)) === 2, 'the one who goes away holds them');
  await away.setOnline(false);
  await until(async () => (await away.stats()).links === 0, 'no links');
  await writer.run('os.erase', { objectId: messageId });
  return { ...here, gone, messageId };
};

test('[T79] after an erasure and a synchronisation no honest node or beacon holds the bytes, and the chain verifies', async () => {
  const { disks, vault, owner, writer, away, space, channelId, url, gone, messageId } = await erase();
  expect(await foundIn(disks.writer, gone)).toBe(0);
  await isErased(owner, channelId);
  await until(async () => (await foundIn(disks.owner, gone)) === 0, 'gone at the owner');
  await until(async () => (await foundIn(disks.beacon, gone)) === 0, 'gone at the beacon');
  // Its receipt says so.
  await until(async () => (await rowsOf(writer, channelId))[0]?.state.step === 'beacon', 'a receipt of the erasure');
  expect(await foundIn(disks.away, gone)).toBe(2);
  // A newcomer, who never had it.
  const late = await fleet.tab('late', { storage: disks.late });
  await late.join(url, { timeoutMs: 30_000 });
  await hasText(late, channelId, 'the next one');
  // Somebody who was away all the time, and still has it.
  await away.setOnline(true);
  await isErased(away, channelId);
  await until(async () => (await foundIn(disks.away, gone)) === 0, 'gone where it lay all the time');
  await converged([owner, writer, away, late], space);
  for (const kernel of [owner, writer, away, late]) {
    const [row, next] = await rowsOf(kernel, channelId);
    expect(row).toMatchObject({ id: messageId, text: '', deleted: true, mayErase: false });
    expect(row?.erased?.by.userId).toBe(row?.author.userId);
    expect(next?.text).toBe('the next one');
  }
  // Some seconds after somebody joined they are given the keys in an entry of its own, which the state counts.
  const given = async (): Promise<number> =>
    ((await owner.query('os.audit', { spaceId: space })) as readonly { kind: string; n?: number }[])
      .filter(({ kind }) => kind === 'keysGiven')
      .reduce((sum, { n = 0 }) => sum + n, 0);
  await until(async () => (await given()) === 3, 'all have been given the keys');
  await converged([owner, writer, away, late], space);
  const hash = await owner.stateHash(space);
  for (const disk of Object.values(disks)) {
    expect(await foundIn(disk, gone)).toBe(0);
    const { entries, stubs } = await chainsOn(disk, space);
    expect(stubs).toBe(2);
    expect(entries).toBeGreaterThan(10);
  }
  // From that disk alone it is the same again.
  await owner.stop();
  const again = await fleet.tab('owner again', { storage: disks.owner, vault, beacon: false, direct: false });
  expect(await again.stateHash(space)).toBe(hash);
  expect((await rowsOf(again, channelId))[0]).toMatchObject({ id: messageId, deleted: true, text: '' });
  expect(await foundIn(disks.owner, gone)).toBe(0);
});

test('[T79] without the rule the bytes stay, and whoever comes is given them', async () => {
  const sound = Erasing.prototype.eraserOf;
  Erasing.prototype.eraserOf = () => undefined;
  try {
    const { disks, owner, channelId, url, gone } = await erase();
    const late = await fleet.tab('late', { storage: disks.late });
    await late.join(url, { timeoutMs: 30_000 });
    await hasText(late, channelId, SECRET);
    expect((await rowsOf(owner, channelId))[0]?.text).toBe(SECRET);
    await until(async () => (await foundIn(disks.late, gone)) === 2, 'the newcomer holds them');
    for (const disk of Object.values(disks)) expect(await foundIn(disk, gone)).toBe(2);
  } finally {
    Erasing.prototype.eraserOf = sound;
  }
});

const refusalOf = (done: Promise<unknown>): Promise<string> =>
  done.then(
    () => 'allowed',
    (refusal: { type: string }) => refusal.type,
  );

test('[ER1] a message and a comment are erased by their author or an Admin, and the place says by whom', async () => {
  const { owner, writer, away, space, channelId } = await team();
  const { id: messageId } = (await writer.run('chat.send', { channelId, text: 'about the plan' })) as { id: string };
  await until(async () => (await rowsOf(owner, channelId))[0]?.text, 'the message');
  const { id: commentId } = (await owner.run('comments.add', { objectId: messageId, text: 'a remark' })) as {
    id: string;
  };
  const thread = async (kernel: KernelApi) =>
    (await kernel.query('comments.thread', { objectId: messageId })) as readonly CommentRow[];
  await until(async () => (await thread(away))[0]?.text === 'a remark', 'the comment');
  await away.run('comments.add', { objectId: messageId, text: 'an answer', parent: commentId });
  await until(async () => (await thread(owner)).length === 2, 'the answer');
  expect((await rowsOf(away, channelId))[0]).toMatchObject({ mayErase: false });
  expect(await refusalOf(away.run('os.erase', { objectId: messageId }))).toBe('notAllowed');
  expect(await refusalOf(away.run('os.erase', { objectId: commentId }))).toBe('notAllowed');
  expect(await refusalOf(owner.run('os.erase', { objectId: channelId }))).toBe('notErasable');
  // Its author, while somebody answered it: the answer stays.
  await owner.run('os.erase', { objectId: commentId });
  for (const kernel of [owner, writer, away]) {
    await until(async () => (await thread(kernel))[0]?.erased, 'the comment is erased');
    expect((await thread(kernel)).map(({ id, text, parent }) => [id === commentId, text, parent])).toEqual([
      [true, '', null],
      [false, 'an answer', commentId],
    ]);
  }
  // Another's, as an Owner.
  const { userId } = await owner.me();
  await owner.run('os.erase', { objectId: messageId });
  for (const kernel of [owner, writer, away]) {
    await until(async () => (await rowsOf(kernel, channelId))[0]?.erased, 'the message is erased');
    expect((await rowsOf(kernel, channelId))[0]).toMatchObject({ text: '', erased: { by: { userId } } });
  }
  expect(await refusalOf(owner.run('os.erase', { objectId: messageId }))).toBe('notFound');
  const told = (await away.query('os.audit', { spaceId: space, kind: 'content' })) as readonly AuditRow[];
  expect(told.map(({ kind, by, subject, n }) => [kind, by?.userId === userId, subject?.userId === userId, n])).toEqual([
    ['erased', true, false, 1],
    ['erased', true, true, 1],
  ]);
  await converged([owner, writer, away], space);
});

test('[T79] what was erased comes back by no undo', async () => {
  const { disks, writer, space, channelId } = await team();
  const { id: messageId } = (await writer.run('chat.send', { channelId, text: SECRET })) as { id: string };
  await writer.run('chat.edit', { messageId, text: 'better so' });
  await writer.run('os.erase', { objectId: messageId });
  for (let step = 0; step < 3; step++) await writer.run('os.undo', {}).catch(() => undefined);
  expect((await rowsOf(writer, channelId)).map(({ text }) => text)).toEqual(['']);
  expect(await bodiesIn(disks.writer, space, shardOf(space, channelId))).toHaveLength(0);
});

test('[T79] history, earlier states, restoring, travel and undo show that something was erased, and nothing of it', async () => {
  const { owner, writer, space, channelId } = await team();
  const { id: messageId } = (await writer.run('chat.send', { channelId, text: SECRET })) as { id: string };
  await writer.run('chat.edit', { messageId, text: `${SECRET}, again` });
  const { id: commentId } = (await writer.run('comments.add', { objectId: messageId, text: SECRET })) as { id: string };
  await hasText(owner, channelId, `${SECRET}, again`);
  const entries = ((await writer.query('os.history', { id: messageId })) as readonly HistoryRow[]).map(
    (row) => row.entry,
  );
  expect(entries.length).toBeGreaterThan(1);
  const at = (await rowsOf(writer, channelId))[0]?.at as number;
  const moment = at + 60_000;
  const asAt = (kernel: KernelApi, name: string, args: object) =>
    kernel.query('os.asAt', { spaceId: space, at: moment, name, args });
  const lookBack = async (kernel: KernelApi): Promise<readonly unknown[]> => [
    await kernel.query('os.history', { id: messageId }),
    await kernel.query('os.history', { id: commentId }),
    await kernel.query('os.history', { id: channelId }),
    await Promise.all(entries.map((entry) => kernel.query('os.stateAt', { id: messageId, entry }))),
    await kernel.query('os.stateAt', { id: channelId, at: moment }),
    await asAt(kernel, 'chat.messages', { channelId }),
    await asAt(kernel, 'os.history', { id: messageId }),
    await asAt(kernel, 'os.find', { spaceId: space, type: ['Message', 'Comment'] }),
    await asAt(kernel, 'comments.thread', { objectId: messageId }),
    await kernel.query('os.undoable', {}),
    await kernel.query('os.audit', { spaceId: space }),
    await kernel.query('os.search', { text: 'word' }),
  ];
  // It was looked at before: what was folded for that must not answer any more.
  for (const kernel of [owner, writer]) {
    await kernel.run('os.travel', { spaceId: space, at: moment });
    expect(JSON.stringify(await lookBack(kernel)).split(SECRET).length).toBeGreaterThan(6);
  }
  await writer.run('os.erase', { objectId: commentId });
  await writer.run('os.erase', { objectId: messageId });
  for (const kernel of [owner, writer]) {
    await isErased(kernel, channelId);
    expect(JSON.stringify(await lookBack(kernel))).not.toContain(SECRET);
    await kernel.run('os.travel', { spaceId: space, at: moment });
    const told = await lookBack(kernel);
    expect(JSON.stringify(told)).not.toContain(SECRET);
    expect(told.slice(0, 2)).toEqual([[], []]);
    expect(told[2]).toContainEqual(expect.objectContaining({ kind: 'erased' }));
    expect(told[5]).toMatchObject([{ id: messageId, text: '', erased: { at: expect.any(Number) } }]);
    for (const entry of entries)
      expect(await refusalOf(kernel.run('os.restore', { id: messageId, entry }))).toBe('notFound');
    expect(await refusalOf(kernel.run('os.restore', { id: messageId }))).toBe('notFound');
    expect(await refusalOf(kernel.run('os.restoreValue', { id: messageId, key: 'text', entry: entries[0] }))).toBe(
      'notFound',
    );
  }
  // What the channel was then is restored without them.
  await writer.run('chat.renameChannel', { channelId, title: 'other' });
  await writer.run('os.restore', { id: channelId, at: moment }).catch(() => undefined);
  for (let step = 0; step < 6; step++) await writer.run('os.undo', {}).catch(() => undefined);
  for (let step = 0; step < 6; step++) await writer.run('os.redo', {}).catch(() => undefined);
  expect(JSON.stringify(await lookBack(writer))).not.toContain(SECRET);
  expect((await rowsOf(writer, channelId)).map(({ text }) => text)).toEqual(['']);
  await converged([owner, writer], space);
});
