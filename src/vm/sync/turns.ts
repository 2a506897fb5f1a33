/**
 * Who gives one space, where several hold what this node lacks and would all give the same: one at a time, and the others are held.
 * Pure: it is told what came of whom, with time and chance, and says whom to hold and whom to ask. It knows no entry; whoever
 * tells it says how much was new, and not written by the giver itself.
 *
 * TN1 who first brings a full message with something new in it gives, and all others are held.
 * TN2 a turn ends with a message that is not full, for then all was given; after 3 s in which no full message brought anything new;
 *     with the link; and after a minute. All others are asked then, and who had a turn has no other one for 30 s.
 * TN3 after 5 s of a turn, and each time after twice as long, another one is asked as well, those first who were not yet. If two full
 *     messages of it bring more than the giver brought meanwhile, it has the turn. So nobody keeps it by what they let trickle.
 */

export const TURN_RULES = { silentMs: 3_000, mostMs: 60_000, trialMs: 5_000, apartMs: 30_000 } as const;
/** Full messages by which somebody is judged. */
const JUDGED_BY = 2;

export type TurnOutput<Peer> =
  /** It is to give nothing for now. */
  | { readonly type: 'hold'; readonly peer: Peer }
  /** It may give again, and is asked at once; or is only told what is here. */
  | { readonly type: 'ask'; readonly peer: Peer }
  | { readonly type: 'compare'; readonly peer: Peer };

type Trial<Peer> = { readonly peer: Peer; readonly at: number; messages: number; fresh: number };
type Turn<Peer> = {
  readonly giver: Peer;
  /** Of the first of those that followed one another without a pause. */
  readonly since: number;
  /** When something new came. */
  heardAt: number;
  /** Bytes that were new since `trial` began. */
  fresh: number;
  trial: Trial<Peer> | undefined;
  readonly tried: Set<Peer>;
  trialAt: number;
  apartMs: number;
};

export class Turns<Peer> {
  #turn: Turn<Peer> | undefined;
  readonly #had = new Set<Peer>();
  #endedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly rules: { readonly [rule in keyof typeof TURN_RULES]: number } = TURN_RULES) {}

  get giver(): Peer | undefined {
    return this.#turn?.giver;
  }
  get wakeAt(): number {
    const turn = this.#turn;
    if (!turn) return Number.POSITIVE_INFINITY;
    const { silentMs, mostMs } = this.rules;
    const next = turn.trial ? turn.trial.at + silentMs : turn.trialAt;
    return Math.min(turn.heardAt + silentMs, turn.since + mostMs, next);
  }

  /** A message of entries was dealt with. `fresh`: bytes that were new; `others`: all that could give, and can be held. */
  came(
    peer: Peer,
    { fresh, isFull }: { readonly fresh: number; readonly isFull: boolean },
    others: readonly Peer[],
    now: number,
  ): readonly TurnOutput<Peer>[] {
    const turn = this.#turn;
    if (!turn) return isFull && fresh > 0 && this.#mayGive(peer, now) ? this.#begin(peer, others, now) : [];
    if (peer === turn.giver) {
      if (!isFull) return this.#end('compare', others, now);
      if (fresh > 0) turn.heardAt = now;
      turn.fresh += fresh;
      return [];
    }
    return turn.trial?.peer === peer ? this.#judged(turn, turn.trial, fresh, isFull, now) : [];
  }
  /** TN3. */
  #judged(
    turn: Turn<Peer>,
    trial: Trial<Peer>,
    fresh: number,
    isFull: boolean,
    now: number,
  ): readonly TurnOutput<Peer>[] {
    trial.fresh += fresh;
    trial.messages++;
    if (isFull && trial.messages < JUDGED_BY) return [];
    turn.trial = undefined;
    if (!isFull || trial.fresh <= turn.fresh) return [{ type: 'hold', peer: trial.peer }];
    this.#had.add(turn.giver);
    this.#turn = { ...this.#turnOf(trial.peer, now), since: turn.since, tried: turn.tried };
    return [{ type: 'hold', peer: turn.giver }];
  }

  /** Its link ended. */
  gone(peer: Peer, others: readonly Peer[], now: number): readonly TurnOutput<Peer>[] {
    if (this.#turn?.trial?.peer === peer) this.#turn.trial = undefined;
    const outputs = this.#turn?.giver === peer ? this.#end('ask', others, now) : [];
    this.#had.delete(peer);
    return outputs;
  }

  /** At `wakeAt`, or later. `random` in [0, 1). */
  tick(others: readonly Peer[], now: number, random: number): readonly TurnOutput<Peer>[] {
    const turn = this.#turn;
    if (!turn) return [];
    const { silentMs, mostMs } = this.rules;
    if (isOver(turn.heardAt, silentMs, now) || isOver(turn.since, mostMs, now)) return this.#end('ask', others, now);
    if (turn.trial) {
      if (!isOver(turn.trial.at, silentMs, now)) return [];
      const { peer } = turn.trial;
      turn.trial = undefined;
      return [{ type: 'hold', peer }];
    }
    if (now < turn.trialAt) return [];
    turn.trialAt = now + turn.apartMs;
    const held = others.filter((peer) => peer !== turn.giver);
    const untried = held.filter((peer) => !turn.tried.has(peer));
    const among = untried.length > 0 ? untried : held;
    const peer = among[Math.floor(random * among.length)];
    // Nobody is there yet.
    if (peer === undefined) return [];
    turn.apartMs *= 2;
    turn.trialAt = now + turn.apartMs;
    turn.tried.add(peer);
    turn.trial = { peer, at: now, messages: 0, fresh: 0 };
    turn.fresh = 0;
    return [{ type: 'ask', peer }];
  }

  #mayGive(peer: Peer, now: number): boolean {
    if (isOver(this.#endedAt, this.rules.apartMs, now)) this.#had.clear();
    return !this.#had.has(peer);
  }
  #begin(giver: Peer, others: readonly Peer[], now: number): readonly TurnOutput<Peer>[] {
    this.#turn = this.#turnOf(giver, now);
    return others.flatMap((peer) => (peer === giver ? [] : [{ type: 'hold', peer } as const]));
  }
  #turnOf(giver: Peer, now: number): Turn<Peer> {
    const { trialMs } = this.rules;
    const times = { since: now, heardAt: now, trialAt: now + trialMs, apartMs: trialMs };
    return { giver, ...times, fresh: 0, trial: undefined, tried: new Set([giver]) };
  }
  #end(type: 'ask' | 'compare', others: readonly Peer[], now: number): readonly TurnOutput<Peer>[] {
    const giver = this.#turn?.giver as Peer;
    this.#turn = undefined;
    this.#had.add(giver);
    this.#endedAt = now;
    return others.flatMap((peer) => (peer === giver ? [] : [{ type, peer }]));
  }
}

/** Also where the clock went back: it only hastens the end. */
const isOver = (since: number, ms: number, now: number): boolean => now - since >= ms || now < since;
