/**
 * Markdown as the blocks of a document: the one way from what people write in a line of text (messages, templates, scripts) to what
 * the editor holds. Pure. Names and attributes are those of the editor; references stay references, as links to an id.
 */
import { type Block, blocksOf } from '../../base/markdown/blocks';
import type { Inline } from '../../base/markdown/inline';
import { addressOf } from '../../base/reference';
import type { Markup } from '../../vm/graph/markup';

type Marks = Readonly<Record<string, unknown>>;
type Run = Extract<Markup, { readonly text: string }>;

const element = (type: string, content: readonly Markup[], attributes: Marks = {}): Markup => ({
  type,
  attributes,
  content,
});
const BREAK = element('hardBreak', []);

export const blocksFrom = (markdown: string): readonly Markup[] => blocksOf(markdown).flatMap(written);

const written = (block: Block): readonly Markup[] => {
  switch (block.kind) {
    case 'paragraph':
      return paragraphs(block.inner);
    case 'heading':
      return [element('heading', lines(runs(block.inner)), { level: block.level })];
    case 'code':
      return [
        element(
          'codeBlock',
          block.text === '' ? [] : [{ text: block.text, marks: {} }],
          block.language === '' ? {} : { language: block.language },
        ),
      ];
    case 'quote':
      return [element('blockquote', filled(block.blocks.flatMap(written)))];
    case 'list': {
      const items = block.items.map((item) => element('listItem', itemOf(item)));
      return [
        block.from === null ? element('bulletList', items) : element('orderedList', items, { start: block.from }),
      ];
    }
    case 'tasks':
      return [
        element(
          'taskList',
          block.items.map(({ done, blocks }) => element('taskItem', itemOf(blocks), { checked: done })),
        ),
      ];
    case 'table':
      return [
        element(
          'table',
          block.rows.map((row, at) =>
            element(
              'tableRow',
              row.map((cell) => element(at === 0 ? 'tableHeader' : 'tableCell', filled(paragraphs(cell)))),
            ),
          ),
        ),
      ];
    case 'rule':
      return [element('horizontalRule', [])];
  }
};

/** A quote or a cell holds at least a line, and an item of a list begins with one. */
const filled = (content: readonly Markup[]): readonly Markup[] =>
  content.length > 0 ? content : [element('paragraph', [])];
const itemOf = (blocks: readonly Block[]): readonly Markup[] => {
  const content = blocks.flatMap(written);
  const [first] = content;
  return first && 'type' in first && first.type === 'paragraph' ? content : [element('paragraph', []), ...content];
};

/** An empty line parts paragraphs. */
const paragraphs = (inner: readonly Inline[]): readonly Markup[] => {
  const parts: Run[][] = [[]];
  for (const { text, marks } of runs(inner))
    text.split(/\n{2,}/).forEach((piece, i) => {
      if (i > 0) parts.push([]);
      if (piece !== '') parts.at(-1)?.push({ text: piece, marks });
    });
  return parts.filter((part) => part.length > 0).map((part) => element('paragraph', lines(part)));
};
/** A single end of a line stays one. */
const lines = (said: readonly Run[]): readonly Markup[] =>
  said.flatMap(({ text, marks }) =>
    text
      .split('\n')
      .flatMap((line, i): readonly Markup[] => [
        ...(i > 0 ? [BREAK] : []),
        ...(line === '' ? [] : [{ text: line, marks }]),
      ]),
  );

const runs = (inner: readonly Inline[], marks: Marks = {}): readonly Run[] =>
  inner.flatMap((node): readonly Run[] => {
    switch (node.kind) {
      case 'text':
        return [{ text: node.text, marks }];
      // Code takes no other mark.
      case 'code':
        return [{ text: node.text, marks: { code: {} } }];
      case 'reference':
        return [{ text: node.label, marks: { ...marks, link: { href: addressOf(node.target) } } }];
      case 'link':
        return runs(node.inner, { ...marks, link: { href: node.href } });
      default:
        return runs(node.inner, { ...marks, [node.kind]: {} });
    }
  });
