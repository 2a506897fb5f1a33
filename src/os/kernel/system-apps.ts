/**
 * The applications of the system itself, and which part answers what each of them asks. They are declared before there are any
 * parts, so all is asked for when a query or a command runs.
 */

import type { SpaceId } from '../../vm/op/ids';
import type { App, View } from '../schema/define';
import { systemTypes } from '../schema/system';
import { accessApp } from './access';
import type { Beacons } from './beacons';
import type { BlobExchange } from './blobs';
import type { Circuits } from './circuits';
import type { Codes } from './codes';
import type { Commands } from './commands';
import type { KernelContext } from './context';
import type { Documents } from './documents';
import { erasuresApp } from './erasures';
import type { Eviction } from './eviction';
import type { Exchange } from './exchange';
import { exchangeApp } from './exchanging';
import type { Exporting } from './exporting';
import type { Fetching } from './fetching';
import { linkedPeers, unreadIn } from './figures';
import type { Files } from './files';
import { findApp } from './finding';
import type { Forgetting } from './forgetting';
import { heldApp } from './held';
import { historyApp } from './history';
import type { Holdings } from './holdings';
import { invitationsApp } from './invitations';
import type { Invites } from './invites';
import type { Joins } from './joins';
import type { Meeting } from './meeting';
import type { Membership } from './membership';
import { type Merges, mergesApp } from './merges';
import { movingApp } from './moving';
import { blobOf } from './named-blobs';
import { namingApp } from './naming';
import type { Network } from './network';
import { networkApp } from './networking';
import type { Oneself } from './oneself';
import type { KernelOptions } from './options';
import type { Overlay } from './overlay';
import type { Pairing } from './pairing';
import { pairingApp } from './pairing-calls';
import type { Pasts } from './pasts';
import { peopleApp } from './people';
import { placesApp } from './places';
import { EVERYWHERE, type Presence } from './presence';
import { systemApp } from './queries';
import type { Reach } from './reach';
import { reportsApp } from './reports';
import type { Room } from './room';
import type { Search } from './search';
import { searchApp } from './searching';
import { selfApp } from './self';
import { isPastAway, textTypes } from './shelf';
import { shelvingApp } from './shelving';
import type { Space } from './space';
import { storingApp } from './storing';
import type { Tenancy } from './tenancy';
import { healthApp, type Tending } from './tending';
import { type Titles, titlesApp } from './titles';
import { trashApp } from './trash';
import { travelApp } from './travel';
import { undoApp } from './undoing';
import { titleOf } from './view';

export type AskedParts = {
  readonly options: Pick<KernelOptions, 'beacon'>;
  readonly context: KernelContext;
  readonly spaces: ReadonlyMap<SpaceId, Space>;
  /** Why nothing can be saved here. */
  readonly readOnly: string | null;
  readonly view: View;
  readonly beacons: Beacons;
  readonly blobs: BlobExchange;
  readonly codes: Codes;
  readonly commands: Commands;
  readonly documents: Documents;
  readonly circuits: Circuits;
  readonly eviction: Eviction;
  readonly exchange: Exchange;
  readonly exporting: Exporting;
  readonly fetching: Fetching;
  readonly files: Files;
  readonly forgetting: Forgetting;
  readonly holdings: Holdings;
  readonly invites: Invites;
  readonly joins: Joins;
  readonly meeting: Meeting;
  readonly membership: Membership;
  readonly merges: Merges;
  readonly network: Network;
  readonly oneself: Oneself;
  readonly overlay: Overlay;
  readonly pairing: Pairing;
  readonly pasts: Pasts;
  readonly presence: Presence;
  readonly reach: Reach;
  readonly room: Room;
  readonly search: Search;
  readonly tenancy: Tenancy;
  readonly tending: Tending;
  readonly titles: Titles;
};

/** Of `parts`, only `files` is there already. */
export const systemApps = (parts: AskedParts): readonly App[] => {
  const spaces = () => parts.spaces;
  const space = (id: SpaceId) => parts.spaces.get(id);
  const now = () => parts.context.time.now();
  const device = () => parts.context.device.device;
  const registry = () => parts.context.registry;
  const online = () => parts.reach.online;
  const linked = () => linkedPeers(parts.network);
  const present = (space: Space) => parts.presence.in(space, EVERYWHERE);
  const beacon = () => parts.options.beacon;
  const answer = (name: string, args: unknown, view: View) => parts.commands.answer(name, args, view);

  return [
    systemApp({
      space: (id) => parts.holdings.seen.get(id),
      title: titleOf,
      device,
      blobOf: (node) => blobOf(registry(), node),
      unread: (view, space) => unreadIn(registry(), view, space),
      online,
      readOnly: () => parts.readOnly,
      noRoom: () => parts.room.answer(),
      clockOffsetMs: () => (parts.context.time.known ? Math.round(parts.context.time.offset) : null),
      now: () => parts.context.ports.clock.now(),
      linked,
      beacon,
      asks: () => parts.tenancy.asks,
      isKept: () => parts.tending.isKept,
      present,
      presence: (space, container) => parts.presence.rows(space, container),
      joins: () => parts.joins.rows,
    }),
    networkApp({
      space,
      title: titleOf,
      online,
      now,
      since: () => parts.network.startedAt,
      linked,
      traffic: () => parts.network.traffic(),
      turnedAway: () => parts.network.turnedAway(),
      present,
      beacon,
      beacons: () => parts.beacons.dialled,
      signaling: () => parts.meeting.dialled,
      carried: () => parts.circuits.middle.figures,
    }),
    pairingApp(() => parts.pairing),
    movingApp({
      now,
      moved: () => parts.network.moved,
      space,
      title: titleOf,
      neighbourhoods: () => parts.overlay.neighbourhoods,
    }),
    selfApp(() => parts.oneself),
    invitationsApp({ space, invites: () => parts.invites, codes: () => parts.codes, now }),
    accessApp({ space, now, device, answer }),
    findApp(() => registry().applicationTypes()),
    placesApp(),
    peopleApp({ space, membership: () => parts.membership, device, now, online, present }),
    reportsApp(),
    trashApp({ registry }),
    undoApp(() => parts.commands.undoing),
    historyApp({
      space,
      pasts: () => parts.pasts,
      documents: () => parts.documents,
      changesHere: async (space, object, at) => {
        if (isPastAway(space, object, at)) await parts.fetching.whole(space, object);
      },
      typeRule: (type) => registry().typeRule(type),
      drafts: (work) => parts.commands.drafts(work),
      commit: (drafts) => parts.commands.commit(drafts),
      record: (session, command, deeds) => parts.commands.undoing.record(session, command, deeds),
    }),
    travelApp({ space, pasts: () => parts.pasts, now, answer }),
    erasuresApp({ space, registry }),
    heldApp({ space }),
    shelvingApp({
      space,
      eviction: () => parts.eviction,
      fetching: () => parts.fetching,
      isText: (type) => textTypes(registry()).includes(type),
      linked,
      device,
    }),
    mergesApp({ spaces, merges: () => parts.merges }),
    healthApp({ spaces, tending: () => parts.tending, device }),
    storingApp({
      spaces,
      title: titleOf,
      device,
      now,
      eviction: () => parts.eviction,
      forgetting: () => parts.forgetting,
      searchBytes: () => parts.search.index.bytes,
    }),
    searchApp({
      search: () => parts.search,
      registry,
      title: (id) => ((space) => (space ? titleOf(space) : ''))(space(id)),
      now,
    }),
    exchangeApp({
      exchange: () => parts.exchange,
      exporting: () => parts.exporting,
      space,
      registry,
      wish: (space, blob, size) => parts.blobs.wish(space, blob, size),
      types: () => [...Object.keys(systemTypes), ...registry().applicationTypes().keys()],
      removeArchive: async (id) => {
        const held = space(id);
        if (!held || !parts.holdings.isArchived(id) || parts.view.role(id) !== 'none') return false;
        return (await parts.forgetting.ask(held, true)).ok;
      },
    }),
    parts.files.app(),
    titlesApp({ titles: () => parts.titles, space }),
    namingApp({ space, search: () => parts.search, registry, now }),
  ];
};
