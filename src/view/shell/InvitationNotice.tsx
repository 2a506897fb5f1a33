/** A line for those who rule a space: many came in by one link within an hour, or somebody waits to be let in. */
import { TriangleAlert, UserPlus } from 'lucide-react';
import { useLocation } from 'wouter';
import { Button } from '../kit/Button';
import { t } from '../kit/i18n';
import { useQuery } from '../kit/kernel';
import { paths } from '../kit/routes';
import { useNow } from '../kit/time';
import { stateOf } from './inviting';

export function InvitationNotice({ spaceId }: { spaceId: string }) {
  const spaces = useQuery('os.spaces', {});
  const role = spaces?.find((space) => space.id === spaceId)?.role;
  return role === 'owner' || role === 'admin' ? <Notice spaceId={spaceId} /> : null;
}

function Notice({ spaceId }: { spaceId: string }) {
  const invites = useQuery('os.invites', { spaceId });
  const requests = useQuery('os.requests', { spaceId });
  const [path, go] = useLocation();
  const now = useNow();
  const there = paths.invitations(spaceId);
  if (path === there || path === paths.members(spaceId)) return null;
  const hasty = invites?.find((invite) => invite.hasty && stateOf(invite, now) === 'open');
  const waiting = requests?.length ?? 0;
  if (!hasty && waiting === 0) return null;
  const Icon = hasty ? TriangleAlert : UserPlus;
  return (
    <div className={`banner ${hasty ? 'net' : ''}`} role="status">
      <Icon className="i" size={16} strokeWidth={1.75} aria-hidden />
      <span className="grow">
        {hasty
          ? `${t('invites.hasty', { n: hasty.lastHour })} ${t('invites.hastyRevoke')}`
          : t('requests.banner', { n: waiting })}
      </span>
      <Button kind="line" onClick={() => go(there)}>
        {t('requests.look')}
      </Button>
    </div>
  );
}
