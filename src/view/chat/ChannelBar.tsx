/** In the bar above a channel: threads with something unread wherever they hang, and what can be done with the channel. */
import { CalendarSearch, CheckCheck, Ellipsis, FileDown, MessageSquareReply, Pin, Search } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { plainOf } from '../../base/markdown/blocks';
import type { ChannelAnswer } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { InBar } from '../kit/bar';
import { Face } from '../kit/Face';
import { saveFile } from '../kit/files';
import { t } from '../kit/i18n';
import { useCall, useCommand } from '../kit/kernel';
import { Menu } from '../kit/Menu';
import { BELLS } from '../kit/marks';
import { fileName } from '../kit/names';
import { paths } from '../kit/routes';
import { showNotice } from '../kit/Toasts';
import { exactly, momentField } from '../kit/time';
import { allSaid, transcriptOf } from '../kit/transcript';
import { useUndo } from '../kit/undo';

const LEVELS = ['all', 'mentions', 'none'] as const;

type ChannelBarProps = {
  readonly channel: ChannelAnswer;
  readonly onThread: (root: string) => void;
  readonly onShow: (messageId: string) => void;
};

export function ChannelBar({ channel, onThread, onShow }: ChannelBarProps) {
  const { id, spaceId, title, threads, level, pins } = channel;
  const call = useCall();
  const [, go] = useLocation();
  const [dating, setDating] = useState(false);
  const command = useCommand();
  const { offer } = useUndo();
  const Level = BELLS[level];
  const news = threads.reduce((sum, { unread }) => sum + unread, 0);
  return (
    <InBar>
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
          <Button kind="line" size="small" icon={MessageSquareReply} className="news">
            {t('thread.news', { n: news, threads: threads.length })}
          </Button>
        </Menu>
      ) : null}
      {pins.length > 0 ? (
        <Menu
          align="end"
          items={[
            { key: 'heading', heading: t('pins') },
            ...pins.map((pin) => ({
              key: pin.id,
              label: plainOf(pin.text) || t('message.gone'),
              hint: `${pin.author.name}, ${exactly(pin.at)}`,
              onSelect: () => onShow(pin.id),
            })),
          ]}
        >
          <Button size="small" icon={Pin} className="broad">
            {t('pins.count', { n: pins.length })}
          </Button>
        </Menu>
      ) : null}
      {dating ? <JumpToDay channelId={id} onShow={onShow} onClose={() => setDating(false)} /> : null}
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
        <button type="button" className="ib" aria-label={t(`level.is.${level}`)} title={t(`level.is.${level}`)}>
          <Level className="i" size={16} strokeWidth={1.75} aria-hidden />
        </button>
      </Menu>
      <Menu
        align="end"
        items={[
          {
            key: 'search',
            label: t('channel.search'),
            icon: Search,
            onSelect: () =>
              go(paths.search(`in:${/^[^\s"]+$/.test(title) ? title : `"${title.replaceAll('"', '')}"`} `)),
          },
          { key: 'jump', label: t('channel.jump'), icon: CalendarSearch, onSelect: () => setDating(true) },
          { key: 'line', line: true },
          {
            key: 'export',
            label: t('channel.export'),
            icon: FileDown,
            onSelect: () =>
              void call((client) => allSaid(client, id)).then((said) => {
                if (said)
                  saveFile(`${fileName(title, t('untitled'))}.md`, new Blob([...transcriptOf(title, said.value)]));
              }),
          },
          {
            key: 'read',
            label: t('channel.allRead'),
            icon: CheckCheck,
            onSelect: () =>
              void command('chat.markAllRead', { spaceId }).then((done) => offer(done, t('channel.allReadDone'))),
          },
        ]}
      >
        <button type="button" className="ib" aria-label={t('channel.more')}>
          <Ellipsis className="i" size={16} strokeWidth={1.75} aria-hidden />
        </button>
      </Menu>
    </InBar>
  );
}

/** A day to go to: its first message, or the last before it. */
function JumpToDay({
  channelId,
  onShow,
  onClose,
}: {
  channelId: string;
  onShow: (messageId: string) => void;
  onClose: () => void;
}) {
  const call = useCall();
  const jump = async (day: string): Promise<void> => {
    const at = new Date(`${day}T00:00`).getTime();
    if (Number.isNaN(at)) return;
    const found = await call((client) => client.query('chat.firstSince', { channelId, at }));
    const message = found?.value as { readonly messageId: string } | null | undefined;
    if (message) onShow(message.messageId);
    else showNotice(t('channel.empty'));
  };
  return (
    <input
      type="date"
      className="field day"
      // biome-ignore lint/a11y/noAutofocus: it takes the place of the button that was pressed
      autoFocus
      aria-label={t('channel.jump')}
      max={momentField(Date.now()).slice(0, 10)}
      onBlur={onClose}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
        if (event.key === 'Enter') void jump(event.currentTarget.value).then(onClose);
      }}
      onChange={(event) => void jump(event.target.value)}
    />
  );
}
