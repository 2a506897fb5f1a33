/**
 * A space as a file, on its way out: a bundle made of all entries that are held, with the keys that the person chose to give
 * along, piece by piece as whoever writes the file asks for them. The rules of bundles (EX1 to EX3) are in `exchange.ts`.
 *
 * EX4 one export at a time. What is held of it is one piece; nobody asking for the next one for a minute ends it.
 */
import { concat, toHex } from '../../base/bytes';
import { err, ok, type Result } from '../../base/result';
import type { ExportHow, ExportingAnswer, Refusal } from '../../bridge/messages';
import { getBlob } from '../../vm/blob/store';
import { BundleWriter, MAX_BUNDLE } from '../../vm/journal/bundle';
import { encodeEntry } from '../../vm/op/entry';
import { contentShardOf, type NodeId } from '../../vm/op/ids';
import { type BundleKeys, packKeys } from '../rights/bundle-keys';
import type { KernelContext } from './context';
import { bundleRefusal } from './exchange-refusals';
import { textTypes } from './shelf';
import type { Space } from './space';

/** Entries put into the file without a pause. */
const SLICE = 512;
/** Bytes handed over at once, or a little more. */
const PIECE = 1024 * 1024;
const IDLE_MS = 60_000;

type Pieces = AsyncGenerator<Uint8Array<ArrayBuffer>, Refusal | undefined>;
type Piece = Result<Uint8Array<ArrayBuffer>, Refusal>;
type Going = {
  readonly id: string;
  readonly pieces: Pieces;
  /** How many were asked for, and the last of them: who did not hear it asks again. */
  asked: number;
  last: Promise<Piece> | undefined;
  isAsked: boolean;
  idle: () => void;
};

type ExportingFacts = {
  /** Settles when all changes of a document's text are here; rejects where nobody brings them. */
  changesHere(space: Space, document: NodeId): Promise<void>;
  changed(): void;
};

export class Exporting {
  #going: Going | undefined;
  #told: ExportingAnswer = null;
  #stopped = false;

  constructor(
    private readonly context: KernelContext,
    private readonly facts: ExportingFacts,
  ) {}

  get answer(): ExportingAnswer {
    return this.#told;
  }
  stop(): void {
    this.#stopped = true;
    if (this.#going && !this.#going.isAsked) this.#end(this.#going);
  }

  /** Gives the name under which its pieces are asked for. */
  begin(space: Space, how: ExportHow): Result<string, Refusal> {
    if (this.#going) return err(bundleRefusal('busy'));
    const id = toHex(this.context.ports.random.bytes(16));
    this.#stopped = false;
    this.#going = {
      id,
      pieces: this.#piecesOf(space, how),
      asked: 0,
      last: undefined,
      isAsked: false,
      idle: () => {},
    };
    this.#rest(this.#going);
    this.#tell({ spaceId: space.id, done: 0, total: space.replica.entries.size });
    return ok(id);
  }
  /** Piece `n`, from 0; empty after the last one. */
  async piece(id: string, n: number): Promise<Piece> {
    const going = this.#going;
    if (!going || going.id !== id) return err(bundleRefusal('exportEnded'));
    if (going.last && n === going.asked - 1) return going.last;
    if (n !== going.asked || going.isAsked) return err(bundleRefusal('exportEnded'));
    going.asked++;
    going.last = this.#next(going);
    return going.last;
  }
  /** The whole file at once: for scripts. */
  async whole(space: Space, how: ExportHow): Promise<Piece> {
    const begun = this.begin(space, how);
    if (!begun.ok) return begun;
    const pieces: Uint8Array[] = [];
    for (let n = 0; ; n++) {
      const piece = await this.piece(begun.value, n);
      if (!piece.ok) return piece;
      if (piece.value.length === 0) return ok(concat(...pieces));
      pieces.push(piece.value);
    }
  }

  async #next(going: Going): Promise<Piece> {
    going.idle();
    going.isAsked = true;
    try {
      const { done, value } = await going.pieces.next();
      if (!done) return ok(value);
      this.#end(going);
      return value ? err(value) : ok(new Uint8Array());
    } catch (fault) {
      this.#end(going);
      throw fault;
    } finally {
      going.isAsked = false;
      if (this.#going === going) this.#rest(going);
    }
  }
  #rest(going: Going): void {
    going.idle = this.context.ports.clock.after(IDLE_MS, () => this.#end(going));
  }
  #end(going: Going): void {
    going.idle();
    if (this.#going !== going) return;
    this.#going = undefined;
    this.#tell(null);
  }
  #tell(answer: ExportingAnswer): void {
    this.#told = answer;
    this.facts.changed();
  }
  /** Others have their turn. */
  #pause(): Promise<void> {
    return new Promise((done) => void this.context.ports.clock.after(0, done));
  }

  async *#piecesOf(space: Space, how: ExportHow): Pieces {
    const { crypto, random, storage } = this.context.ports;
    const { replica } = space;
    if (!replica.readable && how.keys !== 'none') return bundleRefusal('noKeyHere');
    await this.#bringTexts(space);
    if (this.#stopped) return bundleRefusal('stopped');
    // What comes meanwhile is not in it: it may build on rights that were told before it.
    const entries = [...replica.entries.values()];
    const total = entries.length;
    const given = how.passphrase === undefined ? (how.keys ?? 'open') : { passphrase: how.passphrase };
    const keys: BundleKeys = { epochs: replica.keys, parts: replica.parts };
    const writer = new BundleWriter(space.id, await packKeys(crypto, random, space.id, keys, given));
    let done = 0;
    // Rights and erasures first: what comes without its body is believed then. The rest as it was admitted, so causes first.
    for (const place of ['acl', 'erasures', 'rest'] as const) {
      for (const listed of entries) {
        const { shard } = listed.header;
        const of = shard === replica.acl ? 'acl' : shard === replica.erasures ? 'erasures' : 'rest';
        if (of !== place) continue;
        // It may have been erased meanwhile.
        const entry = replica.entries.get(listed.id) ?? listed;
        if (done++ % SLICE === 0) {
          this.#tell({ spaceId: space.id, done: done - 1, total });
          await this.#pause();
        }
        if (entry.shelved) return bundleRefusal('partial');
        writer.entry(encodeEntry(entry));
        if (this.#stopped) return bundleRefusal('stopped');
        if (writer.size > MAX_BUNDLE) return bundleRefusal('tooLarge');
        if (writer.waiting >= PIECE) yield writer.take();
      }
    }
    for (const id of [...space.blobs.whole.keys()]) {
      // Snapshots are made anew.
      if (replica.checkpointed.names(id)) continue;
      const blob = await getBlob(storage, id);
      if (blob.ok) writer.blob(blob.value.manifest, blob.value.chunks);
      if (this.#stopped) return bundleRefusal('stopped');
      if (writer.size > MAX_BUNDLE) return bundleRefusal('tooLarge');
      if (writer.waiting >= PIECE) yield writer.take();
    }
    yield writer.finish();
    return undefined;
  }
  /** Bodies of texts that lie with others are fetched. */
  async #bringTexts(space: Space): Promise<void> {
    const { replica } = space;
    if (replica.shelved.size === 0) return;
    for (const type of textTypes(this.context.registry))
      for (const { id } of [...replica.engine.nodesOfType(type)])
        if (!this.#stopped && replica.shelved.has(contentShardOf(space.id, id)))
          await this.facts.changesHere(space, id);
  }
}
