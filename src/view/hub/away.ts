/**
 * Since when a person was away when this page began, or was looked at again: what the digest begins with. The moment itself is a
 * setting of the person and comes from the kernel; here is only which of its values this visit goes by.
 */
import { useEffect, useSyncExternalStore } from 'react';
import { useKernel, useQuery } from '../kit/kernel';

/** Who was away for less is told nothing unasked, ms. */
const AWAY = 4 * 3_600_000;
const EVERY = 10 * 60_000;

const listeners = new Set<() => void>();
let since: number | null | undefined;
const begin = (left: number | null): void => {
  since = left !== null && Date.now() - left >= AWAY ? left : null;
  for (const listener of listeners) listener();
};
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** `null`: not away for long, or not known yet. */
export const useAway = (): number | null => useSyncExternalStore(subscribe, () => since ?? null);

/** Notes that the person is here while the page is in sight, and when they left. It shows nothing. */
export function Presence() {
  const client = useKernel();
  const left = useQuery('hub.badge', {})?.left;
  useEffect(() => {
    if (left !== undefined && since === undefined) begin(left);
  }, [left]);
  useEffect(() => {
    // Where it could not be noted, the next digest begins earlier: nothing is missed.
    const leave = (): void => void client.run('hub.leave', {}).catch(() => undefined);
    const onSight = (): void => {
      if (document.visibilityState === 'hidden') return leave();
      void client.query('hub.badge', {}).then(
        (badge) => {
          begin((badge as { left: number | null }).left);
          leave();
        },
        () => undefined,
      );
    };
    const timer = setInterval(() => {
      if (since !== undefined && document.visibilityState === 'visible') leave();
    }, EVERY);
    document.addEventListener('visibilitychange', onSight);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', onSight);
    };
  }, [client]);
  return null;
}
