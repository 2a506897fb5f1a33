/** Editors on one fake kernel, mounted on the page, and what tests ask of them. */
import { Editor } from '@tiptap/core';
import { Fragment, type Node, Slice } from '@tiptap/pm/model';
import * as Y from 'yjs';
import { documentExtensions } from '../../../src/view/editor/extensions';
import { openTwin, type Twin } from '../../../src/view/editor/twin';
import type { FakeKernel, Peer } from './kernel';

export type Desk = { readonly editor: Editor; readonly twin: Twin; readonly peer: Peer; close(): void };

const desks = new Set<Desk>();

export async function openDesk(kernel: FakeKernel, writable = true): Promise<Desk> {
  let editor: Editor | null = null;
  const twin = await openTwin(
    kernel,
    'document',
    new Y.Doc(),
    {
      presence: (rows) => {
        if (editor?.isDestroyed === false) editor.commands.showCursors(rows);
      },
      lost: (refusal) => lostTypes.push(refusal.type),
    },
    writable,
  );
  const peer = kernel.peers.at(-1);
  if (peer === undefined) throw new Error('the kernel opened no document');
  const element = document.body.appendChild(document.createElement('div'));
  editor = new Editor({
    element,
    extensions: documentExtensions({ doc: twin.doc, writable, tell: twin.setPresence }),
    editable: writable,
  });
  const opened = editor;
  const desk: Desk = {
    editor: opened,
    twin,
    peer,
    close: () => {
      desks.delete(desk);
      opened.destroy();
      twin.close();
      element.remove();
    },
  };
  desks.add(desk);
  return desk;
}

/** The types of the refusals that ended a twin. */
export const lostTypes: string[] = [];

export function closeDesks(): void {
  for (const desk of [...desks]) desk.close();
  lostTypes.length = 0;
}

/** Until nobody has anything left to send or to bring in. */
export function settle(...all: Desk[]): void {
  for (let round = 0; round < 4; round++) for (const desk of all) desk.twin.flush();
}

export function blockIds(editor: Editor): string[] {
  const ids: string[] = [];
  editor.state.doc.descendants((node) => {
    if (node.isBlock) ids.push(String(node.attrs.blockId));
  });
  return ids;
}

/** The position inside the first text block that reads `words`, `offset` characters in. */
export function at(editor: Editor, words: string, offset = 0): number {
  let found = -1;
  editor.state.doc.descendants((node, position) => {
    if (found < 0 && node.isTextblock && node.textContent === words) found = position + 1 + offset;
  });
  if (found < 0) throw new Error(`no block reads "${words}"`);
  return found;
}

export function block(editor: Editor, words: string): Node {
  const node = editor.state.doc.nodeAt(at(editor, words) - 1);
  if (node === null) throw new Error(`no block reads "${words}"`);
  return node;
}

/** Pastes copies of the nodes between two positions, ids and all, as a hostile or plain clipboard would. */
export function pasteCopy(editor: Editor, from: number, to: number, where: number): void {
  const nodes: Node[] = [];
  editor.state.doc.nodesBetween(from, to, (node, _position, parent) => {
    if (parent === editor.state.doc) nodes.push(node);
    return false;
  });
  editor.view.dispatch(editor.state.tr.replace(where, where, new Slice(Fragment.from(nodes), 0, 0)));
}
