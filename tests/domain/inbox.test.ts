import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ok } from '../../src/base/result';
import type { BadgeAnswer, InboxAnswer, MessageRow, NotificationRow } from '../../src/bridge/messages';
import { createLive } from '../../src/os/graph/live';
import type { GraphNode, SpaceId } from '../../src/os/schema/define';
import { mentions } from '../../src/os/schema/unread';
import type { ChangeSet } from '../../src/vm/graph/engine';
import {
  answerOf,
  createReplica,
  deliver,
  idOf,
  type Replica,
  registry,
  SPACE,
  team,
  ticking,
  whyNot,
} from '../support/view';

const inboxOf = (replica: Replica, show = 'open') =>
  answerOf<InboxAnswer>(replica.query('hub.inbox', { show, limit: 500 })).rows;
const badgeOf = (replica: Replica) => answerOf<BadgeAnswer>(replica.query('hub.badge', {}));
const idsOf = (rows: readonly NotificationRow[]) => rows.flatMap(({ ids }) => ids).sort();
const TYPES = ['Message', 'Comment', 'Reaction', 'Suggestion', 'Verdict'];

/** What addresses the replica's person, by a look at every node and none of the code that is judged but the sign of a name. */
const truthOf = (replica: Replica): readonly GraphNode[] => {
  const graph = replica.view.graph(SPACE);
  const me = replica.user;
  const all = TYPES.flatMap((type) => [...(graph?.nodesOfType(type) ?? [])]);
  const mine = new Set<unknown>(
    ['Channel', 'Document', ...TYPES].flatMap((type) =>
      [...(graph?.nodesOfType(type) ?? [])].filter(({ author }) => author === me).map(({ id }) => id),
    ),
  );
  const threads = new Set(
    all
      .filter(({ type, author, deleted }) => type === 'Comment' && author === me && !deleted)
      .flatMap((node) => node.field('parent') ?? []),
  );
  return all.filter((node) => {
    if (node.deleted || node.author === me) return false;
    const fields = { Message: ['replyTo'], Comment: ['parent', 'object'], Reaction: ['message'] }[node.type] ?? [];
    if (fields.some((field) => mine.has(node.field(field)))) return true;
    if (node.type === 'Comment' && threads.has(node.field('parent') ?? '')) return true;
    return node.type !== 'Reaction' && mentions(node.field('text') ?? '', replica.view.me.name);
  });
};

type Act =
  | {
      readonly type: 'send' | 'call' | 'answer' | 'react' | 'comment' | 'remove' | 'restore' | 'edit';
      readonly by: number;
      readonly pick: number;
    }
  | { readonly type: 'arrive'; readonly from: number; readonly to: number; readonly count: number }
  | {
      readonly type: 'mark';
      readonly on: number;
      readonly as: 'done' | 'read' | 'unread' | 'open';
      readonly pick: number;
    }
  | { readonly type: 'snooze'; readonly on: number; readonly pick: number }
  | { readonly type: 'wait' }
  | { readonly type: 'readChat' }
  | { readonly type: 'allDone' }
  | { readonly type: 'reload' };
const act = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constantFrom(
        'send',
        'call',
        'call',
        'answer',
        'react',
        'comment',
        'comment',
        'remove',
        'restore',
        'edit',
      ),
      by: fc.nat(3),
      pick: fc.nat(20),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('arrive'),
      from: fc.nat(3),
      to: fc.constantFrom(0, 0, 1, 2, 3),
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('mark'),
      on: fc.nat(1),
      as: fc.constantFrom('done', 'done', 'read', 'unread', 'open'),
      pick: fc.nat(20),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('snooze'), on: fc.nat(1), pick: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('wait', 'readChat', 'allDone', 'reload') }) },
) as fc.Arbitrary<Act>;

describe('the inbox', () => {
  it('[HU1] [HU2] and its badge are what the whole graph says, after any arrivals, readings, marks, snoozes and reloads', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 50, size: 'max' }), (acts) => {
        const clock = ticking();
        let time = 0;
        const now = () => time;
        const laptop = createReplica({ name: 'Ann', device: 'laptop', clock, now });
        const phone = createReplica({ name: 'Ann', device: 'phone', clock, now });
        const others = [createReplica({ name: 'Bob', clock }), createReplica({ name: 'Cleo', role: 'admin', clock })];
        const people = [laptop, phone, ...others] as const;
        const channelId = idOf(others[0]?.run('chat.createChannel', { spaceId: SPACE, title: 'general' }) as never);
        deliver(others[0] as Replica, ...people);
        /** What this person did: the last word about each, and what had come when the channel was read. */
        const marks = new Map<string, 'done' | 'read' | 'unread' | number>();
        const read = new Set<string>();
        const share = (from: Replica, to: Replica) =>
          to.admit(from.held.filter(({ space }) => space === from.personalSpace));

        for (const each of acts) {
          if (each.type === 'arrive') {
            const [from, to] = [people[each.from] as Replica, people[each.to] as Replica];
            const known = new Set(to.held.map(({ id }) => id));
            to.admit(from.held.filter(({ space, id }) => space === SPACE && !known.has(id)).slice(0, each.count));
          } else if (each.type === 'wait') time += 60;
          else if (each.type === 'reload') laptop.reload(laptop.held);
          else if (each.type === 'readChat') {
            laptop.run('chat.markRead', { channelId });
            for (const type of TYPES)
              for (const { id } of laptop.view.graph(SPACE)?.nodesOfType(type) ?? []) read.add(id);
          } else if (each.type === 'allDone') {
            for (const { id } of truthOf(laptop))
              if (marks.get(id) === undefined || typeof marks.get(id) === 'string' || (marks.get(id) as number) <= time)
                marks.set(id, 'done');
            laptop.run('hub.markAll', { as: 'done' });
            share(laptop, phone);
          } else if (each.type === 'mark' || each.type === 'snooze') {
            const on = [laptop, phone][each.on] as Replica;
            const rows = [...inboxOf(on), ...inboxOf(on, 'done'), ...inboxOf(on, 'snoozed')];
            const row = rows[each.pick % Math.max(1, rows.length)];
            if (!row) continue;
            const to = each.type === 'snooze' ? time + 100 : each.as;
            const done =
              each.type === 'snooze'
                ? on.run('hub.snooze', { ids: row.ids, until: to })
                : on.run('hub.mark', { ids: row.ids, as: each.as });
            expect(whyNot(done)).toBe('allowed');
            for (const id of row.ids)
              if (to === 'open') marks.delete(id);
              else marks.set(id, to);
            share(on, on === laptop ? phone : laptop);
          } else {
            const by = people[each.by] as Replica;
            const said = answerOf<readonly MessageRow[]>(by.query('chat.messages', { channelId, limit: 500 }));
            const messageId = said[each.pick % Math.max(1, said.length)]?.id;
            const comments = [...(by.view.graph(SPACE)?.nodesOfType('Comment') ?? [])].filter(
              ({ deleted }) => !deleted,
            );
            if (each.type === 'send') by.run('chat.send', { channelId, text: 'to all' });
            else if (each.type === 'call') by.run('chat.send', { channelId, text: 'look, @Ann' });
            else if (!messageId) continue;
            else if (each.type === 'answer') by.run('chat.send', { channelId, text: 'yes', replyTo: messageId });
            else if (each.type === 'react') by.run('chat.react', { messageId, emoji: '👍' });
            else if (each.type === 'comment') {
              const parent = comments[each.pick % Math.max(1, comments.length)];
              const objectId = parent ? parent.field('object') : messageId;
              by.run('comments.add', {
                objectId,
                text: 'hm',
                ...(parent && each.pick % 3 ? { parent: parent.id } : {}),
              });
            } else
              by.run(`chat.${each.type}`, each.type === 'edit' ? { messageId, text: '@Ann, again' } : { messageId });
          }

          const all = truthOf(laptop);
          const stateOf = ({ id }: GraphNode) => {
            const mark = marks.get(id);
            if (mark === 'done') return 'done';
            return typeof mark === 'number' && mark > time ? 'snoozed' : 'open';
          };
          for (const state of ['open', 'snoozed', 'done'])
            expect(idsOf(inboxOf(laptop, state))).toEqual(
              all
                .filter((node) => stateOf(node) === state)
                .map(({ id }) => id)
                .sort(),
            );
          const unread = all.filter((node) => {
            const mark = marks.get(node.id);
            if (stateOf(node) !== 'open') return false;
            return typeof mark === 'number' || mark === 'unread' || (mark === undefined && !read.has(node.id));
          });
          expect(idsOf(inboxOf(laptop, 'unread'))).toEqual(unread.map(({ id }) => id).sort());
          expect(badgeOf(laptop).unread).toBe(unread.filter(({ type }) => type !== 'Reaction').length);
        }
        laptop.run('hub.markAll', { as: 'done' });
        expect(badgeOf(laptop)).toMatchObject({ unread: 0, open: 0 });
      }),
      { numRuns: 60 },
    );
  });

  it('tells why something is there, and where it stands', () => {
    const { ann, bob, cleo, channelId, messageId } = team();
    const documentId = idOf(ann.run('editor.createDocument', { spaceId: SPACE, title: 'Plan' }));
    deliver(ann, bob, cleo);
    const answer = idOf(bob.run('chat.send', { channelId, text: 'yes', replyTo: messageId }));
    bob.run('chat.react', { messageId, emoji: '👍' });
    deliver(bob, cleo);
    cleo.run('chat.react', { messageId, emoji: '🎉' });
    const thread = idOf(cleo.run('comments.add', { objectId: documentId, text: 'why?', block: 'b1' }));
    const suggestion = idOf(
      cleo.run('editor.suggest', { documentId, blocks: ['a1'], base: [], proposed: [], note: 'shorter' }),
    );
    deliver(bob, ann);
    deliver(cleo, ann);
    expect(inboxOf(ann)).toMatchObject([
      {
        kind: 'proposal',
        text: 'shorter',
        ids: [suggestion],
        place: { kind: 'document', id: documentId },
        quiet: false,
      },
      { kind: 'comment', text: 'why?', place: { id: documentId, block: 'b1', thread } },
      { kind: 'reaction', text: '🎉 👍', others: 1, about: 'first', quiet: true, place: { message: messageId } },
      {
        kind: 'answer',
        text: 'yes',
        about: 'first',
        person: { name: 'Bob' },
        place: { id: channelId, message: answer },
      },
    ]);
    expect(badgeOf(ann)).toMatchObject({ unread: 3, open: 4, snoozed: 0, until: null });
    // Read in Chat is read here; a document is read by itself.
    ann.run('chat.markRead', { channelId });
    expect(inboxOf(ann, 'unread').map(({ kind }) => kind)).toEqual(['proposal', 'comment']);
    expect(inboxOf(ann, 'requests').map(({ kind }) => kind)).toEqual(['proposal']);
  });

  it('tells of what is said in a thread to all who wrote in it, whatever came first', () => {
    const { ann, bob, cleo } = team();
    const documentId = idOf(bob.run('editor.createDocument', { spaceId: SPACE, title: 'Plan' }));
    const parent = idOf(bob.run('comments.add', { objectId: documentId, text: 'why?' }));
    deliver(bob, ann, cleo);
    idOf(cleo.run('comments.add', { objectId: documentId, text: 'because', parent }));
    deliver(cleo, ann);
    expect(inboxOf(ann)).toEqual([]);
    const own = idOf(ann.run('comments.add', { objectId: documentId, text: 'I see', parent }));
    expect(inboxOf(ann)).toMatchObject([{ kind: 'answer', text: 'because' }]);
    ann.run('comments.remove', { commentId: own });
    expect(inboxOf(ann)).toEqual([]);
  });

  it('is silent about who and what is muted or blocked, and about a channel by its level', () => {
    const { ann, bob, cleo, channelId, messageId } = team();
    bob.run('chat.send', { channelId, text: 'look, @Ann' });
    bob.run('chat.react', { messageId, emoji: '👍' });
    cleo.run('chat.send', { channelId, text: 'look, @Ann' });
    deliver(bob, ann);
    deliver(cleo, ann);
    const set = (key: string, value: string | boolean): void => {
      const write = ann.writer();
      write.setPersonal(key, value);
      for (const [space, drafts] of write.drafts()) ann.seal(space, drafts);
    };
    const kinds = () => inboxOf(ann).map(({ kind, person }) => `${kind} ${person.name}`);
    expect(kinds()).toEqual(['mention Cleo', 'reaction Bob', 'mention Bob']);
    set(`notify/${channelId}`, 'mentions');
    expect(kinds()).toEqual(['mention Cleo', 'mention Bob']);
    ann.run('hub.mute', { id: bob.user });
    expect(kinds()).toEqual(['mention Cleo']);
    ann.run('hub.mute', { id: bob.user, level: 'all' });
    set(`block/${cleo.user}`, true);
    expect(kinds()).toEqual(['mention Bob']);
    set(`notify/${channelId}`, 'none');
    expect(kinds()).toEqual([]);
    set(`notify/${channelId}`, 'all');
    expect(ann.run('hub.mute', { id: channelId })).toMatchObject({ value: { before: 'all' } });
    expect([kinds(), badgeOf(ann).unread]).toEqual([[], 0]);
    expect(answerOf(ann.query('hub.muted', {}))).toEqual([{ id: channelId, kind: 'channel', title: 'general' }]);
  });

  it('shows an Admin what waits for them, until it is decided or done', () => {
    let waiting = [{ id: 'e'.repeat(64), kind: 'request' as const, user: 'u'.repeat(64) as never, at: 5 }];
    const cleo = createReplica({
      name: 'Cleo',
      role: 'admin',
      clock: ticking(),
      waiting: (id) => (id === SPACE ? waiting : []),
    });
    expect(inboxOf(cleo, 'requests')).toMatchObject([
      { kind: 'request', unread: true, place: { kind: 'space', spaceId: SPACE } },
    ]);
    expect(badgeOf(cleo).unread).toBe(1);
    cleo.run('hub.markAll', { as: 'read' });
    expect(badgeOf(cleo)).toMatchObject({ unread: 0, open: 1 });
    waiting = [];
    expect(inboxOf(cleo)).toEqual([]);
  });

  it('puts back what was done, exactly, and refuses what is no mark', () => {
    const { ann, bob, channelId } = team();
    bob.run('chat.send', { channelId, text: 'look, @Ann' });
    deliver(bob, ann);
    const [row] = inboxOf(ann);
    const ids = row?.ids;
    const was = (outcome: ReturnType<Replica['run']>) => (outcome.ok ? outcome.value.before : undefined);
    const snoozed = ann.run('hub.snooze', { ids, until: 50 });
    expect(badgeOf(ann)).toMatchObject({ unread: 0, open: 0, snoozed: 1, until: 50 });
    const done = ann.run('hub.mark', { ids, as: 'done' });
    expect(inboxOf(ann, 'done')).toHaveLength(1);
    ann.run('hub.putBack', { before: was(done) });
    expect(inboxOf(ann, 'snoozed')).toMatchObject([{ until: 50 }]);
    ann.run('hub.putBack', { before: was(snoozed) });
    expect(inboxOf(ann)).toMatchObject([{ unread: true }]);
    expect(whyNot(ann.run('hub.mark', { ids: ['a b\n'], as: 'done' }))).toBe('badNotification');
    expect(whyNot(ann.run('hub.mark', { ids, as: 'gone' }))).toBe('badNotification');
    expect(whyNot(ann.run('hub.snooze', { ids, until: -1 }))).toBe('badNotification');
    expect(whyNot(ann.run('hub.putBack', { before: '[["x",{}]]' }))).toBe('badNotification');
  });

  it('is not run again for what addresses nobody, and is for what does', () => {
    const clock = ticking();
    let runs = 0;
    let flush = false;
    const live = createLive({
      run: (name, args, view) => {
        runs++;
        return ok(registry.query(name)?.run(view, args as never));
      },
      view: () => ann.view,
      schedule: () => {
        flush = true;
      },
      faulted: (fault) => {
        throw fault;
      },
    });
    const changed = (space: SpaceId, changes: ChangeSet): void => live.changed(space, changes);
    const ann: Replica = createReplica({ name: 'Ann', clock, changed });
    const bob = createReplica({ name: 'Bob', clock });
    const channelId = idOf(bob.run('chat.createChannel', { spaceId: SPACE, title: 'general' }));
    deliver(bob, ann);
    const told: BadgeAnswer[] = [];
    live.watch('hub.badge', {}, (answer) => told.push(answer as BadgeAnswer));
    const runsOf = (work: () => void): number => {
      const before = runs;
      work();
      deliver(bob, ann);
      if (flush) live.flush();
      flush = false;
      return runs - before;
    };
    expect(runsOf(() => bob.run('chat.send', { channelId, text: 'to all' }))).toBe(0);
    const own = idOf(ann.run('chat.send', { channelId, text: 'mine' }));
    deliver(ann, bob);
    expect(runsOf(() => {})).toBe(0);
    expect(runsOf(() => bob.run('chat.send', { channelId, text: 'yes', replyTo: own }))).toBe(1);
    expect(runsOf(() => bob.run('chat.send', { channelId, text: '@Ann' }))).toBe(1);
    expect(told.map(({ unread }) => unread)).toEqual([0, 1, 2]);
    expect(runsOf(() => ann.run('hub.markAll', { as: 'done' }))).toBe(1);
    expect(told.at(-1)?.unread).toBe(0);
  });
});
