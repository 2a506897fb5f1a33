/** What stands in the list of messages: days, the unread line, late arrivals, and which messages join the one above. Pure. */
import type { ErasedRow, MessageRow } from '../../bridge/messages';

/** Where reading stopped when the channel was opened: the first unread message, and how many there were. */
export type UnreadLine = { readonly id: string; readonly n: number };

export type Item =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | {
      readonly kind: 'new';
      readonly key: string;
      readonly n: number /** When the last read message was written. */;
      readonly since: number | null;
    }
  | { readonly kind: 'late'; readonly key: string }
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly row: MessageRow /** Same author shortly after: no face, no name. */;
      readonly joined: boolean;
    };

const JOIN_MS = 5 * 60_000;

/** `dayOf` numbers the days of the reader's calendar. */
export function itemsOf(
  rows: readonly MessageRow[],
  line: UnreadLine | null,
  dayOf: (at: number) => number,
): readonly Item[] {
  const items: Item[] = [];
  let before: MessageRow | null = null;
  for (const row of rows) {
    const newDay: boolean = before === null || dayOf(before.at) !== dayOf(row.at);
    if (newDay) items.push({ kind: 'day', key: `day ${row.id}`, at: row.at });
    const starts = line?.id === row.id;
    if (starts) items.push({ kind: 'new', key: 'new', n: line.n, since: before?.at ?? null });
    const late: boolean = row.late && !(before?.late ?? false);
    if (late) items.push({ kind: 'late', key: `late ${row.id}` });
    const joined =
      before !== null &&
      !newDay &&
      !starts &&
      !late &&
      row.replyTo === null &&
      row.thread === null &&
      !before.deleted &&
      before.author.userId === row.author.userId &&
      row.at - before.at < JOIN_MS;
    items.push({ kind: 'message', key: row.id, row, joined });
    before = row;
  }
  return items;
}

/** Of a line of words, of what stands above and below them, of a separator; px, as `chat.css` has them. */
const LINE_PX = 22;
const JOINED_PX = 8;
const FULL_PX = 29;
const QUOTE_PX = 22;
const REACTIONS_PX = 30;
const REPLIES_PX = 32;
const FILE_PX = 44;
const PICTURE_PX = 360;
const CARD_PX = 78;
const SEPARATOR_PX = 36;
const LETTER_PX = 7.2;
const BESIDE_PX = 90;
/** A line that is drawn as a card, told without reading the Markdown: it is measured when it is drawn. */
const ALONE = /^[ \t]*\[[^\]\n]+\]\(lgos:node\/[0-9a-f]{32}\)[ \t]*$/gm;
/** No line of words is wider than this. */
const WIDEST_PX = 632;

const pictureHeight = (width: number, height: number): number =>
  height * Math.min(1, PICTURE_PX / width, PICTURE_PX / Math.max(1, height));

/** About how high an item will be in a list of this width, px: the less it is mistaken, the less moves once it is drawn. */
export function heightOf(item: Item, width: number): number {
  if (item.kind !== 'message') return SEPARATOR_PX;
  const { row, joined } = item;
  const letters = Math.max(20, Math.min(width - BESIDE_PX, WIDEST_PX) / LETTER_PX);
  const lines = row.text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / letters)), 0);
  const isSmall = joined && row.replyTo === null && row.thread === null;
  return (
    lines * LINE_PX +
    (isSmall ? JOINED_PX : FULL_PX) +
    (row.replyTo === null && row.thread === null ? 0 : QUOTE_PX) +
    (row.replies === null ? 0 : REPLIES_PX) +
    row.attachments.reduce((sum, { width: w, height: h }) => sum + FILE_PX + (w > 0 ? pictureHeight(w, h) : 0), 0) +
    (row.text.includes('](lgos:node/') ? CARD_PX * (row.text.match(ALONE)?.length ?? 0) : 0) +
    (row.reactions.length > 0 ? REACTIONS_PX : 0)
  );
}

/** Where what is new after a message begins, with the lines above it; -1 where nothing is. */
export function newsAfter(items: readonly Item[], id: string | null): number {
  const from = items.findIndex(({ key }) => key === id);
  let at = items.findIndex((item, index) => index > from && item.kind === 'message' && item.row.unread);
  while (at > 0 && items[at - 1]?.kind !== 'message') at--;
  return at;
}

/** Rows that were read once, without the words of those that were erased since. */
export const withoutErased = (rows: readonly MessageRow[], erased: readonly ErasedRow[]): readonly MessageRow[] => {
  const gone = new Map(erased.map((row) => [row.id, row.erased]));
  if (!rows.some((row) => !row.erased && gone.has(row.id))) return rows;
  return rows.map((row) => {
    const by = row.erased ? undefined : gone.get(row.id);
    if (!by) return row;
    const none = { mayEdit: false, mayRemove: false, mayErase: false, mayComment: false, edited: false };
    return {
      ...row,
      ...none,
      erased: by,
      deleted: true,
      text: '',
      replyTo: null,
      reactions: [],
      comments: 0,
      attachments: [],
    };
  });
};

/** The message that ArrowUp edits: the last own one that may be edited. */
export const lastOwn = (rows: readonly MessageRow[]): MessageRow | undefined =>
  rows.findLast((row) => row.mine && row.mayEdit && !row.deleted);

/** What is not known yet stands before a message, and after a time (ms). */
export type Tear = { readonly before: string; readonly since: number };
/** More came at once than the live window holds. */
export function tearBetween(seen: readonly MessageRow[], live: readonly MessageRow[]): Tear | null {
  const [first] = live;
  const last = seen[seen.length - 1];
  if (!first || !last) return null;
  const known = new Set(seen.map(({ id }) => id));
  return live.some(({ id }) => known.has(id)) ? null : { before: first.id, since: last.at };
}

/** A page that was read as what stands before `edge`, put in there: what is known already is not put in again. */
export function withPage(
  older: readonly MessageRow[],
  page: readonly MessageRow[],
  edge: string,
): readonly MessageRow[] {
  const known = new Set(older.map(({ id }) => id));
  const news = page.filter(({ id }) => !known.has(id));
  const at = older.findIndex(({ id }) => id === edge);
  return at < 0 ? [...older, ...news] : [...older.slice(0, at), ...news, ...older.slice(at)];
}

/**
 * The newest rows are live; older ones were read once. Rows that slid out of the live window, as newer came, stay.
 * Gives what stands before `live`.
 */
export function olderThan(
  kept: readonly MessageRow[],
  seen: readonly MessageRow[],
  live: readonly MessageRow[],
): readonly MessageRow[] {
  const first = live[0];
  const isLive = new Set(live.map((row) => row.id));
  const known = new Set(kept.map((row) => row.id));
  const slid =
    first === undefined ? [] : seen.filter((row) => !isLive.has(row.id) && !known.has(row.id) && row.at <= first.at);
  const still = kept.filter((row) => !isLive.has(row.id));
  return slid.length === 0 && still.length === kept.length ? kept : [...still, ...slid];
}
