/** Where a channel begins: what it is called and about, who made it and when. Whoever may write here says what it is about. */
import { Hash, PencilLine } from 'lucide-react';
import { useState } from 'react';
import type { ChannelAnswer } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { t } from '../kit/i18n';
import { useCommand } from '../kit/kernel';
import { exactly, sinceWhen, useNow } from '../kit/time';

const MAX_TOPIC = 1_000;

export function Beginning({ channel: { id, title, topic, made, mayPin } }: { channel: ChannelAnswer }) {
  const command = useCommand();
  const now = useNow();
  const [typed, setTyped] = useState<string | null>(null);
  const save = (): void => {
    setTyped(null);
    if (typed !== null && typed.trim() !== topic) void command('chat.setTopic', { channelId: id, topic: typed });
  };
  return (
    <section className="beginning" aria-label={t('beginning')}>
      <Hash className="i" size={28} strokeWidth={1.75} aria-hidden />
      <h2>{title || t('untitled')}</h2>
      {typed === null ? (
        <>
          {topic ? <p>{topic}</p> : null}
          <p className="t3" title={exactly(made.at)}>
            {t('beginning.made', { name: made.by.name, when: sinceWhen(made.at, now) })}
          </p>
          {mayPin ? (
            <Button kind="line" icon={PencilLine} onClick={() => setTyped(topic)}>
              {t(topic ? 'topic.change' : 'topic.set')}
            </Button>
          ) : null}
        </>
      ) : (
        <input
          className="field"
          // biome-ignore lint/a11y/noAutofocus: it takes the place of the button that was pressed
          autoFocus
          aria-label={t('prop.topic')}
          maxLength={MAX_TOPIC}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={save}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === 'Enter') save();
            if (event.key === 'Escape') setTyped(null);
          }}
        />
      )}
    </section>
  );
}
