/** What is asked before somebody's access is given an end, before a space is handed over, and before one steps down. */
import type { FormEvent } from 'react';
import { useEffect, useRef, useState } from 'react';
import type { PersonRow, Role } from '../../../bridge/messages';
import { Button } from '../../kit/Button';
import { Confirm, Dialog } from '../../kit/Dialog';
import { Field, Segmented, Switch } from '../../kit/Field';
import { t } from '../../kit/i18n';
import { ROLES } from './PersonRow';

const HOUR = 3_600_000;
const SPANS = { hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR } as const;

/** As an input of the browser writes it: local time to the minute. */
const written = (at: number): string => {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
};

/** `until`: ms, 0 for no end. */
export function LimitDialog({
  row,
  onClose,
  onLimit,
}: {
  row: PersonRow;
  onClose(): void;
  onLimit(until: number): Promise<boolean>;
}) {
  const [at, setAt] = useState(() => written(row.until ?? Date.now() + SPANS.day));
  const [busy, setBusy] = useState(false);
  const [past, setPast] = useState(false);
  const give = async (until: number) => {
    setBusy(true);
    if (await onLimit(until)) onClose();
    setBusy(false);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const until = new Date(at).getTime();
    if (!(until > Date.now())) setPast(true);
    else void give(until);
  };
  return (
    <Dialog title={t('limit.title', { name: row.name })} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="db">
          <p className="t2">{t('limit.means')}</p>
          <div className="row spans">
            {(['hour', 'day', 'week'] as const).map((span) => (
              <Button
                key={span}
                kind="line"
                onClick={() => {
                  setAt(written(Date.now() + SPANS[span]));
                  setPast(false);
                }}
              >
                {t(`limit.${span}`)}
              </Button>
            ))}
          </div>
          <Field
            label={t('limit.at')}
            type="datetime-local"
            value={at}
            min={written(Date.now())}
            hint={past ? t('limit.past') : undefined}
            aria-invalid={past}
            autoFocus
            onChange={(event) => {
              setAt(event.target.value);
              setPast(false);
            }}
          />
        </div>
        <div className="df">
          {row.until === null ? null : (
            <Button size="large" disabled={busy} onClick={() => void give(0)}>
              {t('limit.always')}
            </Button>
          )}
          <span className="grow" />
          <Button size="large" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button size="large" kind="primary" type="submit" disabled={busy || at === ''}>
            {t('save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function HandOverDialog({
  people,
  onClose,
  onHandOver,
}: {
  people: readonly PersonRow[];
  onClose(): void;
  onHandOver(userId: string, role: Role): Promise<boolean>;
}) {
  const able = people.filter((row) => !row.you && row.why.handOver === undefined);
  const first = useRef<HTMLSelectElement>(null);
  useEffect(() => first.current?.focus(), []);
  const [to, setTo] = useState(able[0]?.userId ?? '');
  const [role, setRole] = useState<Role>('admin');
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    if (await onHandOver(to, role)) onClose();
    setBusy(false);
  };
  return (
    <Dialog title={t('handOver.title')} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <div className="db">
          <p className="t2">{able.length === 0 ? t('handOver.nobody') : t('handOver.means')}</p>
          <label className="label">
            <span>{t('handOver.to')}</span>
            <select ref={first} className="field" value={to} onChange={(event) => setTo(event.target.value)}>
              {able.map((row) => (
                <option key={row.userId} value={row.userId}>
                  {row.name}, {t(`role.${row.role}`)}
                </option>
              ))}
            </select>
          </label>
          <div className="label">
            <span>{t('handOver.then')}</span>
            <Segmented
              label={t('handOver.then')}
              value={role}
              onChange={setRole}
              choices={ROLES.slice(1).map((each) => ({ value: each, label: t(`role.${each}`) }))}
            />
          </div>
        </div>
        <div className="df">
          <Button size="large" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button size="large" kind="dangerPrimary" type="submit" disabled={busy || to === ''}>
            {t('handOver')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Leaving: the last Owner is led to hand over. */
export function LeaveDialog({
  title,
  last,
  onClose,
  onLeave,
  onHandOver,
}: {
  title: string;
  last: boolean;
  onClose(): void;
  /** `forget`: it goes from this device as well. */
  onLeave(forget: boolean): void;
  onHandOver(): void;
}) {
  const [forget, setForget] = useState(false);
  return last ? (
    <Dialog title={t('space.leaveAsk', { title })} onClose={onClose}>
      <div className="db">
        <p className="t2">{t('space.leaveLast', { title })}</p>
      </div>
      <div className="df">
        <Button size="large" data-first onClick={onClose}>
          {t('cancel')}
        </Button>
        <Button
          size="large"
          kind="primary"
          onClick={() => {
            onClose();
            onHandOver();
          }}
        >
          {t('handOver')}
        </Button>
      </div>
    </Dialog>
  ) : (
    <Confirm
      title={t('space.leaveAsk', { title })}
      text={t('space.leaveMeans')}
      action={t('space.leave')}
      onClose={onClose}
      onConfirm={() => onLeave(forget)}
    >
      <div className="label">
        <Switch label={t('space.leaveForget')} checked={forget} onChange={setForget} />
        <span className="hint">{t(forget ? 'space.leaveForgetMeans' : 'space.leaveKeepMeans')}</span>
      </div>
    </Confirm>
  );
}
