/**
 * Receipts of whole spaces, given and heard: a digest over all that is durably held, and by name as little as will do. The signature
 * of what comes is checked here; `receipts.ts` keeps it.
 *
 * ST1 nothing is stated that a crash may take, or whose body is not here when it is signed.
 * ST2 each is later than the one before: a later one replaces what an earlier one said of the same log.
 * ST3 whoever wrote a log is told half a second after more of it is held. In a small space everybody is told of all logs so; in a
 *     large one they hear of those of others by the digest alone, at most twice a minute, when both hold the same.
 * ST4 who does not come to the digest asks, at most every quarter of a minute; all is told to one session at most as often.
 * ST5 a beacon is told nothing: it has no work of its own to lose.
 * ST6 of one device 4,096 parts and logs are noted, and twice as many as are held here (`receipts`).
 */
import { equalBytes } from '../../base/bytes';
import { encode } from '../../base/codec';
import { type Hlc, hlcOf, nextHlc } from '../../vm/op/clock';
import type { LogId, ShardId } from '../../vm/op/ids';
import {
  type Heights,
  type Held,
  heldDigest,
  type Named,
  type SpaceReceipt,
  signSpaceReceipt,
  verifySpaceReceipt,
  withNamed,
} from '../../vm/replica/space-receipt';
import { MAX_NAMED, spaceReceiptAskCodec, spaceReceiptCodec } from '../../vm/sync/messages';
import type { KernelContext } from './context';
import { makeDurable } from './part-receipts';
import type { Receipts } from './receipts';
import type { Session } from './session';
import type { Space } from './space';

/** Who knows receipts of whole spaces says so in the handshake. */
export const SPACE_RECEIPTS = 3;
/** Members of a small space. */
const SMALL = 8;
const SELDOM_MS = 30_000;
const ASK_MS = 15_000;
/** After this time without a digest that was come to, changes are named, or asked for. */
const APART_MS = 60_000;
/** A receipt that is a day old is not relied on any more (PR2). */
const AGAIN_MS = 900_000;

type Own = {
  held: Held;
  readonly due: Set<ShardId>;
  /** Of each log: when it was seen last to be held otherwise than before. */
  readonly moved: Map<LogId, { readonly shard: ShardId; readonly at: Hlc }>;
  movedAt: Hlc;
  /** Of the last round to all. */
  roundAt: Hlc;
  readonly began: Hlc;
};
type Told = { hlc: Hlc | undefined; at: number; answeredAt: number };
type Heard = { hlc: Hlc; at: number; askedAt: number };
/** `since`: all that changed after it, or all that is held. */
type Order =
  | { readonly session: Session; readonly logs: readonly LogId[] }
  | { readonly session: Session; readonly since: Hlc | 'all' };

export class Stating {
  readonly #own = new WeakMap<Space, Own>();
  readonly #told = new WeakMap<Session, Told>();
  readonly #heard = new WeakMap<Session, Heard>();
  #hlc = hlcOf(0);
  /** One after the other: what is given, and what is heard. */
  readonly #turns: Record<'give' | 'hear', Promise<unknown>> = { give: Promise.resolve(), hear: Promise.resolve() };

  constructor(
    private readonly context: KernelContext,
    private readonly receipts: Receipts,
    private readonly changed: (space: Space) => void,
  ) {}

  /** More or less of a part is held than before. */
  due(space: Space, shard: ShardId): void {
    this.#own.get(space)?.due.add(shard);
  }
  /** What became durable of these parts since the last round, to those whom it concerns. */
  round(space: Space, shards: ReadonlySet<ShardId>, sessions: readonly Session[]): Promise<void> {
    return this.#inTurn('give', async () => {
      const own = this.#ownOf(space);
      const moved = [...own.moved].flatMap(([log, { shard, at }]) =>
        at > own.roundAt && shards.has(shard) ? [log] : [],
      );
      own.roundAt = own.movedAt;
      const small = space.replica.rights.members().size <= SMALL;
      const orders = sessions.filter(isTold).map((session): Order => {
        const since = this.#toldOf(session).hlc;
        if (small && since !== undefined) return { session, since };
        const concerns = (log: LogId) => small || space.replica.log(log).head?.header.device === session.device;
        return { session, logs: moved.filter(concerns) };
      });
      await this.#give(
        space,
        orders.filter((order) => !('logs' in order) || order.logs.length > 0),
      );
    });
  }
  /** Its digest of reconciliation came. */
  rootHeard(session: Session): void {
    if (!isTold(session)) return;
    if (session.level) return this.#tellLevel(session);
    const { at, hlc } = this.#toldOf(session);
    if (this.#isOver(at, APART_MS)) void this.#tell(session, { session, since: hlc ?? 'all' });
  }
  /** ST4. */
  asked(session: Session, since: Hlc): void {
    const told = this.#toldOf(session);
    if (!isTold(session) || !this.#isOver(told.answeredAt, ASK_MS))
      return this.context.count('refused.spaceReceiptAsk');
    told.answeredAt = this.#now();
    void this.#tell(session, { session, since: since < this.#ownOf(session.space).began ? 'all' : since });
  }

  /** Both hold the same: the digest says all. */
  #tellLevel(session: Session): void {
    const { at, hlc } = this.#toldOf(session);
    const own = this.#ownOf(session.space);
    const isNew = hlc === undefined || own.movedAt > hlc;
    if (isNew ? hlc === undefined || this.#isOver(at, SELDOM_MS) : this.#isOver(at, AGAIN_MS))
      void this.#tell(session, { session, logs: [] });
  }
  #tell(session: Session, order: Order): Promise<void> {
    this.#toldOf(session).at = this.#now();
    return this.#inTurn('give', () => this.#give(session.space, [order]));
  }
  async #give(space: Space, orders: readonly Order[]): Promise<void> {
    if (orders.length === 0) return;
    const own = this.#ownOf(space);
    let { held } = own;
    if (!(await makeDurable(this.context))) return;
    for (const shard of [...own.due].filter((due) => space.replica.shelved.has(due)))
      held = this.#lowered(space, held, shard);
    const digest = heldDigest(held);
    const plain = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const order of orders) {
      const logs = 'logs' in order ? order.logs : logsSince(own, held, order.since);
      const last = Math.max(0, Math.ceil(logs.length / MAX_NAMED) - 1);
      for (let part = 0; part <= last; part++) {
        const names = logs.slice(part * MAX_NAMED, (part + 1) * MAX_NAMED);
        const key = names.join();
        const anew = part === 0 && 'since' in order && order.since === 'all';
        // Who is told the same is sent the same.
        const kept = anew || last > 0 ? undefined : plain.get(key);
        this.#hlc = kept ? this.#hlc : nextHlc(this.context.time.now(), this.#hlc);
        const payload =
          kept ?? (await this.#sign(space, { anew, more: part < last, digest, shards: named(own, held, names) }));
        if (!anew && last === 0) plain.set(key, payload);
        if (!order.session.send('spaceReceipt', payload)) break;
        // Of two that hold the same who hears the digest knows all; who does not asks.
        if (part === last && ('since' in order || logs.length === 0)) this.#toldOf(order.session).hlc = this.#hlc;
      }
    }
  }
  async #sign(space: Space, said: Omit<SpaceReceipt, 'hlc' | 'signature'>): Promise<Uint8Array<ArrayBuffer>> {
    const { device, ports } = this.context;
    const receipt = { hlc: this.#hlc, ...said };
    this.context.count('receiptsGiven');
    return encode(
      spaceReceiptCodec,
      await signSpaceReceipt(ports.crypto, device.key.handle, space.id, device.device, receipt),
    );
  }

  // --- What is held here -----------------------------------------------------------------------------------------

  #ownOf(space: Space): Own {
    const at = nextHlc(this.context.time.now(), this.#hlc);
    let own = this.#own.get(space);
    if (!own) {
      const shards = [...space.replica.logs.values()].flatMap(({ head }) => head?.header.shard ?? []);
      own = { held: new Map(), due: new Set(shards), moved: new Map(), movedAt: at, roundAt: hlcOf(0), began: at };
      this.#own.set(space, own);
    }
    if (own.due.size > 0) this.#refresh(space, own, [...own.due], at);
    return own;
  }
  #refresh(space: Space, own: Own, shards: readonly ShardId[], at: Hlc): void {
    const held = new Map(own.held);
    for (const [shard, heights] of space.replica.heldHeights(new Set(shards))) {
      own.due.delete(shard);
      const before = own.held.get(shard) ?? NONE;
      const moved = [...new Set([...before.keys(), ...heights.keys()])].filter(
        (log) => before.get(log) !== heights.get(log),
      );
      if (moved.length === 0) continue;
      held.set(shard, heights);
      for (const log of moved) own.moved.set(log, { shard, at });
      own.movedAt = at;
      this.#hlc = at;
    }
    own.held = held;
  }
  /** ST1: meanwhile a body may have gone; what came meanwhile may not be on the disk. */
  #lowered(space: Space, held: Held, shard: ShardId): Held {
    const own = this.#own.get(space) as Own;
    this.#refresh(space, own, [shard], nextHlc(this.context.time.now(), this.#hlc));
    const now = own.held.get(shard) ?? NONE;
    const least = [...(held.get(shard) ?? NONE)].flatMap(([log, seq]) => {
      const height = now.get(log);
      return height === undefined ? [] : [[log, Math.min(seq, height)] as const];
    });
    return new Map(held).set(shard, new Map(least));
  }

  // --- What others state -----------------------------------------------------------------------------------------

  heard(session: Session, receipt: SpaceReceipt): Promise<void> {
    return this.#inTurn('hear', async () => {
      const { space, device } = session;
      // ST5.
      if (this.context.kind === 'beacon') return this.context.count('ignored.spaceReceipt');
      if (!session.mayRead) return this.context.count('refused.foreignReceipt');
      if (!(await verifySpaceReceipt(this.context.ports.crypto, space.id, device, receipt)))
        return this.context.count('refused.forgedReceipt');
      const before = receipt.anew ? new Map<ShardId, Heights>() : this.receipts.heldBy(space, device);
      const said = withNamed(before, receipt.shards);
      const meant = [said, withNamed(this.#ownOf(space).held, receipt.shards)];
      const whole = receipt.more ? undefined : meant.find((held) => equalBytes(heldDigest(held), receipt.digest));
      const named = new Set(receipt.shards.map(({ shard }) => shard));
      const kept = this.receipts.keepHeld(space, device, receipt.hlc, whole ?? said, {
        anew: receipt.anew,
        sure: whole ? 'all' : named,
      });
      if (!kept) return this.context.count('ignored.olderReceipt');
      this.changed(space);
      if (receipt.more) return;
      const heard = this.#heard.get(session) ?? {
        hlc: hlcOf(0),
        at: Number.NEGATIVE_INFINITY,
        askedAt: Number.NEGATIVE_INFINITY,
      };
      this.#heard.set(session, heard);
      if (whole) Object.assign(heard, { hlc: receipt.hlc, at: this.#now() });
      else if (this.#isOver(heard.at, APART_MS) && this.#isOver(heard.askedAt, ASK_MS)) {
        heard.askedAt = this.#now();
        session.send('spaceReceiptAsk', encode(spaceReceiptAskCodec, { since: heard.hlc }));
      }
      if (whole === meant[1] && isTold(session) && equalBytes(receipt.digest, heldDigest(this.#ownOf(space).held)))
        this.#tellLevel(session);
    });
  }

  // ---------------------------------------------------------------------------------------------------------------

  #toldOf(session: Session): Told {
    const told = this.#told.get(session) ?? { hlc: undefined, at: this.#now(), answeredAt: Number.NEGATIVE_INFINITY };
    this.#told.set(session, told);
    return told;
  }
  #now(): number {
    return this.context.ports.clock.now();
  }
  /** A clock that went back only hastens it. */
  #isOver(at: number, ms: number): boolean {
    return Math.abs(this.#now() - at) >= ms;
  }
  #inTurn(which: 'give' | 'hear', work: () => Promise<void>): Promise<void> {
    const turn = this.#turns[which].then(work);
    this.#turns[which] = turn.catch((fault) => this.context.ports.log('fault', { message: String(fault) }));
    return turn;
  }
}

const NONE: Heights = new Map();

/** ST5. */
const isTold = ({ mayRead, link }: Session): boolean => mayRead && link.ready?.kind === 'tab';

const logsSince = (own: Own, held: Held, since: Hlc | 'all'): readonly LogId[] =>
  since === 'all'
    ? [...held.values()].flatMap((heights) => [...heights.keys()])
    : [...own.moved].flatMap(([log, { at }]) => (at > since ? [log] : []));

const named = ({ moved }: Own, held: Held, logs: readonly LogId[]): Named => {
  const byShard = new Map<ShardId, { log: LogId; length: number }[]>();
  for (const log of logs) {
    const { shard } = moved.get(log) as { shard: ShardId };
    const list = byShard.get(shard) ?? [];
    list.push({ log, length: (held.get(shard)?.get(log) ?? -1) + 1 });
    byShard.set(shard, list);
  }
  return [...byShard].map(([shard, named]) => ({ shard, logs: named }));
};
