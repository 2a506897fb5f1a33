/**
 * The inbox, sorted by keys: j and k (or arrows) move, Enter opens, e is done, s snoozes, m mutes, u takes back. The list keeps its
 * place: what is done leaves, and the next row is chosen. What rows there are is the kernel's answer.
 */
import { Clock, ListFilter } from 'lucide-react';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';

import type { NotificationRow } from '../../bridge/messages';
import { Button, IconButton } from '../kit/Button';
import { Empty, SkeletonRows } from '../kit/Empty';
import { t } from '../kit/i18n';
import { useQuery } from '../kit/kernel';
import { Menu, type MenuItem } from '../kit/Menu';
import { useReturning } from '../kit/returning';
import { matches, type ShortcutId } from '../kit/shortcuts';
import { sinceWhen, useNow } from '../kit/time';
import { InboxRow, type Opened, type RowActs } from './InboxRow';
import { SnoozeDialog } from './SnoozeDialog';
import { endings } from './snoozing';
import { useTriage } from './useTriage';

const SHOWS = ['open', 'unread', 'mentions', 'requests', 'snoozed', 'done'] as const;
type Show = (typeof SHOWS)[number];
const PAGE = 100;
const NO_ROWS: readonly NotificationRow[] = [];

/** Where keys mean something else. */
const isBusy = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.closest('input, textarea, select, [role="dialog"], [role="menu"]') !== null);

export function Inbox() {
  const [show, setShow] = useState<Show>('open');
  const [limit, setLimit] = useState(PAGE);
  const inbox = useQuery('hub.inbox', { show, limit });
  const badge = useQuery('hub.badge', {});
  const [chosen, setChosen] = useState<string | null>(null);
  const [opened, setOpened] = useState<Opened>(null);
  const [picking, setPicking] = useState<NotificationRow | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const box = useRef<HTMLElement>(null);
  useReturning(box, 'inbox');

  const now = useNow();
  const triage = useTriage();
  const rows = inbox?.rows ?? NO_ROWS;
  const current = (chosen === null ? rows[0] : rows.find(({ id }) => id === chosen)) ?? null;
  // Where the chosen row left, whatever way, the one that took its place is chosen.
  const place = useRef(0);
  if (current) place.current = rows.indexOf(current);
  const next = rows[Math.min(place.current, rows.length - 1)];
  useEffect(() => {
    if (chosen !== null && !current) setChosen(next?.id ?? null);
  }, [chosen, current, next]);

  const focus = (row: NotificationRow | undefined): void => {
    if (!row) return;
    setChosen(row.id);
    setOpened(null);
    list.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(row.id)}"] a`)?.focus();
  };
  const acts: RowActs = useMemo(
    () => ({
      choose: setChosen,
      open: (row) => {
        if (row.unread) triage.mark(row, 'read');
      },
      done: (row) => triage.mark(row, 'done'),
      reopen: (row) => triage.mark(row, 'open'),
      mutePlace: (row) => triage.mutePlace(row),
      mutePerson: (row) => triage.mutePerson(row),
    }),
    [triage],
  );

  // With the rows in sight: a key pressed the moment they are there means them.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isBusy(event.target)) return;
      const at = current ? rows.indexOf(current) : -1;
      const steps: readonly (readonly [ShortcutId, (() => void) | null])[] = [
        ['inboxNext', () => focus(rows[Math.min(at + 1, rows.length - 1)])],
        ['inboxBefore', () => focus(rows[Math.max(0, at - 1)])],
        ['inboxUndo', triage.undo],
        ['inboxDone', current && (() => (current.state === 'open' ? acts.done(current) : acts.reopen(current)))],
        ['inboxSnooze', current && current.state !== 'done' ? () => setOpened('snooze') : null],
        ['inboxMute', current && (() => setOpened('mute'))],
        ['inboxRead', current && (() => triage.mark(current, current.unread ? 'read' : 'unread'))],
      ];
      const act = steps.find(([id]) => matches(event, id))?.[1];
      // Elsewhere on the page arrows scroll.
      if (!act || (event.key.startsWith('Arrow') && list.current?.contains(event.target as Node) !== true)) return;
      event.preventDefault();
      act();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });
  // The focus goes on with the row that took the place of one that left.
  useEffect(() => {
    if (current && document.activeElement === document.body)
      list.current
        ?.querySelector<HTMLElement>(`[data-row="${CSS.escape(current.id)}"] a`)
        ?.focus({ preventScroll: true });
  }, [current]);

  const snoozes: readonly MenuItem[] = [
    ...endings(now).map(({ key, until }) => ({
      key,
      label: t(`hub.until.${key}`),
      note: sinceWhen(until, now),
      icon: Clock,
      onSelect: () => current && triage.snooze(current, until),
    })),
    { key: 'pick', label: t('hub.until.pick'), icon: Clock, onSelect: () => setPicking(current) },
  ];
  const choose = (to: Show): void => {
    setShow(to);
    setChosen(null);
    setLimit(PAGE);
  };
  const open = badge?.open ?? 0;
  const sorts = show !== 'done' && show !== 'snoozed';
  return (
    <section ref={box} className="inbox" aria-label={t('hub.inbox')}>
      <header className="ch">
        <h2>{t('hub.inbox')}</h2>
        <span className="t12 t3 num">
          {show === 'open' ? (open === 0 ? '' : t('hub.toSort', { n: open })) : t(`hub.show.${show}`)}
        </span>
        <span className="grow" />
        {sorts && rows.length > 0 ? (
          <Button size="small" onClick={() => triage.allDone(show)}>
            {t('hub.allDone')}
          </Button>
        ) : null}
        <Menu
          align="end"
          items={SHOWS.map((each) => ({
            key: each,
            label: t(`hub.show.${each}`),
            checked: each === show,
            onSelect: () => choose(each),
          }))}
        >
          <IconButton label={t('hub.filter')} icon={ListFilter} on={show !== 'open'} />
        </Menu>
      </header>
      {inbox === undefined || (inbox.gathering && rows.length === 0) ? (
        <SkeletonRows />
      ) : rows.length === 0 ? (
        <Empty
          text={t(`hub.empty.${show}`)}
          action={
            show === 'open'
              ? { label: t('hub.showDone'), quiet: true, run: () => choose('done') }
              : { label: t('hub.showAll'), quiet: true, run: () => choose('open') }
          }
        />
      ) : (
        <>
          <p className="sr" id="hub-keys">
            {t('hub.keys')}
          </p>
          <ul ref={list} aria-describedby="hub-keys" aria-label={t(`hub.show.${show}`)}>
            {rows.map((row) => (
              <InboxRow
                key={row.id}
                row={row}
                chosen={row.id === current?.id}
                snoozes={snoozes}
                opened={opened}
                onMenu={setOpened}
                acts={acts}
              />
            ))}
          </ul>
        </>
      )}
      {inbox?.more ? (
        <Button className="older" onClick={() => setLimit((n) => n + PAGE)}>
          {t('hub.more')}
        </Button>
      ) : null}
      {badge && badge.until !== null && show === 'open' ? (
        <button type="button" className="asleep t12 t3" onClick={() => choose('snoozed')}>
          <Clock className="i" size={14} strokeWidth={1.75} aria-hidden />
          {t('hub.asleep', { n: badge.snoozed, when: sinceWhen(badge.until, now) })}
        </button>
      ) : null}
      {picking ? (
        <SnoozeDialog onClose={() => setPicking(null)} onChoose={(until) => triage.snooze(picking, until)} />
      ) : null}
    </section>
  );
}
