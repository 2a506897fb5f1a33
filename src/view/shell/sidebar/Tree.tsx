/**
 * Rows of a sidebar: links that a person folds, renames in place, moves by keys or by dragging. One row is in the order of
 * Tab, the arrow keys reach the others. It knows rows only; what each of these means is told by whoever shows it.
 */
import type { LucideIcon } from 'lucide-react';
import { ChevronRight } from 'lucide-react';
import type { CSSProperties, DragEvent, KeyboardEvent, SyntheticEvent } from 'react';
import { Fragment, memo, useEffect, useRef, useState } from 'react';
import type { Level } from '../../../bridge/messages';
import { t } from '../../kit/i18n';
import { type MenuItem, RightClick } from '../../kit/Menu';
import { BELLS } from '../../kit/marks';
import { matches } from '../../kit/shortcuts';
import { counted } from '../../kit/time';
import { droppedAt, type Edge, movedBy, type Row, type Shown, type Spot, type Way } from './outline';
import { drawnOf, useSight, WHOLE } from './sight';

export type TreeRow = Row & {
  /** Where it leads; null for what only holds others. */
  readonly to: string | null;
  readonly icon: LucideIcon;
  /** An icon of its own: an emoji. */
  readonly lead: string;
  /** As it is written, also where that is nothing; and as it is shown. */
  readonly title: string;
  readonly label: string;
  readonly unread: number;
  readonly mentions: number;
  readonly level: Level;
  readonly note: string;
};
export type TreeActs = {
  fold?(id: string, folded: boolean): void;
  /** Settles when it is named so. */
  rename?(id: string, title: string): Promise<unknown>;
  move?(id: string, spot: Spot): Promise<unknown>;
  /** May rows go into rows? */
  readonly nests?: boolean;
};
/** What a menu of a row begins itself. */
export type RowDoings = { readonly rename: (() => void) | null; readonly move: (way: Way) => (() => void) | null };

/** Deeper rows are not set in any further. */
const MAX_DEPTH = 6;
const WAYS = { moveUp: 'up', moveDown: 'down', moveIn: 'in', moveOut: 'out' } as const;
const wayOf = (event: KeyboardEvent): Way | undefined => {
  const found = (Object.keys(WAYS) as (keyof typeof WAYS)[]).find((id) => matches(event, id));
  return found && WAYS[found];
};
const rowAt = (event: SyntheticEvent): string | undefined =>
  (event.target as Element).closest<HTMLElement>('[data-row]')?.dataset.row;

export function Tree({
  rows,
  shown,
  current,
  acts,
  items,
}: {
  /** All of them, the folded away too. */
  rows: readonly TreeRow[];
  shown: readonly Shown<TreeRow>[];
  /** The row of the place that is open. */
  current: string | null;
  acts: TreeActs;
  items(row: TreeRow, doings: RowDoings): readonly MenuItem[];
}) {
  const list = useRef<HTMLUListElement>(null);
  const [renaming, setRenaming] = useState<string | null>(null);
  const [menu, setMenu] = useState<string | null>(null);
  const [dragged, setDragged] = useState<string | null>(null);
  const [over, setOver] = useState<{ readonly id: string; readonly edge: Edge } | null>(null);
  /** Focus goes with what is moved or renamed. */
  const follow = useRef<string | null>(null);
  /** The row that has the focus stays drawn, wherever the list is scrolled to. */
  const held = useRef<string | null>(null);
  const sight = useSight(list, shown.length);
  const placeOf = (id: string | null): number => (id === null ? -1 : shown.findIndex((row) => row.id === id));
  const elementOf = (id: string): HTMLElement | null | undefined =>
    list.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"]`);
  const focus = (id: string): void => {
    const element = elementOf(id);
    if (element) return element.focus();
    const at = placeOf(id);
    if (at < 0) return;
    follow.current = id;
    sight.show(at);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once other rows are drawn
  useEffect(() => {
    const id = follow.current;
    if (id === null) return;
    follow.current = null;
    focus(id);
  }, [shown, renaming, sight.from, sight.to]);

  const move = (id: string, spot: Spot | null): void => {
    if (!spot || !acts.move || (!acts.nests && spot.parent !== null)) return;
    follow.current = id;
    if (spot.parent !== null) acts.fold?.(spot.parent, false);
    void acts.move(id, spot);
  };
  const spotFor = (id: string, way: Way): Spot | null => {
    const spot = acts.move ? movedBy(rows, id, way) : null;
    return spot && !acts.nests && spot.parent !== null ? null : spot;
  };

  const onKey = (event: KeyboardEvent): void => {
    const id = rowAt(event);
    const at = shown.findIndex((row) => row.id === id);
    const row = shown[at];
    if (!row || renaming !== null) return;
    const way = wayOf(event);
    // After a click the keys of the whole page count: with Alt the arrows lead back and forth.
    const spot = way && (event.target as Element).matches(':focus-visible') ? spotFor(row.id, way) : null;
    if (spot) move(row.id, spot);
    else if (matches(event, 'rename') && acts.rename) setRenaming(row.id);
    else if (matches(event, 'unfold') && row.open === false) acts.fold?.(row.id, false);
    else if (matches(event, 'unfold') && row.open) focus(shown[at + 1]?.id ?? row.id);
    else if (matches(event, 'fold') && row.open) acts.fold?.(row.id, true);
    else if (matches(event, 'fold') && row.parent !== null) focus(row.parent);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const edgeAt = (event: DragEvent): { readonly id: string; readonly edge: Edge } | null => {
    const element = (event.target as Element).closest<HTMLElement>('[data-row]');
    const id = element?.dataset.row;
    if (!element || id === undefined) return null;
    const { top, height } = element.getBoundingClientRect();
    const part = (event.clientY - top) / height;
    const margin = acts.nests ? 0.28 : 0.5;
    return { id, edge: part < margin ? 'before' : part > 1 - margin ? 'after' : 'inside' };
  };
  const spotOver = (to: typeof over): Spot | null => {
    const open = shown.find((row) => row.id === to?.id)?.open === true;
    return to && dragged !== null ? droppedAt(rows, dragged, to.id, to.edge, open) : null;
  };
  const endDrag = (): void => {
    setDragged(null);
    setOver(null);
  };

  const stop = shown.some((row) => row.id === current) ? current : shown[0]?.id;
  const chosen = rows.find((row) => row.id === menu);
  const menuItems = chosen
    ? items(chosen, {
        rename: acts.rename ? () => setRenaming(chosen.id) : null,
        move: (way) => {
          const spot = spotFor(chosen.id, way);
          return spot ? () => move(chosen.id, spot) : null;
        },
      })
    : [];
  const choose = (event: SyntheticEvent): void => setMenu(rowAt(event) ?? null);
  // The first and the last are where Home and End lead.
  const stay = [0, shown.length - 1, ...[current, held.current, dragged, renaming].map(placeOf)];
  const isLong = shown.length > WHOLE;
  return (
    <RightClick items={menuItems}>
      <ul
        ref={list}
        className="tree"
        onKeyDown={onKey}
        onFocus={(event) => {
          held.current = rowAt(event) ?? null;
        }}
        onContextMenuCapture={choose}
        onPointerDownCapture={choose}
        onDragStart={(event) => {
          const id = rowAt(event);
          if (id === undefined || !acts.move) return;
          event.dataTransfer.effectAllowed = 'move';
          setDragged(id);
        }}
        onDragOver={(event) => {
          const to = dragged === null ? null : edgeAt(event);
          const fits = spotOver(to) !== null;
          if (fits) event.preventDefault();
          const next = fits ? to : null;
          if (next?.id !== over?.id || next?.edge !== over?.edge) setOver(next);
        }}
        onDragLeave={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(null);
        }}
        onDrop={(event) => {
          event.preventDefault();
          const spot = spotOver(over);
          if (spot && dragged !== null) move(dragged, spot);
          endDrag();
        }}
        onDragEnd={endDrag}
      >
        {drawnOf(shown.length, sight, stay).map(({ at, gap }) => {
          const row = shown[at];
          if (!row) return null;
          return (
            <Fragment key={row.id}>
              {gap === 0 ? null : <li style={{ height: gap * sight.rowPx }} aria-hidden />}
              {renaming === row.id ? (
                <li>
                  <Renaming
                    row={row}
                    onDone={(title) => {
                      follow.current = row.id;
                      setRenaming(null);
                      if (title !== null && title !== row.title) void acts.rename?.(row.id, title);
                    }}
                  />
                </li>
              ) : (
                <RowView
                  row={row}
                  on={row.id === current}
                  tabStop={row.id === stop}
                  drop={over?.id === row.id ? over.edge : null}
                  drags={acts.move !== undefined}
                  place={isLong ? at + 1 : undefined}
                  count={isLong ? shown.length : undefined}
                  onFold={acts.fold}
                />
              )}
            </Fragment>
          );
        })}
      </ul>
    </RightClick>
  );
}

const RowView = memo(
  function RowView({
    row,
    on,
    tabStop,
    drop,
    drags,
    place,
    count,
    onFold,
  }: {
    row: Shown<TreeRow>;
    on: boolean;
    tabStop: boolean;
    drop: Edge | null;
    drags: boolean;
    /** Which of how many, where not all are drawn. */
    place: number | undefined;
    count: number | undefined;
    onFold: TreeActs['fold'];
  }) {
    const { id, to, open, label, icon: Icon, lead, depth } = row;
    const unread = row.unread > 0 || row.mentions > 0;
    const shared = {
      'data-row': id,
      tabIndex: tabStop ? 0 : -1,
      title: label,
      draggable: drags,
      'aria-expanded': open ?? undefined,
      className: `${on ? 'on' : ''} ${unread ? 'un' : ''} ${drop ? `drop-${drop}` : ''}`,
      style: { '--depth': Math.min(depth, MAX_DEPTH) } as CSSProperties,
    };
    const inner = (
      <>
        {open === null || !onFold ? null : (
          // Keys have the arrows.
          // biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: the row itself tells its state, and folds by the arrow keys
          <span
            className={`twist ${open ? 'open' : ''}`}
            onClick={(event) => {
              event.preventDefault();
              event.stopPropagation();
              onFold(id, open);
            }}
          >
            <ChevronRight className="i" size={14} strokeWidth={1.75} aria-hidden />
          </span>
        )}
        {lead ? (
          <span className="lead" aria-hidden>
            {lead}
          </span>
        ) : (
          <Icon className="i" size={16} strokeWidth={1.75} aria-hidden />
        )}
        <span className="cut" dir="auto">
          {label}
        </span>
        <Hushed level={row.level} />
        <Count unread={row.unread} mentions={row.mentions} note={row.note} />
      </>
    );
    return (
      <li aria-posinset={place} aria-setsize={count}>
        {to === null ? (
          <button type="button" {...shared} onClick={() => open !== null && onFold?.(id, open)}>
            {inner}
          </button>
        ) : (
          <a href={`#${to}`} aria-current={on ? 'page' : undefined} {...shared}>
            {inner}
          </a>
        )}
      </li>
    );
  },
  (before, after) =>
    before.on === after.on &&
    before.tabStop === after.tabStop &&
    before.drop === after.drop &&
    before.drags === after.drags &&
    before.place === after.place &&
    before.count === after.count &&
    (Object.keys(after.row) as (keyof Shown<TreeRow>)[]).every((key) => before.row[key] === after.row[key]),
);

/** Of a place of which the person wants to hear less. */
function Hushed({ level }: { level: Level }) {
  if (level === 'all') return null;
  const Bell = BELLS[level];
  return (
    <span className="hushed">
      <Bell className="i" size={14} strokeWidth={1.75} aria-hidden />
      <span className="sr">{t(`level.is.${level}`)}</span>
    </span>
  );
}

/** Filled what is addressed to the person, plain what is merely unread. */
export function Count({ unread, mentions, note = '' }: { unread: number; mentions: number; note?: string }) {
  const mine = mentions > 0;
  const n = mine ? mentions : unread;
  if (n === 0) return note === '' ? null : <span className="n">{note}</span>;
  return (
    <span className={`n ${mine ? 'mine' : ''}`}>
      <span aria-hidden>{counted(n)}</span>
      <span className="sr">{t(mine ? 'unread.mine' : 'unread.count', { n })}</span>
    </span>
  );
}

/** In the place of the row: Enter keeps, Escape does not, leaving keeps. */
function Renaming({ row, onDone }: { row: TreeRow; onDone(title: string | null): void }) {
  const [title, setTitle] = useState(row.title);
  const done = useRef(false);
  const end = (kept: string | null): void => {
    if (done.current) return;
    done.current = true;
    onDone(kept === null || kept.trim() === '' ? null : kept.trim());
  };
  return (
    <input
      className="renaming"
      aria-label={t('rename.label', { title: row.label })}
      value={title}
      maxLength={200}
      dir="auto"
      // biome-ignore lint/a11y/noAutofocus: the person asked to type here
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setTitle(event.target.value)}
      onBlur={() => end(title)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === 'Enter') end(title);
        else if (event.key === 'Escape') end(null);
        else return event.stopPropagation();
        event.preventDefault();
        event.stopPropagation();
      }}
    />
  );
}
