/**
 * Signals over links: what goes through signaling servers (`signal.ts`), carried from node to node, for when no server is there.
 * Pure: it is told what came and who is linked, and says to whom it goes on. It opens nothing: a beacon, which could not, runs it as
 * well. One for each space. Bytes: docs/protocol/signaling.md.
 *
 * IB1 at most three hops. Whoever begins says three and is the origin; nobody says three in another's name, or to the origin.
 * IB2 never flooded: to the device that it is for, where it is linked; else to whoever told of it last and to the best other one by
 *     rank, and from whoever begins to one more, by lot. Never back to where it came from, nor to its origin.
 * IB3 each once, but again where it may go further: who altered the way of a copy must not keep the true one back.
 * IB4 each link has a rate. What is more is dropped; nobody is blamed for what others began.
 * IB5 every map is bounded.
 * IB6 to one neighbour what came over a link goes on only while less of it went there lately than there is room left: however many
 *     flood, whoever comes new has room.
 */
import { TokenBucket } from '../../base/bucket';
import { fromHex, toHex } from '../../base/bytes';
import { blob, record, u8, type ValueOf } from '../../base/codec';
import { hash128 } from '../../base/hash';
import { setLatest } from '../../base/latest';
import { type DeviceId, deviceIdCodec } from '../op/ids';
import { MAX_SEALED } from './signal';

/** Of the handshake. */
export const SIGNALS_FEATURE = 5;

export type ForwardingRules = {
  readonly hops: number;
  readonly copies: number;
  /** More, from whoever begins. */
  readonly lots: number;
  /** Taken of a link: a second, and at once. */
  readonly perLink: readonly [number, number];
  /** Passed on to a link within so many milliseconds: less than it takes. */
  readonly passed: { readonly most: number; readonly withinMs: number };
  /** Of those who are linked, so many are ranked. */
  readonly ranked: number;
  readonly seen: number;
  readonly links: number;
  readonly told: number;
};
/** A dial takes some ten signals of each side. */
export const FORWARDING_RULES: ForwardingRules = {
  hops: 3,
  copies: 2,
  lots: 1,
  perLink: [40, 160],
  passed: { most: 128, withinMs: 4_000 },
  ranked: 32,
  seen: 1_024,
  links: 1_024,
  told: 512,
};

/** `hops`: how many it may still go, the one that it comes by included. */
export const carriedCodec = record({ hops: u8, origin: deviceIdCodec, to: deviceIdCodec, sealed: blob(MAX_SEALED) });
export type Carried = ValueOf<typeof carriedCodec>;

/** Who is linked, whoever sent a signal included. To list and to rank all costs something. */
export type Linked = {
  has(device: DeviceId): boolean;
  devices(): readonly DeviceId[];
  /** With the device that is sought: the lower, the likelier it has it as a neighbour. */
  rank(device: DeviceId): number;
};
export type Arrival =
  | { readonly type: 'deliver' }
  | { readonly type: 'forward'; readonly signal: Carried; readonly to: readonly DeviceId[] }
  /** Not for this one, and not to go on; `forged` is what no sound node sends. */
  | { readonly type: 'drop'; readonly why: 'forged' | 'seen' | 'rate' | 'far' };

type Passed = { readonly from: DeviceId; readonly at: number };

export class Forwarding {
  readonly #taken = new Map<DeviceId, TokenBucket>();
  /** By neighbour, what went there lately. */
  readonly #passed = new Map<DeviceId, readonly Passed[]>();
  /** With how many hops left. */
  readonly #seen = new Map<string, number>();
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
    linked: Linked,
    now: number,
  ): Extract<Arrival, { type: 'forward' }> {
    const signal: Carried = { hops: this.rules.hops, origin: this.self, to, sealed };
    const name = nameOf(signal);
    this.#isNew(name, this.rules.hops);
    const next = this.#next(signal, linked, [], lotOf(name), this.rules.lots);
    for (const device of next) this.#note(device, this.self, now);
    return { type: 'forward', signal, to: next };
  }

  received(signal: Carried, from: DeviceId, linked: Linked, now: number): Arrival {
    const { hops, origin, to } = signal;
    if (hops < 1 || hops > this.rules.hops || (hops === this.rules.hops && origin !== from) || to === origin)
      return { type: 'drop', why: 'forged' };
    if (!this.#mayTake(from, now)) return { type: 'drop', why: 'rate' };
    const name = nameOf(signal);
    const isHere = to === this.self;
    if (origin === this.self || !this.#isNew(name, isHere ? this.rules.hops : hops))
      return { type: 'drop', why: 'seen' };
    // The answer finds its way back.
    this.told(origin, from);
    if (isHere) return { type: 'deliver' };
    const next = hops > 1 ? this.#next(signal, linked, [from, origin], lotOf(name), 0) : [];
    if (next.length === 0) return { type: 'drop', why: 'far' };
    const free = next.filter((device) => this.#hasRoom(device, from, now));
    for (const device of free) this.#note(device, from, now);
    return free.length === 0
      ? { type: 'drop', why: 'rate' }
      : { type: 'forward', signal: { ...signal, hops: hops - 1 }, to: free };
  }

  #next({ to }: Carried, linked: Linked, not: readonly DeviceId[], lot: number, lots: number): readonly DeviceId[] {
    if (linked.has(to)) return not.includes(to) ? [] : [to];
    const others = turned(
      linked.devices().filter((device) => !not.includes(device)),
      lot,
    );
    const teller = this.#told.get(to);
    const ranked = others
      .filter((device) => device !== teller)
      .slice(0, this.rules.ranked)
      .map((device) => ({ device, rank: linked.rank(device) }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ device }) => device);
    const best = [...others.filter((device) => device === teller), ...ranked].slice(0, this.rules.copies);
    return [...best, ...others.filter((device) => !best.includes(device)).slice(0, lots)];
  }

  #mayTake(from: DeviceId, now: number): boolean {
    const bucket = this.#taken.get(from) ?? new TokenBucket(...this.rules.perLink, now);
    setLatest(this.#taken, from, bucket, this.rules.links);
    return bucket.take(now);
  }
  #lately(device: DeviceId, now: number): readonly Passed[] {
    const { withinMs } = this.rules.passed;
    return (this.#passed.get(device) ?? []).filter(({ at }) => Math.abs(now - at) < withinMs);
  }
  #hasRoom(device: DeviceId, from: DeviceId, now: number): boolean {
    const lately = this.#lately(device, now);
    return lately.filter((passed) => passed.from === from).length < this.rules.passed.most - lately.length;
  }
  #note(device: DeviceId, from: DeviceId, now: number): void {
    const lately = this.#lately(device, now).slice(-this.rules.passed.most + 1);
    setLatest(this.#passed, device, [...lately, { from, at: now }], this.rules.links);
  }
  #isNew(name: string, hops: number): boolean {
    if ((this.#seen.get(name) ?? 0) >= hops) return false;
    setLatest(this.#seen, name, hops, this.rules.seen);
    return true;
  }
}

/** Of the whole of it but the hops: whoever alters a copy must not make others miss the true one. */
const nameOf = ({ origin, to, sealed }: Carried): string =>
  toHex(hash128('lgos/carried/1', fromHex(origin), fromHex(to), sealed));
/** Seals have a nonce: nobody foretells it. */
const lotOf = (name: string): number => Number.parseInt(name.slice(0, 8), 16);
const turned = <T>(items: readonly T[], lot: number): readonly T[] => {
  const at = items.length === 0 ? 0 : lot % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
};
