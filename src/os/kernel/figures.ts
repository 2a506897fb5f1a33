/** Figures that a kernel gives of itself: who is linked, how much it holds, how much is unread. Questions only. */
import type { SpaceId } from '../../vm/op/ids';
import type { View } from '../schema/define';
import type { Registry } from '../schema/registry';
import type { KernelContext } from './context';
import type { Network } from './network';
import type { NetworkFacts } from './networking';
import { linkPath } from './paths';
import type { SystemFacts } from './queries';
import type { Space } from './space';

export const linkedPeers = (network: Network): ReturnType<SystemFacts['linked']> & ReturnType<NetworkFacts['linked']> =>
  [...network.links].flatMap((link) =>
    link.ready
      ? [
          {
            device: link.ready.device,
            kind: link.ready.kind,
            path: linkPath({ kind: link.ready.kind, medium: link.options.path, route: link.route }),
            ...(link.options.via ? { via: link.options.via } : {}),
            rttMs: link.rttMs ?? 0,
            measuredMs: link.rttMs,
            since: link.openedAt,
            bytesIn: link.traffic.received,
            bytesOut: link.traffic.sent,
          },
        ]
      : [],
  );

/** Messages of a space that this person has not read, where there is an application that counts them. */
export const unreadIn = (registry: Registry, view: View, space: SpaceId): number => {
  const channels = registry.query('chat.channels')?.run(view, { spaceId: space }) as
    | readonly { unread: number }[]
    | undefined;
  return channels?.reduce((sum, channel) => sum + channel.unread, 0) ?? 0;
};

/** The counters of `stats()`. */
export const statsOf = (
  context: KernelContext,
  network: Network,
  spaces: readonly Space[],
  more: {
    readonly liveQueries: number;
    readonly signaling: boolean;
    readonly search: Readonly<Record<string, number>>;
  },
): Record<string, number> => ({
  spaces: spaces.length,
  entriesHeld: spaces.reduce((sum, { replica }) => sum + replica.entries.size, 0),
  bytesHeld: spaces.reduce((sum, { bytes }) => sum + bytes, 0),
  waiting: spaces.reduce((sum, { replica }) => sum + replica.waiting.size, 0),
  parked: spaces.reduce((sum, { replica }) => sum + replica.parked.size, 0),
  held: spaces.reduce(
    (sum, { replica }) => sum + [...replica.unfolded.values()].filter((why) => why === 'held').length,
    0,
  ),
  links: [...network.links].filter((link) => link.ready).length,
  liveQueries: more.liveQueries,
  signaling: more.signaling ? 1 : 0,
  ...more.search,
  clockOffsetMs: context.time.offset,
  ...Object.fromEntries(context.counts),
});
