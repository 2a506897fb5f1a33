/**
 * What the Hub keeps: nothing in the graph of any space, and settings of the person by reference to what they are about. All that
 * it shows is derived: an ActivityItem, a Notification, a Feed and a Digest are answers, not nodes.
 */
import type { Value, View } from '../../os/schema/define';

/** One card tells of what happened within so long, ms. */
export const TOGETHER = 4 * 3_600_000;
/** Of a text on a card, in UTF-16 units. */
export const EXCERPT = 240;
/** So many notifications of each space are kept in sight, the newest; what is older has left the inbox. */
export const KEPT = 1_000;
/** A snooze ends within a year, ms. */
export const MAX_SNOOZE = 366 * 86_400_000;

/** What was done about one notification, by the id of what it tells of; one setting each, so that devices never overwrite each other. */
export const markKey = (id: string): string => `notice/${id}`;

/** When this person was here last, on whatever device, ms. */
export const LEFT = 'hub/left';
export const leftOf = (view: Pick<View, 'personal'>): number | null => {
  const left = view.personal(LEFT);
  return typeof left === 'number' && Number.isFinite(left) ? left : null;
};

/** A number: asleep until then, ms; awake after it, and unread again. `null`: as its read marker says. */
export type Mark = 'done' | 'read' | 'unread' | number | null;

/** A setting is JSON that any device of the person wrote. */
export const markOf = (value: Value | undefined): Mark =>
  value === 'done' || value === 'read' || value === 'unread' || (typeof value === 'number' && Number.isFinite(value))
    ? value
    : null;

export const isNoticeId = (id: unknown): id is string => typeof id === 'string' && /^[0-9a-z :]{1,200}$/.test(id);
