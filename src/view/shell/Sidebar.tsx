/** The left side: which space, which app, the space's channels and documents, and at the foot the person and their node. */

import type { LucideIcon } from 'lucide-react';
import {
  ChevronsUpDown,
  ClipboardPaste,
  FileText,
  History,
  Inbox as InboxIcon,
  Languages,
  Mails,
  MessagesSquare,
  PanelLeft,
  Plus,
  Rewind,
  Settings,
  SunMoon,
  Trash2,
  UserPlus,
  Users,
} from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { IconButton } from '../kit/Button';
import { Face, SpaceMark } from '../kit/Face';
import { t } from '../kit/i18n';
import { useQuery } from '../kit/kernel';
import { Menu } from '../kit/Menu';
import { setLanguage, toggleRail, toggleTheme, useLanguage } from '../kit/preferences';
import type { Place } from '../kit/routes';
import { paths } from '../kit/routes';
import { keysOf, matches } from '../kit/shortcuts';
import { counted } from '../kit/time';
import { FirstSteps } from '../onboarding/FirstSteps';
import { useActions } from './actions';
import { useAttention } from './members/waiting';
import { usePast } from './past';
import { Places } from './sidebar/Places';
import { Count } from './sidebar/Tree';
import './sidebar/sidebar.css';

export function Sidebar({ place, spaceId, onLeave }: { place: Place; spaceId: string | null; onLeave(): void }) {
  const side = useRef<HTMLElement>(null);
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: a way out for the pointer; keys have Escape and the More button */}
      <div className="side-scrim" onClick={onLeave} />
      <aside
        ref={side}
        className="side"
        aria-label={t('navigation')}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onLeave();
          else step(event, side.current);
        }}
      >
        <div className="head">
          <SpaceSwitcher spaceId={spaceId} />
          <IconButton
            small
            className="rail-toggle"
            label={t('rail.toggle')}
            keys={keysOf('rail').join(' ')}
            icon={PanelLeft}
            onClick={toggleRail}
          />
        </div>
        <div className="scroll">
          {spaceId === null ? null : (
            <>
              <Apps place={place} spaceId={spaceId} />
              <Places key={spaceId} place={place} spaceId={spaceId} />
            </>
          )}
        </div>
        <Steps spaceId={spaceId} />
        <Foot />
      </aside>
    </>
  );
}

/** Up and down walk the rows of all sections, Home and End go to the first and the last. */
function step(event: KeyboardEvent, side: HTMLElement | null): void {
  const rows = [...(side?.querySelectorAll<HTMLElement>('nav a, nav [data-row]') ?? [])];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  if (at < 0 || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
  const next = matches(event, 'rowNext')
    ? rows[at + 1]
    : matches(event, 'rowBefore')
      ? rows[at - 1]
      : event.key === 'Home'
        ? rows[0]
        : event.key === 'End'
          ? rows.at(-1)
          : null;
  if (next === null) return;
  event.preventDefault();
  next?.focus();
}

/** In which order they are listed. */
const KINDS = ['personal', 'team', 'guild', 'room'] as const;

function SpaceSwitcher({ spaceId }: { spaceId: string | null }) {
  const spaces = useQuery('os.spaces', {});
  const actions = useActions();
  const [, go] = useLocation();
  const current = spaces?.find((space) => space.id === spaceId);
  const waiting = useAttention(spaceId);
  const past = usePast(spaceId);
  const elsewhere = (spaces ?? []).filter((space) => space.id !== spaceId && space.unread > 0).length;
  // One that is not listed is one that the person is not in.
  const title = current?.title ?? (spaces && spaceId !== null ? t('access.none') : '');
  return (
    <Menu
      items={[
        ...KINDS.flatMap((kind) => {
          const own = (spaces ?? []).filter((space) => space.kind === kind);
          if (own.length === 0) return [];
          return [
            { key: kind, heading: t(`spaces.${kind}`) },
            ...own.map((space) => ({
              key: space.id,
              label: space.title,
              lead: <SpaceMark title={space.title} />,
              note: space.unread > 0 ? counted(space.unread) : undefined,
              checked: space.id === spaceId,
              onSelect: () => go(paths.space(space.id)),
            })),
          ];
        }),
        { key: 'line', line: true as const },
        { key: 'new', label: t('space.new'), icon: Plus, onSelect: actions.newSpace },
        { key: 'paste', label: t('paste'), icon: ClipboardPaste, onSelect: () => go(paths.paste) },
        ...(spaceId === null
          ? []
          : [
              {
                key: 'members',
                label: t('members'),
                icon: Users,
                note: waiting > 0 ? counted(waiting) : undefined,
                onSelect: () => go(paths.members(spaceId)),
              },
              { key: 'audit', label: t('audit'), icon: History, onSelect: () => go(paths.audit(spaceId)) },
              { key: 'trash', label: t('trash'), icon: Trash2, onSelect: () => go(paths.trash(spaceId)) },
              { key: 'past', label: t('travel.start'), icon: Rewind, onSelect: past },
              {
                key: 'invitations',
                label: t('invitations'),
                icon: Mails,
                onSelect: () => go(paths.invitations(spaceId)),
              },
              { key: 'invite', label: t('invite.people'), icon: UserPlus, onSelect: () => actions.invite(spaceId) },
            ]),
      ]}
    >
      <button type="button" className="sw">
        <SpaceMark title={current?.title || '·'} />
        <span className="sr">{t('space.switch', { title })}</span>
        <span className="grow cut" aria-hidden>
          {title}
        </span>
        {elsewhere > 0 ? (
          <span className="n dot" title={t('space.unreadElsewhere', { n: elsewhere })}>
            <span className="sr">{t('space.unreadElsewhere', { n: elsewhere })}</span>
          </span>
        ) : null}
        {waiting > 0 ? (
          <span className="n mine">
            <span aria-hidden>{counted(waiting)}</span>
            <span className="sr">{t('attention', { n: waiting })}</span>
          </span>
        ) : null}
        <ChevronsUpDown className="i" size={14} strokeWidth={1.75} aria-hidden />
      </button>
    </Menu>
  );
}

function Item({
  to,
  icon: Icon,
  label,
  state,
  unread = 0,
  mentions = 0,
}: {
  to: string;
  icon: LucideIcon;
  label: string;
  /** What one looks at is this, or lies in it. */
  state: 'on' | 'app' | '';
  unread?: number;
  mentions?: number;
}) {
  return (
    <Link
      href={to}
      className={`${state} ${unread + mentions > 0 ? 'un' : ''}`}
      title={label}
      aria-current={state === 'on' ? 'page' : undefined}
    >
      <Icon className="i" size={16} strokeWidth={1.75} aria-hidden />
      <span className="cut">{label}</span>
      <Count unread={unread} mentions={mentions} />
    </Link>
  );
}

function Apps({ place, spaceId }: { place: Place; spaceId: string }) {
  const channels = useQuery('chat.channels', { spaceId });
  const documents = useQuery('editor.documents', { spaceId });
  const waits = useQuery('hub.badge', {})?.unread ?? 0;
  const unread = (channels ?? []).reduce((sum, channel) => sum + channel.unread, 0);
  const mentions = (channels ?? []).reduce((sum, channel) => sum + channel.mentions, 0);
  const firstChannel = channels?.[0];
  const firstDocument = documents?.find((row) => row.kind === 'document');
  return (
    <nav className="nav apps" aria-label={t('apps')}>
      <Item
        to={paths.hub(spaceId)}
        icon={InboxIcon}
        label={t('hub')}
        state={place.at === 'hub' ? 'on' : ''}
        unread={waits}
        mentions={waits}
      />
      <Item
        to={firstChannel ? paths.channel(spaceId, firstChannel.id) : paths.space(spaceId)}
        icon={MessagesSquare}
        label={t('chat')}
        state={place.at === 'channel' ? 'app' : ''}
        unread={unread}
        mentions={mentions}
      />
      <Item
        to={firstDocument ? paths.document(spaceId, firstDocument.id) : paths.space(spaceId)}
        icon={FileText}
        label={t('editor')}
        state={place.at === 'document' ? 'app' : ''}
      />
    </nav>
  );
}

function Steps({ spaceId }: { spaceId: string | null }) {
  const actions = useActions();
  return (
    <FirstSteps
      spaceId={spaceId}
      newChannel={actions.newChannel}
      newDocument={(id) => void actions.newDocument(id)}
      newSpace={actions.newSpace}
      invite={actions.invite}
    />
  );
}

function Foot() {
  const me = useQuery('os.me', {});
  const peers = useQuery('os.peers', {});
  const language = useLanguage();
  const [, go] = useLocation();
  return (
    <div className="foot">
      <Menu
        side="top"
        items={[
          { key: 'settings', label: t('settings'), icon: Settings, onSelect: () => go(paths.settings) },
          { key: 'theme', label: t('theme.toggle'), icon: SunMoon, onSelect: toggleTheme },
          { key: 'line', line: true },
          { key: 'heading', heading: t('language') },
          {
            key: 'en',
            label: t('language.en'),
            icon: Languages,
            checked: language === 'en',
            onSelect: () => setLanguage('en'),
          },
          {
            key: 'ru',
            label: t('language.ru'),
            icon: Languages,
            checked: language === 'ru',
            onSelect: () => setLanguage('ru'),
          },
        ]}
      >
        <button type="button" className="person">
          <span className="sr">{t('person.menu')}</span>
          {me ? <Face person={me} size={28} /> : <span className="av a28" />}
          <span className="grow">
            <span className="w5x cut name">{me?.name ?? ''}</span>
            <span className="t12 t3 cut name">{t('node.links', { n: peers?.length ?? 0 })}</span>
          </span>
        </button>
      </Menu>
      <IconButton label={t('theme.toggle')} icon={SunMoon} onClick={toggleTheme} />
      <IconButton label={t('settings')} icon={Settings} onClick={() => go(paths.settings)} />
    </div>
  );
}
