/** Telling the Admins of a space about an object, with a reason; from a message, a channel or a document alike. */
import type { FormEvent } from 'react';
import { useState } from 'react';
import { Button } from './Button';
import { Dialog } from './Dialog';
import { Field } from './Field';
import { t } from './i18n';
import { useCommand } from './kernel';
import { showNotice } from './Toasts';

const MAX_REASON = 500;

export function ReportDialog({ id, onClose }: { id: string; onClose(): void }) {
  const command = useCommand();
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const sent = await command('os.report', { id, reason });
    setBusy(false);
    if (!sent) return;
    onClose();
    showNotice(t('report.sent'));
  };
  return (
    <Dialog title={t('report')} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <div className="db">
          <Field
            label={t('report.reason')}
            hint={t('report.means')}
            value={reason}
            maxLength={MAX_REASON}
            autoFocus
            onChange={(event) => setReason(event.target.value)}
          />
        </div>
        <div className="df">
          <Button size="large" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button size="large" kind="primary" type="submit" disabled={busy}>
            {t('report.send')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
