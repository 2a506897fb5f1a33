import { afterEach, describe, expect, test } from 'vitest';
import { applySplices } from '../../../src/base/splice';
import type { FoundRow, GroupRow, Refusal, RowsEdit } from '../../../src/bridge/messages';
import { createFleet, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>>;
afterEach(async () => {
  await fleet.stop();
  expect(fleet.faults).toEqual([]);
});

describe('os.find', () => {
  test('asks any question of a space, once and live, and tells each change as an edit of its rows', async () => {
    fleet = await createFleet();
    const a = await fleet.tab('a', { beacon: false });
    const { id: spaceId } = await a.createSpace({ title: 'Team', kind: 'team' });
    const make = (title: string, parent?: string) =>
      a.run('editor.createDocument', { spaceId, title, ...(parent ? { parent } : {}) });
    const { id: folder } = await a.run('editor.createFolder', { spaceId, title: 'Plans' });
    const { id: inner } = await a.run('editor.createFolder', { spaceId, title: 'Old plans', parent: folder });
    await make('Alpha', folder);
    const { id: beta } = await make('beta', inner);
    await make('Gamma');
    const question = { spaceId, type: 'Document', where: { under: folder }, order: [{ by: 'title' }] };
    const titles = (rows: unknown) => (rows as FoundRow[]).map(({ fields }) => fields.title);
    expect(titles(await a.query('os.find', question))).toEqual(['Alpha', 'beta']);
    const grouped = await a.query('os.find', { spaceId, type: ['Document', 'Folder'], group: '@parent' });
    expect((grouped as GroupRow[])[0]).toMatchObject({ id: 'null', value: null });
    const groups = new Map((grouped as GroupRow[]).map(({ value, count }) => [value, count]));
    expect([groups.get(folder), groups.get(inner), groups.size]).toEqual([2, 1, 3]);

    const answers: unknown[] = [];
    const edits: (RowsEdit | undefined)[] = [];
    const counts: unknown[] = [];
    const stop = a.watch('os.find', question, (answer, edit) => {
      answers.push(answer);
      edits.push(edit);
    });
    a.watch('os.find', { spaceId, type: 'Document', where: { under: folder }, count: true }, (it) => counts.push(it));
    expect([titles(answers[0]), edits, counts]).toEqual([['Alpha', 'beta'], [undefined], [{ count: 2 }]]);
    await a.run('editor.rename', { documentId: beta, title: 'Aardvark' });
    await until(() => answers.length === 2, 'the rename');
    expect(titles(answers[1])).toEqual(['Aardvark', 'Alpha']);
    expect(applySplices(answers[0] as unknown[], edits[1] as never)).toEqual(answers[1]);
    expect((answers[1] as unknown[])[1]).toBe((answers[0] as unknown[])[0]);
    // What stands in a folder goes with it.
    await a.run('editor.move', { documentId: inner });
    await until(() => counts.length === 2, 'the move');
    expect(counts[1]).toEqual({ count: 1 });
    expect(titles(answers.at(-1))).toEqual(['Alpha']);
    stop();
  });

  test('is refused where the question is bad, and knows no types of the system', async () => {
    fleet = await createFleet();
    const a = await fleet.tab('a', { beacon: false });
    const { id: spaceId } = await a.createSpace({ title: 'Team', kind: 'team' });
    const why = (question: object) =>
      a.query('os.find', { spaceId, ...question }).then(
        () => 'answered',
        (refusal: Refusal) => `${refusal.type}: ${refusal.message}`,
      );
    expect(await why({ type: 'Report' })).toMatch(
      /^badQuestion: There is no type "Report"; there are Attachment, Channel, /,
    );
    expect(await why({ type: 'Document', where: { field: 'name', is: 1 } })).toMatch(
      /no field "name"; there are .*title/,
    );
    expect(await why({ type: 'Document', limit: 5 })).toMatch(/^badArguments/);
    const failed: Refusal[] = [];
    a.watch(
      'os.find',
      { spaceId, type: 'Setting' },
      () => expect.fail('answered'),
      (refusal) => failed.push(refusal),
    );
    expect(failed.map(({ type }) => type)).toEqual(['badQuestion']);
    expect(await a.query('os.find', { spaceId: 'f'.repeat(64), type: 'Document' })).toEqual([]);
  });

  test('shows a guest of one object that object, and View as a guest shows the same', async () => {
    fleet = await createFleet();
    const a = await fleet.tab('a', { direct: false });
    const b = await fleet.tab('b', { direct: false });
    const { id: spaceId } = await a.createSpace({ title: 'Team', kind: 'team' });
    const { id: shared } = await a.run('editor.createDocument', { spaceId, title: 'Shared' });
    await a.run('editor.createDocument', { spaceId, title: 'Closed' });
    const { url } = await a.invite(spaceId, { role: 'guest', within: [shared as string] });
    await until(() => fleet.beacon.hosted().includes(spaceId as never), 'hosted');
    await b.join(url, { timeoutMs: 30_000 });
    const rows: unknown[] = [];
    b.watch('os.find', { spaceId, type: 'Document' }, (answer) => rows.push(answer));
    const told = (answer: unknown) => (answer as FoundRow[]).map(({ id, fields }) => [id, fields.title]);
    await until(() => told(rows.at(-1)).length === 1, 'the cover');
    expect(told(rows.at(-1))).toEqual([[shared, 'Shared']]);
    const asGuest = { spaceId, id: shared, name: 'os.find', args: { spaceId, type: 'Document' } };
    expect(told(await a.query('os.viewAs', asGuest))).toEqual([[shared, 'Shared']]);
    await a.run('editor.rename', { documentId: shared, title: 'Renamed' });
    await until(() => told(rows.at(-1))[0]?.[1] === 'Renamed', 'the new title');
  });
});
