/** What Chat shows, in the shapes of bridge/messages. What is not held, or is no channel, answers `null` or no rows. */
import {
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
  type MessageRow,
  msOf,
  type NodeId,
  query,
  type ReactionRow,
  type SpaceId,
  textField,
  type Unread,
  unreadOf,
  type View,
} from '../../os/schema/define';
import { COMMENT } from '../comments/schema';
import { reactionsIn } from './reactions';
import { CHANNEL, draftKey, MESSAGE } from './schema';

const PAGE = 100;
const MAX_PAGE = 500;
/** Of a message that is answered, in UTF-16 units. */
const EXCERPT = 200;

export type TrashRow = { readonly id: string; readonly title: string };

/** Channels that are not removed, in the order of the outline. */
export const channelsOf = (view: View, space: SpaceId): readonly GraphNode[] =>
  view.graph(space)?.children('', CHANNEL) ?? [];

/** All that was said in a channel with the deleted, oldest first: of messages and of comments. */
const saidIn = (view: View, space: SpaceId, channel: NodeId, type: string): readonly GraphNode[] => {
  const nodes = [...(view.graph(space)?.nodesOfShard(contentShardOf(space, channel)) ?? [])];
  return nodes.filter((node) => node.type === type).sort(byAge);
};
const byAge = (a: GraphNode, b: GraphNode): number => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);

const unreadIn = (view: View, space: SpaceId, { id }: GraphNode, type: string): Unread =>
  unreadOf(view, space, id, saidIn(view, space, id, type));

const channels = query({
  describes: 'The channels of a space in order, with what is unread in each.',
  args: { spaceId: { type: 'id' } },
  run: (view, { spaceId }): readonly ChannelRow[] =>
    channelsOf(view, spaceId as SpaceId).map((channel) => {
      const unread = unreadIn(view, spaceId as SpaceId, channel, MESSAGE);
      const comments = unreadIn(view, spaceId as SpaceId, channel, COMMENT);
      const draft = view.personal(draftKey(channel.id));
      return {
        id: channel.id,
        title: textField(channel, 'title'),
        unread: unread.messages.length + comments.messages.length,
        mentions: unread.mentions + comments.mentions,
        draft: typeof draft === 'string' && draft.trim() !== '',
      };
    }),
});

const channel = query({
  describes: 'One channel: title, topic, and where the unread begin. null when it is not here or removed.',
  args: { channelId: { type: 'id' } },
  run: (view, { channelId }): ChannelAnswer | null => {
    const found = findNode(view, channelId, CHANNEL);
    if (!found || found.node.deleted) return null;
    const { space, node } = found;
    const unread = unreadIn(view, space, node, MESSAGE).messages;
    return {
      id: node.id,
      spaceId: space,
      title: textField(node, 'title'),
      topic: textField(node, 'topic'),
      firstUnread: unread[0]?.id ?? null,
      unread: unread.length,
      unreadComments: unreadIn(view, space, node, COMMENT).messages.length,
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
  run: (view, { channelId, limit = PAGE, before }): readonly MessageRow[] => {
    const found = findNode(view, channelId, CHANNEL);
    if (!found || found.node.deleted) return [];
    const { space, node } = found;
    const all = saidIn(view, space, node.id, MESSAGE);
    const listed = withErased(view, space, node.id, all);
    const end = before === undefined ? listed.length : listed.findIndex((message) => message.id === before);
    const size = Math.max(1, Math.min(MAX_PAGE, Math.floor(limit)));
    const unread = unreadOf(view, space, node.id, all);
    const unreadIds = new Set(unread.messages.map((message) => message.id));
    const reactions = reactionsIn(view, space, node.id);
    const comments = new Map<string, number>();
    for (const comment of saidIn(view, space, node.id, COMMENT)) {
      const object = textField(comment, 'object');
      if (!comment.deleted) comments.set(object, (comments.get(object) ?? 0) + 1);
    }
    const mayComment = view.may(space, 'annotation', contentShardOf(space, node.id));
    const page = listed.slice(Math.max(0, end - size), Math.max(0, end));
    const blocked = blockedAmong(view, all);
    return page.map((message) =>
      'within' in message
        ? erasedRow(view, space, message)
        : {
            ...rowOf(view, space, message, blocked),
            mayComment: mayComment && !message.deleted,
            reactions: message.deleted ? NO_REACTIONS : (reactions.get(message.id) ?? NO_REACTIONS),
            comments: comments.get(message.id) ?? 0,
            unread: unreadIds.has(message.id),
            late: unread.late.has(message.id),
          },
    );
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

/** With the places of messages that were erased for good. */
const withErased = (
  view: View,
  space: SpaceId,
  channel: NodeId,
  messages: readonly GraphNode[],
): readonly (GraphNode | Erased)[] => {
  const known = new Set<string>(messages.map(({ id }) => id));
  const gone = view
    .erased(space, contentShardOf(space, channel))
    .filter(({ id, within }) => within === channel && !known.has(id));
  if (gone.length === 0) return messages;
  const timeOf = (one: GraphNode | Erased): number => ('within' in one ? one.hlc : one.createdAt);
  return [...messages, ...gone].sort((a, b) => timeOf(a) - timeOf(b) || (a.id < b.id ? -1 : 1));
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
});

const NO_REACTIONS: readonly ReactionRow[] = [];
type Own = Omit<MessageRow, 'unread' | 'late' | 'mayComment' | 'reactions' | 'comments'>;

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
  const found = findNode(view, textField(message, 'replyTo'), MESSAGE);
  if (found?.space !== space || found.node.shard !== message.shard) return null;
  const text = found.node.deleted ? '' : textField(found.node, 'text').slice(0, EXCERPT);
  const hidden = blocked.has(found.node.author) ? { blocked: true as const } : {};
  return { id: found.node.id, author: view.person(space, found.node.author), text, ...hidden };
};

const trash = query({
  describes: 'Removed channels of a space; `chat.restoreChannel` brings one back.',
  args: { spaceId: { type: 'id' } },
  run: (view, { spaceId }): readonly TrashRow[] =>
    [...(view.graph(spaceId as SpaceId)?.nodesOfType(CHANNEL) ?? [])]
      .filter((node) => node.deleted)
      .sort((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1))
      .map((node) => ({ id: node.id, title: textField(node, 'title') })),
});

export const queries = { channels, channel, messages, erased, trash };
