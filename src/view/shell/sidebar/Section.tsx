/** A part of the sidebar under a heading that folds it away. What is folded is a setting of the person, space by space. */
import type { LucideIcon } from 'lucide-react';
import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMemo } from 'react';
import { Barred } from '../../kit/access';
import { IconButton } from '../../kit/Button';
import { useCommand, useQuery } from '../../kit/kernel';

export type Folding = { readonly folded: ReadonlySet<string>; fold(name: string, on: boolean): void };

export function useFolding(spaceId: string): Folding {
  const names = useQuery('os.folded', { spaceId });
  const command = useCommand();
  return useMemo(
    () => ({
      folded: new Set(names ?? []),
      fold: (name, on) => void command('os.fold', { spaceId, name, on }),
    }),
    [names, command, spaceId],
  );
}

type Action = {
  readonly label: string;
  readonly icon: LucideIcon;
  /** Why this person may not. */
  readonly why: string | null | undefined;
  run(): void;
};

export function Section({
  name,
  title,
  actions = [],
  folding,
  children,
}: {
  name: string;
  title: string;
  actions?: readonly Action[];
  folding: Folding;
  children: ReactNode;
}) {
  const open = !folding.folded.has(name);
  return (
    <nav className="nav" aria-label={title}>
      <div className="h">
        <button type="button" className="grow fold" aria-expanded={open} onClick={() => folding.fold(name, open)}>
          <span className="cut">{title}</span>
          <ChevronRight className={`i twist ${open ? 'open' : ''}`} size={14} strokeWidth={1.75} aria-hidden />
        </button>
        {actions.map(({ label, icon, why, run }) => (
          <Barred key={label} why={why}>
            <IconButton small label={label} icon={icon} onClick={run} />
          </Barred>
        ))}
      </div>
      {open ? children : null}
    </nav>
  );
}
