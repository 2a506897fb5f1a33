/** A space out of a file: chosen, its passphrase asked for where it has one, and told what came of it. */
import { FileInput } from 'lucide-react';
import { useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { BundleImported, ImportingAnswer } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { Dialog } from '../kit/Dialog';
import { Field } from '../kit/Field';
import { FilePick } from '../kit/FilePick';
import { t } from '../kit/i18n';
import { refusalOf, useKernel, useQuery } from '../kit/kernel';
import { paths } from '../kit/routes';
import { showNotice, showRefusal } from '../kit/Toasts';
import { sizeOf } from '../kit/time';
import './exchange.css';

/** A zip may be larger than the bundle in it; more than this no page holds. */
const MAX_FILE = 1.5 * 1024 ** 3;

type Step =
  | { readonly at: 'choose' }
  | { readonly at: 'passphrase'; readonly file: File }
  | { readonly at: 'working'; readonly file: File }
  | { readonly at: 'done'; readonly came: BundleImported };

export function ImportDialog({ onClose }: { onClose(): void }) {
  const client = useKernel();
  const [step, setStep] = useState<Step>({ at: 'choose' });
  const [passphrase, setPassphrase] = useState('');
  const working = useRef<AbortController>(undefined);
  /** Whoever closes the dialog stops what it does. */
  const leave = (): void => {
    if (working.current) void client.run('os.stopImport', {}).catch(() => undefined);
    working.current?.abort();
    onClose();
  };
  const take = async (file: File, secret?: string): Promise<void> => {
    if (file.size > MAX_FILE) return showNotice(t('import.tooLarge', { size: sizeOf(MAX_FILE) }));
    const control = new AbortController();
    working.current = control;
    setStep({ at: 'working', file });
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      if (control.signal.aborted) return;
      const came = await client.importBundle(bytes, secret === undefined ? {} : { passphrase: secret });
      setStep({ at: 'done', came });
    } catch (fault) {
      const refusal = refusalOf(fault);
      if (refusal.type === 'importStopped') return showNotice(t('import.stopped'));
      if (refusal.type === 'needsPassphrase') return setStep({ at: 'passphrase', file });
      showRefusal(refusal);
      setStep(refusal.type === 'wrongPassphrase' ? { at: 'passphrase', file } : { at: 'choose' });
    } finally {
      if (working.current === control) working.current = undefined;
    }
  };
  return (
    <Dialog title={t('import')} onClose={leave}>
      {step.at === 'done' ? (
        <Came came={step.came} onClose={onClose} />
      ) : (
        <form
          className="exchange"
          onSubmit={(event) => {
            event.preventDefault();
            if (step.at === 'passphrase') void take(step.file, passphrase);
          }}
        >
          <div className="db">
            <p>{t('import.what')}</p>
            {step.at === 'choose' ? (
              <div>
                <FilePick
                  label={t('import.pick')}
                  icon={FileInput}
                  accept=".zip,.lgos,application/zip"
                  onPick={(file) => void take(file)}
                />
              </div>
            ) : null}
            {step.at === 'passphrase' ? (
              <Field
                type="password"
                label={t('import.passphrase')}
                hint={t('import.sealed')}
                value={passphrase}
                autoComplete="off"
                autoFocus
                onChange={(event) => setPassphrase(event.target.value)}
              />
            ) : null}
            {step.at === 'working' ? <Progress /> : null}
          </div>
          <div className="df">
            <Button size="large" onClick={leave}>
              {t(step.at === 'working' ? 'import.stop' : 'cancel')}
            </Button>
            {step.at === 'passphrase' ? (
              <Button kind="primary" size="large" type="submit" disabled={passphrase === ''}>
                {t('import.action')}
              </Button>
            ) : null}
          </div>
        </form>
      )}
    </Dialog>
  );
}

function Progress() {
  const importing = useQuery<ImportingAnswer>('os.importing', {});
  const counted = importing && importing.total > 0 ? importing : null;
  return (
    <div className="label" role="status">
      <progress aria-label={t('import')} {...(counted ? { value: counted.done, max: counted.total } : {})} />
      <span className="hint num">
        {t('import.working')} {counted ? t('import.count', { n: counted.done, total: counted.total }) : null}
      </span>
    </div>
  );
}

function Came({ came, onClose }: { came: BundleImported; onClose(): void }) {
  const [, go] = useLocation();
  const title = useQuery('os.spaces', {})?.find(({ id }) => id === came.id)?.title ?? '';
  return (
    <div className="exchange">
      <div className="db" role="status">
        <p>{t(came.isNew ? 'import.new' : 'import.merged', { title, n: came.added })}</p>
        {came.refused > 0 ? <p className="hint warn">{t('import.refused', { n: came.refused })}</p> : null}
        {came.stateHash === '' ? null : (
          <p className="hint">
            {t('import.hash')} <code className="mono">{came.stateHash}</code>
          </p>
        )}
      </div>
      <div className="df">
        <Button
          kind="primary"
          size="large"
          data-first
          onClick={() => {
            onClose();
            go(paths.space(came.id));
          }}
        >
          {t('import.open')}
        </Button>
      </div>
    </div>
  );
}
