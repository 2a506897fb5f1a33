/**
 * A menu that is driven from the text: it opens at the cursor, the keys stay with the text, and the text points into it for readers
 * aloud. It knows not what is listed.
 */
import { shift, size } from '@floating-ui/dom';
import { ReactRenderer } from '@tiptap/react';
import type { SuggestionProps } from '@tiptap/suggestion';
import type { ComponentType } from 'react';

export type MenuProps<T> = {
  readonly items: readonly T[];
  readonly chosen: number;
  readonly choose: (item: T) => void;
};
type MenuParts<T> = {
  readonly id: string;
  readonly optionId: (index: number) => string;
  readonly Menu: ComponentType<MenuProps<T>>;
};

/** Within the page, and no higher than there is room. */
export const beside = {
  middleware: [
    shift({ padding: 8 }),
    size({
      padding: 8,
      apply: ({ availableHeight, elements }) => {
        elements.floating.style.setProperty('--room', `${Math.max(120, availableHeight)}px`);
      },
    }),
  ],
};

/** One open menu: what is listed, what is chosen, and its place on the page. */
export function menuOf<T>({ id, optionId, Menu }: MenuParts<T>) {
  let props: SuggestionProps<T, T> | null = null;
  let renderer: ReactRenderer<unknown, MenuProps<T>> | null = null;
  let unmount: (() => void) | null = null;
  let chosen = 0;

  const menuProps = (): MenuProps<T> => ({
    items: props?.items ?? [],
    chosen,
    choose: (item) => props?.command(item),
  });
  const show = (): void => {
    renderer?.updateProps(menuProps());
    const dom = props?.editor.view.dom;
    if ((props?.items.length ?? 0) > 0) dom?.setAttribute('aria-activedescendant', optionId(chosen));
    else dom?.removeAttribute('aria-activedescendant');
  };
  return {
    onStart: (started: SuggestionProps<T, T>) => {
      props = started;
      chosen = 0;
      renderer = new ReactRenderer(Menu, { editor: started.editor, props: menuProps() });
      unmount = started.mount(renderer.element);
      started.editor.view.dom.setAttribute('aria-controls', id);
      show();
    },
    onUpdate: (updated: SuggestionProps<T, T>) => {
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
      const item = props?.items[chosen];
      if ((event.key !== 'Enter' && event.key !== 'Tab') || item === undefined) return false;
      props?.command(item);
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
