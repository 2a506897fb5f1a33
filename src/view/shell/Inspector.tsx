/** About one object, the same for every kind: properties, who holds it, access, history with lost writes to bring back. */
import { FileText, Hash, MessageSquareText, X } from 'lucide-react';
import { Comments } from '../comments/Comments';
import { IconButton } from '../kit/Button';
import { SkeletonRows } from '../kit/Empty';
import { Face } from '../kit/Face';
import { t } from '../kit/i18n';
import type { Inspected } from '../kit/inspect';
import { useInspection } from '../kit/inspect';
import { useQuery } from '../kit/kernel';
import type { Holder } from '../kit/marks';
import { TrustMark } from '../kit/marks';
import type { Place } from '../kit/routes';
import { RelativeTime } from '../kit/time';
import { AccessSection } from './AccessSection';
import { History } from './history/History';
import { KeptHere } from './KeptHere';

export function Inspector({ place }: { place: Place }) {
  const inspection = useInspection();
  const channel = useQuery('chat.channel', place.at === 'channel' ? { channelId: place.channelId } : null);
  const document = useQuery('editor.document', place.at === 'document' ? { documentId: place.documentId } : null);
  const own: Inspected | null = channel
    ? { id: channel.id, kind: 'channel', title: channel.title, spaceId: channel.spaceId }
    : document
      ? { id: document.id, kind: 'document', title: document.title, spaceId: document.spaceId }
      : null;
  const target = inspection.target ?? own;
  const Icon = target?.kind === 'document' ? FileText : target?.kind === 'message' ? MessageSquareText : Hash;
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
          <IconButton label={t('close')} icon={X} onClick={inspection.close} />
        </div>
        {target ? (
          <About key={target.id} target={target} topic={target.kind === 'channel' ? (channel?.topic ?? '') : ''} />
        ) : (
          <SkeletonRows rows={3} />
        )}
      </aside>
    </>
  );
}

function About({ target, topic }: { target: Inspected; topic: string }) {
  const history = useQuery('os.history', { id: target.id, limit: 500 });
  const held = useQuery('os.durability', { id: target.id });
  const spaces = useQuery('os.spaces', {});
  const space = spaces?.find((row) => row.id === target.spaceId);
  const created = history?.find((row) => row.kind === 'created');
  const latest = history?.[0];
  return (
    <div className="scroll">
      <section>
        <h2>{target.title.trim() || t('untitled')}</h2>
        {topic ? (
          <div className="prop">
            <span>{t('prop.topic')}</span>
            <span>{topic}</span>
          </div>
        ) : null}
        {created ? (
          <div className="prop">
            <span>{t('prop.author')}</span>
            <span>
              <Face person={created.author} size={20} />
              <span className="cut">{created.author.name}</span>
            </span>
          </div>
        ) : null}
        {created ? (
          <div className="prop">
            <span>{t('prop.created')}</span>
            <span>
              <RelativeTime at={created.at} />
            </span>
          </div>
        ) : null}
        {latest && latest !== created ? (
          <div className="prop">
            <span>{t('prop.changed')}</span>
            <span>
              <RelativeTime at={latest.at} />
            </span>
          </div>
        ) : null}
        {space ? (
          <div className="prop">
            <span>{t('prop.space')}</span>
            <span className="cut">{space.title}</span>
          </div>
        ) : null}
        {held ? (
          <div className="prop">
            <span>{t('prop.heldBy')}</span>
            <span>
              <HeldBy beacons={held.beacons} devices={held.devices} />
            </span>
          </div>
        ) : null}
        {target.kind === 'document' ? <KeptHere documentId={target.id} /> : null}
      </section>
      <Comments target={target} />
      {space ? <AccessSection key={target.id} target={target} space={space.title} /> : null}
      <History target={target} rows={history} />
    </div>
  );
}

function HeldBy({ beacons, devices }: { beacons: number; devices: number }) {
  const many = (kind: Holder['kind'], n: number): Holder[] =>
    Array.from({ length: Math.min(n, 4) }, () => ({ kind, holds: true }));
  const label = beacons + devices === 0 ? t('held.here') : t('sync.held', { beacons, devices });
  return (
    <>
      <TrustMark holders={[...many('beacon', beacons), ...many('tab', devices)]} label={label} />
      <span className="t2">{beacons + devices === 0 ? t('held.here') : t('held.short', { beacons, devices })}</span>
    </>
  );
}
