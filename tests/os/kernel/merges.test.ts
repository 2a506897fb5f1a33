/** Being apart, and what is told of it when people meet again. */
import { afterEach, expect, test } from 'vitest';
import type { ApartAnswer, KernelApi, MergeAnswer } from '../../../src/bridge/messages';
import { conflictsOf } from '../../../src/os/kernel/merges';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { memoryVault } from '../../../src/platform/memory/vault';
import type { HistoryItem } from '../../../src/vm/graph/engine';
import type { EntryId } from '../../../src/vm/op/ids';
import { skewedClock } from '../../support/clocks';
import { converged, createFleet, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>> | undefined;
afterEach(async () => {
  await fleet?.stop();
  expect(fleet?.faults ?? []).toEqual([]);
  fleet = undefined;
});

const apart = async (kernel: KernelApi, spaceId: string) =>
  (await kernel.query('os.apart', { spaceId })) as ApartAnswer;

test('[MG1] [MG2] who was apart is told who did what where meanwhile, what was said twice, once, and nothing of a short while', async () => {
  const clock = skewedClock();
  fleet = await createFleet(1, { clock });
  const owner = await fleet.tab('owner');
  const member = await fleet.tab('member');
  const { id: spaceId } = await owner.createSpace({ title: 'Team', kind: 'team' });
  const { id: doc } = (await owner.run('editor.createDocument', { spaceId, title: 'Plan' })) as { id: string };
  const { url } = await owner.invite(spaceId, { role: 'member', uses: 1 });
  await member.join(url, { timeoutMs: 30_000 });
  await converged([owner, member], spaceId);

  const part = async (ms: number, meanwhile: () => Promise<unknown>): Promise<void> => {
    await member.setOnline(false);
    await until(async () => (await member.stats()).links === 0, 'no links');
    clock.ahead(ms);
    await meanwhile();
    await member.setOnline(true);
    await converged([owner, member], spaceId);
  };
  // A short while is nothing to tell.
  await part(1_000, () => owner.insertText(doc, 0, 'One. '));
  expect(await apart(member, spaceId)).toEqual({ since: null, merge: null });

  await part(60_000, async () => {
    expect((await apart(member, spaceId)).since).not.toBeNull();
    await owner.run('editor.rename', { documentId: doc, title: 'Plan of the owner' });
    await member.run('editor.rename', { documentId: doc, title: 'Plan of the member' });
    await owner.insertText(doc, 0, 'Two. ');
    await owner.run('comments.add', { objectId: doc, text: 'a remark' });
    clock.ahead(1_000);
  });
  const { since, merge } = await until(async () => {
    const answer = await apart(member, spaceId);
    return answer.merge && answer;
  }, 'it is told').then((answer) => answer as ApartAnswer);
  expect(since).toBeNull();
  const { people, places, conflicts, held } = merge as MergeAnswer;
  expect(people).toHaveLength(1);
  expect(places.map(({ place }) => place.kind)).toEqual(['document']);
  expect(conflicts).toHaveLength(1);
  expect(conflicts[0]).toMatchObject({ kind: 'field', key: 'title', object: { id: doc } });
  expect(held).toBe(0);
  expect((merge as MergeAnswer).changes).toBeGreaterThanOrEqual(3);
  expect((merge as MergeAnswer).outline).toBeGreaterThanOrEqual(1);
  await member.run('os.seenMerge', { spaceId });
  expect(await apart(member, spaceId)).toEqual({ since: null, merge: null });
}, 60_000);

test('[MG3] what came while apart is told until somebody puts it away: with a later meeting, and after a restart', async () => {
  const clock = skewedClock();
  fleet = await createFleet(1, { clock });
  const own = { storage: memoryStorage(), vault: memoryVault() };
  const owner = await fleet.tab('owner');
  let member = await fleet.tab('member', own);
  const { id: spaceId } = await owner.createSpace({ title: 'Team', kind: 'team' });
  const { url } = await owner.invite(spaceId, { role: 'member', uses: 1 });
  await member.join(url, { timeoutMs: 30_000 });
  const told = async (): Promise<MergeAnswer | null> => (await apart(member, spaceId)).merge;
  const meeting = async (title: string): Promise<MergeAnswer> => {
    const { id: documentId } = (await owner.run('editor.createDocument', { spaceId, title })) as { id: string };
    await converged([owner, member], spaceId);
    await member.setOnline(false);
    await until(async () => (await member.stats()).links === 0, 'no links');
    clock.ahead(60_000);
    await owner.run('editor.rename', { documentId, title: `${title} of the owner` });
    await member.run('editor.rename', { documentId, title: `${title} of the member` });
    clock.ahead(1_000);
    const before = (await told())?.changes ?? 0;
    await member.setOnline(true);
    return (await until(async () => {
      const merge = await told();
      return merge && merge.changes > before && merge;
    }, 'it is told')) as MergeAnswer;
  };
  const restart = async (): Promise<void> => {
    await member.stop();
    member = (await fleet?.tab('member', own)) as typeof member;
  };
  const first = await meeting('One');
  const both = await meeting('Two');
  expect(both.since).toBe(first.since);
  expect(both.until).toBeGreaterThan(first.until);
  expect(both.conflicts).toHaveLength(2);
  await restart();
  expect(await told()).toEqual(both);
  await member.run('os.seenMerge', { spaceId });
  await restart();
  expect(await told()).toBeNull();
}, 60_000);

test('[MG2] twice is what one side did and the other did as well, not what one did after the other', () => {
  const item = (entry: string, fields: Partial<HistoryItem>): HistoryItem =>
    ({ entry: entry as EntryId, hlc: 15, type: 'field', key: 'title', ...fields }) as HistoryItem;
  const came = new Map([['theirs', {}]]) as never;
  const between = { since: 10, until: 20, came };
  const lost = item('mine', { concurrent: true, won: false });
  const won = item('theirs', { won: true });
  expect(conflictsOf([lost, won], between)).toEqual([lost]);
  expect(conflictsOf([item('mine', { won: false }), won], between), 'it was known').toEqual([]);
  expect(conflictsOf([{ ...lost, hlc: 5 as never }, won], between), 'from before').toEqual([]);
  expect(conflictsOf([lost, item('other of mine', { won: true })], between), 'both mine').toEqual([]);
  expect(conflictsOf([lost, item('theirs', { won: true, key: 'icon' })], between), 'another field').toEqual([]);
  const moves = [item('mine', { type: 'moved', won: true }), item('theirs', { type: 'moved', won: false })];
  expect(conflictsOf(moves, between)).toEqual([moves[1]]);
});
