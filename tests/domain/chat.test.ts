import { describe, expect, it } from 'vitest';
import type { ChannelAnswer, ChannelRow, MessageRow, MessageWindow } from '../../src/bridge/messages';
import type { Op } from '../../src/vm/op/body';
import { contentShardOf, type NodeId } from '../../src/vm/op/ids';
import {
  answerOf,
  createReplica,
  deliver,
  idFrom,
  idOf,
  type Replica,
  SPACE,
  team,
  ticking,
  whyNot,
} from '../support/view';

const rowsOf = (replica: Replica, channelId: string, more: object = {}) =>
  answerOf<readonly MessageRow[]>(replica.query('chat.messages', { channelId, ...more }));
const titles = (replica: Replica) =>
  answerOf<readonly ChannelRow[]>(replica.query('chat.channels', { spaceId: SPACE })).map((row) => row.title);

/** Writes past the commands, as another kernel could. */
const force = (replica: Replica, channelId: NodeId, ...ops: Op[]) =>
  replica.seal(SPACE, [{ shard: contentShardOf(SPACE, channelId), class: 'content', ops }]);

describe('a message', () => {
  it('is edited by its author alone, by command and in the fold of every reader', () => {
    const { ann, bob, cleo, channelId, messageId } = team();
    expect(whyNot(bob.run('chat.edit', { messageId, text: 'forged' }))).toBe('notAllowed');
    expect(whyNot(cleo.run('chat.edit', { messageId, text: 'forged' }))).toBe('notAllowed');
    force(cleo, channelId, { type: 'fieldSet', node: messageId, key: 'text', value: '"forged"' });
    deliver(cleo, ann, bob);
    for (const replica of [ann, bob, cleo])
      expect(rowsOf(replica, channelId)[0]).toMatchObject({ text: 'first', edited: false });
    expect(whyNot(ann.run('chat.edit', { messageId, text: 'better' }))).toBe('allowed');
    deliver(ann, bob);
    expect(rowsOf(bob, channelId)[0]).toMatchObject({ text: 'better', edited: true, mayEdit: false, mayRemove: false });
    expect(rowsOf(ann, channelId)[0]).toMatchObject({ mine: true, mayEdit: true, mayRemove: true });
  });

  it('is removed by its author or an Admin, marked for all, its text withheld', () => {
    const { ann, bob, cleo, channelId, messageId } = team();
    expect(whyNot(bob.run('chat.remove', { messageId }))).toBe('notAllowed');
    force(bob, channelId, { type: 'nodeDel', node: messageId });
    expect(rowsOf(bob, channelId)[0]).toMatchObject({ deleted: false });
    expect(rowsOf(cleo, channelId)[0]).toMatchObject({ mayEdit: false, mayRemove: true });
    expect(whyNot(cleo.run('chat.remove', { messageId }))).toBe('allowed');
    deliver(cleo, ann);
    expect(rowsOf(ann, channelId)[0]).toMatchObject({ deleted: true, text: '', mayEdit: false, mayRemove: false });
    expect(whyNot(ann.run('chat.edit', { messageId, text: 'again' }))).toBe('removed');
  });

  it('is brought back by whoever removed it or an Admin, not by its author after an Admin removed it', () => {
    const { ann, cleo, channelId, messageId } = team();
    cleo.run('chat.remove', { messageId });
    deliver(cleo, ann);
    expect(whyNot(ann.run('chat.restore', { messageId }))).toBe('notAllowed');
    expect(whyNot(cleo.run('chat.restore', { messageId }))).toBe('allowed');
    deliver(cleo, ann);
    expect(rowsOf(ann, channelId)[0]).toMatchObject({ deleted: false, text: 'first' });
    ann.run('chat.remove', { messageId });
    expect(whyNot(ann.run('chat.restore', { messageId }))).toBe('allowed');
    expect(rowsOf(ann, channelId)[0]).toMatchObject({ deleted: false, text: 'first' });
  });

  it('is refused when it is empty, too long, or to a channel that is not here', () => {
    const { ann, channelId } = team();
    expect(whyNot(ann.run('chat.send', { channelId, text: ' \n' }))).toBe('empty');
    expect(whyNot(ann.run('chat.send', { channelId, text: 'x'.repeat(8_001) }))).toBe('badArguments');
    expect(whyNot(ann.run('chat.send', { channelId, text: 'x'.repeat(8_000) }))).toBe('allowed');
    expect(whyNot(ann.run('chat.send', { channelId: idFrom('nothing').slice(32), text: 'x' }))).toBe('notFound');
  });

  it('is not written by a Guest', () => {
    const { gus, channelId, messageId } = team();
    expect(whyNot(gus.run('chat.send', { channelId, text: 'x' }))).toBe('notAllowed');
    expect(whyNot(gus.run('chat.remove', { messageId }))).toBe('notAllowed');
    expect(whyNot(gus.run('chat.createChannel', { spaceId: SPACE, title: 'x' }))).toBe('notAllowed');
    expect(rowsOf(gus, channelId)).toHaveLength(1);
  });

  it('answers only a message of its channel, whose text is withheld once that is removed', () => {
    const { ann, bob, channelId, messageId } = team();
    const other = idOf(ann.run('chat.createChannel', { spaceId: SPACE, title: 'other' }));
    expect(whyNot(ann.run('chat.send', { channelId: other, text: 'x', replyTo: messageId }))).toBe('notFound');
    idOf(bob.run('chat.send', { channelId, text: 'second', replyTo: messageId }));
    expect(rowsOf(bob, channelId)[1]?.replyTo).toMatchObject({ id: messageId, text: 'first', author: { name: 'Ann' } });
    deliver(bob, ann);
    ann.run('chat.remove', { messageId });
    expect(rowsOf(ann, channelId)[1]?.replyTo).toMatchObject({ id: messageId, text: '' });
  });

  it('comes in pages, oldest first, that meet without a gap', () => {
    const { ann, channelId, messageId } = team();
    const sent = [
      messageId,
      ...Array.from({ length: 9 }, (_, i) => idOf(ann.run('chat.send', { channelId, text: `${i}` }))),
    ];
    const last = rowsOf(ann, channelId, { limit: 4 });
    expect(last.map((row) => row.id)).toEqual(sent.slice(6));
    expect(rowsOf(ann, channelId, { limit: 4, before: last[0]?.id }).map((row) => row.id)).toEqual(sent.slice(2, 6));
    expect(rowsOf(ann, channelId, { limit: 4, before: sent[1] }).map((row) => row.id)).toEqual([sent[0]]);
    expect(rowsOf(ann, channelId, { before: sent[0] })).toEqual([]);
    expect(rowsOf(ann, channelId, { before: idFrom('nothing').slice(32) })).toEqual([]);
    expect(rowsOf(ann, channelId, { limit: -3 })).toHaveLength(1);
  });
});

describe('a page of messages', () => {
  it('costs its own length, not that of the channel, also far up', () => {
    const clock = ticking();
    const ann = createReplica({ name: 'Ann', clock });
    const channelId = idOf(ann.run('chat.createChannel', { spaceId: SPACE, title: 'general' }));
    const ids = Array.from({ length: 600 }, (_, i) => idOf(ann.run('chat.send', { channelId, text: `${i}` })));
    ann.run('chat.react', { messageId: ids[590], emoji: '👍' });
    idOf(ann.run('comments.add', { objectId: ids[591], text: 'hm' }));
    const page = <T>(name: string, args: object): { readonly answer: T; readonly looks: number } => {
      const before = ann.looks();
      const answer = answerOf<T>(ann.query(name, { channelId, limit: 20, ...args }));
      return { answer, looks: ann.looks() - before };
    };
    // The first asking makes the indexes.
    page('chat.messages', {});
    const last = page<readonly MessageRow[]>('chat.messages', {});
    expect(last.answer.map(({ text }) => text)).toEqual(Array.from({ length: 20 }, (_, i) => `${580 + i}`));
    const said = last.answer.filter(({ reactions, comments }) => reactions.length + comments > 0);
    expect(said.map(({ text }) => text)).toEqual(['590', '591']);
    const up = page<readonly MessageRow[]>('chat.messages', { before: ids[100] });
    expect(up.answer.map(({ text }) => text)).toEqual(Array.from({ length: 20 }, (_, i) => `${80 + i}`));
    const around = page<MessageWindow>('chat.window', { at: ids[300] });
    expect(around.answer).toMatchObject({ before: 290, after: 290 });
    for (const { looks } of [last, up, around]) expect(looks).toBeLessThan(150);
  });
});

describe('a channel', () => {
  it('stands in the order in which channels were made, and keeps its messages while removed', () => {
    const { ann, channelId } = team();
    const second = idOf(ann.run('chat.createChannel', { spaceId: SPACE, title: 'second' }));
    idOf(ann.run('chat.createChannel', { spaceId: SPACE, title: 'third' }));
    expect(titles(ann)).toEqual(['general', 'second', 'third']);
    ann.run('chat.renameChannel', { channelId: second, title: 'renamed' });
    ann.run('chat.setTopic', { channelId: second, topic: ' what it is for ' });
    expect(answerOf<ChannelAnswer>(ann.query('chat.channel', { channelId: second }))).toMatchObject({
      title: 'renamed',
      topic: 'what it is for',
      spaceId: SPACE,
    });
    ann.run('chat.removeChannel', { channelId });
    expect(titles(ann)).toEqual(['renamed', 'third']);
    expect(answerOf(ann.query('chat.channel', { channelId }))).toBeNull();
    expect(answerOf(ann.query('chat.trash', { spaceId: SPACE }))).toEqual([{ id: channelId, title: 'general' }]);
    expect(whyNot(ann.run('chat.send', { channelId, text: 'x' }))).toBe('removed');
    expect(whyNot(ann.run('chat.restoreChannel', { channelId }))).toBe('allowed');
    expect(titles(ann)).toEqual(['general', 'renamed', 'third']);
    expect(rowsOf(ann, channelId)).toHaveLength(1);
  });

  it('needs a title', () => {
    const { ann, channelId } = team();
    expect(whyNot(ann.run('chat.createChannel', { spaceId: SPACE, title: ' ' }))).toBe('empty');
    expect(whyNot(ann.run('chat.renameChannel', { channelId, title: '' }))).toBe('empty');
  });

  it('is not taken for one where the node is something else', () => {
    const { ann } = team();
    const documentId = idOf(ann.run('editor.createDocument', { spaceId: SPACE }));
    expect(whyNot(ann.run('chat.renameChannel', { channelId: documentId, title: 'x' }))).toBe('notFound');
    expect(answerOf(ann.query('chat.channel', { channelId: documentId }))).toBeNull();
  });
});

it('channels stand where they are moved, for everybody, and documents between them change nothing', () => {
  const { ann, bob, gus } = team();
  const [a, b] = ['a', 'b'].map((title) => {
    idOf(ann.run('editor.createDocument', { spaceId: SPACE, title }));
    return idOf(ann.run('chat.createChannel', { spaceId: SPACE, title }));
  });
  deliver(ann, bob, gus);
  const first = titles(ann)[0];
  expect(titles(ann)).toEqual([first, 'a', 'b']);
  ann.run('chat.moveChannel', { channelId: b });
  deliver(ann, bob);
  bob.run('chat.moveChannel', { channelId: a, after: b });
  deliver(bob, ann);
  for (const replica of [ann, bob]) expect(titles(replica)).toEqual(['b', 'a', first]);
  expect(whyNot(ann.run('chat.moveChannel', { channelId: a, after: idFrom('x').slice(32) }))).toBe('noSuchPlace');
  expect(whyNot(gus.run('chat.moveChannel', { channelId: a }))).toBe('notAllowed');
});
