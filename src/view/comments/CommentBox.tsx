/** Where a comment is typed: Enter sends, Shift+Enter begins a line, "@" offers the people of the space. */
import type { KeyboardEvent } from 'react';
import { useEffect, useId, useRef, useState } from 'react';
import { Button } from '../kit/Button';
import { Face } from '../kit/Face';
import { t } from '../kit/i18n';
import { useQuery } from '../kit/kernel';

const MAX_TEXT = 8_000;
const OFFERED = 6;

export type CommentBoxProps = {
  readonly spaceId: string;
  readonly label: string;
  readonly action: string;
  readonly initial?: string;
  /** Takes the cursor when it appears; anew whenever the value changes. */
  readonly focus?: number | null;
  /** false: it was refused, and what was typed stays. */
  readonly onSend: (text: string) => Promise<boolean>;
  readonly onCancel?: (() => void) | undefined;
};

/** What is typed after the last "@" before the cursor, and where it begins. */
export function mentionAt(text: string, caret: number): { readonly from: number; readonly query: string } | null {
  const match = /(?:^|[\s(])@([\p{L}\p{N}_ ]{0,40})$/u.exec(text.slice(0, caret));
  return match ? { from: caret - (match[1] ?? '').length, query: (match[1] ?? '').toLocaleLowerCase() } : null;
}

export function CommentBox({ spaceId, label, action, initial = '', focus = null, onSend, onCancel }: CommentBoxProps) {
  const [text, setText] = useState(initial);
  const [busy, setBusy] = useState(false);
  const [caret, setCaret] = useState(0);
  const [chosen, setChosen] = useState(0);
  const [closedAt, setClosedAt] = useState<number | null>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const members = useQuery('os.members', { spaceId });
  const listId = useId();
  useEffect(() => {
    if (focus !== null) input.current?.focus();
  }, [focus]);

  const asked = mentionAt(text, caret);
  const offered =
    asked && asked.from !== closedAt
      ? (members ?? [])
          .filter(({ you, name }) => !you && name.toLocaleLowerCase().startsWith(asked.query))
          .slice(0, OFFERED)
      : [];
  const at = Math.min(chosen, offered.length - 1);
  const name = (index: number): void => {
    const person = offered[index];
    if (!person || !asked) return;
    const next = `${text.slice(0, asked.from)}${person.name} ${text.slice(caret)}`;
    const place = asked.from + person.name.length + 1;
    setText(next);
    setCaret(place);
    setClosedAt(asked.from);
    requestAnimationFrame(() => input.current?.setSelectionRange(place, place));
  };
  const send = async (): Promise<void> => {
    if (text.trim() === '' || busy) return;
    setBusy(true);
    const done = await onSend(text.trim());
    setBusy(false);
    if (done) setText('');
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (offered.length > 0) {
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault();
        setChosen((at + (event.key === 'ArrowDown' ? 1 : offered.length - 1)) % offered.length);
        return;
      }
      if (event.key === 'Enter' || event.key === 'Tab') {
        event.preventDefault();
        name(at);
        return;
      }
      if (event.key === 'Escape') {
        event.preventDefault();
        event.stopPropagation();
        setClosedAt(asked?.from ?? null);
        return;
      }
    }
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void send();
    } else if (event.key === 'Escape' && onCancel) {
      event.preventDefault();
      event.stopPropagation();
      onCancel();
    }
  };
  return (
    <div className="say">
      <textarea
        ref={input}
        className="field"
        rows={text.includes('\n') || text.length > 40 ? 3 : 1}
        dir="auto"
        value={text}
        maxLength={MAX_TEXT}
        aria-label={label}
        placeholder={label}
        aria-controls={offered.length > 0 ? listId : undefined}
        aria-activedescendant={offered.length > 0 ? `${listId}-${at}` : undefined}
        onChange={(event) => {
          setText(event.target.value);
          setCaret(event.target.selectionStart);
          setChosen(0);
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
        onKeyDown={onKey}
      />
      {offered.length > 0 ? (
        <div className="over menu say-names" id={listId} role="listbox" aria-label={t('comments.mention')}>
          {offered.map((person, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the keys are the text field's
            <div
              key={person.id}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === at}
              className="it"
              data-highlighted={index === at ? '' : undefined}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => name(index)}
            >
              <Face person={person} size={20} />
              <span className="cut">{person.name}</span>
            </div>
          ))}
        </div>
      ) : null}
      {text.trim() === '' && !onCancel ? null : (
        <div className="row">
          {onCancel ? (
            <Button size="small" onClick={onCancel}>
              {t('cancel')}
            </Button>
          ) : null}
          <Button size="small" kind="primary" disabled={busy || text.trim() === ''} onClick={() => void send()}>
            {action}
          </Button>
        </div>
      )}
    </div>
  );
}
