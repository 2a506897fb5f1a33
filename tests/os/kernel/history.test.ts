/** The history of objects, their earlier states, bringing those back, and looking at a whole space as it was. */
import { afterEach, describe, expect, it } from 'vitest';
import { fromBase64Url } from '../../../src/base/bytes';
import type { DocumentRow, HistoryRow, KernelApi, MomentsAnswer, StateAnswer } from '../../../src/bridge/messages';
import { skewedClock } from '../../support/clocks';
import { createFleet, until } from '../../support/fleet';

let stop: () => Promise<void> = async () => {};
afterEach(() => stop());

/** `wait` sets the clock of the first tab on: what it does then is of a later moment. */
const start = async () => {
  const fleet = await createFleet();
  stop = () => fleet.stop();
  const clock = skewedClock();
  const a = await fleet.tab('a', { clock });
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  return { fleet, a, space, wait: clock.ahead };
};
const history = async (kernel: KernelApi, id: string, more = {}): Promise<readonly HistoryRow[]> =>
  (await kernel.query('os.history', { id, ...more })) as readonly HistoryRow[];
const stateAt = async (kernel: KernelApi, id: string, entry: string, more = {}): Promise<StateAnswer> =>
  (await kernel.query('os.stateAt', { id, entry, ...more })) as StateAnswer;
const titles = (rows: unknown): readonly string[] => (rows as readonly DocumentRow[]).map(({ title }) => title);
const asAt = (kernel: KernelApi, spaceId: string, at: number): Promise<unknown> =>
  kernel.query('os.asAt', { spaceId, at, name: 'editor.documents', args: { spaceId } });
describe('history of an object', () => {
  it('tells every change the newest first, with author, device, what it was before, and typing as one', async () => {
    const { a, space } = await start();
    const me = await a.me();
    const { id: folder = '' } = await a.run('editor.createFolder', { spaceId: space, title: 'Shelf' });
    const { id = '' } = await a.run('editor.createDocument', { spaceId: space, title: 'Plan' });
    await a.insertText(id, 0, 'one');
    await a.insertText(id, 3, ' two');
    await a.run('editor.rename', { documentId: id, title: 'Plan B' });
    await a.run('editor.move', { documentId: id, parent: folder });
    await a.run('editor.remove', { documentId: id });
    await a.run('os.restore', { id });
    const rows = await history(a, id);
    expect(rows.map(({ kind }) => kind)).toEqual([
      'restored',
      'deleted',
      'moved',
      'field',
      'text',
      'field',
      'moved',
      'created',
    ]);
    expect(rows[2]).toMatchObject({ target: { id: folder, title: 'Shelf', kind: 'folder' } });
    expect(rows[3]).toMatchObject({ key: 'title', before: 'Plan', value: 'Plan B' });
    expect(rows[4]).toMatchObject({ changes: 2, author: { userId: me.userId }, deviceId: me.deviceId });
    expect(rows[5]).not.toHaveProperty('before');
    const first = await history(a, id, { limit: 3 });
    expect(first).toEqual(rows.slice(0, 3));
    expect(await history(a, id, { limit: 3, before: first[2]?.id })).toEqual(rows.slice(3, 6));
  });

  it('[PA1] tells what it was at each change, and how that differs from now', async () => {
    const { a, space } = await start();
    const { id = '' } = await a.run('editor.createDocument', { spaceId: space, title: 'Plan' });
    await a.insertText(id, 0, 'one\ntwo');
    await a.run('editor.rename', { documentId: id, title: 'Plan B' });
    await a.deleteText(id, 0, 3);
    const rows = await history(a, id);
    const renamed = rows.find(({ key, value }) => key === 'title' && value === 'Plan B') as HistoryRow;
    const state = await stateAt(a, id, renamed.entry, { document: true });
    expect(state).toMatchObject({
      ready: true,
      made: true,
      text: 'one\ntwo',
      fields: { title: 'Plan B' },
      differs: ['text'],
    });
    expect(fromBase64Url(state.document ?? '')?.length).toBeGreaterThan(20);
    const made = rows.find(({ kind }) => kind === 'created') as HistoryRow;
    expect(await stateAt(a, id, made.entry)).toMatchObject({ text: '', fields: { title: 'Plan' } });
    expect(await a.query('os.stateAt', { id, at: 5 })).toMatchObject({ made: false });
  });

  it('restores an earlier state as a new change, and takes that back but for what others wrote since', async () => {
    const { fleet, a, space } = await start();
    const { id = '' } = await a.run('editor.createDocument', { spaceId: space, title: 'Plan' });
    await a.insertText(id, 0, 'first\nsecond');
    const [typed] = await history(a, id);
    await a.run('editor.rename', { documentId: id, title: 'Plan B' });
    await a.insertText(id, 5, ' line');
    await a.insertText(id, 17, ' line');
    const before = await history(a, id);
    const { step, done } = await a.run('os.restore', { id, entry: typed?.entry });
    expect(done).toBe('2');
    expect(await a.documentText(id)).toBe('first\nsecond');
    const after = await history(a, id);
    expect(after.map(({ entry }) => entry)).toEqual(expect.arrayContaining(before.slice(1).map(({ entry }) => entry)));

    const b = await fleet.tab('b');
    const { url } = await a.invite(space, { role: 'member' });
    await b.join(url, { timeoutMs: 30_000 });
    await until(async () => (await b.documentText(id)) === 'first\nsecond', 'the restored text at the other');
    await b.insertText(id, 0, 'The ');
    await until(async () => (await a.documentText(id)) === 'The first\nsecond', 'their word here');
    const { left } = await a.run('os.undo', { step });
    expect(JSON.parse(left ?? '')).toMatchObject([{ why: 'changed', key: 'text' }]);
    expect(await a.documentText(id)).toBe('The first\nsecond line');
    expect(fleet.faults).toEqual([]);
  });

  it('restores only what the person may write, and says what it left', async () => {
    const { fleet, a, space } = await start();
    const { id = '' } = await a.run('editor.createDocument', { spaceId: space, title: 'Plan' });
    const [, , made] = await history(a, id);
    await a.run('editor.rename', { documentId: id, title: 'Plan B' });
    const b = await fleet.tab('b');
    const { url } = await a.invite(space, { role: 'guest' });
    await b.join(url, { timeoutMs: 30_000 });
    await until(async () => (await history(b, id)).length === 4, 'the history at the Guest');
    expect(await stateAt(b, id, made?.entry ?? '')).toMatchObject({ differs: ['title'], mayRestore: false });
    await expect(b.run('os.restore', { id, entry: made?.entry })).rejects.toMatchObject({ type: 'notAllowed' });
    await a.run('os.restore', { id, entry: made?.entry, only: ['icon'] });
    expect((await stateAt(a, id, made?.entry ?? '')).fields.title).toBe('Plan');
    expect(await a.query('editor.document', { documentId: id })).toMatchObject({ title: 'Plan B' });
  });
});

describe('a space as it was', () => {
  it('[PA1] answers every query from then, and is dropped on leaving', async () => {
    const { a, space, wait } = await start();
    const { id = '' } = await a.run('editor.createDocument', { spaceId: space, title: 'Plan' });
    await a.insertText(id, 0, 'old words');
    const then = ((await a.query('os.moments', { spaceId: space })) as MomentsAnswer).to;
    wait(5_000);
    await a.run('editor.rename', { documentId: id, title: 'Plan B' });
    await a.insertText(id, 0, 'new and ');
    await a.run('editor.createDocument', { spaceId: space, title: 'Later' });
    await a.run('os.travel', { spaceId: space, at: then });
    expect(titles(await asAt(a, space, then))).toEqual(['Plan']);
    const query = (name: string, args: unknown) => a.query('os.asAt', { spaceId: space, at: then, name, args });
    expect(await query('editor.document', { documentId: id })).toMatchObject({ title: 'Plan', mayEdit: false });
    expect(await query('editor.blocks', { documentId: id })).toMatchObject([{ text: 'old words' }]);
    expect(((await query('os.history', { id })) as readonly unknown[]).length).toBe(4);
    const moments = (await a.query('os.moments', { spaceId: space })) as MomentsAnswer;
    expect([moments.from <= then, moments.to > then]).toEqual([true, true]);
    await expect(a.run('os.travel', { spaceId: space, at: 5 })).rejects.toMatchObject({ type: 'noMoment' });
    await a.run('os.returnToNow', { spaceId: space });
    expect(titles(await a.query('editor.documents', { spaceId: space }))).toEqual(['Plan B', 'Later']);
  });

  it('[PA2] takes in what comes late and is as old', async () => {
    const { fleet, a, space } = await start();
    await a.run('editor.createDocument', { spaceId: space, title: 'Plan' });
    const b = await fleet.tab('b');
    const { url } = await a.invite(space, { role: 'member' });
    await b.join(url, { timeoutMs: 30_000 });
    await until(
      async () => titles(await b.query('editor.documents', { spaceId: space })).length === 1,
      'the other is in',
    );
    await b.setOnline(false);
    await b.run('editor.createDocument', { spaceId: space, title: 'From afar' });
    // Whatever the other one's clock says, it was before this.
    const then = Date.now() + 1_000;
    await a.run('os.travel', { spaceId: space, at: then });
    const seen: (readonly string[])[] = [];
    const end = a.watch(
      'os.asAt',
      { spaceId: space, at: then, name: 'editor.documents', args: { spaceId: space } },
      (rows) => seen.push(titles(rows)),
    );
    expect(seen).toEqual([['Plan']]);
    await b.setOnline(true);
    await until(() => seen.at(-1)?.includes('From afar'), 'the late document, then');
    end();
    expect(fleet.faults).toEqual([]);
  });
});
