/** The history of access of a space: who did what to whom, when, from which device, and whether it counts. */
import { Download } from 'lucide-react';
import { useState } from 'react';
import type { AuditGroup, AuditRow } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { Empty, SkeletonRows } from '../kit/Empty';
import { saveFile } from '../kit/files';
import { t } from '../kit/i18n';
import { useCall, useQuery } from '../kit/kernel';
import { fileName } from '../kit/names';
import { showNotice } from '../kit/Toasts';
import { clock, dayName, dayNumber, exactly, useNow } from '../kit/time';
import { FaceOf } from '../kit/Who';
import { auditText, auditWords, whyWords } from './auditWords';

const PAGE = 60;
const MOST = 500;
const GROUPS: readonly AuditGroup[] = ['people', 'invites', 'devices', 'keys', 'rules', 'beacons', 'content'];
/** A day of the calendar as a local time; `undefined` where none is chosen. */
const dayStart = (day: string): number | undefined => {
  const at = day === '' ? Number.NaN : new Date(`${day}T00:00:00`).getTime();
  return Number.isNaN(at) ? undefined : at;
};
const DAY_MS = 86_400_000;

export function AuditPage({ spaceId }: { spaceId: string }) {
  const spaces = useQuery('os.spaces', {});
  const access = useQuery('os.members', { spaceId });
  const [person, setPerson] = useState('');
  const [kind, setKind] = useState('');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [limit, setLimit] = useState(PAGE);
  const since = dayStart(from);
  const until = dayStart(to);
  const filter = {
    spaceId,
    ...(person === '' ? {} : { person }),
    ...(kind === '' ? {} : { kind }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until: until + DAY_MS - 1 }),
  };
  const rows = useQuery('os.audit', { ...filter, limit });
  const people = useQuery('os.audit', { spaceId, limit: MOST });
  const now = useNow();
  const call = useCall();
  const title = spaces?.find((row) => row.id === spaceId)?.title ?? '';
  const named = new Map((access ?? []).map((row) => [row.id, row.name]));
  for (const row of people ?? [])
    for (const each of [row.by, row.subject]) if (each && !named.has(each.userId)) named.set(each.userId, each.name);

  const save = async () => {
    const all: AuditRow[] = [];
    for (;;) {
      const before = all.at(-1)?.id;
      const page = await call((client) =>
        client.query('os.audit', { ...filter, limit: MOST, ...(before === undefined ? {} : { before }) }),
      );
      if (!page) return;
      all.push(...(page.value as readonly AuditRow[]));
      if ((page.value as readonly AuditRow[]).length < MOST) break;
    }
    const file = new Blob([auditText(title, all, Date.now())], { type: 'text/plain;charset=utf-8' });
    saveFile(`${fileName(`${t('audit')} - ${title}`, t('audit'))}.txt`, file);
    showNotice(t('audit.saved'));
  };

  return (
    <div className="page audit">
      <div className="head">
        <h2 className="h28">{t('audit')}</h2>
        <span className="grow" />
        <Button kind="line" size="large" icon={Download} onClick={() => void save()}>
          {t('audit.export')}
        </Button>
      </div>
      <search className="filters" aria-label={t('search')}>
        <label className="label">
          <span>{t('audit.person')}</span>
          <select className="field" value={person} onChange={(event) => setPerson(event.target.value)}>
            <option value="">{t('audit.everybody')}</option>
            {[...named].map(([id, name]) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label className="label">
          <span>{t('audit.kind')}</span>
          <select className="field" value={kind} onChange={(event) => setKind(event.target.value)}>
            <option value="">{t('audit.all')}</option>
            {GROUPS.map((group) => (
              <option key={group} value={group}>
                {t(`audit.group.${group}`)}
              </option>
            ))}
          </select>
        </label>
        <label className="label">
          <span>{t('audit.from')}</span>
          <input className="field" type="date" value={from} onChange={(event) => setFrom(event.target.value)} />
        </label>
        <label className="label">
          <span>{t('audit.to')}</span>
          <input className="field" type="date" value={to} onChange={(event) => setTo(event.target.value)} />
        </label>
      </search>
      {rows === undefined ? <SkeletonRows /> : null}
      {rows?.length === 0 ? <Empty text={t('audit.empty')} /> : null}
      {daysOf(rows ?? []).map((day) => (
        <section key={day[0]?.id} aria-label={dayName(day[0]?.at ?? now, now)}>
          <h3 className="h">{dayName(day[0]?.at ?? now, now)}</h3>
          <ol>
            {day.map((row) => (
              <Row key={row.id} row={row} spaceId={spaceId} now={now} />
            ))}
          </ol>
        </section>
      ))}
      {rows && rows.length >= limit && limit < MOST ? (
        <Button kind="line" onClick={() => setLimit((was) => Math.min(MOST, was + PAGE * 2))}>
          {t('audit.more')}
        </Button>
      ) : null}
    </div>
  );
}

const daysOf = (rows: readonly AuditRow[]): readonly (readonly AuditRow[])[] => {
  const days: AuditRow[][] = [];
  for (const row of rows) {
    const last = days.at(-1);
    if (last?.[0] && dayNumber(last[0].at) === dayNumber(row.at)) last.push(row);
    else days.push([row]);
  }
  return days;
};

function Row({ row, spaceId, now }: { row: AuditRow; spaceId: string; now: number }) {
  const person = row.by ?? row.subject;
  return (
    <li className={`mr act ${row.counts ? '' : 'void'}`}>
      {person ? <FaceOf person={person} spaceId={spaceId} /> : null}
      <span className="two">
        <span className="words">{auditWords(row, now)}</span>
        <br />
        <span className="t12 t3">
          <time className="num" dateTime={new Date(row.at).toISOString()} title={exactly(row.at)}>
            {clock(row.at)}
          </time>
          {row.deviceId === null ? null : `, ${t('device.short', { id: row.deviceId.slice(0, 8) })}`}
          {row.why ? ` · ${whyWords(row.why)}` : null}
        </span>
      </span>
      {row.counts ? null : <span className="tag warn">{t('audit.void')}</span>}
    </li>
  );
}
