/**
 * What was said about one object: the same for a channel, a message, a document or anything else. Open threads first, the
 * closed on demand; of a document also what was decided about proposed changes. Seen comments are read.
 */
import { X } from 'lucide-react';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { SuggestionRow } from '../../bridge/messages';
import { IconButton } from '../kit/Button';
import { t } from '../kit/i18n';
import type { Inspected } from '../kit/inspect';
import { useInspection } from '../kit/inspect';
import { useCommand, useQuery } from '../kit/kernel';
import { counted, RelativeTime } from '../kit/time';
import { CommentBox } from './CommentBox';
import './comments.css';
import { useViewing } from '../kit/viewing';
import { FaceOf } from '../kit/Who';
import { Thread } from './Thread';

const onVisibility = (changed: () => void) => {
  document.addEventListener('visibilitychange', changed);
  return () => document.removeEventListener('visibilitychange', changed);
};

export function Comments({ target }: { target: Inspected }) {
  const { id: objectId, spaceId, said, kind } = target;
  const rows = useQuery('comments.thread', { objectId });
  const about = useQuery('comments.about', { objectId });
  const command = useCommand();
  const { point } = useInspection();
  const { viewing } = useViewing();
  const place = useRef<HTMLElement>(null);
  const [closed, setClosed] = useState(false);
  const [meant, setMeant] = useState(said);
  const asked = said?.n ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each asking counts once
  useEffect(() => {
    setMeant(said);
    if (!said) return;
    const root = said.thread;
    const found = root && place.current?.querySelector<HTMLElement>(`[data-thread-of="${CSS.escape(root)}"]`);
    (found || place.current)?.scrollIntoView({ block: found ? 'center' : 'start', behavior: 'instant' });
    if (found) found.focus();
  }, [asked, rows === undefined]);

  const visible = useSyncExternalStore(
    onVisibility,
    () => document.visibilityState === 'visible',
    () => true,
  );
  const unread = about?.unread ?? 0;
  useEffect(() => {
    if (unread > 0 && visible) void command('comments.markRead', { objectId });
  }, [unread, visible, objectId, command]);

  if (!about || rows === undefined) return null;
  const roots = rows.filter((row) => row.parent === null);
  const open = roots.filter((row) => !row.resolved);
  const resolved = roots.filter((row) => row.resolved);
  const thread = (root: (typeof rows)[number]) => (
    <Thread
      key={root.id}
      objectId={objectId}
      spaceId={spaceId}
      root={root}
      answers={rows.filter((row) => row.parent === root.id)}
      mayComment={about.mayComment}
      on={root.id === meant?.thread}
      onShow={kind === 'document' ? (block) => point(objectId, block) : null}
    />
  );
  const anchored = meant?.block !== undefined && meant.thread === undefined;
  return (
    <section ref={place} className="comments" aria-label={t('comments')}>
      <div className="h">
        {t('comments')}
        <span className="n num">{counted(about.count)}</span>
      </div>
      {open.map(thread)}
      {about.mayComment ? (
        <>
          {anchored ? (
            <div className="thread-quote new">
              <span>{meant.quote || t('comments.block')}</span>
              <IconButton small label={t('comments.whole')} icon={X} onClick={() => setMeant(undefined)} />
            </div>
          ) : null}
          <CommentBox
            spaceId={spaceId}
            label={t(anchored ? 'comments.here' : 'comments.write')}
            action={t('comments.send')}
            focus={said && said.thread === undefined ? asked : null}
            onSend={async (text) => {
              const where = anchored ? { block: meant.block, quote: (meant.quote ?? '').slice(0, 400) } : {};
              const made = await command('comments.add', { objectId, text, ...where });
              if (made !== undefined) setMeant(undefined);
              return made !== undefined;
            }}
          />
        </>
      ) : (
        <p className="t12 t3">{t(viewing ? 'not.viewing' : 'comments.mayNot')}</p>
      )}
      {resolved.length > 0 ? (
        <button type="button" className="btn sm" aria-expanded={closed} onClick={() => setClosed(!closed)}>
          {t('comments.closed', { n: resolved.length })}
        </button>
      ) : null}
      {closed ? resolved.map(thread) : null}
      {kind === 'document' ? <Decided documentId={objectId} spaceId={spaceId} /> : null}
    </section>
  );
}

/** Who suggested what was written, and who wrote it. */
function Decided({ documentId, spaceId }: { documentId: string; spaceId: string }) {
  const rows = useQuery('editor.suggestions', { documentId });
  const decided = (rows ?? []).filter((row) => row.decided !== null).reverse();
  if (decided.length === 0) return null;
  return (
    <>
      <div className="h">
        {t('suggestions.decided')}
        <span className="n num">{counted(decided.length)}</span>
      </div>
      {decided.map((row) => (
        <Verdict key={row.id} row={row} spaceId={spaceId} />
      ))}
    </>
  );
}

function Verdict({ row: { author, decided, note }, spaceId }: { row: SuggestionRow; spaceId: string }) {
  if (decided === null) return null;
  return (
    <div className="li step verdict">
      <FaceOf person={decided.by} spaceId={spaceId} size={16} />
      <span className="grow">
        {t(decided.verdict === 'accepted' ? 'suggestions.accepted' : 'suggestions.declined', {
          by: decided.by.name,
          name: author.name,
        })}
        {note === '' ? null : <span className="t3"> {note}</span>}
      </span>
      <span className="t12 t3">
        <RelativeTime at={decided.at} />
      </span>
    </div>
  );
}
