/** Answers about this person and their devices: spaces, linking, recovery, what the browser keeps. */
import type { Person, Role, SpaceKind } from './words';

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
  /** A key file was saved. */
  readonly saved: boolean;
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

/** `os.draft` {key}: the text kept, '' when none. `os.drafts` gives the keys. */

/** Something that stands in the outline of a space. `kind`: channel, document, folder. `os.titles` {text, kind?, untitled?}: rows. */
export type PlaceRow = {
  readonly id: string;
  readonly spaceId: string;
  readonly kind: string;
  readonly title: string;
  readonly icon: string;
};
/** `os.places` */
export type PlacesAnswer = { readonly favourites: readonly PlaceRow[]; readonly recent: readonly PlaceRow[] };
