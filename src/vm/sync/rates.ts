/**
 * How quickly the devices of a space write: what is pushed beyond it is not looked into as it comes. Pure; it is told what was taken.
 *
 * AR1 of each device twenty new entries a second are taken as they are pushed, two hundred at once. What is more comes by
 *     reconciliation, behind what others wrote, and is not pushed on: it is a matter of when, never of whether.
 * AR2 only what was taken counts: nobody uses up another's share with what is not signed by them.
 */
import { TokenBucket } from '../../base/bucket';
import type { DeviceId } from '../op/ids';

export const AUTHOR_RATE = { perSecond: 20, atOnce: 200 } as const;
/** Whoever wrote last is remembered. */
const MAX_AUTHORS = 512;

export class AuthorRates {
  readonly #buckets = new Map<DeviceId, TokenBucket>();

  isHurried(device: DeviceId, now: number): boolean {
    return this.#buckets.get(device)?.has(now) === false;
  }
  took(device: DeviceId, now: number): void {
    const { perSecond, atOnce } = AUTHOR_RATE;
    const bucket = this.#buckets.get(device) ?? new TokenBucket(perSecond, atOnce, now);
    this.#buckets.delete(device);
    this.#buckets.set(device, bucket);
    bucket.take(now);
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= MAX_AUTHORS) break;
      this.#buckets.delete(oldest);
    }
  }
}
