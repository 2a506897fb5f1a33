/**
 * Everything by name: objects of all spaces, people, commands; then what was written. `#` narrows to channels, `@` to people,
 * `>` to commands.
 */
import { Command, useCommandState } from 'cmdk';
import type { LucideIcon } from 'lucide-react';
import { ArrowDown, ArrowUp, Clock, FileText, Folder, Hash, Search } from 'lucide-react';
import type { KeyboardEvent, ReactNode, RefObject } from 'react';
import { Fragment, useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { PlaceRow, SpaceRow } from '../../bridge/messages';
import { Dialog } from '../kit/Dialog';
import { Face } from '../kit/Face';
import { t } from '../kit/i18n';
import { useShowPerson } from '../kit/inspect';
import { useQuery } from '../kit/kernel';
import { paths } from '../kit/routes';
import { useDeeds } from './deeds';
import { Found } from './Found';
import { bestOf, cutAt, narrowing, scoreOf } from './match';
import { Keyed } from './Shortcuts';

/** Names of one kind: more than that nobody reads, and each is a row that is drawn. */
const MOST = 50;
/** Of what is typed, so much is asked for. */
const MAX_ASKED = 200;

export function Palette({ spaceId, onClose }: { spaceId: string | null; onClose(): void }) {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState('');
  const list = useRef<HTMLDivElement>(null);
  const spaces = useQuery('os.spaces', {});
  const { only, words } = narrowing(text);
  const shows = (kind: '#' | '@' | '>' | 'other') => only === null || only === kind;
  const { titles, isFresh } = useTitles(words, only);
  const enter = useEnter(isFresh, list);
  return (
    <Dialog title={t('palette')} onClose={onClose} bare className="pal">
      <Command
        label={t('palette')}
        loop
        value={chosen}
        onValueChange={setChosen}
        onKeyDownCapture={enter}
        filter={(value, search, keywords) => worthOf(value, keywords, narrowing(search).words)}
      >
        <SomeRowChosen list={list} onChoose={setChosen} />
        <div className="pin">
          <Search className="i" size={16} strokeWidth={1.75} aria-hidden />
          <Command.Input autoFocus value={text} onValueChange={setText} placeholder={t('palette.ask')} />
        </div>
        <Command.List className="pl" ref={list} label={t('palette.found')}>
          <Command.Empty className="none">{t('palette.nothing', { words })}</Command.Empty>
          {words === '' && shows('other') ? <Recent spaces={spaces ?? []} onClose={onClose} /> : null}
          {spaces?.map((space) => (
            <Objects key={space.id} space={space} titles={titles} words={words} onClose={onClose} />
          ))}
          {shows('@') && spaceId !== null ? <People spaceId={spaceId} words={words} onClose={onClose} /> : null}
          {shows('>') ? <Commands spaceId={spaceId} words={words} onClose={onClose} /> : null}
          {/* Groups stay in this order: what is called so comes before what was written. */}
          {shows('other') ? <Found words={words} onClose={onClose} /> : null}
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
  if (value === 'found everything') return 0.2;
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

const RECENT_ICONS: Readonly<Record<string, LucideIcon>> = { channel: Hash, document: FileText, folder: Folder };

/** Where the person was last, on any device. What is open now is no place to go to. */
function Recent({ spaces, onClose }: { spaces: readonly SpaceRow[]; onClose(): void }) {
  const places = useQuery('os.places', {});
  const [path, go] = useLocation();
  const rows = (places?.recent ?? []).filter((row) => !path.includes(row.id));
  if (rows.length === 0) return null;
  return (
    <Command.Group className="pg" heading={t('recent')}>
      {rows.map((row) => (
        <Row
          key={row.id}
          value={`recent ${row.id}`}
          name={nameOf(row)}
          words=""
          icon={RECENT_ICONS[row.kind] ?? Clock}
          note={spaces.find((space) => space.id === row.spaceId)?.title ?? ''}
          onRun={() => {
            onClose();
            go(row.kind === 'channel' ? paths.channel(row.spaceId, row.id) : paths.document(row.spaceId, row.id));
          }}
        />
      ))}
    </Command.Group>
  );
}

const nameOf = ({ title }: { readonly title: string }): string => title.trim() || t('untitled');

/** The names that fit, of all spaces. Those of fewer letters stay until there is an answer for more. */
function useTitles(words: string, only: '#' | '@' | '>' | null) {
  const asks = only === null || only === '#';
  const kind = only === '#' ? { kind: 'channel' } : {};
  const asked = { text: words.slice(0, MAX_ASKED), untitled: t('untitled'), ...kind };
  const answer = useQuery('os.titles', asks ? asked : null);
  const [last, setLast] = useState<readonly PlaceRow[]>();
  if (answer !== undefined && answer !== last) setLast(answer);
  const shown = asks ? (answer ?? last ?? []) : [];
  return {
    titles: shown.filter(({ kind }) => kind === 'channel' || (kind === 'document' && only === null)),
    isFresh: !asks || answer !== undefined,
  };
}

/** Enter right after a letter means what is found for that letter: it waits for the answer. */
function useEnter(isFresh: boolean, list: RefObject<HTMLDivElement | null>) {
  const waits = useRef(false);
  useEffect(() => {
    if (!isFresh || !waits.current) return;
    waits.current = false;
    // The rows of the answer are put in order first.
    const frame = requestAnimationFrame(() => list.current?.querySelector<HTMLElement>('[cmdk-item]')?.click());
    return () => cancelAnimationFrame(frame);
  }, [isFresh, list]);
  return (event: KeyboardEvent) => {
    waits.current = event.key === 'Enter' && !isFresh && !event.nativeEvent.isComposing;
    if (!waits.current) return;
    event.preventDefault();
    event.stopPropagation();
  };
}

function Objects({
  space,
  titles,
  words,
  onClose,
}: {
  space: SpaceRow;
  titles: readonly PlaceRow[];
  words: string;
  onClose(): void;
}) {
  const [, go] = useLocation();
  const rows = titles.filter(({ spaceId }) => spaceId === space.id);
  if (rows.length === 0) return null;
  return (
    <Command.Group className="pg" heading={space.title}>
      {rows.map((row) => (
        <Row
          key={row.id}
          value={row.id}
          name={nameOf(row)}
          words={words}
          icon={row.kind === 'channel' ? Hash : FileText}
          note={t(row.kind === 'channel' ? 'channel' : 'document')}
          onRun={() => {
            onClose();
            go(row.kind === 'channel' ? paths.channel(space.id, row.id) : paths.document(space.id, row.id));
          }}
        />
      ))}
    </Command.Group>
  );
}

function People({ spaceId, words, onClose }: { spaceId: string; words: string; onClose(): void }) {
  const members = useQuery('os.members', { spaceId });
  const showPerson = useShowPerson(spaceId);
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
            showPerson(member);
          }}
        />
      ))}
    </Command.Group>
  );
}

function Commands({ spaceId, words, onClose }: { spaceId: string | null; words: string; onClose(): void }) {
  const deeds = useDeeds(spaceId);
  return (
    <Command.Group className="pg" heading={t('palette.do')}>
      {deeds
        .filter(({ key }) => key !== 'search')
        .map((deed) => (
          <Row
            key={deed.key}
            value={`command ${deed.key}`}
            name={deed.name}
            words={words}
            icon={deed.icon}
            end={deed.shortcut ? <Keyed id={deed.shortcut} /> : null}
            onRun={() => {
              onClose();
              deed.run();
            }}
          />
        ))}
    </Command.Group>
  );
}
