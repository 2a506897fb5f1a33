/** The left side: which space, which app, the space's channels and documents, and at the foot the person and their node. */

import type { LucideIcon } from 'lucide-react';
import {
  ChevronsUpDown,
  ClipboardPaste,
  FilePlus2,
  FileText,
  Folder,
  Hash,
  History,
  Languages,
  Mails,
  MessagesSquare,
  Plus,
  Rewind,
  Settings,
  SunMoon,
  UserPlus,
  Users,
} from 'lucide-react';
import type { KeyboardEvent, ReactNode } from 'react';
import { useRef } from 'react';
import { Link, useLocation } from 'wouter';
import type { DocumentRow } from '../../bridge/messages';
import { Barred, useWhyNot } from '../kit/access';
import { IconButton } from '../kit/Button';
import { Face, SpaceMark } from '../kit/Face';
import { t } from '../kit/i18n';
import { useQuery } from '../kit/kernel';
import { Menu, RightClick } from '../kit/Menu';
import { setLanguage, toggleTheme, useLanguage } from '../kit/preferences';
import type { Place } from '../kit/routes';
import { paths } from '../kit/routes';
import { useActions } from './actions';
import { useAttention } from './members/Attention';
import { useChannelItems, useDocumentItems } from './menus';
import { usePast } from './past';

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
        <SpaceSwitcher spaceId={spaceId} />
        <div className="scroll">
          {spaceId === null ? null : <SpaceTree key={spaceId} place={place} spaceId={spaceId} />}
        </div>
        <Foot />
      </aside>
    </>
  );
}

/** Up and down walk the rows. */
function step(event: KeyboardEvent, side: HTMLElement | null): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const rows = [...(side?.querySelectorAll<HTMLElement>('nav a') ?? [])];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  event.preventDefault();
  rows[at + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
}

function SpaceSwitcher({ spaceId }: { spaceId: string | null }) {
  const spaces = useQuery('os.spaces', {});
  const actions = useActions();
  const [, go] = useLocation();
  const current = spaces?.find((space) => space.id === spaceId);
  const waiting = useAttention(spaceId);
  const past = usePast(spaceId);
  // One that is not listed is one that the person is not in.
  const title = current?.title ?? (spaces && spaceId !== null ? t('access.none') : '');
  return (
    <Menu
      items={[
        { key: 'heading', heading: t('spaces') },
        ...(spaces ?? []).map((space) => ({
          key: space.id,
          label: space.title,
          lead: <SpaceMark title={space.title} />,
          note: space.unread > 0 ? space.unread : undefined,
          checked: space.id === spaceId,
          onSelect: () => go(paths.space(space.id)),
        })),
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
                note: waiting > 0 ? waiting : undefined,
                onSelect: () => go(paths.members(spaceId)),
              },
              { key: 'audit', label: t('audit'), icon: History, onSelect: () => go(paths.audit(spaceId)) },
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
      <button type="button" className="sw" aria-label={t('space.switch', { title })}>
        <SpaceMark title={current?.title || '·'} />
        <span className="grow cut">{title}</span>
        {waiting > 0 ? (
          <span className="n mine">
            <span aria-hidden>{waiting}</span>
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
  lead,
  label,
  on = false,
  app = false,
  indent = 0,
  count,
  mine = false,
  note,
}: {
  to: string;
  icon: LucideIcon;
  lead?: string;
  label: string;
  on?: boolean;
  app?: boolean;
  indent?: number;
  count?: number;
  mine?: boolean;
  note?: string;
}) {
  const unread = (count ?? 0) > 0;
  return (
    <Link
      href={to}
      className={`${on ? 'on' : ''} ${app ? 'app' : ''} ${unread ? 'un' : ''}`}
      aria-current={on ? 'page' : undefined}
      style={indent > 0 ? { paddingLeft: 8 + indent * 24 } : undefined}
      title={label}
    >
      {lead ? (
        <span className="lead" aria-hidden>
          {lead}
        </span>
      ) : (
        <Icon className="i" size={16} strokeWidth={1.75} aria-hidden />
      )}
      <span className="cut">{label}</span>
      {unread ? (
        <span className={`n ${mine ? 'mine' : ''}`}>
          <span aria-hidden>{count}</span>
          <span className="sr">{t(mine ? 'unread.mine' : 'unread.count', { n: count })}</span>
        </span>
      ) : note ? (
        <span className="n">{note}</span>
      ) : null}
    </Link>
  );
}

function Group({
  title,
  action,
  onAction,
  icon,
  why,
  children,
}: {
  title: string;
  action: string;
  onAction(): void;
  icon: LucideIcon;
  /** Why this person may not. */
  why: string | null | undefined;
  children: ReactNode;
}) {
  return (
    <nav className="nav" aria-label={title}>
      <div className="h">
        <span className="grow">{title}</span>
        <Barred why={why}>
          <IconButton small label={action} icon={icon} onClick={onAction} />
        </Barred>
      </div>
      {children}
    </nav>
  );
}

function SpaceTree({ place, spaceId }: { place: Place; spaceId: string }) {
  const channels = useQuery('chat.channels', { spaceId });
  const documents = useQuery('editor.documents', { spaceId });
  const actions = useActions();
  const channelItems = useChannelItems();
  const why = useWhyNot(spaceId, 'edit');
  const unread = (channels ?? []).reduce((sum, channel) => sum + channel.unread, 0);
  const mentions = (channels ?? []).reduce((sum, channel) => sum + channel.mentions, 0);
  const firstChannel = channels?.[0];
  const firstDocument = documents?.find((row) => row.kind === 'document');
  return (
    <>
      <nav className="nav" aria-label={t('apps')}>
        <Item
          to={firstChannel ? paths.channel(spaceId, firstChannel.id) : paths.space(spaceId)}
          icon={MessagesSquare}
          label={t('chat')}
          app={place.at === 'channel'}
          count={mentions > 0 ? mentions : unread}
          mine={mentions > 0}
        />
        <Item
          to={firstDocument ? paths.document(spaceId, firstDocument.id) : paths.space(spaceId)}
          icon={FileText}
          label={t('editor')}
          app={place.at === 'document'}
        />
      </nav>
      <Group
        title={t('channels')}
        action={t('channel.new')}
        icon={Plus}
        why={why}
        onAction={() => actions.newChannel(spaceId)}
      >
        {channels?.map((channel) => (
          <RightClick key={channel.id} items={channelItems(spaceId, channel)}>
            <span className="wrap">
              <Item
                to={paths.channel(spaceId, channel.id)}
                icon={Hash}
                label={channel.title}
                on={place.at === 'channel' && place.channelId === channel.id}
                count={channel.mentions > 0 ? channel.mentions : channel.unread}
                mine={channel.mentions > 0}
                {...(channel.draft ? { note: t('draft') } : {})}
              />
            </span>
          </RightClick>
        ))}
      </Group>
      <Group
        title={t('documents')}
        action={t('document.new')}
        icon={FilePlus2}
        why={why}
        onAction={() => void actions.newDocument(spaceId)}
      >
        {documents?.map((row) => (
          <DocumentItem key={row.id} row={row} spaceId={spaceId} place={place} />
        ))}
      </Group>
    </>
  );
}

function DocumentItem({ row, spaceId, place }: { row: DocumentRow; spaceId: string; place: Place }) {
  const items = useDocumentItems();
  const label = row.title.trim() === '' ? t('untitled') : row.title;
  const indent = Math.min(row.depth, 6);
  if (row.kind === 'folder') {
    return (
      <span className="folder" style={{ paddingLeft: 8 + indent * 24 }} title={label}>
        <Folder className="i" size={16} strokeWidth={1.75} aria-hidden />
        <span className="cut">{label}</span>
      </span>
    );
  }
  const to = paths.document(spaceId, row.id);
  return (
    <RightClick items={items(spaceId, row.id)}>
      <span className="wrap">
        <Item
          to={to}
          icon={FileText}
          lead={row.icon}
          label={label}
          indent={indent}
          count={row.mentions > 0 ? row.mentions : row.unread}
          mine={row.mentions > 0}
          on={place.at === 'document' && place.documentId === row.id}
        />
      </span>
    </RightClick>
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
        <button type="button" className="person" aria-label={t('person.menu')}>
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
