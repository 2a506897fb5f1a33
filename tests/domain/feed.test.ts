import { describe, expect, it } from 'vitest';
import { ok } from '../../src/base/result';
import type { FeedAnswer } from '../../src/bridge/messages';
import { createLive } from '../../src/os/graph/live';
import type { SpaceId } from '../../src/os/schema/define';
import type { ChangeSet } from '../../src/vm/graph/engine';
import { answerOf, createReplica, deliver, idOf, type Replica, registry, SPACE, team, ticking } from '../support/view';

const HOUR = 3_600_000;
const feedOf = (replica: Replica, args: object = {}) => answerOf<FeedAnswer>(replica.query('hub.feed', args));
const told = (replica: Replica, args: object = {}) =>
  feedOf(replica, args).items.map(({ kind, count, people, place }) => [
    kind,
    place.title,
    count,
    people.map((p) => p.name),
  ]);

describe('the feed', () => {
  it('tells what changed, the newest first, put together by object, with the people of each', () => {
    const { ann, bob, cleo, channelId } = team();
    const documentId = idOf(ann.run('editor.createDocument', { spaceId: SPACE, title: 'Plan' }));
    deliver(ann, bob, cleo);
    idOf(bob.run('chat.send', { channelId, text: 'one' }));
    deliver(bob, ann, cleo);
    idOf(cleo.run('chat.send', { channelId, text: 'two' }));
    idOf(cleo.run('comments.add', { objectId: documentId, text: 'why?' }));
    const suggestionId = idOf(
      cleo.run('editor.suggest', { documentId, blocks: ['a1'], base: [], proposed: [], note: 'shorter' }),
    );
    deliver(cleo, ann, bob);
    bob.run('editor.decide', { suggestionId, verdict: 'accepted' });
    deliver(bob, ann);
    expect(told(ann)).toEqual([
      ['decided', 'Plan', 1, ['Bob']],
      ['proposed', 'Plan', 1, ['Cleo']],
      ['commented', 'Plan', 1, ['Cleo']],
      ['said', 'general', 3, ['Cleo', 'Bob', 'Ann']],
      ['created', 'Plan', 1, ['Ann']],
      ['created', 'general', 1, ['Ann']],
    ]);
    const [, , comment, said] = feedOf(ann).items;
    expect(comment).toMatchObject({ text: 'why?', rank: 'me', place: { kind: 'document', id: documentId } });
    expect(comment?.place.thread).toBeTypeOf('string');
    expect(said).toMatchObject({ text: 'two', rank: 'mine', place: { kind: 'channel', spaceId: SPACE } });
    expect(told(ann, { app: 'chat', person: bob.user })).toEqual([['said', 'general', 1, ['Bob']]]);
    expect(told(bob, { tab: 'guild' })).toEqual([]);
    deliver(bob, cleo);
    expect(told(cleo, { tab: 'mine' }).map(([kind]) => kind)).toEqual(['decided']);
  });

  it('begins a new card after some hours, and tells of nothing that was removed or is of somebody blocked', () => {
    let now = 1_700_000_000_000;
    const clock = () => ++now;
    const ann = createReplica({ name: 'Ann', clock });
    const bob = createReplica({ name: 'Bob', clock });
    const channelId = idOf(bob.run('chat.createChannel', { spaceId: SPACE, title: 'general' }));
    const first = idOf(bob.run('chat.send', { channelId, text: 'one' }));
    now += 5 * HOUR;
    idOf(bob.run('chat.send', { channelId, text: 'two' }));
    bob.run('editor.createDocument', { spaceId: SPACE, title: 'Plan' });
    deliver(bob, ann);
    expect(told(ann)).toEqual([
      ['created', 'Plan', 1, ['Bob']],
      ['said', 'general', 1, ['Bob']],
      ['said', 'general', 1, ['Bob']],
      ['created', 'general', 1, ['Bob']],
    ]);
    const { next } = feedOf(ann, { limit: 2 });
    expect(told(ann, { before: next as number })).toHaveLength(2);
    bob.run('chat.remove', { messageId: first });
    deliver(bob, ann);
    expect(told(ann)).toHaveLength(3);
    bob.run('chat.removeChannel', { channelId });
    deliver(bob, ann);
    expect(told(ann)).toEqual([
      ['removed', 'general', 1, ['Bob']],
      ['created', 'Plan', 1, ['Bob']],
    ]);
    const write = ann.writer();
    write.setPersonal(`block/${bob.user}`, true);
    for (const [space, drafts] of write.drafts()) ann.seal(space, drafts);
    expect(told(ann)).toEqual([]);
  });

  it('tells what was removed, put together by who did it, until it is brought back', () => {
    const { ann, bob, channelId } = team();
    const made = ['Plan', 'List'].map((title) => idOf(ann.run('editor.createDocument', { spaceId: SPACE, title })));
    const folder = idOf(ann.run('editor.createFolder', { spaceId: SPACE, title: 'Old' }));
    deliver(ann, bob);
    for (const documentId of [...made, folder]) bob.run('editor.remove', { documentId });
    deliver(bob, ann);
    ann.run('chat.removeChannel', { channelId });
    const removed = () => feedOf(ann).items.filter(({ kind }) => kind === 'removed');
    expect(removed()).toMatchObject([
      { count: 1, own: true, text: 'general', place: { kind: 'channel', title: 'general' } },
      { count: 3, text: 'Old, List, Plan', people: [{ name: 'Bob' }], place: { kind: 'space', spaceId: SPACE } },
    ]);
    expect(told(ann, { app: 'chat' }).map(([kind, title]) => [kind, title])).toContainEqual(['removed', 'general']);
    expect(removed().every(({ rank }) => rank === 'mine')).toBe(true);
    bob.run('editor.restore', { documentId: made[0] });
    deliver(bob, ann);
    ann.run('chat.restoreChannel', { channelId });
    expect(removed()).toMatchObject([{ count: 2, text: 'Old, List' }]);
  });

  it('puts what addresses a person first in a day, and then what is theirs', () => {
    const { ann, bob, channelId } = team();
    const other = idOf(bob.run('chat.createChannel', { spaceId: SPACE, title: 'harbour' }));
    idOf(bob.run('chat.send', { channelId, text: 'to all' }));
    idOf(bob.run('chat.send', { channelId: other, text: 'look, @Ann' }));
    idOf(bob.run('chat.send', { channelId, text: 'to all again' }));
    deliver(bob, ann);
    const ranks = (ranked: boolean) => feedOf(ann, { ranked, app: 'chat' }).items.map(({ rank }) => rank);
    expect(ranks(false)).toEqual(['mine', 'me', 'rest', 'mine']);
    expect(ranks(true)).toEqual(['me', 'mine', 'mine', 'rest']);
    ann.run('os.star', { id: other, on: true });
    expect(ranks(true)).toEqual(['me', 'mine', 'mine', 'favourite']);
  });

  it('tells what is older than a busy channel, and goes on from page to page without a gap', () => {
    let now = 1_700_000_000_000;
    const clock = () => ++now;
    const ann = createReplica({ name: 'Ann', clock });
    const bob = createReplica({ name: 'Bob', clock });
    for (const title of ['one', 'two', 'three', 'four']) bob.run('editor.createDocument', { spaceId: SPACE, title });
    const channelId = idOf(bob.run('chat.createChannel', { spaceId: SPACE, title: 'general' }));
    for (let i = 0; i < 200; i++) bob.run('chat.send', { channelId, text: `said ${i}` });
    deliver(bob, ann);
    const whole = ['said 200', 'created 1', 'created 1', 'created 1', 'created 1', 'created 1'];
    const cards = (args: object = {}) => feedOf(ann, args).items.map(({ kind, count }) => `${kind} ${count}`);
    expect(cards()).toEqual(whole);
    const paged: string[] = [];
    for (let before: number | null = now + 1; before !== null; ) {
      const page = feedOf(ann, { before, limit: 2 });
      paged.push(...page.items.filter(({ kind }) => kind === 'created').map(({ place }) => place.title));
      before = page.next;
    }
    expect(paged).toEqual(['general', 'four', 'three', 'two', 'one']);
  });

  it('costs as much as its window, however much was written before', () => {
    const cost = (before: number): number => {
      const clock = ticking();
      let pending = false;
      const live = createLive({
        run: (name, args, view) => ok(registry.query(name)?.run(view, args as never)),
        view: () => ann.view,
        schedule: () => {
          pending = true;
        },
        faulted: (fault) => {
          throw fault;
        },
      });
      const changed = (space: SpaceId, changes: ChangeSet): void => live.changed(space, changes);
      const ann: Replica = createReplica({ name: 'Ann', clock, changed });
      const bob = createReplica({ name: 'Bob', clock });
      const channelId = idOf(bob.run('chat.createChannel', { spaceId: SPACE, title: 'general' }));
      for (let i = 0; i < before; i++) idOf(bob.run('chat.send', { channelId, text: `said ${i}` }));
      deliver(bob, ann);
      const answers: unknown[] = [];
      live.watch('hub.feed', { limit: 1 }, (answer) => answers.push(answer));
      idOf(bob.run('chat.send', { channelId, text: 'new' }));
      deliver(bob, ann);
      expect(pending).toBe(true);
      const looked = ann.looks();
      live.flush();
      expect(answers).toHaveLength(2);
      return ann.looks() - looked;
    };
    expect(cost(260)).toBe(cost(130));
  });
});
