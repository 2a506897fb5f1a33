import { describe, expect, test, vi } from 'vitest';
import type { KernelClient } from '../../src/bridge/client';
import { askAfterWork, type Deed, isWork, shouldAsk } from '../../src/view/shell/keeping';
import { eventually } from '../support/eventually';

const send: Deed = { call: 'run', command: 'chat.send' };

describe('asking the browser to keep storage', () => {
  test('a person who makes, joins or writes something works; what the page does by itself is no work', () => {
    for (const deed of [{ call: 'createSpace' }, { call: 'join' }, send] as const) expect(isWork(deed)).toBe(true);
    for (const command of ['os.saveDraft', 'chat.markRead', 'browser.acceptLoss', 'toString'])
      expect(isWork({ call: 'run', command }), command).toBe(false);
  });

  test('it asks after work, once, and only where there is something to ask for', () => {
    const ready = { offered: true, persisted: false, asked: false };
    expect(shouldAsk(send, ready)).toBe(true);
    expect(shouldAsk({ call: 'run', command: 'os.saveDraft' }, ready)).toBe(false);
    expect(shouldAsk(send, { ...ready, offered: false })).toBe(false);
    expect(shouldAsk(send, { ...ready, persisted: true })).toBe(false);
    expect(shouldAsk(send, { ...ready, asked: true })).toBe(false);
  });

  const open = (persisted: boolean, run: () => Promise<Record<string, string>> = async () => ({ id: 'm' })) => {
    const client = {
      run: vi.fn(run),
      join: vi.fn(async () => ({ id: 's' })),
      createSpace: vi.fn(async () => ({ id: 's' })),
    };
    const persist = vi.fn(async () => false);
    const tell = vi.fn();
    let asked = false;
    const keeper = {
      storage: { persist, persisted: async () => persisted },
      asked: () => asked,
      rememberAsked: () => {
        asked = true;
      },
      tell,
    };
    return { working: askAfterWork(client as unknown as KernelClient, keeper), client, persist, tell };
  };

  test('two deeds at once ask once, and each gets its own answer', async () => {
    const { working, persist } = open(false);
    const answers = await Promise.all([
      working.run('chat.send', { channelId: 'c', text: 'a' }),
      working.join('link', { timeoutMs: 5 }),
    ]);
    expect(answers).toEqual([{ id: 'm' }, { id: 's' }]);
    await eventually(() => expect(persist).toHaveBeenCalledTimes(1));
    await working.createSpace({ title: 'Team', kind: 'team' });
    expect(persist).toHaveBeenCalledTimes(1);
  });

  test('a deed that was refused asks nothing, and where the promise is given there is nothing to ask', async () => {
    const refused = open(false, () => Promise.reject(new Error('tooLong')));
    await expect(refused.working.run('chat.send', {})).rejects.toThrow('tooLong');
    const kept = open(true);
    await kept.working.run('chat.send', {});
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    expect([refused.persist.mock.calls, kept.persist.mock.calls]).toEqual([[], []]);
  });

  test('what came of it is said, and why it is asked only where the browser does not answer at once', async () => {
    vi.useFakeTimers();
    const { working, persist, tell } = open(false);
    let answer = (_granted: boolean): void => {};
    persist.mockReturnValue(
      new Promise((done) => {
        answer = done;
      }),
    );
    await working.run('chat.send', {});
    await vi.advanceTimersByTimeAsync(1_000);
    expect(tell.mock.calls).toEqual([['asking']]);
    answer(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(tell.mock.calls).toEqual([['asking'], ['granted']]);
    const quick = open(false);
    await quick.working.run('chat.send', {});
    await vi.advanceTimersByTimeAsync(1_000);
    expect(quick.tell.mock.calls).toEqual([['refused']]);
    vi.useRealTimers();
  });

  test('a browser that throws spoils nothing', async () => {
    const { working, persist } = open(false);
    const told = vi.spyOn(console, 'debug').mockReturnValue();
    persist.mockRejectedValue(new TypeError('not here'));
    expect(await working.run('chat.send', {})).toEqual({ id: 'm' });
    await eventually(() => expect(told).toHaveBeenCalled());
    told.mockRestore();
  });
});
