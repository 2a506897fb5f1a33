/** What Chat shows, in the shapes of bridge/messages. What is not held, or is no channel, answers `null` or no rows. */
import { readable } from '../../base/reference';
import {
  badgeOf,
  blockedAmong,
  type ChannelAnswer,
  type ChannelRow,
  contentShardOf,
  type EntryId,
  type Erased,
  type ErasedRow,
  findNode,
  type GraphNode,
  isAdmin,
  levelOf,
  type MessageRow,
  msOf,
  type NodeId,
  type Question,
  query,
  type ReactionRow,
  type Reading,
  readingOf,
  type SpaceId,
  type Term,
  textField,
  type View,
  whyNotWrite,
} from '../../os/schema/define';
import { COMMENT } from '../comments/schema';
import { attachmentsTo } from './attachments';
import { pinnedIn } from './pins';
import { reactionsTo } from './reactions';
import { CHANNEL, draftKey, MESSAGE } from './schema';
import { MOST_REPLIES, repliesTo, rootOf, threadsIn } from './threads';

const PAGE = 100;
const MAX_PAGE = 500;
/** Of a message that is answered, in UTF-16 units. */
const EXCERPT = 200;
const MOST_FACES = 4;
const MOST_THREADS = 50;

export type TrashRow = { readonly id: string; readonly title: string };

/** Channels that are not removed, in the order of the outline. */
export const channelsOf = (view: View, space: SpaceId): readonly GraphNode[] =>
  view.graph(space)?.children('', CHANNEL) ?? [];

const channels = query({
  describes: 'The channels of a space in order, with what is unread in each.',
  args: { spaceId: { type: 'id' } },
  early: true,
  run: (view, { spaceId }): readonly ChannelRow[] =>
    channelsOf(view, spaceId as SpaceId).map((channel) => {
      const reading = readingOf(view, spaceId as SpaceId, channel.id, MESSAGE, COMMENT);
      const threads = threadsIn(view, spaceId as SpaceId, channel.id);
      const level = levelOf(view, channel.id);
      const draft = view.personal(draftKey(channel.id));
      return {
        id: channel.id,
        title: textField(channel, 'title'),
        ...badgeOf(level, {
          count: reading.count + threads.count,
          mentions: reading.mentions + threads.mentions,
        }),
        level,
        draft: typeof draft === 'string' && draft.trim() !== '',
      };
    }),
});

const channel = query({
  describes: 'One channel: title, topic, and where the unread begin. null when it is not here or removed.',
  args: { channelId: { type: 'id' } },
  early: true,
  run: (view, { channelId }): ChannelAnswer | null => {
    const found = findNode(view, channelId, CHANNEL);
    if (!found || found.node.deleted) return null;
    const { space, node } = found;
    const unread = readingOf(view, space, node.id, MESSAGE);
    return {
      id: node.id,
      spaceId: space,
      title: textField(node, 'title'),
      topic: textField(node, 'topic'),
      firstUnread: unread.first,
      unread: unread.count,
      unreadComments: readingOf(view, space, node.id, COMMENT).count,
      threads: [...threadsIn(view, space, node.id).unread].slice(0, MOST_THREADS).flatMap(([root, unread]) => {
        const message = view.graph(space)?.node(root as NodeId);
        return message ? [{ ...excerptOf(view, space, message), unread: unread.length }] : [];
      }),
      level: levelOf(view, node.id),
      pins: pinnedIn(view, space, node.id).flatMap((id) => {
        const message = view.graph(space)?.node(id);
        return message ? [{ ...excerptOf(view, space, message), at: msOf(message.createdAt) }] : [];
      }),
      mayPin: whyNotWrite(view, space) === undefined,
    };
  },
});

const messages = query({
  describes: `Messages of a channel, oldest first: the last \`limit\` (${PAGE} unless told, at most ${MAX_PAGE}), or those just before the message \`before\`.`,
  args: {
    channelId: { type: 'id' },
    limit: { type: 'number', optional: true },
    before: { type: 'id', optional: true },
  },
  early: true,
  run: (view, { channelId, limit = PAGE, before }): readonly MessageRow[] => {
    const found = findNode(view, channelId, CHANNEL);
    if (!found || found.node.deleted) return [];
    const { space, node } = found;
    // Read, so that whatever happens in the part is noticed, an erasure too.
    view.graph(space)?.nodesOfShard(contentShardOf(space, node.id));
    const page = pageOf(view, space, node.id, Math.max(1, Math.min(MAX_PAGE, Math.floor(limit))), before);
    const { isUnread, isLate } = readingOf(view, space, node.id, MESSAGE);
    const ids = page.flatMap((each) => ('within' in each ? [] : [each.id]));
    return rowsOf(view, space, node.id, page, { isUnread, isLate, threads: threadsOn(view, space, node.id, ids) });
  },
});

const thread = query({
  describes:
    'The message that a thread hangs on, and what was said under it, oldest first; no rows where it is not here.',
  args: { messageId: { type: 'id' } },
  run: (view, { messageId }): readonly MessageRow[] => {
    const found = findNode(view, messageId, MESSAGE);
    const channel = found && view.containerOf(found.space, found.node.shard);
    if (!found || channel === undefined || view.graph(found.space)?.node(channel)?.deleted) return [];
    const { space } = found;
    const root = rootOf(view, space, found.node);
    const said: readonly Said[] = [
      ...repliesTo(view, space, [root.id], { removed: 'also' }).slice(-MOST_REPLIES),
      ...view.erased(space, root.shard).filter(({ id, within }) => within === root.id && !view.graph(space)?.node(id)),
    ].sort(bySaid);
    const unread = new Set<string>(threadsIn(view, space, channel).unread.get(root.id));
    return rowsOf(view, space, channel, [root, ...said], {
      isUnread: ({ id }) => unread.has(id),
      isLate: () => false,
      threads: NO_THREADS,
    });
  },
});

const where = query({
  describes: 'The channel that a message stands in, and the message above it where it was said in a thread alone.',
  args: { messageId: { type: 'id' } },
  run: (view, { messageId }): { readonly channelId: string; readonly thread: string | null } | null => {
    const found = findNode(view, messageId, MESSAGE);
    const channelId = found && view.containerOf(found.space, found.node.shard);
    if (!found || channelId === undefined) return null;
    const root = rootOf(view, found.space, found.node);
    return { channelId, thread: root.id === found.node.id || found.node.field('also') === true ? null : root.id };
  },
});

/** Message -> what was said under it, where something was. */
const threadsOn = (view: View, space: SpaceId, channel: NodeId, messages: readonly NodeId[]): Threads => {
  const byRoot = new Map<string, GraphNode[]>();
  for (const reply of repliesTo(view, space, messages)) {
    const root = textField(reply, 'thread');
    const own = byRoot.get(root);
    if (own) own.push(reply);
    else byRoot.set(root, [reply]);
  }
  if (byRoot.size === 0) return new Map();
  const { unread } = threadsIn(view, space, channel);
  return new Map(
    [...byRoot].map(([root, replies]) => {
      const people = [...new Set(replies.map(({ author }) => author).reverse())].slice(0, MOST_FACES);
      return [
        root,
        {
          count: replies.length,
          people: people.map((user) => view.person(space, user)),
          at: msOf(replies.at(-1)?.createdAt ?? (0 as GraphNode['createdAt'])),
          unread: unread.get(root)?.length ?? 0,
        },
      ];
    }),
  );
};

const firstSince = query({
  describes: 'The first message of a channel at or after a time (ms), or the last before it; null where there is none.',
  args: { channelId: { type: 'id' }, at: { type: 'number' } },
  run: (view, { channelId, at }): { readonly messageId: string } | null => {
    const found = findNode(view, channelId, CHANNEL);
    if (!found || found.node.deleted) return null;
    const nearest = (bound: Term, down: boolean): GraphNode | undefined =>
      view.find(found.space, {
        type: [MESSAGE],
        where: { and: [{ within: found.node.id }, TO_CHANNEL, bound] },
        order: [{ by: '@createdAt', down }],
        limit: 1,
      })[0];
    const message =
      nearest({ field: '@createdAt', atLeast: at }, false) ?? nearest({ field: '@createdAt', below: at }, true);
    return message ? { messageId: message.id } : null;
  },
});

const erased = query({
  describes: 'Messages of a channel that were erased for good: by whom and when.',
  args: { channelId: { type: 'id' } },
  run: (view, { channelId }): readonly ErasedRow[] => {
    const found = findNode(view, channelId, CHANNEL);
    if (!found) return [];
    const shard = contentShardOf(found.space, found.node.id);
    // Read, so that an erasure in it is noticed.
    view.graph(found.space)?.nodesOfShard(shard);
    return view
      .erased(found.space, shard)
      .map(({ id, by, at }) => ({ id, erased: { by: view.person(found.space, by), at } }));
  },
});

/** Not said in a thread alone. */
const TO_CHANNEL: Term = { not: { and: [{ field: 'thread', above: '' }, { not: { field: 'also', is: true } }] } };

type Said = GraphNode | Erased;
const timeOf = (said: Said): number => ('within' in said ? said.hlc : said.createdAt);
const bySaid = (a: Said, b: Said): number => timeOf(a) - timeOf(b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** The last messages of a channel, or the last before one; oldest first, with the places of those erased for good. */
const pageOf = (
  view: View,
  space: SpaceId,
  channel: NodeId,
  size: number,
  before: string | undefined,
): readonly Said[] => {
  const graph = view.graph(space);
  const gone = view
    .erased(space, contentShardOf(space, channel))
    .filter(({ id, within }) => within === channel && !graph?.node(id as NodeId));
  const erased = gone.find(({ id }) => id === before);
  const here = before === undefined || erased ? undefined : graph?.node(before as NodeId);
  const until: Said | undefined =
    erased ?? (here?.type === MESSAGE && here.shard === contentShardOf(space, channel) ? here : undefined);
  if (before !== undefined && !until) return [];
  const last = (question: Pick<Question, 'limit' | 'after'>, where: readonly Term[]): readonly GraphNode[] =>
    view.find(space, {
      type: [MESSAGE],
      where: { and: [{ within: channel }, TO_CHANNEL, ...where] },
      order: [{ by: '@createdAt', down: true }],
      removed: 'also',
      ...question,
    });
  const isBefore = (said: Said): boolean => until === undefined || bySaid(said, until) < 0;
  const at = erased && msOf(erased.hlc);
  const messages =
    at === undefined
      ? last({ limit: size, ...(before === undefined ? {} : { after: before }) }, [])
      : [
          // What is erased has no place in an index: its own millisecond is looked at message by message.
          ...last({}, [{ field: '@createdAt', is: at }]).filter(isBefore),
          ...last({ limit: size }, [{ field: '@createdAt', below: at }]),
        ];
  return [...messages, ...gone.filter(isBefore)].sort(bySaid).slice(-size);
};

type Threads = ReadonlyMap<string, NonNullable<MessageRow['replies']>>;
const NO_THREADS: Threads = new Map();

/** What was said in a channel as rows. */
const rowsOf = (
  view: View,
  space: SpaceId,
  channel: NodeId,
  said: readonly Said[],
  { isUnread, isLate, threads }: Pick<Reading, 'isUnread' | 'isLate'> & { readonly threads: Threads },
): readonly MessageRow[] => {
  const shown = said.filter((each): each is GraphNode => !('within' in each));
  const ids = shown.map(({ id }) => id);
  const reactions = reactionsTo(view, space, channel, ids);
  const comments = commentsOn(view, space, channel, ids);
  const attachments = attachmentsTo(view, space, channel, ids);
  const mayComment = view.may(space, 'annotation', view.partOf(space, channel));
  const blocked = blockedAmong(view, [...shown, ...shown.flatMap((message) => answeredBy(view, message) ?? [])]);
  return said.map((each) =>
    'within' in each
      ? erasedRow(view, space, each)
      : {
          ...rowOf(view, space, each, blocked),
          mayComment: mayComment && !each.deleted,
          reactions: each.deleted ? NO_REACTIONS : (reactions.get(each.id) ?? NO_REACTIONS),
          comments: comments.get(each.id) ?? 0,
          attachments: each.deleted ? NO_FILES : (attachments.get(each.id) ?? NO_FILES),
          unread: isUnread(each),
          late: isLate(each),
          replies: threads.get(each.id) ?? null,
        },
  );
};

/** Message -> how many comments on it stand. */
const commentsOn = (
  view: View,
  space: SpaceId,
  channel: NodeId,
  messages: readonly NodeId[],
): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  const where = { and: [{ within: channel }, { field: 'object', among: messages }] };
  for (const comment of view.find(space, { type: [COMMENT], where })) {
    const object = textField(comment, 'object');
    counts.set(object, (counts.get(object) ?? 0) + 1);
  }
  return counts;
};

const erasedRow = (view: View, space: SpaceId, { id, by, author, at, hlc, entry }: Erased): MessageRow => ({
  id,
  erased: { by: view.person(space, by), at },
  text: '',
  author: view.person(space, author),
  mine: author === view.me.userId,
  at: msOf(hlc),
  edited: false,
  deleted: true,
  replyTo: null,
  state: view.stateOf(space, entry),
  mayEdit: false,
  mayRemove: false,
  mayErase: false,
  mayComment: false,
  reactions: NO_REACTIONS,
  comments: 0,
  unread: false,
  late: false,
  thread: null,
  replies: null,
  attachments: NO_FILES,
});

const NO_REACTIONS: readonly ReactionRow[] = [];
const NO_FILES: MessageRow['attachments'] = [];
type Own = Omit<MessageRow, 'unread' | 'late' | 'mayComment' | 'reactions' | 'comments' | 'replies' | 'attachments'>;

const rowOf = (view: View, space: SpaceId, message: GraphNode, blocked: ReadonlySet<string>): Own => {
  const role = view.role(space);
  const mine = message.author === view.me.userId;
  const mayWrite = view.may(space, 'content', message.shard);
  const written = message.fieldState('text');
  return {
    id: message.id,
    text: message.deleted ? '' : textField(message, 'text'),
    author: view.person(space, message.author),
    mine,
    ...(blocked.has(message.author) ? { blocked: true as const } : {}),
    at: msOf(message.createdAt),
    edited: written !== undefined && written.entry !== message.createdBy,
    deleted: message.deleted,
    replyTo: answered(view, space, message, blocked),
    thread: textField(message, 'thread') || null,
    state: view.stateOf(space, removedBy(message) ?? written?.entry ?? message.createdBy),
    mayEdit: mine && mayWrite && !message.deleted,
    mayRemove: (mine || isAdmin(role)) && mayWrite && !message.deleted,
    mayErase: role !== 'none' && (mine || isAdmin(role)),
  };
};

/** The entry of a deletion that holds. */
const removedBy = (message: GraphNode): EntryId | undefined =>
  message.deletions.at(-1)?.split(':')[0] as EntryId | undefined;

/** What a message answers: only a message of the same channel, and nothing of a removed one's text. */
const answered = (
  view: View,
  space: SpaceId,
  message: GraphNode,
  blocked: ReadonlySet<string>,
): MessageRow['replyTo'] => {
  const node = answeredBy(view, message);
  if (!node) return null;
  const hidden = blocked.has(node.author) ? { blocked: true as const } : {};
  return { ...excerptOf(view, space, node), ...hidden };
};
const excerptOf = (view: View, space: SpaceId, message: GraphNode) => ({
  id: message.id,
  author: view.person(space, message.author),
  text: message.deleted ? '' : readable(textField(message, 'text')).slice(0, EXCERPT),
});
const answeredBy = (view: View, message: GraphNode): GraphNode | undefined => {
  const found = findNode(view, textField(message, 'replyTo'), MESSAGE);
  return found?.node.shard === message.shard ? found.node : undefined;
};

const trash = query({
  describes: 'Removed channels of a space; `chat.restoreChannel` brings one back.',
  args: { spaceId: { type: 'id' } },
  run: (view, { spaceId }): readonly TrashRow[] =>
    view
      .find(spaceId as SpaceId, {
        type: [CHANNEL],
        removed: 'only',
        order: [{ by: '@updatedAt', down: true }, { by: '@id' }],
      })
      .map((node) => ({ id: node.id, title: textField(node, 'title') })),
});

export const queries = { channels, channel, messages, thread, where, firstSince, erased, trash };
