/**
 * Replicas of one space in memory, over the real fold, with no keys, links or storage: enough to run commands and queries
 * as a kernel would. Entries reach another replica only when a test delivers them, log by log in order.
 */

import { toHex, utf8 } from '../../src/base/bytes';
import { sha256 } from '../../src/base/hash';
import { err, ok, type Result } from '../../src/base/result';
import type { ChangeState, Refusal } from '../../src/bridge/messages';
import { apps } from '../../src/domain';
import { arrivalsIn, findIn } from '../../src/os/graph/find';
import { Indexes } from '../../src/os/graph/indexes';
import { settingsOf } from '../../src/os/graph/settings';
import { createWriter, type Draft, type DraftWriter } from '../../src/os/graph/writer';
import { placesApp } from '../../src/os/kernel/places';
import { trashApp } from '../../src/os/kernel/trash';
import type { Community, Value, View } from '../../src/os/schema/define';
import { checkArgs, createRegistry, schemaRules } from '../../src/os/schema/registry';
import type { ChangeSet, Engine, FoldEntry, GraphNode, Role } from '../../src/vm/graph/engine';
import { type Hlc, hlcOf } from '../../src/vm/op/clock';
import {
  contentShardOf,
  type DeviceId,
  type EntryId,
  logIdOf,
  type NodeId,
  nodeIdOf,
  outlineShardOf,
  type ShardId,
  type SpaceId,
  type UserId,
  yjsClientIdOf,
} from '../../src/vm/op/ids';
import { createFold } from './fold/fold';

export const idFrom = (name: string): string => toHex(sha256(utf8(name)));
export const SPACE = idFrom('space') as SpaceId;
export const registry = createRegistry([...apps, placesApp(), trashApp({ registry: () => registry })]);
export const rules = schemaRules(apps);

export type Replica = {
  readonly user: UserId;
  readonly personalSpace: SpaceId;
  readonly view: View;
  /** All that this replica holds, in the order in which it came. */
  readonly held: readonly FoldEntry[];
  /** Runs a command with hostile arguments; on success its entries are held at once. */
  run(name: string, args: unknown): Result<Readonly<Record<string, string>>, Refusal>;
  query(name: string, args: unknown): Result<unknown, Refusal>;
  /** A writer of this replica's device, whose drafts go nowhere until they are sealed. */
  writer(): DraftWriter;
  /** Takes entries in, whatever a command would have refused. Those held before are left out. */
  admit(entries: readonly FoldEntry[]): void;
  /** Seals drafts without asking anybody. */
  seal(space: SpaceId, drafts: readonly Draft[]): readonly FoldEntry[];
  /** The same entries in the given order, folded from nothing. */
  reload(entries: readonly FoldEntry[]): void;
  /** Nodes that were looked at so far, by whatever way. */
  looks(): number;
};
export type ReplicaOptions = {
  readonly name: string;
  readonly device?: string;
  readonly role?: Role;
  readonly clock: () => number;
  readonly changed?: (space: SpaceId, changes: ChangeSet) => void;
  /** Network time, ms; a moment at which nothing has come yet unless told. */
  readonly now?: () => number;
  readonly waiting?: (space: SpaceId) => Community['waiting'];
};

const users = new Map<UserId, { name: string; role: Role }>();

export const createReplica = ({
  name,
  device: deviceName,
  role = 'member',
  clock,
  changed,
  now = () => 0,
  waiting,
}: ReplicaOptions): Replica => {
  const user = idFrom(`user ${name}`) as UserId;
  const device = idFrom(`device ${name} ${deviceName ?? ''}`) as DeviceId;
  const personalSpace = idFrom(`personal ${name}`) as SpaceId;
  users.set(user, { name, role });
  let engines = new Map<SpaceId, Engine>();
  let indexes = new Map<SpaceId, Indexes>();
  let held: FoldEntry[] = [];
  const heldById = new Map<EntryId, FoldEntry>();
  let counter = 0;

  const positionOf = (id: EntryId): { log: string; seq: number } | undefined => {
    const entry = heldById.get(id);
    return entry && { log: entry.log, seq: entry.seq };
  };
  let looks = 0;
  const counted = (engine: Engine): Engine => {
    const each = function* (nodes: Iterable<GraphNode>): Generator<GraphNode> {
      for (const node of nodes) {
        looks++;
        yield node;
      }
    };
    const { node, nodesOfType, nodesOfShard } = engine;
    return Object.assign(engine, {
      node: (id: NodeId) => {
        looks++;
        return node.call(engine, id);
      },
      nodesOfType: (type: string) => each(nodesOfType.call(engine, type)),
      nodesOfShard: (shard: ShardId) => each(nodesOfShard.call(engine, shard)),
    });
  };
  const empty = (): void => {
    engines = new Map([SPACE, personalSpace].map((space) => [space, counted(createFold(rules))]));
    const types = registry.applicationTypes();
    indexes = new Map([...engines].map(([space, engine]) => [space, new Indexes(engine, types, positionOf, user)]));
    held = [];
    heldById.clear();
  };
  empty();

  const admit = (entries: readonly FoldEntry[]): void => {
    for (const entry of entries) {
      if (heldById.has(entry.id)) continue;
      const head = held.filter((each) => each.log === entry.log).length;
      if (entry.seq !== head) throw new Error(`log ${entry.log.slice(0, 6)} has ${head} entries, not ${entry.seq}`);
      heldById.set(entry.id, entry);
      held.push(entry);
      const changes = engines.get(entry.space)?.apply([entry]);
      if (changes) indexes.get(entry.space)?.changed(changes.nodes);
      if (changes) changed?.(entry.space, changes);
    }
  };

  const view: View = {
    me: { userId: user, name, personalSpace },
    spaces: [SPACE, personalSpace],
    graph: (space) => engines.get(space),
    find: (space, question) => {
      const found = view.source(space);
      return found ? findIn(found.source, question) : [];
    },
    source: (space) => {
      const engine = engines.get(space);
      const kept = indexes.get(space);
      if (kept && !kept.ready) kept.build(Number.POSITIVE_INFINITY);
      return engine && { source: { space, engine, indexes: kept }, of: engine };
    },
    spaceOf: (node) => [...engines.keys()].find((space) => engines.get(space)?.node(node)),
    role: (_space, who = user) => users.get(who)?.role ?? 'none',
    may: (_space, entryClass) => (users.get(user)?.role ?? 'none') !== (entryClass === 'content' ? 'guest' : 'none'),
    person: (_space, who) => ({ userId: who, name: users.get(who)?.name ?? '', hue: 1 }),
    erased: () => [],
    stateOf: (): ChangeState => ({ step: 'saved' }),
    personal: (key): Value | undefined => settingsOf(engines.get(personalSpace) as Engine).get(key)?.value,
    heads: (container) => {
      const space = view.spaceOf(container) ?? SPACE;
      const shard = contentShardOf(space, container);
      return Object.fromEntries(held.filter((entry) => entry.shard === shard).map((entry) => [entry.log, entry.seq]));
    },
    note: () => {},
    partOf: (space, container) => contentShardOf(space, container),
    arrivals: (space, part, type) => arrivalsIn(view.source(space)?.source, part, type, positionOf),
    position: (_space, id) => positionOf(id),
    containerOf: (space, part) => {
      const outline = engines.get(space)?.nodesOfShard(outlineShardOf(space)) ?? [];
      return [...outline].find((node) => contentShardOf(space, node.id) === part)?.id;
    },
    notices: (space) => view.source(space)?.source.indexes?.notices(view.me.name),
    writers: (_space, part) => {
      const written = held.filter(({ shard, ops }) => shard === part && ops.some(({ type }) => type === 'textUpdate'));
      const last = new Map(written.map(({ author, hlc }) => [author, hlc]));
      return [...last].map(([user, at]) => ({ user, at })).sort((a, b) => b.at - a.at);
    },
    community: (space) => ({
      kind: space === personalSpace ? 'personal' : 'team',
      joined: [],
      gone: [],
      waiting: waiting?.(space) ?? [],
    }),
    passed: (at) => at <= now(),
  };

  const seal = (space: SpaceId, drafts: readonly Draft[]): readonly FoldEntry[] => {
    const sealed = drafts.map(({ shard, ops }, index): FoldEntry => {
      const log = logIdOf(space, shard, device, 0);
      const before = drafts.slice(0, index).filter((draft) => draft.shard === shard).length;
      const seq = held.filter((entry) => entry.log === log).length + before;
      const hlc: Hlc = hlcOf(clock());
      const id = idFrom(`${log}/${seq}`) as EntryId;
      return { id, log, space, shard, seq, device, incarnation: 0, author: user, role, hlc, deps: [], ops };
    });
    admit(sealed);
    return sealed;
  };

  const writer = (): DraftWriter =>
    createWriter({
      view,
      typeRule: registry.typeRule,
      nextNode: (space) => ({ node: nodeIdOf(space, device, 0, counter), counter: counter++ }),
      nextTwin: (document) => ({ n: counter, client: yjsClientIdOf(device, document, counter++) }),
    });

  return {
    user,
    personalSpace,
    writer,
    view,
    get held() {
      return held;
    },
    run(commandName, args) {
      const command = registry.command(commandName);
      if (!command) throw new Error(`no command ${commandName}`);
      const checked = checkArgs(commandName, command.args, args);
      if (!checked.ok) return checked;
      const written = writer();
      const outcome = command.run(view, written, checked.value, hlcOf(now()));
      if (outcome.ok) for (const [space, drafts] of written.drafts()) seal(space, drafts);
      return outcome;
    },
    query(queryName, args) {
      const query = registry.query(queryName);
      if (!query) return err({ type: 'unknownQuery', message: queryName, safe: '', next: '' });
      const checked = checkArgs(queryName, query.args, args);
      return checked.ok ? ok(query.run(view, checked.value)) : checked;
    },
    admit,
    seal,
    reload(entries) {
      empty();
      admit(entries);
    },
    looks: () => looks,
  };
};

/** A clock that ticks one millisecond a call. */
export const ticking = (start = 1_700_000_000_000): (() => number) => {
  let now = start;
  return () => now++;
};

/** Gives all of the space's entries of some replicas to each of them; personal spaces stay with their person. */
export const deliver = (from: Replica, ...to: readonly Replica[]): void => {
  for (const replica of to) {
    const spaces = new Set<SpaceId>(replica.user === from.user ? [SPACE, replica.personalSpace] : [SPACE]);
    replica.admit(from.held.filter((entry) => spaces.has(entry.space)));
  }
};

export const idOf = (outcome: Result<Readonly<Record<string, string>>, Refusal>): NodeId => {
  if (!outcome.ok) throw new Error(`refused: ${outcome.error.message}`);
  return outcome.value.id as NodeId;
};
export const answerOf = <T>(answer: Result<unknown, Refusal>): T => {
  if (!answer.ok) throw new Error(`refused: ${answer.error.message}`);
  return answer.value as T;
};
export const whyNot = (outcome: Result<unknown, Refusal>): string => (outcome.ok ? 'allowed' : outcome.error.type);

/** Ann, Bob, an Admin and a Guest, with a channel and Ann's first message in it, held by all. */
export const team = () => {
  const clock = ticking();
  const ann = createReplica({ name: 'Ann', clock });
  const bob = createReplica({ name: 'Bob', clock });
  const cleo = createReplica({ name: 'Cleo', role: 'admin', clock });
  const gus = createReplica({ name: 'Gus', role: 'guest', clock });
  const channelId = idOf(ann.run('chat.createChannel', { spaceId: SPACE, title: ' general ' }));
  const messageId = idOf(ann.run('chat.send', { channelId, text: 'first' }));
  deliver(ann, bob, cleo, gus);
  return { ann, bob, cleo, gus, channelId, messageId };
};
