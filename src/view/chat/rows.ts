/** What stands in the list of messages: days, the unread line, late arrivals, and which messages join the one above. Pure. */
import type { MessageRow } from '../../bridge/messages';

/** Where reading stopped when the channel was opened: the first unread message, and how many there were. */
export type UnreadLine = { readonly id: string; readonly n: number };

/** What stands above the first row: more that is not loaded, the beginning of the channel, or nothing that is shown. */
export type Above = 'more' | 'beginning' | 'nothing';

export type Item =
  | { readonly kind: 'beginning'; readonly key: string }
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
  above: Above = 'nothing',
): readonly Item[] {
  const items: Item[] = above === 'beginning' ? [{ kind: 'beginning', key: 'beginning' }] : [];
  let before: MessageRow | null = null;
  for (const row of rows) {
    const newDay: boolean = before === null ? above !== 'more' : dayOf(before.at) !== dayOf(row.at);
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
const BEGINNING_PX = 150;
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
  if (item.kind !== 'message') return item.kind === 'beginning' ? BEGINNING_PX : SEPARATOR_PX;
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

/** What lies outside of the window stands for so much each; more than that is drawn shorter, as browsers end at 16 million. */
const OUTSIDE_PX = 48;
const MOST_OUTSIDE_PX = 6_000_000;
export const outsideHeight = (rows: number): number => Math.min(MOST_OUTSIDE_PX, rows * OUTSIDE_PX);

/** Where what is new after a message begins, with the lines above it; -1 where nothing is. */
export function newsAfter(items: readonly Item[], id: string | null): number {
  const from = items.findIndex(({ key }) => key === id);
  let at = items.findIndex((item, index) => index > from && item.kind === 'message' && item.row.unread);
  while (at > 0 && items[at - 1]?.kind !== 'message') at--;
  return at;
}

/** The message that ArrowUp edits: the last own one that may be edited. */
export const lastOwn = (rows: readonly MessageRow[]): MessageRow | undefined =>
  rows.findLast((row) => row.mine && row.mayEdit && !row.deleted);
