/** What is pinned in a channel: relations from it to messages of its own part, the last pinned first, each once. */
import type { NodeId, SpaceId, View } from '../../os/schema/define';
import { MAX_PINS, MESSAGE, PINS } from './schema';

export const pinnedIn = (view: View, space: SpaceId, channel: NodeId): readonly NodeId[] => {
  const graph = view.graph(space);
  const part = view.partOf(space, channel);
  const pins = [...(graph?.edgesFrom(channel, PINS) ?? [])].sort((a, b) => b.hlc - a.hlc).map(({ to }) => to as NodeId);
  const isHere = (id: NodeId): boolean => {
    const node = graph?.node(id);
    return node?.type === MESSAGE && node.shard === part && !node.deleted;
  };
  return [...new Set(pins)].filter(isHere).slice(0, MAX_PINS);
};
