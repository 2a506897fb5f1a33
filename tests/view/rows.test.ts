import { describe, expect, test } from 'vitest';
import type { MessageRow } from '../../src/bridge/messages';
import { heightOf, itemsOf, lastOwn, newsAfter, outsideHeight } from '../../src/view/chat/rows';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const dayOf = (at: number) => Math.floor(at / DAY);
const row = (id: string, by: string, at: number, more: Partial<MessageRow> = {}): MessageRow => ({
  id,
  text: id,
  author: { userId: by, name: by, hue: 1 },
  mine: by === 'me',
  at,
  edited: false,
  deleted: false,
  unread: false,
  late: false,
  replyTo: null,
  thread: null,
  replies: null,
  attachments: [],
  state: { step: 'saved' },
  mayEdit: by === 'me',
  mayRemove: by === 'me',
  mayErase: by === 'me',
  mayComment: true,
  reactions: [],
  comments: 0,
  ...more,
});
const shape = (items: ReturnType<typeof itemsOf>) =>
  items.map((item) => (item.kind === 'message' ? `${item.key}${item.joined ? '+' : ''}` : item.kind));

describe('the list of messages', () => {
  test('messages of one author join within five minutes, not across days, answers, removals or the unread line', () => {
    const rows = [
      row('a', 'x', 0),
      row('b', 'x', MINUTE),
      row('c', 'y', 2 * MINUTE),
      row('d', 'y', 8 * MINUTE),
      row('e', 'y', 9 * MINUTE),
      row('f', 'y', 9 * MINUTE + 1, { replyTo: { id: 'a', author: { userId: 'x', name: 'x', hue: 1 }, text: 'a' } }),
      row('g', 'y', DAY),
      row('h', 'y', DAY + 1),
    ];
    expect(shape(itemsOf(rows, { id: 'h', n: 1 }, dayOf))).toEqual([
      'day',
      'a',
      'b+',
      'c',
      'd',
      'e+',
      'f',
      'day',
      'g',
      'new',
      'h',
    ]);
  });

  test('the unread line says since when, and nothing when all is new', () => {
    const rows = [row('a', 'x', 10), row('b', 'x', 20)];
    expect(itemsOf(rows, { id: 'b', n: 1 }, dayOf).find((item) => item.kind === 'new')).toMatchObject({
      n: 1,
      since: 10,
    });
    expect(itemsOf(rows, { id: 'a', n: 2 }, dayOf).find((item) => item.kind === 'new')).toMatchObject({
      n: 2,
      since: null,
    });
    expect(itemsOf(rows, { id: 'gone', n: 2 }, dayOf).some((item) => item.kind === 'new')).toBe(false);
  });

  test('late arrivals stand under one divider, and keys are never given twice', () => {
    const items = itemsOf(
      [row('a', 'x', 0), row('b', 'x', 1, { late: true }), row('c', 'x', 2, { late: true })],
      null,
      dayOf,
    );
    expect(shape(items)).toEqual(['day', 'a', 'late', 'b', 'c+']);
    expect(new Set(items.map((item) => item.key)).size).toBe(items.length);
  });

  test('above the first row of a window stands the beginning where there is one, and no day where more lies above', () => {
    const rows = [row('a', 'x', 0), row('b', 'x', 1)];
    expect(shape(itemsOf(rows, null, dayOf, 'beginning'))).toEqual(['beginning', 'day', 'a', 'b+']);
    expect(shape(itemsOf(rows, null, dayOf, 'more'))).toEqual(['a', 'b+']);
  });

  test('what lies outside of the window is as high as it is long, up to what a browser can scroll', () => {
    expect([0, 1, 100_000].map(outsideHeight)).toEqual([0, 48, 4_800_000]);
    expect(outsideHeight(1e9)).toBeLessThan(16_000_000 / 2);
  });

  test('the height of a message is told by its words, what it answers and the width, before it is drawn', () => {
    const heights = (width: number, ...rows: readonly MessageRow[]) =>
      itemsOf(rows, null, dayOf)
        .filter(({ kind }) => kind === 'message')
        .map((item) => heightOf(item, width));
    const [full, joined] = heights(1_000, row('a', 'me', 1, { text: 'short' }), row('b', 'me', 2, { text: 'short' }));
    expect([full, joined]).toEqual([51, 30]);
    const long = row('a', 'me', 1, { text: 'word '.repeat(60) });
    expect(heights(1_000, long)).toEqual([117]);
    expect(heights(400, long)[0]).toBeGreaterThan(150);
    expect(heights(1_000, row('a', 'me', 1, { text: 'one\ntwo' }))).toEqual([73]);
  });

  test('ArrowUp edits the last own message that may be edited', () => {
    const rows = [
      row('a', 'me', 0),
      row('b', 'me', 1, { deleted: true }),
      row('c', 'me', 2, { mayEdit: false }),
      row('d', 'x', 3),
    ];
    expect(lastOwn(rows)?.id).toBe('a');
    expect(lastOwn([])).toBeUndefined();
  });

  test('what is new begins after the message where the reader was, with the lines above it; late ones further up are not it', () => {
    const late = row('late', 'x', 0, { unread: true, late: true });
    const rows = [
      late,
      row('a', 'x', MINUTE),
      row('b', 'x', DAY, { unread: true }),
      row('c', 'x', DAY, { unread: true }),
    ];
    const items = itemsOf(rows, { id: 'b', n: 2 }, dayOf);
    expect(newsAfter(items, 'c')).toBe(-1);
    expect(items.slice(newsAfter(items, 'a')).map(({ key }) => key)).toEqual(['day b', 'new', 'b', 'c']);
    expect(newsAfter(items, null)).toBe(0);
  });
});
