/**
 * A window of what was said in a channel: rows around a message, around a place counted from the beginning, or at the end, and
 * how many lie before and after. It costs what it shows, however long the channel is. What was erased for good keeps its place.
 * What was said in a thread alone is not in it.
 */
import type { Erased, GraphNode, NodeId, SpaceId, View } from '../../os/schema/define';
import { MESSAGE } from './schema';

export type Said = GraphNode | Erased;
export const isErased = (said: Said): said is Erased => 'within' in said;
const timeOf = (said: Said) => (isErased(said) ? said.hlc : said.createdAt);
export const bySaid = (a: Said, b: Said): number => timeOf(a) - timeOf(b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** The first of those that stand after: a message, or so many from the beginning; `end`: nothing does. */
export type Spot = { readonly id: string } | { readonly rank: number } | 'end';
export type Window = {
  readonly said: readonly Said[];
  /** How many lie outside, above and below. */
  readonly before: number;
  readonly after: number;
};

/** Up to `above` before the spot and `below` from it on; `undefined` where that message is not in the channel. */
export const windowOf = (
  view: View,
  space: SpaceId,
  channel: NodeId,
  spot: Spot,
  { above, below }: { readonly above: number; readonly below: number },
): Window | undefined => {
  const graph = view.graph(space);
  const part = view.partOf(space, channel);
  const list = view.arrivals(space, part, MESSAGE).byAge();
  const gone = view
    .erased(space, part)
    .filter(({ id, within }) => within === channel && !graph?.node(id as NodeId))
    .sort(bySaid);
  const nodes = (from: number, to: number): readonly Said[] =>
    list.ids(Math.max(0, from), to).flatMap((id) => graph?.node(id) ?? []);
  const found = (): Said | 'end' | undefined => {
    if (spot === 'end') return 'end';
    if ('rank' in spot) return nodes(spot.rank, spot.rank + 1)[0] ?? 'end';
    const node = graph?.node(spot.id as NodeId);
    return node?.type === MESSAGE && node.shard === part ? node : gone.find(({ id }) => id === spot.id);
  };
  const first = found();
  if (!first) return undefined;
  const told = first === 'end' ? list.size : list.rank({ at: timeOf(first), id: first.id as NodeId });
  const goneTold = first === 'end' ? gone.length : gone.filter((each) => bySaid(each, first) < 0).length;
  const over = above === 0 ? [] : [...nodes(told - above, told), ...gone.slice(0, goneTold)].sort(bySaid).slice(-above);
  const under = [...nodes(told, told + below), ...gone.slice(goneTold)].sort(bySaid).slice(0, below);
  return {
    said: [...over, ...under],
    before: told + goneTold - over.length,
    after: list.size - told + gone.length - goneTold - under.length,
  };
};
