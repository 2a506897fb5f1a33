/** The invitations of a space: who waits to be let in, which links are open and how they stand, which are over. */
import { Ban, QrCode, TriangleAlert, UserPlus } from 'lucide-react';
import { useState } from 'react';
import type { InviteRow, RequestRow } from '../../bridge/messages';
import { Barred } from '../kit/access';
import { Button, IconButton } from '../kit/Button';
import { Confirm } from '../kit/Dialog';
import { SkeletonRows } from '../kit/Empty';
import { t } from '../kit/i18n';
import { useCall, useCommand, useQuery } from '../kit/kernel';
import { exactly, RelativeTime, useNow } from '../kit/time';
import { FaceOf } from '../kit/Who';
import { useActions } from './actions';
import { CopyButton, ShowInvite } from './InviteShare';
import { kindOf, standingOf, stateOf } from './inviting';

/** Of those that are over, so many are shown. */
const MAX_OVER = 30;

export function InvitationsPage({ spaceId }: { spaceId: string }) {
  const invites = useQuery('os.invites', { spaceId });
  const may = useQuery('os.mayInvite', { spaceId });
  const actions = useActions();
  const now = useNow();
  if (invites === undefined || may === undefined) return <SkeletonRows />;
  const open = invites.filter((invite) => stateOf(invite, now) === 'open');
  const over = invites.filter((invite) => stateOf(invite, now) !== 'open').slice(0, MAX_OVER);
  return (
    <div className="page invitations">
      <div className="head">
        <h2 className="h28">{t('invitations')}</h2>
        <span className="grow" />
        <Barred why={may.why === null ? null : t(`invite.mayNot.${may.why}`)}>
          <Button kind="primary" size="large" icon={UserPlus} onClick={() => actions.invite(spaceId)}>
            {t('invite.people')}
          </Button>
        </Barred>
      </div>
      {may.why === null ? null : <p className="t2">{t(`invite.mayNot.${may.why}`)}</p>}
      <Requests spaceId={spaceId} />
      <section aria-label={t('invites')}>
        <h3 className="h">{t('invites')}</h3>
        {open.length === 0 ? <p className="t3 none">{t('invites.none')}</p> : null}
        <ul>
          {open.map((invite) => (
            <Invite key={invite.id} spaceId={spaceId} invite={invite} now={now} />
          ))}
        </ul>
      </section>
      {over.length > 0 ? (
        <section aria-label={t('invites.over')}>
          <h3 className="h">{t('invites.over')}</h3>
          <ul>
            {over.map((invite) => (
              <Invite key={invite.id} spaceId={spaceId} invite={invite} now={now} />
            ))}
          </ul>
        </section>
      ) : null}
    </div>
  );
}

/** The approval queue; nothing while nobody waits. */
export function Requests({ spaceId }: { spaceId: string }) {
  const requests = useQuery('os.requests', { spaceId });
  const spaces = useQuery('os.spaces', {});
  const role = spaces?.find((space) => space.id === spaceId)?.role;
  if (!requests || requests.length === 0) return null;
  const rules = role === 'owner' || role === 'admin';
  return (
    <section aria-label={t('requests')}>
      <h3 className="h">{t('requests')}</h3>
      <ul>
        {requests.map((request) => (
          <Request key={request.id} spaceId={spaceId} request={request} rules={rules} owner={role === 'owner'} />
        ))}
      </ul>
    </section>
  );
}

function Request({
  spaceId,
  request,
  rules,
  owner,
}: {
  spaceId: string;
  request: RequestRow;
  rules: boolean;
  owner: boolean;
}) {
  const call = useCall();
  const command = useCommand();
  const mayAdmit = rules && (owner || request.role === 'guest' || request.role === 'member');
  const why = request.usedUp ? t('requests.usedUp') : mayAdmit ? undefined : t('requests.mayNot');
  return (
    <li className="mr asks">
      <FaceOf person={{ userId: request.userId, name: request.name, hue: 6 }} spaceId={spaceId} size={28} />
      <span className="two grow">
        <span className="w5x">{request.name}</span>{' '}
        <span className="t3">{t('requests.asks', { role: t(`role.${request.role}`) })}</span>
        <br />
        <span className="t12 t3">
          <RelativeTime at={request.at} />
          {request.by ? ` · ${t('requests.by', { name: request.by.name })}` : null}
          {why ? ` · ${why}` : null}
        </span>
      </span>
      {rules ? (
        <Button onClick={() => void command('os.refuse', { spaceId, requestId: request.id })}>
          {t('requests.refuse')}
        </Button>
      ) : null}
      <Barred why={why}>
        <Button kind="line" onClick={() => void call((client) => client.admit(spaceId, request.id))}>
          {t('requests.admit')}
        </Button>
      </Barred>
    </li>
  );
}

function Invite({ spaceId, invite, now }: { spaceId: string; invite: InviteRow; now: number }) {
  const call = useCall();
  const [showing, setShowing] = useState(false);
  const [asking, setAsking] = useState(false);
  const open = stateOf(invite, now) === 'open';
  const revoke = () => void call((client) => client.revokeInvite(spaceId, invite.id));
  return (
    <li className={`mr ${open ? '' : 'past'}`}>
      <FaceOf person={invite.by} spaceId={spaceId} size={28} />
      <span className="two grow">
        <span className="w5x">{kindOf(invite)}</span>
        <br />
        <span className="t12 t3" title={exactly(invite.expiresAt)}>
          {standingOf(invite, now)}
        </span>
        {invite.object && !invite.parts?.some(({ id }) => id === invite.object?.id) ? (
          <span className="t12 t3">
            {' '}
            · {t('invites.arrives', { title: invite.object.title.trim() || t('untitled') })}
          </span>
        ) : null}
        {invite.passes > 0 ? <span className="t12 t3"> · {t('invites.passes', { n: invite.passes })}</span> : null}
        {invite.hasty ? (
          <span className="hasty t12" role="status">
            <TriangleAlert className="i" size={14} strokeWidth={1.75} aria-hidden />
            {t('invites.hasty', { n: invite.lastHour })}
            {open && invite.mayRevoke ? ` ${t('invites.hastyRevoke')}` : null}
          </span>
        ) : null}
      </span>
      {open && invite.url ? (
        <>
          <IconButton small label={t('invite.again')} icon={QrCode} onClick={() => setShowing(true)} />
          <CopyButton small url={invite.url} />
        </>
      ) : null}
      {open && !invite.url ? <span className="t12 t3 elsewhere">{t('invites.elsewhere')}</span> : null}
      {invite.revoked || !invite.mayRevoke || !open ? null : (
        <Button kind="danger" icon={Ban} onClick={() => (invite.waiting > 0 ? setAsking(true) : revoke())}>
          {t('revoke')}
        </Button>
      )}
      {showing ? <ShowInvite spaceId={spaceId} invite={invite} onClose={() => setShowing(false)} /> : null}
      {asking ? (
        <Confirm
          title={t('invites.revokeAsk')}
          text={t('invites.revokeWaiting', { n: invite.waiting })}
          action={t('revoke')}
          onClose={() => setAsking(false)}
          onConfirm={revoke}
        />
      ) : null}
    </li>
  );
}
