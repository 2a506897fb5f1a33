/** From what is open to the next channel or document with something unread, around the end; what names the person counts first. */
import { useLocation } from 'wouter';
import { t } from '../kit/i18n';
import { useQuery } from '../kit/kernel';
import { paths } from '../kit/routes';
import { showNotice } from '../kit/Toasts';

type Counted = { readonly id: string; readonly unread: number };

/** The next unread after `from`, going by `step`; around the end. */
export function nextUnread<R extends Counted>(rows: readonly R[], from: string | null, step: 1 | -1): R | undefined {
  const at = rows.findIndex(({ id }) => id === from);
  const others = [...rows.slice(at + 1), ...rows.slice(0, Math.max(at, 0))];
  return (step === 1 ? others : others.reverse()).find(({ unread }) => unread > 0);
}

export function useUnread(spaceId: string | null, from: string | null): (step: 1 | -1) => void {
  const channels = useQuery('chat.channels', spaceId === null ? null : { spaceId });
  const documents = useQuery('editor.documents', spaceId === null ? null : { spaceId });
  const [, go] = useLocation();
  return (step) => {
    if (spaceId === null) return;
    const rows = [
      ...(channels ?? []).map(({ id, unread }) => ({ id, unread, to: paths.channel(spaceId, id) })),
      ...(documents ?? []).map(({ id, unread }) => ({ id, unread, to: paths.document(spaceId, id) })),
    ];
    const next = nextUnread(rows, from, step);
    if (next) go(next.to);
    else showNotice(t('unread.none'));
  };
}
