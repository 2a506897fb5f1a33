/**
 * Looking at a space as somebody else would see it, or as it was at a moment: the same views over a client whose every
 * question is asked so, and which writes nothing. What was there, and what others see, is the kernel's answer; here is only
 * how one looks.
 */
import { createContext, useCallback, useContext } from 'react';
import type { KernelClient } from '../../bridge/client';
import type { Refusal } from '../../bridge/messages';
import { bytesOf } from './bytes';
import { t } from './i18n';
import { useCall } from './kernel';

/** With `at` (ms): as it was then, with one's own eyes. Without `userId`: as a Guest, of one object where `objectId` names it. */
export type Viewing = {
  readonly spaceId: string;
  readonly title: string;
  readonly at?: number;
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
/** Changes nothing but what lies on this device. */
const FETCHES = 'os.fetch';
/** What views do by themselves; nothing is said when it is left undone. */
const QUIET = /^os\.(saveDraft|visited|fold)$|\.mark(All)?Read$/;

/** Asked of now, whatever one looks at. */
const OF_NOW = /^browser\.|^os\.(moments|content)$/;
/** Written while one looks at the past: what leads elsewhere. */
const LEADS = /^os\.(travel|returnToNow)$/;

const refusedOf =
  ({ at }: Viewing) =>
  (): Refusal => ({
    type: 'viewing',
    message: t(at === undefined ? 'viewing.refused' : 'travel.refused'),
    safe: t('nothingChanged'),
    next: t(at === undefined ? 'viewing.refusedNext' : 'travel.refusedNext'),
  });

/** Everything that is not known to read is refused. */
export const clientAs = (client: KernelClient, viewing: Viewing): KernelClient => {
  const { spaceId, userId, objectId, at } = viewing;
  const refused = refusedOf(viewing);
  const asked = (name: string, args: unknown): [string, unknown] =>
    OF_NOW.test(name)
      ? [name, args]
      : at !== undefined
        ? ['os.asAt', { spaceId, at, name, args: args ?? {} }]
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
    run: (name, args) =>
      name === FETCHES || (at !== undefined && LEADS.test(name))
        ? client.run(name, args)
        : QUIET.test(name)
          ? Promise.resolve({})
          : Promise.reject(refused()),
    openDocument: async (documentId, events) => {
      if ((await client.query(...asked('editor.document', { documentId }))) === null) throw refused();
      if (at !== undefined) {
        const state = await client.query(...asked('os.documentState', { documentId }));
        if (typeof state !== 'string') throw refused();
        return { clientId: 1, state: bytesOf(state), push: () => {}, setPresence: () => {}, close: () => {} };
      }
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

/** Makes a moment of a space ready, then looks at it. */
export function useTravel(): (to: { spaceId: string; title: string; at: number }) => Promise<void> {
  const { look } = useViewing();
  const call = useCall();
  return useCallback(
    async ({ spaceId, title, at }) => {
      if (await call((client) => client.run('os.travel', { spaceId, at }))) look({ spaceId, title, at });
    },
    [call, look],
  );
}
