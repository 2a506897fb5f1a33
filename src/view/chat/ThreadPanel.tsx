/** What was said under one message, beside its channel: read where it is seen, and written to at its foot. */
import { X } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { MessageRow, Role } from '../../bridge/messages';
import { IconButton } from '../kit/Button';
import { SkeletonRows } from '../kit/Empty';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';
import { dayNumber } from '../kit/time';
import { Composer, type ComposerHandle } from './Composer';
import type { MessageActs } from './Message';
import { Message } from './Message';
import { itemsOf, lastOwn } from './rows';
import type { Typing } from './typing';
import { onVisibility } from './visibility';

type ThreadPanelProps = {
  readonly spaceId: string;
  readonly channelId: string;
  readonly root: string;
  /** The message to show first. */
  readonly shown: string | null;
  readonly role: Role | 'none' | undefined;
  readonly editing: string | null;
  readonly acts: Omit<MessageActs, 'jump'>;
  readonly typing: Typing;
  readonly onClose: () => void;
};

export function ThreadPanel({
  spaceId,
  channelId,
  root,
  shown,
  role,
  editing,
  acts,
  typing,
  onClose,
}: ThreadPanelProps) {
  const rows = useQuery('chat.thread', { messageId: root });
  const channel = useQuery('chat.channel', { channelId });
  const command = useCommand();
  const box = useRef<HTMLDivElement>(null);
  const composer = useRef<ComposerHandle>(null);
  const [replyTo, setReplyTo] = useState<MessageRow | null>(null);
  const [found, setFound] = useState(shown);
  const visible = useSyncExternalStore(
    onVisibility,
    () => document.visibilityState === 'visible',
    () => true,
  );
  const unread = rows?.filter((row) => row.unread).length ?? 0;
  useEffect(() => {
    if (unread > 0 && visible) void command('chat.markThreadRead', { messageId: root });
  }, [unread, visible, root, command]);

  // The reader is held at the end until they go up.
  const held = useRef(true);
  const last = rows?.at(-1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was said last moves the end
  useEffect(() => {
    if (box.current && (held.current || last?.mine)) box.current.scrollTop = box.current.scrollHeight;
  }, [last?.id]);
  useEffect(() => setFound(shown), [shown]);
  const loaded = rows !== undefined;
  useEffect(() => {
    if (found === null || !loaded) return;
    held.current = false;
    box.current?.querySelector(`[data-message="${CSS.escape(found)}"]`)?.scrollIntoView({ block: 'center' });
    const timer = setTimeout(() => setFound(null), 2_000);
    return () => clearTimeout(timer);
  }, [found, loaded]);

  const own = useMemo<MessageActs>(
    () => ({ ...acts, thread: undefined, unread: undefined, reply: setReplyTo, jump: setFound }),
    [acts],
  );
  const top = rows?.[0];
  // Here nobody needs to be told that it was said in a thread.
  const replies = useMemo(() => (rows ?? []).slice(1).map((row) => ({ ...row, thread: null })), [rows]);
  const draw = (items: ReturnType<typeof itemsOf>) =>
    items.map((item) =>
      item.kind === 'message' ? (
        <Message
          key={item.key}
          row={item.row}
          joined={item.joined}
          editing={editing === item.key}
          found={found === item.key}
          active={true}
          acts={own}
        />
      ) : null,
    );
  return (
    <section
      className="thread-panel"
      aria-label={t('thread')}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.preventDefault();
        onClose();
      }}
    >
      <header>
        <b className="grow">{t('thread')}</b>
        <IconButton small label={t('close')} icon={X} onClick={onClose} />
      </header>
      <div
        ref={box}
        className="said-here"
        role="log"
        aria-label={t('thread')}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          held.current = scrollHeight - scrollTop - clientHeight < 48;
        }}
      >
        {rows === undefined ? <SkeletonRows /> : null}
        {top ? draw(itemsOf([top], null, dayNumber)) : rows ? <p className="gone t3">{t('thread.missing')}</p> : null}
        {replies.length > 0 ? <div className="sep">{t('thread.count', { n: replies.length })}</div> : null}
        {draw(itemsOf(replies, null, dayNumber))}
      </div>
      {top ? (
        <Composer
          ref={composer}
          spaceId={spaceId}
          channelId={channelId}
          thread={top.id}
          title={channel?.title ?? ''}
          role={role}
          replyTo={replyTo}
          typing={typing}
          onReplied={() => setReplyTo(null)}
          onEditLast={() => {
            const mine = lastOwn(replies);
            if (mine) acts.edit(mine);
          }}
        />
      ) : null}
    </section>
  );
}
