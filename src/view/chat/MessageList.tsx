/**
 * The messages, oldest at the top: only rows in sight are drawn, of a window that moves along (`useStanding`). Arrow keys walk.
 * What is new is read aloud as it comes.
 */
import { ArrowDown } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { useMemo, useState } from 'react';
import { plainOf } from '../../base/markdown/blocks';
import type { ChannelAnswer } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { t } from '../kit/i18n';
import { matches } from '../kit/shortcuts';
import { dayName, dayNumber, sinceWhen, useNow } from '../kit/time';
import { Beginning } from './Beginning';
import type { MessageActs } from './Message';
import { Message } from './Message';
import type { Item } from './rows';
import { itemsOf } from './rows';
import { type StandingProps, useStanding } from './useStanding';

export type MessageListProps = Pick<
  StandingProps,
  'window' | 'spot' | 'seeking' | 'seek' | 'line' | 'name' | 'pointed' | 'sent' | 'clockOffset' | 'onEnd'
> & {
  readonly channel: ChannelAnswer | undefined;
  readonly editing: string | null;
  readonly acts: Omit<MessageActs, 'jump'>;
  /** How many arrived that are not in sight yet. */
  readonly unseen: number;
};

export function MessageList({ channel, editing, acts, unseen, ...place }: MessageListProps) {
  const now = useNow();
  const { window, line } = place;
  const { rows } = window;
  const over = window.before > 0 ? 'more' : channel ? 'beginning' : 'nothing';
  const items = useMemo(() => itemsOf(rows, line ?? null, dayNumber, over), [rows, line, over]);
  const { scroller, virtual, atEnd, found, above, below, onScroll, toEnd, jump } = useStanding({ ...place, items });
  const [active, setActive] = useState<string | null>(null);
  const last = rows[rows.length - 1];
  const messageActs = useMemo<MessageActs>(() => ({ ...acts, jump }), [acts, jump]);

  const walk = (event: KeyboardEvent) => {
    const step = matches(event, 'messageNext') ? 1 : matches(event, 'messageBefore') ? -1 : 0;
    const here = (event.target as HTMLElement).dataset.message;
    if (step === 0 || here === undefined) return;
    const messages = items.filter((item) => item.kind === 'message');
    const next = messages[messages.findIndex((item) => item.key === here) + step];
    if (!next) return;
    event.preventDefault();
    setActive(next.key);
    virtual.scrollToIndex(items.indexOf(next), { align: 'auto' });
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-message="${CSS.escape(next.key)}"]`)?.focus(),
    );
  };
  const tabStop = active ?? last?.id ?? null;
  return (
    <div className="log-box">
      <div
        ref={scroller}
        className="log"
        role="log"
        aria-label={t('messages')}
        aria-live="off"
        data-testid="message-list"
        onScroll={onScroll}
        onKeyDown={walk}
      >
        <div className="all" style={{ height: virtual.getTotalSize() }}>
          {above > 0 ? <div className="outside" style={{ height: above }} /> : null}
          {below > 0 ? <div className="outside" style={{ height: below, bottom: 0 }} /> : null}
          {virtual.getVirtualItems().map((place) => {
            const item = items[place.index];
            if (!item) return null;
            return (
              <div
                key={place.key}
                data-index={place.index}
                ref={virtual.measureElement}
                className="at"
                style={{ transform: `translateY(${place.start}px)` }}
              >
                <Line
                  item={item}
                  now={now}
                  channel={channel}
                  editing={editing}
                  found={found}
                  tabStop={tabStop}
                  acts={messageActs}
                />
              </div>
            );
          })}
        </div>
      </div>
      {/* The list redraws as it scrolls; what is read aloud is the newest message alone. */}
      <div className="sr" aria-live="polite">
        {last && window.after === 0 && !last.mine && !last.deleted && !last.blocked
          ? t('message.said', { name: last.author.name, text: plainOf(last.text) })
          : null}
      </div>
      {atEnd ? null : (
        <Button className="to-end" kind="line" icon={ArrowDown} onClick={toEnd}>
          {unseen > 0 ? t('message.below', { n: unseen }) : t('message.latest')}
        </Button>
      )}
    </div>
  );
}

function Line({
  item,
  now,
  channel,
  editing,
  found,
  tabStop,
  acts,
}: {
  item: Item;
  now: number;
  channel: ChannelAnswer | undefined;
  editing: string | null;
  found: string | null;
  tabStop: string | null;
  acts: MessageActs;
}) {
  switch (item.kind) {
    case 'beginning':
      return channel ? <Beginning channel={channel} /> : null;
    case 'day':
      return <div className="sep">{dayName(item.at, now)}</div>;
    case 'new':
      return (
        <div className="sep new">
          {item.since === null
            ? t('message.new', { n: item.n })
            : t('message.newSince', { n: item.n, when: sinceWhen(item.since, now) })}
        </div>
      );
    case 'late':
      return <div className="sep late">{t('message.late')}</div>;
    case 'message':
      return (
        <Message
          row={item.row}
          joined={item.joined}
          editing={editing === item.key}
          found={found === item.key}
          active={tabStop === item.key}
          acts={acts}
        />
      );
  }
}
