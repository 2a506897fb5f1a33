/**
 * Whether others have what they stated to hold: asks each soon after it is met and about once an hour then, and answers who asks. What
 * is asked and what it proves is decided in `vm/replica/possession.ts`; it knows nothing of what bodies say.
 *
 * PO4 one question at a time on a link. No answer in time is a wrong one, also where the link was closed on it; where we slept or went
 *     offline ourselves it says nothing.
 * PO5 at most 90 answers a minute on a link, 30 of them at once, to those who may read.
 */
import { TokenBucket } from '../../base/bucket';
import { decode, encode, flag, record, u8, u64 } from '../../base/codec';
import type { DeviceId } from '../../vm/op/ids';
import {
  drawRange,
  failed,
  isDoubted,
  isProof,
  POSSESSION,
  prove,
  proved,
  type Range,
  type Standing,
  UNPROVED,
} from '../../vm/replica/possession';
import { possessCodec, possessionCodec } from '../../vm/sync/messages';
import type { KernelContext } from './context';
import type { Link } from './link';
import { stand } from './receipts';
import type { Session } from './session';
import { lengthHeld } from './shelf';
import type { Space } from './space';

const HOUR_MS = 3_600_000;
const FIRST_MS = 10_000;
const AGAIN_MS = 60_000;
/** Between two questions on one link. */
const APART_MS = 1_000;
/** One a second is asked at most by whoever keeps PO4. */
const ANSWERS = { rate: 1.5, burst: 30 } as const;
/** A tab that nobody looks at is slow. */
const PATIENCE_MS = { beacon: 5_000, tab: 15_000 } as const;

type Asked = {
  readonly session: Session;
  readonly nonce: Uint8Array;
  readonly range: Range;
  readonly stop: () => void;
};

type ProvingFacts = {
  sessions(space: Space): readonly Session[];
  isOnline(): boolean;
  holds(space: Space): boolean;
  /** Another word counts, or does not any more, or another browser keeps what it has. */
  changed(space: Space): void;
};

export class Proving {
  readonly #asked = new Map<Link, Asked>();
  readonly #next = new Map<Session, () => void>();
  readonly #freeAt = new WeakMap<Link, number>();
  readonly #answers = new WeakMap<Link, TokenBucket>();
  #stopped = false;

  constructor(
    private readonly context: KernelContext,
    private readonly facts: ProvingFacts,
  ) {}

  met(session: Session): void {
    const asks = this.context.kind === 'tab' && session.link.ready?.features.includes(POSSESSION);
    if (asks && !this.#next.has(session)) this.#later(session, FIRST_MS);
  }
  unlinked(link: Link): void {
    const asked = this.#asked.get(link);
    if (asked && this.facts.isOnline()) this.#answered(asked, false, false);
    for (const [session, cancel] of this.#next) {
      if (session.link !== link) continue;
      cancel();
      this.#next.delete(session);
    }
  }
  stop(): void {
    this.#stopped = true;
    for (const { stop } of this.#asked.values()) stop();
    this.#asked.clear();
    for (const cancel of this.#next.values()) cancel();
  }

  // --- Asking ----------------------------------------------------------------------------------------------------

  /** After `ms`, or half as long again. PO4: not while another question waits for its second. */
  #later(session: Session, ms: number): void {
    if (this.#stopped || session.link.closed) return;
    const { clock, random } = this.context.ports;
    const { link } = session;
    const wait = ms * (1 + (random.bytes(1)[0] ?? 0) / 512);
    const at = Math.max(clock.now() + wait, this.#freeAt.get(link) ?? 0);
    if (ms < HOUR_MS) this.#freeAt.set(link, at + APART_MS);
    this.#next.get(session)?.();
    this.#next.set(
      session,
      clock.after(at - clock.now(), () => this.#ask(session)),
    );
  }
  #ask(session: Session): void {
    const { space, link, device } = session;
    if (!this.facts.sessions(space).includes(session)) return void this.#next.delete(session);
    if (this.#asked.has(link)) return this.#later(session, APART_MS);
    const { clock, random } = this.context.ports;
    const nonce = random.bytes(32);
    const range = session.mayRead ? drawRange(nonce, claimsOf(space, device)) : undefined;
    if (!range) return this.#later(session, AGAIN_MS);
    const patience = PATIENCE_MS[link.ready?.kind ?? 'tab'];
    const askedAt = clock.now();
    const stop = clock.after(patience, () => {
      // A device that slept heard no answer.
      if (Math.abs(clock.now() - askedAt - patience) > patience) return this.#void(asked);
      this.#answered(asked, false, false);
    });
    const asked: Asked = { session, nonce, range, stop };
    this.#asked.set(link, asked);
    if (session.send('possess', encode(possessCodec, { nonce, ...range }))) this.context.count('possessionAsked');
    else this.#void(asked);
  }
  #void({ session, stop }: Asked): void {
    stop();
    this.#asked.delete(session.link);
    this.#later(session, AGAIN_MS);
  }

  heard(session: Session, payload: Uint8Array): boolean {
    const answer = decode(possessionCodec, payload);
    if (!answer.ok) return false;
    const asked = this.#asked.get(session.link);
    const { nonce, proof, kept } = answer.value;
    if (asked?.session !== session || !isProof(nonce, asked.nonce)) {
      this.context.count('ignored.possession');
      return true;
    }
    const { replica } = session.space;
    const expected = prove(asked.nonce, session.device, replica.logs.get(asked.range.log), asked.range);
    // What it was asked for is not here any more.
    if (!expected) this.#void(asked);
    else this.#answered(asked, isProof(proof, expected), kept);
    return true;
  }
  #answered(asked: Asked, right: boolean, kept: boolean): void {
    const { session } = asked;
    const { space, device } = session;
    asked.stop();
    this.#asked.delete(session.link);
    if (!this.facts.holds(space)) return;
    const before = space.replica.standings.get(device) ?? UNPROVED;
    const now = Math.max(0, Math.floor(this.context.ports.clock.now()));
    const standing = right ? proved(now, kept) : failed(before);
    stand(space, device, standing);
    this.#keep(space, device, standing);
    if (!right) this.context.count('possessionFailed');
    if (isDoubted(standing) !== isDoubted(before))
      this.context.ports.log('doubted', { device: device.slice(0, 8), right });
    if (isDoubted(standing) !== isDoubted(before) || kept !== before.kept) this.facts.changed(space);
    this.#later(session, right ? HOUR_MS * 0.8 : AGAIN_MS);
  }
  #keep(space: Space, device: DeviceId, standing: Standing): void {
    const value = encode(standingCodec, standing);
    void this.context.ports.storage.write([{ table: 'space', key: standingsOf(space) + device, value }], 'relaxed');
  }

  // --- Answering -------------------------------------------------------------------------------------------------

  /** False for what nobody sound asks. */
  async asked(session: Session, payload: Uint8Array): Promise<boolean> {
    const ask = decode(possessCodec, payload);
    if (!ask.ok) return false;
    const { nonce, log, ...range } = ask.value;
    if (!session.mayRead || !this.#mayAnswer(session.link)) {
      this.context.count('refused.possess');
      return true;
    }
    const { device, ports } = this.context;
    const { replica } = session.space;
    const proof = prove(nonce, device.device, replica.logs.get(log), { log, ...range }) ?? new Uint8Array(32);
    const kept = (await ports.storage.usage().catch(() => undefined))?.kept ?? false;
    session.send('possession', encode(possessionCodec, { nonce, kept, proof }));
    return true;
  }
  /** PO5. */
  #mayAnswer(link: Link): boolean {
    const now = this.context.ports.clock.now();
    const answers = this.#answers.get(link) ?? new TokenBucket(ANSWERS.rate, ANSWERS.burst, now);
    this.#answers.set(link, answers);
    return answers.take(now);
  }
}

const claimsOf = ({ replica }: Space, device: DeviceId) => {
  const claims = replica.doubted.has(device) ? { receipts: replica.doubted } : replica;
  return [...replica.logs.values()].flatMap((log) => {
    const length = lengthHeld(claims, device, log);
    return length > 0 ? [{ log, length }] : [];
  });
};

/** The rows of a space begin so. */
export const standingsOf = ({ id }: Pick<Space, 'id'>): string => `standing/${id}/`;
const standingCodec = record({ failed: u8, provedAt: u64, kept: flag });
/** What was kept of a space. */
export const restoreStandings = async ({ ports, count }: KernelContext, space: Space): Promise<void> => {
  for (const { key, value } of await ports.storage.list('space', standingsOf(space))) {
    const standing = decode(standingCodec, value);
    if (standing.ok) stand(space, key.slice(-64) as DeviceId, standing.value);
    else count('receiptDamaged');
  }
};
