/** Where something stands among what stands beside it. */
import { orderBetween } from '../../vm/graph/order';
import type { GraphNode } from './define';

/** The order that puts `node` right after `after`, or first; `undefined` when `after` is not there. */
export const orderAfter = (siblings: readonly GraphNode[], node: string, after?: string): string | undefined => {
  const others = siblings.filter((each) => each.id !== node);
  const index = after === undefined ? -1 : others.findIndex((each) => each.id === after);
  if (after !== undefined && index < 0) return undefined;
  return orderBetween(others[index]?.order ?? '', others[index + 1]?.order ?? '', node.slice(0, 4));
};
