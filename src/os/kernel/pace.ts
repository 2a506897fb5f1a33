/**
 * Work that nobody waits for takes a part of the time and no more: after each step it rests for a multiple of what the step
 * took. It knows nothing of the work.
 */
import type { Clock } from '../../ports';

/** So many times what a step took, at most so long: a clock that jumped stops nothing. */
const REST = 2;
const MOST_MS = 200;

export class Pace {
  #began: number;

  constructor(private readonly clock: Clock) {
    this.#began = clock.now();
  }
  /** Between two steps: what waits in the meantime comes first. */
  async rest(): Promise<void> {
    const took = Math.abs(this.clock.now() - this.#began);
    await new Promise<void>((done) => void this.clock.after(Math.min(MOST_MS, took * REST), done));
    this.#began = this.clock.now();
  }
}
