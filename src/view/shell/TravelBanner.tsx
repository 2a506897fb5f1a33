/** Says that one looks at the past of a space, moves through it, and leads back to now. */
import { History } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../kit/Button';
import { t } from '../kit/i18n';
import { useQuery } from '../kit/kernel';
import { exactly, momentField, momentOf, sinceWhen, useNow } from '../kit/time';
import { useTravel, useViewing } from '../kit/viewing';
import './history/history.css';

/** A drag settles for this long before the space is asked for. */
const SETTLE_MS = 250;

export function TravelBanner() {
  const { viewing, end } = useViewing();
  const moments = useQuery('os.moments', viewing ? { spaceId: viewing.spaceId } : null);
  const travel = useTravel();
  const now = useNow();
  const [wanted, setWanted] = useState<number | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  if (viewing?.at === undefined) return null;
  const { spaceId, title } = viewing;
  const at = wanted ?? viewing.at;
  const seek = (to: number): void => {
    setWanted(to);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void travel({ spaceId, title, at: to }).then(() => setWanted(null)), SETTLE_MS);
  };
  const steps = moments?.moments ?? [];
  const place = Math.max(
    0,
    steps.findLastIndex((moment) => moment <= at),
  );
  return (
    <div className="banner viewing travel" role="status" aria-busy={wanted !== null}>
      <History className="i" size={16} strokeWidth={1.75} aria-hidden />
      <span className="grow">
        <b title={exactly(at)}>{t('travel.as', { title, when: sinceWhen(at, now) })}</b> {t('travel.nothing')}
      </span>
      <span className="row">
        {moments && steps.length > 1 ? (
          <>
            <input
              type="range"
              aria-label={t('travel.slider')}
              aria-valuetext={exactly(at)}
              min={0}
              max={steps.length - 1}
              value={place}
              onChange={(event) => seek(steps[Number(event.target.value)] ?? at)}
            />
            <input
              type="datetime-local"
              className="field"
              aria-label={t('travel.moment')}
              step={1}
              min={momentField(moments.from)}
              max={momentField(moments.to)}
              value={momentField(at)}
              onChange={(event) => {
                const to = momentOf(event.target.value);
                if (to !== undefined) seek(Math.min(moments.to, Math.max(moments.from, to)));
              }}
            />
          </>
        ) : null}
        <Button kind="line" onClick={end}>
          {t('travel.back')}
        </Button>
      </span>
    </div>
  );
}
