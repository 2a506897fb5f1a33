/**
 * Who is there and might be linked: members of one space that were heard of lately, bounded, with their ranks. It believes nothing
 * by itself: signature and membership of what is heard were checked where it came in.
 *
 * OV5 presence ends by itself: who was not heard of for 30 s, by the time that they signed, is dialled no more.
 * OV6 what one peer tells of devices that were not known is believed of four within a minute.
 * OV7 of one user at most four devices are known. When it is full, the half with the better ranks stays, and of the others
 *     whoever was heard of last.
 */
import { setLatest } from '../../base/latest';
import type { DeviceId } from '../op/ids';

export type Heard = {
  readonly device: DeviceId;
  /** Whose device; devices of one user count as one. */
  readonly user: string;
  readonly rank: number;
  /** When it said so, in network time. */
  readonly at: number;
  /** Who passed it on; absent: it came from the device or by signaling. */
  readonly via?: DeviceId | undefined;
};
export type Acquaintance = Omit<Heard, 'via'>;

export type PassiveRules = {
  readonly freshMs: number;
  readonly believed: number;
  readonly perUser: number;
  readonly known: number;
};
export const PASSIVE_RULES: PassiveRules = { freshMs: 30_000, believed: 4, perUser: 4, known: 64 };
const BELIEVED_WITHIN_MS = 60_000;
/** Clocks of members are this much apart at most. */
const AHEAD_MS = 10_000;

export class Passive {
  readonly #known = new Map<DeviceId, Acquaintance>();
  readonly #believed = new Map<DeviceId, readonly number[]>();

  constructor(private readonly rules: PassiveRules) {}

  heard({ via, ...heard }: Heard, now: number): void {
    const { device, user, at } = heard;
    if (now - at > this.rules.freshMs || at > now + AHEAD_MS) return;
    const before = this.#known.get(device);
    if (before) {
      if (at > before.at || heard.rank !== before.rank)
        this.#known.set(device, { ...heard, at: Math.max(at, before.at) });
      return;
    }
    if (via !== undefined && !this.#isBelieved(via, now)) return;
    let ofUser = 0;
    for (const known of this.#known.values()) if (known.user === user) ofUser++;
    if (ofUser >= this.rules.perUser) return;
    if (this.#known.size >= this.rules.known && !this.#makeRoom(now)) return;
    this.#known.set(device, heard);
  }
  #isBelieved(via: DeviceId, now: number): boolean {
    const lately = (this.#believed.get(via) ?? []).filter((at) => now - at < BELIEVED_WITHIN_MS);
    if (lately.length >= this.rules.believed) return false;
    setLatest(this.#believed, via, [...lately, now], this.rules.known);
    return true;
  }
  #makeRoom(now: number): boolean {
    for (const [device, { at }] of this.#known) if (now - at > this.rules.freshMs) this.#known.delete(device);
    if (this.#known.size < this.rules.known) return true;
    const byRank = [...this.#known.values()].sort((a, b) => a.rank - b.rank);
    const stalest = byRank.slice(byRank.length >> 1).reduce((a, b) => (b.at < a.at ? b : a));
    return this.#known.delete(stalest.device);
  }

  /** It cannot be reached, whatever it said before `now`. */
  gone(device: DeviceId): void {
    this.#known.delete(device);
  }
  get(device: DeviceId): Acquaintance | undefined {
    return this.#known.get(device);
  }
  *fresh(now: number): Iterable<Acquaintance> {
    for (const known of this.#known.values()) if (now - known.at <= this.rules.freshMs) yield known;
  }
}
