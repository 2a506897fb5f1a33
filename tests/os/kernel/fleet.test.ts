import { afterEach, expect, test } from 'vitest';
import type { MessageRow } from '../../../src/bridge/messages';
import { converged, createFleet, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(async () => {
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

test('[SY2] two nodes over a beacon share a space, chat and write one document', async () => {
  fleet = await createFleet();
  const a = await fleet.tab('a', { direct: false });
  const b = await fleet.tab('b', { direct: false });
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  const { id: channelId } = await a.run('chat.createChannel', { spaceId: space, title: 'general' });
  const { id: documentId } = await a.run('editor.createDocument', { spaceId: space, title: 'Plan' });
  await a.run('chat.send', { channelId, text: 'hello' });
  await a.insertText(documentId as string, 0, 'First line');
  const { url } = await a.invite(space, { role: 'member' });
  await until(() => fleet.beacon.hosted().includes(space as never), 'hosted');
  expect(await b.join(url, { timeoutMs: 8_000 })).toEqual({ id: space });
  await until(async () => (await b.documentText(documentId as string)) === 'First line', 'text');
  await b.run('chat.send', { channelId, text: 'hi there' });
  await Promise.all([a.insertText(documentId as string, 5, ' AAA'), b.insertText(documentId as string, 5, ' BBB')]);
  await converged([a, b], space);
  const rows = (await a.query('chat.messages', { channelId })) as MessageRow[];
  expect(rows.map((row) => row.text)).toEqual(['hello', 'hi there']);
  expect(await a.documentText(documentId as string)).toContain('AAA');
  expect(await a.documentText(documentId as string)).toContain('BBB');
  await until(async () => (await a.durability(space)).beacons === 1, 'receipts');
});
