import { describe, expect, it } from 'vitest';
import type { ChannelRow, CommentRow, CommentsAnswer, DocumentRow, MessageRow } from '../../src/bridge/messages';
import { createWriter } from '../../src/os/graph/writer';
import type { Op } from '../../src/vm/op/body';
import { contentShardOf, type NodeId } from '../../src/vm/op/ids';
import { answerOf, deliver, idFrom, idOf, type Replica, registry, SPACE, team, whyNot } from '../support/view';

const threadOf = (replica: Replica, objectId: string) =>
  answerOf<readonly CommentRow[]>(replica.query('comments.thread', { objectId }));
const aboutOf = (replica: Replica, objectId: string) =>
  answerOf<CommentsAnswer | null>(replica.query('comments.about', { objectId }));

/** With a document and a folder besides. */
const shelf = () => {
  const here = team();
  const { ann, bob, cleo, gus } = here;
  const documentId = idOf(ann.run('editor.createDocument', { spaceId: SPACE, title: 'Plan' }));
  const folderId = idOf(ann.run('editor.createFolder', { spaceId: SPACE, title: 'Folder' }));
  deliver(ann, bob, cleo, gus);
  return { ...here, documentId, folderId };
};
/** The classes under which a command of this replica would write; nothing is written. */
const classesOf = (replica: Replica, name: string, args: unknown): readonly string[] => {
  const writer = replica.writer();
  const outcome = registry.command(name)?.run(replica.view, writer, args as never, 0 as never);
  expect(outcome?.ok, name).toBe(true);
  return [...writer.drafts().values()].flat().map((draft) => draft.class);
};

describe('comments', () => {
  it('stand on any object, in the part that the object lives in', () => {
    const { ann, gus, channelId, messageId, documentId, folderId } = shelf();
    const shards = {
      [channelId]: contentShardOf(SPACE, channelId),
      [messageId]: contentShardOf(SPACE, channelId),
      [documentId]: contentShardOf(SPACE, documentId),
      [folderId]: contentShardOf(SPACE, folderId),
    };
    for (const [objectId, shard] of Object.entries(shards)) {
      const id = idOf(gus.run('comments.add', { objectId, text: `about ${objectId}` }));
      expect(gus.view.graph(SPACE)?.node(id)?.shard).toBe(shard);
    }
    deliver(gus, ann);
    for (const objectId of Object.keys(shards)) {
      expect(threadOf(ann, objectId).map((row) => row.text)).toEqual([`about ${objectId}`]);
      expect(aboutOf(ann, objectId)).toMatchObject({ count: 1, open: 1, mayComment: true });
    }
    expect(answerOf<readonly MessageRow[]>(ann.query('chat.messages', { channelId }))[0]).toMatchObject({
      comments: 1,
    });
  });

  it('of a Guest are annotations only', () => {
    const { gus, ann, messageId, documentId } = shelf();
    const commentId = idOf(gus.run('comments.add', { objectId: documentId, text: 'x', block: 'b1', quote: 'word' }));
    const gone = idOf(gus.run('comments.add', { objectId: documentId, text: 'y' }));
    gus.run('comments.remove', { commentId: gone });
    for (const [name, args] of [
      ['comments.add', { objectId: messageId, text: 'x' }],
      ['comments.edit', { commentId, text: 'z' }],
      ['comments.resolve', { commentId }],
      ['comments.remove', { commentId }],
      ['comments.restore', { commentId: gone }],
      ['chat.react', { messageId, emoji: '👍' }],
    ] as const)
      expect(classesOf(gus, name, args), name).toEqual(['annotation']);
    deliver(gus, ann);
    expect(threadOf(ann, documentId)[0]).toMatchObject({ block: 'b1', quote: 'word', text: 'x' });
  });

  it('are edited by their author alone, removed by the author or an Admin, by command and in every fold', () => {
    const { ann, bob, cleo, gus, documentId } = shelf();
    const commentId = idOf(gus.run('comments.add', { objectId: documentId, text: 'mine' }));
    deliver(gus, ann, bob, cleo);
    expect(whyNot(bob.run('comments.edit', { commentId, text: 'forged' }))).toBe('notAllowed');
    expect(whyNot(bob.run('comments.remove', { commentId }))).toBe('notAllowed');
    const ops: Op[] = [
      { type: 'fieldSet', node: commentId, key: 'text', value: '"forged"' },
      { type: 'nodeDel', node: commentId },
    ];
    bob.seal(SPACE, [{ shard: contentShardOf(SPACE, documentId), class: 'annotation', ops }]);
    expect(threadOf(bob, documentId)[0]).toMatchObject({ text: 'mine', edited: false, deleted: false });
    expect(whyNot(gus.run('comments.edit', { commentId, text: 'better' }))).toBe('allowed');
    expect(threadOf(gus, documentId)[0]).toMatchObject({ text: 'better', edited: true });
    expect(whyNot(cleo.run('comments.remove', { commentId }))).toBe('allowed');
    expect(threadOf(cleo, documentId)).toEqual([]);
    deliver(cleo, gus);
    expect(whyNot(gus.run('comments.restore', { commentId }))).toBe('notAllowed');
    expect(whyNot(cleo.run('comments.restore', { commentId }))).toBe('allowed');
  });

  it('that are answered stay as a removed root; an answer to an answer joins the thread', () => {
    const { ann, gus, documentId } = shelf();
    const root = idOf(gus.run('comments.add', { objectId: documentId, text: 'root', block: 'b1' }));
    const answer = idOf(gus.run('comments.add', { objectId: documentId, text: 'answer', parent: root }));
    idOf(gus.run('comments.add', { objectId: documentId, text: 'deeper', parent: answer, block: 'b2' }));
    expect(threadOf(gus, documentId).map(({ parent, block }) => [parent, block])).toEqual([
      [null, 'b1'],
      [root, null],
      [root, null],
    ]);
    gus.run('comments.remove', { commentId: root });
    deliver(gus, ann);
    expect(threadOf(ann, documentId).map(({ deleted, text }) => [deleted, text])).toEqual([
      [true, ''],
      [false, 'answer'],
      [false, 'deeper'],
    ]);
    expect(aboutOf(ann, documentId)?.count).toBe(2);
    expect(whyNot(ann.run('comments.add', { objectId: documentId, text: 'x', parent: root }))).toBe('notFound');
  });

  it('are closed by Members, by a Guest only in their own thread', () => {
    const { ann, gus, documentId } = shelf();
    const theirs = idOf(ann.run('comments.add', { objectId: documentId, text: 'theirs' }));
    deliver(ann, gus);
    const own = idOf(gus.run('comments.add', { objectId: documentId, text: 'own' }));
    expect(whyNot(gus.run('comments.resolve', { commentId: theirs }))).toBe('notAllowed');
    gus.seal(SPACE, [
      {
        shard: contentShardOf(SPACE, documentId),
        class: 'annotation',
        ops: [{ type: 'fieldSet', node: theirs, key: 'resolved', value: 'true' }],
      },
    ]);
    expect(threadOf(gus, documentId).map((row) => row.resolved)).toEqual([false, false]);
    expect(whyNot(gus.run('comments.resolve', { commentId: own }))).toBe('allowed');
    deliver(gus, ann);
    expect(whyNot(ann.run('comments.resolve', { commentId: theirs }))).toBe('allowed');
    expect(aboutOf(ann, documentId)).toMatchObject({ count: 2, open: 0 });
    ann.run('comments.resolve', { commentId: own, resolved: false });
    expect(aboutOf(ann, documentId)).toMatchObject({ open: 1 });
  });

  it('are unread by the one model: in the documents and channels they stand in, until marked', () => {
    const { ann, gus, channelId, messageId, documentId } = shelf();
    const documents = () => answerOf<readonly DocumentRow[]>(ann.query('editor.documents', { spaceId: SPACE }))[0];
    const channels = () => answerOf<readonly ChannelRow[]>(ann.query('chat.channels', { spaceId: SPACE }))[0];
    gus.run('comments.add', { objectId: documentId, text: 'look, @Ann' });
    gus.run('comments.add', { objectId: messageId, text: 'hm' });
    deliver(gus, ann);
    expect(documents()).toMatchObject({ unread: 1, mentions: 1 });
    expect(channels()).toMatchObject({ unread: 1, mentions: 0 });
    expect(threadOf(ann, documentId)[0]?.unread).toBe(true);
    expect(aboutOf(ann, documentId)?.unread).toBe(1);
    // Of a muted place a badge says what its level lets through.
    for (const [level, badge] of Object.entries({ mentions: 1, none: 0, all: 1 })) {
      ann.run('hub.mute', { id: documentId, level });
      expect(documents()).toMatchObject({ level, unread: badge, mentions: badge });
    }
    ann.run('comments.markRead', { objectId: documentId });
    ann.run('chat.markRead', { channelId });
    expect(documents()).toMatchObject({ unread: 0, mentions: 0 });
    expect(channels()).toMatchObject({ unread: 0 });
    expect(threadOf(ann, documentId)[0]?.unread).toBe(false);
  });

  it('are refused when empty, on a comment, on what is not here or was removed, and without the right', () => {
    const { ann, gus, documentId } = shelf();
    const id = idOf(ann.run('comments.add', { objectId: documentId, text: 'x' }));
    expect(whyNot(ann.run('comments.add', { objectId: documentId, text: ' ' }))).toBe('empty');
    expect(whyNot(ann.run('comments.add', { objectId: id, text: 'x' }))).toBe('notFound');
    expect(whyNot(ann.run('comments.add', { objectId: idFrom('nothing').slice(32), text: 'x' }))).toBe('notFound');
    expect(aboutOf(ann, idFrom('nothing').slice(32))).toBeNull();
    ann.run('editor.remove', { documentId });
    expect(whyNot(ann.run('comments.add', { objectId: documentId, text: 'x' }))).toBe('removed');
    const barred = { ...gus.view, may: () => false };
    const writer = createWriter({
      view: barred,
      typeRule: registry.typeRule,
      nextNode: () => ({ node: idFrom('x').slice(32) as NodeId, counter: 0 }),
      nextTwin: () => ({ n: 0, client: 1 }),
    });
    const outcome = registry
      .command('comments.add')
      ?.run(barred, writer, { objectId: documentId, text: 'x' }, 0 as never);
    expect(outcome && whyNot(outcome)).toBe('notAllowed');
  });
});

describe('reactions', () => {
  const reactionsOf = (replica: Replica, channelId: string) =>
    answerOf<readonly MessageRow[]>(replica.query('chat.messages', { channelId }))[0]?.reactions;

  it('count people, each once, and are taken back by their own person', () => {
    const { ann, gus, channelId, messageId } = team();
    expect(whyNot(gus.run('chat.react', { messageId, emoji: '👍' }))).toBe('allowed');
    gus.run('chat.react', { messageId, emoji: '👍' });
    deliver(gus, ann);
    ann.run('chat.react', { messageId, emoji: '👍' });
    ann.run('chat.react', { messageId, emoji: '🎉' });
    expect(reactionsOf(ann, channelId)).toMatchObject([
      { emoji: '👍', count: 2, mine: true, people: [{ name: 'Gus' }, { name: 'Ann' }] },
      { emoji: '🎉', count: 1, mine: true, people: [{ name: 'Ann' }] },
    ]);
    ann.run('chat.react', { messageId, emoji: '👍', on: false });
    expect(reactionsOf(ann, channelId)).toMatchObject([
      { emoji: '👍', count: 1, mine: false },
      { emoji: '🎉', count: 1 },
    ]);
  });

  it('are emoji, on messages that stand', () => {
    const { ann, channelId, messageId } = team();
    for (const emoji of ['ok', '', '1', '👍 yes', '<b>'])
      expect(whyNot(ann.run('chat.react', { messageId, emoji })), emoji).toBe('notEmoji');
    for (const emoji of ['❤️', '👩‍🔬', '👍🏽'])
      expect(whyNot(ann.run('chat.react', { messageId, emoji })), emoji).toBe('allowed');
    expect(whyNot(ann.run('chat.react', { messageId: channelId, emoji: '👍' }))).toBe('notFound');
    ann.run('chat.remove', { messageId });
    expect(whyNot(ann.run('chat.react', { messageId, emoji: '👍' }))).toBe('removed');
    expect(reactionsOf(ann, channelId)).toEqual([]);
  });
});
