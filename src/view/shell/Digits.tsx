/** Six digits to compare with another screen, and what the person says of them; the same on both devices. */
import { Check, ShieldAlert } from 'lucide-react';
import type { LinkingAnswer } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { t } from '../kit/i18n';
import { useCommand } from '../kit/kernel';

export function Digits({ linking }: { linking: LinkingAnswer }) {
  const command = useCommand();
  const digits = linking.digits ?? '';
  const waiting = linking.step === 'confirmed';
  return (
    <section className="digits" aria-label={t('link.compare')}>
      <p>{t('link.compareMeans', { name: linking.name || t('device.unnamed') })}</p>
      <p className="big mono" data-testid="digits">
        {digits.slice(0, 3)} {digits.slice(3)}
      </p>
      {waiting ? (
        <p className="t2" role="status">
          {t('link.confirmed')}
        </p>
      ) : (
        <div className="row">
          <Button
            kind="line"
            size="large"
            icon={ShieldAlert}
            onClick={() => void command('os.confirmLinking', { same: false })}
          >
            {t('link.differ')}
          </Button>
          <Button
            kind="primary"
            size="large"
            icon={Check}
            onClick={() => void command('os.confirmLinking', { same: true })}
          >
            {t('link.same')}
          </Button>
        </div>
      )}
    </section>
  );
}
