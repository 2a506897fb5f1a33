/**
 * All links of a kernel and the spaces on them: who is linked, what comes in goes to the right space, what was admitted
 * goes on. It decides nothing about content; the door does.
 */
import { equalBytes } from '../../base/bytes';
import { decode, type ValueOf } from '../../base/codec';
import type { Route } from '../../ports';
import type { Pieces } from '../../vm/blob/pieces';
import { CIRCUITS } from '../../vm/net/circuit';
import { SIGNALS_FEATURE } from '../../vm/net/forwarding';
import type { FrameType, Message } from '../../vm/net/frame';
import { saltedSpace } from '../../vm/net/handshake';
import { ICE_SERVERS } from '../../vm/net/ice';
import { claimedAuthor, claimedPlace } from '../../vm/op/entry';
import type { BlobId, DeviceId, ShardId, SpaceId } from '../../vm/op/ids';
import { OVERLAY_FEATURE } from '../../vm/overlay/messages';
import type { SignedBlobReceipt } from '../../vm/replica/blob-receipt';
import { POSSESSION } from '../../vm/replica/possession';
import { type SignedReceipt, verifyReceipt } from '../../vm/replica/receipt';
import {
  blobAskCodec,
  blobChunkCodec,
  blobHaveCodec,
  blobReceiptCodec,
  ephemeralCodec,
  type HeldBlob,
  holdCodec,
  hostAnswerCodec,
  hostCodec,
  LOOKS,
  lookCodec,
  rangeCodec,
  receiptCodec,
  rootCodec,
  shortVectorCodec,
  sketchAskCodec,
  sketchCodec,
  spaceReceiptAskCodec,
  spaceReceiptCodec,
  TURNS,
  vectorCodec,
  wantCodec,
} from '../../vm/sync/messages';
import { type Answered, type Greet, greetCodec } from '../rights/greet';
import type { Admission } from './admit';
import type { Circuits } from './circuits';
import { type Compares, SKETCHES } from './comparing';
import type { KernelContext } from './context';
import type { HostReason } from './hosting';
import { turnsOf } from './intake';
import { Link, type LinkEvents, type LinkOptions } from './link';
import { Moved } from './moved';
import { PartReceipts } from './part-receipts';
import { type Came, readEntries, Session } from './session';
import type { Space } from './space';
import { SPACE_RECEIPTS, type Stating } from './stating';
import { Taking } from './taking';
import { DeviceTraffic, type Traffic } from './traffic';
import { BEACON_RTC } from './upgrading';
import { Early, isRejected, type TurnedAway, Verdicts } from './verdicts';
import { whoGivesWay } from './yielding';

const FEATURES: readonly number[] = [
  ...[1, OVERLAY_FEATURE, SPACE_RECEIPTS, SKETCHES, SIGNALS_FEATURE, POSSESSION, ICE_SERVERS, TURNS, LOOKS],
];
/** Of those with WebRTC, by kind. */
const DIRECT_FEATURES = { tab: [BEACON_RTC, CIRCUITS], beacon: [BEACON_RTC] } as const;
export const MAX_LINKS = { tab: 32, beacon: 1_000 } as const;
/** What a direct link ends with where its two ends do not see the same connection (HS3), or where the device is not the one it said. */
const BETWEEN = 'handshake: badSignature';
const RECONCILE_MS = 15_000;
/** Where bytes are dear, every so many of those. */
const METERED_ROUNDS = 6;
const RECEIPT_MS = 500;
const TELL_MS = 2_000;
const TELL_OWN_MS = 500;
/** Roots of unknown spaces that a link may name before it is a nuisance. */
const MAX_SPACES_PER_LINK = 1_024;
/** FR2: of messages that are not whole yet, on all links together. */
export const MAX_UNFINISHED = { tab: 8 * 1024 * 1024, beacon: 32 * 1024 * 1024 } as const;

export type NetworkEvents = {
  linked(link: Link): void;
  /** Both ends hold the space now. */
  met(session: Session): void;
  unlinked(link: Link, reason: string): void;
  /** It is known now which way a link takes, or it takes another one. */
  routed(link: Link): void;
  ephemeral(space: Space, link: Link, payload: Uint8Array): void;
  receipt(space: Space, receipt: SignedReceipt): void;
  /** What the other side has: its digest, which is ours or is not; or the ends of its logs. */
  rootHeard(session: Session): void;
  vectorHeard(space: Space, logs: ValueOf<typeof vectorCodec>['logs']): void;
  greeted(space: Space, session: Session, greet: Greet): Promise<boolean>;
  /** Our greeting was not enough; nobody vouches for the reason. */
  greetingRefused(session: Session, refused: Answered): void;
  hostAsked(link: Link, ask: { space: SpaceId; joinCode: string; rights: readonly Uint8Array[] }): Promise<void>;
  /** A signal of the connection that is to take this link's place; false for what no node would say. */
  upgradeHeard(link: Link, payload: Uint8Array): boolean;
  /** Of a circuit through this node, or to it; gives what was wrong. */
  circuitHeard(link: Link, payload: Uint8Array): ReturnType<Circuits['heard']>;
  iceAsked(link: Link): void;
  /** False for what no beacon would say. */
  iceAnswered(link: Link, payload: Uint8Array): boolean;
  hostAnswered(link: Link, answer: { space: SpaceId; accepted: boolean; reason: HostReason }): void;
  blobsHeld(space: Space, session: Session, held: readonly HeldBlob[]): void;
  blobAsked(space: Space, session: Session, ask: { blob: BlobId; urgent: boolean; pieces: Pieces }): void;
  blobReceipt(space: Space, session: Session, receipt: SignedBlobReceipt): Promise<void>;
  blobReceiptAsked(session: Session): void;
  blobChunk(space: Space, session: Session, chunk: { blob: BlobId; index: number; bytes: Uint8Array }): Promise<void>;
  /** Whether one side has what it stated to hold; false for what does not decode. */
  possessAsked(session: Session, payload: Uint8Array): Promise<boolean>;
  possessionHeard(session: Session, payload: Uint8Array): boolean;
  /** An entry at once, before it is looked into; where its author is hurried it is not. */
  pushed(session: Session, payload: Uint8Array, isHurried: boolean): void;
  /** What neighbours in a large space say; false for what none of them would. */
  overlayHeard(session: Session, message: Message): Promise<boolean>;
  /** It said what no sound node says: its link has ended. */
  rejected(device: DeviceId): void;
  /** Parts that pages have open here, what was opened last first. */
  open(space: Space): readonly ShardId[];
  /** A beacon's quota: whether it takes more of this space. */
  accepts(space: Space): boolean;
};

export class Network {
  readonly links = new Set<Link>();
  readonly #sessions = new Map<Link, Map<SpaceId, Session>>();
  readonly #rootsSeen = new Map<Link, Map<string, { index: number; digest: Uint8Array }>>();
  readonly #receiptsDue = new Map<Space, Set<ShardId>>();
  readonly #traffic = new DeviceTraffic();
  readonly #verdicts = new Verdicts();
  readonly #early = new Early<Session>(this.#verdicts, () => this.context.ports.clock.now());
  /** By link, as long as it is there: the spaces that are held here, by what they are called on it. */
  readonly #salted = new WeakMap<Link, { readonly named: Set<SpaceId>; readonly spaces: Map<string, SpaceId> }>();
  #unfinished = 0;
  readonly moved: Moved;
  readonly startedAt: number;
  readonly #partReceipts: PartReceipts;
  readonly #taking: Taking;
  #receiptTimer: (() => void) | undefined;
  #stopTimer: () => void = () => {};
  online = true;

  constructor(
    private readonly context: KernelContext,
    private readonly spaces: ReadonlyMap<SpaceId, Space>,
    private readonly stating: Stating,
    private readonly events: NetworkEvents,
  ) {
    this.#partReceipts = new PartReceipts(context);
    this.#taking = new Taking(context, (space) => this.sessions(space));
    this.startedAt = context.ports.clock.now();
    this.moved = new Moved(() => context.ports.clock.now());
    this.#everySoOften();
    context.time.moved = (why) => {
      if (why === 'jump') {
        const ready = [...this.links].filter((link) => link.ready);
        context.time.asked(ready.length);
        for (const link of ready) link.sendTime(true);
      }
      for (const space of this.spaces.values()) space.unpark();
    };
    context.time.start();
  }

  /** A channel about to open, in either direction. */
  open(options: LinkOptions, connect: (link: Link) => Parameters<Link['attach']>[0]): Link {
    const { ports, device, kind } = this.context;
    const link: Link = new Link(this.context, this.#linkEvents, options, (binding) => ({
      device: device.device,
      kind,
      features: [...FEATURES, ...(ports.transport.createPeer ? DIRECT_FEATURES[kind] : [])],
      nonce: ports.random.bytes(32),
      time: Math.max(0, Math.floor(ports.clock.now())),
      spaces: [...this.spaces.keys()],
      binding,
      ...(options.expected ? { expected: options.expected } : {}),
    }));
    this.links.add(link);
    link.attach(connect(link));
    if (this.#weighs(link)) this.#bound(link);
    return link;
  }

  /** PL1. A tab chose the others itself. */
  #bound(last: Link): void {
    const { kind, ports } = this.context;
    const links = [...this.links].filter((link) => this.#weighs(link));
    if (links.length <= MAX_LINKS[kind]) return;
    const isMember = (link: Link): boolean => [...(this.#sessions.get(link)?.values() ?? [])].some(mayRead);
    const least = kind === 'tab' ? last : whoGivesWay(links as [Link, ...Link[]], ports.clock.now(), isMember);
    this.context.count('refused.tooManyLinks');
    least.close('too many links');
  }
  /** HO1: how many beacons a tab dials is bounded where they are named. */
  #weighs({ options }: Link): boolean {
    return this.context.kind === 'beacon' || options.path !== 'relayed';
  }

  routed(link: Link, route: Route): void {
    link.route = route;
    this.events.routed(link);
  }

  sessions(space: SpaceId): readonly Session[] {
    return [...this.#sessions.values()].flatMap((bySpace) => bySpace.get(space) ?? []);
  }
  /** Since `startedAt`. */
  traffic(): ReadonlyMap<DeviceId, Traffic> {
    return this.#traffic.with(
      [...this.links].flatMap(({ ready, traffic }) => (ready ? [{ device: ready.device, traffic }] : [])),
    );
  }
  /** What was turned away since `startedAt`, by whom it came and why. */
  turnedAway(): ReadonlyMap<DeviceId, TurnedAway> {
    this.#early.judge();
    return this.#verdicts.all;
  }
  session(link: Link, space: SpaceId): Session | undefined {
    return this.#sessions.get(link)?.get(space);
  }

  /** Of any space on this link. */
  entriesWait(link: Link): boolean {
    return [...(this.#sessions.get(link)?.values() ?? [])].some((session) => session.hasEntries);
  }

  close(): void {
    this.context.time.stop();
    this.#stopTimer();
    this.#receiptTimer?.();
    this.#telling?.stop();
    this.#taking.close();
    for (const link of [...this.links]) link.close('closing');
  }

  /** A space came into being here: say so on every link. */
  offerSpace(space: Space): void {
    for (const link of this.links) if (link.ready) this.#openSession(link, space);
  }

  /** A space is not held here any more. */
  closeSpace(space: SpaceId): void {
    this.#taking.closed(space);
    for (const bySpace of this.#sessions.values()) bySpace.delete(space);
  }

  /** Rights changed: somebody may read now, or not any more. */
  rightsChanged(space: Space): void {
    for (const session of this.sessions(space.id)) void this.#hearGreeting(space, session);
    // Also to whoever is out by it: they hear in this way that it is known.
    for (const session of this.sessions(space.id)) if (session.theirIndex !== undefined) session.sendRoot();
  }

  /** To one, or to all but the link that it came from. */
  broadcastEphemeral(space: Space, payload: Uint8Array, { to, from }: { to?: Session; from?: Link } = {}): void {
    for (const session of to ? [to] : this.sessions(space.id))
      if (session.link !== from && session.mayRead) session.send('ephemeral', payload);
  }

  /** Something became durable: a receipt for it leaves at most half a second later. */
  durable(space: Space, shard: ShardId): void {
    for (const session of this.sessions(space.id)) session.durable();
    this.stating.due(space, shard);
    const due = this.#receiptsDue.get(space) ?? new Set();
    this.#receiptsDue.set(space, due.add(shard));
    this.#receiptTimer ??= this.context.ports.clock.after(RECEIPT_MS, () => {
      this.#receiptTimer = undefined;
      void this.#sendReceipts();
    });
  }
  async #sendReceipts(): Promise<void> {
    const due = [...this.#receiptsDue];
    this.#receiptsDue.clear();
    for (const [space, shards] of due) {
      const sessions = this.sessions(space.id).filter((session) => session.mayRead && session.theirIndex !== undefined);
      const [toAll, byPart] = [sessions.filter(knowsSpaceReceipts), sessions.filter((one) => !knowsSpaceReceipts(one))];
      if (byPart.length > 0) await this.#partReceipts.give(space, shards, byPart);
      if (toAll.length > 0) await this.stating.round(space, shards, toAll);
    }
  }

  /** There is something that is not pushed: others hear of it by our digest. `own`: it is nowhere else, and waits for nothing that is. */
  tellSoon(space: Space, own = false): void {
    this.#toTell.add(space);
    const { clock } = this.context.ports;
    const wait = own ? TELL_OWN_MS : TELL_MS;
    const at = clock.now() + wait;
    if (this.#telling && this.#telling.at <= at) return;
    this.#telling?.stop();
    const stop = clock.after(wait, () => {
      this.#telling = undefined;
      for (const one of this.#toTell) for (const session of this.sessions(one.id)) session.sendRoot();
      this.#toTell.clear();
    });
    this.#telling = { at, stop };
  }
  readonly #toTell = new Set<Space>();
  #telling: { readonly at: number; readonly stop: () => void } | undefined;

  #round = 0;
  #everySoOften(): void {
    const jitter = ((this.context.ports.random.bytes(1)[0] ?? 0) / 255) * RECONCILE_MS;
    this.#stopTimer = this.context.ports.clock.after(RECONCILE_MS / 2 + jitter, () => {
      this.#round++;
      if (!this.context.metered || this.#round % METERED_ROUNDS === 0)
        for (const bySpace of this.#sessions.values()) for (const session of bySpace.values()) session.sendRoot();
      for (const space of this.spaces.values()) space.unpark();
      this.#everySoOften();
    });
  }

  /** Indices are never used again on a link: what is still on its way must not reach another space. */
  readonly #indices = new WeakMap<Link, number>();
  #nextIndex(link: Link): number {
    const index = (this.#indices.get(link) ?? 0) + 1;
    this.#indices.set(link, index);
    return index;
  }

  #openSession(link: Link, space: Space): Session | undefined {
    const bySpace = this.#sessions.get(link);
    // What came before our own journal is here could be neither kept nor passed on: `offerSpace` opens it then.
    if (!bySpace || !space.isWhole || this.#goesThrough(link, space)) return undefined;
    if (bySpace.has(space.id) || bySpace.size >= MAX_SPACES_PER_LINK) return bySpace.get(space.id);
    const { clock } = this.context.ports;
    const open = (): readonly ShardId[] => this.events.open(space);
    const session = new Session(link, space, this.#nextIndex(link), clock, this.#me(link), open);
    bySpace.set(space.id, session);
    link.traffic.name('sent', session.index, space.id);
    session.sendRoot();
    // Its root may have come before we held the space.
    const { nonces } = link.ready as NonNullable<Link['ready']>;
    const seen = this.#rootsSeen.get(link)?.get(saltedSpace(...nonces, space.id));
    if (seen)
      this.#heardRoot(session, { index: seen.index, salted: '', digest: seen.digest as Uint8Array<ArrayBuffer> });
    return session;
  }

  /** CI6. */
  #goesThrough({ options: { via } }: Link, space: Space): boolean {
    return (
      via !== undefined &&
      this.sessions(space.id).some(({ device, theirIndex }) => device === via && theirIndex !== undefined)
    );
  }

  #me(link: Link): Compares {
    return { device: this.context.device.device, count: (name) => this.#ignore(link, name) };
  }

  #heardRoot(session: Session, root: { index: number; salted: string; digest: Uint8Array<ArrayBuffer> }): void {
    // Another index is another session over there: it knows nothing of what we said before.
    const first = session.theirIndex !== root.index;
    if (!session.mayAsk) return this.#ignore(session.link, 'ignored.tooMuchAsked');
    if (first) session.asked(MET_COST);
    session.link.traffic.name('received', root.index, session.space.id);
    if (first) this.#taking.met(session);
    session.rootReceived(root);
    this.events.rootHeard(session);
    if (first) this.events.met(session);
  }

  readonly #linkEvents: LinkEvents = {
    ready: (link) => {
      const { device, kind, time } = link.ready as NonNullable<Link['ready']>;
      for (const other of [...this.links]) {
        const same = other !== link && other.ready?.device === device && other.options.path === link.options.path;
        // Of circuits both ends must leave the same one (CI7).
        if (same && !link.options.via && other.openedAt <= link.openedAt) other.close('replaced');
      }
      this.context.time.heard(device, kind, time);
      this.#sessions.set(link, new Map());
      this.#rootsSeen.set(link, new Map());
      for (const space of this.spaces.values()) this.#openSession(link, space);
      this.events.linked(link);
      for (const space of this.spaces.values()) space.unpark();
    },
    message: (link, message, done) => {
      void this.#message(link, message)
        .catch((fault) => this.context.ports.log('fault', { message: String(fault), stack: (fault as Error)?.stack }))
        .finally(done);
    },
    moved: (link, way, frame) => this.moved.frame(way, frame, link.ready?.device, link.traffic.spaceOf(way, frame)),
    room: (link) => {
      for (const session of this.#sessions.get(link)?.values() ?? []) session.pump();
    },
    turnedAway: (link, reason, verdict) => this.#note(link, reason, verdict),
    unfinished: (link, bytes) => {
      this.#unfinished += bytes;
      if (bytes > 0 && this.#unfinished > MAX_UNFINISHED[this.context.kind]) this.#partFromSlowest(link);
    },
    closed: (link, reason) => {
      const { expected, path } = link.options;
      // The device itself did nothing, as far as is known.
      if (reason === BETWEEN && path !== 'relayed' && expected) this.#verdicts.note(expected, 'somebodyBetween');
      this.links.delete(link);
      const sessions = [...(this.#sessions.get(link)?.values() ?? [])];
      for (const session of sessions) this.#early.ended(session);
      this.#sessions.delete(link);
      for (const session of sessions) this.#taking.gone(session);
      this.#rootsSeen.delete(link);
      if (link.ready) this.#traffic.ended(link.ready.device, link.traffic);
      this.context.ports.log('linkClosed', { reason, device: link.ready?.device.slice(0, 8) });
      this.events.unlinked(link, reason);
    },
  };

  /** No sound node says it (RF1). */
  #bad(link: Link, what: string): void {
    this.context.count(`refused.${what}`);
    this.#note(link, what, 'rejected');
    link.close(what);
  }
  /** A sound node may say it too. */
  #ignore(link: Link, counter: string): void {
    this.context.count(counter);
    this.#note(link, counter.slice(counter.indexOf('.') + 1), 'ignored');
  }
  /** It is not let in, as far as is known here. */
  #foreign(session: Session, reason: string): void {
    this.context.count(`refused.${reason}`);
    this.#early.note(session, reason);
  }
  #note(link: Link, reason: string, verdict: 'ignored' | 'rejected'): void {
    if (!link.ready) return;
    this.#verdicts.note(link.ready.device, reason);
    if (verdict === 'rejected') this.events.rejected(link.ready.device);
  }
  /** FR2. Whoever shares no space has little to say that takes several frames. */
  #partFromSlowest(last: Link): void {
    const holding = [...this.links].filter(({ heldSince }) => Number.isFinite(heldSince));
    const strangers = holding.filter((link) => ![...(this.#sessions.get(link)?.values() ?? [])].some(mayRead));
    let slowest = strangers[0] ?? last;
    for (const link of strangers.length > 0 ? strangers : holding)
      if (link.heldSince < slowest.heldSince) slowest = link;
    this.context.count('refused.unfinished');
    slowest.close('unfinished');
  }

  async #message(link: Link, message: Message): Promise<void> {
    const { payload } = message;
    switch (message.type) {
      case 'root': {
        const root = decode(rootCodec, payload);
        return root.ok ? this.#root(link, root.value) : this.#bad(link, 'badRoot');
      }
      case 'invite': {
        const greet = decode(greetCodec, payload);
        return greet.ok ? this.#greet(link, greet.value) : this.#bad(link, 'badGreeting');
      }
      case 'host': {
        const ask = decode(hostCodec, payload);
        return ask.ok ? this.events.hostAsked(link, ask.value) : this.#bad(link, 'badHost');
      }
      case 'hostAnswer': {
        const answer = decode(hostAnswerCodec, payload);
        return answer.ok ? this.events.hostAnswered(link, answer.value) : this.#bad(link, 'badHostAnswer');
      }
      case 'iceAsk':
        return payload.length === 0 ? this.events.iceAsked(link) : this.#bad(link, 'badIceAsk');
      case 'rtc':
        if (!this.events.upgradeHeard(link, payload)) this.#bad(link, 'badRtc');
        return;
      case 'circuit': {
        const wrong = await this.events.circuitHeard(link, payload);
        if (wrong === 'refused.badCircuit') this.#bad(link, 'badCircuit');
        else if (wrong) this.#ignore(link, wrong);
        return;
      }
      case 'ice':
        if (!this.events.iceAnswered(link, payload)) this.#bad(link, 'badIce');
        return;
    }
    const session = [...(this.#sessions.get(link)?.values() ?? [])].find(
      (candidate) => candidate.theirIndex === message.space,
    );
    if (!session) return this.#ignore(link, 'ignored.unknownSpace');
    if (ASKS.has(message.type) && !session.mayAsk) return this.#ignore(link, 'ignored.tooMuchAsked');
    await this.#sessionMessage(session, message);
  }

  async #sessionMessage(session: Session, message: Message): Promise<void> {
    const { space, link } = session;
    const { payload } = message;
    switch (message.type) {
      case 'vector': {
        const vector = decode(vectorCodec, payload);
        if (!vector.ok) return this.#bad(link, 'badVector');
        session.vectorReceived(vector.value);
        return this.events.vectorHeard(space, vector.value.logs);
      }
      case 'sketch': {
        const sketch = decode(sketchCodec, payload);
        return sketch.ok ? session.comparing.sketchHeard(sketch.value) : this.#bad(link, 'badSketch');
      }
      case 'sketchAsk': {
        const ask = decode(sketchAskCodec, payload);
        return ask.ok ? session.comparing.asked(ask.value) : this.#bad(link, 'badSketchAsk');
      }
      case 'shortVector': {
        const vector = decode(shortVectorCodec, payload);
        return vector.ok ? session.comparing.shortVectorHeard(vector.value) : this.#bad(link, 'badShortVector');
      }
      case 'range': {
        const range = decode(rangeCodec, payload);
        return range.ok ? session.comparing.rangeHeard(range.value) : this.#bad(link, 'badRange');
      }
      case 'entry': {
        const author = claimedAuthor(payload);
        const isHurried = author !== undefined && space.rates.isHurried(author, this.context.ports.clock.now());
        this.events.pushed(session, payload, isHurried);
        if (!isHurried) {
          await this.#entries(session, [payload], true);
          return;
        }
        // AR1. A copy tells nothing; a gap that is seen is asked about.
        if (isCopy(space, payload)) return;
        this.context.count('ignored.hurried');
        this.#verdicts.note(author, 'hurried');
        return session.sendVector(false);
      }
      case 'presence':
      case 'neighbour':
      case 'ihave':
      case 'graft':
      case 'prune':
      case 'signal':
        if (!(await this.events.overlayHeard(session, message))) this.#bad(link, 'badOverlay');
        return;
      case 'entries': {
        const entries = readEntries(payload);
        if (!entries) return this.#bad(link, 'badEntries');
        this.#taking.came(session, entries, await this.#entries(session, entries, false));
        return;
      }
      case 'hold': {
        const hold = decode(holdCodec, payload);
        return hold.ok ? session.holdHeard(hold.value.held) : this.#bad(link, 'badHold');
      }
      case 'look': {
        const look = decode(lookCodec, payload);
        return look.ok ? session.lookHeard(look.value) : this.#bad(link, 'badLook');
      }
      case 'want': {
        const want = decode(wantCodec, payload);
        return want.ok ? session.wantReceived(want.value) : this.#bad(link, 'badWant');
      }
      case 'receipt': {
        const receipt = decode(receiptCodec, payload);
        if (!receipt.ok) return this.#bad(link, 'badReceipt');
        if (receipt.value.space !== space.id || receipt.value.device !== session.device)
          return this.#ignore(link, 'refused.foreignReceipt');
        if (!session.mayRead) return this.#foreign(session, 'foreignReceipt');
        if (await verifyReceipt(this.context.ports.crypto, receipt.value)) this.events.receipt(space, receipt.value);
        else this.#bad(link, 'forgedReceipt');
        return;
      }
      case 'spaceReceipt': {
        const receipt = decode(spaceReceiptCodec, payload);
        return receipt.ok ? this.stating.heard(session, receipt.value) : this.#bad(link, 'badSpaceReceipt');
      }
      case 'spaceReceiptAsk': {
        const ask = decode(spaceReceiptAskCodec, payload);
        return ask.ok ? this.stating.asked(session, ask.value.since) : this.#bad(link, 'badSpaceReceiptAsk');
      }
      case 'possess':
        if (!(await this.events.possessAsked(session, payload))) this.#bad(link, 'badPossess');
        return;
      case 'possession':
        if (!this.events.possessionHeard(session, payload)) this.#bad(link, 'badPossession');
        return;
      case 'blobReceipt': {
        const receipt = decode(blobReceiptCodec, payload);
        return receipt.ok ? this.events.blobReceipt(space, session, receipt.value) : this.#bad(link, 'badBlobReceipt');
      }
      case 'blobReceiptAsk':
        return this.events.blobReceiptAsked(session);
      case 'ephemeral': {
        const word = decode(ephemeralCodec, payload);
        if (!word.ok) return this.#bad(link, 'badEphemeral');
        if (!session.mayRead) return this.#foreign(session, 'foreignEphemeral');
        if (!session.maySignal) return this.#ignore(link, 'ignored.tooMuchPresence');
        return this.events.ephemeral(space, link, payload);
      }
      case 'blobHave': {
        const held = decode(blobHaveCodec, payload);
        return held.ok ? this.events.blobsHeld(space, session, held.value) : this.#bad(link, 'badBlobHave');
      }
      case 'blobAsk': {
        const ask = decode(blobAskCodec, payload);
        return ask.ok ? this.events.blobAsked(space, session, ask.value) : this.#bad(link, 'badBlobAsk');
      }
      case 'blobChunk': {
        const chunk = decode(blobChunkCodec, payload);
        if (!chunk.ok) return this.#bad(link, 'badBlobChunk');
        if (!this.events.accepts(space)) return this.#ignore(link, 'refused.quota');
        return this.events.blobChunk(space, session, chunk.value);
      }
      default:
        this.#ignore(link, `ignored.${message.type}`);
    }
  }

  /** Gives what each became. */
  async #entries(session: Session, entries: readonly Uint8Array[], pushed: boolean): Promise<readonly Admission[]> {
    const { space, link } = session;
    if (!this.events.accepts(space)) {
      this.#ignore(link, 'refused.quota');
      return [];
    }
    const came: Came = { by: session, pushed };
    // Between two parts of much there is a turn for what somebody waits for. All are in line at once: what comes next is behind them.
    const results = (await Promise.all(turnsOf(entries).map((turn) => space.receive(turn, came)))).flat();
    const refused = results.flatMap((result) => (result.type === 'refused' ? [result.reason] : []));
    for (const reason of refused) this.#note(link, reason, 'ignored');
    if (refused.some(isRejected)) this.#bad(link, 'badEntry');
    else if (results.some((result) => result.type === 'waiting')) session.sendVector(false);
    return results;
  }

  #root(link: Link, root: { index: number; salted: string; digest: Uint8Array<ArrayBuffer> }): void {
    const seen = this.#rootsSeen.get(link);
    if (!seen || (seen.size >= MAX_SPACES_PER_LINK && !seen.has(root.salted)))
      return this.#ignore(link, 'ignored.tooManyRoots');
    seen.set(root.salted, { index: root.index, digest: root.digest });
    const space = this.#bySalt(link, root.salted);
    const session = space && (this.session(link, space.id) ?? this.#openSession(link, space));
    const first = session?.theirIndex === undefined;
    if (session) this.#heardRoot(session, root);
    if (!session) return;
    if (knowsSpaceReceipts(session)) this.stating.rootHeard(session);
    else this.#partReceipts.rootHeard(session, first);
  }

  async #greet(link: Link, greet: Greet | Answered): Promise<void> {
    const space = this.#bySalt(link, greet.salted);
    const session = space && this.session(link, space.id);
    if (!space || !session) return this.#ignore(link, 'ignored.unknownSpace');
    if (greet.type === 'refused') return this.events.greetingRefused(session, greet);
    session.greet = greet;
    await this.#hearGreeting(space, session);
  }

  async #hearGreeting(space: Space, session: Session): Promise<void> {
    const { greet } = session;
    if (session.greeted || !greet || !(await this.events.greeted(space, session, greet))) return;
    session.greeted = true;
    session.greet = undefined;
    session.vectorReceived({ answer: true, rightsOnly: true, logs: [] });
  }

  /** One look, however many spaces are held: whoever is linked may ask for any name. */
  #bySalt(link: Link, salted: string): Space | undefined {
    const { nonces } = link.ready as NonNullable<Link['ready']>;
    const known = this.#salted.get(link) ?? { named: new Set(), spaces: new Map() };
    this.#salted.set(link, known);
    if (!known.spaces.has(salted) || known.named.size < this.spaces.size)
      for (const id of this.spaces.keys()) {
        if (known.named.has(id)) continue;
        known.named.add(id);
        known.spaces.set(saltedSpace(...nonces, id), id);
      }
    const id = known.spaces.get(salted);
    return id && this.spaces.get(id);
  }
}

/** What makes this node compare, look up and send more than the frame is long. */
const ASKS: ReadonlySet<FrameType> = new Set(['vector', 'range', 'shortVector', 'want', 'spaceReceiptAsk']);
/** Of a session that begins anew: all parts of the kernel are told. */
const MET_COST = 100;

const mayRead = (session: Session): boolean => session.mayRead;
const isCopy = ({ replica }: Space, encoded: Uint8Array): boolean => {
  const place = claimedPlace(encoded);
  if (!place) return false;
  const held = replica.logs.get(place.log)?.at(place.seq);
  return held !== undefined && equalBytes(held.signature, place.signature);
};
const knowsSpaceReceipts = ({ link }: Session): boolean => link.ready?.features.includes(SPACE_RECEIPTS) === true;
