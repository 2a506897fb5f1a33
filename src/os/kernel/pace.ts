/**
 * Work that nobody waits for takes a part of the time and no more: it goes on when nobody is at work, and after some steps it
 * rests for a multiple of what they took. It knows nothing of the work.
 *
 * GW1 between two steps it gives way to whoever is at work, and begins nothing while they are.
 * GW2 it is not starved: so long at a stretch is waited for whoever never rests, and no longer.
 * GW3 once it is ended nothing waits for its rest: whoever stops a kernel is not held up by work that nobody waits for.
 */
import type { KernelContext } from './context';

/** Steps without a rest, ms: a key waits no longer than for these and the one that is under way. */
const STEPS_MS = 8;
/** So many times what they took, at most so long: a clock that jumped stops nothing. */
const REST = 2;
const MOST_MS = 200;
/** So long it gives way at a stretch, ms. */
const PATIENCE_MS = 60_000;

/** Thrown where work would go on that was ended. */
export class Ended extends Error {}

export class Pace {
  #began: number;
  #patience = PATIENCE_MS;
  #ended = false;
  #wake: () => void = () => {};

  constructor(private readonly context: Pick<KernelContext, 'ports' | 'calm'>) {
    this.#began = context.ports.clock.now();
  }
  /** The rest under way, and each one after it, throws `Ended`. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }
  /** Between two steps: what waits in the meantime comes first. */
  async rest(): Promise<void> {
    const { clock } = this.context.ports;
    if (this.#ended) throw new Ended();
    const took = Math.abs(clock.now() - this.#began);
    if (took >= STEPS_MS) await this.#pass(Math.min(MOST_MS, took * REST));
    else if (this.#gives === 0) return;
    for (let wait = this.#gives; wait > 0; wait = this.#gives) {
      this.#patience -= wait;
      await this.#pass(wait);
    }
    if (this.context.calm.inMs === 0) this.#patience = PATIENCE_MS;
    this.#began = clock.now();
  }
  /** How long it gives way now, ms. */
  get #gives(): number {
    return Math.min(this.context.calm.inMs, this.#patience);
  }
  async #pass(ms: number): Promise<void> {
    await new Promise<void>((done) => {
      const cancel = this.context.ports.clock.after(ms, done);
      this.#wake = () => {
        cancel();
        done();
      };
    });
    if (this.#ended) throw new Ended();
  }
}
