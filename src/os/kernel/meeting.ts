/**
 * Meeting other tabs: signaling sockets, the rendezvous machine, and the WebRTC channels that come of it. What is said to somebody
 * goes to the servers and over the links that there are; either carries sealed messages only. A link counts when the handshake over
 * it has proved the device.
 */

import { toHex } from '../../base/bytes';
import { hash128 } from '../../base/hash';
import { forgetOldest } from '../../base/latest';
import type { ServerState } from '../../bridge/messages';
import type { Channel, PeerChannel } from '../../ports';
import {
  inboxTopicOf,
  openRendezvous,
  type Rendezvous,
  type RendezvousInput,
  rendezvousStep,
  topicsOf,
  unreachedIn,
} from '../../vm/net/rendezvous';
import {
  openSignal,
  PING_TEXT,
  publishText,
  readServerText,
  type SessionId,
  type SignalMessage,
  sealSignal,
  subscribeText,
} from '../../vm/net/signal';
import type { DeviceId } from '../../vm/op/ids';
import type { KernelContext } from './context';
import type { Link } from './link';
import type { Network } from './network';
import type { Overlay } from './overlay';

const TICK_MS = 1_000;
const PING_EVERY_MS = 20_000;
const RETRY_MAX_MS = 30_000;
const MAX_TOPICS = 60;
const MAX_TAKEN = 512;
const MAX_REASONS = 32;
const MAX_ROOMS = 512;

type Server = {
  readonly url: string;
  channel: Channel<string> | undefined;
  open: boolean;
  failures: number;
  retryAt: number;
  pingAt: number;
  topics: string;
};

export class Meeting {
  #machine: Rendezvous;
  readonly #session: SessionId;
  readonly #inbox: string;
  readonly #servers = new Map<string, Server>();
  readonly #peers = new Map<string, { channel: PeerChannel; link: Link }>();
  /** The room in which a device was last heard, where to answer: of those that the machine knows, and of some that it does not. */
  readonly #roomOf = new Map<DeviceId, Uint8Array>();
  /** The same comes over servers and links: by the whole of it, as an altered copy must not stand for the true one. */
  readonly #taken = new Set<string>();
  readonly #reasons = new Set<string>();
  #stop: () => void = () => {};
  #online = false;

  constructor(
    private readonly context: KernelContext,
    private readonly network: Network,
    /** Room keys of all spaces and live invites, the newest first. */
    private readonly rooms: () => readonly Uint8Array[],
    /** Who of a large space is answered, what is passed on of who is there, and the links that carry signals. */
    private readonly overlay: Pick<Overlay, 'gate' | 'announced' | 'carry' | 'isCrowded'>,
  ) {
    this.#session = toHex(context.ports.random.bytes(16)) as SessionId;
    this.#inbox = inboxTopicOf(context.device.device, this.#session);
    this.#machine = openRendezvous(context.device.device, this.#session);
  }

  get connected(): boolean {
    return [...this.#servers.values()].some((server) => server.open);
  }

  get dialled(): readonly ServerState[] {
    return [...this.#servers.values()].map(({ url, channel, open, failures, retryAt }) => {
      const state = !this.#online ? 'off' : open ? 'open' : channel ? 'dialling' : 'waiting';
      return { url, state, failures, retryAt: state === 'waiting' ? retryAt : null };
    });
  }

  /** Heard of, and not to be reached directly. */
  get unreached(): readonly DeviceId[] {
    return unreachedIn(this.#machine);
  }
  roomOf(device: DeviceId): Uint8Array | undefined {
    return this.#roomOf.get(device);
  }

  addServers(urls: readonly string[]): void {
    for (const url of urls.slice(0, 8)) {
      if (!this.#servers.has(url) && this.#servers.size < 16) {
        this.#servers.set(url, {
          url,
          channel: undefined,
          open: false,
          failures: 0,
          retryAt: 0,
          pingAt: 0,
          topics: '',
        });
      }
    }
  }

  start(): void {
    if (this.#online || !this.context.ports.transport.createPeer) return;
    this.#online = true;
    this.#step({ type: 'online', now: this.#now, random: this.#chance });
    this.#tick();
  }
  stop(): void {
    this.#online = false;
    this.#stop();
    this.#step({ type: 'offline' });
    for (const server of this.#servers.values()) {
      server.channel?.close();
      server.open = false;
      server.channel = undefined;
    }
  }
  /** Rooms changed: listen there too, and say that we are here. */
  refresh(): void {
    if (!this.#online) return;
    for (const server of this.#servers.values()) this.#subscribe(server);
    this.#machine = { ...this.#machine, announceAt: 0 };
    this.#step({ type: 'timer', now: this.#now, random: this.#chance });
  }

  get #now(): number {
    return this.context.ports.clock.now();
  }
  get #chance(): number {
    return (this.context.ports.random.bytes(1)[0] ?? 0) / 256;
  }

  #tick(): void {
    const now = this.#now;
    for (const server of this.#servers.values()) {
      if (!server.channel && now >= server.retryAt) this.#connect(server);
      else if (server.open && now - server.pingAt > PING_EVERY_MS) {
        server.pingAt = now;
        server.channel?.send(PING_TEXT);
        this.#subscribe(server);
      }
    }
    this.#step({ type: 'timer', now, random: this.#chance, crowded: this.overlay.isCrowded });
    this.#stop = this.context.ports.clock.after(TICK_MS, () => this.#tick());
  }

  #connect(server: Server): void {
    const channel: Channel<string> = this.context.ports.transport.dialSignaling(server.url, {
      opened: () => {
        server.open = true;
        server.failures = 0;
        server.pingAt = this.#now;
        server.topics = '';
        this.refresh();
      },
      received: (text) => void this.#heard(text),
      drained: () => {},
      closed: () => {
        if (server.channel !== channel) return;
        server.open = false;
        server.channel = undefined;
        server.failures++;
        server.retryAt =
          this.#now + Math.min(RETRY_MAX_MS, 500 * 2 ** Math.min(server.failures, 8)) * (0.5 + this.#chance);
      },
    });
    server.channel = channel;
  }

  #subscribe(server: Server): void {
    if (!server.open) return;
    const topics = [this.#inbox, ...this.rooms().flatMap((room) => topicsOf(room, this.context.time.now()))].slice(
      0,
      MAX_TOPICS,
    );
    const wanted = topics.join();
    if (wanted === server.topics) return;
    server.topics = wanted;
    server.channel?.send(subscribeText(topics));
  }

  async #heard(text: string): Promise<void> {
    const message = readServerText(text);
    if (message?.type === 'refused') return this.#refused(message.reason);
    if (message?.type !== 'publish') return;
    const now = this.context.time.now();
    const isOf = (room: Uint8Array): boolean =>
      message.topic === this.#inbox || topicsOf(room, now).includes(message.topic);
    await this.#open(this.rooms().filter(isOf), message.sealed, () => true);
  }
  /** A server chooses the word: it must not use up all counters. */
  #refused(reason: string): void {
    if (this.#reasons.size < MAX_REASONS) this.#reasons.add(reason);
    this.context.count(`signaling.${this.#reasons.has(reason) ? reason : 'other'}`);
  }
  /** An announcement that a node passed on: who is there, no more. */
  async told(rooms: readonly Uint8Array[], sealed: Uint8Array, via: DeviceId): Promise<void> {
    await this.#open(rooms, sealed, ({ kind, to }) => kind === 'announce' && to === undefined, via);
  }
  /** What somebody sent over links, for this device. */
  async carried(rooms: readonly Uint8Array[], sealed: Uint8Array): Promise<void> {
    await this.#open(rooms, sealed, ({ to }) => to === this.context.device.device);
  }
  async #open(
    rooms: readonly Uint8Array[],
    sealed: Uint8Array,
    takes: (message: SignalMessage) => boolean,
    via?: DeviceId,
  ): Promise<void> {
    const name = toHex(hash128('lgos/opened/1', sealed));
    if (!this.#online || this.#taken.has(name)) return;
    for (const room of rooms) {
      const opened = await openSignal(this.context.ports.crypto, room, sealed);
      if (!opened.ok) continue;
      if (!takes(opened.value) || !this.#online) return;
      this.#note(name);
      return this.#take(room, opened.value, sealed, via);
    }
    this.context.count('refused.signal');
  }
  #note(name: string): void {
    this.#taken.add(name);
    forgetOldest(this.#taken, MAX_TAKEN);
  }
  #take(room: Uint8Array, message: SignalMessage, sealed: Uint8Array, via?: DeviceId): void {
    if (this.#roomOf.size >= MAX_ROOMS) this.#forgetRooms();
    this.#roomOf.set(message.from, room);
    const gate = this.overlay.gate(room, message, sealed, via);
    this.#step({ type: 'received', message, now: this.#now, random: this.#chance, gate });
  }

  #forgetRooms(): void {
    const known = new Set([...this.#machine.meetings.values()].map(({ device }) => device));
    for (const device of this.#roomOf.keys()) if (!known.has(device)) this.#roomOf.delete(device);
  }

  /** False where it was not heard of. */
  seek(device: DeviceId): boolean {
    this.#step({ type: 'seek', device, now: this.#now });
    return [...this.#peers.keys()].some((key) => key.startsWith(`${device}:`));
  }
  part(device: DeviceId): void {
    this.#step({ type: 'part', device, now: this.#now });
  }

  #step(input: RendezvousInput): void {
    const [state, outputs] = rendezvousStep(this.#machine, input);
    this.#machine = state;
    for (const output of outputs) {
      switch (output.type) {
        case 'publish':
          void this.#publish(output.message);
          break;
        case 'dial':
          this.#dial(output.device, output.session, output.polite);
          break;
        case 'deliver':
          this.#peers.get(`${output.device}:${output.session}`)?.channel.signal(output.payload);
          break;
        case 'drop': {
          const peer = this.#peers.get(`${output.device}:${output.session}`);
          this.#peers.delete(`${output.device}:${output.session}`);
          peer?.link.close(output.reason);
        }
      }
    }
  }

  async #publish(said: SignalMessage): Promise<void> {
    const message: SignalMessage = { ...said, time: Math.max(0, Math.floor(this.context.time.now())) };
    const to = message.to && message.toSession ? inboxTopicOf(message.to, message.toSession) : undefined;
    const room = message.to && this.#roomOf.get(message.to);
    const rooms = to ? (room ? [room] : []) : this.rooms();
    for (const key of rooms.slice(0, 20)) {
      const sealed = await sealSignal(
        this.context.ports.crypto,
        this.context.ports.random,
        this.context.device.key.handle,
        key,
        message,
      );
      if (message.to !== undefined) this.overlay.carry(key, message.to, sealed);
      else this.overlay.announced(key, sealed);
      const topic = to ?? topicsOf(key, this.context.time.now())[1];
      const text = publishText(topic, sealed);
      for (const server of this.#servers.values()) if (server.open) server.channel?.send(text);
    }
  }

  #dial(device: DeviceId, session: SessionId, polite: boolean): void {
    const key = `${device}:${session}`;
    const create = this.context.ports.transport.createPeer;
    if (!create || this.#peers.has(key)) return;
    const link = this.network.open({ path: 'direct', expected: device }, (opening) => {
      const events = opening.channelEvents;
      const channel = create.call(this.context.ports.transport, polite, {
        ...events,
        signal: (payload) => this.#step({ type: 'signal', device, session, payload, now: this.#now }),
        routed: (route) => this.network.routed(opening, route),
      });
      this.#peers.set(key, { channel, link: opening });
      return channel;
    });
    void link;
  }

  /** Of this run. */
  get session(): SessionId {
    return this.#session;
  }
  /** Two who met without a server are linked: from here on like all others. */
  paired(link: Link, channel: PeerChannel, device: DeviceId, session: SessionId): void {
    this.#step({ type: 'paired', device, session, now: this.#now });
    this.#peers.set(`${device}:${session}`, { channel, link });
    this.linked(link);
  }

  linked(link: Link): void {
    for (const [key, peer] of this.#peers) {
      if (peer.link !== link) continue;
      const [device, session] = key.split(':') as [DeviceId, SessionId];
      this.#step({ type: 'linked', device, session, now: this.#now });
    }
  }
  unlinked(link: Link): void {
    for (const [key, peer] of [...this.#peers]) {
      if (peer.link !== link) continue;
      this.#peers.delete(key);
      const [device, session] = key.split(':') as [DeviceId, SessionId];
      this.#step({ type: 'lost', device, session, now: this.#now, random: this.#chance });
    }
  }
}
