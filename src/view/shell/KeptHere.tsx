/** Of a document, where this device does not keep everything: whether its text and its changes are here, and are to stay. */
import { Switch } from '../kit/Field';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';

export function KeptHere({ documentId }: { documentId: string }) {
  const shelf = useQuery('os.shelf', {});
  const content = useQuery('os.content', { id: documentId });
  const command = useCommand();
  if (!shelf || !content || (shelf.budget === null && content.here && content.changes && !content.pinned)) return null;
  return (
    <>
      <div className="prop">
        <span>{t('prop.text')}</span>
        <span>{t(!content.here ? 'shelf.elsewhere' : content.changes ? 'shelf.here' : 'kept.light')}</span>
      </div>
      <Switch
        label={t('shelf.always')}
        checked={content.pinned}
        onChange={(keep) => void command('os.keepHere', { id: documentId, keep })}
      />
    </>
  );
}
