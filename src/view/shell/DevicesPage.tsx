/** A person's devices: what each is called and when it was last heard of, adding one, and taking one away. */
import { MonitorSmartphone, QrCode } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { DeviceRow } from '../../bridge/messages';
import { Barred } from '../kit/access';
import { Button } from '../kit/Button';
import { Confirm } from '../kit/Dialog';
import { SkeletonRows } from '../kit/Empty';
import { NodeFace } from '../kit/Face';
import { Field } from '../kit/Field';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';
import { sinceWhen, useNow } from '../kit/time';
import { LinkDialog } from './LinkDialog';
import { Waits } from './Restored';

export function DevicesPage() {
  const devices = useQuery('os.devices', {});
  const recovery = useQuery('os.recovery', {});
  const command = useCommand();
  const [linking, setLinking] = useState(false);
  const [removing, setRemoving] = useState<DeviceRow | null>(null);
  if (devices === undefined || recovery === undefined) return <SkeletonRows />;
  const hasRoot = recovery.way !== 'none';
  const waits = recovery.waits !== null;
  const mine = devices.filter(({ revoked }) => !revoked);
  const former = devices.filter(({ revoked }) => revoked);
  return (
    <div className="page devices">
      <div className="head">
        <h2 className="h28">{t('devices')}</h2>
        <span className="grow" />
        {hasRoot ? (
          <Button kind="primary" size="large" icon={QrCode} onClick={() => setLinking(true)}>
            {t('link.device')}
          </Button>
        ) : null}
      </div>
      <p className="hint">{t(hasRoot ? 'devices.hint' : 'devices.linked')}</p>
      <Waits />
      <section aria-label={t('devices')}>
        <ul>
          {mine.map((device) => (
            <Device
              key={device.id}
              device={device}
              removable={hasRoot && !device.you}
              whyNot={waits ? t('deny.restored') : null}
              onRemove={() => setRemoving(device)}
            />
          ))}
        </ul>
      </section>
      {former.length > 0 ? (
        <section aria-label={t('devices.former')}>
          <h3 className="h">{t('devices.former')}</h3>
          <ul>
            {former.map((device) => (
              <li className="mr" key={device.id}>
                <NodeFace kind="tab" size={28} />
                <span className="cut two t3">{device.name || t('device.unnamed')}</span>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {linking ? <LinkDialog onClose={() => setLinking(false)} /> : null}
      {removing ? (
        <Confirm
          title={t('device.remove', { name: removing.name || t('device.unnamed') })}
          text={t('device.removeMeans')}
          action={t('remove')}
          onClose={() => setRemoving(null)}
          onConfirm={() => void command('os.revokeDevice', { deviceId: removing.id })}
        />
      ) : null}
    </div>
  );
}

type DeviceProps = { device: DeviceRow; removable: boolean; whyNot: string | null; onRemove(): void };
function Device({ device, removable, whyNot, onRemove }: DeviceProps) {
  const command = useCommand();
  const now = useNow();
  const [name, setName] = useState<string | null>(null);
  const shown = device.name || t('device.unnamed');
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const given = (name ?? '').trim();
    if (given === '' || given === device.name) return setName(null);
    if (await command('os.renameDevice', { deviceId: device.id, name: given })) setName(null);
  };
  const when = device.you
    ? t('device.this')
    : device.online
      ? t('device.online')
      : device.lastSeenAt === null
        ? t('device.neverSeen')
        : t('device.seen', { when: sinceWhen(device.lastSeenAt, now) });
  return (
    <li className="mr" data-device={device.id}>
      <span className="av a28 device" aria-hidden>
        <MonitorSmartphone size={14} strokeWidth={1.75} />
      </span>
      {name === null ? (
        <>
          <span className="cut two">
            <span className="w5x">{shown}</span>
            <br />
            <span className="t12 t3">{when}</span>
          </span>
          <Button onClick={() => setName(device.name)} aria-label={t('device.renameWhich', { name: shown })}>
            {t('rename')}
          </Button>
          {removable ? (
            <Barred why={whyNot}>
              <Button kind="danger" onClick={onRemove} aria-label={t('device.remove', { name: shown })}>
                {t('remove')}
              </Button>
            </Barred>
          ) : null}
        </>
      ) : (
        <form className="row grow" onSubmit={(event) => void save(event)}>
          <Field
            hidden
            className="grow"
            label={t('device.name')}
            value={name}
            maxLength={80}
            autoFocus
            onChange={(event) => setName(event.target.value)}
            onKeyDown={(event) => event.key === 'Escape' && setName(null)}
          />
          <Button kind="line" type="submit">
            {t('save')}
          </Button>
          <Button onClick={() => setName(null)}>{t('cancel')}</Button>
        </form>
      )}
    </li>
  );
}
