/** A token bucket: `burst` at once, refilled by `rate` a second. It has no clock; one that goes back refills nothing. */
export class TokenBucket {
  #tokens: number;
  #at: number;

  /** `now` in milliseconds. */
  constructor(
    private readonly rate: number,
    private readonly burst: number,
    now: number,
  ) {
    this.#tokens = burst;
    this.#at = now;
  }

  /** Whether there was one to take. */
  take(now: number): boolean {
    this.#tokens = Math.min(this.burst, this.#tokens + (Math.max(0, now - this.#at) / 1_000) * this.rate);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
