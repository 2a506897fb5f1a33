/** How much this device keeps, and what lies with others only. What may go, and when, is the kernel's to decide. */
import { Segmented } from '../kit/Field';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';
import { sizeOf } from '../kit/time';

const EVERYTHING = 'all';
const CHOICES = [50e6, 200e6, 1e9] as const;

export function ShelfSettings() {
  const shelf = useQuery('os.shelf', {});
  const command = useCommand();
  if (!shelf) return null;
  const { budget, used, images, away, compacted, over } = shelf;
  // A script may have set another.
  const sizes = budget === null || CHOICES.some((size) => size === budget) ? CHOICES : [...CHOICES, budget];
  const choose = (value: string): void => {
    void command('os.setBudget', value === EVERYTHING ? {} : { bytes: Number(value) });
  };
  return (
    <>
      <div className="f">
        <span>{t('shelf.keep')}</span>
        <div>
          <Segmented
            label={t('shelf.keep')}
            value={budget === null ? EVERYTHING : String(budget)}
            onChange={choose}
            choices={[
              { value: EVERYTHING, label: t('shelf.everything') },
              ...sizes.map((size) => ({ value: String(size), label: t('shelf.atMost', { size: sizeOf(size) }) })),
            ]}
          />
        </div>
      </div>
      <p className="hint">{t('shelf.hint')}</p>
      <p className="t2" data-testid="shelf">
        {t('shelf.used', { used: sizeOf(used) })} {images === 0 ? null : t('shelf.images', { size: sizeOf(images) })}{' '}
        {away.objects === 0 ? null : t('shelf.away', { n: away.objects, size: sizeOf(away.bytes) })}{' '}
        {compacted.objects === 0 ? null : t('kept.compacted', { n: compacted.objects, size: sizeOf(compacted.bytes) })}{' '}
        {over ? t('shelf.over') : null}
      </p>
    </>
  );
}
