/**
 * Blobs between nodes: which of them come, and who is asked for which pieces. What was told is in `blob-offers.ts`, what comes is
 * kept in `blob-arrivals.ts`, what goes leaves by `serving.ts`. What a blob says is not looked at.
 *
 * BL2 nothing is asked for twice while it is on its way. Who sends nothing that is new of what it was asked for, or one piece not
 *     for long, is not waited for, and asked again later.
 * BL9 what is needed, and what somebody asked for, has places of its own: what is taken by itself takes none of them.
 */
import { encode } from '../../base/codec';
import type { Pieces } from '../../vm/blob/pieces';
import { IN_FLIGHT, nextAsks, type Source } from '../../vm/blob/swarm';
import type { BlobId } from '../../vm/op/ids';
import { blobAskCodec, blobHaveCodec, type HeldBlob } from '../../vm/sync/messages';
import { ANY_SIZE, type Arrival, BlobArrivals, RANK, type Why } from './blob-arrivals';
import { BlobOffers } from './blob-offers';
import type { KernelContext } from './context';
import type { Link } from './link';
import { BlobServing } from './serving';
import type { Session } from './session';
import type { Space } from './space';

/** Of those that somebody asked for, and of those that are taken by themselves. */
const AT_ONCE = 8;
const LOOK_MS = 5_000;
/** Who sends nothing so long is not waited for, nor is a piece that was asked for so long ago. */
const PATIENCE_MS = 15_000;
const PIECE_MS = 60_000;
/** Who was silent is asked again, and who may have what nobody has, so often. */
const AGAIN_MS = 30_000;

const NONE: Pieces = new Set();

type BlobFacts = {
  sessions(space: Space): readonly Session[];
  entriesWait(session: Session): boolean;
  /** Whether a blob of this size that can be had comes here although nobody asked for it. */
  takes(space: Space, blob: BlobId, size: number): boolean;
  /** Whether there is room for so many bytes more. */
  accepts(space: Space, bytes: number): boolean;
  /** It, or how much of it is here, is another. */
  changed(blob: BlobId): void;
  whole(space: Space, blob: BlobId): Promise<void>;
};

export class BlobExchange {
  readonly #offers: BlobOffers;
  readonly #arrivals: BlobArrivals;
  readonly #serving: BlobServing;
  /** For which pieces are asked now, and of those that are taken by themselves, who offered them. */
  readonly #active = new Map<Arrival, Session | undefined>();
  /** When something new came of a session, or it was first asked. */
  readonly #heardAt = new WeakMap<Session, number>();
  #timer: (() => void) | undefined;
  #stopped = false;
  /** Nothing changed since it was looked what comes at once. */
  #isChosen = false;

  constructor(
    private readonly context: KernelContext,
    private readonly facts: BlobFacts,
  ) {
    this.#offers = new BlobOffers(context);
    this.#arrivals = new BlobArrivals(context, {
      takes: (space, blob, size) => facts.takes(space, blob, size),
      accepts: (space, bytes) => facts.accepts(space, bytes),
      lied: (arrival, session) => {
        this.#offers.lied(session, arrival.blob);
        this.#release(arrival, (of) => of === session);
        this.#isChosen = false;
      },
      ended: (arrival) => {
        this.#active.delete(arrival);
        this.#isChosen = false;
        facts.changed(arrival.blob);
      },
      whole: (space, blob) => {
        this.#offers.came(facts.sessions(space), blob);
        return facts.whole(space, blob);
      },
    });
    this.#serving = new BlobServing(context, {
      entriesWait: (session) => facts.entriesWait(session),
      damaged: ({ space }, blob) => void this.#lost(space, blob),
    });
  }
  stop(): void {
    this.#stopped = true;
    this.#timer?.();
  }

  /** How much of a blob is here, of 1; `undefined` where it does not come. */
  progress(space: Space, blob: BlobId): number | undefined {
    const arrival = this.#arrivals.get(space, blob);
    return arrival && (arrival.have?.size ?? 0) / ((arrival.manifest?.hashes.length ?? 0) + 1);
  }
  /** How many in reach said to hold some of it. */
  sources(space: Space, blob: BlobId): number {
    return this.facts.sessions(space).filter((session) => this.#offers.held(session, blob)).length;
  }
  isLarger(space: Space, blob: BlobId): boolean {
    return this.#arrivals.isLarger(space, blob);
  }

  // --- What is told ----------------------------------------------------------------------------------------------

  offer(session: Session): void {
    this.#offers.offer(session);
  }
  had(space: Space, session: Session, held: readonly HeldBlob[]): void {
    if (!session.mayRead) return this.context.count('refused.blobForStranger');
    for (const each of held) {
      const { blob, size, whole } = each;
      if (space.blobs.has(blob) || this.#arrivals.isErased(space, blob)) continue;
      if (this.#offers.note(session, each) && whole && this.facts.takes(space, blob, size))
        this.#offers.take(session, blob);
      this.facts.changed(blob);
    }
    this.#isChosen = false;
    this.#advance();
  }
  asked(space: Space, session: Session, ask: { blob: BlobId; urgent: boolean; pieces: Pieces }): void {
    if (!session.mayRead) return this.context.count('refused.blobForStranger');
    const { blob, urgent, pieces } = ask;
    const whole = space.blobs.whole.get(blob);
    const arrival = this.#arrivals.get(space, blob);
    const have = arrival?.have ?? NONE;
    const here = whole ? pieces : new Set([...pieces].filter((piece) => have.has(piece)));
    if (pieces.size === 0 || here.size < pieces.size) {
      const size = whole?.size ?? arrival?.manifest?.size ?? 0;
      const held: HeldBlob = { blob, size, whole: whole !== undefined, pieces: whole ? NONE : have };
      session.send('blobHave', encode(blobHaveCodec, [held]));
    }
    if (here.size > 0) this.#serving.queue(session, blob, here, urgent);
  }

  // --- What comes ------------------------------------------------------------------------------------------------

  /** Brings blobs here that something stands on, as soon as somebody in reach holds them. */
  need(space: Space, blobs: readonly BlobId[]): void {
    for (const blob of blobs) this.#begin(space, blob, 'need', ANY_SIZE);
    this.#advance();
  }
  /** The same for somebody who asked for it, and over restarts. `size` in bytes, at most. */
  async wish(space: Space, blob: BlobId, size: number): Promise<void> {
    if (space.blobs.has(blob)) return;
    await space.blobs.begin(blob, { size: this.#arrivals.get(space, blob)?.manifest?.size ?? size, wished: true });
    this.#begin(space, blob, 'wish', size);
    this.#advance();
  }
  /** Of what was offered before, what is taken now. */
  takeOffered(space: Space): void {
    for (const session of this.facts.sessions(space))
      for (const [blob, size] of this.#offers.wholeAt(session))
        if (this.facts.takes(space, blob, size)) this.#offers.take(session, blob);
    this.#isChosen = false;
    this.#advance();
  }
  /** What of these is still on its way does not come any more; what is here of it stays. */
  leave(space: Space, blobs: readonly BlobId[]): void {
    for (const blob of blobs) {
      const arrival = this.#arrivals.get(space, blob);
      if (arrival) this.#arrivals.end(arrival);
    }
    this.#advance();
  }
  /** The space is not held any more. */
  closed(space: Space): void {
    this.#offers.closed(space);
    for (const arrival of this.#arrivals.of(space)) this.#arrivals.end(arrival);
    this.#advance();
  }
  /** What somebody wished for, also before a restart. */
  met(session: Session): void {
    for (const [blob, { size, wished }] of session.space.blobs.coming)
      if (wished) this.#begin(session.space, blob, 'wish', size);
    this.#advance();
  }
  unlinked(link: Link): void {
    this.#offers.unlinked(link);
    for (const arrival of this.#arrivals.all()) {
      this.#release(arrival, (session) => session.link === link);
      for (const session of [...arrival.silent.keys()]) if (session.link === link) arrival.silent.delete(session);
    }
    this.#isChosen = false;
    this.#advance();
  }
  /** Settles when it is dealt with. */
  async piece(
    space: Space,
    session: Session,
    { blob, index, bytes }: { blob: BlobId; index: number; bytes: Uint8Array },
  ): Promise<void> {
    const arrival = this.#arrivals.get(space, blob);
    if (!arrival || this.#offers.isBad(session, blob)) return this.context.count('refused.unwantedBlob');
    const isNew = arrival.flying.get(index)?.session === session && !arrival.have?.has(index);
    if (isNew) this.#heardAt.set(session, this.context.ports.clock.now());
    await this.#arrivals.piece(arrival, session, index, bytes);
    this.facts.changed(blob);
    this.#advance();
  }

  #begin(space: Space, blob: BlobId, why: Why, size: number): Arrival | undefined {
    if (this.#stopped) return undefined;
    this.#isChosen = false;
    return this.#arrivals.begin(space, blob, why, size);
  }
  /** A piece of what was said to be whole is not what it was. What is left of it stays, and is handed on. */
  async #lost(space: Space, blob: BlobId): Promise<void> {
    if (!space.blobs.has(blob)) return;
    this.context.count('blobsDamaged');
    await space.blobs.lose(blob);
    // Its id promised the size already.
    const arrival = this.#begin(space, blob, 'wish', ANY_SIZE);
    if (arrival) await this.#arrivals.look(arrival);
    this.#advance();
  }

  // --- Who is asked ----------------------------------------------------------------------------------------------

  #release({ flying }: Arrival, of: (session: Session) => boolean): void {
    for (const [piece, { session }] of [...flying]) if (of(session)) flying.delete(piece);
  }
  /** Who holds something of it that is not here, and is not known to send nothing. */
  #sourcesOf(arrival: Arrival): readonly Session[] {
    const { space, blob, manifest, have } = arrival;
    const isLacking = (piece: number): boolean => !have?.has(piece) && (!manifest || piece <= manifest.hashes.length);
    return this.facts.sessions(space).filter((session) => {
      const held = this.#offers.held(session, blob);
      if (!held || this.#isSilent(arrival, session)) return false;
      return held === 'whole' || [...held].some(isLacking);
    });
  }
  #isSilent({ silent }: Arrival, session: Session): boolean {
    const since = silent.get(session);
    return since !== undefined && Math.abs(this.context.ports.clock.now() - since) < AGAIN_MS;
  }

  /** Looks what may be asked for now, and asks. */
  #advance(): void {
    if (this.#stopped) return;
    this.#choose();
    const active = [...this.#active.keys()].sort((a, b) => RANK[a.why] - RANK[b.why]);
    const ready = active.filter(({ have }) => have !== undefined);
    const busy = new Map<Session, number>();
    for (const { flying } of active)
      for (const { session } of flying.values()) busy.set(session, (busy.get(session) ?? 0) + 1);
    const spaces = new Set(ready.map(({ space }) => space));
    const sessions = new Set([...spaces].flatMap((space) => this.facts.sessions(space)));
    // Not for each piece that comes: an ask names several.
    if ([...sessions].every((session) => (busy.get(session) ?? 0) > IN_FLIGHT.source / 2)) return this.#watch();
    const fetches = ready.map((arrival) => ({
      arrival,
      urgent: arrival.why === 'need',
      pieces: arrival.manifest && arrival.manifest.hashes.length + 1,
      have: arrival.have as Pieces,
      flying: arrival.flying,
    }));
    const sources = [...sessions].map(
      (session): Source<Session, (typeof fetches)[number]> => ({
        source: session,
        busy: busy.get(session) ?? 0,
        holds: ({ arrival }, piece) => {
          const held = arrival.space === session.space ? this.#offers.held(session, arrival.blob) : undefined;
          return held !== undefined && (held === 'whole' || held.has(piece)) && !this.#isSilent(arrival, session);
        },
      }),
    );
    const now = this.context.ports.clock.now();
    for (const { source, fetch, pieces } of nextAsks(fetches, sources)) {
      const { arrival, urgent } = fetch;
      if (!source.send('blobAsk', encode(blobAskCodec, { blob: arrival.blob, urgent, pieces }))) continue;
      if (!busy.get(source)) this.#heardAt.set(source, now);
      for (const piece of pieces) arrival.flying.set(piece, { session: source, since: now });
    }
    this.#watch();
  }
  /** Of what comes, so many at once of which somebody holds something; the others' holders are asked for. */
  #choose(): void {
    if (this.#isChosen) return;
    this.#isChosen = true;
    for (const arrival of [...this.#active.keys()])
      if (arrival.flying.size === 0 && this.#sourcesOf(arrival).length === 0) this.#rest(arrival);
    this.#chooseWanted();
    this.#chooseTakes();
  }
  /** Nobody sends anything of it now. */
  #rest(arrival: Arrival): void {
    this.#active.delete(arrival);
    if (arrival.why !== 'take') return;
    this.#arrivals.end(arrival);
    for (const session of arrival.silent.keys()) this.#offers.take(session, arrival.blob);
  }
  #activate(arrival: Arrival, by?: Session): void {
    this.#active.set(arrival, by);
    if (arrival.isLooking) return;
    void this.#arrivals
      .look(arrival)
      .catch((fault) => {
        this.context.ports.log('fault', { message: String(fault), stack: (fault as Error)?.stack });
        this.#arrivals.end(arrival);
      })
      .then(() => this.#advance());
  }
  #chooseWanted(): void {
    const now = this.context.ports.clock.now();
    const wanted = this.#arrivals.all().filter((arrival) => arrival.why !== 'take');
    let wishes = wanted.filter((arrival) => arrival.why === 'wish' && this.#active.has(arrival)).length;
    for (const arrival of wanted.sort((a, b) => RANK[a.why] - RANK[b.why])) {
      if (this.#active.has(arrival)) continue;
      if (this.#sourcesOf(arrival).length === 0) this.#probe(arrival, now);
      else if (arrival.why === 'need' || wishes++ < AT_ONCE) this.#activate(arrival);
    }
  }
  /** BL7, BL9. */
  #chooseTakes(): void {
    const takes = [...this.#active].filter(([{ why }]) => why === 'take');
    const bySession = new Map<Session, number>();
    const count = (session: Session | undefined): void => {
      if (session) bySession.set(session, (bySession.get(session) ?? 0) + 1);
    };
    for (const [, session] of takes) count(session);
    for (let free = AT_ONCE - takes.length; free > 0; ) {
      const next = this.#offers.next((session) => bySession.get(session) ?? 0);
      if (!next) return;
      const { session, blob, size } = next;
      const { space } = session;
      if (this.#arrivals.get(space, blob) || !this.facts.takes(space, blob, size)) continue;
      const arrival = this.#arrivals.begin(space, blob, 'take', 0);
      if (!arrival) continue;
      this.#activate(arrival, session);
      count(session);
      free--;
    }
  }
  #probe(arrival: Arrival, now: number): void {
    if (Math.abs(now - arrival.probedAt) >= AGAIN_MS) arrival.probed = new WeakSet();
    for (const session of this.facts.sessions(arrival.space)) {
      if (session.theirIndex === undefined || arrival.probed.has(session)) continue;
      if (this.#offers.isBad(session, arrival.blob)) continue;
      arrival.probed.add(session);
      arrival.probedAt = now;
      session.send('blobAsk', encode(blobAskCodec, { blob: arrival.blob, urgent: false, pieces: NONE }));
    }
  }

  /** BL2. */
  #watch(): void {
    if (this.#timer || this.#stopped || this.#arrivals.all().length === 0) return;
    this.#timer = this.context.ports.clock.after(LOOK_MS, () => {
      this.#timer = undefined;
      const now = this.context.ports.clock.now();
      for (const arrival of this.#active.keys()) {
        const late = [...arrival.flying.values()].filter(
          ({ session, since }) =>
            Math.abs(now - (this.#heardAt.get(session) ?? 0)) >= PATIENCE_MS || Math.abs(now - since) >= PIECE_MS,
        );
        for (const session of new Set(late.map((each) => each.session))) {
          this.context.count('blobsWithheld');
          arrival.silent.set(session, now);
          this.#release(arrival, (of) => of === session);
        }
      }
      this.#isChosen = false;
      this.#advance();
      this.#watch();
    });
  }
}
