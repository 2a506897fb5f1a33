/** Work that may wait for more of its kind: the first after a pause runs at once, the rest together a little later. */
import type { Ports } from '../../ports';

/** What takes long is run less often: it rests so many times as long as it took, and never longer than this, ms. */
const REST = 3;
const MOST_MS = 250;

/** Runs what it is given soon, and at least `ms` after what it ran before; one at a time is waited for. */
export const spaced = (clock: Pick<Ports['clock'], 'now' | 'after'>, ms: number): ((run: () => void) => void) => {
  let next = Number.NEGATIVE_INFINITY;
  let most = ms;
  return (run) => {
    // A clock that was set back must not hold it up.
    void clock.after(Math.min(most, Math.max(0, next - clock.now())), () => {
      const began = clock.now();
      run();
      const ended = clock.now();
      const rest = Math.min(MOST_MS, REST * Math.max(0, ended - began));
      next = Math.max(began + ms, ended + rest);
      most = Math.max(ms, rest);
    });
  };
};
