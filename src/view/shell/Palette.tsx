/**
 * Everything by name: objects of all spaces, people, commands; then what was written. `#` narrows to channels, `@` to people,
 * `>` to commands.
 */
import type { LucideIcon } from 'lucide-react';
import { ArrowDown, ArrowUp, Clock, FileText, Folder, Hash } from 'lucide-react';
import { Fragment, memo, useState } from 'react';
import { useLocation } from 'wouter';
import type { MemberRow, PlaceRow, SpaceRow } from '../../bridge/messages';
import { type Choice, type Choices, Combobox } from '../kit/Combobox';
import { Dialog } from '../kit/Dialog';
import { Face } from '../kit/Face';
import { t } from '../kit/i18n';
import { useShowPerson } from '../kit/inspect';
import { useQuery } from '../kit/kernel';
import { paths } from '../kit/routes';
import type { ShortcutId } from '../kit/shortcuts';
import { useDeeds } from './deeds';
import { useFound } from './Found';
import { bestOf, cutAt, narrowing, scoreOf } from './match';
import { Keyed } from './Shortcuts';

/** Names in one group: more than that nobody reads, and each is a row that is drawn. */
const MOST = 24;
/** Of what is typed, so much is asked for. */
const MAX_ASKED = 200;

/** `worth`: of its best row; groups stand in the order of it. */
type Group = Choices & { readonly worth: number };

export function Palette({ spaceId, onClose }: { spaceId: string | null; onClose(): void }) {
  const [text, setText] = useState('');
  const spaces = useQuery('os.spaces', {}) ?? NO_SPACES;
  const { only, words } = narrowing(text);
  const shows = (kind: '#' | '@' | '>' | 'other') => only === null || only === kind;
  const { titles, isFresh } = useTitles(words, only);
  const recent = useRecent(spaces, words === '' && shows('other'), onClose);
  const objects = useObjects(spaces, titles, words, onClose);
  const { people, isFresh: arePeopleFresh } = usePeople(shows('@') ? spaceId : null, words, onClose);
  const commands = useCommands(spaceId, words, shows('>'), onClose);
  const named = [...objects, people, commands].filter(({ rows }) => rows.length > 0);
  const nothing = t('palette.nothing', { words });
  const isNameless = named.length === 0 && isFresh && arePeopleFresh;
  const found = useFound(shows('other') ? words : '', isNameless ? <p className="none">{nothing}</p> : null, onClose);
  return (
    <Dialog title={t('palette')} onClose={onClose} bare className="pal">
      <Combobox
        label={t('palette')}
        found={t('palette.found')}
        ask={t('palette.ask')}
        nothing={nothing}
        text={text}
        onText={setText}
        // What is called so comes before what was written.
        groups={[...recent, ...named.sort((a, b) => b.worth - a.worth), ...found]}
        isFresh={isFresh && arePeopleFresh}
      />
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
    </Dialog>
  );
}
const NO_SPACES: readonly SpaceRow[] = [];

/** What a row of a name shows; drawn again when that is something else. */
const Named = memo(function Named({
  name,
  words,
  note = '',
  icon: Icon,
  face,
  shortcut,
}: {
  name: string;
  words: string;
  note?: string;
  icon?: LucideIcon;
  face?: Parameters<typeof Face>[0]['person'];
  shortcut?: ShortcutId | undefined;
}) {
  return (
    <>
      {Icon ? <Icon className="i" size={16} strokeWidth={1.75} aria-hidden /> : null}
      {face ? <Face person={face} /> : null}
      <span className="cut">
        {cutAt(name, words).map((piece) => (
          <Fragment key={piece.from}>{piece.hit ? <mark>{piece.text}</mark> : piece.text}</Fragment>
        ))}
      </span>
      <span className="s cut">{note}</span>
      <span className="e">{shortcut ? <Keyed id={shortcut} /> : null}</span>
    </>
  );
});

const RECENT_ICONS: Readonly<Record<string, LucideIcon>> = { channel: Hash, document: FileText, folder: Folder };

/** Where the person was last, on any device. What is open now is no place to go to. */
function useRecent(spaces: readonly SpaceRow[], isShown: boolean, onClose: () => void): readonly Choices[] {
  const places = useQuery('os.places', {});
  const [path, go] = useLocation();
  const rows = isShown ? (places?.recent ?? []).filter((row) => !path.includes(row.id)) : [];
  if (rows.length === 0) return [];
  return [
    {
      key: 'recent',
      heading: t('recent'),
      rows: rows.map((row) => ({
        id: `recent ${row.id}`,
        shows: (
          <Named
            name={nameOf(row)}
            words=""
            icon={RECENT_ICONS[row.kind] ?? Clock}
            note={spaces.find((space) => space.id === row.spaceId)?.title ?? ''}
          />
        ),
        run: () => {
          onClose();
          go(row.kind === 'channel' ? paths.channel(row.spaceId, row.id) : paths.document(row.spaceId, row.id));
        },
      })),
    },
  ];
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

/** A group of the names that fit best, the best first. */
function groupOf<Row>(
  key: string,
  heading: string,
  rows: readonly Row[],
  nameIn: (row: Row) => string,
  words: string,
  choice: (row: Row) => Choice,
): Group {
  const best = bestOf(rows, nameIn, words, MOST);
  const worth = best[0] === undefined ? 0 : scoreOf(nameIn(best[0]), words);
  return { key, heading, worth, rows: best.map(choice) };
}

function useObjects(
  spaces: readonly SpaceRow[],
  titles: readonly PlaceRow[],
  words: string,
  onClose: () => void,
): readonly Group[] {
  const [, go] = useLocation();
  return spaces.map((space) => {
    const own = titles.filter(({ spaceId }) => spaceId === space.id);
    return groupOf(space.id, space.title, own, nameOf, words, (row) => ({
      id: row.id,
      shows: (
        <Named
          name={nameOf(row)}
          words={words}
          icon={row.kind === 'channel' ? Hash : FileText}
          note={t(row.kind === 'channel' ? 'channel' : 'document')}
        />
      ),
      run: () => {
        onClose();
        go(row.kind === 'channel' ? paths.channel(space.id, row.id) : paths.document(space.id, row.id));
      },
    }));
  });
}

/** `spaceId` null where they are not asked for. */
function usePeople(
  spaceId: string | null,
  words: string,
  onClose: () => void,
): { readonly people: Group; readonly isFresh: boolean } {
  const asked = { text: words.slice(0, MAX_ASKED), limit: MOST, nameless: t('nameless') };
  const answer = useQuery('os.members', spaceId === null ? null : { spaceId, ...asked });
  // Those for fewer letters stay until there is an answer for more.
  const [last, setLast] = useState<readonly MemberRow[]>();
  if (answer !== undefined && answer !== last) setLast(answer);
  const showPerson = useShowPerson(spaceId ?? '');
  const people = groupOf(
    'people',
    t('people'),
    spaceId === null ? [] : (answer ?? last ?? []),
    ({ name }) => name,
    words,
    (member) => ({
      id: `person ${member.userId}`,
      shows: <Named name={member.name} words={words} face={member} note={t(`role.${member.role}`)} />,
      run: () => {
        onClose();
        showPerson(member);
      },
    }),
  );
  return { people, isFresh: spaceId === null || answer !== undefined };
}

function useCommands(spaceId: string | null, words: string, isShown: boolean, onClose: () => void): Group {
  const deeds = useDeeds(spaceId).filter(({ key }) => isShown && key !== 'search');
  return groupOf(
    'commands',
    t('palette.do'),
    deeds,
    ({ name }) => name,
    words,
    (deed) => ({
      id: `command ${deed.key}`,
      shows: <Named name={deed.name} words={words} icon={deed.icon} shortcut={deed.shortcut} />,
      run: () => {
        onClose();
        deed.run();
      },
    }),
  );
}
