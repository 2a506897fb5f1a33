/** Devices that came back by the recovery phrase: the question to the person on older ones, and on such a one what it waits for. */
import { Hourglass, ShieldQuestion } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { NewcomerRow } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { Confirm, Dialog } from '../kit/Dialog';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';
import { showNotice } from '../kit/Toasts';
import { fully } from '../kit/time';

/** Stays on every page until the person has answered, or the time is over. */
export function Newcomers() {
  const newcomers = useQuery('os.newcomers', {});
  const command = useCommand();
  const [stopping, setStopping] = useState<NewcomerRow | null>(null);
  const [stopped, setStopped] = useState(false);
  const [first] = newcomers ?? [];
  const named = (row: NewcomerRow): string => row.name || t('device.unnamed');
  const said = first ? t('newcomer', { name: named(first), when: fully(first.at) }) : null;
  useEffect(() => {
    if (said !== null) showNotice(said);
  }, [said]);
  const stop = async (row: NewcomerRow) => {
    if ((await command('os.refuseDevice', { deviceId: row.id })) !== undefined) setStopped(true);
  };
  return (
    <>
      {first ? (
        <div className="banner bad" role="alert">
          <ShieldQuestion className="i" size={16} strokeWidth={1.75} aria-hidden />
          <span className="grow">
            <b>{said}</b> {t('newcomer.ask', { until: fully(first.until) })}
          </span>
          <span className="row">
            <Button kind="line" onClick={() => void command('os.confirmDevice', { deviceId: first.id })}>
              {t('newcomer.yes')}
            </Button>
            <Button kind="danger" onClick={() => setStopping(first)}>
              {t('newcomer.no')}
            </Button>
          </span>
        </div>
      ) : null}
      {stopping ? (
        <Confirm
          title={t('newcomer.stop', { name: named(stopping) })}
          text={t('newcomer.stopMeans')}
          action={t('newcomer.no')}
          onClose={() => setStopping(null)}
          onConfirm={() => void stop(stopping)}
        />
      ) : null}
      {stopped ? (
        <Dialog title={t('newcomer.stopped')} onClose={() => setStopped(false)}>
          <div className="db">
            <p>{t('newcomer.read')}</p>
            <p>{t('newcomer.next')}</p>
          </div>
          <div className="df">
            <Button kind="primary" size="large" onClick={() => setStopped(false)}>
              {t('close')}
            </Button>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}

/** On the device that was restored, where somebody would change access. */
export function Waits() {
  const until = useQuery('os.recovery', {})?.waits ?? null;
  if (until === null) return null;
  return (
    <p className="hint warn" role="status">
      <Hourglass className="i" size={14} strokeWidth={1.75} aria-hidden />{' '}
      {t('restored.waits', { until: fully(until) })}
    </p>
  );
}
