/**
 * One space on one link: greeting, reconciliation, and passing on. Correctness is the reconciliation's: digest, then
 * lengths, then what is missing; passing on at once only makes it quick.
 *
 * SY1 content is sent only to devices that the rights log lets read, or to beacons that hold a grant. Whoever was put out
 *     is told so: by the entry that did it, and what it cites.
 * SY2 replicas converge once there is a path: both sides ask, on connect and from time to time.
 * SY4 what others make this node look through is paid for: some ten percent of a core for each, with room for a newcomer to whom
 *     everything is given. Whoever asks for more is not heard until it is theirs again; reconciliation comes back to it.
 * SY5 between two that held the same, what one of them lacks is mostly on its way: in a space of many logs they compare digests again,
 *     twice, before they tell what they hold.
 * TN4 who is held gives no content, but what was asked for by name, and does not push what it only came to by reconciliation. It
 *     ends by itself after a minute, so that nobody is held by a word that was lost.
 * TN5 what is on its way on a link is not given a second time on it.
 */

import { TokenBucket } from '../../base/bucket';
import { equalBytes } from '../../base/bytes';
import { decode, encode, type ValueOf } from '../../base/codec';
import { setLatest } from '../../base/latest';
import type { Clock } from '../../ports';
import type { Tip } from '../../vm/journal/log';
import { GRANT_STEP_BYTES } from '../../vm/net/flow';
import type { FrameType } from '../../vm/net/frame';
import { saltedSpace } from '../../vm/net/handshake';
import { type Entry, encodeEntry } from '../../vm/op/entry';
import type { DeviceId, EntryId, LogId, ShardId } from '../../vm/op/ids';
import { isWhole } from '../../vm/replica/possession';
import { entriesCodec, MAX_BATCH, MAX_BATCH_BYTES, rootCodec, vectorCodec, wantCodec } from '../../vm/sync/messages';
import type { Greet } from '../rights/greet';
import { type Compares, Comparing, FEW } from './comparing';
import type { Link } from './link';
import { Looking } from './looking';
import { Outgoing } from './outgoing';
import type { Space } from './space';

/** Ends of logs that one vector tells. */
const MAX_VECTOR = 4096;
/** Bodies that one `want` asks for. */
const MAX_WANTED = 256;
/** Milliseconds of work, about: so many logs or entries are looked through in one. */
const LOOKED_THROUGH_IN_MS = 2_000;
export const ASKS = { perSecond: 100, atOnce: 2_000 } as const;
/** Words of presence; a beacon passes on those of everybody. */
const SIGNALS_PER_SECOND = { tab: 30, beacon: 200 } as const;
/** Vectors asked for within this time are joined into one. */
const VECTOR_GAP_MS = 200;
/** SY5. */
const MANY_LOGS = 64;
const COMPARE_AGAIN = { times: 2, afterMs: 500 } as const;
/** TN4. */
const HELD_MS = 60_000;
/** TN5: how long the last of it may be on its way, of which no word comes. */
const LAST_MS = 3_000;
/** Of an entry: over which session, and whether it was pushed; else it came by reconciliation. */
export type Came = { readonly by: Session; readonly pushed: boolean };

/** A device of somebody who may read the space now. */
export const isReader = ({ replica }: Space, device: DeviceId): boolean => {
  const { rights } = replica;
  const user = rights.userOf(device);
  if (rights.suspensions(device).some(({ type }) => type === 'revoked')) return false;
  // A temporary right ends by itself: whoever had it gets nothing more.
  return user !== undefined && rights.role(user, replica.now()) !== 'none';
};

export class Session {
  readonly #outgoing: Outgoing;
  /** Of those, what was asked for by name. */
  readonly #wanted = new Set<EntryId>();
  /** TN5: up to which byte of bulk the link was given it, and when. */
  readonly #underWay = new Map<EntryId, { readonly end: number; readonly at: number }>();
  #heldUntil = Number.NEGATIVE_INFINITY;
  /** How much of each log it told to hold. */
  readonly #told = new Map<LogId, number>();
  #vectorAt = -VECTOR_GAP_MS;
  #vectorDue = false;
  /** The other side lacks it, and it is not durable here yet. */
  readonly #leftOut = new Map<EntryId, Entry>();
  /** The other side's index for the space; unknown until its root came. */
  theirIndex: number | undefined;
  /** It showed an invite: it may see the rights log. */
  greeted = false;
  /** What it showed and we do not know yet: the invite may be on its way to us. */
  greet: Greet | undefined;
  /** It has what we have, as of its last digest. */
  level = false;
  /** SY5: so many times more, until both hold the same. */
  #againLeft = 0;
  readonly comparing: Comparing;
  readonly looking: Looking;
  readonly #asks: TokenBucket;
  #signals: TokenBucket | undefined;

  constructor(
    readonly link: Link,
    readonly space: Space,
    readonly index: number,
    private readonly clock: Clock,
    private readonly me: Compares,
    /** Parts of this space that pages have open here, what was opened last first. */
    open: () => readonly ShardId[],
  ) {
    this.comparing = new Comparing(this, clock, me);
    this.looking = new Looking(this, clock, open);
    const { acl, erasures, checkpoints, meta, outline } = space.replica;
    this.#outgoing = new Outgoing([acl, erasures, checkpoints, meta, outline]);
    this.#asks = new TokenBucket(ASKS.perSecond, ASKS.atOnce, clock.now());
  }

  /** SY4. */
  get mayAsk(): boolean {
    return this.#asks.has(this.clock.now());
  }
  asked(cost: number): void {
    this.#asks.spend(cost);
  }
  get maySignal(): boolean {
    const rate = SIGNALS_PER_SECOND[this.link.ready?.kind ?? 'tab'];
    const now = this.clock.now();
    this.#signals ??= new TokenBucket(rate, 2 * rate, now);
    return this.#signals.take(now);
  }

  get device(): DeviceId {
    return this.link.ready?.device as DeviceId;
  }
  /** SY1. */
  get mayRead(): boolean {
    return this.space.replica.rights.relays().has(this.device) || isReader(this.space, this.device);
  }
  get maySeeRights(): boolean {
    return this.mayRead || this.greeted;
  }
  /** Of the rights log, what somebody may see who is out, or whose device is: what put them out. */
  #mayBeTold(entry: Entry): boolean {
    const { rights } = this.space.replica;
    const user = rights.userOf(this.device);
    const word = user && rights.right(user).word?.item;
    const items = [...(word ? [word] : []), ...rights.suspensions(this.device).map(({ item }) => item)];
    return items.some(({ id }) => id === entry.id || rights.knows(id, entry.id));
  }

  #may(entry: Entry): boolean {
    const isRights = entry.header.shard === this.space.replica.acl;
    return isRights ? this.maySeeRights || this.#mayBeTold(entry) : this.mayRead;
  }

  send(type: FrameType, payload: Uint8Array, traffic: 'live' | 'bulk' = 'live'): boolean {
    return this.link.send(type, payload, { space: this.index, traffic });
  }

  /** Tells what we hold; costs one small frame when both hold the same. */
  sendRoot(): void {
    const { nonces } = this.link.ready as NonNullable<Link['ready']>;
    const salted = saltedSpace(...nonces, this.space.id);
    this.send('root', encode(rootCodec, { index: this.index, salted, digest: this.space.replica.digest() }));
  }

  rootReceived(root: ValueOf<typeof rootCodec>): void {
    const first = this.theirIndex !== root.index;
    this.theirIndex = root.index;
    this.level = equalBytes(root.digest, this.space.replica.digest());
    if (first) {
      this.looking.began();
      this.sendRoot();
    }
    this.looking.tell();
    if (this.level) this.#againLeft = COMPARE_AGAIN.times;
    else if (!first && this.#againLeft > 0 && this.space.replica.logs.size > MANY_LOGS) this.#compareAgain();
    else this.sendVector(false, first);
    this.#sendWants();
  }

  /** SY5. */
  #compareAgain(): void {
    this.#againLeft--;
    this.clock.after(COMPARE_AGAIN.afterMs, () => {
      if (!this.link.closed) this.sendRoot();
    });
  }

  /** Bodies that are not here and were not erased. */
  #sendWants(): void {
    const { lacking } = this.space.replica;
    if (this.mayRead) this.want(lacking.slice(0, MAX_WANTED));
  }
  want(ids: readonly EntryId[]): void {
    for (let i = 0; i < ids.length; i += MAX_WANTED) this.send('want', encode(wantCodec, ids.slice(i, i + MAX_WANTED)));
  }
  wantReceived(ids: readonly EntryId[]): void {
    if (!this.mayRead) return;
    const { replica } = this.space;
    const whole = ids.flatMap((id) => replica.entries.get(id) ?? []).filter(isWhole);
    const given = whole.filter((entry) => replica.isDurable(entry));
    for (const { id } of given) this.#wanted.add(id);
    this.enqueue(given);
  }

  /** TN4. */
  get #isHeld(): boolean {
    const left = this.#heldUntil - this.clock.now();
    return left > 0 && left <= HELD_MS;
  }
  holdHeard(held: boolean): void {
    this.#heldUntil = held ? this.clock.now() + HELD_MS : Number.NEGATIVE_INFINITY;
    if (!held) return;
    const stays = (entry: Entry): boolean => !this.#isContent(entry) || this.#wanted.has(entry.id);
    this.#outgoing.keep(stays);
    for (const [id, entry] of this.#leftOut) if (!stays(entry)) this.#leftOut.delete(id);
  }
  /** TN5. */
  #forgetArrived(): void {
    const now = this.clock.now();
    for (const [id, { end, at }] of this.#underWay) {
      const left = end - this.link.bulk.dealtWith;
      if (left > GRANT_STEP_BYTES || (left > 0 && now - at < LAST_MS && now >= at)) return;
      this.#underWay.delete(id);
    }
  }

  /** `met`: the other side is about to tell what it holds as well. */
  sendVector(answer: boolean, met = false): void {
    if (this.theirIndex === undefined) return;
    if (!answer && this.#vectorDue) return;
    const wait = this.#vectorAt + VECTOR_GAP_MS - this.clock.now();
    if (!answer && wait > 0 && wait <= VECTOR_GAP_MS) {
      this.#vectorDue = true;
      this.clock.after(wait, () => {
        this.#vectorDue = false;
        this.#vectorAt = -VECTOR_GAP_MS;
        this.sendVector(false);
      });
      return;
    }
    if (!answer) this.#vectorAt = this.clock.now();
    if (!answer && this.comparing.begin(met)) return;
    const { replica } = this.space;
    const rightsOnly = !this.mayRead;
    const logs = replica.tips(rightsOnly ? (shard) => shard === replica.acl : undefined).slice(0, MAX_VECTOR);
    if (!rightsOnly && logs.length > FEW && this.comparing.isKnown) return this.comparing.tellAll(answer);
    this.send('vector', encode(vectorCodec, { answer, rightsOnly, logs }));
  }

  /** Queues what the other side lacks. */
  vectorReceived(vector: ValueOf<typeof vectorCodec>): void {
    const { replica } = this.space;
    const theirs = new Map<LogId, Tip[]>([...replica.logs.keys()].map((log) => [log, []]));
    for (const { log, length, head } of vector.logs) {
      theirs.get(log)?.push({ length, head });
      setLatest(this.#told, log, Math.max(length, this.#told.get(log) ?? 0), MAX_VECTOR);
    }
    this.give(theirs);
    const lacking = vector.logs.some(({ log, length, head }) => !replica.logs.get(log)?.has(head, length - 1));
    if (!vector.answer && lacking) this.sendVector(true);
  }
  /** Queues what the other side lacks of these logs, going by the ends that it told of them. */
  give(theirs: ReadonlyMap<LogId, readonly Tip[]>): void {
    const { replica } = this.space;
    const missing: Entry[] = [];
    for (const [id, tips] of theirs) {
      const log = replica.log(id);
      const rights = log.head?.header.shard === replica.acl;
      if (!rights && !this.mayRead) continue;
      const lacked = log.lackedBy(tips);
      missing.push(...(this.maySeeRights ? lacked : lacked.filter((entry) => this.#mayBeTold(entry))));
    }
    this.asked(1 + (theirs.size + missing.length) / LOOKED_THROUGH_IN_MS);
    // PR4: what builds on a body that is not here comes from whoever has it all.
    const partly = new Set(missing.filter(({ shelved }) => shelved).map(({ header }) => header.shard));
    this.#forgetArrived();
    const isHeld = this.#isHeld;
    const sound = missing.filter(
      (entry) =>
        !partly.has(entry.header.shard) && !this.#underWay.has(entry.id) && !(isHeld && this.#isContent(entry)),
    );
    for (const entry of sound) if (!replica.isDurable(entry)) this.#leftOut.set(entry.id, entry);
    this.enqueue(sound.filter((entry) => replica.isDurable(entry)));
  }

  /** Something became durable here: it may have been lacked before it was. */
  durable(): void {
    const due = [...this.#leftOut.values()].filter((entry) => this.space.replica.isDurable(entry));
    if (due.length === 0) return;
    for (const { id } of due) this.#leftOut.delete(id);
    this.enqueue(due.filter((entry) => this.#may(entry)));
  }

  enqueue(entries: readonly Entry[]): void {
    this.asked(this.#outgoing.add(entries) / LOOKED_THROUGH_IN_MS);
    this.pump();
  }
  /** SY3: the other side has these parts open. */
  lookHeard(parts: readonly ShardId[]): void {
    if (this.looking.mayHear) this.#outgoing.look(parts);
    else this.me.count('ignored.tooManyLooks');
  }

  #isContent({ header }: Entry): boolean {
    const { acl, erasures, checkpoints } = this.space.replica;
    return ![acl, erasures, checkpoints].includes(header.shard);
  }

  /** Entries wait while `work` sends something else. */
  async aside(work: () => Promise<void>): Promise<void> {
    this.#aside++;
    await work().finally(() => {
      this.#aside--;
      this.pump();
    });
  }
  #aside = 0;
  get isAside(): boolean {
    return this.#aside > 0;
  }

  /** Entries wait to leave. */
  get hasEntries(): boolean {
    return this.#outgoing.size > 0;
  }

  /** Sends while the link has room: the queue of entries is only references, the link's buffers stay bounded. */
  pump(): void {
    while (this.#aside === 0 && this.#outgoing.size > 0 && this.link.roomForBulk) {
      const batch: Uint8Array<ArrayBuffer>[] = [];
      const ids: EntryId[] = [];
      let bytes = 0;
      while (batch.length < MAX_BATCH && bytes < MAX_BATCH_BYTES) {
        const entry = this.#outgoing.take();
        if (!entry) break;
        ids.push(entry.id);
        this.#wanted.delete(entry.id);
        // It may have been erased while it waited.
        const now = this.space.replica.entries.get(entry.id);
        const encoded = encodeEntry(now && !now.shelved ? now : entry);
        batch.push(encoded);
        bytes += encoded.length;
      }
      if (!this.send('entries', encode(entriesCodec, batch), 'bulk')) return;
      const way = { end: this.link.bulk.given, at: this.clock.now() };
      for (const id of ids) {
        this.#underWay.delete(id);
        this.#underWay.set(id, way);
      }
      this.#forgetArrived();
    }
  }

  /** A new entry, at once. What is not taken here comes by reconciliation. `pulled`: it came here so itself, and is no news. */
  pass(entry: Entry, pulled = false): void {
    if (this.theirIndex === undefined || this.#outgoing.has(entry.id) || !this.#may(entry)) return;
    const hasIt = entry.header.seq < (this.#told.get(entry.log) ?? 0);
    if (pulled && (hasIt || (this.#isHeld && this.#isContent(entry)))) return;
    this.send('entry', encodeEntry(entry));
  }
}

export const readEntries = (payload: Uint8Array): readonly Uint8Array[] | undefined => {
  const decoded = decode(entriesCodec, payload);
  return decoded.ok ? decoded.value : undefined;
};
