/** The dashboard: what the week was like, what is open, and how the network stands, from what exists. */
import { useState } from 'react';
import { Link } from 'wouter';
import { Face } from '../kit/Face';
import { t } from '../kit/i18n';
import { useQuery } from '../kit/kernel';
import { TrustMark } from '../kit/marks';
import { paths } from '../kit/routes';
import { counted } from '../kit/time';
import { Who } from '../kit/Who';

const WEEK = 7 * 86_400_000;
const HOUR = 3_600_000;

export function Week({ spaceId }: { spaceId: string }) {
  const [since] = useState(() => Math.floor(Date.now() / HOUR) * HOUR - WEEK);
  const week = useQuery('hub.week', { since });
  const more = week?.more ? '+' : '';
  return (
    <section className="week" aria-label={t('hub.week')}>
      <header className="ch">
        <h2>{t('hub.week')}</h2>
      </header>
      <div className="figures">
        <Figure label={t('hub.week.messages')} value={week && `${counted(week.messages)}${more}`} />
        <Figure label={t('hub.week.comments')} value={week && counted(week.comments)} />
        <Figure label={t('hub.week.documents')} value={week && counted(week.documents)} />
      </div>
      {week && week.people.length > 0 ? (
        <div className="figures">
          <h3 className="h">{t('hub.week.people')}</h3>
          <ul>
            {week.people.map(({ person, count }) => (
              <li key={person.userId} className="kv">
                <Who person={person} spaceId={spaceId} className="who">
                  <Face person={person} size={20} />
                  <span className="cut">{person.name}</span>
                </Who>
                <span className="num">{counted(count)}</span>
              </li>
            ))}
          </ul>
          {week.others > 0 ? <p className="t12 t3">{t('hub.week.others', { n: week.others })}</p> : null}
        </div>
      ) : null}
      <div className="figures">
        <h3 className="h">{t('hub.week.open')}</h3>
        <Figure label={t('hub.week.proposals')} value={week && counted(week.open.proposals)} />
        <Figure label={t('hub.week.requests')} value={week && counted(week.open.requests)} />
        <Figure label={t('hub.week.reports')} value={week && counted(week.open.reports)} />
      </div>
      <Network spaceId={spaceId} />
    </section>
  );
}

function Figure({ label, value }: { label: string; value: string | undefined }) {
  return (
    <div className="kv">
      <span>{label}</span>
      <span className="num">{value ?? '…'}</span>
    </div>
  );
}

function Network({ spaceId }: { spaceId: string }) {
  const peers = useQuery('os.peers', {});
  const spaces = useQuery('os.spaces', {});
  const direct = peers?.filter(({ path }) => path === 'direct' || path === 'nat').length ?? 0;
  const beacons = peers?.filter(({ kind }) => kind === 'beacon').length ?? 0;
  const first = spaces?.filter(({ id }) => id === spaceId) ?? [];
  return (
    <div className="figures">
      <h3 className="h">{t('hub.net')}</h3>
      <Figure label={t('hub.net.links')} value={peers && t('hub.net.direct', { n: peers.length, direct })} />
      <Figure label={t('hub.net.beacons')} value={peers && `${beacons}`} />
      {[...first, ...(spaces ?? []).filter(({ id }) => id !== spaceId)].map(({ id, title }) => (
        <SpaceSafety key={id} spaceId={id} title={title} />
      ))}
    </div>
  );
}

/** By signed receipts alone; a space without any is not called safe. */
function SpaceSafety({ spaceId, title }: { spaceId: string; title: string }) {
  const sync = useQuery('os.sync', { spaceId });
  const holders = (sync?.holders ?? []).map(({ kind, receiptAt, behind }) => ({
    kind,
    holds: receiptAt !== null && behind === 0,
  }));
  const held = (kind: 'tab' | 'beacon') => holders.filter((each) => each.kind === kind && each.holds).length;
  const label = t('sync.held', { beacons: held('beacon'), devices: held('tab') });
  const words = !sync
    ? t('sync.checking')
    : sync.safe && holders.some(({ holds }) => holds)
      ? t('sync.safe')
      : sync.waiting > 0
        ? t('sync.waiting', { n: sync.waiting })
        : t('sync.onlyHere');
  return (
    <div className="kv">
      <Link href={paths.space(spaceId)} className="cut">
        {title}
      </Link>
      <span className="t12 held" title={label}>
        <TrustMark holders={holders} label={label} />
        {words}
      </span>
    </div>
  );
}
