import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { err, ok } from '../../../src/base/result';
import type { ChannelRow, MessageRow } from '../../../src/bridge/messages';
import { createLive, type Live, MAX_WATCHES } from '../../../src/os/graph/live';
import { topics } from '../../../src/os/graph/query';
import { shareRows } from '../../../src/os/graph/share';
import type { Refusal, View } from '../../../src/os/schema/define';
import type { NodeId } from '../../../src/vm/op/ids';
import { createReplica, deliver, idOf, type Replica, registry, SPACE, ticking } from '../../support/view';

/** A replica with live queries; flushing is up to the test. Counts each run by name. */
const watched = (name: string, clock = ticking()) => {
  const runs: string[] = [];
  const faults: unknown[] = [];
  let wanted = 0;
  let live: Live | undefined;
  const replica = createReplica({ name, clock, changed: (space, changes) => live?.changed(space, changes) });
  const custom = new Map<string, (view: View, args: never) => unknown>();
  const made = createLive({
    run: (query, args, view) => {
      runs.push(query);
      const known = custom.get(query) ?? registry.query(query)?.run;
      if (!known) return err({ type: 'unknownQuery', message: query, safe: '', next: '' });
      return ok(known(view, args as never));
    },
    view: () => replica.view,
    isTextless: (query) => registry.query(query)?.textless === true,
    schedule: () => {
      wanted++;
    },
    faulted: (fault) => faults.push(fault),
  });
  live = made;
  const collect = <T>(query: string, args: unknown) => {
    const answers: T[] = [];
    const refusals: Refusal[] = [];
    const stop = made.watch(
      query,
      args,
      (answer) => answers.push(answer as T),
      (refusal) => refusals.push(refusal),
    );
    return { answers, refusals, stop };
  };
  const settle = (): string[] => {
    runs.length = 0;
    made.flush();
    return [...runs];
  };
  return { replica, live: made, custom, collect, settle, runs, faults, wanted: () => wanted };
};
const channel = (replica: Replica, title: string) => idOf(replica.run('chat.createChannel', { spaceId: SPACE, title }));
const send = (replica: Replica, channelId: string, text: string) => idOf(replica.run('chat.send', { channelId, text }));

describe('a live query', () => {
  it('answers before watch returns, then once for each change of the answer', () => {
    const { replica, collect, settle, wanted } = watched('Ann');
    const channelId = channel(replica, 'general');
    settle();
    const { answers, stop } = collect<readonly MessageRow[]>('chat.messages', { channelId });
    expect(answers).toEqual([[]]);
    const asked = wanted();
    send(replica, channelId, 'one');
    send(replica, channelId, 'two');
    expect([answers.length, wanted()]).toEqual([1, asked + 1]);
    settle();
    expect(answers.map((rows) => rows.length)).toEqual([0, 2]);
    settle();
    expect(answers).toHaveLength(2);
    stop();
    send(replica, channelId, 'three');
    expect(settle()).toEqual([]);
    expect(answers).toHaveLength(2);
  });

  it('runs again only when what it read has changed', () => {
    const { replica, collect, settle, live } = watched('Ann');
    const [one, two] = [channel(replica, 'one'), channel(replica, 'two')];
    const documentId = idOf(replica.run('editor.createDocument', { spaceId: SPACE, title: 'plan' }));
    collect('chat.messages', { channelId: one });
    collect('editor.document', { documentId });
    collect('editor.documents', { spaceId: SPACE });
    expect(settle()).toEqual([]);
    send(replica, two, 'elsewhere');
    expect(settle()).toEqual([]);
    send(replica, one, 'here');
    expect(settle()).toEqual(['chat.messages']);
    expect(settle()).toEqual([]);
    replica.run('editor.rename', { documentId, title: 'plans' });
    expect(settle().sort()).toEqual(['editor.document', 'editor.documents']);
    idOf(replica.run('editor.createDocument', { spaceId: SPACE, title: 'under', parent: documentId }));
    expect(settle()).toEqual(['editor.documents']);
    replica.run('chat.markRead', { channelId: one });
    expect(settle()).toEqual(['chat.messages']);
    replica.run('chat.markRead', { channelId: two });
    expect(settle()).toEqual([]);
    live.touched(topics.personal(`read/${one}`));
    expect(settle()).toEqual(['chat.messages']);
    live.touched(topics.states(SPACE));
    expect(settle().sort()).toEqual(['chat.messages', 'editor.document']);
  });

  it('a text that is written runs nothing that tells of no texts', () => {
    const { replica, collect, settle, live } = watched('Ann');
    const documentId = idOf(replica.run('editor.createDocument', { spaceId: SPACE, title: 'plan' })) as NodeId;
    collect('editor.documents', { spaceId: SPACE });
    collect('editor.document', { documentId });
    settle();
    const written = {
      nodes: new Set([documentId]),
      types: new Set(['Document']),
      documents: new Map([[documentId, [new Uint8Array(1)]]]),
      rebuilt: new Set<NodeId>(),
      edges: new Set<NodeId>(),
    };
    live.changed(SPACE, { ...written, texts: new Set([documentId]) });
    expect(settle()).toEqual(['editor.document']);
    // Its name may be another, or something else changed with it.
    live.changed(SPACE, { ...written, texts: new Set() });
    expect(settle().sort()).toEqual(['editor.document', 'editor.documents']);
    live.changed(SPACE, written);
    expect(settle().sort()).toEqual(['editor.document', 'editor.documents']);
  });

  it('answers what a fresh run would, after any changes', () => {
    const act = fc.record({ what: fc.nat(8), a: fc.nat(9), b: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 25, size: 'max' }), (acts) => {
        const clock = ticking();
        const { replica, collect, settle, faults } = watched('Ann', clock);
        const bob = createReplica({ name: 'Bob', clock });
        const channels = [channel(replica, 'one'), channel(replica, 'two')];
        const documents = [0, 1, 2].map((i) =>
          idOf(replica.run('editor.createDocument', { spaceId: SPACE, title: `${i}` })),
        );
        deliver(replica, bob);
        const queries: [string, object][] = [
          ['chat.channels', { spaceId: SPACE }],
          ['chat.trash', { spaceId: SPACE }],
          ['editor.documents', { spaceId: SPACE }],
          ['editor.trash', { spaceId: SPACE }],
          ...channels.flatMap((channelId): [string, object][] => [
            ['chat.messages', { channelId }],
            ['chat.channel', { channelId }],
          ]),
          ...documents.map((documentId): [string, object] => ['editor.document', { documentId }]),
        ];
        const watches = queries.map(([name, args]) => collect<unknown>(name, args));
        for (const { what, a, b } of acts) {
          const channelId = channels[a % 2] as string;
          const documentId = documents[a % documents.length] as string;
          const parent = documents[b % documents.length] as string;
          const by = b % 2 === 0 ? replica : bob;
          if (what === 0) by.run('chat.send', { channelId, text: 'x' });
          else if (what === 1) by.run('editor.move', { documentId, parent });
          else if (what === 2) by.run('editor.move', { documentId });
          else if (what === 3) by.run('editor.remove', { documentId });
          else if (what === 4) by.run('editor.restore', { documentId });
          else if (what === 5) deliver(bob, replica);
          else if (what === 6) deliver(replica, bob);
          else if (what === 7) by.run(b % 4 < 2 ? 'chat.removeChannel' : 'chat.restoreChannel', { channelId });
          else replica.run('chat.markRead', { channelId });
          settle();
          queries.forEach(([name, args], i) => {
            expect(watches[i]?.answers.at(-1), name).toEqual(registry.query(name)?.run(replica.view, args as never));
          });
        }
        expect(faults).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('wakes for a node that was nowhere when it was asked for', () => {
    const clock = ticking();
    const bob = createReplica({ name: 'Bob', clock });
    const { replica, collect, settle } = watched('Ann', clock);
    const channelId = channel(bob, 'later');
    const { answers } = collect('chat.channel', { channelId });
    expect(answers).toEqual([null]);
    deliver(bob, replica);
    settle();
    expect(answers.at(-1)).toMatchObject({ title: 'later' });
  });

  it('keeps the identity of rows that did not change', () => {
    const { replica, collect, settle } = watched('Ann');
    const channels = [channel(replica, 'one'), channel(replica, 'two'), channel(replica, 'three')];
    settle();
    const { answers } = collect<readonly ChannelRow[]>('chat.channels', { spaceId: SPACE });
    replica.run('chat.renameChannel', { channelId: channels[1], title: 'changed' });
    channel(replica, 'four');
    settle();
    const [before, after] = [answers[0] ?? [], answers[1] ?? []];
    expect(after.map((row) => row.title)).toEqual(['one', 'changed', 'three', 'four']);
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
    expect(after[2]).toBe(before[2]);
  });

  it('is run once for all who ask the same, in whatever order the arguments are named', () => {
    const { replica, collect, settle, runs, live } = watched('Ann');
    const channelId = channel(replica, 'one');
    settle();
    runs.length = 0;
    const first = collect('chat.messages', { channelId, limit: 5 });
    const second = collect('chat.messages', { limit: 5, channelId });
    expect([runs.length, live.size()]).toEqual([1, 1]);
    send(replica, channelId, 'x');
    // Whoever comes before the flush gets what holds now, and so do the others.
    const third = collect('chat.messages', { channelId, limit: 5 });
    expect([first, second, third].map(({ answers }) => answers.length)).toEqual([2, 2, 1]);
    expect(first.answers[1]).toBe(third.answers[0]);
    expect(settle()).toEqual([]);
    for (const { stop } of [first, second, third, third]) stop();
    expect(live.size()).toBe(0);
  });

  it('tells a refusal once, and answers when it can', () => {
    const { collect, custom, live, settle } = watched('Ann');
    const { answers, refusals } = collect('x.later', {});
    expect(refusals.map((refusal) => refusal.type)).toEqual(['unknownQuery']);
    custom.set('x.later', (view) => view.me.name);
    live.touched(topics.me);
    // The refused run read nothing, so nothing wakes it.
    expect(settle()).toEqual([]);
    expect(collect('x.other', {}).refusals).toHaveLength(1);
    expect(answers).toEqual([]);
    const later = collect('x.later', { again: 1 });
    expect(later.answers).toEqual(['Ann']);
  });

  it('goes on for others when one query or one subscriber throws', () => {
    const { collect, custom, faults, live, settle } = watched('Ann');
    let broken = false;
    let count = 0;
    custom.set('x.broken', (view) => {
      if (broken) throw new Error('query');
      return view.me.name;
    });
    custom.set('x.counted', (view) => [view.me.name, count++]);
    const first = collect('x.broken', {});
    live.watch('x.counted', {}, () => {
      if (count > 1) throw new Error('subscriber');
    });
    const last = collect('x.counted', {});
    broken = true;
    live.touched(topics.me);
    settle();
    expect(faults).toEqual([new Error('query'), new Error('subscriber')]);
    expect([first.answers.length, last.answers.length]).toEqual([1, 2]);
    broken = false;
    live.touched(topics.me);
    expect(settle()).toContain('x.broken');
  });

  it('is bounded, and a stopped one makes room', () => {
    const { collect, custom, live } = watched('Ann');
    custom.set('x.n', (_view, args: { n: number }) => args.n);
    const stops = Array.from({ length: MAX_WATCHES }, (_, n) => collect('x.n', { n }).stop);
    expect(live.size()).toBe(MAX_WATCHES);
    expect(collect('x.n', { n: 0 }).refusals.map((refusal) => refusal.type)).toEqual(['tooManyWatches']);
    stops[0]?.();
    stops[0]?.();
    expect(collect('x.n', { n: 5 }).answers).toEqual([5]);
    expect(collect('x.n', { n: 6 }).refusals).toHaveLength(1);
  });

  it('refuses arguments that are no JSON', () => {
    const { collect } = watched('Ann');
    expect(collect('chat.channels', { spaceId: () => 1 }).refusals.map((refusal) => refusal.type)).toEqual([
      'badArguments',
    ]);
  });
});

describe('sharing rows', () => {
  it('gives what equals the next answer, and the previous one itself where they are equal', () => {
    const json = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(json, json, (previous, next) => {
        expect(JSON.stringify(shareRows(previous, next))).toBe(JSON.stringify(next));
        expect(shareRows(previous, structuredClone(previous))).toBe(previous);
      }),
      { numRuns: 500 },
    );
  });

  it('is not misled by names of the prototype', () => {
    const next = JSON.parse('{"__proto__":{"a":1},"constructor":null}');
    expect(JSON.stringify(shareRows({}, next))).toBe('{"__proto__":{"a":1},"constructor":null}');
  });
});
