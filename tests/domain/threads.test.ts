/** Threads, levels and marking as unread: what a badge says is what a reader would count. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeReference } from '../../src/base/reference';
import type { ChannelAnswer, ChannelRow, MessageRow } from '../../src/bridge/messages';
import { answerOf, createReplica, deliver, idOf, type Replica, SPACE, ticking, whyNot } from '../support/view';

const rowsOf = (replica: Replica, channelId: string) =>
  answerOf<readonly MessageRow[]>(replica.query('chat.messages', { channelId, limit: 500 }));
const threadOf = (replica: Replica, messageId: string) =>
  answerOf<readonly MessageRow[]>(replica.query('chat.thread', { messageId }));
const channelOf = (replica: Replica, channelId: string) =>
  answerOf<ChannelAnswer>(replica.query('chat.channel', { channelId }));
const badgeOf = (replica: Replica) =>
  answerOf<readonly ChannelRow[]>(replica.query('chat.channels', { spaceId: SPACE }))[0] as ChannelRow;

const three = () => {
  const clock = ticking();
  const [ann, bob, cleo] = ['Ann', 'Bob', 'Cleo'].map((name) => createReplica({ name, clock })) as [
    Replica,
    Replica,
    Replica,
  ];
  const channelId = idOf(ann.run('chat.createChannel', { spaceId: SPACE, title: 'general' }));
  deliver(ann, bob, cleo);
  const say = (by: Replica, text: string, more: object = {}) => idOf(by.run('chat.send', { channelId, text, ...more }));
  const all = () => {
    for (const from of [ann, bob, cleo]) deliver(from, ann, bob, cleo);
  };
  return { ann, bob, cleo, channelId, say, all };
};

describe('a thread', () => {
  it('stands under its message and not in the channel, unless it was sent there too', () => {
    const { ann, bob, channelId, say, all } = three();
    const root = say(ann, 'root');
    all();
    const aside = say(bob, 'aside', { thread: root });
    const also = say(bob, 'also', { thread: aside, also: true });
    all();
    expect(rowsOf(ann, channelId).map(({ id }) => id)).toEqual([root, also]);
    expect(threadOf(ann, also).map(({ id }) => id)).toEqual([root, aside, also]);
    expect(rowsOf(ann, channelId)[0]?.replies).toMatchObject({ count: 2, unread: 1, people: [{ name: 'Bob' }] });
    expect(rowsOf(ann, channelId)[1]?.thread).toBe(root);
    expect(answerOf(ann.query('chat.where', { messageId: aside }))).toEqual({ channelId, thread: root });
    expect(answerOf(ann.query('chat.where', { messageId: also }))).toEqual({ channelId, thread: null });
    bob.run('chat.remove', { messageId: aside });
    all();
    expect(rowsOf(ann, channelId)[0]?.replies).toMatchObject({ count: 1, unread: 0 });
  });

  it('is unread for those who began it, wrote in it before or are named in it, and for nobody else', () => {
    const { ann, bob, cleo, channelId, say, all } = three();
    const root = say(ann, 'root');
    all();
    for (const each of [ann, bob, cleo]) each.run('chat.markAllRead', { spaceId: SPACE });
    say(bob, 'one', { thread: root });
    all();
    expect([ann, bob, cleo].map((each) => badgeOf(each).unread)).toEqual([1, 0, 0]);
    expect(channelOf(ann, channelId).threads).toMatchObject([{ id: root, unread: 1, text: 'root' }]);
    const cleoNamed = writeReference({ kind: 'user', id: cleo.user }, '@Cleo');
    say(ann, `two ${cleoNamed}`, { thread: root });
    all();
    expect([ann, bob, cleo].map((each) => badgeOf(each).unread)).toEqual([1, 1, 1]);
    expect(badgeOf(cleo).mentions).toBe(1);
    // Reading the channel reads no thread.
    cleo.run('chat.markRead', { channelId });
    expect(badgeOf(cleo).unread).toBe(1);
    cleo.run('chat.markThreadRead', { messageId: root });
    expect(badgeOf(cleo)).toMatchObject({ unread: 0, mentions: 0 });
  });

  it('is read alone, and takes no other thread along', () => {
    const { ann, bob, say, all } = three();
    const roots = [say(ann, 'a'), say(ann, 'b')] as const;
    all();
    for (const root of roots) say(bob, 'answer', { thread: root });
    all();
    ann.run('chat.markThreadRead', { messageId: roots[0] });
    expect(roots.map((root) => threadOf(ann, root).filter(({ unread }) => unread).length)).toEqual([0, 1]);
    ann.run('chat.markThreadRead', { messageId: roots[1] });
    expect(badgeOf(ann).unread).toBe(0);
    say(bob, 'again', { thread: roots[0] });
    all();
    expect(badgeOf(ann).unread).toBe(1);
  });

  it('refuses what hangs on a message of another channel', () => {
    const { ann, channelId, say } = three();
    const other = idOf(ann.run('chat.createChannel', { spaceId: SPACE, title: 'other' }));
    const root = say(ann, 'root');
    expect(whyNot(ann.run('chat.send', { channelId: other, text: 'x', thread: root }))).toBe('notFound');
    expect(whyNot(ann.run('chat.send', { channelId, text: 'x', thread: channelId }))).toBe('notFound');
  });
});

describe('marking', () => {
  it('as unread counts from that message on, and reading clears it again', () => {
    const { ann, bob, channelId, say, all } = three();
    const ids = ['a', 'b', 'c'].map((text) => say(bob, text));
    all();
    ann.run('chat.markRead', { channelId });
    ann.run('chat.markUnread', { messageId: ids[1] });
    expect(channelOf(ann, channelId)).toMatchObject({ unread: 2, firstUnread: ids[1] });
    ann.run('chat.markRead', { channelId });
    expect(channelOf(ann, channelId)).toMatchObject({ unread: 0, firstUnread: null });
  });

  it('a channel by its level: all, mentions, none', () => {
    const { ann, bob, channelId, say, all } = three();
    say(bob, 'one');
    say(bob, `two ${writeReference({ kind: 'user', id: ann.user }, '@Ann')}`);
    all();
    const at = (level: string) => {
      ann.run('chat.setLevel', { channelId, level });
      const { unread, mentions } = badgeOf(ann);
      return [unread, mentions];
    };
    expect([at('all'), at('mentions'), at('none')]).toEqual([
      [2, 1],
      [1, 1],
      [0, 0],
    ]);
    // What one reads is not hidden.
    expect(channelOf(ann, channelId)).toMatchObject({ unread: 2, level: 'none' });
    expect(whyNot(ann.run('chat.setLevel', { channelId, level: 'some' }))).toBe('noSuchLevel');
  });
});

describe('a message', () => {
  it('is pinned once for everybody, the last first, and leaves the pins when it is removed', () => {
    const { ann, bob, channelId, say, all } = three();
    const [one, two] = [say(ann, 'one'), say(ann, 'two')];
    all();
    for (const messageId of [one, two, two]) expect(whyNot(bob.run('chat.pin', { messageId }))).toBe('allowed');
    all();
    const pins = () => channelOf(ann, channelId).pins.map(({ id }) => id);
    expect(pins()).toEqual([two, one]);
    ann.run('chat.remove', { messageId: two });
    expect(pins()).toEqual([one]);
    ann.run('chat.pin', { messageId: one, on: false });
    expect(pins()).toEqual([]);
    expect(whyNot(ann.run('chat.pin', { messageId: two }))).toBe('removed');
  });

  it('is found by its day: the first from then on, else the last before', () => {
    const { ann, bob, channelId, say, all } = three();
    const one = say(ann, 'one');
    all();
    say(bob, 'aside', { thread: one });
    const two = say(ann, 'two');
    all();
    const at = rowsOf(ann, channelId).map((row) => row.at);
    const since = (ms: number) => answerOf(ann.query('chat.firstSince', { channelId, at: ms }));
    expect([since(0), since((at[0] ?? 0) + 1), since((at[1] ?? 0) + 1_000)]).toEqual([
      { messageId: one },
      { messageId: two },
      { messageId: two },
    ]);
  });

  it('becomes a document that is linked to it, named by its first words', () => {
    const { ann, say } = three();
    const messageId = say(ann, `**Plan** of ${writeReference({ kind: 'user', id: ann.user }, '@Ann')}\nmore`);
    const id = idOf(ann.run('chat.makeDocument', { messageId }));
    expect(ann.view.graph(SPACE)?.node(id)?.field('title')).toBe('Plan of @Ann');
    expect(
      ann.view
        .graph(SPACE)
        ?.edgesFrom(id)
        .map(({ to }) => to),
    ).toEqual([messageId]);
  });
});

type Act =
  | { readonly type: 'say' | 'remove'; readonly by: number; readonly pick: number; readonly where: number }
  | { readonly type: 'arrive'; readonly from: number; readonly count: number }
  | { readonly type: 'read' | 'readThread' | 'readAll' | 'reload' | 'unread' | 'level'; readonly pick: number };
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constantFrom('say', 'say', 'say', 'remove'),
      by: fc.nat(2),
      pick: fc.nat(9),
      where: fc.nat(3),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('arrive'), from: fc.nat(2), count: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom('read', 'readThread', 'readThread', 'readAll', 'reload', 'unread', 'level'),
      pick: fc.nat(9),
    }),
  },
) as fc.Arbitrary<Act>;

describe('badges', () => {
  it('say what is unread in the channel and in my threads, under any order of arrivals, readings, levels and reloads', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 50, size: 'max' }), (acts) => {
        const { ann: me, bob, cleo, channelId } = three();
        const people = [me, bob, cleo] as const;
        const named = writeReference({ kind: 'user', id: me.user }, '@Ann');
        const seen = new Set<string>();
        let level = 'all';
        const idsOf = (replica: Replica) => rowsOf(replica, channelId).map(({ id }) => id);
        for (const each of acts) {
          if (each.type === 'arrive') {
            const from = people[each.from] as Replica;
            for (const to of people) {
              const known = new Set(to.held.map(({ id }) => id));
              to.admit(from.held.filter((entry) => entry.space === SPACE && !known.has(entry.id)).slice(0, each.count));
            }
          } else if (each.type === 'say') {
            const by = people[each.by] as Replica;
            const ids = idsOf(by);
            const thread = each.where > 0 ? ids[each.pick % Math.max(1, ids.length)] : undefined;
            const more = thread === undefined ? {} : { thread, also: each.where === 3 };
            idOf(by.run('chat.send', { channelId, text: each.pick === 0 ? `hi ${named}` : 'hi', ...more }));
          } else if (each.type === 'remove') {
            const by = people[each.by] as Replica;
            const own = rowsOf(by, channelId).filter(({ mine }) => mine);
            const row = own[each.pick % Math.max(1, own.length)];
            if (row) by.run('chat.remove', { messageId: row.id });
          } else if (each.type === 'read') {
            me.run('chat.markRead', { channelId });
            for (const id of idsOf(me)) seen.add(id);
          } else if (each.type === 'readAll') {
            me.run('chat.markAllRead', { spaceId: SPACE });
            for (const id of idsOf(me)) for (const row of [{ id }, ...threadOf(me, id)]) seen.add(row.id);
          } else if (each.type === 'reload') me.reload(me.held);
          else if (each.type === 'level') {
            level = ['all', 'mentions', 'none'][each.pick % 3] as string;
            me.run('chat.setLevel', { channelId, level });
          } else {
            const ids = idsOf(me);
            const id = ids[each.pick % Math.max(1, ids.length)];
            if (id === undefined) continue;
            if (each.type === 'unread') {
              me.run('chat.markUnread', { messageId: id });
              for (const later of ids.slice(ids.indexOf(id))) seen.delete(later);
            } else {
              me.run('chat.markThreadRead', { messageId: id });
              for (const row of threadOf(me, id).slice(1)) if (!idsOf(me).includes(row.id)) seen.add(row.id);
            }
          }
          const rows = rowsOf(me, channelId);
          const isNews = (row: MessageRow) => !row.mine && !row.deleted && !seen.has(row.id);
          const inChannel = rows.filter(isNews);
          const roots = new Set(rows.map((row) => row.thread ?? row.id));
          const inThreads = [...roots].flatMap((root) => {
            const [top, ...replies] = threadOf(me, root);
            const since = top?.mine
              ? 0
              : (replies.find((row) => row.mine && !row.deleted)?.at ?? Number.POSITIVE_INFINITY);
            return replies
              .filter((row) => !rows.some(({ id }) => id === row.id))
              .filter((row) => isNews(row) && (row.at >= since || row.text.includes(named)));
          });
          const news = [...inChannel, ...inThreads];
          const mentions = news.filter((row) => row.text.includes(named)).length;
          expect(rows.filter(({ unread }) => unread).map(({ id }) => id)).toEqual(inChannel.map(({ id }) => id));
          expect(channelOf(me, channelId).threads.reduce((sum, { unread }) => sum + unread, 0)).toBe(inThreads.length);
          expect(badgeOf(me)).toMatchObject({
            unread: level === 'all' ? news.length : level === 'mentions' ? mentions : 0,
            mentions: level === 'none' ? 0 : mentions,
          });
        }
      }),
      { numRuns: 25 },
    );
  });
});
