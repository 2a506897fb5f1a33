/** Words about invitations: how one stands, when it ends, the text to send, and why joining failed. Pure. */
import type { InviteRow, Refusal } from '../../bridge/messages';
import type { MessageKey } from '../kit/i18n';
import { spoken, t } from '../kit/i18n';
import { translated } from '../kit/refusals';
import { fully } from '../kit/time';

export type InviteState = 'open' | 'used' | 'ended' | 'revoked';
export const stateOf = (invite: InviteRow, now: number): InviteState => {
  if (invite.revoked) return 'revoked';
  if (invite.used >= invite.uses) return 'used';
  return invite.expiresAt <= now ? 'ended' : 'open';
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** "in 2 days", "in 3 hours": whole units, never more than there is left. */
export const until = (at: number, now: number): string => {
  const left = Math.max(0, at - now);
  const [count, unit] =
    left >= DAY
      ? ([Math.floor(left / DAY), 'day'] as const)
      : left >= HOUR
        ? ([Math.floor(left / HOUR), 'hour'] as const)
        : ([Math.max(1, Math.floor(left / MINUTE)), 'minute'] as const);
  return new Intl.RelativeTimeFormat(spoken(), { numeric: 'always' }).format(count, unit);
};

/** "used 1 of 3 · ends in 2 days · 2 wait for approval" */
export const standingOf = (invite: InviteRow, now: number): string => {
  const state = stateOf(invite, now);
  const parts = [t('invites.used', { used: invite.used, uses: invite.uses })];
  if (state === 'open') parts.push(t('invites.ends', { when: until(invite.expiresAt, now) }));
  else if (state !== 'used') parts.push(t(`invites.${state}`));
  if (invite.waiting > 0) parts.push(t('invites.waiting', { n: invite.waiting }));
  return parts.join(' · ');
};

/** What it covers and how people come in: "Guest, open link, only “Plan”". */
export const kindOf = (invite: InviteRow): string => {
  const role = t(`role.${invite.role}`);
  const entry = t(invite.confirm ? 'invites.confirmed' : 'invites.open', { role });
  const [first, ...more] = invite.parts ?? [];
  if (!first) return entry;
  const title = first.title.trim() || t('untitled');
  return `${entry}, ${t('invites.only', { title, more: more.length })}`;
};

/** To send by any way: what it is, from whom, until when, the link. In the language of who sends it. */
export const invitationText = (invite: {
  readonly space: string;
  readonly object: string | null;
  readonly from: string;
  readonly expiresAt: number;
  readonly confirm: boolean;
  readonly url: string;
}): string =>
  [
    invite.object === null
      ? t('invite.text.space', { from: invite.from, space: invite.space })
      : t('invite.text.object', { from: invite.from, space: invite.space, object: invite.object }),
    t('invite.text.until', { when: fully(invite.expiresAt) }),
    ...(invite.confirm ? [t('invite.text.confirm')] : []),
    '',
    invite.url,
  ].join('\n');

const TOLD = new Set<string>([
  'joinRevoked',
  'joinExpired',
  'joinUsed',
  'joinTooMany',
  'joinRefused',
  'joinBadKeys',
  'joinNotTaken',
  'noAnswer',
  'waitingForApproval',
  'badLink',
  'badCode',
  'wrongCode',
  'noSignaling',
]);
/** What happened and what to do, in the language of the interface where it is a known reason. */
export const inWords = (refused: Refusal): { readonly message: string; readonly next: string } => {
  const refusal = translated(refused);
  return TOLD.has(refusal.type)
    ? {
        message: t(`join.not.${refusal.type}` as MessageKey),
        next: t(`join.next.${refusal.type}` as MessageKey),
      }
    : { message: refusal.message, next: `${refusal.safe} ${refusal.next}`.trim() };
};

/** A link, or a text with one in it; what is not one may be a code. */
export const linkIn = (pasted: string): string | null => {
  const payload = /#\/join\/([\w-]+)/.exec(pasted)?.[1] ?? (/^[\w-]{60,}$/.test(pasted.trim()) ? pasted.trim() : null);
  return payload;
};
