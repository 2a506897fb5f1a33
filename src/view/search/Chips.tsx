/**
 * Filters of a question as chips: those in it can be taken out, others are put in from menus. People and places are offered
 * from what was found.
 */
import type { LucideIcon } from 'lucide-react';
import { CalendarDays, Layers, Shapes, User, X } from 'lucide-react';
import type { SearchAnswer, SearchFilter } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { t } from '../kit/i18n';
import { useQuery } from '../kit/kernel';
import { Menu, type MenuItem } from '../kit/Menu';
import { daysAgo, withFilter, without } from './filters';

const APPS = ['chat', 'editor', 'comments'] as const;
const TYPES = ['message', 'document', 'comment', 'channel', 'folder'] as const;
/** Names in one menu. */
const MOST = 20;

export function Chips({
  text,
  found,
  onText,
}: {
  text: string;
  found: SearchAnswer | undefined;
  onText(text: string): void;
}) {
  const spaces = useQuery('os.spaces', {}) ?? [];
  const filters = found?.filters ?? [];
  const rows = found?.rows ?? [];
  const put = (by: SearchFilter['by'], value: string) => () => onText(withFilter(text, filters, by, value));
  const namesOf = (by: 'from' | 'in', names: readonly string[]): readonly MenuItem[] =>
    [...new Set(names)]
      .filter((name) => name.trim() !== '')
      .slice(0, MOST)
      .map((name) => ({ key: name, label: name, onSelect: put(by, name) }));
  const now = new Date();
  const menus: readonly { key: string; label: string; icon: LucideIcon; items: readonly MenuItem[] }[] = [
    {
      key: 'type',
      label: t('search.type'),
      icon: Shapes,
      items: [
        ...APPS.map((app) => ({ key: `app ${app}`, label: t(`search.app.${app}`), onSelect: put('app', app) })),
        { key: 'line', line: true },
        ...TYPES.map((type) => ({ key: type, label: t(`search.type.${type}`), onSelect: put('type', type) })),
      ],
    },
    {
      key: 'from',
      label: t('search.from'),
      icon: User,
      items: [
        { key: 'me', label: t('search.me'), onSelect: put('from', 'me') },
        ...namesOf(
          'from',
          rows.map(({ author }) => author.name),
        ),
      ],
    },
    {
      key: 'in',
      label: t('search.in'),
      icon: Layers,
      items: [
        ...namesOf(
          'in',
          spaces.map(({ title }) => title),
        ),
        { key: 'line', line: true },
        ...namesOf(
          'in',
          rows.map(({ place }) => place.title).filter((name) => !spaces.some(({ title }) => title === name)),
        ),
      ],
    },
    {
      key: 'when',
      label: t('search.when'),
      icon: CalendarDays,
      items: [
        { key: 'today', label: t('time.today'), onSelect: put('after', 'today') },
        { key: 'week', label: t('search.week'), onSelect: put('after', daysAgo(7, now)) },
        { key: 'month', label: t('search.month'), onSelect: put('after', daysAgo(30, now)) },
        { key: 'year', label: t('search.year'), onSelect: put('after', String(now.getFullYear())) },
      ],
    },
  ];
  return (
    <div className="chips">
      {filters.map((filter) => (
        <Button
          key={`${filter.from} ${filter.by}`}
          kind="line"
          size="small"
          className="on"
          aria-label={t('search.drop', { filter: nameOf(filter) })}
          onClick={() => onText(without(text, filter))}
        >
          <bdi className="cut">{nameOf(filter)}</bdi>
          <X className="i" size={14} strokeWidth={1.75} aria-hidden />
        </Button>
      ))}
      {menus.map(({ key, label, icon, items }) => (
        <Menu key={key} items={items}>
          <Button size="small" icon={icon}>
            {label}
          </Button>
        </Menu>
      ))}
    </div>
  );
}

const nameOf = ({ by, value }: SearchFilter): string => `${t(`search.by.${by}`)} ${value}`;
