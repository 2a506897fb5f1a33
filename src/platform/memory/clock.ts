/**
 * Virtual time: it moves only when told, and timers run in the order of (due, armed), so that a run with a seed is
 * the same run each time. A node's view of it may be skewed; its timers are not, as on a machine with a wrong wall clock.
 */
import { assert } from '../../base/assert';
import type { Clock } from '../../ports';

type Timer = { readonly due: number; readonly order: number; run: (() => void) | undefined };

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
  let live = 0;
  const heap: Timer[] = [];

  const after = (ms: number, run: () => void): (() => void) => {
    const timer: Timer = { due: now + Math.max(0, Number.isNaN(ms) ? 0 : ms), order: armed++, run };
    push(heap, timer);
    live++;
    // It stays where it is until it is due: taking it out would cost more.
    return () => {
      if (timer.run) live--;
      timer.run = undefined;
    };
  };
  const runDue = async (end: number): Promise<void> => {
    await settle();
    for (let next = heap[0]; next && next.due <= end; next = heap[0]) {
      pop(heap);
      const { run } = next;
      if (!run) continue;
      next.run = undefined;
      live--;
      now = Math.max(now, next.due);
      run();
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
      assert(live === 0, `${live} timers are still armed after ${limitMs} ms`);
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
      return live;
    },
  };
};

const isBefore = (a: Timer, b: Timer): boolean => a.due < b.due || (a.due === b.due && a.order < b.order);

const push = (heap: Timer[], timer: Timer): void => {
  let at = heap.push(timer) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!isBefore(timer, heap[above] as Timer)) break;
    heap[at] = heap[above] as Timer;
    at = above;
  }
  heap[at] = timer;
};
/** Takes the first one out. */
const pop = (heap: Timer[]): void => {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let below = at * 2 + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && isBefore(heap[below + 1] as Timer, heap[below] as Timer)) below++;
    if (!isBefore(heap[below] as Timer, last)) break;
    heap[at] = heap[below] as Timer;
    at = below;
  }
  heap[at] = last;
};

const microtasks = async (): Promise<void> => {
  for (let i = 0; i < 64; i++) await Promise.resolve();
};
