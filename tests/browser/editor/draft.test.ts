/** Drafts of proposed changes: over a real twin of a fake kernel, kept by a fake keeper. */
import { Editor } from '@tiptap/core';
import { yXmlFragmentToProseMirrorRootNode } from '@tiptap/y-tiptap';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { SuggestionRow } from '../../../src/bridge/messages';
import { documentExtensions } from '../../../src/view/editor/extensions';
import {
  type Change,
  placesIn,
  readChange,
  standingOf,
  summaryOf,
  writeChange,
} from '../../../src/view/editor/suggest/change';
import { Draft, namedBlocks } from '../../../src/view/editor/suggest/draft';
import { NO_NOTES, standsOf } from '../../../src/view/editor/suggest/notes';
import { writeInto } from '../../../src/view/editor/suggest/useProposals';
import { BODY } from '../../../src/view/editor/twin';
import { eventually } from '../../support/eventually';
import { at, closeDesks, type Desk, openDesk, settle } from './bench';
import { FakeKernel } from './kernel';

const open = new Set<{ close(): void }>();
afterEach(() => {
  for (const each of [...open]) each.close();
  closeDesks();
  document.body.replaceChildren();
});

const person = { userId: 'g', name: 'Gus', hue: 4 };
/** Where suggestions go, and the rows that the graph would show of them. */
class Shelf {
  readonly rows = new Map<string, SuggestionRow>();
  refuse = false;
  made = 0;
  readonly keeper = {
    suggest: async (change: Change) => {
      if (this.refuse) return undefined;
      const id = `s${++this.made}`;
      this.rows.set(id, rowOf(id, change));
      return id;
    },
    alter: async (id: string, change: Change) => {
      this.rows.set(id, rowOf(id, change));
      return true;
    },
    withdraw: async (id: string) => this.rows.delete(id),
  };
  told(): readonly SuggestionRow[] {
    return [...this.rows.values()];
  }
}
const rowOf = (id: string, change: Change): SuggestionRow => ({
  id,
  author: person,
  mine: true,
  at: 1,
  note: '',
  state: { step: 'saved' },
  decided: null,
  ...writeChange(change),
});

type Desk2 = { editor: Editor; draft: Draft; desk: Desk; shelf: Shelf; sync(): void; summaries(): unknown[] };
async function openDraft(kernel: FakeKernel, shelf = new Shelf()): Promise<Desk2> {
  const desk = await openDesk(kernel, false);
  const element = document.body.appendChild(document.createElement('div'));
  const editor = new Editor({
    element,
    extensions: documentExtensions({ doc: desk.twin.doc, writable: false, tell: null, draft: true }),
  });
  const read = () => namedBlocks(yXmlFragmentToProseMirrorRootNode(desk.twin.doc.getXmlFragment(BODY), editor.schema));
  const draft = new Draft(editor, read(), shelf.told(), shelf.keeper, () => {});
  const made: Desk2 = {
    editor,
    draft,
    desk,
    shelf,
    sync: () => {
      settle(desk);
      draft.documentChanged(read());
    },
    summaries: () =>
      shelf.told().map((row) => {
        const change = readChange(row, editor.schema);
        return change && summaryOf(change);
      }),
  };
  open.add({
    close: () => {
      draft.close();
      editor.destroy();
    },
  });
  return made;
}
const lines = (editor: Editor): string[] => {
  const found: string[] = [];
  editor.state.doc.descendants((node) => {
    if (node.isTextblock) found.push(node.textContent);
  });
  return found;
};
const type = (editor: Editor, where: number, words: string) => editor.chain().insertContentAt(where, words).run();
async function written(): Promise<{ kernel: FakeKernel; member: Desk }> {
  const kernel = new FakeKernel();
  const member = await openDesk(kernel);
  member.editor.commands.setContent('<p>wait twenty minutes</p><p>second</p><p>third</p>');
  settle(member);
  return { kernel, member };
}

describe('a draft', () => {
  test('[SG1] writes suggestions and never the document', async () => {
    const { kernel, member } = await written();
    const { editor, draft, desk, summaries } = await openDraft(kernel);
    expect(lines(editor)).toEqual(['wait twenty minutes', 'second', 'third']);
    const from = at(editor, 'wait twenty minutes', 5);
    editor
      .chain()
      .insertContentAt({ from, to: from + 6 }, 'forty')
      .run();
    editor
      .chain()
      .setTextSelection(at(editor, 'second', 6))
      .splitBlock()
      .insertContent('new')
      .run();
    editor
      .chain()
      .setTextSelection({ from: at(editor, 'third'), to: at(editor, 'third', 5) })
      .setBold()
      .run();
    await draft.flush();
    settle(desk, member);
    expect(summaries()).toEqual([
      { out: 'twenty', in: 'forty' },
      { out: '', in: 'new' },
      { out: 'third', in: 'third' },
    ]);
    expect(desk.peer.pushed).toEqual([]);
    expect(lines(member.editor)).toEqual(['wait twenty minutes', 'second', 'third']);
  });

  test('[SG1] keeps one suggestion for a change while it goes on, and none once it is taken back', async () => {
    const { kernel } = await written();
    const { editor, draft, shelf, summaries } = await openDraft(kernel);
    type(editor, at(editor, 'second', 6), ' one');
    await draft.flush();
    type(editor, at(editor, 'second one', 10), ' two');
    await draft.flush();
    expect(shelf.made).toBe(1);
    expect(summaries()).toEqual([{ out: '', in: 'one two' }]);
    editor.commands.undo();
    editor.commands.undo();
    expect(lines(editor)[1]).toBe('second');
    await draft.flush();
    expect(shelf.told()).toEqual([]);
  });

  test('[SG1] keeps what was typed last when it is closed', async () => {
    const { kernel } = await written();
    const { editor, draft, shelf } = await openDraft(kernel);
    type(editor, at(editor, 'second', 6), '!');
    draft.close();
    await eventually(() => expect(shelf.told()).toHaveLength(1));
  });

  test('opens with what was proposed before', async () => {
    const { kernel } = await written();
    const first = await openDraft(kernel);
    type(first.editor, at(first.editor, 'second', 6), ' thought');
    await first.draft.flush();
    const again = await openDraft(kernel, first.shelf);
    expect(lines(again.editor)).toEqual(['wait twenty minutes', 'second thought', 'third']);
    await again.draft.flush();
    expect(again.shelf.made).toBe(1);
  });

  test('[SG2] goes on with the document: other blocks, and other words of the same block, with the cursor where it was', async () => {
    const { kernel, member } = await written();
    const { editor, draft, sync, summaries } = await openDraft(kernel);
    const from = at(editor, 'wait twenty minutes', 5);
    editor
      .chain()
      .insertContentAt({ from, to: from + 6 }, 'forty')
      .setTextSelection(from + 5)
      .run();
    await draft.flush();
    type(member.editor, at(member.editor, 'third', 5), ' more');
    type(member.editor, at(member.editor, 'wait twenty minutes', 0), 'please ');
    settle(member);
    sync();
    expect(lines(editor)).toEqual(['please wait forty minutes', 'second', 'third more']);
    expect(editor.state.selection.from).toBe(at(editor, 'please wait forty minutes', 17));
    await draft.flush();
    expect(summaries()).toEqual([{ out: 'twenty', in: 'forty' }]);
  });

  test('[SG2] shows the document where both changed the same words, and keeps the suggestion as it was', async () => {
    const { kernel, member } = await written();
    const { editor, draft, sync, shelf, summaries } = await openDraft(kernel);
    const change = (desk: Editor, words: string) => {
      const from = at(desk, 'wait twenty minutes', 5);
      desk
        .chain()
        .insertContentAt({ from, to: from + 6 }, words)
        .run();
    };
    change(editor, 'forty');
    change(member.editor, 'ten');
    settle(member);
    sync();
    expect(lines(editor)[0]).toBe('wait ten minutes');
    await draft.flush();
    expect(summaries()).toEqual([{ out: 'twenty', in: 'forty' }]);
    const [row] = shelf.told();
    const kept = row && readChange(row, member.editor.schema);
    const { doc } = member.editor.state;
    expect(kept && standingOf(kept, doc, placesIn(doc)).type).toBe('clash');
  });

  test('[SG3] lets go of what was declined, and takes in what was accepted', async () => {
    const { kernel, member } = await written();
    const { editor, draft, sync, shelf } = await openDraft(kernel);
    type(editor, at(editor, 'second', 6), ' declined');
    type(editor, at(editor, 'third', 5), ' accepted');
    await draft.flush();
    draft.suggestions(shelf.told());
    const [declined, accepted] = shelf.told();
    if (!declined || !accepted) throw new Error('both are kept');
    const decide = (row: SuggestionRow, verdict: 'accepted' | 'declined') =>
      shelf.rows.set(row.id, { ...row, decided: { verdict, by: person, at: 2 } });
    decide(declined, 'declined');
    draft.suggestions(shelf.told());
    expect(lines(editor)).toEqual(['wait twenty minutes', 'second', 'third accepted']);

    const change = readChange(accepted, member.editor.schema);
    const { doc } = member.editor.state;
    const standing = change && standingOf(change, doc, placesIn(doc));
    if (standing?.type !== 'fresh') throw new Error('it fits');
    expect(writeInto(member.editor, standing.change, standing.spot)).toBe(true);
    settle(member);
    sync();
    decide(accepted, 'accepted');
    draft.suggestions(shelf.told());
    await draft.flush();
    expect(lines(editor)).toEqual(['wait twenty minutes', 'second', 'third accepted']);
    expect(lines(member.editor)).toEqual(lines(editor));
    expect(shelf.made).toBe(2);
  });

  test('does not ask again for what was refused', async () => {
    const { kernel } = await written();
    const { editor, draft, shelf } = await openDraft(kernel);
    shelf.refuse = true;
    const asked = vi.spyOn(shelf.keeper, 'suggest');
    type(editor, at(editor, 'second', 6), '!');
    await draft.flush();
    await draft.flush();
    expect(asked).toHaveBeenCalledTimes(1);
  });
});

describe('proposed changes over a document', () => {
  test('are drawn without changing it, and stand where their blocks are', async () => {
    const { kernel, member } = await written();
    const { editor, draft, shelf } = await openDraft(kernel);
    const from = at(editor, 'wait twenty minutes', 5);
    editor
      .chain()
      .insertContentAt({ from, to: from + 6 }, 'forty')
      .run();
    await draft.flush();
    const [row] = shelf.told();
    const change = row && readChange(row, member.editor.schema);
    if (!change) throw new Error('it reads');
    const before = member.editor.state.doc;
    member.editor.commands.showNotes({
      ...NO_NOTES,
      proposed: [{ id: 's1', hue: 'w4', change, mine: false }],
      comments: [
        {
          block: String(before.child(1).attrs.blockId),
          thread: 't',
          quotes: ['sec'],
          count: 2,
          unread: true,
          label: 'two',
        },
      ],
    });
    const { dom } = member.editor.view;
    expect(dom.querySelector('del.sug')?.textContent).toBe('twenty');
    expect(dom.querySelector('ins.sug')?.textContent).toBe('forty');
    expect(dom.querySelector('.note-mark')?.getAttribute('aria-label')).toBe('two');
    expect(dom.querySelector('.note-quote')?.textContent).toBe('sec');
    expect(standsOf(member.editor.state).get('s1')).toEqual({ type: 'fresh', at: 0 });
    expect(member.editor.state.doc).toBe(before);
    type(member.editor, 1, 'please ');
    await eventually(() => expect(standsOf(member.editor.state).get('s1')?.type).toBe('moved'));
    expect(dom.querySelector('del.sug')?.textContent).toBe('twenty');
  });
});
