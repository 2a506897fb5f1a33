/**
 * About one thing, the same for every kind: an object, a person, a space. Sections of one scroll. What it shows is what
 * somebody asked for, else what is open.
 */
import { FileText, Folder, Hash, Link, MessageSquareText, Orbit, UserRound, X } from 'lucide-react';
import { IconButton } from '../../kit/Button';
import { copyLink } from '../../kit/clipboard';
import { SkeletonRows } from '../../kit/Empty';
import { t } from '../../kit/i18n';
import type { Inspected } from '../../kit/inspect';
import { useInspection } from '../../kit/inspect';
import { useQuery } from '../../kit/kernel';
import { type Place, paths } from '../../kit/routes';
import { AboutObject } from './AboutObject';
import { AboutPerson } from './AboutPerson';
import { AboutSpace } from './AboutSpace';
import './inspector.css';

const ICONS = {
  channel: Hash,
  document: FileText,
  folder: Folder,
  message: MessageSquareText,
  person: UserRound,
  space: Orbit,
} as const;

export function Inspector({ place, spaceId }: { place: Place; spaceId: string | null }) {
  const inspection = useInspection();
  const target = inspection.target ?? openAt(place, spaceId);
  const named = useQuery('os.named', target?.kind === 'message' ? { spaceId: target.spaceId, id: target.id } : null);
  const Icon = ICONS[target?.kind ?? 'space'];
  const path = target && pathOf(target, named?.kind === 'object' ? named.place?.id : undefined);
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: a way out for the pointer on phones; keys have Close */}
      <div className="ins-scrim" onClick={inspection.close} />
      <aside className="ins" aria-label={t('inspector')}>
        <div className="bar">
          <span className="grow">
            <Icon className="i" size={14} strokeWidth={1.75} aria-hidden />
            {target ? t(target.kind) : null}
          </span>
          {path ? <IconButton label={t('copyLink')} icon={Link} onClick={() => void copyLink(path)} /> : null}
          <IconButton label={t('close')} icon={X} onClick={inspection.close} />
        </div>
        {!target ? (
          <SkeletonRows rows={3} />
        ) : target.kind === 'space' ? (
          <AboutSpace key={target.id} spaceId={target.id} />
        ) : target.kind === 'person' ? (
          <AboutPerson key={target.id} spaceId={target.spaceId} userId={target.id} />
        ) : (
          <AboutObject key={target.id} target={target} />
        )}
      </aside>
    </>
  );
}

/** Nothing where no space is meant. */
function openAt(place: Place, spaceId: string | null): Inspected | null {
  if (place.at === 'channel') return { id: place.channelId, kind: 'channel', title: '', spaceId: place.spaceId };
  if (place.at === 'document') return { id: place.documentId, kind: 'document', title: '', spaceId: place.spaceId };
  return spaceId === null ? null : { id: spaceId, kind: 'space', title: '', spaceId };
}

/** `channel`: in which a message is. */
function pathOf({ kind, id, spaceId }: Inspected, channel: string | undefined): string | null {
  switch (kind) {
    case 'channel':
      return paths.channel(spaceId, id);
    case 'document':
      return paths.document(spaceId, id);
    case 'message':
      return channel === undefined ? null : paths.channel(spaceId, channel, { message: id });
    case 'space':
      return paths.space(id);
    case 'folder':
    case 'person':
      return null;
  }
}
