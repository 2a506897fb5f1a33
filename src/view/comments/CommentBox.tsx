/** Where a comment is typed: Enter sends, Shift+Enter begins a line, Escape leaves. */
import type { KeyboardEvent } from 'react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../kit/Button';
import { t } from '../kit/i18n';
import { WritingField } from '../kit/writing/WritingField';

const MAX_TEXT = 8_000;

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

export function CommentBox({ spaceId, label, action, initial = '', focus = null, onSend, onCancel }: CommentBoxProps) {
  const [text, setText] = useState(initial);
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (focus !== null) input.current?.focus();
  }, [focus]);

  const send = async (): Promise<void> => {
    if (text.trim() === '' || busy) return;
    setBusy(true);
    const done = await onSend(text.trim());
    setBusy(false);
    if (done) setText('');
  };
  const onKey = (event: KeyboardEvent): void => {
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
      <WritingField
        spaceId={spaceId}
        field={input}
        className="field"
        rows={text.includes('\n') || text.length > 40 ? 3 : 1}
        value={text}
        maxLength={MAX_TEXT}
        label={label}
        onChange={setText}
        onKey={onKey}
      />
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
