/**
 * How an application declares itself: its graph node types with who may write which field, its commands and queries.
 * Declarations are data and pure functions; the kernel runs them. An application never sees storage, keys or links.
 */

import { err, ok, type Result } from '../../base/result';
import type { ChangeState, Person, Refusal, RowsEdit, SpaceKind } from '../../bridge/messages';
import type { Births, ChangeSet, Engine, GraphNode, Role, Value, Writable } from '../../vm/graph/engine';
import type { Markup } from '../../vm/graph/markup';
import type { Hlc } from '../../vm/op/clock';
import type { EntryClass } from '../../vm/op/entry';
import {
  contentShardOf,
  type EntryId,
  type NodeId,
  outlineShardOf,
  type ShardId,
  type SpaceId,
  type UserId,
} from '../../vm/op/ids';
import type { Arrivals } from '../graph/arrivals';
import type { FollowSource } from '../graph/follow';
import type { Notices } from '../graph/notices';
import type { Question } from '../graph/question';

/** All that applications may know of the layers around them. */
export type {
  ChangeState,
  ChannelAnswer,
  ChannelRow,
  CommentRow,
  CommentsAnswer,
  DocumentAnswer,
  DocumentRow,
  MessageRow,
  MessageWindow,
  Person,
  ReactionRow,
  Refusal,
  SuggestionRow,
  TemplateRow,
} from '../../bridge/messages';
export { type Markup, markupOf } from '../../vm/graph/markup';
export { msOf } from '../../vm/op/clock';
export type { Notice, Notices } from '../graph/notices';
export type { Question, Term } from '../graph/question';
export { blockedAmong, isBlocked } from './blocking';
export { blocksFrom } from './blocks';
export { orderAfter } from './ordering';
export { removalOf } from './removal';
export {
  addresses,
  badgeOf,
  isReadIn,
  LEVELS,
  type Level,
  levelKey,
  levelOf,
  type Reading,
  type ReadVector,
  readAll,
  readingOf,
  readKey,
  readVectorOf,
  threadsKey,
  vectorAt,
} from './unread';
export type { Births, Engine, EntryId, GraphNode, Hlc, NodeId, Role, ShardId, SpaceId, UserId, Value, Writable };
export { contentShardOf, outlineShardOf };

/** Names of fields. */
export type SearchRule = {
  /** What it is called in questions (`type:`), in several languages; the first stands for it in answers. */
  readonly names: readonly [string, ...string[]];
  readonly title?: string;
  readonly text?: string;
  /** The text is the node's document. */
  readonly document?: true;
  /** The id of the object, and the block of it, that it is about. */
  readonly about?: string;
  readonly block?: string;
};

/** `outline`: title-bearing things in trees (channels, documents); `container`: lives in the content shard of its container. */
export type TypeRule = {
  readonly home: 'outline' | 'container';
  /** content, annotation (comments, reactions, suggestions) or personal. */
  readonly class: EntryClass;
  readonly fields: Readonly<Record<string, Writable>>;
  readonly deletion: Writable;
  /** What full-text search looks at; what has none is not found. */
  readonly search?: SearchRule;
  /**
   * Each change of such a node is an entry of its own, which can be erased for good. Only fields, below 64 KiB. `within`: the
   * fields that may name what it stands in, the nearest first; else it stands in what its part of the space belongs to.
   */
  readonly erasable?: {
    readonly within: readonly string[];
    /** The field that names what it is erased along with. */
    readonly along?: string;
  };
  /** The field that names a sealed file. It goes from all nodes when the last object that names it is erased. */
  readonly blob?: string;
  /**
   * Index -> the fields that it is sorted by: it finds by equality of its first fields, then by a range or the beginning of a
   * text, and gives what it finds in the order of the rest. `@part`, `@createdAt` and the like are of every node (os/graph/key).
   */
  readonly indexes?: Readonly<Record<string, readonly string[]>>;
  /** Counts as unread in the container whose part it lives in. Only with `indexes`. */
  readonly unread?: true;
  /**
   * Whom such a node concerns besides those whom its text names: fields that name a node whose author is told of it, and as what.
   * `thread`: so are all who wrote with the same value in that field. Only with `indexes`.
   */
  readonly tells?: Readonly<Record<string, { readonly as: NoticeKind; readonly thread?: true }>>;
};

/** Why something concerns somebody. */
export type NoticeKind = 'mention' | 'answer' | 'comment' | 'proposal' | 'verdict' | 'reaction';

/** Something that an Admin has to decide about; times in ms. */
export type Waiting = {
  readonly id: string;
  readonly kind: 'request' | 'report' | 'held';
  readonly user: UserId;
  readonly at: number;
  /** What was reported. */
  readonly object?: NodeId;
};
/** The people of a space, as far as others are told: who came in when (ms), the last first, and what waits for this person. */
export type Community = {
  readonly kind: SpaceKind;
  readonly joined: readonly { readonly id: string; readonly user: UserId; readonly at: number }[];
  /** Who is not in it any more, the last first; `by`: who removed them, or themselves. */
  readonly gone: readonly { readonly id: string; readonly user: UserId; readonly by: UserId; readonly at: number }[];
  readonly waiting: readonly Waiting[];
};

/** Something that is not here any more. `by` erased it, `author` had written it; times in ms, `hlc` of its first entry. */
export type Erased = {
  readonly id: NodeId;
  readonly within: NodeId;
  readonly by: UserId;
  readonly author: UserId;
  readonly at: number;
  readonly hlc: Hlc;
  /** The erasure. */
  readonly entry: EntryId;
};

export type ArgRule =
  | { readonly type: 'text'; readonly max: number; readonly optional?: boolean }
  | { readonly type: 'id'; readonly optional?: boolean }
  | { readonly type: 'number'; readonly optional?: boolean }
  | { readonly type: 'flag'; readonly optional?: boolean }
  | { readonly type: 'json'; readonly max: number; readonly optional?: boolean };
export type ArgRules = Readonly<Record<string, ArgRule>>;
type ArgValue<R extends ArgRule> = R extends { type: 'text' | 'id' }
  ? string
  : R extends { type: 'number' }
    ? number
    : R extends { type: 'flag' }
      ? boolean
      : unknown;
export type ArgsOf<R extends ArgRules> = {
  readonly [K in keyof R as R[K] extends { optional: true } ? never : K]: ArgValue<R[K]>;
} & { readonly [K in keyof R as R[K] extends { optional: true } ? K : never]?: ArgValue<R[K]> };

/** What a query may look at. Reads are recorded, so that a live query runs again only when what it read has changed. */
export type View = {
  readonly me: { readonly userId: UserId; readonly name: string; readonly personalSpace: SpaceId };
  readonly spaces: readonly SpaceId[];
  /** The graph of a space; `undefined` when this node does not hold it or cannot read it. */
  graph(space: SpaceId): Engine | undefined;
  /**
   * Nodes of a space by a question (os/graph/find), by its indexes. Recorded exactly: a query runs again only when one of them
   * changed, or another would be among them.
   */
  find(space: SpaceId, question: Question): readonly GraphNode[];
  /** What a live question follows; `undefined` like `graph`. */
  source(space: SpaceId): FollowSource | undefined;
  /** The space that holds a node, wherever it is. */
  spaceOf(node: NodeId): SpaceId | undefined;
  role(space: SpaceId, user?: UserId): Role | 'none';
  /** Whether this person's right reaches a part of the space with entries of this class: role, rules of the space, scope. */
  may(space: SpaceId, entryClass: 'content' | 'annotation', shard: ShardId): boolean;
  person(space: SpaceId, user: UserId): Person;
  /** What was erased for good in a part of a space, oldest first, each once. */
  erased(space: SpaceId, shard: ShardId): readonly Erased[];
  /** Where an entry is: saved, on devices, on a beacon. */
  stateOf(space: SpaceId, entry: EntryId): ChangeState;
  /** The node's last own change is held where. */
  /** A value in this person's own settings (personal space): read vectors, drafts, favourites. */
  personal(key: string): Value | undefined;
  /** log -> highest admitted seq of the container's content shard, for read markers. */
  heads(container: NodeId): Readonly<Record<string, number>>;
  /** Says that the answer also depends on something outside the graphs (see `topics`). */
  note(topic: string): void;
  /** The part that what lies in a container is in: `contentShardOf`, remembered, for queries that go through many. */
  partOf(space: SpaceId, container: NodeId): ShardId;
  /** What arrived of a type in a part of a space. Recorded like a question for all of them, the removed too. */
  arrivals(space: SpaceId, part: ShardId, type: string): Arrivals;
  /** Where an entry stands in its log, to compare with a read marker. */
  position(space: SpaceId, entry: EntryId): { readonly log: string; readonly seq: number } | undefined;
  /** The object whose part of the space this is. */
  containerOf(space: SpaceId, part: ShardId): NodeId | undefined;
  /** What addresses this person in a space; `undefined` while its indexes are being made. */
  notices(space: SpaceId): Notices | undefined;
  /** Who wrote content in a part of a space, each with their last time; the last first. */
  writers(space: SpaceId, part: ShardId): readonly { readonly user: UserId; readonly at: Hlc }[];
  community(space: SpaceId): Community;
  /** Whether a moment (network time, ms) has come. A query that asked runs again when it does. */
  passed(at: number): boolean;
};

/** Collects the ops of one command; each call is one op. Ids are made at once. */
export type Writer = {
  /**
   * A new graph node; types whose home is `container` need one, or a node that they stand `beside` in its shard. Fields
   * are set in the same entry.
   */
  create(
    space: SpaceId,
    type: string,
    fields: Readonly<Record<string, Value>>,
    place?: { container?: NodeId; beside?: NodeId; parent?: NodeId | ''; order?: string },
  ): NodeId;
  set(node: NodeId, key: string, value: Value): void;
  link(from: NodeId, relation: string, to: string, value?: Value): void;
  /** Removes all relations of this kind to this target that are seen here. */
  unlink(from: NodeId, relation: string, to: string): void;
  move(node: NodeId, parent: NodeId | '', order: string): void;
  remove(node: NodeId): void;
  restore(node: NodeId): void;
  /** Puts blocks into a document that has no text yet; their ids are given anew. */
  fill(document: NodeId, content: readonly Markup[]): void;
  /** A setting of this person, in their personal space. */
  setPersonal(key: string, value: Value): void;
};

/** What a command gives: the ids it made, or why not. */
export type Outcome = Result<Readonly<Record<string, string>>, Refusal>;
/** Done, and nothing new was made. */
export const DONE: Outcome = ok({});

export type Command<R extends ArgRules = ArgRules> = {
  readonly describes: string;
  readonly args: R;
  /** Pure: reads the view, calls the writer. Gives the ids it made, or why not; then nothing is written. */
  run(view: View, write: Writer, args: ArgsOf<R>, now: Hlc): Outcome;
  /** The object whose text it reads: that is fetched before it runs, where it is away. */
  textOf?(args: ArgsOf<R>): string | undefined;
  /** Not kept for `os.undo`: it is half of something that is taken back elsewhere. */
  readonly undoable?: false;
};
/** A command that does more than write to graphs (it signs rights, makes keys); run by name like any other. */
export type Deed<R extends ArgRules = ArgRules> = {
  readonly describes: string;
  readonly args: R;
  /** Settles when it is durable here, with the ids it made, or why nothing was done. `now`: network time, ms. `session`: whose undo it is. */
  perform(view: View, args: ArgsOf<R>, now: number, session: string): Promise<Outcome>;
  /** It looks at spaces that its arguments do not name, and waits for all of them (IM8). */
  readonly everywhere?: true;
};
export type Query<R extends ArgRules = ArgRules> = {
  readonly describes: string;
  readonly args: R;
  /** Why it has no answer as it is asked; it is not run then. */
  why?(view: View, args: ArgsOf<R>): Refusal | undefined;
  /** The object whose text the answer tells: where the text is away, it is asked for. */
  textOf?(args: ArgsOf<R>): string;
  /** The same where the single changes of its text are told. */
  changesOf?(args: ArgsOf<R>): string;
  /** It may be watched while what is seen is an image whose journal was not read yet (IM5): it asks of graphs and rights alone. */
  readonly early?: true;
  /** It tells nothing of texts, and of nobody when they wrote last: where nothing but a text changed, it is not run again. */
  readonly textless?: true;
  /** Pure. An answer is one JSON value, or rows with an `id` each. */
  run(view: View, args: ArgsOf<R>): unknown;
  /** Where an answer can be kept up from what changed, instead of running again. */
  follow?(view: View, args: ArgsOf<R>): Followed;
};
/** A live answer about one space that keeps itself up; see os/graph/follow. */
export type Followed = {
  readonly space: SpaceId;
  readonly answer: unknown;
  /** Notes a change of the space; gives whether the answer has to be looked at. */
  changed(changes: ChangeSet): boolean;
  /** The answer as it is now; `undefined` when it is what it was. */
  advance(): { readonly answer: unknown; readonly edit?: RowsEdit } | undefined;
};

export type App = {
  readonly name: string;
  /** In questions (`app:`), besides its name. */
  readonly called?: readonly string[];
  readonly types: Readonly<Record<string, TypeRule>>;
  // biome-ignore lint/suspicious/noExplicitAny: commands of any arguments; `command` checks each where it is written
  readonly commands: Readonly<Record<string, Command<any>>>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly deeds?: Readonly<Record<string, Deed<any>>>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly queries: Readonly<Record<string, Query<any>>>;
};

export const command = <const R extends ArgRules>(definition: Command<R>): Command<R> => definition;
export const deed = <const R extends ArgRules>(definition: Deed<R>): Deed<R> => definition;
export const query = <const R extends ArgRules>(definition: Query<R>): Query<R> => definition;
export const defineApp = (app: App): App => app;

export const refusal = (type: string, message: string, safe: string, next: string): Refusal => ({
  type,
  message,
  safe,
  next,
});

/** Members and above write content; a Guest reads, and comments where allowed. */
export const mayWrite = (role: Role | 'none'): boolean => role === 'member' || isAdmin(role);
export const isAdmin = (role: Role | 'none'): boolean => role === 'admin' || role === 'owner';

export type Found = { readonly space: SpaceId; readonly node: GraphNode };

/** A node of one of these types wherever it is held, deleted or not. */
export const findNode = (view: View, id: string, ...types: readonly string[]): Found | undefined => {
  const space = view.spaceOf(id as NodeId);
  const node = space === undefined ? undefined : view.graph(space)?.node(id as NodeId);
  return space !== undefined && node && types.includes(node.type) ? { space, node } : undefined;
};

/** A text field; empty where it was never set, or where a member wrote something else. */
export const textField = (node: GraphNode, key: string): string => {
  const value = node.field(key);
  return typeof value === 'string' ? value : '';
};

/** A deletion is lifted by whoever made it, or by an Admin. */
export const mayRestore = (view: View, { space, node }: Found): boolean => {
  const role = view.role(space);
  if (isAdmin(role)) return true;
  if (role === 'none') return false;
  const mine = new Set(
    (view.graph(space)?.history(node.id) ?? []).filter((item) => item.author === view.me.userId).map((item) => item.op),
  );
  return node.deletions.every((deletion) => mine.has(deletion));
};

/** The entry that last set one of the node's fields, made it or removed it: what its state of saving is told by. */
export const lastEntryOf = (node: GraphNode): EntryId => {
  let last = { hlc: node.createdAt, entry: node.createdBy };
  for (const key of node.keys()) {
    const state = node.fieldState(key);
    if (state && state.hlc > last.hlc) last = state;
  }
  return last.entry;
};

const NOTHING = 'Nothing was changed.';
export const notFound = (what: string): Refusal =>
  refusal(
    'notFound',
    `There is no such ${what} here.`,
    NOTHING,
    'It may not have arrived yet; check that the space is open.',
  );
export const notAllowed = (message: string, next: string): Refusal => refusal('notAllowed', message, NOTHING, next);
export const notPossible = (type: string, message: string, next: string): Refusal =>
  refusal(type, message, NOTHING, next);

/** Why this person may not write content in a part of a space, the outline unless told; `undefined` when they may. */
export const whyNotWrite = (view: View, space: SpaceId, part: ShardId = outlineShardOf(space)): Refusal | undefined => {
  if (!view.graph(space)) return notFound('space');
  if (!mayWrite(view.role(space)))
    return notAllowed('Only Members and above write here.', 'Ask an Owner or Admin of the space for another role.');
  if (view.may(space, 'content', part)) return undefined;
  return notAllowed(
    'A rule of the space, or the part of it that was shared with you, does not let you write here.',
    'Ask an Owner of the space.',
  );
};

/** Where what is in a node is written: a channel or document has a part of its own. */
const partOf = (space: SpaceId, node: GraphNode): ShardId =>
  node.shard === outlineShardOf(space) ? contentShardOf(space, node.id) : node.shard;

/** A node of one of these types that this person may write to, deleted or not. `what`: its name in a refusal. */
export const findWritable = (
  view: View,
  id: string,
  what: string,
  ...types: readonly string[]
): Result<Found, Refusal> => {
  const found = findNode(view, id, ...types);
  if (!found) return err(notFound(what));
  const why = whyNotWrite(view, found.space, partOf(found.space, found.node));
  return why ? err(why) : ok(found);
};
