/** Work that is kept and not shown: others' for whoever may take it over; one's own, to be told of it. */
import type { HeldRow } from '../../../bridge/messages';
import { Barred } from '../../kit/access';
import { Button } from '../../kit/Button';
import { t } from '../../kit/i18n';
import { useCommand, useQuery } from '../../kit/kernel';
import { showNotice } from '../../kit/Toasts';
import { sinceWhen, useNow } from '../../kit/time';
import { FaceOf } from '../../kit/Who';
import { denied } from './PersonRow';

export function Held({ spaceId }: { spaceId: string }) {
  const held = useQuery('os.held', { spaceId });
  const command = useCommand();
  const now = useNow();
  if (!held || held.length === 0) return null;
  const adopt = async (row: HeldRow) => {
    const [deviceId] = row.deviceIds.length === 1 ? row.deviceIds : [];
    const args = { spaceId, userId: row.userId, ...(deviceId ? { deviceId } : {}) };
    if (await command('os.adopt', args)) showNotice(t('held.taken', { name: row.name }));
  };
  return (
    <section aria-label={t('held.work')}>
      <h3 className="h">{t('held.work')}</h3>
      <p className="t2 none">{t('held.means')}</p>
      <ul>
        {held.map((row) => (
          <li className="mr asks" key={row.id}>
            <FaceOf person={row} spaceId={spaceId} size={28} />
            <span className="two">
              <span className="w5x">{row.name}</span>{' '}
              <span className="t3">{t('held.changes', { n: row.changes })}</span>
              <br />
              <span className="t12 t3">
                {row.you ? `${t('held.yours')} ` : ''}
                {[
                  row.objects
                    .map(({ title }) => title)
                    .filter((title) => title !== '')
                    .join(', '),
                  t(`held.${row.reason}`),
                  sinceWhen(row.to, now),
                ]
                  .filter((part) => part !== '')
                  .join(', ')}
              </span>
            </span>
            <Barred why={row.mayTakeOver ? undefined : denied('adminsOnly')}>
              <Button kind="line" onClick={() => void adopt(row)}>
                {t('held.takeOver')}
              </Button>
            </Barred>
          </li>
        ))}
      </ul>
    </section>
  );
}
