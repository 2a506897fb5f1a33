/** Search over real kernels: what a person may read is found as soon as it is there, and nothing else is. */
import { afterEach, describe, expect, it } from 'vitest';
import type { BacklinksAnswer, KernelApi, SearchAnswer, SearchRow } from '../../../src/bridge/messages';
import { Search } from '../../../src/os/kernel/search';
import { findIn } from '../../../src/os/search/find';
import { readQuestion } from '../../../src/os/search/question';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { memoryVault } from '../../../src/platform/memory/vault';
import type { ChangeSet, FoldEntry } from '../../../src/vm/graph/engine';
import { outlineShardOf } from '../../../src/vm/op/ids';
import { createFleet, until } from '../../support/fleet';
import { createReplica, idOf, registry, SPACE, ticking } from '../../support/view';

let fleet: Awaited<ReturnType<typeof createFleet>> | undefined;
afterEach(async () => {
  await fleet?.stop();
  fleet = undefined;
});

const search = async (kernel: KernelApi, text: string, more: object = {}): Promise<readonly SearchRow[]> =>
  ((await kernel.query('os.search', { text, ...more })) as SearchAnswer).rows;
const ids = async (kernel: KernelApi, text: string, more: object = {}): Promise<readonly string[]> =>
  (await search(kernel, text, more)).map((row) => row.id);

const setUp = async () => {
  fleet = await createFleet(11);
  const kept = { storage: memoryStorage(), vault: memoryVault() };
  const ada = await fleet.tab('ada', kept);
  await ada.setName('Ада Лавлейс');
  const { id: spaceId } = await ada.createSpace({ title: 'Полевая команда', kind: 'team' });
  const make = async (name: string, args: object): Promise<string> => (await ada.run(name, args)).id as string;
  const general = await make('chat.createChannel', { spaceId, title: 'Общий' });
  const secret = await make('chat.createChannel', { spaceId, title: 'Бюджет' });
  const task = await make('chat.send', { channelId: general, text: 'Возьмите задачу про **вездеход**' });
  const hidden = await make('chat.send', { channelId: secret, text: 'Задача: сократить вездеходы' });
  const plan = await make('editor.createDocument', { spaceId, title: 'План похода' });
  await ada.insertText(plan, 0, 'Сначала палатки\nПотом вездеход и лодки\nThe boats are rented');
  return { kept, ada, spaceId, general, secret, task, hidden, plan };
};

describe('search', () => {
  it('[SX1] finds at once what was written, changed and taken away, and opens at its place', async () => {
    const { ada, spaceId, general, task, hidden, plan } = await setUp();
    expect([...(await ids(ada, 'задачи'))].sort()).toEqual([task, hidden].sort());
    const [row] = await search(ada, 'задачи в:общий');
    expect(row).toMatchObject({
      id: task,
      spaceId,
      objectId: task,
      app: 'chat',
      type: 'message',
      author: { name: 'Ада Лавлейс' },
      place: { id: general, title: 'Общий', type: 'channel' },
      line: null,
    });
    expect(row?.ranges.map(([from, to]) => row.snippet.slice(from, to))).toEqual(['задачу']);
    expect(row?.snippet).toBe('Возьмите задачу про вездеход');
    const [document] = await search(ada, 'лодка boat');
    expect(document).toMatchObject({ id: plan, type: 'document', title: 'План похода', line: 1 });

    await ada.run('chat.edit', { messageId: task, text: 'Возьмите палатку' });
    expect(await ids(ada, 'задачи')).toEqual([hidden]);
    expect([...(await ids(ada, 'палатка'))].sort()).toEqual([task, plan].sort());
    await ada.run('chat.remove', { messageId: task });
    expect(await ids(ada, 'палатка')).toEqual([plan]);
    await ada.run('chat.restore', { messageId: task });
    expect(await ids(ada, 'палатка type:сообщение')).toEqual([task]);
    await ada.run('editor.remove', { documentId: plan });
    expect(await ids(ada, 'палатка')).toEqual([task]);
    await ada.run('os.erase', { objectId: hidden });
    expect(await ids(ada, 'задачи')).toEqual([]);
    await ada.run('chat.removeChannel', { channelId: general });
    expect(await ids(ada, 'палатка')).toEqual([]);
  });

  it('narrows by person, place, kind, application and day, in words and in arguments', async () => {
    const { ada, spaceId, general, secret, task, hidden, plan } = await setUp();
    const { userId } = await ada.me();
    const comment = (await ada.run('comments.add', { objectId: task, text: 'вездеход сломан' })).id as string;
    const all = [task, hidden, plan, comment];
    for (const [text, more, found] of [
      ['вездеход', {}, all],
      ['вездеход from:me', {}, all],
      ['вездеход от:ада', {}, all],
      ['вездеход from:bob', {}, []],
      ['вездеход in:бюджет', {}, [hidden]],
      ['вездеход in:"полевая команда"', {}, all],
      ['вездеход type:document', {}, [plan]],
      ['вездеход тип:комментарии', {}, [comment]],
      ['вездеход app:editor', {}, [plan]],
      ['вездеход приложение:чат', {}, [task, hidden]],
      ['вездеход app:nothing', {}, []],
      ['вездеход after:today', {}, all],
      ['вездеход before:today', {}, []],
      ['вездеход', { within: general }, [task, comment]],
      ['вездеход', { app: 'chat' }, [task, hidden]],
      ['вездеход', { type: 'comment', author: userId, spaceId }, [comment]],
      ['', { within: secret, type: 'message' }, [hidden]],
      ['', {}, []],
    ] as const)
      expect([...(await ids(ada, text, more))].sort(), `${text} ${JSON.stringify(more)}`).toEqual([...found].sort());
    const [said] = await search(ada, 'сломан');
    expect(said).toMatchObject({ objectId: task, place: { id: general } });
  });

  it('finds for each person what they may read, hides whom they block, and tells watchers', async () => {
    const { ada, spaceId, general, task, plan } = await setUp();
    const bob = await (fleet as NonNullable<typeof fleet>).tab('bob');
    const { url } = await ada.invite(spaceId, { role: 'guest', within: [general] });
    await bob.join(url);
    await until(async () => (await ids(bob, 'вездеход')).includes(task), 'the message of the shared channel');
    expect(await ids(bob, 'вездеход')).toEqual([task]);
    expect(await ids(bob, 'бюджет')).toEqual([]);
    expect(await ids(bob, 'план')).toEqual([]);

    const seen: (readonly string[])[] = [];
    const stop = bob.watch('os.search', { text: 'лодки' }, (answer) =>
      seen.push((answer as SearchAnswer).rows.map((row) => row.id)),
    );
    const { id: later } = await ada.run('chat.send', { channelId: general, text: 'Лодка ждёт' });
    await until(() => seen.at(-1)?.[0] === later, 'the watch');
    stop();
    await bob.run('os.block', { userId: (await ada.me()).userId });
    expect(await ids(bob, 'вездеход')).toEqual([]);
    expect(await ids(ada, 'лодки')).toContain(plan);
    expect((await bob.stats()).searchObjects).toBeGreaterThan(0);
  });

  it('is whole again after a restart, and says so while it is not', async () => {
    const { kept, ada, general, task } = await setUp();
    for (let i = 0; i < 33; i++)
      await Promise.all([1, 2].map((n) => ada.run('chat.send', { channelId: general, text: `запись ${i} ${n}` })));
    (fleet as NonNullable<typeof fleet>).abandon(ada);
    const again = await (fleet as NonNullable<typeof fleet>).tab('ada again', kept);
    const first = (await again.query('os.search', { text: 'запись' })) as SearchAnswer;
    expect(first.indexing?.total).toBeGreaterThan(66);
    const whole = await until(async () => {
      const answer = (await again.query('os.search', { text: 'запись', limit: 100 })) as SearchAnswer;
      return answer.indexing === null ? answer : undefined;
    }, 'all is indexed');
    expect(whole?.rows).toHaveLength(66);
    expect(await ids(again, 'вездеход type:message in:общий')).toEqual([task]);
    const page = (await again.query('os.search', { text: 'запись', limit: 30, skip: 60 })) as SearchAnswer;
    expect([page.rows.length, page.more]).toEqual([6, false]);
  });
});

describe('the feed of the index', () => {
  /** A graph in memory, and a clock that stands until it is told to go on. */
  const fed = () => {
    const due: (() => void)[] = [];
    const rests: number[] = [];
    const after = (ms: number, run: () => void): (() => void) => {
      rests.push(ms);
      due.push(run);
      return () => void due.splice(0);
    };
    let told = 0;
    const calm = { inMs: 0 };
    const replica = createReplica({ name: 'Ann', clock: ticking(), changed: (_space, changes) => folded(changes) });
    const space = () => ({
      id: SPACE,
      replica: { engine: replica.view.graph(SPACE), outline: outlineShardOf(SPACE), readable: true },
    });
    const search = new Search(
      { ports: { clock: { now: () => 0, after } }, registry, kind: 'tab', calm } as never,
      () => new Map([[SPACE, space()]]) as never,
      () => told++,
    );
    const folded = (changes: ChangeSet): void => search.folded(space() as never, changes);
    const tick = (): boolean => {
      const run = due.shift();
      run?.();
      return run !== undefined;
    };
    return { replica, search, tick, due, calm, rests, told: () => told };
  };
  const fill = ({ replica }: ReturnType<typeof fed>, n: number): readonly FoldEntry[] => {
    const channelId = idOf(replica.run('chat.createChannel', { spaceId: SPACE, title: 'general' }));
    const writer = replica.writer();
    for (let i = 0; i < n; i++)
      writer.create(SPACE, 'Message', { text: `слово${i} ${'план '.repeat(12)}` }, { container: channelId });
    const entries = replica.seal(SPACE, writer.drafts().get(SPACE) ?? []);
    replica.admit(entries);
    return entries;
  };

  it('[SX2] works in slices after a start, says how far it is, and rests when it is done', () => {
    const all = fed();
    fill(all, 1_000);
    expect([all.search.index.size, all.due.length]).toEqual([0, 0]);
    all.search.start();
    let slices = 0;
    for (let before = 0; all.tick(); slices++) {
      const { size } = all.search.index;
      expect(size - before).toBeLessThan(400);
      // The one that is being taken in is neither due nor done.
      if (size < 900) expect([size, size + 1]).toContain(all.search.progress?.done);
      // What is in by then is found.
      const asking = { accepts: () => true, weigh: () => 1, now: 0, limit: 2_000 };
      const found = findIn(all.search.index, readQuestion('план', { now: 0, offset: 0 }), asking);
      expect([size, size - 1]).toContain(found.length);
      before = size;
    }
    expect(slices).toBeGreaterThan(4);
    expect([all.search.index.size, all.search.progress, all.due.length]).toEqual([1_001, null, 0]);
    expect(all.search.index.segments).toBeLessThan(4);
    expect(all.told()).toBeLessThan(slices);

    all.search.stop();
    fill(all, 1);
    expect(all.due).toEqual([]);
  });

  it('[GW1] goes on in smaller slices with longer rests while somebody is at work, and never stops', () => {
    const all = fed();
    fill(all, 1_000);
    all.search.start();
    all.tick();
    const free = all.search.index.size;
    const rest = all.rests.at(-1) as number;
    all.calm.inMs = 2_000;
    all.tick();
    const given = all.search.index.size - free;
    expect(given).toBeGreaterThan(0);
    expect(given).toBeLessThan(free / 2);
    expect(all.rests.at(-1)).toBeGreaterThan(rest);
    while (all.tick());
    expect(all.search.progress).toBeNull();
    expect(all.search.index.size).toBe(1_001);
  });

  it('[SX1] drops what is not in a graph that was built anew, and finds a place that comes after what lies in it', () => {
    const all = fed();
    const said = fill(all, 3);
    const channel = all.replica.held.find((entry) => !said.includes(entry)) as FoldEntry;
    all.search.refresh();
    expect(all.search.index.size).toBe(4);
    all.replica.reload([channel]);
    all.search.refresh();
    expect([...all.search.index.ids()]).toHaveLength(1);

    const late = fed();
    late.replica.admit(said);
    late.search.refresh();
    expect(late.search.index.size).toBe(0);
    late.replica.admit([channel]);
    late.search.refresh();
    expect(late.search.index.size).toBe(4);
  });

  it('tells what points to an object: answers and links, each once, the newest first; not what was removed, nor comments', async () => {
    const { ada, general, task, plan } = await setUp();
    const pointing = async (id: string): Promise<readonly string[]> =>
      ((await ada.query('os.backlinks', { id })) as BacklinksAnswer).rows.map((row) => row.id);
    expect(await pointing(task)).toEqual([]);
    const answer = (await ada.run('chat.send', { channelId: general, text: 'Беру', replyTo: task })).id as string;
    const link = (await ada.run('chat.send', { channelId: general, text: `См. http://a/#/s/x/d/${plan} и ${task}` }))
      .id;
    await ada.run('comments.add', { objectId: task, text: 'Когда?' });
    expect(await pointing(task)).toEqual([link, answer]);
    expect(await pointing(plan)).toEqual([link]);
    await ada.run('chat.remove', { messageId: answer });
    await ada.run('chat.edit', { messageId: link, text: 'Ничего' });
    expect([await pointing(task), await pointing(plan)]).toEqual([[], []]);
  });
});
