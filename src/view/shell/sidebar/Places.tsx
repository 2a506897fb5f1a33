/** The places of a sidebar: the channels of the space, its documents and folders, and the favourites of the person. */
import type { LucideIcon } from 'lucide-react';
import { FilePlus2, FileText, Folder, FolderPlus, Hash, LayoutTemplate, Plus } from 'lucide-react';
import { useCallback, useMemo } from 'react';
import type { ChannelRow, DocumentRow, PlaceRow } from '../../../bridge/messages';
import { useWhyNot } from '../../kit/access';
import { t } from '../../kit/i18n';
import { useCommand, useQuery } from '../../kit/kernel';
import { type Place, paths } from '../../kit/routes';
import { useActions } from '../actions';
import { type Thing, useRowItems } from '../menus';
import { shownOf } from './outline';
import { Section, useFolding } from './Section';
import { Tree, type TreeActs, type TreeRow } from './Tree';

const titled = (title: string): string => (title.trim() === '' ? t('untitled') : title);

const channelRow = (spaceId: string, row: ChannelRow): TreeRow => ({
  id: row.id,
  parent: null,
  depth: 0,
  to: paths.channel(spaceId, row.id),
  icon: Hash,
  lead: '',
  title: row.title,
  label: row.title,
  unread: row.unread,
  mentions: row.mentions,
  level: row.level,
  note: row.draft ? t('draft') : '',
});
const documentRow = (spaceId: string, row: DocumentRow): TreeRow => ({
  id: row.id,
  parent: row.parent,
  depth: row.depth,
  to: row.kind === 'folder' ? null : paths.document(spaceId, row.id),
  icon: row.kind === 'folder' ? Folder : row.template ? LayoutTemplate : FileText,
  lead: row.icon,
  title: row.title,
  label: titled(row.title),
  unread: row.unread,
  mentions: row.mentions,
  level: row.level,
  note: '',
});
const ICONS: Readonly<Record<string, LucideIcon>> = { channel: Hash, folder: Folder };
const favouriteRow = (row: PlaceRow, here: string, spaces: ReadonlyMap<string, string>): TreeRow => ({
  id: row.id,
  parent: null,
  depth: 0,
  to:
    row.kind === 'channel'
      ? paths.channel(row.spaceId, row.id)
      : row.kind === 'document'
        ? paths.document(row.spaceId, row.id)
        : paths.space(row.spaceId),
  icon: ICONS[row.kind] ?? FileText,
  lead: row.icon,
  title: row.title,
  label: titled(row.title),
  unread: 0,
  mentions: 0,
  level: 'all',
  note: row.spaceId === here ? '' : (spaces.get(row.spaceId) ?? ''),
});

type Titled = {
  readonly id: string;
  readonly title: string;
  readonly kind?: string;
  readonly spaceId?: string;
  readonly template?: boolean;
};
/** `kind`, `spaceId`: of rows that do not tell theirs. */
function useThings(
  rows: readonly Titled[] | undefined,
  kind: Thing['kind'],
  spaceId: string,
): ReadonlyMap<string, Thing> {
  return useMemo(
    () =>
      new Map(
        (rows ?? []).map(({ id, title, kind: own, spaceId: its, template }) => [
          id,
          { id, title, kind: own === 'channel' || own === 'folder' ? own : kind, spaceId: its ?? spaceId, template },
        ]),
      ),
    [rows, kind, spaceId],
  );
}

const currentOf = (place: Place): string | null =>
  place.at === 'channel' ? place.channelId : place.at === 'document' ? place.documentId : null;

export function Places({ place, spaceId }: { place: Place; spaceId: string }) {
  return (
    <>
      <Channels place={place} spaceId={spaceId} />
      <Documents place={place} spaceId={spaceId} />
      <Favourites spaceId={spaceId} />
    </>
  );
}

function Channels({ place, spaceId }: { place: Place; spaceId: string }) {
  const channels = useQuery('chat.channels', { spaceId });
  const why = useWhyNot(spaceId, 'edit');
  const folding = useFolding(spaceId);
  const actions = useActions();
  const command = useCommand();
  const items = useRowItems(useThings(channels, 'channel', spaceId));
  const rows = useMemo(() => (channels ?? []).map((row) => channelRow(spaceId, row)), [channels, spaceId]);
  const shown = useMemo(() => shownOf(rows, folding.folded), [rows, folding]);
  const acts: TreeActs =
    why === null
      ? {
          rename: (channelId, title) => command('chat.renameChannel', { channelId, title }),
          move: (channelId, { after }) =>
            command('chat.moveChannel', { channelId, ...(after === null ? {} : { after }) }),
        }
      : {};
  return (
    <Section
      name="channels"
      title={t('channels')}
      folding={folding}
      actions={[{ label: t('channel.new'), icon: Plus, why, run: () => actions.newChannel(spaceId) }]}
    >
      <Tree rows={rows} shown={shown} current={currentOf(place)} acts={acts} items={items} />
    </Section>
  );
}

function Documents({ place, spaceId }: { place: Place; spaceId: string }) {
  const documents = useQuery('editor.documents', { spaceId });
  const why = useWhyNot(spaceId, 'edit');
  const folding = useFolding(spaceId);
  const actions = useActions();
  const command = useCommand();
  const items = useRowItems(useThings(documents, 'document', spaceId));
  const rows = useMemo(() => (documents ?? []).map((row) => documentRow(spaceId, row)), [documents, spaceId]);
  const shown = useMemo(() => shownOf(rows, folding.folded), [rows, folding]);
  const acts: TreeActs = {
    fold: folding.fold,
    nests: true,
    ...(why === null
      ? {
          rename: (documentId, title) => command('editor.rename', { documentId, title }),
          move: (documentId, { parent, after }) =>
            command('editor.move', {
              documentId,
              ...(parent === null ? {} : { parent }),
              ...(after === null ? {} : { after }),
            }),
        }
      : {}),
  };
  return (
    <Section
      name="documents"
      title={t('documents')}
      folding={folding}
      actions={[
        { label: t('folder.new'), icon: FolderPlus, why, run: () => void actions.newFolder(spaceId) },
        { label: t('template.new'), icon: LayoutTemplate, why, run: () => actions.newFromTemplate(spaceId) },
        { label: t('document.new'), icon: FilePlus2, why, run: () => void actions.newDocument(spaceId) },
      ]}
    >
      <Tree rows={rows} shown={shown} current={currentOf(place)} acts={acts} items={items} />
    </Section>
  );
}

/** Of all spaces: they are the person's. */
function Favourites({ spaceId }: { spaceId: string }) {
  const places = useQuery('os.places', {});
  const spaces = useQuery('os.spaces', {});
  const folding = useFolding(spaceId);
  const command = useCommand();
  const items = useRowItems(useThings(places?.favourites, 'document', spaceId));
  const titles = useMemo(() => new Map((spaces ?? []).map(({ id, title }) => [id, title])), [spaces]);
  const rows = useMemo(
    () => (places?.favourites ?? []).map((row) => favouriteRow(row, spaceId, titles)),
    [places, spaceId, titles],
  );
  const shown = useMemo(() => shownOf(rows, NONE), [rows]);
  const move = useCallback(
    (id: string, { after }: { readonly after: string | null }) =>
      command('os.star', { id, on: true, ...(after === null ? { first: true } : { after }) }),
    [command],
  );
  if (rows.length === 0) return null;
  return (
    <Section name="favourites" title={t('favourites')} folding={folding}>
      <Tree rows={rows} shown={shown} current={null} acts={{ move }} items={items} />
    </Section>
  );
}
const NONE: ReadonlySet<string> = new Set();
