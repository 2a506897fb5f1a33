/** The number at the space's name: what waits for an Admin. It must not bring what the page of members draws. */
import { useQuery } from '../../kit/kernel';

/** How much of it there is, for the badge. Asks nothing of who cannot act on it. */
export function useAttention(spaceId: string | null): number {
  const spaces = useQuery('os.spaces', {});
  const role = spaces?.find((row) => row.id === spaceId)?.role;
  const args = spaceId !== null && (role === 'owner' || role === 'admin') ? { spaceId } : null;
  const requests = useQuery('os.requests', args);
  const conflicts = useQuery('os.conflicts', args);
  const reports = useQuery('os.reports', args);
  const held = useQuery('os.held', args)?.filter((row) => row.mayTakeOver);
  return [requests, conflicts, reports, held].reduce((sum, rows) => sum + (rows?.length ?? 0), 0);
}
