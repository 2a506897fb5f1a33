/**
 * Invites that this device made: their secrets in the vault, the links that carry them, and the rooms in which those who
 * follow one are met. Nobody else has the secret; the rights log holds the public key that it gives. What a link leads to
 * within the space is in the link alone: no server and no log is told.
 */
import { concat, fromHex, toHex } from '../../base/bytes';
import type { InviteId, NodeId, SpaceId } from '../../vm/op/ids';
import type { Role } from '../rights/acl';
import {
  inviteIdOf,
  inviteKeyOf,
  inviteRoomKeyOf,
  LANDING_KINDS,
  type Landing,
  sealKeysToLink,
  writeLink,
} from '../rights/invite';
import type { InviteState } from '../rights/resolve';
import { refusal, textField } from '../schema/define';
import type { BeaconAddress } from './beacons';
import type { KernelContext } from './context';
import { linkKeys } from './lending';
import { type Narrowing, narrowing } from './parts';
import { unwrap } from './refusals';
import type { Space } from './space';
import { titleOf } from './view';

const DEFAULT_INVITE_MS = 7 * 86_400_000;
const MAX_INVITE_MS = 366 * 86_400_000;
const MAX_USES = 10_000;
const SECRET_BYTES = 20;
/** In characters: a link should still make a QR code that a telephone reads. */
const MAX_TITLE = 60;

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
  /** A channel, document or folder: where the joiner arrives. */
  readonly object?: string;
} & Narrowing;

/** Why somebody may not invite. `policy`: an Owner can let Members do it. */
export type WhyNotInvite = 'notIn' | 'role' | 'policy';
export type MayInvite = { readonly roles: readonly Role[]; readonly why: WhyNotInvite | null };

type Kept = {
  readonly space: SpaceId;
  readonly secret: Uint8Array<ArrayBuffer>;
  readonly object: NodeId | undefined;
};

export class Invites {
  readonly #kept = new Map<InviteId, Kept>();

  constructor(
    private readonly context: KernelContext,
    private readonly spaces: ReadonlyMap<SpaceId, Space>,
    private readonly place: InvitePlace,
    /** What this person is called. */
    private readonly myName: () => string,
  ) {}

  /** In the vault: the secret, then the id of the object where there is one. */
  async load(): Promise<void> {
    const { vault } = this.context.ports;
    for (const name of await vault.list('invite/')) {
      const [, space, invite] = name.split('/') as [string, SpaceId, InviteId];
      const bytes = await vault.get(name);
      if (!bytes) continue;
      const object = bytes.length > SECRET_BYTES ? (toHex(bytes.slice(SECRET_BYTES)) as NodeId) : undefined;
      this.#kept.set(invite, { space, secret: bytes.slice(0, SECRET_BYTES), object });
    }
  }

  /** The roles that this person's invites to a space may give: those below their own, for Members what the rules say. */
  mayInvite(space: Space): MayInvite {
    const { rights } = space.replica;
    const { identity, time } = this.context;
    const role = identity ? rights.role(identity.user, time.now()) : 'none';
    switch (role) {
      case 'owner':
        return { roles: ['guest', 'member', 'admin'], why: null };
      case 'admin':
        return { roles: ['guest', 'member'], why: null };
      case 'member':
        return rights.policy('invite') === 'member' ? { roles: ['guest'], why: null } : { roles: [], why: 'policy' };
      case 'guest':
        return { roles: [], why: 'role' };
      case 'none':
        return { roles: [], why: 'notIn' };
    }
  }

  async invite(space: Space, options: InviteOptions): Promise<{ inviteId: string; url: string }> {
    const { ports } = this.context;
    // A new key that has come with its rights is being opened just now.
    if (!space.replica.holdsCurrent) await space.passed();
    this.#check(space, options);
    const object = this.#landing(space, options.object as NodeId | undefined)?.id;
    const secret = ports.random.bytes(SECRET_BYTES);
    const id = inviteIdOf(secret);
    const confirm = options.confirm ?? false;
    const key = await inviteKeyOf(ports.crypto, secret);
    const lasts = Math.min(MAX_INVITE_MS, options.expiresInMs ?? DEFAULT_INVITE_MS);
    const notAfter = Math.floor(this.context.time.now() + lasts);
    const uses = Math.min(MAX_USES, Math.max(1, Math.floor(options.uses ?? 1)));
    const narrow = narrowing(space, options);
    const sealedKeys = confirm
      ? new Uint8Array()
      : await sealKeysToLink(ports.crypto, ports.random, space.id, secret, linkKeys(space, narrow[0]?.shards));
    await ports.vault.put(`invite/${space.id}/${id}`, object ? concat(secret, fromHex(object)) : secret);
    this.#kept.set(id, { space: space.id, secret, object });
    unwrap(
      await space.act('acl', [
        ...narrow,
        { type: 'invite', invite: id, key: key.publicKey, role: options.role, uses, notAfter, confirm, sealedKeys },
      ]),
    );
    return { inviteId: id, url: this.url(space.id, id) as string };
  }

  /** Scripts and extensions say what they like. */
  #check(space: Space, { role, uses, expiresInMs }: InviteOptions): void {
    const { roles, why } = this.mayInvite(space);
    if (why === 'policy')
      throw refusal(
        'notAllowed',
        'In this space only Admins and Owners invite people.',
        'Nothing was changed.',
        'Ask an Owner to let Members invite Guests.',
      );
    if (why !== null)
      throw refusal(
        'notAllowed',
        'You may not invite people to this space.',
        'Nothing was changed.',
        'Ask an Admin to invite them.',
      );
    if (!roles.includes(role))
      throw refusal(
        'notAllowed',
        `You may invite people as ${roles.join(', ')}.`,
        'Nothing was changed.',
        'Choose a lower role, or ask an Owner to invite them.',
      );
    const sound = (value: unknown): boolean =>
      value === undefined || (typeof value === 'number' && Number.isFinite(value) && value > 0);
    if (!sound(uses) || !sound(expiresInMs))
      throw refusal(
        'badArguments',
        'An invite is for at least one use and some time.',
        'Nothing was changed.',
        'Correct the numbers.',
      );
    if (!space.replica.holdsCurrent)
      throw refusal(
        'waitingForKey',
        'The key of this space has not come yet.',
        'Nothing was changed.',
        'Try again when an Owner is online.',
      );
  }

  async revoke(space: Space, invite: InviteId): Promise<void> {
    unwrap(await space.act('acl', [{ type: 'revokeInvite', invite }]));
  }

  /** Only on the device that made the invite. */
  url(space: SpaceId, id: InviteId): string | undefined {
    const kept = this.#kept.get(id);
    const held = this.spaces.get(space);
    const invite = held?.replica.rights.invites().get(id);
    if (!kept || !held || !invite) return undefined;
    return writeLink(this.place.origin, {
      space,
      secret: kept.secret,
      title: titleOf(held).slice(0, 100),
      kind: held.replica.rights.kind(),
      confirm: invite.confirm,
      expires: invite.notAfter,
      beacons: this.#beaconsOf(held),
      signaling: (this.place.signaling ?? []).slice(0, 8),
      from: this.myName().slice(0, MAX_TITLE),
      object: shortened(this.landing(id)),
    });
  }

  /** The same, while it still lets somebody in. */
  liveUrl(space: SpaceId, id: InviteId): string | undefined {
    const invite = this.spaces.get(space)?.replica.rights.invites().get(id);
    return invite && this.#isLive(invite) ? this.url(space, id) : undefined;
  }
  #isLive({ revoked, used, uses, notAfter }: InviteState): boolean {
    return !revoked && used < uses && notAfter > this.context.time.now();
  }

  /** What the invite leads to, where this device made it and the object is still there. */
  landing(id: InviteId): Landing | undefined {
    const kept = this.#kept.get(id);
    const space = kept && this.spaces.get(kept.space);
    const node = kept?.object && space?.replica.engine.node(kept.object);
    const kind = LANDING_KINDS.find((name) => name === node?.type.toLowerCase());
    return node && kind && !node.deleted ? { id: node.id, kind, title: textField(node, 'title') } : undefined;
  }
  #landing(space: Space, id: NodeId | undefined): { readonly id: NodeId } | undefined {
    if (id === undefined) return undefined;
    const node = space.replica.engine.node(id);
    if (!node || node.deleted || !LANDING_KINDS.some((name) => name === node.type.toLowerCase()))
      throw refusal(
        'notFound',
        'What you want to share is not in this space.',
        'Nothing was changed.',
        'Choose a channel, a document or a folder of this space.',
      );
    return node;
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
    for (const [id, { space, secret }] of this.#kept) {
      const invite = this.spaces.get(space)?.replica.rights.invites().get(id);
      if (invite && this.#isLive(invite)) rooms.push(inviteRoomKeyOf(secret));
    }
    return rooms;
  }
}

const shortened = (landing: Landing | undefined): Landing | undefined =>
  landing && landing.title.length > MAX_TITLE
    ? { ...landing, title: `${landing.title.slice(0, MAX_TITLE - 1).trimEnd()}…` }
    : landing;
