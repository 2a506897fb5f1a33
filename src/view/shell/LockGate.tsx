/**
 * Stands before everything that shows a profile: nothing of it is on the page while it is locked, or while what it keeps goes over.
 * Once a profile that was shown is locked on purpose, the page loads again, so that its memory goes as well.
 */
import type { ReactNode } from 'react';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { KernelClient } from '../../bridge/client';
import type { LockAnswer } from '../../bridge/messages';
import { t } from '../kit/i18n';
import { TooltipProvider } from '../kit/Tooltip';
import type { Passkeys } from './locking';
import { lockWhenIdle, PasskeysContext } from './locking';
import { StartFailed } from './StartFailed';
import { Unlock } from './Unlock';

const LOOK_MS = 5_000;
const OPEN: LockAnswer = {
  at: 'open',
  on: false,
  passphrase: false,
  passkey: null,
  afterMinutes: null,
  waitUntil: null,
  moved: null,
  fault: null,
  reload: false,
};

export type LockGateProps = {
  client: KernelClient;
  profile: string;
  passkeys: Passkeys;
  reload(): void;
  children: ReactNode;
};

export function LockGate({ client, profile, passkeys, reload, children }: LockGateProps) {
  const lock = useLock(client);
  const shown = useRef(false);
  const seen = useRef(false);
  const at = lock?.at;
  const gone = lock?.reload === true && ((at === 'locked' && shown.current) || (at === 'erased' && seen.current));
  useEffect(() => {
    if (gone) reload();
    if (at === 'open') shown.current = true;
    if (at !== undefined) seen.current = true;
  }, [gone, at, reload]);
  useIdle(client, profile, at === 'open' ? (lock?.afterMinutes ?? null) : null);
  if (lock === undefined || gone || at === 'erased') return null;
  if (at === 'open') return <PasskeysContext value={passkeys}>{children}</PasskeysContext>;
  if (at === 'failed')
    return <StartFailed refusal={{ type: 'noKernel', message: lock.fault ?? '', safe: t('lock.safe'), next: '' }} />;
  return (
    <PasskeysContext value={passkeys}>
      <TooltipProvider>
        <Unlock client={client} lock={lock} />
      </TooltipProvider>
    </PasskeysContext>
  );
}

/** `undefined` until the first answer; a kernel without a lock is an open one. */
function useLock(client: KernelClient): LockAnswer | undefined {
  const answer = useSyncExternalStore(
    (changed) => client.store('browser.lock', {}).subscribe(changed),
    () => client.store('browser.lock', {}).getSnapshot() as LockAnswer | undefined,
  );
  const refused = useSyncExternalStore(
    (changed) => client.store('browser.lock', {}).subscribe(changed),
    () => client.store('browser.lock', {}).getRefusal() !== undefined,
  );
  return refused ? OPEN : answer;
}

function useIdle(client: KernelClient, profile: string, minutes: number | null): void {
  useEffect(() => {
    if (minutes === null) return undefined;
    return lockWhenIdle({
      minutes,
      pages: new BroadcastChannel(`lgos/${profile}/touched`),
      target: window,
      now: Date.now,
      every: (look) => {
        const timer = setInterval(look, LOOK_MS);
        document.addEventListener('visibilitychange', look);
        return () => {
          clearInterval(timer);
          document.removeEventListener('visibilitychange', look);
        };
      },
      lock: () => void client.run('browser.lockNow', {}).catch(() => undefined),
    });
  }, [client, profile, minutes]);
}
