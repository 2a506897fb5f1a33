/**
 * Long work in the kernel's one thread, cut so that questions and keystrokes have their turn: whoever does it asks for a pause
 * often, and gets one when enough time has gone by.
 */
import type { Clock } from '../../ports';

/** Settles at once, or after others had their turn. */
export type Pause = () => Promise<void>;

/** Work without a pause, ms. */
const SLICE_MS = 12;

export const paced = (clock: Clock): Pause => {
  let began = clock.now();
  return async () => {
    const spent = clock.now() - began;
    if (spent >= 0 && spent < SLICE_MS) return;
    await new Promise<void>((done) => void clock.after(0, done));
    began = clock.now();
  };
};
/** For whoever waits for the whole of it. */
export const unpaced: Pause = async () => {};

export const inSteps = async <T>(steps: Generator<undefined, T>, pause: Pause): Promise<T> => {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await pause();
  }
};
