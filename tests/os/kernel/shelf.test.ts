/** Text that is away: what stays, what goes, how it comes back, and that nothing goes that is not held elsewhere. */
import { afterEach, expect, test } from 'vitest';
import type { CommentsAnswer, ContentAnswer, DocumentRow, KernelApi, ShelfAnswer } from '../../../src/bridge/messages';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { memoryVault } from '../../../src/platform/memory/vault';
import { contentShardOf, type NodeId, type SpaceId } from '../../../src/vm/op/ids';
import { bodiesIn, foundIn } from '../../support/disk';
import { converged, createFleet, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(async () => {
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

const content = async (kernel: KernelApi, id: string) =>
  (await kernel.query('os.content', { id })) as ContentAnswer | null;
const shelf = async (kernel: KernelApi) => (await kernel.query('os.shelf', {})) as ShelfAnswer;
const letGo = (kernel: KernelApi, id: string) =>
  until(
    () =>
      kernel.run('os.shelve', { id }).then(
        () => true,
        (why) => (why.type === 'staysHere' ? false : Promise.reject(why)),
      ),
    'it may go',
  );

/** An Owner and a Member with a document; a beacon keeps the space. */
const pair = async (options: { direct?: boolean } = {}) => {
  fleet = await createFleet(1);
  const disk = { storage: memoryStorage(), vault: memoryVault() };
  const owner = await fleet.tab('owner', options);
  const member = await fleet.tab('member', { ...disk, ...options });
  const { id: space } = await owner.createSpace({ title: 'Team', kind: 'team' });
  const { id: doc } = (await owner.run('editor.createDocument', { spaceId: space, title: 'Plan' })) as { id: string };
  await owner.insertText(doc, 0, 'The first line\nand the second');
  const { url } = await owner.invite(space, { role: 'member', uses: 5 });
  await member.join(url, { timeoutMs: 30_000 });
  await member.insertText(doc, 0, 'Mine. ');
  await member.run('comments.add', { objectId: doc, text: 'a remark' });
  await converged([owner, member], space);
  return { owner, member, space, doc, disk, text: await owner.documentText(doc) };
};
const bodies = (storage: ReturnType<typeof memoryStorage>, space: string, doc: string) =>
  bodiesIn(storage, space as SpaceId, contentShardOf(space as SpaceId, doc as NodeId));

test('[PR1] the text of a document leaves memory and disk where a beacon holds it, and comes back when it is opened', async () => {
  const { owner, member, space, doc, disk, text } = await pair();
  const before = await bodies(disk.storage, space, doc);
  await letGo(member, doc);
  const away = (await content(member, doc)) as ContentAnswer;
  expect(away).toMatchObject({ here: false, from: null });
  expect(away.holders.map(({ kind }) => kind)).toContain('beacon');
  expect((await shelf(member)).away).toEqual({ bytes: away.bytes, objects: 1 });
  // The remark is kept, and the list knows the title.
  const kept = await bodies(disk.storage, space, doc);
  expect(before.length - kept.length).toBe(away.total);
  expect(await foundIn(disk.storage, before)).toBe(kept.length);
  const [row] = (await member.query('editor.documents', { spaceId: space })) as readonly DocumentRow[];
  expect(row?.title).toBe('Plan');
  const thread = (await member.query('comments.about', { objectId: doc })) as CommentsAnswer;
  expect(thread.open).toBe(1);
  // PR7: half a space has no state to compare.
  await expect(member.stateHash(space)).rejects.toMatchObject({ type: 'partial' });
  expect(await member.documentText(doc)).toBe(text);
  expect(await content(member, doc)).toMatchObject({ here: true });
  // What nodes write by themselves meanwhile (names, covers) is in both.
  await until(async () => (await member.stateHash(space)) === (await owner.stateHash(space)), 'the same state');
  await until(async () => (await foundIn(disk.storage, before)) === before.length, 'all on the disk again');
});

test('[PR5] a text that went comes back after a start, for an edit by a script, and is asked for again once somebody can be reached', async () => {
  const { member, space, doc, disk, text } = await pair({ direct: false });
  await letGo(member, doc);
  await member.stop();
  const again = await fleet.tab('member again', { ...disk, direct: false, beacon: true });
  expect(await content(again, doc)).toMatchObject({ here: false });
  await again.setOnline(false);
  await until(async () => (await again.stats()).links === 0, 'no links');
  await expect(again.documentText(doc)).rejects.toMatchObject({ type: 'notHere' });
  await expect(again.insertText(doc, 0, 'x')).rejects.toMatchObject({ type: 'notHere' });
  await again.setOnline(true);
  await until(async () => (await content(again, doc))?.here, 'fetched by itself');
  await again.insertText(doc, 0, 'New. ');
  expect(await again.documentText(doc)).toBe(`New. ${text}`);
  expect(typeof (await again.stateHash(space))).toBe('string');
});

test('[PR3] what is open, or kept on purpose, stays; and what nobody else holds', async () => {
  const { member, space, doc } = await pair();
  const open = await member.openDocument(doc, { updated() {}, presence() {}, refused() {} });
  await expect(member.run('os.shelve', { id: doc })).rejects.toMatchObject({ type: 'staysHere' });
  open.close();
  await member.run('os.keepHere', { id: doc, keep: true });
  await expect(member.run('os.shelve', { id: doc })).rejects.toMatchObject({ type: 'staysHere' });
  await member.run('os.keepHere', { id: doc, keep: false });
  await letGo(member, doc);
  await member.run('os.keepHere', { id: doc, keep: true });
  await until(async () => (await content(member, doc))?.here, 'what is kept on purpose is fetched');
  await member.run('os.keepHere', { id: doc, keep: false });
  await letGo(member, doc);
  // A question about the text asks for it.
  const blocks = async () => (await member.query('editor.blocks', { documentId: doc })) as readonly unknown[];
  await until(async () => (await blocks()).length === 2, 'the blocks of a text that was away');
  await member.setOnline(false);
  const { id: own } = (await member.run('editor.createDocument', { spaceId: space, title: 'Own' })) as { id: string };
  await member.insertText(own, 0, 'nobody has it');
  await expect(member.run('os.shelve', { id: own })).rejects.toMatchObject({ type: 'staysHere' });
  expect(await member.documentText(own)).toBe('nobody has it');
});
