/** What of the notifications is shown: filtered, put into rows, counted. */
import { readable } from '../../base/reference';
import type { BadgeAnswer, InboxAnswer, NotificationRow } from '../../bridge/messages';
import { type NodeId, query, textField, type View } from '../../os/schema/define';
import { type Notification, notificationsOf } from './notifications';
import { placeOf, placeOfSpace } from './place';
import { EXCERPT, leftOf } from './schema';

const PAGE = 100;
const MAX_PAGE = 500;
const MAX_EMOJI = 5;

const FILTERS = ['open', 'unread', 'mentions', 'requests', 'snoozed', 'done'] as const;
export type Show = (typeof FILTERS)[number];
export const showOf = (asked: string | undefined): Show => FILTERS.find((each) => each === asked) ?? 'open';

const WAITING: ReadonlySet<Notification['kind']> = new Set(['request', 'report', 'held', 'proposal']);

export const isShown = (show: Show, { state, unread, kind }: Notification): boolean => {
  if (show === 'snoozed' || show === 'done') return state === show;
  if (state !== 'open') return false;
  if (show === 'unread') return unread;
  if (show === 'mentions') return kind === 'mention';
  return show === 'open' || WAITING.has(kind);
};

/** Reactions to one message stand in one row; everything else alone. */
const rowsOf = (shown: readonly Notification[], aboutOf: (each: Notification) => string) => {
  const rows = new Map<string, [Notification, ...Notification[]]>();
  for (const each of shown) {
    const id = each.kind === 'reaction' ? `reactions ${aboutOf(each)}` : each.id;
    const row = rows.get(id);
    if (row) row.push(each);
    else rows.set(id, [each]);
  }
  return [...rows];
};

const tell = (view: View, id: string, row: readonly [Notification, ...Notification[]]): NotificationRow => {
  const [newest] = row;
  const { space, kind, notice, container, state, mark } = newest;
  const graph = view.graph(space);
  const node = notice && graph?.node(notice.id);
  const about = node && graph?.node(aboutWhat(view, newest) as NodeId);
  const emoji = new Set(row.map((each) => fieldOf(view, each, 'emoji')));
  const users = new Set(row.map(({ user }) => user));
  return {
    id,
    ids: row.map((each) => each.id),
    kind,
    at: newest.at,
    person: view.person(space, newest.user),
    others: users.size - 1,
    text:
      kind === 'reaction'
        ? [...emoji].slice(0, MAX_EMOJI).join(' ')
        : node
          ? readable(textField(node, 'text') || textField(node, 'note') || textField(node, 'verdict')).slice(0, EXCERPT)
          : '',
    about:
      about && about.author === view.me.userId && !about.deleted
        ? readable(textField(about, 'text')).slice(0, EXCERPT)
        : '',
    place: node && container ? placeOf(view, space, container, node) : placeOfSpace(view, space),
    unread: row.some((each) => each.unread),
    quiet: newest.quiet,
    state,
    until: state === 'snoozed' && typeof mark === 'number' ? mark : null,
  };
};

const fieldOf = (view: View, { space, notice }: Notification, field: string): string => {
  const node = notice && view.graph(space)?.node(notice.id);
  return node ? textField(node, field) : '';
};
const ABOUT = ['message', 'replyTo', 'parent', 'suggestion'] as const;
const aboutWhat = (view: View, each: Notification): string =>
  ABOUT.map((field) => fieldOf(view, each, field)).find((id) => id !== '') ?? '';

export const inbox = query({
  describes: `What addresses you or waits for you, the newest first: ${PAGE} rows unless told, at most ${MAX_PAGE}. \`show\` is ${FILTERS.join(', ')}; open unless told.`,
  args: { show: { type: 'text', max: 20, optional: true }, limit: { type: 'number', optional: true } },
  run: (view, { show: asked, limit = PAGE }): InboxAnswer => {
    const show = showOf(asked);
    const { all, gathering } = notificationsOf(view);
    const rows = rowsOf(
      all.filter((each) => isShown(show, each)),
      (each) => aboutWhat(view, each),
    );
    const most = Math.max(1, Math.min(MAX_PAGE, Math.floor(limit)));
    return { rows: rows.slice(0, most).map(([id, row]) => tell(view, id, row)), more: rows.length > most, gathering };
  },
});

export const badge = query({
  describes:
    'How much of the inbox is unread (what the badge counts), open and snoozed, and when the next snooze ends.',
  args: {},
  run: (view): BadgeAnswer => {
    const { all } = notificationsOf(view);
    const open = all.filter(({ state }) => state === 'open');
    const asleep = all.flatMap(({ state, mark }) => (state === 'snoozed' && typeof mark === 'number' ? [mark] : []));
    return {
      unread: open.filter(({ unread, quiet }) => unread && !quiet).length,
      open: rowsOf(open, (each) => aboutWhat(view, each)).length,
      snoozed: asleep.length,
      until: asleep.length === 0 ? null : Math.min(...asleep),
      left: leftOf(view),
    };
  },
});
