/** The new device's side of linking: type the code, or show it to the camera; then compare the digits. */
import { Camera } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../kit/Button';
import { Field } from '../kit/Field';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';
import { Refused } from '../kit/Refused';
import { paths } from '../kit/routes';
import { Digits } from './Digits';
import { Scanner } from './Scanner';
import { canScan } from './scan';

export function LinkPage({ payload }: { payload: string }) {
  const linking = useQuery('os.linking', {});
  const me = useQuery('os.me', {});
  const command = useCommand();
  const [, go] = useLocation();
  const [code, setCode] = useState('');
  const [scanning, setScanning] = useState(false);
  const ask = async (typed: string) => {
    if (typed.trim() !== '') await command('os.linkDevice', { code: typed.trim() });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void ask(code || (payload === '' ? '' : location.href));
  };
  const leave = () => {
    void command('os.stopLinking', {});
    go(paths.home);
  };
  const mine = linking?.side === 'new' ? linking : undefined;
  const step = mine?.step ?? 'none';
  const asking = step === 'none' || step === 'failed';
  return (
    <main className="join" id="main">
      <div className="card linking">
        <h1 className="h20">{t('link.here')}</h1>
        {asking ? (
          <>
            <p className="t2">{t(payload === '' ? 'link.hereHow' : 'link.hereScanned')}</p>
            <p className="hint">{t('link.hereMeans', { name: me?.name ?? '' })}</p>
            {step === 'failed' ? <Refused message={t(`link.failed.${mine?.reason ?? 'late'}`)} /> : null}
            <form className="row" onSubmit={submit}>
              {payload === '' ? (
                <Field
                  className="grow mono"
                  label={t('link.code')}
                  value={code}
                  autoComplete="off"
                  autoCapitalize="characters"
                  spellCheck={false}
                  autoFocus
                  onChange={(event) => setCode(event.target.value)}
                />
              ) : (
                <span className="grow" />
              )}
              <Button kind="primary" size="large" type="submit" disabled={payload === '' && code.trim() === ''}>
                {t('link.go')}
              </Button>
            </form>
            {scanning ? (
              <Scanner
                onFound={(text) => {
                  setScanning(false);
                  void ask(text);
                }}
                onGone={() => setScanning(false)}
              />
            ) : canScan() ? (
              <Button kind="line" size="large" icon={Camera} onClick={() => setScanning(true)}>
                {t('link.scan')}
              </Button>
            ) : null}
          </>
        ) : null}
        {step === 'waiting' ? (
          <p className="t2" role="status">
            {t('link.seeking')}
          </p>
        ) : null}
        {mine && (step === 'comparing' || step === 'confirmed') ? <Digits linking={mine} /> : null}
        {step === 'done' ? <p role="status">{t('link.hereDone')}</p> : null}
        <div className="row end">
          <Button size="large" onClick={leave}>
            {t(asking ? 'join.notNow' : 'cancel')}
          </Button>
        </div>
      </div>
    </main>
  );
}
