/** What each space takes on this device, what of it is nowhere else, and room made: by texts that others hold, or by a space that one left. */
import { useState } from 'react';
import type { SpaceStorageRow } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { Confirm } from '../kit/Dialog';
import { SkeletonRows } from '../kit/Empty';
import { SpaceMark } from '../kit/Face';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';
import { showNotice } from '../kit/Toasts';
import { sizeOf } from '../kit/time';
import './node.css';

export function SpaceStorage() {
  const storage = useQuery('os.storage', {});
  const command = useCommand();
  const [removing, setRemoving] = useState<SpaceStorageRow | null>(null);
  if (!storage) return <SkeletonRows rows={2} />;
  const free = async ({ id }: SpaceStorageRow): Promise<void> => {
    const made = await command('os.freeSpace', { spaceId: id });
    if (!made) return;
    const bytes = Number(made.bytes);
    showNotice(bytes > 0 ? t('room.freed', { size: sizeOf(bytes) }) : t('room.nothing'));
  };
  return (
    <div className="node storage">
      <h4 className="h">{t('room')}</h4>
      <ul>
        {storage.spaces.map((row) => (
          <Row key={row.id} row={row} onFree={() => void free(row)} onRemove={() => setRemoving(row)} />
        ))}
      </ul>
      <p className="hint">{t('room.search', { size: sizeOf(storage.search) })}</p>
      {removing ? (
        <Confirm
          title={t('room.removeAsk', { title: titleOf(removing) })}
          text={t(removing.leaving ? 'room.removeNowMeans' : 'room.removeMeans')}
          action={t('room.remove')}
          onClose={() => setRemoving(null)}
          onConfirm={() => void command('os.forgetSpace', { spaceId: removing.id, now: removing.leaving })}
        />
      ) : null}
    </div>
  );
}

const titleOf = ({ title }: SpaceStorageRow): string => title || t('room.untitled');

function Row({ row, onFree, onRemove }: { row: SpaceStorageRow; onFree(): void; onRemove(): void }) {
  const { role, journal, files, images, onlyHere, leaving } = row;
  const title = titleOf(row);
  const parts = [
    t('room.journal', { size: sizeOf(journal) }),
    ...(files > 0 ? [t('room.files', { size: sizeOf(files) })] : []),
    ...(images > 0 ? [t('room.images', { size: sizeOf(images) })] : []),
  ];
  return (
    <li className="mr" data-space={row.id}>
      <SpaceMark title={title} />
      <div className="two">
        <span className="w5x name" dir="auto">
          {title}
        </span>
        <span className="t12 t3 name">{parts.join(' · ')}</span>
        {onlyHere.changes === 0 ? null : (
          <span className={`t12 name ${role === 'none' ? 't3' : 'warn'}`}>
            {t('room.onlyHere', { n: onlyHere.changes, size: sizeOf(onlyHere.bytes) })}
          </span>
        )}
        {role === 'none' ? <span className="t12 t3 name">{t(leaving ? 'room.leaving' : 'room.left')}</span> : null}
      </div>
      <span className="figures">
        <span className="num">{sizeOf(journal + files + images)}</span>
        {role === 'none' ? (
          <Button kind="danger" onClick={onRemove} aria-label={t('room.removeWhich', { title })}>
            {t(leaving ? 'room.removeNow' : 'room.remove')}
          </Button>
        ) : (
          <Button onClick={onFree} aria-label={t('room.freeWhich', { title })} title={t('room.freeMeans')}>
            {t('room.free')}
          </Button>
        )}
      </span>
    </li>
  );
}
