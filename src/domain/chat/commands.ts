/**
 * What people do in Chat. A command checks what it can say a clear reason for; whoever runs another kernel is held to the
 * same rules by every reader's fold.
 */
import { readable } from '../../base/reference';
import { err, ok, type Result } from '../../base/result';
import {
  blocksFrom,
  command,
  contentShardOf,
  DONE,
  type Found,
  findNode,
  findWritable,
  type GraphNode,
  isAdmin,
  LEVELS,
  levelKey,
  mayRestore,
  msOf,
  type NodeId,
  notAllowed,
  notFound,
  notPossible,
  type Outcome,
  orderAfter,
  type Refusal,
  readAll,
  readKey,
  readVectorOf,
  type SpaceId,
  textField,
  type View,
  type Writer,
  whyNotWrite,
} from '../../os/schema/define';
import { DOCUMENT, MAX_MARKDOWN } from '../editor/schema';
import { filesOf } from './attachments';
import { pinnedIn } from './pins';
import { channelsOf } from './queries';
import { react } from './reactions';
import { ABOUT, ATTACHMENT, CHANNEL, MAX_PINS, MAX_TEXT, MAX_TITLE, MAX_TOPIC, MESSAGE, PINS } from './schema';
import { markThread, markThreads, rootOf, threadsIn } from './threads';

/** Of a title that is made from a text, in UTF-16 units. */
const MAX_LINE = 80;

const openChannel = (view: View, id: string): Result<Found, Refusal> => {
  const found = findWritable(view, id, 'channel', CHANNEL);
  if (!found.ok || !found.value.node.deleted) return found;
  return err(notPossible('removed', 'This channel was removed.', 'Restore it first.'));
};
const ownMessage = (view: View, id: string): Result<Found, Refusal> => {
  const found = findWritable(view, id, 'message', MESSAGE);
  if (!found.ok) return found;
  const { node } = found.value;
  if (node.author !== view.me.userId) {
    return err(notAllowed('Only its author edits a message.', 'Answer the message instead.'));
  }
  return node.deleted ? err(notPossible('removed', 'This message was removed.', 'Restore it first.')) : found;
};

const blankTitle = notPossible('empty', 'A channel needs a title.', 'Type a title.');
const blankText = notPossible('empty', 'A message needs some text.', 'Type something, then send.');

const badFiles = notPossible(
  'badFiles',
  'A message carries at most ten files, each kept before it is sent.',
  'Choose fewer files.',
);

const set = (write: Writer, { node }: Found, key: string, text: string): Outcome => {
  if (textField(node, key) !== text || node.field(key) === undefined) write.set(node.id, key, text);
  return DONE;
};

const createChannel = command({
  describes: 'Makes a channel at the end of a space. Gives {id}.',
  args: { spaceId: { type: 'id' }, title: { type: 'text', max: MAX_TITLE } },
  run(view, write, { spaceId, title }) {
    const space = spaceId as SpaceId;
    const why = whyNotWrite(view, space);
    if (why) return err(why);
    if (title.trim() === '') return err(blankTitle);
    return ok({ id: write.create(space, CHANNEL, { title: title.trim() }, { parent: '' }) });
  },
});

const renameChannel = command({
  describes: 'Gives a channel another title.',
  args: { channelId: { type: 'id' }, title: { type: 'text', max: MAX_TITLE } },
  run(view, write, { channelId, title }) {
    const found = openChannel(view, channelId);
    if (!found.ok) return found;
    return title.trim() === '' ? err(blankTitle) : set(write, found.value, 'title', title.trim());
  },
});

const setTopic = command({
  describes: 'Sets the line under a channel title; empty takes it away.',
  args: { channelId: { type: 'id' }, topic: { type: 'text', max: MAX_TOPIC } },
  run(view, write, { channelId, topic }) {
    const found = openChannel(view, channelId);
    return found.ok ? set(write, found.value, 'topic', topic.trim()) : found;
  },
});

const moveChannel = command({
  describes: 'Puts a channel right after another (first without), for everybody.',
  args: { channelId: { type: 'id' }, after: { type: 'id', optional: true } },
  run(view, write, { channelId, after }) {
    const found = openChannel(view, channelId);
    if (!found.ok) return found;
    const { space, node } = found.value;
    const order = orderAfter(channelsOf(view, space), node.id, after);
    if (order === undefined)
      return err(notPossible('noSuchPlace', 'What it should stand after is not there.', 'Choose another place.'));
    write.move(node.id, '', order);
    return DONE;
  },
});

const removeChannel = command({
  describes: 'Removes a channel for everybody; its messages are kept and come back with it.',
  args: { channelId: { type: 'id' } },
  run(view, write, { channelId }) {
    const found = findWritable(view, channelId, 'channel', CHANNEL);
    if (found.ok && !found.value.node.deleted) write.remove(found.value.node.id);
    return found.ok ? DONE : found;
  },
});

const restoring = (view: View, write: Writer, found: Result<Found, Refusal>): Outcome => {
  if (!found.ok) return found;
  if (!mayRestore(view, found.value)) {
    return err(notAllowed('Somebody else removed it.', 'Ask them, or an Admin, to restore it.'));
  }
  write.restore(found.value.node.id);
  return DONE;
};

const restoreChannel = command({
  describes: 'Brings a removed channel back: whoever removed it, and Admins.',
  args: { channelId: { type: 'id' } },
  run: (view, write, { channelId }) => restoring(view, write, findWritable(view, channelId, 'channel', CHANNEL)),
});

const send = command({
  describes:
    'Sends a message: as an answer to another of the channel with `replyTo`, under another with `thread` (with `also` to the channel too), with `files` as putFile gave them. Gives {id}.',
  args: {
    channelId: { type: 'id' },
    text: { type: 'text', max: MAX_TEXT },
    replyTo: { type: 'id', optional: true },
    thread: { type: 'id', optional: true },
    also: { type: 'flag', optional: true },
    files: { type: 'json', max: 300_000, optional: true },
  },
  run(view, write, { channelId, text, replyTo, thread, also, files }) {
    const found = openChannel(view, channelId);
    if (!found.ok) return found;
    const attached = files === undefined ? [] : filesOf(files);
    if (!attached) return err(badFiles);
    if (text.trim() === '' && attached.length === 0) return err(blankText);
    const { space, node } = found.value;
    const shard = contentShardOf(space, node.id);
    const above = (id: string): GraphNode | undefined => {
      const message = findNode(view, id, MESSAGE)?.node;
      return message?.shard === shard ? message : undefined;
    };
    const root = thread === undefined ? undefined : above(thread);
    if ((replyTo !== undefined && !above(replyTo)) || (thread !== undefined && !root)) return err(notFound('message'));
    const fields = {
      text,
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(root ? { thread: rootOf(view, space, root).id, ...(also ? { also } : {}) } : {}),
    };
    const message = write.create(space, MESSAGE, fields, { container: node.id });
    for (const file of attached) write.create(space, ATTACHMENT, { ...file, message }, { beside: message });
    return ok({ id: message });
  },
});

const edit = command({
  describes: 'Changes the text of your own message; it is marked as edited.',
  args: { messageId: { type: 'id' }, text: { type: 'text', max: MAX_TEXT } },
  run(view, write, { messageId, text }) {
    const found = ownMessage(view, messageId);
    if (!found.ok) return found;
    return text.trim() === '' ? err(blankText) : set(write, found.value, 'text', text);
  },
});

const remove = command({
  describes: 'Removes a message: your own, or any as an Admin.',
  args: { messageId: { type: 'id' } },
  run(view, write, { messageId }) {
    const found = findWritable(view, messageId, 'message', MESSAGE);
    if (!found.ok) return found;
    const { space, node } = found.value;
    if (node.author !== view.me.userId && !isAdmin(view.role(space))) {
      return err(notAllowed('Only its author or an Admin removes a message.', 'Ask an Admin of the space.'));
    }
    if (!node.deleted) write.remove(node.id);
    return DONE;
  },
});

const restore = command({
  describes: 'Brings a removed message back: whoever removed it, and Admins.',
  args: { messageId: { type: 'id' } },
  run: (view, write, { messageId }) => restoring(view, write, findWritable(view, messageId, 'message', MESSAGE)),
});

/** A message of a channel and all after it, removed ones too. */
const saidFrom = (view: View, space: SpaceId, channel: NodeId, message: GraphNode): readonly GraphNode[] =>
  view
    .find(space, {
      type: [MESSAGE],
      where: { and: [{ within: channel }, { field: '@createdAt', atLeast: msOf(message.createdAt) }] },
      removed: 'also',
    })
    // Of the same millisecond those before it are none of them.
    .filter(({ createdAt }) => createdAt >= message.createdAt);

const mark = (view: View, write: Writer, channel: NodeId): void => {
  const vector = readAll(view, channel);
  if (vector) write.setPersonal(readKey(channel), vector);
};

const markRead = command({
  describes:
    'Marks everything that is in a channel now as read, on all your devices; with `upTo` nothing that stands after that message.',
  args: { channelId: { type: 'id' }, upTo: { type: 'id', optional: true } },
  run(view, write, { channelId, upTo }) {
    const found = findNode(view, channelId, CHANNEL);
    if (!found) return err(notFound('channel'));
    const { space, node } = found;
    if (upTo === undefined) {
      mark(view, write, node.id);
      return DONE;
    }
    const last = findNode(view, upTo, MESSAGE)?.node;
    if (last?.shard !== contentShardOf(space, node.id)) return err(notFound('message'));
    const vector = readAll(view, node.id);
    if (!vector) return DONE;
    const before = readVectorOf(view, node.id);
    const marker = new Map(Object.entries(vector));
    for (const message of saidFrom(view, space, node.id, last)) {
      const aside = textField(message, 'thread') !== '' && message.field('also') !== true;
      if (message.id === last.id || message.author === view.me.userId || aside) continue;
      const position = view.position(space, message.createdBy);
      if (!position || position.seq <= (before.get(position.log) ?? -1)) continue;
      marker.set(position.log, Math.min(marker.get(position.log) ?? -1, position.seq - 1));
    }
    if ([...marker].some(([log, seq]) => seq > (before.get(log) ?? -1)))
      write.setPersonal(readKey(node.id), Object.fromEntries(marker));
    return DONE;
  },
});

const markAllRead = command({
  describes: 'Marks every channel of a space as read.',
  args: { spaceId: { type: 'id' } },
  run(view, write, { spaceId }) {
    if (!view.graph(spaceId as SpaceId)) return err(notFound('space'));
    for (const channel of channelsOf(view, spaceId as SpaceId)) {
      mark(view, write, channel.id);
      if (threadsIn(view, spaceId as SpaceId, channel.id).count > 0) markThreads(view, write, channel.id);
    }
    return DONE;
  },
});

const markThreadRead = command({
  describes: 'Marks what was said under a message as read, on all your devices.',
  args: { messageId: { type: 'id' } },
  run(view, write, { messageId }) {
    const found = findNode(view, messageId, MESSAGE);
    const channel = found && view.containerOf(found.space, found.node.shard);
    if (!found || channel === undefined) return err(notFound('message'));
    markThread(view, write, found.space, channel, rootOf(view, found.space, found.node).id);
    return DONE;
  },
});

const markUnread = command({
  describes: 'Marks a message of a channel and all after it as unread, on all your devices.',
  args: { messageId: { type: 'id' } },
  run(view, write, { messageId }) {
    const found = findNode(view, messageId, MESSAGE);
    const channel = found && view.containerOf(found.space, found.node.shard);
    if (!found || channel === undefined) return err(notFound('message'));
    const vector = new Map(readVectorOf(view, channel));
    for (const { createdBy } of saidFrom(view, found.space, channel, found.node)) {
      const position = view.position(found.space, createdBy);
      if (position && position.seq <= (vector.get(position.log) ?? -1)) vector.set(position.log, position.seq - 1);
    }
    write.setPersonal(readKey(channel), Object.fromEntries(vector));
    return DONE;
  },
});

const pin = command({
  describes: 'Pins a message to its channel for everybody; with `on` false no longer.',
  args: { messageId: { type: 'id' }, on: { type: 'flag', optional: true } },
  run(view, write, { messageId, on = true }) {
    const found = findNode(view, messageId, MESSAGE);
    const id = found && view.containerOf(found.space, found.node.shard);
    if (!found || id === undefined) return err(notFound('message'));
    const channel = openChannel(view, id);
    if (!channel.ok) return channel;
    const why = whyNotWrite(view, found.space);
    if (why) return err(why);
    if (on && found.node.deleted)
      return err(notPossible('removed', 'This message was removed.', 'Choose another one.'));
    const pinned = pinnedIn(view, found.space, id);
    if (on && pinned.length >= MAX_PINS)
      return err(notPossible('tooMany', `A channel has at most ${MAX_PINS} pins.`, 'Take one away first.'));
    if (on === pinned.includes(found.node.id)) return DONE;
    if (on) write.link(id, PINS, found.node.id);
    else write.unlink(id, PINS, found.node.id);
    return DONE;
  },
});

const makeDocument = command({
  describes:
    'Makes a document about a message, linked to it, with the first words as its title. It says what the message says, or `text`, in Markdown. Gives {id}.',
  args: { messageId: { type: 'id' }, text: { type: 'text', max: MAX_MARKDOWN, optional: true } },
  run(view, write, { messageId, text }) {
    const found = findNode(view, messageId, MESSAGE);
    if (!found) return err(notFound('message'));
    const { space, node } = found;
    const why = whyNotWrite(view, space);
    if (why) return err(why);
    if (node.deleted) return err(notPossible('removed', 'This message was removed.', 'Choose another one.'));
    const [line = ''] = readable(textField(node, 'text'))
      .replace(/[*_~`>#]+/g, '')
      .trim()
      .split('\n');
    const document = write.create(space, DOCUMENT, { title: line.slice(0, MAX_LINE) }, { parent: '' });
    write.fill(document, blocksFrom(text ?? textField(node, 'text')));
    write.link(document, ABOUT, node.id);
    return ok({ id: document });
  },
});

const setLevel = command({
  describes: 'How much of a channel you want to hear of: `all`, `mentions` or `none`.',
  args: { channelId: { type: 'id' }, level: { type: 'text', max: 10 } },
  run(view, write, { channelId, level }) {
    const found = findNode(view, channelId, CHANNEL);
    if (!found) return err(notFound('channel'));
    if (!LEVELS.some((each) => each === level))
      return err(notPossible('noSuchLevel', 'A level is all, mentions or none.', 'Choose one of them.'));
    write.setPersonal(levelKey(found.node.id), level);
    return DONE;
  },
});

export const commands = {
  createChannel,
  renameChannel,
  setTopic,
  moveChannel,
  removeChannel,
  restoreChannel,
  send,
  edit,
  remove,
  restore,
  react,
  markRead,
  markAllRead,
  markThreadRead,
  markUnread,
  setLevel,
  pin,
  makeDocument,
};
