/** Of a whole space: its rules, the history of access, and what it looks like to a Guest. */
import { Eye, History } from 'lucide-react';
import { useLocation } from 'wouter';
import { Button } from '../kit/Button';
import { t } from '../kit/i18n';
import { useQuery } from '../kit/kernel';
import { paths } from '../kit/routes';
import { useViewing } from '../kit/viewing';
import { AccessRules } from './AccessRules';

export function AccessSpace({ spaceId }: { spaceId: string }) {
  const spaces = useQuery('os.spaces', {});
  const [, go] = useLocation();
  const { viewing, look } = useViewing();
  const space = spaces?.find((row) => row.id === spaceId);
  if (!space) return null;
  return (
    <section aria-label={t('rules')}>
      <h3 className="h">{t('rules')}</h3>
      <AccessRules spaceId={spaceId} />
      <div className="row doors">
        <Button kind="line" icon={History} onClick={() => go(paths.audit(spaceId))}>
          {t('audit')}
        </Button>
        {viewing || space.kind === 'personal' ? null : (
          <Button kind="line" icon={Eye} onClick={() => look({ spaceId, title: space.title })}>
            {t('viewing.start')}
          </Button>
        )}
      </div>
    </section>
  );
}
