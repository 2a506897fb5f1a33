/**
 * The bar of proposed changes over a document: which one is looked at, whose it is, what it does, and what to do with it.
 * By keyboard: F8 and Shift+F8 in the text walk the changes, and in the bar the arrows do; A accepts, D declines, Escape
 * goes back to the text.
 */
import type { Editor } from '@tiptap/core';
import { ChevronDown, ChevronUp, GitPullRequestArrow } from 'lucide-react';
import type { FormEvent, KeyboardEvent } from 'react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { Barred } from '../../kit/access';
import { Button, IconButton } from '../../kit/Button';
import { Dialog } from '../../kit/Dialog';
import { useCommand } from '../../kit/kernel';
import { matches } from '../../kit/shortcuts';
import { FaceOf } from '../../kit/Who';
import { text } from '../strings';
import { Compare } from './Compare';
import { summaryOf } from './change';
import type { Deciding, Proposal } from './useProposals';

export type BarProps = {
  readonly spaceId: string;
  readonly editor: Editor;
  readonly proposals: readonly Proposal[];
  readonly current: string;
  readonly onCurrent: (id: string) => void;
  readonly deciding: Deciding;
  /** Why this person does not accept and decline here; null when they do. */
  readonly closed: string | null;
};

/** To the next or the one before; 0 for another key. */
const stepOf = (event: globalThis.KeyboardEvent | KeyboardEvent): -1 | 0 | 1 => {
  const pressed = 'nativeEvent' in event ? event.nativeEvent : event;
  return matches(pressed, 'proposal') ? 1 : matches(pressed, 'proposalBefore') ? -1 : 0;
};

/** What a change does, in a few words. */
export function wordsOf({ change }: Proposal): string {
  if (!change) return text('unreadable');
  const said = summaryOf(change);
  if (said.out !== '' && said.in !== '') return text('replaces', said);
  if (said.in !== '') return text('adds', { in: said.in });
  return said.out === '' ? text('reshapes') : text('removes', { out: said.out });
}

export function Bar({ spaceId, editor, proposals, current, onCurrent, deciding, closed }: BarProps) {
  const decides = closed === null;
  const bar = useRef<HTMLDivElement>(null);
  const [comparing, setComparing] = useState<Proposal | null>(null);
  const [noting, setNoting] = useState<Proposal | null>(null);
  const at = Math.max(
    0,
    proposals.findIndex(({ id }) => id === current),
  );
  const proposal = proposals[at];

  const look = useCallback(
    (next: Proposal | undefined): void => {
      if (!next) return;
      onCurrent(next.id);
      if (next.stand?.at === undefined) return;
      const dom = editor.view.domAtPos(Math.min(next.stand.at + 1, editor.state.doc.content.size)).node;
      (dom instanceof Element ? dom : dom.parentElement)?.scrollIntoView({ block: 'center', behavior: 'instant' });
    },
    [editor, onCurrent],
  );
  const step = useCallback(
    (by: number): void => {
      const known = proposals.findIndex(({ id }) => id === current);
      look(proposals[known < 0 ? 0 : (known + by + proposals.length) % proposals.length]);
    },
    [proposals, current, look],
  );
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      const by = stepOf(event);
      if (by === 0) return;
      event.preventDefault();
      step(by);
      bar.current?.focus();
    };
    const { dom } = editor.view;
    dom.addEventListener('keydown', onKey);
    return () => dom.removeEventListener('keydown', onKey);
  }, [editor, step]);

  if (!proposal) return null;
  const { stand, change, mine, row } = proposal;
  const fits = change !== null && (stand?.type === 'fresh' || stand?.type === 'moved');
  const stale = stand?.type === 'moved' || stand?.type === 'clash' || stand?.type === 'gone';
  const others = proposals.filter((each) => each.stand?.type === 'fresh' || each.stand?.type === 'moved');
  const next = (): void => look(proposals[at + 1] ?? proposals[at - 1]);

  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (stepOf(event) !== 0) step(stepOf(event));
    else if (event.key === 'ArrowDown' || event.key === 'ArrowRight') step(1);
    else if (event.key === 'ArrowUp' || event.key === 'ArrowLeft') step(-1);
    else if (event.key === 'Escape') editor.commands.focus();
    else if (event.code === 'KeyA' && decides && fits) void deciding.accept(proposal).then(next);
    else if (event.code === 'KeyD' && decides) void deciding.decline(proposal).then(next);
    else return;
    event.preventDefault();
  };
  return (
    <div className="sug-bar" role="toolbar" aria-label={text('proposed')} tabIndex={-1} ref={bar} onKeyDown={onKey}>
      <GitPullRequestArrow className="i" size={16} strokeWidth={1.75} aria-hidden />
      <b className="sug-title">{text('proposed')}</b>
      <span className="sug-walk">
        <IconButton small label={text('previousChange')} keys="Shift F8" icon={ChevronUp} onClick={() => step(-1)} />
        <span className="num t2">{text('proposedCount', { at: at + 1, n: proposals.length })}</span>
        <IconButton small label={text('nextChange')} keys="F8" icon={ChevronDown} onClick={() => step(1)} />
      </span>
      <span className="sug-what">
        <FaceOf person={proposal.author} spaceId={spaceId} size={16} />
        <button type="button" className="cut" onClick={() => look(proposal)}>
          <b>{mine ? text('you') : proposal.author.name}</b> · {wordsOf(proposal)}
          {row.note === '' ? '' : ` · ${row.note}`}
        </button>
      </span>
      {stale ? <span className="sug-stale">{text(stand?.type === 'gone' ? 'staleGone' : 'stale')}</span> : null}
      <span className="sug-acts">
        {stale && change ? (
          <Button kind="line" onClick={() => setComparing(proposal)}>
            {text('compare')}
          </Button>
        ) : null}
        {mine ? (
          <>
            <Button onClick={() => setNoting(proposal)}>{text('note')}</Button>
            <Button kind="line" onClick={() => void deciding.withdraw(proposal).then(next)}>
              {text('withdraw')}
            </Button>
          </>
        ) : null}
        {decides || !mine ? (
          <>
            <Barred why={closed}>
              <Button kind="line" onClick={() => void deciding.decline(proposal).then(next)}>
                {text('decline')}
              </Button>
            </Barred>
            <Barred why={closed}>
              <Button
                kind="primary"
                disabled={closed === null && !fits}
                onClick={() => void deciding.accept(proposal).then(next)}
              >
                {text('accept')}
              </Button>
            </Barred>
          </>
        ) : null}
        {decides && others.length > 1 ? (
          <Button kind="line" onClick={() => void deciding.acceptAll(others)}>
            {text('acceptAll')}
          </Button>
        ) : null}
      </span>
      <span className="sr" role="status">
        {current === ''
          ? ''
          : `${text('proposedCount', { at: at + 1, n: proposals.length })}. ${proposal.author.name}: ${wordsOf(proposal)}`}
      </span>
      {comparing?.change ? (
        <Compare
          editor={editor}
          change={comparing.change}
          onAccept={decides && comparing.stand?.type !== 'gone' ? () => deciding.accept(comparing, true) : null}
          onClose={() => setComparing(null)}
        />
      ) : null}
      {noting ? <Note proposal={noting} onClose={() => setNoting(null)} /> : null}
    </div>
  );
}

function Note({ proposal, onClose }: { proposal: Proposal; onClose: () => void }) {
  const command = useCommand();
  const [note, setNote] = useState(proposal.row.note);
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if ((await command('editor.changeSuggestion', { suggestionId: proposal.id, note })) !== undefined) onClose();
  };
  return (
    <Dialog title={text('note')} onClose={onClose}>
      <form onSubmit={(event) => void save(event)}>
        <div className="db">
          <label className="label">
            <span>{text('noteOf')}</span>
            <textarea
              className="field sug-note"
              rows={3}
              maxLength={1_000}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          </label>
        </div>
        <div className="df">
          <Button size="large" onClick={onClose}>
            {text('cancel')}
          </Button>
          <Button size="large" kind="primary" type="submit">
            {text('saveNote')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
