/**
 * Virtual time: it moves only when told, and timers run in the order of (due, armed), so that a run with a seed is
 * the same run each time. A node's view of it may be skewed; its timers are not, as on a machine with a wrong wall clock.
 */
import { assert } from '../../base/assert';
import type { Clock } from '../../ports';

type Timer = { readonly due: number; readonly order: number; readonly run: () => void };

/** `setOffset` in milliseconds, added to the true time. */
export type SkewedClock = Clock & { setOffset(ms: number): void };

export type VirtualClock = Clock & {
  /** Runs every timer that falls due within `ms`, each at its own time, and stops at the end of it. */
  advance(ms: number): Promise<void>;
  /** Runs timers until none is left, or throws when more than `limitMs` pass: something re-arms itself for ever. */
  runUntilIdle(limitMs: number): Promise<void>;
  skewed(offsetMs: number): SkewedClock;
  readonly timers: number;
};

/**
 * `settle` is awaited after each timer, so that what it started may finish before time moves on. The default lets
 * promise chains of up to 64 steps run out; a host whose work leaves the microtask queue (WebCrypto) gives its own.
 */
export const virtualClock = (start = 0, settle: () => Promise<void> = microtasks): VirtualClock => {
  let now = start;
  let armed = 0;
  const queue: Timer[] = [];

  const after = (ms: number, run: () => void): (() => void) => {
    const timer: Timer = { due: now + Math.max(0, Number.isNaN(ms) ? 0 : ms), order: armed++, run };
    push(queue, timer);
    return () => remove(queue, timer);
  };
  const runDue = async (end: number): Promise<void> => {
    await settle();
    for (let next = queue[0]; next && next.due <= end; next = queue[0]) {
      queue.shift();
      now = Math.max(now, next.due);
      next.run();
      await settle();
    }
  };
  return {
    now: () => Math.floor(now),
    after,
    advance: async (ms) => {
      const end = now + ms;
      await runDue(end);
      now = end;
    },
    runUntilIdle: async (limitMs) => {
      await runDue(now + limitMs);
      assert(queue.length === 0, `${queue.length} timers are still armed after ${limitMs} ms`);
    },
    skewed: (offsetMs) => {
      let offset = offsetMs;
      return {
        now: () => Math.floor(now + offset),
        after,
        setOffset: (ms) => {
          offset = ms;
        },
      };
    },
    get timers() {
      return queue.length;
    },
  };
};

const isBefore = (a: Timer, b: Timer): boolean => a.due < b.due || (a.due === b.due && a.order < b.order);

const placeOf = (queue: readonly Timer[], timer: Timer): number => {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(queue[middle] as Timer, timer)) low = middle + 1;
    else high = middle;
  }
  return low;
};
const push = (queue: Timer[], timer: Timer): void => void queue.splice(placeOf(queue, timer), 0, timer);
const remove = (queue: Timer[], timer: Timer): void => {
  const at = placeOf(queue, timer);
  if (queue[at] === timer) queue.splice(at, 1);
};

const microtasks = async (): Promise<void> => {
  for (let i = 0; i < 64; i++) await Promise.resolve();
};
