/**
 * The Markdown that people write in messages, comments and templates: paragraphs, headings, fenced code with its language, quotes,
 * lists, tasks, tables and rules, each with the marks of inline.ts. Pure. Lines end lines, as people type them; what is no block is
 * a paragraph, and no text is lost.
 */
import { flat, type Inline, inlineOf } from './inline';

export type Block =
  | { readonly kind: 'paragraph'; readonly inner: readonly Inline[] }
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly inner: readonly Inline[] }
  | { readonly kind: 'code'; readonly language: string; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  /** `from`: the number of the first item; null where they are not numbered. */
  | { readonly kind: 'list'; readonly from: number | null; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: 'tasks'; readonly items: readonly { readonly done: boolean; readonly blocks: readonly Block[] }[] }
  /** The first row is the head; all rows are equally long. */
  | { readonly kind: 'table'; readonly rows: readonly (readonly (readonly Inline[])[])[] }
  | { readonly kind: 'rule' };

const MAX_DEPTH = 4;
const MAX_COLUMNS = 32;
/** Of a table, with those that are filled up: a short text must not become a large table. */
const MAX_CELLS = 2_000;
const FENCE = /^```([\w+#.-]{0,20})\s*$/;
const HEADING = /^(#{1,3}) +(?=\S)/;
const RULE = /^-{3,}\s*$/;
const QUOTE = /^> ?/;
const TASK = /^[-*•] +\[([ xX])\](?: +|$)/;
const BULLET = /^[-*•] +(?=\S)/;
const NUMBER = /^(\d{1,4})[.)] +(?=\S)/;
const INDENT = /^(?: {2,4}|\t)/;
const ROW = /^\|.*\|\s*$/;
const BELOW_HEAD = /^\|(?:\s*:?-+:?\s*\|)+\s*$/;

const cellsOf = (line: string): readonly string[] =>
  line
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.replaceAll('\\|', '|').replaceAll('<br>', '\n').trim());

/** The table that begins at `at`, and where its rows end; `block` is absent where it is too large. Null where there is none. */
const tableAt = (lines: readonly string[], at: number): { readonly block?: Block; readonly end: number } | null => {
  if (!ROW.test(lines[at] ?? '') || !BELOW_HEAD.test(lines[at + 1] ?? '')) return null;
  let end = at + 2;
  while (end < lines.length && ROW.test(lines[end] ?? '')) end++;
  const rows = [lines[at] ?? '', ...lines.slice(at + 2, end)].map(cellsOf);
  const width = rows.reduce((widest, row) => Math.max(widest, row.length), 0);
  if (width > MAX_COLUMNS || rows.length * width > MAX_CELLS) return { end };
  const filled = rows.map((row) => Array.from({ length: width }, (_, column) => inlineOf(row[column] ?? '')));
  return { block: { kind: 'table', rows: filled }, end };
};

export function blocksOf(text: string, depth = 0): readonly Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  let said: string[] = [];
  const end = (): void => {
    const first = said.findIndex((each) => each !== '');
    const last = said.findLastIndex((each) => each !== '');
    if (first >= 0) blocks.push({ kind: 'paragraph', inner: inlineOf(said.slice(first, last + 1).join('\n')) });
    said = [];
  };
  let at = 0;
  const line = (): string => lines[at] ?? '';
  /** Lines from here on that `goes` on, without what it takes away. */
  const run = (goes: RegExp): string[] => {
    const taken: string[] = [];
    for (; at < lines.length && goes.test(line()); at++) taken.push(line().replace(goes, ''));
    return taken;
  };
  /** What stands in one item of a list: the rest of its line, and all that is set in below, also behind an empty line. */
  const item = (sign: RegExp): readonly Block[] => {
    const taken = [line().replace(sign, '')];
    at++;
    for (;;) {
      taken.push(...run(INDENT));
      if (line().trim() !== '' || !INDENT.test(lines[at + 1] ?? '')) return blocksOf(taken.join('\n'), depth + 1);
      taken.push('');
      at++;
    }
  };
  const lastFence = lines.findLastIndex((each) => each.trimEnd() === '```');
  while (at < lines.length) {
    const fence = lastFence > at ? FENCE.exec(line()) : null;
    const heading = HEADING.exec(line());
    const table = line().startsWith('|') ? tableAt(lines, at) : null;
    if (fence) {
      end();
      let close = at + 1;
      while (lines[close]?.trimEnd() !== '```') close++;
      blocks.push({ kind: 'code', language: fence[1] ?? '', text: lines.slice(at + 1, close).join('\n') });
      at = close + 1;
    } else if (heading) {
      end();
      const level = (heading[1] ?? '').length as 1 | 2 | 3;
      blocks.push({ kind: 'heading', level, inner: inlineOf(line().slice(heading[0].length)) });
      at++;
    } else if (RULE.test(line())) {
      end();
      blocks.push({ kind: 'rule' });
      at++;
    } else if (table?.block) {
      end();
      blocks.push(table.block);
      at = table.end;
    } else if (table) {
      for (; at < table.end; at++) said.push(line());
    } else if (depth < MAX_DEPTH && QUOTE.test(line())) {
      end();
      blocks.push({ kind: 'quote', blocks: blocksOf(run(QUOTE).join('\n'), depth + 1) });
    } else if (depth < MAX_DEPTH && TASK.test(line())) {
      end();
      const items: { done: boolean; blocks: readonly Block[] }[] = [];
      for (let task = TASK.exec(line()); task; task = TASK.exec(line()))
        items.push({ done: task[1] !== ' ', blocks: item(TASK) });
      blocks.push({ kind: 'tasks', items });
    } else if (depth < MAX_DEPTH && (BULLET.test(line()) || NUMBER.test(line()))) {
      end();
      const number = NUMBER.exec(line());
      const sign = number ? NUMBER : BULLET;
      const items: (readonly Block[])[] = [];
      while (at < lines.length && sign.test(line()) && !TASK.test(line())) items.push(item(sign));
      blocks.push({ kind: 'list', from: number ? Number(number[1]) : null, items });
    } else {
      said.push(line());
      at++;
    }
  }
  end();
  return blocks;
}

const wordsOf = (block: Block): string => {
  switch (block.kind) {
    case 'paragraph':
    case 'heading':
      return flat(block.inner);
    case 'code':
      return block.text;
    case 'quote':
      return block.blocks.map(wordsOf).join('\n');
    case 'list':
      return block.items.map((item) => item.map(wordsOf).join('\n')).join('\n');
    case 'tasks':
      return block.items.map(({ blocks }) => blocks.map(wordsOf).join('\n')).join('\n');
    case 'table':
      return block.rows.map((row) => row.map(flat).join(' ')).join('\n');
    case 'rule':
      return '';
  }
};

/** The text without its marks, on one line: for a quote, a title, a reader aloud. */
export const plainOf = (text: string): string => blocksOf(text).map(wordsOf).join('\n').replace(/\s+/g, ' ').trim();
