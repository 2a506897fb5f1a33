/** On a phone: Hub, Chat, Editor, More, within the thumb's reach. More opens the sidebar. */
import { Ellipsis, FileText, Inbox as InboxIcon, MessagesSquare } from 'lucide-react';
import { Link } from 'wouter';
import { t } from '../kit/i18n';
import { useQuery } from '../kit/kernel';
import type { Place } from '../kit/routes';
import { paths } from '../kit/routes';

/** There is room for two digits. */
function Badge({ n }: { n: number }) {
  return n > 0 ? <b className="num">{n > 99 ? '99+' : n}</b> : null;
}

export function BottomBar({
  place,
  spaceId,
  onMore,
  moreOpen,
}: {
  place: Place;
  spaceId: string | null;
  onMore(): void;
  moreOpen: boolean;
}) {
  const channels = useQuery('chat.channels', spaceId === null ? null : { spaceId });
  const documents = useQuery('editor.documents', spaceId === null ? null : { spaceId });
  const waits = useQuery('hub.badge', {})?.unread ?? 0;
  const channel = channels?.[0];
  const document = documents?.find((row) => row.kind === 'document');
  const home = spaceId === null ? paths.home : paths.space(spaceId);
  const mentions = (channels ?? []).reduce((sum, row) => sum + row.mentions, 0);
  const icon = { size: 20, strokeWidth: 1.75, 'aria-hidden': true } as const;
  return (
    <nav className="tabs" aria-label={t('apps')}>
      {spaceId === null ? null : (
        <Link href={paths.hub(spaceId)} className={place.at === 'hub' && !moreOpen ? 'on' : ''}>
          <InboxIcon {...icon} />
          {t('hub')}
          <Badge n={waits} />
        </Link>
      )}
      <Link
        href={spaceId !== null && channel ? paths.channel(spaceId, channel.id) : home}
        className={place.at === 'channel' && !moreOpen ? 'on' : ''}
      >
        <MessagesSquare {...icon} />
        {t('chat')}
        <Badge n={mentions} />
      </Link>
      <Link
        href={spaceId !== null && document ? paths.document(spaceId, document.id) : home}
        className={place.at === 'document' && !moreOpen ? 'on' : ''}
      >
        <FileText {...icon} />
        {t('editor')}
      </Link>
      <button type="button" aria-expanded={moreOpen} className={moreOpen ? 'on' : ''} onClick={onMore}>
        <Ellipsis {...icon} />
        {t('more')}
      </button>
    </nav>
  );
}
