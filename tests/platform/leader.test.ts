/** Who leads, on fake locks, channels and time. With real ones: tests/browser/leader.test.ts. */
import { describe, expect, it } from 'vitest';
import { BEAT_MS, type JoinOptions, joinTabs, type PortLike, type TabEvent } from '../../src/platform/browser/leader';

type Listener = (event: { readonly data: unknown }) => void;

/** Web Locks as the specification has them: one holder, a queue, stealing, and a tab that dies lets go of all. */
const fakeLocks = () => {
  type Request = {
    tab: string;
    run: () => Promise<unknown>;
    resolve: (value: unknown) => void;
    reject: (fault: unknown) => void;
  };
  const held = new Map<string, Request>();
  const queues = new Map<string, Request[]>();
  const grant = (name: string): void => {
    if (held.has(name)) return;
    const next = queues.get(name)?.shift();
    if (!next) return;
    held.set(name, next);
    queueMicrotask(() => {
      const letGo = (end: () => void) => () => {
        if (held.get(name) !== next) return;
        held.delete(name);
        end();
        grant(name);
      };
      next.run().then(
        (value) => letGo(() => next.resolve(value))(),
        (fault) => letGo(() => next.reject(fault))(),
      );
    });
  };
  return {
    holder: (name: string) => held.get(name)?.tab,
    of: (tab: string): JoinOptions['locks'] => ({
      request: (name, { signal, steal }, run) =>
        new Promise((resolve, reject) => {
          const request = { tab, run, resolve, reject };
          const queue = queues.get(name) ?? [];
          queues.set(name, queue);
          signal?.addEventListener('abort', () => {
            const at = queue.indexOf(request);
            if (at >= 0) queue.splice(at, 1);
            if (held.get(name) !== request) reject(new Error('aborted'));
          });
          if (steal) {
            queue.unshift(request);
            held.get(name)?.reject(new Error('stolen'));
            held.delete(name);
          } else queue.push(request);
          grant(name);
        }),
    }),
    die: (tab: string): void => {
      for (const [name, queue] of queues) {
        queues.set(name, queue);
        for (let i = queue.length - 1; i >= 0; i--) if (queue[i]?.tab === tab) queue.splice(i, 1);
        if (held.get(name)?.tab === tab) held.delete(name);
      }
      for (const name of queues.keys()) grant(name);
    },
  };
};

const fakeChannels = () => {
  const open = new Map<string, Set<{ tab: string; listeners: Set<Listener> }>>();
  const silent = new Set<string>();
  return {
    /** A tab that is dead or frozen neither sends nor receives. */
    silent,
    count: (name: string) => open.get(name)?.size ?? 0,
    openFor: (tab: string) => (name: string) => {
      const members = open.get(name) ?? new Set();
      open.set(name, members);
      const me = { tab, listeners: new Set<Listener>() };
      members.add(me);
      return {
        postMessage: (data: unknown) => {
          if (silent.has(tab)) return;
          const copy = structuredClone(data);
          for (const other of members) {
            if (other === me) continue;
            queueMicrotask(() => {
              if (!silent.has(other.tab)) for (const listener of [...other.listeners]) listener({ data: copy });
            });
          }
        },
        addEventListener: (_: 'message', listener: Listener) => void me.listeners.add(listener),
        removeEventListener: (_: 'message', listener: Listener) => void me.listeners.delete(listener),
        close: () => void members.delete(me),
      };
    },
  };
};

const settled = async () => {
  for (let i = 0; i < 200; i++) await Promise.resolve();
};

const world = () => {
  const locks = fakeLocks();
  const channels = fakeChannels();
  let timers: { at: number; run: () => void; tab: string }[] = [];
  let now = 0;
  const log: string[] = [];
  const pass = async (ms: number) => {
    const end = now + ms;
    for (;;) {
      const [next] = timers
        .filter((timer) => timer.at <= end && !channels.silent.has(timer.tab))
        .sort((a, b) => a.at - b.at);
      if (!next) break;
      timers = timers.filter((timer) => timer !== next);
      now = next.at;
      next.run();
      await settled();
    }
    now = end;
  };
  const join = (tab: string, boot?: JoinOptions['boot']) => {
    const events: TabEvent[] = [];
    const received: unknown[] = [];
    const listeners = new Set<Listener>();
    const served = new Set<PortLike>();
    const page: PortLike = {
      postMessage: (data) => void received.push(data),
      addEventListener: (_, listener) => void listeners.add(listener),
      removeEventListener: (_, listener) => void listeners.delete(listener),
    };
    const own = async () => {
      log.push(`boot ${tab}`);
      return {
        serve: (port: PortLike) => {
          const answer: Listener = ({ data }) => port.postMessage(`${tab} answers ${data}`);
          port.addEventListener('message', answer);
          served.add(port);
          port.postMessage(`hello of ${tab}`);
          return () => {
            served.delete(port);
            port.removeEventListener('message', answer);
          };
        },
        stop: async () => void log.push(`stop ${tab}`),
      };
    };
    const membership = joinTabs({
      profile: 'p',
      tab,
      page,
      locks: locks.of(tab),
      openChannel: channels.openFor(tab),
      after: (ms, run) => {
        const timer = { at: now + ms, run, tab };
        timers.push(timer);
        return () => {
          timers = timers.filter((one) => one !== timer);
        };
      },
      boot: boot ?? own,
      told: (event) => events.push(event),
    });
    const say = (data: unknown) => {
      for (const listener of [...listeners]) listener({ data });
    };
    const die = () => {
      channels.silent.add(tab);
      locks.die(tab);
    };
    return { membership, events, received, served, say, die };
  };
  return { join, log, pass, locks, channels };
};

describe('tabs of a profile', () => {
  it('[LE1] the first one boots, the others are served by it, each on its own port', async () => {
    const { join, log } = world();
    const [a, b, c] = [join('a'), join('b'), join('c')];
    await settled();
    expect(log).toEqual(['boot a']);
    expect([a.events.at(-1)?.type, b.events.at(-1)?.type, c.events.at(-1)?.type]).toEqual([
      'leading',
      'following',
      'following',
    ]);
    for (const [tab, name] of [
      [a, 'a'],
      [b, 'b'],
      [c, 'c'],
    ] as const)
      tab.say(`from ${name}`);
    await settled();
    expect(a.received).toEqual(['hello of a', 'a answers from a']);
    expect(b.received.at(-1)).toBe('a answers from b');
    expect(c.received.at(-1)).toBe('a answers from c');
    expect(a.served.size).toBe(3);
  });

  it('[LE2] when the leader dies the next one boots, and every page is greeted and answered by it', async () => {
    const { join, log } = world();
    const [a, b, c] = [join('a'), join('b'), join('c')];
    await settled();
    a.die();
    await settled();
    expect(log).toEqual(['boot a', 'boot b']);
    b.say(1);
    c.say(2);
    await settled();
    expect(b.received.slice(-2)).toEqual(['hello of b', 'b answers 1']);
    expect(c.received.slice(-2)).toEqual(['hello of b', 'b answers 2']);
    expect(b.served.size).toBe(2);
  });

  it('[LE2] a leader that leaves stops its kernel before the next one boots', async () => {
    const { join, log, channels } = world();
    const [a, b] = [join('a'), join('b')];
    await settled();
    await a.membership.leave();
    await settled();
    expect(log).toEqual(['boot a', 'stop a', 'boot b']);
    expect(a.served.size).toBe(0);
    await b.membership.leave();
    expect(channels.count('lgos/p')).toBe(0);
  });

  it('[LE3] a follower that dies is forgotten', async () => {
    const { join, channels } = world();
    const [a, b] = [join('a'), join('b')];
    await settled();
    expect(a.served.size).toBe(2);
    b.die();
    await settled();
    expect(a.served.size).toBe(1);
    expect(channels.count('lgos/p/b')).toBe(1);
  });

  it('[LE4] a leader that is silent for eight beats loses the lock, and serves nobody when it wakes', async () => {
    const { join, log, pass, locks, channels } = world();
    const [a, b] = [join('a'), join('b')];
    await settled();
    await pass(20 * BEAT_MS);
    expect(log).toEqual(['boot a']);
    channels.silent.add('a');
    await pass(8 * BEAT_MS);
    expect(log).toEqual(['boot a']);
    await pass(2 * BEAT_MS);
    expect(log).toContain('boot b');
    expect(locks.holder('lgos/p')).toBe('b');
    channels.silent.delete('a');
    await settled();
    await pass(2 * BEAT_MS);
    expect(a.events.map((event) => event.type)).toEqual(['leading', 'following']);
    expect(log).toEqual(['boot a', 'stop a', 'boot b'].sort((x, y) => log.indexOf(x) - log.indexOf(y)));
    expect(a.served.size).toBe(0);
    a.say('awake');
    await settled();
    expect(a.received.at(-1)).toBe('b answers awake');
    expect(b.served.size).toBe(2);
  });

  it('[LE4] a leader that takes long to boot is not taken for a frozen one, also after a take-over', async () => {
    const { join, log, pass } = world();
    let finish: () => void = () => undefined;
    const waits = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const a = join('a');
    await settled();
    const b = join('b', async () => {
      await waits;
      return {
        serve: (port) => {
          port.postMessage('hello of b');
          return () => undefined;
        },
        stop: async () => undefined,
      };
    });
    const c = join('c');
    await settled();
    a.die();
    await pass(30 * BEAT_MS);
    expect(log).toEqual(['boot a']);
    finish();
    await settled();
    expect([b.received.at(-1), c.received.at(-1)]).toEqual(['hello of b', 'hello of b']);
  });

  it('a tab that cannot boot says so, lets go of the lock, and is served by the one that can', async () => {
    const { join, locks } = world();
    const a = join('a', async () => {
      throw new Error('the disk is full');
    });
    const b = join('b');
    await settled();
    expect(a.events).toEqual([{ type: 'failed', reason: 'the disk is full' }, { type: 'following' }]);
    expect(locks.holder('lgos/p')).toBe('b');
    a.say(1);
    await settled();
    expect(a.received.at(-1)).toBe('b answers 1');
    expect(b.events.at(-1)?.type).toBe('leading');
  });

  it('a tab that announces itself again is served anew, once', async () => {
    const { join } = world();
    const [a, b] = [join('a'), join('b')];
    await settled();
    b.membership.announce();
    a.membership.announce();
    await settled();
    expect(a.served.size).toBe(2);
    b.received.length = 0;
    b.say('x');
    await settled();
    expect(b.received).toEqual(['a answers x']);
  });
});
