/** In the middle of a form: what was refused, and what to do about it. */
import { CircleAlert } from 'lucide-react';

export function Refused({ message, next = '' }: { readonly message: string; readonly next?: string }) {
  return (
    <div className="refusal" role="alert">
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
