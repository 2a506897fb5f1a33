/**
 * Whether somebody is at work on this node: by what was asked of it and what was written, here or elsewhere. What nobody waits
 * for gives way to that. It knows nothing of either.
 */
import type { Clock } from '../../ports';

const CALM_MS = 2_000;

export class Calm {
  #stirredAt = Number.NEGATIVE_INFINITY;

  /** After `calmMs` without anything it is calm. */
  constructor(
    private readonly clock: Clock,
    private readonly calmMs = CALM_MS,
  ) {}

  stirred(): void {
    this.#stirredAt = this.clock.now();
  }
  /** How long it is until it may be calm, ms; 0 where it is. A clock that was set back stops nothing. */
  get inMs(): number {
    const since = this.clock.now() - this.#stirredAt;
    return since >= 0 && since < this.calmMs ? this.calmMs - since : 0;
  }
}
