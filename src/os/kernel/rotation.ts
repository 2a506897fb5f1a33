/**
 * New keys of a space. Whoever was put out knows the old one, so an entry that removes somebody carries a new epoch for
 * those who stay. After a leave, a void join or two removals at once the key is out: whichever Admin wakes first makes a
 * new one. It decides nothing about who is in.
 */
import type { SpaceId, UserId } from '../../vm/op/ids';
import type { Act } from '../rights/acl';
import { makeEpoch } from '../rights/keyring';
import type { KernelContext } from './context';
import type { Space } from './space';

const ROTATE_MIN_MS = 500;
const ROTATE_SPREAD_MS = 3_000;

export class Rotation {
  readonly #rotating = new Set<SpaceId>();
  #stopped = false;

  constructor(private readonly context: KernelContext) {}

  stop(): void {
    this.#stopped = true;
  }

  /** The acts of a new epoch for all members but `without`. */
  async newKey(space: Space, without?: UserId): Promise<Act[]> {
    const { ports } = this.context;
    const { rights } = space.replica;
    const openInvites = [...rights.invites().values()].filter((invite) => !invite.revoked && !invite.confirm);
    const people = [...rights.members().keys()]
      .filter((member) => member !== without)
      .flatMap((member) => {
        const keyring = rights.keyringOf(member);
        return keyring ? [{ user: member, keyring }] : [];
      });
    const current = space.replica.currentEpoch();
    const epoch = await makeEpoch(ports.crypto, ports.random, space.id, people, current);
    // Whoever is out may know these links, and would come in again; and the links lack the new key.
    return [...openInvites.map(({ invite }) => ({ type: 'revokeInvite' as const, invite })), epoch.act];
  }

  /** Rights changed: where the key is out, a new one is made after a pause by chance, lest all Admins make one. */
  rotateSoon(space: Space): void {
    const { identity, ports } = this.context;
    if (this.#rotating.has(space.id) || !identity || !space.replica.rights.keyIsOut()) return;
    this.#rotating.add(space.id);
    const chance = (ports.random.bytes(1)[0] ?? 0) / 255;
    ports.clock.after(ROTATE_MIN_MS + chance * ROTATE_SPREAD_MS, () => {
      void this.#rotate(space, identity.user).finally(() => this.#rotating.delete(space.id));
    });
  }
  async #rotate(space: Space, me: UserId): Promise<void> {
    const { rights } = space.replica;
    const role = rights.role(me);
    if (this.#stopped || !rights.keyIsOut() || !space.replica.currentEpoch()) return;
    if (role !== 'owner' && role !== 'admin') return;
    const rotated = await space.act('epoch', await this.newKey(space));
    if (!rotated.ok) this.context.ports.log('notRotated', { reason: rotated.error.type });
  }
}
