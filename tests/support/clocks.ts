/** A clock that runs as the system's does, and is off by what a test sets. */
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
