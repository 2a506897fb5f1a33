/** Who removed an object last, and when: of those deletions that no restore has lifted. */
import type { Engine, GraphNode } from '../../vm/graph/engine';
import type { Hlc } from '../../vm/op/clock';
import type { UserId } from '../../vm/op/ids';

export const removalOf = (
  graph: Pick<Engine, 'history'>,
  node: GraphNode,
): { readonly by: UserId; readonly at: Hlc } => {
  const removals = graph.history(node.id).filter(({ type, op }) => type === 'deleted' && node.deletions.includes(op));
  const last = removals.reduce((a, b) => (a && a.hlc > b.hlc ? a : b), removals[0]);
  return { by: last?.author ?? node.author, at: last?.hlc ?? node.updatedAt };
};
