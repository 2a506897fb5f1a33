/**
 * The inbox before it is drawn: what addresses this person in each space and what waits for them as an Admin, with what they did
 * about it. Reading is that of `os/schema/unread`: what is read in Chat is read here.
 * HU1 a notification is open until it is done, muted, asleep or gone with what it tells of; nothing else takes it away.
 * HU2 it is unread while its read marker, and the person, say nothing else; one that wakes is unread again.
 */
import type { NotificationKind } from '../../bridge/messages';
import {
  type GraphNode,
  isBlocked,
  isReadIn,
  levelOf,
  msOf,
  type NodeId,
  type Notice,
  type SpaceId,
  type UserId,
  type View,
} from '../../os/schema/define';
import { KEPT, type Mark, markKey, markOf } from './schema';

export type Notification = {
  readonly id: string;
  readonly kind: NotificationKind;
  readonly at: number;
  readonly user: UserId;
  readonly space: SpaceId;
  /** Of what waits for an Admin there is neither. */
  readonly notice?: Notice;
  readonly container?: GraphNode;
  readonly mark: Mark;
  readonly unread: boolean;
  readonly quiet: boolean;
  readonly state: 'open' | 'snoozed' | 'done';
};

/** Under this level only what speaks to the person is told. */
const SPEAKS: ReadonlySet<NotificationKind> = new Set(['mention', 'answer', 'comment']);

const remembered = <K, V>(find: (key: K) => V): ((key: K) => V) => {
  const known = new Map<K, V>();
  return (key) => {
    if (!known.has(key)) known.set(key, find(key));
    return known.get(key) as V;
  };
};

/** Newest first, whatever its state; `gathering` while a space is not ready to tell. */
export const notificationsOf = (view: View): { readonly all: readonly Notification[]; readonly gathering: boolean } => {
  const all: Notification[] = [];
  let gathering = false;
  const level = remembered((id: string) => levelOf(view, id));
  const isSilent = remembered((user: UserId) => level(user) === 'none' || isBlocked(view, user));
  for (const space of view.spaces) {
    const notices = view.notices(space);
    if (!notices) gathering = true;
    const nodeOf = remembered((id: NodeId) => view.graph(space)?.node(id));
    for (const notice of notices?.newest(KEPT) ?? []) {
      const id = view.containerOf(space, notice.part);
      const container = id === undefined ? undefined : nodeOf(id);
      if (!container || container.deleted || isSilent(notice.author)) continue;
      const levels = [level(container.id), level(notice.author)];
      if (levels.includes('none') || (levels.includes('mentions') && !SPEAKS.has(notice.kind))) continue;
      const place = view.position(space, notice.entry);
      const node = nodeOf(notice.id);
      const isRead = !place || !node || isReadIn(view, container.id, node, place);
      const { kind, author: user } = notice;
      const quiet = kind === 'reaction';
      all.push({
        ...{ id: notice.id, kind, at: msOf(notice.at), user, space, notice, container, quiet },
        ...standingOf(view, notice.id, !isRead),
      });
    }
    for (const { id, kind, user, at } of view.community(space).waiting) {
      if (isSilent(user)) continue;
      all.push({ id, kind, at, user, space, quiet: false, ...standingOf(view, id, true) });
    }
  }
  all.sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
  return { all, gathering };
};

/** HU1, HU2 */
const standingOf = (view: View, id: string, above: boolean): Pick<Notification, 'mark' | 'unread' | 'state'> => {
  const mark = markOf(view.personal(markKey(id)));
  if (mark === 'done') return { mark, unread: false, state: 'done' };
  if (typeof mark === 'number')
    return view.passed(mark) ? { mark, unread: true, state: 'open' } : { mark, unread: false, state: 'snoozed' };
  return { mark, unread: mark === null ? above : mark === 'unread', state: 'open' };
};
