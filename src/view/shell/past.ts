/** The way into the past of a space: it begins at the last change. */
import type { MomentsAnswer } from '../../bridge/messages';
import { useCall, useQuery } from '../kit/kernel';
import { useTravel } from '../kit/viewing';

export function usePast(spaceId: string | null): () => void {
  const spaces = useQuery('os.spaces', {});
  const travel = useTravel();
  const call = useCall();
  const title = spaces?.find((row) => row.id === spaceId)?.title ?? '';
  return () =>
    void call((client) => client.query('os.moments', { spaceId })).then((asked) => {
      const moments = (asked?.value ?? null) as MomentsAnswer | null;
      if (spaceId !== null && moments) void travel({ spaceId, title, at: moments.to });
    });
}
