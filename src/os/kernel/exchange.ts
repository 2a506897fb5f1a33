/**
 * Spaces as files, on their way in: a bundle taken in; `exporting.ts` makes them. It has no way of its own into a space: what a file holds passes the same door as what came over a link.
 *
 * EX1 a bundle that is imported where the space was not held gives the state that it was exported with.
 * EX2 a new space is built where nobody sees it; unless every entry of the file was admitted, nothing of it is kept.
 *     So it is too where the person stops it.
 * EX3 a key is taken only where the rights log committed to it, those of single parts excepted, which nobody can check.
 */
import { err, ok, type Result } from '../../base/result';
import { storedIn } from '../../base/zip';
import type { BundleImported, ImportingAnswer, Refusal } from '../../bridge/messages';
import type { Clock } from '../../ports';
import { blobIdOf, type Manifest } from '../../vm/blob/chunk';
import { dropBlob, type PutBlobError, putChunk, putManifest } from '../../vm/blob/store';
import { type Bundle, isBundle, JOURNAL_FILE, readBundle } from '../../vm/journal/bundle';
import type { BlobId, SpaceId } from '../../vm/op/ids';
import { type BundleKeys, unpackKeys } from '../rights/bundle-keys';
import { commitsTo } from '../rights/keyring';
import type { Admission } from './admit';
import type { KernelContext } from './context';
import { bundleRefusal } from './exchange-refusals';
import type { Holdings } from './holdings';
import { SILENT, Space } from './space';

type ExchangeFacts = {
  readonly holdings: Pick<Holdings, 'spaces' | 'keep' | 'isElsewhere' | 'unopened'> & {
    archive(space: SpaceId): Promise<void>;
  };
  changed(): void;
};

export class Exchange {
  #importing: (ImportingAnswer & object) | undefined;
  #importStopped = false;

  constructor(
    private readonly context: KernelContext,
    private readonly facts: ExchangeFacts,
  ) {}

  get importAnswer(): ImportingAnswer {
    return this.#importing ?? null;
  }
  stopImport(): void {
    this.#importStopped = true;
  }
  #tellImport(importing: (ImportingAnswer & object) | undefined): void {
    this.#importing = importing;
    this.facts.changed();
  }
  /** Others have their turn. */
  #pause(): Promise<void> {
    return new Promise((done) => void this.context.ports.clock.after(0, done));
  }

  /** One at a time. */
  async importBundle(file: Uint8Array, passphrase: string | undefined): Promise<Result<BundleImported, Refusal>> {
    if (this.#importing) return err(bundleRefusal('importBusy'));
    this.#importStopped = false;
    this.#tellImport({ done: 0, total: 0 });
    try {
      return await this.#import(file, passphrase);
    } finally {
      this.#tellImport(undefined);
    }
  }
  async #import(file: Uint8Array, passphrase: string | undefined): Promise<Result<BundleImported, Refusal>> {
    const bundle = readBundle(isBundle(file) ? file : (storedIn(file, JOURNAL_FILE) ?? file));
    if (!bundle.ok) return err(bundleRefusal(bundle.error.type));
    const { space: id } = bundle.value;
    const keys = await unpackKeys(this.context.ports.crypto, id, bundle.value.keys, passphrase);
    if (!keys.ok) return err(bundleRefusal(keys.error.type));
    const held = this.facts.holdings.spaces.get(id);
    return held ? this.#merge(held, bundle.value, keys.value) : this.#found(bundle.value, keys.value);
  }

  /** A space that is held learns what it lacks. */
  async #merge(space: Space, bundle: Bundle, keys: BundleKeys): Promise<Result<BundleImported, Refusal>> {
    const before = space.replica.entries.size;
    const taken = await this.#takeIn(space, bundle, keys);
    if (!taken.ok) return taken.error.type === 'importStopped' ? err(bundleRefusal('mergeStopped')) : taken;
    const refused = taken.value.filter(({ type }) => type === 'refused').length;
    await this.#archive(space);
    const added = space.replica.entries.size - before;
    return ok({ id: space.id, stateHash: hashOf(space), added, refused, isNew: false });
  }

  /** EX2. */
  async #found(bundle: Bundle, keys: BundleKeys): Promise<Result<BundleImported, Refusal>> {
    const { holdings } = this.facts;
    const { space: id, entries: added } = bundle;
    // The list of one's spaces may name it, and have it sought meanwhile.
    const written = await holdings.unopened(id, () => this.#write(bundle, keys));
    if (!written.ok) return written;
    await this.#archive(written.value);
    await holdings.keep(id);
    return ok({ id, stateHash: hashOf(written.value), added, refused: 0, isNew: true });
  }
  /** All of a bundle, to the disk, or nothing. */
  async #write(bundle: Bundle, keys: BundleKeys): Promise<Result<Space, Refusal>> {
    const { ports } = this.context;
    const id = bundle.space;
    let fault: Refusal | undefined;
    // Nothing is done later on behalf of what nobody sees.
    const clock: Clock = { now: () => ports.clock.now(), after: () => () => {} };
    const space = new Space({ ...this.context, ports: { ...ports, clock } }, id, {
      ...SILENT,
      isElsewhere: (of, blob) => this.facts.holdings.isElsewhere(of, blob),
      unwritable: () => {
        fault ??= bundleRefusal('notWritten');
      },
      noRoom: (of) => {
        fault ??= bundleRefusal('noRoom');
        // What waits for room is given up.
        void of.replica.journal.stop();
      },
    });
    const loaded = await space.load();
    const taken = loaded.ok ? await this.#takeIn(space, bundle, keys) : loaded;
    fault ??= taken.ok ? whyNotWhole(space, bundle, taken.value) : taken.error;
    await space.replica.journal.stop();
    await space.passed();
    await space.replica.image.stop();
    if (fault) {
      await space.forget();
      await space.blobs.dropAll();
      return err(fault);
    }
    for (const [epoch, key] of space.replica.keys) await ports.vault.put(`epoch/${id}/${epoch}`, key);
    for (const [part, key] of space.replica.parts) await ports.vault.put(`part/${id}/${part}`, key);
    return ok(space);
  }
  /** Whoever is not in a space reads it all the same where a file brought its keys. */
  async #archive({ id, replica }: Space): Promise<void> {
    const user = this.context.identity?.user;
    const isIn = user !== undefined && replica.rights.role(user, replica.now()) !== 'none';
    if (!isIn && replica.readable) await this.facts.holdings.archive(id);
  }

  /** Gives what each entry became. */
  async #takeIn(space: Space, bundle: Bundle, keys: BundleKeys): Promise<Result<readonly Admission[], Refusal>> {
    const { storage } = this.context.ports;
    const became: Admission[] = [];
    let blob: { readonly id: BlobId; readonly manifest: Manifest; next: number } | undefined;
    const end = async (why: Refusal): Promise<Result<never, Refusal>> => {
      // Of a file that did not come whole nothing points to its chunks.
      const isHere = blob && (space.blobs.has(blob.id) || space.blobs.coming.has(blob.id));
      if (blob && !isHere && !(await this.facts.holdings.isElsewhere(space, blob.id))) await dropBlob(storage, blob.id);
      return err(why);
    };
    for (const section of bundle.sections()) {
      if (this.#importStopped) return end(bundleRefusal('importStopped'));
      if (section.kind === 'entries') {
        became.push(...(await space.receive(section.entries, undefined)));
        this.#tellImport({ done: became.length, total: bundle.entries });
        await this.#pause();
        continue;
      }
      if (section.kind === 'keys') continue;
      const put =
        section.kind === 'manifest'
          ? await putManifest(storage, blobIdOf(section.bytes), section.bytes)
          : blob
            ? await putChunk(storage, blob.id, blob.manifest, blob.next++, section.bytes)
            : err<PutBlobError>({ type: 'damaged' });
      if (!put.ok) return end(bundleRefusal(put.error.type === 'full' ? 'noRoom' : 'notSound'));
      if (put.value) blob = { id: blobIdOf(section.bytes), manifest: put.value, next: 0 };
      if (blob && blob.next === blob.manifest.hashes.length) await space.blobs.keep(blob.id, blob.manifest.size);
    }
    // EX3.
    const { rights } = space.replica;
    const epochs = [...keys.epochs].filter(([epoch, key]) => commitsTo(space.id, rights, epoch, key));
    await space.giveKeys(new Map(epochs), keys.parts);
    if (bundle.blobs > 0) await space.retryBlobs();
    return ok(became);
  }
}

/** Why a new space is not kept; `undefined` where all of the file was admitted and can be read. */
const whyNotWhole = ({ replica }: Space, bundle: Bundle, became: readonly Admission[]): Refusal | undefined => {
  if (became.some(({ type }) => type === 'parked')) return bundleRefusal('fromLater');
  const known = became.filter(({ type }) => type === 'known').length;
  const isWhole = replica.entries.size + known >= bundle.entries && replica.rights.genesis() !== undefined;
  if (!isWhole || became.some(({ type }) => type === 'refused')) return bundleRefusal('notSound');
  return replica.readable ? undefined : bundleRefusal('noKey');
};

/** Empty where this device cannot tell. */
const hashOf = ({ replica }: Space): string =>
  replica.readableWhole && replica.awayShards.length === 0 && !replica.graph.isFull ? replica.stateHash() : '';
