/** In place of a text that is not on this device: who has it, and how far it is fetched. Being looked at is asking for it. */
import { CloudDownload } from 'lucide-react';
import { useCallback, useEffect } from 'react';
import type { ContentAnswer, DocumentAnswer } from '../../bridge/messages';
import { useKernel } from '../kit/kernel';
import { text } from './strings';

type Holder = ContentAnswer['holders'][number];

const nameOf = ({ kind, name, linked }: Holder): string => {
  const who = kind === 'beacon' ? name : text('awayDevice', { name });
  return linked ? who : text('awayOutOfReach', { name: who });
};
const namesOf = (holders: readonly Holder[]): string => holders.map(nameOf).join(', ');

/** What is going on, and what it waits for. */
const wordsOf = ({ from, got, total, holders }: ContentAnswer): readonly string[] => {
  if (from !== null) return [text('awayFetching', { name: from.name, got, total })];
  const silent = holders.filter((holder) => holder.silent);
  const others = holders.filter((holder) => !holder.silent);
  return [
    ...(silent.length > 0 ? [text('awaySilent', { names: namesOf(silent) })] : []),
    ...(others.length > 0 ? [text('awayHolders', { names: namesOf(others) })] : []),
    text(holders.length === 0 ? 'awayUnknown' : others.length === 0 ? 'awayAskAgain' : 'awayWaits'),
  ];
};

export function Away({ answer, content }: { answer: DocumentAnswer; content: ContentAnswer }) {
  const kernel = useKernel();
  const { id, title } = answer;
  const fetchIt = useCallback(() => {
    // What is told here says it all: a refusal would only say it twice.
    kernel.run('os.fetch', { id }).catch((fault: unknown) => console.debug('os.fetch', String(fault)));
  }, [kernel, id]);
  useEffect(fetchIt, [fetchIt]);
  return (
    <div className="editor-columns">
      <div className="editor-outline" />
      <div className="editor-scroll">
        <div className="editor-page">
          <h2 className="editor-away-title">{title || text('untitled')}</h2>
          <div className="editor-away" role="status" data-testid="away">
            <CloudDownload size={20} strokeWidth={1.75} aria-hidden />
            <div>
              <p>
                <b>{text('awayTitle')}</b>
              </p>
              {wordsOf(content).map((words) => (
                <p key={words}>{words}</p>
              ))}
              {content.from === null ? (
                <button type="button" className="btn line" onClick={fetchIt}>
                  {text('retry')}
                </button>
              ) : (
                <progress max={content.total} value={content.got} aria-label={text('awayTitle')} />
              )}
            </div>
          </div>
        </div>
      </div>
    </div>
  );
}
