/** Answers of the applications: chat, the editor, comments. */
import type { ChangeState, Person } from './words';

/** `chat.channels` {spaceId}: rows in order. `unread` and `mentions` count messages and comments. */
export type ChannelRow = {
  readonly id: string;
  readonly title: string;
  readonly unread: number;
  readonly mentions: number;
  readonly draft: boolean;
  readonly level: Level;
};
/** How much of a channel a person wants to hear of; `unread` and `mentions` of its row are what a badge shows at that level. */
export type Level = 'all' | 'mentions' | 'none';

/** `chat.channel` {channelId} */
export type ChannelAnswer = {
  readonly id: string;
  readonly spaceId: string;
  readonly title: string;
  readonly topic: string;
  readonly made: { readonly by: Person; readonly at: number };
  readonly firstUnread: string | null;
  readonly unread: number;
  /** Comments on the channel and its messages that are unread. */
  readonly unreadComments: number;
  /** Threads that this person takes part in with something unread: the message above each. */
  readonly threads: readonly {
    readonly id: string;
    readonly author: Person;
    readonly text: string;
    readonly unread: number;
  }[];
  readonly level: Level;
  /** The last pinned first. */
  readonly pins: readonly {
    readonly id: string;
    readonly author: Person;
    readonly text: string;
    readonly at: number;
  }[];
  readonly mayPin: boolean;
};

/**
 * `os.file` {spaceId, blob}. `coming`: somebody here asked for it, and it is on its way or waits for whoever has it; `share` of it that is here, 0 to 1.
 * `sources` in reach that have some of it; `beacons` and other `devices` that have signed that they hold it.
 */
export type FileAnswer = {
  readonly here: boolean;
  readonly coming: boolean;
  readonly share: number;
  readonly sources: number;
  /** It did not come: it is larger than was stated. */
  readonly larger: boolean;
  readonly beacons: number;
  readonly devices: number;
};
/** `os.keptFiles` {spaceId}. */
export type KeptFilesAnswer = { readonly keep: boolean; readonly files: number; readonly bytes: number };

/** A file beside a message. `blob` and `key` are what `getFile` takes. */
export type AttachmentRow = {
  readonly id: string;
  readonly name: string;
  readonly mime: string;
  readonly size: number;
  readonly blob: string;
  readonly key: string;
  readonly alt: string;
  /** Of a picture: px, and a small one to show at once, as a `data:` address. */
  readonly width: number;
  readonly height: number;
  readonly thumb: string;
};

/** One kind of reaction to a message. */
export type ReactionRow = {
  readonly emoji: string;
  readonly count: number;
  readonly mine: boolean;
  /** Who, at most 20. */
  readonly people: readonly Person[];
};

export type ErasedBy = { readonly by: Person; readonly at: number };

/** `chat.messages` {channelId, limit?, before?}, `chat.thread` {messageId}: rows, oldest first */
export type MessageRow = {
  readonly id: string;
  /** For good: nothing else of it is known but who wrote it, and when. */
  readonly erased?: ErasedBy;
  readonly text: string;
  readonly author: Person;
  readonly mine: boolean;
  /** Of somebody whom this person has blocked. */
  readonly blocked?: true;
  readonly at: number;
  readonly edited: boolean;
  readonly deleted: boolean;
  readonly unread: boolean;
  /** Arrived after later ones had been read. */
  readonly late: boolean;
  readonly replyTo: {
    readonly id: string;
    readonly author: Person;
    readonly text: string;
    readonly blocked?: true;
  } | null;
  /** The message under which it was said. */
  readonly thread: string | null;
  /** What was said under it: how often, by whom (the last first), when last, and how much of it is unread. */
  readonly replies: {
    readonly count: number;
    readonly people: readonly Person[];
    readonly at: number;
    readonly unread: number;
  } | null;
  readonly state: ChangeState;
  readonly mayEdit: boolean;
  readonly mayRemove: boolean;
  readonly mayErase: boolean;
  /** Comment and react. */
  readonly mayComment: boolean;
  /** In the order in which each was first given. */
  readonly reactions: readonly ReactionRow[];
  /** Comments on the message. */
  readonly comments: number;
  readonly attachments: readonly AttachmentRow[];
};

/** `chat.window` {channelId, at?, rank?, limit?}: rows, oldest first, and how many lie before and after them. */
export type MessageWindow = { readonly rows: readonly MessageRow[]; readonly before: number; readonly after: number };

/** `editor.documents` {spaceId}: rows in tree order */
export type DocumentRow = {
  readonly id: string;
  readonly title: string;
  readonly icon: string;
  readonly kind: 'document' | 'folder';
  /** New documents can be made like it. */
  readonly template: boolean;
  readonly parent: string | null;
  readonly depth: number;
  /** Comments and suggestions that are unread, and how many of them name this person: what a badge shows at `level`. */
  readonly unread: number;
  readonly mentions: number;
  readonly level: Level;
};

/** `editor.document` {documentId} */
export type DocumentAnswer = {
  readonly id: string;
  readonly spaceId: string;
  readonly title: string;
  readonly icon: string;
  readonly template: boolean;
  readonly deleted: boolean;
  readonly author: Person;
  readonly mayEdit: boolean;
  /** Comment, and propose changes. */
  readonly maySuggest: boolean;
  readonly state: ChangeState;
};

/** `editor.templates` {spaceId}: rows by title */
export type TemplateRow = { readonly id: string; readonly title: string; readonly icon: string };

/** `editor.content` {documentId or markdown}: a text with the names of its marks, or an element with what is in it. */
export type MarkupNode =
  | { readonly text: string; readonly marks: Readonly<Record<string, unknown>> }
  | {
      readonly type: string;
      readonly attributes: Readonly<Record<string, unknown>>;
      readonly content: readonly MarkupNode[];
    };

/** `editor.suggestions` {documentId}: rows, oldest first: those that wait, and the last that were decided. */
export type SuggestionRow = {
  readonly id: string;
  readonly author: Person;
  readonly mine: boolean;
  readonly at: number;
  /** The block that the changed blocks stand in; empty: the document itself. */
  readonly parent: string;
  /** The blocks to put `proposed` in place of, by their block ids; none where something is put in `after` one. */
  readonly blocks: readonly string[];
  readonly after: string;
  /** Those blocks when the change was proposed, and what to put there: the editor's JSON, not checked. */
  readonly base: readonly unknown[];
  readonly proposed: readonly unknown[];
  readonly note: string;
  readonly state: ChangeState;
  readonly decided: { readonly verdict: 'accepted' | 'declined'; readonly by: Person; readonly at: number } | null;
};

/** `comments.thread` {objectId}: rows, oldest first. An answer has the comment that it answers as `parent`. */
export type CommentRow = {
  readonly id: string;
  readonly erased?: ErasedBy;
  readonly parent: string | null;
  /** The block of a document that it is about, and the words that were selected there. */
  readonly block: string | null;
  readonly quote: string;
  readonly text: string;
  readonly author: Person;
  readonly mine: boolean;
  readonly at: number;
  readonly edited: boolean;
  /** Only where it has answers; without text. */
  readonly deleted: boolean;
  readonly resolved: boolean;
  readonly unread: boolean;
  readonly state: ChangeState;
  readonly mayEdit: boolean;
  readonly mayRemove: boolean;
  readonly mayErase: boolean;
  readonly mayResolve: boolean;
};

/** `comments.about` {objectId} */
export type CommentsAnswer = {
  /** All, and those of threads that are not resolved. */
  readonly count: number;
  readonly open: number;
  readonly unread: number;
  readonly mayComment: boolean;
};
