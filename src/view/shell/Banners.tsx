/** Lines across the view, only while something is unusual: nothing can be written, the browser lost what it kept, no longer a member, one's own work is held, a new key is awaited, an island, nobody else in reach, what came when somebody was again, or working offline. */
import { DatabaseX, Hourglass, KeyRound, RadioTower, TriangleAlert, UserX, WifiOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import type { LossAnswer } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { t } from '../kit/i18n';
import { useCall, useCommand, useQuery } from '../kit/kernel';
import { OPEN_KEYS, paths } from '../kit/routes';
import { InvitationNotice } from './InvitationNotice';
import { MergeLine } from './MergeLine';
import { NoRoom } from './NoRoom';
import { syncWord } from './sync';

/** `inside`: what is shown is of that space. Elsewhere nothing is said of who is in reach there. */
export function Banners({ spaceId, inside }: { spaceId: string | null; inside: boolean }) {
  const sync = useQuery('os.sync', spaceId === null ? null : { spaceId });
  const spaces = useQuery('os.spaces', {});
  const isMember = spaceId === null || spaces === undefined || spaces.some((space) => space.id === spaceId);
  const loss = useQuery('browser.loss', {}) ?? null;
  const [held] = useQuery('os.held', spaceId === null ? null : { spaceId })?.filter((row) => row.you) ?? [];
  const apart = useQuery('os.apart', spaceId === null ? null : { spaceId });
  const call = useCall();
  const word = syncWord(sync);
  const cutOff = useLasting(word.say === 'island');
  if (sync?.noRoom) return <NoRoom noRoom={sync.noRoom} />;
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
  if (loss !== null) return <Lost loss={loss} />;
  if (!isMember) {
    return (
      <div className="banner" role="status">
        <UserX className="i" size={16} strokeWidth={1.75} aria-hidden />
        <span className="grow">{t('banner.notMember')}</span>
      </div>
    );
  }
  if (held) {
    return (
      <div className="banner" role="status">
        <Hourglass className="i" size={16} strokeWidth={1.75} aria-hidden />
        <span className="grow">{t(`banner.held.${held.reason}`, { n: held.changes })}</span>
      </div>
    );
  }
  if (sync?.waitsForKey) {
    return (
      <div className="banner" role="status">
        <KeyRound className="i" size={16} strokeWidth={1.75} aria-hidden />
        <span className="grow">{t('banner.waitsForKey')}</span>
      </div>
    );
  }
  if (inside && word.say === 'island' && cutOff) {
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
  if (inside && apart?.since != null) {
    return (
      <div className="banner" role="status">
        <RadioTower className="i" size={16} strokeWidth={1.75} aria-hidden />
        <span className="grow">{t('banner.alone')}</span>
      </div>
    );
  }
  if (spaceId !== null && apart?.merge) return <MergeLine spaceId={spaceId} merge={apart.merge} />;
  return spaceId === null ? null : <InvitationNotice spaceId={spaceId} />;
}

/** Links take a moment to be made, and may be lost for one: no line comes for that. */
const LASTS_MS = 4_000;
function useLasting(now: boolean): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!now) return setLasts(false);
    const timer = setTimeout(() => setLasts(true), LASTS_MS);
    return () => clearTimeout(timer);
  }, [now]);
  return lasts;
}

/** Stays until the person has a key file opened, or says that they go on without what was lost. */
function Lost({ loss }: { loss: NonNullable<LossAnswer> }) {
  const [, go] = useLocation();
  const command = useCommand();
  const openKeys = () => {
    go(paths.keys);
    // Already there: the page does not open anew.
    document.getElementById(OPEN_KEYS)?.focus();
  };
  return (
    <div className="banner bad lost" role="alert">
      <DatabaseX className="i" size={16} strokeWidth={1.75} aria-hidden />
      <span className="grow">
        <b>{t(`loss.${loss}`)}</b> {t(`loss.safe.${loss}`)}
      </span>
      <span className="row">
        {loss === 'person' ? (
          <Button kind="line" icon={KeyRound} onClick={openKeys}>
            {t('keys.import')}
          </Button>
        ) : null}
        <Button onClick={() => void command('browser.acceptLoss', {})}>{t(`loss.goOn.${loss}`)}</Button>
      </span>
    </div>
  );
}
