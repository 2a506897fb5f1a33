/**
 * Signals over links: what goes through signaling servers (`signal.ts`), carried from node to node, for when no server is there.
 * Pure: it is told what came and who is linked, and says to whom it goes on. It opens nothing: a beacon, which could not, runs it as
 * well. One for each space. Bytes: docs/protocol/signaling.md.
 *
 * IB1 at most three hops. Whoever begins says three and is the origin; nobody says three in another's name.
 * IB2 never flooded: to the device that it is for, where it is linked; else to whoever told of it last and to the best other one by
 *     rank. Never back to where it came from, nor to its origin.
 * IB3 each once: what was seen is neither passed on nor delivered again.
 * IB4 each link, and each origin on it, has a rate. What is more is dropped; nobody is blamed for what others began.
 * IB5 every map is bounded.
 */
import { TokenBucket, TokenBuckets } from '../../base/bucket';
import { fromHex, toHex } from '../../base/bytes';
import { blob, record, u8, type ValueOf } from '../../base/codec';
import { hash128 } from '../../base/hash';
import { forgetOldest, setLatest } from '../../base/latest';
import { type DeviceId, deviceIdCodec } from '../op/ids';
import { MAX_SEALED } from './signal';

/** Of the handshake. */
export const SIGNALS_FEATURE = 5;

export type ForwardingRules = {
  readonly hops: number;
  readonly copies: number;
  /** A second, and at once. */
  readonly perLink: readonly [number, number];
  readonly perOrigin: readonly [number, number];
  readonly seen: number;
  readonly links: number;
  readonly origins: number;
  readonly told: number;
};
/** A dial takes some ten signals of each side. */
export const FORWARDING_RULES: ForwardingRules = {
  hops: 3,
  copies: 2,
  perLink: [40, 160],
  perOrigin: [16, 64],
  seen: 1_024,
  links: 128,
  origins: 64,
  told: 512,
};

/** `hops`: how many it may still go, the one that it comes by included. */
export const carriedCodec = record({ hops: u8, origin: deviceIdCodec, to: deviceIdCodec, sealed: blob(MAX_SEALED) });
export type Carried = ValueOf<typeof carriedCodec>;

/** Who is linked; `rank` with the device that is sought, the lower the likelier it has it as a neighbour. */
export type Linked = { readonly device: DeviceId; readonly rank: number };
export type Arrival =
  | { readonly type: 'deliver' }
  | { readonly type: 'forward'; readonly signal: Carried; readonly to: readonly DeviceId[] }
  /** Not for this one, and not to go on; `forged` is what no sound node sends. */
  | { readonly type: 'drop'; readonly why: 'forged' | 'seen' | 'rate' | 'far' };

type Link = { readonly bucket: TokenBucket; readonly byOrigin: TokenBuckets };

export class Forwarding {
  readonly #links = new Map<DeviceId, Link>();
  readonly #seen = new Set<string>();
  /** Device -> who told of it last. */
  readonly #told = new Map<DeviceId, DeviceId>();

  constructor(
    private readonly self: DeviceId,
    private readonly rules: ForwardingRules = FORWARDING_RULES,
  ) {}

  /** That a device is there was heard from somebody linked. */
  told(device: DeviceId, by: DeviceId): void {
    if (device === by || device === this.self) return;
    setLatest(this.#told, device, by, this.rules.told);
  }

  /** Of this device. */
  begin(
    to: DeviceId,
    sealed: Uint8Array<ArrayBuffer>,
    linked: () => readonly Linked[],
  ): Extract<Arrival, { type: 'forward' }> {
    const signal: Carried = { hops: this.rules.hops, origin: this.self, to, sealed };
    this.#isNew(signal);
    return { type: 'forward', signal, to: this.#next(signal, linked(), []) };
  }

  /** `linked`: with whoever sent it; asked only where it goes on. */
  received(signal: Carried, from: DeviceId, linked: () => readonly Linked[], now: number): Arrival {
    const { hops, origin, to } = signal;
    if (hops < 1 || hops > this.rules.hops || (hops === this.rules.hops && origin !== from))
      return { type: 'drop', why: 'forged' };
    if (!this.#may(from, origin, now)) return { type: 'drop', why: 'rate' };
    if (origin === this.self || !this.#isNew(signal)) return { type: 'drop', why: 'seen' };
    // The answer finds its way back.
    this.told(origin, from);
    if (to === this.self) return { type: 'deliver' };
    const next = hops > 1 ? this.#next(signal, linked(), [from, origin]) : [];
    return next.length === 0
      ? { type: 'drop', why: 'far' }
      : { type: 'forward', signal: { ...signal, hops: hops - 1 }, to: next };
  }

  #next({ to }: Carried, linked: readonly Linked[], not: readonly DeviceId[]): readonly DeviceId[] {
    if (linked.some(({ device }) => device === to)) return not.includes(to) ? [] : [to];
    const others = linked.filter(({ device }) => !not.includes(device)).sort((a, b) => a.rank - b.rank);
    const teller = this.#told.get(to);
    const first = others.filter(({ device }) => device === teller);
    const rest = others.filter(({ device }) => device !== teller);
    return [...first, ...rest].slice(0, this.rules.copies).map(({ device }) => device);
  }

  #may(from: DeviceId, origin: DeviceId, now: number): boolean {
    const { perLink, perOrigin } = this.rules;
    const link = this.#links.get(from) ?? {
      bucket: new TokenBucket(...perLink, now),
      byOrigin: new TokenBuckets(...perOrigin, this.rules.origins),
    };
    setLatest(this.#links, from, link, this.rules.links);
    return link.byOrigin.take(origin, now) && link.bucket.take(now);
  }
  /** Of the whole of it: whoever alters a copy must not make others miss the true one. */
  #isNew({ to, sealed }: Carried): boolean {
    const name = toHex(hash128('lgos/carried/1', fromHex(to), sealed));
    if (this.#seen.has(name)) return false;
    this.#seen.add(name);
    forgetOldest(this.#seen, this.rules.seen);
    return true;
  }
}
