/** Whether a beacon keeps the person's spaces, and the code that it may ask for first. On the settings page and behind the chip. */
import { Check, TriangleAlert } from 'lucide-react';
import type { FormEvent } from 'react';
import { useEffect, useRef, useState } from 'react';
import type { BeaconRow, SyncAnswer } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { SkeletonRows } from '../kit/Empty';
import { Field } from '../kit/Field';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';
import { endsByCode } from './sync';

export function BeaconCodes() {
  const beacons = useQuery('os.beacons', {});
  if (!beacons) return <SkeletonRows rows={1} />;
  if (beacons.length === 0) return <p className="t2">{t('beacon.none')}</p>;
  return beacons.map((beacon) => <JoinCode key={beacon.deviceId} beacon={beacon} />);
}

function JoinCode({ beacon, focused = false }: { beacon: BeaconRow; focused?: boolean }) {
  const command = useCommand();
  const [typed, setTyped] = useState<string | null>(null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (focused) form.current?.querySelector('input')?.focus();
  }, [focused]);
  const code = typed ?? beacon.joinCode;
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (await command('os.useJoinCode', { code, beaconId: beacon.deviceId })) setTyped(null);
  };
  return (
    <>
      <form ref={form} className="row" onSubmit={(event) => void send(event)}>
        <Field
          className="grow"
          label={t('beacon.code', { name: beacon.name })}
          hint={t('beacon.codeHint')}
          value={code}
          maxLength={64}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          aria-invalid={beacon.state === 'wrongCode'}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Button kind="line" size="large" type="submit" disabled={code.trim() === ''}>
          {t('beacon.send')}
        </Button>
      </form>
      <BeaconState beacon={beacon} />
    </>
  );
}

function BeaconState({ beacon }: { beacon: BeaconRow }) {
  const state = beacon.state === 'waiting' && !beacon.linked ? 'away' : beacon.state;
  const known = state !== 'waiting' && state !== 'away';
  const Icon = state === 'accepted' ? Check : TriangleAlert;
  return (
    <p className={`row t12 beacon-state ${state === 'accepted' ? state : known ? 'refused' : ''}`} role="status">
      {known ? <Icon className="i" size={14} strokeWidth={1.75} aria-hidden /> : null}
      <span>{t(`beacon.state.${state}`, { n: beacon.refused })}</span>
    </p>
  );
}

/** Behind the chip: each beacon that does not keep this space, why, and what ends it. Stays to say how it went. */
export function Refusals({ sync }: { sync: SyncAnswer | undefined }) {
  const refusing = sync?.holders.filter((holder) => holder.refused !== undefined) ?? [];
  const [opened, setOpened] = useState<string | null>(null);
  const beacon = useQuery('os.beacons', opened === null ? null : {})?.find((row) => row.deviceId === opened);
  const over = beacon?.state === 'accepted';
  const said = useRef<HTMLDivElement>(null);
  // The field that had the focus is gone then.
  useEffect(() => {
    if (over) said.current?.focus();
  }, [over]);
  return (
    <>
      {refusing.map(({ deviceId, name, refused }) =>
        refused === undefined || deviceId === opened ? null : (
          <div key={deviceId} className="unkept">
            <p className="row t12 warn">
              <TriangleAlert className="i" size={14} strokeWidth={1.75} aria-hidden />
              <span>{t(`sync.refused.${refused}`, { name })}</span>
            </p>
            {endsByCode(refused) ? (
              <Button kind="line" size="small" onClick={() => setOpened(deviceId)}>
                {t('sync.enterCode')}
              </Button>
            ) : null}
          </div>
        ),
      )}
      {beacon ? (
        <div ref={said} className="unkept" tabIndex={-1}>
          {over ? <BeaconState beacon={beacon} /> : <JoinCode beacon={beacon} focused />}
        </div>
      ) : null}
    </>
  );
}
