/**
 * Keeps the editor with its document where y-tiptap stumbles, in two ways.
 * 1. It takes words that changed around the cursor for a block that was moved, finds that block by its attributes, which our
 *    block ids make distinct, and puts the cursor back at its old offset: whoever types after words that others change would
 *    type in the wrong place. So its search goes on only where Yjs has really lost the place.
 * 2. After a merge that moved blocks it may place the cursor outside the document and throw before the editor has shown the
 *    merge (seed 76 of the convergence test). The text itself is right, so it is drawn anew, with the cursor where it was or
 *    as near as the document goes.
 * Reaches into the binding, which has no other door: y-tiptap is pinned, and the tests fail when this stops working.
 */
import { Extension } from '@tiptap/core';
import { Plugin, PluginKey } from '@tiptap/pm/state';
import { ySyncPluginKey } from '@tiptap/y-tiptap';
import * as Y from 'yjs';

/** Where the selection was: as Yjs knows it, and as plain offsets, which start the search for a moved block. */
type Held = {
  readonly anchor: Y.RelativePosition | null;
  readonly head: Y.RelativePosition | null;
  absAnchor: number | null;
  absHead: number | null;
};
type Binding = {
  readonly doc: Y.Doc;
  _observeFunction: (events: unknown, transaction: unknown) => void;
  beforeTransactionSelection: Held | null;
  _forceRerender(): void;
};

/** Is the text that a place stands in still in the document? */
function isThere(place: Y.RelativePosition | null, doc: Y.Doc): boolean {
  const found = place && Y.createAbsolutePositionFromRelativePosition(place, doc);
  return found instanceof Y.AbsolutePosition && found.type instanceof Y.XmlText && found.type._item?.deleted === false;
}

export const Steady = Extension.create({
  name: 'steady',
  // After the collaboration (1000), whose binding must exist, and before its view begins to observe.
  priority: 999,
  addProseMirrorPlugins() {
    return [
      new Plugin({
        key: new PluginKey('steady'),
        state: {
          init: (_config, state) => {
            const binding = ySyncPluginKey.getState(state)?.binding as Binding | undefined;
            if (binding === undefined) return null;
            const observe = binding._observeFunction;
            binding._observeFunction = (events, transaction) => {
              const held = binding.beforeTransactionSelection;
              if (held && isThere(held.anchor, binding.doc)) held.absAnchor = null;
              if (held && isThere(held.head, binding.doc)) held.absHead = null;
              try {
                observe(events, transaction);
              } catch {
                binding.beforeTransactionSelection = null;
                binding._forceRerender();
              }
            };
            return null;
          },
          apply: () => null,
        },
      }),
    ];
  },
});
