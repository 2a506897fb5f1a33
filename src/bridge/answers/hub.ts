/** Answers of the Hub: what changed, what addresses this person, what was missed. All derived; times in ms. */
import type { Person } from './words';

/** Where something stands: enough to open it there. */
export type PlaceAnswer = {
  readonly spaceId: string;
  readonly spaceTitle: string;
  /** The channel or document; '' of what concerns the space itself. */
  readonly id: string;
  readonly kind: 'channel' | 'document' | 'folder' | 'space';
  readonly title: string;
  readonly message?: string;
  readonly block?: string;
  readonly thread?: string;
};

/** `removed`: channels, documents and folders that lie in the trash. `putOut`: somebody removed people; `left`: they went themselves. */
export type ActivityKind =
  | 'said'
  | 'commented'
  | 'proposed'
  | 'decided'
  | 'created'
  | 'renamed'
  | 'wrote'
  | 'removed'
  | 'joined'
  | 'left'
  | 'putOut';

/** One card of the feed: what some people did with one object within a few hours. */
export type ActivityItem = {
  readonly id: string;
  readonly kind: ActivityKind;
  /** Of the newest and the oldest of it. */
  readonly at: number;
  readonly since: number;
  /** The last first, at most five. */
  readonly people: readonly Person[];
  /** How many more. */
  readonly others: number;
  readonly count: number;
  /** Whom it was done to; at most eight. */
  readonly about: readonly Person[];
  /** The beginning of the newest text. */
  readonly text: string;
  readonly place: PlaceAnswer;
  /** It addresses this person, is about something of theirs, about a favourite, or nothing of that. */
  readonly rank: 'me' | 'mine' | 'favourite' | 'rest';
  /** Nobody else did it. */
  readonly own: boolean;
};

/** `hub.feed` {tab?, spaceId?, app?, person?, ranked?, offset?, limit?, before?} */
export type FeedAnswer = {
  readonly items: readonly ActivityItem[];
  /** `before` of what is older; null where there is nothing. */
  readonly next: number | null;
  /** Something is still being gathered after a start. */
  readonly gathering: boolean;
};

export type NotificationKind =
  | 'mention'
  | 'answer'
  | 'comment'
  | 'proposal'
  | 'verdict'
  | 'reaction'
  | 'request'
  | 'report'
  | 'held';

/** One row of the inbox: something that addresses this person, or waits for them as an Admin. */
export type NotificationRow = {
  readonly id: string;
  /** All that the row stands for: what `hub.mark` and `hub.snooze` take. */
  readonly ids: readonly string[];
  readonly kind: NotificationKind;
  readonly at: number;
  readonly person: Person;
  /** How many more people. */
  readonly others: number;
  /** What was written: of reactions the emoji, of a verdict `accepted` or `declined`. */
  readonly text: string;
  /** The beginning of what it is about, where that is this person's own. */
  readonly about: string;
  readonly place: PlaceAnswer;
  readonly unread: boolean;
  /** Counts in no badge. */
  readonly quiet: boolean;
  readonly state: 'open' | 'snoozed' | 'done';
  /** When a snooze ends; null without one. */
  readonly until: number | null;
};

/** `hub.inbox` {show?, limit?}: the newest first */
export type InboxAnswer = {
  readonly rows: readonly NotificationRow[];
  /** More than were asked for. */
  readonly more: boolean;
  readonly gathering: boolean;
};

/** `hub.badge` {}: `unread` is what the badge counts, `open` what is to be sorted, `until` when the next snooze ends. */
export type BadgeAnswer = {
  readonly unread: number;
  readonly open: number;
  readonly snoozed: number;
  readonly until: number | null;
  /** When this person was here last, on whatever device; null where that is not known. */
  readonly left: number | null;
};

/** Something that was written while somebody was away. */
export type MissedLine = {
  readonly id: string;
  readonly person: Person;
  readonly text: string;
  readonly place: PlaceAnswer;
};
/** What happened in one channel or document meanwhile. `count`: messages, or comments and proposals. */
export type MissedPlace = {
  readonly id: string;
  readonly place: PlaceAnswer;
  readonly count: number;
  /** No more was counted. */
  readonly more: boolean;
  readonly people: readonly Person[];
  readonly others: number;
  /** Its text was changed. */
  readonly edited: boolean;
  /** Those that address this person or were reacted to most, oldest first. */
  readonly lines: readonly MissedLine[];
};
/** `hub.digest` {since?}: null where there is nothing to tell since when. */
export type DigestAnswer = {
  readonly since: number;
  readonly messages: number;
  readonly places: readonly MissedPlace[];
  /** Places beyond those that are told. */
  readonly rest: number;
} | null;

/** `hub.week` {since} */
export type WeekAnswer = {
  readonly messages: number;
  readonly comments: number;
  readonly documents: number;
  /** Counting stopped somewhere: there is more. */
  readonly more: boolean;
  /** Those who did most, at most eight. */
  readonly people: readonly { readonly person: Person; readonly count: number }[];
  readonly others: number;
  readonly open: { readonly proposals: number; readonly requests: number; readonly reports: number };
};

/** One thing to tell at once, outside the page: a row of the inbox, or any message of a channel. */
export type AlertRow = {
  readonly id: string;
  readonly kind: NotificationKind | 'message';
  readonly at: number;
  readonly person: Person;
  readonly text: string;
  readonly place: PlaceAnswer;
};

/** `hub.muted` {}: rows */
export type MutedRow = {
  readonly id: string;
  readonly kind: 'person' | 'channel' | 'document';
  readonly title: string;
};
