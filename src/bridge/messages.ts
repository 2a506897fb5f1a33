/**
 * What a page and a kernel say to each other: the scripting surface `Lgos` (docs/users/console.md), the few calls that
 * only views need, and by name the shapes of the answers, which stand by subject in `answers`. Types only; `server.ts` and
 * `client.ts` carry them.
 */
import type { BundleImported, ExportHow } from './answers/exchange';
import type { RowsEdit } from './answers/found';
import type { PeerRow } from './answers/network';
import type { InviteAnswer, PresenceRow } from './answers/people';
import type { Refusal, Role, SpaceKind } from './answers/words';

export type {
  AccessAction,
  AccessRow,
  ActionAnswer,
  AuditGroup,
  AuditKind,
  AuditRow,
  AuditWhy,
  ExplainAnswer,
  GrantLink,
  MissingLink,
  PolicyKey,
  PolicyRow,
  ValueAnswer,
} from './answers/access';
export type {
  AttachmentRow,
  ChannelAnswer,
  ChannelRow,
  CommentRow,
  CommentsAnswer,
  DocumentAnswer,
  DocumentRow,
  ErasedBy,
  FileAnswer,
  KeptFilesAnswer,
  Level,
  MarkupNode,
  MessageRow,
  MessageWindow,
  ReactionRow,
  SuggestionRow,
  TemplateRow,
} from './answers/applications';
export type {
  BundleImported,
  ExportedObject,
  ExportHow,
  ExportingAnswer,
  ImportingAnswer,
  MissingFilesAnswer,
} from './answers/exchange';
export type {
  BacklinksAnswer,
  CardAnswer,
  FoundRow,
  GroupRow,
  NamedAnswer,
  NamedObject,
  NameRow,
  RowsEdit,
  SearchAnswer,
  SearchFilter,
  SearchRow,
} from './answers/found';
export type {
  ActivityItem,
  ActivityKind,
  AlertRow,
  BadgeAnswer,
  DigestAnswer,
  FeedAnswer,
  InboxAnswer,
  MissedLine,
  MissedPlace,
  MutedRow,
  NotificationKind,
  NotificationRow,
  PlaceAnswer,
  WeekAnswer,
} from './answers/hub';
export type {
  ApartAnswer,
  BeaconRow,
  BytesMoved,
  ContentAnswer,
  Conveyed,
  Departure,
  DurabilityAnswer,
  HealthLevel,
  HealthRow,
  HostRefusal,
  MergeAnswer,
  MergeConflict,
  NeighbourhoodRow,
  NetworkAnswer,
  NetworkPath,
  NetworkPeer,
  PairingAnswer,
  PeerRow,
  ServerState,
  ShelfAnswer,
  SpaceStorageRow,
  StorageAnswer,
  SyncAnswer,
  TrafficAnswer,
  TrafficKind,
} from './answers/network';
export type { HistoryRow, MomentsAnswer, StateAnswer, TrashRow, UndoAnswer, UndoLeft, UndoStep } from './answers/past';
export type {
  BannedRow,
  ConflictRow,
  Denial,
  Denials,
  HeldReason,
  HeldRow,
  InviteAnswer,
  InviteRow,
  JoinRow,
  JoinWhy,
  MayInviteAnswer,
  MemberRow,
  PersonRow,
  PresenceRow,
  ReportRow,
  RequestRow,
} from './answers/people';
export type {
  DeviceRow,
  LinkingAnswer,
  LockAnswer,
  LossAnswer,
  MeAnswer,
  NewcomerRow,
  PhraseAnswer,
  PlaceRow,
  PlacesAnswer,
  RecoveryAnswer,
  SpaceRow,
} from './answers/self';
export type { ChangeState, ObjectName, Person, Refusal, Role, SpaceKind } from './answers/words';

export type CommandInfo = {
  readonly name: string;
  readonly args: Readonly<Record<string, ArgInfo>>;
  readonly describes: string;
};

export type ArgInfo = {
  readonly type: 'text' | 'id' | 'number' | 'flag' | 'json';
  readonly optional?: boolean;
  readonly max?: number;
};

/** `within`: the ids of objects (channels, documents) that a right is for, absent for the whole space; `delegate`: how often it may be passed on, 0 to 2. */
export type Narrowing = { readonly within?: readonly string[]; readonly delegate?: number };

/** Calls that go to the kernel one by one; each gives a promise, a refusal rejects with `Refusal`. */
export type KernelCalls = {
  ready(): Promise<{ version: string; protocol: string; build: string }>;
  me(): Promise<{ userId: string; deviceId: string; name: string }>;
  setName(name: string): Promise<void>;
  spaces(): Promise<readonly { id: string; title: string; kind: SpaceKind; role: Role | 'none'; members: number }[]>;
  createSpace(options: { title: string; kind: SpaceKind }): Promise<{ id: string }>;
  invite(
    spaceId: string,
    options: { role: Role; uses?: number; expiresInMs?: number; confirm?: boolean; object?: string } & Narrowing,
  ): Promise<{ inviteId: string; url: string }>;
  revokeInvite(spaceId: string, inviteId: string): Promise<void>;
  /** Reads a link without using it: what the join page shows before anybody decides. */
  readInvite(url: string): Promise<InviteAnswer>;
  join(url: string, options?: { timeoutMs?: number }): Promise<{ id: string }>;
  admit(spaceId: string, requestId: string): Promise<void>;
  leave(spaceId: string): Promise<void>;
  members(spaceId: string): Promise<readonly { userId: string; name: string; role: Role; online: boolean }[]>;
  setRole(spaceId: string, userId: string, role: Role): Promise<void>;
  /** A right that is narrower than a role: `notAfter` is network time in ms, when it ends by itself. */
  grant(spaceId: string, userId: string, options: { role: Role; notAfter?: number } & Narrowing): Promise<void>;
  remove(spaceId: string, userId: string): Promise<void>;
  commands(): Promise<readonly CommandInfo[]>;
  /** `session`: whose undo it becomes; a page's client names its own. Gives the ids it made, and `step` where `os.undo` takes it back. */
  run(name: string, args: unknown, session?: string): Promise<Readonly<Record<string, string>>>;
  queries(): Promise<readonly CommandInfo[]>;
  query(name: string, args: unknown): Promise<unknown>;
  documentText(documentId: string): Promise<string>;
  insertText(documentId: string, index: number, text: string): Promise<void>;
  deleteText(documentId: string, index: number, length: number): Promise<void>;
  stateHash(spaceId: string): Promise<string>;
  heads(spaceId: string): Promise<Readonly<Record<string, number>>>;
  durability(id: string): Promise<{ beacons: number; devices: number; safe: boolean }>;
  peers(): Promise<readonly Omit<PeerRow, 'id' | 'name'>[]>;
  setOnline(online: boolean): Promise<void>;
  /** The encrypted key file, as text; opens with the passphrase in a clean browser. */
  exportKeys(passphrase: string): Promise<string>;
  importKeys(file: string, passphrase: string): Promise<void>;
  /** Keeps bytes as a file of a space, at most 25 MB; `chat.send` with `files` names it. */
  putFile(spaceId: string, bytes: Uint8Array): Promise<{ blob: string; key: string }>;
  getFile(spaceId: string, blob: string, key: string): Promise<Uint8Array>;
  /** A bundle of the space: all signed changes, files, and keys as told, open unless told. */
  exportSpace(spaceId: string, how?: ExportHow): Promise<Uint8Array>;
  /** The same in pieces, asked for one after the other, from 0; an empty one ends it. */
  beginExport(spaceId: string, how?: ExportHow): Promise<{ id: string }>;
  exportPiece(id: string, n: number): Promise<Uint8Array>;
  /** A bundle, or the zip of an export with one in it. Merges into a space that is held. */
  importBundle(bytes: Uint8Array, options?: { passphrase?: string }): Promise<BundleImported>;
  /**
   * Why you (or `userId`) may do something with a space or object, or why not. For an object without an action: who
   * changed it last; with the name of a field for one: who set that.
   */
  explain(id: string, action?: string, userId?: string): Promise<unknown>;
  stats(): Promise<Readonly<Record<string, number>>>;
};

/** A document opened by an editor: the page keeps a Yjs twin, the kernel the truth. */
export type OpenDocument = {
  /** The client id the twin must write under; a twin that keeps its own is refused. */
  readonly clientId: number;
  /** The whole document, Yjs V2. */
  readonly state: Uint8Array;
  /** A V2 update made by the twin. */
  push(update: Uint8Array): void;
  /** Cursor and the like, at most 512 bytes as JSON; `null` when leaving. */
  setPresence(state: unknown): void;
  close(): void;
};

export type DocumentEvents = {
  /** V2 updates of others (and of other tabs). */
  updated(update: Uint8Array): void;
  presence(rows: readonly PresenceRow[]): void;
  /** The kernel refused an update: the twin must be thrown away and opened anew. */
  refused(refusal: Refusal): void;
};

/** What a kernel offers to whoever holds it: the bridge serves exactly this. */
export type KernelApi = KernelCalls & {
  /**
   * Live answers. Emits at once, then whenever the answer changed; unchanged rows are the same objects. Stops with the returned
   * function. `edit`: how it came from the answer emitted last, where the kernel knows without comparing them.
   */
  watch(
    name: string,
    args: unknown,
    emit: (answer: unknown, edit?: RowsEdit) => void,
    failed?: (refusal: Refusal) => void,
  ): () => void;
  openDocument(documentId: string, events: DocumentEvents): Promise<OpenDocument>;
  stop(): Promise<void>;
};
/** What the host of a kernel may ask besides, and no page. */
export type HostedKernel = KernelApi & {
  /** Nobody looks: what a start begins from is put away, without waiting for a quiet while. */
  putAway(): Promise<void>;
};

/** `window.lgos` and what `openNode` gives. */
export type Lgos = KernelCalls & {
  watch(name: string, args: unknown, callback: (answer: unknown) => void): () => void;
};
