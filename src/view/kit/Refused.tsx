/** In the middle of a form: what was refused, and what to do about it; brought into sight, since it may come below the edge. */
import { CircleAlert } from 'lucide-react';

const intoSight = (box: HTMLElement | null): void => box?.scrollIntoView({ block: 'nearest' });
export function Refused({ message, next = '' }: { readonly message: string; readonly next?: string }) {
  return (
    <div className="refusal" role="alert" ref={intoSight}>
      <CircleAlert className="i" size={16} strokeWidth={1.75} aria-hidden />
      {next === '' ? (
        <p>{message}</p>
      ) : (
        <div>
          <p className="w5x">{message}</p>
          <p className="t2">{next}</p>
        </div>
      )}
    </div>
  );
}
