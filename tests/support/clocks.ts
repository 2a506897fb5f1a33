/** Clocks that are not the system's: off by what a test sets, or many times as fast. */
import { systemClock } from '../../src/platform/clock';
import type { Clock } from '../../src/ports';

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
