import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeReference } from '../../src/base/reference';
import type { ChannelAnswer, ChannelRow, MessageRow } from '../../src/bridge/messages';
import { arrivalsIn } from '../../src/os/graph/find';
import { recordReads, touchedBy } from '../../src/os/graph/query';
import type { Value, View } from '../../src/os/schema/define';
import { addresses, mentions } from '../../src/os/schema/unread';
import type { FoldEntry } from '../../src/vm/graph/engine';
import { contentShardOf, type DeviceId, type NodeId, nodeIdOf, type UserId } from '../../src/vm/op/ids';
import {
  answerOf,
  createReplica,
  deliver,
  idOf,
  type Replica,
  registry,
  SPACE,
  ticking,
  whyNot,
} from '../support/view';

const rowsOf = (replica: Replica, channelId: string) =>
  answerOf<readonly MessageRow[]>(replica.query('chat.messages', { channelId, limit: 500 }));
const channelOf = (replica: Replica, channelId: string) =>
  answerOf<ChannelAnswer>(replica.query('chat.channel', { channelId }));

/** Looks through all of a part instead. */
const withoutIndex = ({ view }: Replica): View => ({
  ...view,
  arrivals: (space, part, type) => {
    const engine = view.graph(space);
    return arrivalsIn(engine && { space, engine }, part, type, (entry) => view.position(space, entry));
  },
});

/** Entries one at a time in an order drawn from `picks`, each log in its own order. */
const interleaved = (entries: readonly FoldEntry[], picks: readonly number[]): readonly FoldEntry[] => {
  const queues = new Map<string, FoldEntry[]>();
  for (const entry of entries) queues.set(entry.log, [...(queues.get(entry.log) ?? []), entry]);
  const mixed: FoldEntry[] = [];
  for (let i = 0; queues.size > 0; i++) {
    const logs = [...queues.keys()];
    const log = logs[(picks[i % picks.length] ?? 0) % logs.length] as string;
    const queue = queues.get(log) as FoldEntry[];
    mixed.push(queue.shift() as FoldEntry);
    if (queue.length === 0) queues.delete(log);
  }
  return mixed;
};

type Act =
  | { readonly type: 'send' | 'remove' | 'restore' | 'edit'; readonly by: number; readonly pick: number }
  | { readonly type: 'arrive'; readonly from: number; readonly to: number; readonly count: number }
  /** `all`, or up to the message drawn by `pick` as it stands now. */
  | { readonly type: 'read'; readonly all: boolean; readonly pick: number }
  | { readonly type: 'reload'; readonly picks: readonly number[] };
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constantFrom('send', 'send', 'send', 'remove', 'restore', 'edit'),
      by: fc.nat(2),
      pick: fc.nat(20),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('arrive'),
      from: fc.nat(2),
      to: fc.constantFrom(0, 0, 1, 2),
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('read'), all: fc.boolean(), pick: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('reload'), picks: fc.array(fc.nat(7), { minLength: 1, maxLength: 12 }) }),
  },
) as fc.Arbitrary<Act>;

describe('unread', () => {
  it('is what arrived since the last reading, not mine and not removed, under any order of arrivals, readings and reloads', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60, size: 'max' }), (acts) => {
        const clock = ticking();
        const me = createReplica({ name: 'Ann', clock });
        const others = [createReplica({ name: 'Bob', clock }), createReplica({ name: 'Cleo', role: 'admin', clock })];
        const people = [me, ...others] as const;
        const channelId = idOf(me.run('chat.createChannel', { spaceId: SPACE, title: 'general' }));
        deliver(me, ...others);
        /** Messages that were there when I last read. */
        const seen = new Set<string>();

        for (const each of acts) {
          if (each.type === 'arrive') {
            const from = people[each.from] as Replica;
            const to = people[each.to] as Replica;
            const known = new Set(to.held.map((entry) => entry.id));
            const waiting = from.held.filter((entry) => entry.space === SPACE && !known.has(entry.id));
            to.admit(waiting.slice(0, each.count));
          } else if (each.type === 'read') {
            const rows = rowsOf(me, channelId);
            const last = each.all ? undefined : rows[each.pick % Math.max(1, rows.length)];
            const sight = last ? rows.slice(0, rows.indexOf(last) + 1) : rows;
            expect(me.run('chat.markRead', { channelId, ...(last ? { upTo: last.id } : {}) }).ok).toBe(true);
            for (const row of rows) if (row.mine || sight.includes(row)) seen.add(row.id);
            if (sight.length === rows.length)
              expect(channelOf(me, channelId)).toMatchObject({ unread: 0, firstUnread: null });
          } else if (each.type === 'reload') me.reload(interleaved(me.held, each.picks));
          else {
            const by = people[each.by] as Replica;
            if (each.type === 'send') {
              idOf(by.run('chat.send', { channelId, text: `message ${each.pick}` }));
              continue;
            }
            const rows = rowsOf(by, channelId);
            const messageId = rows[each.pick % Math.max(1, rows.length)]?.id;
            if (messageId === undefined) continue;
            by.run(`chat.${each.type}`, each.type === 'edit' ? { messageId, text: 'again' } : { messageId });
          }
          const rows = rowsOf(me, channelId);
          const expected = rows.filter((row) => !row.mine && !row.deleted && !seen.has(row.id)).map((row) => row.id);
          expect(rows.filter((row) => row.unread).map((row) => row.id)).toEqual(expected);
          const counted = { unread: expected.length, firstUnread: expected[0] ?? null };
          expect(channelOf(me, channelId)).toMatchObject(counted);
          expect(registry.query('chat.channel')?.run(withoutIndex(me), { channelId })).toMatchObject(counted);
          const [channel] = answerOf<readonly ChannelRow[]>(me.query('chat.channels', { spaceId: SPACE }));
          expect(channel?.unread).toBe(expected.length);
          const lastSeen = rows.findLastIndex((row) => seen.has(row.id));
          expect(rows.filter((row) => row.late).map((row) => row.id)).toEqual(
            rows
              .slice(0, Math.max(0, lastSeen))
              .filter((row) => row.unread)
              .map((row) => row.id),
          );
        }
      }),
      { numRuns: 100 },
    );
  });

  it('is read on all devices of a person once one of them has read', () => {
    const clock = ticking();
    const bob = createReplica({ name: 'Bob', clock });
    const laptop = createReplica({ name: 'Ann', device: 'laptop', clock });
    const phone = createReplica({ name: 'Ann', device: 'phone', clock });
    const channelId = idOf(bob.run('chat.createChannel', { spaceId: SPACE, title: 'general' }));
    idOf(bob.run('chat.send', { channelId, text: 'hello' }));
    deliver(bob, laptop, phone);
    expect(channelOf(phone, channelId).unread).toBe(1);
    laptop.run('chat.markAllRead', { spaceId: SPACE });
    deliver(laptop, phone);
    expect(channelOf(phone, channelId).unread).toBe(0);
    expect(phone.view.personal(`read/${channelId}`)).toBeTypeOf('object');
  });

  it('is read on devices that made the marker of one channel apart, by whichever marked last', () => {
    const clock = ticking();
    const bob = createReplica({ name: 'Bob', clock });
    const laptop = createReplica({ name: 'Ann', device: 'laptop', clock });
    const phone = createReplica({ name: 'Ann', device: 'phone', clock });
    const channelId = idOf(bob.run('chat.createChannel', { spaceId: SPACE, title: 'general' }));
    idOf(bob.run('chat.send', { channelId, text: 'one' }));
    deliver(bob, laptop, phone);
    phone.run('chat.markRead', { channelId });
    idOf(bob.run('chat.send', { channelId, text: 'two' }));
    deliver(bob, laptop, phone);
    laptop.run('chat.markRead', { channelId });
    deliver(laptop, phone);
    deliver(phone, laptop);
    expect(phone.view.personal(`read/${channelId}`)).toEqual(laptop.view.personal(`read/${channelId}`));
    expect([channelOf(phone, channelId).unread, channelOf(laptop, channelId).unread]).toEqual([0, 0]);
  });

  it('never counts my own messages, and reading what is read already writes nothing', () => {
    const ann = createReplica({ name: 'Ann', clock: ticking() });
    const channelId = idOf(ann.run('chat.createChannel', { spaceId: SPACE, title: 'general' }));
    idOf(ann.run('chat.send', { channelId, text: 'to myself' }));
    expect(channelOf(ann, channelId).unread).toBe(0);
    ann.run('chat.markRead', { channelId });
    const before = ann.held.length;
    expect(whyNot(ann.run('chat.markRead', { channelId }))).toBe('allowed');
    expect(ann.held.length).toBe(before);
  });

  it('survives a marker that is no vector', () => {
    const clock = ticking();
    const bob = createReplica({ name: 'Bob', clock });
    const ann = createReplica({ name: 'Ann', clock });
    const channelId = idOf(bob.run('chat.createChannel', { spaceId: SPACE, title: 'general' }));
    idOf(bob.run('chat.send', { channelId, text: 'one' }));
    deliver(bob, ann);
    const log = Object.keys(ann.view.heads(channelId))[0] as string;
    const unreadWith = (marker: Value): unknown =>
      registry.query('chat.channel')?.run({ ...ann.view, personal: () => marker }, { channelId });
    for (const marker of [
      ['read'],
      null,
      'x',
      7,
      { [log]: '0' },
      { [log]: null },
      { [log]: 0.5 },
      { __proto__: null },
    ]) {
      expect(unreadWith(marker as Value)).toMatchObject({ unread: 1 });
    }
    expect(unreadWith({ [log]: 0 })).toMatchObject({ unread: 0 });
  });
});

describe('counting the unread', () => {
  it('follows a node that was claimed in two channels to the one of the earlier claim', () => {
    let now = 1_700_000_000_000;
    const clock = (): number => ++now;
    const bob = createReplica({ name: 'Bob', clock });
    const ann = createReplica({ name: 'Ann', clock });
    const make = (title: string) => idOf(bob.run('chat.createChannel', { spaceId: SPACE, title }));
    const [first, second] = [make('first'), make('second')];
    const device = bob.held[0]?.device as DeviceId;
    const node = nodeIdOf(SPACE, device, 0, 99);
    const claim = (channel: NodeId): void => {
      const ops = [
        { type: 'nodeNew', node, nodeType: 'Message', counter: 99 },
        { type: 'fieldSet', node, key: 'text', value: '"mine"' },
      ] as const;
      bob.seal(SPACE, [{ shard: contentShardOf(SPACE, channel), class: 'content', ops: [...ops] }]);
    };
    const counts = () => [first, second].map((channelId) => channelOf(ann, channelId).unread);
    claim(second);
    deliver(bob, ann);
    expect(counts()).toEqual([0, 1]);
    now -= 1_000;
    claim(first);
    deliver(bob, ann);
    expect(counts()).toEqual([1, 0]);
    ann.run('chat.markAllRead', { spaceId: SPACE });
    expect(counts()).toEqual([0, 0]);
  });

  it('looks at what is new and at what calls somebody, however much was said before', () => {
    const clock = ticking();
    const bob = createReplica({ name: 'Bob', clock });
    const ann = createReplica({ name: 'Ann', clock });
    const channelIds = ['one', 'two'].map((title) => idOf(bob.run('chat.createChannel', { spaceId: SPACE, title })));
    const [one = '', two = ''] = channelIds;
    const say = (channelId: string, count: number, text: string): void => {
      for (let i = 0; i < count; i++) idOf(bob.run('chat.send', { channelId, text }));
    };
    const rows = () => answerOf<readonly ChannelRow[]>(ann.query('chat.channels', { spaceId: SPACE }));
    const looked = (work: () => void): number => {
      const before = ann.looks();
      work();
      return ann.looks() - before;
    };
    for (const channelId of channelIds) say(channelId, 600, 'once');
    deliver(bob, ann);
    expect(rows().map(({ unread }) => unread)).toEqual([600, 600]);
    // Nothing is read yet: what is unread is counted, not walked.
    expect(looked(rows)).toBeLessThan(20);
    expect(looked(() => channelOf(ann, one))).toBeLessThan(20);
    ann.run('chat.markAllRead', { spaceId: SPACE });
    say(two, 2, 'again');
    say(two, 3, 'you, @Ann');
    deliver(bob, ann);
    const cost = looked(() =>
      expect(rows()).toMatchObject([
        { unread: 0, mentions: 0 },
        { unread: 5, mentions: 3 },
      ]),
    );
    expect(cost).toBeLessThan(50);
  });

  it('is not run again for what is no message', () => {
    const ann = createReplica({ name: 'Ann', clock: ticking() });
    const channelId = idOf(ann.run('chat.createChannel', { spaceId: SPACE, title: 'general' }));
    const messageId = idOf(ann.run('chat.send', { channelId, text: 'hello' }));
    const { view, reads } = recordReads(ann.view);
    registry.query('chat.channel')?.run(view, { channelId });
    const touched = (node: string, type: string): boolean =>
      touchedBy(
        reads,
        SPACE,
        {
          nodes: new Set([node as NodeId]),
          types: new Set([type]),
          documents: new Map(),
          rebuilt: new Set(),
          edges: new Set(),
        },
        ann.view.graph(SPACE),
      );
    expect(touched(messageId, 'Message')).toBe(true);
    expect(touched(idOf(ann.run('editor.createDocument', { spaceId: SPACE, title: 'plan' })), 'Document')).toBe(false);
    ann.run('chat.react', { messageId, emoji: '👍' });
    const [reaction] = [...(ann.view.graph(SPACE)?.nodesOfType('Reaction') ?? [])];
    expect(touched(reaction?.id as string, 'Reaction')).toBe(false);
  });
});

describe('a mention', () => {
  it('is "@" and exactly the name, not the beginning of a longer one', () => {
    expect(mentions('hi @Ann!', 'Ann')).toBe(true);
    expect(mentions('@Anna and @Ann', 'Ann')).toBe(true);
    expect(mentions('@Anna', 'Ann')).toBe(false);
    expect(mentions('@Анна', 'Анна')).toBe(true);
    expect(mentions('@Аннабель', 'Анна')).toBe(false);
    expect(mentions('@ann', 'Ann')).toBe(false);
    expect(mentions('@', '')).toBe(false);
    expect(mentions(7, 'Ann')).toBe(false);
  });

  it('is told by id: not by a name that two people share, and still after one was renamed', () => {
    const me = { userId: 'a'.repeat(64) as UserId, name: 'Ann' };
    const other = { userId: 'b'.repeat(64) as UserId, name: 'Ann' };
    const text = `look, ${writeReference({ kind: 'user', id: me.userId }, '@Ann')}`;
    expect([addresses(text, me), addresses(text, other)]).toEqual([true, false]);
    expect(addresses(text, { ...me, name: 'Anna Maria' })).toBe(true);
    // As texts did before there were references.
    expect([addresses('look, @Ann', me), addresses('look, @Ann', other)]).toEqual([true, true]);
  });

  it('by id counts in a channel, with whatever label', () => {
    const clock = ticking();
    const bob = createReplica({ name: 'Bob', clock });
    const ann = createReplica({ name: 'Ann', clock });
    const channelId = idOf(bob.run('chat.createChannel', { spaceId: SPACE, title: 'general' }));
    const to = (user: UserId) => `hi [colleague](lgos:user/${user})`;
    idOf(bob.run('chat.send', { channelId, text: to(ann.user) }));
    idOf(bob.run('chat.send', { channelId, text: to(bob.user) }));
    deliver(bob, ann);
    const [row] = answerOf<readonly ChannelRow[]>(ann.query('chat.channels', { spaceId: SPACE }));
    expect(row).toMatchObject({ unread: 2, mentions: 1 });
  });

  it('counts in a channel while its message is unread', () => {
    const clock = ticking();
    const bob = createReplica({ name: 'Bob', clock });
    const ann = createReplica({ name: 'Ann', clock });
    const channelId = idOf(bob.run('chat.createChannel', { spaceId: SPACE, title: 'general' }));
    idOf(bob.run('chat.send', { channelId, text: 'look, @Ann' }));
    idOf(bob.run('chat.send', { channelId, text: 'look, @Bob' }));
    deliver(bob, ann);
    const rows = () => answerOf<readonly ChannelRow[]>(ann.query('chat.channels', { spaceId: SPACE }));
    expect(rows()[0]).toMatchObject({ unread: 2, mentions: 1 });
    ann.run('chat.markRead', { channelId });
    expect(rows()[0]).toMatchObject({ unread: 0, mentions: 0 });
  });
});
