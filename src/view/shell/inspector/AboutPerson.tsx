/** Of a person in a space: who they are there, until when, and why; what they wrote last. */
import { Users } from 'lucide-react';
import { useLocation } from 'wouter';
import type { SearchAnswer } from '../../../bridge/messages';
import { Button } from '../../kit/Button';
import { SkeletonRows } from '../../kit/Empty';
import { Face } from '../../kit/Face';
import { t } from '../../kit/i18n';
import { useQuery } from '../../kit/kernel';
import { paths } from '../../kit/routes';
import { exactly, sinceWhen, useNow } from '../../kit/time';
import { Why } from '../Why';
import { Property } from './AboutObject';
import { Rows } from './Rows';

const SHOWN = 12;

export function AboutPerson({ spaceId, userId }: { spaceId: string; userId: string }) {
  const people = useQuery('os.people', { spaceId });
  const named = useQuery('os.named', { spaceId, id: userId });
  const spaces = useQuery('os.spaces', {});
  const wrote = useQuery<SearchAnswer>('os.search', { text: '', spaceId, author: userId, limit: SHOWN });
  const now = useNow();
  const [, go] = useLocation();
  if (!people || !named || named.kind !== 'person') return <SkeletonRows rows={3} />;
  const row = people.find((each) => each.userId === userId);
  return (
    <div className="scroll">
      <section>
        <h2 className="row" dir="auto">
          <Face person={named} size={32} />
          <span className="cut">{named.name}</span>
        </h2>
        <Property name={t('prop.role')}>
          <span>{row ? t(`role.${row.role}`) : t('access.none')}</span>
          {row ? <Why id={spaceId} userId={userId} name={named.name} /> : null}
        </Property>
        <Property name={t('prop.space')}>
          <span className="cut">{spaces?.find((space) => space.id === spaceId)?.title ?? ''}</span>
        </Property>
        {row ? <Property name={t('prop.now')}>{t(row.online ? 'presence.here' : 'presence.away')}</Property> : null}
        {row && row.until !== null ? (
          <Property name={t('prop.until')}>
            <time dateTime={new Date(row.until).toISOString()} title={exactly(row.until)}>
              {sinceWhen(row.until, now)}
            </time>
          </Property>
        ) : null}
        <div className="row doors">
          <Button kind="line" icon={Users} onClick={() => go(paths.members(spaceId))}>
            {t('members')}
          </Button>
        </div>
      </section>
      <section aria-label={t('person.wrote')}>
        <div className="h">{t('person.wrote')}</div>
        {wrote && wrote.rows.length === 0 ? <p className="t3">{t('person.wroteNothing')}</p> : null}
        <Rows rows={wrote?.rows ?? []} />
      </section>
    </div>
  );
}
