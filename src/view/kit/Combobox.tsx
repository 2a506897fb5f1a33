/**
 * A field with a list under it of what fits what is typed: the field keeps the focus, arrows, Home and End choose a row, Enter or
 * a press runs it. The first row is chosen until somebody chooses another. It knows no rows: who asks for it finds, orders and
 * draws them.
 *
 * Each letter draws it anew, so a row costs its own line here and, where what it shows is a component with `memo`, no more.
 */
import { Search } from 'lucide-react';
import type { KeyboardEvent, ReactElement, ReactNode, SyntheticEvent } from 'react';
import { useEffect, useId, useRef, useState } from 'react';

export type Choice = {
  readonly id: string;
  readonly className?: string;
  readonly shows: ReactElement;
  run(): void;
};
export type Choices = {
  readonly key: string;
  readonly heading?: string;
  /** Above its rows. */
  readonly note?: ReactNode;
  readonly rows: readonly Choice[];
};

const idAt = (event: SyntheticEvent): string | undefined =>
  (event.target as Element).closest<HTMLElement>('[data-choice]')?.dataset.choice;

export function Combobox({
  label,
  found,
  ask,
  nothing,
  text,
  onText,
  groups,
  isFresh = true,
}: {
  label: string;
  /** What the list is called. */
  found: string;
  ask: string;
  nothing: string;
  text: string;
  onText(text: string): void;
  groups: readonly Choices[];
  /** The rows are those for what is typed. Enter waits for them. */
  isFresh?: boolean;
}) {
  const base = useId();
  const list = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const rows = groups.flatMap((group) => group.rows);
  const at = Math.max(
    0,
    rows.findIndex(({ id }) => id === chosen),
  );
  const here = rows[at];
  const idOf = (id: string): string => `${base}-${id}`;

  const waits = useRef(false);
  useEffect(() => {
    if (!isFresh || !waits.current) return;
    waits.current = false;
    here?.run();
  }, [isFresh, here]);

  const choose = (next: number): void => {
    const row = rows[next];
    if (!row) return;
    setChosen(row.id);
    // With the first one the heading above it is shown too.
    if (next === 0) list.current?.scrollTo({ top: 0 });
    else document.getElementById(idOf(row.id))?.scrollIntoView({ block: 'nearest' });
  };
  const onKey = (event: KeyboardEvent): void => {
    const isComposing = event.nativeEvent.isComposing;
    waits.current = event.key === 'Enter' && !isFresh && !isComposing;
    if (isComposing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const count = Math.max(1, rows.length);
    if (event.key === 'Enter') {
      if (isFresh) here?.run();
    } else if (event.key === 'ArrowDown') choose((at + 1) % count);
    else if (event.key === 'ArrowUp') choose((at + count - 1) % count);
    else if (event.key === 'Home') choose(0);
    else if (event.key === 'End') choose(rows.length - 1);
    else return;
    event.preventDefault();
  };

  return (
    <>
      <div className="pin">
        <Search className="i" size={16} strokeWidth={1.75} aria-hidden />
        <input
          type="text"
          role="combobox"
          aria-label={label}
          aria-autocomplete="list"
          aria-expanded
          aria-controls={`${base}-list`}
          aria-activedescendant={here ? idOf(here.id) : undefined}
          autoComplete="off"
          autoCorrect="off"
          spellCheck={false}
          // biome-ignore lint/a11y/noAutofocus: what it opens in is there to be typed in
          autoFocus
          value={text}
          placeholder={ask}
          onKeyDown={onKey}
          onChange={(event) => {
            setChosen(null);
            list.current?.scrollTo({ top: 0 });
            onText(event.target.value);
          }}
        />
      </div>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus and the keys */}
      <div
        ref={list}
        id={`${base}-list`}
        role="listbox"
        aria-label={found}
        className="pl"
        onPointerMove={(event) => {
          const id = idAt(event);
          if (id !== undefined && id !== here?.id) setChosen(id);
        }}
        onMouseDown={(event) => event.preventDefault()}
        onClick={(event) => {
          const id = idAt(event);
          rows.find((row) => row.id === id)?.run();
        }}
      >
        {rows.length === 0 && isFresh ? <div className="none">{nothing}</div> : null}
        {groups.map(({ key, heading, note, rows: own }) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a list
          <div key={key} role="group" aria-label={heading} className="pg">
            {heading === undefined ? null : (
              <div className="ph" aria-hidden>
                {heading}
              </div>
            )}
            {note}
            {own.map(({ id, className = '', shows }) => (
              // biome-ignore lint/a11y/useFocusableInteractive: the field has the focus and tells which one is chosen
              <div
                key={id}
                id={idOf(id)}
                data-choice={id}
                role="option"
                aria-selected={id === here?.id}
                className={`pr ${className}`}
              >
                {shows}
              </div>
            ))}
          </div>
        ))}
      </div>
    </>
  );
}
