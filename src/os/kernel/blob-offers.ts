/**
 * What others said to hold of blobs, and what they were told that is held here. It checks none of it, and asks nobody.
 *
 * BL7 what a session says to hold is noted up to a bound; what else it holds is asked for when it is wanted. What is to be taken of
 *     it waits here, and who has the fewest on their way is next: inventing blobs keeps nobody else's from coming.
 */
import { encode } from '../../base/codec';
import type { Pieces } from '../../vm/blob/pieces';
import type { BlobId } from '../../vm/op/ids';
import { blobHaveCodec, type HeldBlob, MAX_HELD } from '../../vm/sync/messages';
import type { KernelContext } from './context';
import type { Link } from './link';
import type { Session } from './session';
import type { Space } from './space';

/** BL7. Of one session. */
const MAX_TOLD = 4_096;

const NONE: Pieces = new Set();
/** `bad`: it sent something else under this name (BL5). */
type Told = { readonly size: number; readonly pieces: Pieces | 'whole' | 'bad' };

export class BlobOffers {
  readonly #told = new Map<Session, Map<BlobId, Told>>();
  /** To be taken, in the order in which they were offered; the session that had its turn last is last. */
  readonly #takes = new Map<Session, Set<BlobId>>();
  readonly #offered = new WeakMap<Session, Set<BlobId>>();

  constructor(private readonly context: Pick<KernelContext, 'count'>) {}

  /** Names what this session was not told of yet. */
  offer(session: Session): void {
    if (!session.mayRead || session.theirIndex === undefined) return;
    const offered = this.#offered.get(session) ?? new Set();
    this.#offered.set(session, offered);
    const fresh = [...session.space.blobs.whole].filter(([blob]) => !offered.has(blob));
    for (let i = 0; i < fresh.length; i += MAX_HELD) {
      const part = fresh.slice(i, i + MAX_HELD);
      const held = part.map(([blob, { size }]): HeldBlob => ({ blob, size, whole: true, pieces: NONE }));
      if (!session.send('blobHave', encode(blobHaveCodec, held))) return;
      for (const [blob] of part) offered.add(blob);
    }
  }

  /** False where it does not count. */
  note(session: Session, { blob, size, whole, pieces }: HeldBlob): boolean {
    if (session.link.closed) return false;
    const told = this.#told.get(session) ?? new Map<BlobId, Told>();
    this.#told.set(session, told);
    const before = told.get(blob);
    if (before?.pieces === 'bad') return false;
    if (!whole && pieces.size === 0) return told.delete(blob);
    if (!before && told.size >= MAX_TOLD) {
      this.context.count('ignored.blobs');
      return false;
    }
    told.set(blob, { size, pieces: whole ? 'whole' : pieces });
    return true;
  }
  /** BL5. */
  lied(session: Session, blob: BlobId): void {
    this.#told.get(session)?.set(blob, { size: 0, pieces: 'bad' });
  }
  isBad(session: Session, blob: BlobId): boolean {
    return this.#told.get(session)?.get(blob)?.pieces === 'bad';
  }
  /** Which pieces it said to hold. */
  held(session: Session, blob: BlobId): Pieces | 'whole' | undefined {
    const pieces = this.#told.get(session)?.get(blob)?.pieces;
    return pieces === 'bad' ? undefined : pieces;
  }
  /** All that it said to hold whole, with the sizes that it told. */
  *wholeAt(session: Session): Iterable<readonly [BlobId, number]> {
    for (const [blob, { size, pieces }] of this.#told.get(session) ?? []) if (pieces === 'whole') yield [blob, size];
  }

  /** It is to be taken of this session, after what waits already. */
  take(session: Session, blob: BlobId): void {
    if (this.held(session, blob) !== 'whole') return;
    const takes = this.#takes.get(session) ?? new Set();
    this.#takes.set(session, takes.add(blob));
  }
  /** BL7. Of whoever has the fewest on their way, of those the one whose turn was longest ago. */
  next(onTheirWay: (session: Session) => number): { session: Session; blob: BlobId; size: number } | undefined {
    let session: Session | undefined;
    for (const each of this.#takes.keys())
      if (session === undefined || onTheirWay(each) < onTheirWay(session)) session = each;
    if (session === undefined) return undefined;
    const takes = this.#takes.get(session) as Set<BlobId>;
    const [blob] = takes as Iterable<BlobId> as [BlobId];
    takes.delete(blob);
    this.#takes.delete(session);
    if (takes.size > 0) this.#takes.set(session, takes);
    const told = this.#told.get(session)?.get(blob);
    return told?.pieces === 'whole' ? { session, blob, size: told.size } : this.next(onTheirWay);
  }

  /** It is here. */
  came(sessions: readonly Session[], blob: BlobId): void {
    for (const session of sessions) this.#told.get(session)?.delete(blob);
  }
  unlinked(link: Link): void {
    this.#drop((session) => session.link === link);
  }
  closed(space: Space): void {
    this.#drop((session) => session.space === space);
  }
  #drop(which: (session: Session) => boolean): void {
    for (const session of [...this.#told.keys()]) {
      if (!which(session)) continue;
      this.#told.delete(session);
      this.#takes.delete(session);
    }
  }
}
