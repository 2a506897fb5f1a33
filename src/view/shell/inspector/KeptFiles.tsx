/** Of a space: which of its files this device keeps. */
import { Switch } from '../../kit/Field';
import { t } from '../../kit/i18n';
import { useCommand, useQuery } from '../../kit/kernel';
import { sizeOf } from '../../kit/time';
import { Property } from './AboutObject';

export function KeptFiles({ spaceId }: { spaceId: string }) {
  const kept = useQuery('os.keptFiles', { spaceId });
  const command = useCommand();
  if (!kept) return null;
  return (
    <>
      <Property name={t('files')}>{t('files.kept', { n: kept.files, size: sizeOf(kept.bytes) })}</Property>
      <Switch
        label={t('files.keep')}
        checked={kept.keep}
        onChange={(keep) => void command('os.keepFiles', { spaceId, keep })}
      />
      <p className="hint">{t('files.keepHint')}</p>
    </>
  );
}
