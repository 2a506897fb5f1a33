/** After being apart: one line of what came, the whole of it behind a button, with ways to where it is. Dismissing it is all that can be done here. */
import { GitMerge } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { MergeAnswer, ObjectName } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { fieldName } from '../kit/changes';
import { Dialog } from '../kit/Dialog';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';
import { paths } from '../kit/routes';
import { exactly, sinceWhen, useNow } from '../kit/time';
import { Faces, Who } from '../kit/Who';

export function MergeLine({ spaceId, merge }: { spaceId: string; merge: MergeAnswer }) {
  const [open, setOpen] = useState(false);
  const command = useCommand();
  const conflicts = merge.conflicts.length + merge.moreConflicts;
  return (
    <div className="banner" role="status">
      <GitMerge className="i" size={16} strokeWidth={1.75} aria-hidden />
      <span className="grow">
        {t('merge.line', { n: merge.changes })} {conflicts > 0 ? <b>{t('merge.conflicts', { n: conflicts })}</b> : null}
      </span>
      <span className="row">
        <Button kind="line" onClick={() => setOpen(true)}>
          {t('merge.show')}
        </Button>
        <Button onClick={() => void command('os.seenMerge', { spaceId })}>{t('merge.dismiss')}</Button>
      </span>
      {open ? <MergeReport spaceId={spaceId} merge={merge} onClose={() => setOpen(false)} /> : null}
    </div>
  );
}

function MergeReport({ spaceId, merge, onClose }: { spaceId: string; merge: MergeAnswer; onClose(): void }) {
  const now = useNow();
  const me = useQuery('os.me', {});
  return (
    <Dialog title={t('merge.title')} onClose={onClose} className="merge">
      <div className="db">
        <p className="t2" title={exactly(merge.since)}>
          {t('merge.since', { when: sinceWhen(merge.since, now) })}
        </p>
        <h3 className="h">{t('merge.people')}</h3>
        <ul>
          {merge.people.map(({ person, changes }) => (
            <li key={person.userId} className="row">
              <Faces people={[person]} spaceId={spaceId} label={person.name} max={1} />
              <Who person={person} spaceId={spaceId} className="grow cut">
                {person.name}
              </Who>
              <span className="t12 t3 num">{t('merge.count', { n: changes })}</span>
            </li>
          ))}
        </ul>
        <h3 className="h">{t('merge.places')}</h3>
        <ul>
          {merge.places.map(({ place, changes }) => (
            <li key={place.id} className="row">
              <span className="grow cut">
                <Place spaceId={spaceId} place={place} onGo={onClose} />
              </span>
              <span className="t12 t3 num">{t('merge.count', { n: changes })}</span>
            </li>
          ))}
          {merge.outline > 0 ? (
            <li className="row">
              <span className="grow">{t('merge.outline')}</span>
              <span className="t12 t3 num">{t('merge.count', { n: merge.outline })}</span>
            </li>
          ) : null}
        </ul>
        {merge.conflicts.length > 0 ? (
          <>
            <h3 className="h">{t('merge.twice')}</h3>
            <p className="t12 t3">{t('merge.twiceMeans')}</p>
            <ul>
              {merge.conflicts.map(({ kind, key, object, place, by }, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows of one answer, which never move
                <li key={at}>
                  <Place spaceId={spaceId} place={place} called={object} onGo={onClose} />:{' '}
                  {t(kind === 'move' ? 'merge.moved' : 'merge.field', {
                    ...{ name: by.name, field: fieldName(key) },
                    who: by.userId === me?.userId ? 'you' : 'other',
                  })}
                </li>
              ))}
            </ul>
            {merge.moreConflicts > 0 ? <p className="t12 t3">{t('merge.more', { n: merge.moreConflicts })}</p> : null}
          </>
        ) : null}
        {merge.held > 0 ? <p className="t12 t3">{t('merge.held', { n: merge.held })}</p> : null}
      </div>
    </Dialog>
  );
}

/** A way to a channel or document; what is neither is named alone. */
function Place({
  spaceId,
  place,
  called = place,
  onGo,
}: {
  spaceId: string;
  place: ObjectName;
  called?: ObjectName;
  onGo(): void;
}) {
  const title = called.title.trim() || t('untitled');
  const way =
    place.kind === 'channel'
      ? paths.channel(spaceId, place.id)
      : place.kind === 'document'
        ? paths.document(spaceId, place.id)
        : null;
  return way === null ? (
    <span>{title}</span>
  ) : (
    <Link href={way} onClick={onGo}>
      {title}
    </Link>
  );
}
