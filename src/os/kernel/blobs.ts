/**
 * Blobs between nodes: who said to hold which, what comes here, and from whom it is asked. Pieces are kept as they come, so that
 * what broke off goes on from what is here, from anybody who holds it, also after a restart. What a blob says is not looked at.
 *
 * BL5 a piece is kept only of a blob that is to come here, and only when its id promises it; who sent another one is not asked
 *     for that blob again on this link.
 * BL6 a blob that is larger than it was said to be does not come, and nothing does that a beacon has no room for.
 * BL7 what somebody says to hold is noted up to a bound; what else they hold is asked for when it is wanted.
 */
import { encode } from '../../base/codec';
import { MAX_BLOB, type Manifest, readManifest } from '../../vm/blob/chunk';
import { MANIFEST, type Pieces } from '../../vm/blob/pieces';
import { piecesHere, putChunk, putManifest } from '../../vm/blob/store';
import { IN_FLIGHT, nextAsks, type Source } from '../../vm/blob/swarm';
import type { BlobId } from '../../vm/op/ids';
import { blobAskCodec, blobHaveCodec, type HeldBlob, MAX_HELD } from '../../vm/sync/messages';
import type { KernelContext } from './context';
import type { Link } from './link';
import { BlobServing } from './serving';
import type { Session } from './session';
import type { Space } from './space';

/** Blobs that come here, and of those how many at once: urgent ones besides. */
const MAX_COMING = 2_048;
const AT_ONCE = 8;
const MAX_REFUSED = 1_000;
/** BL7. Of one session. */
const MAX_TOLD = 4_096;
const LOOK_MS = 5_000;
/** Who sends none of what it was asked for so long is not waited for; who may have what nobody has is asked again so often. */
const PATIENCE_MS = 15_000;
const AGAIN_MS = 30_000;
/** Of a blob whose size nobody told. */
const ANY_SIZE = MAX_BLOB;

const NONE: Pieces = new Set();

/** `need`: entries and other blobs wait for it. `wish`: somebody asked for it. `take`: it is kept because it can be had. */
type Why = 'need' | 'wish' | 'take';
const RANK = { need: 0, wish: 1, take: 2 } as const;

type Coming = {
  readonly space: Space;
  readonly blob: BlobId;
  why: Why;
  /** In bytes, at most. */
  size: number;
  manifest: Manifest | undefined;
  /** What lies on the disk; `undefined` until somebody looked. */
  have: Set<number> | undefined;
  isLooking: boolean;
  readonly flying: Map<number, Session>;
  /** BL5. */
  readonly bad: Set<Session>;
  probed: WeakSet<Session>;
  probedAt: number;
  /** What comes of it is written in the order in which it came. */
  turn: Promise<unknown>;
};

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
  readonly #coming = new Map<BlobId, Coming>();
  readonly #active = new Set<Coming>();
  readonly #told = new WeakMap<Session, Map<BlobId, { readonly size: number; readonly pieces: Pieces | 'whole' }>>();
  readonly #offered = new WeakMap<Session, Set<BlobId>>();
  /** When something came of a session, or it was first asked. */
  readonly #heardAt = new WeakMap<Session, number>();
  readonly #serving: BlobServing;
  readonly #larger = new LastOf<BlobId>(MAX_REFUSED);
  /** They were erased: not asked for again when they are offered. */
  readonly #refused = new LastOf<BlobId>(MAX_REFUSED);
  #timer: (() => void) | undefined;
  #stopped = false;
  /** Nothing changed since it was looked what comes at once. */
  #isChosen = false;

  constructor(
    private readonly context: KernelContext,
    private readonly facts: BlobFacts,
  ) {
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
  progress(blob: BlobId): number | undefined {
    const coming = this.#coming.get(blob);
    return coming && (coming.have?.size ?? 0) / ((coming.manifest?.hashes.length ?? 0) + 1);
  }
  /** How many in reach said to hold some of it. */
  sources(space: Space, blob: BlobId): number {
    return this.facts.sessions(space).filter((session) => this.#told.get(session)?.has(blob)).length;
  }

  /** It was asked for, and turned out to be larger than was stated (BL6). */
  isLarger(blob: BlobId): boolean {
    return this.#larger.has(blob);
  }

  // --- What is told ----------------------------------------------------------------------------------------------

  /** Names what this session was not told of yet. */
  offer(session: Session): void {
    if (!session.mayRead || session.theirIndex === undefined) return;
    const offered = this.#offered.get(session) ?? new Set();
    this.#offered.set(session, offered);
    const { space } = session;
    const fresh = [...space.blobs].filter(([blob]) => !offered.has(blob));
    for (let i = 0; i < fresh.length; i += MAX_HELD) {
      const part = fresh.slice(i, i + MAX_HELD);
      const held = part.map(([blob, { size }]): HeldBlob => ({ blob, size, whole: true, pieces: NONE }));
      if (!session.send('blobHave', encode(blobHaveCodec, held))) return;
      for (const [blob] of part) offered.add(blob);
    }
  }
  had(space: Space, session: Session, held: readonly HeldBlob[]): void {
    if (!session.mayRead) return this.context.count('refused.blobForStranger');
    const told = this.#told.get(session) ?? new Map();
    this.#told.set(session, told);
    for (const { blob, size, whole, pieces } of held) {
      if (space.blobs.has(blob) || this.#refused.has(blob)) continue;
      if (!whole && pieces.size === 0) told.delete(blob);
      else if (told.has(blob) || told.size < MAX_TOLD) told.set(blob, { size, pieces: whole ? 'whole' : pieces });
      else this.context.count('ignored.blobs');
      if (whole && this.facts.takes(space, blob, size)) this.#begin(space, blob, 'take', size);
      this.facts.changed(blob);
    }
    this.#isChosen = false;
    this.#advance();
  }
  asked(space: Space, session: Session, ask: { blob: BlobId; urgent: boolean; pieces: Pieces }): void {
    if (!session.mayRead) return this.context.count('refused.blobForStranger');
    const { blob, urgent, pieces } = ask;
    const whole = space.blobs.get(blob);
    const coming = this.#coming.get(blob);
    const have = coming?.space === space ? (coming.have ?? NONE) : NONE;
    const here = whole ? pieces : new Set([...pieces].filter((piece) => have.has(piece)));
    if (pieces.size === 0 || here.size < pieces.size) {
      const size = whole?.size ?? coming?.manifest?.size ?? 0;
      const held: HeldBlob = { blob, size, whole: whole !== undefined, pieces: whole ? NONE : have };
      session.send('blobHave', encode(blobHaveCodec, [held]));
    }
    if (here.size > 0) this.#serving.queue(session, blob, here, urgent);
  }

  // --- What comes ------------------------------------------------------------------------------------------------

  /** Brings blobs here, as soon as somebody in reach holds them. */
  want(space: Space, blobs: readonly BlobId[], why: 'need' | 'take'): void {
    for (const blob of blobs) this.#begin(space, blob, why, ANY_SIZE);
    this.#advance();
  }
  /** The same for somebody who asked for it, and over restarts. `size` in bytes, at most. */
  async wish(space: Space, blob: BlobId, size: number): Promise<void> {
    if (space.blobs.has(blob)) return;
    await space.beginBlob(blob, { size: this.#coming.get(blob)?.manifest?.size ?? size, wished: true });
    this.#begin(space, blob, 'wish', size);
    this.#advance();
  }
  /** Of what was offered before, what is taken now. */
  takeOffered(space: Space): void {
    for (const session of this.facts.sessions(space))
      for (const [blob, { size, pieces }] of this.#told.get(session) ?? [])
        if (pieces === 'whole' && this.facts.takes(space, blob, size)) this.#begin(space, blob, 'take', size);
    this.#advance();
  }
  /** What of these is still on its way does not come any more; what is here of it stays. */
  leave(space: Space, blobs: Iterable<BlobId>): void {
    for (const blob of blobs) {
      const coming = this.#coming.get(blob);
      if (coming?.space === space) this.#end(coming);
    }
    this.#advance();
  }
  /** The space is not held any more. */
  closed(space: Space): void {
    this.leave(space, [...this.#coming.keys()]);
  }
  /** What somebody wished for, also before a restart. */
  met(session: Session): void {
    for (const [blob, { size, wished }] of session.space.coming)
      if (wished) this.#begin(session.space, blob, 'wish', size);
    this.#advance();
  }
  unlinked(link: Link): void {
    for (const coming of [...this.#coming.values()]) {
      this.#release(coming, (session) => session.link === link);
      // It is taken up again when it is offered.
      if (coming.why === 'take' && this.#sourcesOf(coming).length === 0) this.#end(coming);
    }
    this.#isChosen = false;
    this.#advance();
  }

  #begin(space: Space, blob: BlobId, why: Why, size: number): void {
    if (space.blobs.has(blob) || this.#stopped) return;
    const known = this.#coming.get(blob);
    this.#isChosen = false;
    if (known) {
      if (RANK[why] < RANK[known.why]) known.why = why;
      return;
    }
    if (this.#coming.size >= MAX_COMING) return this.context.count('ignored.tooManyBlobs');
    this.#coming.set(blob, {
      space,
      blob,
      why,
      size,
      manifest: undefined,
      have: undefined,
      isLooking: false,
      flying: new Map(),
      bad: new Set(),
      probed: new WeakSet(),
      probedAt: Number.NEGATIVE_INFINITY,
      turn: Promise.resolve(),
    });
  }
  #end(coming: Coming): void {
    this.#isChosen = false;
    this.#active.delete(coming);
    if (this.#coming.get(coming.blob) === coming) this.#coming.delete(coming.blob);
    this.facts.changed(coming.blob);
  }
  #release({ flying }: Coming, of: (session: Session) => boolean): void {
    for (const [piece, session] of [...flying]) if (of(session)) flying.delete(piece);
  }
  #sourcesOf({ space, blob, bad }: Coming): readonly Session[] {
    return this.facts.sessions(space).filter((session) => !bad.has(session) && this.#told.get(session)?.has(blob));
  }

  /** Looks what may be asked for now, and asks. */
  #advance(): void {
    if (this.#stopped || this.#coming.size === 0) return;
    this.#choose();
    const active = [...this.#active].sort((a, b) => RANK[a.why] - RANK[b.why]);
    const ready = active.filter(({ have }) => have !== undefined);
    const busy = new Map<Session, number>();
    for (const { flying } of active)
      for (const session of flying.values()) busy.set(session, (busy.get(session) ?? 0) + 1);
    const sessions = new Set(ready.flatMap(({ space }) => this.facts.sessions(space)));
    const sources = [...sessions].map(
      (session): Source<Session> => ({
        source: session,
        busy: busy.get(session) ?? 0,
        holds: (blob, piece) => {
          const coming = this.#coming.get(blob);
          const held = this.#told.get(session)?.get(blob)?.pieces;
          if (!held || coming?.space !== session.space || coming.bad.has(session)) return false;
          return held === 'whole' || held.has(piece);
        },
      }),
    );
    // Not for each piece that comes: an ask names several.
    if (sources.every((each) => each.busy > IN_FLIGHT.source / 2)) return this.#watch();
    const fetches = ready.map(({ blob, why, manifest, have, flying }) => ({
      blob,
      urgent: why === 'need',
      pieces: manifest && manifest.hashes.length + 1,
      have: have as Pieces,
      flying,
    }));
    for (const { source, blob, urgent, pieces } of nextAsks(fetches, sources)) {
      if (!source.send('blobAsk', encode(blobAskCodec, { blob, urgent, pieces }))) continue;
      if (!busy.get(source)) this.#heardAt.set(source, this.context.ports.clock.now());
      for (const piece of pieces) this.#coming.get(blob)?.flying.set(piece, source);
    }
    this.#watch();
  }
  /** Of what comes, so many at once of which somebody holds something; the others' holders are asked for. */
  #choose(): void {
    if (this.#isChosen) return;
    this.#isChosen = true;
    const now = this.context.ports.clock.now();
    for (const coming of [...this.#active])
      if (coming.flying.size === 0 && this.#sourcesOf(coming).length === 0) this.#active.delete(coming);
    const order = [...this.#coming.values()].sort((a, b) => RANK[a.why] - RANK[b.why]);
    for (const coming of order) {
      if (this.#active.has(coming)) continue;
      if (this.#active.size >= AT_ONCE && coming.why !== 'need') break;
      if (this.#sourcesOf(coming).length > 0) {
        this.#active.add(coming);
        void this.#look(coming);
      } else if (coming.why !== 'take') this.#probe(coming, now);
    }
  }
  #probe(coming: Coming, now: number): void {
    if (Math.abs(now - coming.probedAt) >= AGAIN_MS) coming.probed = new WeakSet();
    for (const session of this.facts.sessions(coming.space)) {
      if (session.theirIndex === undefined || coming.probed.has(session) || coming.bad.has(session)) continue;
      coming.probed.add(session);
      coming.probedAt = now;
      session.send('blobAsk', encode(blobAskCodec, { blob: coming.blob, urgent: false, pieces: NONE }));
    }
  }
  /** What of it lies on the disk. */
  async #look(coming: Coming): Promise<void> {
    if (coming.isLooking || coming.have) return;
    coming.isLooking = true;
    coming.turn = coming.turn.then(async () => {
      const { manifest, pieces } = await piecesHere(this.context.ports.storage, coming.blob);
      coming.manifest = manifest;
      coming.have = new Set(pieces);
      if (manifest) await this.#accept(coming, manifest);
      await this.#finish(coming);
    });
    await coming.turn;
    this.#advance();
  }

  /** Settles when it is dealt with. */
  async piece(
    space: Space,
    session: Session,
    piece: { blob: BlobId; index: number; bytes: Uint8Array },
  ): Promise<void> {
    const coming = this.#coming.get(piece.blob);
    if (coming?.space !== space || coming.bad.has(session)) return this.context.count('refused.unwantedBlob');
    this.#heardAt.set(session, this.context.ports.clock.now());
    const turn = coming.turn.then(() => this.#take(coming, session, piece));
    coming.turn = turn.catch(() => {});
    await turn;
    this.facts.changed(piece.blob);
    this.#advance();
  }
  async #take(
    coming: Coming,
    session: Session,
    { blob, index, bytes }: { blob: BlobId; index: number; bytes: Uint8Array },
  ) {
    coming.flying.delete(index);
    const { storage } = this.context.ports;
    const { have, manifest } = coming;
    if (!have || have.has(index) || this.#coming.get(blob) !== coming) return;
    if (index !== MANIFEST) {
      if (!manifest) return;
      const put = await putChunk(storage, blob, manifest, index - 1, bytes);
      if (!put.ok) return put.error.type === 'damaged' ? this.#refuse(coming, session) : this.#notKept(coming);
    } else {
      const read = readManifest(blob, bytes);
      if (!read.ok) return this.#refuse(coming, session);
      if (!(await this.#accept(coming, read.value))) return;
      if (!(await putManifest(storage, blob, bytes)).ok) return this.#notKept(coming);
      coming.manifest = read.value;
    }
    have.add(index);
    await this.#finish(coming);
  }
  /** BL5. */
  #refuse(coming: Coming, session: Session): void {
    this.context.count('refused.badPiece');
    coming.bad.add(session);
    this.#isChosen = false;
    this.#release(coming, (of) => of === session);
  }
  /** The disk has no room: it is taken up again when somebody asks. */
  #notKept(coming: Coming): void {
    this.context.count('blobsNotKept');
    this.#end(coming);
  }
  /** BL6, and nothing that was erased (ER4). */
  async #accept(coming: Coming, manifest: Manifest): Promise<boolean> {
    const { space, blob, why } = coming;
    const { size } = manifest;
    if (space.isErasedBlob(blob, manifest)) {
      this.context.count('refused.erasedBlob');
      this.#refused.add(blob);
      this.#end(coming);
      await space.dropBlob(blob);
      return false;
    }
    const more = size - (space.coming.get(blob)?.size ?? 0);
    if (size > coming.size || !this.facts.accepts(space, more)) {
      this.context.count(size > coming.size ? 'refused.blobLarger' : 'refused.quota');
      if (size > coming.size) this.#larger.add(blob);
      this.#end(coming);
      await space.dropBlob(blob);
      return false;
    }
    await space.beginBlob(blob, { size, wished: why === 'wish' });
    return true;
  }
  async #finish(coming: Coming): Promise<void> {
    const { space, blob, manifest, have } = coming;
    if (!manifest || have?.size !== manifest.hashes.length + 1 || this.#coming.get(blob) !== coming) return;
    this.#end(coming);
    for (const session of this.facts.sessions(space)) this.#told.get(session)?.delete(blob);
    await space.keepBlob(blob, manifest.size);
    await this.facts.whole(space, blob);
  }
  /** A piece of what was said to be whole is not what it was. What is left of it stays, and is handed on. */
  async #lost(space: Space, blob: BlobId): Promise<void> {
    const whole = space.blobs.get(blob);
    if (!whole) return;
    this.context.count('blobsDamaged');
    await space.loseBlob(blob);
    // Its id promised the size already.
    this.#begin(space, blob, 'wish', ANY_SIZE);
    const coming = this.#coming.get(blob);
    if (coming) await this.#look(coming);
  }

  /** Who sends nothing of what it was asked for is not waited for. */
  #watch(): void {
    if (this.#timer || this.#stopped || this.#coming.size === 0) return;
    this.#timer = this.context.ports.clock.after(LOOK_MS, () => {
      this.#timer = undefined;
      const now = this.context.ports.clock.now();
      for (const coming of this.#active) {
        const silent = new Set(
          [...coming.flying.values()].filter(
            (session) => Math.abs(now - (this.#heardAt.get(session) ?? 0)) >= PATIENCE_MS,
          ),
        );
        for (const session of silent) {
          this.context.count('blobsWithheld');
          this.#told.get(session)?.delete(coming.blob);
        }
        this.#release(coming, (session) => silent.has(session));
      }
      this.#isChosen = false;
      this.#advance();
      this.#watch();
    });
  }
}

/** The last so many that were added. */
class LastOf<T> {
  readonly #all = new Set<T>();
  constructor(private readonly most: number) {}
  has(item: T): boolean {
    return this.#all.has(item);
  }
  add(item: T): void {
    this.#all.add(item);
    for (const oldest of this.#all) if (this.#all.size > this.most) this.#all.delete(oldest);
  }
}
