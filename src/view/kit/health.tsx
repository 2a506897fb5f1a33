/** How well something is kept: a shield whose shape says it as well as its colour, and the words. */
import { ShieldAlert, ShieldCheck, ShieldMinus } from 'lucide-react';
import type { HealthLevel } from '../../bridge/messages';
import { t } from './i18n';

const SHIELDS = { green: ShieldCheck, yellow: ShieldMinus, red: ShieldAlert } as const;

export function HealthGlyph({ level }: { level: HealthLevel }) {
  const Shield = SHIELDS[level];
  return <Shield className={`i health ${level}`} size={14} strokeWidth={1.75} aria-hidden />;
}

export function HealthMark({ level }: { level: HealthLevel | null }) {
  return (
    <span className="health-mark">
      {level ? <HealthGlyph level={level} /> : null}
      <span className="t2">{t(`health.${level ?? 'unknown'}`)}</span>
    </span>
  );
}
