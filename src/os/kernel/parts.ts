/**
 * Parts of a space: what a right may be narrowed to. A part is one object, a channel or a document, with all that is in it;
 * its id in the rights log is that of its content shard. It gives no rights; it translates.
 */
import { contentShardOf, type NodeId, type ShardId } from '../../vm/op/ids';
import { type ActOf, MAX_DELEGATION } from '../rights/acl';
import { refusal } from '../schema/define';
import { coveredObject } from './covers';
import type { Space } from './space';

/** What one grant or invite may name. */
export const MAX_PARTS = 64;

/** How a right is narrowed. `within`: objects of the space, or their parts; `delegate`: how often it may be passed on. */
export type Narrowing = { readonly within?: readonly string[] | undefined; readonly delegate?: number | undefined };

/** The act that narrows the other acts of its entry; none where nothing is narrowed. */
export const narrowing = (space: Space, { within, delegate }: Narrowing): readonly ActOf<'within'>[] => {
  const shards = partsOf(space, within);
  const times = Math.min(MAX_DELEGATION, Math.max(0, Math.floor(delegate ?? 0)));
  return shards.length === 0 && times === 0 ? [] : [{ type: 'within', shards, delegate: times }];
};

/** Of objects of this space, or of the shards themselves; no ids: the whole space. Throws for what is not here. */
export const partsOf = (space: Space, ids: readonly string[] | undefined): readonly ShardId[] => {
  const parts = new Set<ShardId>();
  for (const id of ids ?? []) {
    const { engine } = space.replica;
    const shard = engine.node(id as NodeId) ? contentShardOf(space.id, id as NodeId) : (id as ShardId);
    const known =
      engine.node(id as NodeId) !== undefined || objectOf(space, shard) !== undefined || isNamed(space, shard);
    if (!known)
      throw refusal('notFound', 'That object is not in this space.', 'Nothing was changed.', 'Open the space first.');
    parts.add(shard);
  }
  if (parts.size > MAX_PARTS)
    throw refusal(
      'tooMany',
      `A right names at most ${MAX_PARTS} objects.`,
      'Nothing was changed.',
      'Share the space, or fewer objects.',
    );
  return [...parts];
};

/** A right or an invite names it already. */
const isNamed = ({ replica: { rights } }: Space, shard: ShardId): boolean =>
  [...rights.invites().values()].some(({ limits }) => limits.shards?.includes(shard)) ||
  [...rights.members().keys()].some((user) => rights.right(user).limits.shards?.includes(shard));

/** The object whose content lies in this shard, as far as this node knows. */
export const objectOf = (space: Space, shard: ShardId): NodeId | undefined => {
  for (const node of space.replica.engine.nodesOfShard(space.replica.outline))
    if (contentShardOf(space.id, node.id) === shard) return node.id;
  return coveredObject(space, shard);
};
