/** What Chat shows, in the shapes of bridge/messages. What is not held, or is no channel, answers `null` or no rows. */
import { readable } from '../../base/reference';
import {
  badgeOf,
  blockedAmong,
  type ChannelAnswer,
  type ChannelRow,
  type EntryId,
  type Erased,
  findNode,
  type GraphNode,
  isAdmin,
  levelOf,
  type MessageRow,
  type MessageWindow,
  msOf,
  type NodeId,
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
import { bySaid, isErased, type Said, type Spot, windowOf } from './window';

const PAGE = 100;
const MAX_PAGE = 500;
const WINDOW = 400;
const MAX_WINDOW = 1_000;
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
      made: { by: view.person(space, node.author), at: msOf(node.createdAt) },
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
  run: (view, { channelId, limit = PAGE, before }): readonly MessageRow[] =>
    windowRows(view, channelId, before === undefined ? 'end' : { id: before }, {
      above: sizeOf(limit, MAX_PAGE),
      below: 0,
    })?.rows ?? [],
});

const window = query({
  describes: `Messages of a channel around the message \`at\`, or around the one with \`rank\` others before it, or the last; at most \`limit\` (${WINDOW} unless told, at most ${MAX_WINDOW}), and how many lie before and after; null where they are not here.`,
  args: {
    channelId: { type: 'id' },
    at: { type: 'id', optional: true },
    rank: { type: 'number', optional: true },
    limit: { type: 'number', optional: true },
  },
  early: true,
  run: (view, { channelId, at, rank, limit = WINDOW }): MessageWindow | null => {
    const room = sizeOf(limit, MAX_WINDOW);
    const above = Math.floor(room / 2);
    if (at !== undefined) return windowRows(view, channelId, { id: at }, { above, below: room - above });
    if (rank === undefined) return windowRows(view, channelId, 'end', { above: room, below: 0 });
    return windowRows(view, channelId, { rank: Math.max(0, Math.floor(rank)) }, { above, below: room - above });
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

/** Not said in a thread alone. */
const TO_CHANNEL: Term = { not: { and: [{ field: 'thread', above: '' }, { not: { field: 'also', is: true } }] } };

const sizeOf = (limit: number, most: number): number => Math.max(1, Math.min(most, Math.floor(limit)));

const windowRows = (
  view: View,
  channelId: string,
  spot: Spot,
  room: Parameters<typeof windowOf>[4],
): MessageWindow | null => {
  const found = findNode(view, channelId, CHANNEL);
  if (!found || found.node.deleted) return null;
  const { space, node } = found;
  const shown = windowOf(view, space, node.id, spot, room);
  if (!shown) return null;
  const { said, before, after } = shown;
  const { isUnread, isLate } = readingOf(view, space, node.id, MESSAGE);
  const ids = said.flatMap((each) => (isErased(each) ? [] : [each.id]));
  const threads = threadsOn(view, space, node.id, ids);
  return { rows: rowsOf(view, space, node.id, said, { isUnread, isLate, threads }), before, after };
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
  const shown = said.filter((each): each is GraphNode => !isErased(each));
  const ids = shown.map(({ id }) => id);
  const reactions = reactionsTo(view, space, channel, ids);
  const comments = commentsOn(view, space, channel, ids);
  const attachments = attachmentsTo(view, space, channel, ids);
  const mayComment = view.may(space, 'annotation', view.partOf(space, channel));
  const blocked = blockedAmong(view, [...shown, ...shown.flatMap((message) => answeredBy(view, message) ?? [])]);
  return said.map((each) =>
    isErased(each)
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

export const queries = { channels, channel, messages, window, thread, where, firstSince, trash };
