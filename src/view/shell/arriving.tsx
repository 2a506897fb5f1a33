/**
 * A start that moves nothing under anybody's eyes: what would still change its place is not painted before it has it, and the
 * room that lines across the view took when this browser was last here is kept for them until it is known whether they come.
 */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useQuery } from '../kit/kernel';
import { keepLinesRoom, linesRoom } from '../kit/preferences';

/** Whether the first answers are here that the frame is drawn from; from then on always. */
export function useArrived(spaceId: string | null): boolean {
  const me = useQuery('os.me', {});
  const spaces = useQuery('os.spaces', {});
  // A space that one is not in may never answer.
  const isMine = spaceId !== null && spaces?.some(({ id }) => id === spaceId) === true;
  const channels = useQuery('chat.channels', isMine ? { spaceId } : null);
  const documents = useQuery('editor.documents', isMine ? { spaceId } : null);
  const here =
    me !== undefined && spaces !== undefined && (!isMine || (channels !== undefined && documents !== undefined));
  const [arrived, setArrived] = useState(false);
  if (here && !arrived) setArrived(true);
  return arrived;
}

/** The lines across the view, under the bar. */
export function Lines({ children }: { children: ReactNode }) {
  // Told with the state of the network, when the journal has been read.
  const known = useQuery('os.recovery', {}) !== undefined;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const lines = place.current;
    if (!known || !lines) return;
    const observer = new ResizeObserver(() => keepLinesRoom(lines.offsetHeight));
    observer.observe(lines);
    return () => observer.disconnect();
  }, [known]);
  return (
    <div className="lines" ref={place} style={known ? undefined : { minHeight: linesRoom() }}>
      {children}
    </div>
  );
}
