/** The screen before the kernel: the passphrase or the passkey, how long to wait after a wrong one, and the way out for who forgot. */
import { ChevronRight, Fingerprint, LockKeyhole } from 'lucide-react';
import type { FormEvent } from 'react';
import { useEffect, useState } from 'react';
import type { KernelClient } from '../../bridge/client';
import type { LockAnswer } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { Confirm } from '../kit/Dialog';
import { Field } from '../kit/Field';
import { t } from '../kit/i18n';
import { refusalOf } from '../kit/kernel';
import { Refused } from '../kit/Refused';
import { usePasskeys } from './locking';

type Trouble = 'wrong' | 'wrongPasskey' | 'cancelled' | 'notOffered' | null;

export function Unlock({ client, lock }: { client: KernelClient; lock: LockAnswer }) {
  const passkeys = usePasskeys();
  const [passphrase, setPassphrase] = useState('');
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>(null);
  const [forgotten, setForgotten] = useState(false);
  const wait = useWait(lock.waitUntil);
  const working = lock.at === 'working';

  const unlock = async (opener: { passphrase: string } | { secret: string }, wrong: Trouble) => {
    setBusy(true);
    setTrouble(null);
    try {
      await client.run('browser.unlock', opener);
      setPassphrase('');
    } catch (error) {
      // Too early a try says by itself how long to wait.
      setTrouble(refusalOf(error).type === 'wait' ? null : wrong);
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (passphrase !== '' && !busy && wait === 0) void unlock({ passphrase }, 'wrong');
  };
  const byPasskey = async () => {
    if (!passkeys || !lock.passkey) return;
    setTrouble(null);
    const secret = await passkeys.ask(lock.passkey);
    if (secret === 'cancelled' || secret === 'notOffered') setTrouble(secret);
    else await unlock({ secret }, 'wrongPasskey');
  };

  if (working) return <Working moved={lock.moved} />;
  return (
    <main className="join" id="main">
      <form className="card" onSubmit={submit}>
        <div className="row">
          <LockKeyhole className="i" size={20} strokeWidth={1.75} aria-hidden />
          <h1 className="h20">{t('lock.locked')}</h1>
        </div>
        <p className="t2">{t(lock.fault === 'damaged' ? 'lock.damaged' : 'lock.lockedHint')}</p>
        {lock.fault !== null && lock.fault !== 'damaged' ? (
          <Refused message={t('lock.fault', { reason: lock.fault })} />
        ) : null}
        {lock.passphrase ? (
          <Field
            type="password"
            name="passphrase"
            label={t('lock.passphrase')}
            value={passphrase}
            autoFocus
            autoComplete="current-password"
            aria-invalid={trouble === 'wrong'}
            onChange={(event) => setPassphrase(event.target.value)}
          />
        ) : null}
        {trouble !== null || wait > 0 ? (
          <Refused
            message={[
              ...(trouble === null ? [] : [t(`lock.trouble.${trouble}`)]),
              ...(wait > 0 ? [t('lock.wait', { n: wait })] : []),
            ].join(' ')}
          />
        ) : null}
        <div className="row end">
          {lock.passkey && passkeys ? (
            <Button
              size="large"
              kind={lock.passphrase ? 'line' : 'primary'}
              icon={Fingerprint}
              disabled={busy || wait > 0}
              onClick={() => void byPasskey()}
            >
              {t('lock.byPasskey')}
            </Button>
          ) : null}
          {lock.passphrase ? (
            <Button size="large" kind="primary" type="submit" disabled={passphrase === '' || busy || wait > 0}>
              {t(busy ? 'lock.unlocking' : 'lock.unlock')}
            </Button>
          ) : null}
        </div>
        <details className="forgot">
          <summary>
            <ChevronRight className="i" size={14} strokeWidth={1.75} aria-hidden />
            {t('lock.forgotten')}
          </summary>
          <p className="t2">{t('lock.forgottenHint')}</p>
          <Button kind="danger" onClick={() => setForgotten(true)}>
            {t('lock.erase')}
          </Button>
        </details>
      </form>
      {forgotten ? (
        <Confirm
          title={t('lock.eraseTitle')}
          text={t('lock.eraseText')}
          action={t('lock.erase')}
          onConfirm={() => void client.run('browser.eraseProfile', {}).catch(() => undefined)}
          onClose={() => setForgotten(false)}
        />
      ) : null}
    </main>
  );
}

function Working({ moved }: { moved: number | null }) {
  return (
    <main className="join" id="main">
      <div className="card" role="status">
        <h1 className="h20">{t('lock.opening')}</h1>
        {moved ? <p className="t2">{t('lock.moved', { n: moved })}</p> : null}
      </div>
    </main>
  );
}

/** Whole seconds until the next try, counting down. */
function useWait(until: number | null): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (until === null) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [until]);
  return until === null ? 0 : Math.max(0, Math.ceil((until - now) / 1_000));
}
