/**
 * People and objects named in a document: "@", "#" and "[[" offer them, and what is chosen stands as a link to its id. The same menu
 * as in messages and comments; Ctrl or Cmd with a click, or with Enter where the cursor is in a name, goes there.
 */
import { Extension } from '@tiptap/core';
import { Plugin, PluginKey } from '@tiptap/pm/state';
import { ReactRenderer } from '@tiptap/react';
import { Suggestion } from '@tiptap/suggestion';
import type { NameRow } from '../../bridge/messages';
import { pathIn } from '../kit/address';
import { ObjectCard } from '../kit/markup/ObjectCard';
import { objectAt, placeOf } from '../kit/routes';
import { calledNow, nodeAddress, referenceTo, type Target, targetOf } from '../kit/ways';
import { Candidates, optionOf } from '../kit/writing/Candidates';
import { kindFor } from '../kit/writing/useCandidates';
import { beside, type MenuProps, menuOf } from './menu';
import { type Card, namesNow, referenceAt, referencesIn, type Watch } from './names';

const ID = 'naming-menu';

export type Names = {
  /** What can be named here. */
  find(text: string, kind: 'title' | 'object' | undefined): Promise<readonly NameRow[]>;
  /** Opens what is named: an object in its place, a person in the inspector. */
  open(target: Target): void;
  readonly watch: Watch;
  /** The space that they are of. */
  readonly spaceId: string;
};

function NamingMenu({ items, chosen, choose }: MenuProps<NameRow>) {
  return items.length === 0 ? null : <Candidates id={ID} rows={items} chosen={chosen} onChoose={choose} />;
}

export const Naming = Extension.create<{ names: Names | null }>({
  name: 'naming',
  addOptions: () => ({ names: null }),
  addProseMirrorPlugins() {
    const { names } = this.options;
    if (!names) return [];
    const offers = (['@', '#', '[['] as const).map((char) =>
      Suggestion<NameRow, NameRow>({
        editor: this.editor,
        pluginKey: new PluginKey(`naming ${char}`),
        char,
        decorationClass: 'editor-query',
        items: async ({ query }) => [...(await names.find(query, kindFor[char]))],
        // At the beginning of a block "#" makes a heading.
        allow: ({ state, range }) => {
          const at = state.doc.resolve(range.from);
          return at.parent.type.spec.code !== true && (char !== '#' || at.parentOffset > 0);
        },
        command: ({ editor, range, props: row }) => {
          const { address, label } = referenceTo(row);
          const marks = [{ type: 'link', attrs: { href: address } }];
          const content = [
            { type: 'text', text: label, marks },
            { type: 'text', text: ' ' },
          ];
          editor.chain().focus().insertContentAt(range, content).run();
        },
        floatingUi: beside,
        render: () => menuOf({ id: ID, optionId: (index) => optionOf(ID, index), Menu: NamingMenu }),
      }),
    );
    const follow = new Plugin({
      key: new PluginKey('followNames'),
      props: {
        handleDOMEvents: {
          click: (view, event) => {
            const link = event.target instanceof Element ? event.target.closest('a[href^="lgos:"]') : null;
            const target = link && targetOf(link.getAttribute('href') ?? '');
            if (!link) return false;
            // The browser knows no way there.
            event.preventDefault();
            if (!target || (view.editable && !(event.ctrlKey || event.metaKey))) return false;
            names.open(target);
            return true;
          },
        },
        // The address of an object of this space becomes a reference.
        handlePaste: (view, event) => {
          const address = (event.clipboardData?.getData('text/plain') ?? '').trim();
          const path = pathIn(address);
          const id = path === null ? null : objectAt(placeOf(path), names.spaceId);
          const link = view.state.schema.marks.link?.create({ href: nodeAddress(id ?? '') });
          const isCode = view.state.selection.$from.parent.type.spec.code === true;
          if (id === null || !targetOf(nodeAddress(id)) || !link || isCode || !view.editable) return false;
          const reference = (text: string) => view.state.schema.text(text, [link]);
          view.dispatch(view.state.tr.replaceSelectionWith(reference(address), false));
          const stop = names.watch(id, (named) => {
            // It is asked for once.
            queueMicrotask(() => stop());
            if (!named) return;
            const pasted = view.isDestroyed ? [] : referencesIn(view.state.doc).filter(({ text }) => text === address);
            for (const { from, to } of pasted.reverse())
              view.dispatch(view.state.tr.replaceWith(from, to, reference(calledNow(named))));
          });
          return true;
        },
        handleKeyDown: (view, event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return false;
          const reference = referenceAt(view.state);
          if (reference) names.open(reference.target);
          return reference !== undefined;
        },
      },
    });
    const card: Card = (id, label) => {
      const renderer = new ReactRenderer(ObjectCard, {
        editor: this.editor,
        props: { spaceId: names.spaceId, id, label },
      });
      return { element: renderer.element, end: () => renderer.destroy() };
    };
    return [...offers, namesNow(names.watch, card), follow];
  },
});
