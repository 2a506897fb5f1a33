/**
 * The menu behind “/”: blocks to insert, found by words of either language, chosen by keyboard or pointer. The focus
 * stays in the text; the menu is a listbox that the text points into.
 */
import type { ChainedCommands } from '@tiptap/core';
import { Extension } from '@tiptap/core';
import { Suggestion } from '@tiptap/suggestion';
import type { LucideIcon } from 'lucide-react';
import {
  Code,
  Heading1,
  Heading2,
  Heading3,
  List,
  ListChecks,
  ListOrdered,
  Minus,
  Table2,
  TextQuote,
  Type,
} from 'lucide-react';
import { useEffect, useRef } from 'react';
import { beside, type MenuProps, menuOf } from './menu';
import type { TextKey } from './strings';
import { inBothLanguages, text } from './strings';

type Block = {
  readonly key: TextKey;
  readonly icon: LucideIcon;
  /** What may be typed instead. */
  readonly hint: string | TextKey;
  /** More words it is found by. */
  readonly words: string;
  readonly insert: (chain: ChainedCommands) => ChainedCommands;
};

const BLOCKS: readonly Block[] = [
  { key: 'text', icon: Type, hint: '', words: 'paragraph абзац', insert: (chain) => chain.setParagraph() },
  { key: 'heading1', icon: Heading1, hint: '#', words: 'h1 title', insert: (chain) => chain.setHeading({ level: 1 }) },
  { key: 'heading2', icon: Heading2, hint: '##', words: 'h2', insert: (chain) => chain.setHeading({ level: 2 }) },
  { key: 'heading3', icon: Heading3, hint: '###', words: 'h3', insert: (chain) => chain.setHeading({ level: 3 }) },
  { key: 'bulletList', icon: List, hint: '-', words: 'ul маркированный', insert: (chain) => chain.toggleBulletList() },
  { key: 'orderedList', icon: ListOrdered, hint: '1.', words: 'ol', insert: (chain) => chain.toggleOrderedList() },
  {
    key: 'taskList',
    icon: ListChecks,
    hint: '[ ]',
    words: 'todo check дела',
    insert: (chain) => chain.toggleTaskList(),
  },
  {
    key: 'table',
    icon: Table2,
    hint: 'tableHint',
    words: 'grid',
    insert: (chain) => chain.insertTable({ rows: 3, cols: 3, withHeaderRow: true }),
  },
  { key: 'code', icon: Code, hint: '```', words: 'source программа', insert: (chain) => chain.setCodeBlock() },
  { key: 'quote', icon: TextQuote, hint: '>', words: 'blockquote', insert: (chain) => chain.setBlockquote() },
  { key: 'divider', icon: Minus, hint: '---', words: 'rule line линия', insert: (chain) => chain.setHorizontalRule() },
];

function find(query: string): Block[] {
  const wanted = query.toLowerCase();
  return BLOCKS.filter(({ key, words }) =>
    `${inBothLanguages(key)} ${words}`.split(' ').some((word) => word.startsWith(wanted)),
  );
}

const optionId = (index: number): string => `slash-option-${index}`;

function SlashMenu({ items, chosen, choose }: MenuProps<Block>) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[chosen + 1]?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return (
    <div className="over menu editor-slash" role="listbox" id="slash-menu" aria-label={text('blocks')} ref={list}>
      <div className="h">{items.length === 0 ? text('nothingFound') : text('blocks')}</div>
      {items.map((block, index) => {
        const { key, icon: Icon, hint } = block;
        return (
          // The text keeps the focus and drives the list; the pointer only chooses.
          // biome-ignore lint/a11y/useFocusableInteractive: options of a listbox driven from the text
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled where the focus is
          <div
            key={key}
            id={optionId(index)}
            role="option"
            aria-selected={index === chosen}
            className="it"
            data-highlighted={index === chosen ? '' : undefined}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(block)}
          >
            <Icon className="i" size={16} strokeWidth={1.75} aria-hidden />
            <span className="cut">{text(key)}</span>
            {hint === '' ? null : <span className="n">{hint === 'tableHint' ? text('tableHint') : hint}</span>}
          </div>
        );
      })}
    </div>
  );
}

export const Slash = Extension.create({
  name: 'slash',
  addProseMirrorPlugins() {
    return [
      Suggestion<Block, Block>({
        editor: this.editor,
        char: '/',
        decorationClass: 'editor-query',
        items: ({ query }) => find(query),
        allow: ({ state, range }) => state.doc.resolve(range.from).parent.type.spec.code !== true,
        command: ({ editor, range, props }) => {
          props.insert(editor.chain().focus().deleteRange(range)).run();
        },
        floatingUi: beside,
        render: () => menuOf({ id: 'slash-menu', optionId, Menu: SlashMenu }),
      }),
    ];
  },
});
