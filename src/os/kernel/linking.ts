/**
 * Linking a device, as the two devices run it: a room of a signaling server named by the code's secret, messages that are said
 * again until the next one comes, and two people who compare six digits. The protocol is in `rights/linking.ts`.
 *
 * LI4 a code ends after ten minutes, after `LINK_TRIES` attempts, when a person says that the digits differ, and when it has
 *     been used; an attempt that is not confirmed ends after a minute, one in which the digits are shown with the code.
 */
import { equalBytes, fromHex } from '../../base/bytes';
import { decode, encode } from '../../base/codec';
import { err, ok, type Result } from '../../base/result';
import type { LinkingAnswer, Refusal } from '../../bridge/messages';
import { publishText, readServerText, subscribeText } from '../../vm/net/signal';
import { userIdOf } from '../../vm/op/ids';
import { verifyCertificate } from '../rights/identity';
import {
  beginSide,
  commitmentOf,
  digitsOf,
  LINK_ANSWER_MS,
  LINK_CODE_MS,
  LINK_TRIES,
  type LinkingMessage,
  type LinkingParcel,
  linkingKey,
  linkingProofBytes,
  linkingTopicOf,
  linkingTranscript,
  openLinking,
  opens,
  parcelCodec,
  proofCodec,
  readLinkingCode,
  type Side,
  sealedBytes,
  sealLinking,
  writeLinkingCode,
  writeLinkingUrl,
} from '../rights/linking';
import { refusal } from '../schema/define';
import type { KernelContext } from './context';
import { SignalingServers } from './signaling-servers';

const AGAIN_MS = 1_500;
/** Messages that one code hears; whoever floods the room ends it. */
const MAX_HEARD = 500;

type Agreed = {
  readonly transcript: Uint8Array<ArrayBuffer>;
  readonly key: Uint8Array<ArrayBuffer>;
  readonly other: Side;
};
type Attempt = {
  readonly id: Uint8Array<ArrayBuffer>;
  readonly mine: Awaited<ReturnType<typeof beginSide>>;
  readonly at: number;
  /** Of the new device, which the old one holds it to. */
  readonly commitment: Uint8Array<ArrayBuffer> | undefined;
  agreed: Agreed | undefined;
  /** Said again until the other side moves on. */
  saying: LinkingMessage | undefined;
  /** The person here said that the digits are the same. */
  same: boolean;
  /** The other side did. */
  theirsSame: boolean;
  /** The parcel is on its way. */
  given: boolean;
  name: string;
};
type Going = {
  readonly side: 'old' | 'new';
  readonly secret: Uint8Array<ArrayBuffer>;
  readonly url: string;
  readonly endsAt: number;
  readonly servers: SignalingServers;
  tries: number;
  heard: number;
  attempt: Attempt | undefined;
  step: LinkingAnswer['step'];
  reason: LinkingAnswer['reason'];
  turn: Promise<unknown>;
};

export type LinkingFacts = {
  readonly origin: string;
  readonly signaling: readonly string[];
  /** What this device is called. */
  name(): string;
  /** What the new device is given; `device`: its key. */
  parcel(device: Side['device']): Promise<LinkingParcel>;
  /** The device has shown itself in the personal space as one of this person's. */
  isMine(device: Side['device']): boolean;
  /** This profile becomes the parcel's person. */
  become(parcel: LinkingParcel): Promise<void>;
  changed(): void;
};

const NOTHING: LinkingAnswer = { side: 'none', step: 'none' };

export class Linking {
  #going: Going | undefined;
  #stopTick: (() => void) | undefined;

  constructor(
    private readonly context: KernelContext,
    private readonly facts: LinkingFacts,
  ) {}

  get answer(): LinkingAnswer {
    const going = this.#going;
    if (!going) return NOTHING;
    const { attempt, side, step, secret, url, endsAt, tries, reason } = going;
    return {
      side,
      step,
      ...(side === 'old' ? { code: writeLinkingCode(secret), url, triesLeft: LINK_TRIES - tries } : {}),
      ...(step === 'comparing' || step === 'confirmed'
        ? { digits: digitsOf(attempt?.agreed?.transcript ?? new Uint8Array()), name: attempt?.name ?? '' }
        : {}),
      ...(reason === undefined ? {} : { reason }),
      endsAt,
    };
  }

  /** On the device that has the root: shows a code. */
  offer(): Result<void, Refusal> {
    const { identity, ports } = this.context;
    if (!identity?.root)
      return err(
        refusal(
          'noRoot',
          'This device was linked, so it cannot link another one.',
          'Nothing was changed.',
          'Link it from the device where you began, or type your recovery phrase on the new one.',
        ),
      );
    return this.#begin('old', ports.random.bytes(10), []);
  }

  /** On the new device. */
  async ask(typed: string): Promise<Result<void, Refusal>> {
    const code = readLinkingCode(typed);
    if (!code.ok)
      return err(
        refusal(
          'badCode',
          'This is not a code for linking a device.',
          'Nothing was changed.',
          'Compare it with the other screen: sixteen letters and digits.',
        ),
      );
    const begun = this.#begin('new', code.value.secret, code.value.signaling);
    if (!begun.ok) return begun;
    const { ports, device } = this.context;
    const going = this.#going as Going;
    const id = ports.random.bytes(16);
    const mine = await beginSide(ports.crypto, ports.random, device.device);
    going.attempt = this.#attempt(id, mine, undefined);
    this.#say({ type: 'hello', attempt: id, commitment: commitmentOf(id, mine.side) });
    return ok(undefined);
  }

  /** What the person says of the digits. */
  async confirm(same: boolean): Promise<void> {
    const going = this.#going;
    const attempt = going?.attempt;
    if (!going || !attempt?.agreed || going.step !== 'comparing') return;
    if (!same) {
      void this.#send(going, { type: 'stop', attempt: attempt.id, from: going.side });
      return this.#end('failed', 'differ');
    }
    attempt.same = true;
    going.step = 'confirmed';
    this.facts.changed();
    if (going.side === 'new') {
      const { crypto } = this.context.ports;
      const { key } = this.context.device;
      const signature = await crypto.sign(key.handle, linkingProofBytes(attempt.agreed.transcript));
      await this.#saySealed(attempt, encode(proofCodec, { signature }));
    } else await this.#give();
  }

  /** Of the person's own will. */
  cancel(): void {
    const going = this.#going;
    if (!going) return;
    const live = going.step !== 'done' && going.step !== 'failed';
    if (live && going.attempt) void this.#send(going, { type: 'stop', attempt: going.attempt.id, from: going.side });
    this.close();
    this.facts.changed();
  }
  close(): void {
    this.#stopTick?.();
    this.#stopTick = undefined;
    this.#going?.servers.close();
    this.#going = undefined;
  }

  // --- The room ------------------------------------------------------------------------------------------------

  #begin(side: 'old' | 'new', secret: Uint8Array<ArrayBuffer>, signaling: readonly string[]): Result<void, Refusal> {
    this.close();
    const servers = new SignalingServers(this.context, [...signaling, ...this.facts.signaling], {
      opened: (say) => {
        say(subscribeText([linkingTopicOf(secret)]));
        if (going.attempt?.saying) void this.#send(going, going.attempt.saying);
      },
      heard: (said) => {
        const message = readServerText(said);
        if (message?.type !== 'publish' || message.topic !== linkingTopicOf(secret) || this.#going !== going) return;
        if (++going.heard > MAX_HEARD) return this.#end('failed', 'late');
        // One after the other: each may change what the next one means.
        going.turn = going.turn.then(() => this.#heard(going, message.sealed)).catch(() => {});
      },
    });
    if (servers.urls.length === 0)
      return err(
        refusal(
          'noSignaling',
          'There is no server here through which two devices could meet.',
          'Nothing was changed.',
          'Open the page from a beacon, or use your recovery phrase.',
        ),
      );
    const now = this.context.ports.clock.now();
    const going: Going = {
      side,
      secret,
      url: side === 'old' ? writeLinkingUrl(this.facts.origin, { secret, signaling: servers.urls }) : '',
      endsAt: now + LINK_CODE_MS,
      servers,
      tries: 0,
      heard: 0,
      attempt: undefined,
      step: 'waiting',
      reason: undefined,
      turn: Promise.resolve(),
    };
    this.#going = going;
    this.#tick();
    this.facts.changed();
    return ok(undefined);
  }

  #tick(): void {
    const going = this.#going;
    if (!going) return;
    const now = this.context.ports.clock.now();
    const { attempt } = going;
    if (going.step === 'done' || going.step === 'failed') return;
    if (attempt?.given && attempt.agreed && this.facts.isMine(attempt.agreed.other.device)) return this.#end('done');
    if (now >= going.endsAt) return this.#end('failed', 'late');
    if (attempt && !attempt.agreed && now >= attempt.at + LINK_ANSWER_MS) {
      if (going.side === 'new') return this.#end('failed', 'noAnswer');
      this.#forget(going);
    }
    going.servers.keep();
    if (attempt?.saying) void this.#send(going, attempt.saying);
    this.#stopTick = this.context.ports.clock.after(AGAIN_MS, () => this.#tick());
  }

  async #send(going: Going, message: LinkingMessage): Promise<void> {
    const { crypto, random } = this.context.ports;
    const sealed = await sealLinking(crypto, random, going.secret, message);
    going.servers.say(publishText(linkingTopicOf(going.secret), sealed));
  }
  /** Now, and again until the other side moves on. */
  #say(message: LinkingMessage): void {
    const going = this.#going;
    if (!going?.attempt) return;
    going.attempt.saying = message;
    void this.#send(going, message);
  }
  /** The same, under the key that was agreed on. */
  async #saySealed(attempt: Attempt, plain: Uint8Array): Promise<void> {
    const going = this.#going;
    if (!going || going.attempt !== attempt || !attempt.agreed) return;
    const { crypto, random } = this.context.ports;
    const nonce = random.bytes(12);
    const { key, transcript } = attempt.agreed;
    const sealed = await crypto.seal(key, nonce, plain, sealedBytes(going.side, transcript));
    const message = { type: 'sealed', attempt: attempt.id, from: going.side, nonce, sealed } as const;
    attempt.saying = message;
    await this.#send(going, message);
  }

  #end(step: 'done' | 'failed', reason?: NonNullable<LinkingAnswer['reason']>): void {
    const going = this.#going;
    if (!going) return;
    going.step = step;
    going.reason = reason;
    going.attempt = undefined;
    this.#stopTick?.();
    // What was just said is on its way: the channels close when the person is done reading, or begins anew.
    this.facts.changed();
  }
  /** An attempt came to nothing; the code lives on while it has tries left. */
  #forget(going: Going): void {
    going.attempt = undefined;
    going.step = 'waiting';
    if (going.tries >= LINK_TRIES) return this.#end('failed', 'tries');
    this.facts.changed();
  }

  // --- What is heard -------------------------------------------------------------------------------------------

  #attempt(
    id: Uint8Array<ArrayBuffer>,
    mine: Attempt['mine'],
    commitment: Uint8Array<ArrayBuffer> | undefined,
  ): Attempt {
    const at = this.context.ports.clock.now();
    const blank = { agreed: undefined, saying: undefined, same: false, theirsSame: false, given: false, name: '' };
    return { id, mine, at, commitment, ...blank };
  }

  async #heard(going: Going, sealed: Uint8Array): Promise<void> {
    const message = await openLinking(this.context.ports.crypto, going.secret, sealed);
    if (!message || this.#going !== going || going.step === 'done' || going.step === 'failed') return;
    if (going.side === 'old' && message.type === 'hello') return this.#hello(going, message);
    const { attempt } = going;
    if (!attempt || !equalBytes(attempt.id, message.attempt)) return;
    if (message.type === 'answer' && going.side === 'new') return this.#answered(going, attempt, message);
    if (message.type === 'reveal' && going.side === 'old') return this.#revealed(going, attempt, message);
    if (message.type === 'sealed' && message.from !== going.side) return this.#opened(going, attempt, message);
    if (message.type === 'stop' && message.from !== going.side) {
      if (going.side === 'new') return this.#end('failed', 'differ');
      // Whoever says so before the digits are shown has seen none.
      if (attempt.agreed) return this.#end('failed', 'differ');
      this.#forget(going);
    }
  }

  async #hello(going: Going, message: LinkingMessage & { type: 'hello' }): Promise<void> {
    const known = going.attempt;
    if (known) {
      if (equalBytes(known.id, message.attempt) && known.saying?.type === 'answer')
        await this.#send(going, known.saying);
      return;
    }
    if (going.tries >= LINK_TRIES) return;
    going.tries++;
    const { ports, device } = this.context;
    const mine = await beginSide(ports.crypto, ports.random, device.device);
    going.attempt = this.#attempt(message.attempt, mine, message.commitment);
    this.#say({ type: 'answer', attempt: message.attempt, ...mine.side, name: this.facts.name() });
    this.facts.changed();
  }

  async #answered(going: Going, attempt: Attempt, message: LinkingMessage & { type: 'answer' }): Promise<void> {
    if (attempt.agreed) return;
    const { mine, id } = attempt;
    await this.#agree(going, attempt, message, linkingTranscript(id, message, mine.side));
    if (attempt.agreed) this.#say({ type: 'reveal', attempt: id, ...mine.side, name: this.facts.name() });
  }

  async #revealed(going: Going, attempt: Attempt, message: LinkingMessage & { type: 'reveal' }): Promise<void> {
    if (attempt.agreed) return;
    const { mine, id, commitment } = attempt;
    // LI1: what it says now it must have chosen before it saw ours.
    if (!commitment || !opens(id, commitment, message)) {
      this.context.count('refused.linkCommitment');
      return this.#forget(going);
    }
    attempt.saying = undefined;
    await this.#agree(going, attempt, message, linkingTranscript(id, mine.side, message));
  }

  async #agree(
    going: Going,
    attempt: Attempt,
    other: Side & { name: string },
    transcript: Uint8Array<ArrayBuffer>,
  ): Promise<void> {
    const key = await linkingKey(this.context.ports.crypto, attempt.mine.key, other.ephemeral, transcript);
    if (!key || other.device === this.context.device.device) return this.#forget(going);
    attempt.agreed = { transcript, key, other };
    attempt.name = other.name.slice(0, 80);
    going.step = 'comparing';
    this.facts.changed();
  }

  async #opened(going: Going, attempt: Attempt, message: LinkingMessage & { type: 'sealed' }): Promise<void> {
    const { crypto } = this.context.ports;
    const { agreed } = attempt;
    if (!agreed) return;
    const { nonce, sealed } = message;
    const plain = await crypto.open(agreed.key, nonce, sealed, sealedBytes(message.from, agreed.transcript));
    if (!plain) return;
    if (going.side === 'old') {
      // The parcel has come.
      if (attempt.given && plain.length === 0) return this.#end('done');
      const proof = decode(proofCodec, plain);
      const bytes = linkingProofBytes(agreed.transcript);
      if (!proof.ok || !(await crypto.verify(fromHex(agreed.other.device), bytes, proof.value.signature))) return;
      attempt.theirsSame = true;
      return this.#give();
    }
    // LI2: the parcel is for a person who has said that the digits are the same.
    const parcel = attempt.same ? decode(parcelCodec, plain) : undefined;
    if (!parcel?.ok) return;
    const { certificate, keyrings } = parcel.value;
    const last = keyrings.at(-1);
    const fits =
      certificate.device === this.context.device.device &&
      certificate.user === userIdOf(certificate.rootPub, certificate.userNonce) &&
      last !== undefined &&
      equalBytes((await crypto.agreementKey(last)).publicKey, certificate.keyring) &&
      (await verifyCertificate(crypto, certificate));
    if (!fits) return this.#end('failed', 'differ');
    await this.facts.become(parcel.value);
    await this.#saySealed(attempt, new Uint8Array());
    this.#end('done');
  }

  /** LI2: both people have said it. */
  async #give(): Promise<void> {
    const attempt = this.#going?.attempt;
    if (!attempt?.agreed || !attempt.same || !attempt.theirsSame || attempt.given) return;
    attempt.given = true;
    await this.#saySealed(attempt, encode(parcelCodec, await this.facts.parcel(attempt.agreed.other.device)));
  }
}
