/** What an invitation leads to: first what it is, then, only when the person says so, how joining goes, step by step. */
import { Check, CircleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import type { JoinRow, Refusal } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { Skeleton } from '../kit/Empty';
import { SpaceMark } from '../kit/Face';
import { t } from '../kit/i18n';
import { refusalOf, useKernel, useQuery } from '../kit/kernel';
import { exactly } from '../kit/time';
import { paths } from './routes';

type Read = { readonly spaceId: string; readonly title: string; readonly expiresAt: number; readonly confirm: boolean };
const STEPS = ['seeking', 'greeting', 'waitingForApproval', 'admitted', 'catchingUp', 'live'] as const;

export function JoinPage() {
  const client = useKernel();
  const [, go] = useLocation();
  const joins = useQuery('os.join', {});
  const spaces = useQuery('os.spaces', {});
  const [url] = useState(() => location.href);
  const [read, setRead] = useState<Read | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [asked, setAsked] = useState(false);

  useEffect(() => {
    let here = true;
    client.readInvite(url).then(
      (value) => {
        if (here) setRead(value);
      },
      (error) => {
        if (here) setRefusal(refusalOf(error));
      },
    );
    return () => {
      here = false;
    };
  }, [client, url]);

  const join = async () => {
    setAsked(true);
    setRefusal(null);
    try {
      const space = await client.join(url);
      go(paths.space(space.id), { replace: true });
    } catch (error) {
      setAsked(false);
      setRefusal(refusalOf(error));
    }
  };
  const row = joins?.find((candidate) => candidate.spaceId === read?.spaceId);
  const member = spaces?.find((space) => space.id === read?.spaceId && space.role !== 'none');
  const expired = read !== null && read.expiresAt < Date.now();
  const underWay = asked || (row !== undefined && row.step !== 'failed' && row.step !== 'live');
  return (
    <main className="join" id="main">
      <div className="card">
        {read === null && refusal === null ? (
          <div role="status" aria-label={t('loading')}>
            <Skeleton width={200} height={28} />
          </div>
        ) : null}
        {read ? (
          <>
            <div className="row">
              <SpaceMark title={read.title} />
              <h1 className="h20 cut">{read.title}</h1>
            </div>
            <p className="t2">{t(member ? 'join.already' : read.confirm ? 'join.confirmed' : 'join.open')}</p>
            {!member && !underWay ? (
              <p className="hint">{t(expired ? 'join.expired' : 'join.until', { when: exactly(read.expiresAt) })}</p>
            ) : null}
          </>
        ) : null}
        {read && underWay ? <Steps row={row} confirm={read.confirm} /> : null}
        {refusal ? (
          <div className="refusal" role="alert">
            <CircleAlert className="i" size={16} strokeWidth={1.75} aria-hidden />
            <div>
              <p className="w5x">{refusal.message}</p>
              <p className="t2">
                {refusal.safe} {refusal.next}
              </p>
            </div>
          </div>
        ) : null}
        <div className="row end">
          <Button size="large" onClick={() => go(paths.home)}>
            {t(underWay ? 'join.meanwhile' : 'join.notNow')}
          </Button>
          {read && member ? (
            <Button size="large" kind="primary" onClick={() => go(paths.space(read.spaceId))}>
              {t('open')}
            </Button>
          ) : null}
          {read && !member && !underWay && !expired ? (
            <Button size="large" kind="primary" onClick={() => void join()}>
              {t(refusal ? 'tryAgain' : 'join.join')}
            </Button>
          ) : null}
        </div>
      </div>
    </main>
  );
}

function Steps({ row, confirm }: { row: JoinRow | undefined; confirm: boolean }) {
  const at = row && row.step !== 'failed' ? STEPS.indexOf(row.step) : 0;
  return (
    <ol className="steps" aria-live="polite">
      {STEPS.map((step, index) => {
        if (step === 'waitingForApproval' && !confirm) return null;
        const done = index < at || row?.step === 'live';
        return (
          <li
            key={step}
            className={done ? 'done' : index === at ? 'now' : ''}
            aria-current={index === at ? 'step' : undefined}
          >
            <span className="dot">{done ? <Check size={12} strokeWidth={2} aria-hidden /> : null}</span>
            <span>{t(`join.step.${step}`)}</span>
            {step === 'catchingUp' && index === at && row ? (
              <span className="t12 t3 num">{t('join.received', { n: row.received })}</span>
            ) : null}
          </li>
        );
      })}
    </ol>
  );
}
