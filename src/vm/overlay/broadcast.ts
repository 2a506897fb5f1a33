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
 * BC4 of what comes first by an eager link it is kept how much sooner each lazy one would have brought it, on the average of the last
 *     eight: an announcement stands for a push 60 ms before it. From four on, where that average and the last are 60 ms or more, the two
 *     change places, at one entry in two by lot: the new one is asked to push, and the old one pruned once both brought the same. One
 *     entry says where its author sits, many say which way is better; what both brought proves that the old one can be spared.
 * BC7 of each peer, per second: ten requests, ten prunings, twenty announcements of 64 logs; of ten seconds at once, for a node that
 *     stood still hears all that waited. More of it is not heard, and a fault. What one peer does wrong within five seconds is one.
 * BC8 who loses an eager link makes another eager at once: that which would have brought soonest what came by it, and where that is
 *     not known, the nearest. What a lazy link gets by way of this node it announces a round trip later, so it is not taken for a way out.
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
  /** BC4: on the average of so many, by so much; of the entries that say so, this share. */
  readonly samples: number;
  readonly swapMs: number;
  readonly swapShare: number;
  readonly t1Ms: number;
  readonly t2Ms: number;
  readonly perSecond: { readonly graft: number; readonly prune: number; readonly ihave: number };
};
export const BROADCAST_RULES: BroadcastRules = {
  rememberMs: 30_000,
  samples: 4,
  swapMs: 60,
  swapShare: 1 / 2,
  t1Ms: 350,
  t2Ms: 150,
  perSecond: { graft: 10, prune: 10, ihave: 20 },
};
export const MAX_ANNOUNCED = 64;
const BATCH_MS = 60;
const PULLED_BATCH_MS = 1_000;
const MAX_REMEMBERED = 2_048;
const MAX_PENDING = 1_024;
const MAX_TIPS = 1_024;
const ROUND_TRIP_MS = 120;
/** Of each rate, at once. */
const BURST_SECONDS = 10;
const FAULT_MS = 5_000;
const PRUNE_MS = 250;
/** BC4. A node that stood still measures much of one entry. */
const MAX_LEAD_MS = 500;
const MAX_SAMPLES = 8;
/** So long a change may take before another one begins. */
const SWAP_MS = 10_000;

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
type Link<Peer, Log> = {
  mode: Mode;
  rttMs: number;
  readonly pending: Map<Log, number>;
  sendAt: number;
  readonly buckets: Record<'graft' | 'prune' | 'ihave', TokenBucket>;
  prunedAt: number;
  blamedAt: number;
  /** BC4: by how much each other link would have been sooner with what came first by this one, on the average. */
  readonly leads: Map<Peer, { count: number; meanMs: number }>;
};
/** `from`: by whose push, if it was one. */
type Arrival<Peer> = { readonly how: 'push' | 'pull'; readonly at: number; readonly from: Peer | undefined };
/** How far a log came lately, be it part of the space or on its way in; and who pushed the last of it, when. */
type Tip<Peer> = {
  readonly length: number;
  readonly pushed?: { readonly from: Peer; readonly at: number } | undefined;
};

export class Broadcast<Peer, Log> {
  readonly #links = new Map<Peer, Link<Peer, Log>>();
  readonly #promises: Promises<Peer, Log>;
  /** How an entry came, oldest first. */
  readonly #came = new Map<string, Arrival<Peer>>();
  readonly #tips = new Map<Log, Tip<Peer>>();
  /** BC4: `to` pushes as well, and `from` is to become lazy. */
  #swap: { readonly from: Peer; readonly to: Peer; readonly at: number } | undefined;
  /** Else all are eager. */
  isTree = false;

  /** `random` in [0, 1). */
  constructor(
    private readonly random: () => number,
    private readonly rules: BroadcastRules = BROADCAST_RULES,
  ) {
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
    const nothing = { pending: new Map(), leads: new Map() };
    this.#links.set(peer, { mode, rttMs: ROUND_TRIP_MS, sendAt, buckets, ...never, ...nothing });
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
    this.#forget(peer);
    if (this.#swap?.from === peer || this.#swap?.to === peer) this.#swap = undefined;
    return link?.mode === 'eager' && this.isTree ? this.#mend(link) : [];
  }
  /** BC8. */
  #mend({ leads }: Link<Peer, Log>): readonly BroadcastOutput<Peer, Log>[] {
    let best: { readonly peer: Peer; readonly leadMs: number } | undefined;
    for (const [peer, { mode, rttMs }] of this.#links) {
      const leadMs = leads.get(peer)?.meanMs ?? -rttMs;
      if (mode === 'lazy' && (!best || leadMs > best.leadMs)) best = { peer, leadMs };
    }
    return best ? this.#eager(best.peer) : [];
  }
  #forget(peer: Peer): void {
    for (const { leads } of this.#links.values()) leads.delete(peer);
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
    const arrival = this.#came.get(place.id);
    const before = arrival?.how ?? (known ? 'push' : undefined);
    const announcers = this.#here(place, before ? undefined : { from, at: now });
    if (before === 'push') return this.#prune(this.#needless(from, arrival?.from), now);
    this.#remember(place.id, 'push', now, from);
    // BC3.
    if (before) return this.#pushed(place, from, now);
    // A lazy one answers a request, or has just become ours.
    const link = this.#links.get(from);
    if (link?.mode === 'lazy') link.mode = 'eager';
    return announcers.flatMap(({ peer, at }) => this.#compare(from, peer, now - at, now));
  }

  /** A pushed copy came and is not looked into: whoever was asked for it kept their word, and it goes on as what is reconciled does. */
  passedOver(place: Place<Log>): void {
    this.#promises.came(place.log, place.seq);
  }

  /** It is part of the space now. `from`: whom it came from, pushed or not; absent: it is our own, or had waited. */
  admitted(place: Place<Log>, from: Peer | undefined, now: number): readonly BroadcastOutput<Peer, Log>[] {
    this.#here(place);
    const arrival = this.#came.get(place.id);
    const how = arrival?.how ?? (from === undefined ? 'push' : 'pull');
    this.#remember(place.id, how, now, arrival?.from);
    if (how === 'push' || !this.isTree) return this.#pushed(place, from, now);
    const outputs: BroadcastOutput<Peer, Log>[] = [];
    for (const [peer, link] of this.#links) {
      if (peer === from) continue;
      if (link.mode === 'flood') outputs.push({ type: 'push', peer, id: place.id });
      else this.#announce(link, place, now + PULLED_BATCH_MS);
    }
    return outputs;
  }
  #here({ log, seq }: Place<Log>, pushed?: Tip<Peer>['pushed']): ReturnType<Promises<Peer, Log>['came']> {
    const tip = this.#tips.get(log);
    const next = !tip || seq >= tip.length ? { length: seq + 1, pushed } : tip;
    setLatest(this.#tips, log, next, MAX_TIPS);
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
    const outputs: BroadcastOutput<Peer, Log>[] = [];
    for (const { log, seq } of logs) {
      const tip = this.#tips.get(log);
      const length = Math.max(lengthOf(log), tip?.length ?? 0);
      if (seq >= length) this.#promises.announced(peer, log, length, seq, link.rttMs, now);
      else if (tip?.pushed && seq === tip.length - 1)
        outputs.push(...this.#compare(tip.pushed.from, peer, tip.pushed.at - now, now));
    }
    return outputs;
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
    if (link.mode === 'eager') this.#lazy(peer, link);
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
  #announce(link: Link<Peer, Log>, { log, seq }: Place<Log>, at: number): void {
    const before = link.pending.get(log);
    if (before === undefined && link.pending.size >= MAX_PENDING) return;
    link.pending.set(log, Math.max(seq, before ?? 0));
    link.sendAt = Math.min(link.sendAt, at);
  }
  /** BC4. The same came first by a push of `from`; `announcedMs` before it, or after it, `peer` announced it. */
  #compare(from: Peer, peer: Peer, announcedMs: number, now: number): readonly BroadcastOutput<Peer, Log>[] {
    const link = this.#links.get(from);
    const other = this.#links.get(peer);
    if (!this.isTree || !link || !other || link === other) return [];
    const lead = link.leads.get(peer) ?? { count: 0, meanMs: 0 };
    link.leads.set(peer, lead);
    lead.count = Math.min(lead.count + 1, MAX_SAMPLES);
    const leadMs = Math.max(-MAX_LEAD_MS, Math.min(MAX_LEAD_MS, announcedMs + BATCH_MS));
    lead.meanMs += (leadMs - lead.meanMs) / lead.count;
    const { samples, swapMs, swapShare } = this.rules;
    if (link.mode !== 'eager' || other.mode !== 'lazy' || lead.count < samples) return [];
    if (Math.min(lead.meanMs, leadMs) < swapMs || this.random() >= swapShare) return [];
    if (this.#swap && now - this.#swap.at < SWAP_MS) return [];
    this.#forget(peer);
    this.#swap = { from, to: peer, at: now };
    return this.#eager(peer);
  }
  /** Of two links that brought the same. */
  #needless(from: Peer, first: Peer | undefined): Peer {
    const swap = this.#swap;
    return swap && ((swap.from === first && swap.to === from) || (swap.to === first && swap.from === from))
      ? swap.from
      : from;
  }
  /** BC10: copies that were on their way are no reason to say it again. */
  #prune(from: Peer, now: number): readonly BroadcastOutput<Peer, Log>[] {
    const link = this.#links.get(from);
    if (!this.isTree || !link || link.mode === 'flood') return [];
    if (now - link.prunedAt < PRUNE_MS) return [];
    this.#lazy(from, link);
    link.prunedAt = now;
    return [{ type: 'prune', peer: from }];
  }
  #lazy(peer: Peer, link: Link<Peer, Log>): void {
    link.mode = 'lazy';
    if (this.#swap?.from === peer || this.#swap?.to === peer) this.#swap = undefined;
  }
  #fault(peer: Peer, what: 'promise' | 'rate', now: number): readonly BroadcastOutput<Peer, Log>[] {
    const link = this.#links.get(peer);
    if (!link || now - link.blamedAt < FAULT_MS) return [];
    link.blamedAt = now;
    return [{ type: 'fault', peer, what }];
  }
  #remember(id: string, how: Arrival<Peer>['how'], now: number, from?: Peer): void {
    this.#came.delete(id);
    this.#came.set(id, { how, at: now, from });
    for (const [oldest, { at }] of this.#came) {
      if (this.#came.size <= MAX_REMEMBERED && now - at < this.rules.rememberMs) break;
      this.#came.delete(oldest);
    }
  }
}
