/** Inviting: the rights an invitation gives and to what, until when, how often, and whether a person must still be let in. Then its forms. */
import { Link2, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import type { Role } from '../../bridge/messages';
import { Button, IconButton } from '../kit/Button';
import { Dialog } from '../kit/Dialog';
import { Face } from '../kit/Face';
import { Segmented } from '../kit/Field';
import { t } from '../kit/i18n';
import { useCall, useQuery } from '../kit/kernel';
import { paths } from '../kit/routes';
import { CopyButton, InviteShare } from './InviteShare';
import { stateOf } from './inviting';

const DAY = 86_400_000;
const EXPIRIES = { hour: DAY / 24, day: DAY, week: 7 * DAY, month: 30 * DAY } as const;
type Expiry = keyof typeof EXPIRIES;
type Uses = '1' | '3' | '10' | '100';
type Passes = '0' | '1' | '2';
/** What was open when somebody said "Share". */
export type Shared = { readonly kind: 'channel' | 'document'; readonly id: string };

export function InviteDialog({
  spaceId,
  shared = null,
  onClose,
}: {
  spaceId: string;
  shared?: Shared | null;
  onClose(): void;
}) {
  const spaces = useQuery('os.spaces', {});
  const members = useQuery('os.members', { spaceId });
  const invites = useQuery('os.invites', { spaceId });
  const may = useQuery('os.mayInvite', { spaceId });
  const channel = useQuery('chat.channel', shared?.kind === 'channel' ? { channelId: shared.id } : null);
  const document = useQuery('editor.document', shared?.kind === 'document' ? { documentId: shared.id } : null);
  const call = useCall();
  const [, go] = useLocation();
  const [wanted, setRole] = useState<Role>('member');
  const [covers, setCovers] = useState<'space' | 'object'>('space');
  const [expiry, setExpiry] = useState<Expiry>('week');
  const [uses, setUses] = useState<Uses>('10');
  const [way, setWay] = useState<'open' | 'confirmed'>('open');
  const [passes, setPasses] = useState<Passes>('0');
  const [made, setMade] = useState<{ readonly inviteId: string; readonly url: string } | null>(null);
  const [busy, setBusy] = useState(false);

  const space = spaces?.find((row) => row.id === spaceId);
  const title = t('invite.to', { title: space?.title ?? '' });
  const roles = may?.roles ?? [];
  const role = roles.includes(wanted) ? wanted : (roles[0] ?? 'guest');
  const object = channel ?? document ?? null;
  const objectTitle = object ? object.title.trim() || t('untitled') : '';
  // Whoever rules a space rules all of it.
  const narrow = object !== null && role !== 'admin' && covers === 'object';
  const openInvites = (invites ?? []).filter((invite) => stateOf(invite, Date.now()) === 'open').length;
  const chosen = [
    t(`role.${role}`),
    object && role !== 'admin' ? t(narrow ? 'invites.only' : 'invites.arrives', { title: objectTitle, more: 0 }) : null,
    t(`invite.${expiry}`),
    t('invite.usesOf', { n: Number(uses) }),
    passes === '0' || role === 'admin' ? null : t('invites.passes', { n: Number(passes) }),
  ].filter((part) => part !== null);

  const make = async () => {
    setBusy(true);
    const done = await call((client) =>
      client.invite(spaceId, {
        role,
        uses: Number(uses),
        expiresInMs: EXPIRIES[expiry],
        confirm: way === 'confirmed',
        ...(role === 'admin' ? {} : { delegate: Number(passes) }),
        ...(object ? { object: object.id } : {}),
        ...(object && narrow ? { within: [object.id] } : {}),
      }),
    );
    setBusy(false);
    if (done) setMade(done.value);
  };
  const toInvitations = () => {
    onClose();
    go(paths.invitations(spaceId));
  };
  return (
    <Dialog title={title} onClose={onClose} wide bare className="invite">
      <section>
        <div className="dh">
          <h2>{title}</h2>
          <IconButton className="first" label={t('close')} icon={X} onClick={onClose} />
        </div>
        {may && may.why !== null ? (
          <p className="why-not t2">{t(`invite.mayNot.${may.why}`)}</p>
        ) : made !== null ? (
          <>
            <div className="chosen">
              <p>{chosen.join(' · ')}</p>
              <Button size="small" onClick={() => setMade(null)}>
                {t('invite.change')}
              </Button>
              <p className={`hint ${way === 'open' ? 'warn' : ''}`}>
                {t(way === 'open' ? 'invite.openMeans' : 'invite.confirmedMeans')}
              </p>
            </div>
            <InviteShare spaceId={spaceId} invite={invites?.find(({ id }) => id === made.inviteId)} url={made.url} />
          </>
        ) : (
          <>
            <Line label={t('role')}>
              <Segmented
                label={t('role')}
                value={role}
                onChange={setRole}
                choices={(['guest', 'member', 'admin'] as const)
                  .filter((value) => roles.includes(value))
                  .map((value) => ({ value, label: t(`role.${value}`) }))}
              />
              <p className="hint">{t(`role.${role}.may`)}</p>
            </Line>
            {object && role !== 'admin' ? (
              <Line label={t('invite.covers')}>
                <Segmented
                  label={t('invite.covers')}
                  value={covers}
                  onChange={setCovers}
                  choices={[
                    { value: 'space', label: t('invite.covers.space') },
                    { value: 'object', label: t(`invite.covers.${shared?.kind ?? 'document'}`) },
                  ]}
                />
                <p className="hint">
                  {t(narrow ? 'invite.covers.onlyMeans' : 'invite.covers.arrives', { title: objectTitle })}
                </p>
              </Line>
            ) : null}
            <Line label={t('invite.worksFor')}>
              <Segmented
                label={t('invite.worksFor')}
                value={expiry}
                onChange={setExpiry}
                choices={(['hour', 'day', 'week', 'month'] as const).map((value) => ({
                  value,
                  label: t(`invite.${value}`),
                }))}
              />
            </Line>
            <Line label={t('invite.uses')}>
              <Segmented
                label={t('invite.uses')}
                value={uses}
                onChange={setUses}
                choices={(['1', '3', '10', '100'] as const).map((value) => ({ value, label: value }))}
              />
            </Line>
            {role === 'admin' ? null : (
              <Line label={t('invite.passes')}>
                <Segmented
                  label={t('invite.passes')}
                  value={passes}
                  onChange={setPasses}
                  choices={(['0', '1', '2'] as const).map((value) => ({ value, label: t(`invite.passes.${value}`) }))}
                />
                {passes === '0' ? null : <p className="hint">{t('invite.passesMeans')}</p>}
              </Line>
            )}
            <Line label={t('invite.way')}>
              <Segmented
                label={t('invite.way')}
                value={way}
                onChange={setWay}
                choices={[
                  { value: 'open', label: t('invite.open') },
                  { value: 'confirmed', label: t('invite.confirmed') },
                ]}
              />
              <p className={`hint ${way === 'open' ? 'warn' : ''}`}>
                {t(way === 'open' ? 'invite.openMeans' : 'invite.confirmedMeans')}
              </p>
            </Line>
            <div className="give waiting">
              <p className="hint">{t('invite.before')}</p>
            </div>
          </>
        )}
        <div className="df">
          <Button className="start" size="large" onClick={toInvitations}>
            {t('invites.count', { n: openInvites })}
          </Button>
          {may && may.why !== null ? null : made === null ? (
            <Button
              kind="primary"
              size="large"
              icon={Link2}
              disabled={busy || may === undefined}
              onClick={() => void make()}
            >
              {t('invite.make')}
            </Button>
          ) : (
            <CopyButton url={made.url} />
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

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="f">
      <span>{label}</span>
      <div>{children}</div>
    </div>
  );
}
