/**
 * The Markdown of whole messages and comments: paragraphs, fenced code with its language, quotes and lists, each with the marks
 * of inline.ts. Pure. Lines end lines, as people type them; what is no block is a paragraph, and no text is lost.
 */
import { flat, type Inline, inlineOf } from './inline';

/** With names in place of references. */
export { readable } from '../../../base/reference';

export type Block =
  | { readonly kind: 'paragraph'; readonly inner: readonly Inline[] }
  | { readonly kind: 'code'; readonly language: string; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  /** `from`: the number of the first item; null where they are not numbered. */
  | { readonly kind: 'list'; readonly from: number | null; readonly items: readonly (readonly Block[])[] };

const MAX_DEPTH = 4;
const FENCE = /^```([\w+#.-]{0,20})\s*$/;
const QUOTE = /^> ?/;
const BULLET = /^[-*•] +(?=\S)/;
const NUMBER = /^(\d{1,4})[.)] +(?=\S)/;
const INDENT = /^(?: {2,4}|\t)/;

export function blocksOf(text: string, depth = 0): readonly Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  let said: string[] = [];
  const end = (): void => {
    const words = said.join('\n').replace(/^\n+|\n+$/g, '');
    if (words !== '') blocks.push({ kind: 'paragraph', inner: inlineOf(words) });
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
  const lastFence = lines.findLastIndex((each) => each.trimEnd() === '```');
  while (at < lines.length) {
    const fence = lastFence > at ? FENCE.exec(line()) : null;
    if (fence) {
      end();
      const close = lines.findIndex((each, index) => index > at && each.trimEnd() === '```');
      blocks.push({ kind: 'code', language: fence[1] ?? '', text: lines.slice(at + 1, close).join('\n') });
      at = close + 1;
    } else if (depth < MAX_DEPTH && QUOTE.test(line())) {
      end();
      blocks.push({ kind: 'quote', blocks: blocksOf(run(QUOTE).join('\n'), depth + 1) });
    } else if (depth < MAX_DEPTH && (BULLET.test(line()) || NUMBER.test(line()))) {
      end();
      const number = NUMBER.exec(line());
      const sign = number ? NUMBER : BULLET;
      const items: (readonly Block[])[] = [];
      while (at < lines.length && sign.test(line())) {
        const first = line().replace(sign, '');
        at++;
        items.push(blocksOf([first, ...run(INDENT)].join('\n'), depth + 1));
      }
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
      return flat(block.inner);
    case 'code':
      return block.text;
    case 'quote':
      return block.blocks.map(wordsOf).join('\n');
    case 'list':
      return block.items.map((item) => item.map(wordsOf).join('\n')).join('\n');
  }
};

/** The text without its marks, line by line. */
export const linesOf = (text: string): string => blocksOf(text).map(wordsOf).join('\n').trim();

/** The text without its marks, on one line: for a quote, a title, a reader aloud. */
export const plainOf = (text: string): string => blocksOf(text).map(wordsOf).join('\n').replace(/\s+/g, ' ').trim();
