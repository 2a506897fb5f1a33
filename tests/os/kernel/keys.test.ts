/** Keys between whole kernels: single objects given to guests, rights that end, messages that wait for a new key. */
import { afterEach, expect, test } from 'vitest';
import type {
  ChannelRow,
  DocumentAnswer,
  DocumentRow,
  MemberRow,
  MessageRow,
  SpaceRow,
} from '../../../src/bridge/messages';
import type { PartName } from '../../../src/os/rights/keyring';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { memoryVault } from '../../../src/platform/memory/vault';
import type { Vault } from '../../../src/ports';
import { isSealed } from '../../../src/vm/op/entry';
import type { EpochId } from '../../../src/vm/op/ids';
import { leapingClock } from '../../support/clocks';
import { converged, createFleet, until } from '../../support/fleet';
import { decodeSegments } from '../../support/journal';
import { type Loot, opened } from '../../support/keepers';

let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(async () => {
  await fleet?.stop();
  expect(fleet?.faults ?? []).toEqual([]);
});

const lootIn = async (vault: Vault, space: string): Promise<Loot> => {
  const read = async <Name extends string>(kind: string) =>
    Promise.all(
      (await vault.list(`${kind}/${space}/`)).map(
        async (name) =>
          [name.slice(kind.length + space.length + 2) as Name, (await vault.get(name)) as Uint8Array] as const,
      ),
    );
  return { keys: new Map(await read<EpochId>('epoch')), parts: new Map(await read<PartName>('part')) };
};

for (const kind of ['open', 'asked'] as const) {
  test(`a guest of one document, by a link (${kind}), reads and is named there, and nothing else opens to them`, async () => {
    fleet = await createFleet();
    const storage = memoryStorage();
    const vault = memoryVault();
    const a = await fleet.tab('a', { storage });
    const m = await fleet.tab('m');
    const g = await fleet.tab('g', { vault });
    await a.setName('Anna');
    await g.setName('Gregor');
    const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
    await m.join((await a.invite(space, { role: 'member' })).url, { timeoutMs: 30_000 });
    const make = async (title: string) =>
      ((await a.run('editor.createDocument', { spaceId: space, title })) as { id: string }).id;
    const [shared, secret] = [await make('Plan'), await make('Secret')];
    await a.insertText(shared, 0, 'hello');
    await a.insertText(secret, 0, 'hidden');
    const { url } = await a.invite(space, { role: 'guest', within: [shared], confirm: kind === 'asked' });
    const joined = g.join(url, { timeoutMs: 60_000 });
    if (kind === 'asked') {
      const request = await until(async () => {
        const rows = (await a.query('os.requests', { spaceId: space })) as readonly { id: string }[];
        return rows[0];
      }, 'a request');
      await a.admit(space, (request as { id: string }).id);
    }
    await joined;
    expect(((await g.query('os.spaces', {})) as readonly SpaceRow[]).find(({ id }) => id === space)).toMatchObject({
      title: 'Team',
      role: 'guest',
    });
    const rows = () => g.query('editor.documents', { spaceId: space }) as Promise<readonly DocumentRow[]>;
    await until(async () => (await rows()).length === 1, 'the cover');
    expect(await rows()).toMatchObject([{ id: shared, title: 'Plan', kind: 'document', parent: null, depth: 0 }]);
    await until(async () => (await g.documentText(shared)) === 'hello', 'the text');
    expect(((await g.query('editor.document', { documentId: shared })) as DocumentAnswer).title).toBe('Plan');
    // What others call themselves, where they wrote; and the guest to them.
    const nameOf = async (by: typeof a, of: typeof a) => {
      const { userId } = await of.me();
      return ((await by.query('os.members', { spaceId: space })) as readonly MemberRow[]).find(
        (row) => row.userId === userId,
      )?.name;
    };
    await until(async () => (await nameOf(g, a)) === 'Anna', 'the name of who wrote');
    await until(async () => (await nameOf(a, g)) === 'Gregor', 'the name of the guest');

    // A new title, and a new key.
    let told: readonly DocumentRow[] = [];
    const stop = g.watch('editor.documents', { spaceId: space }, (answer) => {
      told = answer as readonly DocumentRow[];
    });
    await m.run('editor.rename', { documentId: shared, title: 'Plan B' });
    await a.run('os.renameSpace', { spaceId: space, title: 'The team' });
    await until(() => told[0]?.title === 'Plan B', 'the new title is told');
    await until(
      async () => ((await g.query('os.spaces', {})) as readonly SpaceRow[]).some(({ title }) => title === 'The team'),
      'the new title of the space',
    );
    stop();
    await a.remove(space, (await m.me()).userId);
    await a.insertText(shared, 5, ' again');
    await a.insertText(secret, 0, 'still ');
    await until(async () => (await g.documentText(shared)) === 'hello again', 'what is written under the new key');
    await expect(g.run('editor.rename', { documentId: shared, title: 'Mine' })).rejects.toBeTruthy();
    await expect(g.documentText(secret)).rejects.toBeTruthy();
    await expect(g.stateHash(space)).rejects.toMatchObject({ type: 'unreadable' });

    const entries = (await decodeSegments(storage, space)).filter(isSealed);
    const loot = await lootIn(vault, space);
    expect(loot.keys.size).toBe(0);
    const parts = new Set([...loot.parts.keys()].map((name) => name.slice(-32)));
    expect(parts.size).toBe(1);
    const elsewhere = entries.filter(({ header }) => !parts.has(header.shard));
    expect(elsewhere.length).toBeGreaterThan(4);
    expect(await opened(elsewhere, loot)).toBe(0);
    const there = entries.filter(({ header }) => parts.has(header.shard));
    expect(await opened(there, loot)).toBe(there.length);
  });
}

test('a guest of one channel reads and is told of it; when it is removed, so is it for them', async () => {
  fleet = await createFleet();
  const a = await fleet.tab('a');
  const g = await fleet.tab('g');
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  const channel = async (title: string) =>
    ((await a.run('chat.createChannel', { spaceId: space, title })) as { id: string }).id;
  const [open, closed] = [await channel('open'), await channel('closed')];
  await a.run('chat.send', { channelId: open, text: 'hello' });
  await a.run('chat.send', { channelId: closed, text: 'hidden' });
  await g.join((await a.invite(space, { role: 'guest', within: [open] })).url, { timeoutMs: 60_000 });
  const channels = async () => (await g.query('chat.channels', { spaceId: space })) as readonly ChannelRow[];
  await until(async () => (await channels()).length === 1, 'the channel');
  expect(await channels()).toMatchObject([{ id: open, title: 'open' }]);
  const texts = async () =>
    ((await g.query('chat.messages', { channelId: open })) as readonly MessageRow[]).map(({ text }) => text);
  await until(async () => (await texts()).length === 1, 'the message');
  // Widened to the other one.
  await a.grant(space, (await g.me()).userId, { role: 'guest', within: [open, closed] });
  await until(async () => (await channels()).length === 2, 'both channels');
  await a.run('chat.removeChannel', { channelId: open });
  await until(async () => (await channels()).every(({ id }) => id !== open), 'it is gone');
});

test('[T36] a temporary right ends by itself: a new key is made, and what follows is closed', async () => {
  const clock = leapingClock();
  fleet = await createFleet(1, { clock });
  const storage = memoryStorage();
  const vault = memoryVault();
  const a = await fleet.tab('a', { storage });
  const b = await fleet.tab('b', { vault });
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  await b.join((await a.invite(space, { role: 'member' })).url, { timeoutMs: 30_000 });
  await a.grant(space, (await b.me()).userId, { role: 'member', notAfter: clock.now() + 60_000 });
  const keys = async () => (await a.stats()).entriesHeld;
  expect(await keys()).toBeGreaterThan(0);
  const loot = (await until(async () => {
    const found = await lootIn(vault, space);
    return found.keys.size === 1 ? found : undefined;
  }, 'one key')) as Loot;
  await clock.leap(60_000);
  await until(async () => (await a.members(space)).length === 1, 'the right ends');
  const epochs = async () =>
    (await decodeSegments(storage, space)).filter(({ header }) => header.kind === 'epoch').length;
  await until(async () => (await epochs()) === 2, 'a new key');
  const before = new Set((await decodeSegments(storage, space)).map(({ id }) => id));
  const { id: channelId } = (await a.run('chat.createChannel', { spaceId: space, title: 'after' })) as { id: string };
  await a.run('chat.send', { channelId, text: 'closed' });
  const later = (await decodeSegments(storage, space)).filter((entry) => isSealed(entry) && !before.has(entry.id));
  expect(later.length).toBeGreaterThan(1);
  expect(await opened(later, loot)).toBe(0);
  expect(await opened(later, await lootIn(vault, space))).toBe(0);
});

test('[T37] partitioned, an Owner and an Admin each remove another; after the heal neither of the two reads what is written', async () => {
  fleet = await createFleet();
  const storage = memoryStorage();
  const vaults = { x: memoryVault(), y: memoryVault() };
  const a = await fleet.tab('a', { storage });
  const b = await fleet.tab('b');
  const x = await fleet.tab('x', { vault: vaults.x });
  const y = await fleet.tab('y', { vault: vaults.y });
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  const { url } = await a.invite(space, { role: 'member', uses: 5 });
  for (const tab of [b, x, y]) await tab.join(url, { timeoutMs: 30_000 });
  await a.setRole(space, (await b.me()).userId, 'admin');
  const { id: channelId } = (await a.run('chat.createChannel', { spaceId: space, title: 'all' })) as { id: string };
  await until(
    async () => ((await b.members(space)).find(({ role }) => role === 'admin') ? true : undefined),
    'an Admin',
  );
  await converged([a, b, x, y], space);
  fleet.network.partition([
    ['a', 'y'],
    ['b', 'x', 'beacon'],
  ]);
  await a.remove(space, (await x.me()).userId);
  await b.remove(space, (await y.me()).userId);
  const knows = async (vault: Vault) => (await lootIn(vault, space)).keys.size;
  await until(
    async () => (await knows(vaults.x)) === 2 && (await knows(vaults.y)) === 2,
    'each has the key of its side',
  );
  fleet.network.partition([]);
  await until(
    async () => (await a.members(space)).length === 2 && (await b.members(space)).length === 2,
    'both are out',
  );
  const before = new Set((await decodeSegments(storage, space)).map(({ id }) => id));
  for (let i = 0; i < 3; i++) await a.run('chat.send', { channelId, text: `secret ${i}` });
  await until(
    async () => ((await b.query('chat.messages', { channelId })) as readonly MessageRow[]).length === 3,
    'the Admin reads it',
  );
  const later = (await decodeSegments(storage, space)).filter((entry) => isSealed(entry) && !before.has(entry.id));
  // What waited for a new key goes out in one entry.
  expect(later.length).toBeGreaterThan(0);
  for (const vault of Object.values(vaults)) expect(await opened(later, await lootIn(vault, space))).toBe(0);
});
