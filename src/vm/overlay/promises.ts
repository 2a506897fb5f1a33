/**
 * What others announced and is not here: whom to ask for it, when, and who did not keep their word.
 *
 * BC5 what was announced and did not come within 350 ms, or two round trips, is asked for from who announced it first,
 *     then from one after the other, each a round trip later. Who was asked has two seconds.
 * BC10 asked is at most each tenth of a second, for all that is due by then.
 * BC6 at most 256 logs are waited for; what is forgotten comes by reconciliation.
 */

/** Entries `from` to `to`, both included. */
export type Ask<Log> = { readonly log: Log; readonly from: number; readonly to: number };

type Awaited<Peer> = {
  /** The first place that is lacking, and the last that was announced. */
  from: number;
  to: number;
  /** Who announced it and was not asked, in the order of their announcements; when, and how far away. */
  readonly by: { readonly peer: Peer; readonly at: number; readonly rttMs: number }[];
  askAt: number;
};
type Asked<Peer, Log> = { readonly peer: Peer; readonly log: Log; readonly to: number; readonly due: number };

const PROMISE_MS = 2_000;
const TOGETHER_MS = 100;
const MAX_AWAITED = 256;
const MAX_BY = 8;

export class Promises<Peer, Log> {
  constructor(private readonly rules: { readonly t1Ms: number; readonly t2Ms: number }) {}

  readonly #awaited = new Map<Log, Awaited<Peer>>();
  #asked: Asked<Peer, Log>[] = [];
  #askedAt = Number.NEGATIVE_INFINITY;

  /** When `due` has something to say; infinite when nothing is waited for. */
  get wakeAt(): number {
    let at = Number.POSITIVE_INFINITY;
    for (const { askAt } of this.#awaited.values()) at = Math.min(at, Math.max(askAt, this.#askedAt + TOGETHER_MS));
    for (const { due } of this.#asked) at = Math.min(at, due);
    return at;
  }

  announced(peer: Peer, log: Log, from: number, to: number, rttMs: number, now: number): void {
    const awaited = this.#awaited.get(log);
    if (!awaited && this.#awaited.size >= MAX_AWAITED) return;
    if (!awaited) {
      const askAt = now + Math.max(this.rules.t1Ms, 2 * rttMs);
      this.#awaited.set(log, { from, to, by: [{ peer, at: now, rttMs }], askAt });
      return;
    }
    awaited.to = Math.max(awaited.to, to);
    if (awaited.by.length < MAX_BY && !awaited.by.some((each) => each.peer === peer))
      awaited.by.push({ peer, at: now, rttMs });
  }

  /** Who announced it, the first first, with the time; nothing is waited for in this log up to there any more. */
  came(log: Log, seq: number): readonly { readonly peer: Peer; readonly at: number }[] {
    this.#asked = this.#asked.filter((asked) => asked.log !== log || asked.to > seq);
    const awaited = this.#awaited.get(log);
    if (!awaited) return [];
    if (seq >= awaited.to) this.#awaited.delete(log);
    awaited.from = Math.max(awaited.from, seq + 1);
    return awaited.by;
  }

  gone(peer: Peer): void {
    this.#asked = this.#asked.filter((asked) => asked.peer !== peer);
    for (const { by } of this.#awaited.values()) {
      const at = by.findIndex((each) => each.peer === peer);
      if (at >= 0) by.splice(at, 1);
    }
  }

  /** Whom to ask now, and who broke a promise. */
  due(now: number): { readonly asks: ReadonlyMap<Peer, readonly Ask<Log>[]>; readonly broken: readonly Peer[] } {
    const asks = new Map<Peer, Ask<Log>[]>();
    const waits = now - this.#askedAt < TOGETHER_MS;
    for (const [log, awaited] of this.#awaited) {
      if (waits || awaited.askAt > now) continue;
      const next = awaited.by.shift();
      if (!next) {
        this.#awaited.delete(log);
        continue;
      }
      const { from, to } = awaited;
      asks.set(next.peer, [...(asks.get(next.peer) ?? []), { log, from, to }]);
      this.#asked.push({ peer: next.peer, log, to, due: now + PROMISE_MS + next.rttMs });
      awaited.askAt = now + Math.max(this.rules.t2Ms, next.rttMs);
    }
    if (asks.size > 0) this.#askedAt = now;
    const broken = this.#asked.filter(({ due }) => due <= now).map(({ peer }) => peer);
    this.#asked = this.#asked.filter(({ due }) => due > now);
    return { asks, broken };
  }
}
