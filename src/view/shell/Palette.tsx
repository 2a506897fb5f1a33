/**
 * Everything by name: objects of all spaces, people, commands; then what was written. `#` narrows to channels, `@` to people,
 * `>` to commands.
 */
import { Command, useCommandState } from 'cmdk';
import type { LucideIcon } from 'lucide-react';
import {
  ArrowDown,
  ArrowUp,
  ClipboardPaste,
  FilePlus2,
  FileText,
  Hash,
  History,
  Languages,
  LifeBuoy,
  Mails,
  MonitorSmartphone,
  PanelRight,
  Plus,
  Redo2,
  Rewind,
  Search,
  Settings,
  SunMoon,
  Undo2,
  UserPlus,
  Users,
  Wifi,
  WifiOff,
} from 'lucide-react';
import type { ReactNode, RefObject } from 'react';
import { Fragment, useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { SpaceRow } from '../../bridge/messages';
import { Dialog } from '../kit/Dialog';
import { Face } from '../kit/Face';
import { t } from '../kit/i18n';
import { useInspection } from '../kit/inspect';
import { useCall, useQuery } from '../kit/kernel';
import { language, setLanguage, toggleTheme } from '../kit/preferences';
import { paths } from '../kit/routes';
import { useUndo } from '../kit/undo';
import { useActions } from './actions';
import { Found } from './Found';
import { bestOf, cutAt, narrowing, scoreOf } from './match';
import { usePast } from './past';

/** Names of one kind in one space: more than that nobody reads, and each is a row that is drawn. */
const MOST = 50;

export function Palette({ spaceId, onClose }: { spaceId: string | null; onClose(): void }) {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState('');
  const list = useRef<HTMLDivElement>(null);
  const spaces = useQuery('os.spaces', {});
  const { only, words } = narrowing(text);
  const shows = (kind: '#' | '@' | '>' | 'other') => only === null || only === kind;
  return (
    <Dialog title={t('palette')} onClose={onClose} bare className="pal">
      <Command
        label={t('palette')}
        loop
        value={chosen}
        onValueChange={setChosen}
        filter={(value, search, keywords) => worthOf(value, keywords, narrowing(search).words)}
      >
        <SomeRowChosen list={list} onChoose={setChosen} />
        <div className="pin">
          <Search className="i" size={16} strokeWidth={1.75} aria-hidden />
          <Command.Input autoFocus value={text} onValueChange={setText} placeholder={t('palette.ask')} />
        </div>
        <Command.List className="pl" ref={list} label={t('palette.found')}>
          <Command.Empty className="none">{t('palette.nothing', { words })}</Command.Empty>
          {spaces?.map((space) => (
            <Objects key={space.id} space={space} words={words} shows={shows} onClose={onClose} />
          ))}
          {shows('other') ? <Found words={words} onClose={onClose} /> : null}
          {shows('@') && spaceId !== null ? <People spaceId={spaceId} words={words} onClose={onClose} /> : null}
          {shows('>') ? <Commands spaceId={spaceId} words={words} onClose={onClose} /> : null}
        </Command.List>
        <div className="pf">
          <span>
            <kbd>
              <ArrowUp size={12} aria-hidden />
            </kbd>
            <kbd>
              <ArrowDown size={12} aria-hidden />
            </kbd>
            {t('palette.move')}
          </span>
          <span>
            <kbd>{'>'}</kbd>
            {t('palette.commands')}
          </span>
          <span>
            <kbd>{'@'}</kbd>
            {t('palette.people')}
          </span>
          <span>
            <kbd>{'#'}</kbd>
            {t('palette.channels')}
          </span>
        </div>
      </Command>
    </Dialog>
  );
}

/** Enter always has a row: the list chooses its first when letters are typed, and rows that come later wait for no letter. */
function SomeRowChosen({ list, onChoose }: { list: RefObject<HTMLDivElement | null>; onChoose(value: string): void }) {
  const rows = useCommandState(({ value, filtered }) => {
    const shown = [...filtered.items].filter(([, worth]) => worth > 0).map(([id]) => id);
    return `${value} ${shown.join()}`;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when other rows are shown
  useEffect(() => {
    if (list.current?.querySelector('[cmdk-item][aria-selected="true"]')) return;
    const first = list.current?.querySelector('[cmdk-item]')?.getAttribute('data-value');
    if (first) onChoose(first);
  }, [rows, list, onChoose]);
  return null;
}

/** What the index found stands after what is called so. */
function worthOf(value: string, keywords: readonly string[] | undefined, words: string): number {
  return value.startsWith('found ') ? 0.3 : scoreOf(keywords?.[0] ?? value, words);
}

function Row({
  value,
  name,
  words,
  note,
  icon: Icon,
  lead,
  end,
  onRun,
}: {
  value: string;
  name: string;
  words: string;
  note?: string;
  icon?: LucideIcon;
  lead?: ReactNode;
  end?: ReactNode;
  onRun(): void;
}) {
  return (
    <Command.Item className="pr" value={value} keywords={[name]} onSelect={onRun}>
      {Icon ? <Icon className="i" size={16} strokeWidth={1.75} aria-hidden /> : lead}
      <span className="cut">
        {cutAt(name, words).map((piece) => (
          <Fragment key={piece.from}>{piece.hit ? <mark>{piece.text}</mark> : piece.text}</Fragment>
        ))}
      </span>
      <span className="s cut">{note}</span>
      <span className="e">{end}</span>
    </Command.Item>
  );
}

const nameOf = ({ title }: { readonly title: string }): string => title.trim() || t('untitled');

function Objects({
  space,
  words,
  shows,
  onClose,
}: {
  space: SpaceRow;
  words: string;
  shows(kind: '#' | 'other'): boolean;
  onClose(): void;
}) {
  const channels = useQuery('chat.channels', { spaceId: space.id });
  const documents = useQuery('editor.documents', { spaceId: space.id });
  const [, go] = useLocation();
  const open = (path: string) => {
    onClose();
    go(path);
  };
  if (!shows('#') && !shows('other')) return null;
  return (
    <Command.Group className="pg" heading={space.title}>
      {shows('#')
        ? bestOf(channels ?? [], ({ title }) => title, words, MOST).map((row) => (
            <Row
              key={row.id}
              value={row.id}
              name={row.title}
              words={words}
              icon={Hash}
              note={t('channel')}
              onRun={() => open(paths.channel(space.id, row.id))}
            />
          ))
        : null}
      {shows('other')
        ? bestOf(documents?.filter((row) => row.kind === 'document') ?? [], nameOf, words, MOST).map((row) => (
            <Row
              key={row.id}
              value={row.id}
              name={nameOf(row)}
              words={words}
              icon={FileText}
              note={t('document')}
              onRun={() => open(paths.document(space.id, row.id))}
            />
          ))
        : null}
    </Command.Group>
  );
}

function People({ spaceId, words, onClose }: { spaceId: string; words: string; onClose(): void }) {
  const members = useQuery('os.members', { spaceId });
  const [, go] = useLocation();
  return (
    <Command.Group className="pg" heading={t('people')}>
      {bestOf(members ?? [], ({ name }) => name, words, MOST).map((member) => (
        <Row
          key={member.id}
          value={`person ${member.userId}`}
          name={member.name}
          words={words}
          lead={<Face person={member} />}
          note={t(`role.${member.role}`)}
          onRun={() => {
            onClose();
            go(paths.members(spaceId));
          }}
        />
      ))}
    </Command.Group>
  );
}

function Commands({ spaceId, words, onClose }: { spaceId: string | null; words: string; onClose(): void }) {
  const actions = useActions();
  const inspection = useInspection();
  const call = useCall();
  const steps = useUndo();
  const past = usePast(spaceId);
  const sync = useQuery('os.sync', spaceId === null ? null : { spaceId });
  const [, go] = useLocation();
  const offline = sync?.online === false;
  const rows: readonly { key: string; name: string; icon: LucideIcon; run(): void }[] = [
    ...(spaceId === null
      ? []
      : [
          { key: 'channel', name: t('channel.new'), icon: Plus, run: () => actions.newChannel(spaceId) },
          { key: 'document', name: t('document.new'), icon: FilePlus2, run: () => void actions.newDocument(spaceId) },
          { key: 'invite', name: t('invite.people'), icon: UserPlus, run: () => actions.invite(spaceId) },
          { key: 'audit', name: t('audit'), icon: History, run: () => go(paths.audit(spaceId)) },
          { key: 'past', name: t('travel.start'), icon: Rewind, run: past },
          { key: 'invitations', name: t('invitations'), icon: Mails, run: () => go(paths.invitations(spaceId)) },
          { key: 'members', name: t('members'), icon: Users, run: () => go(paths.members(spaceId)) },
        ]),
    { key: 'undo', name: t('undo'), icon: Undo2, run: () => void steps.undo() },
    { key: 'redo', name: t('redo'), icon: Redo2, run: () => void steps.redo() },
    { key: 'paste', name: t('paste'), icon: ClipboardPaste, run: () => go(paths.paste) },
    { key: 'space', name: t('space.new'), icon: Plus, run: actions.newSpace },
    { key: 'inspector', name: t('inspector.toggle'), icon: PanelRight, run: inspection.toggle },
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
    { key: 'settings', name: t('settings'), icon: Settings, run: () => go(paths.settings) },
    { key: 'devices', name: t('devices'), icon: MonitorSmartphone, run: () => go(paths.devices) },
    { key: 'recover', name: t('recover.link'), icon: LifeBuoy, run: () => go(paths.recover) },
  ];
  return (
    <Command.Group className="pg" heading={t('palette.do')}>
      {rows.map((row) => (
        <Row
          key={row.key}
          value={`command ${row.key}`}
          name={row.name}
          words={words}
          icon={row.icon}
          onRun={() => {
            onClose();
            row.run();
          }}
        />
      ))}
    </Command.Group>
  );
}
