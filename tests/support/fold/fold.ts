/**
 * The engine in TypeScript: routes every op of an entry to the room that folds it, and answers reads. Each room is a
 * function of the set of ops it was given, so the whole is one of the set of entries. Unknown ops are left to the
 * journal. Must not know keys, rights graphs, storage or time.
 */
import { assert } from '../../../src/base/assert';
import { toHex } from '../../../src/base/bytes';
import { sha256 } from '../../../src/base/hash';
import type { Result } from '../../../src/base/result';
import { blocksOf, textOfDocument } from '../../../src/vm/graph/blocks';
import { editText } from '../../../src/vm/graph/edit';
import type {
  Births,
  Block,
  ChangeSet,
  Edge,
  Engine,
  EngineCounts,
  FoldEntry,
  GraphNode,
  HistoryItem,
  Place,
  SchemaRules,
  StateHash,
  TextEdit,
  TextEditError,
} from '../../../src/vm/graph/engine';
import { writersOf } from '../../../src/vm/graph/provenance';
import { TextDocument } from '../../../src/vm/graph/text';
import { type Move, Tree } from '../../../src/vm/graph/tree';
import { type Op, opIdOf } from '../../../src/vm/op/body';
import {
  contentShardOf,
  type DeviceId,
  type EntryId,
  type LogId,
  type NodeId,
  nodeIdOf,
  type ShardId,
  type SpaceId,
} from '../../../src/vm/op/ids';
import { Causality, type Stamp } from './causal';
import { type HashItem, ShardHashes } from './hash';
import { historyOf } from './history';
import { type Mark, type NodeOp, NodeState } from './node';
import { Edges } from './relation';
import { losersOf, NodeView, type Whole } from './view';

type Changes = {
  readonly nodes: Set<NodeId>;
  readonly edges: Set<NodeId>;
  readonly moves: Move[];
  /** Nodes whose visible children change with them. */
  readonly turned: Set<NodeId>;
  readonly texts: Set<TextDocument>;
};

export const createFold = (rules: SchemaRules): Engine => new Fold(rules);

class Fold implements Engine {
  #space: SpaceId | undefined;
  readonly #causality = new Causality();
  readonly #nodes = new Map<NodeId, NodeState>();
  readonly #views = new Map<NodeId, NodeView>();
  readonly #idsByType = new Map<string, Set<NodeId>>();
  readonly #idsByShard = new Map<ShardId, Set<NodeId>>();
  readonly #tree = new Tree();
  readonly #edges: Edges;
  readonly #texts = new Map<NodeId, TextDocument>();
  readonly #hollow = new Set<EntryId>();
  readonly #forkedByShard = new Map<ShardId, Set<DeviceId>>();
  readonly #children = new Map<NodeId | '', readonly GraphNode[]>();
  readonly #hashes = new ShardHashes();
  /** What changed since the last hash was asked for. */
  readonly #dirty = {
    nodes: new Set<NodeId>(),
    edges: new Map<string, Edge>(),
    texts: new Set<NodeId>(),
    shards: new Set<ShardId>(),
  };
  readonly #whole: Whole;

  constructor(readonly rules: SchemaRules) {
    this.#edges = new Edges(rules);
    this.#whole = { tree: this.#tree, causality: this.#causality, stands: (id) => this.#stands(id) };
  }

  // --- Folding ---------------------------------------------------------------------------------------------

  apply(entries: readonly FoldEntry[]): ChangeSet {
    const changes: Changes = { nodes: new Set(), edges: new Set(), moves: [], turned: new Set(), texts: new Set() };
    for (const entry of entries) {
      this.#space ??= entry.space;
      assert(entry.space === this.#space, 'an engine holds one space');
      if (entry.hollow) {
        this.#foldHollow(entry, changes);
        continue;
      }
      const added = this.#causality.add(entry);
      if (!added) continue;
      if (added.forked) this.#flagFork(entry);
      for (const [index, op] of entry.ops.entries()) this.#fold(entry, added.stamp, op, index, changes);
    }
    for (const node of this.#tree.insert(changes.moves)) changes.nodes.add(node);
    for (const node of changes.turned) for (const child of this.#tree.under(node)) changes.nodes.add(child);
    if (changes.turned.size > 0 || changes.moves.length > 0 || changes.nodes.size > 0) this.#children.clear();

    const documents = new Map<NodeId, readonly Uint8Array[]>();
    const rebuilt = new Set<NodeId>();
    for (const text of changes.texts) {
      const flushed = text.flush();
      this.#dirty.texts.add(text.id);
      if (flushed.updates.length > 0) documents.set(text.id, flushed.updates);
      if (flushed.rebuilt) rebuilt.add(text.id);
    }
    const nodes = new Set<NodeId>();
    const types = new Set<string>();
    for (const id of changes.nodes) {
      const type = this.#nodes.get(id)?.birth?.op.nodeType;
      if (type === undefined) continue;
      nodes.add(id);
      types.add(type);
      this.#dirty.nodes.add(id);
    }
    return { nodes, types, documents, rebuilt, edges: changes.edges };
  }

  #foldHollow(entry: FoldEntry, changes: Changes): void {
    if (this.#hollow.has(entry.id)) return;
    this.#hollow.add(entry.id);
    const stamp: Stamp = { ...entry, prev: entry.prev };
    for (const [index, op] of entry.ops.entries()) {
      if (op.type !== 'textUpdate') continue;
      const text = this.#text(op.document);
      if (text.add(stamp, index, op.n, op.update, true)) changes.texts.add(text);
    }
  }

  #flagFork(entry: FoldEntry): void {
    const devices = this.#forkedByShard.get(entry.shard) ?? new Set();
    this.#forkedByShard.set(entry.shard, devices.add(entry.device));
    this.#dirty.shards.add(entry.shard);
  }

  #fold(entry: FoldEntry, stamp: Stamp, op: Op, index: number, changes: Changes): void {
    switch (op.type) {
      case 'nodeNew':
        if (nodeIdOf(entry.space, entry.device, entry.incarnation, op.counter) !== op.node) return;
        return this.#foldNode(op.node, { stamp, index, op }, changes);
      case 'fieldSet':
      case 'nodeDel':
      case 'nodeRestore':
      case 'move':
        return this.#foldNode(op.node, { stamp, index, op }, changes);
      case 'edgeAdd':
        return this.#showEdge(this.#edges.add(opIdOf(stamp.id, index), op, stamp), changes);
      case 'edgeDel':
        for (const tag of new Set(op.tags)) {
          this.#showEdge(this.#edges.remove({ tag, by: opIdOf(stamp.id, index), stamp }), changes);
        }
        return;
      case 'textUpdate': {
        const text = this.#text(op.document);
        if (!text.add(stamp, index, op.n, op.update)) return;
        changes.texts.add(text);
        return this.#foldNode(op.document, { stamp, index, op: { type: 'text' } }, changes);
      }
      case 'large':
      case 'unknown':
        return;
    }
  }

  #showEdge(edge: Edge | undefined, changes: Changes): void {
    if (!edge) return;
    changes.edges.add(edge.from);
    this.#dirty.edges.set(edge.tag, edge);
  }

  #text(id: NodeId): TextDocument {
    const known = this.#texts.get(id);
    if (known) return known;
    const own = contentShardOf(this.#space as SpaceId, id);
    const text = new TextDocument(id, (shard) => shard === own || shard === this.#nodes.get(id)?.shard);
    this.#texts.set(id, text);
    return text;
  }

  #foldNode(id: NodeId, mark: Mark, changes: Changes): void {
    const node = this.#nodes.get(id) ?? new NodeState(id, this.rules);
    this.#nodes.set(id, node);
    const before = node.birth;
    const effect = node.add(mark);
    if (effect === 'nothing') return;
    changes.nodes.add(id);
    if (effect === 'move') changes.moves.push(moveOf(id, mark.stamp, mark.index, mark.op));
    if (effect === 'deletion') changes.turned.add(id);
    if (effect !== 'birth') return;

    changes.turned.add(id);
    this.#index(node, before);
    const text = this.#texts.get(id);
    if (text) {
      text.reconsider();
      changes.texts.add(text);
    }
    if (before) {
      // Only a device that claims one node twice comes here: what was allowed under the first claim is asked again.
      for (const moved of this.#tree.remove(id)) changes.nodes.add(moved);
      changes.moves.splice(0, Infinity, ...changes.moves.filter((move) => move.node !== id));
    }
    for (const each of node.marks) {
      if (each.op.type === 'move' && node.allows(each)) changes.moves.push(moveOf(id, each.stamp, each.index, each.op));
    }
  }

  #index(node: NodeState, before: NodeState['birth']): void {
    if (before) {
      this.#idsByType.get(before.op.nodeType)?.delete(node.id);
      this.#idsByShard.get(before.stamp.shard)?.delete(node.id);
    } else this.#views.set(node.id, new NodeView(node, this.#whole));
    const { op, stamp } = node.birth as NonNullable<NodeState['birth']>;
    const ofType = this.#idsByType.get(op.nodeType) ?? new Set();
    this.#idsByType.set(op.nodeType, ofType.add(node.id));
    const ofShard = this.#idsByShard.get(stamp.shard) ?? new Set();
    this.#idsByShard.set(stamp.shard, ofShard.add(node.id));
  }

  #stands(id: NodeId): boolean {
    const node = this.#nodes.get(id);
    return node?.birth !== undefined && !node.deleted;
  }

  // --- Reading ---------------------------------------------------------------------------------------------

  node(id: NodeId): GraphNode | undefined {
    return this.#views.get(id);
  }
  *#viewsOf(ids: Iterable<NodeId>): Generator<GraphNode> {
    for (const id of ids) yield this.#views.get(id) as NodeView;
  }
  nodesOfType(type: string): Iterable<GraphNode> {
    return this.#viewsOf(this.#idsByType.get(type) ?? []);
  }
  idsOfType(type: string): readonly NodeId[] {
    return Array.from(this.nodesOfType(type), ({ id }) => id);
  }
  nodesOfShard(shard: ShardId): Iterable<GraphNode> {
    return this.#viewsOf(this.#idsByShard.get(shard) ?? []);
  }

  births(shard: ShardId, type: string, field?: string): readonly Births[] {
    const logs = new Map<LogId, { seq: number; node: GraphNode }[]>();
    for (const node of this.nodesOfShard(shard)) {
      if (field !== undefined && node.field(field) === undefined) continue;
      const place = node.type === type ? this.placeOf(node.createdBy) : undefined;
      if (place) logs.set(place.log, [...(logs.get(place.log) ?? []), { seq: place.seq, node }]);
    }
    return [...logs].map(([log, births]) => {
      const sorted = births.sort((a, b) => a.seq - b.seq);
      const node = (index: number): GraphNode => (sorted[index] as (typeof sorted)[number]).node;
      return {
        log,
        seqs: sorted.map(({ seq }) => seq),
        times: sorted.map((each) => each.node.createdAt),
        node,
      };
    });
  }
  placeOf(entry: EntryId): Place | undefined {
    const stamp = this.#causality.stamp(entry);
    return stamp && { log: stamp.log, seq: stamp.seq };
  }

  children(parent: NodeId | '', type?: string): readonly GraphNode[] {
    const children = this.#children.get(parent) ?? this.#sortedChildren(parent);
    this.#children.set(parent, children);
    return type === undefined ? children : children.filter((child) => child.type === type);
  }

  #sortedChildren(parent: NodeId | ''): readonly GraphNode[] {
    const found: GraphNode[] = [];
    // At the top also stand those whose parent is deleted or unknown.
    for (const stated of parent === '' ? this.#tree.parents() : [parent]) {
      if (stated !== '' && this.#stands(stated) === (parent === '')) continue;
      for (const id of this.#tree.under(stated)) if (this.#stands(id)) found.push(this.#views.get(id) as NodeView);
    }
    return found.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : a.id < b.id ? -1 : 1));
  }

  edgesFrom(node: NodeId, relation?: string): readonly Edge[] {
    return this.#edges.from(node, relation);
  }
  edgesTo(to: string, relation?: string): readonly Edge[] {
    return this.#edges.to(to, relation);
  }
  documentUpdate(document: NodeId): Uint8Array {
    return (this.#texts.get(document) ?? emptyText(document)).update();
  }
  documentText(document: NodeId): string {
    const text = this.#texts.get(document);
    return text ? textOfDocument(text.doc) : '';
  }
  textEdit(document: NodeId, edit: TextEdit, clientId: number): Result<Uint8Array, TextEditError> {
    return editText(this.documentUpdate(document), edit, clientId);
  }
  blocks(document: NodeId): readonly Block[] {
    const text = this.#texts.get(document);
    return text ? blocksOf(document, text.doc) : [];
  }
  history(id: NodeId): readonly HistoryItem[] {
    const node = this.#nodes.get(id);
    return historyOf(id, node, this.#edges, this.#tree, (key) => (node ? losersOf(node, key, this.#causality) : []));
  }

  textHistory(document: NodeId, block: NodeId): readonly HistoryItem[] {
    const text = this.#texts.get(document);
    return text ? writersOf(text, block) : [];
  }

  counts(): EngineCounts {
    let fields = 0;
    for (const id of this.#views.keys()) fields += this.#nodes.get(id)?.cells.size ?? 0;
    let pendingStructs = 0;
    let documents = 0;
    for (const text of this.#texts.values()) {
      pendingStructs += text.pendingStructs;
      if (text.first) documents++;
    }
    return { nodes: this.#views.size, edges: this.#edges.size, fields, documents, pendingStructs };
  }

  // --- Hashing ---------------------------------------------------------------------------------------------

  stateHash(aclIds: readonly EntryId[]): StateHash {
    const { nodes, edges, texts, shards } = this.#dirty;
    for (const id of nodes) this.#hashNode(id);
    for (const edge of edges.values()) {
      this.#hashes.set(`edge:${edge.tag}`, edge.shard, this.#edges.isLive(edge.tag) ? [['edge', edge.tag]] : []);
    }
    for (const id of texts) {
      const text = this.#texts.get(id);
      if (!text) continue;
      const shard = text.first?.shard;
      const items = shard ? [['text', id, toHex(sha256(text.update()))]] : [];
      this.#hashes.set(`text:${id}`, shard ?? ('' as ShardId), items);
    }
    for (const shard of shards) {
      const devices = [...(this.#forkedByShard.get(shard) ?? [])];
      this.#hashes.set(
        `fork:${shard}`,
        shard,
        devices.map((device) => ['fork', device]),
      );
    }
    for (const set of [nodes, edges, texts, shards]) set.clear();
    return this.#hashes.state(aclIds);
  }

  #hashNode(id: NodeId): void {
    const node = this.#nodes.get(id);
    if (!node?.birth) return;
    const items: HashItem[] = [['node', id, node.birth.op.nodeType, node.birth.stamp.id]];
    for (const [key, { winner }] of node.cells) items.push(['cell', id, key, winner.json, winner.entry]);
    for (const deletion of node.deletions) items.push(['deleted', id, deletion]);
    const place = this.#tree.place(id);
    if (place) items.push(['place', id, place.parent, place.order, place.entry]);
    this.#hashes.set(`node:${id}`, node.birth.stamp.shard, items);
  }
}

const moveOf = (node: NodeId, stamp: Stamp, index: number, op: NodeOp): Move => {
  assert(op.type === 'move', 'a move is a move');
  return { node, parent: op.parent, order: op.order, hlc: stamp.hlc, entry: stamp.id, index };
};

const emptyText = (document: NodeId): TextDocument => new TextDocument(document, () => false);
