/** Joining what one twin typed into one document: spares a struct header per keystroke. Other ops keep their places. */
import * as Y from 'yjs';
import type { Op } from '../op/body';

/** Updates of one (document, n) become one at the place of the first; V2 joins runs, V1 would not. */
export const joinTextUpdates = (ops: readonly Op[]): readonly Op[] => {
  const updates = new Map<string, Uint8Array[]>();
  for (const op of ops) {
    if (op.type !== 'textUpdate') continue;
    const key = `${op.document}:${op.n}`;
    updates.set(key, [...(updates.get(key) ?? []), op.update]);
  }
  const joined: Op[] = [];
  for (const op of ops) {
    if (op.type !== 'textUpdate') {
      joined.push(op);
      continue;
    }
    const key = `${op.document}:${op.n}`;
    const parts = updates.get(key);
    updates.delete(key);
    if (parts) joined.push({ ...op, update: parts.length === 1 ? (parts[0] as Uint8Array) : Y.mergeUpdatesV2(parts) });
  }
  return joined;
};
