/**
 * Where the reader stands in the messages. They are held at the end until they go up; above it nothing that comes moves what they
 * read, to the pixel: neither new messages, nor late ones, nor the window that moves along as they near its edge. What was missed,
 * however small the pieces in which it comes, takes them to its first message and no further. What lies outside
 * of the window has its height in the scroll bar, so that it tells of the whole channel; whoever drags it there gets that place.
 * It knows places and heights, and nothing of what a message looks like.
 */
import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { MessageWindow } from '../../bridge/messages';
import type { Pointed } from '../kit/inspect';
import { keep, kept } from '../kit/returning';
import type { Item, UnreadLine } from './rows';
import { heightOf, newsAfter, outsideHeight } from './rows';
import type { Messages } from './useMessages';

/** Which message stood at the top, and how far below the edge; px. */
export type Left = { readonly id: string; readonly offset: number };
export const leftAt = (name: string): Left | null => {
  const value = kept(name);
  if (typeof value !== 'object' || value === null) return null;
  const { id, offset } = value as Partial<Left>;
  return typeof id === 'string' && typeof offset === 'number' ? { id, offset } : null;
};

/** What is measured as it is drawn moves what stands: so many frames until it does. */
const FRAMES = 4;
const END_PX = 48;
const BELOW_PX = 8;
const FOUND_MS = 2_000;
/** What comes so long after it was written was missed, and not seen to come. */
const MISSED_MS = 10_000;
/** What was missed is read once nothing more of it came for so long. */
const REST_MS = 3_000;
/** With fewer items than that before an edge of the window, it moves. */
const EDGE = 60;

/** What is to be shown as soon as it is loaded. */
type Goal =
  | { readonly to: 'message'; readonly id: string }
  | { readonly to: 'rank'; readonly rank: number }
  /** What came after a message, where more came at once than the window holds. */
  | { readonly to: 'news'; readonly after: string };
type Where = 'start' | 'center' | { readonly offset: number };

export type StandingProps = Pick<Messages, 'spot' | 'seeking' | 'seek'> & {
  readonly window: MessageWindow;
  readonly items: readonly Item[];
  /** `undefined` while it is not known. */
  readonly line: UnreadLine | null | undefined;
  /** Under which name the place that somebody left at is kept. */
  readonly name: string;
  /** The message to show. */
  readonly pointed: Pointed | null;
  /** How often this person said something here: that is brought into sight. */
  readonly sent: number;
  /** Of this device against the network, ms. */
  readonly clockOffset: number;
  /** The end is in sight, and all above it may count as read. */
  onEnd(atEnd: boolean): void;
};
export type Standing = {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly virtual: Virtualizer<HTMLDivElement, Element>;
  readonly atEnd: boolean;
  /** The message that was looked for. */
  readonly found: string | null;
  /** Heights of what lies outside of the window, px. */
  readonly above: number;
  readonly below: number;
  onScroll(): void;
  toEnd(): void;
  jump(id: string): void;
};

export function useStanding(props: StandingProps): Standing {
  const { window, items, line, name, pointed, sent, spot, seeking, seek, clockOffset, onEnd } = props;
  const { rows, before, after } = window;
  const scroller = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [found, setFound] = useState<string | null>(null);
  const above = outsideHeight(before);
  const below = outsideHeight(after);
  const virtual = useVirtualizer<HTMLDivElement, Element>({
    count: items.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => items[index]?.key ?? index,
    estimateSize: (index) => {
      const item = items[index];
      return item ? heightOf(item, scroller.current?.clientWidth ?? 0) : 0;
    },
    overscan: 12,
    anchorTo: 'end',
    // Whether they are at the end is known here alone (`held`): it would take one who just went up along.
    scrollEndThreshold: -1,
    paddingStart: above,
    paddingEnd: below + BELOW_PX,
  });
  const isPresent = after === 0;
  const lastId = rows[rows.length - 1]?.id ?? null;
  /** As of now, for what goes on over several frames. */
  const now = useRef({ items, isPresent, lastId, spot });
  now.current = { items, isPresent, lastId, spot };

  // Held at the end until they go up: through first sight, late measures, a growing composer, a keyboard.
  const held = useRef(true);
  const lastTop = useRef(0);
  /** Where the list begins on the screen. */
  const boxTop = useRef<number>(undefined);
  const opened = useRef(false);
  /** The last message that the reader came to at the end; null: whatever came since, they want the end. */
  const reached = useRef<string | null>(null);
  const goal = useRef<Goal | null>(null);
  /** Counts what is brought into sight; while one is, scrolling is not the reader's doing. */
  const turns = useRef(0);
  const turning = useRef(false);

  /** While what was missed still comes, and stands in sight so far. */
  const resting = useRef<ReturnType<typeof setTimeout>>(undefined);
  /** The last of it. */
  const missed = useRef<string>(undefined);
  const stopResting = useCallback(() => {
    clearTimeout(resting.current);
    resting.current = undefined;
  }, []);
  useEffect(() => stopResting, [stopResting]);

  const tellEnd = useCallback(
    (at: boolean) => {
      setAtEnd(at);
      onEnd(at && resting.current === undefined);
    },
    [onEnd],
  );
  const isAtEnd = useCallback((box: HTMLElement): boolean => {
    return now.current.isPresent && box.scrollHeight - box.scrollTop - box.clientHeight < END_PX;
  }, []);

  const rest = useCallback(() => {
    stopResting();
    onEnd(false);
    resting.current = setTimeout(() => {
      const box = scroller.current;
      // Nobody sees it.
      if (document.visibilityState === 'hidden') return rest();
      stopResting();
      if (!box || !held.current || !isAtEnd(box)) return;
      reached.current = now.current.lastId;
      onEnd(true);
    }, REST_MS);
  }, [stopResting, onEnd, isAtEnd]);

  /** From now on the window is around what is read there: one at the end would leave it behind as more comes. */
  const stay = useCallback(
    (index: number) => {
      const read = index < 0 ? undefined : now.current.items.slice(index).find(({ kind }) => kind === 'message');
      if (read && now.current.spot === 'end') seek({ id: read.key });
    },
    [seek],
  );
  /** Brings an item into sight, and holds it there until all around it is measured. */
  const bring = useCallback(
    (key: string, where: Where) => {
      const turn = ++turns.current;
      held.current = false;
      turning.current = true;
      let frames = FRAMES;
      stay(now.current.items.findIndex((item) => item.key === key));
      const stand = (): void => {
        const box = scroller.current;
        if (turn !== turns.current || !box) return;
        const index = now.current.items.findIndex((item) => item.key === key);
        const top =
          index < 0 ? undefined : virtual.getOffsetForIndex(index, where === 'center' ? 'center' : 'start')?.[0];
        if (top !== undefined) box.scrollTop = typeof where === 'object' ? top - where.offset : top;
        if (frames-- > 0) return void requestAnimationFrame(stand);
        turning.current = false;
        lastTop.current = box.scrollTop;
        const end = isAtEnd(box);
        if (end) {
          held.current = true;
          reached.current = now.current.lastId;
          seek('end');
        }
        tellEnd(end);
      };
      stand();
    },
    [virtual, isAtEnd, tellEnd, stay, seek],
  );
  const keyOf = useCallback(
    (wanted: Goal): string | undefined => {
      switch (wanted.to) {
        case 'message':
          return items.find(({ key }) => key === wanted.id)?.key;
        case 'rank':
          return wanted.rank === 0
            ? items[0]?.key
            : rows[Math.max(0, Math.min(rows.length - 1, wanted.rank - before))]?.id;
        case 'news':
          return items.some(({ key }) => key === wanted.after) ? items[newsAfter(items, wanted.after)]?.key : undefined;
      }
    },
    [items, rows, before],
  );
  const show = useCallback(
    (wanted: Goal, key: string) => {
      if (wanted.to === 'message') setFound(key);
      bring(key, wanted.to === 'news' || (wanted.to === 'rank' && wanted.rank === 0) ? 'start' : 'center');
    },
    [bring],
  );
  const go = useCallback(
    (wanted: Goal) => {
      const key = keyOf(wanted);
      goal.current = null;
      if (key !== undefined && wanted.to !== 'rank') return show(wanted, key);
      held.current = false;
      goal.current = wanted;
      seek(wanted.to === 'rank' ? { rank: wanted.rank } : { id: wanted.to === 'news' ? wanted.after : wanted.id });
    },
    [keyOf, show, seek],
  );
  // What was asked for has come, or it is not here.
  useLayoutEffect(() => {
    const wanted = goal.current;
    if (!wanted || seeking) return;
    goal.current = null;
    const key = keyOf(wanted);
    if (key !== undefined) show(wanted, key);
  }, [seeking, keyOf, show]);

  const settle = useCallback(() => {
    const box = scroller.current;
    if (!box || !held.current || !isPresent) return;
    const isLost = reached.current !== null && !items.some(({ key }) => key === reached.current);
    if (opened.current && isLost && spot === 'end') {
      stopResting();
      tellEnd(false);
      return go({ to: 'news', after: reached.current as string });
    }
    const news = opened.current && reached.current !== null ? newsAfter(items, reached.current) : -1;
    const top = news < 0 ? undefined : virtual.getOffsetForIndex(news, 'start')?.[0];
    const end = box.scrollHeight - box.clientHeight;
    if (top === undefined || top > end - END_PX) {
      box.scrollTop = box.scrollHeight;
      // The reader's way up is told apart from this, though one event tells of both.
      lastTop.current = box.scrollTop;
      const liveFrom = Date.now() + clockOffset - MISSED_MS;
      const isMissed = (item: Item): boolean => item.kind === 'message' && item.row.unread && item.row.at < liveFrom;
      const last = news < 0 ? undefined : items.slice(news).findLast(isMissed)?.key;
      if (last !== undefined && last !== missed.current) rest();
      missed.current = last;
      return;
    }
    // More than a screen came: it is left for them to go through.
    stopResting();
    held.current = false;
    box.scrollTop = top;
    stay(news);
    tellEnd(false);
  }, [items, virtual, isPresent, spot, clockOffset, go, tellEnd, stay, rest, stopResting]);
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
    turns.current++;
    turning.current = false;
    goal.current = null;
    held.current = true;
    reached.current = null;
    seek('end');
    settle();
    if (resting.current === undefined) return;
    stopResting();
    onEnd(true);
  }, [settle, seek, stopResting, onEnd]);
  // One's own message is always brought into sight.
  const seen = useRef(sent);
  useEffect(() => {
    if (sent === seen.current) return;
    seen.current = sent;
    toEnd();
  }, [sent, toEnd]);

  // What is unread begins where reading stopped: there the channel opens, once, if it is further up than a screen. With nothing
  // unread it opens where somebody left it, when they come back.
  const [left] = useState(() => leftAt(name));
  const start = line === undefined ? undefined : (line?.id ?? null);
  useLayoutEffect(() => {
    const box = scroller.current;
    if (opened.current || !box || start === undefined) return;
    opened.current = true;
    reached.current = lastId;
    if (pointed !== null) return onEnd(false);
    const back = start === null ? left : null;
    const index = items.findIndex((item) => (back ? item.key === back.id : item.kind === 'new'));
    const item = items[index];
    // Where reading stopped at what is not here any more, what is new is not taken for read.
    if (!item) return onEnd(isPresent && start === null);
    const height = items.slice(index).reduce((sum, each) => sum + heightOf(each, box.clientWidth), 0);
    if (!back && isPresent && height <= box.clientHeight) return onEnd(true);
    setAtEnd(false);
    bring(item.key, back ?? 'start');
  }, [items, start, left, pointed, lastId, isPresent, onEnd, bring]);

  /** Moves the window along where its edge is near, and to where somebody went outside of it. */
  const follow = useCallback(() => {
    const box = scroller.current;
    if (!box || seeking || turning.current || goal.current || held.current || items.length === 0) return;
    const [top, bottom] = [box.scrollTop, box.scrollTop + box.clientHeight];
    const listEnd = virtual.getTotalSize() - below - BELOW_PX;
    const middle = (top + bottom) / 2;
    if (before > 0 && bottom <= above)
      return go({ to: 'rank', rank: top <= 0 ? 0 : Math.floor((middle / above) * before) });
    if (after > 0 && bottom >= box.scrollHeight - 1) return toEnd();
    if (after > 0 && top >= listEnd)
      return go({ to: 'rank', rank: before + rows.length + Math.floor(((middle - listEnd) / below) * after) });
    const [first, last] = [virtual.getVirtualItemForOffset(top), virtual.getVirtualItemForOffset(bottom)];
    if (!first || !last) return;
    const isNear = (before > 0 && first.index < EDGE) || (after > 0 && last.index >= items.length - EDGE);
    const read = items.slice(first.index).find(({ kind }) => kind === 'message');
    if (read && (isNear || spot === 'end')) seek({ id: read.key });
  }, [seeking, items, rows, before, after, above, below, spot, virtual, go, toEnd, seek]);
  useLayoutEffect(follow, [follow]);

  const onScroll = () => {
    const box = scroller.current;
    if (!box || turning.current) return;
    const end = isAtEnd(box);
    // Only going up lets go: content that grows below is not the reader's doing.
    if (end) {
      held.current = true;
      if (resting.current === undefined) reached.current = lastId;
      seek('end');
    } else if (box.scrollTop < lastTop.current - 1) held.current = false;
    lastTop.current = box.scrollTop;
    if (end !== atEnd) tellEnd(end);
    follow();
    const first = virtual
      .getVirtualItems()
      .find((place) => place.end > box.scrollTop && items[place.index]?.kind === 'message');
    keep(name, end || !first ? null : { id: first.key, offset: Math.round(first.start - box.scrollTop) });
  };

  const jump = useCallback((id: string) => go({ to: 'message', id }), [go]);
  const shown = useRef(0);
  useEffect(() => {
    if (pointed === null || pointed.n === shown.current) return;
    shown.current = pointed.n;
    jump(pointed.block);
  }, [pointed, jump]);
  useEffect(() => {
    if (found === null) return;
    const timer = setTimeout(() => setFound(null), FOUND_MS);
    return () => clearTimeout(timer);
  }, [found]);
  return { scroller, virtual, atEnd, found, above, below, onScroll, toEnd, jump };
}
