/**
 * The overlay of all spaces: which of them are large, who of a large one is dialled, answered and left, and what nodes tell each other
 * of who is there. A link serves all spaces that both ends have in common; it goes when none of them needs it.
 */
import { equalBytes, fromUtf8, toHex, utf8 } from '../../base/bytes';
import { decode, encode } from '../../base/codec';
import type { Message } from '../../vm/net/frame';
import type { Gate } from '../../vm/net/rendezvous';
import type { SignalMessage } from '../../vm/net/signal';
import { decodeEntry, type Entry } from '../../vm/op/entry';
import type { DeviceId, SpaceId } from '../../vm/op/ids';
import { MAX_TOLD, presenceCodec } from '../../vm/overlay/messages';
import type { KernelContext } from './context';
import { Crowd, speaks } from './crowd';
import type { Link } from './link';
import type { Meeting } from './meeting';
import type { Network } from './network';
import type { Session } from './session';
import type { Space } from './space';

const TICK_MS = 1_000;
const TELL_EVERY = 10;
const KEEP_EVERY = 60;
/** Who tells of others more often than this is not heard. */
const TOLD_GAP_MS = 5_000;
const MAX_ANNOUNCEMENTS = 128;
const MAX_OPENED = 512;
const ANCHORS = 'anchors/';

type Announced = { readonly sealed: Uint8Array<ArrayBuffer>; readonly at: number };

export class Overlay {
  readonly #crowds = new Map<SpaceId, Crowd>();
  readonly #anchors = new Map<SpaceId, readonly DeviceId[]>();
  /** By space and device: what it said last of being there, as it is passed on. */
  readonly #announced = new Map<SpaceId, Map<DeviceId, Announced>>();
  /** Announcements that were opened already. */
  readonly #opened = new Set<string>();
  readonly #toldAt = new WeakMap<Session, number>();
  #ticks = 0;
  #stop: () => void = () => {};

  constructor(
    private readonly context: KernelContext,
    private readonly network: Network,
    private readonly meeting: () => Meeting,
    private readonly spaces: ReadonlyMap<SpaceId, Space>,
  ) {}

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
    this.#announced.delete(space);
    if (this.#anchors.delete(space))
      void this.context.ports.storage.write([{ table: 'local', key: ANCHORS + space }], 'relaxed');
  }

  get isCrowded(): boolean {
    for (const { isLarge } of this.#crowds.values()) if (isLarge) return true;
    return false;
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

  spread(space: Space, entry: Entry, from: unknown): void {
    this.#crowd(space).admitted(entry, from);
  }
  pushed(session: Session, payload: Uint8Array): void {
    const crowd = this.#crowd(session.space);
    const entry = crowd.isLarge ? decodeEntry(payload) : undefined;
    if (entry?.ok) crowd.pushed(entry.value, session);
  }
  met(session: Session): void {
    this.#crowd(session.space).met(session);
  }
  unlinked(link: Link): void {
    const device = link.ready?.device ?? link.options.expected;
    if (device) for (const crowd of this.#crowds.values()) crowd.lost(device);
  }
  /** False for what nobody sends who speaks this protocol. */
  async received(session: Session, message: Message): Promise<boolean> {
    if (!speaks(session)) return false;
    if (!session.mayRead) return true;
    return message.type === 'presence'
      ? this.#told(session, message.payload)
      : this.#crowd(session.space).received(session, message);
  }

  // --- Who is there --------------------------------------------------------------------------------------------

  /** What came by signaling, or was told by `via`, opened with the key of `room`. */
  gate(room: Uint8Array, message: SignalMessage, sealed: Uint8Array, via?: DeviceId): Gate {
    const space = this.#spaceOf(room);
    if (this.context.kind !== 'tab' || !space?.replica.rights.userOf(message.from)) return 'open';
    const crowd = this.#crowd(space);
    const now = this.context.time.now();
    // Alone, our clock is only our own: theirs cannot be judged by it.
    const isAlone = this.#shared(space.id).length === 0;
    const at = isAlone && via === undefined ? now : message.time;
    crowd.heard(message.from, at, via);
    if (message.to === undefined && message.kind === 'announce') this.#keep(space.id, message.from, sealed, at);
    if (!crowd.isLarge) return 'open';
    return message.to !== undefined && crowd.asked(message.from) ? 'pass' : 'heard';
  }
  /** What we say of ourselves is passed on as well. */
  announced(room: Uint8Array, sealed: Uint8Array): void {
    const space = this.#spaceOf(room);
    if (space) this.#keep(space.id, this.context.device.device, sealed, this.context.time.now());
  }
  #spaceOf(room: Uint8Array): Space | undefined {
    for (const space of this.spaces.values())
      if (space.replica.rights.roomKeys().some((key) => equalBytes(key, room))) return space;
    return undefined;
  }
  #keep(space: SpaceId, device: DeviceId, sealed: Uint8Array, at: number): void {
    const byDevice = this.#announced.get(space) ?? new Map<DeviceId, Announced>();
    this.#announced.set(space, byDevice);
    if ((byDevice.get(device)?.at ?? 0) > at) return;
    byDevice.delete(device);
    byDevice.set(device, { sealed: sealed.slice(), at });
    for (const oldest of byDevice.keys()) {
      if (byDevice.size <= MAX_ANNOUNCEMENTS) break;
      byDevice.delete(oldest);
    }
  }

  async #told(session: Session, payload: Uint8Array): Promise<boolean> {
    const told = decode(presenceCodec, payload);
    if (!told.ok) return false;
    const now = this.context.ports.clock.now();
    const crowd = this.#crowd(session.space);
    if (Math.abs(now - (this.#toldAt.get(session) ?? Number.NEGATIVE_INFINITY)) < TOLD_GAP_MS) {
      crowd.fault(session.device, 'rate');
      return true;
    }
    this.#toldAt.set(session, now);
    const rooms = [...session.space.replica.rights.roomKeys()].slice(-2);
    for (const sealed of told.value) {
      const name = toHex(sealed.subarray(0, 16));
      if (this.#opened.has(name)) continue;
      this.#opened.add(name);
      for (const oldest of this.#opened) {
        if (this.#opened.size <= MAX_OPENED) break;
        this.#opened.delete(oldest);
      }
      await this.meeting().told(rooms, sealed, session.device);
    }
    return true;
  }
  /** To one neighbour: those of its best ranks, and those heard of last. */
  #tell(crowd: Crowd): void {
    const sessions = this.network
      .sessions(crowd.space.id)
      .filter((each) => speaks(each) && crowd.view?.isNeighbour(each.device));
    const [byte = 0] = this.context.ports.random.bytes(1);
    const session = sessions[byte % Math.max(1, sessions.length)];
    const byDevice = this.#announced.get(crowd.space.id);
    if (!session || !byDevice || !crowd.view) return;
    const limit = this.context.time.now() - crowd.view.rules.freshMs;
    const fresh = [...byDevice].filter(([device, { at }]) => at > limit && device !== session.device);
    const best = fresh
      .map(([device, announced]) => ({ announced, rank: crowd.rank(session.device, device) }))
      .sort((a, b) => a.rank - b.rank)
      .slice(0, MAX_TOLD / 2);
    const last = fresh.slice(-MAX_TOLD / 2).map(([, announced]) => announced);
    const told = new Set([...best.map(({ announced }) => announced.sealed), ...last.map(({ sealed }) => sealed)]);
    if (told.size > 0) session.send('presence', encode(presenceCodec, [...told]));
  }

  #tick(): void {
    this.#stop = this.context.ports.clock.after(TICK_MS, () => {
      this.#ticks++;
      for (const crowd of this.#crowds.values()) {
        crowd.tick();
        if (crowd.isLarge && this.#ticks % TELL_EVERY === 0) this.#tell(crowd);
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
