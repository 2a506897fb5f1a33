/** The Hub: what addresses you, what changed, what the week was like. On narrow screens one at a time. It keeps no data. */
import { useRef } from 'react';
import { Segmented } from '../kit/Field';
import { t } from '../kit/i18n';
import { useKeptNumber, useReturning } from '../kit/returning';
import { Feed } from './Feed';
import { Inbox } from './Inbox';
import { Week } from './Week';
import './hub.css';

const PARTS = ['inbox', 'feed', 'week'] as const;

export function HubPage({ spaceId }: { spaceId: string }) {
  const rest = useRef<HTMLDivElement>(null);
  useReturning(rest, 'hub');
  const [at, setAt] = useKeptNumber('hub part');
  const part = PARTS[at ?? 0] ?? 'inbox';
  return (
    <div className={`hub at-${part}`}>
      <div className="parts">
        <Segmented
          label={t('hub.sections')}
          value={part}
          onChange={(value) => setAt(PARTS.indexOf(value))}
          choices={PARTS.map((value) => ({ value, label: t(`hub.${value}`) }))}
        />
      </div>
      <Inbox />
      <div className="rest" ref={rest}>
        <Feed />
        <Week spaceId={spaceId} />
      </div>
    </div>
  );
}
