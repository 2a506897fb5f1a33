import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DocumentAnswer, DocumentRow } from '../../src/bridge/messages';
import { answerOf, createReplica, deliver, idFrom, idOf, type Replica, SPACE, ticking, whyNot } from '../support/view';

const rowsOf = (replica: Replica) =>
  answerOf<readonly DocumentRow[]>(replica.query('editor.documents', { spaceId: SPACE }));
const outline = (replica: Replica) => rowsOf(replica).map((row) => `${'  '.repeat(row.depth)}${row.title}`);
const make = (replica: Replica, title: string, parent?: string) =>
  idOf(replica.run('editor.createDocument', { spaceId: SPACE, title, ...(parent ? { parent } : {}) }));

const solo = () => createReplica({ name: 'Ann', clock: ticking() });

describe('the outline', () => {
  it('lists documents and folders depth first, in the order in which they were put', () => {
    const ann = solo();
    const folder = idOf(ann.run('editor.createFolder', { spaceId: SPACE, title: 'F' }));
    make(ann, 'B');
    const inner = make(ann, 'F1', folder);
    make(ann, 'F2', folder);
    make(ann, 'F1a', inner);
    idOf(ann.run('chat.createChannel', { spaceId: SPACE, title: 'not a document' }));
    expect(outline(ann)).toEqual(['F', '  F1', '    F1a', '  F2', 'B']);
    expect(rowsOf(ann)[0]).toEqual({
      id: folder,
      title: 'F',
      icon: '',
      kind: 'folder',
      template: false,
      parent: null,
      depth: 0,
      unread: 0,
      mentions: 0,
      level: 'all',
    });
    expect(rowsOf(ann)[1]).toMatchObject({ kind: 'document', parent: folder, depth: 1 });
  });

  it('puts what is moved right after its neighbour, or first', () => {
    const ann = solo();
    const [a, b, c] = [make(ann, 'A'), make(ann, 'B'), make(ann, 'C')];
    ann.run('editor.move', { documentId: c });
    expect(outline(ann)).toEqual(['C', 'A', 'B']);
    ann.run('editor.move', { documentId: c, after: a });
    expect(outline(ann)).toEqual(['A', 'C', 'B']);
    ann.run('editor.move', { documentId: a, after: b });
    expect(outline(ann)).toEqual(['C', 'B', 'A']);
    ann.run('editor.move', { documentId: a, parent: b });
    expect(outline(ann)).toEqual(['C', 'B', '  A']);
    expect(whyNot(ann.run('editor.move', { documentId: c, parent: b, after: b }))).toBe('noSuchPlace');
    expect(whyNot(ann.run('editor.move', { documentId: c, parent: idFrom('nothing').slice(32) }))).toBe('noSuchPlace');
  });

  it('stays in the order of any sequence of moves', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(5), fc.integer({ min: -1, max: 5 })), { maxLength: 40, size: 'max' }),
        (moves) => {
          const ann = solo();
          const ids = ['A', 'B', 'C', 'D', 'E', 'F'].map((title) => make(ann, title));
          let expected = [...ids];
          for (const [which, next] of moves) {
            const [documentId, after] = [ids[which] as string, ids[next]];
            if (after === documentId) continue;
            ann.run('editor.move', { documentId, ...(after ? { after } : {}) });
            expected = expected.filter((id) => id !== documentId);
            expected.splice(after ? expected.indexOf(after as never) + 1 : 0, 0, documentId as never);
            expect(rowsOf(ann).map((row) => row.id)).toEqual(expected);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses a cycle with a reason, and drops one that two people make at the same time', () => {
    const clock = ticking();
    const ann = createReplica({ name: 'Ann', clock });
    const bob = createReplica({ name: 'Bob', clock });
    const [a, b] = [make(ann, 'A'), make(ann, 'B')];
    deliver(ann, bob);
    expect(whyNot(ann.run('editor.move', { documentId: a, parent: a }))).toBe('cycle');
    ann.run('editor.move', { documentId: a, parent: b });
    expect(whyNot(ann.run('editor.move', { documentId: b, parent: a }))).toBe('cycle');
    expect(whyNot(bob.run('editor.move', { documentId: b, parent: a }))).toBe('allowed');
    deliver(ann, bob);
    deliver(bob, ann);
    expect(outline(ann)).toEqual(['B', '  A']);
    expect(outline(bob)).toEqual(outline(ann));
  });

  it('loses nothing when a folder is removed while somebody puts a document into it', () => {
    const clock = ticking();
    const ann = createReplica({ name: 'Ann', clock });
    const bob = createReplica({ name: 'Bob', clock });
    const folder = idOf(ann.run('editor.createFolder', { spaceId: SPACE, title: 'F' }));
    deliver(ann, bob);
    make(bob, 'new', folder);
    ann.run('editor.remove', { documentId: folder });
    deliver(bob, ann);
    deliver(ann, bob);
    expect(outline(ann)).toEqual(['new']);
    expect(outline(bob)).toEqual(['new']);
    expect(answerOf(ann.query('editor.trash', { spaceId: SPACE }))).toEqual([
      { id: folder, title: 'F', icon: '', kind: 'folder' },
    ]);
    expect(whyNot(bob.run('editor.restore', { documentId: folder }))).toBe('notAllowed');
    ann.run('editor.restore', { documentId: folder });
    expect(outline(ann)).toEqual(['F', '  new']);
  });
});

describe('a document', () => {
  it('keeps its title and icon, and is still readable while removed', () => {
    const ann = solo();
    const documentId = idOf(ann.run('editor.createDocument', { spaceId: SPACE }));
    ann.run('editor.rename', { documentId, title: ' Plan ' });
    ann.run('editor.setIcon', { documentId, icon: '🌱' });
    const answer = () => answerOf<DocumentAnswer>(ann.query('editor.document', { documentId }));
    expect(answer()).toMatchObject({
      title: 'Plan',
      icon: '🌱',
      deleted: false,
      mayEdit: true,
      spaceId: SPACE,
      author: { name: 'Ann' },
    });
    ann.run('editor.remove', { documentId });
    expect(answer()).toMatchObject({ title: 'Plan', deleted: true, mayEdit: false });
    expect(whyNot(ann.run('editor.rename', { documentId, title: 'x' }))).toBe('removed');
    expect(rowsOf(ann)).toEqual([]);
    expect(answerOf(ann.query('editor.blocks', { documentId }))).toEqual([]);
  });

  it('is null where it is not held, and no Guest changes it', () => {
    const clock = ticking();
    const ann = createReplica({ name: 'Ann', clock });
    const gus = createReplica({ name: 'Gus', role: 'guest', clock });
    const documentId = make(ann, 'A');
    expect(answerOf(gus.query('editor.document', { documentId }))).toBeNull();
    deliver(ann, gus);
    expect(answerOf<DocumentAnswer>(gus.query('editor.document', { documentId })).mayEdit).toBe(false);
    for (const name of ['rename', 'move', 'remove', 'setIcon'] as const) {
      const args = {
        documentId,
        ...(name === 'rename' ? { title: 'x' } : {}),
        ...(name === 'setIcon' ? { icon: 'x' } : {}),
      };
      expect(whyNot(gus.run(`editor.${name}`, args)), name).toBe('notAllowed');
    }
  });
});
