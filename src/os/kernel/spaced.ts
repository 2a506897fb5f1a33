/** Work that may wait for more of its kind: the first after a pause runs at once, the rest together a little later. */
import type { Ports } from '../../ports';

/** Runs what it is given soon, and at least `ms` after what it ran before; one at a time is waited for. */
export const spaced = (clock: Pick<Ports['clock'], 'now' | 'after'>, ms: number): ((run: () => void) => void) => {
  let last = Number.NEGATIVE_INFINITY;
  return (run) => {
    // A clock that was set back must not hold it up.
    const wait = Math.min(ms, Math.max(0, last + ms - clock.now()));
    void clock.after(wait, () => {
      last = clock.now();
      run();
    });
  };
};
