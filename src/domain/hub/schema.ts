/**
 * What the Hub keeps: nothing in the graph of any space, and a few settings of the person. All that it shows is derived: an
 * ActivityItem, a Notification, a Feed and a Digest are answers, not nodes.
 */

/** One card tells of what happened within so long, ms. */
export const TOGETHER = 4 * 3_600_000;
/** Of a text on a card, in UTF-16 units. */
export const EXCERPT = 240;
