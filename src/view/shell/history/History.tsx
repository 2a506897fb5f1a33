/** The changes of an object by day: who, what, when, on which device; each opens the object as it was. */
import { ChevronRight, GitMerge } from 'lucide-react';
import { useState } from 'react';
import type { HistoryRow } from '../../../bridge/messages';
import { changeWords } from '../../kit/changes';
import { SkeletonRows } from '../../kit/Empty';
import { t } from '../../kit/i18n';
import type { Inspected } from '../../kit/inspect';
import { useCommand } from '../../kit/kernel';
import { clock, counted, dayName, dayNumber, exactly, useNow } from '../../kit/time';
import { useUndo } from '../../kit/undo';
import { useViewing } from '../../kit/viewing';
import { FaceOf } from '../../kit/Who';
import { Earlier } from './Earlier';
import './history.css';

const FIRST = 20;
const MORE = 60;

export function History({ target, rows: told }: { target: Inspected; rows: readonly HistoryRow[] | undefined }) {
  const now = useNow();
  const rows = told && withoutMaking(told);
  const [shown, setShown] = useState(FIRST);
  const [opened, setOpened] = useState<HistoryRow | null>(null);
  return (
    <section className="past" aria-label={t('history')}>
      <div className="h">
        {t('history')}
        {rows ? <span className="n num">{counted(rows.length)}</span> : null}
      </div>
      {rows === undefined ? <SkeletonRows rows={2} /> : null}
      {daysOf((rows ?? []).slice(0, shown)).map((day) => (
        <div key={day[0]?.id}>
          <h3 className="t12 t3">{dayName(day[0]?.at ?? now, now)}</h3>
          <ol>
            {day.map((row) => (
              <Change key={row.id} row={row} target={target} onOpen={() => setOpened(row)} />
            ))}
          </ol>
        </div>
      ))}
      {rows && rows.length > shown ? (
        <button type="button" className="btn sm" onClick={() => setShown((was) => was + MORE)}>
          {t('history.before')}
        </button>
      ) : null}
      {opened ? <Earlier target={target} row={opened} onClose={() => setOpened(null)} /> : null}
    </section>
  );
}

/** What was set by the very change that made the object is told by that. */
const withoutMaking = (rows: readonly HistoryRow[]): readonly HistoryRow[] => {
  const made = rows.find((row) => row.kind === 'created');
  return rows.filter((row) => row.entry !== made?.entry || (row.kind !== 'field' && row.kind !== 'moved'));
};

const daysOf = (rows: readonly HistoryRow[]): readonly (readonly HistoryRow[])[] => {
  const days: HistoryRow[][] = [];
  for (const row of rows) {
    const last = days.at(-1);
    if (last?.[0] && dayNumber(last[0].at) === dayNumber(row.at)) last.push(row);
    else days.push([row]);
  }
  return days;
};

const timeOf = ({ from, at }: HistoryRow): string =>
  from !== undefined && clock(from) !== clock(at) ? `${clock(from)}–${clock(at)}` : clock(at);

function Change({ row, target, onOpen }: { row: HistoryRow; target: Inspected; onOpen(): void }) {
  const command = useCommand();
  const { offer } = useUndo();
  const { viewing } = useViewing();
  const words = changeWords(row);
  return (
    <li className="step">
      <FaceOf person={row.author} spaceId={target.spaceId} size={20} />
      <button type="button" className="change" onClick={onOpen}>
        <span className="two">
          <span className="words">{words}</span>
          <span className="t12 t3 cut" title={exactly(row.at)}>
            <span className="num">{timeOf(row)}</span>
            {`, ${row.author.name}, ${t('device.short', { id: row.deviceId.slice(0, 8) })}`}
          </span>
        </span>
        <ChevronRight className="i" size={14} strokeWidth={1.75} aria-hidden />
      </button>
      {row.lost && row.key !== undefined && viewing === null ? (
        <button
          type="button"
          className="tag warn"
          title={t('history.lost')}
          onClick={() =>
            void command('os.restoreValue', { id: target.id, key: row.key, entry: row.entry }).then((made) =>
              offer(made),
            )
          }
        >
          <GitMerge className="i" size={14} strokeWidth={1.75} aria-hidden />
          {t('restore')}
        </button>
      ) : null}
    </li>
  );
}
