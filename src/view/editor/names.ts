/**
 * References in a document under the names of today: where somebody was renamed since, the new name is drawn in place of the words
 * that were written, which stay as they are; they show again where the cursor touches them. It changes no document.
 */
import type { Node } from '@tiptap/pm/model';
import { type EditorState, Plugin, PluginKey, TextSelection } from '@tiptap/pm/state';
import { Decoration, DecorationSet, type EditorView } from '@tiptap/pm/view';
import type { NamedAnswer } from '../../bridge/messages';
import { calledNow, type Target, targetOf } from '../kit/ways';

/** Tells what is called how, whenever that changes; null where it is not known here. Gives the function that stops it. */
export type Watch = (id: string, told: (named: NamedAnswer | null) => void) => () => void;

/** After an edit, in milliseconds: what is drawn moves along meanwhile. */
const LOOK_AGAIN = 120;
/** Different ids; the rest keep the words that were written. */
const MAX_WATCHED = 500;

type Reference = { readonly from: number; readonly to: number; readonly text: string; readonly target: Target };
const key = new PluginKey<DecorationSet>('namesNow');

/** Neighbouring pieces of one link are one reference, also where a part of it is bold. */
export const referencesIn = (doc: Node): readonly Reference[] => {
  const found: Reference[] = [];
  doc.descendants((node, at) => {
    const href: unknown = node.isText ? node.marks.find(({ type }) => type.name === 'link')?.attrs.href : undefined;
    const target = typeof href === 'string' ? targetOf(href) : null;
    if (!target) return;
    const last = found.at(-1);
    const to = at + node.nodeSize;
    const text = node.text ?? '';
    if (last?.to === at && last.target.id === target.id)
      found[found.length - 1] = { ...last, to, text: last.text + text };
    else found.push({ from: at, to, text, target });
  });
  return found;
};

/** The reference that a cursor is in, or right beside. */
export const referenceAt = ({ doc, selection }: EditorState): Reference | undefined =>
  referencesIn(doc).find(({ from, to }) => selection.from >= from && selection.to <= to);

const classOf = (named: NamedAnswer): string => (named.kind === 'object' && named.removed ? 'name gone' : 'name');

/** Draws an object as a card; gives its element and what takes it away. */
export type Card = (id: string, label: string) => { readonly element: HTMLElement; readonly end: () => void };

/** An object with nothing beside it in its paragraph. */
const isAlone = (doc: Node, { from, to, target }: Reference): boolean => {
  const { parent, depth } = doc.resolve(from);
  if (target.kind !== 'node' || parent.type.name !== 'paragraph' || depth === 0) return false;
  return parent.textContent.trim() === doc.textBetween(from, to).trim() && parent.content.size <= to - from + 1;
};

const drawn = (doc: Node, reference: Reference, named: NamedAnswer, card: Card): readonly Decoration[] => {
  const { from, to, text, target } = reference;
  if (isAlone(doc, reference)) {
    const ends = new WeakMap<globalThis.Node, () => void>();
    const draw = (): HTMLElement => {
      const { element, end } = card(target.id, text);
      ends.set(element, end);
      return element;
    };
    const over = {
      key: `card ${target.id}`,
      side: 1,
      hidden: true,
      destroy: (node: globalThis.Node) => ends.get(node)?.(),
    };
    return [
      Decoration.inline(from, to, { class: 'name-written', 'aria-hidden': 'true' }, { hidden: true }),
      Decoration.widget(from, draw, over),
    ];
  }
  const name = calledNow(named);
  if (text === name) return [Decoration.inline(from, to, { class: classOf(named) })];
  const widget = (): HTMLElement => {
    const link = document.createElement('a');
    link.href = `lgos:${target.kind}/${target.id}`;
    link.className = classOf(named);
    link.textContent = name;
    return link;
  };
  return [
    Decoration.inline(from, to, { class: 'name-written', 'aria-hidden': 'true' }, { hidden: true }),
    Decoration.widget(from, widget, { key: `${target.id} ${name} ${classOf(named)}`, side: 1, hidden: true }),
  ];
};

export const namesNow = (watch: Watch, card: Card): Plugin<DecorationSet> => {
  let shown: EditorView | null = null;
  return new Plugin({
    key,
    state: {
      init: () => DecorationSet.empty,
      apply: (transaction, set) =>
        (transaction.getMeta(key) as DecorationSet | undefined) ?? set.map(transaction.mapping, transaction.doc),
    },
    props: {
      // The drawn name is no text: a click on it goes to the words that it stands for.
      handleDOMEvents: {
        click: (view, event) => {
          const link = event.target instanceof Element ? event.target.closest('a.name') : null;
          if (!link || !view.editable || event.ctrlKey || event.metaKey) return false;
          const from = view.posAtDOM(link, 0);
          const reference = referencesIn(view.state.doc).find((each) => each.from === from);
          if (!reference) return false;
          view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, reference.to)));
          view.focus();
          return false;
        },
      },
      decorations(state) {
        const set = key.getState(state) ?? DecorationSet.empty;
        const { from, to } = state.selection;
        const isHidden = ({ hidden }: { hidden?: boolean }): boolean => hidden === true;
        const touched = shown?.hasFocus() ? set.find(from, to, isHidden) : [];
        if (touched.length === 0) return set;
        const ends = touched.flatMap((each) => [each.from, each.to]);
        return set.remove(set.find(Math.min(...ends), Math.max(...ends), isHidden));
      },
    },
    view: (view) => {
      shown = view;
      const stops = new Map<string, () => void>();
      const namedById = new Map<string, NamedAnswer | null>();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const draw = (): void => {
        timer = undefined;
        if (view.isDestroyed) return;
        const references = referencesIn(view.state.doc);
        const ids = new Set(references.map(({ target }) => target.id));
        for (const [id, stop] of stops)
          if (!ids.has(id)) {
            stop();
            stops.delete(id);
            namedById.delete(id);
          }
        for (const id of ids)
          if (!stops.has(id) && stops.size < MAX_WATCHED)
            stops.set(
              id,
              watch(id, (named) => {
                namedById.set(id, named);
                later(0);
              }),
            );
        if (references.length === 0 && key.getState(view.state) === DecorationSet.empty) return;
        const decorations = references.flatMap((reference) => {
          const named = namedById.get(reference.target.id);
          return named ? drawn(view.state.doc, reference, named, card) : [];
        });
        const set = DecorationSet.create(view.state.doc, decorations);
        view.dispatch(view.state.tr.setMeta(key, set).setMeta('addToHistory', false));
      };
      const later = (ms: number): void => {
        clearTimeout(timer);
        timer = setTimeout(draw, ms);
      };
      later(0);
      return {
        update: (_, before) => {
          if (before.doc !== view.state.doc) later(LOOK_AGAIN);
        },
        destroy: () => {
          shown = null;
          clearTimeout(timer);
          for (const stop of stops.values()) stop();
        },
      };
    },
  });
};
