/** What Chat keeps in the graph. A channel stands in the outline; its messages live in the channel's own shard. */
import type { TypeRule } from '../../os/schema/define';

export const CHANNEL = 'Channel';
export const MESSAGE = 'Message';
export const REACTION = 'Reaction';
export const ATTACHMENT = 'Attachment';

/** Relations: from a channel to what is pinned in it, and from a document to the message that it was made from. */
export const PINS = 'pins';
export const ABOUT = 'made_from';
/** In one channel. */
export const MAX_PINS = 50;

export const MAX_TITLE = 200;
export const MAX_TOPIC = 1_000;
/** In UTF-16 units. */
export const MAX_TEXT = 8_000;
export const MAX_EMOJI = 32;
/** Of one message. */
export const MAX_FILES = 10;
export const MAX_NAME = 200;
export const MAX_ALT = 500;
/** Of a picture that stands for the file, as a `data:` address. */
export const MAX_THUMB = 24_000;
/** Bytes. */
export const MAX_FILE = 25 * 1024 * 1024;

export const types: Readonly<Record<string, TypeRule>> = {
  [CHANNEL]: {
    home: 'outline',
    class: 'content',
    fields: { title: 'members', topic: 'members', icon: 'members' },
    deletion: 'members',
    search: { names: ['channel', 'канал'], title: 'title', text: 'topic' },
    indexes: { byTitle: ['title'], byChange: ['@updatedAt'] },
  },
  /**
   * `thread`: the message under which it was said, not to the channel; with `also` to the channel too. `author` for a deletion
   * lets Admins delete too.
   */
  [MESSAGE]: {
    home: 'container',
    class: 'content',
    fields: { text: 'author', replyTo: 'author', thread: 'author', also: 'author' },
    deletion: 'author',
    search: { names: ['message', 'сообщение'], text: 'text' },
    erasable: { within: ['thread'] },
    indexes: { byAge: ['@part', '@createdAt'], byThread: ['thread', '@author'] },
    unread: true,
    tells: { replyTo: { as: 'answer' }, thread: { as: 'answer', thread: true } },
  },
  /** A file, sealed under `key` as the blob `blob`; beside its message, and erased along with it. */
  [ATTACHMENT]: {
    home: 'container',
    class: 'content',
    fields: {
      message: 'author',
      name: 'author',
      mime: 'author',
      size: 'author',
      blob: 'author',
      key: 'author',
      alt: 'author',
      width: 'author',
      height: 'author',
      thumb: 'author',
    },
    deletion: 'author',
    erasable: { within: ['message'], along: 'message' },
    blob: 'blob',
    indexes: { byMessage: ['message', '@createdAt'] },
    search: { names: ['file', 'файл'], title: 'name', text: 'alt', about: 'message' },
  },
  /** One of a person, a message and an emoji; beside the message. A Guest reacts too. */
  [REACTION]: {
    home: 'container',
    class: 'annotation',
    fields: { message: 'author', emoji: 'author' },
    deletion: 'author',
    indexes: { byMessage: ['message', '@createdAt'] },
    tells: { message: { as: 'reaction' } },
  },
};

/** The personal setting that keeps what was typed and not sent. */
export const draftKey = (channel: string): string => `draft/${channel}`;
