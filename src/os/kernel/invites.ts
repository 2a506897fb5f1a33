/**
 * Invites that this device made: their secrets in the vault, the links that carry them, and the rooms in which those who
 * follow one are met. Nobody else has the secret; the rights log holds the public key that it gives.
 */
import type { InviteId, SpaceId } from '../../vm/op/ids';
import type { Role } from '../rights/acl';
import { inviteIdOf, inviteKeyOf, inviteRoomKeyOf, sealKeysToLink, writeLink } from '../rights/invite';
import { refusal } from '../schema/define';
import type { BeaconAddress } from './beacons';
import type { KernelContext } from './context';
import { type Narrowing, narrowing } from './parts';
import { unwrap } from './refusals';
import type { Space } from './space';
import { titleOf } from './view';

const DEFAULT_INVITE_MS = 7 * 86_400_000;

/** What the links name besides the space. `origin`: of the page; `beacon`: its own. */
export type InvitePlace = {
  readonly origin: string;
  readonly beacon?: BeaconAddress;
  readonly signaling?: readonly string[];
};
export type InviteOptions = {
  readonly role: Role;
  readonly uses?: number;
  readonly expiresInMs?: number;
  readonly confirm?: boolean;
} & Narrowing;

export class Invites {
  readonly #secrets = new Map<InviteId, { space: SpaceId; secret: Uint8Array<ArrayBuffer> }>();

  constructor(
    private readonly context: KernelContext,
    private readonly spaces: ReadonlyMap<SpaceId, Space>,
    private readonly place: InvitePlace,
  ) {}

  async load(): Promise<void> {
    const { vault } = this.context.ports;
    for (const name of await vault.list('invite/')) {
      const [, space, invite] = name.split('/') as [string, SpaceId, InviteId];
      const secret = await vault.get(name);
      if (secret) this.#secrets.set(invite, { space, secret });
    }
  }

  async invite(space: Space, options: InviteOptions): Promise<{ inviteId: string; url: string }> {
    const { ports } = this.context;
    const secret = ports.random.bytes(20);
    const id = inviteIdOf(secret);
    const confirm = options.confirm ?? false;
    const key = await inviteKeyOf(ports.crypto, secret);
    const notAfter = Math.floor(this.context.time.now() + (options.expiresInMs ?? DEFAULT_INVITE_MS));
    const uses = Math.min(10_000, Math.max(1, Math.floor(options.uses ?? 1)));
    if (!space.replica.currentEpoch())
      throw refusal(
        'waitingForKey',
        'The key of this space has not come yet.',
        'Nothing was changed.',
        'Try again when an Owner is online.',
      );
    const sealedKeys = confirm
      ? new Uint8Array()
      : await sealKeysToLink(ports.crypto, ports.random, space.id, secret, space.replica.keys);
    await ports.vault.put(`invite/${space.id}/${id}`, secret);
    this.#secrets.set(id, { space: space.id, secret });
    unwrap(
      await space.act('acl', [
        ...narrowing(space, options),
        { type: 'invite', invite: id, key: key.publicKey, role: options.role, uses, notAfter, confirm, sealedKeys },
      ]),
    );
    return { inviteId: id, url: this.url(space.id, id) as string };
  }

  async revoke(space: Space, invite: InviteId): Promise<void> {
    unwrap(await space.act('acl', [{ type: 'revokeInvite', invite }]));
  }

  /** Only on the device that made the invite. */
  url(space: SpaceId, id: InviteId): string | undefined {
    const kept = this.#secrets.get(id);
    const held = this.spaces.get(space);
    const invite = held?.replica.rights.invites().get(id);
    if (!kept || !held || !invite) return undefined;
    return writeLink(this.place.origin, {
      version: 1,
      space,
      secret: kept.secret,
      title: titleOf(held).slice(0, 100),
      kind: held.replica.rights.kind(),
      confirm: invite.confirm,
      expires: invite.notAfter,
      beacons: this.#beaconsOf(held),
      signaling: (this.place.signaling ?? []).slice(0, 8),
    });
  }

  /** Those that hold a grant, and the page's own, which is about to be given one. */
  #beaconsOf(space: Space): readonly BeaconAddress[] {
    const { beacon } = this.place;
    const relays = [...space.replica.rights.relays().values()].map(({ url, device }) => ({ url, device }));
    const own =
      beacon && !relays.some(({ device }) => device === beacon.device)
        ? [{ url: beacon.url, device: beacon.device }]
        : [];
    return [...relays, ...own].slice(0, 8);
  }

  /** Of the invites that still let somebody in. */
  roomKeys(): readonly Uint8Array[] {
    const rooms: Uint8Array[] = [];
    for (const [id, { space, secret }] of this.#secrets) {
      const invite = this.spaces.get(space)?.replica.rights.invites().get(id);
      if (invite && !invite.revoked && invite.used < invite.uses && invite.notAfter > this.context.time.now())
        rooms.push(inviteRoomKeyOf(secret));
    }
    return rooms;
  }
}
