/**
 * One link to one node: frames, credit and handshake over a channel. Nothing passes before the other device has proved
 * itself on this very connection. It knows nothing of spaces; the kernel is told of whole messages.
 */
import { decode, encode, flag, record, u64 } from '../../base/codec';
import type { Channel, ChannelEvents, Route } from '../../ports';
import {
  arrived,
  consumed,
  creditCodec,
  granted,
  HELD_BYTES,
  isMetered,
  offer,
  startReceiver,
  startSender,
} from '../../vm/net/flow';
import {
  bytesHeld,
  CONTINUED,
  emptyReassembly,
  expire,
  type FrameType,
  fragment,
  heldSince,
  MAX_FRAME_BYTES,
  type Message,
  type Reassembly,
  reassemble,
  renewed,
  TRAFFIC_CLASSES,
  type TrafficClass,
} from '../../vm/net/frame';
import {
  HANDSHAKE_TIMEOUT_MS,
  type HandshakeInput,
  type HandshakeState,
  handshakeStart,
  handshakeStep,
  type Me,
  type ReadyLink,
} from '../../vm/net/handshake';
import type { DeviceId } from '../../vm/op/ids';
import type { KernelContext } from './context';
import { LinkTraffic } from './traffic';

const PING_MS = 5_000;
const DEAD_MS = 15_000;
/** Messages that wait for the kernel; their credit is given back only when it is done with them. */
const MAX_BULK_AHEAD = 96 * 1024;
/** Faults of a slow line, or of a kernel that is newer: the link ends, and nobody is to blame. */
const LATE: ReadonlySet<string> = new Set(['frame.expired', 'frame.strayFragment', 'frame.unknownType']);

/** Why a link ends where another one to the same device took its place. */
export const BETTER_WAY = 'a better way';

/** Wall time in milliseconds, and whether the sender wants ours in return. */
const timeCodec = record({ at: u64, ask: flag });

export type LinkEvents = {
  ready(link: Link): void;
  /** Give the message's credit back by calling `done` once it was dealt with. */
  message(link: Link, message: Message, done: () => void): void;
  /** There is room for more bulk. */
  room(link: Link): void;
  closed(link: Link, reason: string): void;
  /** It came over a link whose other end had proved itself (RF1). */
  turnedAway(link: Link, reason: string, verdict: 'ignored' | 'rejected'): void;
  /** By so many bytes more, or less, of messages that are not whole yet. */
  unfinished(link: Link, bytes: number): void;
  /** A whole frame left, or came. */
  moved(link: Link, way: 'sent' | 'received', frame: Uint8Array): void;
};
export type LinkOptions = {
  /** What channel it runs over: WebRTC, a WebSocket, a circuit. */
  readonly path: 'direct' | 'relayed' | 'circuit';
  /** Of a circuit: the neighbour in between. */
  readonly via?: DeviceId;
  readonly expected?: Me['expected'];
  readonly local?: boolean;
  /** Where it comes from, where it was not dialled here. */
  readonly network?: string | undefined;
};

export class Link {
  #channel: Channel<Uint8Array> | undefined;
  #sender = startSender();
  #receiver = startReceiver();
  #reassembly = emptyReassembly;
  /** Bytes of the unfinished message of a class that are not given back yet. */
  readonly #keptBack = { live: 0, bulk: 0 };
  #handshake: HandshakeState | undefined;
  #closed = false;
  #waiting: [Message, number][] = [];
  #cancelTimer: () => void = () => {};
  #heardAt = 0;
  #pingAt = 0;
  readonly openedAt: number;
  /** Of the last answer to a ping; absent until the first. */
  rttMs: number | undefined;
  /** Of a direct channel, as soon as it is known. */
  route: Route | undefined;
  readonly traffic = new LinkTraffic();
  /** Bytes of bulk that this link was given, and how many of them the other side said it has dealt with, in steps of a grant. */
  readonly bulk = { given: 0, dealtWith: 0 };
  ready: ReadyLink | undefined;

  constructor(
    private readonly context: KernelContext,
    private readonly events: LinkEvents,
    readonly options: LinkOptions,
    private readonly describe: (binding: Uint8Array) => Me,
  ) {
    this.openedAt = context.ports.clock.now();
  }

  /** What the channel must tell; pass the channel itself to `attach` as soon as there is one. */
  readonly channelEvents: ChannelEvents<Uint8Array> = {
    opened: (binding) => {
      if (this.#closed) return;
      this.#heardAt = this.context.ports.clock.now();
      const [state, outputs] = handshakeStart(this.describe(binding));
      this.#handshake = state;
      for (const output of outputs) if (output.type === 'send') this.#sendNow(output.frame, output.payload);
      this.#cancelTimer = this.context.ports.clock.after(HANDSHAKE_TIMEOUT_MS, () => this.#step({ type: 'timedOut' }));
    },
    received: (frame) => this.#frame(frame),
    drained: () => this.#flush([]),
    closed: (reason) => this.#end(reason),
  };

  attach(channel: Channel<Uint8Array>): this {
    this.#channel = channel;
    if (this.#closed) channel.close();
    return this;
  }

  /** False when the queue of this class is full: the message is not sent. Live: drop it, reconciliation repairs. */
  send(type: FrameType, payload: Uint8Array, options: { space?: number; traffic?: TrafficClass } = {}): boolean {
    if (this.#closed || !this.ready) return false;
    const traffic = options.traffic ?? 'live';
    const frames = fragment({ type, traffic, space: options.space ?? 0, payload });
    if (!frames.ok) return false;
    if (!isMetered(type)) {
      for (const frame of frames.value) this.#write(frame);
      return true;
    }
    const offered = offer(this.#sender, traffic, frames.value);
    if (!offered.ok) {
      this.context.count('queueFull');
      return false;
    }
    this.#sender = offered.value[0];
    if (traffic === 'bulk') for (const { length } of frames.value) this.bulk.given += length;
    this.#flush(offered.value[1]);
    return true;
  }

  get closed(): boolean {
    return this.#closed;
  }
  /** Whether bulk sent now would leave soon. */
  get roomForBulk(): boolean {
    return !this.#closed && this.#sender.queued.bulk.bytes < MAX_BULK_AHEAD;
  }

  close(reason: string): void {
    if (this.#closed) return;
    this.#channel?.close();
    this.#end(reason);
  }

  #write(frame: Uint8Array): void {
    this.traffic.count('sent', frame);
    this.events.moved(this, 'sent', frame);
    this.#channel?.send(frame);
  }
  #flush(frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.#write(frame);
    if (this.ready && this.roomForBulk) this.events.room(this);
  }
  #sendNow(type: FrameType, payload: Uint8Array): void {
    const frames = fragment({ type, traffic: 'live', space: 0, payload });
    if (frames.ok) for (const frame of frames.value) this.#write(frame);
  }

  /** Says what our clock shows. */
  sendTime(ask: boolean): void {
    const at = Math.max(0, Math.floor(this.context.ports.clock.now()));
    if (this.ready && !this.#closed) this.#sendNow('time', encode(timeCodec, { at, ask }));
  }

  #frame(frame: Uint8Array): void {
    if (this.#closed) return;
    this.traffic.count('received', frame);
    this.events.moved(this, 'received', frame);
    const now = this.context.ports.clock.now();
    this.#heardAt = now;
    if (frame.length > MAX_FRAME_BYTES) return this.#fault('frameTooLong');
    const [state, result] = reassemble(this.#reassembly, frame, now);
    this.#hold(state);
    if (result.type === 'refused') return this.#fault(`frame.${result.reason}`);
    const type = result.type === 'message' ? result.message.type : undefined;
    const traffic = result.type === 'message' ? result.message.traffic : result.traffic;
    if (type === undefined || isMetered(type)) {
      const taken = arrived(this.#receiver, traffic, frame.length);
      if (!taken.ok) return this.#fault('overCredit');
      this.#receiver = taken.value;
    }
    if (result.type === 'message') {
      const isLast = ((frame[3] as number) & CONTINUED) !== 0;
      this.#message(result.message, frame.length + (isLast ? this.#keptBack[traffic] : 0));
      if (isLast) this.#keptBack[traffic] = 0;
      return;
    }
    // What belongs to the handshake is one frame.
    if (!this.ready && !this.#isChecking) return this.#fault('beforeHandshake');
    this.#keepBack(traffic, frame.length);
  }
  /** FL1: what came of a message is given back with the last of it. */
  #keepBack(traffic: TrafficClass, bytes: number): void {
    if (this.#keptBack[traffic] + bytes > HELD_BYTES) this.#give(traffic, bytes);
    else this.#keptBack[traffic] += bytes;
  }
  #hold(state: Reassembly): void {
    const before = bytesHeld(this.#reassembly);
    this.#reassembly = state;
    const more = bytesHeld(state) - before;
    if (more !== 0) this.events.unfinished(this, more);
  }
  /** When the oldest message that is not whole yet began. */
  get heldSince(): number {
    return heldSince(this.#reassembly);
  }

  /** The other side is ready before us while we still check its signature: what it says waits, within its credit. */
  #early(message: Message, bytes: number): void {
    if (!this.#isChecking) return this.#fault('beforeHandshake');
    this.#waiting.push([message, bytes]);
  }
  get #isChecking(): boolean {
    return this.#handshake?.step === 'proving' && this.#handshake.auth !== undefined;
  }

  #give(traffic: TrafficClass, bytes: number): void {
    if (this.#closed) return;
    const [state, credit] = consumed(this.#receiver, traffic, bytes);
    if (credit) this.#renew();
    this.#receiver = state;
    if (credit) this.#sendNow('credit', encode(creditCodec, credit));
  }
  /** While we give no credit the rest of a message cannot come: no time passes for it. */
  #renew(): void {
    const now = this.context.ports.clock.now();
    for (const traffic of TRAFFIC_CLASSES)
      if (this.#receiver.open[traffic] < MAX_FRAME_BYTES) this.#reassembly = renewed(this.#reassembly, traffic, now);
  }

  #message(message: Message, bytes: number): void {
    switch (message.type) {
      case 'hello':
        return this.#step({ type: 'helloReceived', payload: message.payload });
      case 'auth':
        return this.#step({ type: 'authReceived', payload: message.payload });
      case 'refuse':
      case 'bye':
        return this.close(`other side: ${message.type}`);
      case 'credit': {
        const credit = decode(creditCodec, message.payload);
        const taken = credit.ok ? granted(this.#sender, credit.value) : credit;
        if (!taken.ok) return this.#fault('badCredit');
        this.#sender = taken.value[0];
        if (credit.ok) this.bulk.dealtWith += credit.value.bulk;
        return this.#flush(taken.value[1]);
      }
      case 'ping':
        return this.#sendNow('pong', message.payload.slice(0, 8));
      case 'time': {
        const time = decode(timeCodec, message.payload);
        if (!time.ok || !this.ready) return this.#fault('badTime');
        this.context.time.heard(this.ready.device, this.ready.kind, time.value.at);
        if (time.value.ask) this.sendTime(false);
        return;
      }
      case 'pong': {
        const sent = decode(u64, message.payload);
        if (sent.ok && sent.value === this.#pingAt)
          this.rttMs = Math.max(0, this.context.ports.clock.now() - sent.value);
        return;
      }
      default:
        if (!this.ready) return this.#early(message, bytes);
        this.events.message(this, message, () => this.#give(message.traffic, bytes));
    }
  }

  #step(input: HandshakeInput): void {
    if (!this.#handshake || this.#closed) return;
    const [state, outputs] = handshakeStep(this.#handshake, input);
    this.#handshake = state;
    const { crypto } = this.context.ports;
    for (const output of outputs) {
      switch (output.type) {
        case 'send':
          this.#sendNow(output.frame, output.payload);
          break;
        case 'sign':
          void crypto
            .sign(this.context.device.key.handle, output.message)
            .then((signature) => this.#step({ type: 'signed', signature }));
          break;
        case 'verify':
          void this.#verify(output);
          break;
        case 'ready':
          this.ready = output.link;
          this.#cancelTimer();
          this.#keepAlive();
          this.events.ready(this);
          for (const [message, bytes] of this.#waiting.splice(0)) this.#message(message, bytes);
          break;
        case 'refuse':
          this.context.count(`handshake.${output.reason}`);
          this.#sendNow('refuse', new Uint8Array());
          this.close(`handshake: ${output.reason}`);
      }
    }
  }
  async #verify({
    device,
    message,
    signature,
  }: {
    device: string;
    message: Uint8Array;
    signature: Uint8Array;
  }): Promise<void> {
    const valid = await this.context.ports.crypto.verify(this.context.bytesOf(device), message, signature);
    this.#step({ type: 'verified', valid });
  }

  #keepAlive(): void {
    this.#cancelTimer = this.context.ports.clock.after(PING_MS, () => {
      const now = this.context.ports.clock.now();
      this.#renew();
      this.#hold(expire(this.#reassembly, now));
      // A clock that jumped ahead looks like silence: the next round tells.
      if (now - this.#heardAt > DEAD_MS && now - this.#pingAt < DEAD_MS) return this.close('silent');
      this.#pingAt = Math.max(0, Math.floor(now));
      this.#sendNow('ping', encode(u64, this.#pingAt));
      this.sendTime(false);
      this.#keepAlive();
    });
  }

  #fault(reason: string): void {
    if (this.ready) this.events.turnedAway(this, reason, LATE.has(reason) ? 'ignored' : 'rejected');
    this.context.count(`refused.${reason}`);
    this.close(reason);
  }
  #end(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#hold(emptyReassembly);
    this.#waiting = [];
    this.#cancelTimer();
    this.events.closed(this, reason);
  }
}
