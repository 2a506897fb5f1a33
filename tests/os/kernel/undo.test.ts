/** Undo and redo of a running kernel: by page, by step, and beside other people. */
import { afterEach, describe, expect, it } from 'vitest';
import type { DocumentAnswer, KernelApi, UndoAnswer, UndoLeft } from '../../../src/bridge/messages';
import { MAX_STEPS } from '../../../src/os/kernel/undoing';
import { createFleet, until } from '../../support/fleet';

let stop: () => Promise<void> = async () => {};
afterEach(() => stop());

const start = async () => {
  const fleet = await createFleet();
  stop = () => fleet.stop();
  const a = await fleet.tab('a');
  const { id: space } = await a.createSpace({ title: 'Team', kind: 'team' });
  return { fleet, a, space };
};
const titleOf = async (kernel: KernelApi, documentId: string): Promise<string | undefined> => {
  const document = (await kernel.query('editor.document', { documentId })) as DocumentAnswer | null;
  return document?.deleted ? undefined : document?.title;
};
const undoable = async (kernel: KernelApi, session = ''): Promise<UndoAnswer> =>
  (await kernel.query('os.undoable', { session })) as UndoAnswer;

describe('undo of a kernel', () => {
  it('[UN1] takes steps back the last first, does them again, and says which is next', async () => {
    const { a, space } = await start();
    const { id = '' } = await a.run('editor.createDocument', { spaceId: space, title: 'Plan' });
    await a.run('editor.rename', { documentId: id, title: 'Plan B' });
    await a.run('editor.remove', { documentId: id });
    expect((await undoable(a)).undo).toMatchObject({ did: 'deleted', object: { title: 'Plan B', kind: 'document' } });
    await a.run('os.undo', {});
    expect(await titleOf(a, id)).toBe('Plan B');
    await a.run('os.undo', {});
    expect(await titleOf(a, id)).toBe('Plan');
    expect((await undoable(a)).redo).toMatchObject({ did: 'field', key: 'title' });
    await a.run('os.redo', {});
    expect(await titleOf(a, id)).toBe('Plan B');
    // What is done anew ends what could be done again.
    await a.run('editor.rename', { documentId: id, title: 'Plan C' });
    expect((await undoable(a)).redo).toBeNull();
    await expect(a.run('os.redo', {})).rejects.toMatchObject({ type: 'nothingToRedo' });
  });

  it('[UN1] each page has its own steps, and a step is taken back by its name', async () => {
    const { a, space } = await start();
    const { id = '', step } = await a.run('editor.createDocument', { spaceId: space, title: 'Plan' }, 'one');
    await a.run('editor.createDocument', { spaceId: space, title: 'Other' }, 'one');
    await expect(a.run('os.undo', {}, 'two')).rejects.toMatchObject({ type: 'nothingToUndo' });
    await a.run('os.undo', { step }, 'one');
    expect(await titleOf(a, id)).toBeUndefined();
    expect((await undoable(a, 'one')).undo).toMatchObject({ object: { title: 'Other' } });
    // Settings are no steps.
    await a.run('os.saveDraft', { key: 'x', text: 'half' }, 'three');
    expect(await undoable(a, 'three')).toEqual({ undo: null, redo: null });
  });

  it('[UN4] says what somebody changed meanwhile, keeps it, and takes the rest back', async () => {
    const { fleet, a, space } = await start();
    const { id = '', step } = await a.run('editor.createDocument', { spaceId: space, title: 'Plan' });
    const b = await fleet.tab('b');
    const { url } = await a.invite(space, { role: 'member' });
    await b.join(url, { timeoutMs: 30_000 });
    await until(async () => (await titleOf(b, id)) === 'Plan', 'the document at the other');
    await a.run('editor.rename', { documentId: id, title: 'Plan B' });
    await until(async () => (await titleOf(b, id)) === 'Plan B', 'the new title at the other');
    await b.run('editor.rename', { documentId: id, title: 'Plan of Boris' });
    await until(async () => (await titleOf(a, id)) === 'Plan of Boris', 'their title here');
    const { done, left } = await a.run('os.undo', {});
    expect(done).toBe('0');
    expect(JSON.parse(left ?? '') as UndoLeft[]).toMatchObject([{ why: 'changed', key: 'title', object: { id } }]);
    expect(await titleOf(a, id)).toBe('Plan of Boris');
    const made = await a.run('os.undo', { step });
    expect(JSON.parse(made.left ?? '')).toMatchObject([{ why: 'worked' }]);
    expect(await titleOf(a, id)).toBe('Plan of Boris');
    expect(fleet.faults).toEqual([]);
  });

  it('[UN1] keeps a bounded number of steps, the last ones', async () => {
    const { a, space } = await start();
    const { id = '' } = await a.run('editor.createDocument', { spaceId: space, title: 't' });
    await Promise.all(
      Array.from({ length: MAX_STEPS + 5 }, (_, i) => a.run('editor.setIcon', { documentId: id, icon: `i${i}` })),
    );
    let undone = 0;
    while ((await undoable(a)).undo) {
      await a.run('os.undo', {});
      undone++;
    }
    expect(undone).toBe(MAX_STEPS);
    expect(await titleOf(a, id)).toBe('t');
  });
});
