/**
 * What of a container (a channel, a document) is unread: the one model of it. A read marker is a vector of the container's
 * part, log -> highest seq read, so that a message or comment counts once however late it arrives, and a count always
 * clears. It knows no clock: nothing is read because it is old.
 */
import type { GraphNode } from '../../vm/graph/engine';
import type { NodeId, SpaceId } from '../../vm/op/ids';
import { blockedAmong } from './blocking';
import type { View } from './define';

/** The personal setting that says how far a container is read: log -> seq. */
export const readKey = (container: string): string => `read/${container}`;

export type ReadVector = Readonly<Record<string, number>>;

/** A setting is JSON that any device of the person wrote, so what is not a vector is left out. */
export const readVectorOf = (view: View, container: NodeId): ReadonlyMap<string, number> => {
  const value = view.personal(readKey(container));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map();
  return new Map(Object.entries(value).filter((pair): pair is [string, number] => Number.isSafeInteger(pair[1])));
};

/** The marker once everything held now is read; `undefined` when it already says so. Never goes back. */
export const readAll = (view: View, container: NodeId): ReadVector | undefined => {
  const vector = new Map(readVectorOf(view, container));
  let changed = false;
  for (const [log, seq] of Object.entries(view.heads(container))) {
    if (seq <= (vector.get(log) ?? -1)) continue;
    vector.set(log, seq);
    changed = true;
  }
  return changed ? Object.fromEntries(vector) : undefined;
};

export type Unread = {
  /** Oldest first. */
  readonly messages: readonly GraphNode[];
  /** Those of them that are older than a message already read. */
  readonly late: ReadonlySet<NodeId>;
  readonly mentions: number;
};

/** `messages`: nodes of the container with a `text`, oldest first. Unread: above the marker, not mine, not deleted, of nobody who is blocked. */
export const unreadOf = (view: View, space: SpaceId, container: NodeId, messages: readonly GraphNode[]): Unread => {
  const vector = readVectorOf(view, container);
  const isRead = (message: GraphNode): boolean => {
    const position = view.position(space, message.createdBy);
    // What stands in no log that is held can never come under a marker, and must not count for ever.
    return position === undefined || position.seq <= (vector.get(position.log) ?? -1);
  };
  const above = messages.filter((message) => !isRead(message));
  const aboveIds = new Set(above.map((message) => message.id));
  const lastRead = messages.findLastIndex((message) => !aboveIds.has(message.id));
  const beforeLastRead = new Set(messages.slice(0, lastRead + 1).map((message) => message.id));
  const blocked = blockedAmong(view, above);
  const unread = above.filter(
    (message) => !message.deleted && message.author !== view.me.userId && !blocked.has(message.author),
  );
  return {
    messages: unread,
    late: new Set(unread.map((message) => message.id).filter((id) => beforeLastRead.has(id))),
    mentions: unread.filter((message) => mentions(message.field('text'), view.me.name)).length,
  };
};

/** Whether `text` has "@" and exactly this name, not as the beginning of a longer word. */
export const mentions = (text: unknown, name: string): boolean => {
  if (typeof text !== 'string' || name === '') return false;
  const sign = `@${name}`;
  for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + 1)) {
    if (!/^[\p{L}\p{N}_]/u.test(text.slice(at + sign.length, at + sign.length + 2))) return true;
  }
  return false;
};
