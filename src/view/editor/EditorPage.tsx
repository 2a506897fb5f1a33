/** A document: its title and state, its body, and what to say when it cannot be changed or opened. */
import { LayoutTemplate, Lock, MessageSquare, PencilLine, Trash2, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { DocumentAnswer, Refusal } from '../../bridge/messages';
import { useWhyNot } from '../kit/access';
import { Face } from '../kit/Face';
import { Segmented } from '../kit/Field';
import { useInspection } from '../kit/inspect';
import { useCommand, useKernel, useQuery } from '../kit/kernel';
import { StateMark } from '../kit/marks';
import { translated } from '../kit/refusals';
import { paths } from '../kit/routes';
import { useViewing } from '../kit/viewing';
import { Who } from '../kit/Who';
import './editor.css';
import { Away } from './Away';
import type { Caret, Said } from './Sheet';
import { Sheet } from './Sheet';
import type { Lost } from './session';
import { useSession } from './session';
import { text } from './strings';
import { Title } from './Title';

export function EditorPage({ spaceId, documentId }: { spaceId: string; documentId: string }) {
  const answer = useQuery('editor.document', { documentId });
  const content = useQuery('os.content', { id: documentId });
  if (answer === undefined || content === undefined) return <Skeleton />;
  if (answer === null || answer.spaceId !== spaceId) return <div className="empty">{text('missing')}</div>;
  if (content !== null && !content.here) return <Away answer={answer} content={content} />;
  return <DocumentView key={documentId} answer={answer} />;
}

function DocumentView({ answer }: { answer: DocumentAnswer }) {
  const { id, title, author, state, deleted, spaceId } = answer;
  const { viewing } = useViewing();
  const closed = useWhyNot(id, 'edit');
  const mayEdit = answer.mayEdit && viewing === null;
  const maySuggest = answer.maySuggest && viewing === null;
  const [chosen, choose] = useState<'edit' | 'suggest'>('edit');
  const drafting = !deleted && maySuggest && (chosen === 'suggest' || !mayEdit);
  const writable = mayEdit && !deleted && !drafting;
  const kernel = useKernel();
  const command = useCommand();
  const [, go] = useLocation();
  const { session, rows, lost, retry, dismiss } = useSession(kernel, id, writable);
  const caret = useRef<Caret | null>(null);
  const suggestions = useQuery('editor.suggestions', { documentId: id });
  const comments = useQuery('comments.thread', { objectId: id });
  const about = useQuery('comments.about', { objectId: id });
  const { show, pointed } = useInspection();
  const asked = useRef(0);
  const say = useCallback(
    (said: Said) => show({ id, kind: 'document', title, spaceId, said: { ...said, n: ++asked.current } }),
    [show, id, title, spaceId],
  );
  useReadProposals(id, suggestions?.length ?? 0, about?.unread ?? 0);

  const rename = async (next: string): Promise<boolean> =>
    (await command('editor.rename', { documentId: id, title: next })) !== undefined;
  const begin = (name: string): void => {
    if (title.trim() === '') void rename(name);
  };
  const makeLikeIt = async (): Promise<void> => {
    const made = await command('editor.createDocument', { spaceId, template: id });
    if (made?.id) go(paths.document(spaceId, made.id));
  };
  const head = (enter: () => void): ReactNode => (
    <header>
      <Title title={title} writable={writable} rename={rename} leave={enter} />
      <div className="editor-meta">
        <span>
          <Who person={author} spaceId={spaceId}>
            <Face person={author} size={16} />
            <span>{author.name}</span>
          </Who>
        </span>
        <StateMark state={state} />
        {answer.template ? (
          <span className="editor-template">
            <LayoutTemplate className="i" size={14} strokeWidth={1.75} aria-hidden />
            {text('isTemplate')}
            {mayEdit ? (
              <button type="button" className="btn sm" onClick={() => void makeLikeIt()}>
                {text('makeLikeIt')}
              </button>
            ) : null}
          </span>
        ) : null}
        <div className="doings">
          {maySuggest ? (
            <Segmented
              label={text('mode')}
              value={drafting ? 'suggest' : 'edit'}
              choices={[
                {
                  value: 'edit',
                  label: text('modeEdit'),
                  ...(mayEdit ? {} : { disabled: closed || text('guestsSuggest') }),
                },
                { value: 'suggest', label: text('modeSuggest') },
              ]}
              onChange={choose}
            />
          ) : null}
          {about ? (
            <button type="button" className="btn sm" onClick={() => say({})}>
              <span className="sr">{text('comments')}</span>
              <MessageSquare className="i" size={14} strokeWidth={1.75} aria-hidden />
              <span className="num">{about.open}</span>
              {about.unread > 0 ? <span className="dot" /> : null}
            </button>
          ) : null}
        </div>
      </div>
    </header>
  );
  return (
    <div className="editor">
      {deleted ? (
        <Notice icon={<Trash2 size={16} strokeWidth={1.75} aria-hidden />}>
          <p>{text('deleted')}</p>
        </Notice>
      ) : null}
      {drafting ? (
        <Notice icon={<PencilLine size={16} strokeWidth={1.75} aria-hidden />}>
          <p>{mayEdit ? text('suggestMode') : `${closed} ${text('closedMode')}`}</p>
        </Notice>
      ) : null}
      {!mayEdit && !maySuggest && !deleted && viewing?.at === undefined ? (
        <Notice icon={<Lock size={16} strokeWidth={1.75} aria-hidden />}>
          <p>{closed || text('readOnly')}</p>
        </Notice>
      ) : null}
      {lost === null ? null : <LostNotice lost={lost} dismiss={dismiss} />}
      {session.step === 'opening' ? <Skeleton /> : null}
      {session.step === 'failed' ? (
        <div className="empty" role="alert">
          <p>{wordsOf(session.refusal)}</p>
          <button type="button" className="btn line" onClick={retry}>
            {text('retry')}
          </button>
        </div>
      ) : null}
      {session.step === 'open' ? (
        <Sheet
          key={`${session.generation} ${drafting}`}
          documentId={id}
          spaceId={spaceId}
          twin={session.twin}
          rows={rows}
          head={head}
          caret={caret}
          draft={drafting}
          suggestions={suggestions}
          comments={comments}
          decides={mayEdit}
          say={about?.mayComment ? say : null}
          pointed={pointed?.objectId === id ? pointed : null}
          begin={begin}
        />
      ) : null}
    </div>
  );
}

/** What others proposed is read when the document is in sight; comments only when their threads are. */
function useReadProposals(documentId: string, proposals: number, unreadComments: number): void {
  const command = useCommand();
  useEffect(() => {
    if (proposals > 0 && unreadComments === 0 && document.visibilityState === 'visible')
      void command('comments.markRead', { objectId: documentId });
  }, [command, documentId, proposals, unreadComments]);
}

function Notice({ icon, children, alert = false }: { icon: ReactNode; children: ReactNode; alert?: boolean }) {
  return (
    <div className={`editor-notice ${alert ? 'alert' : ''}`} role={alert ? 'alert' : 'status'}>
      {icon}
      {children}
    </div>
  );
}

const wordsOf = (refusal: Refusal): string => {
  const { message, safe, next } = translated(refusal);
  return `${message} ${safe} ${next}`;
};

function LostNotice({ lost, dismiss }: { lost: Lost; dismiss: () => void }) {
  const { words } = lost;
  const refusal = translated(lost.refusal);
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(words ?? '');
      setCopied(true);
    } catch {
      setCopied(false);
    }
  };
  return (
    <Notice alert icon={<TriangleAlert size={16} strokeWidth={1.75} aria-hidden />}>
      <p>
        <b>{refusal.message}</b> {refusal.safe} {refusal.next}
      </p>
      {words === null ? null : (
        <button type="button" className="btn line" onClick={copy}>
          {copied ? text('copied') : text('copyLost')}
        </button>
      )}
      <button type="button" className="btn" onClick={dismiss}>
        {text('dismiss')}
      </button>
    </Notice>
  );
}

/** The real layout, without words. */
function Skeleton() {
  return (
    <div className="editor-columns" role="status" aria-label={text('opening')}>
      <div className="editor-outline" />
      <div className="editor-scroll">
        <div className="editor-page">
          <span className="skel" style={{ width: '60%', height: 28, margin: '4px 0 24px' }} />
          {[96, 100, 92, 70].map((width) => (
            <span key={width} className="skel" style={{ width: `${width}%`, height: 14, marginBottom: 12 }} />
          ))}
        </div>
      </div>
    </div>
  );
}
