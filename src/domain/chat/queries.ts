/** What Chat shows, in the shapes of bridge/messages. What is not held, or is no channel, answers `null` or no rows. */
import {
  type ChannelAnswer,
  type ChannelRow,
  type EntryId,
  findNode,
  type GraphNode,
  isAdmin,
  type MessageRow,
  mayWrite,
  msOf,
  query,
  type SpaceId,
  textField,
  type View,
} from '../../os/schema/define';
import { CHANNEL, draftKey, MESSAGE } from './schema';
import { messagesOf, type Unread, unreadOf } from './unread';

const PAGE = 100;
const MAX_PAGE = 500;
/** Of a message that is answered, in UTF-16 units. */
const EXCERPT = 200;

export type TrashRow = { readonly id: string; readonly title: string };

/** Channels that are not removed, in the order of the outline. */
export const channelsOf = (view: View, space: SpaceId): readonly GraphNode[] =>
  view.graph(space)?.children('', CHANNEL) ?? [];

const unreadIn = (view: View, space: SpaceId, channel: GraphNode): Unread =>
  unreadOf(view, space, channel.id, messagesOf(view, space, channel.id));

const channels = query({
  describes: 'The channels of a space in order, with what is unread in each.',
  args: { spaceId: { type: 'id' } },
  run: (view, { spaceId }): readonly ChannelRow[] =>
    channelsOf(view, spaceId as SpaceId).map((channel) => {
      const unread = unreadIn(view, spaceId as SpaceId, channel);
      const draft = view.personal(draftKey(channel.id));
      return {
        id: channel.id,
        title: textField(channel, 'title'),
        unread: unread.messages.length,
        mentions: unread.mentions,
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
    const unread = unreadIn(view, space, node).messages;
    return {
      id: node.id,
      spaceId: space,
      title: textField(node, 'title'),
      topic: textField(node, 'topic'),
      firstUnread: unread[0]?.id ?? null,
      unread: unread.length,
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
    const all = messagesOf(view, space, node.id);
    const end = before === undefined ? all.length : all.findIndex((message) => message.id === before);
    const size = Math.max(1, Math.min(MAX_PAGE, Math.floor(limit)));
    const unread = unreadOf(view, space, node.id, all);
    const unreadIds = new Set(unread.messages.map((message) => message.id));
    return all.slice(Math.max(0, end - size), Math.max(0, end)).map((message) => ({
      ...rowOf(view, space, message),
      unread: unreadIds.has(message.id),
      late: unread.late.has(message.id),
    }));
  },
});

const rowOf = (view: View, space: SpaceId, message: GraphNode): Omit<MessageRow, 'unread' | 'late'> => {
  const role = view.role(space);
  const mine = message.author === view.me.userId;
  const written = message.fieldState('text');
  return {
    id: message.id,
    text: message.deleted ? '' : textField(message, 'text'),
    author: view.person(space, message.author),
    mine,
    at: msOf(message.createdAt),
    edited: written !== undefined && written.entry !== message.createdBy,
    deleted: message.deleted,
    replyTo: answered(view, space, message),
    state: view.stateOf(space, removedBy(message) ?? written?.entry ?? message.createdBy),
    mayEdit: mine && mayWrite(role) && !message.deleted,
    mayRemove: ((mine && mayWrite(role)) || isAdmin(role)) && !message.deleted,
  };
};

/** The entry of a deletion that holds. */
const removedBy = (message: GraphNode): EntryId | undefined =>
  message.deletions.at(-1)?.split(':')[0] as EntryId | undefined;

/** What a message answers: only a message of the same channel, and nothing of a removed one's text. */
const answered = (view: View, space: SpaceId, message: GraphNode): MessageRow['replyTo'] => {
  const found = findNode(view, textField(message, 'replyTo'), MESSAGE);
  if (found?.space !== space || found.node.shard !== message.shard) return null;
  const text = found.node.deleted ? '' : textField(found.node, 'text').slice(0, EXCERPT);
  return { id: found.node.id, author: view.person(space, found.node.author), text };
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

export const queries = { channels, channel, messages, trash };
