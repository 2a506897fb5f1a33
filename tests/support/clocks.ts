/** Clocks that are not the system's: off by what a test sets, many times as fast, or led on at once. */
import { systemClock } from '../../src/platform/clock';
import type { Clock } from '../../src/ports';
import { atRest } from './resting';

type SkewedClock = Clock & {
  /** Off by so many ms from now on. */
  set(off: number): void;
  /** So many ms go by at once. */
  ahead(ms: number): void;
};

export const skewedClock = (offset = 0): SkewedClock => {
  const clock = systemClock();
  let off = offset;
  return {
    now: () => clock.now() + off,
    after: clock.after,
    set: (next) => {
      off = next;
    },
    ahead: (ms) => {
      off += ms;
    },
  };
};

const start = systemClock().now();
/** Minutes go by in seconds, timers included; all of one speed show the same time. */
export const hastyClock = (times: number): Clock => {
  const clock = systemClock();
  return {
    now: () => Math.floor(start + (clock.now() - start) * times),
    after: (ms, run) => clock.after(ms / times, run),
  };
};

type Timer = { readonly due: number; readonly run: () => void; cancel: () => void };
/**
 * Real time, of which a test lets some go by at once: what is due meanwhile runs, each at its own time. So nothing has to be done
 * before an end that comes by itself, however slow the machine.
 */
export const leapingClock = (): Clock & { leap(ms: number): Promise<void> } => {
  const clock = systemClock();
  let ahead = 0;
  const timers = new Set<Timer>();
  const now = (): number => clock.now() + ahead;
  const arm = (timer: Timer): void => {
    timer.cancel();
    timer.cancel = clock.after(timer.due - now(), () => fire(timer));
  };
  const fire = (timer: Timer): void => {
    timer.cancel();
    timers.delete(timer);
    timer.run();
  };
  const nextBefore = (end: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) if (timer.due <= end && (!next || timer.due < next.due)) next = timer;
    return next;
  };
  return {
    now,
    after: (ms, run) => {
      const timer: Timer = { due: now() + ms, run, cancel: () => {} };
      timers.add(timer);
      arm(timer);
      return () => {
        timer.cancel();
        timers.delete(timer);
      };
    },
    leap: async (ms) => {
      const end = now() + ms;
      for (let next = nextBefore(end); next; next = nextBefore(end)) {
        ahead += Math.max(0, next.due - now());
        fire(next);
        await atRest();
      }
      ahead += Math.max(0, end - now());
      for (const timer of timers) arm(timer);
    },
  };
};
