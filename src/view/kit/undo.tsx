/**
 * One way back: what a command did is offered to be taken back in a toast, the keys take back the last step of this page.
 * What can be taken back, and how, is the kernel's answer; here are its words.
 */
import { useCallback, useMemo } from 'react';
import type { ObjectName, UndoAnswer, UndoLeft, UndoStep } from '../../bridge/messages';
import { fieldName, quoted } from './changes';
import { t } from './i18n';
import { refusalOf, useKernel } from './kernel';
import { showNotice, showRefusal } from './Toasts';

/** What a step did, as a sentence. */
const stepWords = ({ did, key, object, objects }: UndoStep): string =>
  objects > 1
    ? t('did.several', {
        what: t(`did.${did}`, { title: quoted(object), field: fieldName(key ?? '') }),
        n: objects - 1,
      })
    : t(`did.${did}`, { title: quoted(object), field: fieldName(key ?? '') });

const SHOWN = 3;
const leftWords = (left: readonly UndoLeft[]): string =>
  left
    .slice(0, SHOWN)
    .map(({ why, key, object }) =>
      t(`left.${why}`, { title: quoted(object), of: key === undefined ? 'all' : 'field', field: fieldName(key ?? '') }),
    )
    .join(' ');

const isLeft = (row: unknown): row is UndoLeft =>
  typeof row === 'object' && row !== null && 'why' in row && 'object' in row;
const leftIn = (made: Readonly<Record<string, string>>): readonly UndoLeft[] => {
  const rows: unknown = made.left === undefined ? [] : JSON.parse(made.left);
  return Array.isArray(rows) ? rows.filter(isLeft) : [];
};

type Undo = {
  /** Says what was done, by the words of its step or `words`, with the way back. `made`: what the command gave. */
  offer(made: Readonly<Record<string, string>> | undefined, words?: string): Promise<void>;
  undo(): Promise<void>;
  redo(): Promise<void>;
};

export function useUndo(): Undo {
  const client = useKernel();
  const ask = useCallback(
    async () => (await client.query('os.undoable', { session: client.session })) as UndoAnswer | null,
    [client],
  );
  const run = useCallback(
    async (name: 'os.undo' | 'os.redo', step: UndoStep | null): Promise<boolean> => {
      try {
        const made = await client.run(name, name === 'os.undo' && step ? { step: step.id } : {});
        const left = leftIn(made);
        if (left.length > 0) showNotice(leftWords(left));
        return left.length === 0;
      } catch (error) {
        showRefusal(refusalOf(error));
        return false;
      }
    },
    [client],
  );
  return useMemo(() => {
    const redo = async (): Promise<void> => {
      const step = (await ask())?.redo ?? null;
      if (!step) showNotice(t('redo.nothing'));
      else if (await run('os.redo', step)) showNotice(t('redo.done', { what: stepWords(step) }));
    };
    const undo = async (): Promise<void> => {
      const step = (await ask())?.undo ?? null;
      if (!step) showNotice(t('undo.nothing'));
      else if (await run('os.undo', step))
        showNotice(t('undo.done', { what: stepWords(step) }), { label: t('redo'), run: () => void redo() });
    };
    return {
      undo,
      redo,
      offer: async (made, words) => {
        if (made?.step === undefined) return;
        const last = (await ask())?.undo ?? null;
        const step = last?.id === made.step ? last : { ...NAMELESS, id: made.step };
        showNotice(words ?? stepWords(step), { label: t('undo'), run: () => void run('os.undo', step) });
      },
    };
  }, [ask, run]);
}

const NOTHING: ObjectName = { id: '', title: '', kind: 'unknown' };
/** Another step came in between. */
const NAMELESS: UndoStep = { id: '', command: '', did: 'field', object: NOTHING, objects: 1 };
