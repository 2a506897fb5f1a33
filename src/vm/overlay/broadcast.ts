/**
 * How new entries spread at once in one space: in small ones to everybody, in large ones along a tree that mends itself, with short
 * announcements beside it. Best effort; that all get everything is the work of reconciliation. Pure: it is told what came and what
 * others say, with the time, and says what to send. It knows no entry, only its id and its place in its log.
 *
 * BC1 while few are there, an entry goes to all but whom it came from. Else to the eager links only; the others hear within 60 ms
 *     how far the log goes, which says all that is below as well. A node of before this protocol is always eager.
 * BC2 who sends what was pushed here before becomes lazy, on both ends. Who is asked for something becomes eager, on both ends.
 * BC3 a copy that came by reconciliation counts as none: it prunes nothing, and the push that comes after it is taken for the
 *     first and goes on. It is announced, within a second, and not pushed.
 * BC4 where an announcement came 250 ms or more before the push, the two links change places: of one entry in four, by its id, so that
 *     a change is done before the next one. Where each entry may change the tree, two on their way at once tear it.
 * BC7 of each peer, per second: ten requests, ten prunings, twenty announcements of 64 logs; of ten seconds at once, for a node that
 *     stood still hears all that waited. More of it is not heard, and a fault. What one peer does wrong within five seconds is one.
 * BC8 who loses an eager link makes the nearest of the others eager at once: a copy too many costs less than a timer.
 * BC10 no node asks for this by its own doing, whatever others send it: of one peer a pruning leaves each quarter of a second, requests
 *     for what is lacking leave together, a tenth of a second apart.
 */

import { TokenBucket } from '../../base/bucket';
import { setLatest } from '../../base/latest';
import { type Ask, Promises } from './promises';

export type Place<Log> = { readonly id: string; readonly log: Log; readonly seq: number };
export type Announced<Log> = { readonly log: Log; readonly seq: number };
export type BroadcastRules = {
  /** How long it is remembered how something came. */
  readonly rememberMs: number;
  readonly swapMs: number;
  readonly t1Ms: number;
  readonly t2Ms: number;
  readonly perSecond: { readonly graft: number; readonly prune: number; readonly ihave: number };
};
export const BROADCAST_RULES: BroadcastRules = {
  rememberMs: 30_000,
  swapMs: 250,
  t1Ms: 350,
  t2Ms: 150,
  perSecond: { graft: 10, prune: 10, ihave: 20 },
};
export const MAX_ANNOUNCED = 64;
const BATCH_MS = 60;
const PULLED_BATCH_MS = 1_000;
const MAX_REMEMBERED = 2_048;
const MAX_PENDING = 1_024;
const MAX_HEIGHTS = 1_024;
const ROUND_TRIP_MS = 120;
/** Of each rate, at once. */
const BURST_SECONDS = 10;
const FAULT_MS = 5_000;
const PRUNE_MS = 250;
/** BC4. Ids are hexadecimal. */
const MAY_SWAP = /[048c]$/;

export type BroadcastOutput<Peer, Log> =
  | { readonly type: 'push'; readonly peer: Peer; readonly id: string }
  | { readonly type: 'ihave'; readonly peer: Peer; readonly logs: readonly Announced<Log>[] }
  /** Become eager, and give what is asked for, if anything is. */
  | { readonly type: 'graft'; readonly peer: Peer; readonly asks: readonly Ask<Log>[] }
  | { readonly type: 'prune'; readonly peer: Peer }
  /** It asked for them. */
  | { readonly type: 'give'; readonly peer: Peer; readonly asks: readonly Ask<Log>[] }
  | { readonly type: 'fault'; readonly peer: Peer; readonly what: 'promise' | 'rate' };

type Mode = 'flood' | 'eager' | 'lazy';
type Link<Log> = {
  mode: Mode;
  rttMs: number;
  readonly pending: Map<Log, number>;
  sendAt: number;
  readonly buckets: Record<'graft' | 'prune' | 'ihave', TokenBucket>;
  prunedAt: number;
  blamedAt: number;
};

export class Broadcast<Peer, Log> {
  readonly #links = new Map<Peer, Link<Log>>();
  readonly #promises: Promises<Peer, Log>;
  /** How an entry came, oldest first. */
  readonly #came = new Map<string, { readonly how: 'push' | 'pull'; readonly at: number }>();
  /** By log, how far it came lately, be it part of the space or on its way in. */
  readonly #heights = new Map<Log, number>();
  /** Else all are eager. */
  isTree = false;

  constructor(private readonly rules: BroadcastRules = BROADCAST_RULES) {
    this.#promises = new Promises(rules);
  }

  get wakeAt(): number {
    let at = this.#promises.wakeAt;
    for (const { sendAt } of this.#links.values()) at = Math.min(at, sendAt);
    return at;
  }
  get peers(): Iterable<Peer> {
    return this.#links.keys();
  }
  modeOf(peer: Peer): Mode | undefined {
    return this.#links.get(peer)?.mode;
  }

  /** `speaks`: it knows announcements. */
  up(peer: Peer, speaks: boolean, now: number): void {
    const isBare = ![...this.#links.values()].some(({ mode }) => mode === 'eager');
    const mode = !speaks ? 'flood' : isBare || !this.isTree ? 'eager' : 'lazy';
    const bucket = (perSecond: number): TokenBucket => new TokenBucket(perSecond, perSecond * BURST_SECONDS, now);
    const { graft, prune, ihave } = this.rules.perSecond;
    const buckets = { graft: bucket(graft), prune: bucket(prune), ihave: bucket(ihave) };
    const sendAt = Number.POSITIVE_INFINITY;
    const never = { prunedAt: Number.NEGATIVE_INFINITY, blamedAt: Number.NEGATIVE_INFINITY };
    this.#links.set(peer, { mode, rttMs: ROUND_TRIP_MS, pending: new Map(), sendAt, buckets, ...never });
  }
  /** It serves us although we are no neighbours. */
  lean(peer: Peer, now: number): readonly BroadcastOutput<Peer, Log>[] {
    this.up(peer, true, now);
    return this.#eager(peer);
  }
  down(peer: Peer): readonly BroadcastOutput<Peer, Log>[] {
    const link = this.#links.get(peer);
    this.#links.delete(peer);
    this.#promises.gone(peer);
    return link?.mode === 'eager' && this.isTree ? this.#mend() : [];
  }
  /** BC8. */
  #mend(): readonly BroadcastOutput<Peer, Log>[] {
    let nearest: readonly [Peer, Link<Log>] | undefined;
    for (const each of this.#links)
      if (each[1].mode === 'lazy' && (!nearest || each[1].rttMs < nearest[1].rttMs)) nearest = each;
    return nearest ? this.#eager(nearest[0]) : [];
  }
  #eager(peer: Peer): readonly BroadcastOutput<Peer, Log>[] {
    const link = this.#links.get(peer);
    if (link) link.mode = 'eager';
    return [{ type: 'graft', peer, asks: [] }];
  }
  measured(peer: Peer, rttMs: number): void {
    const link = this.#links.get(peer);
    if (link) link.rttMs = rttMs;
  }

  /** A pushed copy came; whether it is sound is not known yet. `known`: it is part of the space already. */
  came(place: Place<Log>, from: Peer, known: boolean, now: number): readonly BroadcastOutput<Peer, Log>[] {
    const before = this.#came.get(place.id)?.how ?? (known ? 'push' : undefined);
    const announcers = this.#here(place);
    if (!before) {
      this.#remember(place.id, 'push', now);
      return this.#swap(from, MAY_SWAP.test(place.id) ? announcers : [], now);
    }
    if (before === 'push') return this.#prune(from, now);
    // BC3.
    this.#remember(place.id, 'push', now);
    return this.#pushed(place, from, now);
  }

  /** A pushed copy came and is not looked into: whoever was asked for it kept their word, and it goes on as what is reconciled does. */
  passedOver(place: Place<Log>): void {
    this.#promises.came(place.log, place.seq);
  }

  /** It is part of the space now. `from`: whom it came from, pushed or not; absent: it is our own, or had waited. */
  admitted(place: Place<Log>, from: Peer | undefined, now: number): readonly BroadcastOutput<Peer, Log>[] {
    this.#here(place);
    const how = this.#came.get(place.id)?.how ?? (from === undefined ? 'push' : 'pull');
    this.#remember(place.id, how, now);
    if (how === 'push' || !this.isTree) return this.#pushed(place, from, now);
    const outputs: BroadcastOutput<Peer, Log>[] = [];
    for (const [peer, link] of this.#links) {
      if (peer === from) continue;
      if (link.mode === 'flood') outputs.push({ type: 'push', peer, id: place.id });
      else this.#announce(link, place, now + PULLED_BATCH_MS);
    }
    return outputs;
  }
  #here({ log, seq }: Place<Log>): ReturnType<Promises<Peer, Log>['came']> {
    const height = this.#heights.get(log) ?? 0;
    setLatest(this.#heights, log, Math.max(height, seq + 1), MAX_HEIGHTS);
    return this.#promises.came(log, seq);
  }

  /** `lengthOf`: how many entries of a log are part of the space. */
  announced(
    peer: Peer,
    logs: readonly Announced<Log>[],
    lengthOf: (log: Log) => number,
    now: number,
  ): readonly BroadcastOutput<Peer, Log>[] {
    const link = this.#links.get(peer);
    if (!link) return [];
    if (logs.length > MAX_ANNOUNCED || !link.buckets.ihave.take(now)) return this.#fault(peer, 'rate', now);
    for (const { log, seq } of logs) {
      const length = Math.max(lengthOf(log), this.#heights.get(log) ?? 0);
      if (seq >= length) this.#promises.announced(peer, log, length, seq, link.rttMs, now);
    }
    return [];
  }

  /** Also of a guest: whoever has no neighbours asks to be served. */
  grafted(peer: Peer, asks: readonly Ask<Log>[], now: number): readonly BroadcastOutput<Peer, Log>[] {
    if (!this.#links.has(peer)) this.up(peer, true, now);
    const link = this.#links.get(peer);
    if (!link) return [];
    if (!link.buckets.graft.take(now)) return this.#fault(peer, 'rate', now);
    if (link.mode === 'lazy') link.mode = 'eager';
    return asks.length > 0 ? [{ type: 'give', peer, asks }] : [];
  }
  pruned(peer: Peer, now: number): readonly BroadcastOutput<Peer, Log>[] {
    const link = this.#links.get(peer);
    if (!link) return [];
    if (!link.buckets.prune.take(now)) return this.#fault(peer, 'rate', now);
    if (link.mode === 'eager') link.mode = 'lazy';
    return [];
  }

  /** At `wakeAt`, or later. */
  tick(now: number): readonly BroadcastOutput<Peer, Log>[] {
    const outputs: BroadcastOutput<Peer, Log>[] = [];
    const { asks, broken } = this.#promises.due(now);
    for (const [peer, asked] of asks) {
      const link = this.#links.get(peer);
      if (link?.mode === 'lazy') link.mode = 'eager';
      if (link) outputs.push({ type: 'graft', peer, asks: asked });
    }
    for (const peer of broken) outputs.push(...this.#fault(peer, 'promise', now));
    for (const [peer, link] of this.#links) {
      if (link.sendAt > now) continue;
      const logs = [...link.pending].slice(0, MAX_ANNOUNCED).map(([log, seq]) => ({ log, seq }));
      for (const { log } of logs) link.pending.delete(log);
      link.sendAt = link.pending.size > 0 ? now + BATCH_MS : Number.POSITIVE_INFINITY;
      if (logs.length > 0) outputs.push({ type: 'ihave', peer, logs });
    }
    return outputs;
  }

  #pushed(place: Place<Log>, from: Peer | undefined, now: number): readonly BroadcastOutput<Peer, Log>[] {
    const outputs: BroadcastOutput<Peer, Log>[] = [];
    for (const [peer, link] of this.#links) {
      if (peer === from) continue;
      if (link.mode === 'lazy' && this.isTree) this.#announce(link, place, now + BATCH_MS);
      else outputs.push({ type: 'push', peer, id: place.id });
    }
    return outputs;
  }
  #announce(link: Link<Log>, { log, seq }: Place<Log>, at: number): void {
    const before = link.pending.get(log);
    if (before === undefined && link.pending.size >= MAX_PENDING) return;
    link.pending.set(log, Math.max(seq, before ?? 0));
    link.sendAt = Math.min(link.sendAt, at);
  }
  #swap(
    from: Peer,
    announcers: readonly { readonly peer: Peer; readonly at: number }[],
    now: number,
  ): readonly BroadcastOutput<Peer, Log>[] {
    const link = this.#links.get(from);
    const [first] = announcers;
    if (!this.isTree || !link || link.mode === 'flood' || !first || now - first.at < this.rules.swapMs) {
      // It was lazy: it answers a request, or has just become ours.
      if (link?.mode === 'lazy') link.mode = 'eager';
      return [];
    }
    const other = this.#links.get(first.peer);
    return first.peer === from || other?.mode !== 'lazy' ? [] : [...this.#eager(first.peer), ...this.#prune(from, now)];
  }
  /** BC10: copies that were on their way are no reason to say it again. */
  #prune(from: Peer, now: number): readonly BroadcastOutput<Peer, Log>[] {
    const link = this.#links.get(from);
    if (!this.isTree || !link || link.mode === 'flood') return [];
    if (now - link.prunedAt < PRUNE_MS) return [];
    link.mode = 'lazy';
    link.prunedAt = now;
    return [{ type: 'prune', peer: from }];
  }
  #fault(peer: Peer, what: 'promise' | 'rate', now: number): readonly BroadcastOutput<Peer, Log>[] {
    const link = this.#links.get(peer);
    if (!link || now - link.blamedAt < FAULT_MS) return [];
    link.blamedAt = now;
    return [{ type: 'fault', peer, what }];
  }
  #remember(id: string, how: 'push' | 'pull', now: number): void {
    this.#came.delete(id);
    this.#came.set(id, { how, at: now });
    for (const [oldest, { at }] of this.#came) {
      if (this.#came.size <= MAX_REMEMBERED && now - at < this.rules.rememberMs) break;
      this.#came.delete(oldest);
    }
  }
}
