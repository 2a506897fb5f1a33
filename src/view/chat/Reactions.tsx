/** Under a message: the reactions people gave, each a switch of one's own, and how many comments it has. */
import { MessageSquare } from 'lucide-react';
import type { MessageRow } from '../../bridge/messages';
import { t } from '../kit/i18n';
import type { MenuItem } from '../kit/Menu';
import { counted } from '../kit/time';
import type { MessageActs } from './Message';

const OFFERED = ['👍', '❤️', '😄', '🎉', '👀', '✅', '🙏', '🤔'];

/** The reactions to choose from, those given already marked. */
export const reactionItems = (row: MessageRow, react: MessageActs['react']): MenuItem[] =>
  OFFERED.map((emoji) => {
    const mine = row.reactions.some((each) => each.emoji === emoji && each.mine);
    return { key: emoji, label: emoji, checked: mine, onSelect: () => react(row, emoji, !mine) };
  });

export function Reactions({ row, acts }: { row: MessageRow; acts: MessageActs }) {
  if (row.reactions.length === 0 && row.comments === 0) return null;
  return (
    <div className="reactions">
      {row.reactions.map(({ emoji, count, mine, people }) => (
        <button
          key={emoji}
          type="button"
          className={`chip ${mine ? 'on' : ''}`}
          aria-pressed={mine}
          disabled={!row.mayComment}
          title={t('message.reacted', { emoji, names: people.map(({ name }) => name).join(', ') })}
          aria-label={t('message.reacted', { emoji, names: people.map(({ name }) => name).join(', ') })}
          onClick={() => acts.react(row, emoji, !mine)}
        >
          <span aria-hidden>{emoji}</span>
          <span className="num" aria-hidden>
            {counted(count)}
          </span>
        </button>
      ))}
      {row.comments > 0 ? (
        <button type="button" className="chip" onClick={() => acts.comment(row)}>
          <MessageSquare className="i" size={14} strokeWidth={1.75} aria-hidden />
          {t('comments.count', { n: row.comments })}
        </button>
      ) : null}
    </div>
  );
}
