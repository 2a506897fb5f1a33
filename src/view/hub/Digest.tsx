/** What was missed, by rules, each place one click away. It is shown after some hours away, and when somebody asks. */
import { FileText, Hash, X } from 'lucide-react';
import { Link } from 'wouter';
import { plainOf } from '../../base/markdown/blocks';
import type { MissedPlace } from '../../bridge/messages';
import { IconButton } from '../kit/Button';
import { Skeleton } from '../kit/Empty';
import { t } from '../kit/i18n';
import { useQuery } from '../kit/kernel';
import { sinceWhen, useNow } from '../kit/time';
import { Faces, Who } from '../kit/Who';
import { wayTo } from './way';
import { namesOf } from './words';

export function Digest({ since, onClose }: { since: number; onClose(): void }) {
  const digest = useQuery('hub.digest', { since });
  const now = useNow();
  return (
    <article className="dig" aria-label={t('hub.missed')}>
      <h3>
        <b>{t('hub.missed')}</b>
        <span className="t3">{t('hub.missedSince', { when: sinceWhen(since, now) })}</span>
        <span className="grow" />
        <IconButton small label={t('close')} icon={X} onClick={onClose} />
      </h3>
      {digest === undefined ? (
        <Skeleton width={240} />
      ) : digest === null || digest.places.length === 0 ? (
        <p className="t2">{t('hub.missedNothing')}</p>
      ) : (
        <>
          <ol>
            {digest.places.map((place) => (
              <Missed key={place.id} missed={place} />
            ))}
          </ol>
          <p className="t12 t3">
            {[
              t('hub.missedMessages', {
                n: digest.messages,
                more: digest.places.some((place) => place.more) ? '+' : '',
              }),
              ...(digest.rest > 0 ? [t('hub.missedRest', { n: digest.rest })] : []),
            ].join(' · ')}
          </p>
        </>
      )}
    </article>
  );
}

function Missed({ missed }: { missed: MissedPlace }) {
  const { place, count, more, people, others, edited, lines } = missed;
  const Icon = place.kind === 'channel' ? Hash : FileText;
  const what = [
    ...(count > 0
      ? [t(place.kind === 'channel' ? 'hub.missedSaid' : 'hub.missedNotes', { n: count, more: more ? '+' : '' })]
      : []),
    ...(edited ? [t('hub.missedEdited')] : []),
    ...(count === 0 && !edited ? [t('hub.missedNew')] : []),
  ].join(', ');
  return (
    <li>
      <p>
        <Link href={wayTo(place)} className="obj">
          <Icon className="i" size={14} strokeWidth={1.75} aria-hidden />
          <span>{place.title.trim() || t('untitled')}</span>
        </Link>{' '}
        <Faces people={people} spaceId={place.spaceId} label={t('people')} max={3} />{' '}
        <span className="t2">
          {what} · {namesOf(people, others)}
        </span>
      </p>
      {lines.map((line) => (
        <p key={line.id} className="line">
          <Who person={line.person} spaceId={line.place.spaceId} className="w5x text">
            {line.person.name}
          </Who>
          <Link href={wayTo(line.place)} className="cut">
            {plainOf(line.text)}
          </Link>
        </p>
      ))}
    </li>
  );
}
