/** Where a message is written. What is typed is kept as a draft at once, on this person's devices, until it is sent. */
import { ArrowUp, CornerDownLeft, Paperclip, X } from 'lucide-react';
import type { KeyboardEvent, Ref } from 'react';
import { useCallback, useEffect, useImperativeHandle, useRef, useState } from 'react';
import { plainOf } from '../../base/markdown/blocks';
import type { MessageRow, Role } from '../../bridge/messages';
import { useWhyNot } from '../kit/access';
import { focusOnArrival } from '../kit/arrival';
import { Button, IconButton } from '../kit/Button';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';
import { matches } from '../kit/shortcuts';
import { useViewing } from '../kit/viewing';
import { WritingField } from '../kit/writing/WritingField';
import { Outgoing, useOutgoing } from './Outgoing';
import type { Typing } from './typing';

const SAVE_MS = 400;
const MAX_TEXT = 8_000;

export type ComposerHandle = {
  focus(): void /** Puts text in, after what stands there already. */;
  put(text: string): void;
};
export type ComposerProps = {
  spaceId: string;
  channelId: string;
  title: string;
  replyTo: MessageRow | null;
  role: Role | 'none' | undefined;
  /** The message under which it is said; null: to the channel. */
  thread?: string | null;
  typing: Typing;
  onReplied(): void;
  /** It goes out. */
  onSent?(): void;
  onEditLast(): void;
  ref: Ref<ComposerHandle>;
};

export function Composer({
  spaceId,
  channelId,
  title,
  replyTo,
  role,
  thread = null,
  typing,
  onReplied,
  onSent,
  onEditLast,
  ref,
}: ComposerProps) {
  const key = thread === null ? channelId : `thread/${thread}`;
  const [also, setAlso] = useState(false);
  const [over, setOver] = useState(false);
  const command = useCommand();
  const closed = useWhyNot(channelId, 'edit');
  const { viewing } = useViewing();
  const draft = useQuery('os.draft', { key });
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? draft ?? '';
  const input = useRef<HTMLTextAreaElement>(null);
  const keep = useKeptDraft(key);
  const change = (next: string) => {
    setTyped(next);
    keep.later(next);
    typing.tell(next.trim() === '' ? null : (thread ?? channelId));
  };

  useImperativeHandle(ref, () => ({
    focus: () => input.current?.focus(),
    put: (more) => {
      change(text.trim() === '' ? more : `${text}\n${more}`);
      input.current?.focus();
    },
  }));
  useEffect(() => {
    if (replyTo) input.current?.focus();
  }, [replyTo]);
  useEffect(() => {
    if (matchMedia('(pointer: fine)').matches) focusOnArrival(input.current);
  }, []);

  const outgoing = useOutgoing(spaceId, key);
  const { files } = outgoing;
  const picker = useRef<HTMLInputElement>(null);
  const ready = (text.trim() !== '' || files.length > 0) && outgoing.keeping.length === 0;
  // Sent before a file was kept, it goes once that is.
  const [waiting, setWaiting] = useState(false);
  const keeping = outgoing.keeping.length > 0;
  const send = async () => {
    if (keeping) return setWaiting(true);
    if (!ready) return;
    const sent = text;
    if (files.length > 0) outgoing.set([]);
    setTyped('');
    keep.now('');
    onReplied();
    onSent?.();
    setAlso(false);
    typing.tell(null);
    const made = await command('chat.send', {
      channelId,
      text: sent,
      ...(replyTo ? { replyTo: replyTo.id } : {}),
      ...(thread === null ? {} : { thread, also }),
      ...(files.length === 0 ? {} : { files }),
    });
    if (made === undefined) {
      // Refused: nothing that was typed may be lost.
      setTyped((since) => (since === null || since === '' ? sent : `${sent}\n${since}`));
      keep.now(sent);
      if (files.length > 0) outgoing.set(files);
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once the last file is kept
  useEffect(() => {
    if (!waiting || keeping) return;
    setWaiting(false);
    void send();
  }, [waiting, keeping]);
  const onKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (matches(event, 'send')) {
      event.preventDefault();
      void send();
    } else if (matches(event, 'editLast') && text === '') {
      event.preventDefault();
      onEditLast();
    } else if (matches(event, 'letGo') && replyTo) {
      event.preventDefault();
      onReplied();
    }
  };
  const typists = typing.in(thread ?? channelId);
  if (viewing) return <p className="closed t3">{closed || t('not.viewing')}</p>;
  if (role === 'none') return <p className="closed t3">{t('chat.notMember')}</p>;
  if (closed) return <p className="closed t3">{role === 'guest' ? t('chat.readOnly') : closed}</p>;
  return (
    <>
      <p className="typing t12 t3" aria-live="polite">
        {typists.length === 0
          ? null
          : t('typing', {
              names: typists
                .slice(0, 3)
                .map(({ name }) => name)
                .join(', '),
              n: typists.length,
            })}
      </p>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: files are dropped here; the keyboard has the button */}
      <div
        className={`comp ${over ? 'over-file' : ''}`}
        onDragOver={(event) => {
          if (!event.dataTransfer.types.includes('Files')) return;
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          setOver(false);
          if (event.dataTransfer.files.length === 0) return;
          event.preventDefault();
          void outgoing.add(event.dataTransfer.files);
        }}
      >
        {replyTo ? (
          <div className="replying">
            <span className="cut">
              {t('message.replyingTo', { name: replyTo.author.name })}{' '}
              <span className="t3">{plainOf(replyTo.text)}</span>
            </span>
            <IconButton small label={t('cancel')} icon={X} onClick={onReplied} />
          </div>
        ) : null}
        <WritingField
          spaceId={spaceId}
          field={input}
          className="in"
          value={text}
          maxLength={MAX_TEXT}
          testId={thread === null ? 'composer' : 'thread-composer'}
          label={thread === null ? t('message.to', { title }) : t('thread.reply')}
          onChange={change}
          onKey={onKey}
          onLeave={keep.flush}
          onPaste={(event) => {
            if (event.clipboardData.files.length === 0) return;
            event.preventDefault();
            void outgoing.add(event.clipboardData.files);
          }}
        />
        <Outgoing {...outgoing} />
        {thread === null ? null : (
          <label className="also">
            <input type="checkbox" checked={also} onChange={(event) => setAlso(event.target.checked)} />
            {t('thread.alsoTo', { title })}
          </label>
        )}
        <div className="bar">
          <IconButton small label={t('files.add')} icon={Paperclip} onClick={() => picker.current?.click()} />
          <input
            ref={picker}
            className="sr"
            type="file"
            multiple
            tabIndex={-1}
            aria-label={t('files.add')}
            data-testid={thread === null ? 'file-picker' : 'thread-file-picker'}
            onChange={(event) => {
              void outgoing.add([...(event.target.files ?? [])]);
              event.target.value = '';
            }}
          />
          <span className="grow" />
          <span className="t12 t3 kept">{text.trim() === '' ? t('message.keys') : t('draft.kept')}</span>
          <Button kind="primary" className="send" disabled={!ready} onClick={() => void send()}>
            {t('send')}
            <CornerDownLeft className="i wide-only" size={14} strokeWidth={1.75} aria-hidden />
            <ArrowUp className="i narrow-only" size={20} strokeWidth={2} aria-hidden />
          </Button>
        </div>
      </div>
    </>
  );
}

/** Saves a draft shortly after typing pauses, and at once when the page or the channel is left. */
function useKeptDraft(key: string) {
  const command = useCommand();
  const waiting = useRef<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const now = useCallback(
    (text: string) => {
      clearTimeout(timer.current);
      waiting.current = null;
      void command('os.saveDraft', { key, text });
    },
    [command, key],
  );
  const flush = useCallback(() => {
    if (waiting.current !== null) now(waiting.current);
  }, [now]);
  const later = useCallback(
    (text: string) => {
      waiting.current = text;
      clearTimeout(timer.current);
      timer.current = setTimeout(flush, SAVE_MS);
    },
    [flush],
  );
  useEffect(() => {
    window.addEventListener('pagehide', flush);
    return () => {
      window.removeEventListener('pagehide', flush);
      flush();
    };
  }, [flush]);
  return { now, later, flush };
}
