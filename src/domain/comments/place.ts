/** Where what is said about an object is kept: the object's own part. It knows no application and no type but its own. */
import {
  contentShardOf,
  type GraphNode,
  type NodeId,
  outlineShardOf,
  type ShardId,
  type SpaceId,
  type View,
} from '../../os/schema/define';
import { COMMENT } from './schema';

export type Place = {
  readonly space: SpaceId;
  readonly object: NodeId;
  readonly shard: ShardId;
  /** For the writer. */
  readonly home: { readonly container: NodeId } | { readonly beside: NodeId };
  readonly deleted: boolean;
};

/** `undefined` for what is not held here, and for a comment itself. */
export const placeOf = (view: View, id: string): Place | undefined => {
  const object = id as NodeId;
  const space = view.spaceOf(object);
  const node = space === undefined ? undefined : view.graph(space)?.node(object);
  if (space === undefined || !node || node.type === COMMENT) return undefined;
  const { deleted } = node;
  // What stands in the outline has a part of its own; the rest lives in the part of what holds it.
  return node.shard === outlineShardOf(space)
    ? { space, object, shard: contentShardOf(space, object), home: { container: object }, deleted }
    : { space, object, shard: node.shard, home: { beside: object }, deleted };
};

/** All comments about an object with the deleted, oldest first. */
export const commentsAbout = (view: View, { space, shard, object }: Place): readonly GraphNode[] =>
  view.find(space, {
    type: [COMMENT],
    where: {
      and: [
        { field: 'object', is: object },
        { field: '@part', is: shard },
      ],
    },
    removed: 'also',
  });
