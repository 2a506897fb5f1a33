/** Work without a network, and what becomes of it when there is one again. */
import { afterEach, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random';
import type { DocumentRow, HistoryRow, KernelApi, MessageRow } from '../../src/bridge/messages';
import { converged, createFleet, until } from '../support/fleet';

type Fleet = Awaited<ReturnType<typeof createFleet>>;
let fleet: Fleet;
afterEach(async () => {
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

/** Two people in one space with a channel and documents, linked. */
const pair = async (options: { beacon?: boolean; direct?: boolean } = {}) => {
  fleet = await createFleet();
  const a = await fleet.tab('a', options);
  const b = await fleet.tab('b', options);
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  const { id: channelId } = (await a.run('chat.createChannel', { spaceId: space, title: 'general' })) as { id: string };
  const make = async (title: string) =>
    ((await a.run('editor.createDocument', { spaceId: space, title })) as { id: string }).id;
  const documents = [await make('One'), await make('Two'), await make('Three')] as const;
  await a.insertText(documents[0], 0, 'Shared paragraph');
  const { url } = await a.invite(space, { role: 'member', uses: 5 });
  await b.join(url, { timeoutMs: 30_000 });
  await converged([a, b], space);
  return { a, b, space, channelId, documents };
};
const rowsOf = async (kernel: KernelApi, spaceId: string) =>
  (await kernel.query('editor.documents', { spaceId })) as readonly DocumentRow[];
const historyOf = async (kernel: KernelApi, id: string) =>
  (await kernel.query('os.history', { id })) as readonly HistoryRow[];
const unlinked = (kernel: KernelApi) => until(async () => (await kernel.stats()).links === 0, 'no links');

for (const way of ['setOnline', 'partition'] as const) {
  test(`[SY2] two who wrote apart (${way}) agree again, nothing is lost, the losing value can be brought back`, async () => {
    const { a, b, space, channelId, documents } = await pair();
    const [one, two, three] = documents;
    if (way === 'setOnline') await Promise.all([a.setOnline(false), b.setOnline(false)]);
    else fleet.network.partition([['a'], ['b'], ['beacon', 'ws://signaling']]);
    await Promise.all([unlinked(a), unlinked(b)]);

    await a.run('editor.rename', { documentId: one, title: 'Title of A' });
    await b.run('editor.rename', { documentId: one, title: 'Title of B' });
    await a.run('editor.move', { documentId: two, parent: three });
    await b.run('editor.move', { documentId: three, parent: two });
    await a.run('editor.move', { documentId: one });
    await b
      .run('editor.move', { documentId: one, after: three })
      .catch(() => b.run('editor.move', { documentId: one }));
    await a.insertText(one, 6, ' from A');
    await b.insertText(one, 6, ' from B');
    await a.run('chat.send', { channelId, text: 'A was away' });
    await b.run('chat.send', { channelId, text: 'B was away' });
    await a.run('chat.renameChannel', { channelId, title: 'a-channel' });
    await b.run('chat.createChannel', { spaceId: space, title: 'made by B' });
    expect(await a.stateHash(space)).not.toBe(await b.stateHash(space));

    if (way === 'setOnline') await Promise.all([a.setOnline(true), b.setOnline(true)]);
    else fleet.network.partition([]);
    await converged([a, b], space);

    for (const kernel of [a, b]) {
      const text = await kernel.documentText(one);
      expect(text).toContain(' from A');
      expect(text).toContain(' from B');
      expect(text.replace(' from A', '').replace(' from B', '')).toBe('Shared paragraph');
      const rows = (await kernel.query('chat.messages', { channelId })) as readonly MessageRow[];
      expect(rows.map((row) => row.text).sort()).toEqual(['A was away', 'B was away']);
      // Each was put into the other: one of the moves holds, and both are still in the tree.
      expect((await rowsOf(kernel, space)).map((row) => row.id).sort()).toEqual([one, two, three].sort());
    }
    expect(await rowsOf(a, space)).toEqual(await rowsOf(b, space));

    const title = async (kernel: KernelApi) => (await rowsOf(kernel, space)).find((row) => row.id === one)?.title;
    const shown = await title(a);
    expect(['Title of A', 'Title of B']).toContain(shown);
    const lost = (await historyOf(b, one)).filter((row) => row.key === 'title' && row.lost);
    expect(lost.map((row) => row.value)).toEqual([shown === 'Title of A' ? 'Title of B' : 'Title of A']);
    await b.run('os.restoreValue', { id: one, key: 'title', entry: lost[0]?.entry });
    await until(async () => (await title(a)) === lost[0]?.value, 'the restored title');
    await converged([a, b], space);
    // Written again with both known, it lost to nobody and nobody lost to it.
    expect((await historyOf(a, one)).some((row) => row.key === 'title' && row.lost)).toBe(false);
  });
}

/** One script: three people do things at random while the network does too. */
const script = async (seed: number): Promise<void> => {
  const random = seededRandom(seed);
  const fleet = await createFleet(seed);
  const names = ['a', 'b', 'c'] as const;
  const kernels: KernelApi[] = [];
  for (const name of names) kernels.push(await fleet.tab(name, { direct: random.below(4) > 0 }));
  const [a] = kernels as [KernelApi];
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  const { id: channelId } = (await a.run('chat.createChannel', { spaceId: space, title: 'general' })) as { id: string };
  const { id: document } = (await a.run('editor.createDocument', { spaceId: space, title: 'Plan' })) as { id: string };
  await until(() => fleet.beacon.hosted().includes(space as never), 'hosted');
  const { url } = await a.invite(space, { role: 'member', uses: 5 });
  for (const kernel of kernels.slice(1)) await kernel.join(url, { timeoutMs: 30_000 });
  const documents = [document];
  const sent: string[] = [];
  const written: string[] = [];
  for (let step = 0; step < 30; step++) {
    const kernel = random.pick(kernels);
    const word = `${seed}-${step} `;
    switch (random.below(9)) {
      case 0:
        fleet.network.partition(
          random.pick([
            [],
            [['a'], ['b', 'c', 'beacon']],
            [
              ['a', 'b'],
              ['c', 'beacon'],
            ],
            [['a'], ['b'], ['c'], ['beacon']],
          ]),
        );
        break;
      case 1:
        await kernel.setOnline(random.below(2) === 0);
        break;
      case 2:
        // Every link of the beacon is lost, and comes back.
        fleet.network.setUp('ws://beacon/link', false);
        fleet.network.setUp('ws://beacon/link', true);
        break;
      case 3:
        await kernel.run('editor.rename', { documentId: document, title: word });
        break;
      case 4: {
        const { id } = (await kernel.run('editor.createDocument', { spaceId: space, title: word })) as { id: string };
        documents.push(id);
        break;
      }
      case 5: {
        const held = (await rowsOf(kernel, space)).map((row) => row.id);
        if (held.length > 1)
          await kernel.run('editor.move', { documentId: random.pick(held), parent: random.pick(held) }).catch(() => {});
        break;
      }
      case 6:
        await kernel.run('chat.send', { channelId, text: word });
        sent.push(word);
        break;
      default: {
        const text = await kernel.documentText(document);
        await kernel.insertText(document, random.below(text.length + 1), word);
        written.push(word);
      }
    }
  }
  fleet.network.partition([]);
  for (const kernel of kernels) await kernel.setOnline(true);
  await converged(kernels, space);
  for (const kernel of kernels) {
    const rows = (await kernel.query('chat.messages', { channelId, limit: 500 })) as readonly MessageRow[];
    expect(rows.map((row) => row.text).sort()).toEqual([...sent].sort());
    expect((await rowsOf(kernel, space)).map((row) => row.id).sort()).toEqual([...documents].sort());
    // Line breaks are of paragraphs that two began at once.
    const text = (await kernel.documentText(document)).replaceAll('\n', '');
    expect([...text].sort().join('')).toBe([...written.join('')].sort().join(''));
  }
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
};

test('[SY2] random work under a random network converges, seeds 1 to 10', async () => {
  fleet = await createFleet();
  const failed: string[] = [];
  const seeds = Array.from({ length: 10 }, (_, i) => i + 1);
  await Promise.all(seeds.map((seed) => script(seed).catch((fault) => void failed.push(`${seed}: ${fault?.message}`))));
  expect(failed).toEqual([]);
});

test('[SY2] without reconciliation the two would stay apart', async () => {
  const { a, b, space, channelId } = await pair();
  await a.setOnline(false);
  await unlinked(a);
  await a.run('chat.send', { channelId, text: 'never told' });
  // No link, so nothing to reconcile over: the other does not come to it by itself.
  expect(await a.stateHash(space)).not.toBe(await b.stateHash(space));
  expect(((await b.query('chat.messages', { channelId })) as readonly MessageRow[]).length).toBe(0);
});
