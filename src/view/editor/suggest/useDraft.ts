/** An own draft on the screen: it follows the document while it goes on, and is kept as suggestions. */
import type { Editor } from '@tiptap/core';
import { yXmlFragmentToProseMirrorRootNode } from '@tiptap/y-tiptap';
import { useEffect, useReducer, useRef } from 'react';
import type { SuggestionRow } from '../../../bridge/messages';
import { useCommand } from '../../kit/kernel';
import { BODY, type Twin } from '../twin';
import { writeChange } from './change';
import { Draft, namedBlocks } from './draft';

/** Said again every few seconds, for presence that is not repeated fades. */
const HERE = 4_000;

/** null while there is none, and where the document itself is edited. */
export function useDraft(
  editor: Editor,
  twin: Twin,
  documentId: string,
  rows: readonly SuggestionRow[] | undefined,
  wanted: boolean,
): Draft | null {
  const draft = useRef<Draft | null>(null);
  const command = useCommand();
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const known = useRef(rows);
  known.current = rows;
  const ready = wanted && rows !== undefined;

  useEffect(() => {
    if (!ready) return;
    const read = () => namedBlocks(yXmlFragmentToProseMirrorRootNode(twin.doc.getXmlFragment(BODY), editor.schema));
    const made = new Draft(
      editor,
      read(),
      known.current ?? [],
      {
        suggest: async (change) => (await command('editor.suggest', { documentId, ...writeChange(change) }))?.id,
        alter: async (id, change) =>
          (await command('editor.changeSuggestion', { suggestionId: id, ...writeChange(change) })) !== undefined,
        withdraw: async (id) => (await command('editor.withdraw', { suggestionId: id })) !== undefined,
      },
      redraw,
    );
    draft.current = made;
    redraw();
    let frame = 0;
    const follow = (): void => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        made.documentChanged(read());
      });
    };
    const leave = (): void => void made.flush();
    twin.doc.on('update', follow);
    addEventListener('pagehide', leave);
    const here = setInterval(() => twin.setPresence({}), HERE);
    twin.setPresence({});
    return () => {
      cancelAnimationFrame(frame);
      clearInterval(here);
      removeEventListener('pagehide', leave);
      twin.doc.off('update', follow);
      made.close();
      draft.current = null;
    };
  }, [ready, editor, twin, documentId, command]);
  useEffect(() => {
    if (rows !== undefined) draft.current?.suggestions(rows);
  }, [rows]);
  return ready ? draft.current : null;
}
