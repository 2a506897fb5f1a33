/** What queries and commands may see of the kernel. */

import { fromHex } from '../../base/bytes';
import { hash } from '../../base/hash';
import type { Person } from '../../bridge/messages';
import type { EntryId, NodeId, ShardId, SpaceId, UserId } from '../../vm/op/ids';
import { contentShardOf } from '../../vm/op/ids';
import { arrivalsIn, findIn } from '../graph/find';
import type { FollowSource } from '../graph/follow';
import { NO_NOTICES } from '../graph/notices';
import type { Setting } from '../graph/settings';
import { mayNow } from '../rights/authorize';
import type { Value, View } from '../schema/define';
import { SPACE } from '../schema/system';
import { communityOf, NOBODY, writersIn } from './community';
import { coveredTitle, withCovers } from './covers';
import { erasedIn } from './erasures';
import type { Names } from './names';
import { stateOf } from './queries';
import type { Space } from './space';

export type ViewFacts = {
  readonly user: UserId;
  readonly spaces: ReadonlyMap<SpaceId, Space>;
  /** Of one that a file brought here, and that this person reads without being in it. */
  isArchived(space: SpaceId): boolean;
  personalSpace(): SpaceId;
  readonly names: Pick<Names, 'person'>;
  /** Of the personal space. */
  settings(home: Space): ReadonlyMap<string, Setting>;
  /** What questions of a space are asked of. */
  source(space: Space): FollowSource | undefined;
  /** Whether a moment has come; where it has not, whoever watches it is told when it does. */
  passed(at: number): boolean;
};

const hueOf = (user: UserId): number => ((hash('lgos/hue/1', fromHex(user))[0] as number) % 6) + 1;

/** The name is empty until they give one: whoever reads is told so in their own language. Of several the last word counts. */
export const personOf = (user: UserId, said: Iterable<{ readonly name: string; readonly at: number }>): Person => {
  let name = '';
  let told = -1;
  for (const each of said) if (each.at > told) [name, told] = [each.name, each.at];
  return { userId: user, name, hue: hueOf(user) };
};

export const titleOf = (space: Space): string => {
  for (const node of space.replica.engine.nodesOfType(SPACE)) {
    const title = node.field('title');
    if (typeof title === 'string' && title !== '') return title;
  }
  return coveredTitle(space);
};

/** Where an entry stands; `undefined` for one that is not held. */
export const positionIn = (space: Space | undefined, entry: EntryId): ReturnType<View['position']> => {
  if (space && !space.isWhole) return space.replica.engine.placeOf(entry);
  const found = space?.replica.entries.get(entry);
  return found && { log: found.log, seq: found.header.seq };
};

export const createView = (facts: ViewFacts): View => {
  const personal = (key: string): Value | undefined => {
    const home = facts.spaces.get(facts.personalSpace());
    return home && facts.settings(home).get(key)?.value;
  };
  const holding = (node: NodeId): Space | undefined =>
    [...facts.spaces.values()].find((space) => withCovers(space).node(node) !== undefined);
  const partOf = (space: SpaceId, container: NodeId): ShardId =>
    facts.spaces.get(space)?.replica.partOf(container) ?? contentShardOf(space, container);
  const containers = new Map<SpaceId, Map<ShardId, NodeId>>();
  const containerOf = (space: SpaceId, part: ShardId): NodeId | undefined => {
    const known = containers.get(space) ?? new Map<ShardId, NodeId>();
    containers.set(space, known);
    const held = facts.spaces.get(space);
    if (known.has(part) || !held?.replica.readable || part === held.replica.outline) return known.get(part);
    for (const node of withCovers(held).nodesOfShard(held.replica.outline)) known.set(partOf(space, node.id), node.id);
    return known.get(part);
  };
  const sourceOf = (space: SpaceId): FollowSource | undefined => {
    const held = facts.spaces.get(space);
    return held && facts.source(held);
  };
  const view: View = {
    get me() {
      const name = personal('name');
      return {
        userId: facts.user,
        name: typeof name === 'string' ? name : '',
        personalSpace: facts.personalSpace(),
      };
    },
    /** One without a title was not founded to the end, or is not here yet. */
    get spaces() {
      return [...facts.spaces.values()]
        .filter(
          (space) =>
            (space.replica.rights.role(facts.user, space.replica.now()) !== 'none' || facts.isArchived(space.id)) &&
            titleOf(space) !== '',
        )
        .map(({ id }) => id);
    },
    graph: (space) => {
      const held = facts.spaces.get(space);
      return held?.replica.readable ? withCovers(held) : undefined;
    },
    find: (space, question) => {
      const found = sourceOf(space);
      return found ? findIn(found.source, question) : [];
    },
    source: sourceOf,
    spaceOf: (node) => holding(node)?.id,
    role: (space, user = facts.user) => {
      const replica = facts.spaces.get(space)?.replica;
      return replica?.rights.role(user, replica.now()) ?? 'none';
    },
    may: (space, entryClass, shard) => {
      const replica = facts.spaces.get(space)?.replica;
      if (!replica) return false;
      return mayNow(replica.rights, facts.user, { class: entryClass, shard, now: replica.now() });
    },
    person: (space, user) => facts.names.person(facts.spaces.get(space), user),
    erased: (space, shard) => {
      const replica = facts.spaces.get(space)?.replica;
      return replica?.readable ? erasedIn(replica, shard) : [];
    },
    stateOf: (space, entry) => {
      const held = facts.spaces.get(space);
      return held ? stateOf(held, entry) : { step: 'sending' };
    },
    personal,
    heads: (container) => {
      const space = holding(container);
      if (!space) return {};
      const shard = contentShardOf(space.id, container);
      const heads: Record<string, number> = {};
      for (const [id, log] of space.replica.logs) if (log.head?.header.shard === shard) heads[id] = log.length - 1;
      return heads;
    },
    note: () => {},
    partOf,
    arrivals: (space, part, type) =>
      arrivalsIn(sourceOf(space)?.source, part, type, (entry) => positionIn(facts.spaces.get(space), entry)),
    position: (space, entry) => positionIn(facts.spaces.get(space), entry),
    containerOf,
    notices: (space) =>
      sourceOf(space)?.source.indexes?.notices(view.me.name) ?? (facts.spaces.has(space) ? undefined : NO_NOTICES),
    writers: (space, part) => {
      const held = facts.spaces.get(space);
      return held ? writersIn(held, part) : [];
    },
    community: (space) => {
      const held = facts.spaces.get(space);
      return held ? communityOf(held, facts.user) : NOBODY;
    },
    passed: facts.passed,
  };
  return view;
};
