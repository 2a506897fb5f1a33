/**
 * What a query read, and whether a change concerns it. Reads are recorded by standing between the query and the graph;
 * a read recorded too coarsely costs a run, one not recorded would leave a stale answer, so in doubt it is the former.
 */
import { assert } from '../../base/assert';
import type { ChangeSet, Engine, GraphNode } from '../../vm/graph/engine';
import { type NodeId, outlineShardOf, type ShardId, type SpaceId } from '../../vm/op/ids';
import { isAdmin, type View } from '../schema/define';
import { REPORT } from '../schema/system';
import { type Compiled, compile, type Place } from './compile';
import type { Notices } from './notices';

/** Names of what lies outside the graphs; the kernel says `touched(topic)` when one changed. */
export const topics = {
  me: 'me',
  /** The list of spaces. */
  spaces: 'spaces',
  /** Peers, links, the online switch. */
  net: 'net',
  /** A space became readable, or stopped being so. */
  graph: (space: string): string => `graph/${space}`,
  /** Roles, members, invites of a space. */
  rights: (space: string): string => `rights/${space}`,
  /** Names and pictures in a space. */
  people: (space: string): string => `people/${space}`,
  /** How far changes of a space are saved: journal writes and receipts. */
  states: (space: string): string => `states/${space}`,
  /** How well a space is kept. */
  health: (space: string): string => `health/${space}`,
  /** A setting of this person. */
  personal: (key: string): string => `personal/${key}`,
  /** The vector of a container's content shard. */
  heads: (container: string): string => `heads/${container}`,
  /** Cursors and typing in a container. */
  presence: (container: string): string => `presence/${container}`,
  /** The indexes of a space were made. */
  indexed: (space: string): string => `indexed/${space}`,
  /** A moment (ms) that has not come yet. */
  moment: (at: number): string => `moment/${at}`,
} as const;

export type GraphReads = {
  readonly nodes: Set<NodeId>;
  readonly types: Set<string>;
  readonly shards: Set<ShardId>;
  /** Parent -> the types of children asked for; `undefined` for all. */
  readonly parents: Map<NodeId | '', Set<string | undefined>>;
  readonly edges: Set<string>;
  readonly documents: Set<NodeId>;
  readonly finds: Find[];
  /** Type -> the parts of which all of that type was asked for, the removed too. */
  readonly arrivals: Map<string, Set<ShardId>>;
  /** What addresses this person. */
  notices: Notices | undefined;
  /** Something that any change of the space may alter. */
  whole: boolean;
};
/** What a question found. `last`: where a full window ends; what comes after it concerns nobody. */
type Find = { readonly compiled: Compiled; readonly ids: ReadonlySet<NodeId>; readonly last: Place | undefined };
export type Reads = {
  readonly topics: Set<string>;
  readonly graphs: Map<SpaceId, GraphReads>;
  /** Nodes that no space held. */
  readonly missing: Set<NodeId>;
};

const nothingRead = (whole: boolean): GraphReads => ({
  nodes: new Set(),
  types: new Set(),
  shards: new Set(),
  parents: new Map(),
  edges: new Set(),
  documents: new Set(),
  finds: [],
  arrivals: new Map(),
  notices: undefined,
  whole,
});
/** Reads of one topic, and of all of a space. */
export const readsOf = (topic: string, whole?: SpaceId): Reads => ({
  topics: new Set([topic]),
  graphs: new Map(whole === undefined ? [] : [[whole, nothingRead(true)]]),
  missing: new Set(),
});

/** A view that notes into `reads` whatever is asked of it. */
export const recordReads = (view: View): { view: View; reads: Reads } => {
  const reads: Reads = { topics: new Set(), graphs: new Map(), missing: new Set() };
  const engines = new Map<SpaceId, Engine>();
  const seenIn = (space: SpaceId): GraphReads => {
    const seen = reads.graphs.get(space) ?? nothingRead(false);
    reads.graphs.set(space, seen);
    return seen;
  };
  const recording: View = {
    get me() {
      reads.topics.add(topics.me);
      return view.me;
    },
    get spaces() {
      reads.topics.add(topics.spaces);
      return view.spaces;
    },
    graph: (space) => {
      reads.topics.add(topics.graph(space));
      const engine = view.graph(space);
      if (!engine) return undefined;
      const known = engines.get(space);
      if (known) return known;
      const recorded = recordEngine(engine, seenIn(space));
      engines.set(space, recorded);
      return recorded;
    },
    find: (space, question) => {
      reads.topics.add(topics.graph(space));
      const nodes = view.find(space, question);
      const compiled = compile(space, question);
      const ids = new Set(nodes.map(({ id }) => id));
      if (question.after !== undefined) ids.add(question.after as NodeId);
      const end = nodes.length === question.limit ? nodes.at(-1) : undefined;
      seenIn(space).finds.push({ compiled, ids, last: end && compiled.place(end) });
      return nodes;
    },
    partOf: (space, container) => view.partOf(space, container),
    arrivals: (space, part, type) => {
      reads.topics.add(topics.graph(space));
      const { arrivals } = seenIn(space);
      const parts = arrivals.get(type) ?? new Set();
      arrivals.set(type, parts.add(part));
      return view.arrivals(space, part, type);
    },
    // Whoever follows hears of every change; whoever runs again is told of all.
    source: (space) => {
      reads.topics.add(topics.graph(space));
      seenIn(space).whole = true;
      return view.source(space);
    },
    spaceOf: (node) => {
      const space = view.spaceOf(node);
      if (space === undefined) reads.missing.add(node);
      else reads.topics.add(topics.graph(space));
      return space;
    },
    role: (space, user) => {
      reads.topics.add(topics.rights(space));
      return view.role(space, user);
    },
    may: (space, entryClass, shard) => {
      reads.topics.add(topics.rights(space));
      return view.may(space, entryClass, shard);
    },
    person: (space, user) => {
      reads.topics.add(topics.people(space));
      return view.person(space, user);
    },
    erased: (space, shard) => {
      // Whoever shows it has read the part of the space, which an erasure touches.
      reads.topics.add(topics.rights(space));
      return view.erased(space, shard);
    },
    stateOf: (space, entry) => {
      reads.topics.add(topics.states(space));
      return view.stateOf(space, entry);
    },
    personal: (key) => {
      reads.topics.add(topics.personal(key));
      return view.personal(key);
    },
    heads: (container) => {
      reads.topics.add(topics.heads(container));
      return view.heads(container);
    },
    note: (topic) => {
      reads.topics.add(topic);
    },
    // An entry never moves within its log, so its position is no read.
    position: (space, entry) => view.position(space, entry),
    // A part belongs to one object for ever; where that is not known yet, it comes with a space or its covers.
    containerOf: (space, part) => {
      const container = view.containerOf(space, part);
      if (container === undefined) seenIn(space).shards.add(outlineShardOf(space));
      return container;
    },
    notices: (space) => {
      reads.topics.add(topics.graph(space));
      reads.topics.add(topics.me);
      const notices = view.notices(space);
      if (notices) seenIn(space).notices = notices;
      else reads.topics.add(topics.indexed(space));
      return notices;
    },
    // Whoever asks has read the object, which changes with what is written in it.
    writers: (space, part) => view.writers(space, part),
    community: (space) => {
      reads.topics.add(topics.rights(space));
      // Held work comes with no change of the graph; only Admins are told of it.
      if (isAdmin(view.role(space))) reads.topics.add(topics.states(space));
      seenIn(space).types.add(REPORT);
      return view.community(space);
    },
    passed: (at) => {
      const has = view.passed(at);
      if (!has) reads.topics.add(topics.moment(at));
      return has;
    },
  };
  return { view: recording, reads };
};

const recordEngine = (engine: Engine, seen: GraphReads): Engine => ({
  apply: () => {
    assert(false, 'a query writes nothing');
  },
  node: (id) => {
    const node = engine.node(id);
    // A read of the whole shard covers its nodes; this keeps the record of a long channel short.
    if (!node || !seen.shards.has(node.shard)) seen.nodes.add(id);
    return node;
  },
  nodesOfType: (type) => {
    seen.types.add(type);
    return engine.nodesOfType(type);
  },
  idsOfType: (type) => {
    seen.types.add(type);
    return engine.idsOfType(type);
  },
  nodesOfShard: (shard) => {
    seen.shards.add(shard);
    return engine.nodesOfShard(shard);
  },
  births: (shard, type, field) => {
    seen.shards.add(shard);
    return engine.births(shard, type, field);
  },
  placeOf: (entry) => engine.placeOf(entry),
  children: (parent, type) => {
    const asked = seen.parents.get(parent);
    if (asked) asked.add(type);
    else seen.parents.set(parent, new Set([type]));
    const children = engine.children(parent, type);
    for (const child of children) seen.nodes.add(child.id);
    return children;
  },
  edgesFrom: (node, relation) => {
    seen.edges.add(node);
    return engine.edgesFrom(node, relation);
  },
  edgesTo: (id, relation) => {
    seen.edges.add(id);
    return engine.edgesTo(id, relation);
  },
  documentUpdate: (id) => {
    seen.documents.add(id);
    return engine.documentUpdate(id);
  },
  textEdit: (id, edit, clientId) => {
    seen.documents.add(id);
    return engine.textEdit(id, edit, clientId);
  },
  documentText: (id) => {
    seen.documents.add(id);
    return engine.documentText(id);
  },
  blocks: (id) => {
    seen.documents.add(id);
    return engine.blocks(id);
  },
  history: (node) => {
    seen.nodes.add(node);
    seen.edges.add(node);
    seen.documents.add(node);
    return engine.history(node);
  },
  textHistory: (document, block) => {
    seen.documents.add(document);
    return engine.textHistory(document, block);
  },
  stateHash: (aclIds) => {
    seen.whole = true;
    return engine.stateHash(aclIds);
  },
  counts: () => {
    seen.whole = true;
    return engine.counts();
  },
});

/** What changed besides texts; of what changed otherwise the types stay, which costs a run at most. */
export const withoutTexts = (changes: ChangeSet): ChangeSet => {
  const { nodes, texts } = changes;
  if (!texts || texts.size === 0) return changes;
  const others = new Set([...nodes].filter((id) => !texts.has(id)));
  return { ...changes, nodes: others, types: others.size === 0 ? new Set() : changes.types, documents: new Map() };
};

/** `engine`: the graph after the change. */
export const touchedBy = (reads: Reads, space: SpaceId, changes: ChangeSet, engine: Engine | undefined): boolean => {
  for (const id of changes.nodes) if (reads.missing.has(id)) return true;
  const seen = reads.graphs.get(space);
  if (!seen) return false;
  if (seen.whole) return true;
  for (const type of changes.types) if (seen.types.has(type)) return true;
  for (const id of changes.edges) if (seen.edges.has(id)) return true;
  for (const id of changes.documents.keys()) if (seen.documents.has(id)) return true;
  for (const id of changes.rebuilt) if (seen.documents.has(id)) return true;
  if (seen.finds.some((find) => isFoundAnew(find, changes, engine))) return true;
  for (const id of changes.nodes) {
    if (seen.nodes.has(id)) return true;
    if (seen.shards.size === 0 && seen.parents.size === 0 && seen.arrivals.size === 0 && !seen.notices) continue;
    const node = engine?.node(id);
    if (seen.notices?.concerns(id, node)) return true;
    // Where a changed node is not to be found any more, what it left is not known either.
    if (!engine || !node || seen.shards.has(node.shard) || entersChildren(seen, node, engine)) return true;
    if (seen.arrivals.get(node.type)?.has(node.shard)) return true;
  }
  return false;
};

/** Whether one of the found changed, or another may be among them. A path may turn with any node or relation. */
const isFoundAnew = ({ compiled, ids, last }: Find, changes: ChangeSet, engine: Engine | undefined): boolean => {
  if (compiled.paths.length > 0 && (changes.edges.size > 0 || changes.nodes.size > 0)) return true;
  for (const id of changes.nodes) {
    if (ids.has(id)) return true;
    const node = engine?.node(id);
    if (!engine || !node) return true;
    if (!compiled.fits(node, [])) continue;
    if (!last || compiled.compare(compiled.place(node), last) < 0) return true;
  }
  return false;
};

/** A child that left was read itself; this finds those that come. A node never moved is in no list. */
const entersChildren = (seen: GraphReads, node: GraphNode, engine: Engine): boolean => {
  const asked = seen.parents.get(node.parent);
  if (!asked || !(asked.has(undefined) || asked.has(node.type))) return false;
  return engine.children(node.parent, node.type).some((child) => child.id === node.id);
};
