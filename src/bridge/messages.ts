/**
 * What a page and a kernel say to each other: the scripting surface `Lgos` (docs/users/console.md), the few calls that
 * only views need, and the shapes of the answers. Types only; `server.ts` and `client.ts` carry them.
 */

export type Role = 'owner' | 'admin' | 'member' | 'guest';
export type SpaceKind = 'personal' | 'team' | 'guild' | 'room';
/** What happened, what is safe, what to do. Every rejected promise carries one. */
export type Refusal = { readonly type: string; readonly message: string; readonly safe: string; readonly next: string };

/** Where a change is. Rule: only signed receipts move it beyond `saved`. */
export type ChangeState =
  | { readonly step: 'sending' }
  | { readonly step: 'saved' }
  /** Kept on this device until the space has a new key: somebody who is out knows the old one. */
  | { readonly step: 'waiting' }
  | { readonly step: 'devices'; readonly devices: number }
  | { readonly step: 'beacon'; readonly beacons: number; readonly devices: number }
  | { readonly step: 'refused'; readonly reason: string };

export type Person = {
  readonly userId: string;
  readonly name: string /** 1-6, the person's hue. */;
  readonly hue: number;
};

// --- Answers of the queries of the operating system ("os.*") -------------------------------------------------

/** `os.me` */
export type MeAnswer = Person & { readonly deviceId: string; readonly personalSpace: string };
/** `os.spaces`: rows */
export type SpaceRow = {
  readonly id: string;
  readonly title: string;
  readonly kind: SpaceKind;
  readonly role: Role | 'none';
  readonly members: number;
  readonly unread: number;
};
/** `os.members` {spaceId}: rows */
export type MemberRow = Person & {
  readonly id: string;
  readonly role: Role;
  readonly online: boolean;
  readonly you: boolean;
};
/**
 * Why somebody may not do something about a person. `senior`: an Owner who was there before; `lastOwner`: nobody would be
 * left who rules; `noEnd`: the rights of Admins and Owners have no end; `lowest`: there is nothing below; `bannedHigher`:
 * banned by somebody of a higher role; `restored`: this device came back by the phrase and has no say yet.
 */
export type Denial =
  | 'notIn'
  | 'adminsOnly'
  | 'ownersOnly'
  | 'senior'
  | 'yourself'
  | 'onlyYourself'
  | 'already'
  | 'notInSpace'
  | 'inSpace'
  | 'lastOwner'
  | 'noEnd'
  | 'lowest'
  | 'banned'
  | 'bannedHigher'
  | 'notBanned'
  | 'restored';
/** Act -> why not; acts as in `os/rights/may`. What is missing may be done. */
export type Denials = Readonly<Partial<Record<string, Denial>>>;
/** `os.people` {spaceId}: rows. `until`: ms, null for no end. `parts`: titles, null for the whole space. */
export type PersonRow = MemberRow & {
  readonly until: number | null;
  readonly parts: readonly string[] | null;
  readonly blocked: boolean;
  /** The only Owner, with others in the space. */
  readonly lastOwner: boolean;
  readonly why: Denials;
};
/** `os.banned` {spaceId}: rows */
export type BannedRow = Person & {
  readonly id: string;
  readonly by: Person;
  readonly at: number;
  readonly why: Denials;
};
type PersonNow = Person & { readonly role: Role | 'none' };
/** `os.conflicts` {spaceId}: rows, newest first; `os.dismissConflict` hides one */
export type ConflictRow = {
  readonly id: string;
  /** Different words about one person; two who lowered each other; a word of somebody who had lost the right to it. */
  readonly kind: 'different' | 'mutual' | 'void';
  readonly person: PersonNow;
  readonly sides: readonly {
    readonly by: PersonNow;
    readonly about: PersonNow;
    readonly did: 'removed' | 'banned' | 'role';
    readonly role: Role | 'none';
    readonly until: number | null;
    readonly at: number;
    readonly counts: boolean;
  }[];
  /** The role to give again. */
  readonly offered: Role;
  readonly whyNotAdd: Denial | null;
  readonly whyNotRemove: Denial | null;
};
/** `os.reports` {spaceId}: objects that people reported, for Admins; rows. `id`: the object's. */
export type ReportRow = {
  readonly id: string;
  readonly type: string;
  /** Its title, or the beginning of its text. */
  readonly title: string;
  readonly author: Person;
  readonly reports: readonly { readonly by: Person; readonly reason: string; readonly at: number }[];
};
/** `os.invites` {spaceId}: rows */
export type InviteRow = {
  readonly id: string;
  readonly role: Role;
  readonly uses: number;
  readonly used: number;
  readonly expiresAt: number;
  readonly confirm: boolean;
  readonly revoked: boolean;
  readonly by: Person;
  readonly mine: boolean;
  /** Those who asked by it and have no answer yet. */
  readonly waiting: number;
  /** How many came in by it within the last hour; `hasty`: more than a person would expect. */
  readonly lastHour: number;
  readonly hasty: boolean;
  /** What it covers; null for the whole space. */
  readonly parts: readonly ObjectName[] | null;
  /** How often those who come may pass their right on. */
  readonly passes: number;
  readonly mayRevoke: boolean;
  /** Where the joiner arrives; on the device that made it only, as `url` and `code`. */
  readonly object?: ObjectName;
  /** A short code to say aloud, while it lasts. */
  readonly code?: { readonly text: string; readonly endsAt: number; readonly triesLeft: number };
  readonly url?: string;
};
/** `os.requests` {spaceId}: people who wait for an Owner or Admin to admit them; rows */
export type RequestRow = {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
  readonly at: number;
  readonly inviteId: string;
  /** Who made the invite. */
  readonly by: Person | null;
  /** The invite has let in as many as it may: this request can only be refused. */
  readonly usedUp: boolean;
};
/** `os.mayInvite` {spaceId}: the roles this person may give by an invite, none with the reason. `policy`: an Owner could let Members. */
export type MayInviteAnswer = { readonly roles: readonly Role[]; readonly why: 'notIn' | 'role' | 'policy' | null };
/** What an invitation says before anybody decides; nobody vouches for the names. */
export type InviteAnswer = {
  readonly spaceId: string;
  readonly title: string;
  readonly kind: SpaceKind;
  readonly expiresAt: number;
  readonly confirm: boolean;
  /** Who invites; empty where the link does not say. */
  readonly from: string;
  /** What was shared: where the joiner arrives. */
  readonly object: ObjectName | null;
};
/** `os.peers`: rows */
export type PeerRow = {
  readonly id: string;
  readonly deviceId: string;
  readonly name: string;
  readonly kind: 'tab' | 'beacon';
  readonly path: 'direct' | 'relayed';
  readonly rttMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
};
/**
 * Why a beacon does not keep a space. `needsCode`: it asks for its join code; `wrongCode`: it was given another one; `notListed`: its
 * operator lists whom it serves; `full`: it takes no more; `badRights`: what it was shown does not name it.
 */
export type HostRefusal = 'needsCode' | 'wrongCode' | 'notListed' | 'full' | 'badRights';
/** `os.beacons`: the page's own beacon and those asked to keep spaces, rows */
export type BeaconRow = {
  readonly id: string;
  readonly deviceId: string;
  readonly name: string;
  /** The page came from it. */
  readonly own: boolean;
  readonly linked: boolean;
  /** The join code that this person gave for it; empty when none. */
  readonly joinCode: string;
  readonly state: 'waiting' | 'accepted' | HostRefusal;
  /** How many spaces it does not keep. */
  readonly refused: number;
};
/** `os.sync` {spaceId}: what the chip shows, from receipts only. */
export type SyncAnswer = {
  readonly online: boolean;
  /** Each holder of the space that has ever given a receipt or is linked now. `behind`: own changes it does not hold yet. */
  readonly holders: readonly {
    readonly deviceId: string;
    readonly name: string;
    readonly kind: 'tab' | 'beacon';
    readonly linked: boolean;
    readonly behind: number;
    readonly receiptAt: number | null;
    /** Why the beacon does not keep the space; absent when it does, or has not answered. */
    readonly refused?: HostRefusal;
  }[];
  /** Own changes that no beacon (where the space has one) or other device holds yet. */
  readonly waiting: number;
  /** Every own change is held by a beacon, or by two other devices. */
  readonly safe: boolean;
  /** The number of nodes in reach (this one included) when a known beacon of the space is out of reach. */
  readonly island: number | null;
  /** This device's clock against the network's, in milliseconds; null while unknown. */
  readonly clockOffsetMs: number | null;
  /** Set when nothing can be written any more, with the reason. */
  readonly readOnly: string | null;
  /**
   * The storage is full: what was not saved yet waits in memory and is written when there is room. Bytes of all this site keeps and
   * may keep, null while unknown; of each space about, the largest first.
   */
  readonly noRoom?: {
    readonly used: number | null;
    readonly quota: number | null;
    readonly spaces: readonly { readonly spaceId: string; readonly bytes: number }[];
  };
  /** What is written is kept here until the space has a new key. */
  readonly waitsForKey?: true;
};
/** `os.shelf`: what this device keeps; bytes. `budget`: at most so many, null for everything. `over`: nothing more may go. */
export type ShelfAnswer = {
  readonly budget: number | null;
  readonly used: number;
  readonly over: boolean;
  /** Text that lies with others alone, and of how many documents. */
  readonly away: { readonly bytes: number; readonly objects: number };
};
/** `os.content` {id}: whether the text of a document is on this device; null for anything else. */
export type ContentAnswer = {
  readonly here: boolean;
  readonly pinned: boolean;
  readonly bytes: number;
  /** Changes that came of those that were away. */
  readonly got: number;
  readonly total: number;
  /** Who is asked for it now. */
  readonly from: string | null;
  /** Who stated to hold it. `silent`: they were asked, and did not send it. */
  readonly holders: readonly {
    readonly deviceId: string;
    readonly name: string;
    readonly kind: 'tab' | 'beacon';
    readonly linked: boolean;
    readonly silent: boolean;
  }[];
};
/**
 * `os.history` {id, limit?, before?}: newest first, rows; `before` is the id of the last row that is known. Typing of one person
 * on one device without a long pause is one row: `changes` of them, from `from` until `at`.
 */
export type HistoryRow = {
  readonly id: string;
  /** Of the signed entry, the last of several; `os.stateAt` and `os.restore` take it. */
  readonly entry: string;
  readonly at: number;
  readonly author: Person;
  readonly deviceId: string;
  readonly kind: 'created' | 'field' | 'deleted' | 'restored' | 'moved' | 'linked' | 'unlinked' | 'text' | 'erased';
  readonly key?: string;
  readonly value?: unknown;
  /** What a field held before; absent where it was never set. */
  readonly before?: unknown;
  /** Where it was moved to (null: the top), what it was linked to. */
  readonly target?: ObjectName | null;
  readonly from?: number;
  readonly changes?: number;
  /** Whose words were erased in it for good. */
  readonly of?: Person;
  /** A field write that lost against one made at the same time: `os.restoreValue` {id, key, entry} brings it back. */
  readonly lost: boolean;
};
/**
 * `os.stateAt` {id, at | entry}: an object as it was; null when not here. `ready`: while false, the state is still being built, and
 * the rest says nothing yet. `made`: it was there by then. `document`: its text as Yjs V2, base64url, where asked for.
 */
export type StateAnswer = {
  readonly id: string;
  readonly at: number;
  readonly ready: boolean;
  readonly made: boolean;
  readonly deleted: boolean;
  readonly object: ObjectName;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly place: ObjectName | null;
  readonly relations: readonly {
    readonly id: string;
    readonly relation: string;
    readonly to: string;
    readonly value: unknown;
  }[];
  readonly text: string;
  readonly document?: string;
  /** What `os.restore` would change: keys of fields, `parent`, `relations`, `text`, `deleted`. */
  readonly differs: readonly string[];
  readonly mayRestore: boolean;
};
/** `os.moments` {spaceId}: from when until when a space has changes, and up to 200 moments spread over them; null when not here. */
export type MomentsAnswer = {
  readonly from: number;
  readonly to: number;
  readonly changes: number;
  readonly moments: readonly number[];
};
/** One step that can be taken back or done again: what was done, to what; `objects`: to how many. */
export type UndoStep = {
  readonly id: string;
  readonly command: string;
  readonly did: 'created' | 'field' | 'deleted' | 'restored' | 'moved' | 'linked' | 'unlinked';
  readonly key?: string;
  readonly object: ObjectName;
  readonly objects: number;
};
/** `os.undoable` {session?} */
export type UndoAnswer = { readonly undo: UndoStep | null; readonly redo: UndoStep | null };
/**
 * What `os.undo` left as it is, in its `left` as JSON. `changed`: somebody wrote it anew; `removed`: somebody removed it; `worked`:
 * somebody has worked on it since; `gone`: where it was is gone; `notAllowed`: this person may not write it.
 */
export type UndoLeft = {
  readonly why: 'changed' | 'removed' | 'worked' | 'gone' | 'notAllowed';
  readonly key?: string;
  readonly object: ObjectName;
};
/** `os.join`: how joining goes, one row per link in use */
export type JoinRow = {
  readonly id: string;
  readonly spaceId: string;
  readonly title: string;
  readonly step: 'seeking' | 'greeting' | 'waitingForApproval' | 'admitted' | 'catchingUp' | 'live' | 'failed';
  readonly reason?: string;
  /** Set with `reason`. */
  readonly why?: JoinWhy;
  readonly received: number;
};
/**
 * Why joining failed. `used`: as many as may have come in; `tooMany`: others came in at the same time, or too many at once; `refused`: by
 * whoever lets people in; `badKeys`: the link does not open what it should; `notTaken`: the rights of the space do not take the join.
 */
export type JoinWhy = 'revoked' | 'expired' | 'used' | 'tooMany' | 'refused' | 'badKeys' | 'notTaken' | 'unknown';
/** `os.devices`: the devices of this person, rows. */
export type DeviceRow = {
  readonly id: string;
  readonly name: string;
  readonly you: boolean;
  readonly online: boolean;
  /** Wall time in ms, as far as this device knows. */
  readonly lastSeenAt: number | null;
  /** Taken away: kept in the list, so that its name stays with what it wrote. */
  readonly revoked: boolean;
};
/** `os.newcomers`: devices restored with the recovery phrase or a key file that wait for this one's word; rows. */
export type NewcomerRow = {
  readonly id: string;
  readonly name: string;
  /** When it came, and until when it changes nobody's access; network time in ms. */
  readonly at: number;
  readonly until: number;
  /** Spaces in which it waits. */
  readonly spaces: number;
};
/**
 * `os.linking`: how linking a device goes. `side`: which of the two this one is. `waiting`: for the other one; `comparing`: six
 * digits are to be compared; `confirmed`: here, and not yet there.
 */
export type LinkingAnswer = {
  readonly side: 'none' | 'old' | 'new';
  readonly step: 'none' | 'waiting' | 'comparing' | 'confirmed' | 'done' | 'failed';
  /** On the old side: what to type, and what to show as a QR code. */
  readonly code?: string;
  readonly url?: string;
  readonly triesLeft?: number;
  readonly digits?: string;
  /** What the other device calls itself. */
  readonly name?: string;
  readonly endsAt?: number;
  readonly reason?: 'late' | 'noAnswer' | 'differ' | 'tries';
};
/** `os.recovery`: how this person would come back, and how coming back goes. */
export type RecoveryAnswer = {
  /** `keyFile`: of an older profile, which has no phrase. `none`: a linked device; its person comes back by another one. */
  readonly way: 'phrase' | 'keyFile' | 'none';
  /** The phrase was written down, by the person's own word. */
  readonly written: boolean;
  /** The offer to write it down was put away. */
  readonly later: boolean;
  /** The personal space is here. */
  readonly home: boolean;
  /** Spaces of this person that are known of, and how many of them are here. */
  readonly known: number;
  readonly here: number;
  /** Another device of this person took this one away. */
  readonly removed: boolean;
  /** It said that it was not the person who restored this one. */
  readonly refused: boolean;
  /** This device changes nobody's access until then, network time in ms; null where it may. */
  readonly waits: number | null;
  /** This profile became another person: the page has to be loaded again. */
  readonly restart: boolean;
};
/** `os.recoveryPhrase`: the words, or null where there is none here. */
export type PhraseAnswer = { readonly words: readonly string[] } | null;
/** `os.presence` {documentId or channelId as `id`}: rows; gone 10 s after the last word. */
export type PresenceRow = Person & { readonly id: string; readonly state: unknown };
/**
 * `browser.loss`: what the browser has lost of this profile, until `browser.acceptLoss` or `importKeys`; null when nothing.
 * `person`: the keys, and with them all that was here. `work`: the journal; the keys are still here.
 */
export type LossAnswer = 'person' | 'work' | null;
/**
 * `browser.lock`: the lock of this profile. `at`: `open` also where there is none; `working`: rows go over, or a kernel starts; `failed`:
 * no kernel started, and `fault` says why; `erased`: the profile was removed.
 */
export type LockAnswer = {
  readonly at: 'open' | 'locked' | 'working' | 'failed' | 'erased';
  readonly on: boolean;
  /** The ways in which it opens; `credential` and `input` (32 bytes) are what a passkey is asked with, base64url. */
  readonly passphrase: boolean;
  readonly passkey: { readonly credential: string; readonly input: string } | null;
  readonly afterMinutes: number | null;
  /** The next try has to wait until then. */
  readonly waitUntil: number | null;
  /** Rows and secrets that went over so far. */
  readonly moved: number | null;
  /** Why the last unlocking went no further; `damaged`: the lock itself cannot be read. */
  readonly fault: string | null;
  /** A page that shows the profile has to load again. */
  readonly reload: boolean;
};
/**
 * `os.search` {text, ...}. `objectId`: what to open, in `place`; `line`: of a document, `block`: of what it is about. Ranges are
 * pairs of UTF-16 places in the title and in the snippet. `at`: ms.
 */
export type SearchRow = {
  readonly id: string;
  readonly spaceId: string;
  readonly objectId: string;
  readonly app: string;
  readonly type: string;
  readonly title: string;
  readonly titleRanges: readonly (readonly [number, number])[];
  readonly snippet: string;
  readonly ranges: readonly (readonly [number, number])[];
  readonly author: Person;
  readonly at: number;
  readonly place: { readonly id: string; readonly title: string; readonly type: string };
  readonly line: number | null;
  readonly block: string | null;
};
/** `indexing`: while much of what is here is not searched yet. */
export type SearchAnswer = {
  readonly rows: readonly SearchRow[];
  readonly more: boolean;
  readonly indexing: { readonly done: number; readonly total: number } | null;
};

/** `os.draft` {key}: the text kept, '' when none. `os.drafts` gives the keys. */

// --- Held work ----------------------------------------------------------------------------------------------

/** Why work is stored and not shown: its author was removed before it came; its device is suspended; a temporary right had long ended. */
export type HeldReason = 'removed' | 'device' | 'late';
/** `os.held` {spaceId}: by person and reason, rows; only one's own, but for Admins. `os.adopt` takes a person's over. */
export type HeldRow = Person & {
  readonly id: string;
  readonly reason: HeldReason;
  readonly you: boolean;
  readonly changes: number;
  /** What they are about, at most 50. */
  readonly objects: readonly ObjectName[];
  readonly deviceIds: readonly string[];
  /** When the first and the last were written, by their own dates; ms. */
  readonly from: number;
  readonly to: number;
  readonly mayTakeOver: boolean;
};

// --- Access: why somebody may do what, the rules of a space, its audit trail ----------------------------------

/** `read`, `comment` and `edit` an object or space; `share`: invite to it; `people`: roles and removals; `rules`: its policies. */
export type AccessAction = 'read' | 'comment' | 'edit' | 'share' | 'people' | 'rules';
/** A channel, document or the like; without a title where this device does not hold it. */
export type ObjectName = { readonly id: string; readonly title: string; readonly kind: string };
/** One signed grant of a chain. `until`: ms, when it ends; `parts`: null for the whole space; `passes`: how often it may be passed on. */
export type GrantLink = {
  /** Of the signed entry. */
  readonly id: string;
  readonly code: 'founded' | 'granted' | 'joined' | 'passedOn' | 'stepped';
  readonly at: number;
  readonly by: Person;
  readonly deviceId: string;
  readonly to: Person;
  readonly role: Role;
  readonly until: number | null;
  readonly parts: readonly ObjectName[] | null;
  readonly passes: number;
};
/** The first thing that is missing. `entry`: the signed entry that decided it. `viewing`: only looked at, as somebody else. */
export type MissingLink = {
  readonly code:
    | 'stranger'
    | 'asking'
    | 'removed'
    | 'banned'
    | 'left'
    | 'ended'
    | 'outside'
    | 'role'
    | 'policy'
    | 'device'
    | 'waiting'
    | 'viewing';
  readonly by?: Person;
  readonly at?: number;
  readonly entry?: string;
  readonly role?: Role;
  /** The least role that may. */
  readonly needs?: Role;
  /** The rule is about this object, not the whole space. */
  readonly own?: boolean;
  readonly forked?: boolean;
};
export type ActionAnswer = {
  readonly id: AccessAction;
  readonly allowed: boolean;
  readonly missing: MissingLink | null;
};
/** `os.explain` {id of a space or object, userId?, action?}: yourself unless told, every action unless one is named; null when not here */
export type ExplainAnswer = {
  readonly person: Person;
  readonly spaceId: string;
  readonly object: ObjectName | null;
  readonly role: Role | 'none';
  readonly until: number | null;
  readonly parts: readonly ObjectName[] | null;
  readonly chain: readonly GrantLink[];
  readonly actions: readonly ActionAnswer[];
};
/** `os.value` {id, key?, block?}: who set a field, wrote a block, or last changed an object; null when nobody did */
export type ValueAnswer = {
  /** Of the signed entry, the change. */
  readonly entry: string;
  readonly at: number;
  readonly author: Person;
  readonly deviceId: string;
  readonly kind: HistoryRow['kind'];
  readonly key?: string;
  readonly value?: unknown;
  /** How many changes it has seen. */
  readonly changes: number;
};
/** `os.access` {id}: who reads an object or space; rows */
export type AccessRow = Person & {
  readonly id: string;
  readonly you: boolean;
  readonly role: Role;
  readonly since: number;
  readonly until: number | null;
  readonly by: Person;
  /** In the whole space, not this object alone. */
  readonly whole: boolean;
  readonly may: readonly AccessAction[];
};
export type PolicyKey = 'history' | 'invite' | 'content' | 'annotation';
/** `os.policies` {spaceId, id?}: the rules of a space, or those of one object of it; rows. `os.setPolicy` changes one. */
export type PolicyRow = {
  readonly id: string;
  readonly key: PolicyKey;
  readonly value: string;
  readonly choices: readonly string[];
  /** Somebody decided it; else it is what holds by itself, or by the space's rule. */
  readonly set: { readonly by: Person; readonly at: number } | null;
};
export type AuditGroup = 'people' | 'invites' | 'devices' | 'keys' | 'rules' | 'beacons' | 'content';
export type AuditKind =
  | 'founded'
  | 'granted'
  | 'stepped'
  | 'removed'
  | 'banned'
  | 'left'
  | 'ended'
  | 'adopted'
  | 'erased'
  | 'invited'
  | 'inviteRevoked'
  | 'joined'
  | 'asked'
  | 'deviceAdded'
  | 'deviceRemoved'
  | 'deviceConfirmed'
  | 'deviceNoticed'
  | 'deviceRefused'
  | 'forked'
  | 'cleared'
  | 'beaconAdded'
  | 'beaconRemoved'
  | 'keyChanged'
  | 'keysGiven'
  | 'badKey'
  | 'falseState'
  | 'rule';
/**
 * Why something signed does not count. `asking`: waits for an answer; `inviteOver`, `inviteRevoked`, `inviteUsed`: the link gave nothing any more;
 * `alreadyIn`; `device`: of a device that was shut out; `decidedOtherwise`: somebody had decided otherwise meanwhile; `weaker`: without the right.
 */
export type AuditWhy =
  | 'asking'
  | 'inviteOver'
  | 'inviteRevoked'
  | 'inviteUsed'
  | 'alreadyIn'
  | 'device'
  | 'decidedOtherwise'
  | 'weaker';
/** `os.audit` {spaceId, person?, kind?, since?, until?, limit?, before?}: newest first, rows; `kind` is a kind or a group */
export type AuditRow = {
  readonly id: string;
  readonly entry: string;
  readonly at: number;
  /** null: ended by itself. */
  readonly by: Person | null;
  readonly deviceId: string | null;
  readonly kind: AuditKind;
  readonly group: AuditGroup;
  readonly subject: Person | null;
  readonly role?: Role;
  readonly until?: number;
  readonly passes?: number;
  readonly uses?: number;
  readonly confirm?: boolean;
  readonly name?: string;
  readonly key?: string;
  readonly value?: string;
  readonly n?: number;
  readonly parts: readonly ObjectName[] | null;
  readonly counts: boolean;
  readonly why: { readonly code: AuditWhy; readonly by: Person | null; readonly at?: number } | null;
};

// --- Answers of the applications -----------------------------------------------------------------------------

/** `chat.channels` {spaceId}: rows in order. `unread` and `mentions` count messages and comments. */
export type ChannelRow = {
  readonly id: string;
  readonly title: string;
  readonly unread: number;
  readonly mentions: number;
  readonly draft: boolean;
};
/** `chat.channel` {channelId} */
export type ChannelAnswer = {
  readonly id: string;
  readonly spaceId: string;
  readonly title: string;
  readonly topic: string;
  readonly firstUnread: string | null;
  readonly unread: number;
  /** Comments on the channel and its messages that are unread. */
  readonly unreadComments: number;
};
/** One kind of reaction to a message. */
export type ReactionRow = {
  readonly emoji: string;
  readonly count: number;
  readonly mine: boolean;
  /** Who, at most 20. */
  readonly names: readonly string[];
};
export type ErasedBy = { readonly by: Person; readonly at: number };
/** `chat.erased` {channelId}: rows, oldest first */
export type ErasedRow = { readonly id: string; readonly erased: ErasedBy };
/** `chat.messages` {channelId, limit?, before?}: rows, oldest first */
export type MessageRow = {
  readonly id: string;
  /** For good: nothing else of it is known but who wrote it, and when. */
  readonly erased?: ErasedBy;
  readonly text: string;
  readonly author: Person;
  readonly mine: boolean;
  /** Of somebody whom this person has blocked. */
  readonly blocked?: true;
  readonly at: number;
  readonly edited: boolean;
  readonly deleted: boolean;
  readonly unread: boolean;
  /** Arrived after later ones had been read. */
  readonly late: boolean;
  readonly replyTo: {
    readonly id: string;
    readonly author: Person;
    readonly text: string;
    readonly blocked?: true;
  } | null;
  readonly state: ChangeState;
  readonly mayEdit: boolean;
  readonly mayRemove: boolean;
  readonly mayErase: boolean;
  /** Comment and react. */
  readonly mayComment: boolean;
  /** In the order in which each was first given. */
  readonly reactions: readonly ReactionRow[];
  /** Comments on the message. */
  readonly comments: number;
};
/** `editor.documents` {spaceId}: rows in tree order */
export type DocumentRow = {
  readonly id: string;
  readonly title: string;
  readonly icon: string;
  readonly kind: 'document' | 'folder';
  readonly parent: string | null;
  readonly depth: number;
  /** Comments that are unread, and how many of them name this person. */
  readonly unread: number;
  readonly mentions: number;
};
/** `editor.document` {documentId} */
export type DocumentAnswer = {
  readonly id: string;
  readonly spaceId: string;
  readonly title: string;
  readonly icon: string;
  readonly deleted: boolean;
  readonly author: Person;
  readonly mayEdit: boolean;
  /** Comment, and propose changes. */
  readonly maySuggest: boolean;
  readonly state: ChangeState;
};
/** `editor.suggestions` {documentId}: rows, oldest first: those that wait, and the last that were decided. */
export type SuggestionRow = {
  readonly id: string;
  readonly author: Person;
  readonly mine: boolean;
  readonly at: number;
  /** The block that the changed blocks stand in; empty: the document itself. */
  readonly parent: string;
  /** The blocks to put `proposed` in place of, by their block ids; none where something is put in `after` one. */
  readonly blocks: readonly string[];
  readonly after: string;
  /** Those blocks when the change was proposed, and what to put there: the editor's JSON, not checked. */
  readonly base: readonly unknown[];
  readonly proposed: readonly unknown[];
  readonly note: string;
  readonly state: ChangeState;
  readonly decided: { readonly verdict: 'accepted' | 'declined'; readonly by: Person; readonly at: number } | null;
};

/** `comments.thread` {objectId}: rows, oldest first. An answer has the comment that it answers as `parent`. */
export type CommentRow = {
  readonly id: string;
  readonly erased?: ErasedBy;
  readonly parent: string | null;
  /** The block of a document that it is about, and the words that were selected there. */
  readonly block: string | null;
  readonly quote: string;
  readonly text: string;
  readonly author: Person;
  readonly mine: boolean;
  readonly at: number;
  readonly edited: boolean;
  /** Only where it has answers; without text. */
  readonly deleted: boolean;
  readonly resolved: boolean;
  readonly unread: boolean;
  readonly state: ChangeState;
  readonly mayEdit: boolean;
  readonly mayRemove: boolean;
  readonly mayErase: boolean;
  readonly mayResolve: boolean;
};
/** `comments.about` {objectId} */
export type CommentsAnswer = {
  /** All, and those of threads that are not resolved. */
  readonly count: number;
  readonly open: number;
  readonly unread: number;
  readonly mayComment: boolean;
};

// --- The surface ---------------------------------------------------------------------------------------------

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
  exportSpace(spaceId: string): Promise<Uint8Array>;
  importBundle(bytes: Uint8Array): Promise<{ id: string; stateHash: string }>;
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

/** A row of `os.find`. `fields`: those that are set, of the ones asked for. Times in ms. */
export type FoundRow = {
  readonly id: string;
  readonly type: string;
  readonly author: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Where it stands in a tree, when it stands under something. */
  readonly parent?: string;
  readonly removed?: true;
  readonly fields: Readonly<Record<string, unknown>>;
};
/** A group of `os.find`: `id` is the value as JSON; null where it is not set. */
export type GroupRow = { readonly id: string; readonly value: unknown; readonly count: number };

/** An edit of rows (`base/splice`): how an answer came from the one emitted before it. */
export type RowsEdit = readonly {
  readonly at: number;
  readonly drop: number;
  readonly put: readonly { readonly from?: number; readonly item?: unknown }[];
}[];

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

/** `window.lgos` and what `openNode` gives. */
export type Lgos = KernelCalls & {
  watch(name: string, args: unknown, callback: (answer: unknown) => void): () => void;
};
