/**
 * The line across the view while the browser has no room: what is safe, what to do, and which spaces take how much. Of the quota
 * it says nothing: browsers name another one than they keep to.
 */
import { HardDrive } from 'lucide-react';
import type { SyncAnswer } from '../../bridge/messages';
import { t } from '../kit/i18n';
import { useQuery } from '../kit/kernel';
import { sizeOf } from '../kit/time';

const SHOWN = 3;
/** A space below it is not what took the room. */
const MIN_BYTES = 1e6;

export function NoRoom({ noRoom }: { noRoom: NonNullable<SyncAnswer['noRoom']> }) {
  const spaces = useQuery('os.spaces', {}) ?? [];
  const { used } = noRoom;
  const largest = noRoom.spaces.flatMap(({ spaceId, bytes }) => {
    const title = spaces.find(({ id }) => id === spaceId)?.title;
    return title && bytes >= MIN_BYTES ? [t('banner.noRoomSpace', { title, size: sizeOf(bytes) })] : [];
  });
  return (
    <div className="banner bad" role="alert">
      <HardDrive className="i" size={16} strokeWidth={1.75} aria-hidden />
      <span className="grow">
        <b>{t('banner.noRoom')}</b> {t('banner.noRoomSafe')} {t('banner.noRoomFree')}
        {used === null ? null : <> {t('banner.noRoomUsed', { used: sizeOf(used) })}</>}
        {largest.length > 0 ? <> {largest.slice(0, SHOWN).join(', ')}.</> : null}
      </span>
    </div>
  );
}
