/**
 * Pieces of blobs on their way out: each session has a bounded queue of what it asked for, and one piece at a time is read and
 * sent. What is asked for urgently leaves before everything; the rest waits for every entry of the same link.
 *
 * BL3 only whoever may read a space is served, and only blobs of that space.
 * BL4 a session waits for at most MAX_QUEUED pieces; what it asks beyond that is not noted, and counted.
 * BL8 a blob is damaged here only where a piece is lacking that its id promises: whoever asks for others is not heard.
 */
import { encode } from '../../base/codec';
import type { Manifest } from '../../vm/blob/chunk';
import { MANIFEST, type Pieces } from '../../vm/blob/pieces';
import { getChunk, getManifest, manifestBytes } from '../../vm/blob/store';
import { IN_FLIGHT } from '../../vm/blob/swarm';
import type { BlobId } from '../../vm/op/ids';
import { blobChunkCodec } from '../../vm/sync/messages';
import type { KernelContext } from './context';
import type { Session } from './session';

/** BL4. More than an honest node asks for. */
export const MAX_QUEUED = 2 * (IN_FLIGHT.source + IN_FLIGHT.urgentSource);
const ROOM_MS = 20;

type Piece = { readonly blob: BlobId; readonly index: number };
type Queue = { readonly urgent: Piece[]; readonly other: Piece[]; busy: { urgent: boolean; other: boolean } };

export class BlobServing {
  readonly #queues = new WeakMap<Session, Queue>();
  #manifest: { readonly blob: BlobId; readonly manifest: Manifest } | undefined;

  constructor(
    private readonly context: Pick<KernelContext, 'ports' | 'count'>,
    private readonly facts: {
      /** On the link of this session. */
      entriesWait(session: Session): boolean;
      /** What was said to be here is not. */
      damaged(session: Session, blob: BlobId): void;
    },
  ) {}

  queue(session: Session, blob: BlobId, pieces: Pieces, urgent: boolean): void {
    const queue = this.#queues.get(session) ?? { urgent: [], other: [], busy: { urgent: false, other: false } };
    this.#queues.set(session, queue);
    const way = urgent ? 'urgent' : 'other';
    for (const index of pieces) {
      if (queue[way].some((each) => each.blob === blob && each.index === index)) continue;
      if (queue.urgent.length + queue.other.length >= MAX_QUEUED) {
        this.context.count('refused.tooManyPieces');
        break;
      }
      queue[way].push({ blob, index });
    }
    if (queue.busy[way]) return;
    queue.busy[way] = true;
    const work = () => this.#serve(session, queue, way);
    void (urgent ? session.aside(work) : work())
      .catch((fault) => this.context.ports.log('fault', { message: String(fault), stack: (fault as Error)?.stack }))
      .finally(() => {
        queue.busy[way] = false;
      });
  }

  async #serve(session: Session, queue: Queue, way: 'urgent' | 'other'): Promise<void> {
    for (let piece = queue[way].shift(); piece; piece = queue[way].shift()) {
      while (!session.link.roomForBulk || (way === 'other' && (session.isAside || this.facts.entriesWait(session)))) {
        if (session.link.closed) return;
        await new Promise<void>((done) => void this.context.ports.clock.after(ROOM_MS, done));
      }
      if (!session.mayRead) return;
      const bytes = await this.#read(piece);
      if (bytes === 'none') this.context.count('refused.noSuchPiece');
      else if (bytes === 'damaged') this.facts.damaged(session, piece.blob);
      else session.send('blobChunk', encode(blobChunkCodec, { ...piece, bytes }), 'bulk');
    }
  }
  /** BL8. `none`: the blob has no such piece. */
  async #read({ blob, index }: Piece): Promise<Uint8Array<ArrayBuffer> | 'damaged' | 'none'> {
    const { storage } = this.context.ports;
    if (index === MANIFEST) return (await manifestBytes(storage, blob)) ?? 'damaged';
    if (this.#manifest?.blob !== blob) {
      const read = await getManifest(storage, blob);
      if (!read.ok) return 'damaged';
      this.#manifest = { blob, manifest: read.value };
    }
    const { manifest } = this.#manifest;
    if (index > manifest.hashes.length) return 'none';
    const chunk = await getChunk(storage, blob, manifest, index - 1);
    return chunk.ok ? chunk.value : 'damaged';
  }
}
