/** Texts whose single changes lie with others: whole here for everything but earlier states, which are fetched. */
import { afterEach, expect, test } from 'vitest';
import type { ContentAnswer, HistoryRow, KernelApi, ShelfAnswer, StateAnswer } from '../../../src/bridge/messages';
import { Eviction } from '../../../src/os/kernel/eviction';
import { virtualClock } from '../../../src/platform/memory/clock';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { memoryVault } from '../../../src/platform/memory/vault';
import { contentShardOf, type NodeId, type SpaceId } from '../../../src/vm/op/ids';
import { bodiesIn, foundIn } from '../../support/disk';
import { converged, createFleet, until } from '../../support/fleet';
import { desk, Node } from '../../support/shelf';

let fleet: Awaited<ReturnType<typeof createFleet>> | undefined;
afterEach(async () => {
  await fleet?.stop();
  expect(fleet?.faults ?? []).toEqual([]);
  fleet = undefined;
});

const content = async (kernel: KernelApi, id: string) => (await kernel.query('os.content', { id })) as ContentAnswer;
const compact = (kernel: KernelApi, id: string) =>
  until(
    () =>
      kernel.run('os.compact', { id }).then(
        () => true,
        (why) => (why.type === 'staysHere' ? false : Promise.reject(why)),
      ),
    'its changes may go',
  );

test('[CO1] [CO5] a text is shown, found, edited and hashed without its changes, also after a start and alone; an earlier state has them fetched', async () => {
  const now = await createFleet(1);
  fleet = now;
  const disk = { storage: memoryStorage(), vault: memoryVault() };
  const owner = await now.tab('owner', { direct: false });
  const member = await now.tab('member', { ...disk, direct: false });
  const { id: space } = await owner.createSpace({ title: 'Team', kind: 'team' });
  const { id: doc } = (await owner.run('editor.createDocument', { spaceId: space, title: 'Plan' })) as { id: string };
  const { url } = await owner.invite(space, { role: 'member', uses: 5 });
  await member.join(url, { timeoutMs: 30_000 });
  for (let i = 0; i < 16; i++) await member.insertText(doc, 0, `walrus ${i} `);
  await converged([owner, member], space);
  await owner.run('editor.rename', { documentId: doc, title: 'Other' });
  await converged([owner, member], space);
  for (let i = 0; i < 16; i++) await member.insertText(doc, 0, `later ${i} `);
  await converged([owner, member], space);
  const text = await owner.documentText(doc);
  const bodies = await bodiesIn(disk.storage, space as SpaceId, contentShardOf(space as SpaceId, doc as NodeId));
  expect(await foundIn(disk.storage, bodies)).toBe(bodies.length);
  await compact(member, doc);
  expect(await foundIn(disk.storage, bodies)).toBe(0);
  expect(await content(member, doc)).toMatchObject({ here: true, changes: false });
  expect(((await member.query('os.shelf', {})) as ShelfAnswer).compacted.objects).toBe(1);
  expect(await member.stateHash(space)).toBe(await owner.stateHash(space));
  await member.stop();

  // Alone, from the disk.
  const again = await now.tab('member again', { ...disk, direct: false, beacon: true });
  await again.setOnline(false);
  await until(async () => (await again.stats()).links === 0, 'no links');
  expect(await again.documentText(doc)).toBe(text);
  const found = async () => JSON.stringify(await again.query('os.search', { text: 'walrus' })).includes(doc);
  await until(found, 'found by its text');
  const rows = (await again.query('os.history', { id: doc })) as readonly HistoryRow[];
  expect(rows).toEqual(await owner.query('os.history', { id: doc }));
  await again.insertText(doc, 0, 'New. ');
  expect(await again.documentText(doc)).toBe(`New. ${text}`);
  const renamed = rows.find(({ kind, value }) => kind === 'field' && value === 'Other')?.entry;
  const then = async () => (await again.query('os.stateAt', { id: doc, entry: renamed })) as StateAnswer;
  expect(await then()).toMatchObject({ ready: false });
  await expect(again.run('os.restore', { id: doc, entry: renamed })).rejects.toMatchObject({ type: 'notHere' });
  expect(await content(again, doc)).toMatchObject({ here: true, changes: false, from: null });
  await again.setOnline(true);
  await until(async () => (await then()).ready, 'fetched');
  const was = await then();
  const whole = (await owner.query('os.stateAt', { id: doc, entry: renamed })) as StateAnswer;
  expect(was).toMatchObject({ text: whole.text, made: true });
  expect(was.text).toContain('walrus 15');
  expect(was.text.length).toBeLessThan(text.length);
  expect(await content(again, doc)).toMatchObject({ here: true, changes: true });
  await until(async () => (await foundIn(disk.storage, bodies)) === bodies.length, 'all on the disk again');
  await again.run('os.restore', { id: doc, entry: renamed, only: ['text'] });
  expect(await again.documentText(doc)).toBe(was.text);
  await converged([owner, again], space);
});

test('[CO2] [PR3] changes go before whole texts where there is no room, and many of one text without a budget too, on more than the word of one beacon', async () => {
  const made = await desk(2);
  const [long, short] = made.documents as [NodeId, NodeId];
  const clock = virtualClock(Date.now());
  for (let i = 0; i < 40; i++) await made.type(made.here.authors.member, long, 'word ');
  await made.type(made.here.authors.member, short, 'word '.repeat(400));
  const [a, b] = [await Node.of(made.here, made.here.people.member), await Node.of(made.here, made.here.people.admin)];
  const node = await Node.of(made.here, made.here.people.owner, clock);
  for (const each of [a, b, node]) await each.catchUp(made.history());
  Object.assign(node.replica.rights, { relays: () => new Map([[a.device, { name: 'A' }]]) });
  const stated = (by: Node) => made.documents.forEach((document) => void by.claim(made.shardOf(document))(node));
  const eviction = new Eviction(
    node.held.context,
    { spaces: () => [node.space], isOpen: () => false, changed: () => {} },
    { many: 30 },
  );
  const here = () => made.documents.map((id) => node.replica.isAway(made.shardOf(id)));
  await clock.advance(3_600_000);
  stated(a);
  // No budget, and one beacon's word.
  expect([await eviction.turn(), node.replica.bases.size]).toEqual([false, 0]);
  await eviction.pin(long, true);
  Object.assign(node.replica.rights, {
    relays: () => new Map([a, b].map(({ device }) => [device, { name: 'B' }] as const)),
  });
  stated(b);
  expect([await eviction.turn(), node.replica.bases.size]).toEqual([false, 0]);
  await eviction.pin(long, false);
  expect([await eviction.turn(), node.replica.bases.size]).toEqual([true, 1]);
  expect(await eviction.turn()).toBe(false);
  expect([here(), eviction.compacted.objects]).toEqual([[false, false], 1]);
  await node.bringBack(made.shardOf(long), a);
  // With a budget the changes of one go, and then as much text as is needed.
  await eviction.setBudget(eviction.used - 500);
  await eviction.turn();
  expect([here(), node.replica.bases.size]).toEqual([[false, false], 1]);
  expect(eviction.used).toBeLessThan(eviction.budget ?? 0);
  await eviction.setBudget(1);
  await eviction.turn();
  eviction.stop();
  expect([here(), node.replica.bases.size]).toEqual([[true, true], 0]);
  // What they take is what is kept of them.
  const before = eviction.used;
  for (const document of made.documents) await node.bringBack(made.shardOf(document), a);
  expect(eviction.used - before).toBe(
    [...node.replica.entries.values()]
      .filter(({ header }) => made.documents.map(made.shardOf).includes(header.shard))
      .reduce((sum, { body }) => sum + body.length, 0),
  );
});
