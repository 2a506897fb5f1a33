/**
 * The title over a document: what is typed shows at once and is sent after a pause. While ours is on its way the
 * kernel's older answer does not overwrite it; when it is refused the kernel's title comes back.
 */
import type { KeyboardEvent } from 'react';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { text } from './strings';

const PAUSE = 300;
const TITLE_CHARS = 200;

export type TitleProps = {
  readonly title: string;
  readonly writable: boolean;
  /** Resolves to false when the new title was refused. */
  readonly rename: (title: string) => Promise<boolean>;
  /** Enter and Arrow Down leave for the text. */
  readonly leave: () => void;
};

export function Title({ title, writable, rename, leave }: TitleProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const due = useRef<string | null>(null);
  const latest = useRef(rename);
  latest.current = rename;
  const shown = typed ?? title;

  const send = (): void => {
    clearTimeout(timer.current);
    const wanted = due.current;
    due.current = null;
    if (wanted === null) return;
    void latest.current(wanted).then((accepted) => {
      if (!accepted) setTyped((now) => (now === wanted ? null : now));
    });
  };
  const sendLatest = useRef(send);
  sendLatest.current = send;
  // What was typed just before leaving is sent as well.
  useEffect(() => () => sendLatest.current(), []);
  // Once the kernel says what we typed, it is the kernel's title again.
  useEffect(() => {
    if (due.current === null) setTyped((now) => (now !== null && now.trim() === title ? null : now));
  }, [title]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const fit = (): void => {
      const element = area.current;
      if (element === null) return;
      element.style.height = '0';
      element.style.height = `${element.scrollHeight}px`;
    };
    fit();
    addEventListener('resize', fit);
    return () => removeEventListener('resize', fit);
  }, [shown]);

  const change = (value: string): void => {
    const line = value.replace(/[\r\n]+/g, ' ').slice(0, TITLE_CHARS);
    setTyped(line);
    clearTimeout(timer.current);
    due.current = line.trim() === '' ? null : line.trim();
    timer.current = setTimeout(send, PAUSE);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing || (event.key !== 'Enter' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    send();
    leave();
  };
  const blur = (): void => {
    send();
    if (typed !== null && typed.trim() === '') setTyped(null);
  };

  return (
    <h1 className="editor-title">
      <textarea
        ref={area}
        rows={1}
        data-testid="document-title"
        aria-label={text('title')}
        placeholder={text('untitled')}
        maxLength={TITLE_CHARS}
        readOnly={!writable}
        value={shown}
        onChange={(event) => change(event.target.value)}
        onBlur={blur}
        onKeyDown={onKeyDown}
      />
    </h1>
  );
}
