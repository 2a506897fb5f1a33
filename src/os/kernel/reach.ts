/**
 * Where this node is to be found and finds others: the links it takes, the beacons it dials, the rooms of signaling in which
 * it meets other tabs. Whoever is reached is judged by the handshake and the rights, not here.
 *
 * HO1 one space has a tab dial at most eight beacons, and links to beacons take none of the links between tabs: no Admin of one
 *     space takes the beacons of another away, or its neighbours.
 */
import type { Transport } from '../../ports';
import type { SpaceId } from '../../vm/op/ids';
import type { InviteLink } from '../rights/invite';
import type { BeaconAddress, Beacons } from './beacons';
import type { Link } from './link';
import type { Meeting } from './meeting';
import type { Network } from './network';
import type { KernelOptions } from './options';
import type { Pairing } from './pairing';
import type { Space } from './space';

/** Beacons of one space that are dialled. */
const MAX_NAMED = 8;

export type ReachParts = {
  readonly transport: Transport;
  readonly network: Network;
  readonly beacons: Beacons;
  readonly meeting: Meeting;
  readonly pairing: Pairing;
  readonly spaces: ReadonlyMap<SpaceId, Space>;
};

export class Reach {
  #online = true;
  #stopListening: () => void = () => {};

  constructor(
    private readonly parts: ReachParts,
    private readonly options: Pick<KernelOptions, 'kind' | 'links' | 'beacon' | 'signaling' | 'hosting'>,
  ) {}

  get online(): boolean {
    return this.#online;
  }

  start(): void {
    const { transport, network, beacons, meeting, spaces } = this.parts;
    this.#stopListening =
      transport.listen?.((channel, origin) => {
        const local = this.options.hosting?.isLocal(channel) ?? false;
        return network.open({ path: 'relayed', local, network: origin }, () => channel).channelEvents;
      }) ?? (() => {});
    if (this.options.kind !== 'tab') return;
    meeting.addServers(this.options.signaling ?? []);
    if (this.options.beacon) beacons.know(this.options.beacon);
    for (const space of spaces.values()) this.knowRelays(space);
    beacons.setOnline(true);
    if (this.options.links === 'any') meeting.start();
  }
  stop(): void {
    this.#stopListening();
    this.parts.pairing.close();
    this.parts.meeting.stop();
    this.parts.beacons.close();
  }

  /** False when it was so already. */
  setOnline(online: boolean): boolean {
    if (this.#online === online) return false;
    this.#online = online;
    const { network, beacons, meeting, pairing } = this.parts;
    beacons.setOnline(online);
    if (online) {
      if (this.options.links === 'any') meeting.start();
    } else {
      pairing.stop();
      meeting.stop();
      for (const link of [...network.links]) link.close('offline');
    }
    return true;
  }

  linked(link: Link): void {
    this.parts.meeting.linked(link);
    this.parts.pairing.linked(link);
    this.parts.beacons.linked(link);
  }
  unlinked(link: Link): void {
    this.parts.meeting.unlinked(link);
    this.parts.pairing.unlinked(link);
    this.parts.beacons.unlinked(link);
  }

  /** A beacon that keeps something of this person's. */
  know(beacon: BeaconAddress): void {
    this.parts.beacons.know(beacon);
  }
  /** A link says where its space is to be found. */
  sought(link: InviteLink): void {
    for (const { url, device } of link.beacons) this.parts.beacons.know({ url, device });
    if (this.options.links !== 'any') return;
    this.parts.meeting.addServers(link.signaling);
    this.refresh();
  }
  /** HO1: the beacons that a space names, those first that were granted first. */
  knowRelays(space: Space): void {
    for (const { url, device } of [...space.replica.rights.relays().values()].slice(0, MAX_NAMED))
      this.parts.beacons.know({ url, device });
  }
  /** Rooms changed. */
  refresh(): void {
    if (this.options.links === 'any') this.parts.meeting.refresh();
  }
}
