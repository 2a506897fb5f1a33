/** A view with nothing in it: one sentence, one button. And the grey of a view that is still on its way. */
import type { LucideIcon } from 'lucide-react';
import { Button } from './Button';
import { t } from './i18n';

export function Empty({
  text,
  action,
}: {
  text: string;
  /** `quiet`: it leads to nothing new. */
  action?:
    | { readonly label: string; readonly icon?: LucideIcon; readonly quiet?: boolean; readonly run: () => void }
    | undefined;
}) {
  return (
    <div className="empty">
      <p>{text}</p>
      {action ? (
        <Button
          kind={action.quiet ? 'line' : 'primary'}
          size="large"
          {...(action.icon ? { icon: action.icon } : {})}
          onClick={action.run}
        >
          {action.label}
        </Button>
      ) : null}
    </div>
  );
}

export function Skeleton({ width, height = 12 }: { width: number | string; height?: number }) {
  return <span className="skel" style={{ width, height }} aria-hidden />;
}

/** Rows as a list will have them. */
export function SkeletonRows({ rows = 5 }: { rows?: number }) {
  return (
    <div role="status" aria-label={t('loading')} className="skeleton">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: grey bars have no identity
        <div key={row} className="row" style={{ gap: 12, alignItems: 'flex-start' }}>
          <span className="skel" style={{ flex: 'none', width: 32, height: 32, borderRadius: '50%' }} />
          <span className="grow" style={{ display: 'grid', gap: 8, paddingTop: 2 }}>
            <Skeleton width={120} />
            <Skeleton width={220 + ((row * 97) % 240)} />
          </span>
        </div>
      ))}
    </div>
  );
}
