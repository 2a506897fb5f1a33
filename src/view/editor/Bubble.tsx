/** The bar over a selection: marks and the link. Reached by keyboard with Alt+F10, left with Escape. */
import type { Editor } from '@tiptap/core';
import { useEditorState } from '@tiptap/react';
import { BubbleMenu } from '@tiptap/react/menus';
import type { LucideIcon } from 'lucide-react';
import { Bold, Code, Italic, Link2, MessageSquarePlus, Strikethrough, Underline, Unlink } from 'lucide-react';
import type { FormEvent, KeyboardEvent } from 'react';
import { useEffect, useRef, useState } from 'react';
import { keysOf, matches, type ShortcutId } from '../kit/shortcuts';
import { isSafeAddress } from './extensions';
import type { TextKey } from './strings';
import { text } from './strings';

type Mark = { readonly name: ShortcutId; readonly label: TextKey; readonly icon: LucideIcon };
const MARKS: readonly Mark[] = [
  { name: 'bold', label: 'bold', icon: Bold },
  { name: 'italic', label: 'italic', icon: Italic },
  { name: 'underline', label: 'underline', icon: Underline },
  { name: 'strike', label: 'strike', icon: Strikethrough },
  { name: 'code', label: 'inlineCode', icon: Code },
];

export function Bubble({ editor, onComment }: { editor: Editor; onComment: (() => void) | null }) {
  const bar = useRef<HTMLDivElement>(null);
  const [linking, setLinking] = useState(false);
  const active = useEditorState({
    editor,
    selector: ({ editor: now }) => MARKS.filter(({ name }) => now.isActive(name)).map(({ name }) => name),
  });
  const linked = useEditorState({ editor, selector: ({ editor: now }) => now.isActive('link') });

  useEffect(() => {
    const close = (): void => setLinking(false);
    editor.on('selectionUpdate', close);
    return () => {
      editor.off('selectionUpdate', close);
    };
  }, [editor]);
  useEffect(() => {
    const enter = (event: globalThis.KeyboardEvent): void => {
      if (!matches(event, 'toolbar')) return;
      event.preventDefault();
      bar.current?.querySelector('button')?.focus();
    };
    const { dom } = editor.view;
    dom.addEventListener('keydown', enter);
    return () => dom.removeEventListener('keydown', enter);
  }, [editor]);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      setLinking(false);
      editor.commands.focus();
      return;
    }
    if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
    const buttons = [...(bar.current?.querySelectorAll('button') ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    if (at < 0) return;
    event.preventDefault();
    buttons[(at + (event.key === 'ArrowRight' ? 1 : buttons.length - 1)) % buttons.length]?.focus();
  };

  return (
    <BubbleMenu
      editor={editor}
      updateDelay={80}
      className="editor-bubble"
      options={{ placement: 'top', offset: 8, flip: { padding: 8 }, shift: { padding: 8 } }}
      shouldShow={({ editor: now, element, from, to, view }) =>
        now.isEditable &&
        from !== to &&
        !now.isActive('codeBlock') &&
        now.state.doc.textBetween(from, to, ' ').trim() !== '' &&
        (view.hasFocus() || element.contains(document.activeElement))
      }
    >
      <div className="over" role="toolbar" aria-label={text('marks')} ref={bar} onKeyDown={onKeyDown}>
        {linking ? (
          <LinkField editor={editor} done={() => setLinking(false)} />
        ) : (
          <>
            {MARKS.map(({ name, label, icon: Icon }) => (
              <button
                key={name}
                type="button"
                className={`ib ${active.includes(name) ? 'on' : ''}`}
                aria-label={text(label)}
                aria-pressed={active.includes(name)}
                title={`${text(label)} (${keysOf(name).join(' ')})`}
                onClick={() => editor.chain().focus().toggleMark(name).run()}
              >
                <Icon className="i" size={16} strokeWidth={1.75} aria-hidden />
              </button>
            ))}
            <span className="editor-bar" />
            <button
              type="button"
              className={`ib ${linked ? 'on' : ''}`}
              aria-label={text('link')}
              title={text('link')}
              aria-pressed={linked}
              onClick={() => setLinking(true)}
            >
              <Link2 className="i" size={16} strokeWidth={1.75} aria-hidden />
            </button>
            {linked ? (
              <button
                type="button"
                className="ib"
                aria-label={text('removeLink')}
                title={text('removeLink')}
                onClick={() => editor.chain().focus().extendMarkRange('link').unsetLink().run()}
              >
                <Unlink className="i" size={16} strokeWidth={1.75} aria-hidden />
              </button>
            ) : null}
            {onComment ? (
              <>
                <span className="editor-bar" />
                <button
                  type="button"
                  className="ib"
                  aria-label={text('comment')}
                  title={`${text('comment')} (Ctrl Alt M)`}
                  onClick={onComment}
                >
                  <MessageSquarePlus className="i" size={16} strokeWidth={1.75} aria-hidden />
                </button>
              </>
            ) : null}
          </>
        )}
      </div>
    </BubbleMenu>
  );
}

function LinkField({ editor, done }: { editor: Editor; done: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [address, setAddress] = useState(() => String(editor.getAttributes('link').href ?? ''));
  const [wrong, setWrong] = useState(false);
  useEffect(() => field.current?.focus(), []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const typed = address.trim();
    const href = /^[a-z][a-z0-9+.-]*:/i.test(typed) ? typed : `https://${typed}`;
    if (!isSafeAddress(href)) {
      setWrong(true);
      return;
    }
    editor.chain().focus().extendMarkRange('link').setLink({ href }).run();
    done();
  };
  return (
    <form onSubmit={submit} className="editor-link">
      <input
        ref={field}
        className="field"
        aria-label={text('linkAddress')}
        placeholder={text('linkAddress')}
        aria-invalid={wrong}
        value={address}
        onChange={(event) => {
          setAddress(event.target.value);
          setWrong(false);
        }}
      />
      {wrong ? (
        <span className="editor-wrong" role="alert">
          {text('badLink')}
        </span>
      ) : null}
    </form>
  );
}
