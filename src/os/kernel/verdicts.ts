/**
 * What was turned away since this node started: by which device it came, and why. It decides nothing; whoever turned it away did.
 *
 * RF1 there are three verdicts. What is taken; what is ignored, because a sound node may send it too (it knows older rights, it is
 *     early, it is much at once): nothing follows but that it is counted; and what is rejected, because no sound node sends it: the
 *     link ends, and where the view is partial the device is banned (OV9).
 * RF2 what came from a device that is not let in is told of when that is still so some moments later, or when its link ends: of
 *     whoever has just joined it may not have been heard yet.
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

/** RF2. How long a joining may take to be heard of. */
const HEARD_MS = 15_000;
/** Whoever sends over a link into a space, and whether they are let in by now. */
type Sender = { readonly device: DeviceId; readonly mayRead: boolean };

/** What is not told of yet. */
export class Early<S extends Sender> {
  readonly #bySender = new Map<S, { readonly since: number; readonly times: Map<string, number> }>();

  constructor(
    private readonly verdicts: Verdicts,
    private readonly now: () => number,
  ) {}

  note(sender: S, reason: string): void {
    const waits = this.#bySender.get(sender) ?? { since: this.now(), times: new Map<string, number>() };
    this.#bySender.set(sender, waits);
    waits.times.set(reason, (waits.times.get(reason) ?? 0) + 1);
  }
  /** Of all whose time is over. */
  judge(): void {
    for (const [sender, { since }] of this.#bySender)
      if (sender.mayRead || Math.abs(this.now() - since) >= HEARD_MS) this.ended(sender);
  }
  ended(sender: S): void {
    const waits = this.#bySender.get(sender);
    this.#bySender.delete(sender);
    if (!sender.mayRead)
      for (const [reason, times] of waits?.times ?? []) this.verdicts.note(sender.device, reason, times);
  }
}

export class Verdicts {
  readonly #byDevice = new Map<DeviceId, Map<string, number>>();

  note(device: DeviceId, reason: string, times = 1): void {
    const reasons = this.#byDevice.get(device) ?? new Map<string, number>();
    setLatest(this.#byDevice, device, reasons, MAX_DEVICES);
    if (reasons.has(reason) || reasons.size < MAX_REASONS) reasons.set(reason, (reasons.get(reason) ?? 0) + times);
  }
  get all(): ReadonlyMap<DeviceId, TurnedAway> {
    return this.#byDevice;
  }
}
