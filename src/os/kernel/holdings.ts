/**
 * The spaces that this node holds: opened from the storage with their keys and receipts, kept from now on, or dropped again.
 * What happens in them goes to whoever gave the events.
 */
import type { BlobId, EpochId, SpaceId } from '../../vm/op/ids';
import type { PartName } from '../rights/keyring';
import { restoreBlobReceipts } from './blob-receipts';
import type { KernelContext } from './context';
import { tidyImages } from './images';
import { restoreStandings, standingsOf } from './proving';
import { receiptsOf, restoreReceipts } from './receipts';
import { unknownSpace, unwrap } from './refusals';
import { Space, type SpaceEvents } from './space';

/** Of a space that only a file brought here: this person is not in it, and reads it. */
const archiveRow = (id: SpaceId): string => `archive/${id}`;

export class Holdings {
  readonly #spaces = new Map<SpaceId, Space>();
  readonly #archived = new Set<SpaceId>();
  readonly #seen = new Map<SpaceId, Space>();
  /** Of which an image is shown, and the rest is not here. */
  readonly #shown = new Map<SpaceId, Space>();
  /** That were held before this start, and nothing of them was opened yet. */
  readonly #unread = new Set<SpaceId>();
  readonly #loading = new Map<SpaceId, Promise<void>>();
  readonly #unopened = new Map<SpaceId, Promise<unknown>>();
  /** Names in the vault of keys that are there. */
  readonly #keptKeys = new Set<string>();

  constructor(
    private readonly context: KernelContext,
    private readonly events: SpaceEvents,
    /** A space came to those that are kept. */
    private readonly kept: (space: Space) => void,
  ) {}

  get spaces(): ReadonlyMap<SpaceId, Space> {
    return this.#spaces;
  }
  /** Throws for a space that is not held. */
  space(id: string): Space {
    const space = this.#spaces.get(id as SpaceId);
    if (!space) throw unknownSpace;
    return space;
  }

  /** What views see: what is held, and what an image shows of the rest (IM5). */
  get seen(): ReadonlyMap<SpaceId, Space> {
    return this.#seen;
  }

  /** Shows what images have, and opens what they do not; `loadRest` opens the others. */
  async load(): Promise<void> {
    for (const { key } of await this.context.ports.storage.list('local', archiveRow('' as SpaceId)))
      this.#archived.add(key.slice(archiveRow('' as SpaceId).length) as SpaceId);
    const ids = (await this.context.ports.storage.list('local', 'space/')).map(({ key }) => key.slice(6) as SpaceId);
    for (const id of ids) this.#unread.add(id);
    for (const id of ids) {
      const space = new Space(this.context, id, this.events);
      await this.#giveKeys(space);
      // Opened by others meanwhile.
      if (this.#spaces.has(id)) continue;
      this.#shown.set(id, space);
      if (await space.showImage()) this.#seen.set(id, space);
      else await this.open(id);
    }
  }
  /** Nothing of what is seen waits for its journal. */
  get isWhole(): boolean {
    return this.#shown.size === 0;
  }
  async loadRest(): Promise<void> {
    for (const id of [...this.#shown.keys()]) await this.open(id);
  }
  /** A restored person has the keys of spaces that this device does not hold yet. */
  async keepAllWithKeys(): Promise<void> {
    const { vault } = this.context.ports;
    for (const name of [...(await vault.list('epoch/')), ...(await vault.list('part/'))])
      await this.keep(name.split('/')[1] as SpaceId);
  }

  /** Until the next start only, unless it is kept. Settles when its journal is here, whoever asked first. */
  async open(id: SpaceId): Promise<Space> {
    const writing = this.#unopened.get(id);
    if (writing) await writing;
    const shown = this.#shown.get(id);
    const space = shown ?? this.#spaces.get(id) ?? new Space(this.context, id, this.events);
    this.#spaces.set(id, space);
    const loading = this.#loading.get(id) ?? this.#load(space, shown === undefined);
    this.#loading.set(id, loading);
    await loading.finally(() => this.#shown.delete(id));
    return space;
  }
  /** Whoever opens the space waits for `work`, which writes it: what is read halfway is not read again. */
  async unopened<T>(id: SpaceId, work: () => Promise<T>): Promise<T> {
    const working = work();
    this.#unopened.set(id, Promise.allSettled([working]));
    return working.finally(() => this.#unopened.delete(id));
  }
  /** Those that the vault has of it. */
  async #giveKeys(space: Space): Promise<void> {
    const { id } = space;
    const { vault } = this.context.ports;
    const keys = new Map<EpochId, Uint8Array>();
    for (const name of await vault.list(`epoch/${id}/`)) {
      const key = await vault.get(name);
      if (key) keys.set(name.split('/')[2] as EpochId, key);
    }
    const parts = new Map<PartName, Uint8Array>();
    for (const name of await vault.list(`part/${id}/`)) {
      const key = await vault.get(name);
      if (key) parts.set(name.split('/').slice(2).join('/') as PartName, key);
    }
    space.knowKeys(keys, parts);
  }
  async #load(space: Space, isNew: boolean): Promise<void> {
    if (isNew) await this.#giveKeys(space);
    this.#seen.set(space.id, space);
    await restoreStandings(this.context, space);
    await restoreReceipts(this.context, space);
    await restoreBlobReceipts(this.context, space);
    unwrap(await space.load());
  }

  async keep(id: SpaceId): Promise<Space> {
    if (this.#spaces.has(id)) return this.open(id);
    const { storage } = this.context.ports;
    await storage.write([{ table: 'local', key: `space/${id}`, value: new Uint8Array([1]) }], 'strict');
    const space = await this.open(id);
    this.kept(space);
    return space;
  }

  drop(id: SpaceId): void {
    this.#spaces.delete(id);
    this.#loading.delete(id);
    this.#seen.delete(id);
  }

  /** Whether another space stands on a blob or fetches it, also one that this start has not read yet. */
  async isElsewhere({ id }: Pick<Space, 'id'>, blob: BlobId): Promise<boolean> {
    const { storage } = this.context.ports;
    for (const other of new Set([...this.#unread, ...this.#spaces.keys()])) {
      const space = this.#spaces.get(other);
      if (other === id) continue;
      if (space?.isWhole) {
        if (space.blobs.has(blob) || space.blobs.coming.has(blob)) return true;
      } else if (await storage.read('space', `blob/${other}/${blob}`)) return true;
      else if (await storage.read('space', `coming/${other}/${blob}`)) return true;
    }
    return false;
  }

  isArchived(id: SpaceId): boolean {
    return this.#archived.has(id);
  }
  async archive(id: SpaceId): Promise<void> {
    this.#archived.add(id);
    const row = { table: 'local', key: archiveRow(id), value: new Uint8Array([1]) } as const;
    await this.context.ports.storage.write([row], 'strict');
  }
  /** A space leaves this device, its keys too. That it was held goes last: a crash leaves something to forget again. */
  async forget(space: Space): Promise<void> {
    const { storage, vault } = this.context.ports;
    const { id } = space;
    this.drop(id);
    for (const name of [...(await vault.list(`epoch/${id}/`)), ...(await vault.list(`part/${id}/`))]) {
      this.#keptKeys.delete(name);
      await vault.remove(name);
    }
    await space.replica.journal.stop();
    // One that is made later would outlive the space.
    await space.replica.image.stop();
    await space.blobs.dropAll();
    await space.forget();
    const receipts = await storage.keys('space', receiptsOf(id));
    const standings = await storage.keys('space', standingsOf(space));
    const waiting = await storage.keys('outbox', `${id}/`);
    this.#archived.delete(id);
    const written = await storage.write(
      [
        ...[...receipts, ...standings].map((key) => ({ table: 'space' as const, key })),
        ...waiting.map((key) => ({ table: 'outbox' as const, key })),
        { table: 'local', key: `space/${id}` },
        { table: 'local', key: archiveRow(id) },
      ],
      'strict',
    );
    if (!written.ok) throw new Error(written.error.message);
  }

  /** Puts what is known of the keys of a space into the vault. */
  keepKeys(space: Space): void {
    for (const [epoch, key] of space.replica.keys) void this.#keepKey(`epoch/${space.id}/${epoch}`, key);
    for (const [part, key] of space.replica.parts) void this.#keepKey(`part/${space.id}/${part}`, key);
  }
  async #keepKey(name: string, key: Uint8Array): Promise<void> {
    if (this.#keptKeys.has(name)) return;
    this.#keptKeys.add(name);
    await this.context.ports.vault.put(name, key);
  }

  /** Joins small records of the journals and moves old ones over, one space after the other. */
  async tidy(): Promise<void> {
    await tidyImages(this.context);
    for (const { id, replica } of [...this.#spaces.values()]) {
      if (!replica.journal.needsFold) continue;
      const folded = await replica.journal.compact();
      if (!folded.ok) this.context.ports.log('journalNotFolded', { space: id, message: folded.error.message });
    }
  }

  /** Images of what has changed enough, one after the other. */
  async putAway(): Promise<void> {
    for (const space of [...this.#spaces.values()])
      if (space.isWhole && space.replica.image.isDue(space.replica.graph.sinceImage)) await space.putAway();
  }

  /** Settles when what was begun in the spaces is done; what waits for room is given up. */
  async settled(): Promise<void> {
    for (const space of this.#spaces.values()) await space.replica.journal.stop();
    for (const space of this.#spaces.values()) await space.passed();
    for (const space of this.#spaces.values()) await space.replica.image.stop();
  }
}
