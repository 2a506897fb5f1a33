/** Says that one looks with somebody else's eyes, and leads back. */
import { Eye } from 'lucide-react';
import { Button } from '../kit/Button';
import { t } from '../kit/i18n';
import { useViewing, type Viewing } from '../kit/viewing';

const whoOf = ({ name, objectTitle }: Viewing): string =>
  name ?? (objectTitle === undefined ? t('viewing.guest') : t('viewing.guestOf', { title: objectTitle }));

export function AccessBanner() {
  const { viewing, end } = useViewing();
  if (!viewing) return null;
  return (
    <div className="banner viewing" role="status">
      <Eye className="i" size={16} strokeWidth={1.75} aria-hidden />
      <span className="grow">
        <b>{t('viewing.as', { title: viewing.title, who: whoOf(viewing) })}</b> {t('viewing.nothing')}
      </span>
      <Button kind="line" onClick={end}>
        {t('viewing.back')}
      </Button>
    </div>
  );
}
