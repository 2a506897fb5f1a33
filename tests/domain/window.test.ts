import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageRow, MessageWindow } from '../../src/bridge/messages';
import { diff } from '../../src/bridge/patch';
import { arrivalsIn } from '../../src/os/graph/find';
import { createLive, type Live } from '../../src/os/graph/live';
import type { View } from '../../src/os/schema/define';
import { asideOf } from '../../src/os/schema/unread';
import { type Hlc, hlcOf } from '../../src/vm/op/clock';
import { contentShardOf, type EntryId, type NodeId } from '../../src/vm/op/ids';
import {
  answerOf,
  createReplica,
  deliver,
  idFrom,
  idOf,
  type Replica,
  registry,
  SPACE,
  ticking,
} from '../support/view';

const windowOf = (replica: Replica, args: object): MessageWindow =>
  answerOf<MessageWindow>(replica.query('chat.window', args));
const textsOf = ({ rows }: MessageWindow): readonly string[] => rows.map(({ text }) => text);
const send = (replica: Replica, channelId: string, text: string, more: object = {}): NodeId =>
  idOf(replica.run('chat.send', { channelId, text, ...more }));

/** Looks through all of a part instead. */
const withoutIndex = ({ view }: Replica): View => ({
  ...view,
  arrivals: (space, part, type) => {
    const engine = view.graph(space);
    return arrivalsIn(engine && { space, engine }, part, type, (entry) => view.position(space, entry));
  },
});

/** What stands in the channel, by looking at everything. */
const all = ({ view }: Replica, channelId: NodeId): readonly NodeId[] =>
  [...(view.graph(SPACE)?.nodesOfShard(contentShardOf(SPACE, channelId)) ?? [])]
    .filter((node) => node.type === 'Message' && asideOf(node) === undefined)
    .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);

const people = (clock = ticking()) => {
  const ann = createReplica({ name: 'Ann', clock });
  const bob = createReplica({ name: 'Bob', clock });
  const channelId = idOf(ann.run('chat.createChannel', { spaceId: SPACE, title: 'general' }));
  deliver(ann, bob);
  return { ann, bob, channelId };
};

describe('a window of a channel', () => {
  it('is what lies around a message, a place or the end, with as many before and after as there are, indexed or not', () => {
    const act = fc.record({
      type: fc.constantFrom('send', 'send', 'thread', 'also', 'remove', 'arrive'),
      by: fc.nat(1),
      pick: fc.nat(40),
    });
    const spot = fc.record({
      kind: fc.constantFrom('at', 'rank', 'end'),
      pick: fc.nat(60),
      limit: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(
        fc.array(act, { maxLength: 40, size: 'max' }),
        fc.array(spot, { minLength: 1, maxLength: 4 }),
        (acts, spots) => {
          const { ann, bob, channelId } = people();
          for (const { type, by, pick } of acts) {
            const who = by === 0 ? ann : bob;
            const said = all(who, channelId);
            const one = said[pick % Math.max(1, said.length)];
            if (type === 'arrive') deliver(by === 0 ? bob : ann, who);
            else if (type === 'send') send(who, channelId, `m${pick}`);
            else if (one !== undefined && type === 'remove') who.run('chat.remove', { messageId: one });
            else if (one !== undefined) send(who, channelId, `t${pick}`, { thread: one, also: type === 'also' });
          }
          deliver(bob, ann);
          const ids = all(ann, channelId);
          for (const { kind, pick, limit } of spots) {
            const place = kind === 'end' ? ids.length : pick % Math.max(1, ids.length);
            const args = {
              channelId,
              limit,
              ...(kind === 'at' && ids[place] ? { at: ids[place] } : kind === 'rank' ? { rank: place } : {}),
            };
            const isEnd = !('at' in args) && !('rank' in args && ids.length > 0);
            const above = isEnd ? limit : Math.floor(limit / 2);
            const middle = isEnd ? ids.length : place;
            const expected = ids.slice(Math.max(0, middle - above), isEnd ? ids.length : middle + limit - above);
            const told = windowOf(ann, args);
            expect(told.rows.map(({ id }) => id)).toEqual(expected);
            expect(told.before).toBe(expected.length === 0 ? 0 : ids.indexOf(expected[0] as NodeId));
            expect(told.before + told.rows.length + told.after).toBe(ids.length);
            expect(registry.query('chat.window')?.run(withoutIndex(ann), args)).toEqual(told);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is null around what is not in the channel, and of a channel that is not here', () => {
    const { ann, channelId } = people();
    const other = idOf(ann.run('chat.createChannel', { spaceId: SPACE, title: 'other' }));
    const elsewhere = send(ann, other, 'elsewhere');
    const nothing = idFrom('nothing').slice(32);
    for (const args of [{ channelId, at: elsewhere }, { channelId, at: nothing }, { channelId: nothing }])
      expect(windowOf(ann, args)).toBeNull();
    expect(windowOf(ann, { channelId })).toEqual({ rows: [], before: 0, after: 0 });
  });

  it('keeps the places of what was erased for good, counts them, and opens at one', () => {
    const clock = ticking();
    const { ann, channelId } = people(clock);
    for (let i = 0; i < 5; i++) send(ann, channelId, `${i}`);
    const gone = (n: number) => {
      const hlc: Hlc = hlcOf(clock());
      const by = ann.user;
      return {
        id: idFrom(`gone ${n}`).slice(32) as NodeId,
        by,
        author: by,
        at: 1,
        hlc,
        entry: idFrom(`entry ${n}`) as EntryId,
        within: channelId,
      };
    };
    const erased = [gone(0), gone(1)];
    for (let i = 5; i < 10; i++) send(ann, channelId, `${i}`);
    const view: View = { ...ann.view, erased: () => erased };
    const asked = (args: object) => registry.query('chat.window')?.run(view, { channelId, ...args }) as MessageWindow;
    const shape = ({ rows, before, after }: MessageWindow) => [
      before,
      rows.map((row) => (row.erased ? '-' : row.text)).join(''),
      after,
    ];
    expect(shape(asked({}))).toEqual([0, '01234--56789', 0]);
    expect(shape(asked({ limit: 4, at: erased[1]?.id }))).toEqual([4, '4--5', 4]);
    expect(shape(asked({ limit: 3 }))).toEqual([9, '789', 0]);
    expect(shape(asked({ limit: 2, rank: 1 }))).toEqual([0, '01', 10]);
  });
});

describe('a window that is watched', () => {
  const watching = (args: (ids: readonly NodeId[], channelId: NodeId) => object) => {
    const clock = ticking();
    let live: Live | undefined;
    let runs = 0;
    const ann = createReplica({ name: 'Ann', clock, changed: (space, changes) => live?.changed(space, changes) });
    const bob = createReplica({ name: 'Bob', clock });
    const channelId = idOf(ann.run('chat.createChannel', { spaceId: SPACE, title: 'general' }));
    deliver(ann, bob);
    // Bob says something that comes late: after all that Ann said then.
    const ids = Array.from({ length: 20 }, (_, i) => send(ann, channelId, `${i}`));
    const late = send(bob, channelId, 'late');
    const more = Array.from({ length: 20 }, (_, i) => send(ann, channelId, `${i + 20}`));
    live = createLive({
      run: (name, asked, view) => {
        runs++;
        return { ok: true, value: registry.query(name)?.run(view, asked as never) };
      },
      view: () => ann.view,
      schedule: () => {},
      faulted: (fault) => {
        throw fault;
      },
    });
    const answers: MessageWindow[] = [];
    const asked = { channelId, limit: 10, ...args([...ids, ...more], channelId) };
    live.watch('chat.window', asked, (answer) => answers.push(answer as MessageWindow));
    const next = (): { readonly now: MessageWindow; readonly was: MessageWindow; readonly ran: number } => {
      runs = 0;
      live?.flush();
      return { now: answers.at(-1) as MessageWindow, was: answers.at(-2) as MessageWindow, ran: runs };
    };
    return { ann, bob, channelId, ids: [...ids, ...more], late, next, told: answers };
  };

  it('stays around what is read: what comes after it, and late before it, is counted and moves no row', () => {
    const { ann, bob, ids, channelId, next, told } = watching((all) => ({ at: all[30] }));
    expect(textsOf(told[0] as MessageWindow)).toEqual(Array.from({ length: 10 }, (_, i) => `${i + 25}`));
    send(ann, channelId, 'newest');
    let { now, was } = next();
    expect(now).toMatchObject({ before: 25, after: 6 });
    expect(now.rows).toBe(was.rows);
    deliver(bob, ann);
    ({ now, was } = next());
    expect(now).toMatchObject({ before: 26, after: 6 });
    expect(now.rows).toBe(was.rows);
    // What travels of either is the count alone.
    expect(diff(was, now)).toEqual({ type: 'parts', parts: [['before', { type: 'whole', answer: 26 }]] });
    ann.run('chat.edit', { messageId: ids[31], text: 'edited' });
    ({ now, was } = next());
    const changed = (row: MessageRow, i: number): boolean => row !== was.rows[i];
    expect(now.rows.filter(changed).map(({ text }) => text)).toEqual(['edited']);
    ann.run('chat.remove', { messageId: ids[30] });
    ({ now } = next());
    expect(now.rows.map(({ id }) => id)).toEqual(ids.slice(25, 35));
    expect(now.rows[5]).toMatchObject({ deleted: true, text: '' });
  });

  it('takes in what comes late between its rows, and lets the farthest go', () => {
    const { ann, bob, ids, late, next } = watching((all) => ({ at: all[20] }));
    deliver(bob, ann);
    const { now } = next();
    expect(now.rows.map(({ id }) => id)).toEqual([...ids.slice(16, 20), late, ...ids.slice(20, 25)]);
    expect(now).toMatchObject({ before: 16, after: 15 });
  });

  it('follows at the end, and is not asked again for what happens to messages elsewhere', () => {
    const { ann, ids, channelId, next } = watching(() => ({}));
    send(ann, channelId, 'newest');
    expect(textsOf(next().now).slice(-2)).toEqual(['39', 'newest']);
    ann.run('chat.react', { messageId: ids[3], emoji: '👍' });
    ann.run('comments.add', { objectId: ids[3], text: 'hm' });
    expect(next().ran).toBe(0);
    ann.run('chat.react', { messageId: ids[35], emoji: '👍' });
    expect(next().now.rows.find(({ id }) => id === ids[35])?.reactions).toHaveLength(1);
  });
});
