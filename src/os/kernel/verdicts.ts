/**
 * What was turned away since this node started: by which device it came, and why. It decides nothing; whoever turned it away did.
 *
 * RF1 there are three verdicts. What is taken; what is ignored, because a sound node may send it too (it knows older rights, it is
 *     early, it is much at once): nothing follows but that it is counted; and what is rejected, because no sound node sends it: the
 *     link ends, and where the view is partial the device is banned (OV9).
 */
import { setLatest } from '../../base/latest';
import type { DeviceId } from '../../vm/op/ids';

/** Of an entry, what only a changed client sends or passes on: everything else may be a matter of what is known where. */
const REJECTED: ReadonlySet<string> = new Set(['malformed', 'badSignature']);
export const isRejected = (reason: string): boolean => REJECTED.has(reason);

/** What people are told of a reason. */
export type Blemish = 'between' | 'unreadable' | 'forged' | 'notAllowed' | 'tooMuch' | 'other';
const BLEMISHES: readonly (readonly [Blemish, RegExp])[] = [
  ['between', /^somebodyBetween$/],
  ['forged', /^(badSignature|forged|bad(Certificate|ForkProof|JoinProof|Vouch|DeviceRevocation)|notErased|promise)/],
  ['tooMuch', /^(tooM|quota|futureFull|unfinished|overCredit|rate$|spaceReceiptAsk|hurried)/],
  ['unreadable', /^(malformed|bad|frame)/],
  ['notAllowed', /^(foreign|rights|unknownAuthor|unknownInvite|device|not|otherSpace|role|class|outside)/],
];
export const blemishOf = (reason: string): Blemish => BLEMISHES.find(([, form]) => form.test(reason))?.[0] ?? 'other';

/** Whoever was turned away last, and for what, stays. */
const MAX_DEVICES = 256;
const MAX_REASONS = 32;

export type TurnedAway = ReadonlyMap<string, number>;

export class Verdicts {
  readonly #byDevice = new Map<DeviceId, Map<string, number>>();

  note(device: DeviceId, reason: string): void {
    const reasons = this.#byDevice.get(device) ?? new Map<string, number>();
    setLatest(this.#byDevice, device, reasons, MAX_DEVICES);
    if (reasons.has(reason) || reasons.size < MAX_REASONS) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  get all(): ReadonlyMap<DeviceId, TurnedAway> {
    return this.#byDevice;
  }
}
