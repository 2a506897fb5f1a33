/** About one object, the same for every kind: properties, who holds it, access, history with lost writes to bring back. */
import { FileText, GitMerge, Hash, MessageSquareText, X } from 'lucide-react';
import type { HistoryRow } from '../../bridge/messages';
import { Comments } from '../comments/Comments';
import { IconButton } from '../kit/Button';
import { SkeletonRows } from '../kit/Empty';
import { Face } from '../kit/Face';
import { t } from '../kit/i18n';
import type { Inspected } from '../kit/inspect';
import { useInspection } from '../kit/inspect';
import { useCommand, useQuery } from '../kit/kernel';
import type { Holder } from '../kit/marks';
import { TrustMark } from '../kit/marks';
import { exactly, RelativeTime } from '../kit/time';
import { AccessSection } from './AccessSection';
import type { Place } from './routes';

const SHOWN = 50;

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
  const history = useQuery('os.history', { id: target.id });
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
      </section>
      <Comments target={target} />
      {space ? <AccessSection key={target.id} target={target} space={space.title} /> : null}
      <section>
        <div className="h">
          {t('history')}
          {history ? <span className="n num">{history.length}</span> : null}
        </div>
        {history === undefined ? <SkeletonRows rows={2} /> : null}
        {history?.slice(0, SHOWN).map((row) => (
          <Step key={row.id} row={row} objectId={target.id} />
        ))}
        {history && history.length > SHOWN ? (
          <p className="t12 t3">{t('history.more', { n: history.length - SHOWN })}</p>
        ) : null}
      </section>
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

/** A value of a field in a few words. */
const brief = (value: unknown): string => {
  const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
};
const fieldName = (key: string): string =>
  key === 'title'
    ? t('field.title')
    : key === 'topic'
      ? t('field.topic')
      : key === 'text'
        ? t('field.text')
        : key === 'icon'
          ? t('field.icon')
          : key;

function Step({ row, objectId }: { row: HistoryRow; objectId: string }) {
  const command = useCommand();
  const words =
    row.kind === 'field' && row.key !== undefined
      ? t('history.field', { field: fieldName(row.key), value: brief(row.value) })
      : t(`history.${row.kind}`);
  return (
    <div className="li step">
      <Face person={row.author} size={16} />
      <span
        className="grow cut"
        title={`${row.author.name}: ${words}\n${exactly(row.at)}\n${t('device.short', { id: row.deviceId.slice(0, 8) })}`}
      >
        {words}
      </span>
      {row.lost && row.key !== undefined ? (
        <button
          type="button"
          className="tag warn"
          title={t('history.lost')}
          onClick={() => void command('os.restoreValue', { id: objectId, key: row.key, entry: row.entry })}
        >
          <GitMerge className="i" size={14} strokeWidth={1.75} aria-hidden />
          {t('restore')}
        </button>
      ) : (
        <span className="t12 t3">
          <RelativeTime at={row.at} />
        </span>
      )}
    </div>
  );
}
