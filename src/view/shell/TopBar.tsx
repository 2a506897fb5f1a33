/** Above the view: where this is, who is here, is it safe, and the three doors (Share, search, inspector). */

import type { LucideIcon } from 'lucide-react';
import {
  ChevronDown,
  ChevronLeft,
  ChevronRight,
  FileText,
  Hash,
  History,
  Inbox as InboxIcon,
  PanelRight,
  Search,
  Star,
  Trash2,
  UserPlus,
  Users,
} from 'lucide-react';
import { Link } from 'wouter';
import { Barred, useWhyNot } from '../kit/access';
import { Button, IconButton } from '../kit/Button';
import { t } from '../kit/i18n';
import { useInspection } from '../kit/inspect';
import { useQuery } from '../kit/kernel';
import { Menu } from '../kit/Menu';
import type { Place } from '../kit/routes';
import { paths } from '../kit/routes';
import { keysOf } from '../kit/shortcuts';
import { Faces } from '../kit/Who';
import { useActions } from './actions';
import { useItems } from './menus';
import { Steps } from './Steps';
import { SyncChip } from './SyncChip';
import { useStar } from './star';

/** Places outside of the spaces, and what they are called. */
const PLAIN = {
  devices: 'devices',
  network: 'network',
  lab: 'lab',
  settings: 'settings',
  search: 'search.page',
} as const;
const isPlain = (place: Place): place is Place & { at: keyof typeof PLAIN } => place.at in PLAIN;

export function TopBar({
  place,
  spaceId,
  onMenu,
  tools,
}: {
  place: Place;
  spaceId: string | null;
  onMenu(): void;
  /** Is given the place of the tools of the view. */
  tools(slot: Element | null): void;
}) {
  const actions = useActions();
  const inspection = useInspection();
  const shareWhy = useWhyNot(spaceId, 'share');
  const spaces = useQuery('os.spaces', {});
  const members = useQuery('os.members', spaceId === null ? null : { spaceId });
  const channel = useQuery('chat.channel', place.at === 'channel' ? { channelId: place.channelId } : null);
  const document = useQuery('editor.document', place.at === 'document' ? { documentId: place.documentId } : null);
  const space = spaces?.find((row) => row.id === spaceId);
  const here = (members ?? []).filter((member) => member.online && !member.you);
  const thing: { icon: LucideIcon | null; title: string } | null =
    place.at === 'channel'
      ? { icon: Hash, title: channel?.title ?? '' }
      : place.at === 'document'
        ? { icon: FileText, title: document ? document.title.trim() || t('untitled') : '' }
        : place.at === 'hub'
          ? { icon: InboxIcon, title: t('hub') }
          : place.at === 'invitations'
            ? { icon: UserPlus, title: t('invitations') }
            : place.at === 'trash'
              ? { icon: Trash2, title: t('trash') }
              : place.at === 'members' || place.at === 'audit'
                ? { icon: place.at === 'audit' ? History : Users, title: t(place.at) }
                : isPlain(place)
                  ? { icon: null, title: t(PLAIN[place.at]) }
                  : null;
  const Icon = thing?.icon;
  const itemsOf = useItems();
  const items = channel
    ? itemsOf({ ...channel, kind: 'channel' })
    : document
      ? itemsOf({ ...document, kind: 'document' })
      : null;
  const star = useStar(channel?.id ?? document?.id ?? null);
  const inspectable = 'spaceId' in place;
  return (
    <header className="top">
      <IconButton className="back" label={t('menu.open')} icon={ChevronLeft} onClick={onMenu} />
      <Steps />
      <div className="crumbs">
        <div className="crumb">
          {isPlain(place) || !space ? null : (
            <>
              <Link className="t3 cut up" href={paths.space(space.id)}>
                {space.title}
              </Link>
              {thing ? <ChevronRight className="i t3 up" size={14} strokeWidth={1.75} aria-hidden /> : null}
            </>
          )}
          {Icon ? <Icon className="i t3" size={14} strokeWidth={1.75} aria-hidden /> : null}
          {thing ? <h1 className="cut">{thing.title}</h1> : null}
          {items === null ? null : (
            <IconButton
              small
              className={`star ${star.on ? 'starred' : ''}`}
              label={t(star.on ? 'star.remove' : 'star.add')}
              keys={keysOf('star').join(' ')}
              icon={Star}
              on={star.on}
              onClick={star.toggle}
            />
          )}
          {items === null ? null : (
            <Menu items={items}>
              <button type="button" className="ib sm dots" aria-label={t('more')}>
                <ChevronDown className="i" size={14} strokeWidth={1.75} aria-hidden />
              </button>
            </Menu>
          )}
        </div>
        {spaceId === null ? null : (
          <div className="narrow">
            <SyncChip spaceId={spaceId} />
          </div>
        )}
      </div>
      {channel?.topic ? <span className="about cut">{channel.topic}</span> : null}
      <span className="sp" />
      <div className="tools" ref={tools} />
      {spaceId === null ? null : <Faces people={here} spaceId={spaceId} label={t('online')} />}
      {spaceId === null ? null : (
        <div className="broad">
          <SyncChip spaceId={spaceId} testId="sync-chip" />
        </div>
      )}
      {!space || space.kind === 'personal' ? null : (
        <Barred why={shareWhy}>
          <Button className="broad share" icon={UserPlus} title={t('share')} onClick={() => actions.invite(space.id)}>
            <span className="words">{t('share')}</span>
          </Button>
        </Barred>
      )}
      <Button className="search" icon={Search} onClick={actions.search}>
        <span className="sr">{t('search')}</span>
        <kbd aria-hidden>{keysOf('search').join(' ')}</kbd>
      </Button>
      {inspectable ? (
        <IconButton
          label={t('inspector')}
          keys={keysOf('inspector').join(' ')}
          icon={PanelRight}
          on={inspection.open}
          onClick={inspection.toggle}
        />
      ) : null}
    </header>
  );
}
