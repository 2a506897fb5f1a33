/** What a change of a space's graph means to watched queries beyond the nodes it touched. Pure. */
import type { ChangeSet } from '../../vm/graph/engine';
import { contentShardOf } from '../../vm/op/ids';
import { topics } from '../graph/query';
import { COVER, PROFILE, SPACE } from '../schema/system';
import type { Space } from './space';

/** Topics of people, titles and channels that a change touches. */
export const topicsIn = (space: Space, changes: ChangeSet): readonly string[] => {
  const { engine } = space.replica;
  const touched: string[] = [];
  if (changes.types.has(PROFILE)) touched.push(topics.people(space.id));
  // A space is listed when its title is known; who reads parts alone learns it from a cover.
  if (changes.types.has(SPACE) || changes.types.has(COVER)) touched.push(topics.spaces);
  const containers = new Set<string>();
  for (const id of changes.nodes) {
    const shard = engine.node(id)?.shard;
    if (shard) containers.add(shard);
  }
  for (const container of engine.nodesOfType('Channel')) {
    if (containers.has(contentShardOf(space.id, container.id))) touched.push(topics.heads(container.id));
  }
  return touched;
};
