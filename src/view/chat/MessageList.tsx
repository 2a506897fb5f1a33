/**
 * The messages, oldest at the top, held at the bottom: only rows in sight are drawn. New ones push up while the reader is
 * at the end, as long as all that is new stays in sight: more than a screen of it, as after a night away, is left for them
 * to go through. They leave the place alone while the reader is above. Arrow keys walk; going up loads older pages.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { plainOf } from '../../base/markdown/blocks';
import type { MessageRow } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { t } from '../kit/i18n';
import type { Pointed } from '../kit/inspect';
import { keep, kept } from '../kit/returning';
import { matches } from '../kit/shortcuts';
import { dayName, dayNumber, sinceWhen, useNow } from '../kit/time';
import type { MessageActs } from './Message';
import { Message } from './Message';
import type { Item, UnreadLine } from './rows';
import { heightOf, itemsOf, newsAfter } from './rows';

/** Which message stood at the top, and how far below the edge; px. */
type Left = { readonly id: string; readonly offset: number };
const leftAt = (value: unknown): Left | null => {
  if (typeof value !== 'object' || value === null) return null;
  const { id, offset } = value as Partial<Left>;
  return typeof id === 'string' && typeof offset === 'number' ? { id, offset } : null;
};

const FRAMES = 4;
const END_PX = 48;
const FOUND_MS = 2_000;

export type MessageListProps = {
  rows: readonly MessageRow[];
  /** `undefined` while it is not known. */
  line: UnreadLine | null | undefined;
  editing: string | null;
  acts: Omit<MessageActs, 'jump'>;
  hasOlder: boolean;
  /** Under which name the place that somebody left at is kept. */
  name: string;
  /** The message to show. */
  pointed: Pointed | null;
  /** How many arrived that are not in sight yet. */
  below: number;
  /** `far`: somebody waits for what is far up. */
  onOlder(far?: boolean): void;
  /** A message is to be shown that is not loaded yet. */
  onSeek(id: string): void;
  onEnd(atEnd: boolean): void;
};

export function MessageList({
  rows,
  line,
  editing,
  acts,
  hasOlder,
  name,
  pointed,
  below,
  onOlder,
  onSeek,
  onEnd,
}: MessageListProps) {
  const now = useNow();
  const items = useMemo(() => itemsOf(rows, line ?? null, dayNumber), [rows, line]);
  const scroller = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [found, setFound] = useState<string | null>(null);
  const [active, setActive] = useState<string | null>(null);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => items[index]?.key ?? index,
    estimateSize: (index) => {
      const item = items[index];
      return item ? heightOf(item, scroller.current?.clientWidth ?? 0) : 0;
    },
    overscan: 8,
    anchorTo: 'end',
    scrollEndThreshold: END_PX,
    paddingEnd: 8,
  });

  // The reader is held at the end until they go up: through first sight, late measures, a growing composer, a keyboard.
  const held = useRef(true);
  const lastTop = useRef(0);
  /** Where the list begins on the screen. */
  const boxTop = useRef<number>(undefined);
  const opened = useRef(false);
  /** The last message when the reader was at the end. */
  const reached = useRef<string | null>(null);
  const last = rows[rows.length - 1];
  const settle = useCallback(() => {
    const box = scroller.current;
    if (!box || !held.current) return;
    const news = opened.current ? newsAfter(items, reached.current) : -1;
    const top = news < 0 ? undefined : virtual.getOffsetForIndex(news, 'start')?.[0];
    const end = box.scrollHeight - box.clientHeight;
    if (top === undefined || top > end - END_PX) {
      box.scrollTop = box.scrollHeight;
      // The reader's way up is told apart from this, though one event tells of both.
      lastTop.current = box.scrollTop;
      return;
    }
    held.current = false;
    box.scrollTop = top;
    setAtEnd(false);
    onEnd(false);
  }, [items, virtual, onEnd]);
  const total = virtual.getTotalSize();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height of the whole is what moves the end
  useLayoutEffect(settle, [total, settle]);
  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const observer = new ResizeObserver(() => {
      // A banner above comes or goes: what is read stays where it is on the screen.
      const { top } = box.getBoundingClientRect();
      const moved = top - (boxTop.current ?? top);
      boxTop.current = top;
      if (moved !== 0 && !held.current) box.scrollTop += moved;
      settle();
    });
    observer.observe(box);
    return () => observer.disconnect();
  }, [settle]);
  const toEnd = useCallback(() => {
    held.current = true;
    reached.current = last?.id ?? null;
    settle();
  }, [settle, last]);

  // What is unread begins where reading stopped: there the channel opens, once, if it is further up than a screen. With nothing
  // unread it opens where somebody left it, when they come back.
  const [left] = useState(() => leftAt(kept(name)));
  const turning = useRef(false);
  const start = line === undefined ? undefined : (line?.id ?? null);
  useLayoutEffect(() => {
    const box = scroller.current;
    if (opened.current || !box || start === undefined) return;
    const back = start === null ? left : null;
    if ((start === null && !back) || pointed !== null) {
      opened.current = true;
      reached.current = last?.id ?? null;
      return onEnd(pointed === null);
    }
    const index = items.findIndex((item) => (back ? item.key === back.id : item.kind === 'new'));
    if (index < 0 && hasOlder) return onOlder(true);
    opened.current = true;
    reached.current = last?.id ?? null;
    const above = items.slice(index).reduce((sum, item) => sum + heightOf(item, box.clientWidth), 0);
    // Where reading stopped further up than a page can hold, what is new is not taken for read.
    if (index < 0) return onEnd(back !== null);
    if (!back && above <= box.clientHeight) return onEnd(true);
    held.current = false;
    setAtEnd(false);
    turning.current = true;
    // What the first sight of the end still moves must not be taken for the reader's going there.
    requestAnimationFrame(() => {
      held.current = false;
      const toLeft = (): void => {
        const top = back ? virtual.getOffsetForIndex(index, 'start')?.[0] : undefined;
        if (back && top !== undefined) box.scrollTop = top - back.offset;
      };
      if (back) toLeft();
      else virtual.scrollToIndex(index, { align: 'start' });
      // What is in sight is measured as it is drawn, which moves it: some frames until it stands.
      let frames = back ? FRAMES : 1;
      const stand = (): void => {
        toLeft();
        frames -= 1;
        if (frames > 0) {
          requestAnimationFrame(stand);
          return;
        }
        turning.current = false;
        // It was thought to be higher than it is: all of it is in sight.
        if (box.scrollHeight - box.scrollTop - box.clientHeight >= END_PX) return;
        held.current = true;
        setAtEnd(true);
        onEnd(true);
      };
      requestAnimationFrame(stand);
    });
  }, [items, start, left, pointed, hasOlder, last, onOlder, onEnd, virtual]);

  // One's own message is always brought into sight.
  const lastId = useRef(last?.id);
  useEffect(() => {
    if (last === undefined || last.id === lastId.current) return;
    lastId.current = last.id;
    if (last.mine) toEnd();
  }, [last, toEnd]);

  const onScroll = () => {
    const box = scroller.current;
    if (!box || turning.current) return;
    const end = box.scrollHeight - box.scrollTop - box.clientHeight < END_PX;
    // Only going up lets go: content that grows below is not the reader's doing.
    if (end) {
      held.current = true;
      reached.current = last?.id ?? null;
    } else if (box.scrollTop < lastTop.current - 1) held.current = false;
    lastTop.current = box.scrollTop;
    if (end !== atEnd) {
      setAtEnd(end);
      onEnd(end);
    }
    if (hasOlder && box.scrollTop < 600) onOlder();
    const first = virtual
      .getVirtualItems()
      .find((place) => place.end > box.scrollTop && items[place.index]?.kind === 'message');
    keep(name, end || !first ? null : { id: first.key, offset: Math.round(first.start - box.scrollTop) });
  };

  const jump = useCallback(
    (id: string) => {
      const index = items.findIndex((item) => item.key === id);
      if (index < 0) return onSeek(id);
      held.current = false;
      virtual.scrollToIndex(index, { align: 'center' });
      setFound(id);
    },
    [items, virtual, onSeek],
  );
  // What is not loaded yet is looked for in older pages.
  const shown = useRef(0);
  useEffect(() => {
    if (pointed === null || pointed.n === shown.current) return;
    if (items.some((item) => item.key === pointed.block)) {
      shown.current = pointed.n;
      jump(pointed.block);
    } else if (hasOlder) onOlder(true);
    else shown.current = pointed.n;
  }, [pointed, items, jump, hasOlder, onOlder]);
  useEffect(() => {
    if (found === null) return;
    const timer = setTimeout(() => setFound(null), FOUND_MS);
    return () => clearTimeout(timer);
  }, [found]);
  const messageActs = useMemo<MessageActs>(() => ({ ...acts, jump }), [acts, jump]);

  const walk = (event: KeyboardEvent) => {
    const step = matches(event, 'messageNext') ? 1 : matches(event, 'messageBefore') ? -1 : 0;
    const here = (event.target as HTMLElement).dataset.message;
    if (step === 0 || here === undefined) return;
    const messages = items.filter((item) => item.kind === 'message');
    const next = messages[messages.findIndex((item) => item.key === here) + step];
    if (!next) return;
    event.preventDefault();
    setActive(next.key);
    virtual.scrollToIndex(items.indexOf(next), { align: 'auto' });
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-message="${CSS.escape(next.key)}"]`)?.focus(),
    );
  };
  const tabStop = active ?? last?.id ?? null;
  return (
    <div className="log-box">
      <div
        ref={scroller}
        className="log"
        role="log"
        aria-label={t('messages')}
        aria-live="off"
        data-testid="message-list"
        onScroll={onScroll}
        onKeyDown={walk}
      >
        <div className="all" style={{ height: total }}>
          {virtual.getVirtualItems().map((place) => {
            const item = items[place.index];
            if (!item) return null;
            return (
              <div
                key={place.key}
                data-index={place.index}
                ref={virtual.measureElement}
                className="at"
                style={{ transform: `translateY(${place.start}px)` }}
              >
                <Line item={item} now={now} editing={editing} found={found} tabStop={tabStop} acts={messageActs} />
              </div>
            );
          })}
        </div>
      </div>
      {/* The list redraws as it scrolls; what is read aloud is the newest message alone. */}
      <div className="sr" aria-live="polite">
        {last && !last.mine && !last.deleted && !last.blocked
          ? t('message.said', { name: last.author.name, text: plainOf(last.text) })
          : null}
      </div>
      {atEnd ? null : (
        <Button className="to-end" kind="line" icon={ArrowDown} onClick={toEnd}>
          {below > 0 ? t('message.below', { n: below }) : t('message.latest')}
        </Button>
      )}
    </div>
  );
}

function Line({
  item,
  now,
  editing,
  found,
  tabStop,
  acts,
}: {
  item: Item;
  now: number;
  editing: string | null;
  found: string | null;
  tabStop: string | null;
  acts: MessageActs;
}) {
  switch (item.kind) {
    case 'day':
      return <div className="sep">{dayName(item.at, now)}</div>;
    case 'new':
      return (
        <div className="sep new">
          {item.since === null
            ? t('message.new', { n: item.n })
            : t('message.newSince', { n: item.n, when: sinceWhen(item.since, now) })}
        </div>
      );
    case 'late':
      return <div className="sep late">{t('message.late')}</div>;
    case 'message':
      return (
        <Message
          row={item.row}
          joined={item.joined}
          editing={editing === item.key}
          found={found === item.key}
          active={tabStop === item.key}
          acts={acts}
        />
      );
  }
}
