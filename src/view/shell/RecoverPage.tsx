/** Coming back in a clean browser: by the recovery phrase, by another device, or by a key file. */
import { KeyRound, MonitorSmartphone } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../kit/Button';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';
import { paths } from '../kit/routes';

export function RecoverPage() {
  const me = useQuery('os.me', {});
  const command = useCommand();
  const [, go] = useLocation();
  const [phrase, setPhrase] = useState('');
  const hint = useId();
  const words = phrase
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '').length;
  const restore = (event: FormEvent) => {
    event.preventDefault();
    void command('os.recover', { phrase });
  };
  return (
    <main className="join" id="main">
      <div className="card recover">
        <h1 className="h20">{t('recover')}</h1>
        <p className="hint">{t('link.hereMeans', { name: me?.name ?? '' })}</p>
        <p className="hint">{t('recover.price')}</p>
        <form onSubmit={restore}>
          <label className="label">
            <span>{t('recover.phrase')}</span>
            <textarea
              className="field mono"
              rows={3}
              value={phrase}
              maxLength={1000}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              aria-describedby={hint}
              onChange={(event) => setPhrase(event.target.value)}
            />
            <span id={hint} className="hint">
              {t('recover.words', { n: words })}
            </span>
          </label>
          <div className="row end">
            <Button size="large" onClick={() => go(paths.home)}>
              {t('join.notNow')}
            </Button>
            <Button kind="primary" size="large" type="submit" disabled={words === 0}>
              {t('recover.go')}
            </Button>
          </div>
        </form>
        <div className="ways">
          <p className="h">{t('recover.others')}</p>
          <Button kind="line" size="large" icon={MonitorSmartphone} onClick={() => go(paths.link)}>
            {t('link.here')}
          </Button>
          <Button kind="line" size="large" icon={KeyRound} onClick={() => go(paths.keys)}>
            {t('keys.import')}
          </Button>
        </div>
      </div>
    </main>
  );
}
