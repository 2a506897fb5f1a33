/** What all answers are made of: people, roles, refusals, where a change is, what an object is called. */

export type Role = 'owner' | 'admin' | 'member' | 'guest';

export type SpaceKind = 'personal' | 'team' | 'guild' | 'room';

/** What happened, what is safe, what to do. Every rejected promise carries one. */
export type Refusal = { readonly type: string; readonly message: string; readonly safe: string; readonly next: string };

/** Where a change is. Rule: only signed receipts move it beyond `saved`. */
export type ChangeState =
  /** Just after a start: nothing was looked up yet. */
  | { readonly step: 'unknown' }
  | { readonly step: 'sending' }
  | { readonly step: 'saved' }
  /** Kept on this device until the space has a new key: somebody who is out knows the old one. */
  | { readonly step: 'waiting' }
  | { readonly step: 'devices'; readonly devices: number }
  | { readonly step: 'beacon'; readonly beacons: number; readonly devices: number }
  | { readonly step: 'refused'; readonly reason: string };

export type Person = {
  readonly userId: string;
  /** Empty until the person gives one; pages say then "Newcomer" and the first four of `userId`, in their language. */
  readonly name: string;
  /** 1-6, the person's hue. */
  readonly hue: number;
};

/** A channel, document or the like; without a title where this device does not hold it. */
export type ObjectName = { readonly id: string; readonly title: string; readonly kind: string };
