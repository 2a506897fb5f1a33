/** A channel: its messages and where the next one is written. It asks for queries and sends commands, and keeps no data. */

import { MessageSquarePlus } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useLocation } from 'wouter';
import { plainOf } from '../../base/markdown/blocks';
import type { MessageRow } from '../../bridge/messages';
import { copyLink } from '../kit/clipboard';
import { Empty, SkeletonRows } from '../kit/Empty';
import { t } from '../kit/i18n';
import { useInspection } from '../kit/inspect';
import { useCall, useCommand, useQuery } from '../kit/kernel';
import { paths } from '../kit/routes';
import { exactly } from '../kit/time';
import { useUndo } from '../kit/undo';
import { mentionOf } from '../kit/ways';
import { ChannelBar } from './ChannelBar';
import type { ComposerHandle } from './Composer';
import { Composer } from './Composer';
import { MessageList } from './MessageList';
import type { UnreadLine } from './rows';
import { lastOwn } from './rows';
import { ThreadPanel } from './ThreadPanel';
import { useTyping } from './typing';
import { type Spot, useMessages } from './useMessages';
import { leftAt } from './useStanding';
import { onVisibility } from './visibility';

export function ChatPage({ spaceId, channelId }: { spaceId: string; channelId: string }) {
  const channel = useQuery('chat.channel', { channelId });
  const spaces = useQuery('os.spaces', {});
  const clockOffset = useQuery('os.sync', { spaceId })?.clockOffsetMs ?? 0;
  const command = useCommand();
  const { offer } = useUndo();
  const inspection = useInspection();
  const composer = useRef<ComposerHandle>(null);
  const [replyTo, setReplyTo] = useState<MessageRow | null>(null);
  const [editing, setEditing] = useState<string | null>(null);
  // Nothing is taken for read before the list says that its end is in sight.
  const [atEnd, setAtEnd] = useState(false);
  // Known at once, before anything is drawn again.
  const end = useRef(false);
  const onEnd = useCallback((at: boolean) => {
    end.current = at;
    setAtEnd(at);
  }, []);
  const isRead = useCallback(() => end.current, []);
  const typing = useTyping(channelId);
  const { pointed, seeks, thread, openThread, closeThread } = useThread(channelId);
  const name = `channel ${channelId}`;
  // At what is asked for, else at the first unread, else where they left; else at the end.
  const opening = (): Spot | undefined => {
    if (pointed) return { id: pointed.block };
    if (seeks || channel === undefined) return undefined;
    const id = channel?.firstUnread ?? leftAt(name)?.id;
    return id === undefined ? 'end' : { id };
  };
  const { window, ...place } = useMessages(channelId, opening());
  const rows = window?.rows;
  const { line, leaveUnread } = useReading(channelId, channel, rows, atEnd, isRead);
  const [sent, setSent] = useState(0);

  const show = inspection.show;
  const asked = useRef(0);
  const role = spaces && (spaces.find((space) => space.id === spaceId)?.role ?? 'none');
  const posts = role !== 'guest' && role !== 'none';
  const pins = (channel?.pins ?? []).map(({ id }) => id).join(' ');
  const pinned = useMemo(() => new Set(pins.split(' ')), [pins]);
  const mayPin = channel?.mayPin === true;
  const makeDocument = useMakingDocuments(spaceId);
  const acts = useMemo(
    () => ({
      spaceId,
      posts,
      comment: (row: MessageRow) =>
        show({
          id: row.id,
          kind: 'message',
          title: plainOf(row.text).slice(0, 120),
          spaceId,
          said: { n: ++asked.current },
        }),
      react: (row: MessageRow, emoji: string, on: boolean) =>
        void command('chat.react', { messageId: row.id, emoji, on }),
      reply: (row: MessageRow) => {
        setEditing(null);
        setReplyTo(row);
      },
      edit: (row: MessageRow) => {
        setReplyTo(null);
        setEditing(row.id);
      },
      stopEdit: () => {
        setEditing(null);
        composer.current?.focus();
      },
      saveEdit: async (row: MessageRow, text: string) => {
        const done = await command('chat.edit', { messageId: row.id, text });
        if (done !== undefined) {
          setEditing(null);
          composer.current?.focus();
        }
        return done !== undefined;
      },
      remove: (row: MessageRow) => void command('chat.remove', { messageId: row.id }).then((done) => offer(done)),
      thread: (row: MessageRow) => openThread(row.thread ?? row.id),
      unread: (row: MessageRow) => {
        leaveUnread();
        void command('chat.markUnread', { messageId: row.id });
      },
      isPinned: (id: string) => pinned.has(id),
      pin: mayPin
        ? (row: MessageRow) => void command('chat.pin', { messageId: row.id, on: !pinned.has(row.id) })
        : undefined,
      makeDocument: mayPin ? (row: MessageRow) => void makeDocument(row.id) : undefined,
      copyLink: (row: MessageRow) => void copyLink(paths.channel(spaceId, channelId, { message: row.id })),
      takeBack: (row: MessageRow) => composer.current?.put(row.text),
      inspect: (row: MessageRow) =>
        show({ id: row.id, kind: 'message', title: plainOf(row.text).slice(0, 120), spaceId }),
    }),
    [command, offer, show, spaceId, channelId, posts, openThread, leaveUnread, pinned, mayPin, makeDocument],
  );

  if (channel === null) return <Empty text={t('channel.missing')} />;
  return (
    <div className={`chat ${thread ? 'threaded' : ''}`}>
      <div className="channel">
        {channel ? (
          <ChannelBar channel={channel} onThread={openThread} onShow={(id) => inspection.point(channelId, id)} />
        ) : null}
        {window === undefined ? (
          <SkeletonRows />
        ) : window.rows.length === 0 ? (
          <Empty
            text={t('channel.empty')}
            action={{ label: t('channel.first'), icon: MessageSquarePlus, run: () => composer.current?.focus() }}
          />
        ) : (
          <MessageList
            {...place}
            channel={channel}
            window={window}
            line={line}
            editing={editing}
            acts={acts}
            name={name}
            pointed={pointed}
            sent={sent}
            clockOffset={clockOffset}
            unseen={atEnd ? 0 : (channel?.unread ?? 0)}
            onEnd={onEnd}
          />
        )}
        <Composer
          ref={composer}
          spaceId={spaceId}
          channelId={channelId}
          title={channel?.title ?? ''}
          role={role}
          replyTo={replyTo}
          typing={typing}
          onReplied={() => setReplyTo(null)}
          onSent={() => setSent((n) => n + 1)}
          onEditLast={() => {
            const own = lastOwn(rows ?? []);
            if (own) acts.edit(own);
          }}
        />
      </div>
      {thread ? (
        <ThreadPanel
          key={thread.root}
          spaceId={spaceId}
          channelId={channelId}
          root={thread.root}
          shown={thread.shown}
          role={role}
          acts={acts}
          editing={editing}
          typing={typing}
          onClose={() => {
            closeThread();
            composer.current?.focus();
          }}
        />
      ) : null}
    </div>
  );
}

/** A document with what was said, and who said it, linked to the message; opened when it is made. */
function useMakingDocuments(spaceId: string): (messageId: string) => Promise<void> {
  const command = useCommand();
  const call = useCall();
  const [, go] = useLocation();
  const latest = useRef(go);
  latest.current = go;
  return useCallback(
    async (messageId) => {
      const asked = await call((client) => client.query('chat.thread', { messageId }));
      if (!asked) return;
      const rows = asked.value as readonly MessageRow[];
      // Of a message that stands in a thread itself, it alone.
      const own = rows[0]?.id === messageId ? rows : rows.filter(({ id }) => id === messageId);
      const text = own
        .filter((row) => !row.deleted && !row.blocked)
        .map((row) => `${mentionOf(row.author)}, ${exactly(row.at)}\n\n${row.text}`)
        .join('\n\n');
      const made = await command('chat.makeDocument', { messageId, text });
      if (made?.id) latest.current(paths.document(spaceId, made.id));
    },
    [command, call, spaceId],
  );
}

/**
 * Marks as read what is in sight, up to the last message that is shown, and gives the line above the first message that was
 * unread before. `isAtEnd` knows first what `atEnd` will say once it is drawn.
 */
function useReading(
  channelId: string,
  channel:
    | { readonly firstUnread: string | null; readonly unread: number; readonly unreadComments: number }
    | null
    | undefined,
  rows: readonly MessageRow[] | undefined,
  atEnd: boolean,
  isAtEnd: () => boolean,
): { readonly line: UnreadLine | null | undefined; readonly leaveUnread: () => void } {
  const command = useCommand();
  const visible = useSyncExternalStore(
    onVisibility,
    () => document.visibilityState === 'visible',
    () => true,
  );
  const [line, setLine] = useState<UnreadLine | null>(null);
  const [opened, setOpened] = useState(false);
  // What was marked as unread stays so until the channel is left.
  const [left, setLeft] = useState(false);
  const leaveUnread = useCallback(() => setLeft(true), []);
  const isEmpty = rows?.length === 0;
  const watching = visible && (atEnd || isEmpty) && !left;
  const first = channel?.firstUnread ?? null;
  const unread = channel?.unread ?? 0;
  const comments = channel?.unreadComments ?? 0;
  if (channel && !opened) {
    setOpened(true);
    if (first !== null) setLine({ id: first, n: unread });
  } else if (opened && first !== null && !watching && (line?.id !== first || line.n !== unread)) {
    // Messages that come while nobody looks move the line to the first of them.
    setLine({ id: first, n: unread });
  }
  // What was erased is no message any more.
  const last = rows?.findLast((row) => !row.erased)?.id;
  useEffect(() => {
    if (!watching || unread + comments === 0) return;
    // What is counted and not shown yet will be, and is not read before.
    if (last === undefined ? unread === 0 : isAtEnd())
      void command('chat.markRead', { channelId, ...(last === undefined ? {} : { upTo: last }) });
  }, [unread, comments, watching, last, channelId, command, isAtEnd]);
  return { line: channel === undefined ? undefined : line, leaveUnread };
}

/** The thread that is open beside the channel. A message that is asked for and was said in a thread opens it there. */
function useThread(channelId: string) {
  const { pointed: asked } = useInspection();
  const pointed = asked?.objectId === channelId ? asked : null;
  const where = useQuery('chat.where', pointed ? { messageId: pointed.block } : null);
  const [thread, setThread] = useState<{ readonly root: string; readonly shown: string | null } | null>(null);
  const inThread = where?.thread ?? null;
  const block = pointed?.block ?? null;
  const n = pointed?.n;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each asking counts once
  useEffect(() => {
    if (inThread !== null) setThread({ root: inThread, shown: block });
  }, [inThread, block, n]);
  return {
    pointed: pointed && where ? { ...pointed, block: where.thread ?? pointed.block } : null,
    /** Something is asked for, and where it stands is not known yet. */
    seeks: pointed !== null && where === undefined,
    thread,
    openThread: useCallback((root: string) => setThread({ root, shown: null }), []),
    closeThread: useCallback(() => setThread(null), []),
  };
}
