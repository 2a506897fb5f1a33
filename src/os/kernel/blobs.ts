/**
 * Blobs between nodes: offered by those who hold them, asked for by those who lack them, taken only when asked for. Only
 * whoever may read a space is served its blobs; what a blob says is not looked at here.
 */
import { encode } from '../../base/codec';
import { getBlob, getManifest, hasBlob, putChunk, putManifest } from '../../vm/blob/store';
import type { BlobId } from '../../vm/op/ids';
import { blobChunkCodec, blobWantCodec } from '../../vm/sync/messages';
import type { KernelContext } from './context';
import type { Session } from './session';
import type { Space } from './space';

const MAX_WANTED = 2_048;
const ROOM_MS = 20;

export type BlobAsk = 'offer' | 'want' | 'need';

export class BlobExchange {
  readonly #wanted = new Map<BlobId, Space>();
  readonly #offered = new WeakMap<Session, Set<BlobId>>();
  /** What comes of one blob is written in the order in which it came: the manifest first. */
  readonly #turns = new Map<BlobId, Promise<unknown>>();
  readonly #serving = new WeakMap<Session, Promise<unknown>>();
  readonly #servingNeeded = new WeakMap<Session, Promise<unknown>>();
  readonly #needed = new WeakMap<Session, Set<BlobId>>();
  /** Of what comes: chunks that are here, of how many. */
  readonly #coming = new Map<BlobId, { have: number; of: number }>();
  constructor(private readonly context: KernelContext) {}

  coming(blob: string): { readonly have: number; readonly of: number } | undefined {
    return this.#coming.get(blob as BlobId);
  }

  /** Names what this session was not told of yet. */
  offer(session: Session): void {
    if (!session.mayRead || session.theirIndex === undefined) return;
    const offered = this.#offered.get(session) ?? new Set();
    this.#offered.set(session, offered);
    const blobs = [...session.space.blobs].filter((blob) => !offered.has(blob));
    for (let i = 0; i < blobs.length; i += 256) {
      const part = blobs.slice(i, i + 256);
      if (!session.send('blobWant', encode(blobWantCodec, { kind: 'offer', blobs: part }))) return;
      for (const blob of part) offered.add(blob);
    }
  }
  /** `need`: entries and other blobs wait for it. */
  want(space: Space, blobs: readonly BlobId[], sessions: readonly Session[], kind: 'want' | 'need' = 'want'): void {
    for (const blob of blobs) if (this.#wanted.size < MAX_WANTED) this.#wanted.set(blob, space);
    for (const session of sessions) {
      if (session.theirIndex === undefined) continue;
      for (let i = 0; i < blobs.length; i += 256)
        session.send('blobWant', encode(blobWantCodec, { kind, blobs: blobs.slice(i, i + 256) }));
    }
  }
  /** What of these is still on its way is not taken any more. */
  leave(blobs: readonly BlobId[]): void {
    for (const blob of blobs) this.#wanted.delete(blob);
  }
  wantedOf(space: Space): readonly BlobId[] {
    return [...this.#wanted].filter(([, of]) => of === space).map(([blob]) => blob);
  }

  async asked(space: Space, session: Session, kind: BlobAsk, blobs: readonly string[]): Promise<void> {
    if (!session.mayRead) return this.context.count('refused.blobForStranger');
    if (kind === 'offer') {
      const lacking: BlobId[] = [];
      const { checkpointed } = space.replica;
      for (const blob of blobs as BlobId[]) {
        if (checkpointed.needless.has(blob)) continue;
        // A tab takes snapshots when it opens from them.
        if (this.context.kind === 'tab' && checkpointed.names(blob)) continue;
        const size = await this.#sizeOfWhole(blob);
        if (size === undefined) lacking.push(blob);
        else await space.keepBlob(blob, size);
      }
      return this.want(space, lacking, [session]);
    }
    const needed = this.#needed.get(session) ?? new Set();
    this.#needed.set(session, needed);
    for (const blob of blobs as BlobId[]) needed.delete(blob);
    // One blob at a time leaves for one session, and one that is needed, or a greedy one would fill our memory.
    const serving = kind === 'need' ? this.#servingNeeded : this.#serving;
    const turn = (serving.get(session) ?? Promise.resolve()).then(() =>
      kind === 'need'
        ? session.aside(() => this.#serve(session, blobs as BlobId[], (blob) => void needed.add(blob)))
        : this.#serve(session, blobs as BlobId[], undefined),
    );
    serving.set(
      session,
      turn.catch(() => {}),
    );
    return turn;
  }
  /** `served`: of what is needed; everything else waits for that. */
  async #serve(
    session: Session,
    blobs: readonly BlobId[],
    served: ((blob: BlobId) => void) | undefined,
  ): Promise<void> {
    for (const id of blobs) {
      while (!served && session.isAside && !session.link.closed)
        await new Promise<void>((done) => void this.context.ports.clock.after(ROOM_MS, done));
      // It went out meanwhile, because it was needed.
      if (this.#needed.get(session)?.has(id)) continue;
      served?.(id);
      const blob = await getBlob(this.context.ports.storage, id);
      if (!blob.ok) continue;
      const parts = [blob.value.manifest, ...blob.value.chunks];
      for (const [index, bytes] of parts.entries()) {
        while (!session.link.roomForBulk) {
          if (session.link.closed) return;
          await new Promise<void>((done) => void this.context.ports.clock.after(ROOM_MS, done));
        }
        session.send(
          'blobChunk',
          encode(blobChunkCodec, { blob: id, index, bytes: bytes as Uint8Array<ArrayBuffer> }),
          'bulk',
        );
      }
    }
  }
  async #sizeOfWhole(id: BlobId): Promise<number | undefined> {
    const { storage } = this.context.ports;
    const manifest = await getManifest(storage, id);
    return manifest.ok && (await hasBlob(storage, id)) ? manifest.value.size : undefined;
  }

  /** True when the blob is whole now. */
  chunk(space: Space, chunk: { blob: string; index: number; bytes: Uint8Array }): Promise<boolean> {
    const id = chunk.blob as BlobId;
    const turn = (this.#turns.get(id) ?? Promise.resolve()).then(() => this.#chunk(space, id, chunk));
    const settled = turn.then(
      () => {},
      () => {},
    );
    this.#turns.set(id, settled);
    void settled.then(() => this.#turns.get(id) === settled && this.#turns.delete(id));
    return turn;
  }
  async #chunk(space: Space, id: BlobId, chunk: { index: number; bytes: Uint8Array }): Promise<boolean> {
    if (this.#wanted.get(id) !== space) {
      this.context.count('refused.unwantedBlob');
      return false;
    }
    const { storage } = this.context.ports;
    if (chunk.index === 0) {
      if (!(await putManifest(storage, id, chunk.bytes)).ok) this.context.count('refused.badManifest');
    } else {
      const manifest = await getManifest(storage, id);
      if (!manifest.ok || !(await putChunk(storage, id, manifest.value, chunk.index - 1, chunk.bytes)).ok)
        this.context.count('refused.badChunk');
      else {
        const coming = this.#coming.get(id) ?? { have: 0, of: manifest.value.hashes.length };
        coming.have = Math.min(coming.of, coming.have + 1);
        this.#coming.set(id, coming);
      }
    }
    const size = await this.#sizeOfWhole(id);
    if (size === undefined) return false;
    this.#wanted.delete(id);
    this.#coming.delete(id);
    await space.keepBlob(id, size);
    return true;
  }
}
