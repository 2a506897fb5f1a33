import { setLatest } from './latest';

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
    if (!this.has(now)) return false;
    this.#tokens--;
    return true;
  }
  has(now: number): boolean {
    this.#tokens = Math.min(this.burst, this.#tokens + (Math.max(0, now - this.#at) / 1_000) * this.rate);
    this.#at = now;
    return this.#tokens >= 1;
  }
  /** What was known only after it was done: there may be less than none then. */
  spend(tokens: number): void {
    this.#tokens -= tokens;
  }
}

/** A bucket for each name, at most `most` of them: whoever was heard longest ago is forgotten, and starts anew. */
export class TokenBuckets {
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(
    private readonly rate: number,
    private readonly burst: number,
    private readonly most: number,
  ) {}

  /** Whether there is one; of who was never heard there is. */
  has(name: string, now: number): boolean {
    return this.#buckets.get(name)?.has(now) !== false;
  }
  take(name: string, now: number): boolean {
    const bucket = this.#buckets.get(name) ?? new TokenBucket(this.rate, this.burst, now);
    setLatest(this.#buckets, name, bucket, this.most);
    return bucket.take(now);
  }
}
