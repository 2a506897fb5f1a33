/** Inputs with their labels: text, a switch, one of a few. */
import { Switch as RadixSwitch } from 'radix-ui';
import type { InputHTMLAttributes, KeyboardEvent } from 'react';
import { useId, useRef } from 'react';
import { showNotice } from './Toasts';

export type FieldProps = InputHTMLAttributes<HTMLInputElement> & {
  label: string;
  hint?: string | undefined;
  hidden?: boolean;
};

/** A labelled text input; `hidden` keeps the label for assistive technology only. */
export function Field({ label, hint, hidden = false, className = '', ...rest }: FieldProps) {
  const labelId = useId();
  const hintId = useId();
  return (
    <label className={`label ${className}`}>
      <span id={labelId} className={hidden ? 'sr' : ''}>
        {label}
      </span>
      {/* The hint stands inside of the label, and is no part of the name. */}
      <input {...rest} className="field" aria-labelledby={labelId} aria-describedby={hint ? hintId : undefined} />
      {hint ? (
        <span id={hintId} className="hint">
          {hint}
        </span>
      ) : null}
    </label>
  );
}

export function Switch({ label, checked, onChange }: { label: string; checked: boolean; onChange(on: boolean): void }) {
  const id = useId();
  return (
    <span className="row">
      <RadixSwitch.Root id={id} className="switch" checked={checked} onCheckedChange={onChange} aria-label={label}>
        <RadixSwitch.Thumb />
      </RadixSwitch.Root>
      <label htmlFor={id}>{label}</label>
    </span>
  );
}

export type Choice<T extends string> = {
  readonly value: T;
  readonly label: string;
  /** Why it cannot be chosen. */
  readonly disabled?: string;
};

/** One of a few, all in sight; arrow keys move. */
export function Segmented<T extends string>({
  label,
  value,
  choices,
  onChange,
}: {
  label: string;
  value: T;
  choices: readonly Choice<NoInfer<T>>[];
  onChange(value: NoInfer<T>): void;
}) {
  const group = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const step =
      event.key === 'ArrowRight' || event.key === 'ArrowDown'
        ? 1
        : event.key === 'ArrowLeft' || event.key === 'ArrowUp'
          ? -1
          : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = choices.findIndex((choice) => choice.value === value);
    const next = (at + step + choices.length) % choices.length;
    const chosen = choices[next];
    if (!chosen || chosen.disabled) return;
    onChange(chosen.value);
    group.current?.querySelectorAll('button')[next]?.focus();
  };
  return (
    <div ref={group} className="seg" role="radiogroup" aria-label={label} onKeyDown={move}>
      {choices.map((choice) => (
        // biome-ignore lint/a11y/useSemanticElements: a segmented control is drawn of buttons
        <button
          key={choice.value}
          type="button"
          role="radio"
          aria-checked={choice.value === value}
          tabIndex={choice.value === value ? 0 : -1}
          aria-disabled={choice.disabled === undefined ? undefined : true}
          className={choice.disabled === undefined ? '' : 'barred'}
          title={choice.disabled}
          onClick={() => (choice.disabled === undefined ? onChange(choice.value) : showNotice(choice.disabled))}
        >
          {choice.label}
        </button>
      ))}
    </div>
  );
}
