/** One row of the inbox: who, why, what was written, and what can be done about it. */
import { BellOff, Check, Clock, Undo2 } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import type { NotificationRow } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { Face } from '../kit/Face';
import { t } from '../kit/i18n';
import { Menu, type MenuItem } from '../kit/Menu';
import { fully, RelativeTime } from '../kit/time';
import { Who } from '../kit/Who';
import { wayOf } from './way';
import { headline, textOf, titleOf } from './words';

export type RowActs = {
  open(row: NotificationRow): void;
  done(row: NotificationRow): void;
  reopen(row: NotificationRow): void;
  mutePlace(row: NotificationRow): void;
  mutePerson(row: NotificationRow): void;
  choose(id: string): void;
};
/** Which menu of the chosen row is open. */
export type Opened = 'snooze' | 'mute' | null;

export function InboxRow({
  row,
  chosen,
  snoozes,
  opened,
  onMenu,
  acts,
}: {
  row: NotificationRow;
  chosen: boolean;
  snoozes: readonly MenuItem[];
  opened: Opened;
  onMenu(opened: Opened): void;
  acts: RowActs;
}) {
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (chosen) link.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const title = headline(row);
  const text = textOf(row);
  const waits = row.place.kind === 'space';
  const mutes: readonly MenuItem[] = [
    ...(waits
      ? []
      : [
          {
            key: 'place',
            label: t('hub.mutePlace', { title: titleOf(row.place) }),
            icon: BellOff,
            onSelect: () => acts.mutePlace(row),
          },
        ]),
    {
      key: 'person',
      label: t('hub.mutePerson', { name: row.person.name }),
      icon: BellOff,
      onSelect: () => acts.mutePerson(row),
    },
  ];
  return (
    <li className={`it ${chosen ? 'on' : ''} ${row.unread ? '' : 'read'}`} data-row={row.id}>
      <Who person={row.person} spaceId={row.place.spaceId} tabIndex={chosen ? 0 : -1}>
        <Face person={row.person} />
      </Who>
      <Link
        ref={link}
        href={wayOf(row)}
        className="t cut"
        tabIndex={chosen ? 0 : -1}
        aria-label={[title, row.unread ? t('hub.unread') : '', text].filter((part) => part !== '').join('. ')}
        onFocus={() => acts.choose(row.id)}
        onClick={() => acts.open(row)}
      >
        {title}
      </Link>
      <span className="when">
        {row.unread && !row.quiet ? <i className="dot" aria-hidden /> : null}
        <RelativeTime at={row.at} />
      </span>
      {text === '' ? null : <p className={chosen ? 'some' : 'cut'}>{text}</p>}
      {row.until === null ? null : (
        <p className="t12 t3">
          <Clock className="i" size={12} strokeWidth={1.75} aria-hidden /> {fully(row.until)}
        </p>
      )}
      <div className="tri">
        {row.state === 'open' ? (
          <Button size="small" icon={Check} onClick={() => acts.done(row)}>
            {t('hub.done')}
            <kbd>E</kbd>
          </Button>
        ) : (
          <Button size="small" icon={Undo2} onClick={() => acts.reopen(row)}>
            {t(row.state === 'done' ? 'hub.notDone' : 'hub.wake')}
            <kbd>E</kbd>
          </Button>
        )}
        {row.state === 'done' ? null : (
          <Menu
            items={snoozes}
            open={chosen && opened === 'snooze'}
            onOpen={(open) => {
              acts.choose(row.id);
              onMenu(open ? 'snooze' : null);
            }}
          >
            <Button size="small" icon={Clock}>
              {t('hub.snooze')}
              <kbd>S</kbd>
            </Button>
          </Menu>
        )}
        <Menu
          items={mutes}
          open={chosen && opened === 'mute'}
          onOpen={(open) => {
            acts.choose(row.id);
            onMenu(open ? 'mute' : null);
          }}
        >
          <Button size="small" icon={BellOff}>
            {t('hub.mute')}
            <kbd>M</kbd>
          </Button>
        </Menu>
      </div>
    </li>
  );
}
