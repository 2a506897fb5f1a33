/**
 * Threads: messages said under another one. Unread is what others said under this person's messages, after this person in a
 * thread, or naming this person: above the thread's own marker, and above one marker for all threads of the channel. That one
 * follows whenever nothing is unread, so that counting costs what is new.
 */
import {
  addresses,
  type GraphNode,
  isBlocked,
  type NodeId,
  type Question,
  readAll,
  readKey,
  readVectorOf,
  type SpaceId,
  textField,
  threadsKey,
  type View,
  vectorAt,
  type Writer,
} from '../../os/schema/define';
import { MESSAGE } from './schema';

/** Of a thread; more are not shown. */
export const MOST_REPLIES = 1_000;

/** The message that a thread hangs on: of what was said in one, the one above it. */
export const rootOf = (view: View, space: SpaceId, message: GraphNode): GraphNode => {
  const root = view.graph(space)?.node(textField(message, 'thread') as NodeId);
  return root?.type === MESSAGE && root.shard === message.shard ? root : message;
};

/** What was said in these threads, oldest first. */
export const repliesTo = (
  view: View,
  space: SpaceId,
  roots: readonly NodeId[],
  which: Pick<Question, 'removed'> = {},
): readonly GraphNode[] =>
  roots.length === 0
    ? []
    : view.find(space, {
        type: [MESSAGE],
        where: { field: 'thread', among: roots },
        order: [{ by: '@createdAt' }],
        ...which,
      });

/** From when on a thread concerns this person: it hangs on a message of theirs, or they wrote in it then. */
const sinceWhen = (view: View, space: SpaceId, root: NodeId): number => {
  if (view.graph(space)?.node(root)?.author === view.me.userId) return 0;
  const where = {
    and: [
      { field: 'thread', is: root },
      { field: '@author', is: view.me.userId },
    ],
  };
  const [first] = view.find(space, { type: [MESSAGE], where, order: [{ by: '@createdAt' }], limit: 1 });
  return first?.createdAt ?? Number.POSITIVE_INFINITY;
};

type ThreadsRead = {
  readonly count: number;
  readonly mentions: number;
  /** Root -> its unread, oldest first. */
  readonly unread: ReadonlyMap<string, readonly NodeId[]>;
};

export const threadsIn = (view: View, space: SpaceId, channel: NodeId): ThreadsRead => {
  const part = view.partOf(space, channel);
  const above = vectorAt(view, threadsKey(channel));
  const marks = new Map<string, ReadonlyMap<string, number>>();
  const sinces = new Map<string, number>();
  const since = (root: string): number => {
    const known = sinces.get(root) ?? sinceWhen(view, space, root as NodeId);
    sinces.set(root, known);
    return known;
  };
  const unread = new Map<string, { id: NodeId; at: number }[]>();
  let [count, mentions] = [0, 0];
  for (const { id, aside: root = '', author, log = '', seq, at, calls } of view
    .arrivals(space, part, MESSAGE)
    .asides(above)) {
    if (author === view.me.userId || isBlocked(view, author)) continue;
    const mark = marks.get(root) ?? readVectorOf(view, root as NodeId);
    marks.set(root, mark);
    if (seq <= (mark.get(log) ?? -1)) continue;
    const named = calls && addresses(view.graph(space)?.node(id)?.field('text'), view.me);
    if (!named && at < since(root)) continue;
    count++;
    if (named) mentions++;
    unread.set(root, [...(unread.get(root) ?? []), { id, at }]);
  }
  const inOrder = [...unread].map(([root, all]): [string, readonly NodeId[]] => [
    root,
    all.sort((a, b) => a.at - b.at).map(({ id }) => id),
  ]);
  return { count, mentions, unread: new Map(inOrder) };
};

/** All threads of the channel are read up to here. */
export const markThreads = (view: View, write: Writer, channel: NodeId): void => {
  const vector = readAll(view, channel, threadsKey(channel));
  if (vector) write.setPersonal(threadsKey(channel), vector);
};

/** One thread is read; where no other has anything unread, all are. */
export const markThread = (view: View, write: Writer, space: SpaceId, channel: NodeId, root: NodeId): void => {
  const { unread } = threadsIn(view, space, channel);
  if (!unread.has(root)) return;
  if (unread.size === 1) return markThreads(view, write, channel);
  const vector = readAll(view, channel, readKey(root));
  if (vector) write.setPersonal(readKey(root), vector);
};
