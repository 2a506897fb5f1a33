/**
 * Keeps the editor with its document when y-tiptap stumbles. After a merge that moved blocks it may place the cursor
 * outside the document and throw before the editor has shown the merge (seed 76 of the convergence test). The text itself
 * is right, so it is drawn anew, with the cursor where it was or as near as the document goes.
 * Reaches into the binding, which has no other door: y-tiptap is pinned, and that test fails when this stops working.
 */
import { Extension } from '@tiptap/core';
import { Plugin, PluginKey } from '@tiptap/pm/state';
import { ySyncPluginKey } from '@tiptap/y-tiptap';

type Binding = {
  _observeFunction: (events: unknown, transaction: unknown) => void;
  beforeTransactionSelection: unknown;
  _forceRerender(): void;
};

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
