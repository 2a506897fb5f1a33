/** The messages of a channel: the newest live, older ones fetched page by page as the reader goes up. */
import { useCallback, useMemo, useRef, useState } from 'react';
import type { MessageRow } from '../../bridge/messages';
import { useCall, useQuery } from '../kit/kernel';
import { olderThan, withoutErased } from './rows';

const LIVE = 200;
const PAGE = 200;
const MAX_OLDER = 20_000;

export type Messages = {
  readonly rows: readonly MessageRow[] | undefined;
  readonly hasOlder: boolean;
  readonly loadOlder: () => void;
};

export function useMessages(channelId: string): Messages {
  const live = useQuery('chat.messages', { channelId, limit: LIVE });
  const call = useCall();
  const [older, setOlder] = useState<readonly MessageRow[]>([]);
  const [ended, setEnded] = useState(false);
  const seen = useRef<readonly MessageRow[]>([]);
  const busy = useRef(false);
  const erased = useQuery('chat.erased', { channelId });
  const kept = live === undefined ? older : olderThan(older, seen.current, live);
  const before = erased === undefined ? kept : withoutErased(kept, erased);
  if (before !== older) setOlder(before);
  if (live !== undefined) seen.current = live;

  const first = before[0] ?? live?.[0];
  const hasOlder = !ended && live !== undefined && live.length >= LIVE && before.length < MAX_OLDER;
  const loadOlder = useCallback(() => {
    if (busy.current || !first || !hasOlder) return;
    busy.current = true;
    void call((client) => client.query('chat.messages', { channelId, before: first.id, limit: PAGE })).then((page) => {
      busy.current = false;
      if (!page) return;
      const rows = page.value as readonly MessageRow[];
      if (rows.length < PAGE) setEnded(true);
      setOlder((now) => {
        const known = new Set(now.map(({ id }) => id));
        return [...rows.filter(({ id }) => !known.has(id)), ...now];
      });
    });
  }, [call, channelId, first, hasOlder]);
  const rows = useMemo(() => (live === undefined || before.length === 0 ? live : [...before, ...live]), [before, live]);
  return { rows, hasOlder, loadOlder };
}
