/**
 * All that was written and fits the words, over every space. The question is one line of text: chips put words into it and
 * take them out, the address keeps it, so that back leads to what was asked. It keeps no answer.
 */
import { Search } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { SearchAnswer, SearchFilter, SearchRow } from '../../bridge/messages';
import { focusOnArrival } from '../kit/arrival';
import { Button } from '../kit/Button';
import { Empty, SkeletonRows } from '../kit/Empty';
import { t } from '../kit/i18n';
import { useQuery } from '../kit/kernel';
import { useReturning } from '../kit/returning';
import { paths } from '../kit/routes';
import { exactly, shortly, useNow } from '../kit/time';
import { Who } from '../kit/Who';
import { Chips } from './Chips';
import { without } from './filters';
import { iconOf, Marked, useOpen } from './hit';
import './search.css';

/** Letters below this fit too much to say anything. */
const LEAST = 2;
const PAGE = 20;
const MOST_PAGES = 25;

export function SearchPage({ asked, pages }: { asked: string; pages: number }) {
  const [text, setText] = useState(asked);
  const [, go] = useLocation();
  const page = useRef<HTMLDivElement>(null);
  useReturning(page, 'search');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => focusOnArrival(field.current), []);
  // Back, or a link, asked something else.
  const [last, setLast] = useState(asked);
  if (last !== asked) {
    setLast(asked);
    if (asked !== text.trim()) setText(asked);
  }
  /** Puts the question into the address, so that it is there on the way back. */
  const keep = useCallback(() => {
    if (text.trim() !== asked) go(paths.search(text.trim()), { replace: true });
  }, [text, asked, go]);
  useEffect(() => {
    // Browsers refuse an address that changes with every letter.
    const timer = setTimeout(keep, 250);
    return () => clearTimeout(timer);
  }, [keep]);
  const words = useDeferredValue(text.trim());
  const first = useFound(words, 0);
  const filters = first?.filters ?? [];
  const tooShort = words.length < LEAST;

  /** Arrows walk from the field through what was found. */
  const walk = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (event.key === 'Escape' && document.activeElement !== field.current) field.current?.focus();
    if (step === 0 || event.altKey) return;
    const stops = [field.current, ...(page.current?.querySelectorAll<HTMLElement>('.hit') ?? [])];
    const at = stops.indexOf(document.activeElement as HTMLInputElement);
    const next = at < 0 ? undefined : stops[at + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: 'nearest' });
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are of the field and the list inside
    <div className="page found" ref={page} onKeyDown={walk}>
      <search>
        <div className="ask">
          <Search className="i" size={16} strokeWidth={1.75} aria-hidden />
          <input
            ref={field}
            type="search"
            className="field"
            aria-label={t('search.page')}
            placeholder={t('search.ask')}
            value={text}
            maxLength={500}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <Chips text={text} found={words === text.trim() ? first : undefined} onText={setText} />
      </search>
      {tooShort ? (
        <Hints text={words} onText={setText} />
      ) : first === undefined ? (
        <SkeletonRows />
      ) : (
        <>
          {first.indexing === null ? null : (
            <p className="indexing" role="status">
              {t('palette.indexing', first.indexing)}
            </p>
          )}
          {first.rows.length === 0 ? (
            first.indexing === null ? (
              <Nothing text={words} filters={filters} onText={setText} />
            ) : null
          ) : (
            <Pages
              words={words}
              pages={pages}
              onMore={() => go(paths.search(words, pages + 1), { replace: true })}
              onOpen={keep}
            />
          )}
        </>
      )}
    </div>
  );
}

/** What was found for the words before stays until there is an answer for these. */
function useFound(text: string, page: number): SearchAnswer | undefined {
  const offset = -new Date().getTimezoneOffset();
  const asks = text.length >= LEAST;
  const args = asks ? { text, limit: PAGE, skip: page * PAGE, offset, nameless: t('nameless') } : null;
  const answer = useQuery('os.search', args);
  const [last, setLast] = useState<SearchAnswer>();
  if (answer !== undefined && answer !== last) setLast(answer);
  return asks ? (answer ?? last) : undefined;
}

/** `onOpen`: before one leaves for what was found. */
type Ways = { readonly onMore: () => void; readonly onOpen: () => void };

function Pages({ words, pages, ...ways }: Ways & { words: string; pages: number }) {
  return Array.from({ length: Math.min(pages, MOST_PAGES) }, (_, page) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a page is its place
    <Page key={page} words={words} page={page} isLast={page === pages - 1} {...ways} />
  ));
}

function Page({ words, page, isLast, onMore, onOpen }: Ways & { words: string; page: number; isLast: boolean }) {
  const found = useFound(words, page);
  const groups = useMemo(() => groupsOf(found?.rows ?? []), [found]);
  const spaces = useQuery('os.spaces', {});
  const open = useOpen(onOpen);
  if (!found) return <SkeletonRows rows={2} />;
  return (
    <>
      {groups.map(([first, ...rest]) => {
        const where = first.place.title || t('untitled');
        const space = spaces?.find(({ id }) => id === first.spaceId)?.title ?? '';
        // What was found is the place itself: its name is said once.
        const isPlace = rest.length === 0 && first.place.id === first.id;
        return (
          <section key={first.place.id} aria-label={where}>
            {isPlace ? null : (
              <h3 className="where">
                <bdi>{where}</bdi>
                <span className="t3">{space}</span>
              </h3>
            )}
            <ul>
              {[first, ...rest].map((row) => (
                <li key={row.id}>
                  <Hit row={row} {...(isPlace ? { space } : {})} onOpen={() => void open(row)} />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
      {isLast && found.more && page + 1 < MOST_PAGES ? (
        <Button kind="line" size="large" onClick={onMore}>
          {t('search.more')}
        </Button>
      ) : null}
    </>
  );
}

type Group = readonly [SearchRow, ...SearchRow[]];
/** By where it stands; places in the order of their best row. */
const groupsOf = (rows: readonly SearchRow[]): readonly Group[] => {
  const groups = new Map<string, [SearchRow, ...SearchRow[]]>();
  for (const row of rows) {
    const group = groups.get(row.place.id);
    if (group) group.push(row);
    else groups.set(row.place.id, [row]);
  }
  return [...groups.values()];
};

/** `space`: told where nothing above tells it. */
function Hit({ row, space, onOpen }: { row: SearchRow; space?: string; onOpen(): void }) {
  const now = useNow();
  const Icon = iconOf(row.type);
  const isPlace = row.place.id === row.id;
  return (
    <div className="found-row">
      <button type="button" className="hit" onClick={onOpen}>
        <Icon className="i" size={16} strokeWidth={1.75} aria-hidden />
        <span className="what">
          {row.title === '' ? null : (
            <span className="w5x">
              <Marked text={row.title} ranges={row.titleRanges} />
            </span>
          )}
          {row.snippet === '' ? null : (
            <span className={row.title === '' ? '' : 't2'}>
              <Marked text={row.snippet} ranges={row.ranges} />
            </span>
          )}
        </span>
      </button>
      <span className="t3 by">
        {space === undefined ? null : <bdi>{space}</bdi>}
        {isPlace ? null : (
          <Who person={row.author} spaceId={row.spaceId} className="text">
            <bdi>{row.author.name}</bdi>
          </Who>
        )}
        <time dateTime={new Date(row.at).toISOString()} title={exactly(row.at)}>
          {shortly(row.at, now)}
        </time>
      </span>
    </div>
  );
}

function Nothing({
  text,
  filters,
  onText,
}: {
  text: string;
  filters: readonly SearchFilter[];
  onText(text: string): void;
}) {
  if (filters.length === 0)
    return (
      <Empty text={t('search.nothing', { words: text })} action={{ label: t('search.again'), run: () => onText('') }} />
    );
  const wider = [...filters].sort((a, b) => b.from - a.from).reduce(without, text);
  return (
    <Empty
      text={t('search.nothingFiltered', { words: wider || text })}
      action={{ label: t('search.everywhere'), run: () => onText(wider) }}
    />
  );
}

/** Before there is a question: what may be asked, each a press away. */
function Hints({ text, onText }: { text: string; onText(text: string): void }) {
  if (text !== '') return <p className="t2">{t('search.tooShort')}</p>;
  return (
    <div className="hints">
      <p className="t2">{t('search.what')}</p>
      <ul>
        {(['forms', 'phrase', 'except', 'from', 'when'] as const).map((hint) => (
          <li key={hint}>
            <button type="button" className="mono" onClick={() => onText(t(`search.hint.${hint}`))}>
              {t(`search.hint.${hint}`)}
            </button>
            <span className="t2">{t(`search.hint.${hint}Means`)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
