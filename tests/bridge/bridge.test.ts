import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random';
import type { Answer, Seen } from '../../src/bridge/calls';
import { CALL_NAMES } from '../../src/bridge/calls';
import { connectClient } from '../../src/bridge/client';
import { createLgos } from '../../src/bridge/lgos';
import type { Refusal } from '../../src/bridge/messages';
import { diff, type Patch } from '../../src/bridge/patch';
import { openLane, type Port } from '../../src/bridge/port';
import { serveKernel } from '../../src/bridge/server';
import { type FakeKernel, fakeKernel } from './fake-kernel';

const refusal: Refusal = { type: 'denied', message: 'No.', safe: 'Nothing changed.', next: 'Ask an Owner.' };
type Row = { readonly id: string; readonly text: string };
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

/** Lets messages flow until `met`; fails when it never is. */
const until = async (met: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 2_000; turn++) {
    if (met()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('never met');
};
const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

const ports = (): { page: Port; kernelSide: Port; toPage: unknown[] } => {
  const { port1, port2 } = new MessageChannel();
  cleanups.push(() => port1.close());
  const toPage: unknown[] = [];
  const asPort = (port: MessagePort) => port as unknown as Port;
  port1.on('message', (data: { lane: string; data: { type: string } }) => {
    if (data.lane === 'live' && data.data.type === 'batch') toPage.push(data.data);
  });
  return { page: asPort(port1), kernelSide: asPort(port2), toPage };
};
const frames = () => {
  const waiting: (() => void)[] = [];
  return {
    schedule: (run: () => void) => void waiting.push(run),
    run: () => {
      for (const one of waiting.splice(0)) one();
    },
    waiting,
  };
};
const bridge = (kernel: FakeKernel = fakeKernel(), seen?: Seen) => {
  const link = ports();
  const frame = frames();
  const timers: { run(): void; cancelled: boolean }[] = [];
  const server = serveKernel(kernel, { schedule: frame.schedule, ...(seen ? { seen } : {}) });
  const stop = server.serve(link.kernelSide);
  const client = connectClient(link.page, {
    after: (_, run) => {
      const timer = { run, cancelled: false };
      timers.push(timer);
      return () => {
        timer.cancelled = true;
      };
    },
  });
  const runTimers = () => {
    for (const timer of timers.splice(0)) if (!timer.cancelled) timer.run();
  };
  return { kernel, client, frame, stop, server, ...link, runTimers };
};

describe('calls', () => {
  it('carries every call with its arguments and its answer', async () => {
    const { kernel, client } = bridge();
    for (const name of CALL_NAMES) {
      expect(await (client[name] as (...args: unknown[]) => Promise<unknown>)('a', { b: Uint8Array.of(1) })).toEqual({
        did: name,
      });
    }
    expect(kernel.calls.map((call) => call.name)).toEqual(CALL_NAMES);
    expect(kernel.calls[0]?.args).toEqual(['a', { b: Uint8Array.of(1) }]);
  });

  it('rejects with the refusal of the kernel, and tells those who listen for refusals', async () => {
    const { kernel, client } = bridge();
    const heard: unknown[] = [];
    client.onRefusal((what, call) => heard.push([what.type, call]));
    kernel.answer = () => {
      throw refusal;
    };
    await expect(client.run('chat.send', {})).rejects.toEqual(refusal);
    kernel.answer = () => {
      throw new Error('a bug');
    };
    await expect(client.query('x', {})).rejects.toMatchObject({ type: 'internal', message: 'a bug' });
    expect(heard).toEqual([
      ['denied', 'run'],
      ['internal', 'query'],
    ]);
  });

  it('refuses a call that is not in the list, and reaches nothing else of the kernel', async () => {
    const { page } = bridge();
    const answers: { lane: string; data: { value?: { value?: unknown } } }[] = [];
    page.addEventListener('message', (event) => answers.push(event.data as (typeof answers)[number]));
    const send = (path: string[], argumentList: unknown[]) =>
      page.postMessage({
        lane: 'calls',
        data: { id: '1', type: 'APPLY', path, argumentList: argumentList.map((value) => ({ type: 'RAW', value })) },
      });
    send(['call'], ['id', 'stop', []]);
    send(['call'], ['id', 'constructor', []]);
    send(['constructor'], []);
    await until(() => answers.filter((answer) => answer.lane === 'calls').length === 3);
    const values = answers.filter((answer) => answer.lane === 'calls').map((answer) => JSON.stringify(answer.data));
    expect(values[0]).toContain('unknownCall');
    expect(values[1]).toContain('unknownCall');
    expect(values[2]).toContain('isError');
  });

  it('[BR6] sends an unanswered call again to the next kernel, with the same command id', async () => {
    const first = fakeKernel();
    const answers = new Map<string, Answer>();
    const seen: Seen = { get: async (id) => answers.get(id), put: async (id, answer) => void answers.set(id, answer) };
    const { client, kernelSide, stop } = bridge(first, seen);
    first.answer = () => new Promise(() => undefined);
    const done = client.run('chat.send', { text: 'hello' });
    await until(() => first.calls.length === 1);
    stop();
    const second = fakeKernel();
    serveKernel(second, { seen }).serve(kernelSide);
    expect(await done).toEqual({ did: 'run' });
    expect(second.calls).toEqual(first.calls);
    expect(answers.size).toBe(1);
  });

  it('[BR6] a lane that was closed says nothing: the goodbye for a proxy of an earlier session ends no calls', () => {
    const sent: unknown[] = [];
    const port: Port = {
      postMessage: (data) => void sent.push(data),
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    };
    const [first, second] = [openLane(port, 'calls'), openLane(port, 'calls')];
    first.close();
    first.postMessage({ type: 'RELEASE' });
    second.postMessage({ type: 'APPLY' });
    expect(sent).toEqual([{ lane: 'calls', data: { type: 'APPLY' } }]);
  });

  it('[BR3] a write that the last leader did and did not answer is not done again', async () => {
    const answers = new Map<string, Answer>();
    let kept: () => void = () => undefined;
    const wasKept = new Promise<void>((resolve) => {
      kept = resolve;
    });
    const seen: Seen = {
      get: async (id) => answers.get(id),
      put: async (id, answer) => {
        answers.set(id, answer);
        kept();
        if (answers.size === 1) await new Promise(() => undefined);
      },
    };
    const first = bridge(fakeKernel(), seen);
    first.kernel.answer = () => ({ message: 'm1' });
    const done = first.client.run('chat.send', { text: 'once' });
    await wasKept;
    first.stop();
    const second = fakeKernel();
    serveKernel(second, { seen }).serve(first.kernelSide);
    expect(await done).toEqual({ message: 'm1' });
    expect(second.calls).toEqual([]);
  });

  it('[BR3] the same command id twice at once is done once; a read is simply run again', async () => {
    const kernel = fakeKernel();
    const { kernelSide, client, server, stop } = bridge(kernel);
    let finish: (value: unknown) => void = () => undefined;
    const slow = new Promise((resolve) => {
      finish = resolve;
    });
    kernel.answer = () => slow;
    const write = client.run('x', {});
    const read = client.query('x', {});
    await until(() => kernel.calls.length === 2);
    stop();
    server.serve(kernelSide);
    await until(() => kernel.calls.length === 3);
    finish({ id: 'n' });
    expect([await write, await read]).toEqual([{ id: 'n' }, { id: 'n' }]);
    expect(kernel.calls.map((call) => call.name)).toEqual(['run', 'query', 'query']);
  });

  it('refuses the call after a thousand unanswered ones', async () => {
    const { kernel, client } = bridge();
    kernel.answer = () => new Promise(() => undefined);
    for (let i = 0; i < 1_000; i++) client.me().catch(() => undefined);
    await expect(client.me()).rejects.toMatchObject({ type: 'busy' });
    await client.stop();
  });
});

describe('live answers', () => {
  it('[BR4] a hundred changes within a frame travel as one patch with the last state', async () => {
    const { kernel, client, frame, toPage } = bridge();
    const answers: unknown[] = [];
    client.watch('chat.messages', { channelId: 'c' }, (answer) => answers.push(answer));
    await until(() => kernel.watches.length === 1);
    const kept = { id: 'a', text: 'first' };
    kernel.watches[0]?.emit([kept]);
    frame.run();
    await until(() => answers.length === 1);
    await until(() => frame.waiting.length === 0);
    for (let i = 0; i < 100; i++) kernel.watches[0]?.emit([kept, { id: 'b', text: `${i}` }]);
    await until(() => frame.waiting.length === 1);
    frame.run();
    await until(() => answers.length === 2);
    expect(answers[1]).toEqual([kept, { id: 'b', text: '99' }]);
    expect((answers[1] as unknown[])[0]).toBe((answers[0] as unknown[])[0]);
    expect(toPage.length).toBe(2);
    expect(JSON.stringify(toPage[1])).not.toContain('first');
  });

  it('[BR4] nothing more is sent to a page that has not seen the last batch', async () => {
    const kernel = fakeKernel();
    const { kernelSide, page, toPage } = ports();
    const frame = frames();
    serveKernel(kernel, { schedule: frame.schedule }).serve(kernelSide);
    page.postMessage({ lane: 'live', data: { type: 'watch', id: 1, name: 'q', args: {} } });
    await until(() => kernel.watches.length === 1);
    for (let i = 0; i < 50; i++) {
      kernel.watches[0]?.emit({ i });
      frame.run();
    }
    await turns(20);
    expect(toPage.length).toBe(1);
    const { session, batch } = toPage[0] as { session: string; batch: number };
    page.postMessage({ lane: 'live', data: { type: 'seen', session: 'another', batch } });
    await turns(20);
    frame.run();
    expect(toPage.length).toBe(1);
    page.postMessage({ lane: 'live', data: { type: 'seen', session, batch } });
    await until(() => frame.waiting.length > 0);
    frame.run();
    await until(() => toPage.length === 2);
    expect(toPage[1]).toMatchObject({ items: [{ patch: { answer: { i: 49 } } }] });
  });

  it('[BR7] one subscription for equal arguments; stores are the same while used and let go afterwards', async () => {
    const { kernel, client, frame, runTimers } = bridge();
    const store = client.store('q', { a: 1, b: 2 });
    expect(client.store('q', { b: 2, a: 1 })).toBe(store);
    expect(store.getSnapshot()).toBeUndefined();
    let told = 0;
    const leave = store.subscribe(() => told++);
    const leaveToo = client.watch('q', { a: 1, b: 2 }, () => told++);
    await until(() => kernel.watches.length === 1);
    runTimers();
    kernel.watches[0]?.emit({ x: 1 });
    frame.run();
    await until(() => told === 2);
    const snapshot = store.getSnapshot();
    expect(snapshot).toEqual({ x: 1 });
    const late: unknown[] = [];
    client.watch('q', { a: 1, b: 2 }, (answer) => late.push(answer))();
    expect(late).toEqual([snapshot]);
    leave();
    leaveToo();
    store.subscribe(() => undefined)();
    expect(kernel.watches[0]?.stopped).toBe(false);
    runTimers();
    await until(() => kernel.watches[0]?.stopped === true);
    expect(client.store('q', { a: 1, b: 2 })).not.toBe(store);
    const again = store.subscribe(() => undefined);
    await until(() => kernel.watches.length === 2);
    again();
  });

  it('tells a failed query to its watchers, its store and the refusal listeners, once', async () => {
    const { kernel, client, frame } = bridge();
    const heard: string[] = [];
    client.onRefusal((_, call) => heard.push(call));
    const store = client.store('secret');
    store.subscribe(() => heard.push('store'));
    client.watch(
      'secret',
      {},
      () => undefined,
      (what) => heard.push(what.type),
    );
    await until(() => kernel.watches.length === 1);
    kernel.watches[0]?.failed(refusal);
    frame.run();
    await until(() => heard.length === 3);
    expect(heard).toEqual(['store', 'denied', 'secret']);
    expect(store.getRefusal()).toEqual(refusal);
    client.store('secret').subscribe(() => undefined);
    await turns(20);
    expect(kernel.watches.length).toBe(1);
  });

  it('[BR2] [BR6] a new kernel is asked for all that is open, and an equal answer tells nobody', async () => {
    const { kernel, client, frame, kernelSide, stop } = bridge();
    const answers: unknown[] = [];
    client.watch('q', {}, (answer) => answers.push(answer));
    await until(() => kernel.watches.length === 1);
    kernel.watches[0]?.emit([
      { id: 'a', n: 1 },
      { id: 'b', n: 1 },
    ]);
    frame.run();
    await until(() => answers.length === 1);
    stop();
    expect(kernel.watches[0]?.stopped).toBe(true);
    const next = fakeKernel();
    const nextFrame = frames();
    serveKernel(next, { schedule: nextFrame.schedule }).serve(kernelSide);
    await until(() => next.watches.length === 1);
    next.watches[0]?.emit([
      { id: 'a', n: 1 },
      { id: 'b', n: 1 },
    ]);
    nextFrame.run();
    await turns(30);
    expect(answers.length).toBe(1);
    next.watches[0]?.emit([
      { id: 'a', n: 1 },
      { id: 'b', n: 2 },
    ]);
    await until(() => nextFrame.waiting.length > 0);
    nextFrame.run();
    await until(() => answers.length === 2);
    expect((answers[1] as unknown[])[0]).toBe((answers[0] as unknown[])[0]);
  });

  it('[BR5] stopping the service stops every watch and closes every document', async () => {
    const { kernel, client, frame, stop } = bridge();
    for (let i = 0; i < 20; i++) client.watch('q', { i }, () => undefined);
    const opening = client.openDocument('d', {
      updated: () => undefined,
      presence: () => undefined,
      refused: () => undefined,
    });
    await until(() => frame.waiting.length > 0);
    frame.run();
    await opening;
    stop();
    expect(kernel.watches.every((watch) => watch.stopped)).toBe(true);
    expect(kernel.documents[0]?.closed).toBe(true);
  });

  it('[BR5] refuses the watch after a thousand', async () => {
    const { client, frame, kernel } = bridge();
    const failed: string[] = [];
    for (let i = 0; i < 1_001; i++)
      client.watch(
        'q',
        { i },
        () => undefined,
        (what) => failed.push(what.type),
      );
    await until(() => kernel.watches.length === 1_000 && frame.waiting.length > 0);
    frame.run();
    await until(() => failed.length === 1);
    expect(failed).toEqual(['tooMany']);
  });
});

describe('edits of rows', () => {
  it('[BR1] [BR2] [BR9] whatever the kernel tells, and however long the page sleeps, both ends hold the same rows', async () => {
    let edited = 0;
    for (let seed = 1; seed <= 15; seed++) {
      const random = seededRandom(seed);
      const { kernel, client, frame, toPage } = bridge();
      const answers: (readonly Row[])[] = [];
      client.watch('os.find', { seed }, (answer) => answers.push(answer as readonly Row[]));
      await until(() => kernel.watches.length === 1);
      let rows: readonly Row[] = Array.from({ length: 8 }, (_, i) => ({ id: `r${i}`, text: '' }));
      let made = rows.length;
      kernel.watches[0]?.emit(rows);
      for (let round = 0; round < 8; round++) {
        frame.run();
        await until(() => JSON.stringify(answers.at(-1)) === JSON.stringify(rows));
        await until(() => frame.waiting.length === 0);
        const before = new Set(answers.at(-1));
        const kept = new Map([...before].map((row) => [row.id, row]));
        for (let change = 1 + random.below(round === 4 ? 80 : 4); change > 0; change--) {
          const next = [...rows];
          const [from, to] = [random.below(next.length), random.below(next.length)];
          const what = random.below(4);
          if (what === 0) next.splice(from, 0, { id: `r${made++}`, text: 'new' });
          if (what === 1 && next.length > 3) next.splice(from, 1);
          if (what === 2) next.splice(to, 0, ...next.splice(from, 1));
          if (what === 3) next[from] = { id: (next[from] as Row).id, text: `${seed}.${round}.${change}` };
          const patch = diff(rows, next);
          rows = next;
          // Some answers come without an edit, as from a query that is run again.
          const edit = patch?.type === 'rows' && random.next() < 0.9 ? patch.edits[0] : undefined;
          kernel.watches[0]?.emit(rows, edit);
        }
        frame.run();
        await until(() => JSON.stringify(answers.at(-1)) === JSON.stringify(rows));
        for (const row of answers.at(-1) ?? []) {
          const old = kept.get(row.id);
          if (old && old.text === row.text) expect(row, `seed ${seed}`).toBe(old);
        }
      }
      const items = (toPage as { items: { patch: Patch }[] }[]).flatMap((batch) => batch.items);
      edited += items.filter(({ patch }) => patch.type === 'rows').length;
      expect(items.filter(({ patch }) => patch.type === 'whole')).toHaveLength(1);
      await client.stop();
    }
    expect(edited).toBeGreaterThan(50);
  });

  it('[BR9] an edit goes as it came: rows that it does not name are not compared', async () => {
    const { kernel, client, frame, toPage } = bridge();
    const answers: unknown[] = [];
    client.watch('os.find', {}, (answer) => answers.push(answer));
    await until(() => kernel.watches.length === 1);
    kernel.watches[0]?.emit([{ id: 'a' }, { id: 'b' }]);
    frame.run();
    await until(() => answers.length === 1);
    await until(() => frame.waiting.length === 0);
    const edit = [{ at: 1, drop: 1, put: [{ from: 1, item: { id: 'b', text: 'x' } }] }];
    const hidden = {
      get id() {
        throw new Error('looked at');
      },
    };
    kernel.watches[0]?.emit([hidden, { id: 'b', text: 'x' }], edit);
    frame.run();
    await until(() => answers.length === 2);
    expect(answers[1]).toEqual([{ id: 'a' }, { id: 'b', text: 'x' }]);
    expect((toPage.at(-1) as { items: unknown[] }).items).toMatchObject([{ patch: { type: 'rows', edits: [edit] } }]);
  });
});

describe('documents', () => {
  const open = async (made = bridge()) => {
    const updates: number[] = [];
    const refused: string[] = [];
    const present: unknown[] = [];
    const opening = made.client.openDocument('doc', {
      updated: (update) => updates.push(update[0] as number),
      presence: (rows) => present.push(rows),
      refused: (what) => refused.push(what.type),
    });
    await until(() => made.frame.waiting.length > 0);
    made.frame.run();
    const document = await opening;
    const kernelSideOf = made.kernel.documents[0] as FakeKernel['documents'][number];
    return { ...made, updates, refused, present, document, twin: kernelSideOf };
  };

  it('carries the state, updates both ways in order, the latest presence, and the closing', async () => {
    const { document, twin, updates, present, frame } = await open();
    expect([document.clientId, document.state]).toEqual([1, Uint8Array.of(1)]);
    for (let i = 0; i < 5; i++) {
      document.push(Uint8Array.of(i));
      twin.events.updated(Uint8Array.of(10 + i));
    }
    document.setPresence({ at: 3 });
    twin.events.presence([]);
    twin.events.presence([{ id: 'p', userId: 'u', name: 'Ada', hue: 1, state: null }]);
    await until(() => twin.pushed.length === 5 && frame.waiting.length > 0);
    frame.run();
    await until(() => updates.length === 5);
    expect(twin.pushed.map((update) => update[0])).toEqual([0, 1, 2, 3, 4]);
    expect(updates).toEqual([10, 11, 12, 13, 14]);
    expect(twin.presence).toEqual([{ at: 3 }]);
    expect(present).toEqual([[{ id: 'p', userId: 'u', name: 'Ada', hue: 1, state: null }]]);
    document.close();
    await until(() => twin.closed);
  });

  it('hands on a refusal of the kernel, and the twin is silent afterwards', async () => {
    const { document, twin, refused, frame, kernel } = await open();
    twin.events.refused(refusal);
    await until(() => {
      frame.run();
      return refused.length === 1;
    });
    document.push(Uint8Array.of(1));
    await turns(20);
    expect([refused, twin.pushed.length, twin.closed, kernel.documents.length]).toEqual([['denied'], 0, true, 1]);
  });

  it('[BR8] is refused with leaderChanged when another kernel answers', async () => {
    const { refused, kernelSide, stop } = await open();
    stop();
    serveKernel(fakeKernel()).serve(kernelSide);
    await until(() => refused.length === 1);
    expect(refused).toEqual(['leaderChanged']);
  });

  it('[BR5] a page that sleeps through a thousand updates must open anew, and they are not kept', async () => {
    const { twin, refused, frame, updates } = await open();
    for (let i = 0; i < 1_001; i++) twin.events.updated(Uint8Array.of(1));
    expect(twin.closed).toBe(true);
    await until(() => {
      frame.run();
      return refused.length === 1;
    });
    expect([refused, updates]).toEqual([['tooSlow'], []]);
  });
});

describe('window.lgos', () => {
  it('has exactly the names of the console, frozen, and works through the bridge', async () => {
    const { client, kernel } = bridge();
    const lgos = createLgos(client);
    expect(Object.keys(lgos).sort()).toEqual(
      [
        'ready',
        'me',
        'setName',
        'spaces',
        'createSpace',
        'invite',
        'join',
        'leave',
        'members',
        'setRole',
        'grant',
        'remove',
        'commands',
        'run',
        'queries',
        'query',
        'watch',
        'documentText',
        'insertText',
        'deleteText',
        'stateHash',
        'heads',
        'durability',
        'peers',
        'setOnline',
        'putFile',
        'getFile',
        'exportSpace',
        'beginExport',
        'exportPiece',
        'importBundle',
        'explain',
        'stats',
        'revokeInvite',
        'readInvite',
        'admit',
        'exportKeys',
        'importKeys',
      ].sort(),
    );
    expect(Object.isFrozen(lgos)).toBe(true);
    expect(await lgos.ready()).toEqual({ did: 'ready' });
    const stop = lgos.watch('q', {}, () => undefined);
    await until(() => kernel.watches.length === 1);
    stop();
  });
});
