/** The messages of a channel: the newest live, older ones fetched page by page as the reader goes up. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { MessageRow } from '../../bridge/messages';
import { useCall, useQuery } from '../kit/kernel';
import { olderThan, type Tear, tearBetween, withoutErased, withPage } from './rows';

const LIVE = 200;
const PAGE = 200;
/** Of what somebody waits for. */
const FAR_PAGE = 500;
const MAX_OLDER = 20_000;

export type Messages = {
  readonly rows: readonly MessageRow[] | undefined;
  readonly hasOlder: boolean;
  /** `far`: somebody waits for what is far up. */
  readonly loadOlder: (far?: boolean) => void;
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
  const [torn, setTorn] = useState<Tear | null>(null);
  if (live !== undefined && live !== seen.current) {
    const tear = tearBetween(seen.current, live);
    if (tear) setTorn({ ...tear, since: torn?.since ?? tear.since });
    seen.current = live;
  }

  const first = before[0] ?? live?.[0];
  const hasOlder = !ended && live !== undefined && live.length >= LIVE && before.length < MAX_OLDER;
  const pageBefore = useCallback(
    (id: string, limit: number) =>
      call((client) => client.query('chat.messages', { channelId, before: id, limit })).then(
        (page) => page?.value as readonly MessageRow[] | undefined,
      ),
    [call, channelId],
  );
  const loadOlder = useCallback(
    (far = false) => {
      if (busy.current || !first || !hasOlder) return;
      busy.current = true;
      const limit = far ? FAR_PAGE : PAGE;
      void pageBefore(first.id, limit).then((page) => {
        busy.current = false;
        if (!page) return;
        if (page.length < limit) setEnded(true);
        setOlder((now) => withPage(now, page, first.id));
      });
    },
    [pageBefore, first, hasOlder],
  );
  // What was skipped is fetched, page by page, until it meets what was there.
  useEffect(() => {
    if (torn === null) return;
    let here = true;
    void pageBefore(torn.before, FAR_PAGE).then((page) => {
      if (!here) return;
      if (page) setOlder((now) => withPage(now, page, torn.before));
      const first = page?.[0];
      const goesOn = first !== undefined && page?.length === FAR_PAGE && first.at > torn.since;
      setTorn(goesOn ? { ...torn, before: first.id } : null);
    });
    return () => {
      here = false;
    };
  }, [torn, pageBefore]);
  const rows = useMemo(() => (live === undefined || before.length === 0 ? live : [...before, ...live]), [before, live]);
  return { rows, hasOlder, loadOlder };
}
