/**
 * Carries unsent edits from a twin that ended to the one after it. The old twin may not go on: its client id belonged to
 * a kernel that is gone, and the next one refuses its structs. So the old twin first learns all that the new one knows,
 * which merges the two as Yjs would; then what it shows more than the new one is written there, under the new id.
 */
import { getSchema } from '@tiptap/core';
import { updateYFragment, yXmlFragmentToProseMirrorRootNode } from '@tiptap/y-tiptap';
import * as Y from 'yjs';
import { documentExtensions } from './extensions';
import { BODY, KERNEL } from './twin';

/** Refusals after which the kernel would take the same edits again: the twin was at fault, not what was written. */
const TRANSIENT: ReadonlySet<string> = new Set(['leaderChanged', 'tooSlow', 'twinBroken']);

export function isTransient(refusalType: string): boolean {
  return TRANSIENT.has(refusalType);
}

/** Writes into `next` what `old` holds and `next` lacks. `next` must be open, so that it is sent. */
export function carryOver(old: Y.Doc, next: Y.Doc): void {
  const clock = (doc: Y.Doc): number => Y.getState(doc.store, old.clientID);
  const held = Y.snapshot(old);
  if (clock(old) === clock(next) && Y.equalSnapshots(held, Y.snapshot(next))) return;
  const schema = getSchema(documentExtensions({ doc: new Y.Doc(), writable: false, tell: null }));
  Y.applyUpdateV2(old, Y.encodeStateAsUpdateV2(next), KERNEL);
  const shown = (doc: Y.Doc) => yXmlFragmentToProseMirrorRootNode(doc.getXmlFragment(BODY), schema);
  if (old.getXmlFragment(BODY).length === 0 || shown(old).eq(shown(next))) return;
  next.transact(() => {
    updateYFragment(next, next.getXmlFragment(BODY), shown(old), { mapping: new Map(), isOMark: new Map() });
  });
}
