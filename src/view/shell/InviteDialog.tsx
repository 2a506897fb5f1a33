/** Inviting: the rights a link gives, until when, how often, and whether a person must still be let in. Then the link itself. */
import { Check, Copy, Link2, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { Role } from '../../bridge/messages';
import { Button, IconButton } from '../kit/Button';
import { Dialog } from '../kit/Dialog';
import { Face } from '../kit/Face';
import { Segmented } from '../kit/Field';
import { t } from '../kit/i18n';
import { useCall, useQuery } from '../kit/kernel';
import { showNotice } from '../kit/Toasts';
import { qrPath } from './qr';

const DAY = 86_400_000;
const EXPIRIES = { hour: DAY / 24, day: DAY, week: 7 * DAY, month: 30 * DAY } as const;
type Expiry = keyof typeof EXPIRIES;
type Uses = '1' | '3' | '10' | '100';

export function InviteDialog({ spaceId, onClose }: { spaceId: string; onClose(): void }) {
  const spaces = useQuery('os.spaces', {});
  const members = useQuery('os.members', { spaceId });
  const call = useCall();
  const [role, setRole] = useState<Role>('member');
  const [expiry, setExpiry] = useState<Expiry>('week');
  const [uses, setUses] = useState<Uses>('10');
  const [way, setWay] = useState<'open' | 'confirmed'>('open');
  const [url, setUrl] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const space = spaces?.find((row) => row.id === spaceId);
  const title = t('invite.to', { title: space?.title ?? '' });
  const changed =
    <T,>(set: (value: T) => void) =>
    (value: T): void => {
      set(value);
      setUrl(null);
    };

  const make = async () => {
    setBusy(true);
    const made = await call((client) =>
      client.invite(spaceId, {
        role,
        uses: Number(uses),
        expiresInMs: EXPIRIES[expiry],
        confirm: way === 'confirmed',
      }),
    );
    setBusy(false);
    if (made) setUrl(made.value.url);
  };
  return (
    <Dialog title={title} onClose={onClose} wide bare className="invite">
      <section>
        <div className="dh">
          <h2>{title}</h2>
          <IconButton className="first" label={t('close')} icon={X} onClick={onClose} />
        </div>
        <div className="f">
          <span>{t('role')}</span>
          <div>
            <Segmented
              label={t('role')}
              value={role}
              onChange={changed(setRole)}
              choices={(['guest', 'member', 'admin'] as const).map((value) => ({ value, label: t(`role.${value}`) }))}
            />
            <p className="hint">{t(`role.${role}.may`)}</p>
          </div>
        </div>
        <div className="f">
          <span>{t('invite.worksFor')}</span>
          <div>
            <Segmented
              label={t('invite.worksFor')}
              value={expiry}
              onChange={changed(setExpiry)}
              choices={(['hour', 'day', 'week', 'month'] as const).map((value) => ({
                value,
                label: t(`invite.${value}`),
              }))}
            />
          </div>
        </div>
        <div className="f">
          <span>{t('invite.uses')}</span>
          <div>
            <Segmented
              label={t('invite.uses')}
              value={uses}
              onChange={changed(setUses)}
              choices={(['1', '3', '10', '100'] as const).map((value) => ({ value, label: value }))}
            />
          </div>
        </div>
        <div className="f">
          <span>{t('invite.way')}</span>
          <div>
            <Segmented
              label={t('invite.way')}
              value={way}
              onChange={changed(setWay)}
              choices={[
                { value: 'open', label: t('invite.open') },
                { value: 'confirmed', label: t('invite.confirmed') },
              ]}
            />
            <p className={`hint ${way === 'open' ? 'warn' : ''}`}>
              {t(way === 'open' ? 'invite.openMeans' : 'invite.confirmedMeans')}
            </p>
          </div>
        </div>
        {url === null ? (
          <div className="give waiting">
            <p className="hint">{t('invite.before')}</p>
          </div>
        ) : (
          <Given url={url} />
        )}
        <div className="df">
          {url === null ? (
            <Button kind="primary" size="large" icon={Link2} disabled={busy} onClick={() => void make()}>
              {t('invite.make')}
            </Button>
          ) : (
            <CopyButton url={url} />
          )}
        </div>
      </section>
      <section className="mem">
        <div className="dh">
          <h2>{t('people')}</h2>
          <span className="t12 t3">{t('people.count', { n: members?.length ?? 0 })}</span>
          <IconButton className="second" label={t('close')} icon={X} onClick={onClose} />
        </div>
        <ul>
          {members?.map((member) => (
            <li className="mr" key={member.id}>
              <Face person={member} size={28} />
              <span className="cut two">
                <span className="w5x">{member.name}</span> {member.you ? <span className="t3">{t('you')}</span> : null}
                <br />
                <span className="t12 t3">{t(member.online ? 'presence.here' : 'presence.away')}</span>
              </span>
              <span className="t2">{t(`role.${member.role}`)}</span>
            </li>
          ))}
        </ul>
      </section>
    </Dialog>
  );
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    showNotice(t('copy.failed'));
    return false;
  }
}

export function CopyButton({ url, small = false }: { url: string; small?: boolean }) {
  const [done, setDone] = useState(false);
  const run = () => void copy(url).then(setDone);
  if (small) return <IconButton small label={t(done ? 'copied' : 'copy')} icon={done ? Check : Copy} onClick={run} />;
  return (
    <Button kind="primary" size="large" icon={done ? Check : Link2} onClick={run}>
      {t(done ? 'copied' : 'invite.copy')}
    </Button>
  );
}

function Given({ url }: { url: string }) {
  const code = useMemo(() => qrPath(url), [url]);
  return (
    <div className="give">
      <svg
        className="qr"
        viewBox={`0 0 ${code.size} ${code.size}`}
        role="img"
        aria-label={t('invite.qr')}
        shapeRendering="crispEdges"
      >
        <path d={code.path} fill="#111" />
      </svg>
      <div>
        <div className="h">{t('invite.link')}</div>
        <div className="row quiet-field">
          <input
            className="field quiet mono"
            readOnly
            value={url}
            aria-label={t('invite.link')}
            onFocus={(event) => event.target.select()}
          />
          <CopyButton url={url} small />
        </div>
        <p className="hint">{t('invite.secret')}</p>
      </div>
    </div>
  );
}
