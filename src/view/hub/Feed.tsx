/** What changed, by day: cards of the kernel's feed, filtered and ordered there. */
import { FileText, Folder, Hash, ListFilter, Newspaper, UsersRound } from 'lucide-react';
import { useRef, useState } from 'react';
import { Link } from 'wouter';
import { plainOf } from '../../base/markdown/blocks';
import type { ActivityItem, FeedAnswer } from '../../bridge/messages';
import { Button, IconButton } from '../kit/Button';
import { Empty, SkeletonRows } from '../kit/Empty';
import { Face } from '../kit/Face';
import { Segmented } from '../kit/Field';
import { t } from '../kit/i18n';
import { type FeedQuestion, useQuery } from '../kit/kernel';
import { Menu, type MenuItem } from '../kit/Menu';
import { useKeptNumber, useReturning } from '../kit/returning';
import { clock, dayName, dayNumber, exactly, useNow } from '../kit/time';
import { Who } from '../kit/Who';
import { useAway } from './away';
import { Digest } from './Digest';
import { wayOfItem } from './way';
import { whoOf } from './words';

const PAGE = 40;
/** What is told where nobody was away for long, ms. */
const DAY = 86_400_000;
const TABS = ['all', 'mine', 'team', 'guild'] as const;
type Tab = (typeof TABS)[number];
type Filter = { readonly spaceId?: string; readonly app?: 'chat' | 'editor'; readonly person?: string };

export function Feed() {
  const [tab, setTab] = useState<Tab>('all');
  const [filter, setFilter] = useState<Filter>({});
  const [ranked, setRanked] = useState(false);
  // Asked for, put away, or neither: then what there is to tell after some hours away.
  const [asked, setAsked] = useState<number | null | undefined>(undefined);
  const away = useAway();
  const missed = asked === undefined ? away : asked;
  const box = useRef<HTMLElement>(null);
  useReturning(box, 'feed');
  const spaces = useQuery('os.spaces', {});
  const offset = -new Date().getTimezoneOffset();
  const question: FeedQuestion = { tab, ...filter, ranked, offset, limit: PAGE };
  const answer = useQuery('hub.feed', question);
  // What is being gathered anew stays as it was.
  const [last, setLast] = useState<FeedAnswer>();
  if (answer !== undefined && answer !== last && !answer.gathering) setLast(answer);
  const feed = answer && !answer.gathering ? answer : last;
  const guilds = spaces?.some(({ kind }) => kind === 'guild') === true;
  const isFiltered = Object.values(filter).some((value) => value !== undefined) || tab !== 'all';
  const people = new Map((last?.items ?? []).flatMap((item) => item.people).map((person) => [person.userId, person]));
  const items = (set: Filter): void => setFilter((before) => ({ ...before, ...set }) as Filter);
  const filters: readonly MenuItem[] = [
    { key: 'order', heading: t('hub.order') },
    { key: 'newest', label: t('hub.order.newest'), checked: !ranked, onSelect: () => setRanked(false) },
    { key: 'ranked', label: t('hub.order.ranked'), checked: ranked, onSelect: () => setRanked(true) },
    { key: 'space', heading: t('hub.space') },
    ...[undefined, ...(spaces ?? [])].map((space) => ({
      key: space?.id ?? 'spaces',
      label: space?.title ?? t('hub.spaceAll'),
      checked: filter.spaceId === space?.id,
      onSelect: () => items({ spaceId: space?.id as string }),
    })),
    { key: 'app', heading: t('hub.app') },
    ...([undefined, 'chat', 'editor'] as const).map((app) => ({
      key: app ?? 'apps',
      label: app ? t(app) : t('hub.appAll'),
      checked: filter.app === app,
      onSelect: () => items({ app: app as 'chat' }),
    })),
    { key: 'person', heading: t('hub.person') },
    ...[undefined, ...people.values()].slice(0, 12).map((person) => ({
      key: person?.userId ?? 'people',
      label: person?.name ?? t('hub.personAll'),
      checked: filter.person === person?.userId,
      onSelect: () => items({ person: person?.userId as string }),
    })),
  ];
  const clear = (): void => {
    setFilter({});
    setTab('all');
  };
  return (
    <section ref={box} className="changed" aria-label={t('hub.feed')}>
      <header className="ch">
        <h2>{t('hub.feed')}</h2>
        <span className="grow" />
        <Segmented
          label={t('hub.tab')}
          value={tab}
          onChange={setTab}
          choices={TABS.filter((each) => each !== 'guild' || guilds).map((value) => ({
            value,
            label: t(`hub.tab.${value}`),
          }))}
        />
        <IconButton
          label={t('hub.missed')}
          icon={Newspaper}
          on={missed !== null}
          onClick={() => setAsked(missed === null ? (away ?? Date.now() - DAY) : null)}
        />
        <Menu align="end" items={filters}>
          <IconButton label={t('hub.feedFilter')} icon={ListFilter} on={Object.values(filter).some((each) => each)} />
        </Menu>
      </header>
      {missed === null ? null : <Digest since={missed} onClose={() => setAsked(null)} />}
      {feed === undefined ? (
        <SkeletonRows />
      ) : feed.items.length === 0 ? (
        <Empty
          text={t(isFiltered ? 'hub.feedNone' : 'hub.feedEmpty')}
          {...(isFiltered ? { action: { label: t('hub.feedClear'), run: clear } } : {})}
        />
      ) : (
        <Days items={feed.items} />
      )}
      {feed && feed.next !== null ? (
        <Older key={JSON.stringify(question)} question={question} before={feed.next} page={1} />
      ) : null}
    </section>
  );
}

/** The next page, once somebody asks for it. A card that goes on there is told as one more. */
function Older({ question, before, page }: { question: FeedQuestion; before: number; page: number }) {
  // Where it begins stays, whatever comes meanwhile.
  const [from, setFrom] = useKeptNumber(`feed ${page} ${JSON.stringify(question)}`);
  const feed = useQuery('hub.feed', from === null ? null : { ...question, before: from });
  if (from === null)
    return (
      <Button className="older" onClick={() => setFrom(before)}>
        {t('hub.older')}
      </Button>
    );
  if (!feed) return <SkeletonRows />;
  return (
    <>
      <Days items={feed.items} />
      {feed.next === null ? null : <Older question={question} before={feed.next} page={page + 1} />}
    </>
  );
}

function Days({ items }: { items: readonly ActivityItem[] }) {
  const now = useNow();
  const days = new Map<number, ActivityItem[]>();
  for (const item of items) days.set(dayNumber(item.at), [...(days.get(dayNumber(item.at)) ?? []), item]);
  return [...days].map(([day, of]) => (
    <div key={day} className="day">
      <h3 className="sep">{dayName(of[0]?.at ?? 0, now)}</h3>
      <ul>
        {of.map((item) => (
          <Card key={item.id} item={item} />
        ))}
      </ul>
    </div>
  ));
}

const ICONS = { channel: Hash, document: FileText, folder: Folder, space: UsersRound } as const;

function Card({ item }: { item: ActivityItem }) {
  const { people, place, kind, count, text } = item;
  const [person] = people;
  const me = useQuery('os.me', {});
  const Icon = ICONS[place.kind];
  // Of one thing that was removed the title is there already.
  const more =
    kind === 'putOut'
      ? [...item.about.map(({ name }) => name), ...(count > item.about.length ? ['…'] : [])].join(', ')
      : kind === 'decided' || (kind === 'removed' && count === 1)
        ? ''
        : plainOf(text);
  return (
    <li className="ev">
      {person ? (
        <Who person={person} spaceId={place.spaceId}>
          <Face person={person} />
        </Who>
      ) : (
        <span />
      )}
      <div className="said">
        <b className="w5x">{whoOf(item, me?.userId)}</b>
        {t(`hub.f.${kind}`, { n: count })}{' '}
        <Link href={wayOfItem(item)} className="obj">
          <Icon className="i" size={14} strokeWidth={1.75} aria-hidden />
          <span>{place.title.trim() || t('untitled')}</span>
        </Link>
        {item.rank === 'me' ? <span className="tag you">{t('hub.forYou')}</span> : null}
      </div>
      <time className="num" dateTime={new Date(item.at).toISOString()} title={exactly(item.at)}>
        {clock(item.at)}
      </time>
      {more === '' ? null : <p className="more">{more}</p>}
    </li>
  );
}
