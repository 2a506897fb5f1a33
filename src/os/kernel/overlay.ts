/**
 * The overlay of all spaces: which of them are large, who of a large one is dialled, answered and left, and what nodes tell each other
 * of who is there. A link serves all spaces that both ends have in common; it goes when none of them needs it.
 */
import { equalBytes, fromUtf8, utf8 } from '../../base/bytes';
import type { Message } from '../../vm/net/frame';
import type { Gate } from '../../vm/net/rendezvous';
import type { SignalMessage } from '../../vm/net/signal';
import { decodeEntry, type Entry } from '../../vm/op/entry';
import type { DeviceId, SpaceId } from '../../vm/op/ids';
import type { Room } from '../../vm/overlay/view';
import { Carrying } from './carrying';
import type { KernelContext } from './context';
import { Crowd, speaks } from './crowd';
import type { Link } from './link';
import type { Meeting } from './meeting';
import type { MovingFacts } from './moving';
import type { Network } from './network';
import type { Came, Session } from './session';
import type { Space } from './space';
import { Telling } from './telling';

const TICK_MS = 1_000;
const KEEP_EVERY = 60;
const ANCHORS = 'anchors/';
/** Of links between tabs, in all spaces together; `network` closes those above 32. */
const SCARCE_AT = 24;
const NONE_AT = 30;

/** OV12. Links to beacons weigh nothing. */
const roomWith = (links: Iterable<Link>): Room => {
  let tabs = 0;
  for (const { ready } of links) if (ready?.kind !== 'beacon') tabs++;
  return tabs < SCARCE_AT ? 'wide' : tabs < NONE_AT ? 'scarce' : 'none';
};

export class Overlay {
  readonly #crowds = new Map<SpaceId, Crowd>();
  readonly #anchors = new Map<SpaceId, readonly DeviceId[]>();
  readonly #telling: Telling;
  readonly #carrying: Carrying;
  #ticks = 0;
  #stop: () => void = () => {};

  constructor(
    private readonly context: KernelContext,
    private readonly network: Network,
    private readonly meeting: () => Meeting,
    private readonly spaces: ReadonlyMap<SpaceId, Space>,
  ) {
    const sessions = (space: SpaceId): readonly Session[] => this.network.sessions(space);
    this.#telling = new Telling(context, {
      sessions,
      opened: (session, sealed) => this.meeting().told(roomsOf(session.space), sealed, session.device),
    });
    this.#carrying = new Carrying(context, {
      sessions,
      rank: (space, a, b) => this.#crowd(space).rank(a, b),
      deliver: (space, sealed) => void this.meeting().carried(roomsOf(space), sealed),
    });
  }

  async start(): Promise<void> {
    for (const { key, value } of await this.context.ports.storage.list('local', ANCHORS)) {
      const devices = fromUtf8(value).split(' ') as DeviceId[];
      this.#anchors.set(
        key.slice(ANCHORS.length) as SpaceId,
        devices.filter((device) => /^[0-9a-f]{64}$/.test(device)),
      );
    }
    this.#tick();
  }
  close(): void {
    this.#stop();
    for (const crowd of this.#crowds.values()) crowd.close();
  }
  closed(space: SpaceId): void {
    this.#crowds.get(space)?.close();
    this.#crowds.delete(space);
    this.#telling.closed(space);
    this.#carrying.closed(space);
    if (this.#anchors.delete(space))
      void this.context.ports.storage.write([{ table: 'local', key: ANCHORS + space }], 'relaxed');
  }

  get isCrowded(): boolean {
    for (const { isLarge } of this.#crowds.values()) if (isLarge) return true;
    return false;
  }
  /** Of large spaces. */
  get neighbourhoods(): ReturnType<MovingFacts['neighbourhoods']> {
    return [...this.#crowds.values()].flatMap((crowd) =>
      crowd.isLarge ? [{ space: crowd.space.id, ...crowd.neighbourhood }] : [],
    );
  }
  #crowd(space: Space): Crowd {
    const known = this.#crowds.get(space.id);
    if (known) return known;
    const crowd = new Crowd(
      this.context,
      space,
      {
        sessions: () => this.network.sessions(space.id),
        dial: (device) => {
          if (!this.meeting().seek(device)) crowd.lost(device);
        },
        leave: (device) => this.#leave(space, device),
        room: () => roomWith(this.network.links),
      },
      this.#anchors.get(space.id) ?? [],
    );
    this.#crowds.set(space.id, crowd);
    return crowd;
  }

  /** Its link goes, but for another space in which it is wanted. */
  #leave(space: Space, device: DeviceId): void {
    for (const { space: other, isLarge, view } of this.#crowds.values()) {
      const shared = this.#shared(other.id).some((session) => session.device === device);
      if (other !== space && shared && (!isLarge || view?.isNeighbour(device))) return;
    }
    this.meeting().part(device);
  }

  /** Where the other end holds the space as well. */
  #shared(space: SpaceId): readonly Session[] {
    return this.network.sessions(space).filter(({ theirIndex }) => theirIndex !== undefined);
  }

  // --- What happens --------------------------------------------------------------------------------------------

  spread(space: Space, entry: Entry, came: Came | undefined): void {
    // AR1, AR3, AR4.
    if (!space.rates.isHurried(entry.header.device, this.context.ports.clock.now(), came?.pushed === false))
      return this.#crowd(space).admitted(entry, came);
    this.#crowd(space).passedOver(entry);
    this.network.tellSoon(space, came === undefined);
  }
  pushed(session: Session, payload: Uint8Array, isHurried: boolean): void {
    const crowd = this.#crowd(session.space);
    const entry = crowd.isLarge ? decodeEntry(payload) : undefined;
    if (entry?.ok) crowd.pushed(entry.value, session, isHurried);
  }
  met(session: Session): void {
    const crowd = this.#crowd(session.space);
    crowd.met(session);
    this.#telling.met(session, crowd);
  }
  unlinked(link: Link): void {
    const device = link.ready?.device ?? link.options.expected;
    if (device) for (const crowd of this.#crowds.values()) crowd.lost(device);
  }
  /** It said what no sound node says. */
  rejected(device: DeviceId): void {
    for (const crowd of this.#crowds.values()) if (crowd.peer(device)) crowd.fault(device, 'invalid');
  }
  /** False for what nobody sends who speaks this protocol. */
  async received(session: Session, message: Message): Promise<boolean> {
    if (!speaks(session)) return false;
    if (!session.mayRead) return true;
    const crowd = this.#crowd(session.space);
    if (message.type === 'signal') return this.#carrying.received(session, message.payload);
    return message.type === 'presence'
      ? this.#telling.heard(session, crowd, message.payload)
      : crowd.received(session, message);
  }

  // --- Who is there, and what is said to whom ------------------------------------------------------------------

  /** What came by signaling, or was told by `via`, opened with the key of `room`. */
  gate(room: Uint8Array, message: SignalMessage, sealed: Uint8Array, via?: DeviceId): Gate {
    const space = this.#spaceOf(room);
    // To the room of a link comes whoever has the link.
    if (this.context.kind !== 'tab' || !space) return 'open';
    const { rights } = space.replica;
    const now = this.context.time.now();
    const user = rights.userOf(message.from);
    if (!user || rights.role(user, now) === 'none') return 'stranger';
    const crowd = this.#crowd(space);
    // Alone, our clock is only our own: theirs cannot be judged by it.
    const isAlone = this.#shared(space.id).length === 0;
    const at = isAlone && via === undefined ? now : message.time;
    crowd.heard(message.from, at, via);
    if (via !== undefined) this.#carrying.told(space, message.from, via);
    if (message.to === undefined && message.kind === 'announce') this.#telling.keep(space.id, message.from, sealed, at);
    if (!crowd.isLarge) return 'open';
    return message.to !== undefined && crowd.asked(message.from) ? 'pass' : 'heard';
  }
  /** What we say of ourselves is passed on as well. */
  announced(room: Uint8Array, sealed: Uint8Array): void {
    const space = this.#spaceOf(room);
    if (space) this.#telling.keep(space.id, this.context.device.device, sealed, this.context.time.now());
  }
  /** To another session of the space of that room, over the links that there are. */
  carry(room: Uint8Array, to: DeviceId, sealed: Uint8Array<ArrayBuffer>): void {
    const space = this.#spaceOf(room);
    if (space) this.#carrying.send(space, to, sealed);
  }
  #spaceOf(room: Uint8Array): Space | undefined {
    for (const space of this.spaces.values())
      if (space.replica.rights.roomKeys().some((key) => equalBytes(key, room))) return space;
    return undefined;
  }

  #tick(): void {
    this.#stop = this.context.ports.clock.after(TICK_MS, () => {
      this.#ticks++;
      this.#telling.tick(this.#crowds.values());
      for (const crowd of this.#crowds.values()) {
        crowd.tick();
        if (crowd.isLarge && this.#ticks % KEEP_EVERY === 0) this.#keepAnchors(crowd);
      }
      this.#tick();
    });
  }
  /** OV8. */
  #keepAnchors({ space, view }: Crowd): void {
    const anchors = view?.anchors ?? [];
    if (anchors.length === 0 || anchors.join() === this.#anchors.get(space.id)?.join()) return;
    this.#anchors.set(space.id, anchors);
    const value = utf8(anchors.join(' '));
    void this.context.ports.storage.write([{ table: 'local', key: ANCHORS + space.id, value }], 'relaxed');
  }
}

/** The keys of its rooms that are in use. */
const roomsOf = ({ replica }: Space): readonly Uint8Array[] => [...replica.rights.roomKeys()].slice(-2);
