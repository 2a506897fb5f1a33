/**
 * What is done to rows of the inbox, each step with its way back: the kernel says what the marks were, and takes them again. A step
 * is offered to be taken back in a toast, and by the key as long as the page is open.
 */
import { useCallback, useMemo, useRef } from 'react';
import type { NotificationRow } from '../../bridge/messages';
import { t } from '../kit/i18n';
import { useCommand } from '../kit/kernel';
import { putNotice, showNotice } from '../kit/Toasts';
import { fully } from '../kit/time';
import { titleOf } from './words';

type Row = Pick<NotificationRow, 'ids' | 'place' | 'person'>;
type Triage = {
  mark(row: Row, as: 'done' | 'read' | 'unread' | 'open'): void;
  snooze(row: Row, until: number): void;
  allDone(show: string): void;
  mutePlace(row: Row): void;
  mutePerson(row: Row): void;
  /** Takes back the last step. */
  undo(): void;
};

/** Takes a step back; false where it had changed nothing. `quiet`: takes away what offers it. */
type Back = { (): Promise<boolean>; quiet?: () => void };
const MAX_STEPS = 100;

export function useTriage(): Triage {
  const command = useCommand();
  const steps = useRef<Back[]>([]);
  const undo = useCallback(async (): Promise<void> => {
    for (let back = steps.current.pop(); back; back = steps.current.pop()) {
      back.quiet?.();
      if (await back()) return;
    }
    showNotice(t('undo.nothing'));
  }, []);
  return useMemo(() => {
    /** Noted at once, so that whoever is quick takes back what is still on its way. */
    const step = <T>(deed: Promise<T | undefined>, takeBack: (done: T) => Promise<unknown>): Back => {
      const back: Back = async () => {
        const done = await deed;
        if (done !== undefined) await takeBack(done);
        return done !== undefined;
      };
      steps.current = [...steps.current, back].slice(-MAX_STEPS);
      return back;
    };
    const offer = (words: string, back: Back): void => {
      back.quiet = putNotice(words, {
        label: t('undo'),
        run: () => {
          if (!steps.current.includes(back)) return;
          steps.current = steps.current.filter((each) => each !== back);
          void back();
        },
      });
    };
    const marked = async (name: string, args: object, words: (n: number) => string | null): Promise<void> => {
      const deed = command(name, args).then((made) => (made?.before === '[]' ? undefined : made?.before));
      const back = step(deed, (before) => command('hub.putBack', { before }));
      const before = await deed;
      const said = before === undefined ? null : words((JSON.parse(before) as readonly unknown[]).length);
      if (said !== null && steps.current.includes(back)) offer(said, back);
    };
    const mute = async (id: string, title: string): Promise<void> => {
      const deed = command('hub.mute', { id }).then((made) => made?.before);
      const back = step(deed, (level) => command('hub.mute', { id, level }));
      if ((await deed) !== undefined && steps.current.includes(back)) offer(t('hub.isMuted', { title }), back);
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
      undo: () => void undo(),
    };
  }, [command, undo]);
}
