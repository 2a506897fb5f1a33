/** Who belongs to a space: those who ask to come in, members with their roles, and the links that are still open. */
import { ChevronDown, LogOut, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { InviteRow, MemberRow, Role } from '../../bridge/messages';
import { Barred, useWhyNot } from '../kit/access';
import { Button } from '../kit/Button';
import { Confirm } from '../kit/Dialog';
import { SkeletonRows } from '../kit/Empty';
import { Face } from '../kit/Face';
import { t } from '../kit/i18n';
import { useCall, useQuery } from '../kit/kernel';
import { Menu } from '../kit/Menu';
import { exactly, RelativeTime, sinceWhen, useNow } from '../kit/time';
import { AccessSpace } from './AccessSpace';
import { useActions } from './actions';
import { CopyButton } from './InviteShare';
import { paths } from './routes';
import { Why } from './Why';

export function MembersPage({ spaceId }: { spaceId: string }) {
  const spaces = useQuery('os.spaces', {});
  const members = useQuery('os.members', { spaceId });
  const invites = useQuery('os.invites', { spaceId });
  const requests = useQuery('os.requests', { spaceId });
  const why = useWhyNot(spaceId, 'share');
  const actions = useActions();
  const call = useCall();
  const [, go] = useLocation();
  const now = useNow();
  const [removing, setRemoving] = useState<MemberRow | null>(null);
  const [leaving, setLeaving] = useState(false);
  const space = spaces?.find((row) => row.id === spaceId);
  if (members === undefined) return <SkeletonRows />;
  const rules = space?.role === 'owner' || space?.role === 'admin';
  const open = (invites ?? []).filter(
    (invite) => !invite.revoked && invite.expiresAt > now && invite.used < invite.uses,
  );
  return (
    <div className="page">
      <div className="head">
        <h2 className="h28">{t('members')}</h2>
        <span className="t3">{t('people.count', { n: members.length })}</span>
        <span className="grow" />
        <Barred why={why}>
          <Button kind="primary" size="large" icon={UserPlus} onClick={() => actions.invite(spaceId)}>
            {t('invite.people')}
          </Button>
        </Barred>
      </div>
      {requests && requests.length > 0 ? (
        <section aria-label={t('requests')}>
          <h3 className="h">{t('requests')}</h3>
          <ul>
            {requests.map((request) => (
              <li className="mr" key={request.id}>
                <Face person={{ name: request.name, hue: 6 }} size={28} />
                <span className="cut two">
                  <span className="w5x">{request.name}</span>
                  <br />
                  <span className="t12 t3">
                    <RelativeTime at={request.at} />
                  </span>
                </span>
                <span className="t2">{t(`role.${request.role}`)}</span>
                <Button kind="line" onClick={() => void call((client) => client.admit(spaceId, request.id))}>
                  {t('requests.admit')}
                </Button>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <section aria-label={t('people')}>
        <h3 className="h">{t('people')}</h3>
        <ul>
          {members.map((member) => (
            <Member
              key={member.id}
              member={member}
              spaceId={spaceId}
              rules={rules}
              owner={space?.role === 'owner'}
              onRole={(role) => void call((client) => client.setRole(spaceId, member.userId, role))}
              onRemove={() => setRemoving(member)}
            />
          ))}
        </ul>
      </section>
      <section aria-label={t('invites')}>
        <h3 className="h">{t('invites')}</h3>
        {open.length === 0 ? <p className="t3 none">{t('invites.none')}</p> : null}
        <ul>
          {open.map((invite) => (
            <Invite
              key={invite.id}
              invite={invite}
              now={now}
              onRevoke={() => void call((client) => client.revokeInvite(spaceId, invite.id))}
            />
          ))}
        </ul>
      </section>
      <AccessSpace spaceId={spaceId} />
      {space && space.kind !== 'personal' ? (
        <Button className="leave" kind="danger" icon={LogOut} onClick={() => setLeaving(true)}>
          {t('space.leave')}
        </Button>
      ) : null}
      {removing ? (
        <Confirm
          title={t('member.remove', { name: removing.name })}
          text={t('member.removeMeans')}
          action={t('remove')}
          onClose={() => setRemoving(null)}
          onConfirm={() => void call((client) => client.remove(spaceId, removing.userId))}
        />
      ) : null}
      {leaving ? (
        <Confirm
          title={t('space.leaveAsk', { title: space?.title ?? '' })}
          text={t('space.leaveMeans')}
          action={t('space.leave')}
          onClose={() => setLeaving(false)}
          onConfirm={() =>
            void call((client) => client.leave(spaceId)).then((left) => {
              if (left) go(paths.home);
            })
          }
        />
      ) : null}
    </div>
  );
}

function Member({
  member,
  spaceId,
  rules,
  owner,
  onRole,
  onRemove,
}: {
  member: MemberRow;
  spaceId: string;
  rules: boolean;
  owner: boolean;
  onRole(role: Role): void;
  onRemove(): void;
}) {
  const mayChange = rules && !member.you && (owner || member.role === 'member' || member.role === 'guest');
  const offered: readonly Role[] = owner ? ['guest', 'member', 'admin', 'owner'] : ['guest', 'member'];
  return (
    <li className="mr">
      <Face person={member} size={28} />
      <span className="cut two">
        <span className="w5x">{member.name}</span> {member.you ? <span className="t3">{t('you')}</span> : null}
        <br />
        <span className="t12 t3">{t(member.online ? 'presence.here' : 'presence.away')}</span>
      </span>
      <Why id={spaceId} userId={member.userId} name={member.name} />
      {mayChange ? (
        <Menu
          align="end"
          items={[
            ...offered.map((role) => ({
              key: role,
              label: t(`role.${role}`),
              checked: role === member.role,
              onSelect: () => onRole(role),
            })),
            { key: 'line', line: true },
            { key: 'remove', label: t('member.removeFrom'), danger: true, onSelect: onRemove },
          ]}
        >
          <button
            type="button"
            className="role"
            aria-label={t('role.of', { name: member.name, role: t(`role.${member.role}`) })}
          >
            {t(`role.${member.role}`)}
            <ChevronDown className="i" size={14} strokeWidth={1.75} aria-hidden />
          </button>
        </Menu>
      ) : (
        <span className="role fixed">{t(`role.${member.role}`)}</span>
      )}
    </li>
  );
}

function Invite({ invite, now, onRevoke }: { invite: InviteRow; now: number; onRevoke(): void }) {
  return (
    <li className="mr">
      <Face person={invite.by} size={28} />
      <span className="cut two">
        <span className="w5x">
          {t(invite.confirm ? 'invites.confirmed' : 'invites.open', { role: t(`role.${invite.role}`) })}
        </span>
        <br />
        <span className="t12 t3" title={exactly(invite.expiresAt)}>
          {t('invites.left', { used: invite.used, uses: invite.uses, when: sinceWhen(invite.expiresAt, now) })}
        </span>
      </span>
      {invite.url ? <CopyButton small url={invite.url} /> : null}
      <Button kind="danger" onClick={onRevoke}>
        {t('revoke')}
      </Button>
    </li>
  );
}
