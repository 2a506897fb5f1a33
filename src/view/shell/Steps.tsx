/** Back and forth through the places of this tab, and the last places of the person on any device. */
import { ArrowLeft, ArrowRight, Clock, FileText, Folder, Hash } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { useLocation } from 'wouter';
import { IconButton } from '../kit/Button';
import { t } from '../kit/i18n';
import { useQuery } from '../kit/kernel';
import { Menu } from '../kit/Menu';
import { paths } from '../kit/routes';
import { keysOf } from '../kit/shortcuts';

/** Browsers without it leave both ways open; a way that leads nowhere then does nothing. */
const steps = (): Navigation | undefined => (window as { navigation?: Navigation }).navigation;
const subscribe = (changed: () => void): (() => void) => {
  steps()?.addEventListener('currententrychange', changed);
  return () => steps()?.removeEventListener('currententrychange', changed);
};
const useCan = (way: 'canGoBack' | 'canGoForward'): boolean =>
  useSyncExternalStore(
    subscribe,
    () => steps()?.[way] ?? true,
    () => true,
  );

const ICONS = { channel: Hash, document: FileText, folder: Folder };

export function Steps() {
  const back = useCan('canGoBack');
  const forward = useCan('canGoForward');
  const places = useQuery('os.places', {});
  const [path, go] = useLocation();
  const recent = (places?.recent ?? []).filter((row) => !path.includes(row.id));
  return (
    <div className="steps-bar">
      <IconButton
        small
        label={t('history.back')}
        keys={keysOf('back').join(' ')}
        icon={ArrowLeft}
        disabled={!back}
        onClick={() => window.history.back()}
      />
      <IconButton
        small
        label={t('history.forward')}
        keys={keysOf('forward').join(' ')}
        icon={ArrowRight}
        disabled={!forward}
        onClick={() => window.history.forward()}
      />
      {recent.length === 0 ? null : (
        <Menu
          items={[
            { key: 'recent', heading: t('recent') },
            ...recent.map((row) => ({
              key: row.id,
              label: row.title.trim() || t('untitled'),
              icon: ICONS[row.kind as keyof typeof ICONS] ?? FileText,
              onSelect: () =>
                go(row.kind === 'channel' ? paths.channel(row.spaceId, row.id) : paths.document(row.spaceId, row.id)),
            })),
          ]}
        >
          <button type="button" className="ib sm" aria-label={t('recent')}>
            <Clock className="i" size={16} strokeWidth={1.75} aria-hidden />
          </button>
        </Menu>
      )}
    </div>
  );
}
