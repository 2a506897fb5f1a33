/**
 * Whether a browser has lost what it kept for a profile. Chromium deletes a damaged IndexedDB, keys and journal together, and
 * the next opening finds an empty one, as on a first visit. Three things tell them apart: what Chromium says itself, which of
 * the two databases is new, and a witness outside of them (witness.ts).
 */

/**
 * How a profile began, as its storage remembers it. `new`: made, and no kernel has started on it yet. `settled`: in use.
 * `person`, `work`: it followed a loss of the keys (and all that they open), or of the work alone, and nobody has accepted it yet.
 */
export type Beginning = 'settled' | 'new' | Loss;
export type Loss = 'person' | 'work';

/** What opening a profile found. */
export type Found = {
  readonly beginning: Beginning;
  /** The storage did not exist before this opening. */
  readonly created: boolean;
  /** The vault existed, was made by this opening, or was made in place of one that the browser deleted. */
  readonly vault: VaultFound;
};
export type VaultFound = 'kept' | 'new' | 'lost';

/** Chromium's own addition to the event. */
type ChromiumEvent = IDBVersionChangeEvent & { readonly dataLoss?: string; readonly dataLossMessage?: string };
const MAX_MESSAGE = 300;

/** Why the browser deleted the database that was here, where it says that it did. */
export const dataLossIn = (event: IDBVersionChangeEvent): string | undefined => {
  const { dataLoss, dataLossMessage = '' } = event as ChromiumEvent;
  return dataLoss === 'total' ? dataLossMessage.slice(0, MAX_MESSAGE) || 'no reason given' : undefined;
};

/** Only a beginning that is `new` needs a witness; one that is absent or not to be had says nothing. */
export const beginningOf = ({ beginning, created, vault }: Found, witnessed: boolean): Beginning => {
  if (vault === 'lost') return 'person';
  // A storage that was in use had its vault beside it.
  if (beginning !== 'new') return vault === 'new' ? 'person' : beginning;
  if (vault === 'kept' && created) return 'work';
  return witnessed ? 'person' : 'new';
};
