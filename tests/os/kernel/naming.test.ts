/** Names over real kernels: what is offered to be named, and what a reference is called today. */
import { afterEach, describe, expect, it } from 'vitest';
import type { KernelApi, MemberRow, NamedAnswer, NameRow, PlaceRow, SearchAnswer } from '../../../src/bridge/messages';
import { Calm } from '../../../src/os/kernel/calm';
import type { Space } from '../../../src/os/kernel/space';
import { Titles } from '../../../src/os/kernel/titles';
import { virtualClock } from '../../../src/platform/memory/clock';
import type { Ports } from '../../../src/ports';
import { outlineShardOf, type SpaceId } from '../../../src/vm/op/ids';
import { createFleet, until } from '../../support/fleet';
import { createReplica, registry, SPACE } from '../../support/view';

let fleet: Awaited<ReturnType<typeof createFleet>> | undefined;
afterEach(async () => {
  await fleet?.stop();
  fleet = undefined;
});

/** On virtual time, where nobody is at work. */
const idle = () => {
  const clock = virtualClock(1_000);
  const ports = { clock, log: () => {} } as unknown as Ports;
  return { clock, context: { ports, registry, calm: new Calm(clock) } };
};
const none = (): ReadonlyMap<SpaceId, Space> => new Map();

const setUp = async () => {
  fleet = await createFleet(12);
  const ada = await fleet.tab('ada');
  await ada.setName('Ada');
  const { id: spaceId } = await ada.createSpace({ title: 'Team', kind: 'team' });
  const make = async (name: string, args: object): Promise<string> => (await ada.run(name, args)).id as string;
  const channelId = await make('chat.createChannel', { spaceId, title: 'Field trips' });
  const plan = await make('editor.createDocument', { spaceId, title: 'Trip plan' });
  const message = await make('chat.send', { channelId, text: 'The **boat** is [Trip plan](lgos:node/0) ready' });
  return { ada, spaceId, channelId, plan, message };
};
const offered = async (kernel: KernelApi, spaceId: string, text: string, kind?: string): Promise<readonly string[]> =>
  ((await kernel.query('os.candidates', { spaceId, text, ...(kind ? { kind } : {}) })) as readonly NameRow[]).map(
    ({ id }) => id,
  );
const named = (kernel: KernelApi, spaceId: string, id: string) =>
  kernel.query('os.named', { spaceId, id }) as Promise<NamedAnswer | null>;

describe('names', () => {
  it('offers what has a title by its words, messages by theirs, and what was removed not at all', async () => {
    const { ada, spaceId, channelId, plan, message } = await setUp();
    expect([...(await offered(ada, spaceId, 'trip'))].sort()).toEqual([channelId, plan].sort());
    expect(await offered(ada, spaceId, 'pl', 'title')).toEqual([plan]);
    expect(await offered(ada, spaceId, 'boat')).toEqual([]);
    expect(await offered(ada, spaceId, 'boat', 'object')).toEqual([message]);
    await ada.run('editor.remove', { documentId: plan });
    expect(await offered(ada, spaceId, 'pl', 'title')).toEqual([]);
  });

  it('finds whoever has no name by the word that the asking page has for it, and by their id', async () => {
    const { ada, spaceId } = await setUp();
    const bob = await (fleet as NonNullable<typeof fleet>).tab('bob');
    await bob.join((await ada.invite(spaceId, { role: 'member', uses: 1 })).url);
    const { userId, name } = await bob.me();
    expect(name).toBe('');
    const asks = async (text: string) =>
      ((await ada.query('os.candidates', { spaceId, text, nameless: 'Новичок' })) as readonly NameRow[]).map(
        ({ id }) => id,
      );
    await until(async () => (await asks('новичок')).includes(userId), 'by the word');
    expect(await asks(userId.slice(0, 3))).toEqual([userId]);
    expect(await offered(ada, spaceId, 'newcomer')).toEqual([]);
    const members = async (asked: object) =>
      ((await ada.query('os.members', { spaceId, nameless: 'Новичок', ...asked })) as MemberRow[]).map(({ id }) => id);
    const { userId: own } = await ada.me();
    expect(await members({ text: 'нович' })).toEqual([userId]);
    // An id may have these letters as well.
    expect((await members({ text: 'AD' })).filter((id) => id !== userId)).toEqual([own]);
    expect(await members({ text: '', limit: 1 })).toHaveLength(1);
    expect(await members({})).toEqual([own, userId]);
    const { id: channelId } = await bob.run('chat.createChannel', { spaceId, title: 'Harbour' });
    await bob.run('chat.send', { channelId: channelId as string, text: 'A lighthouse' });
    const from = async (text: string) =>
      ((await ada.query('os.search', { text, nameless: 'Новичок' })) as SearchAnswer).rows.length;
    await until(async () => (await from('lighthouse from:новичок')) === 1, 'the message');
    expect(await from('lighthouse from:newcomer')).toBe(0);
  });

  it("tells today's name, where it lies and whether it is gone; of strangers nothing", async () => {
    const { ada, spaceId, channelId, plan, message } = await setUp();
    await ada.run('editor.rename', { documentId: plan, title: 'Plan B' });
    expect(await named(ada, spaceId, plan)).toMatchObject({ kind: 'object', type: 'document', title: 'Plan B' });
    expect(await named(ada, spaceId, message)).toMatchObject({
      type: 'message',
      place: { id: channelId, type: 'channel' },
      author: { name: 'Ada' },
      removed: false,
    });
    await ada.run('chat.remove', { messageId: message });
    expect(await named(ada, spaceId, message)).toMatchObject({ title: '', removed: true });
    const { userId } = await ada.me();
    expect(await named(ada, spaceId, userId)).toMatchObject({ kind: 'person', name: 'Ada', you: true, member: true });
    expect(await named(ada, spaceId, 'f'.repeat(32))).toBeNull();
    expect(await ada.query('os.card', { spaceId, id: 'f'.repeat(32) })).toBeNull();
    await ada.insertText(plan, 0, 'First line\nsecond');
    expect(await ada.query('os.card', { spaceId, id: plan })).toMatchObject({
      object: { type: 'document', title: 'Plan B' },
      by: { name: 'Ada' },
      text: 'First line\nsecond',
    });
    expect(await ada.query('os.card', { spaceId, id: message })).toMatchObject({ object: { removed: true }, text: '' });
    expect(await named(ada, spaceId, 'f'.repeat(64))).toMatchObject({ kind: 'person', member: false });
  });
});

describe('titles', () => {
  const titled = async (kernel: KernelApi, text: string, more: object = {}): Promise<readonly string[]> =>
    ((await kernel.query('os.titles', { text, ...more })) as readonly PlaceRow[]).map(({ title }) => title);

  it('give the names that fit best of all spaces, where somebody was last first, then what was changed last', async () => {
    const { ada, spaceId, channelId } = await setUp();
    const other = await ada.createSpace({ title: 'Other', kind: 'team' });
    const make = async (title: string, to: string): Promise<string> =>
      (await ada.run('editor.createDocument', { spaceId: to, title })).id as string;
    const first = await make('Notes on trips', other.id);
    const later = await make('Notes on tides', spaceId);
    expect(await titled(ada, 'TRIP')).toEqual(['Field trips', 'Trip plan', 'Notes on trips']);
    expect(await titled(ada, 'notes')).toEqual(['Notes on tides', 'Notes on trips']);
    await ada.run('os.visited', { id: first });
    expect(await titled(ada, 'notes')).toEqual(['Notes on trips', 'Notes on tides']);
    await ada.run('editor.rename', { documentId: later, title: 'Trip tides' });
    expect(await titled(ada, 'trip', { kind: 'document' })).toEqual(['Trip tides', 'Trip plan', 'Notes on trips']);
    await ada.run('editor.remove', { documentId: later });
    await make('', spaceId);
    expect(await titled(ada, 'unt', { untitled: 'Untitled' })).toEqual(['']);
    expect(await titled(ada, 'tides')).toEqual([]);
    await ada.run('editor.restore', { documentId: later });
    expect(await titled(ada, 'tides')).toEqual(['Trip tides']);
    await ada.run('chat.removeChannel', { channelId });
    expect(await titled(ada, 'field')).toEqual([]);
  });

  it('are told anew when something is called otherwise, and not for what is written in it', async () => {
    const { ada, plan } = await setUp();
    const told: (readonly string[])[] = [];
    const stop = ada.watch('os.titles', { text: 'plan' }, (rows) =>
      told.push((rows as readonly PlaceRow[]).map(({ title }) => title)),
    );
    await ada.run('editor.rename', { documentId: plan, title: 'Planes' });
    await until(() => told.at(-1)?.[0] === 'Planes');
    expect(told).toEqual([['Trip plan'], ['Planes']]);
    stop();
  });

  it('touch who looks for them when a name is another, new or gone, and for nothing else', () => {
    let touches = 0;
    const titles = new Titles(idle().context, none, () => touches++);
    const held = (id: SpaceId) =>
      ({ id, replica: { engine: ada.view.graph(id), outline: outlineShardOf(id) } }) as Space;
    const ada = createReplica({
      name: 'Ada',
      clock: () => 1_700_000_000_000,
      changed: (id, changes) => titles.folded(held(id), changes),
    });
    const run = (name: string, args: object): string => {
      touches = 0;
      const done = ada.run(name, args);
      if (!done.ok) throw new Error(done.error.message);
      return done.value.id as string;
    };
    const named = (): readonly string[] => [...titles.of(held(SPACE))].map(({ row }) => row.title);
    expect(named()).toEqual([]);
    const channelId = run('chat.createChannel', { spaceId: SPACE, title: 'all' });
    expect([touches, named()]).toEqual([1, ['all']]);
    run('chat.send', { channelId, text: 'what is called so?' });
    run('chat.setTopic', { channelId, topic: 'names' });
    expect(touches).toBe(0);
    run('chat.renameChannel', { channelId, title: 'everybody' });
    expect([touches, named()]).toEqual([1, ['everybody']]);
    run('chat.removeChannel', { channelId });
    expect([touches, named()]).toEqual([1, []]);
  });

  it('[GW1] are made after a start while nobody is at work, and are whole for whoever asks before', async () => {
    const { clock, context } = idle();
    const ada = createReplica({ name: 'Ada', clock: () => 1_700_000_000_000 });
    const names = Array.from({ length: 130 }, (_, i) => `channel ${i}`);
    for (const title of names) ada.run('chat.createChannel', { spaceId: SPACE, title });
    const space = {
      id: SPACE,
      replica: { engine: ada.view.graph(SPACE), outline: outlineShardOf(SPACE), readable: true },
    };
    const held = space as unknown as Space;
    const made = (): Titles =>
      new Titles(
        context,
        () => new Map([[SPACE, held]]),
        () => {},
      );
    const titles = made();
    titles.start();
    for (let key = 0; key < 50; key++) {
      context.calm.stirred();
      await clock.advance(100);
    }
    expect(titles.due(held)).toBe(130);
    await clock.advance(60_000);
    expect(titles.due(held)).toBe(0);
    titles.stop();

    const asked = made();
    asked.start();
    expect([...asked.of(held)].map(({ row }) => row.title).sort()).toEqual([...names].sort());
    asked.stop();
    const stopped = made();
    stopped.start();
    stopped.stop();
    await clock.advance(60_000);
    expect(stopped.due(held)).toBe(130);
  });
});
