/** The proposed changes of a document as the page deals with them: in the order of the text, each with how it stands now. */
import type { Editor } from '@tiptap/core';
import type { Node } from '@tiptap/pm/model';
import { useEditorState } from '@tiptap/react';
import { useCallback, useMemo } from 'react';
import type { Person, SuggestionRow } from '../../../bridge/messages';
import { useCommand } from '../../kit/kernel';
import { showNotice } from '../../kit/Toasts';
import { useUndo } from '../../kit/undo';
import { text } from '../strings';
import { type Change, placesIn, readChange, type Spot, standingOf } from './change';
import { type Stand, standsOf } from './notes';

export type Proposal = {
  readonly id: string;
  readonly row: SuggestionRow;
  readonly author: Person;
  readonly mine: boolean;
  /** null: not of this editor's blocks. */
  readonly change: Change | null;
  readonly stand: Stand | null;
};

export type Proposals = {
  /** All that wait, to be drawn: what is drawn must not hang on how it stands, which is known only once it is drawn. */
  readonly open: readonly Omit<Proposal, 'stand'>[];
  /** Those to decide about, in the order of the text; what fits nowhere comes last. */
  readonly listed: readonly Proposal[];
};

export function useProposals(editor: Editor, rows: readonly SuggestionRow[]): Proposals {
  const stands = useEditorState({ editor, selector: ({ editor: now }) => standsOf(now.state) });
  const open = useMemo(
    () =>
      rows
        .filter((row) => row.decided === null)
        .map((row) => ({
          row,
          id: row.id,
          author: row.author,
          mine: row.mine,
          change: readChange(row, editor.schema),
        })),
    [rows, editor],
  );
  const listed = useMemo(() => {
    const end = Number.POSITIVE_INFINITY;
    return (
      open
        .map((each) => ({ ...each, stand: stands.get(each.id) ?? null }))
        // How it stands is not known before it was drawn; what cannot be read is never drawn.
        .filter(({ stand, change }) => (stand === null ? change === null : stand.type !== 'landed'))
        .sort((one, other) => (one.stand?.at ?? end) - (other.stand?.at ?? end) || one.row.at - other.row.at)
    );
  }, [open, stands]);
  return { open, listed };
}

/** Writes a change into the document as one's own edit; false when it does not fit. */
export function writeInto(editor: Editor, change: Change, spot: Spot): boolean {
  const { tr } = editor.state;
  try {
    const [was, is] = [spot.now[0], change.proposed[0]];
    const start =
      spot.now.length === 1 &&
      change.proposed.length === 1 &&
      was?.isTextblock &&
      is?.isTextblock &&
      was.hasMarkup(is.type, is.attrs)
        ? was.content.findDiffStart(is.content)
        : null;
    const end = start === null || !was || !is ? null : was.content.findDiffEnd(is.content);
    if (start !== null && end !== null && is) {
      // Only what differs is written, so that cursors and what others type around it stay.
      const overlap = Math.max(0, start - Math.min(end.a, end.b));
      tr.replaceWith(spot.from + 1 + start, spot.from + 1 + end.a + overlap, is.content.cut(start, end.b + overlap));
    } else if (change.proposed.length === 0 && spot.from === 0 && spot.to === editor.state.doc.content.size) {
      tr.replaceWith(0, spot.to, editor.schema.nodes.paragraph?.create() as Node);
    } else tr.replaceWith(spot.from, spot.to, [...change.proposed]);
    tr.doc.check();
  } catch {
    return false;
  }
  editor.view.dispatch(tr);
  return true;
}

/** How a change stands in what the editor shows now, not a moment ago. */
const standingNow = (editor: Editor, change: Change) =>
  standingOf(change, editor.state.doc, placesIn(editor.state.doc));

export type Deciding = {
  accept(proposal: Proposal, anyway?: boolean): Promise<boolean>;
  acceptAll(proposals: readonly Proposal[]): Promise<void>;
  decline(proposal: Proposal): Promise<void>;
  withdraw(proposal: Proposal): Promise<void>;
};

/** `flush`: hands what was written to the kernel, before the verdict. */
export function useDeciding(editor: Editor, flush: () => void): Deciding {
  const command = useCommand();
  const { offer } = useUndo();
  const write = useCallback(
    async ({ change, id }: Proposal, anyway: boolean): Promise<boolean> => {
      if (!change) return false;
      const standing = standingNow(editor, change);
      if (standing.type === 'gone' || (standing.type === 'clash' && !anyway)) return false;
      if (standing.type !== 'landed' && !writeInto(editor, standing.change, standing.spot)) return false;
      flush();
      return (await command('editor.decide', { suggestionId: id, verdict: 'accepted' })) !== undefined;
    },
    [editor, flush, command],
  );
  const reopen = useCallback((id: string) => void command('editor.reopen', { suggestionId: id }), [command]);
  return useMemo(
    () => ({
      accept: async (proposal, anyway = false) => {
        const before = editor.state.doc;
        const done = await write(proposal, anyway);
        if (!done) showNotice(text('cannotFit'));
        else
          showNotice(text('accepted', { name: proposal.author.name }), {
            label: text('undo'),
            run: () => {
              if (!before.eq(editor.state.doc)) editor.commands.undo();
              reopen(proposal.id);
            },
          });
        return done;
      },
      acceptAll: async (proposals) => {
        let count = 0;
        for (const proposal of proposals) if (await write(proposal, false)) count++;
        showNotice(text('acceptedMany', { n: count }));
      },
      decline: async ({ id }) => {
        if ((await command('editor.decide', { suggestionId: id, verdict: 'declined' })) === undefined) return;
        showNotice(text('declined'), { label: text('undo'), run: () => reopen(id) });
      },
      withdraw: async ({ id }) => {
        await offer(await command('editor.withdraw', { suggestionId: id }), text('withdrawn'));
      },
    }),
    [editor, write, command, offer, reopen],
  );
}
