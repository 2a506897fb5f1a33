/** One person of a space: what they are, until when, and what can be done about them; what cannot says why. */
import { Ban, ChevronDown, Clock, Ellipsis, EyeOff, PanelRight, UserMinus } from 'lucide-react';
import type { Denial, Role, PersonRow as Row } from '../../../bridge/messages';
import { Face } from '../../kit/Face';
import { t } from '../../kit/i18n';
import { useShowPerson } from '../../kit/inspect';
import type { MenuItem } from '../../kit/Menu';
import { Menu } from '../../kit/Menu';
import { exactly, sinceWhen } from '../../kit/time';
import { Who } from '../../kit/Who';
import { Why } from '../Why';

export const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'guest'];
export const TO = { owner: 'toOwner', admin: 'toAdmin', member: 'toMember', guest: 'toGuest' } as const;

/** Why something is off, in words; `undefined` when it is not. */
export const denied = (why: Denial | null | undefined): string | undefined => (why ? t(`deny.${why}`) : undefined);

export type PersonActs = {
  role(row: Row, role: Role): void;
  limit(row: Row): void;
  remove(row: Row): void;
  ban(row: Row): void;
  block(row: Row, blocked: boolean): void;
};

export function PersonRow({ row, spaceId, now, acts }: { row: Row; spaceId: string; now: number; acts: PersonActs }) {
  const roles: readonly MenuItem[] = ROLES.map((role) => {
    const why = row.why[TO[role]];
    const mine = role === row.role;
    return {
      key: role,
      label: t(`role.${role}`),
      hint: mine ? t(`role.${role}.may`) : (denied(why) ?? t(`role.${role}.may`)),
      checked: mine,
      off: !mine && why !== undefined,
      onSelect: () => {
        if (!mine) acts.role(row, role);
      },
    };
  });
  const item = (key: string, label: string, icon: typeof Clock, act: () => void, danger = false): MenuItem => {
    const why = denied(row.why[key]);
    return { key, label, icon, danger: danger && !why, hint: why, off: why !== undefined, onSelect: act };
  };
  const show = useShowPerson(spaceId);
  const more: readonly MenuItem[] = [
    {
      key: 'about',
      label: t('inspector'),
      icon: PanelRight,
      onSelect: () => show(row),
    },
    item('limit', t('limit'), Clock, () => acts.limit(row)),
    {
      key: 'block',
      label: t(row.blocked ? 'member.unblock' : 'member.block'),
      icon: EyeOff,
      onSelect: () => acts.block(row, !row.blocked),
    },
    { key: 'line', line: true },
    item('remove', t('member.removeFrom'), UserMinus, () => acts.remove(row), true),
    item('ban', t('member.ban'), Ban, () => acts.ban(row), true),
  ];
  return (
    <li className="mr person-row" data-user={row.userId}>
      <Who person={row} spaceId={spaceId} tabIndex={-1}>
        <Face person={row} size={28} />
      </Who>
      <span className="cut two">
        <Who person={row} spaceId={spaceId} className="w5x text">
          {row.name}
        </Who>{' '}
        {row.you ? <span className="t3">{t('you')}</span> : null}
        <br />
        <span className="t12 t3">
          {t(row.online ? 'presence.here' : 'presence.away')}
          {row.until === null ? null : (
            <>
              {', '}
              <time className="until" dateTime={new Date(row.until).toISOString()} title={exactly(row.until)}>
                {t('member.until', { when: sinceWhen(row.until, now) })}
              </time>
            </>
          )}
          {row.parts ? `, ${t('member.only', { titles: row.parts.filter((title) => title !== '').join(', ') })}` : ''}
          {row.blocked ? `, ${t('member.blocked')}` : ''}
        </span>
      </span>
      {row.you ? (
        <span className="role fixed">{t(`role.${row.role}`)}</span>
      ) : (
        <Menu align="end" items={roles}>
          <button
            type="button"
            className="role"
            aria-label={t('role.of', { name: row.name, role: t(`role.${row.role}`) })}
          >
            {t(`role.${row.role}`)}
            <ChevronDown className="i" size={14} strokeWidth={1.75} aria-hidden />
          </button>
        </Menu>
      )}
      <Why id={spaceId} userId={row.userId} name={row.name} />
      {row.you ? (
        <span className="ib none" />
      ) : (
        <Menu align="end" items={more}>
          <button type="button" className="ib" aria-label={t('member.more', { name: row.name })}>
            <Ellipsis className="i" size={16} strokeWidth={1.75} aria-hidden />
          </button>
        </Menu>
      )}
    </li>
  );
}
