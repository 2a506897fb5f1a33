/** Settings > Lock: who could read what this browser keeps, and what stops them: turn it on, change it, turn it off, lock now or by itself. */
import { Fingerprint, LockKeyhole } from 'lucide-react';
import type { FormEvent } from 'react';
import { useState } from 'react';
import type { LockAnswer } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { Dialog } from '../kit/Dialog';
import { SkeletonRows } from '../kit/Empty';
import { Field, Segmented } from '../kit/Field';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';
import { showNotice } from '../kit/Toasts';
import type { PasskeyAnswer, Passkeys } from './locking';
import { AFTER, MIN_PASSPHRASE, usePasskeys } from './locking';

export function LockSettings() {
  const lock = useQuery('browser.lock', {});
  if (!lock) return <SkeletonRows rows={1} />;
  return lock.on ? <On lock={lock} /> : <Off />;
}

/** A new passkey, or a word to the person why there is none. */
const makePasskey = async (passkeys: Passkeys): Promise<PasskeyAnswer | null> => {
  const made = await passkeys.create(t('lock.passkeyName'));
  if (typeof made !== 'string') return made;
  showNotice(t(`lock.trouble.${made}`));
  return null;
};

function Off() {
  const command = useCommand();
  const passkeys = usePasskeys();
  const [passphrase, setPassphrase] = useState('');
  const [again, setAgain] = useState('');
  const ready = passphrase.length >= MIN_PASSPHRASE && passphrase === again;
  const turnOn = async (event: FormEvent) => {
    event.preventDefault();
    if (ready) await command('browser.turnOnLock', { passphrase });
  };
  const byPasskey = async (offered: Passkeys) => {
    const passkey = await makePasskey(offered);
    if (passkey) await command('browser.turnOnLock', { passkey });
  };
  return (
    <>
      <p className="t2">{t('lock.off')}</p>
      <form onSubmit={(event) => void turnOn(event)}>
        <NewPassphrase passphrase={passphrase} again={again} onPassphrase={setPassphrase} onAgain={setAgain} />
        <div className="row">
          <Button kind="line" size="large" icon={LockKeyhole} type="submit" disabled={!ready}>
            {t('lock.turnOn')}
          </Button>
          {passkeys ? (
            <Button kind="line" size="large" icon={Fingerprint} onClick={() => void byPasskey(passkeys)}>
              {t('lock.turnOnPasskey')}
            </Button>
          ) : null}
        </div>
      </form>
    </>
  );
}

type NewProps = {
  passphrase: string;
  again: string;
  onPassphrase(value: string): void;
  onAgain(value: string): void;
};
function NewPassphrase({ passphrase, again, onPassphrase, onAgain }: NewProps) {
  const differ = again !== '' && passphrase !== again;
  return (
    <div className="row fields">
      <Field
        className="grow"
        type="password"
        label={t('lock.new')}
        hint={t('lock.newHint', { n: MIN_PASSPHRASE })}
        value={passphrase}
        autoComplete="new-password"
        onChange={(event) => onPassphrase(event.target.value)}
      />
      <Field
        className="grow"
        type="password"
        label={t('lock.again')}
        hint={differ ? t('lock.differ') : undefined}
        aria-invalid={differ}
        value={again}
        autoComplete="new-password"
        onChange={(event) => onAgain(event.target.value)}
      />
    </div>
  );
}

type Asking = 'change' | 'addPasskey' | 'removePasskey' | 'off' | null;

function On({ lock }: { lock: LockAnswer }) {
  const command = useCommand();
  const passkeys = usePasskeys();
  const [asking, setAsking] = useState<Asking>(null);
  const after = AFTER.find((minutes) => minutes === lock.afterMinutes) ?? 0;
  return (
    <>
      <p className="t2">{t('lock.on')}</p>
      <div className="f">
        <span>{t('lock.after')}</span>
        <div>
          <Segmented
            label={t('lock.after')}
            value={String(after)}
            onChange={(minutes) =>
              void command('browser.lockAfter', minutes === '0' ? {} : { minutes: Number(minutes) })
            }
            choices={AFTER.map((n) => ({
              value: String(n),
              label: n === 0 ? t('lock.never') : t('lock.minutes', { n }),
            }))}
          />
        </div>
      </div>
      <div className="row">
        <Button kind="line" size="large" icon={LockKeyhole} onClick={() => void command('browser.lockNow', {})}>
          {t('lock.now')}
        </Button>
        <Button kind="line" size="large" onClick={() => setAsking('change')}>
          {t(lock.passphrase ? 'lock.change' : 'lock.addPassphrase')}
        </Button>
        {lock.passkey && lock.passphrase ? (
          <Button kind="line" size="large" onClick={() => setAsking('removePasskey')}>
            {t('lock.removePasskey')}
          </Button>
        ) : null}
        {!lock.passkey && passkeys ? (
          <Button kind="line" size="large" icon={Fingerprint} onClick={() => setAsking('addPasskey')}>
            {t('lock.addPasskey')}
          </Button>
        ) : null}
        <Button kind="danger" size="large" onClick={() => setAsking('off')}>
          {t('lock.turnOff')}
        </Button>
      </div>
      {asking ? <Ask lock={lock} asking={asking} onClose={() => setAsking(null)} /> : null}
    </>
  );
}

/** Whatever changes the lock asks for a present way to open it. */
function Ask({ lock, asking, onClose }: { lock: LockAnswer; asking: NonNullable<Asking>; onClose(): void }) {
  const command = useCommand();
  const passkeys = usePasskeys();
  const [present, setPresent] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const [again, setAgain] = useState('');
  const [busy, setBusy] = useState(false);
  const needsNew = asking === 'change';
  const newIsReady = !needsNew || (passphrase.length >= MIN_PASSPHRASE && passphrase === again);

  const act = async (opener: { passphrase: string } | { secret: string }) => {
    setBusy(true);
    const made = asking === 'addPasskey' && passkeys ? await makePasskey(passkeys) : null;
    if (asking !== 'addPasskey' || made) {
      const done =
        asking === 'off'
          ? await command('browser.turnOffLock', opener)
          : await command('browser.changeLock', {
              ...opener,
              ...(needsNew ? { newPassphrase: passphrase } : {}),
              ...(made ? { newPasskey: made } : {}),
              ...(asking === 'removePasskey' ? { remove: 'passkey' } : {}),
            });
      if (done) {
        if (asking !== 'off') showNotice(t('lock.changed'));
        onClose();
      }
    }
    setBusy(false);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (present !== '' && newIsReady && !busy) void act({ passphrase: present });
  };
  const byPasskey = async () => {
    if (!passkeys || !lock.passkey) return;
    const secret = await passkeys.ask(lock.passkey);
    if (secret === 'cancelled' || secret === 'notOffered') showNotice(t(`lock.trouble.${secret}`));
    else await act({ secret });
  };
  return (
    <Dialog title={t(`lock.ask.${asking}`)} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="db">
          <p className="t2">{t(`lock.askHint.${asking}`)}</p>
          {lock.passphrase ? (
            <Field
              type="password"
              label={t('lock.present')}
              value={present}
              autoFocus
              autoComplete="current-password"
              onChange={(event) => setPresent(event.target.value)}
            />
          ) : null}
          {needsNew ? (
            <NewPassphrase passphrase={passphrase} again={again} onPassphrase={setPassphrase} onAgain={setAgain} />
          ) : null}
        </div>
        <div className="df">
          <Button size="large" onClick={onClose}>
            {t('cancel')}
          </Button>
          {lock.passkey && passkeys ? (
            <Button size="large" kind="line" disabled={!newIsReady || busy} onClick={() => void byPasskey()}>
              {t('lock.byPasskey')}
            </Button>
          ) : null}
          {lock.passphrase ? (
            <Button size="large" kind="primary" type="submit" disabled={present === '' || !newIsReady || busy}>
              {t(asking === 'off' ? 'lock.turnOff' : 'save')}
            </Button>
          ) : null}
        </div>
      </form>
    </Dialog>
  );
}
