/** The text of a document as it was: read only, with the look of the editor. Nothing of it reaches the document. */
import { EditorContent, useEditor } from '@tiptap/react';
import { useMemo } from 'react';
import * as Y from 'yjs';
import { bytesOf } from '../kit/bytes';
import './editor.css';
import { documentExtensions } from './extensions';

/** `state`: Yjs V2, base64url. */
export function Preview({ state, label }: { state: string; label: string }) {
  const doc = useMemo(() => {
    const made = new Y.Doc();
    Y.applyUpdateV2(made, bytesOf(state));
    return made;
  }, [state]);
  return <Body key={doc.guid} doc={doc} label={label} />;
}

function Body({ doc, label }: { doc: Y.Doc; label: string }) {
  const editor = useEditor({
    extensions: documentExtensions({ doc, writable: false, tell: null }),
    editable: false,
    editorProps: {
      attributes: { class: 'editor-body', role: 'document', 'aria-label': label, 'data-testid': 'earlier-body' },
    },
  });
  return (
    <div className="preview">
      <EditorContent editor={editor} />
    </div>
  );
}
