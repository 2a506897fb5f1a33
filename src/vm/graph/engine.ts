/**
 * What a graph engine is: it takes admitted entries and answers reads. Types only, so that the engine written in
 * TypeScript (`fold.ts`) and a later one in WebAssembly stand behind the same words.
 * An engine holds one space. Its state is a function of the SET of entries it was given: order, repeats and the way a
 * delivery is split never show. It knows no clock, no keys, no network, and trusts only that entries were admitted.
 */
import type { Result } from '../../base/result';
import type { JsonText, Op, OpId } from '../op/body';
import type { Hlc } from '../op/clock';
import type { DeviceId, EntryId, LogId, NodeId, ShardId, SpaceId, UserId } from '../op/ids';

export type Role = 'owner' | 'admin' | 'member' | 'guest';

/** A verified, decrypted, authorised entry; `large` ops are already replaced by the ops they stand for. */
export type FoldEntry = {
  readonly id: EntryId;
  readonly log: LogId;
  readonly space: SpaceId;
  readonly shard: ShardId;
  readonly seq: number;
  readonly device: DeviceId;
  readonly incarnation: number;
  readonly author: UserId;
  /** The author's role where this entry stands in the rights graph. */
  readonly role: Role;
  readonly hlc: Hlc;
  /** The entry before it in its log: tells branches apart where the log goes on in several ways. */
  readonly prev?: EntryId;
  readonly deps: readonly EntryId[];
  readonly ops: readonly Op[];
  /** Not to be shown: only the places of its text are taken in, deleted, because others may have built on them. */
  readonly hollow?: boolean;
  /** Out of a snapshot: a text op of it is a whole document, whoever wrote in it, checked by its form alone. */
  readonly whole?: boolean;
};

/** `author`: whoever made the node. `members`: Members and above, and the node's author. `admins`: Admins and Owners. */
export type Writable = 'author' | 'members' | 'admins';

/** What the applications declare. All three answer `members` for a name they do not know. */
export type SchemaRules = {
  /** Who may set a field. A move is ruled as the field `parent`. */
  field(nodeType: string, key: string): Writable;
  /** Who may delete. `author` lets Admins delete too. */
  deletion(nodeType: string): Writable;
  /** Who may remove an edge: its author and Admins always, with `members` every Member. `admins` also limits who adds. */
  relation(relation: string): Writable;
};

export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };

export type FieldVersion = {
  readonly json: JsonText;
  readonly hlc: Hlc;
  readonly entry: EntryId;
  readonly author: UserId;
  readonly device: DeviceId;
};
/**
 * The winner of a field. `losers`: at most 4 other values written without knowledge of the winner, the best first;
 * those that their own author or anybody later replaced are not listed, nor those equal to the winner.
 */
export type FieldState = FieldVersion & { readonly value: Value; readonly losers: readonly FieldVersion[] };

/** A live view: it always tells the engine's present state. */
export type GraphNode = {
  readonly id: NodeId;
  readonly type: string;
  readonly shard: ShardId;
  readonly author: UserId;
  readonly createdAt: Hlc;
  readonly createdBy: EntryId;
  readonly deleted: boolean;
  /** Deletions that no restore has lifted. */
  readonly deletions: readonly OpId[];
  readonly updatedAt: Hlc;
  /** Where it stands. Empty at the top, also while the parent it was moved to is deleted or unknown. */
  readonly parent: NodeId | '';
  readonly order: string;
  field(key: string): Value | undefined;
  fieldState(key: string): FieldState | undefined;
  keys(): readonly string[];
};

export type Edge = {
  readonly tag: OpId;
  readonly shard: ShardId;
  readonly from: NodeId;
  readonly relation: string;
  readonly to: string;
  readonly value: Value;
  readonly author: UserId;
  readonly hlc: Hlc;
};

/** Where an entry stands in its log. */
export type Place = { readonly log: LogId; readonly seq: number };
/** Of one log, nodes by the places of the entries that made them, the lowest first; of one entry or place several, in no order. */
export type Births = {
  readonly log: LogId;
  readonly seqs: readonly number[];
  readonly times: readonly Hlc[];
  node(index: number): GraphNode;
};

/** A set whose ids may be made only when somebody asks for them. */
export type NodeSet = Iterable<NodeId> & { readonly size: number; has(id: NodeId): boolean };

export type ChangeSet = {
  readonly nodes: NodeSet;
  /** Those of `nodes` of which nothing but the text changed, as far as that is known. */
  readonly texts?: NodeSet | undefined;
  readonly types: ReadonlySet<string>;
  /** V2 updates newly applied, to forward to page twins. */
  readonly documents: ReadonlyMap<NodeId, readonly Uint8Array[]>;
  /** Documents that a forked device forced to be built anew: a twin must start over from `documentUpdate`. */
  readonly rebuilt: ReadonlySet<NodeId>;
  /** The nodes from which edges came or went. */
  readonly edges: NodeSet;
};

export type BlockKind = 'section' | 'block' | 'reference';
/** Derived from a document, read-only. `level`: of a section's heading. `target`: where a reference points. */
export type Block = {
  readonly id: NodeId;
  readonly blockId: string;
  readonly kind: BlockKind;
  readonly text: string;
  readonly level?: number;
  readonly target?: string;
};

/** Indices count UTF-16 units of `documentText`. */
export type TextEdit = { readonly index: number; readonly insert?: string; readonly remove?: number };
/** `outOfRange`: outside the text, or inside a surrogate pair. `notText`: the place is a rule or a picture. */
export type TextEditError = {
  readonly type: 'outOfRange' | 'notText';
  readonly length: number;
  readonly message: string;
};

export type HistoryKind = 'created' | 'field' | 'deleted' | 'restored' | 'moved' | 'linked' | 'unlinked' | 'text';
export type HistoryItem = {
  readonly entry: EntryId;
  readonly op: OpId;
  readonly hlc: Hlc;
  readonly author: UserId;
  readonly device: DeviceId;
  readonly type: HistoryKind;
  /** A field's name, or an edge's relation. */
  readonly key?: string;
  readonly json?: JsonText;
  /** Fields and moves: it is what holds now. */
  readonly won?: boolean;
  /** Fields: it lost to a value written without knowledge of it. */
  readonly concurrent?: boolean;
};

export type StateHash = { readonly space: Uint8Array; readonly shards: ReadonlyMap<ShardId, Uint8Array> };

export type EngineCounts = {
  readonly nodes: number;
  readonly edges: number;
  readonly fields: number;
  readonly documents: number;
  /** Yjs structs that wait for others they build on. */
  readonly pendingStructs: number;
};

/** Bytes. `used`: what an image would have; `reserved`: what the system gave; `limit`: at which nothing more is taken in. */
export type EngineMemory = { readonly used: number; readonly reserved: number; readonly limit: number };
/**
 * `damaged`: not what was saved. `other`: of another build, or the applications now answer otherwise about who may do
 * what. Either way the journal has everything.
 */
export type ImageError = { readonly type: 'damaged' | 'other'; readonly message: string };

export type Engine = {
  /** Entries seen before are ignored. */
  apply(entries: readonly FoldEntry[]): ChangeSet;
  node(id: NodeId): GraphNode | undefined;
  /** Includes the deleted. */
  nodesOfType(type: string): Iterable<GraphNode>;
  /** Of the same, without a view of any. */
  idsOfType(type: string): readonly NodeId[];
  nodesOfShard(shard: ShardId): Iterable<GraphNode>;
  /**
   * Nodes of a type in a part, with the deleted, by where they were made; `field`: only those that have one. It looks at each, and
   * makes a view of none.
   */
  births(shard: ShardId, type: string, field?: string): readonly Births[];
  /** `undefined` for an entry that was not taken in. */
  placeOf(entry: EntryId): Place | undefined;
  /** Nodes that were moved under `parent`, by (order, id), without the deleted. A node never moved is in no list. */
  children(parent: NodeId | '', type?: string): readonly GraphNode[];
  edgesFrom(node: NodeId, relation?: string): readonly Edge[];
  edgesTo(to: string, relation?: string): readonly Edge[];
  /** The whole document as one V2 update; an empty one where nothing was written. */
  documentUpdate(document: NodeId): Uint8Array;
  /** Leaf blocks joined by "\n". An inline object counts as one unit: U+FFFC, a hard break U+2028. */
  documentText(document: NodeId): string;
  /** The V2 update that makes this edit, for `clientId`. The engine does not change. */
  textEdit(document: NodeId, edit: TextEdit, clientId: number): Result<Uint8Array, TextEditError>;
  blocks(document: NodeId): readonly Block[];
  history(node: NodeId): readonly HistoryItem[];
  /** The changes that wrote what stands in one block of a document now, oldest first. What was only taken away names nobody. */
  textHistory(document: NodeId, block: NodeId): readonly HistoryItem[];
  /** `aclIds`: the entries of the rights graph, which the engine does not see. Costs time by what changed since the last call. */
  stateHash(aclIds: readonly EntryId[]): StateHash;
  counts(): EngineCounts;
};
