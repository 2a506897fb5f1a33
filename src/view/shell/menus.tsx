/** What can be done with a channel or a document: the same items on right-click in the sidebar and on "…" above the view. */
import { FilePlus2, FileText, Flag, Hash, Link, Pencil, Trash2, UserPlus } from 'lucide-react';
import { useLocation } from 'wouter';
import { copyLink } from '../kit/clipboard';
import { t } from '../kit/i18n';
import { useCommand } from '../kit/kernel';
import type { MenuItem } from '../kit/Menu';
import { paths } from '../kit/routes';
import { useUndo } from '../kit/undo';
import { useActions } from './actions';

const linkItem = (path: string): MenuItem => ({
  key: 'link',
  label: t('copyLink'),
  icon: Link,
  onSelect: () => void copyLink(path),
});

/** Removes at once and offers Undo. */
function useRemoval(): (what: 'channel' | 'document', id: string, spaceId: string) => void {
  const command = useCommand();
  const { offer } = useUndo();
  const [path, go] = useLocation();
  return (what, id, spaceId) => {
    const [remove, args] =
      what === 'channel' ? ['chat.removeChannel', { channelId: id }] : ['editor.remove', { documentId: id }];
    void command(remove, args).then((done) => {
      if (done === undefined) return;
      if (path.endsWith(`/${encodeURIComponent(id)}`)) go(paths.space(spaceId));
      void offer(done);
    });
  };
}

export function useChannelItems(): (
  spaceId: string,
  channel: { readonly id: string; readonly title: string },
) => readonly MenuItem[] {
  const [, go] = useLocation();
  const actions = useActions();
  const remove = useRemoval();
  return (spaceId, channel) => [
    { key: 'open', label: t('open'), icon: Hash, onSelect: () => go(paths.channel(spaceId, channel.id)) },
    {
      key: 'rename',
      label: t('channel.rename'),
      icon: Pencil,
      onSelect: () => actions.renameChannel(channel.id, channel.title),
    },
    {
      key: 'invite',
      label: t('invite.people'),
      icon: UserPlus,
      onSelect: () => actions.invite(spaceId, { kind: 'channel', id: channel.id }),
    },
    linkItem(paths.channel(spaceId, channel.id)),
    { key: 'line', line: true },
    { key: 'report', label: t('report'), icon: Flag, onSelect: () => actions.report(channel.id) },
    {
      key: 'remove',
      label: t('channel.remove'),
      icon: Trash2,
      danger: true,
      onSelect: () => remove('channel', channel.id, spaceId),
    },
  ];
}

export function useDocumentItems(): (spaceId: string, documentId: string) => readonly MenuItem[] {
  const [, go] = useLocation();
  const actions = useActions();
  const remove = useRemoval();
  return (spaceId, documentId) => [
    { key: 'open', label: t('open'), icon: FileText, onSelect: () => go(paths.document(spaceId, documentId)) },
    {
      key: 'inside',
      label: t('document.newInside'),
      icon: FilePlus2,
      onSelect: () => void actions.newDocument(spaceId, documentId),
    },
    {
      key: 'invite',
      label: t('invite.people'),
      icon: UserPlus,
      onSelect: () => actions.invite(spaceId, { kind: 'document', id: documentId }),
    },
    linkItem(paths.document(spaceId, documentId)),
    { key: 'line', line: true },
    { key: 'report', label: t('report'), icon: Flag, onSelect: () => actions.report(documentId) },
    {
      key: 'remove',
      label: t('document.remove'),
      icon: Trash2,
      danger: true,
      onSelect: () => remove('document', documentId, spaceId),
    },
  ];
}
