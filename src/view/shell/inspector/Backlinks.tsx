/** What points to an object: answers, mentions in messages and documents, relations. */
import { useState } from 'react';
import { Button } from '../../kit/Button';
import { t } from '../../kit/i18n';
import { useQuery } from '../../kit/kernel';
import { counted } from '../../kit/time';
import { Rows } from './Rows';

const SHOWN = 6;

export function Backlinks({ id }: { id: string }) {
  const answer = useQuery('os.backlinks', { id });
  const [all, setAll] = useState(false);
  const rows = answer?.rows ?? [];
  if (!answer) return null;
  return (
    <section aria-label={t('backlinks')}>
      <div className="h">
        {t('backlinks')}
        <span className="n num">{counted(rows.length)}</span>
      </div>
      {answer.indexing ? (
        <p className="t12 t3">{t('palette.indexing', answer.indexing)}</p>
      ) : rows.length === 0 ? (
        <p className="t3">{t('backlinks.none')}</p>
      ) : null}
      <Rows rows={all ? rows : rows.slice(0, SHOWN)} />
      {rows.length > SHOWN && !all ? (
        <Button size="small" onClick={() => setAll(true)}>
          {t('more')}
        </Button>
      ) : null}
    </section>
  );
}
