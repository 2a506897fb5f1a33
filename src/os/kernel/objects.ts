/** Objects as rights see them: the part of a space that one is, and the name of a part. It judges nothing. */
import { readable } from '../../base/reference';
import type { ObjectName } from '../../bridge/messages';
import { contentShardOf, type NodeId, type ShardId } from '../../vm/op/ids';
import { type GraphNode, textField } from '../schema/define';
import { PROFILE, SPACE } from '../schema/system';
import { objectOf } from './parts';
import type { Space } from './space';

/** The part that an object lies in: its own where it stands in the outline, else that of what contains it. */
export const partOf = (space: Space, node: GraphNode): ShardId =>
  node.shard === space.replica.outline && node.type !== SPACE && node.type !== PROFILE
    ? contentShardOf(space.id, node.id)
    : node.shard;

/** Without a title where this device does not hold the object. */
export const nameOfPart = (space: Space, shard: ShardId): ObjectName => {
  if (shard === space.replica.outline) return { id: shard, title: '', kind: 'outline' };
  const id = objectOf(space, shard);
  const node = id && space.replica.engine.node(id);
  return node ? nameOf(node) : { id: shard, title: '', kind: 'unknown' };
};

export const nameOf = (node: GraphNode): ObjectName => ({
  id: node.id as NodeId,
  title: textField(node, 'title') || readable(textField(node, 'text')).slice(0, 120),
  kind: node.type.toLowerCase(),
});
