/** One thread: a comment, its answers, and where the next answer is typed. */
import { Check, Ellipsis, Eraser, Pencil, RotateCcw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { CommentRow } from '../../bridge/messages';
import { IconButton } from '../kit/Button';
import { EraseDialog, erasedWords } from '../kit/Erase';
import { Face } from '../kit/Face';
import { t } from '../kit/i18n';
import { useCommand } from '../kit/kernel';
import { Menu, type MenuItem } from '../kit/Menu';
import { StateMark } from '../kit/marks';
import { Words } from '../kit/markup/Words';
import { RelativeTime } from '../kit/time';
import { useUndo } from '../kit/undo';
import { Who } from '../kit/Who';
import { CommentBox } from './CommentBox';

export type ThreadProps = {
  readonly objectId: string;
  readonly spaceId: string;
  readonly root: CommentRow;
  readonly answers: readonly CommentRow[];
  readonly mayComment: boolean;
  readonly on: boolean;
  /** Shows the block in the document; null where the object has none. */
  readonly onShow: ((block: string) => void) | null;
};

export function Thread({ objectId, spaceId, root, answers, mayComment, on, onShow }: ThreadProps) {
  const command = useCommand();
  const resolve = (resolved: boolean) => void command('comments.resolve', { commentId: root.id, resolved });
  return (
    <article
      className={`thread ${on ? 'on' : ''}`}
      data-thread-of={root.id}
      tabIndex={-1}
      aria-label={t('comments.thread', { name: root.author.name })}
    >
      {root.block !== null ? (
        <button
          type="button"
          className="thread-quote"
          title={t('comments.show')}
          disabled={onShow === null}
          onClick={() => onShow?.(root.block ?? '')}
        >
          <span>{root.quote || t('comments.block')}</span>
        </button>
      ) : null}
      <Comment spaceId={spaceId} row={root} onResolve={root.mayResolve ? resolve : null} />
      {answers.map((row) => (
        <Comment key={row.id} spaceId={spaceId} row={row} onResolve={null} />
      ))}
      {mayComment && !root.resolved && !root.deleted ? (
        <CommentBox
          spaceId={spaceId}
          label={t('comments.answer')}
          action={t('comments.send')}
          onSend={async (text) => (await command('comments.add', { objectId, text, parent: root.id })) !== undefined}
        />
      ) : null}
    </article>
  );
}

function Comment({
  spaceId,
  row,
  onResolve,
}: {
  spaceId: string;
  row: CommentRow;
  onResolve: ((resolved: boolean) => void) | null;
}) {
  const command = useCommand();
  const { offer } = useUndo();
  const [editing, setEditing] = useState(false);
  const [erasing, setErasing] = useState(false);
  const remove = () =>
    void command('comments.remove', { commentId: row.id }).then((done) => {
      void offer(done);
    });
  const items: MenuItem[] = [
    ...(row.mayEdit ? [{ key: 'edit', label: t('edit'), icon: Pencil, onSelect: () => setEditing(true) }] : []),
    ...(row.mayRemove ? [{ key: 'remove', label: t('delete'), icon: Trash2, danger: true, onSelect: remove }] : []),
    ...(row.mayErase
      ? [{ key: 'erase', label: t('erase'), icon: Eraser, danger: true, onSelect: () => setErasing(true) }]
      : []),
  ];
  return (
    <div className={`said ${row.unread ? 'unread' : ''}`}>
      <div className="who">
        <Who person={row.author} spaceId={spaceId}>
          <Face person={row.author} size={20} />
          <b className="cut">{row.author.name}</b>
        </Who>
        <span className="t12 t3">
          <RelativeTime at={row.at} />
        </span>
        {row.unread ? <span className="dot" role="img" aria-label={t('comments.unread')} /> : null}
        <span className="grow" />
        {onResolve ? (
          <IconButton
            small
            label={t(row.resolved ? 'comments.reopen' : 'comments.resolve')}
            icon={row.resolved ? RotateCcw : Check}
            onClick={() => onResolve(!row.resolved)}
          />
        ) : null}
        {items.length > 0 ? (
          <Menu align="end" items={items}>
            <button type="button" className="ib sm" aria-label={t('more')}>
              <Ellipsis className="i" size={16} strokeWidth={1.75} aria-hidden />
            </button>
          </Menu>
        ) : null}
      </div>
      {editing ? (
        <CommentBox
          spaceId={spaceId}
          label={t('comments.editing')}
          action={t('save')}
          initial={row.text}
          focus={1}
          onCancel={() => setEditing(false)}
          onSend={async (text) => {
            const done = (await command('comments.edit', { commentId: row.id, text })) !== undefined;
            if (done) setEditing(false);
            return done;
          }}
        />
      ) : row.deleted ? (
        <p className="t3">{row.erased ? erasedWords(row.erased) : t('comments.gone')}</p>
      ) : (
        <div className="words">
          <Words
            text={row.text}
            spaceId={spaceId}
            tail={row.edited ? <span className="t12 t3"> {t('message.edited')}</span> : undefined}
          />
        </div>
      )}
      {row.mine && !row.deleted && row.state.step !== 'beacon' ? <StateMark state={row.state} /> : null}
      {erasing ? <EraseDialog id={row.id} onClose={() => setErasing(false)} /> : null}
    </div>
  );
}
