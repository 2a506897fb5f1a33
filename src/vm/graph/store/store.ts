/**
 * The engine over the WebAssembly module: hands entries in, by the batch, and reads what came of them. Here stay the
 * documents (Yjs) and the tree of moves; everything else is in the module's memory. Must not know keys, rights graphs,
 * storage or time.
 */
import { assert } from '../../../base/assert';
import { concat, fromHex, utf8, writeHex } from '../../../base/bytes';
import { hash, sha256 } from '../../../base/hash';
import { ok, type Result } from '../../../base/result';
import type { GraphModule } from '../../../ports';
import { type OpId, opIdOf } from '../../op/body';
import type { Hlc } from '../../op/clock';
import {
  contentShardOf,
  type DeviceId,
  type EntryId,
  type LogId,
  type NodeId,
  type ShardId,
  type SpaceId,
} from '../../op/ids';
import type { BirthName } from '../../op/names';
import { blocksOf, textOfDocument } from '../blocks';
import { editText } from '../edit';
import type {
  Births,
  Block,
  ChangeSet,
  Edge,
  Engine,
  EngineCounts,
  EngineMemory,
  FoldEntry,
  GraphNode,
  HistoryItem,
  ImageError,
  Place,
  SchemaRules,
  StateHash,
  TextEdit,
  TextEditError,
} from '../engine';
import { writersOf } from '../provenance';
import { type TextBase, TextDocument, type TextStamp } from '../text';
import { type Move, Tree } from '../tree';
import { Batch, type BodyEntry, readText, weightOf } from './batch';
import { ChangedNodes } from './changed';
import { historyAt } from './history';
import { loadImage, saveImage } from './image';
import { type Address, NAME, Native, SHARD, TARGET, TYPE } from './native';
import { type KeptTexts, Texts } from './texts';
import { edgeAt, StoredNode, type Whole } from './view';

/** Hollow ones are decoded. */
export type FoldItem = FoldEntry | BodyEntry;

/**
 * An engine that can be put away as bytes and taken out again. `apply` and `ingest` throw `EngineFull`; room for the worst
 * case is asked for, so a call should bring some MiB at most.
 */
export type GraphStore = Engine & {
  /** As `apply`, also of entries whose bodies nobody has decoded. */
  ingest(entries: readonly FoldItem[]): ChangeSet;
  /** The move that holds. */
  moveOf(node: NodeId): OpId | undefined;
  /** Under what it was made, where that is known here. */
  birthNameOf(node: NodeId): BirthName | undefined;
  /** The op that changed a document last. */
  lastText(document: NodeId): OpId | undefined;
  /** What may stand for all changes of a document's text; `undefined` where it may not. */
  layTogether(document: NodeId): TextBase | undefined;
  /**
   * It stands for the changes that it names from now on: of those that are here the bytes go, and of those that come later the
   * text is not looked at.
   */
  layBase(document: NodeId, base: TextBase): void;
  /** Documents whose base cannot stand any more: the graph is to be built anew from their changes. Told once. */
  takeLostBases(): readonly NodeId[];
  /** Takes some of what changed into the hash, so that `save` and `stateHash` have less to do. False when nothing is left. */
  digestSome(): boolean;
  /** Everything it holds; `openStore` gives it back. */
  save(): Uint8Array<ArrayBuffer>;
  memory(): EngineMemory;
};
/** Its memory is full. Nothing of what it was given was taken in, and it answers as before. */
export class EngineFull extends Error {}

/** `limit`: of its memory, in bytes; at most 4 GiB less one page. */
export type StoreOptions = { readonly limit?: number };

const GIB = 2 ** 30;
/** Entries go in when this many bytes of them are together. */
const BATCH_BYTES = 64 * 1024;
/** What an op comes to in memory is less than this many times its weight, tables apart. */
const GROWTH = 16;
/** Nodes and edges that are taken into the hash at once, some milliseconds. */
const DIGESTED = 500;
/** Tables double. */
const TABLES = 2.5;

export const createStore = (
  module: GraphModule,
  rules: SchemaRules,
  { limit = GIB }: StoreOptions = {},
): GraphStore => {
  const begin = (): Native => {
    const native = new Native(module, rules);
    native.calls.init(limit, BigInt.asUintN(64, module.seed()));
    return native;
  };
  return new Store(begin, module.id, limit, undefined);
};

export const openStore = (
  module: GraphModule,
  rules: SchemaRules,
  image: Uint8Array,
  { limit = GIB }: StoreOptions = {},
): Result<GraphStore, ImageError> => {
  const read = loadImage(module, rules, limit, image);
  return read.ok ? ok(new Store(() => read.value.native, module.id, limit, read.value.texts)) : read;
};

const NONE: ReadonlySet<NodeId> = new Set();

type PlacedMove = Move & { readonly at: Address; readonly of: Address };
type Birth = { readonly seq: number; readonly time: Hlc; readonly node: Address };
type Changes = {
  readonly texts: Set<TextDocument>;
  /** Besides what the module tells. */
  readonly nodes: Set<NodeId>;
  /** Where in the module's list of what changed those stand that changed by their text; of several batches that is not known. */
  written: readonly [from: number, to: number] | undefined;
};

class Store implements GraphStore {
  #space: SpaceId | undefined;
  readonly #tree = new Tree();
  #moves = 0;
  readonly #texts: Texts;
  readonly #batch = new Batch();
  readonly #views = new Map<Address, StoredNode>();
  readonly #viewsById = new Map<NodeId, StoredNode>();
  readonly #edges = new Map<Address, Edge>();
  readonly #children = new Map<NodeId | '', readonly GraphNode[]>();
  readonly #dirtyTexts = new Set<NodeId>();
  readonly #lostBases = new Set<NodeId>();
  /** A fault half-way through: what is in the memory is no state any more. */
  #torn = false;

  constructor(
    readonly begin: () => Native,
    readonly build: string,
    readonly limit: number,
    kept: KeptTexts | undefined,
  ) {
    this.#texts = new Texts((document, shard) => this.#mayStand(document, shard), kept);
    if (!kept) return;
    const space = this.native.calls.space();
    if (space > 0) this.#space = this.native.hexAt(space, 32) as SpaceId;
    this.#plant(true, new Set());
  }
  /** Made when it is first asked: nobody reads the graph of a space on a beacon. */
  get native(): Native {
    this.#native ??= this.begin();
    return this.#native;
  }
  #native: Native | undefined;
  get #whole(): Whole {
    this.#made ??= { native: this.native, tree: this.#tree, stands: (id) => this.#stands(id) };
    return this.#made;
  }
  #made: Whole | undefined;
  #mayStand(document: NodeId, shard: ShardId): boolean {
    return shard === contentShardOf(this.#space as SpaceId, document) || shard === this.node(document)?.shard;
  }

  // --- Folding ---------------------------------------------------------------------------------------------

  apply(entries: readonly FoldEntry[]): ChangeSet {
    return this.#fold(entries);
  }
  ingest(entries: readonly FoldItem[]): ChangeSet {
    return this.#fold(entries);
  }

  #fold(entries: readonly FoldItem[]): ChangeSet {
    assert(!this.#torn, 'an engine that failed is built anew');
    const { calls } = this.native;
    if (!this.#hasRoom(entries)) throw new EngineFull(`An engine of ${this.limit} bytes is full`);
    const changes: Changes = { texts: new Set(), nodes: new Set(), written: undefined };
    this.#torn = true;
    calls.begin();
    let first = 0;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i] as FoldEntry | BodyEntry;
      if (entry.space !== this.#space) this.#settleIn(entry.space);
      // An empty place keeps the numbers of entries as they are.
      if (entry.hollow) this.#foldHollow(entry, changes);
      if (!entry.hollow) this.#batch.add(entry);
      if (this.#batch.length < BATCH_BYTES && i + 1 < entries.length && !entry.hollow) continue;
      this.#hand(entries, first, changes);
      first = i + 1;
    }
    this.#finish(changes);
    const documents = new Map<NodeId, readonly Uint8Array[]>();
    const rebuilt = new Set<NodeId>();
    for (const text of changes.texts) {
      const flushed = text.flush();
      this.#dirtyTexts.add(text.id);
      if (flushed.updates.length > 0) documents.set(text.id, flushed.updates);
      if (flushed.rebuilt) rebuilt.add(text.id);
      if (text.baseIsLost) this.#lostBases.add(text.id);
    }
    this.#torn = false;
    return { ...this.#changed(changes), documents, rebuilt };
  }

  #hasRoom(entries: readonly FoldItem[]): boolean {
    let weight = 0;
    for (const entry of entries) weight += weightOf(entry);
    return this.native.calls.used() * TABLES + weight * GROWTH < this.limit;
  }

  #settleIn(space: SpaceId): void {
    const at = this.native.put(fromHex(space));
    assert(this.native.calls.setSpace(at) === 1, 'an engine holds one space');
    this.#space = space;
  }

  /** Gives the module what is together. `first`: the number of the first entry in it. */
  #hand(entries: readonly FoldItem[], first: number, changes: Changes): void {
    const bytes = this.#batch.take();
    if (bytes.length === 0) return;
    changes.written = undefined;
    const { calls } = this.native;
    const before = this.native.lengthOf(calls.texts());
    const at = this.native.put(bytes);
    assert(calls.ingest(at, bytes.length, first) === 1, 'a batch decodes');
    this.native.learned();
    if (this.native.lengthOf(calls.texts()) === before) return;
    const written = this.native.lengthOf(calls.changed());
    const texts = this.native.list(calls.texts());
    for (let i = before; i < texts.length; i += 6) {
      const [number, address, index, document, from, length] = texts.subarray(i, i + 6) as unknown as [
        number,
        Address,
        number,
        Address,
        Address,
        number,
      ];
      const named = document === 0 ? undefined : this.native.ownId<NodeId>(document, 16);
      const entry = entries[number] as FoldEntry | BodyEntry;
      const op = 'body' in entry ? readText(this.native.bytes.slice(from, from + length), named) : entry.ops[index];
      assert(op !== undefined && 'document' in op, 'a text op is a text op');
      this.#foldText(entry, address, index, op, changes);
    }
    if (first === 0) changes.written = [written, this.native.lengthOf(calls.changed())];
  }

  #foldText(
    entry: FoldEntry | BodyEntry,
    address: Address,
    index: number,
    op: { readonly document: NodeId; readonly n: number; readonly update: Uint8Array },
    changes: Changes,
  ): void {
    const text = this.#texts.make(op.document);
    const stamp = stampOf(entry);
    const taken =
      text.covers(entry.id) ||
      (entry.whole ? text.addWhole(stamp, index, op.update) : text.add(stamp, index, op.n, op.update));
    if (!taken) return;
    changes.texts.add(text);
    const { calls } = this.native;
    const at = calls.input(16);
    writeHex(op.document, this.native.bytes, at, 16);
    calls.markText(calls.nodeAt(at), address, index);
  }
  #foldHollow(entry: FoldEntry | BodyEntry, changes: Changes): void {
    assert('ops' in entry, 'what is taken in hollow is decoded');
    if (this.#texts.hollow.has(entry.id)) return;
    this.#texts.hollow.add(entry.id);
    for (const [index, op] of entry.ops.entries()) {
      if (op.type !== 'textUpdate') continue;
      const text = this.#texts.make(op.document);
      if (text.add(stampOf(entry), index, op.n, op.update, true)) changes.texts.add(text);
    }
  }

  /** Documents and tree, after births and moves. */
  #finish(changes: Changes): void {
    const { calls } = this.native;
    if (this.#texts.some) {
      for (const node of this.native.list(calls.born())) {
        const text = this.#texts.get(this.native.hexAt(node, 16) as NodeId);
        if (!text) continue;
        text.reconsider();
        changes.texts.add(text);
      }
    }
    const displaced = new Set<NodeId>();
    for (const node of this.native.list(calls.reborn()))
      for (const moved of this.#tree.remove(this.native.ownId(node, 16))) displaced.add(moved);
    this.#plant(false, displaced);
    for (const node of displaced) changes.nodes.add(node);
    const turned = calls.turned();
    if (this.#moves > 0)
      for (const node of this.native.list(turned))
        for (const child of this.#tree.under(this.native.ownId(node, 16))) changes.nodes.add(child);
    if (displaced.size > 0 || this.native.lengthOf(calls.changed()) > 0) this.#children.clear();
  }

  /** Takes the moves that are new (or all) into the tree; `displaced` gets the nodes whose place is another now. */
  #plant(all: boolean, displaced: Set<NodeId>): void {
    const { native } = this;
    const { calls } = native;
    calls.takeMoves(all ? 1 : 0);
    const found = native.list(calls.out());
    const moves: PlacedMove[] = [];
    for (let i = 0; i < found.length; i += 2) {
      const [of, at] = found.subarray(i, i + 2) as unknown as [Address, Address];
      const parent = calls.opA(at);
      const entry = calls.opEntry(at);
      moves.push({
        at,
        of,
        node: native.ownId(of, 16),
        parent: parent === 0 ? '' : native.ownId(parent, 16),
        order: native.text(calls.opB(at)),
        hlc: calls.hlcOf(entry) as Hlc,
        entry: native.ownId(entry, 32),
        index: calls.opIndex(at),
      });
    }
    this.#moves += moves.length;
    for (const node of this.#tree.insert(moves)) displaced.add(node);
    for (const node of displaced)
      calls.setPlace(native.node(node), (this.#tree.place(node) as PlacedMove | undefined)?.at ?? 0);
  }

  /** `more`: nodes that changed by what changed in others. */
  #changed({ nodes: more, written }: Changes): Pick<ChangeSet, 'nodes' | 'texts' | 'types' | 'edges'> {
    const { native } = this;
    const { calls } = native;
    const addresses = native.list(calls.changed());
    calls.changedTypes();
    const names = new Set(native.list(calls.out()));
    let others = more;
    if (more.size > 0) {
      const known = new Set(addresses);
      const of = new Map([...more].map((id) => [id, native.node(id)]));
      others = new Set([...more].filter((id) => !known.has(of.get(id) as Address)));
      for (const node of of.values()) names.add(calls.typeOf(node));
    }
    return {
      nodes: new ChangedNodes(native, addresses, others),
      texts: written && more.size === 0 ? new ChangedNodes(native, addresses.subarray(...written), NONE) : undefined,
      types: new Set([...names].map((name) => native.text(name))),
      edges: new ChangedNodes(native, native.list(calls.changedFrom()), NONE),
    };
  }

  #stands(id: NodeId): boolean {
    const node = this.node(id);
    return node !== undefined && !node.deleted;
  }

  // --- Reading ---------------------------------------------------------------------------------------------

  node(id: NodeId): GraphNode | undefined {
    const known = this.#viewsById.get(id);
    if (known) return known;
    const address = this.native.node(id);
    return address === 0 || this.native.calls.bornIn(address) === 0 ? undefined : this.#view(address, id);
  }
  #view(address: Address, id?: NodeId): StoredNode {
    const known = this.#views.get(address);
    if (known) return known;
    const view = new StoredNode(id ?? (this.native.hexAt(address, 16) as NodeId), address, this.#whole);
    this.#views.set(address, view);
    this.#viewsById.set(view.id, view);
    return view;
  }
  *#viewsOf(list: Address, next: (node: Address) => Address): Generator<GraphNode> {
    for (let node = list && this.native.calls.firstIn(list); node; node = next(node)) yield this.#view(node);
  }
  nodesOfType(type: string): Iterable<GraphNode> {
    const { calls } = this.native;
    const name = this.native.name(TYPE, type);
    return this.#viewsOf(name && calls.hangs(name), calls.nextOfType);
  }
  idsOfType(type: string): readonly NodeId[] {
    const { calls } = this.native;
    const name = this.native.name(TYPE, type);
    const found: Address[] = [];
    for (let node = name && calls.firstIn(calls.hangs(name)); node; node = calls.nextOfType(node)) found.push(node);
    return this.native.ids(Uint32Array.from(found));
  }
  nodesOfShard(shard: ShardId): Iterable<GraphNode> {
    const { calls } = this.native;
    const name = this.native.str(SHARD, fromHex(shard));
    return this.#viewsOf(name && calls.hangs(name), calls.nextOfShard);
  }

  births(shard: ShardId, type: string, field?: string): readonly Births[] {
    const { native } = this;
    const { calls } = native;
    const name = native.str(SHARD, fromHex(shard));
    const wanted = native.name(TYPE, type);
    const key = field === undefined ? undefined : native.name(NAME, field);
    if (key === 0) return [];
    const logs = new Map<Address, Birth[]>();
    for (let node = name && wanted && calls.firstIn(calls.hangs(name)); node; node = calls.nextOfShard(node)) {
      if (calls.typeOf(node) !== wanted || (key && calls.cellOf(node, key) === 0)) continue;
      const entry = calls.bornIn(node);
      const log = calls.logOf(entry);
      const births = logs.get(log);
      const birth = { seq: calls.seqOf(entry), time: calls.hlcOf(entry) as Hlc, node };
      if (births) births.push(birth);
      else logs.set(log, [birth]);
    }
    return [...logs].map(([log, births]) => {
      births.sort((a, b) => a.seq - b.seq);
      return {
        log: native.id<LogId>(log),
        seqs: births.map(({ seq }) => seq),
        times: births.map(({ time }) => time),
        node: (index) => this.#view((births[index] as Birth).node),
      };
    });
  }
  placeOf(id: EntryId): Place | undefined {
    const { calls } = this.native;
    const entry = this.native.entry(id);
    const log = entry && calls.logOf(entry);
    return log ? { log: this.native.id<LogId>(log), seq: calls.seqOf(entry) } : undefined;
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
      for (const id of this.#tree.under(stated)) if (this.#stands(id)) found.push(this.node(id) as GraphNode);
    }
    return found.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : a.id < b.id ? -1 : 1));
  }

  edgesFrom(node: NodeId, relation?: string): readonly Edge[] {
    const address = this.native.node(node);
    if (address === 0) return [];
    this.native.calls.edgesFrom(address);
    return this.#edgesOut(relation);
  }
  edgesTo(to: string, relation?: string): readonly Edge[] {
    const target = this.native.str(TARGET, utf8(to));
    if (target === 0) return [];
    this.native.calls.edgesTo(target);
    return this.#edgesOut(relation);
  }
  #edgesOut(relation: string | undefined): readonly Edge[] {
    const edges: Edge[] = [];
    for (const address of this.native.list(this.native.calls.out())) {
      const edge = this.#edges.get(address) ?? edgeAt(this.native, address);
      this.#edges.set(address, edge);
      if (relation === undefined || edge.relation === relation) edges.push(edge);
    }
    return edges.sort((a, b) => a.hlc - b.hlc || (a.tag < b.tag ? -1 : 1));
  }

  documentUpdate(document: NodeId): Uint8Array {
    return (this.#texts.get(document) ?? emptyText(document)).update();
  }
  moveOf(node: NodeId): OpId | undefined {
    const place = this.#tree.place(node);
    return place && opIdOf(place.entry, place.index);
  }
  birthNameOf(node: NodeId): BirthName | undefined {
    const { native } = this;
    const { calls } = native;
    const at = native.node(node);
    const device = at === 0 ? 0 : calls.bornOn(at);
    if (device === 0) return undefined;
    return {
      device: native.id<DeviceId>(device),
      incarnation: calls.incarnationOf(at),
      counter: calls.counterOf(at),
    };
  }
  lastText(document: NodeId): OpId | undefined {
    const last = this.#texts.get(document)?.last;
    return last && opIdOf(last.stamp.id, last.index);
  }
  layTogether(document: NodeId): TextBase | undefined {
    return this.#texts.get(document)?.layTogether();
  }
  layBase(document: NodeId, base: TextBase): void {
    this.#texts.make(document).lay(base);
  }
  takeLostBases(): readonly NodeId[] {
    const lost = [...this.#lostBases];
    this.#lostBases.clear();
    return lost;
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
    const node = this.native.node(id);
    return node === 0 ? [] : historyAt(this.native, this.#tree, id, node);
  }
  textHistory(document: NodeId, block: NodeId): readonly HistoryItem[] {
    const text = this.#texts.get(document);
    return text ? writersOf(text, block) : [];
  }
  counts(): EngineCounts {
    const { calls } = this.native;
    const { documents, pendingStructs } = this.#texts.counts();
    return {
      nodes: calls.nodeCount(),
      edges: calls.edgeCount(),
      fields: calls.fieldCount(),
      documents,
      pendingStructs,
    };
  }

  // --- Hashing and images -----------------------------------------------------------------------------------

  stateHash(aclIds: readonly EntryId[]): StateHash {
    const { native } = this;
    const { calls } = native;
    this.#hashTexts();
    calls.hashState();
    const shards = new Map<ShardId, Uint8Array>();
    const found = [...native.list(calls.out())].map((shard) => ({
      shard,
      id: native.id<ShardId>(calls.shardName(shard)),
    }));
    for (const { shard, id } of found.sort((a, b) => (a.id < b.id ? -1 : 1))) {
      const root = calls.shardRoot(shard);
      shards.set(id, native.bytes.slice(root, root + 32));
    }
    const acl = [...new Set(aclIds)].sort().map((id) => fromHex(id));
    const roots = [...shards].map(([shard, root]) => concat(fromHex(shard), root));
    const space = hash('lgos/state/space/1', hash('lgos/state/shards/1', ...roots), hash('lgos/state/acl/1', ...acl));
    return { space, shards };
  }
  #hashTexts(): void {
    const { native } = this;
    const { calls } = native;
    for (const id of this.#dirtyTexts) {
      const text = this.#texts.get(id);
      if (!text) continue;
      const node = calls.nodeAt(native.put(fromHex(id)));
      const shard = text.first?.shard;
      // It may have lost its place to an earlier claim of its node.
      if (!shard) {
        calls.hashText(node, 0, 0);
        continue;
      }
      const name = calls.strOf(SHARD, native.put(fromHex(shard)), 16);
      calls.hashText(node, name, native.put(sha256(text.update())));
    }
    this.#dirtyTexts.clear();
  }

  digestSome(): boolean {
    return this.native.calls.hashSome(DIGESTED) > 0;
  }
  save(): Uint8Array<ArrayBuffer> {
    assert(!this.#torn, 'an engine that failed has no image');
    this.#hashTexts();
    this.native.calls.hashState();
    return saveImage(this.native, this.build, this.#texts.keep());
  }
  memory(): EngineMemory {
    return { used: this.native.calls.used(), reserved: this.native.reserved, limit: this.limit };
  }
}

const stampOf = ({ id, shard, device, author, hlc }: FoldEntry | BodyEntry): TextStamp => ({
  id,
  shard,
  device,
  author,
  hlc,
});

const emptyText = (document: NodeId): TextDocument => new TextDocument(document, () => false);
