/** Answers about rights: why somebody may do what, the rules of a space, its audit trail. */
import type { HistoryRow } from './past';
import type { ObjectName, Person, Role } from './words';

/** `read`, `comment` and `edit` an object or space; `share`: invite to it; `people`: roles and removals; `rules`: its policies. */
export type AccessAction = 'read' | 'comment' | 'edit' | 'share' | 'people' | 'rules';

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
