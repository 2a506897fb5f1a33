/** Until when, to the minute, by the local calendar. */
import { type FormEvent, useState } from 'react';
import { Button } from '../kit/Button';
import { Dialog } from '../kit/Dialog';
import { Field } from '../kit/Field';
import { t } from '../kit/i18n';
import { momentField } from '../kit/time';
import { endings } from './snoozing';

const YEAR = 365 * 86_400_000;

export function SnoozeDialog({ onChoose, onClose }: { onChoose(until: number): void; onClose(): void }) {
  const [moment, setMoment] = useState(() => momentField(endings(Date.now())[1]?.until ?? Date.now()).slice(0, 16));
  const [wrong, setWrong] = useState(false);
  const choose = (event: FormEvent): void => {
    event.preventDefault();
    const until = new Date(moment).getTime();
    const ahead = until - Date.now();
    if (!(ahead > 0 && ahead < YEAR)) return setWrong(true);
    onChoose(until);
    onClose();
  };
  return (
    <Dialog title={t('hub.until.title')} onClose={onClose}>
      <form onSubmit={choose}>
        <div className="db">
          <Field
            label={t('hub.until.moment')}
            type="datetime-local"
            value={moment}
            data-first
            required
            aria-invalid={wrong}
            hint={wrong ? t('hub.until.past') : undefined}
            onChange={(event) => setMoment(event.target.value)}
          />
        </div>
        <div className="df">
          <Button size="large" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button size="large" kind="primary" type="submit">
            {t('hub.snooze')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
