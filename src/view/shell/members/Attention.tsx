/** What waits for an Admin: decisions made apart, reports, and who is banned. Sections that are empty are not there. */
import { GitFork, ShieldAlert } from 'lucide-react';
import type { ConflictRow, ReportRow } from '../../../bridge/messages';
import { Barred } from '../../kit/access';
import { Button } from '../../kit/Button';
import { t } from '../../kit/i18n';
import { useCommand, useQuery } from '../../kit/kernel';
import { exactly, RelativeTime, sinceWhen, useNow } from '../../kit/time';
import { useUndo } from '../../kit/undo';
import { FaceOf, Who } from '../../kit/Who';
import { denied } from './PersonRow';

const REASONS_SHOWN = 3;

export function Conflicts({ spaceId }: { spaceId: string }) {
  const conflicts = useQuery('os.conflicts', { spaceId });
  const command = useCommand();
  const now = useNow();
  if (!conflicts || conflicts.length === 0) return null;
  return (
    <section aria-label={t('conflicts')}>
      <h3 className="h">{t('conflicts')}</h3>
      <ul>
        {conflicts.map((row) => (
          <li className="case" key={row.id}>
            <GitFork className="i warn" size={16} strokeWidth={1.75} aria-hidden />
            <div className="grow">
              <p className="w5x">{headline(row)}</p>
              <ul className="sides">
                {row.sides.map((side) => (
                  <li key={`${side.by.userId}${side.about.userId}`}>
                    <FaceOf person={side.by} spaceId={spaceId} size={20} />
                    <span className="grow">
                      {sideWords(side, now)}
                      {side.counts ? '' : ` (${t('conflict.voided')})`}
                    </span>
                    <time className="t12 t3" dateTime={new Date(side.at).toISOString()} title={exactly(side.at)}>
                      {sinceWhen(side.at, now)}
                    </time>
                  </li>
                ))}
              </ul>
              <p className="t2">
                {row.person.role === 'none'
                  ? t('conflict.nowOut', { name: row.person.name })
                  : t('conflict.now', { name: row.person.name, role: t(`role.${row.person.role}`) })}
              </p>
              <div className="row">
                {row.person.role === 'none' ? (
                  <Barred why={denied(row.whyNotAdd)}>
                    <Button
                      kind="line"
                      onClick={() =>
                        void command('os.setRole', { spaceId, userId: row.person.userId, role: row.offered })
                      }
                    >
                      {t('conflict.addAgain', { role: t(`role.${row.offered}`) })}
                    </Button>
                  </Barred>
                ) : (
                  <Barred why={denied(row.whyNotRemove)}>
                    <Button
                      kind="line"
                      onClick={() => void command('os.remove', { spaceId, userId: row.person.userId })}
                    >
                      {t('remove')}
                    </Button>
                  </Barred>
                )}
                <Button onClick={() => void command('os.dismissConflict', { conflictId: row.id })}>
                  {t('conflict.keep')}
                </Button>
              </div>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

const headline = ({ kind, person, sides }: ConflictRow): string => {
  const by = sides[0]?.by.name ?? '';
  if (kind === 'void') return t('conflict.void', { by, name: person.name });
  if (kind === 'different') return t('conflict.different', { name: person.name });
  return t('conflict.mutual', {
    name: person.name,
    other: sides.find((side) => side.by.userId !== person.userId)?.by.name,
  });
};
const sideWords = ({ by, about, did, role, until }: ConflictRow['sides'][number], now: number): string => {
  const names = { by: by.name, name: about.name };
  if (did !== 'role') return t(`conflict.${did}`, names);
  const words = { ...names, role: role === 'none' ? '' : t(`role.${role}`) };
  return until === null ? t('conflict.role', words) : t('conflict.until', { ...words, when: sinceWhen(until, now) });
};

export function Reports({ spaceId }: { spaceId: string }) {
  const reports = useQuery('os.reports', { spaceId });
  const command = useCommand();
  const { offer } = useUndo();
  if (!reports || reports.length === 0) return null;
  const resolve = async (row: ReportRow, remove: boolean) => {
    const done = await command('os.resolveReports', { id: row.id, remove });
    if (done && remove) void offer(done, t('reports.removed'));
  };
  return (
    <section aria-label={t('reports')}>
      <h3 className="h">{t('reports')}</h3>
      <ul>
        {reports.map((row) => (
          <li className="case" key={row.id}>
            <ShieldAlert className="i warn" size={16} strokeWidth={1.75} aria-hidden />
            <div className="grow">
              <p className="t12 t3">{t('reports.of', { kind: row.type, name: row.author.name })}</p>
              <p className="quoted">{row.title}</p>
              <ul className="sides">
                {row.reports.slice(0, REASONS_SHOWN).map((report) => (
                  <li key={report.by.userId}>
                    <FaceOf person={report.by} spaceId={spaceId} size={20} />
                    <span className="grow">
                      {t('reports.by', { name: report.by.name, reason: report.reason || t('reports.none') })}
                    </span>
                    <span className="t12 t3">
                      <RelativeTime at={report.at} />
                    </span>
                  </li>
                ))}
              </ul>
              <div className="row">
                <Button kind="line" onClick={() => void resolve(row, true)}>
                  {t('remove')}
                </Button>
                <Button onClick={() => void resolve(row, false)}>{t('reports.keep')}</Button>
              </div>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Banned({ spaceId }: { spaceId: string }) {
  const banned = useQuery('os.banned', { spaceId });
  const command = useCommand();
  const now = useNow();
  if (!banned || banned.length === 0) return null;
  return (
    <section aria-label={t('banned')}>
      <h3 className="h">{t('banned')}</h3>
      <ul>
        {banned.map((row) => (
          <li className="mr" key={row.id}>
            <FaceOf person={row} spaceId={spaceId} size={28} />
            <span className="cut two">
              <Who person={row} spaceId={spaceId} className="w5x text">
                {row.name}
              </Who>
              <br />
              <span className="t12 t3">{t('banned.by', { name: row.by.name, when: sinceWhen(row.at, now) })}</span>
            </span>
            <Barred why={denied(row.why.liftBan)}>
              <Button onClick={() => void command('os.liftBan', { spaceId, userId: row.userId })}>
                {t('banned.lift')}
              </Button>
            </Barred>
          </li>
        ))}
      </ul>
    </section>
  );
}
