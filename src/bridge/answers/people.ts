/** Answers about the people of a space: who is in it, who is asked, who waits, whose work is held. */
import type { ObjectName, Person, Role, SpaceKind } from './words';

/** `os.members` {spaceId, text?, limit?, nameless?}: rows */
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

/** `os.presence` {documentId or channelId as `id`}: rows; gone 10 s after the last word. */
export type PresenceRow = Person & { readonly id: string; readonly state: unknown };

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
