/**
 * What goes one way through a circuit: at a bounded rate, in its order, and only while the link that it goes out on is free of much
 * else. Whoever sent it waits with it (CI4).
 */
import { TokenBucket } from '../../base/bucket';
import type { Clock } from '../../ports';

/** Bytes a second, and at once. */
export const LANE_RATE = { perSecond: 32 * 1024, atOnce: 128 * 1024 } as const;
/** What a link has in flight at most, both classes and what is not metered. */
export const LANE_BYTES = 768 * 1024;
const LOOK_AGAIN_MS = 100;

type Waiting = { readonly bytes: Uint8Array; readonly gone: () => void };

export class Lane {
  /** What somebody waits for goes before the rest. */
  readonly #lines = { urgent: [] as Waiting[], other: [] as Waiting[] };
  readonly #bucket: TokenBucket;
  #held = 0;
  #ended = false;
  #cancel: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly isFree: () => boolean,
    private readonly go: (bytes: Uint8Array) => void,
  ) {
    this.#bucket = new TokenBucket(LANE_RATE.perSecond, LANE_RATE.atOnce, clock.now());
  }

  get held(): number {
    return this.#held;
  }

  /** Resolves when it has gone, or the lane has ended; `undefined`: there is no room. */
  push(bytes: Uint8Array, urgent = false): Promise<void> | undefined {
    if (this.#ended) return Promise.resolve();
    if (this.#held + bytes.length > LANE_BYTES) return undefined;
    this.#held += bytes.length;
    return new Promise((gone) => {
      this.#lines[urgent ? 'urgent' : 'other'].push({ bytes, gone });
      if (!this.#cancel) this.#run();
    });
  }
  end(): void {
    this.#ended = true;
    this.#cancel?.();
    for (const line of Object.values(this.#lines)) for (const { gone } of line.splice(0)) gone();
    this.#held = 0;
  }

  #run(): void {
    const { urgent, other } = this.#lines;
    this.#cancel = undefined;
    while (this.isFree() && this.#bucket.has(this.clock.now())) {
      const next = urgent.shift() ?? other.shift();
      if (!next) return;
      this.#held -= next.bytes.length;
      this.#bucket.spend(next.bytes.length);
      this.go(next.bytes);
      next.gone();
    }
    if (!this.#ended) this.#cancel = this.clock.after(LOOK_AGAIN_MS, () => this.#run());
  }
}
