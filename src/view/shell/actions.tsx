/** What can be begun from anywhere (sidebar, palette, empty views): the dialogs that stand over the whole shell. */

import type { FormEvent, ReactNode } from 'react';
import { createContext, lazy, Suspense, useContext, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import type { SpaceKind } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { Dialog } from '../kit/Dialog';
import { Field, Segmented } from '../kit/Field';
import { t } from '../kit/i18n';
import { useCall, useCommand } from '../kit/kernel';
import { ReportDialog } from '../kit/Report';
import { paths, placeOf } from '../kit/routes';
import { useNaming } from '../onboarding/naming';
import type { Shared } from './InviteDialog';
import { Palette } from './Palette';

const InviteDialog = lazy(() => import('./InviteDialog').then((module) => ({ default: module.InviteDialog })));
const ExportDialog = lazy(() =>
  import('../exchange/ExportDialog').then((module) => ({ default: module.ExportDialog })),
);
const ImportDialog = lazy(() =>
  import('../exchange/ImportDialog').then((module) => ({ default: module.ImportDialog })),
);
const TemplatesDialog = lazy(() => import('./TemplatesDialog').then((module) => ({ default: module.TemplatesDialog })));
const Shortcuts = lazy(() => import('./Shortcuts').then((module) => ({ default: module.Shortcuts })));

type Begun =
  | { readonly what: 'space' }
  | { readonly what: 'channel'; readonly spaceId: string }
  | { readonly what: 'invite'; readonly spaceId: string; readonly shared: Shared | null }
  | { readonly what: 'rename'; readonly channelId: string; readonly title: string }
  | { readonly what: 'report'; readonly id: string }
  | { readonly what: 'folder'; readonly spaceId: string; readonly parent?: string | undefined }
  | { readonly what: 'templates'; readonly spaceId: string; readonly parent?: string | undefined }
  | { readonly what: 'shortcuts' }
  | { readonly what: 'palette' }
  | { readonly what: 'export'; readonly spaceId: string }
  | { readonly what: 'import' };

export type Actions = {
  newSpace(): void;
  newChannel(spaceId: string): void;
  renameChannel(channelId: string, title: string): void;
  /** Makes an untitled document and opens it; no form. */
  newDocument(spaceId: string, parent?: string): Promise<void>;
  /** Offers templates to make a document of. */
  newFromTemplate(spaceId: string, parent?: string): void;
  newFolder(spaceId: string, parent?: string): void;
  /** Tells the Admins about an object. */
  report(id: string): void;
  /** `shared`: where those who come arrive; what is open now unless told. */
  invite(spaceId: string, shared?: Shared): void;
  search(): void;
  /** The sheet of them. */
  shortcuts(): void;
  exportSpace(spaceId: string): void;
  importSpace(): void;
};
const none = () => {};
const ActionsContext = createContext<Actions>({
  newSpace: none,
  newChannel: none,
  renameChannel: none,
  newDocument: async () => {},
  newFromTemplate: none,
  newFolder: none,
  report: none,
  invite: none,
  search: none,
  shortcuts: none,
  exportSpace: none,
  importSpace: none,
});
export const useActions = (): Actions => useContext(ActionsContext);

export function ActionsProvider({ spaceId, children }: { spaceId: string | null; children: ReactNode }) {
  const [begun, setBegun] = useState<Begun | null>(null);
  const [path, go] = useLocation();
  const command = useCommand();
  const close = () => setBegun(null);
  // Whoever begins something is not drawn anew because something was begun.
  const actions = useMemo<Actions>(
    () => ({
      newSpace: () => setBegun({ what: 'space' }),
      newChannel: (id) => setBegun({ what: 'channel', spaceId: id }),
      renameChannel: (channelId, title) => setBegun({ what: 'rename', channelId, title }),
      newDocument: async (id, parent) => {
        const made = await command('editor.createDocument', {
          spaceId: id,
          title: '',
          ...(parent === undefined ? {} : { parent }),
        });
        if (made?.id) go(paths.document(id, made.id));
      },
      newFromTemplate: (id, parent) => setBegun({ what: 'templates', spaceId: id, parent }),
      newFolder: (id, parent) => setBegun({ what: 'folder', spaceId: id, parent }),
      report: (id) => setBegun({ what: 'report', id }),
      invite: (id, shared) => setBegun({ what: 'invite', spaceId: id, shared: shared ?? openIn(id, path) }),
      exportSpace: (id) => setBegun({ what: 'export', spaceId: id }),
      importSpace: () => setBegun({ what: 'import' }),
      search: () => setBegun((now) => (now?.what === 'palette' ? null : { what: 'palette' })),
      shortcuts: () => setBegun({ what: 'shortcuts' }),
    }),
    [command, go, path],
  );
  return (
    <ActionsContext.Provider value={actions}>
      {children}
      <Suspense>
        {begun?.what === 'space' ? <NewSpace onClose={close} /> : null}
        {begun?.what === 'channel' ? <NewChannel spaceId={begun.spaceId} onClose={close} /> : null}
        {begun?.what === 'rename' ? (
          <RenameChannel channelId={begun.channelId} title={begun.title} onClose={close} />
        ) : null}
        {begun?.what === 'invite' ? (
          <InviteDialog spaceId={begun.spaceId} shared={begun.shared} onClose={close} />
        ) : null}
        {begun?.what === 'report' ? <ReportDialog id={begun.id} onClose={close} /> : null}
        {begun?.what === 'folder' ? <NewFolder spaceId={begun.spaceId} parent={begun.parent} onClose={close} /> : null}
        {begun?.what === 'templates' ? (
          <TemplatesDialog spaceId={begun.spaceId} parent={begun.parent} onClose={close} />
        ) : null}
        {begun?.what === 'shortcuts' ? <Shortcuts onClose={close} /> : null}
        {begun?.what === 'export' ? <ExportDialog spaceId={begun.spaceId} onClose={close} /> : null}
        {begun?.what === 'import' ? <ImportDialog onClose={close} /> : null}
        {begun?.what === 'palette' ? <Palette spaceId={spaceId} onClose={close} /> : null}
      </Suspense>
    </ActionsContext.Provider>
  );
}

/** The channel or document of the space that is open. */
function openIn(spaceId: string, path: string): Shared | null {
  const place = placeOf(path);
  if (place.at === 'channel' && place.spaceId === spaceId) return { kind: 'channel', id: place.channelId };
  if (place.at === 'document' && place.spaceId === spaceId) return { kind: 'document', id: place.documentId };
  return null;
}

function TitleForm({
  label,
  placeholder,
  action,
  initial = '',
  onSubmit,
  onClose,
  children,
}: {
  label: string;
  initial?: string;
  placeholder: string;
  action: string;
  onSubmit(title: string): Promise<boolean>;
  onClose(): void;
  children?: ReactNode;
}) {
  const [title, setTitle] = useState(initial);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (title.trim() === '' || busy) return;
    setBusy(true);
    if (await onSubmit(title.trim())) onClose();
    setBusy(false);
  };
  return (
    <form onSubmit={submit}>
      <div className="db">
        <Field
          label={label}
          placeholder={placeholder}
          value={title}
          maxLength={200}
          autoFocus
          onChange={(event) => setTitle(event.target.value)}
        />
        {children}
      </div>
      <div className="df">
        <Button size="large" onClick={onClose}>
          {t('cancel')}
        </Button>
        <Button size="large" kind="primary" type="submit" disabled={busy || title.trim() === ''}>
          {action}
        </Button>
      </div>
    </form>
  );
}

function NewSpace({ onClose }: { onClose(): void }) {
  const call = useCall();
  const [, go] = useLocation();
  const [kind, setKind] = useState<SpaceKind>('team');
  const naming = useNaming();
  return (
    <Dialog title={t('space.new')} onClose={onClose}>
      <TitleForm
        label={t('space.name')}
        placeholder={t('space.nameExample')}
        action={t('create')}
        onClose={onClose}
        onSubmit={async (title) => {
          if (!(await naming.save())) return false;
          const made = await call((client) => client.createSpace({ title, kind }));
          if (made) go(paths.space(made.value.id));
          return made !== undefined;
        }}
      >
        <div className="label">
          <span>{t('space.kind')}</span>
          <Segmented
            label={t('space.kind')}
            value={kind}
            onChange={setKind}
            choices={[
              { value: 'team', label: t('space.team') },
              { value: 'guild', label: t('space.guild') },
              { value: 'room', label: t('space.room') },
            ]}
          />
        </div>
        {naming.field}
      </TitleForm>
    </Dialog>
  );
}

function NewChannel({ spaceId, onClose }: { spaceId: string; onClose(): void }) {
  const command = useCommand();
  const [, go] = useLocation();
  return (
    <Dialog title={t('channel.new')} onClose={onClose}>
      <TitleForm
        label={t('channel.name')}
        placeholder={t('channel.nameExample')}
        action={t('create')}
        onClose={onClose}
        onSubmit={async (title) => {
          const made = await command('chat.createChannel', { spaceId, title });
          if (made?.id) go(paths.channel(spaceId, made.id));
          return made !== undefined;
        }}
      />
    </Dialog>
  );
}

function NewFolder({ spaceId, parent, onClose }: { spaceId: string; parent: string | undefined; onClose(): void }) {
  const command = useCommand();
  return (
    <Dialog title={t('folder.new')} onClose={onClose}>
      <TitleForm
        label={t('folder.name')}
        placeholder={t('folder.nameExample')}
        action={t('create')}
        onClose={onClose}
        onSubmit={async (title) =>
          (await command('editor.createFolder', { spaceId, title, ...(parent === undefined ? {} : { parent }) })) !==
          undefined
        }
      />
    </Dialog>
  );
}

function RenameChannel({ channelId, title, onClose }: { channelId: string; title: string; onClose(): void }) {
  const command = useCommand();
  return (
    <Dialog title={t('channel.rename')} onClose={onClose}>
      <TitleForm
        label={t('channel.name')}
        placeholder={t('channel.nameExample')}
        action={t('save')}
        initial={title}
        onClose={onClose}
        onSubmit={async (next) => (await command('chat.renameChannel', { channelId, title: next })) !== undefined}
      />
    </Dialog>
  );
}
