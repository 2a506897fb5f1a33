/** In Settings: each space can leave as a file, and a file be brought in. */
import { Download, FileInput } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../kit/Button';
import { Confirm } from '../kit/Dialog';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';
import { ExportDialog } from './ExportDialog';
import { ImportDialog } from './ImportDialog';
import './exchange.css';

export function ExchangeSettings() {
  const spaces = useQuery('os.spaces', {});
  const command = useCommand();
  const [exporting, setExporting] = useState<string | null>(null);
  const [importing, setImporting] = useState(false);
  const [removing, setRemoving] = useState<string | null>(null);
  return (
    <>
      <ul className="outs">
        {spaces?.map(({ id, title, role }) => (
          <li key={id}>
            <span className="cut">
              <bdi>{title}</bdi>
              {role === 'none' ? <span className="hint">{t('exchange.archive')}</span> : null}
            </span>
            {role === 'none' ? <Button onClick={() => setRemoving(id)}>{t('exchange.remove')}</Button> : null}
            <Button icon={Download} aria-label={t('exchange.export', { title })} onClick={() => setExporting(id)}>
              {t('export.action')}
            </Button>
          </li>
        ))}
      </ul>
      <div>
        <Button kind="line" size="large" icon={FileInput} onClick={() => setImporting(true)}>
          {t('import')}
        </Button>
      </div>
      {exporting === null ? null : <ExportDialog spaceId={exporting} onClose={() => setExporting(null)} />}
      {removing === null ? null : (
        <Confirm
          title={t('exchange.remove')}
          text={t('exchange.removeMeans')}
          action={t('exchange.remove')}
          onConfirm={() => void command('os.removeArchive', { spaceId: removing })}
          onClose={() => setRemoving(null)}
        />
      )}
      {importing ? <ImportDialog onClose={() => setImporting(false)} /> : null}
    </>
  );
}
