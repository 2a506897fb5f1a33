/**
 * What can be done from anywhere: one list, which the palette shows and the keys run. A deed with a shortcut has it by its
 * name in the table of shortcuts.
 */
import type { LucideIcon } from 'lucide-react';
import {
  ArrowDownToLine,
  ArrowLeft,
  ArrowRight,
  ArrowUpToLine,
  ClipboardPaste,
  Download,
  FileInput,
  FilePlus2,
  FlaskConical,
  FolderPlus,
  History,
  Inbox as InboxIcon,
  Keyboard,
  Languages,
  LayoutTemplate,
  LifeBuoy,
  Link,
  ListChecks,
  Mails,
  MonitorSmartphone,
  Network,
  PanelLeft,
  PanelRight,
  Plus,
  Redo2,
  Rewind,
  Search,
  Settings,
  Star,
  SunMoon,
  TextSearch,
  Trash2,
  Undo2,
  UserPlus,
  Users,
  Wifi,
  WifiOff,
} from 'lucide-react';
import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { copyLink } from '../kit/clipboard';
import { t } from '../kit/i18n';
import { useInspection } from '../kit/inspect';
import { useCall, useQuery } from '../kit/kernel';
import { language, setLanguage, toggleRail, toggleTheme } from '../kit/preferences';
import { paths, placeOf } from '../kit/routes';
import { counts, type ShortcutId } from '../kit/shortcuts';
import { useUndo } from '../kit/undo';
import { useActions } from './actions';
import { usePast } from './past';
import { useStar } from './star';
import { useUnread } from './unread';

export type Deed = {
  readonly key: string;
  readonly name: string;
  readonly icon: LucideIcon;
  readonly shortcut?: ShortcutId;
  run(): void;
};

export function useDeeds(spaceId: string | null): readonly Deed[] {
  const actions = useActions();
  const inspection = useInspection();
  const call = useCall();
  const steps = useUndo();
  const past = usePast(spaceId);
  const sync = useQuery('os.sync', spaceId === null ? null : { spaceId });
  const [path, go] = useLocation();
  const place = placeOf(path);
  const objectId = place.at === 'channel' ? place.channelId : place.at === 'document' ? place.documentId : null;
  const star = useStar(objectId);
  const toUnread = useUnread(spaceId, objectId);
  const offline = sync?.online === false;
  return [
    ...(spaceId === null
      ? []
      : [
          {
            key: 'hub',
            name: t('shortcut.hub'),
            icon: InboxIcon,
            shortcut: 'hub' as const,
            run: () => go(paths.hub(spaceId)),
          },
          {
            key: 'channel',
            name: t('channel.new'),
            icon: Plus,
            shortcut: 'newChannel' as const,
            run: () => actions.newChannel(spaceId),
          },
          {
            key: 'document',
            name: t('document.new'),
            icon: FilePlus2,
            shortcut: 'newDocument' as const,
            run: () => void actions.newDocument(spaceId),
          },
          {
            key: 'template',
            name: t('template.new'),
            icon: LayoutTemplate,
            run: () => actions.newFromTemplate(spaceId),
          },
          { key: 'folder', name: t('folder.new'), icon: FolderPlus, run: () => void actions.newFolder(spaceId) },
          { key: 'invite', name: t('invite.people'), icon: UserPlus, run: () => actions.invite(spaceId) },
          { key: 'audit', name: t('audit'), icon: History, run: () => go(paths.audit(spaceId)) },
          { key: 'past', name: t('travel.start'), icon: Rewind, run: past },
          { key: 'invitations', name: t('invitations'), icon: Mails, run: () => go(paths.invitations(spaceId)) },
          { key: 'export', name: t('export'), icon: Download, run: () => actions.exportSpace(spaceId) },
          { key: 'trash', name: t('trash'), icon: Trash2, run: () => go(paths.trash(spaceId)) },
          {
            key: 'inspector',
            name: t('inspector.toggle'),
            icon: PanelRight,
            shortcut: 'inspector' as const,
            run: inspection.toggle,
          },
          { key: 'members', name: t('members'), icon: Users, run: () => go(paths.members(spaceId)) },
          {
            key: 'unreadNext',
            name: t('shortcut.unreadNext'),
            icon: ArrowDownToLine,
            shortcut: 'unreadNext' as const,
            run: () => toUnread(1),
          },
          {
            key: 'unreadBefore',
            name: t('shortcut.unreadBefore'),
            icon: ArrowUpToLine,
            shortcut: 'unreadBefore' as const,
            run: () => toUnread(-1),
          },
        ]),
    ...(objectId === null
      ? []
      : [
          {
            key: 'star',
            name: t(star.on ? 'star.remove' : 'star.add'),
            icon: Star,
            shortcut: 'star' as const,
            run: star.toggle,
          },
          {
            key: 'link',
            name: t('copyLink'),
            icon: Link,
            shortcut: 'copyLink' as const,
            run: () => void copyLink(path),
          },
        ]),
    { key: 'search', name: t('search'), icon: Search, shortcut: 'search', run: actions.search },
    {
      key: 'searchPage',
      name: t('search.page'),
      icon: TextSearch,
      shortcut: 'searchPage',
      run: () => go(paths.search()),
    },
    { key: 'undo', name: t('undo'), icon: Undo2, shortcut: 'undo', run: () => void steps.undo() },
    { key: 'redo', name: t('redo'), icon: Redo2, shortcut: 'redo', run: () => void steps.redo() },
    { key: 'back', name: t('history.back'), icon: ArrowLeft, shortcut: 'back', run: () => history.back() },
    { key: 'forward', name: t('history.forward'), icon: ArrowRight, shortcut: 'forward', run: () => history.forward() },
    { key: 'rail', name: t('rail.toggle'), icon: PanelLeft, shortcut: 'rail', run: toggleRail },
    { key: 'import', name: t('import'), icon: FileInput, run: actions.importSpace },
    { key: 'paste', name: t('paste'), icon: ClipboardPaste, run: () => go(paths.paste) },
    { key: 'space', name: t('space.new'), icon: Plus, run: actions.newSpace },
    {
      key: 'offline',
      name: t(offline ? 'banner.goOnline' : 'sync.workOffline'),
      icon: offline ? Wifi : WifiOff,
      run: () => void call((client) => client.setOnline(offline)),
    },
    { key: 'theme', name: t('theme.toggle'), icon: SunMoon, run: toggleTheme },
    {
      key: 'language',
      name: t('language.other'),
      icon: Languages,
      run: () => setLanguage(language() === 'ru' ? 'en' : 'ru'),
    },
    { key: 'settings', name: t('settings'), icon: Settings, shortcut: 'settings', run: () => go(paths.settings) },
    { key: 'shortcuts', name: t('shortcuts'), icon: Keyboard, shortcut: 'shortcuts', run: actions.shortcuts },
    {
      key: 'steps',
      name: t('start.show'),
      icon: ListChecks,
      run: () => void call((client) => client.run('start.dismiss', { shown: true })),
    },
    { key: 'network', name: t('network.show'), icon: Network, run: () => go(paths.network) },
    { key: 'lab', name: t('lab.show'), icon: FlaskConical, run: () => go(paths.lab) },
    { key: 'devices', name: t('devices'), icon: MonitorSmartphone, run: () => go(paths.devices) },
    { key: 'recover', name: t('recover.link'), icon: LifeBuoy, run: () => go(paths.recover) },
  ];
}

/** The keys of the deeds, wherever the focus is. A part of the page that has taken the event has it for itself. */
export function Keys({ spaceId }: { spaceId: string | null }) {
  const deeds = useDeeds(spaceId);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const deed = deeds.find(({ shortcut }) => shortcut !== undefined && counts(event, shortcut));
      if (!deed) return;
      event.preventDefault();
      deed.run();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });
  return null;
}
