/**
 * What of a container (a channel, a document) is unread: the one model of it. A read marker is a vector of the container's
 * part, log -> highest seq read, so that a message or comment counts once however late it arrives, and a count always
 * clears. It knows no clock: nothing is read because it is old.
 */
import { referencesIn, withoutReferences } from '../../base/reference';
import type { GraphNode } from '../../vm/graph/engine';
import type { NodeId, SpaceId, UserId } from '../../vm/op/ids';
import { type Arrival, isBefore } from '../graph/arrivals';
import { isBlocked } from './blocking';
import type { View } from './define';

/** The personal setting that says how far a container is read: log -> seq. */
export const readKey = (container: string): string => `read/${container}`;

export type ReadVector = Readonly<Record<string, number>>;

/** A setting is JSON that any device of the person wrote, so what is not a vector is left out. */
export const vectorAt = (view: View, key: string): ReadonlyMap<string, number> => {
  const value = view.personal(key);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map();
  return new Map(Object.entries(value).filter((pair): pair is [string, number] => Number.isSafeInteger(pair[1])));
};

export const readVectorOf = (view: View, container: NodeId): ReadonlyMap<string, number> =>
  vectorAt(view, readKey(container));

/** The field without which nothing stands aside. */
export const ASIDE = 'thread';

/** The personal setting that says up to where all threads of a container are read: log -> seq. */
export const threadsKey = (container: string): string => `threads/${container}`;
/** What a node stands aside under: said in a thread, and not to all who read the part. */
export const asideOf = (node: GraphNode): string | undefined => {
  const thread = node.field(ASIDE);
  return typeof thread === 'string' && thread !== '' && node.field('also') !== true ? thread : undefined;
};
/** Whether what stands there is read: what stands aside by its thread's marker and that of all threads. */
export const isReadIn = (
  view: View,
  container: NodeId,
  node: GraphNode,
  { log, seq }: { readonly log: string; readonly seq: number },
): boolean => {
  const aside = asideOf(node);
  const keys = aside === undefined ? [readKey(container)] : [threadsKey(container), readKey(aside)];
  return keys.some((key) => seq <= (vectorAt(view, key).get(log) ?? -1));
};

/**
 * The marker once everything held now is read; `undefined` when it already says so. Never goes back. `key`: of another marker,
 * where something in the container has one of its own.
 */
export const readAll = (view: View, container: NodeId, key: string = readKey(container)): ReadVector | undefined => {
  const vector = new Map(vectorAt(view, key));
  let changed = false;
  for (const [log, seq] of Object.entries(view.heads(container))) {
    if (seq <= (vector.get(log) ?? -1)) continue;
    vector.set(log, seq);
    changed = true;
  }
  return changed ? Object.fromEntries(vector) : undefined;
};

/** How much of a container, or of what somebody does, a person wants to hear of: all, only what addresses them, or nothing. */
export const LEVELS = ['all', 'mentions', 'none'] as const;
export type Level = (typeof LEVELS)[number];
export const levelKey = (about: string): string => `notify/${about}`;
export const levelOf = (view: View, about: string): Level =>
  LEVELS.find((level) => level === view.personal(levelKey(about))) ?? 'all';

/** What a badge shows of a count, at a level. */
export const badgeOf = (
  level: Level,
  { count, mentions }: { readonly count: number; readonly mentions: number },
): { readonly unread: number; readonly mentions: number } => ({
  unread: level === 'all' ? count : level === 'mentions' ? mentions : 0,
  mentions: level === 'none' ? 0 : mentions,
});

/** What of a container is unread: above the marker, not mine, not removed, of nobody who is blocked. */
export type Reading = {
  readonly count: number;
  /** The oldest. */
  readonly first: NodeId | null;
  /** Those that address me. */
  readonly mentions: number;
  isUnread(node: GraphNode): boolean;
  /** Unread, and older than something already read. */
  isLate(node: GraphNode): boolean;
};

/** Of the container's nodes of these types. Costs what is unread by whom, not what was said. */
export const readingOf = (
  view: View,
  space: SpaceId,
  container: NodeId,
  ...types: readonly [string, ...string[]]
): Reading => {
  const part = view.partOf(space, container);
  const all = types.map((type) => view.arrivals(space, part, type));
  const marker = readVectorOf(view, container);
  const counts = (author: UserId): boolean => author !== view.me.userId && !isBlocked(view, author);
  const isRead = (node: GraphNode): boolean => {
    const position = view.position(space, node.createdBy);
    // What stands in no log that is held can never come under a marker, and must not count for ever.
    return position === undefined || position.seq <= (marker.get(position.log) ?? -1);
  };
  const isUnread = (node: GraphNode): boolean => !node.deleted && !isRead(node) && counts(node.author);
  let lastRead: Arrival | null | undefined;
  let count = 0;
  let mentioned = 0;
  let first: Arrival | undefined;
  for (const arrivals of all) {
    for (const news of arrivals.above(marker)) {
      if (!counts(news.author)) continue;
      count += news.count;
      if (!first || isBefore(news.first, first)) first = news.first;
      const texts = news.calling.map((id) => view.graph(space)?.node(id)?.field('text'));
      mentioned += texts.filter((text) => addresses(text, view.me)).length;
    }
  }
  return {
    count,
    first: first?.id ?? null,
    mentions: mentioned,
    isUnread,
    isLate: (node) => {
      if (!isUnread(node)) return false;
      lastRead ??= latest(all.flatMap((arrivals) => arrivals.lastRead(marker) ?? []));
      return lastRead !== null && isBefore({ at: node.createdAt, id: node.id }, lastRead);
    },
  };
};

const latest = (arrivals: readonly Arrival[]): Arrival | null =>
  arrivals.reduce<Arrival | null>((last, each) => (last === null || isBefore(last, each) ? each : last), null);

/** Of a text that may address somebody; cheap. */
export const mayAddress = (text: string): boolean => text.includes('@') || text.includes('lgos:user/');

/** Whether a text addresses a person: by id, or, as texts did before there were references, by "@" and the name. */
export const addresses = (
  text: unknown,
  { userId, name }: { readonly userId: UserId; readonly name: string },
): boolean =>
  typeof text === 'string' &&
  (referencesIn(text).some(({ kind, id }) => kind === 'user' && id === userId) ||
    mentions(withoutReferences(text), name));

/** Whether `text` has "@" and exactly this name, not as the beginning of a longer word. */
export const mentions = (text: unknown, name: string): boolean => {
  if (typeof text !== 'string' || name === '') return false;
  const sign = `@${name}`;
  for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + 1)) {
    if (!/^[\p{L}\p{N}_]/u.test(text.slice(at + sign.length, at + sign.length + 2))) return true;
  }
  return false;
};
