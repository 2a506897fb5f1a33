/**
 * What can be proved against a peer, and what follows. Only faults that no sound peer makes count; who merely gives little is blamed
 * for nothing, because links of a sound tree that carry nothing look the same.
 *
 * OV9 a fault weighs by the square of how many there were within ten minutes: the rank gets worse by it, and from the fourth on, or
 *     with the first thing that is invalid, the peer is banned: for a minute, then twice as long each time, up to an hour.
 */
import { forgetOldest } from '../../base/latest';
import type { DeviceId } from '../op/ids';

/** `invalid`: no such thing can be; `promise`: announced and not given; `rate`: more than anybody may send. */
export type Fault = 'invalid' | 'promise' | 'rate';

const FORGIVEN_MS = 600_000;
const BAN_MS = 60_000;
const MAX_BAN_MS = 3_600_000;
const BANNED_FROM = 4;
const MAX_BLAMED = 256;

type Blamed = { faults: readonly number[]; bans: number; bannedUntil: number };

export class Blame {
  readonly #blamed = new Map<DeviceId, Blamed>();

  /** True when it is banned from now on. */
  fault(device: DeviceId, what: Fault, now: number): boolean {
    const before = this.#blamed.get(device) ?? { faults: [], bans: 0, bannedUntil: 0 };
    this.#blamed.delete(device);
    const lately = [...before.faults.filter((at) => now - at < FORGIVEN_MS), now];
    const isBanned = what === 'invalid' || lately.length >= BANNED_FROM;
    const ban = Math.min(MAX_BAN_MS, BAN_MS * 2 ** before.bans);
    this.#blamed.set(
      device,
      isBanned
        ? { faults: [], bans: Math.min(before.bans + 1, 10), bannedUntil: now + ban }
        : { ...before, faults: lately.slice(-BANNED_FROM) },
    );
    forgetOldest(this.#blamed, MAX_BLAMED);
    return isBanned;
  }

  isBanned(device: DeviceId, now: number): boolean {
    return now < (this.#blamed.get(device)?.bannedUntil ?? 0);
  }
  /** What a rank is multiplied by. */
  weight(device: DeviceId, now: number): number {
    const blamed = this.#blamed.get(device);
    return blamed ? 1 + blamed.faults.filter((at) => now - at < FORGIVEN_MS).length ** 2 : 1;
  }
}
