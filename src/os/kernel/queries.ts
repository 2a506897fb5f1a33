/** The queries and commands of the operating system itself: spaces, members, links, receipts, history. */

import { isHex } from '../../base/bytes';
import { byName, fits, foldName, Leading, namelessName } from '../../base/called';
import { err, ok } from '../../base/result';
import type {
  BeaconRow,
  ChangeState,
  DurabilityAnswer,
  JoinRow,
  MemberRow,
  PeerRow,
  Person,
  PresenceRow,
  Role,
  SpaceRow,
  SyncAnswer,
} from '../../bridge/messages';
import type { BlobId, DeviceId, EntryId, NodeId, SpaceId, UserId } from '../../vm/op/ids';
import { isWhole } from '../../vm/replica/possession';
import { topics } from '../graph/query';
import { type App, command, defineApp, type GraphNode, notFound, query, refusal, type View } from '../schema/define';
import { type HostAsks, type HostingName, joinCodeFor, joinCodeSetting, plainCode } from './asking';
import { blobHolders, ownBlobs } from './blob-receipts';
import { aimOf, copiesBy, holdersOfEntries, levelOf } from './health';
import { type Heard, type LinkPath, neighboursOf } from './paths';
import { lengthHeld } from './shelf';
import type { Space } from './space';

/** What of the kernel these look at; each reader notes the topic that it depends on. */
export type SystemFacts = {
  space(id: SpaceId): Space | undefined;
  title(space: Space): string;
  device(): DeviceId;
  /** The file that an object names. */
  blobOf(node: GraphNode): BlobId | undefined;
  unread(view: View, space: SpaceId): number;
  online(): boolean;
  readOnly(): string | null;
  noRoom(): SyncAnswer['noRoom'];
  clockOffsetMs(): number | null;
  now(): number;
  linked(): readonly {
    device: DeviceId;
    kind: 'tab' | 'beacon';
    path: LinkPath;
    /** Of a circuit: the neighbour in between. */
    via?: DeviceId;
    rttMs: number;
    bytesIn: number;
    bytesOut: number;
  }[];
  /** The beacon that the page came from. */
  beacon(): { readonly device: DeviceId; readonly name: string; readonly hosting?: HostingName } | undefined;
  asks(): HostAsks;
  /** Whether this device's browser keeps what it has. */
  isKept(): boolean;
  /** Users heard of in the space within the last seconds, by device. */
  present(space: Space): readonly (Heard & { user: UserId })[];
  presence(space: Space, container: NodeId): readonly PresenceRow[];
  joins(): readonly JoinRow[];
};

const id = { type: 'id' } as const;

type Called = { readonly user: UserId; readonly role: Role; readonly person: Person };
type Asked = { readonly text?: string; readonly limit?: number; readonly nameless?: string };
const MOST_CALLED = 100;

/** All members, or those whose names fit what is asked best, the best first. */
const called = (view: View, space: Space, { text, limit = 24, nameless = '' }: Asked): readonly Called[] => {
  const members = space.replica.rights.members(space.replica.now());
  const rows = function* (): Iterable<Called> {
    for (const [user, role] of members) yield { user, role, person: view.person(space.id, user) };
  };
  if (text === undefined) return [...rows()];
  const words = foldName(text.trim());
  const best = new Leading<Called & { readonly fit: number }>(
    (a, b) => b.fit - a.fit || byName(a.person, b.person) || (a.user < b.user ? -1 : 1),
    Math.max(1, Math.min(MOST_CALLED, Math.floor(limit))),
  );
  for (const row of rows()) {
    const fit = fits(foldName(row.person.name || namelessName(nameless, row.user)), words);
    if (fit > 0) best.add({ ...row, fit });
  }
  return best.rows;
};

export const systemApp = (facts: SystemFacts): App => {
  const relayName = (view: View, device: DeviceId): string => {
    for (const spaceId of view.spaces) {
      const relay = known(view, spaceId)?.replica.rights.relays().get(device);
      if (relay) return relay.name;
    }
    return '';
  };
  const known = (view: View, text: string): Space | undefined => {
    const space = isHex(text, 32) ? facts.space(text as SpaceId) : undefined;
    view.note(topics.spaces);
    if (space) view.note(topics.rights(space.id));
    return space;
  };
  const nodeOf = (view: View, text: string): { space: Space; node: GraphNode } | undefined => {
    const spaceId = isHex(text, 16) ? view.spaceOf(text as NodeId) : undefined;
    const space = spaceId && facts.space(spaceId);
    const node = spaceId && view.graph(spaceId)?.node(text as NodeId);
    return space && node ? { space, node } : undefined;
  };

  return defineApp({
    name: 'os',
    types: {},
    commands: {
      saveDraft: command({
        describes: 'Keeps the text of something not sent yet.',
        args: { key: { type: 'text', max: 200 }, text: { type: 'text', max: 20_000 } },
        run: (_view, write, { key, text }) => {
          write.setPersonal(`draft/${key}`, text);
          return ok({});
        },
      }),
      restoreValue: command({
        describes: 'Writes an earlier value of a field again, as a new change.',
        args: { id, key: { type: 'text', max: 200 }, entry: { type: 'text', max: 64 } },
        run: (view, write, args) => {
          const found = nodeOf(view, args.id);
          const item = found?.space.replica.engine
            .history(args.id as NodeId)
            .find((it) => it.entry === args.entry && it.type === 'field' && it.key === args.key);
          if (!found || !item?.json) return err(notFound('value'));
          write.set(found.node.id, args.key, JSON.parse(item.json));
          return ok({});
        },
      }),
      useJoinCode: command({
        describes: "Gives a beacon its join code, so that it keeps this person's spaces; the page's own unless told.",
        args: { code: { type: 'text', max: 100 }, beaconId: { type: 'id', optional: true } },
        run: (_view, write, args) => {
          const code = plainCode(args.code);
          const known = [facts.beacon()?.device, ...facts.asks().devices];
          const device = args.beaconId ?? facts.beacon()?.device;
          if (code === '')
            return err(
              refusal(
                'badCode',
                'A join code has letters and digits.',
                'Nothing was changed.',
                'Type the code that the beacon prints when it starts.',
              ),
            );
          if (device === undefined || !known.includes(device as DeviceId))
            return err(
              refusal(
                'unknownBeacon',
                'No such beacon was asked to keep a space.',
                'Nothing was changed.',
                'See os.beacons.',
              ),
            );
          write.setPersonal(joinCodeSetting(device), code);
          return ok({});
        },
      }),
      renameSpace: command({
        describes: 'Changes the title of a space.',
        args: { spaceId: id, title: { type: 'text', max: 200 } },
        run: (view, write, args) => {
          const [node] = [...(view.graph(args.spaceId as SpaceId)?.nodesOfType('Space') ?? [])];
          if (!node) return err(notFound('space'));
          write.set(node.id, 'title', args.title);
          return ok({});
        },
      }),
    },
    queries: {
      beacons: query({
        describes: 'Beacons asked to keep spaces, and what they answered.',
        args: {},
        run: (view): readonly BeaconRow[] => {
          view.note(topics.net);
          const own = facts.beacon();
          const linked = new Set(facts.linked().map(({ device }) => device));
          const devices = new Set([...(own ? [own.device] : []), ...facts.asks().devices]);
          return [...devices].map((device) => ({
            id: device,
            deviceId: device,
            name: own?.device === device ? own.name : relayName(view, device),
            own: own?.device === device,
            linked: linked.has(device),
            joinCode: joinCodeFor(view, device),
            ...facts.asks().state(device, hostingOf(facts, device)),
          }));
        },
      }),
      me: query({
        describes: 'Who this device belongs to.',
        args: {},
        early: true,
        run: (view) => ({
          ...view.person(view.me.personalSpace, view.me.userId),
          name: view.me.name,
          deviceId: facts.device(),
          personalSpace: view.me.personalSpace,
        }),
      }),
      spaces: query({
        describes: 'The spaces of this person.',
        args: {},
        early: true,
        run: (view): readonly SpaceRow[] =>
          view.spaces.flatMap((spaceId) => {
            const space = known(view, spaceId);
            if (!space) return [];
            // Read, so that a new title is noticed.
            for (const node of view.graph(spaceId)?.nodesOfType('Space') ?? []) node.field('title');
            return [
              {
                id: spaceId,
                title: facts.title(space),
                kind: space.replica.rights.kind(),
                role: view.role(spaceId),
                members: space.replica.rights.members(space.replica.now()).size,
                unread: facts.unread(view, spaceId),
              },
            ];
          }),
      }),
      members: query({
        describes:
          'Who is in a space; with `text` those alone whose names fit it best, at most `limit`, 24 unless told.',
        args: {
          spaceId: id,
          text: { type: 'text', max: 200, optional: true },
          limit: { type: 'number', optional: true },
          /** What whoever asks calls people without a name. */
          nameless: { type: 'text', max: 40, optional: true },
        },
        run: (view, args): readonly MemberRow[] => {
          const space = known(view, args.spaceId);
          if (!space) return [];
          view.note(topics.presence(space.id));
          view.note(topics.net);
          const here = new Set(facts.present(space).map(({ user }) => user));
          return called(view, space, args)
            .map(({ user, role, person }) => ({
              ...person,
              id: user,
              role,
              you: user === view.me.userId,
              online: user === view.me.userId ? facts.online() : here.has(user),
            }))
            .sort((a, b) => (args.text === undefined ? Number(b.you) - Number(a.you) || byName(a, b) : 0));
        },
      }),
      peers: query({
        describes: 'Nodes linked now, and those heard through one of them.',
        args: {},
        run: (view): readonly PeerRow[] => {
          view.note(topics.net);
          const nameOf = (device: DeviceId): string => {
            for (const spaceId of view.spaces) {
              const rights = known(view, spaceId)?.replica.rights;
              const relay = rights?.relays().get(device);
              const user = rights?.userOf(device);
              if (relay) return relay.name;
              if (user) return view.person(spaceId, user).name;
            }
            return '';
          };
          const linked = facts.linked();
          const links = new Set(linked.map(({ device }) => device));
          const present: Heard[] = [];
          for (const spaceId of view.spaces) {
            const space = known(view, spaceId);
            view.note(topics.presence(spaceId));
            if (space) present.push(...facts.present(space));
          }
          const heard = [...neighboursOf(present, (device) => links.has(device))];
          return [
            ...linked.map((peer) => ({
              id: peer.device,
              deviceId: peer.device,
              name: nameOf(peer.device),
              kind: peer.kind,
              path: peer.path,
              ...(peer.via ? { via: peer.via } : {}),
              rttMs: peer.rttMs,
              bytesIn: peer.bytesIn,
              bytesOut: peer.bytesOut,
            })),
            ...heard.map(([device, via]) => ({
              id: device,
              deviceId: device,
              name: nameOf(device),
              kind: 'tab' as const,
              path: 'relayed' as const,
              via,
              rttMs: 0,
              bytesIn: 0,
              bytesOut: 0,
            })),
          ];
        },
      }),
      sync: query({
        describes: 'Where the changes of a space are, from signed receipts.',
        args: { spaceId: id },
        run: (view, args) => syncOf(facts, view, known(view, args.spaceId)),
      }),
      durability: query({
        describes: 'How many hold an object.',
        args: { id },
        run: (view, args): DurabilityAnswer | null => {
          const found = nodeOf(view, args.id);
          if (!found) return null;
          view.note(topics.states(found.space.id));
          view.note(topics.rights(found.space.id));
          view.note(topics.health(found.space.id));
          const { replica } = found.space;
          const ids = replica.engine.history(found.node.id).map(({ entry }) => entry);
          const changes = durabilityOf(found.space, ids);
          const file = facts.blobOf(found.node);
          const all = file ? blobHolders(found.space, file) : changes;
          const least = {
            beacons: Math.min(changes.beacons, all.beacons),
            devices: Math.min(changes.devices, all.devices),
          };
          const entries = [...new Set(ids)].flatMap((id) => replica.entries.get(id) ?? []);
          const holders = holdersOfEntries(replica, facts.device(), entries).filter(
            (device) => !file || found.space.blobs.heldBy.get(device)?.blobs.has(file),
          );
          const own = entries.every(isWhole) ? (facts.isKept() ? 'kept' : 'mayGo') : 'partly';
          return { ...least, safe: isSafe(least), level: levelOf(copiesBy(replica, holders), own, aimOf(replica)) };
        },
      }),
      join: query({
        describes: 'How joining goes.',
        args: {},
        run: (view) => {
          view.note('joins');
          return facts.joins();
        },
      }),
      presence: query({
        describes: 'Who is in a document, channel or space now.',
        args: { id },
        run: (view, args): readonly PresenceRow[] => {
          view.note(topics.presence(args.id));
          const spaceId = isHex(args.id, 16) ? view.spaceOf(args.id as NodeId) : undefined;
          const space = facts.space(spaceId ?? (args.id as SpaceId));
          return space ? facts.presence(space, (spaceId ? args.id : '0'.repeat(32)) as NodeId) : [];
        },
      }),
      draft: query({
        describes: 'A text not sent yet.',
        args: { key: { type: 'text', max: 200 } },
        early: true,
        run: (view, { key }) => view.personal(`draft/${key}`) ?? '',
      }),
    },
  });
};

export const durabilityOf = (
  space: Space,
  entries: readonly EntryId[],
): { beacons: number; devices: number; safe: boolean } => {
  let least = { beacons: Number.POSITIVE_INFINITY, devices: Number.POSITIVE_INFINITY };
  for (const entryId of new Set(entries)) {
    const entry = space.replica.entries.get(entryId);
    if (!entry) continue;
    const holders = space.replica.holders(entry);
    least = { beacons: Math.min(least.beacons, holders.beacons), devices: Math.min(least.devices, holders.devices) };
  }
  if (least.beacons === Number.POSITIVE_INFINITY) return { beacons: 0, devices: 0, safe: false };
  return { ...least, safe: isSafe(least) };
};
const isSafe = ({ beacons, devices }: { beacons: number; devices: number }): boolean => beacons >= 1 || devices >= 2;

export const stateOf = (space: Space, entryId: EntryId): ChangeState => {
  // What is seen is an image: nobody looked yet whether the disk has all of it.
  if (!space.isWhole) return { step: 'unknown' };
  if (space.replica.provisional.has(entryId)) return { step: 'waiting' };
  const entry = space.replica.entries.get(entryId);
  if (!entry || !space.replica.isDurable(entry)) return { step: 'sending' };
  const { beacons, devices } = space.replica.holders(entry);
  if (beacons > 0) return { step: 'beacon', beacons, devices };
  return devices > 0 ? { step: 'devices', devices } : { step: 'saved' };
};

/** Only the page's own beacon says what its policy is. */
const hostingOf = (facts: SystemFacts, device: DeviceId): HostingName | undefined => {
  const own = facts.beacon();
  return own?.device === device ? own.hosting : undefined;
};

const syncOf = (facts: SystemFacts, view: View, space: Space | undefined): SyncAnswer => {
  view.note(topics.net);
  const noRoom = facts.noRoom();
  const full = noRoom ? { noRoom } : {};
  const base = { online: facts.online(), clockOffsetMs: facts.clockOffsetMs(), readOnly: facts.readOnly(), ...full };
  if (!space) return { ...base, holders: [], waiting: 0, files: 0, safe: false, island: null };
  view.note(topics.states(space.id));
  const { replica } = space;
  const { preview } = replica.graph;
  if (preview?.isShown) view.note(topics.graph(space.id));
  const history = preview?.isShown ? { history: preview.progress((log) => replica.logs.get(log)?.length ?? 0) } : {};
  const waits = space.waitsForKey ? { waitsForKey: true as const } : {};
  const relays = replica.rights.relays();
  const linked = new Map(facts.linked().map((peer) => [peer.device, peer]));
  const own = [...replica.logs.values()].filter((log) => log.head?.header.device === facts.device());
  // A receipt says nothing of a place that two entries claim.
  const lengthOf = (log: (typeof own)[number]): number => Math.min(log.length, log.forkedAt);
  const total = own.reduce((sum, log) => sum + lengthOf(log), 0) + space.unsealed;
  const files = ownBlobs(space);
  const lacked = (device: DeviceId): number =>
    files.filter((blob) => !space.blobs.heldBy.get(device)?.blobs.has(blob)).length;
  const heldBy = (device: DeviceId): number => own.reduce((sum, log) => sum + lengthHeld(replica, device, log), 0);
  const devices = new Set<DeviceId>([
    ...replica.receipts.keys(),
    ...relays.keys(),
    ...[...linked.keys()].filter((device) => relays.has(device) || replica.rights.userOf(device)),
  ]);
  devices.delete(facts.device());
  const holders = [...devices].map((device) => {
    const relay = relays.get(device);
    const user = replica.rights.userOf(device);
    const receipts = [...(replica.receipts.get(device)?.values() ?? [])];
    const refused = relay ? facts.asks().refusal(device, space.id, hostingOf(facts, device)) : null;
    return {
      deviceId: device,
      ...(user ? { userId: user } : {}),
      kind: relay ? ('beacon' as const) : ('tab' as const),
      name: relay?.name ?? (user ? view.person(space.id, user).name : ''),
      linked: linked.has(device),
      behind: total - heldBy(device) + lacked(device),
      receiptAt: receipts.length === 0 ? null : Math.max(...receipts.map(({ at }) => at)),
      ...(refused ? { refused } : {}),
    };
  });
  const beacons = holders.filter(({ kind }) => kind === 'beacon');
  const tabs = holders.filter(({ kind }) => kind === 'tab').sort((a, b) => a.behind - b.behind);
  // The best beacon, or the second best device: what either lacks is at risk.
  const atBeacon = beacons.length > 0 ? Math.min(...beacons.map(({ behind }) => behind)) : total + files.length;
  const atDevices = tabs[1]?.behind ?? total + files.length;
  const waiting = Math.min(atBeacon, atDevices);
  const unreachable = beacons.length > 0 && beacons.every((beacon) => !beacon.linked);
  const inReach = 1 + holders.filter(({ kind, linked: now }) => kind === 'tab' && now).length;
  return {
    ...base,
    ...waits,
    ...history,
    holders,
    waiting,
    files: files.filter((blob) => !isSafe(blobHolders(space, blob))).length,
    safe: waiting === 0 && total > 0,
    island: unreachable ? inReach : null,
  };
};
