/**
 * What others said and proposed about the text, drawn over it: changes, comment marks at the edge, quoted words. A plugin
 * that is told what to show and where a click went; it asks for nothing and changes no document. Where an own draft is
 * edited, `base` is the document under it, and what differs is drawn as one's own.
 */
import { Extension } from '@tiptap/core';
import type { Node } from '@tiptap/pm/model';
import { type EditorState, Plugin, PluginKey } from '@tiptap/pm/state';
import { Decoration, DecorationSet, type EditorView } from '@tiptap/pm/view';
import { type Change, idOf, placesIn, standingOf } from './change';
import { drawOwn, drawProposed, type Hand } from './draw';

/** Drawing again may wait so long after an edit, in milliseconds: what is drawn moves along meanwhile. */
const REDRAW = 120;

export type ProposedNote = {
  readonly id: string;
  readonly hue: string;
  readonly change: Change;
  readonly mine: boolean;
};
/** The threads at one block. */
export type CommentNote = {
  readonly block: string;
  readonly thread: string;
  readonly quotes: readonly string[];
  readonly count: number;
  readonly unread: boolean;
  readonly label: string;
};
export type Notes = {
  readonly proposed: readonly ProposedNote[];
  readonly comments: readonly CommentNote[];
  /** The change that is looked at. */
  readonly current: string;
  readonly own: { readonly base: Node; readonly hue: string; readonly idOf: (change: Change) => string } | null;
};
/** `at`: where it stands; absent where it fits nowhere. */
export type Stand = { readonly type: 'fresh' | 'moved' | 'clash' | 'gone' | 'landed'; readonly at?: number };
type State = {
  readonly notes: Notes;
  readonly decorations: DecorationSet;
  readonly stands: ReadonlyMap<string, Stand>;
};
export type Clicked = { readonly type: 'suggestion' | 'thread'; readonly id: string };

export const NO_NOTES: Notes = { proposed: [], comments: [], current: '', own: null };
const notesKey = new PluginKey<State>('notes');
const AGAIN = 'again';

function draw({ doc }: EditorState, notes: Notes): State {
  const stands = new Map<string, Stand>();
  if (notes === NO_NOTES) return { notes, decorations: DecorationSet.empty, stands };
  const decorations: Decoration[] = [];
  const places = placesIn(doc);
  const handOf = (id: string, hue: string): Hand => ({ id, hue, current: id !== '' && id === notes.current });
  const { own } = notes;
  if (own) {
    const drawn = drawOwn(own.base, doc, (change) => handOf(own.idOf(change), own.hue));
    decorations.push(...drawn.decorations);
    for (const [change, at] of drawn.starts)
      if (own.idOf(change) !== '') stands.set(own.idOf(change), { type: 'fresh', at });
  }
  const basePlaces = own ? placesIn(own.base) : places;
  for (const { id, hue, change, mine } of notes.proposed) {
    if (stands.has(id)) continue;
    // How it stands is said of the document; where it is drawn, of what is on the screen.
    const { type } = standingOf(change, own?.base ?? doc, basePlaces);
    if (own && mine && (type === 'fresh' || type === 'moved')) continue;
    const here = standingOf(change, doc, places);
    if (!('spot' in here)) {
      stands.set(id, { type });
      continue;
    }
    const { spot } = here;
    stands.set(id, { type, at: spot.from });
    if (here.type !== 'clash' && !(own && here.type === 'moved'))
      decorations.push(...drawProposed(here.change, spot, doc, handOf(id, hue)));
    else if (type === 'clash' && spot.to > spot.from) {
      const to = spot.from + (spot.now[0]?.nodeSize ?? 0);
      decorations.push(Decoration.node(spot.from, to, { class: `sug clash ${hue}`, 'data-suggestion': id }));
    }
  }
  for (const comment of notes.comments) {
    const place = places.get(comment.block);
    if (!place) continue;
    const inside = firstLeaf(place.node, place.at);
    if (inside !== null)
      decorations.push(
        Decoration.widget(inside, () => mark(comment), {
          key: `mark ${comment.block} ${comment.thread} ${comment.count} ${comment.unread} ${comment.label}`,
          side: -1,
          ignoreSelection: true,
        }),
      );
    for (const quote of comment.quotes) {
      const at = inside === null ? null : findWords(place.node, place.at, quote);
      if (at !== null)
        decorations.push(
          Decoration.inline(at, at + quote.length, { class: 'note-quote', 'data-thread': comment.thread }),
        );
    }
  }
  return { notes, decorations: DecorationSet.create(doc, decorations), stands };
}

/** The position in the first text block of a block. */
function firstLeaf(node: Node, at: number): number | null {
  if (node.isTextblock) return at + 1;
  let found: number | null = null;
  node.descendants((inner, offset) => {
    if (found === null && inner.isTextblock) found = at + 1 + offset + 1;
    return found === null;
  });
  return found;
}

/** Where these words first stand in a text block; null when they were changed since. */
function findWords(node: Node, at: number, words: string): number | null {
  if (!node.isTextblock || words === '') return null;
  const offset = node.textBetween(0, node.content.size, undefined, '\ufffc').indexOf(words);
  return offset < 0 ? null : at + 1 + offset;
}

const BUBBLE =
  'M4 3.5h14a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5H11l-4 3.5v-3.5H4A1.5 1.5 0 0 1 2.5 14V5A1.5 1.5 0 0 1 4 3.5z';
function mark({ thread, count, unread, label }: CommentNote): HTMLElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = `note-mark ${unread ? 'unread' : ''}`;
  button.contentEditable = 'false';
  button.tabIndex = -1;
  button.dataset.thread = thread;
  button.setAttribute('aria-label', label);
  button.title = label;
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  for (const [key, value] of Object.entries({ viewBox: '0 0 22 22', width: '22', height: '22', 'aria-hidden': 'true' }))
    svg.setAttribute(key, value);
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  for (const [key, value] of Object.entries({
    d: BUBBLE,
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': '1.5',
    'stroke-linejoin': 'round',
  }))
    path.setAttribute(key, value);
  svg.append(path);
  const number = document.createElement('span');
  number.textContent = count > 9 ? '9+' : String(count);
  button.append(svg, number);
  return button;
}

declare module '@tiptap/core' {
  interface Commands<ReturnType> {
    notes: {
      /** Shows these notes, and only them. */
      showNotes: (notes: Notes) => ReturnType;
    };
  }
}

export const NotesShown = Extension.create<{ clicked: ((what: Clicked) => void) | null }>({
  name: 'notes',
  addOptions: () => ({ clicked: null }),
  addCommands() {
    return {
      showNotes:
        (notes) =>
        ({ tr, dispatch }) => {
          if (dispatch) tr.setMeta(notesKey, notes).setMeta('addToHistory', false);
          return true;
        },
    };
  },
  addProseMirrorPlugins() {
    const { options } = this;
    return [
      new Plugin<State>({
        key: notesKey,
        state: {
          init: (_config, state) => draw(state, NO_NOTES),
          apply: (transaction, was, _before, after) => {
            const told = transaction.getMeta(notesKey) as Notes | typeof AGAIN | undefined;
            if (told !== undefined) return draw(after, told === AGAIN ? was.notes : told);
            if (!transaction.docChanged || was.notes === NO_NOTES) return was;
            // One's own words are drawn as they are typed; what others said moves along and is drawn after a while.
            if (was.notes.own) return draw(after, was.notes);
            return { ...was, decorations: was.decorations.map(transaction.mapping, transaction.doc) };
          },
        },
        props: {
          decorations: (state) => notesKey.getState(state)?.decorations,
          handleDOMEvents: {
            mousedown: (_view, event) => {
              if (!(event.target instanceof Element) || event.target.closest('.note-mark') === null) return false;
              event.preventDefault();
              return true;
            },
            click: (_view, event) => {
              const target = event.target instanceof Element ? event.target : null;
              const thread = target?.closest<HTMLElement>('[data-thread]')?.dataset.thread;
              const suggestion = target?.closest<HTMLElement>('[data-suggestion]')?.dataset.suggestion;
              if (thread) options.clicked?.({ type: 'thread', id: thread });
              else if (suggestion) options.clicked?.({ type: 'suggestion', id: suggestion });
              return false;
            },
          },
        },
        view: (view) => {
          let timer: ReturnType<typeof setTimeout> | null = null;
          return {
            update: (_view, before) => {
              const now = notesKey.getState(view.state);
              if (before.doc === view.state.doc || !now || now.notes === NO_NOTES || now.notes.own || timer !== null)
                return;
              timer = setTimeout(() => {
                timer = null;
                takeCursor(view);
                view.dispatch(view.state.tr.setMeta(notesKey, AGAIN).setMeta('addToHistory', false));
              }, REDRAW);
            },
            destroy: () => {
              if (timer !== null) clearTimeout(timer);
            },
          };
        },
      }),
    ];
  },
});

/**
 * Reads the cursor that the browser has just moved, before something is drawn: drawing puts it back where the editor last
 * knew it. The editor does so itself before its own commands only.
 */
export function takeCursor(view: EditorView): void {
  (view as unknown as { domObserver?: { flush(): void } }).domObserver?.flush();
}

export const standsOf = (state: EditorState): ReadonlyMap<string, Stand> =>
  notesKey.getState(state)?.stands ?? new Map();
/** The block that the cursor is in: its id, and whether it can be commented on. */
export function blockAt(state: EditorState): { readonly id: string; readonly quote: string } | null {
  const { $from, $to, empty, from, to } = state.selection;
  for (let depth = $from.depth; depth > 0; depth--) {
    const node = $from.node(depth);
    if (!node.isTextblock || idOf(node) === '') continue;
    const end = $to.parent === node ? to : $from.end(depth);
    return { id: idOf(node), quote: empty ? '' : state.doc.textBetween(from, end, ' ', '\ufffc').trim() };
  }
  return null;
}
