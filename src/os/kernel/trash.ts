/**
 * What was removed in a space, of every kind that people look for: by whom and when, and whether this person may bring it
 * back (`os.restore`). What was said in it is shown to those alone. It knows no application; erasing for good is elsewhere.
 */
import type { TrashRow } from '../../bridge/messages';
import { type NodeId, outlineShardOf, type ShardId, type SpaceId } from '../../vm/op/ids';
import {
  type App,
  defineApp,
  type Engine,
  type GraphNode,
  mayRestore,
  msOf,
  query,
  removalOf,
  type View,
} from '../schema/define';
import type { Registry } from '../schema/registry';
import { nameOf } from './objects';

const PAGE = 60;
const MOST = 500;

type TrashFacts = { registry(): Registry };

export const trashApp = (facts: TrashFacts): App =>
  defineApp({
    name: 'os',
    types: {},
    commands: {},
    queries: {
      trash: query({
        describes: `What was removed in a space, the last first: \`limit\` of it (${PAGE} unless told, at most ${MOST}), of one \`kind\` where it is told; \`os.restore\` brings one back.`,
        args: {
          spaceId: { type: 'id' },
          kind: { type: 'text', max: 40, optional: true },
          limit: { type: 'number', optional: true },
        },
        run: (view, { spaceId, kind, limit = PAGE }): readonly TrashRow[] => {
          const space = spaceId as SpaceId;
          const graph = view.graph(space);
          const types = [...facts.registry().searched().keys()].filter(
            (type) => kind === undefined || type.toLowerCase() === kind,
          );
          if (!graph || types.length === 0) return [];
          const removed = view.find(space, {
            type: types,
            removed: 'only',
            order: [{ by: '@updatedAt', down: true }, { by: '@id' }],
            limit: Math.max(1, Math.min(MOST, Math.floor(limit))),
          });
          const places = placesFor(view, facts.registry(), space, graph, removed);
          return removed.map((node) => rowOf(view, space, graph, node, places.get(node.shard)));
        },
      }),
    },
  });

const rowOf = (view: View, space: SpaceId, graph: Engine, node: GraphNode, within: GraphNode | undefined): TrashRow => {
  const { by, at } = removalOf(graph, node);
  const name = nameOf(node);
  const lifts = mayRestore(view, { space, node });
  return {
    id: node.id,
    kind: name.kind,
    title: node.shard === outlineShardOf(space) || lifts ? name.title : '',
    within: within ? nameOf(within) : null,
    by: view.person(space, by),
    at: msOf(at),
    mayRestore: lifts,
  };
};

/** Part -> what it belongs to, for what does not stand in the outline itself. */
const placesFor = (
  view: View,
  registry: Registry,
  space: SpaceId,
  graph: Engine,
  removed: readonly GraphNode[],
): ReadonlyMap<ShardId, GraphNode> => {
  const outline = outlineShardOf(space);
  const asked = new Set(removed.map(({ shard }) => shard).filter((shard) => shard !== outline));
  const places = new Map<ShardId, GraphNode>();
  if (asked.size === 0) return places;
  for (const [type, { home }] of registry.applicationTypes()) {
    if (home !== 'outline') continue;
    for (const node of graph.nodesOfType(type)) {
      const part = view.partOf(space, node.id as NodeId);
      if (asked.has(part)) places.set(part, node);
    }
  }
  return places;
};
