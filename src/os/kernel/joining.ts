/**
 * Joining by a link. Steps: seek a node that has the space; greet it with the invite; read the rights; join, signed by the
 * invite's key and ours; catch up. Open invites need nobody's consent, so a beacon alone is enough.
 */

import { concat, utf8 } from '../../base/bytes';
import { encode } from '../../base/codec';
import type { JoinRow, Refusal } from '../../bridge/messages';
import { saltedSpace } from '../../vm/net/handshake';
import { greetCodec } from '../rights/greet';
import {
  greetProofBytes,
  type InviteLink,
  inviteIdOf,
  inviteKeyOf,
  joinProofBytes,
  openKeysWithLink,
} from '../rights/invite';
import { commitsTo } from '../rights/keyring';
import { refusal } from '../schema/define';
import type { KernelContext } from './context';
import type { Link } from './link';
import type { Network } from './network';
import type { Space } from './space';

type Settle = { resolve: () => void; reject: (refusal: Refusal) => void };

export class Joining {
  step: JoinRow['step'] = 'seeking';
  reason: string | undefined;
  #posted = false;
  #working = false;
  readonly settled: Promise<void>;
  #settle: Settle;

  constructor(
    private readonly context: KernelContext,
    private readonly network: Network,
    readonly space: Space,
    readonly link: InviteLink,
    private readonly changed: () => void,
  ) {
    let settle: Settle | undefined;
    this.settled = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.settled.catch(() => {});
    this.#settle = settle as Settle;
  }

  get row(): JoinRow {
    return {
      id: this.space.id,
      spaceId: this.space.id,
      title: this.link.title,
      step: this.step,
      received: this.space.replica.entries.size,
      ...(this.reason === undefined ? {} : { reason: this.reason }),
    };
  }

  /** On every link that comes up, as long as we are not in. */
  async greet(link: Link): Promise<void> {
    const session = this.network.session(link, this.space.id);
    if (!link.ready || !session || this.step === 'live' || this.step === 'failed') return;
    if (this.step === 'seeking') this.#enter('greeting');
    const { crypto } = this.context.ports;
    const invite = inviteIdOf(this.link.secret);
    const key = await inviteKeyOf(crypto, this.link.secret);
    const proof = await crypto.sign(
      key.handle,
      greetProofBytes(this.space.id, invite, greetTranscript(link, this.context.device.device)),
    );
    const salted = saltedSpace(...link.ready.nonces, this.space.id);
    session.send('invite', encode(greetCodec, { type: 'invite', index: session.index, salted, invite, proof }));
  }

  /** The rights log or the graph moved: what is next? */
  async advance(): Promise<void> {
    if (this.#working || this.step === 'live' || this.step === 'failed') return;
    this.#working = true;
    try {
      await this.#advance();
    } finally {
      this.#working = false;
    }
  }

  async #advance(): Promise<void> {
    const { identity, ports } = this.context;
    const { rights } = this.space.replica;
    const id = inviteIdOf(this.link.secret);
    const invite = rights.invites().get(id);
    if (!identity || !invite) return;
    const role = rights.role(identity.user);
    if (role === 'none' && !this.#posted) {
      if (invite.revoked) return this.#fail('The invite was revoked.', 'Ask for a new link.');
      if (invite.notAfter < this.context.time.now())
        return this.#fail('The invite has expired.', 'Ask for a new link.');
      if (invite.used >= invite.uses)
        return this.#fail('The invite was used as often as it may be.', 'Ask for a new link.');
      if (!invite.confirm) {
        const keys = await openKeysWithLink(ports.crypto, this.space.id, this.link.secret, invite.sealedKeys);
        if (keys.size === 0) return this.#fail('The keys in the invite do not open.', 'Ask for a new link.');
        for (const [epoch, key] of keys)
          if (commitsTo(this.space.id, rights, epoch, key)) this.space.replica.keys.set(epoch, key);
      }
      this.#posted = true;
      const key = await inviteKeyOf(ports.crypto, this.link.secret);
      const proof = await ports.crypto.sign(
        key.handle,
        joinProofBytes(this.space.id, id, identity.user, identity.device),
      );
      const joined = await this.space.act('acl', [
        { type: 'join', invite: id, certificate: identity.certificate, proof },
      ]);
      if (!joined.ok) return this.#fail(joined.error.message, joined.error.next);
      this.#enter(invite.confirm ? 'waitingForApproval' : 'admitted');
      return this.#advance();
    }
    if (role === 'none') return this.#enter('waitingForApproval');
    if (!this.space.replica.currentEpoch()) return this.#enter('admitted');
    const sessions = this.network.sessions(this.space.id);
    const caughtUp = [...this.space.replica.engine.nodesOfType('Space')].length > 0;
    if (!caughtUp) {
      for (const session of sessions) if (session.theirIndex !== undefined) session.sendRoot();
      return this.#enter('catchingUp');
    }
    this.#enter('live');
    this.#settle.resolve();
  }

  #enter(step: JoinRow['step']): void {
    if (this.step === step) return;
    this.step = step;
    this.changed();
  }
  #fail(reason: string, next: string): void {
    this.reason = reason;
    this.#enter('failed');
    this.#settle.reject(refusal('cannotJoin', reason, 'Nothing was changed on this device.', next));
  }
}

/** What a greeting is bound to: the nonces of the link, and who greets. */
export const greetTranscript = (link: Link, greeter: string): Uint8Array<ArrayBuffer> => {
  const [a, b] = (link.ready as NonNullable<Link['ready']>).nonces;
  const sorted = [a, b].sort((x, y) => {
    const at = x.findIndex((byte, i) => byte !== y[i]);
    return at < 0 ? 0 : (x[at] as number) - (y[at] as number);
  });
  return concat(...sorted, utf8(greeter));
};
