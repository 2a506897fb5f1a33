/**
 * The first three minutes: a line in the sidebar that counts, and behind it five steps, each a press away, each done when the
 * graph says so. No form, and nothing stands in the way.
 */
import { Check, Circle, ListChecks } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { StepsAnswer } from '../../domain/start/queries';
import { Button } from '../kit/Button';
import { Dialog } from '../kit/Dialog';
import { t } from '../kit/i18n';
import { useCall, useCommand, useQuery } from '../kit/kernel';
import { language } from '../kit/preferences';
import { paths } from '../kit/routes';
import { showNotice } from '../kit/Toasts';
import { beginDemo, removeDemo } from './demo';
import './onboarding.css';

type Step = { readonly key: 'name' | 'message' | 'document' | 'invite' | 'keys'; readonly done: boolean; run(): void };
type FirstStepsProps = {
  /** Where a message or document is begun. */
  readonly spaceId: string | null;
  newChannel(spaceId: string): void;
  newDocument(spaceId: string): void;
  newSpace(): void;
  invite(spaceId: string): void;
};

export function FirstSteps(props: FirstStepsProps) {
  const steps = useSteps(props);
  const [open, setOpen] = useState(false);
  if (!steps || steps.answer.dismissed) return null;
  const done = steps.rows.filter((step) => step.done).length;
  return (
    <>
      <button type="button" className="steps-row" onClick={() => setOpen(true)}>
        <ListChecks className="i" size={16} strokeWidth={1.75} aria-hidden />
        <span className="cut">{t('start')}</span>
        <span className="num t3">{t('start.count', { done, total: steps.rows.length })}</span>
      </button>
      {open ? <StepsDialog steps={steps.rows} demo={steps.answer.demo} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function useSteps({
  spaceId: here,
  newChannel,
  newDocument,
  newSpace,
  invite,
}: FirstStepsProps): { readonly answer: StepsAnswer; readonly rows: readonly Step[] } | undefined {
  const answer = useQuery<StepsAnswer>('start.steps', {});
  const recovery = useQuery('os.recovery', {});
  const me = useQuery('os.me', {});
  const spaces = useQuery('os.spaces', {});
  // What is played with is no first step.
  const spaceId = here === answer?.demo ? (me?.personalSpace ?? null) : here;
  const channels = useQuery('chat.channels', spaceId === null ? null : { spaceId });
  const [, go] = useLocation();
  if (!answer || !recovery || !me || !spaces || spaceId === null) return undefined;
  const [channel] = channels ?? [];
  const shared = spaces.find(({ id, kind }) => id !== me.personalSpace && kind !== 'personal' && id !== answer.demo);
  const rows: readonly Step[] = [
    { key: 'name', done: answer.named, run: () => go(paths.settings) },
    {
      key: 'message',
      done: answer.wrote,
      run: () => (channel ? go(paths.channel(spaceId, channel.id)) : newChannel(spaceId)),
    },
    { key: 'document', done: answer.documented, run: () => newDocument(spaceId) },
    { key: 'invite', done: answer.met, run: () => (shared ? invite(shared.id) : newSpace()) },
    { key: 'keys', done: recovery.written || recovery.saved || recovery.way === 'none', run: () => go(paths.settings) },
  ];
  return { answer, rows };
}

function StepsDialog({ steps, demo, onClose }: { steps: readonly Step[]; demo: string | null; onClose(): void }) {
  const command = useCommand();
  const call = useCall();
  const [, go] = useLocation();
  const [busy, setBusy] = useState(false);
  const begin = async (): Promise<void> => {
    setBusy(true);
    const made = await call((client) => beginDemo(client, language()));
    setBusy(false);
    if (!made) return;
    onClose();
    go(paths.channel(made.value.space, made.value.channel));
  };
  const remove = async (space: string): Promise<void> => {
    setBusy(true);
    const gone = await call((client) => removeDemo(client, space).then(() => true));
    setBusy(false);
    if (!gone) return;
    onClose();
    go(paths.home);
    showNotice(t('start.demoRemoved'));
  };
  return (
    <Dialog title={t('start')} onClose={onClose}>
      <div className="db">
        <ol className="first-steps">
          {steps.map(({ key, done, run }) => {
            const Icon = done ? Check : Circle;
            return (
              <li key={key} className={done ? 'done' : ''}>
                <button
                  type="button"
                  onClick={() => {
                    onClose();
                    run();
                  }}
                >
                  <Icon className="i" size={16} strokeWidth={1.75} aria-hidden />
                  <span>
                    {t(`start.${key}`)}
                    <span className="sr">{t(done ? 'start.done' : 'start.open')}</span>
                    <span className="hint">{t(`start.${key}Means`)}</span>
                  </span>
                </button>
              </li>
            );
          })}
        </ol>
        <div className="try">
          <p className="hint">{t(demo === null ? 'start.demoMeans' : 'start.demoHere')}</p>
          {demo === null ? (
            <Button kind="line" size="large" disabled={busy} onClick={() => void begin()}>
              {t(busy ? 'start.demoWorking' : 'start.demo')}
            </Button>
          ) : (
            <Button kind="line" size="large" disabled={busy} onClick={() => void remove(demo)}>
              {t('start.demoRemove')}
            </Button>
          )}
        </div>
      </div>
      <div className="df">
        <Button
          size="large"
          onClick={() => {
            onClose();
            void command('start.dismiss', {});
          }}
        >
          {t('start.dismiss')}
        </Button>
        <Button kind="primary" size="large" onClick={onClose}>
          {t('close')}
        </Button>
      </div>
    </Dialog>
  );
}
