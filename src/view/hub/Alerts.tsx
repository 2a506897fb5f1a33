/**
 * What addresses a person, told by the browser outside the page. Asked for by a click only; quiet about the place that is in sight;
 * a click opens it. What is worth telling is the kernel's answer, with the levels of channels and all that is muted.
 */
import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { plainOf } from '../../base/markdown/blocks';
import type { AlertRow } from '../../bridge/messages';
import { t } from '../kit/i18n';
import { useQuery } from '../kit/kernel';
import { setAlerts, useAlerts } from '../kit/preferences';
import { paths } from '../kit/routes';
import { showNotice } from '../kit/Toasts';
import { wayTo } from './way';
import { titleOf } from './words';

/** What was written before this page began is in the inbox, and no news, ms. */
const NEWS = 60_000;
/** At once. */
const MOST = 3;
const MAX_KNOWN = 1_000;

export const isThere = (): boolean => typeof Notification !== 'undefined';
export const isAllowed = (): boolean => isThere() && Notification.permission === 'granted';

const wayOf = ({ kind, place }: AlertRow): string =>
  kind === 'request' || kind === 'report' || kind === 'held' ? paths.members(place.spaceId) : wayTo(place);
const words = ({ kind, person, place }: AlertRow): string =>
  kind === 'message'
    ? t('alerts.message', { name: person.name, title: titleOf(place) })
    : t(`hub.n.${kind}`, { name: person.name, title: titleOf(place), n: 0 });

/** Tells of what came since; gives false where the browser has no such thing for pages. */
function tell(row: AlertRow, open: (way: string) => void): boolean {
  try {
    const told = new Notification(words(row), { body: plainOf(row.text), tag: row.id });
    told.onclick = () => {
      window.focus();
      open(wayOf(row));
      told.close();
    };
    return true;
  } catch {
    return false;
  }
}

export function Alerts() {
  const wanted = useAlerts();
  const rows = useQuery('hub.alerts', wanted === 'off' ? null : { all: wanted === 'all' });
  const [path, go] = useLocation();
  const began = useRef(Date.now() - NEWS);
  const known = useRef(new Set<string>());
  useEffect(() => {
    const news = (rows ?? []).filter(({ id, at }) => at >= began.current && !known.current.has(id));
    for (const { id } of news) known.current.add(id);
    for (const id of known.current) if (known.current.size > MAX_KNOWN) known.current.delete(id);
    if (!isAllowed()) return;
    const inSight = ({ place }: AlertRow): boolean =>
      document.hasFocus() && (path.endsWith('/hub') || (place.id !== '' && path.includes(place.id)));
    for (const row of news.filter((each) => !inSight(each)).slice(0, MOST)) {
      if (tell(row, go)) continue;
      setAlerts('off');
      showNotice(t('alerts.cannot'));
      return;
    }
  }, [rows, path, go]);
  return null;
}
