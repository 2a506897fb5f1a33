/** How well a space is kept: in words, what counts as a copy, and for Owners and Admins how many there are to be. */
import type { HealthRow } from '../../bridge/messages';
import { listed } from '../kit/access';
import { Segmented } from '../kit/Field';
import { HealthMark } from '../kit/health';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';

export const useHealth = (spaceId: string): HealthRow | undefined => useQuery('os.health', { spaceId })?.[0];

export function SpaceHealth({ health }: { health: HealthRow }) {
  const { level, here, doubted } = health;
  const where = (['beacons', 'kept', 'others'] as const).flatMap((kind) =>
    health[kind] > 0 ? [t(`health.${kind}`, { n: health[kind] })] : [],
  );
  return (
    <div className="t12 t3 health-of">
      {level ? (
        <>
          <p>
            <HealthMark level={level} />
          </p>
          <p>{t(`health.explain.${level}`)}</p>
        </>
      ) : null}
      <p>
        {where.length === 0 ? t('health.nowhere') : t('health.elsewhere', { where: listed(where) })}{' '}
        {t(`health.here.${here}`)}
      </p>
      {doubted.length > 0 ? <p className="warn">{t('health.doubted', { n: doubted.length })}</p> : null}
    </div>
  );
}

const AIMS = [2, 3, 4, 5];
export function CopiesAim({ health, mayChange }: { health: HealthRow; mayChange: boolean }) {
  const command = useCommand();
  if (!mayChange) return <span>{t('health.aimOf', { n: health.aim })}</span>;
  const aims = AIMS.includes(health.aim) ? AIMS : [...AIMS, health.aim];
  return (
    <Segmented
      label={t('health.aim')}
      value={String(health.aim)}
      choices={aims.map((aim) => ({ value: String(aim), label: String(aim) }))}
      onChange={(aim) => void command('os.setCopies', { spaceId: health.id, copies: Number(aim) })}
    />
  );
}
