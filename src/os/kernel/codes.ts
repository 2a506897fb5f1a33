/**
 * Short codes of invites: this device answers who asks with one that it gave, or asks with one that somebody said. Both
 * meet in a room of a signaling server, which passes on points of a curve and a sealed link, and learns neither the code
 * nor the link (`rights/pake.ts`). Formats: docs/protocol/invite.md.
 *
 * SC1 a code ends after an hour, after `MAX_WRONG` wrong proofs, and with this run of the device; it is never stored.
 * SC2 who asks proves first; the link is sealed to that proof. An exchange without a proof is forgotten after a minute.
 * SC3 who asks hears out at most `MAX_ANSWERS` strangers: each of them could have guessed once.
 */
import { equalBytes, fromUtf8, toHex, utf8 } from '../../base/bytes';
import { decode, encode } from '../../base/codec';
import { err, ok, type Result } from '../../base/result';
import type { Refusal } from '../../bridge/messages';
import { publishText, readServerText, subscribeText, unsubscribeText } from '../../vm/net/signal';
import type { InviteId, SpaceId } from '../../vm/op/ids';
import {
  type Code,
  type CodeMessage,
  codeMessageCodec,
  codeTopicOf,
  newCode,
  readCode,
  writeCode,
} from '../rights/code';
import { readLink } from '../rights/invite';
import { type Agreed, agreeOn, beginAgreement, type Half } from '../rights/pake';
import { refusal } from '../schema/define';
import type { KernelContext } from './context';
import { SignalingServers } from './signaling-servers';

export const CODE_MS = 3_600_000;
export const MAX_WRONG = 5;
const MAX_ANSWERS = 3;
const MAX_CODES = 16;
/** Of one code at a time, and in its life. */
const MAX_EXCHANGES = 16;
const MAX_ASKS = 500;
const EXCHANGE_MS = 60_000;
const ASK_MS = 20_000;
const ASK_AGAIN_MS = 3_000;
/** After a no: somebody else in the room may still have the code. */
const SECOND_THOUGHT_MS = 1_500;
const ASSOCIATED = utf8('lgos/code-gift/1');

type Given = {
  readonly code: Code;
  readonly space: SpaceId;
  readonly invite: InviteId;
  readonly endsAt: number;
  wrong: number;
  asks: number;
  /** By `answer`. */
  readonly exchanges: Map<string, { readonly sid: Uint8Array; readonly agreed: Agreed; readonly at: number }>;
};
type Asking = {
  readonly code: Code;
  readonly sid: Uint8Array<ArrayBuffer>;
  readonly half: Half;
  /** When the question was last said: the other side may come into the room after us. */
  saidAt: number;
  readonly agreed: Map<string, Agreed>;
  refusals: number;
  settle(outcome: Result<string, Refusal>): void;
};
export type GivenCode = { readonly text: string; readonly endsAt: number; readonly triesLeft: number };

export class Codes {
  readonly #given = new Map<InviteId, Given>();
  readonly #asking = new Set<Asking>();
  readonly #servers: SignalingServers;
  #online = true;
  #stopTick: (() => void) | undefined;

  constructor(
    private readonly context: KernelContext,
    signaling: readonly string[],
    /** The link of an invite that this device made and that still lets somebody in. */
    private readonly linkOf: (space: SpaceId, invite: InviteId) => string | undefined,
    private readonly changed: () => void,
  ) {
    this.#servers = new SignalingServers(context, signaling, {
      opened: (say) => {
        say(this.#subscription());
        for (const { code, sid, half } of this.#asking) say(said(code, { type: 'ask', sid, point: half.point }));
      },
      heard: (text) => void this.#heard(text).catch((fault) => context.ports.log('fault', { message: String(fault) })),
    });
  }

  /** The code of an invite; the same one while it lasts. */
  give(space: SpaceId, invite: InviteId): Result<GivenCode, Refusal> {
    if (this.#servers.urls.length === 0) return err(unmet);
    if (!this.linkOf(space, invite))
      return err(
        refusal(
          'notFound',
          'This device has no link for that invite.',
          'Nothing was changed.',
          'Make a new invite, or use the device that made this one.',
        ),
      );
    const before = this.#given.get(invite);
    if (!before || !this.#stands(before)) {
      if (this.#given.size >= MAX_CODES) this.stop(this.#given.keys().next().value as InviteId);
      const { ports } = this.context;
      this.#given.set(invite, {
        code: newCode(ports.random),
        space,
        invite,
        endsAt: ports.clock.now() + CODE_MS,
        wrong: 0,
        asks: 0,
        exchanges: new Map(),
      });
      this.#meet();
      this.changed();
    }
    return ok(this.of(invite) as GivenCode);
  }
  of(invite: InviteId): GivenCode | undefined {
    const given = this.#given.get(invite);
    return given && this.#stands(given)
      ? { text: writeCode(given.code), endsAt: given.endsAt, triesLeft: MAX_WRONG - given.wrong }
      : undefined;
  }
  stop(invite: InviteId): void {
    const given = this.#given.get(invite);
    if (!given) return;
    this.#given.delete(invite);
    this.#leave(given.code);
    this.changed();
  }
  #stands({ endsAt, wrong, asks }: Given): boolean {
    return endsAt > this.context.ports.clock.now() && wrong < MAX_WRONG && asks < MAX_ASKS;
  }

  /** The link behind a code that somebody said. */
  async ask(typed: string): Promise<Result<string, Refusal>> {
    const code = readCode(typed);
    if (!code.ok)
      return err(
        refusal('badCode', code.error.message, 'Nobody was asked.', 'Compare it letter by letter and type it again.'),
      );
    if (this.#servers.urls.length === 0) return err(unmet);
    const { crypto, random, clock } = this.context.ports;
    const sid = random.bytes(16);
    const half = await beginAgreement(crypto, random, code.value.secret, sid);
    return new Promise((resolve) => {
      const asking: Asking = {
        code: code.value,
        sid,
        half,
        saidAt: clock.now(),
        agreed: new Map(),
        refusals: 0,
        settle: (outcome) => {
          if (!this.#asking.delete(asking)) return;
          cancel();
          this.#leave(asking.code);
          resolve(outcome);
        },
      };
      const cancel = clock.after(ASK_MS, () =>
        asking.settle(
          err(
            asking.refusals > 0
              ? wrongCode
              : refusal(
                  'noAnswer',
                  'Nobody answered to this code.',
                  'Nothing was changed.',
                  'It works while LGOS is open on the device that shows it, at the same address as here.',
                ),
          ),
        ),
      );
      this.#asking.add(asking);
      this.#meet();
      this.#say(asking.code, { type: 'ask', sid, point: half.point });
    });
  }

  setOnline(online: boolean): void {
    this.#online = online;
    if (online) this.#meet();
    else this.close();
  }
  close(): void {
    this.#stopTick?.();
    this.#stopTick = undefined;
    this.#servers.close();
  }

  // --- The room ----------------------------------------------------------------------------------------------------

  get #codes(): readonly Code[] {
    return [...this.#given.values(), ...this.#asking].map(({ code }) => code);
  }

  /** Sockets are there as long as a code is. */
  #meet(): void {
    if (!this.#online || this.#codes.length === 0) return;
    this.#servers.say(this.#subscription());
    this.#servers.keep();
    this.#stopTick ??= this.context.ports.clock.after(1_000, () => this.#tick());
  }
  #tick(): void {
    this.#stopTick = undefined;
    const now = this.context.ports.clock.now();
    for (const given of [...this.#given.values()]) {
      if (!this.#stands(given) || !this.linkOf(given.space, given.invite)) this.stop(given.invite);
      for (const [answer, { at }] of given.exchanges) if (at + EXCHANGE_MS < now) given.exchanges.delete(answer);
    }
    if (this.#codes.length === 0) return this.close();
    for (const asking of this.#asking) {
      if (asking.agreed.size > 0 || asking.saidAt + ASK_AGAIN_MS > now) continue;
      asking.saidAt = now;
      this.#say(asking.code, { type: 'ask', sid: asking.sid, point: asking.half.point });
    }
    this.#servers.keep();
    this.#stopTick = this.context.ports.clock.after(1_000, () => this.#tick());
  }
  #subscription(): string {
    return subscribeText([...new Set(this.#codes.map(({ room }) => codeTopicOf(room)))]);
  }
  #leave(code: Code): void {
    if (!this.#codes.some(({ room }) => room === code.room))
      this.#servers.say(unsubscribeText([codeTopicOf(code.room)]));
  }
  #say(code: Code, message: CodeMessage): void {
    this.#servers.say(said(code, message));
  }

  // --- The exchange ------------------------------------------------------------------------------------------------

  async #heard(text: string): Promise<void> {
    const published = readServerText(text);
    if (published?.type !== 'publish') return;
    const message = decode(codeMessageCodec, published.sealed);
    if (!message.ok) return this.context.count('refused.codeMessage');
    const here = ({ code }: { code: Code }): boolean => codeTopicOf(code.room) === published.topic;
    if (message.value.type === 'ask' || message.value.type === 'proof') {
      for (const given of [...this.#given.values()].filter(here)) {
        if (message.value.type === 'ask') await this.#asked(given, message.value);
        else await this.#proved(given, message.value);
      }
      return;
    }
    const { sid } = message.value;
    for (const asking of [...this.#asking].filter(here)) {
      if (!equalBytes(asking.sid, sid)) continue;
      if (message.value.type === 'answer') await this.#answered(asking, message.value);
      else if (message.value.type === 'gift') await this.#givenTo(asking, message.value);
      else if (asking.agreed.has(toHex(message.value.answer)) && asking.refusals++ === 0)
        this.context.ports.clock.after(SECOND_THOUGHT_MS, () => asking.settle(err(wrongCode)));
    }
  }

  async #asked(given: Given, { sid, point }: Extract<CodeMessage, { type: 'ask' }>): Promise<void> {
    const { crypto, random, clock } = this.context.ports;
    if (!this.#stands(given) || given.exchanges.size >= MAX_EXCHANGES) return this.context.count('refused.codeAsk');
    given.asks++;
    const answer = random.bytes(16);
    const half = await beginAgreement(crypto, random, given.code.secret, sid);
    const agreed = await agreeOn(crypto, half, point, { sid, asked: point, answered: half.point });
    if (!agreed) return this.context.count('refused.codeAsk');
    given.exchanges.set(toHex(answer), { sid, agreed, at: clock.now() });
    this.#say(given.code, { type: 'answer', sid, answer, point: half.point });
  }

  async #proved(given: Given, { sid, answer, proof }: Extract<CodeMessage, { type: 'proof' }>): Promise<void> {
    const exchange = given.exchanges.get(toHex(answer));
    if (!exchange || !equalBytes(exchange.sid, sid)) return;
    // One exchange, one proof.
    given.exchanges.delete(toHex(answer));
    const link = this.#stands(given) ? this.linkOf(given.space, given.invite) : undefined;
    if (!link || !equalBytes(proof, exchange.agreed.proof)) {
      if (link) given.wrong++;
      this.context.count('refused.codeProof');
      this.#say(given.code, { type: 'no', sid: exchange.sid as Uint8Array<ArrayBuffer>, answer });
      this.changed();
      return;
    }
    const { crypto, random } = this.context.ports;
    const nonce = random.bytes(12);
    const sealed = await crypto.seal(exchange.agreed.key, nonce, utf8(link), ASSOCIATED);
    this.#say(given.code, { type: 'gift', sid, answer, nonce, sealed });
  }

  async #answered(asking: Asking, { sid, answer, point }: Extract<CodeMessage, { type: 'answer' }>): Promise<void> {
    if (asking.agreed.size >= MAX_ANSWERS) return this.context.count('refused.codeAnswer');
    const transcript = { sid, asked: asking.half.point, answered: point };
    const agreed = await agreeOn(this.context.ports.crypto, asking.half, point, transcript);
    if (!agreed || asking.agreed.size >= MAX_ANSWERS) return this.context.count('refused.codeAnswer');
    asking.agreed.set(toHex(answer), agreed);
    this.#say(asking.code, { type: 'proof', sid, answer, proof: agreed.proof });
  }

  async #givenTo(asking: Asking, { answer, nonce, sealed }: Extract<CodeMessage, { type: 'gift' }>): Promise<void> {
    const agreed = asking.agreed.get(toHex(answer));
    const plain = agreed && (await this.context.ports.crypto.open(agreed.key, nonce, sealed, ASSOCIATED));
    if (!plain) return this.context.count('refused.codeGift');
    const link = textOf(plain);
    if (link && readLink(link).ok) asking.settle(ok(link));
  }
}

const said = (code: Code, message: CodeMessage): string =>
  publishText(codeTopicOf(code.room), encode(codeMessageCodec, message));
const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    return fromUtf8(bytes);
  } catch {
    return undefined;
  }
};
const wrongCode: Refusal = refusal(
  'wrongCode',
  'The code is not right, or it has ended.',
  'Nothing was changed.',
  'Ask for it again. After five wrong tries it ends, and a new one is needed.',
);
const unmet: Refusal = refusal(
  'noSignaling',
  'This installation names no server where two devices could meet by a code.',
  'Nothing was changed.',
  'Send the link, or show the QR code.',
);
