/**
 * The messages of a channel through a window of bounded length, live: at the end, around a message, or around a place counted
 * from the beginning. What was shown last stays until the next window has come.
 */
import { useCallback, useRef, useState } from 'react';
import { share } from '../../bridge/client';
import type { MessageWindow } from '../../bridge/messages';
import { useQuery } from '../kit/kernel';

export const WINDOW = 400;

/** Where a window is: around a message, around the one with so many before it, or at the end. */
export type Spot = { readonly id: string } | { readonly rank: number } | 'end';
const isSame = (a: Spot | undefined, b: Spot): boolean => JSON.stringify(a) === JSON.stringify(b);

export type Messages = {
  readonly window: MessageWindow | undefined;
  readonly spot: Spot | undefined;
  /** Another window was asked for and is not here yet. */
  readonly seeking: boolean;
  readonly seek: (spot: Spot) => void;
};

/** `first`: where it opens; `undefined` while that is not known. */
export function useMessages(channelId: string, first: Spot | undefined): Messages {
  const [spot, setSpot] = useState<Spot>();
  if (spot === undefined && first !== undefined) setSpot(first);
  const at = spot ?? first;
  const place = at === undefined || at === 'end' ? {} : 'id' in at ? { at: at.id } : { rank: at.rank };
  const answer = useQuery('chat.window', at === undefined ? null : { channelId, limit: WINDOW, ...place });
  const shown = useRef<{ readonly at: Spot; readonly answer: MessageWindow; readonly window: MessageWindow }>(
    undefined,
  );
  // What two windows have in common stays the same, so that it is not drawn again.
  if (at !== undefined && answer && answer !== shown.current?.answer)
    shown.current = { at, answer, window: share(shown.current?.window, answer) as MessageWindow };
  // That message is not here: what was shown stays, or the end.
  if (answer === null && at !== undefined && at !== 'end')
    setSpot(shown.current && !isSame(at, shown.current.at) ? shown.current.at : 'end');
  const seek = useCallback((next: Spot) => setSpot((now) => (isSame(now, next) ? now : next)), []);
  const seeking = at === undefined || answer === undefined;
  return { window: shown.current?.window ?? (answer === null ? NOTHING : undefined), spot: at, seeking, seek };
}
const NOTHING: MessageWindow = { rows: [], before: 0, after: 0 };
