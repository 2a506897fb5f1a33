/** One space as one file: who can bring it in again is chosen here, and said plainly before anything is made. */
import { CloudDownload } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ExportHow, ExportingAnswer, MissingFilesAnswer } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { Dialog } from '../kit/Dialog';
import { Field, Segmented, Switch } from '../kit/Field';
import { t } from '../kit/i18n';
import { refusalOf, useCommand, useKernel, useQuery } from '../kit/kernel';
import { fileName } from '../kit/names';
import { showNotice, showRefusal } from '../kit/Toasts';
import { sizeOf } from '../kit/time';
import { exportZip } from './exported';
import { type Saving, whereToSave } from './saving';
import './exchange.css';

/** As for key files. */
const MIN_PASSPHRASE = 8;
type Keys = 'sealed' | 'none' | 'open';

export function ExportDialog({ spaceId, onClose }: { spaceId: string; onClose(): void }) {
  const client = useKernel();
  const title = useQuery('os.spaces', {})?.find(({ id }) => id === spaceId)?.title ?? '';
  const missing = useQuery<MissingFilesAnswer>('os.missingFiles', { spaceId });
  const command = useCommand();
  const [keys, setKeys] = useState<Keys>('sealed');
  const [passphrase, setPassphrase] = useState('');
  const [readable, setReadable] = useState(true);
  const [files, setFiles] = useState<number | null>(null);
  const stop = useRef<AbortController>(undefined);
  // Whoever closes the dialog stops what it does.
  useEffect(() => () => stop.current?.abort(), []);
  const leave = (): void => {
    if (stop.current) void client.run('os.stopExport', {}).catch(() => undefined);
    onClose();
  };
  const begin = async (): Promise<void> => {
    const how: ExportHow = keys === 'sealed' ? { passphrase } : { keys };
    let saving: Saving | null = null;
    try {
      saving = await whereToSave(`${fileName(title, t('untitled'))}.zip`);
      if (!saving) return;
      const control = new AbortController();
      stop.current = control;
      setFiles(0);
      await exportZip(client, saving, { spaceId, title, how, readable }, control.signal, setFiles);
      showNotice(t('export.saved', { title, name: saving.name }));
      onClose();
    } catch (fault) {
      await saving?.drop();
      if (!stop.current?.signal.aborted) {
        void client.run('os.stopExport', {}).catch(() => undefined);
        showRefusal(refusalOf(fault));
      }
      setFiles(null);
    } finally {
      stop.current = undefined;
    }
  };
  return (
    <Dialog title={t('export')} onClose={leave}>
      <form
        className="exchange"
        onSubmit={(event) => {
          event.preventDefault();
          void begin();
        }}
      >
        <div className="db">
          <p>{t('export.what', { title })}</p>
          {files === null ? (
            <>
              <div className="label">
                <span>{t('export.keys')}</span>
                <Segmented
                  label={t('export.keys')}
                  value={keys}
                  onChange={setKeys}
                  choices={(['sealed', 'none', 'open'] as const).map((value) => ({
                    value,
                    label: t(`export.keys.${value}`),
                  }))}
                />
                <span className={keys === 'open' ? 'hint warn' : 'hint'} role="status">
                  {t(`export.means.${keys}`)}
                </span>
              </div>
              {keys === 'sealed' ? (
                <Field
                  label={t('export.passphrase')}
                  hint={t('export.passphraseHint', { n: MIN_PASSPHRASE })}
                  value={passphrase}
                  autoComplete="off"
                  spellCheck={false}
                  onChange={(event) => setPassphrase(event.target.value)}
                />
              ) : null}
              <div className="label">
                <Switch label={t('export.readable')} checked={readable} onChange={setReadable} />
                <span className="hint">{t(readable ? 'export.readableMeans' : 'export.notReadable')}</span>
              </div>
              {missing && missing.files > 0 ? (
                <div className="label" role="status">
                  <span className="hint warn">
                    {t('export.away', { n: missing.files, size: sizeOf(missing.bytes) })}{' '}
                    {missing.coming > 0 ? t('export.coming', { n: missing.coming }) : null}
                  </span>
                  {missing.coming < missing.files ? (
                    <Button kind="line" icon={CloudDownload} onClick={() => void command('os.fetchFiles', { spaceId })}>
                      {t('export.fetch')}
                    </Button>
                  ) : null}
                </div>
              ) : null}
            </>
          ) : (
            <Progress files={files} />
          )}
        </div>
        <div className="df">
          <Button size="large" onClick={leave}>
            {t(files === null ? 'cancel' : 'export.stop')}
          </Button>
          <Button
            kind="primary"
            size="large"
            type="submit"
            disabled={files !== null || (keys === 'sealed' && passphrase.length < MIN_PASSPHRASE)}
          >
            {t(missing && missing.files > 0 ? 'export.without' : 'export.action')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Progress({ files }: { files: number }) {
  const exporting = useQuery<ExportingAnswer>('os.exporting', {});
  const label = exporting
    ? t('export.history', { n: exporting.done, total: exporting.total })
    : t('export.files', { n: files });
  return (
    <div className="label" role="status">
      <progress aria-label={t('export')} {...(exporting ? { value: exporting.done, max: exporting.total } : {})} />
      <span className="hint num">{label}</span>
    </div>
  );
}
