/** Is it safe to close? Glyph and words in the bar; holders with their receipts, the clock and "work offline" behind it. */
import { ClockAlert, TriangleAlert } from 'lucide-react';
import { Popover } from 'radix-ui';
import type { SyncAnswer } from '../../bridge/messages';
import { NodeFace } from '../kit/Face';
import { Switch } from '../kit/Field';
import { HealthGlyph } from '../kit/health';
import { t } from '../kit/i18n';
import { useCall, useQuery } from '../kit/kernel';
import { TrustMark } from '../kit/marks';
import { reachWords } from '../kit/reach';
import { exactly, shortly, useNow } from '../kit/time';
import { Refusals } from './JoinCode';
import { SpaceHealth, useHealth } from './SpaceHealth';
import type { SyncWord } from './sync';
import { checkedPercent, clockOffMinutes, holdersOf, syncWord } from './sync';

function words(word: SyncWord): string {
  switch (word.say) {
    case 'checking':
      return t('sync.checking');
    case 'readOnly':
      return t('sync.readOnly');
    case 'offline':
      return word.waiting > 0 ? t('sync.offlineWaiting', { n: word.waiting }) : t('sync.offline');
    case 'island':
      return t('sync.island', { n: word.nodes });
    case 'history':
      return t('sync.history', { percent: word.percent });
    case 'waiting':
      return t('sync.waiting', { n: word.waiting });
    case 'onlyHere':
      return t('sync.onlyHere');
    case 'safe':
      return t('sync.safe');
    case 'thin':
      return t('sync.thin');
  }
}

export function SyncChip({ spaceId, testId }: { spaceId: string; testId?: string }) {
  const sync = useQuery('os.sync', { spaceId });
  const call = useCall();
  const now = useNow();
  const health = useHealth(spaceId);
  const word = syncWord(sync, health?.level);
  const holders = holdersOf(sync);
  const count = (kind: 'tab' | 'beacon') => holders.filter((holder) => holder.kind === kind && holder.holds).length;
  const held = t('sync.held', { beacons: count('beacon'), devices: count('tab') });
  const label = health?.level ? `${held}. ${t(`health.${health.level}`)}` : held;
  const off = clockOffMinutes(sync);
  const percent = checkedPercent(sync);
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <button type="button" className={`chip sync ${word.say}`} data-testid={testId} title={label}>
          {word.say === 'readOnly' ? <TriangleAlert className="i" size={14} strokeWidth={1.75} aria-hidden /> : null}
          {health?.level ? <HealthGlyph level={health.level} /> : null}
          <TrustMark holders={holders} label={label} />
          <span>{words(word)}</span>
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="over pop holders-pop"
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label={t('sync.title')}
        >
          <p className="w6x">{words(word)}</p>
          <p className="t12 t3">{t(`sync.explain.${word.say}`)}</p>
          {sync && sync.files > 0 ? <p className="t12 t3">{t('sync.files', { n: sync.files })}</p> : null}
          {percent === null || word.say === 'history' ? null : (
            <p className="t12 t3">
              {t('sync.history', { percent })}. {t('sync.explain.history')}
            </p>
          )}
          {sync?.readOnly ? <p className="t12 bad">{sync.noRoom ? t('banner.noRoom') : sync.readOnly}</p> : null}
          {off === null ? null : (
            <p className="row t12 warn">
              <ClockAlert className="i" size={14} strokeWidth={1.75} aria-hidden />
              {t('sync.clock', { n: Math.abs(off), way: off > 0 ? 'ahead' : 'behind' })}
            </p>
          )}
          {health ? <SpaceHealth health={health} /> : null}
          <Refusals sync={sync} />
          <div className="h">{t('sync.holders')}</div>
          {sync?.holders.length === 0 ? <p className="t3">{t('sync.noHolders')}</p> : null}
          {sync ? <Holders holders={sync.holders} now={now} /> : null}
          <hr />
          <Switch
            label={t('sync.workOffline')}
            checked={sync?.online === false}
            onChange={(on) => void call((client) => client.setOnline(!on))}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** Who holds it, since when, and which way they are reached; asked for while it is looked at. */
function Holders({ holders, now }: { holders: SyncAnswer['holders']; now: number }) {
  const peers = useQuery('os.peers', {}) ?? [];
  return (
    <ul>
      {holders.map(({ deviceId, kind, name, behind, receiptAt }) => {
        const peer = peers.find((row) => row.deviceId === deviceId);
        return (
          <li key={deviceId} className="holder">
            <NodeFace kind={kind} />
            <span className="grow">
              <span className="cut name">{name}</span>
              <span className="t12 t3 name" title={receiptAt === null ? undefined : exactly(receiptAt)}>
                {[
                  receiptAt === null ? t('sync.noReceipt') : t('sync.receipt', { when: shortly(receiptAt, now) }),
                  peer ? reachWords(peer, peers) : t('sync.away'),
                ].join(' · ')}
              </span>
            </span>
            {behind > 0 ? <span className="t12 t3 num">{t('sync.behind', { n: behind })}</span> : null}
          </li>
        );
      })}
    </ul>
  );
}
