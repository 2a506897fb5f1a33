/** States that are stated, confirmed, opened from before the history, and left for it. */
import { afterEach, expect, test } from 'vitest';
import type { KernelApi, MessageRow } from '../../src/bridge/messages';
import { createFleet, until } from '../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(async () => {
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

const checkpoints = { entries: 30, apartMs: 0, quietMs: 40, behind: 5 };
const never = { ...checkpoints, entries: 1e9, behind: 1e9 };
const textsOf = async (kernel: KernelApi, channelId: string) =>
  ((await kernel.query('chat.messages', { channelId })) as readonly MessageRow[]).map(({ text }) => text);
const counted = async (kernel: KernelApi, name: string): Promise<number> => (await kernel.stats())[name] ?? 0;

const written = async (messages: number) => {
  fleet = await createFleet();
  const ann = await fleet.tab('ann', { direct: false, kernel: { checkpoints } });
  const bob = await fleet.tab('bob', { direct: false, kernel: { checkpoints } });
  const { id: space } = await ann.createSpace({ title: 'Team', kind: 'team' });
  const { id } = await ann.run('chat.createChannel', { spaceId: space, title: 'general' });
  const channelId = id as string;
  const { id: document } = await ann.run('editor.createDocument', { spaceId: space, title: 'Plan' });
  const documentId = document as string;
  const { url } = await ann.invite(space, { role: 'member', uses: 5 });
  await until(() => fleet.beacon.hosted().includes(space as never), 'hosted');
  await bob.join(url, { timeoutMs: 30_000 });
  for (let i = 0; i < messages; i++) await ann.run('chat.send', { channelId, text: `message ${i}` });
  await ann.insertText(documentId, 0, 'The plan');
  await until(async () => (await textsOf(bob, channelId)).length === messages, 'messages');
  return { ann, bob, space, channelId, documentId, url, messages };
};

test('[CK10] what one states another computes and confirms; [CK11] a newcomer shows it before the history, and then the history', async () => {
  const { ann, bob, space, channelId, documentId, url, messages } = await written(60);
  await until(async () => {
    const stated = (await counted(ann, 'checkpointsStated')) + (await counted(bob, 'checkpointsStated'));
    const confirmed = (await counted(ann, 'checkpointsConfirmed')) + (await counted(bob, 'checkpointsConfirmed'));
    return stated > 0 && confirmed > 0;
  }, 'stated and confirmed');
  const cleo = await fleet.tab('cleo', { direct: false, kernel: { checkpoints: { ...never, behind: 5 } } });
  await cleo.join(url, { timeoutMs: 30_000 });
  await until(async () => (await textsOf(cleo, channelId)).length === messages, 'seen');
  await until(async () => (await cleo.documentText(documentId)) === 'The plan', 'text');
  await until(async () => (await cleo.stateHash(space)) === (await ann.stateHash(space)), 'the same state');
  expect(await textsOf(cleo, channelId)).toEqual(await textsOf(ann, channelId));
  expect(await counted(cleo, 'checkpointsFalse')).toBe(0);
});
