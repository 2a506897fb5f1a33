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
  /** It addresses this person, is about something of theirs, or neither. */
  readonly rank: 'me' | 'mine' | 'rest';
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
