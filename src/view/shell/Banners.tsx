/** Lines across the view, only while something is unusual: nothing can be written, no longer a member, an island, or working offline. */
import { RadioTower, TriangleAlert, UserX, WifiOff } from 'lucide-react';
import { Button } from '../kit/Button';
import { t } from '../kit/i18n';
import { useCall, useQuery } from '../kit/kernel';
import { syncWord } from './sync';

export function Banners({ spaceId }: { spaceId: string | null }) {
  const sync = useQuery('os.sync', spaceId === null ? null : { spaceId });
  const spaces = useQuery('os.spaces', {});
  const isMember = spaceId === null || spaces === undefined || spaces.some((space) => space.id === spaceId);
  const call = useCall();
  const word = syncWord(sync);
  if (word.say === 'readOnly') {
    return (
      <div className="banner bad" role="alert">
        <TriangleAlert className="i" size={16} strokeWidth={1.75} aria-hidden />
        <span className="grow">
          <b>{t('banner.readOnly')}</b> {sync?.readOnly} {t('banner.readOnlyNext')}
        </span>
        <Button kind="line" onClick={() => location.reload()}>
          {t('reload')}
        </Button>
      </div>
    );
  }
  if (!isMember) {
    return (
      <div className="banner" role="status">
        <UserX className="i" size={16} strokeWidth={1.75} aria-hidden />
        <span className="grow">{t('banner.notMember')}</span>
      </div>
    );
  }
  if (word.say === 'island') {
    return (
      <div className="banner net" role="status">
        <RadioTower className="i" size={16} strokeWidth={1.75} aria-hidden />
        <span className="grow">{t('banner.island', { n: word.nodes, waiting: word.waiting })}</span>
      </div>
    );
  }
  if (word.say === 'offline') {
    return (
      <div className="banner" role="status">
        <WifiOff className="i" size={16} strokeWidth={1.75} aria-hidden />
        <span className="grow">{t('banner.offline')}</span>
        <Button kind="line" onClick={() => void call((client) => client.setOnline(true))}>
          {t('banner.goOnline')}
        </Button>
      </div>
    );
  }
  return null;
}
