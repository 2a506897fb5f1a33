/**
 * Who is in a space, and as what: letting in, roles, removing, leaving. Each is one signed entry of the rights log; whether
 * it counts is decided by everybody's rights, not here. What cannot count is refused before it is signed, with a reason.
 * Invites are in `invites.ts`, new keys in `rotation.ts`.
 */
import type { UserId } from '../../vm/op/ids';
import { type Act, type Role, rankOf } from '../rights/acl';
import { NO_CUT, placesOf } from '../rights/cuts';
import { mayDo, type PersonAct, ROLE_ACTS, type Standing, standingsIn } from '../rights/may';
import type { JoinRequest } from '../rights/resolve';
import { refusal } from '../schema/define';
import type { KernelContext } from './context';
import { cutOf } from './cuts';
import { keysFor } from './lending';
import { type Narrowing, narrowing } from './parts';
import { unwrap, whyNot } from './refusals';
import type { Space } from './space';

/** `notAfter`: network time in ms when the right ends by itself. */
export type GrantOptions = { readonly role: Role; readonly notAfter?: number | undefined } & Narrowing;

/** `until`: network time in ms, 0 for no end; what is not said stays as it was for Guests and Members. */
export type RoleOptions = { readonly until?: number | undefined };

export class Membership {
  constructor(
    private readonly context: KernelContext,
    /** The acts of a new epoch for all members but one. */
    private readonly newKey: (space: Space, without: UserId) => Promise<readonly Act[]>,
  ) {}

  get #me(): UserId {
    return this.context.identity?.user as UserId;
  }
  #standings(space: Space): (user: UserId) => Standing {
    return standingsIn(space.replica.rights, this.context.time.now(), this.context.device.device);
  }
  /** Throws why this person may not. */
  #check(space: Space, act: PersonAct, user: UserId): void {
    const standing = this.#standings(space);
    const why = mayDo(standing(this.#me), act, standing(user));
    if (why) throw whyNot(why);
  }

  // --- Letting in --------------------------------------------------------------------------------------------------

  /** Whoever answers no requests hears that first, and not whether there is such a one. */
  #request(space: Space, requestId: string): JoinRequest {
    if (rankOf(this.#standings(space)(this.#me).role) < rankOf('admin')) throw whyNot('adminsOnly');
    const request = space.replica.rights.requests().find(({ entry }) => entry === requestId);
    if (!request)
      throw refusal('notFound', 'That request is not open any more.', 'Nothing was changed.', 'Reload the list.');
    return request;
  }

  /** Lets in whoever asked, with the keys that this device has. `requestId`: the entry of the request. */
  async admit(space: Space, requestId: string): Promise<void> {
    const request = this.#request(space, requestId);
    const { user, role, limits } = request;
    this.#check(space, ROLE_ACTS[role], user);
    const invite = space.replica.rights.invites().get(request.invite);
    if (invite && invite.used >= invite.uses)
      throw refusal(
        'usedUp',
        'That invite has let in as many people as it may.',
        'Nothing was changed.',
        'Refuse the request, or invite them anew.',
      );
    const wraps = await keysFor(this.context, space, user, request.certificate.keyring, limits);
    unwrap(
      await space.act('acl', [
        ...narrowing(space, { within: limits.shards, delegate: limits.delegate }),
        { type: 'grant', user, role, notAfter: limits.notAfter, cut: [], certificate: undefined },
        ...wraps,
      ]),
    );
  }

  /** Closes the request; whoever asked may ask again. */
  async refuse(space: Space, requestId: string): Promise<void> {
    const { user } = this.#request(space, requestId);
    this.#check(space, 'refuse', user);
    unwrap(await space.act('acl', [{ type: 'revoke', user, cut: cutOf(space, user) }]));
  }

  // --- Roles -------------------------------------------------------------------------------------------------------

  /** Also brings back somebody who is out. A right that ends, or holds in parts, stays so until it is said otherwise. */
  async setRole(space: Space, user: UserId, role: Role, { until }: RoleOptions = {}): Promise<void> {
    const standing = this.#standings(space)(user);
    const same = standing.role === role && until !== undefined;
    this.#check(space, same ? 'limit' : ROLE_ACTS[role], user);
    const rules = rankOf(role) >= rankOf('admin');
    if (rules && until) throw whyNot('noEnd');
    const { limits } = space.replica.rights.right(user);
    const kept = !rules && standing.role !== 'none';
    await this.grant(space, user, {
      role,
      notAfter: until === 0 || rules ? undefined : (until ?? (kept ? limits.notAfter : undefined)),
      ...(kept && limits.shards ? { within: limits.shards, delegate: limits.delegate } : {}),
    });
  }

  async grant(space: Space, user: UserId, options: GrantOptions): Promise<void> {
    const { role } = options;
    const notAfter = options.notAfter === undefined ? undefined : Math.floor(options.notAfter);
    if (notAfter !== undefined && notAfter <= this.context.time.now())
      throw refusal('expired', 'That time is over already.', 'Nothing was changed.', 'Choose a later time.');
    const narrow = narrowing(space, options);
    const shards = narrow.find(({ shards }) => shards.length > 0)?.shards;
    const keyring = space.replica.rights.keyringOf(user);
    unwrap(
      await space.act('acl', [
        ...narrow,
        { type: 'grant', user, role, notAfter, cut: cutOf(space, user), certificate: undefined },
        ...(keyring ? await keysFor(this.context, space, user, keyring, { shards }) : []),
      ]),
    );
  }

  /** Gives up one's own role for a lower one. */
  async stepDown(space: Space, role: Role): Promise<void> {
    this.#check(space, 'stepDown', this.#me);
    const own = this.#standings(space)(this.#me).role;
    if (own === 'none' || rankOf(role) >= rankOf(own)) throw whyNot('lowest');
    await this.#takeRole(space, role);
  }
  async #takeRole(space: Space, role: Role): Promise<void> {
    const cut = cutOf(space, this.#me);
    unwrap(
      await space.act('acl', [
        { type: 'grant', user: this.#me, role, notAfter: undefined, cut, certificate: undefined },
      ]),
    );
  }

  /** Makes somebody an Owner, then steps down to `role`: in this order, so that there is an Owner at every moment. */
  async handOver(space: Space, user: UserId, role: Role): Promise<void> {
    this.#check(space, 'handOver', user);
    if (role === 'owner') throw whyNot('already');
    if (this.#standings(space)(user).role !== 'owner') await this.grant(space, user, { role: 'owner' });
    await this.#takeRole(space, role);
  }

  // --- Going ---------------------------------------------------------------------------------------------------------

  async remove(space: Space, user: UserId): Promise<void> {
    this.#check(space, 'remove', user);
    // One entry: there is no moment at which somebody is out and the old key still is the one to write under.
    const acts = await this.newKey(space, user);
    unwrap(await space.act('acl', [{ type: 'revoke', user, cut: cutOf(space, user) }, ...acts]));
  }

  /** A removal that no link undoes: only somebody of the banner's role or above does. Also of somebody who is out. */
  async ban(space: Space, user: UserId): Promise<void> {
    this.#check(space, 'ban', user);
    const acts = space.replica.rights.members(space.replica.now()).has(user) ? await this.newKey(space, user) : [];
    unwrap(await space.act('acl', [{ type: 'revoke', user, cut: cutOf(space, user) }, { type: 'ban', user }, ...acts]));
  }

  /** They stay out, and may come by a link again. */
  async liftBan(space: Space, user: UserId): Promise<void> {
    this.#check(space, 'liftBan', user);
    // A removal that is no ban, after the ban; it accepts of their work what the ban accepted, and no more.
    const cut = placesOf(space.replica.rights.right(user).word?.cut ?? NO_CUT);
    unwrap(await space.act('acl', [{ type: 'revoke', user, cut }]));
  }

  async leave(space: Space): Promise<void> {
    this.#check(space, 'leave', this.#me);
    unwrap(await space.act('acl', [{ type: 'leave', user: this.#me, cut: cutOf(space, this.#me) }]));
  }
}
