/**
 * One space on the overlay: its view says who is a neighbour, its broadcast where a new entry goes; here both meet the sessions. In a
 * small space every session gets every entry, as it comes. It opens no link and reads no entry.
 */
import { TokenBucket } from '../../base/bucket';
import { decode, encode } from '../../base/codec';
import type { Message } from '../../vm/net/frame';
import type { Entry } from '../../vm/op/entry';
import type { DeviceId, EntryId, LogId } from '../../vm/op/ids';
import type { Fault } from '../../vm/overlay/blame';
import { Broadcast, type BroadcastOutput, type Place } from '../../vm/overlay/broadcast';
import { graftCodec, ihaveCodec, LogNames, neighbourCodec, OVERLAY_FEATURE } from '../../vm/overlay/messages';
import { rankOf, saltOf } from '../../vm/overlay/rank';
import { METERED_RULES, type Room, VIEW_RULES, View, type ViewOutput } from '../../vm/overlay/view';
import type { KernelContext } from './context';
import type { Came, Session } from './session';
import type { Space } from './space';

/** A space is large from more others than this, and small again below the second figure. */
const LARGE = VIEW_RULES.active;
const SMALL = 6;
/** Of one peer: whether it is a neighbour. */
const TURNS_PER_SECOND = 1;
/** Of one log, asked for at once. */
const MAX_GIVEN = 64;
const NO_ROOM = new Uint8Array();

export type CrowdEvents = {
  sessions(): readonly Session[];
  dial(device: DeviceId): void;
  /** This space needs its link no more. */
  leave(device: DeviceId): void;
  room(): Room;
};

export const speaks = ({ link }: Session): boolean => link.ready?.features.includes(OVERLAY_FEATURE) ?? false;

export class Crowd {
  /** Absent on a beacon: it takes everybody who may read. */
  readonly view: View | undefined;
  readonly #broadcast = new Broadcast<Session, LogId>(() => this.#chance());
  readonly #names = new WeakMap<Session, LogNames>();
  readonly #turns = new WeakMap<Session, TokenBucket>();
  /** No neighbours, and yet served: newcomers that nobody takes yet. */
  readonly #served = new Set<Session>();
  #wakesAt = Number.POSITIVE_INFINITY;
  #stop: () => void = () => {};
  isLarge = false;
  /** Of the ranks, until the next tick: a week may end meanwhile. */
  #salt: { readonly room: Uint8Array; readonly salt: Uint8Array } | undefined;

  constructor(
    private readonly context: KernelContext,
    readonly space: Space,
    private readonly events: CrowdEvents,
    anchors: readonly DeviceId[],
  ) {
    this.view = context.kind === 'tab' ? new View(context.metered ? METERED_RULES : VIEW_RULES, anchors) : undefined;
  }
  close(): void {
    this.#stop();
  }

  /** Who is near, and whether entries are pushed to them. */
  get neighbourhood(): {
    readonly known: number;
    readonly neighbours: readonly { readonly device: DeviceId; readonly isEager: boolean }[];
  } {
    const neighbours = (this.view?.neighbours ?? []).map((device) => ({
      device,
      isEager: this.#sessionsOf(device).some((session) => this.#broadcast.modeOf(session) === 'eager'),
    }));
    return { known: this.view?.others(this.#date) ?? 0, neighbours };
  }

  get #now(): number {
    return this.context.ports.clock.now();
  }
  /** Presence is dated by the network's time. */
  get #date(): number {
    return this.context.time.now();
  }
  readonly #chance = (): number => (this.context.ports.random.bytes(1)[0] ?? 0) / 256;

  // --- The view ------------------------------------------------------------------------------------------------

  /** As far as rights know it. */
  peer(device: DeviceId): { readonly device: DeviceId; readonly user: string; readonly rank: number } | undefined {
    const { rights } = this.space.replica;
    const user = rights.userOf(device);
    const room = rights.roomKeys().at(-1);
    if (user === undefined || room === undefined || device === this.context.device.device) return undefined;
    return { device, user, rank: this.rank(this.context.device.device, device) };
  }
  rank(a: DeviceId, b: DeviceId): number {
    const room = this.space.replica.rights.roomKeys().at(-1) ?? NO_ROOM;
    if (this.#salt?.room !== room) this.#salt = { room, salt: saltOf(room, this.#date) };
    return rankOf(this.#salt.salt, a, b);
  }
  heard(device: DeviceId, at: number, via?: DeviceId): void {
    const peer = this.peer(device);
    if (peer) this.view?.heard({ ...peer, at, via }, this.#date);
  }
  asked(device: DeviceId): boolean {
    const peer = this.peer(device);
    if (this.view) this.view.room = this.events.room();
    return peer !== undefined && (this.view?.asked(peer, this.#date) ?? true);
  }
  met(session: Session): void {
    const peer = session.link.ready?.kind === 'beacon' ? undefined : this.peer(session.device);
    const others = this.#sessionsOf(session.device).some((other) => other !== session);
    if (peer && this.view && !others) this.#perform(this.view.met(peer, speaks(session), this.#date));
    this.sync();
  }
  /** Links fell, or a dial came to nothing. */
  lost(device: DeviceId): void {
    if (this.#sessionsOf(device).length === 0) this.view?.lost(device, this.#date, this.#chance());
    this.sync();
  }
  tick(): void {
    this.#salt = undefined;
    this.sync();
    if (this.view) this.view.room = this.events.room();
    if (this.isLarge && this.view) this.#perform(this.view.tick(this.#date, this.#chance));
    for (const session of this.events.sessions())
      if (session.link.rttMs !== undefined) this.#broadcast.measured(session, session.link.rttMs);
    this.#do(this.#broadcast.tick(this.#now));
  }
  #sessionsOf(device: DeviceId): readonly Session[] {
    return this.events.sessions().filter((session) => session.device === device && session.theirIndex !== undefined);
  }

  /** Who gets what is new: all, or in a large space beacons, neighbours, and nodes that know nothing of neighbours. */
  sync(): void {
    const sessions = this.events.sessions().filter(({ theirIndex }) => theirIndex !== undefined);
    const others = this.view ? this.view.others(this.#date) : sessions.length;
    this.isLarge = others > (this.isLarge ? SMALL : LARGE);
    this.#broadcast.isTree = this.isLarge && !this.context.floods;
    const gets = (session: Session): boolean =>
      !this.isLarge ||
      !this.view ||
      !speaks(session) ||
      session.link.ready?.kind === 'beacon' ||
      this.view.isNeighbour(session.device);
    const known = new Set(sessions);
    for (const session of sessions) {
      const isUp = this.#broadcast.modeOf(session) !== undefined;
      if (gets(session)) {
        this.#served.delete(session);
        if (!isUp) this.#broadcast.up(session, speaks(session), this.#now);
      } else if (isUp && !this.#served.has(session)) this.#do(this.#broadcast.down(session));
    }
    for (const session of [...this.#broadcast.peers])
      if (!known.has(session)) {
        this.#names.delete(session);
        this.#served.delete(session);
        this.#do(this.#broadcast.down(session));
      }
  }

  #perform(outputs: readonly ViewOutput[]): void {
    for (const output of outputs) {
      const [session] = this.#sessionsOf(output.device);
      switch (output.type) {
        case 'dial':
          if (session) this.met(session);
          else this.events.dial(output.device);
          break;
        case 'say':
          if (session) session.send('neighbour', encode(neighbourCodec, { taken: output.taken }));
          break;
        case 'lean':
          if (!session || !this.isLarge) break;
          this.#served.add(session);
          this.#do(this.#broadcast.lean(session, this.#now));
          break;
        case 'neighbour':
          this.sync();
          break;
        case 'leave':
          if (this.isLarge) this.events.leave(output.device);
      }
    }
  }

  // --- Entries -------------------------------------------------------------------------------------------------

  /** It is part of the space now. */
  admitted(entry: Entry, came: Came | undefined): void {
    const peer = this.events.sessions().find((session) => session === came?.by);
    this.#do(this.#broadcast.admitted(placeOf(entry), peer, this.#now), came?.pushed === false);
  }
  /** It goes on by reconciliation alone. */
  passedOver(entry: Entry): void {
    this.#broadcast.passedOver(placeOf(entry));
  }
  /** Before it is looked into. */
  pushed(entry: Entry, from: Session, isHurried: boolean): void {
    if (!this.isLarge) return;
    if (isHurried) return this.passedOver(entry);
    this.#do(this.#broadcast.came(placeOf(entry), from, this.space.replica.entries.has(entry.id), this.#now));
  }
  /** False for what nobody sends who speaks this protocol. */
  received(session: Session, { type, payload }: Message): boolean {
    switch (type) {
      case 'neighbour': {
        const said = decode(neighbourCodec, payload);
        if (said.ok && !this.#mayTurn(session)) this.fault(session.device, 'rate');
        else if (said.ok && this.view)
          this.#perform(this.view.said(session.device, said.value.taken, this.#date, this.#chance()));
        return said.ok;
      }
      case 'ihave': {
        const announcement = decode(ihaveCodec, payload);
        const logs = announcement.ok ? this.#namesOf(session).understand(announcement.value) : undefined;
        const lengthOf = (log: LogId): number => this.space.replica.logs.get(log)?.length ?? 0;
        if (logs) this.#do(this.#broadcast.announced(session, logs, lengthOf, this.#now));
        return logs !== undefined;
      }
      case 'graft': {
        const asks = decode(graftCodec, payload);
        if (!asks.ok) return false;
        if (this.#broadcast.modeOf(session) === undefined) this.#served.add(session);
        this.#do(this.#broadcast.grafted(session, this.#namesOf(session).asked(asks.value), this.#now));
        return true;
      }
      case 'prune':
        this.#do(this.#broadcast.pruned(session, this.#now));
        return payload.length === 0;
      default:
        return false;
    }
  }
  /** OV13. */
  #mayTurn(session: Session): boolean {
    const turns = this.#turns.get(session) ?? new TokenBucket(TURNS_PER_SECOND, 10, this.#now);
    this.#turns.set(session, turns);
    return turns.take(this.#now);
  }
  fault(device: DeviceId, what: Fault): void {
    this.context.count(`overlay.${what}`);
    if (this.view) this.#perform(this.view.fault(device, what, this.#date));
  }
  #namesOf(session: Session): LogNames {
    const names = this.#names.get(session) ?? new LogNames();
    this.#names.set(session, names);
    return names;
  }

  /** `pulled`: what is pushed came by reconciliation. */
  #do(outputs: readonly BroadcastOutput<Session, LogId>[], pulled = false): void {
    const { replica } = this.space;
    for (const output of outputs) {
      const { peer } = output;
      switch (output.type) {
        case 'push': {
          const entry = replica.entries.get(output.id as EntryId);
          if (entry) peer.pass(entry, pulled);
          break;
        }
        case 'ihave': {
          if (!peer.mayRead) break;
          const { announcement, undo } = this.#namesOf(peer).announce(output.logs);
          if (!peer.send('ihave', encode(ihaveCodec, announcement))) undo();
          break;
        }
        case 'graft':
          peer.send('graft', encode(graftCodec, this.#namesOf(peer).ask(output.asks)));
          break;
        case 'prune':
          peer.send('prune', new Uint8Array());
          break;
        case 'give':
          for (const { log, from, to } of output.asks)
            for (const entry of replica.logs.get(log)?.slice(from, Math.min(to + 1, from + MAX_GIVEN)) ?? [])
              if (replica.isDurable(entry) && !entry.shelved) peer.pass(entry);
          break;
        case 'fault':
          this.fault(peer.device, output.what);
      }
    }
    this.#arm();
  }
  #arm(): void {
    const { wakeAt } = this.#broadcast;
    if (wakeAt >= this.#wakesAt) return;
    this.#stop();
    this.#wakesAt = wakeAt;
    this.#stop = this.context.ports.clock.after(Math.max(0, wakeAt - this.#now), () => {
      this.#wakesAt = Number.POSITIVE_INFINITY;
      this.#do(this.#broadcast.tick(this.#now));
    });
  }
}

const placeOf = ({ id, log, header }: Entry): Place<LogId> => ({ id, log, seq: header.seq });
