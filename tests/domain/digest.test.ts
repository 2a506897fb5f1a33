import { describe, expect, it } from 'vitest';
import type { AlertRow, DigestAnswer, WeekAnswer } from '../../src/bridge/messages';
import { answerOf, createReplica, deliver, idOf, type Replica, SPACE, whyNot } from '../support/view';

const START = 1_700_000_000_000;
const scene = () => {
  let time = START;
  const clock = () => ++time;
  const now = () => time;
  const ann = createReplica({ name: 'Ann', clock, now });
  const bob = createReplica({ name: 'Bob', clock, now });
  const cleo = createReplica({ name: 'Cleo', clock, now });
  const channelId = idOf(ann.run('chat.createChannel', { spaceId: SPACE, title: 'general' }));
  const other = idOf(ann.run('chat.createChannel', { spaceId: SPACE, title: 'harbour' }));
  const documentId = idOf(ann.run('editor.createDocument', { spaceId: SPACE, title: 'Plan' }));
  deliver(ann, bob, cleo);
  return { ann, bob, cleo, channelId, other, documentId, pass: (ms: number) => (time += ms), at: now };
};
const digestOf = (replica: Replica, args: object = {}) => answerOf<DigestAnswer>(replica.query('hub.digest', args));

describe('the digest', () => {
  it('tells what others wrote since this person left, by place, with the lines that matter most', () => {
    const { ann, bob, cleo, channelId, other, documentId, pass } = scene();
    expect(digestOf(ann)).toBeNull();
    bob.run('chat.send', { channelId, text: 'before' });
    pass(1_000);
    expect(whyNot(ann.run('hub.leave', {}))).toBe('allowed');
    pass(6 * 3_600_000);
    for (const text of ['one', 'two', 'three', 'four']) bob.run('chat.send', { channelId, text });
    const liked = idOf(bob.run('chat.send', { channelId, text: 'liked' }));
    bob.run('chat.send', { channelId, text: 'look, @Ann' });
    bob.run('comments.add', { objectId: documentId, text: 'why?' });
    deliver(bob, ann, cleo);
    cleo.run('chat.react', { messageId: liked, emoji: '👍' });
    cleo.run('chat.send', { channelId: other, text: 'the boat is here' });
    deliver(cleo, ann);
    ann.run('chat.send', { channelId, text: 'my own' });

    const digest = digestOf(ann);
    expect(digest).toMatchObject({ messages: 7, rest: 0 });
    expect(
      digest?.places.map(({ place, count, people }) => [place.title, count, people.map(({ name }) => name)]),
    ).toEqual([
      ['general', 6, ['Bob']],
      ['Plan', 1, ['Bob']],
      ['harbour', 1, ['Cleo']],
    ]);
    expect(digest?.places[0]?.lines.map(({ text }) => text)).toEqual(['one', 'liked', 'look, @Ann']);
    expect(digest?.places[0]?.lines[1]?.place).toMatchObject({ id: channelId, message: liked });
    expect(digestOf(ann, { since: START })?.messages).toBe(8);
    pass(1_000);
    ann.run('hub.leave', {});
    expect(digestOf(ann)).toMatchObject({ messages: 0, places: [] });
  });

  it('writes when somebody left at most once in five minutes', () => {
    const { ann, pass } = scene();
    ann.run('hub.leave', {});
    const held = ann.held.length;
    pass(60_000);
    ann.run('hub.leave', {});
    expect(ann.held.length).toBe(held);
    pass(300_000);
    ann.run('hub.leave', {});
    expect(ann.held.length).toBeGreaterThan(held);
  });
});

describe('the week', () => {
  it('counts what happened since a time, who did most, and what is open', () => {
    const { ann, bob, channelId, documentId, at } = scene();
    const since = at();
    for (const text of ['one', 'two']) bob.run('chat.send', { channelId, text });
    bob.run('comments.add', { objectId: documentId, text: 'why?' });
    const suggest = (note: string) =>
      idOf(bob.run('editor.suggest', { documentId, blocks: ['a1'], base: [], proposed: [], note }));
    suggest('open');
    const suggestionId = suggest('closed');
    deliver(bob, ann);
    ann.run('editor.decide', { suggestionId, verdict: 'declined' });
    expect(answerOf<WeekAnswer>(ann.query('hub.week', { since }))).toMatchObject({
      messages: 2,
      comments: 1,
      documents: 1,
      more: false,
      people: [
        { person: { name: 'Bob' }, count: 5 },
        { person: { name: 'Ann' }, count: 1 },
      ],
      open: { proposals: 1, requests: 0, reports: 0 },
    });
  });
});

describe('alerts', () => {
  it('are what is unread and addresses this person, and on demand every message of channels heard in full', () => {
    const { ann, bob, channelId, other } = scene();
    bob.run('chat.send', { channelId, text: 'to all' });
    bob.run('chat.send', { channelId: other, text: 'look, @Ann' });
    bob.run('chat.send', { channelId: other, text: 'to all there' });
    deliver(bob, ann);
    const told = (all: boolean) =>
      answerOf<readonly AlertRow[]>(ann.query('hub.alerts', { all })).map(({ kind, text }) => `${kind} ${text}`);
    expect(told(false)).toEqual(['mention look, @Ann']);
    expect(told(true)).toEqual(['message to all there', 'mention look, @Ann', 'message to all']);
    ann.run('chat.setLevel', { channelId, level: 'mentions' });
    ann.run('chat.setLevel', { channelId: other, level: 'none' });
    expect(told(true)).toEqual([]);
    ann.run('chat.setLevel', { channelId: other, level: 'all' });
    ann.run('chat.markRead', { channelId: other });
    expect(told(true)).toEqual([]);
  });
});
