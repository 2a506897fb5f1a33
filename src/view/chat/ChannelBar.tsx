/** Above a channel: threads with something unread wherever they hang, and what can be done with the channel. */
import { Bell, BellMinus, BellOff, CheckCheck, Ellipsis, MessageSquareReply } from 'lucide-react';
import type { ChannelAnswer } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { Face } from '../kit/Face';
import { t } from '../kit/i18n';
import { useCommand } from '../kit/kernel';
import { Menu } from '../kit/Menu';
import { plainOf } from '../kit/markup/blocks';
import { useUndo } from '../kit/undo';

const LEVELS = ['all', 'mentions', 'none'] as const;
const BELLS = { all: Bell, mentions: BellMinus, none: BellOff } as const;

export function ChannelBar({ channel, onThread }: { channel: ChannelAnswer; onThread: (root: string) => void }) {
  const { id, spaceId, threads, level } = channel;
  const command = useCommand();
  const { offer } = useUndo();
  const Level = BELLS[level];
  const news = threads.reduce((sum, { unread }) => sum + unread, 0);
  return (
    <div className="channel-bar">
      <span className="grow" />
      {threads.length > 0 ? (
        <Menu
          align="end"
          items={threads.map((thread) => ({
            key: thread.id,
            label: plainOf(thread.text) || t('message.gone'),
            lead: <Face person={thread.author} size={20} />,
            note: thread.unread,
            onSelect: () => onThread(thread.id),
          }))}
        >
          <Button kind="line" size="small" icon={MessageSquareReply}>
            {t('thread.news', { n: news, threads: threads.length })}
          </Button>
        </Menu>
      ) : null}
      <Menu
        align="end"
        items={[
          { key: 'heading', heading: t('level') },
          ...LEVELS.map((each) => ({
            key: each,
            label: t(`level.${each}`),
            icon: BELLS[each],
            checked: each === level,
            onSelect: () => void command('chat.setLevel', { channelId: id, level: each }),
          })),
        ]}
      >
        <button type="button" className="ib sm" aria-label={t(`level.is.${level}`)} title={t(`level.is.${level}`)}>
          <Level className="i" size={16} strokeWidth={1.75} aria-hidden />
        </button>
      </Menu>
      <Menu
        align="end"
        items={[
          {
            key: 'read',
            label: t('channel.allRead'),
            icon: CheckCheck,
            onSelect: () =>
              void command('chat.markAllRead', { spaceId }).then((done) => offer(done, t('channel.allReadDone'))),
          },
        ]}
      >
        <button type="button" className="ib sm" aria-label={t('more')}>
          <Ellipsis className="i" size={16} strokeWidth={1.75} aria-hidden />
        </button>
      </Menu>
    </div>
  );
}
