/**
 * The commonest entry of a growing rights log, judged without settling all of it anew: somebody whom nobody had named comes in by a
 * link. Where it has seen everything and is the last in order, nothing else can hang on it, so it counts exactly where the link does.
 *
 * NC1 whoever or whatever device was named before, a link of a Member or for an Admin, one that was revoked, and any limit that is
 *     near: all that is not for here, and is settled in full.
 */
import type { DeviceId, InviteId, UserId } from '../../vm/op/ids';
import { rankOf } from './acl';
import { HOUR, JOINS_AN_HOUR, type Resolution } from './resolution';
import { ADMIN, type Item, MEMBER } from './words';

/** A resolution, and those who came in since. */
export class Newcoming {
  readonly #since = new Map<InviteId, number[]>();
  constructor(private readonly resolution: Resolution) {}

  /** Whether it counts; false where that has to be settled. The item has seen all and is last in order, its author is new. */
  admits(item: Item): boolean {
    const [word, more] = item.words;
    const offer = word?.offer;
    if (!word || !offer || more || word.type !== 'join' || rankOf(offer.act.role) >= ADMIN) return false;
    const { invite, notAfter, uses } = offer.act;
    const from = this.resolution.authority(offer.item);
    if (!from || from.level <= MEMBER || item.hlc > notAfter || this.resolution.revokedInvites.has(invite))
      return false;
    const since = this.#since.get(invite) ?? [];
    const before = this.resolution.joinTimes.get(invite) ?? [];
    const lately = [...before, ...since.slice(-JOINS_AN_HOUR)].filter((time) => time > item.hlc - HOUR);
    const used = this.resolution.used.get(invite)?.size ?? 0;
    if (used + since.length >= uses || lately.length >= JOINS_AN_HOUR) return false;
    since.push(item.hlc);
    this.#since.set(invite, since);
    return true;
  }
}

/** All that entries name: whoever is not in it is new. */
export class Named {
  readonly #users = new Set<UserId>();
  readonly #devices = new Set<DeviceId>();

  add(item: Item): void {
    this.#users.add(item.user);
    this.#devices.add(item.device);
    for (const { subject } of item.words) this.#users.add(subject);
    for (const act of item.acts) {
      if ('user' in act) this.#users.add(act.user);
      if ('device' in act) this.#devices.add(act.device);
    }
  }
  isNew({ user, device }: Item): boolean {
    return !this.#users.has(user) && !this.#devices.has(device);
  }
}
