/**
 * How a device that a space does not know yet makes itself known: it shows its person's certificate to whoever is linked,
 * is given the rights log, and then tells that log of itself. And how the other side judges such a greeting, or an invite.
 */
import { equalBytes, toHex } from '../../base/bytes';
import { encode } from '../../base/codec';
import { saltedSpace } from '../../vm/net/handshake';
import type { DeviceId, InviteId, SpaceId } from '../../vm/op/ids';
import type { ActOf } from '../rights/acl';
import { type Greet, greetCodec } from '../rights/greet';
import { MAX_GENERATIONS, verifyCertificate } from '../rights/identity';
import { greetProofBytes } from '../rights/invite';
import type { KernelContext } from './context';
import { greetTranscript } from './joining';
import type { Link } from './link';
import type { Session } from './session';
import type { Space } from './space';

export class Introduction {
  readonly #certifying = new Map<SpaceId, Promise<void>>();

  constructor(
    private readonly context: KernelContext,
    private readonly sessionOn: (link: Link, space: SpaceId) => Session | undefined,
    /** The space is being joined by a link: the invite is shown instead. */
    private readonly isJoined: (space: SpaceId) => boolean,
    /** Words of older devices for this one that the space lacks and can use. */
    private readonly vouches: (space: Space, device: DeviceId) => readonly ActOf<'confirm'>[],
  ) {}

  /** Whether the greeting of `device` lets it see the rights log. */
  async accepts(space: Space, link: Link, device: DeviceId, greet: Greet): Promise<boolean> {
    const { crypto } = this.context.ports;
    if (greet.type === 'device') {
      const { certificate } = greet;
      if (certificate.device !== device || space.replica.rights.role(certificate.user, space.replica.now()) === 'none')
        return false;
      return verifyCertificate(crypto, certificate);
    }
    const invite = space.replica.rights.invites().get(greet.invite as InviteId);
    if (!invite) return false;
    const message = greetProofBytes(space.id, invite.invite, greetTranscript(link, device));
    if (!(await crypto.verify(invite.key, message, greet.proof))) return false;
    if (invite.revoked) this.#refuse(space, link);
    return !invite.revoked;
  }

  #refuse(space: Space, link: Link): void {
    const session = this.sessionOn(link, space.id);
    if (!session || !link.ready) return;
    const salted = saltedSpace(...link.ready.nonces, space.id);
    session.send('invite', encode(greetCodec, { type: 'refused', index: session.index, salted, reason: 'revoked' }));
  }

  /** A new device of a known person shows its certificate, to be given the rights log. */
  introduce(space: Space, link: Link): void {
    const { identity } = this.context;
    const session = this.sessionOn(link, space.id);
    if (!identity || !session || !link.ready || this.isJoined(space.id) || space.replica.rights.userOf(identity.device))
      return;
    const salted = saltedSpace(...link.ready.nonces, space.id);
    session.send(
      'invite',
      encode(greetCodec, { type: 'device', index: session.index, salted, certificate: identity.certificate }),
    );
  }

  /** Once the rights log is here, it is told of this device. */
  certify(space: Space): Promise<void> {
    const { identity } = this.context;
    const { rights } = space.replica;
    const going = this.#certifying.get(space.id);
    if (going) return going;
    if (!identity || rights.role(identity.user, space.replica.now()) === 'none') return Promise.resolve();
    if (rights.userOf(identity.device) && !this.#isBehind(space)) return Promise.resolve();
    const certified = this.#certify(space).finally(() => this.#certifying.delete(space.id));
    this.#certifying.set(space.id, certified);
    return certified;
  }
  async #certify(space: Space): Promise<void> {
    const { identity } = this.context;
    if (!identity) return;
    // What came along with the entry that was heard of may say more.
    await space.passed();
    if (await this.#catchUp(space)) await space.keyringChanged();
    if (space.replica.rights.userOf(identity.device)) return;
    const certified = await space.act('acl', [
      { type: 'certify', certificate: identity.certificate },
      ...this.vouches(space, identity.device),
    ]);
    if (!certified.ok) this.context.ports.log('notCertified', { reason: certified.error.type });
  }

  /** Keys are wrapped here to a generation of the keyring that this device could derive and has not. */
  #isBehind(space: Space): boolean {
    const { identity } = this.context;
    const wrapped = identity?.seed && space.replica.rights.keyringOf(identity.user);
    return wrapped !== undefined && !identity?.keyrings.some(({ publicKey }) => equalBytes(publicKey, wrapped));
  }

  /**
   * A person restored from their phrase begins with the first generation of their keyring; their other devices may have
   * made later ones, which follow from the seed as well. Whether any was found.
   */
  async #catchUp(space: Space): Promise<boolean> {
    const { identity, ports, time } = this.context;
    if (!identity?.seed) return false;
    const seen = new Set<string>();
    for (const certificate of space.replica.rights.certificatesOf(identity.user)) seen.add(toHex(certificate.keyring));
    let found = false;
    while (identity.keyrings.length < MAX_GENERATIONS) {
      const secret = identity.nextSecret(ports.random);
      const next = await ports.crypto.agreementKey(secret);
      if (!seen.has(toHex(next.publicKey))) return found;
      await identity.renew(secret, Math.max(0, Math.floor(time.now())));
      found = true;
    }
    return found;
  }
}
