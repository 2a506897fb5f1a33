/**
 * Who is there, as nodes tell each other: the announcements of signaling, sealed as they came. In a small space and at a beacon to
 * all who are linked, each announcement once; in a large one to one neighbour at a time. A beacon cannot open them: it keeps, of each
 * device that is linked, the one that it told first.
 *
 * Limits: 128 kept of a space, 8 in one frame, a frame in 5 s.
 */

import { decode, encode } from '../../base/codec';
import { setLatest } from '../../base/latest';
import type { DeviceId, SpaceId } from '../../vm/op/ids';
import { MAX_TOLD, presenceCodec } from '../../vm/overlay/messages';
import { carries } from './carrying';
import type { KernelContext } from './context';
import { type Crowd, speaks } from './crowd';
import type { Session } from './session';

const TICKS_CROWDED = 10;
const TICKS = 30;
/** Who tells more often than this is not heard; who tells leaves twice the time. */
const TOLD_GAP_MS = 5_000;
const MAX_ANNOUNCEMENTS = 128;
/** In a small space announcements are half a minute apart. */
const FRESH_MS = 45_000;

type Announced = { readonly sealed: Uint8Array<ArrayBuffer>; readonly at: number };
export type TellingParts = {
  sessions(space: SpaceId): readonly Session[];
  /** With the room keys of the session's space. */
  opened(session: Session, sealed: Uint8Array): Promise<void>;
};

export class Telling {
  /** By space and device: what it said last of being there, as it is passed on. */
  readonly #announced = new Map<SpaceId, Map<DeviceId, Announced>>();
  readonly #heardAt = new WeakMap<Session, number>();
  readonly #saidAt = new WeakMap<Session, number>();
  /** What was told on a session already. */
  readonly #said = new WeakMap<Session, WeakSet<Uint8Array>>();
  #ticks = 0;

  constructor(
    private readonly context: KernelContext,
    private readonly parts: TellingParts,
  ) {}

  closed(space: SpaceId): void {
    this.#announced.delete(space);
  }
  /** `at` by the time of the network. */
  keep(space: SpaceId, device: DeviceId, sealed: Uint8Array, at: number): void {
    const byDevice = this.#announced.get(space) ?? new Map<DeviceId, Announced>();
    this.#announced.set(space, byDevice);
    if ((byDevice.get(device)?.at ?? 0) > at) return;
    setLatest(byDevice, device, { sealed: sealed.slice(), at }, MAX_ANNOUNCEMENTS);
  }

  /** False for what nobody sends who speaks this protocol. */
  async heard(session: Session, crowd: Crowd, payload: Uint8Array): Promise<boolean> {
    const told = decode(presenceCodec, payload);
    if (!told.ok) return false;
    const now = this.context.ports.clock.now();
    if (Math.abs(now - (this.#heardAt.get(session) ?? Number.NEGATIVE_INFINITY)) < TOLD_GAP_MS) {
      crowd.fault(session.device, 'rate');
      return true;
    }
    this.#heardAt.set(session, now);
    const [own] = told.value;
    if (this.context.kind === 'beacon') {
      if (own) this.keep(session.space.id, session.device, own, this.context.time.now());
      return true;
    }
    for (const sealed of told.value) await this.parts.opened(session, sealed);
    return true;
  }

  /** Both hold the space on a link: whoever came knows nobody yet. */
  met(session: Session, crowd: Crowd): void {
    if (this.#isToldAll(session, crowd)) this.#tell(session, crowd);
  }
  /** Each second. */
  tick(crowds: Iterable<Crowd>): void {
    this.#ticks++;
    for (const crowd of crowds) {
      const sessions = this.parts.sessions(crowd.space.id);
      if (crowd.isLarge && crowd.view && this.#ticks % TICKS_CROWDED === 0) {
        const neighbours = sessions.filter((each) => speaks(each) && crowd.view?.isNeighbour(each.device));
        const [byte = 0] = this.context.ports.random.bytes(1);
        const session = neighbours[byte % Math.max(1, neighbours.length)];
        if (session) this.#tell(session, crowd);
      }
      if (this.#ticks % TICKS === 0)
        for (const session of sessions) if (this.#isToldAll(session, crowd)) this.#tell(session, crowd);
    }
  }
  #isToldAll(session: Session, crowd: Crowd): boolean {
    const isOne = this.context.kind === 'beacon' || session.link.ready?.kind === 'beacon';
    return session.theirIndex !== undefined && carries(session) && session.mayRead && (isOne || !crowd.isLarge);
  }

  #tell(session: Session, crowd: Crowd): void {
    const now = this.context.ports.clock.now();
    if (Math.abs(now - (this.#saidAt.get(session) ?? Number.NEGATIVE_INFINITY)) < 2 * TOLD_GAP_MS) return;
    const told = this.#worthTelling(session, crowd);
    if (told.length === 0 || !session.send('presence', encode(presenceCodec, told))) return;
    this.#saidAt.set(session, now);
    const said = this.#said.get(session) ?? new WeakSet();
    this.#said.set(session, said);
    for (const sealed of told) said.add(sealed);
  }
  #worthTelling(session: Session, crowd: Crowd): readonly Uint8Array<ArrayBuffer>[] {
    const byDevice = this.#announced.get(crowd.space.id) ?? new Map<DeviceId, Announced>();
    const self = this.context.device.device;
    if (session.link.ready?.kind === 'beacon') {
      const own = byDevice.get(self)?.sealed;
      return own && !this.#said.get(session)?.has(own) ? [own] : [];
    }
    const limit = this.context.time.now() - (crowd.isLarge && crowd.view ? crowd.view.rules.freshMs : FRESH_MS);
    const linked = new Set(this.parts.sessions(crowd.space.id).map(({ device }) => device));
    const fresh = [...byDevice].filter(
      ([device, { at }]) =>
        device !== session.device && (this.context.kind === 'beacon' ? linked.has(device) : at > limit),
    );
    if (!crowd.isLarge || !crowd.view) {
      const said = this.#said.get(session);
      return fresh
        .map(([, { sealed }]) => sealed)
        .filter((sealed) => !said?.has(sealed))
        .slice(-MAX_TOLD);
    }
    // Those of its best ranks, and those heard of last.
    const best = fresh
      .map(([device, { sealed }]) => ({ sealed, rank: crowd.rank(session.device, device) }))
      .sort((a, b) => a.rank - b.rank)
      .slice(0, MAX_TOLD / 2);
    const last = fresh.slice(-MAX_TOLD / 2).map(([, { sealed }]) => sealed);
    return [...new Set([...best.map(({ sealed }) => sealed), ...last])];
  }
}
