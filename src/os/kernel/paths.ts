/**
 * Which way another node is reached now: over a link, and over which, or only through a neighbour of both. Pure; it knows what was
 * measured and what was heard, and guesses nothing: a direct link of which the browser has not said more is `direct`.
 */
import type { NetworkPath } from '../../bridge/messages';
import type { Route } from '../../ports';
import type { DeviceId } from '../../vm/op/ids';

/** `medium`: whether the channel is of WebRTC, a WebSocket, or a circuit. */
type Linked = {
  readonly kind: 'tab' | 'beacon';
  readonly medium: 'direct' | 'relayed' | 'circuit';
  readonly route: Route | undefined;
};
export type LinkPath = Exclude<NetworkPath, 'relayed'>;

export const linkPath = ({ kind, medium, route }: Linked): LinkPath => {
  if (medium === 'relayed') return 'beacon';
  if (medium === 'circuit') return 'circuit';
  if (route === 'turn') return 'turn';
  if (kind === 'beacon') return 'beaconRtc';
  return route === 'nat' ? 'nat' : 'direct';
};

/** The best first: by it rows are sorted, and of two links to one node the better is shown. */
export const PATHS: readonly NetworkPath[] = ['direct', 'nat', 'turn', 'beaconRtc', 'beacon', 'circuit', 'relayed'];

export type Heard = { readonly device: DeviceId; readonly via: DeviceId | undefined };

/** Of whoever is heard and not linked: the neighbour that passed it on. Once that is not linked any more, nothing says that they are reached. */
export const neighboursOf = (
  heard: Iterable<Heard>,
  isLinked: (device: DeviceId) => boolean,
): ReadonlyMap<DeviceId, DeviceId> =>
  new Map(
    [...heard].flatMap(({ device, via }) =>
      !isLinked(device) && via !== undefined && isLinked(via) ? [[device, via]] : [],
    ),
  );
