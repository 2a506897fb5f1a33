/**
 * The network as it was measured: who is linked, how, how far away, and what went over the links of this node, for each space.
 * A figure that nobody measured is absent; it guesses nothing.
 */
import { byName } from '../../base/called';
import type { NetworkAnswer, NetworkPeer, ServerState } from '../../bridge/messages';
import type { DeviceId, SpaceId, UserId } from '../../vm/op/ids';
import { topics } from '../graph/query';
import { type App, defineApp, query, type View } from '../schema/define';
import { deviceNameKey } from './devices';
import { type Heard, type LinkPath, neighboursOf, PATHS } from './paths';
import type { Space } from './space';
import type { Traffic } from './traffic';
import { blemishOf, type TurnedAway } from './verdicts';

/** Figures are told again after this long, while somebody looks. */
const AGAIN_MS = 2_000;

export type NetworkFacts = {
  space(id: SpaceId): Space | undefined;
  title(space: Space): string;
  online(): boolean;
  /** Network time. */
  now(): number;
  since(): number;
  linked(): readonly {
    readonly device: DeviceId;
    readonly kind: 'tab' | 'beacon';
    readonly path: LinkPath;
    /** Of a circuit: the neighbour in between. */
    readonly via?: DeviceId;
    readonly measuredMs: number | undefined;
    /** By this device's clock. */
    readonly since: number;
  }[];
  traffic(): ReadonlyMap<DeviceId, Traffic>;
  turnedAway(): ReadonlyMap<DeviceId, TurnedAway>;
  /** Users heard of in the space within the last seconds, by device. */
  present(space: Space): readonly Heard[];
  beacon(): { readonly device: DeviceId; readonly name: string } | undefined;
  beacons(): readonly (ServerState & { readonly device: DeviceId })[];
  signaling(): readonly ServerState[];
  carried(): NetworkAnswer['carried'];
};

const placeOf = ({ path }: NetworkPeer): number => (path === null ? PATHS.length : PATHS.indexOf(path));

export const networkApp = (facts: NetworkFacts): App => {
  type Known = { readonly kind: 'tab' | 'beacon'; readonly name: string; readonly user?: UserId };
  /** As the spaces know it, the last resort being what it called itself on the link. */
  const whoIs = (view: View, device: DeviceId): Known => {
    const own = facts.beacon();
    if (own?.device === device) return { kind: 'beacon', name: own.name };
    for (const id of view.spaces) {
      const rights = facts.space(id)?.replica.rights;
      const relay = rights?.relays().get(device);
      if (relay) return { kind: 'beacon', name: relay.name };
      const user = rights?.userOf(device);
      if (user) return { kind: 'tab', name: view.person(id, user).name, user };
    }
    return { kind: facts.linked().find((link) => link.device === device)?.kind ?? 'tab', name: '' };
  };

  const peersOf = (view: View): readonly NetworkPeer[] => {
    const traffic = facts.traffic();
    const turnedAway = facts.turnedAway();
    const linked = new Map(facts.linked().map((link) => [link.device, link]));
    const present: Heard[] = [];
    for (const id of view.spaces) {
      view.note(topics.presence(id));
      const space = facts.space(id);
      if (space) present.push(...facts.present(space));
    }
    const heard = neighboursOf(present, (device) => linked.has(device));
    const peers = [...new Set([...linked.keys(), ...heard.keys(), ...traffic.keys(), ...turnedAway.keys()])].map(
      (device): NetworkPeer => {
        const { kind, name, user } = whoIs(view, device);
        const link = linked.get(device);
        const moved = traffic.get(device);
        const via = link ? link.via : heard.get(device);
        const yours = user !== undefined && user === view.me.userId;
        const called = yours ? view.personal(deviceNameKey(device)) : undefined;
        return {
          id: device,
          deviceId: device,
          ...(user ? { userId: user } : {}),
          kind,
          name,
          device: typeof called === 'string' ? called.slice(0, 80) : '',
          yours,
          path: link ? link.path : heard.has(device) ? 'relayed' : null,
          ...(via ? { via } : {}),
          rttMs: link?.measuredMs ?? null,
          linkedAt: link?.since ?? null,
          sent: moved?.sent ?? 0,
          received: moved?.received ?? 0,
          turnedAway: [...(turnedAway.get(device) ?? [])]
            .map(([reason, times]) => ({ reason, kind: blemishOf(reason), times }))
            .sort((a, b) => b.times - a.times),
          spaces: [...(moved?.bySpace ?? [])].map(([id, bytes]) => {
            const space = facts.space(id);
            return { spaceId: id, title: space ? facts.title(space) : '', ...bytes };
          }),
        };
      },
    );
    return peers.sort((a, b) => placeOf(a) - placeOf(b) || byName(a, b) || (a.id < b.id ? -1 : 1));
  };

  return defineApp({
    name: 'os',
    types: {},
    commands: {},
    queries: {
      network: query({
        describes:
          'Who is linked, how and how far away; what was sent and received since this node started, by device and space; how beacons and signaling servers stand.',
        args: {},
        run: (view): NetworkAnswer => {
          view.note(topics.net);
          view.note(topics.spaces);
          for (const id of view.spaces) view.note(topics.rights(id));
          view.passed((Math.floor(facts.now() / AGAIN_MS) + 1) * AGAIN_MS);
          const peers = peersOf(view);
          const sum = (of: (peer: NetworkPeer) => number): number => peers.reduce((all, peer) => all + of(peer), 0);
          return {
            online: facts.online(),
            since: facts.since(),
            sent: sum(({ sent }) => sent),
            received: sum(({ received }) => received),
            peers,
            beacons: facts.beacons().map(({ device, ...server }) => ({
              ...server,
              deviceId: device,
              name: whoIs(view, device).name,
            })),
            signaling: facts.signaling(),
            carried: facts.carried(),
          };
        },
      }),
    },
  });
};
