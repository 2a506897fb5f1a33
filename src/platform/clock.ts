/** The Clock port over the platform's own wall time and timers. It may jump: whoever uses it must live with that. */
import type { Clock } from '../ports';

/** Beyond this a platform timer fires at once, so that longer waits are made of several. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock = (): Clock => ({
  now: () => Date.now(),
  after: (ms, run) => {
    let left = Math.max(0, ms);
    let timer: ReturnType<typeof setTimeout>;
    const arm = (): void => {
      const wait = Math.min(left, LONGEST_TIMER_MS);
      left -= wait;
      timer = setTimeout(left > 0 ? arm : run, wait);
    };
    arm();
    return () => clearTimeout(timer);
  },
});
