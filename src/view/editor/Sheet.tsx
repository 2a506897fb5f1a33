/**
 * One document on the screen, for the life of one twin: outline, title, body, the bar over a selection, and what others said
 * and proposed about it. With `draft` the text is the person's own draft of it, kept as suggestions. A new twin mounts a new
 * sheet.
 */
import { EditorContent, useEditor } from '@tiptap/react';
import type { MouseEvent, ReactNode } from 'react';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { CommentRow, NamedAnswer, NameRow, PresenceRow, SuggestionRow } from '../../bridge/messages';
import { hueClass } from '../kit/Face';
import { t } from '../kit/i18n';
import { type Pointed, useShowPerson } from '../kit/inspect';
import { useKernel, useQuery } from '../kit/kernel';
import { type Standing, useReturning } from '../kit/returning';
import { wayTo } from '../kit/ways';
import { Bubble } from './Bubble';
import { documentExtensions } from './extensions';
import type { Names } from './naming';
import { Outline } from './Outline';
import { Starters } from './Starters';
import { text } from './strings';
import { Bar } from './suggest/Bar';
import { placesIn } from './suggest/change';
import { blockAt, type Clicked, type CommentNote, NO_NOTES, takeCursor } from './suggest/notes';
import { useDraft } from './suggest/useDraft';
import { useDeciding, useProposals } from './suggest/useProposals';
import type { Twin } from './twin';

/** About a thread, or to begin one. */
export type Said = { readonly thread?: string; readonly block?: string; readonly quote?: string };
export type SheetProps = {
  readonly documentId: string;
  readonly spaceId: string;
  readonly twin: Twin;
  readonly rows: readonly PresenceRow[];
  /** What stands over the body; gets the way into the text. */
  readonly head: (enter: () => void) => ReactNode;
  /** Where the cursor stood when the sheet before this one ended: it goes on there. */
  readonly caret: { current: Caret | null };
  readonly draft?: boolean;
  readonly suggestions?: readonly SuggestionRow[] | undefined;
  readonly comments?: readonly CommentRow[] | undefined;
  /** Whether this person accepts and declines what others propose. */
  readonly decides?: boolean;
  /** Opens the threads of the document; null where nothing may be said. */
  readonly say?: ((said: Said) => void) | null;
  /** The block to show. */
  readonly pointed?: Pointed | null;
  /** It was begun from a template of this name. */
  readonly begin?: (title: string) => void;
};
export type Caret = { readonly anchor: number; readonly head: number };

const NONE: readonly never[] = [];
/** As nodes: an empty text would be read as markup, which the page allows nothing to become. */
const EMPTY = { type: 'doc', content: [{ type: 'paragraph' }] };

/** The block at the top, and how far below the edge it begins. */
/** Places, 8 px apart, in which a block is looked for: more than lies between two. */
const PROBES = 8;
const byBlock: Standing = {
  place: (box) => {
    if (box.scrollTop === 0) return null;
    const { top, left, width } = box.getBoundingClientRect();
    // Between two blocks there is none: the next one below.
    const probes = Array.from({ length: PROBES }, (_, n) =>
      document.elementFromPoint(left + width / 2, top + 24 + n * 8),
    );
    const block = probes.map((at) => at?.closest('[data-block-id]')).find((each) => each != null);
    if (!block) return null;
    return { block: block.getAttribute('data-block-id'), offset: Math.round(block.getBoundingClientRect().top - top) };
  },
  go: (box, place) => {
    if (typeof place !== 'object' || place === null) return true;
    const { block, offset } = place as { readonly block?: unknown; readonly offset?: unknown };
    if (typeof block !== 'string' || typeof offset !== 'number') return true;
    const found = box.querySelector(`[data-block-id="${CSS.escape(block)}"]`);
    if (!found) return false;
    box.scrollTop += found.getBoundingClientRect().top - box.getBoundingClientRect().top - offset;
    return true;
  },
};

export function Sheet(props: SheetProps) {
  const {
    documentId,
    twin,
    rows,
    head,
    caret,
    draft: drafting = false,
    suggestions,
    comments,
    say = null,
    begin,
  } = props;
  const [current, setCurrent] = useState('');
  const onClick = useRef<(what: Clicked) => void>(() => {});
  onClick.current = ({ type, id }) => {
    if (type === 'thread') say?.({ thread: id });
    else setCurrent(id);
  };
  const editable = twin.writable || drafting;
  const names = useNames(props.spaceId);
  const editor = useEditor({
    extensions: documentExtensions({
      doc: twin.doc,
      writable: twin.writable,
      tell: twin.setPresence,
      clicked: (what) => onClick.current(what),
      names,
      draft: drafting,
    }),
    content: EMPTY,
    editable,
    editorProps: {
      attributes: {
        class: 'editor-body',
        role: 'textbox',
        'aria-multiline': 'true',
        'aria-label': text('body'),
        'aria-readonly': String(!editable),
        'data-testid': 'document-body',
      },
    },
  });
  useEffect(() => {
    if (!drafting) editor.commands.showCursors(rows);
  }, [editor, rows, drafting]);

  const draft = useDraft(editor, twin, documentId, suggestions, drafting);
  const me = useQuery('os.me', {});
  const { open, listed: proposals } = useProposals(editor, suggestions ?? NONE);
  const notes = useMemo(() => notesOf(comments ?? NONE), [comments]);
  const base = draft?.base ?? null;
  const ownHue = hueClass(me?.hue ?? 1);
  useEffect(() => {
    const proposed = open.flatMap(({ id, author, change, mine }) =>
      change ? [{ id, change, mine, hue: hueClass(author.hue) }] : [],
    );
    const own = draft && base ? { base, hue: ownHue, idOf: draft.idOf } : null;
    const nothing = proposed.length === 0 && notes.length === 0 && own === null;
    takeCursor(editor.view);
    editor.commands.showNotes(nothing ? NO_NOTES : { proposed, comments: notes, current, own });
  }, [editor, open, notes, current, base, draft, ownHue]);

  const flush = useCallback(() => twin.flush(), [twin]);
  const deciding = useDeciding(editor, flush);
  const comment = useCallback((): void => {
    const place = blockAt(editor.state);
    if (!place || !say) return;
    const known = notes.find(({ block }) => block === place.id);
    if (place.quote === '' && known) say({ thread: known.thread });
    else say({ block: place.id, quote: place.quote });
    // The bar over the selection has done its work.
    editor.commands.setTextSelection(editor.state.selection.to);
  }, [editor, say, notes]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.code !== 'KeyM' || !event.altKey || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      comment();
    };
    const { dom } = editor.view;
    dom.addEventListener('keydown', onKey);
    return () => dom.removeEventListener('keydown', onKey);
  }, [editor, comment]);
  const { pointed } = props;
  const scroller = useRef<HTMLDivElement>(null);
  useReturning(scroller, `document ${documentId}`, { standing: byBlock, asked: Boolean(pointed) });
  useEffect(() => {
    if (!pointed) return;
    const place = placesIn(editor.state.doc).get(pointed.block);
    if (!place) return;
    const dom = editor.view.nodeDOM(place.at);
    if (dom instanceof Element) dom.scrollIntoView({ block: 'center', behavior: 'instant' });
    editor
      .chain()
      .setTextSelection(place.at + 1)
      .focus(undefined, { scrollIntoView: false })
      .run();
  }, [editor, pointed]);

  // A layout effect: it has let go before the old body leaves the page, which blurs it and would forget the place.
  useLayoutEffect(() => {
    const stood = caret.current;
    if (stood !== null) {
      const end = editor.state.doc.content.size;
      const from = Math.min(stood.anchor, end);
      editor
        .chain()
        .setTextSelection({ from, to: Math.min(stood.head, end) })
        .run();
      // Not the editor's own `focus`, which waits for a frame: keys that are pressed meanwhile would go nowhere.
      editor.view.focus();
    }
    const keep = (): void => {
      const { anchor, head: to } = editor.state.selection;
      caret.current = editor.isFocused ? { anchor, head: to } : null;
    };
    editor.on('transaction', keep);
    editor.on('blur', keep);
    return () => {
      editor.off('transaction', keep);
      editor.off('blur', keep);
    };
  }, [editor, caret]);

  /** A click below the last block writes on: into an empty last line, or into a new one. */
  const writeOn = (event: MouseEvent): void => {
    if (event.target !== event.currentTarget || !editor.isEditable) return;
    event.preventDefault();
    const { lastChild, content } = editor.state.doc;
    if (lastChild?.type.name === 'paragraph') editor.commands.focus('end');
    else editor.chain().insertContentAt(content.size, { type: 'paragraph' }).focus('end').run();
  };
  return (
    <>
      {proposals.length === 0 ? null : (
        <Bar
          spaceId={props.spaceId}
          editor={editor}
          proposals={proposals}
          current={current}
          onCurrent={setCurrent}
          deciding={deciding}
          closed={props.decides ? (drafting ? text('decideInEdit') : null) : text('membersDecide')}
        />
      )}
      <div className="editor-columns">
        <Outline editor={editor} rows={rows} />
        <div className="editor-scroll" ref={scroller}>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: a larger target for the text, which is reached by Tab */}
          <div className="editor-page" onMouseDown={writeOn}>
            {head(() => editor.commands.focus('start'))}
            <EditorContent editor={editor} />
            {twin.writable && !drafting && begin ? (
              <Starters editor={editor} spaceId={props.spaceId} begin={begin} />
            ) : null}
            <Bubble editor={editor} onComment={say ? comment : null} />
          </div>
        </div>
      </div>
    </>
  );
}

/** What can be named in a document of the space, and the way to it. */
function useNames(spaceId: string): Names {
  const client = useKernel();
  const [, go] = useLocation();
  const latest = useRef(go);
  latest.current = go;
  const showPerson = useShowPerson(spaceId);
  const person = useRef(showPerson);
  person.current = showPerson;
  return useMemo(
    () => ({
      spaceId,
      find: async (typed, kind) => {
        const named = { text: typed.trim().slice(0, 200), nameless: t('nameless') };
        const asked = { spaceId, ...named, ...(kind === undefined ? {} : { kind }) };
        const rows = (await client.query('os.candidates', asked)) as readonly NameRow[];
        return rows.filter((row) => row.kind === 'person' || wayTo(row) !== null);
      },
      open: ({ kind, id }) => {
        if (kind === 'user') return person.current({ userId: id });
        void client.query('os.named', { spaceId, id }).then((answer) => {
          const named = answer as NamedAnswer | null;
          const way = named?.kind === 'object' && !named.removed ? wayTo(named) : null;
          if (way !== null) latest.current(way);
        });
      },
      watch: (id, told) => {
        const store = client.store('os.named', { spaceId, id });
        const tell = (): void => {
          const named = store.getSnapshot() as NamedAnswer | null | undefined;
          if (named !== undefined) told(named);
        };
        const stop = store.subscribe(tell);
        tell();
        return stop;
      },
    }),
    [client, spaceId],
  );
}

/** The open threads by the block that they are about. */
function notesOf(comments: readonly CommentRow[]): readonly CommentNote[] {
  const roots = comments.filter((row) => row.parent === null && row.block !== null && !row.resolved);
  const byBlock = new Map<string, CommentRow[]>();
  for (const root of roots) byBlock.set(root.block ?? '', [...(byBlock.get(root.block ?? '') ?? []), root]);
  return [...byBlock].map(([block, threads]) => {
    const ids = new Set(threads.map(({ id }) => id));
    const all = comments.filter((row) => !row.deleted && (ids.has(row.id) || ids.has(row.parent ?? '')));
    const unread = all.some((row) => row.unread);
    return {
      block,
      thread: threads[0]?.id ?? '',
      quotes: threads.map(({ quote }) => quote).filter((quote) => quote !== ''),
      count: all.length,
      unread,
      label: text(unread ? 'unreadAt' : 'commentsAt', { n: all.length }),
    };
  });
}
