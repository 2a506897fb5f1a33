/**
 * Signals between nodes, over the links that there are: this device's own, and what others have for each other. Where one goes,
 * `vm/net/forwarding` says. Nothing is opened here.
 */
import { decode, encode } from '../../base/codec';
import { type Carried, carriedCodec, Forwarding, type Linked, SIGNALS_FEATURE } from '../../vm/net/forwarding';
import type { DeviceId, SpaceId } from '../../vm/op/ids';
import type { KernelContext } from './context';
import type { Session } from './session';
import type { Space } from './space';

export const carries = ({ link }: Session): boolean => link.ready?.features.includes(SIGNALS_FEATURE) ?? false;

const mayCarry = (session: Session): boolean => session.theirIndex !== undefined && carries(session) && session.mayRead;

export type CarryingParts = {
  sessions(space: SpaceId): readonly Session[];
  /** Of two devices in the space. */
  rank(space: Space, a: DeviceId, b: DeviceId): number;
  /** It is for this device. */
  deliver(space: Space, sealed: Uint8Array<ArrayBuffer>): void;
};

export class Carrying {
  readonly #forwardings = new Map<SpaceId, Forwarding>();

  constructor(
    private readonly context: KernelContext,
    private readonly parts: CarryingParts,
  ) {}

  closed(space: SpaceId): void {
    this.#forwardings.delete(space);
  }
  told(space: Space, device: DeviceId, by: DeviceId): void {
    this.#forwarding(space.id).told(device, by);
  }

  send(space: Space, to: DeviceId, sealed: Uint8Array<ArrayBuffer>): void {
    const now = this.context.ports.clock.now();
    const { signal, to: devices } = this.#forwarding(space.id).begin(to, sealed, this.#linked(space, to), now);
    this.#pass(space, signal, devices);
  }
  /** False for what nobody sends who speaks this protocol. */
  received(session: Session, payload: Uint8Array): boolean {
    const { space, device } = session;
    const carried = decode(carriedCodec, payload);
    if (!carried.ok || !carries(session)) return false;
    const now = this.context.ports.clock.now();
    const linked = this.#linked(space, carried.value.to);
    const arrival = this.#forwarding(space.id).received(carried.value, device, linked, now);
    switch (arrival.type) {
      case 'deliver':
        this.parts.deliver(space, carried.value.sealed);
        return true;
      case 'forward':
        this.context.count('signals.forwarded');
        this.#pass(space, arrival.signal, arrival.to);
        return true;
      case 'drop':
        this.context.count(arrival.why === 'seen' ? 'ignored.signalSeen' : `refused.signal.${arrival.why}`);
        return arrival.why !== 'forged';
    }
  }

  #pass(space: Space, signal: Carried, to: readonly DeviceId[]): void {
    if (to.length === 0) return;
    const payload = encode(carriedCodec, signal);
    const sessions = this.parts.sessions(space.id);
    for (const device of to)
      sessions.find((session) => session.device === device && mayCarry(session))?.send('signal', payload);
  }
  /** Beacons first: most are linked to one. */
  #linked(space: Space, sought: DeviceId): Linked {
    let all: readonly Session[] | undefined;
    const sessions = () => {
      all ??= this.parts.sessions(space.id);
      return all;
    };
    const of = (device: DeviceId) => sessions().find((session) => session.device === device && mayCarry(session));
    return {
      has: (device) => of(device) !== undefined,
      devices: () => [
        ...new Set(
          sessions()
            .filter(mayCarry)
            .map(({ device }) => device),
        ),
      ],
      rank: (device) => (of(device)?.link.ready?.kind === 'beacon' ? -1 : this.parts.rank(space, device, sought)),
    };
  }
  #forwarding(space: SpaceId): Forwarding {
    const known = this.#forwardings.get(space) ?? new Forwarding(this.context.device.device);
    this.#forwardings.set(space, known);
    return known;
  }
}
