/** Of an object: its properties and who holds it, what was said about it, what points to it, access, history. */
import type { ReactNode } from 'react';
import { plainOf } from '../../../base/markdown/blocks';
import { Comments } from '../../comments/Comments';
import { Face } from '../../kit/Face';
import { Switch } from '../../kit/Field';
import { HealthMark } from '../../kit/health';
import { t } from '../../kit/i18n';
import type { Inspected } from '../../kit/inspect';
import { useCommand, useQuery } from '../../kit/kernel';
import type { Holder } from '../../kit/marks';
import { TrustMark } from '../../kit/marks';
import { ObjectIcon } from '../../kit/markup/Named';
import { RelativeTime } from '../../kit/time';
import { Who } from '../../kit/Who';
import { AccessSection } from '../AccessSection';
import { History } from '../history/History';
import { KeptHere } from '../KeptHere';
import { Backlinks } from './Backlinks';

export function AboutObject({ target }: { target: Inspected }) {
  const history = useQuery('os.history', { id: target.id, limit: 500 });
  const held = useQuery('os.durability', { id: target.id });
  const spaces = useQuery('os.spaces', {});
  const named = useQuery('os.named', { spaceId: target.spaceId, id: target.id });
  const document = useQuery('editor.document', target.kind === 'document' ? { documentId: target.id } : null);
  const command = useCommand();
  const channel = useQuery('chat.channel', target.kind === 'channel' ? { channelId: target.id } : null);
  const space = spaces?.find((row) => row.id === target.spaceId);
  const object = named?.kind === 'object' ? named : null;
  const title = plainOf(object?.title ?? target.title).slice(0, 120);
  const created = history?.find((row) => row.kind === 'created');
  const latest = history?.[0];
  return (
    <div className="scroll">
      <section>
        <h2 dir="auto">{title.trim() || t('untitled')}</h2>
        {channel?.topic ? <Property name={t('prop.topic')}>{channel.topic}</Property> : null}
        {object?.place && object.place.id !== object.id ? (
          <Property name={t('prop.in')}>
            <ObjectIcon object={{ type: object.place.type, icon: '' }} />
            <span className="cut">{object.place.title || t('untitled')}</span>
          </Property>
        ) : null}
        {created ? (
          <Property name={t('prop.author')}>
            <Who person={created.author} spaceId={target.spaceId}>
              <Face person={created.author} size={20} />
              <span className="cut">{created.author.name}</span>
            </Who>
          </Property>
        ) : null}
        {created ? (
          <Property name={t('prop.created')}>
            <RelativeTime at={created.at} />
          </Property>
        ) : null}
        {latest && latest !== created ? (
          <Property name={t('prop.changed')}>
            <RelativeTime at={latest.at} />
          </Property>
        ) : null}
        {space ? (
          <Property name={t('prop.space')}>
            <span className="cut">{space.title}</span>
          </Property>
        ) : null}
        {held ? (
          <Property name={t('prop.heldBy')}>
            <HeldBy beacons={held.beacons} devices={held.devices} />
          </Property>
        ) : null}
        {held ? (
          <Property name={t('health')}>
            <HealthMark level={held.level} />
          </Property>
        ) : null}
        {target.kind === 'document' ? <KeptHere documentId={target.id} /> : null}
        {document?.mayEdit ? (
          <Switch
            label={t('template.mark')}
            checked={document.template}
            onChange={(on) => void command('editor.setTemplate', { documentId: target.id, on })}
          />
        ) : null}
      </section>
      <Comments target={target} />
      <Backlinks id={target.id} />
      {space ? <AccessSection key={target.id} target={{ ...target, title }} space={space.title} /> : null}
      <History target={{ ...target, title }} rows={history} />
    </div>
  );
}

export function Property({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="prop">
      <span>{name}</span>
      <span>{children}</span>
    </div>
  );
}

export function HeldBy({ beacons, devices }: { beacons: number; devices: number }) {
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
