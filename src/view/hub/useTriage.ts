/**
 * What is done to rows of the inbox, each step with its way back: the kernel says what the marks were, and takes them again. A step
 * is offered to be taken back in a toast, and by the key as long as the page is open.
 */
import { useCallback, useMemo, useRef } from 'react';
import type { NotificationRow } from '../../bridge/messages';
import { t } from '../kit/i18n';
import { useCommand } from '../kit/kernel';
import { showNotice } from '../kit/Toasts';
import { fully } from '../kit/time';
import { titleOf } from './words';

type Row = Pick<NotificationRow, 'ids' | 'place' | 'person'>;
export type Triage = {
  mark(row: Row, as: 'done' | 'read' | 'unread' | 'open'): void;
  snooze(row: Row, until: number): void;
  allDone(show: string): void;
  mutePlace(row: Row): void;
  mutePerson(row: Row): void;
  /** Takes back the last step. */
  undo(): void;
};

type Back = () => Promise<unknown>;
const MAX_STEPS = 100;

export function useTriage(): Triage {
  const command = useCommand();
  const steps = useRef<Back[]>([]);
  const undo = useCallback(() => {
    const back = steps.current.pop();
    if (back) void back();
    else showNotice(t('undo.nothing'));
  }, []);
  return useMemo(() => {
    const did = (back: Back, words: string | null): void => {
      steps.current = [...steps.current, back].slice(-MAX_STEPS);
      if (words === null) return;
      const run = (): void => {
        steps.current = steps.current.filter((each) => each !== back);
        void back();
      };
      showNotice(words, { label: t('undo'), run });
    };
    const marked = async (name: string, args: object, words: (n: number) => string | null): Promise<void> => {
      const before = (await command(name, args))?.before;
      if (before === undefined || before === '[]') return;
      const n = (JSON.parse(before) as readonly unknown[]).length;
      did(() => command('hub.putBack', { before }), words(n));
    };
    const mute = async (id: string, title: string): Promise<void> => {
      if ((await command('hub.mute', { id })) === undefined) return;
      did(() => command('hub.mute', { id, on: false }), t('hub.isMuted', { title }));
    };
    return {
      mark: ({ ids }, as) =>
        void marked('hub.mark', { ids, as }, (n) =>
          as === 'done' ? t('hub.isDone', { n }) : as === 'open' ? t('hub.isOpen') : null,
        ),
      snooze: ({ ids }, until) =>
        void marked('hub.snooze', { ids, until }, () => t('hub.isAsleep', { when: fully(until) })),
      allDone: (show) => void marked('hub.markAll', { as: 'done', show }, (n) => t('hub.isDone', { n })),
      mutePlace: ({ place }) => void mute(place.id, titleOf(place)),
      mutePerson: ({ person }) => void mute(person.userId, person.name),
      undo,
    };
  }, [command, undo]);
}
