/**
 * How a view reaches the kernel: ask for a query, send a command. It knows no application and keeps no answer of its own;
 * answers come from the client's stores, which keep unchanged rows as the same objects. A refused command is shown to the
 * person in full (what happened, what is safe, what to do) and never thrown into a render.
 */

import type { ReactNode } from 'react';
import { createContext, useCallback, useContext, useMemo, useSyncExternalStore } from 'react';
import type { KernelClient } from '../../bridge/client';
import type {
  AccessAction,
  AccessRow,
  AlertRow,
  ApartAnswer,
  AuditRow,
  BacklinksAnswer,
  BadgeAnswer,
  BannedRow,
  BeaconRow,
  CardAnswer,
  ChannelAnswer,
  ChannelRow,
  CommentRow,
  CommentsAnswer,
  ConflictRow,
  ContentAnswer,
  DeviceRow,
  DigestAnswer,
  DocumentAnswer,
  DocumentRow,
  DurabilityAnswer,
  ExplainAnswer,
  FeedAnswer,
  FileAnswer,
  HealthRow,
  HeldRow,
  HistoryRow,
  InboxAnswer,
  InviteRow,
  JoinRow,
  KeptFilesAnswer,
  LinkingAnswer,
  LockAnswer,
  LossAnswer,
  MayInviteAnswer,
  MeAnswer,
  MemberRow,
  MessageRow,
  MessageWindow,
  MomentsAnswer,
  MutedRow,
  NamedAnswer,
  NameRow,
  NeighbourhoodRow,
  NetworkAnswer,
  NewcomerRow,
  PairingAnswer,
  PeerRow,
  PersonRow,
  PlaceRow,
  PlacesAnswer,
  PolicyRow,
  PresenceRow,
  RecoveryAnswer,
  Refusal,
  ReportRow,
  RequestRow,
  SearchAnswer,
  ShelfAnswer,
  SpaceRow,
  StateAnswer,
  StorageAnswer,
  SuggestionRow,
  SyncAnswer,
  TemplateRow,
  TrafficAnswer,
  TrashRow,
  ValueAnswer,
  WeekAnswer,
} from '../../bridge/messages';
import { naming } from './nameless';
import { showRefusal } from './Toasts';

export type AuditQuestion = {
  readonly spaceId: string;
  readonly person?: string;
  readonly kind?: string;
  readonly since?: number;
  readonly until?: number;
  readonly limit?: number;
  readonly before?: string;
};

export type FeedQuestion = {
  readonly tab?: string;
  readonly spaceId?: string;
  readonly app?: string;
  readonly person?: string;
  readonly ranked?: boolean;
  readonly offset?: number;
  readonly limit?: number;
  readonly before?: number;
};

type Asked<A, R> = { readonly args: A; readonly answer: R };
/** The queries the views use: arguments and answers. */
export type Queries = {
  'os.me': Asked<Record<string, never>, MeAnswer>;
  'os.spaces': Asked<Record<string, never>, readonly SpaceRow[]>;
  'os.members': Asked<{ spaceId: string; text?: string; limit?: number; nameless?: string }, readonly MemberRow[]>;
  'os.people': Asked<{ spaceId: string }, readonly PersonRow[]>;
  'os.banned': Asked<{ spaceId: string }, readonly BannedRow[]>;
  'os.conflicts': Asked<{ spaceId: string }, readonly ConflictRow[]>;
  'os.reports': Asked<{ spaceId: string }, readonly ReportRow[]>;
  'os.held': Asked<{ spaceId: string }, readonly HeldRow[]>;
  'os.invites': Asked<{ spaceId: string }, readonly InviteRow[]>;
  'os.mayInvite': Asked<{ spaceId: string }, MayInviteAnswer>;
  'os.requests': Asked<{ spaceId: string }, readonly RequestRow[]>;
  'os.peers': Asked<Record<string, never>, readonly PeerRow[]>;
  'os.network': Asked<Record<string, never>, NetworkAnswer>;
  'os.pairing': Asked<Record<string, never>, PairingAnswer>;
  'os.traffic': Asked<Record<string, never>, TrafficAnswer>;
  'os.neighbours': Asked<Record<string, never>, readonly NeighbourhoodRow[]>;
  'os.beacons': Asked<Record<string, never>, readonly BeaconRow[]>;
  'os.sync': Asked<{ spaceId: string }, SyncAnswer>;
  'os.shelf': Asked<Record<string, never>, ShelfAnswer>;
  'os.storage': Asked<Record<string, never>, StorageAnswer>;
  'os.content': Asked<{ id: string }, ContentAnswer | null>;
  'os.history': Asked<{ id: string; limit?: number; before?: string }, readonly HistoryRow[]>;
  'os.stateAt': Asked<{ id: string; entry: string; document?: boolean }, StateAnswer | null>;
  'os.moments': Asked<{ spaceId: string }, MomentsAnswer | null>;
  'os.explain': Asked<{ id: string; userId?: string; action?: AccessAction }, ExplainAnswer | null>;
  'os.value': Asked<{ id: string; key?: string; block?: string }, ValueAnswer | null>;
  'os.access': Asked<{ id: string }, readonly AccessRow[]>;
  'os.policies': Asked<{ spaceId: string; id?: string }, readonly PolicyRow[]>;
  'os.audit': Asked<AuditQuestion, readonly AuditRow[]>;
  'os.join': Asked<Record<string, never>, readonly JoinRow[]>;
  'os.devices': Asked<Record<string, never>, readonly DeviceRow[]>;
  'os.newcomers': Asked<Record<string, never>, readonly NewcomerRow[]>;
  'os.linking': Asked<Record<string, never>, LinkingAnswer>;
  'os.recovery': Asked<Record<string, never>, RecoveryAnswer>;
  'os.pictures': Asked<{ spaceId: string }, readonly { readonly id: string; readonly picture: string }[]>;
  'os.presence': Asked<{ id: string }, readonly PresenceRow[]>;
  'browser.loss': Asked<Record<string, never>, LossAnswer>;
  'browser.lock': Asked<Record<string, never>, LockAnswer>;
  'os.draft': Asked<{ key: string }, string>;
  'os.backlinks': Asked<{ id: string }, BacklinksAnswer>;
  'os.trash': Asked<{ spaceId: string; kind?: string; limit?: number }, readonly TrashRow[]>;
  'os.places': Asked<Record<string, never>, PlacesAnswer>;
  'os.titles': Asked<{ text: string; kind?: string; untitled?: string }, readonly PlaceRow[]>;
  'os.folded': Asked<{ spaceId: string }, readonly string[]>;
  'os.file': Asked<{ spaceId: string; blob: string }, FileAnswer>;
  'os.keptFiles': Asked<{ spaceId: string }, KeptFilesAnswer>;
  'os.candidates': Asked<
    { spaceId: string; text: string; kind?: 'title' | 'object'; limit?: number; nameless?: string },
    readonly NameRow[]
  >;
  'os.named': Asked<{ spaceId: string; id: string }, NamedAnswer | null>;
  'os.card': Asked<{ spaceId: string; id: string }, CardAnswer | null>;
  'os.search': Asked<{ text: string; limit?: number; offset?: number; nameless?: string }, SearchAnswer>;
  'os.durability': Asked<{ id: string }, DurabilityAnswer | null>;
  'os.apart': Asked<{ spaceId: string }, ApartAnswer | null>;
  'os.health': Asked<{ spaceId?: string }, readonly HealthRow[]>;
  'chat.channels': Asked<{ spaceId: string }, readonly ChannelRow[]>;
  'chat.channel': Asked<{ channelId: string }, ChannelAnswer | null>;
  'chat.thread': Asked<{ messageId: string }, readonly MessageRow[]>;
  'chat.where': Asked<{ messageId: string }, { readonly channelId: string; readonly thread: string | null } | null>;
  'chat.window': Asked<{ channelId: string; at?: string; rank?: number; limit?: number }, MessageWindow | null>;
  'chat.messages': Asked<{ channelId: string; limit?: number; before?: string }, readonly MessageRow[]>;
  'hub.feed': Asked<FeedQuestion, FeedAnswer>;
  'hub.inbox': Asked<{ show?: string; limit?: number }, InboxAnswer>;
  'hub.digest': Asked<{ since?: number }, DigestAnswer>;
  'hub.week': Asked<{ since: number }, WeekAnswer>;
  'hub.alerts': Asked<{ all?: boolean }, readonly AlertRow[]>;
  'hub.muted': Asked<Record<string, never>, readonly MutedRow[]>;
  'hub.badge': Asked<Record<string, never>, BadgeAnswer>;
  'editor.documents': Asked<{ spaceId: string }, readonly DocumentRow[]>;
  'editor.document': Asked<{ documentId: string }, DocumentAnswer | null>;
  'editor.templates': Asked<{ spaceId: string }, readonly TemplateRow[]>;
  'editor.suggestions': Asked<{ documentId: string }, readonly SuggestionRow[]>;
  'comments.thread': Asked<{ objectId: string }, readonly CommentRow[]>;
  'comments.about': Asked<{ objectId: string }, CommentsAnswer | null>;
};

const Kernel = createContext<KernelClient | null>(null);

export function KernelProvider({ client, children }: { client: KernelClient; children: ReactNode }) {
  const speaking = useMemo(() => naming(client), [client]);
  return <Kernel.Provider value={speaking}>{children}</Kernel.Provider>;
}

export function useKernel(): KernelClient {
  const client = useContext(Kernel);
  if (client === null) throw new Error('A view needs a KernelProvider above it');
  return client;
}

/** The live answer; `undefined` until the first one came. With `null` as arguments nothing is asked. */
export function useQuery<N extends keyof Queries>(
  name: N,
  args: Queries[N]['args'] | null,
): Queries[N]['answer'] | undefined;
export function useQuery<T>(name: string, args: unknown): T | undefined;
export function useQuery(name: string, args: unknown): unknown {
  const client = useKernel();
  const key = JSON.stringify(args);
  const [subscribe, snapshot] = useMemo(() => {
    if (key === 'null') return [() => () => {}, () => undefined];
    const asked: unknown = JSON.parse(key);
    // Asked for anew each time: the client lets a store go when nobody has used it for a while.
    return [
      (onChange: () => void) => client.store(name, asked).subscribe(onChange),
      () => client.store(name, asked).getSnapshot(),
    ];
  }, [client, name, key]);
  return useSyncExternalStore(subscribe, snapshot, snapshot);
}

/** Anything a promise may reject with, as the sentences to show. */
export function refusalOf(error: unknown): Refusal {
  if (typeof error === 'object' && error !== null && 'message' in error) {
    const { type, message, safe, next } = error as Partial<Refusal>;
    return { type: type ?? 'unknown', message: String(message), safe: safe ?? '', next: next ?? '' };
  }
  return { type: 'unknown', message: String(error), safe: '', next: '' };
}

/** Runs a call; gives its value, or `undefined` after the refusal has been shown. */
export type Attempt = <T>(call: (client: KernelClient) => Promise<T>) => Promise<{ readonly value: T } | undefined>;
export function useCall(): Attempt {
  const client = useKernel();
  return useCallback(
    async (call) => {
      try {
        return { value: await call(client) };
      } catch (error) {
        showRefusal(refusalOf(error));
        return undefined;
      }
    },
    [client],
  );
}

/** Sends a command; gives the ids it made, or `undefined` after its refusal has been shown. */
export function useCommand(): (name: string, args: unknown) => Promise<Readonly<Record<string, string>> | undefined> {
  const call = useCall();
  return useCallback(async (name, args) => (await call((client) => client.run(name, args)))?.value, [call]);
}
