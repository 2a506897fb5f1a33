/** The network as this device measured it: who is linked and how, what went over each link, and how the servers stand. */
import { ArrowDown, ArrowUp, Cable, ChevronRight, FlaskConical, Radio } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { NetworkAnswer, NetworkPeer, ServerState } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { SkeletonRows } from '../kit/Empty';
import { NodeFace } from '../kit/Face';
import { t } from '../kit/i18n';
import { useQuery } from '../kit/kernel';
import { reachWords } from '../kit/reach';
import { paths } from '../kit/routes';
import { clock, dayNumber, exactly, shortly, sizeOf, useNow } from '../kit/time';
import { PairDialog } from './PairDialog';
import { Neighbourhoods, Traffic } from './Traffic';
import './node.css';

export function NetworkPage() {
  const network = useQuery('os.network', {});
  const now = useNow();
  if (!network) return <SkeletonRows />;
  const { peers, beacons, signaling, carried, online, since, sent, received } = network;
  return (
    <div className="page node">
      <div className="head">
        <h2 className="h28">{t('network')}</h2>
        <Pair />
        <Link className="btn line" href={paths.lab}>
          <FlaskConical className="i" size={16} strokeWidth={1.75} aria-hidden />
          {t('lab')}
        </Link>
      </div>
      <p className="t2">
        {t(online ? 'network.since' : 'network.offline', { when: startedAt(since, now) })}{' '}
        <Moved sent={sent} received={received} />
      </p>
      <p className="hint">{t('network.hint')}</p>
      {carried.bytes === 0 ? null : (
        <p className="t2">{t('network.carried', { n: carried.circuits, bytes: sizeOf(carried.bytes) })}</p>
      )}
      <section aria-label={t('network.peers')}>
        <h3 className="h">{t('network.peers')}</h3>
        {peers.length === 0 ? <p className="t3 none">{t('network.nobody')}</p> : null}
        <ul>
          {peers.map((peer) => (
            <Peer key={peer.id} peer={peer} peers={peers} now={now} />
          ))}
        </ul>
      </section>
      <Servers title={t('network.beacons')} none={t('beacon.none')} servers={beacons} now={now} />
      <Servers title={t('network.signaling')} none={t('network.noSignaling')} servers={signaling} now={now} />
      <Neighbourhoods peers={peers} />
      <Traffic peers={peers} now={now} />
    </div>
  );
}

function Pair() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind="line" icon={Cable} onClick={() => setOpen(true)}>
        {t('pair.open')}
      </Button>
      {open ? <PairDialog onClose={() => setOpen(false)} /> : null}
    </>
  );
}

const startedAt = (at: number, now: number): string =>
  dayNumber(at) === dayNumber(now) ? clock(at) : shortly(at, now);

function Moved({ sent, received }: { sent: number; received: number }) {
  return (
    <span className="moved num">
      <ArrowUp className="i" size={14} strokeWidth={1.75} aria-hidden />
      <span className="sr">{t('network.sent')}</span>
      {sizeOf(sent)}
      <ArrowDown className="i" size={14} strokeWidth={1.75} aria-hidden />
      <span className="sr">{t('network.received')}</span>
      {sizeOf(received)}
    </span>
  );
}

/** Of devices of others no name is known: the beginning of the key tells them apart. */
const deviceWords = ({ device, deviceId, yours, kind }: NetworkPeer): string =>
  kind === 'beacon' ? '' : device || (yours ? t('device.unnamed') : t('network.device', { id: deviceId.slice(0, 8) }));

function Peer({ peer, peers, now }: { peer: NetworkPeer; peers: readonly NetworkPeer[]; now: number }) {
  const { kind, name, path, rttMs, linkedAt, sent, received, spaces } = peer;
  const device = deviceWords(peer);
  const titled = spaces.filter(({ title }) => title !== '');
  return (
    <li className="mr" data-peer={peer.deviceId}>
      <NodeFace kind={kind} size={28} />
      <div className="two">
        <span className="w5x name" dir="auto">
          {name || t('network.unknown')}
        </span>
        <span className="t12 t3 name">
          <WayGlyph path={path} kind={kind} />
          {[
            device,
            reachWords(peer, peers),
            linkedAt === null ? '' : t('network.linkedAt', { when: startedAt(linkedAt, now) }),
          ]
            .filter((words) => words !== '')
            .join(' · ')}
        </span>
        {peer.turnedAway.length === 0 ? null : <TurnedAway peer={peer} />}
        {titled.length === 0 ? null : (
          <details className="t12">
            <summary>
              <ChevronRight className="i" size={14} strokeWidth={1.75} aria-hidden />
              {t('network.bySpace', { n: titled.length })}
            </summary>
            <ul>
              {titled.map((space) => (
                <li key={space.spaceId} className="kv">
                  <span className="cut" dir="auto">
                    {space.title}
                  </span>
                  <Moved sent={space.sent} received={space.received} />
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
      <span className="figures t12">
        {path === null || path === 'relayed' ? null : (
          <span className="num" title={t('network.rtt')}>
            <span className="sr">{t('network.rtt')}</span>
            {rttMs === null ? t('network.unmeasured') : t('network.ms', { n: rttMs })}
          </span>
        )}
        {sent + received === 0 ? null : <Moved sent={sent} received={received} />}
      </span>
    </li>
  );
}

const [GLYPH, MIDDLE] = [52, 6];
/** The way as a picture: devices round, what stands between or at the end and is no device square, no line where there is no link. */
function WayGlyph({ path, kind }: Pick<NetworkPeer, 'path' | 'kind'>) {
  const between = path === 'turn' || path === 'circuit' || path === 'relayed';
  const isFar = path === null;
  return (
    <svg className="way" width={GLYPH} height={2 * MIDDLE} aria-hidden>
      <path
        d={between ? `M8 ${MIDDLE}H20M32 ${MIDDLE}H44` : `M8 ${MIDDLE}H44`}
        strokeDasharray={isFar || path === 'relayed' ? '2 3' : undefined}
      />
      {path === 'nat' ? <path d={`M26 ${MIDDLE - 4}V${MIDDLE + 4}`} /> : null}
      <circle cx={4} cy={MIDDLE} r={3.5} />
      {between ? <rect className="between" x={22} y={MIDDLE - 4} width={8} height={8} rx={2} /> : null}
      {kind === 'beacon' ? (
        <rect className={isFar ? 'far' : 'between'} x={44} y={MIDDLE - 4} width={8} height={8} rx={2} />
      ) : (
        <circle className={isFar ? 'far' : ''} cx={48} cy={MIDDLE} r={3.5} />
      )}
    </svg>
  );
}

/** The counters' own words stand in the tooltip. */
function TurnedAway({ peer: { turnedAway } }: { peer: NetworkPeer }) {
  const times = new Map<NetworkPeer['turnedAway'][number]['kind'], number>();
  for (const { kind, times: n } of turnedAway) times.set(kind, (times.get(kind) ?? 0) + n);
  const what = [...times].map(([kind, n]) => t(`network.turned.${kind}`, { n })).join(', ');
  return (
    <span className="t12 t3" title={turnedAway.map(({ reason, times }) => `${reason} ${times}`).join('\n')}>
      {t('network.turnedAway', { what })}
    </span>
  );
}

type Server = ServerState & Partial<Pick<NetworkAnswer['beacons'][number], 'deviceId' | 'name'>>;
function Servers(props: { title: string; none: string; servers: readonly Server[]; now: number }) {
  const { title, none, servers, now } = props;
  return (
    <section aria-label={title}>
      <h3 className="h">{title}</h3>
      {servers.length === 0 ? <p className="t3 none">{none}</p> : null}
      <ul>
        {servers.map(({ url, deviceId, name, state, failures, retryAt }) => (
          <li key={url} className="mr">
            {deviceId === undefined ? (
              <span className="av a28 device" aria-hidden>
                <Radio size={14} strokeWidth={1.75} />
              </span>
            ) : (
              <NodeFace kind="beacon" size={28} />
            )}
            <div className="two">
              {name ? <span className="w5x name">{name}</span> : null}
              <span className={name ? 't12 t3 name' : 'name'}>{url}</span>
            </div>
            <span className={`t12 state ${state === 'open' ? '' : 't3'}`}>
              {t(`network.state.${state}`)}
              {state === 'waiting' && retryAt !== null ? (
                <span className="t3" title={exactly(retryAt)}>
                  {', '}
                  {t('network.failures', { n: failures, s: Math.max(1, Math.round((retryAt - now) / 1000)) })}
                </span>
              ) : null}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
