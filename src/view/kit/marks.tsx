/**
 * The mark of trust. Square = beacon, dot = device; solid = signed receipt, hollow = waiting. A change has one 14 px mark:
 * dashed ring sending, ring with dot on a device, square in square on a beacon, filled cross refused. Drawn from receipts only.
 */
import { Bell, BellMinus, BellOff } from 'lucide-react';
import type { ChangeState } from '../../bridge/messages';
import { t } from './i18n';
import { useNow } from './time';

export type Holder = { readonly kind: 'tab' | 'beacon'; readonly holds: boolean };

/** At most four of a kind are drawn; the label always counts them all. */
export function TrustMark({ holders, label }: { holders: readonly Holder[]; label: string }) {
  const order = (kind: Holder['kind']) =>
    holders
      .filter((holder) => holder.kind === kind)
      .sort((a, b) => Number(b.holds) - Number(a.holds))
      .slice(0, 4);
  const beacons = order('beacon');
  const devices = order('tab');
  const gap = beacons.length > 0 && devices.length > 0 ? 2 : 0;
  const count = beacons.length + devices.length;
  if (count === 0) return null;
  const width = count * 11 - 3 + gap;
  return (
    <svg className="holders" width={width} height="8" viewBox={`0 0 ${width} 8`} role="img" aria-label={label}>
      {beacons.map((holder, index) => {
        const x = index * 11;
        return holder.holds ? (
          <rect key={x} x={x} width="8" height="8" rx="1.5" fill="currentColor" />
        ) : (
          <rect
            key={x}
            x={x + 0.7}
            y="0.7"
            width="6.6"
            height="6.6"
            rx="1.2"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.4"
          />
        );
      })}
      {devices.map((holder, index) => {
        const x = (beacons.length + index) * 11 + gap + 4;
        return holder.holds ? (
          <circle key={x} cx={x} cy="4" r="3.75" fill="currentColor" />
        ) : (
          <circle key={x} cx={x} cy="4" r="3.1" fill="none" stroke="currentColor" strokeWidth="1.4" />
        );
      })}
    </svg>
  );
}

type KnownState = Exclude<ChangeState, { readonly step: 'unknown' }>;

/** The words for a state. */
function stateWords(state: KnownState): string {
  switch (state.step) {
    case 'sending':
      return t('state.sending');
    case 'saved':
      return t('state.saved');
    case 'waiting':
      return t('state.waiting');
    case 'devices':
      return t('state.devices', { n: state.devices });
    case 'beacon':
      return t('state.beacons', { n: state.beacons });
    case 'refused':
      return t('state.refused');
  }
}
/** Only a beacon's receipt, or two other devices', makes a change safe to leave. */
export const isSafe = (state: KnownState): boolean =>
  state.step === 'beacon' || (state.step === 'devices' && state.devices >= 2);

export function StateGlyph({ state }: { state: KnownState }) {
  const box = {
    width: 14,
    height: 14,
    viewBox: '0 0 14 14',
    fill: 'none',
    stroke: 'currentColor',
    strokeWidth: 1.5,
  } as const;
  switch (state.step) {
    case 'sending':
      return (
        <svg aria-hidden {...box}>
          <circle cx="7" cy="7" r="5.25" strokeDasharray="2.2 1.92" />
        </svg>
      );
    case 'saved':
      return (
        <svg aria-hidden {...box}>
          <circle cx="7" cy="7" r="5.25" />
        </svg>
      );
    case 'waiting':
      return (
        <svg aria-hidden {...box} strokeLinecap="round">
          <circle cx="7" cy="7" r="5.25" strokeDasharray="2.2 1.92" />
          <path d="M7 4.5V7l1.6 1.2" />
        </svg>
      );
    case 'devices':
      return (
        <svg aria-hidden {...box}>
          <circle cx="7" cy="7" r="5.25" />
          <circle cx="7" cy="7" r="1.9" fill="currentColor" stroke="none" />
        </svg>
      );
    case 'beacon':
      return (
        <svg aria-hidden {...box} strokeLinejoin="round">
          <rect x="1.75" y="1.75" width="10.5" height="10.5" rx="2.25" />
          <rect x="5" y="5" width="4" height="4" rx=".75" fill="currentColor" stroke="none" />
        </svg>
      );
    case 'refused':
      return (
        <svg aria-hidden {...box} stroke="var(--panel)" strokeLinecap="round">
          <circle cx="7" cy="7" r="6.5" fill="currentColor" stroke="none" />
          <path d="m5 5 4 4m0-4-4 4" />
        </svg>
      );
  }
}

type Marked = {
  readonly state: KnownState;
  /** Shows what is behind it. The keyboard has the same among the acts of what it is of. */
  readonly onOpen?: (() => void) | undefined;
};
/** The mark with its words, nothing while nothing is known; words hide once the change is safe and return on hover (the row's style decides). `at`: when it was made. */
export function StateMark({ state, at, onOpen }: Omit<Marked, 'state'> & { state: ChangeState; at?: number }) {
  if (state.step === 'unknown') return null;
  const isThin = at !== undefined && !isSafe(state) && (state.step === 'saved' || state.step === 'devices');
  return isThin ? <Thin state={state} at={at} onOpen={onOpen} /> : <Mark state={state} onOpen={onOpen} />;
}

/** What is younger is on its way. */
const ON_ITS_WAY_MS = 120_000;
function Thin({ at, ...marked }: Marked & { at: number }) {
  return <Mark {...marked} isLate={useNow() - at > ON_ITS_WAY_MS} />;
}

function Mark({ state, onOpen, isLate = false }: Marked & { isLate?: boolean }) {
  const words = stateWords(state);
  const Tag = onOpen ? 'button' : 'span';
  return (
    <Tag
      {...(onOpen ? { type: 'button', tabIndex: -1, onClick: onOpen } : {})}
      className={`st ${state.step === 'refused' ? 'bad' : ''} ${isSafe(state) ? 'safe' : ''}`}
      title={isLate ? `${words}. ${t('health.red')}` : words}
    >
      <StateGlyph state={state} />
      <span className="words">{words}</span>
      {isLate ? <span className="sr">{t('health.red')}</span> : null}
    </Tag>
  );
}

/** How much a person hears of a place, by its level. */
export const BELLS = { all: Bell, mentions: BellMinus, none: BellOff } as const;
