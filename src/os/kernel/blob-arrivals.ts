/**
 * Blobs that come here, each with its pieces: they are checked, and kept as they come, so that what broke off goes on from what is
 * here, from anybody who holds it, also after a restart. It knows no links; who is asked is decided in `blobs.ts`.
 *
 * BL5 a piece is kept only of a blob that is to come here, and only when its id promises it; who sent another one is not asked
 *     for that blob again on this link.
 * BL6 what somebody asked for does not come when it is larger than was stated to them; what is taken by itself comes where it would
 *     be taken at the size that its id promises, whatever was said of it. Nothing comes that a beacon has no room for.
 * ER4 nothing comes that was erased, also when that is heard while it comes.
 */
import { forgetOldest } from '../../base/latest';
import { MAX_BLOB, type Manifest, readManifest } from '../../vm/blob/chunk';
import { MANIFEST } from '../../vm/blob/pieces';
import { piecesHere, putChunk, putManifest } from '../../vm/blob/store';
import type { BlobId } from '../../vm/op/ids';
import type { KernelContext } from './context';
import type { Session } from './session';
import type { Space } from './space';

/** Of one space, asked for and not here yet; what is taken by itself is bounded by how many come at once. */
const MAX_WANTED = 2_048;
const MAX_REFUSED = 1_000;
/** Of a blob whose size nobody told. */
export const ANY_SIZE = MAX_BLOB;

/** `need`: entries and other blobs wait for it. `wish`: somebody asked for it. `take`: it is kept because it can be had. */
export type Why = 'need' | 'wish' | 'take';
export const RANK = { need: 0, wish: 1, take: 2 } as const;

export type Arrival = {
  readonly space: Space;
  readonly blob: BlobId;
  why: Why;
  /** BL6. As was stated to whoever asked for it, in bytes. */
  size: number;
  manifest: Manifest | undefined;
  /** What lies on the disk; `undefined` until somebody looked. */
  have: Set<number> | undefined;
  isLooking: boolean;
  /** Of whom each piece was asked, and when. */
  readonly flying: Map<number, { readonly session: Session; readonly since: number }>;
  /** Who sent none of what it was asked for, and when that was seen. */
  readonly silent: Map<Session, number>;
  probed: WeakSet<Session>;
  probedAt: number;
  /** What comes of it is written in the order in which it came. */
  turn: Promise<unknown>;
};

type ArrivalFacts = {
  /** Whether a blob of this size that can be had comes here although nobody asked for it. */
  takes(space: Space, blob: BlobId, size: number): boolean;
  /** Whether there is room for so many bytes more. */
  accepts(space: Space, bytes: number): boolean;
  /** BL5. */
  lied(arrival: Arrival, session: Session): void;
  /** It does not come any more, or is here. */
  ended(arrival: Arrival): void;
  whole(space: Space, blob: BlobId): Promise<void>;
};

export class BlobArrivals {
  readonly #all = new Map<Space, Map<BlobId, Arrival>>();
  readonly #larger = new LastOf(MAX_REFUSED);
  /** They were erased: not asked for again when they are offered. */
  readonly #erased = new LastOf(MAX_REFUSED);

  constructor(
    private readonly context: Pick<KernelContext, 'ports' | 'count'>,
    private readonly facts: ArrivalFacts,
  ) {}

  get(space: Space, blob: BlobId): Arrival | undefined {
    return this.#all.get(space)?.get(blob);
  }
  of(space: Space): readonly Arrival[] {
    return [...(this.#all.get(space)?.values() ?? [])];
  }
  all(): readonly Arrival[] {
    return [...this.#all.keys()].flatMap((space) => this.of(space));
  }
  /** Somebody asked for it, and it turned out to be larger than was stated. */
  isLarger(space: Space, blob: BlobId): boolean {
    return this.#larger.has(nameOf(space, blob));
  }
  isErased(space: Space, blob: BlobId): boolean {
    return this.#erased.has(nameOf(space, blob));
  }

  /** `size` in bytes, at most, as stated to whoever asks for it. */
  begin(space: Space, blob: BlobId, why: Why, size: number): Arrival | undefined {
    if (space.blobs.has(blob)) return undefined;
    const ofSpace = this.#all.get(space) ?? new Map<BlobId, Arrival>();
    const known = ofSpace.get(blob);
    if (known) {
      if (RANK[why] < RANK[known.why]) known.why = why;
      known.size = Math.max(known.size, size);
      return known;
    }
    const isFull = ofSpace.size >= MAX_WANTED && [...ofSpace.values()].filter(isWanted).length >= MAX_WANTED;
    if (isFull && why !== 'take') {
      this.context.count('ignored.tooManyBlobs');
      return undefined;
    }
    const arrival: Arrival = {
      space,
      blob,
      why,
      size,
      manifest: undefined,
      have: undefined,
      isLooking: false,
      flying: new Map(),
      silent: new Map(),
      probed: new WeakSet(),
      probedAt: Number.NEGATIVE_INFINITY,
      turn: Promise.resolve(),
    };
    this.#all.set(space, ofSpace.set(blob, arrival));
    return arrival;
  }
  end(arrival: Arrival): void {
    const ofSpace = this.#all.get(arrival.space);
    if (!this.#comes(arrival)) return;
    ofSpace?.delete(arrival.blob);
    if (ofSpace?.size === 0) this.#all.delete(arrival.space);
    this.facts.ended(arrival);
  }
  /** Asked again after each wait: what does not come any more must leave nothing on the disk. */
  #comes(arrival: Arrival): boolean {
    return this.get(arrival.space, arrival.blob) === arrival;
  }

  /** What of it lies on the disk. */
  look(arrival: Arrival): Promise<void> {
    if (arrival.isLooking) return Promise.resolve();
    arrival.isLooking = true;
    return this.#inTurn(arrival, async () => {
      const { manifest, pieces } = await piecesHere(this.context.ports.storage, arrival.blob);
      if (!this.#comes(arrival)) return;
      arrival.manifest = manifest;
      arrival.have = new Set(pieces);
      if (!manifest || (await this.#accept(arrival, manifest))) await this.#finish(arrival);
    });
  }
  /** Settles when the piece is dealt with. */
  piece(arrival: Arrival, session: Session, index: number, bytes: Uint8Array): Promise<void> {
    return this.#inTurn(arrival, () => this.#piece(arrival, session, index, bytes));
  }
  #inTurn(arrival: Arrival, work: () => Promise<void>): Promise<void> {
    const turn = arrival.turn.then(work);
    arrival.turn = turn.catch(() => {});
    return turn;
  }

  async #piece(arrival: Arrival, session: Session, index: number, bytes: Uint8Array): Promise<void> {
    const { storage } = this.context.ports;
    const { blob, flying, have, manifest } = arrival;
    if (flying.get(index)?.session === session) flying.delete(index);
    if (!have || have.has(index) || !this.#comes(arrival)) return;
    if (index !== MANIFEST) {
      if (!manifest) return;
      const put = await putChunk(storage, blob, manifest, index - 1, bytes);
      if (!put.ok) return put.error.type === 'damaged' ? this.#lied(arrival, session) : this.#notKept(arrival);
    } else {
      const read = readManifest(blob, bytes);
      if (!read.ok) return this.#lied(arrival, session);
      if (!(await this.#accept(arrival, read.value))) return;
      if (!(await putManifest(storage, blob, bytes)).ok) return this.#notKept(arrival);
      arrival.manifest = read.value;
    }
    flying.delete(index);
    have.add(index);
    await this.#finish(arrival);
  }
  #lied(arrival: Arrival, session: Session): void {
    this.context.count('refused.badPiece');
    this.facts.lied(arrival, session);
  }
  /** The disk has no room: it is taken up again when somebody asks. */
  #notKept(arrival: Arrival): void {
    this.context.count('blobsNotKept');
    this.end(arrival);
  }

  async #accept(arrival: Arrival, manifest: Manifest): Promise<boolean> {
    const { space, blob, why } = arrival;
    const { size } = manifest;
    const more = size - (space.blobs.coming.get(blob)?.size ?? 0);
    if (space.blobs.isErased(blob, manifest)) return this.#isErased(arrival);
    const isLarger = why === 'take' ? !this.facts.takes(space, blob, size) : size > arrival.size;
    if (isLarger || !this.facts.accepts(space, more)) {
      this.context.count(isLarger ? 'refused.blobLarger' : 'refused.quota');
      if (isLarger && why !== 'take') this.#larger.add(nameOf(space, blob));
      await this.#drop(arrival);
      return false;
    }
    await space.blobs.begin(blob, { size, wished: why === 'wish' });
    return this.#comes(arrival);
  }
  async #isErased(arrival: Arrival): Promise<false> {
    this.context.count('refused.erasedBlob');
    this.#erased.add(nameOf(arrival.space, arrival.blob));
    await this.#drop(arrival);
    return false;
  }
  async #drop(arrival: Arrival): Promise<void> {
    this.end(arrival);
    await arrival.space.blobs.drop(arrival.blob);
  }
  async #finish(arrival: Arrival): Promise<void> {
    const { space, blob, manifest, have } = arrival;
    if (!manifest || have?.size !== manifest.hashes.length + 1 || !this.#comes(arrival)) return;
    if (space.blobs.isErased(blob, manifest)) return void (await this.#isErased(arrival));
    this.end(arrival);
    await space.blobs.keep(blob, manifest.size);
    await this.facts.whole(space, blob);
  }
}

const isWanted = ({ why }: Arrival): boolean => why !== 'take';
const nameOf = ({ id }: Space, blob: BlobId): string => `${id}/${blob}`;

/** The last so many that were added. */
class LastOf {
  readonly #all = new Set<string>();
  constructor(private readonly most: number) {}
  has(name: string): boolean {
    return this.#all.has(name);
  }
  add(name: string): void {
    this.#all.add(name);
    forgetOldest(this.#all, this.most);
  }
}
