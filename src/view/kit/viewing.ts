/**
 * Looking at a space as somebody else would see it: the same views over a client whose every question is asked as that
 * person, and which writes nothing. What others may see and do is the kernel's answer; here is only whom one looks as.
 */
import { createContext, useContext } from 'react';
import type { KernelClient } from '../../bridge/client';
import type { Refusal } from '../../bridge/messages';
import { t } from './i18n';

/** Without `userId`: as a Guest, of one object where `objectId` names it. */
export type Viewing = {
  readonly spaceId: string;
  readonly title: string;
  readonly userId?: string;
  readonly name?: string;
  readonly objectId?: string;
  readonly objectTitle?: string;
};
export type ViewingControl = { readonly viewing: Viewing | null; look(as: Viewing): void; end(): void };

export const ViewingContext = createContext<ViewingControl>({ viewing: null, look() {}, end() {} });
export const useViewing = (): ViewingControl => useContext(ViewingContext);

/** Calls that only read, and are the same whoever looks. */
const READS = new Set<PropertyKey>(['ready', 'me', 'commands', 'queries', 'stats', 'peers', 'onRefusal', 'stop']);
/** What views do by themselves; nothing is said when it is left undone. */
const QUIET = /^os\.saveDraft$|\.mark(All)?Read$/;

const refused = (): Refusal => ({
  type: 'viewing',
  message: t('viewing.refused'),
  safe: t('nothingChanged'),
  next: t('viewing.refusedNext'),
});

/** Everything that is not known to read is refused. */
export const clientAs = (client: KernelClient, { spaceId, userId, objectId }: Viewing): KernelClient => {
  const asked = (name: string, args: unknown): [string, unknown] =>
    name.startsWith('browser.')
      ? [name, args]
      : [
          'os.viewAs',
          {
            spaceId,
            ...(userId === undefined ? {} : { userId }),
            ...(objectId === undefined ? {} : { id: objectId }),
            name,
            args: args ?? {},
          },
        ];
  const own: Partial<KernelClient> = {
    store: (name, args) => client.store(...asked(name, args)),
    query: (name, args) => client.query(...asked(name, args)),
    watch: (name, args, emit, failed) => client.watch(...asked(name, args), emit, failed),
    run: (name) => (QUIET.test(name) ? Promise.resolve({}) : Promise.reject(refused())),
    openDocument: async (documentId, events) => {
      if ((await client.query(...asked('editor.document', { documentId }))) === null) throw refused();
      const open = await client.openDocument(documentId, { ...events, presence: () => {} });
      return { ...open, push: () => events.refused(refused()), setPresence: () => {} };
    },
  };
  return new Proxy(client, {
    get: (target, name) => {
      if (Object.hasOwn(own, name)) return own[name as keyof KernelClient];
      const value: unknown = Reflect.get(target, name);
      return typeof value !== 'function' || READS.has(name) ? value : () => Promise.reject(refused());
    },
  });
};
