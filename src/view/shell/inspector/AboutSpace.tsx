/** Of a space: what it is, who is in it, who holds it, its rules, and the doors to its own pages. */
import { Mails, Trash2, Users } from 'lucide-react';
import { useLocation } from 'wouter';
import type { SyncAnswer } from '../../../bridge/messages';
import { Button } from '../../kit/Button';
import { SkeletonRows } from '../../kit/Empty';
import { HealthMark } from '../../kit/health';
import { t } from '../../kit/i18n';
import { useQuery } from '../../kit/kernel';
import { reachWords } from '../../kit/reach';
import { paths } from '../../kit/routes';
import { AccessSpace } from '../AccessSpace';
import { CopiesAim, useHealth } from '../SpaceHealth';
import { HeldBy, Property } from './AboutObject';
import { KeptFiles } from './KeptFiles';

export function AboutSpace({ spaceId }: { spaceId: string }) {
  const spaces = useQuery('os.spaces', {});
  const sync = useQuery('os.sync', { spaceId });
  const health = useHealth(spaceId);
  const [, go] = useLocation();
  const space = spaces?.find((row) => row.id === spaceId);
  if (!spaces) return <SkeletonRows rows={3} />;
  if (!space) return <p className="t3 none">{t('access.none')}</p>;
  return (
    <div className="scroll">
      <section>
        <h2 dir="auto">{space.title}</h2>
        <Property name={t('prop.kind')}>{t(`space.${space.kind}`)}</Property>
        <Property name={t('prop.role')}>{space.role === 'none' ? t('access.none') : t(`role.${space.role}`)}</Property>
        <Property name={t('members')}>{t('people.count', { n: space.members })}</Property>
        {health ? (
          <>
            <Property name={t('prop.heldBy')}>
              <HeldBy beacons={health.beacons} devices={health.kept + health.others} />
            </Property>
            <Property name={t('health')}>
              <HealthMark level={health.level} />
            </Property>
            <Property name={t('health.aim')}>
              <CopiesAim health={health} mayChange={space.role === 'owner' || space.role === 'admin'} />
            </Property>
          </>
        ) : null}
        <InReach holders={sync?.holders ?? []} />
        <KeptFiles spaceId={spaceId} />
        <div className="row doors">
          <Button kind="line" icon={Users} onClick={() => go(paths.members(spaceId))}>
            {t('members')}
          </Button>
          <Button kind="line" icon={Mails} onClick={() => go(paths.invitations(spaceId))}>
            {t('invitations')}
          </Button>
          <Button kind="line" icon={Trash2} onClick={() => go(paths.trash(spaceId))}>
            {t('trash')}
          </Button>
        </div>
      </section>
      <AccessSpace spaceId={spaceId} />
    </div>
  );
}

/** Who of those that hold it is reached now, and which way. */
function InReach({ holders }: { holders: SyncAnswer['holders'] }) {
  const peers = useQuery('os.peers', {}) ?? [];
  const here = peers.filter((peer) => holders.some(({ deviceId }) => deviceId === peer.deviceId));
  if (here.length === 0) return null;
  return (
    <Property name={t('prop.reach')}>
      <span className="reached">
        {here.map((peer) => (
          <span key={peer.deviceId}>
            <span className="name" dir="auto">
              {peer.name || t('network.unknown')}
            </span>
            <span className="t12 t3"> {reachWords(peer, peers)}</span>
          </span>
        ))}
      </span>
    </Property>
  );
}
