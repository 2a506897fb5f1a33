/** Who belongs to a space: what waits for an Admin, members with their roles, who is banned, and what roles may do. */
import { ArrowDownToLine, KeyRound, LogOut, Mails, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Role, PersonRow as Row } from '../../bridge/messages';
import { Barred, useWhyNot } from '../kit/access';
import { Button } from '../kit/Button';
import { Confirm } from '../kit/Dialog';
import { Empty, SkeletonRows } from '../kit/Empty';
import { Field } from '../kit/Field';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';
import { Menu } from '../kit/Menu';
import { paths } from '../kit/routes';
import { useNow } from '../kit/time';
import { useViewing } from '../kit/viewing';
import { AccessSpace } from './AccessSpace';
import { useActions } from './actions';
import { Requests } from './InvitationsPage';
import { scoreOf } from './match';
import { Banned, Conflicts, Reports } from './members/Attention';
import { HandOverDialog, LeaveDialog, LimitDialog } from './members/dialogs';
import { Held } from './members/Held';
import { denied, type PersonActs, PersonRow, ROLES } from './members/PersonRow';

type Asking =
  | { readonly what: 'remove' | 'ban' | 'limit'; readonly row: Row }
  | { readonly what: 'stepDown'; readonly role: Role }
  | { readonly what: 'leave' | 'handOver' };

/** More than so many are filtered by their names. */
const FEW = 10;

export function MembersPage({ spaceId }: { spaceId: string }) {
  const spaces = useQuery('os.spaces', {});
  const people = useQuery('os.people', { spaceId });
  const whyNotShare = useWhyNot(spaceId, 'share');
  const actions = useActions();
  const { viewing } = useViewing();
  const command = useCommand();
  const [, go] = useLocation();
  const now = useNow();
  const [sought, setSought] = useState('');
  const [asking, setAsking] = useState<Asking | null>(null);
  if (people === undefined) return <SkeletonRows />;
  const shown = people.length > FEW ? people.filter(({ name }) => scoreOf(name, sought.trim()) > 0) : people;
  const space = spaces?.find((row) => row.id === spaceId);
  const me = people.find((row) => row.you);
  const close = () => setAsking(null);
  const run = async (name: string, args: object): Promise<boolean> =>
    (await command(`os.${name}`, { spaceId, ...args })) !== undefined;
  const acts: PersonActs = {
    role: ({ userId }, role) => void run('setRole', { userId, role }),
    limit: (row) => setAsking({ what: 'limit', row }),
    remove: (row) => setAsking({ what: 'remove', row }),
    ban: (row) => setAsking({ what: 'ban', row }),
    block: ({ userId }, blocked) => void command(blocked ? 'os.block' : 'os.unblock', { userId }),
  };
  const lower = me ? ROLES.slice(ROLES.indexOf(me.role) + 1) : [];
  const whyNotDown = denied(me?.why.stepDown);
  return (
    <div className="page members">
      <div className="head">
        <h2 className="h28">{t('members')}</h2>
        <span className="t3">{t('people.count', { n: people.length })}</span>
        <span className="grow" />
        <div className="row">
          <Button kind="line" size="large" icon={Mails} onClick={() => go(paths.invitations(spaceId))}>
            {t('invitations')}
          </Button>
          <Barred why={whyNotShare}>
            <Button kind="primary" size="large" icon={UserPlus} onClick={() => actions.invite(spaceId)}>
              {t('invite.people')}
            </Button>
          </Barred>
        </div>
      </div>
      <Conflicts spaceId={spaceId} />
      <Requests spaceId={spaceId} />
      <Reports spaceId={spaceId} />
      <Held spaceId={spaceId} />
      <section aria-label={t('people')}>
        <h3 className="h">{t('people')}</h3>
        {people.length > FEW ? (
          <Field
            type="search"
            hidden
            label={t('members.find')}
            placeholder={t('members.find')}
            value={sought}
            onChange={(event) => setSought(event.target.value)}
          />
        ) : null}
        {shown.length === 0 ? (
          <Empty
            text={t('members.none', { words: sought.trim() })}
            action={{ label: t('members.all'), run: () => setSought('') }}
          />
        ) : null}
        <ul>
          {shown.map((row) => (
            <PersonRow key={row.id} row={row} spaceId={spaceId} now={now} acts={acts} />
          ))}
        </ul>
      </section>
      <Banned spaceId={spaceId} />
      <section aria-label={t('roles')}>
        <h3 className="h">{t('roles')}</h3>
        <dl className="roles">
          {ROLES.map((role) => (
            <div key={role}>
              <dt className="w5x">{t(`role.${role}`)}</dt>
              <dd className="t2">{t(`role.${role}.may`)}</dd>
            </div>
          ))}
        </dl>
      </section>
      <AccessSpace spaceId={spaceId} />
      {space && me && space.kind !== 'personal' && viewing === null ? (
        <div className="row going">
          {me.role === 'owner' ? (
            <Button kind="line" icon={KeyRound} onClick={() => setAsking({ what: 'handOver' })}>
              {t('handOver')}
            </Button>
          ) : null}
          {lower.length === 0 ? null : whyNotDown ? (
            <Barred why={whyNotDown}>
              <Button kind="line" icon={ArrowDownToLine}>
                {t('stepDown')}
              </Button>
            </Barred>
          ) : (
            <Menu
              side="top"
              items={lower.map((role) => ({
                key: role,
                label: t(`role.${role}`),
                hint: t(`role.${role}.may`),
                onSelect: () => setAsking({ what: 'stepDown', role }),
              }))}
            >
              <Button kind="line" icon={ArrowDownToLine}>
                {t('stepDown')}
              </Button>
            </Menu>
          )}
          <Button kind="danger" icon={LogOut} onClick={() => setAsking({ what: 'leave' })}>
            {t('space.leave')}
          </Button>
        </div>
      ) : null}
      {asking?.what === 'limit' ? (
        <LimitDialog
          row={asking.row}
          onClose={close}
          onLimit={(until) => run('setRole', { userId: asking.row.userId, role: asking.row.role, until })}
        />
      ) : null}
      {asking?.what === 'remove' ? (
        <Confirm
          title={t('member.remove', { name: asking.row.name })}
          text={t('member.removeMeans')}
          action={t('remove')}
          onClose={close}
          onConfirm={() => void run('remove', { userId: asking.row.userId })}
        />
      ) : null}
      {asking?.what === 'ban' ? (
        <Confirm
          title={t('member.banAsk', { name: asking.row.name })}
          text={t('member.banMeans')}
          action={t('member.ban')}
          onClose={close}
          onConfirm={() => void run('ban', { userId: asking.row.userId })}
        />
      ) : null}
      {asking?.what === 'stepDown' ? (
        <Confirm
          title={t('stepDown.ask', { role: t(`role.${asking.role}`) })}
          text={t('stepDown.means')}
          action={t('stepDown')}
          onClose={close}
          onConfirm={() => void run('stepDown', { role: asking.role })}
        />
      ) : null}
      {asking?.what === 'handOver' ? (
        <HandOverDialog
          people={people}
          onClose={close}
          onHandOver={(userId, role) => run('handOver', { userId, role })}
        />
      ) : null}
      {asking?.what === 'leave' ? (
        <LeaveDialog
          title={space?.title ?? ''}
          last={me?.lastOwner ?? false}
          onClose={close}
          onLeave={(forget) =>
            void run('leave', {}).then(async (left) => {
              if (left && (!forget || (await run('forgetSpace', {})))) go(paths.home);
            })
          }
          onHandOver={() => setAsking({ what: 'handOver' })}
        />
      ) : null}
    </div>
  );
}
