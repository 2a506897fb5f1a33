/**
 * Joining by a link. Steps: seek a node that has the space; greet it with the invite; read the rights; join, signed by the
 * invite's key and ours; catch up. Open invites need nobody's consent, so a beacon alone is enough.
 *
 * JO1 a request is made once: what was asked before, on this or an earlier run, is waited for.
 * JO2 it ends with what the rights log says (let in, refused, revoked, used up, over), never with what a stranger says alone:
 *     that an invite was revoked is believed when nobody has let us see the log a while later.
 */

import { concat, utf8 } from '../../base/bytes';
import { encode } from '../../base/codec';
import type { JoinRow, JoinWhy, Refusal } from '../../bridge/messages';
import { saltedSpace } from '../../vm/net/handshake';
import type { EntryId, InviteId, UserId } from '../../vm/op/ids';
import { type Answered, greetCodec } from '../rights/greet';
import type { Identity } from '../rights/identity';
import {
  greetProofBytes,
  type InviteLink,
  inviteIdOf,
  inviteKeyOf,
  joinProofBytes,
  openKeysWithLink,
} from '../rights/invite';
import { commitsTo } from '../rights/keyring';
import type { InviteState } from '../rights/resolve';
import { refusal } from '../schema/define';
import type { KernelContext } from './context';
import { withCovers } from './covers';
import type { Link } from './link';
import type { Network } from './network';
import type { Space } from './space';
import { titleOf } from './view';

const DISBELIEF_MS = 4_000;

type Settle = { resolve: () => void; reject: (refusal: Refusal) => void };

export class Joining {
  step: JoinRow['step'] = 'seeking';
  reason: string | undefined;
  /** The type of the refusal with that reason. */
  why: JoinWhy | undefined;
  #refusal: Answered | undefined;
  #working = false;
  readonly settled: Promise<void>;
  #settle: Settle;

  constructor(
    private readonly context: KernelContext,
    private readonly network: Network,
    readonly space: Space,
    readonly link: InviteLink,
    private readonly events: { changed(): void; joined(space: Space): Promise<void> },
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
      ...(this.reason === undefined ? {} : { reason: this.reason, why: this.why ?? 'unknown' }),
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

  /** Our greeting was not enough, says somebody linked. */
  refused(refused: Answered): void {
    if (this.#refusal || (this.step !== 'seeking' && this.step !== 'greeting')) return;
    this.#refusal = refused;
    this.context.ports.clock.after(DISBELIEF_MS, () => {
      if (this.step === 'seeking' || this.step === 'greeting') this.#fail('revoked');
    });
  }

  async #advance(): Promise<void> {
    const { identity } = this.context;
    const { rights } = this.space.replica;
    const id = inviteIdOf(this.link.secret);
    const invite = rights.invites().get(id);
    if (!identity || !invite) return;
    const now = this.context.time.now();
    if (rights.role(identity.user, now) === 'none') {
      const asked = this.#joinsOf(identity.user, id);
      if (rights.requests().some(({ user, invite }) => user === identity.user && invite === id))
        return invite.used >= invite.uses ? void this.#fail('used') : this.#enter('waitingForApproval');
      if (asked.some((entry) => rights.refusedRequests().has(entry))) return void this.#fail('refused');
      if (invite.revoked) return void this.#fail('revoked');
      if (invite.notAfter < now) return void this.#fail('expired');
      if (invite.used >= invite.uses) return void this.#fail('used');
      // Ours came, and others were before us.
      if (asked.length > 0) return void this.#fail('tooMany');
      if (!(await this.#post(invite))) return;
      this.#enter(invite.confirm ? 'waitingForApproval' : 'admitted');
      return this.#advance();
    }
    if (!this.space.replica.holdsCurrent) return this.#enter('admitted');
    if (!this.#caughtUp()) {
      for (const session of this.network.sessions(this.space.id))
        if (session.theirIndex !== undefined) session.sendRoot();
      return this.#enter('catchingUp');
    }
    this.#enter('live');
    this.events.joined(this.space).then(this.#settle.resolve, this.#settle.reject);
  }

  /** The space itself is here, or what was shared of it. */
  #caughtUp(): boolean {
    const { object } = this.link;
    const here = object !== undefined && withCovers(this.space).node(object.id) !== undefined;
    return here || titleOf(this.space) !== '';
  }

  /** Our joins by this invite, whatever became of them. */
  #joinsOf(user: UserId, invite: InviteId): readonly EntryId[] {
    return this.space.replica.rights
      .history()
      .flatMap(({ item }) =>
        item.user === user && item.acts.some((act) => act.type === 'join' && act.invite === invite) ? [item.id] : [],
      );
  }

  /** Signs our join; false when joining has failed. */
  async #post(invite: InviteState): Promise<boolean> {
    const { ports } = this.context;
    const identity = this.context.identity as Identity;
    const { replica } = this.space;
    if (!invite.confirm) {
      const keys = await openKeysWithLink(ports.crypto, this.space.id, this.link.secret, invite.sealedKeys);
      if (keys.epochs.size + keys.parts.size === 0) return this.#fail('badKeys');
      // Those that are here by now: they may have been others when this began.
      for (const [part, key] of keys.parts) replica.parts.set(part, key);
      for (const [epoch, key] of keys.epochs)
        if (commitsTo(this.space.id, replica.rights, epoch, key)) replica.keys.set(epoch, key);
    }
    const key = await inviteKeyOf(ports.crypto, this.link.secret);
    const proof = await ports.crypto.sign(
      key.handle,
      joinProofBytes(this.space.id, invite.invite, identity.user, identity.device),
    );
    const joined = await this.space.act('acl', [
      { type: 'join', invite: invite.invite, certificate: identity.certificate, proof },
    ]);
    return joined.ok || this.#fail('notTaken');
  }

  #enter(step: JoinRow['step']): void {
    if (this.step === step) return;
    this.step = step;
    this.events.changed();
  }
  /** Gives false. */
  #fail(why: JoinWhy): false {
    const told = whyNotJoined(why);
    this.why = why;
    this.reason = told.message;
    this.#enter('failed');
    this.#settle.reject(told);
    return false;
  }
}

const NEW_LINK = 'Ask for a new link.';
const WHY: Readonly<Record<JoinWhy, readonly [message: string, next: string]>> = {
  revoked: ['The invite was revoked.', NEW_LINK],
  expired: ['The invite has expired.', NEW_LINK],
  used: ['The invite was used as often as it may be.', NEW_LINK],
  tooMany: ['Others used the invite just before you, and it lets in no more people now.', NEW_LINK],
  refused: ['Your request was refused.', 'If you think this is a mistake, write to whoever invited you.'],
  badKeys: ['The keys in the invite do not open.', NEW_LINK],
  notTaken: ['The space does not take this invite from you.', NEW_LINK],
  unknown: ['Joining did not work.', NEW_LINK],
};
/** The type of the refusal is `join` and the reason, such as `joinRevoked`. */
export const whyNotJoined = (why: JoinWhy): Refusal =>
  refusal(
    `join${why.charAt(0).toUpperCase()}${why.slice(1)}`,
    WHY[why][0],
    'Nothing was changed on this device.',
    WHY[why][1],
  );

/** What a greeting is bound to: the nonces of the link, and who greets. */
export const greetTranscript = (link: Link, greeter: string): Uint8Array<ArrayBuffer> => {
  const [a, b] = (link.ready as NonNullable<Link['ready']>).nonces;
  const sorted = [a, b].sort((x, y) => {
    const at = x.findIndex((byte, i) => byte !== y[i]);
    return at < 0 ? 0 : (x[at] as number) - (y[at] as number);
  });
  return concat(...sorted, utf8(greeter));
};
