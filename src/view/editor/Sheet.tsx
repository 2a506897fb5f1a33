/**
 * One document on the screen, for the life of one twin: outline, title, body, the bar over a selection. A new twin
 * mounts a new sheet.
 */
import { EditorContent, useEditor } from '@tiptap/react';
import type { MouseEvent, ReactNode } from 'react';
import { useEffect, useLayoutEffect } from 'react';
import type { PresenceRow } from '../../bridge/messages';
import { Bubble } from './Bubble';
import { documentExtensions } from './extensions';
import { Outline } from './Outline';
import { text } from './strings';
import type { Twin } from './twin';

export type SheetProps = {
  readonly twin: Twin;
  readonly rows: readonly PresenceRow[];
  /** What stands over the body; gets the way into the text. */
  readonly head: (enter: () => void) => ReactNode;
  /** Where the cursor stood when the sheet before this one ended: it goes on there. */
  readonly caret: { current: Caret | null };
};
export type Caret = { readonly anchor: number; readonly head: number };

export function Sheet({ twin, rows, head, caret }: SheetProps) {
  const editor = useEditor({
    extensions: documentExtensions({ doc: twin.doc, writable: twin.writable, tell: twin.setPresence }),
    editable: twin.writable,
    editorProps: {
      attributes: {
        class: 'editor-body',
        role: 'textbox',
        'aria-multiline': 'true',
        'aria-label': text('body'),
        'aria-readonly': String(!twin.writable),
        'data-testid': 'document-body',
      },
    },
  });
  useEffect(() => {
    editor.commands.showCursors(rows);
  }, [editor, rows]);
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
    <div className="editor-columns">
      <Outline editor={editor} rows={rows} />
      <div className="editor-scroll">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: a larger target for the text, which is reached by Tab */}
        <div className="editor-page" onMouseDown={writeOn}>
          {head(() => editor.commands.focus('start'))}
          <EditorContent editor={editor} />
          <Bubble editor={editor} />
        </div>
      </div>
    </div>
  );
}
