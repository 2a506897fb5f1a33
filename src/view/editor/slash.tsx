/**
 * The menu behind “/”: blocks to insert, found by words of either language, chosen by keyboard or pointer. The focus
 * stays in the text; the menu is a listbox that the text points into.
 */
import { shift, size } from '@floating-ui/dom';
import type { ChainedCommands } from '@tiptap/core';
import { Extension } from '@tiptap/core';
import { ReactRenderer } from '@tiptap/react';
import type { SuggestionProps } from '@tiptap/suggestion';
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

type MenuProps = { items: readonly Block[]; chosen: number; choose: (block: Block) => void };
const optionId = (index: number): string => `slash-option-${index}`;

function SlashMenu({ items, chosen, choose }: MenuProps) {
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

/** One open menu: what is listed, what is chosen, and its place on the page. */
function makeMenu() {
  let props: SuggestionProps<Block, Block> | null = null;
  let renderer: ReactRenderer<unknown, MenuProps> | null = null;
  let unmount: (() => void) | null = null;
  let chosen = 0;

  const menuProps = (): MenuProps => ({
    items: props?.items ?? [],
    chosen,
    choose: (block) => props?.command(block),
  });
  const show = (): void => {
    renderer?.updateProps(menuProps());
    const dom = props?.editor.view.dom;
    if ((props?.items.length ?? 0) > 0) dom?.setAttribute('aria-activedescendant', optionId(chosen));
    else dom?.removeAttribute('aria-activedescendant');
  };
  return {
    onStart: (started: SuggestionProps<Block, Block>) => {
      props = started;
      chosen = 0;
      renderer = new ReactRenderer(SlashMenu, { editor: started.editor, props: menuProps() });
      unmount = started.mount(renderer.element);
      started.editor.view.dom.setAttribute('aria-controls', 'slash-menu');
      show();
    },
    onUpdate: (updated: SuggestionProps<Block, Block>) => {
      if (props?.query !== updated.query) chosen = 0;
      props = updated;
      show();
    },
    onKeyDown: ({ event }: { event: KeyboardEvent }): boolean => {
      const count = props?.items.length ?? 0;
      if (count === 0 || event.isComposing) return false;
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        chosen = (chosen + (event.key === 'ArrowDown' ? 1 : count - 1)) % count;
        show();
        return true;
      }
      const block = props?.items[chosen];
      if ((event.key !== 'Enter' && event.key !== 'Tab') || block === undefined) return false;
      props?.command(block);
      return true;
    },
    onExit: () => {
      const dom = props?.editor.isDestroyed === false ? props.editor.view.dom : null;
      dom?.removeAttribute('aria-activedescendant');
      dom?.removeAttribute('aria-controls');
      unmount?.();
      renderer?.destroy();
      props = null;
      renderer = null;
      unmount = null;
    },
  };
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
        floatingUi: {
          middleware: [
            shift({ padding: 8 }),
            size({
              padding: 8,
              apply: ({ availableHeight, elements }) => {
                elements.floating.style.setProperty('--room', `${Math.max(120, availableHeight)}px`);
              },
            }),
          ],
        },
        render: makeMenu,
      }),
    ];
  },
});
