/** What can be done with a channel, a document or a folder: the same items on right-click in the sidebar and on "…" above the view. */
import {
  ArrowDown,
  ArrowUp,
  FilePlus2,
  FileText,
  Flag,
  FolderPlus,
  Hash,
  IndentDecrease,
  IndentIncrease,
  LayoutTemplate,
  Link,
  PanelRight,
  Pencil,
  Star,
  StarOff,
  Trash2,
  UserPlus,
} from 'lucide-react';
import { useLocation } from 'wouter';
import { copyLink } from '../kit/clipboard';
import { t } from '../kit/i18n';
import { useInspection } from '../kit/inspect';
import { useCommand, useQuery } from '../kit/kernel';
import type { MenuItem } from '../kit/Menu';
import { paths } from '../kit/routes';
import { keysOf, type ShortcutId } from '../kit/shortcuts';
import { useUndo } from '../kit/undo';
import { useActions } from './actions';
import type { RowDoings } from './sidebar/Tree';

export type Thing = {
  readonly kind: 'channel' | 'document' | 'folder';
  readonly id: string;
  readonly spaceId: string;
  readonly title: string;
  /** Of a document: whether others are made like it, where that is known. */
  readonly template?: boolean | undefined;
};

/** Removes at once and offers Undo. */
function useRemoval(): (thing: Thing) => void {
  const command = useCommand();
  const { offer } = useUndo();
  const [path, go] = useLocation();
  return ({ kind, id, spaceId }) => {
    const [remove, args] =
      kind === 'channel' ? ['chat.removeChannel', { channelId: id }] : ['editor.remove', { documentId: id }];
    void command(remove, args).then((done) => {
      if (done === undefined) return;
      if (path.split('?')[0]?.endsWith(`/${encodeURIComponent(id)}`)) go(paths.space(spaceId));
      void offer(done);
    });
  };
}

const MOVES = [
  ['up', 'moveUp', ArrowUp],
  ['down', 'moveDown', ArrowDown],
  ['in', 'moveIn', IndentIncrease],
  ['out', 'moveOut', IndentDecrease],
] as const;
const REMOVE = { channel: 'channel.remove', document: 'document.remove', folder: 'folder.remove' } as const;
const noteOf = (id: ShortcutId): string => keysOf(id).join(' ');

export function useItems(): (thing: Thing, doings?: RowDoings) => readonly MenuItem[] {
  const [, go] = useLocation();
  const actions = useActions();
  const inspection = useInspection();
  const places = useQuery('os.places', {});
  const command = useCommand();
  const remove = useRemoval();
  return (thing, doings) => {
    const { kind, id, spaceId, title, template } = thing;
    const path =
      kind === 'channel' ? paths.channel(spaceId, id) : kind === 'document' ? paths.document(spaceId, id) : null;
    const starred = places?.favourites.some((row) => row.id === id) ?? false;
    const rename = doings?.rename ?? (kind === 'channel' ? () => actions.renameChannel(id, title) : null);
    const moves = MOVES.flatMap(([way, shortcut, icon]): MenuItem[] => {
      const run = doings?.move(way);
      return run ? [{ key: way, label: t(`shortcut.${shortcut}`), icon, note: noteOf(shortcut), onSelect: run }] : [];
    });
    return [
      ...(path === null
        ? []
        : [{ key: 'open', label: t('open'), icon: kind === 'channel' ? Hash : FileText, onSelect: () => go(path) }]),
      ...(kind === 'document' && template
        ? [
            {
              key: 'make',
              label: t('template.make'),
              icon: FilePlus2,
              onSelect: () =>
                void command('editor.createDocument', { spaceId, template: id }).then((made) => {
                  if (made?.id) go(paths.document(spaceId, made.id));
                }),
            },
          ]
        : []),
      ...(kind === 'channel'
        ? []
        : [
            {
              key: 'inside',
              label: t('document.newInside'),
              icon: FilePlus2,
              onSelect: () => void actions.newDocument(spaceId, id),
            },
            {
              key: 'folder',
              label: t('folder.newInside'),
              icon: FolderPlus,
              onSelect: () => actions.newFolder(spaceId, id),
            },
          ]),
      ...(rename
        ? [
            {
              key: 'rename',
              label: t(kind === 'channel' ? 'channel.rename' : 'rename'),
              icon: Pencil,
              ...(doings?.rename ? { note: noteOf('rename') } : {}),
              onSelect: rename,
            },
          ]
        : []),
      ...(kind === 'document' && template !== undefined
        ? [
            {
              key: 'template',
              label: t(template ? 'template.unmark' : 'template.mark'),
              icon: LayoutTemplate,
              onSelect: () => void command('editor.setTemplate', { documentId: id, on: !template }),
            },
          ]
        : []),
      {
        key: 'star',
        label: t(starred ? 'star.remove' : 'star.add'),
        icon: starred ? StarOff : Star,
        onSelect: () => void command('os.star', { id, on: !starred }),
      },
      ...(path === null
        ? []
        : [{ key: 'link', label: t('copyLink'), icon: Link, onSelect: () => void copyLink(path) }]),
      ...(kind === 'folder'
        ? []
        : [
            {
              key: 'invite',
              label: t('invite.people'),
              icon: UserPlus,
              onSelect: () => actions.invite(spaceId, { kind, id }),
            },
          ]),
      {
        key: 'inspect',
        label: t('inspector'),
        icon: PanelRight,
        onSelect: () => inspection.show({ id, kind, title, spaceId }),
      },
      ...(moves.length > 0 ? [{ key: 'moves', line: true as const }, ...moves] : []),
      { key: 'line', line: true },
      { key: 'report', label: t('report'), icon: Flag, onSelect: () => actions.report(id) },
      {
        key: 'remove',
        label: t(REMOVE[kind]),
        icon: Trash2,
        danger: true,
        onSelect: () => remove(thing),
      },
    ];
  };
}

/** For rows of the sidebar, whose items are made when a menu opens. */
export function useRowItems(
  things: ReadonlyMap<string, Thing>,
): (row: { readonly id: string }, doings: RowDoings) => readonly MenuItem[] {
  const items = useItems();
  return ({ id }, doings) => {
    const thing = things.get(id);
    return thing ? items(thing, doings) : [];
  };
}
