/** What was written and fits the words: messages, comments and texts of documents, opened where they stand. */
import { Search } from 'lucide-react';
import { memo, type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import type { SearchAnswer, SearchRow } from '../../bridge/messages';
import type { Choices } from '../kit/Combobox';
import { t } from '../kit/i18n';
import { useQuery } from '../kit/kernel';
import { paths } from '../kit/routes';
import { shortly, useNow } from '../kit/time';
import { iconOf, Marked, useOpen } from '../search/hit';
import { scoreOf } from './match';

const LEAST = 2;
const MOST = 12;

/** `nothing`: what is said where no text fits either. */
export function useFound(words: string, nothing: ReactNode, onClose: () => void): readonly Choices[] {
  const offset = -new Date().getTimezoneOffset();
  const asks = words.length >= LEAST;
  const answer = useQuery('os.search', asks ? { text: words, limit: MOST, offset, nameless: t('nameless') } : null);
  // What was found for fewer letters stays until there is an answer for more.
  const [last, setLast] = useState<SearchAnswer>();
  if (answer !== undefined && answer !== last) setLast(answer);
  const shown = asks ? (answer ?? last) : undefined;
  const open = useOpen(onClose);
  const now = useNow();
  const [, go] = useLocation();
  if (!shown) return [];
  // What is called so is in the lists of names.
  const rows = shown.rows.filter(({ type, title, ranges }) => {
    if (type === 'channel' || type === 'folder') return ranges.length > 0;
    return title === '' || ranges.length > 0 || scoreOf(title, words) === 0;
  });
  const indexing =
    shown.indexing === null ? null : (
      <p className="indexing" role="status">
        {t('palette.indexing', shown.indexing)}
      </p>
    );
  return [
    ...(rows.length === 0
      ? []
      : [
          {
            key: 'found',
            heading: t('palette.texts'),
            note: indexing,
            rows: rows.map((row) => ({
              id: `found ${row.id}`,
              className: 'in-text',
              shows: <FoundRow row={row} now={now} />,
              run: () => void open(row),
            })),
          },
        ]),
    {
      key: 'everything',
      note: rows.length > 0 ? null : (indexing ?? (answer?.rows.length === 0 ? nothing : null)),
      rows: [
        {
          id: 'found everything',
          shows: (
            <>
              <Search className="i" size={16} strokeWidth={1.75} aria-hidden />
              <span className="cut">{t('search.all', { words })}</span>
            </>
          ),
          run: () => {
            onClose();
            go(paths.search(words));
          },
        },
      ],
    },
  ];
}

const FoundRow = memo(function FoundRow({ row, now }: { row: SearchRow; now: number }) {
  const Icon = iconOf(row.type);
  const where = row.place.id === row.id ? [] : [row.place.title];
  const who = row.type === 'message' || row.type === 'comment' ? [row.author.name] : [];
  return (
    <>
      <Icon className="i" size={16} strokeWidth={1.75} aria-hidden />
      <span className="cut">
        {row.title === '' ? null : (
          <>
            <Marked text={row.title} ranges={row.titleRanges} />{' '}
          </>
        )}
        <span className={row.title === '' ? '' : 's'}>
          <Marked text={row.snippet} ranges={row.ranges} />
        </span>
      </span>
      <span className="e cut">{[...who, ...where, shortly(row.at, now)].join(' · ')}</span>
    </>
  );
});
