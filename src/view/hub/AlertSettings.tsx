/** What is told outside the page, of this browser, because the permission is its own; and what is muted, of the person. */
import { Bell } from 'lucide-react';
import { Button } from '../kit/Button';
import { Segmented } from '../kit/Field';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';
import { type AlertsWanted, setAlerts, useAlerts } from '../kit/preferences';
import { showNotice } from '../kit/Toasts';
import { isAllowed, isThere } from './Alerts';

const CHOICES: readonly AlertsWanted[] = ['off', 'mine', 'all'];

export function AlertSettings() {
  const wanted = useAlerts();
  const choose = async (to: AlertsWanted): Promise<void> => {
    if (to !== 'off' && !isAllowed()) {
      const answer = isThere() ? await Notification.requestPermission() : 'denied';
      if (answer !== 'granted') return showNotice(t(isThere() ? 'alerts.denied' : 'alerts.cannot'));
    }
    setAlerts(to);
  };
  return (
    <>
      <div className="f">
        <span>{t('alerts.which')}</span>
        <div>
          <Segmented
            label={t('alerts.which')}
            value={wanted}
            onChange={(to) => void choose(to)}
            choices={CHOICES.map((value) => ({ value, label: t(`alerts.${value}`) }))}
          />
          {wanted !== 'off' && !isAllowed() ? <p className="hint">{t('alerts.denied')}</p> : null}
        </div>
      </div>
      <Muted />
    </>
  );
}

function Muted() {
  const muted = useQuery('hub.muted', {});
  const command = useCommand();
  if (!muted || muted.length === 0) return null;
  return (
    <div className="f">
      <span>{t('alerts.muted')}</span>
      <div className="row" style={{ flexWrap: 'wrap' }}>
        {muted.map(({ id, kind, title }) => (
          <Button
            key={id}
            kind="line"
            icon={Bell}
            title={t('alerts.hearAgain')}
            aria-label={`${t('alerts.hearAgain')}: ${title || t('untitled')}`}
            onClick={() => void command('hub.mute', { id, level: 'all' })}
          >
            {kind === 'channel' ? `#${title}` : title || t('untitled')}
          </Button>
        ))}
      </div>
    </div>
  );
}
