/**
 * Where messages and comments are written: a text field that shows names for references, offers people and objects after "@",
 * "#" and "[[", and puts marks around what is chosen (Ctrl or Cmd with B, I, E). What it gives is the text to send.
 */
import type { ClipboardEvent, KeyboardEvent, RefObject } from 'react';
import { useEffect, useId, useRef, useState } from 'react';
import type { NamedAnswer, NameRow } from '../../../bridge/messages';
import { pathIn } from '../address';
import { useKernel } from '../kernel';
import { objectAt, placeOf } from '../routes';
import { calledNow } from '../ways';
import { Candidates, labelFor, optionOf } from './Candidates';
import type { Marked } from './marked';
import { askedAt, edited, markedOf, naming, wrapped, writtenOf } from './marked';
import { useCandidates } from './useCandidates';

const SIGNS: Readonly<Record<string, string>> = { KeyB: '**', KeyI: '*', KeyE: '`' };

type WritingFieldProps = {
  readonly spaceId: string;
  readonly value: string;
  readonly onChange: (written: string) => void;
  readonly label: string;
  readonly className: string;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly maxLength: number;
  readonly rows?: number;
  readonly testId?: string;
  /** Keys that the menu has no use for. */
  readonly onKey: (event: KeyboardEvent) => void;
  readonly onLeave?: () => void;
  readonly onPaste?: (event: ClipboardEvent) => void;
};

export function WritingField(props: WritingFieldProps) {
  const { spaceId, value, onChange, label, field } = props;
  const [typed, setTyped] = useState<Marked>(() => markedOf(value));
  // What came from outside (a draft, an emptied field) stands in place of what was typed.
  const marked = writtenOf(typed) === value ? typed : markedOf(value);
  const [caret, setCaret] = useState(0);
  const [chosen, setChosen] = useState(0);
  const [closedAt, setClosedAt] = useState<number | null>(null);
  const [here, setHere] = useState(false);
  const selecting = useRef<readonly [number, number] | null>(null);
  const listId = useId();

  const client = useKernel();
  const latest = useRef(marked);
  useEffect(() => {
    latest.current = marked;
  });
  const found = here ? askedAt(marked, caret) : null;
  const asked = found && found.from !== closedAt ? found : null;
  const rows = useCandidates(spaceId, asked);
  const at = Math.min(chosen, rows.length - 1);
  const change = (next: Marked): void => {
    setTyped(next);
    onChange(writtenOf(next));
  };
  const select = (from: number, to: number): void => {
    selecting.current = [from, to];
    setCaret(to);
    requestAnimationFrame(() => {
      if (selecting.current) field.current?.setSelectionRange(...selecting.current);
      selecting.current = null;
    });
  };
  const name = (row: NameRow): void => {
    if (!asked) return;
    const target = { kind: row.kind === 'person' ? ('user' as const) : ('node' as const), id: row.id };
    const named = naming(marked, { from: asked.from, to: caret }, target, labelFor(row));
    change(named.marked);
    select(named.caret, named.caret);
  };
  /** The address of an object of this space becomes its name, once it is known here. */
  const refer = async (address: string, id: string, from: number): Promise<void> => {
    const named = (await client.query('os.named', { spaceId, id })) as NamedAnswer | null;
    const at = latest.current.text.indexOf(address, from);
    if (named === null || at < 0) return;
    const { marked: next, caret: end } = naming(
      latest.current,
      { from: at, to: at + address.length },
      { kind: 'node', id },
      calledNow(named),
    );
    const was = field.current?.selectionStart ?? 0;
    const wasAt = at + address.length;
    change(next);
    select(...(was === wasAt ? ([end, end] as const) : ([was, was] as const)));
  };
  const paste = (event: ClipboardEvent<HTMLTextAreaElement>): void => {
    const text = event.clipboardData.getData('text/plain');
    const path = pathIn(text);
    const id = path === null ? null : objectAt(placeOf(path), spaceId);
    if (id !== null) void refer(text.trim(), id, event.currentTarget.selectionStart);
    props.onPaste?.(event);
  };
  const onKey = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.nativeEvent.isComposing) return;
    if (rows.length > 0) {
      const row = rows[at];
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp')
        setChosen((at + (event.key === 'ArrowDown' ? 1 : rows.length - 1)) % rows.length);
      else if ((event.key === 'Enter' || event.key === 'Tab') && row) name(row);
      else if (event.key === 'Escape') setClosedAt(asked?.from ?? null);
      else return;
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const sign = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey ? SIGNS[event.code] : undefined;
    if (sign === undefined) return props.onKey(event);
    event.preventDefault();
    const { selectionStart, selectionEnd } = event.currentTarget;
    const wrap = wrapped(marked.text, selectionStart, selectionEnd, sign);
    change(edited(marked, marked.text.slice(0, wrap.from) + wrap.put + marked.text.slice(wrap.to)));
    select(...wrap.select);
  };
  return (
    <div className="writing">
      <textarea
        ref={field}
        className={props.className}
        rows={props.rows ?? 1}
        dir="auto"
        value={marked.text}
        maxLength={props.maxLength}
        data-testid={props.testId}
        aria-label={label}
        placeholder={label}
        aria-autocomplete="list"
        aria-controls={rows.length > 0 ? listId : undefined}
        aria-activedescendant={rows.length > 0 ? optionOf(listId, at) : undefined}
        onChange={(event) => {
          change(edited(marked, event.target.value));
          setCaret(event.target.selectionStart);
          setChosen(0);
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
        onKeyDown={onKey}
        onFocus={() => setHere(true)}
        onBlur={() => {
          setHere(false);
          props.onLeave?.();
        }}
        onPaste={paste}
      />
      {rows.length > 0 ? <Candidates id={listId} rows={rows} chosen={at} onChoose={name} /> : null}
    </div>
  );
}
