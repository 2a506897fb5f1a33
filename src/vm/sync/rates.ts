/**
 * How quickly the devices of a space write: what is pushed beyond it is not looked into as it comes. Pure; it is told what was taken.
 *
 * AR1 of each device twenty new entries a second are taken as they are pushed, two hundred at once. What is more comes by
 *     reconciliation, behind what others wrote, and is not pushed on: it is a matter of when, never of whether.
 * AR2 only what was taken counts: nobody uses up another's share with what is not signed by them.
 * AR3 whoever writes more than that does not push it either, for nobody would take it; others hear of it by a digest.
 * AR4 what comes by reconciliation has a share of its own: a backlog takes nothing from what is written now. It is pushed on while
 *     there is something left of both, for to others it is like what is written now.
 */
import { TokenBuckets } from '../../base/bucket';
import type { DeviceId } from '../op/ids';

export const AUTHOR_RATE = { perSecond: 20, atOnce: 200 } as const;
/** Whoever wrote last is remembered. */
const MAX_AUTHORS = 512;

const newBuckets = (): TokenBuckets => new TokenBuckets(AUTHOR_RATE.perSecond, AUTHOR_RATE.atOnce, MAX_AUTHORS);

export class AuthorRates {
  readonly #live = newBuckets();
  readonly #backlog = newBuckets();

  isHurried(device: DeviceId, now: number, isBacklog = false): boolean {
    return !this.#live.has(device, now) || (isBacklog && !this.#backlog.has(device, now));
  }
  took(device: DeviceId, now: number, isBacklog = false): void {
    (isBacklog ? this.#backlog : this.#live).take(device, now);
  }
}
