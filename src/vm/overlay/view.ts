/**
 * Whom a node is neighbour of in one space: a partial view that is gated by rank, so that nobody gets into it by dialling often.
 * Pure: it is told what was heard and what became of links, with time and chance, and says whom to dial, what to answer and whom to
 * leave. It knows nothing of connections, signatures or entries.
 *
 * OV1 `rank`, OV5 to OV7 `passive`, OV9 `blame`. Kept here:
 * OV2 at most eight neighbours, six where bytes are dear; while no more members are there, all of them are. Beacons are not counted, and always linked.
 * OV3 a full view takes somebody only whose rank is below 0.8 of its worst one's. Nobody is taken unconditionally. Two are neighbours
 *     when both say so.
 * OV4 who comes by itself takes no place of one that was dialled while those are half of the view or fewer; who was dialled takes
 *     the place of the worst that came, while more than half did. Of one user's devices one is a neighbour.
 * OV8 at most three dials at once and two within a second, that of OV10 included, and for somebody better one a minute; who failed or refused is not dialled for 30 to 60 s, doubled each time.
 *     Two neighbours of the last run are sought first and keep their places.
 * OV10 each minute or so somebody drawn by lot is linked for a few seconds, so that both have what the other has, whatever
 *     neighbours do.
 * OV13 whether it is a neighbour is heard of one peer once a second, ten times at once (`crowd`).
 * OV11 who is not taken may stay as a guest for up to 45 s, two at a time: it reconciles, and gets what it asks for.
 * OV12 while links are scarce (`Room`), four neighbours are enough and nobody comes as a guest; while there are none left, nobody
 *     is dialled or answered.
 */
import { setLatest } from '../../base/latest';
import type { DeviceId } from '../op/ids';
import { Blame, type Fault } from './blame';
import { type Acquaintance, type Heard, PASSIVE_RULES, Passive, type PassiveRules } from './passive';

export type ViewRules = PassiveRules & {
  readonly active: number;
  readonly scarce: number;
  readonly hysteresis: number;
  readonly dials: number;
  readonly dialsPerTick: number;
  readonly betterMs: number;
  readonly lockMs: number;
  readonly anchors: number;
  readonly feelerMs: number;
  readonly feltMs: number;
  readonly guests: number;
  readonly guestMs: number;
  readonly neighboursOfUser: number;
};
export const VIEW_RULES: ViewRules = {
  ...PASSIVE_RULES,
  active: 8,
  scarce: 4,
  hysteresis: 0.8,
  dials: 3,
  dialsPerTick: 2,
  betterMs: 60_000,
  lockMs: 30_000,
  anchors: 2,
  feelerMs: 60_000,
  feltMs: 6_000,
  guests: 2,
  guestMs: 45_000,
  neighboursOfUser: 1,
};
/** How many links the node may still have, over all its spaces. */
export type Room = 'wide' | 'scarce' | 'none';
/** Where bytes are dear. */
export const METERED_RULES: ViewRules = { ...VIEW_RULES, active: 6 };
const MAX_DOUBLINGS = 5;
/** How long a place is kept for somebody who was told to come. */
const COMING_MS = 15_000;
const MAX_LOCKED = 256;

export type ViewOutput =
  /** `feel`: for a few seconds only. */
  | { readonly type: 'dial'; readonly device: DeviceId; readonly why: 'view' | 'feel' }
  /** Tell it whether it is a neighbour. */
  | { readonly type: 'say'; readonly device: DeviceId; readonly taken: boolean }
  /** From now on what is new passes between the two, or no longer. */
  | { readonly type: 'neighbour'; readonly device: DeviceId; readonly is: boolean }
  /** It does not take us, and nobody does: ask it to serve us as a guest. */
  | { readonly type: 'lean'; readonly device: DeviceId }
  /** This space needs the link no more. */
  | { readonly type: 'leave'; readonly device: DeviceId; readonly why: LeaveReason };
export type LeaveReason = 'better' | 'guest' | 'banned';

type Tie = {
  readonly user: string;
  readonly rank: number;
  /** We dialled. */
  readonly out: boolean;
  readonly since: number;
  ours: boolean;
  theirs: boolean | undefined;
  /** As a guest, until then. */
  until: number;
};
type Dial = { readonly user: string; readonly why: 'view' | 'feel'; readonly at: number };
type Lock = { readonly until: number; readonly failures: number };

export class View {
  readonly #passive: Passive;
  readonly #blame = new Blame();
  readonly #ties = new Map<DeviceId, Tie>();
  readonly #dials = new Map<DeviceId, Dial>();
  readonly #locks = new Map<DeviceId, Lock>();
  /** Who was told to come, and until when. */
  readonly #coming = new Map<DeviceId, { readonly until: number; readonly guest: boolean }>();
  #feelAt: number | undefined;
  /** When somebody better may be sought. */
  #betterAt = 0;
  /** OV12. */
  room: Room = 'wide';

  constructor(
    readonly rules: ViewRules = VIEW_RULES,
    /** Neighbours of the last run. */
    private readonly anchored: readonly DeviceId[] = [],
  ) {
    this.#passive = new Passive(rules);
  }

  /** Both say so. */
  isNeighbour(device: DeviceId): boolean {
    const tie = this.#ties.get(device);
    return tie?.ours === true && tie.theirs === true;
  }
  get neighbours(): readonly DeviceId[] {
    return [...this.#ties.keys()].filter((device) => this.isNeighbour(device));
  }
  /** Whom the next run seeks first: those that we chose, and have had the longest. */
  get anchors(): readonly DeviceId[] {
    return this.neighbours.filter((device) => this.#ties.get(device)?.out).slice(0, this.rules.anchors);
  }
  /** Devices that are there, but for this one. */
  others(now: number): number {
    let count = this.#ties.size;
    for (const { device } of this.#passive.fresh(now)) if (!this.#ties.has(device)) count++;
    return count;
  }
  /** Of those that are known to be there. */
  *known(now: number): Iterable<Acquaintance> {
    yield* this.#passive.fresh(now);
  }

  heard(heard: Heard, now: number): void {
    this.#passive.heard(heard, now);
  }

  /** Somebody dials us: whether to answer. */
  asked({ device, user, rank }: Pick<Heard, 'device' | 'user' | 'rank'>, now: number): boolean {
    for (const [who, { until }] of this.#coming) if (until <= now) this.#coming.delete(who);
    if (this.#dials.has(device) || this.#ties.has(device) || this.#coming.has(device)) return true;
    const guest = !this.#gate({ device, user, rank, out: false }, now).taken;
    let beside = [...this.#coming.values()].filter((coming) => coming.guest === guest).length;
    if (guest) for (const tie of this.#ties.values()) if (!tie.ours) beside++;
    if (this.#blame.isBanned(device, now) || this.room === 'none' || (guest && this.room === 'scarce')) return false;
    if (beside >= (guest ? this.rules.guests : this.rules.dials)) return false;
    this.#coming.set(device, { until: now + COMING_MS, guest });
    return true;
  }

  /** Both hold the space on a link. `speaks`: it says whom it takes; else it is taken to take everybody. */
  met(peer: Pick<Heard, 'device' | 'user' | 'rank'>, speaks: boolean, now: number): readonly ViewOutput[] {
    const { device, user, rank } = peer;
    const dial = this.#dials.get(device);
    this.#dials.delete(device);
    this.#coming.delete(device);
    if (this.#blame.isBanned(device, now)) return [{ type: 'leave', device, why: 'banned' }];
    const out = dial !== undefined;
    let guests = 0;
    for (const [other, tie] of this.#ties) if (other !== device && !tie.ours && !tie.out) guests++;
    const ours = dial?.why !== 'feel' && this.#gate({ device, user, rank, out }, now).taken;
    if (!ours && !out && guests >= this.rules.guests) return [{ type: 'leave', device, why: 'guest' }];
    const until = now + (dial?.why === 'feel' ? this.rules.feltMs : this.rules.guestMs);
    this.#ties.set(device, { user, rank, out, since: now, ours, theirs: speaks ? undefined : true, until });
    return [...(speaks ? [{ type: 'say', device, taken: ours } as const] : []), ...this.#settle(device, now)];
  }

  /** The other side takes us, or does not. */
  said(device: DeviceId, taken: boolean, now: number, random: number): readonly ViewOutput[] {
    const tie = this.#ties.get(device);
    if (!tie || tie.theirs === taken) return [];
    tie.theirs = taken;
    if (!taken) {
      if (tie.ours && tie.out) this.#lock(device, now, random);
      const wanted = tie.ours;
      tie.ours = false;
      const leans = wanted && this.#count === 0;
      if (tie.out) tie.until = now + (leans ? this.rules.guestMs : this.rules.feltMs);
      return [
        ...(wanted ? [{ type: 'neighbour', device, is: false } as const] : []),
        ...(leans ? [{ type: 'lean', device } as const] : []),
      ];
    }
    if (tie.ours) return this.#settle(device, now);
    const { user, rank, out } = tie;
    if (!this.#gate({ device, user, rank, out }, now).taken || this.#isFeeling(tie, now))
      return [{ type: 'say', device, taken: false }];
    tie.ours = true;
    return [{ type: 'say', device, taken: true }, ...this.#settle(device, now)];
  }
  #isFeeling(tie: Tie, now: number): boolean {
    return tie.out && tie.until - now <= this.rules.feltMs;
  }

  /** A link fell, or a dial came to nothing. */
  lost(device: DeviceId, now: number, random: number): void {
    const tie = this.#ties.get(device);
    if (!tie && !this.#dials.has(device)) return;
    this.#ties.delete(device);
    this.#dials.delete(device);
    if (tie && !tie.ours) return;
    // It is gone without a word: what it said of itself before counts no more.
    if (tie) this.#passive.gone(device);
    this.#lock(device, now, random);
  }

  fault(device: DeviceId, what: Fault, now: number): readonly ViewOutput[] {
    if (!this.#blame.fault(device, what, now)) return [];
    this.#passive.gone(device);
    return this.#ties.delete(device) ? [{ type: 'leave', device, why: 'banned' }] : [];
  }

  /** Each second or so. `random` in [0, 1). */
  tick(now: number, random: () => number): readonly ViewOutput[] {
    const outputs: ViewOutput[] = [];
    for (const [device, tie] of this.#ties) {
      if ((tie.ours && tie.theirs !== false) || now < tie.until) continue;
      this.#ties.delete(device);
      outputs.push({ type: 'leave', device, why: 'guest' });
    }
    for (const [device, { at }] of this.#dials) if (now - at > 2 * COMING_MS) this.lost(device, now, random());
    this.#feelAt ??= now + this.rules.feelerMs * random();
    if (this.room === 'none') return outputs;
    let dials = this.rules.dialsPerTick;
    if (now >= this.#feelAt) {
      this.#feelAt = now + this.rules.feelerMs * (0.75 + random() / 2);
      const felt = this.#feel(now, random);
      outputs.push(...felt);
      dials -= felt.length;
    }
    for (; dials > 0; dials--) {
      const dial = this.#next(now, random);
      if (!dial) break;
      outputs.push(dial);
    }
    return outputs;
  }

  // --- Whom to dial --------------------------------------------------------------------------------------------

  get #active(): number {
    return this.room === 'wide' ? this.rules.active : this.rules.scarce;
  }
  get #count(): number {
    let count = 0;
    for (const { ours, theirs } of this.#ties.values()) if (ours && theirs !== false) count++;
    return count;
  }
  #next(now: number, random: () => number): ViewOutput | undefined {
    if (this.#dials.size >= this.rules.dials) return undefined;
    let pending = 0;
    for (const { why } of this.#dials.values()) if (why === 'view') pending++;
    const hasRoom = this.#count + pending < this.#active;
    let best: { readonly device: DeviceId; readonly user: string; readonly weight: number } | undefined;
    for (const { device, user, rank } of this.#passive.fresh(now)) {
      if (this.#dials.has(device) || this.#isLocked(device, now)) continue;
      const tie = this.#ties.get(device);
      if (tie && (tie.ours || this.#isFeeling(tie, now))) continue;
      const isAnchor = this.anchored.includes(device);
      const weight = isAnchor ? -1 : rank * this.#blame.weight(device, now);
      if (best && weight >= best.weight) continue;
      if ([...this.#dials.values()].some((dial) => dial.user === user)) continue;
      if (hasRoom && !this.#sameUser(device, user)) best = { device, user, weight };
      else if (pending === 0 && now >= this.#betterAt && this.#gate({ device, user, rank, out: true }, now).taken)
        best = { device, user, weight };
    }
    if (!best) return undefined;
    const { device, user } = best;
    if (!hasRoom) this.#betterAt = now + this.rules.betterMs;
    const tie = this.#ties.get(device);
    // Its refusal, if it refuses again, locks it; else the lock goes with the tie.
    this.#lock(device, now, random(), this.#locks.get(device)?.failures ?? 0);
    if (tie) {
      tie.ours = true;
      tie.theirs = undefined;
      return { type: 'say', device, taken: true };
    }
    this.#dials.set(device, { user, why: 'view', at: now });
    return { type: 'dial', device, why: 'view' };
  }
  #feel(now: number, random: () => number): readonly ViewOutput[] {
    const known = [...this.#passive.fresh(now)].filter(
      ({ device }) => !this.#ties.has(device) && !this.#dials.has(device) && !this.#blame.isBanned(device, now),
    );
    const drawn = known[Math.floor(random() * known.length)];
    if (!drawn) return [];
    const { device, user } = drawn;
    this.#dials.set(device, { user, why: 'feel', at: now });
    return [{ type: 'dial', device, why: 'feel' }];
  }
  #isLocked(device: DeviceId, now: number): boolean {
    return now < (this.#locks.get(device)?.until ?? 0) || this.#blame.isBanned(device, now);
  }
  #lock(device: DeviceId, now: number, random: number, failures = (this.#locks.get(device)?.failures ?? 0) + 1): void {
    const pause = this.rules.lockMs * (1 + random) * 2 ** Math.min(MAX_DOUBLINGS, Math.max(0, failures - 1));
    setLatest(this.#locks, device, { until: now + pause, failures }, MAX_LOCKED);
  }

  // --- The gate ------------------------------------------------------------------------------------------------

  #sameUser(device: DeviceId, user: string): boolean {
    let same = 0;
    for (const [other, tie] of this.#ties) if (other !== device && tie.ours && tie.user === user) same++;
    return same >= this.rules.neighboursOfUser;
  }
  /** OV3, OV4. Whether it is taken, and whose place it takes. */
  #gate(
    { device, user, rank, out }: { device: DeviceId; user: string; rank: number; out: boolean },
    now: number,
  ): { readonly taken: boolean; readonly victim?: DeviceId } {
    const active = this.#active;
    if (this.#blame.isBanned(device, now)) return { taken: false };
    const isAnchor = out && this.anchored.includes(device);
    const weight = isAnchor ? -1 : rank * this.#blame.weight(device, now);
    const weightOf = (other: DeviceId, tie: Tie): number => tie.rank * this.#blame.weight(other, now);
    const taken = [...this.#ties].filter(([other, tie]) => other !== device && tie.ours);
    const worstOf = (among: readonly [DeviceId, Tie][]): [DeviceId, Tie] | undefined => {
      let worst: [DeviceId, Tie] | undefined;
      for (const each of among) {
        if (each[1].out && this.anchored.includes(each[0])) continue;
        if (!worst || weightOf(...each) > weightOf(...worst)) worst = each;
      }
      return worst;
    };
    const beats = (worst: [DeviceId, Tie] | undefined): { taken: boolean; victim?: DeviceId } =>
      worst && weight < weightOf(...worst) * this.rules.hysteresis
        ? { taken: true, victim: worst[0] }
        : { taken: false };
    const ofUser = taken.filter(([, tie]) => tie.user === user);
    if (ofUser.length >= this.rules.neighboursOfUser) return beats(worstOf(ofUser));
    if (taken.length < active) return { taken: true };
    const came = taken.filter(([, tie]) => !tie.out);
    const dialled = taken.length - came.length;
    if (out) {
      const worst = came.length > active / 2 ? worstOf(came) : undefined;
      return worst ? { taken: true, victim: worst[0] } : beats(worstOf(taken));
    }
    return beats(worstOf(dialled <= active / 2 ? came : taken));
  }
  /** Both have said what they want: whoever is one too many goes. */
  #settle(device: DeviceId, now: number): readonly ViewOutput[] {
    const tie = this.#ties.get(device);
    if (!tie?.ours || tie.theirs !== true) return [];
    this.#locks.delete(device);
    const { taken, victim } = this.#gate({ device, user: tie.user, rank: tie.rank, out: tie.out }, now);
    if (!taken) {
      tie.ours = false;
      return [{ type: 'say', device, taken: false }];
    }
    const added = { type: 'neighbour', device, is: true } as const;
    if (victim === undefined) return [added];
    this.#ties.delete(victim);
    return [
      added,
      { type: 'neighbour', device: victim, is: false },
      { type: 'say', device: victim, taken: false },
      { type: 'leave', device: victim, why: 'better' },
    ];
  }
}
