/** Who is writing in a channel or in one of its threads now: presence, told while somebody types and never stored. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { OpenDocument, Person, PresenceRow } from '../../bridge/messages';
import { useKernel, useQuery } from '../kit/kernel';

/** Whoever has not typed for so long does not type. */
const PAUSE_MS = 4_000;

/** A peer says what it likes. */
const isTypingIn = ({ state }: PresenceRow, where: string): boolean =>
  typeof state === 'object' && state !== null && 'typing' in state && state.typing === where;

export type Typing = {
  /** Others who write there: `where` is the channel, or the message that a thread hangs on. */
  in(where: string): readonly Person[];
  /** This person types there, or has sent what was typed (null). */
  tell(where: string | null): void;
};

export function useTyping(channelId: string): Typing {
  const client = useKernel();
  const me = useQuery('os.me', {});
  const [rows, setRows] = useState<readonly PresenceRow[]>([]);
  const opened = useRef<OpenDocument | null>(null);
  const told = useRef<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    let ended = false;
    const open = (): void => {
      // Where nobody is heard of, nobody is seen to type; the channel itself does not need it.
      client.openDocument(channelId, { updated() {}, presence: setRows, refused }).then(
        (document) => {
          if (ended) document.close();
          else opened.current = document;
        },
        () => undefined,
      );
    };
    // As when another tab takes over.
    const refused = (): void => {
      opened.current = null;
      if (!ended) open();
    };
    open();
    return () => {
      ended = true;
      clearTimeout(timer.current);
      opened.current?.close();
      opened.current = null;
    };
  }, [client, channelId]);
  const tell = useCallback((where: string | null) => {
    clearTimeout(timer.current);
    if (where !== null) timer.current = setTimeout(() => tell(null), PAUSE_MS);
    if (told.current === where) return;
    told.current = where;
    opened.current?.setPresence(where === null ? {} : { typing: where });
  }, []);
  const mine = me?.userId;
  return {
    in: useCallback(
      (where) => {
        const people = rows.filter((row) => row.userId !== mine && isTypingIn(row, where));
        return [...new Map(people.map((person) => [person.userId, person])).values()];
      },
      [rows, mine],
    ),
    tell,
  };
}
