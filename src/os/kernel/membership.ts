/**
 * Who is in a space, and as what: letting in, roles, removing, leaving. Each is one signed entry of the rights log; whether
 * it counts is decided by everybody's rights, not here. Invites are in `invites.ts`, new keys in `rotation.ts`.
 */
import type { LogId, UserId } from '../../vm/op/ids';
import type { Act, Role } from '../rights/acl';
import { refusal } from '../schema/define';
import type { KernelContext } from './context';
import { keysFor } from './lending';
import { type Narrowing, narrowing } from './parts';
import { unwrap } from './refusals';
import type { Space } from './space';

/** `notAfter`: network time in ms when the right ends by itself. */
export type GrantOptions = { readonly role: Role; readonly notAfter?: number | undefined } & Narrowing;

/** What of a person's work we accept when removing them: everything that is held here. */
const cutOf = (space: Space, user: UserId): { log: LogId; seq: number }[] => {
  const cut: { log: LogId; seq: number }[] = [];
  for (const [id, log] of space.replica.logs) {
    const device = log.head?.header.device;
    if (device && log.head?.header.shard !== space.replica.acl && space.replica.rights.userOf(device) === user)
      cut.push({ log: id, seq: log.length - 1 });
  }
  return cut;
};

export class Membership {
  constructor(
    private readonly context: KernelContext,
    /** The acts of a new epoch for all members but one. */
    private readonly newKey: (space: Space, without: UserId) => Promise<readonly Act[]>,
  ) {}

  /** Lets in whoever asked, with the keys that this device has. `requestId`: the entry of the request. */
  async admit(space: Space, requestId: string): Promise<void> {
    const request = space.replica.rights.requests().find(({ entry }) => entry === requestId);
    if (!request)
      throw refusal('notFound', 'That request is not open any more.', 'Nothing was changed.', 'Reload the list.');
    const { keyring } = request.certificate;
    const wraps = await keysFor(this.context, space, request.user, keyring, request.limits);
    unwrap(
      await space.act('acl', [
        { type: 'grant', user: request.user, role: request.role, notAfter: undefined, cut: [], certificate: undefined },
        ...wraps,
      ]),
    );
  }

  setRole(space: Space, user: UserId, role: Role): Promise<void> {
    return this.grant(space, user, { role });
  }

  async grant(space: Space, user: UserId, options: GrantOptions): Promise<void> {
    const { role } = options;
    const notAfter = options.notAfter === undefined ? undefined : Math.floor(options.notAfter);
    if (notAfter !== undefined && notAfter <= this.context.time.now())
      throw refusal('expired', 'That time is over already.', 'Nothing was changed.', 'Choose a later time.');
    unwrap(
      await space.act('acl', [
        ...narrowing(space, options),
        { type: 'grant', user, role, notAfter, cut: cutOf(space, user), certificate: undefined },
      ]),
    );
  }

  async remove(space: Space, user: UserId): Promise<void> {
    const { rights } = space.replica;
    if (!rights.members().has(user))
      throw refusal(
        'notAMember',
        'That person is not in the space.',
        'Nothing was changed.',
        'Reload the list of members.',
      );
    // One entry: there is no moment at which somebody is out and the old key still is the one to write under.
    const acts = await this.newKey(space, user);
    unwrap(await space.act('acl', [{ type: 'revoke', user, cut: cutOf(space, user) }, ...acts]));
  }

  async leave(space: Space): Promise<void> {
    const user = this.context.identity?.user as UserId;
    unwrap(await space.act('acl', [{ type: 'leave', user, cut: cutOf(space, user) }]));
  }
}
