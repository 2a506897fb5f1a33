/** What an invitation leads to: first what it is, then, only when the person says so, how joining goes, step by step. */
import { Check, FileText, Folder, Hash } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { namelessName } from '../../base/called';
import type { InviteAnswer, JoinRow, Refusal } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { Skeleton } from '../kit/Empty';
import { SpaceMark } from '../kit/Face';
import { t } from '../kit/i18n';
import { refusalOf, useKernel, useQuery } from '../kit/kernel';
import { Refused } from '../kit/Refused';
import { paths } from '../kit/routes';
import { fully } from '../kit/time';
import { useNaming } from '../onboarding/naming';
import { inWords } from './inviting';

const STEPS = ['seeking', 'greeting', 'waitingForApproval', 'admitted', 'catchingUp', 'live'] as const;

/** How entry goes; who invites is said above where the link tells it. */
const entryOf = ({ confirm, from }: InviteAnswer) => {
  if (confirm) return from === '' ? 'join.confirmed' : 'join.confirmedBy';
  return from === '' ? 'join.open' : 'join.openBy';
};

/** What was shared, or the space where nothing of it was. */
const landingOf = ({ spaceId, object }: InviteAnswer): string => {
  if (object?.kind === 'channel') return paths.channel(spaceId, object.id);
  if (object?.kind === 'document') return paths.document(spaceId, object.id);
  return paths.space(spaceId);
};

export function JoinPage() {
  const client = useKernel();
  const [, go] = useLocation();
  const joins = useQuery('os.join', {});
  const spaces = useQuery('os.spaces', {});
  const [url] = useState(() => location.href);
  const [read, setRead] = useState<InviteAnswer | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [asked, setAsked] = useState(false);
  const naming = useNaming();

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
    if (!(await naming.save())) return setAsked(false);
    try {
      await client.join(url);
      if (read) go(landingOf(read), { replace: true });
    } catch (error) {
      setAsked(false);
      setRefusal(refusalOf(error));
    }
  };
  const row = joins?.find((candidate) => candidate.spaceId === read?.spaceId);
  const member = spaces?.find((space) => space.id === read?.spaceId && space.role !== 'none');
  const expired = read !== null && read.expiresAt < Date.now();
  const underWay = asked || (row !== undefined && row.step !== 'failed' && row.step !== 'live');
  // Whoever is inside already has nothing to decide.
  const inside = read !== null && member !== undefined && !underWay ? landingOf(read) : null;
  useEffect(() => {
    if (inside !== null) go(inside, { replace: true });
  }, [inside, go]);
  const told = refusal ? inWords(refusal) : null;
  const final = refusal !== null && FINAL.has(refusal.type);
  const object = read?.object ?? null;
  const may = read !== null && !member && !underWay && !expired && !final;
  return (
    <main className="join" id="main">
      <form
        className="card"
        onSubmit={(event) => {
          event.preventDefault();
          if (may) void join();
        }}
      >
        {read === null && refusal === null ? (
          <div role="status" aria-label={t('loading')}>
            <Skeleton width={200} height={28} />
          </div>
        ) : null}
        {read === null && refusal !== null ? <h1 className="h20">{t('join.invitation')}</h1> : null}
        {read ? (
          <>
            <div className="row">
              <SpaceMark title={read.title} />
              <h1 className="h20 cut">{read.title}</h1>
            </div>
            {read.from !== '' || object ? (
              <p className="from">
                {read.from === '' ? null : <span>{t('join.from', { name: read.from })}</span>}
                {object ? <Shared object={object} /> : null}
              </p>
            ) : null}
            <p className="t2">{t(member ? 'join.already' : entryOf(read))}</p>
            {!member && !underWay ? (
              <p className="hint">{t(expired ? 'join.expired' : 'join.until', { when: fully(read.expiresAt) })}</p>
            ) : null}
          </>
        ) : null}
        {read && underWay ? <Steps row={row} confirm={read.confirm} /> : null}
        {told ? <Refused {...told} /> : null}
        {may ? naming.field : null}
        <div className="row end">
          <Button size="large" onClick={() => go(paths.home)}>
            {t(underWay ? 'join.meanwhile' : 'join.notNow')}
          </Button>
          {read === null && refusal !== null ? (
            <Button size="large" kind="primary" onClick={() => go(paths.paste)}>
              {t('paste')}
            </Button>
          ) : null}
          {read && member ? (
            <Button size="large" kind="primary" onClick={() => go(landingOf(read))}>
              {t('open')}
            </Button>
          ) : null}
          {may ? (
            <Button size="large" kind="primary" type="submit">
              {t(refusal ? 'tryAgain' : 'join.join')}
            </Button>
          ) : null}
        </div>
      </form>
    </main>
  );
}

/** Asking again by the same link changes nothing. */
const FINAL = new Set(['joinRevoked', 'joinExpired', 'joinUsed', 'joinRefused', 'joinBadKeys', 'joinNotTaken']);

function Shared({ object }: { object: NonNullable<InviteAnswer['object']> }) {
  const Icon = object.kind === 'channel' ? Hash : object.kind === 'folder' ? Folder : FileText;
  return (
    <span className="shared">
      <Icon className="i" size={14} strokeWidth={1.75} aria-hidden />
      <span className="cut">{object.title.trim() || t('untitled')}</span>
    </span>
  );
}

function Steps({ row, confirm }: { row: JoinRow | undefined; confirm: boolean }) {
  const me = useQuery('os.me', {});
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
            <span>
              {t(`join.step.${step}`)}
              {step === 'waitingForApproval' && index === at && me ? (
                <span className="seen t12 t3">
                  {t('join.seenAs', { name: namelessName(t('nameless'), me.userId) })}
                </span>
              ) : null}
            </span>
            {step === 'catchingUp' && index === at && row ? (
              <span className="t12 t3 num">{t('join.received', { n: row.received })}</span>
            ) : null}
          </li>
        );
      })}
    </ol>
  );
}
