import { expect, test } from 'vitest';
import type { TrashRow } from '../../../src/bridge/messages';
import { answerOf, deliver, idOf, type Replica, SPACE, team } from '../../support/view';

const trash = (replica: Replica, more: object = {}) =>
  answerOf<readonly TrashRow[]>(replica.query('os.trash', { spaceId: SPACE, ...more }));

test('what was removed is listed with who, when and where, of every kind, the last first', () => {
  const { ann, bob, channelId, messageId } = team();
  const folder = idOf(ann.run('editor.createFolder', { spaceId: SPACE, title: 'Shelf' }));
  const document = idOf(ann.run('editor.createDocument', { spaceId: SPACE, title: 'Plan' }));
  deliver(ann, bob);
  expect(trash(ann)).toEqual([]);
  ann.run('chat.remove', { messageId });
  bob.run('editor.remove', { documentId: document });
  deliver(bob, ann);
  ann.run('editor.remove', { documentId: folder });
  expect(trash(ann).map(({ kind, title, by, within }) => [kind, title, by.name, within?.id ?? null])).toEqual([
    ['folder', 'Shelf', 'Ann', null],
    ['document', 'Plan', 'Bob', null],
    ['message', 'first', 'Ann', channelId],
  ]);
  expect(trash(ann, { kind: 'document' }).map(({ id }) => id)).toEqual([document]);
  expect(trash(ann, { limit: 1 }).map(({ id }) => id)).toEqual([folder]);
  ann.run('editor.restore', { documentId: folder });
  expect(trash(ann).map(({ kind }) => kind)).toEqual(['document', 'message']);
});

test('what was said in a removed message is shown to those alone who may bring it back', () => {
  const { ann, bob, cleo, messageId } = team();
  ann.run('chat.remove', { messageId });
  deliver(ann, bob, cleo);
  const seen = (replica: Replica) => trash(replica).map(({ title, mayRestore }) => [title, mayRestore]);
  expect(seen(ann)).toEqual([['first', true]]);
  expect(seen(bob)).toEqual([['', false]]);
  expect(seen(cleo)).toEqual([['first', true]]);
});
