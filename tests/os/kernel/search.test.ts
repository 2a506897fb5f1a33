/** Search over real kernels: what a person may read is found as soon as it is there, and nothing else is. */
import { afterEach, describe, expect, it } from 'vitest';
import type { KernelApi, SearchAnswer, SearchRow } from '../../../src/bridge/messages';
import { memoryStorage } from '../../../src/platform/memory/storage';
import { memoryVault } from '../../../src/platform/memory/vault';
import { createFleet, until } from '../../support/fleet';

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
