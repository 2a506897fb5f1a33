/**
 * A tab's side of hosting: sees to it that the beacons which are linked keep its spaces. A beacon is asked when it holds a
 * grant; the page's own is given one by an Owner or Admin. What beacons answered is in `asking.ts`, their side in `hosting.ts`.
 *
 * HO2 it grants once: what was taken back, or does not count, it does not grant again by itself.
 */
import { encode } from '../../base/codec';
import { encodeEntry } from '../../vm/op/entry';
import type { DeviceId, SpaceId } from '../../vm/op/ids';
import { hostCodec } from '../../vm/sync/messages';
import type { View } from '../schema/define';
import { HostAsks, joinCodeFor } from './asking';
import type { BeaconAddress } from './beacons';
import type { KernelContext } from './context';
import type { HostReason } from './hosting';
import type { Link } from './link';
import type { Network } from './network';
import type { Space } from './space';

/** Entries of the rights log in one question; the beacon takes the rest by reconciliation, once it knows the space. */
const MAX_RIGHTS = 64;

/** The rights log in an order in which each entry comes after those it cites. */
const rightsOf = (space: Space): Uint8Array<ArrayBuffer>[] =>
  space.replica.rights.ids().flatMap((id) => {
    const entry = space.replica.entries.get(id);
    return entry ? [encodeEntry(entry)] : [];
  });

const wasTakenBack = ({ replica: { rights } }: Space, device: DeviceId): boolean =>
  rights
    .history()
    .some(({ item, counts }) => counts && item.acts.some((act) => act.type === 'unrelay' && act.device === device));

export type TenancyFacts = {
  readonly spaces: ReadonlyMap<SpaceId, Space>;
  readonly view: Pick<View, 'personal'>;
  /** The beacon that the page came from. */
  readonly beacon: (BeaconAddress & { readonly name: string }) | undefined;
  isSeeking(space: SpaceId): boolean;
};

export class Tenancy {
  readonly asks = new HostAsks();
  /** Spaces in which a grant was signed, or is being signed. */
  readonly #granted = new Set<SpaceId>();

  constructor(
    private readonly context: KernelContext,
    private readonly network: Network,
    private readonly facts: TenancyFacts,
    private readonly changed: () => void,
  ) {}

  /** Sees to it that the linked beacon keeps the space: grants it, and asks. */
  async host(space: Space, link: Link): Promise<void> {
    const { beacon } = this.facts;
    const { identity } = this.context;
    const device = link.ready?.device as DeviceId;
    if (!identity || !space.replica.rights.genesis() || this.facts.isSeeking(space.id)) return;
    const role = space.replica.rights.role(identity.user, space.replica.now());
    if (!space.replica.rights.relays().has(device)) {
      if (beacon?.device !== device || (role !== 'owner' && role !== 'admin')) return;
      if (this.#granted.has(space.id) || wasTakenBack(space, device)) return;
      this.#granted.add(space.id);
      const granted = await space.act('acl', [{ type: 'relay', device, url: beacon.url, name: beacon.name }]);
      if (!granted.ok) {
        this.#granted.delete(space.id);
        return;
      }
    }
    if (this.network.session(link, space.id)?.theirIndex !== undefined || role === 'none') return;
    const joinCode = joinCodeFor(this.facts.view, device);
    this.asks.asked(device, space.id, joinCode !== '');
    this.changed();
    const rights = rightsOf(space).slice(0, MAX_RIGHTS);
    link.send('host', encode(hostCodec, { space: space.id, joinCode, rights }));
  }
  /** On all beacons that are linked. */
  hostEverywhere(space: Space): void {
    for (const link of this.network.links) if (link.ready?.kind === 'beacon') void this.host(space, link);
  }
  /** Whoever came in as an Admin, or became one, may grant it to the page's own beacon now. */
  rightsChanged(space: Space): void {
    const { beacon } = this.facts;
    if (!beacon || space.replica.rights.relays().has(beacon.device)) return;
    for (const link of this.network.links) if (link.ready?.device === beacon.device) void this.host(space, link);
  }
  /** With a new join code. Spaces that the beacon keeps are not asked for. */
  hostAgain(device: DeviceId): void {
    for (const link of this.network.links) {
      if (link.ready?.kind !== 'beacon' || link.ready.device !== device) continue;
      for (const space of this.facts.spaces.values()) void this.host(space, link);
    }
  }

  answered(link: Link, answer: { space: SpaceId; accepted: boolean; reason: HostReason }): void {
    if (!link.ready || !this.asks.answered(link.ready.device, answer.space, answer.reason))
      return this.context.count('ignored.hostAnswer');
    this.changed();
  }
  /** The other side takes part in the space. */
  met(link: Link, space: SpaceId): void {
    const device = link.ready?.device;
    if (device && this.asks.kept(device, space)) this.changed();
  }
  unlinked(link: Link): void {
    if (link.ready) this.asks.unlinked(link.ready.device);
  }
}
