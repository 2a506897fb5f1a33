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

export type ActivityKind = 'said' | 'commented' | 'proposed' | 'decided' | 'created' | 'renamed' | 'wrote' | 'joined';

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
};
