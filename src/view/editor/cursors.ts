/**
 * Live cursors: where the others are, drawn as decorations, and where we are, told to them. What the others say is
 * hostile until checked: a row that does not read is not shown, and nothing it names is created in the document.
 * Own plugin because the stock caret wants an awareness object; here presence is rows from the kernel.
 */
import { Extension } from '@tiptap/core';
import type { EditorState } from '@tiptap/pm/state';
import { Plugin, PluginKey } from '@tiptap/pm/state';
import { Decoration, DecorationSet } from '@tiptap/pm/view';
import {
  absolutePositionToRelativePosition,
  relativePositionToAbsolutePosition,
  ySyncPluginKey,
} from '@tiptap/y-tiptap';
import * as Y from 'yjs';
import type { PresenceRow } from '../../bridge/messages';
import { hueClass } from '../kit/Face';
import { BODY } from './twin';

/** At most ten words a second; said again every few seconds, for presence that is not repeated fades. */
const QUIET = 100;
const REPEAT = 4000;
/** A relative position is some twenty bytes; two of this size fit the 512 bytes of a presence. */
const POSITION_CHARS = 160;
const NAME_CHARS = 40;
const CURSORS = 64;

export const cursorsKey = new PluginKey<CursorsState>('cursors');

export type Cursor = {
  readonly id: string;
  readonly name: string;
  /** The class that gives the colour: w1 to w6, or agent. */
  readonly hue: string;
  readonly agent: boolean;
  readonly anchor: Y.RelativePosition;
  readonly head: Y.RelativePosition;
  /** Changes when the person moves: the flag shows again. */
  readonly move: string;
};
type CursorsState = { readonly cursors: readonly Cursor[]; readonly decorations: DecorationSet };
type SyncState = {
  readonly doc: Y.Doc;
  readonly type: Y.XmlFragment;
  readonly isChangeOrigin: boolean;
  readonly binding: { readonly mapping: Map<Y.AbstractType<unknown>, unknown> } | null;
};

/** Reads a row of presence; null when it does not hold a cursor in this document. */
export function readCursor(row: PresenceRow): Cursor | null {
  const { state, id, name, hue } = row;
  if (typeof id !== 'string' || typeof state !== 'object' || state === null) return null;
  const { anchor, head, agent } = state as { anchor?: unknown; head?: unknown; agent?: unknown };
  const from = readPosition(anchor);
  const to = readPosition(head);
  if (from === null || to === null) return null;
  return {
    id,
    name: typeof name === 'string' ? [...name].slice(0, NAME_CHARS).join('') : '',
    hue: agent === true ? 'agent' : hueClass(Number(hue)),
    agent: agent === true,
    anchor: from,
    head: to,
    move: `${String(anchor)} ${String(head)}`,
  };
}

function readPosition(value: unknown): Y.RelativePosition | null {
  if (typeof value !== 'string' || value.length === 0 || value.length > POSITION_CHARS) return null;
  try {
    const position = Y.decodeRelativePosition(Uint8Array.from(atob(value), (char) => char.charCodeAt(0)));
    // Resolving a named root creates it in the document when it is not there: only the body may be named.
    return position.tname === null || position.tname === BODY ? position : null;
  } catch {
    return null;
  }
}

function writePosition(position: Y.RelativePosition): string {
  return btoa(String.fromCharCode(...Y.encodeRelativePosition(position)));
}

/** Where a cursor stands in the editor now; null when its place is gone or not here yet. */
export function resolveCursor(state: EditorState, cursor: Cursor): { anchor: number; head: number } | null {
  const sync = ySyncPluginKey.getState(state) as SyncState | undefined;
  if (sync?.binding == null) return null;
  const { doc, type, binding } = sync;
  try {
    const place = (position: Y.RelativePosition): number | null =>
      relativePositionToAbsolutePosition(doc, type, position, binding.mapping as never);
    const anchor = place(cursor.anchor);
    const head = place(cursor.head);
    if (anchor === null || head === null) return null;
    const end = state.doc.content.size;
    return { anchor: clamp(anchor, end), head: clamp(head, end) };
  } catch {
    return null;
  }
}

function clamp(position: number, end: number): number {
  return Math.max(0, Math.min(position, end));
}

function draw(state: EditorState, cursors: readonly Cursor[]): DecorationSet {
  const decorations: Decoration[] = [];
  for (const cursor of cursors) {
    const place = resolveCursor(state, cursor);
    if (place === null) continue;
    const { anchor, head } = place;
    const $head = state.doc.resolve(head);
    const end = $head.parent.isTextblock && $head.parentOffset === $head.parent.content.size;
    decorations.push(
      Decoration.widget(head, () => flag(cursor, end), {
        key: `${cursor.id} ${cursor.move} ${end ? 'end' : 'inside'}`,
        side: 10,
        ignoreSelection: true,
      }),
    );
    if (anchor !== head) {
      decorations.push(
        Decoration.inline(Math.min(anchor, head), Math.max(anchor, head), { class: `editor-selected ${cursor.hue}` }),
      );
    }
  }
  return DecorationSet.create(state.doc, decorations);
}

/** Word joiners on both sides: a cursor inside a word must not break the line there. */
function flag(cursor: Cursor, end: boolean): HTMLElement {
  const caret = document.createElement('span');
  caret.className = `editor-cursor ${cursor.hue}${end ? ' end' : ''}`;
  caret.dataset.testid = 'cursor';
  caret.contentEditable = 'false';
  const name = document.createElement('b');
  name.textContent = cursor.name.trim().split(/\s+/)[0] ?? '';
  name.title = cursor.name;
  caret.append('\u2060', name, '\u2060');
  return caret;
}

type CursorsOptions = { readonly tell: ((state: unknown) => void) | null };

declare module '@tiptap/core' {
  interface Commands<ReturnType> {
    cursors: {
      /** Shows the cursors of these rows, and only them. */
      showCursors: (rows: readonly PresenceRow[]) => ReturnType;
    };
  }
}

export const Cursors = Extension.create<CursorsOptions>({
  name: 'cursors',
  addOptions: () => ({ tell: null }),
  addCommands() {
    return {
      showCursors:
        (rows) =>
        ({ tr, dispatch }) => {
          if (dispatch) {
            const cursors = rows.slice(0, CURSORS).flatMap((row) => readCursor(row) ?? []);
            tr.setMeta(cursorsKey, cursors).setMeta('addToHistory', false);
          }
          return true;
        },
    };
  },
  addProseMirrorPlugins() {
    const { tell } = this.options;
    return [
      new Plugin<CursorsState>({
        key: cursorsKey,
        state: {
          init: () => ({ cursors: [], decorations: DecorationSet.empty }),
          apply: (transaction, { cursors, decorations }, _before, after) => {
            const rows = transaction.getMeta(cursorsKey) as readonly Cursor[] | undefined;
            const sync = ySyncPluginKey.getState(after) as SyncState | undefined;
            if (rows !== undefined) return { cursors: rows, decorations: draw(after, rows) };
            if (!transaction.docChanged) return { cursors, decorations };
            // After an own edit Yjs is not up to date yet: move what is drawn. After a remote one draw anew.
            if (sync?.isChangeOrigin === true) return { cursors, decorations: draw(after, cursors) };
            return { cursors, decorations: decorations.map(transaction.mapping, transaction.doc) };
          },
        },
        props: { decorations: (state) => cursorsKey.getState(state)?.decorations },
        view: (view) => {
          if (tell === null) return {};
          const voice = makeVoice(tell, () => position(view.state, view.hasFocus()));
          const onFocus = (): void => voice.speak();
          view.dom.addEventListener('focus', onFocus);
          view.dom.addEventListener('blur', onFocus);
          voice.speak();
          return {
            update: (_view, before) => {
              if (!before.selection.eq(view.state.selection) || before.doc !== view.state.doc) voice.speak();
            },
            destroy: () => {
              view.dom.removeEventListener('focus', onFocus);
              view.dom.removeEventListener('blur', onFocus);
              voice.stop();
            },
          };
        },
      }),
    ];
  },
});

/** Our own place as others read it; without focus only that we are here. */
function position(state: EditorState, focused: boolean): unknown {
  const sync = ySyncPluginKey.getState(state) as SyncState | undefined;
  if (!focused || sync?.binding == null) return {};
  const { type, binding } = sync;
  const word = (at: number): string =>
    writePosition(absolutePositionToRelativePosition(at, type, binding.mapping as never));
  try {
    const { anchor, head } = state.selection;
    return { anchor: word(anchor), head: word(head) };
  } catch {
    return {};
  }
}

/** Says `read()` at once, then at most every QUIET ms, and again every REPEAT ms. */
function makeVoice(tell: (state: unknown) => void, read: () => unknown): { speak(): void; stop(): void } {
  let waiting: ReturnType<typeof setTimeout> | null = null;
  let owed = false;
  let said = '';
  const say = (again: boolean): void => {
    const state = read();
    const word = JSON.stringify(state);
    if (!again && word === said) return;
    said = word;
    tell(state);
  };
  const rest = (): void => {
    waiting = null;
    if (!owed) return;
    owed = false;
    say(false);
    waiting = setTimeout(rest, QUIET);
  };
  const repeat = setInterval(() => say(true), REPEAT);
  return {
    speak: () => {
      owed = true;
      // Not now: the editor is inside a transaction that Yjs has not seen yet.
      waiting ??= setTimeout(rest, 0);
    },
    stop: () => {
      if (waiting !== null) clearTimeout(waiting);
      clearInterval(repeat);
    },
  };
}
