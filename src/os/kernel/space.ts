/**
 * A space at work on this node: its state, and one chain of turns in which all that changes it happens; what others wrote earlier
 * waits for what is written now. What comes from others is in `intake.ts`, what we make in `sealing.ts`, its blobs in `kept-blobs.ts`;
 * here is what follows from them: keys learned, the graph rebuilt.
 */
import { equalBytes } from '../../base/bytes';
import { err, ok, type Result } from '../../base/result';
import { Serial } from '../../base/serial';
import type { Refusal } from '../../bridge/messages';
import type { ChangeSet } from '../../vm/graph/engine';
import type { Op } from '../../vm/op/body';
import type { CheckpointBody } from '../../vm/op/checkpoint';
import { type Entry, type EntryClass, type EntryKind, encodeEntry } from '../../vm/op/entry';
import type { EraseBody } from '../../vm/op/erase';
import type { BlobId, EntryId, EpochId, NodeId, ShardId } from '../../vm/op/ids';
import { AuthorRates } from '../../vm/sync/rates';
import type { Act } from '../rights/acl';
import { mergedSets } from '../rights/epochs';
import type { Identity } from '../rights/identity';
import { type EpochKeys, learnKeys, learnParts, type PartKeys, type PartName } from '../rights/keyring';
import { waitsUntil } from '../rights/may';
import { needsSay } from '../rights/newcomers';
import { refusal } from '../schema/define';
import type { Admission } from './admit';
import { basesOf, makeBase, openBases, rowOf } from './bases';
import type { KernelContext } from './context';
import { Forks } from './forks';
import type { Image } from './images';
import { isJudgedBy } from './imaging';
import { Intake } from './intake';
import { KeptBlobs } from './kept-blobs';
import { whyNot } from './refusals';
import { Replica } from './replica';
import { Sealing } from './sealing';
import type { Came } from './session';
import type { Part } from './shelf';
import { type Pause, paced, unpaced } from './slices';
import { vouchedRecords, vouching } from './vouched';
import { Waiting } from './waiting';

/** What an entry takes besides its body, about. */
const ENTRY_BYTES = 400;

export type SpaceEvents = {
  /** Its graph came out of an image: of what is in there nobody was told. */
  began(space: Space): void;
  /** The graph of the space changed. */
  folded(space: Space, changes: ChangeSet): void;
  /** An entry was admitted and, if it is ours, is durable: pass it on. */
  spread(space: Space, entry: Entry, came: Came | undefined): void;
  rightsChanged(space: Space): void;
  /** Durable heights of a shard moved: a receipt is due. */
  durable(space: Space, shard: ShardId): void;
  /** Own logs ended up on the disk or not at all. */
  unwritable(reason: string): void;
  /** Blobs that admitted entries stand on and that are not here. */
  wanted(space: Space, blobs: readonly BlobId[]): void;
  /** A blob is whole here now, or is not any more. */
  blobChanged(space: Space, blob: BlobId): void;
  /** It is being removed, whole or not: what is on its way of it is not wanted any more. */
  blobDropped(space: Space, blob: BlobId): void;
  /** Whether another space on this node stands on a blob too. */
  isElsewhere(space: Space, blob: BlobId): Promise<boolean>;
  /** The text of a document is away, for what stood for it does not stand any more. */
  lost(space: Space, document: NodeId): void;
  /** The storage has no room for what this space has to write, or has it again. */
  noRoom(space: Space, full: boolean): void;
};

/** For a space of which nobody hears. */
export const SILENT: SpaceEvents = {
  lost: () => {},
  began: () => {},
  folded: () => {},
  spread: () => {},
  rightsChanged: () => {},
  durable: () => {},
  unwritable: () => {},
  noRoom: () => {},
  wanted: () => {},
  blobChanged: () => {},
  blobDropped: () => {},
  isElsewhere: async () => false,
};

export class Space {
  readonly replica: Replica;
  readonly #forks: Forks;
  readonly #intake: Intake;
  readonly #sealing: Sealing;
  readonly #waiting: Waiting;
  readonly #serial = new Serial();
  /** How many keys there were when entries were last tried with them. */
  #heldKeys = 0;
  /** The image that was put away last: opened once, and let go of when it was compared with the journal. */
  #putAway: Promise<Image | undefined> | undefined;
  #image(): Promise<Image | undefined> {
    this.#putAway ??= this.replica.image.open();
    return this.#putAway;
  }
  /** Between the steps of a start. */
  #pause: Pause = unpaced;
  /** The journal is here; before, what is seen is an image (IM5), and nothing is known of single entries. */
  isWhole = false;
  readonly blobs: KeptBlobs;
  /** Bytes of all entries held, and of bases. */
  #bytes = 0;
  readonly rates = new AuthorRates();

  constructor(
    private readonly context: KernelContext,
    readonly id: Replica['id'],
    private readonly events: SpaceEvents,
  ) {
    this.replica = new Replica(context, id);
    this.blobs = new KeptBlobs(context, this.replica, {
      changed: (blob) => events.blobChanged(this, blob),
      dropped: (blob) => events.blobDropped(this, blob),
      isElsewhere: (blob) => events.isElsewhere(this, blob),
    });
    this.replica.journal.onFull((full) => events.noRoom(this, full !== undefined));
    this.#forks = new Forks(context, this.replica, (acts) => this.act('acl', acts));
    const durable = (shard: ShardId): void => events.durable(this, shard);
    const unwritable = (reason: string): void => events.unwritable(reason);
    this.#intake = new Intake(context, this.replica, {
      folded: (changes) => this.#folded(changes),
      admitted: (entry, from) => {
        if (this.isWhole) this.rates.took(entry.header.device, context.ports.clock.now(), from?.pushed === false);
        this.#bytes += entry.body.length + ENTRY_BYTES;
        context.count('entries');
      },
      erased: (bytes) => {
        this.#bytes -= bytes;
      },
      rightsChanged: () => this.#afterRights(),
      forked: ({ a }) => {
        if (a.header.device === context.device.device) this.#sealing.incarnation++;
        else this.#forks.look();
      },
      spread: (entry, came) => events.spread(this, entry, came),
      durable,
      unwritable,
      wanted: (blobs) => events.wanted(this, blobs),
      scrubbing: () => this.blobs.dropNeedless(),
    });
    this.#waiting = new Waiting(context, this.replica, (changes) => this.#folded(changes));
    this.#sealing = new Sealing(context, this.replica, {
      inTurn: (work) => this.inTurn(work),
      admit: (prepared) => this.#intake.own(prepared),
      durable: (entry) => {
        this.replica.markDurable(entry);
        durable(entry.header.shard);
        events.spread(this, entry, undefined);
      },
      unwritable,
      rightsChanged: () => this.#afterRights(),
      keepBlob: (blob, size) => this.blobs.keep(blob, size, true),
      scrubbing: () => this.blobs.dropNeedless(),
      waiting: this.#waiting,
    });
  }

  /** Bytes of all that is held: what a beacon's quota counts. */
  get bytes(): number {
    return this.#bytes + this.blobs.bytes;
  }
  #folded(changes: ChangeSet): void {
    this.events.folded(this, changes);
    for (const document of this.replica.takeLostTexts()) this.events.lost(this, document);
    this.replica.image.changed(this.replica.graph.sinceImage, () => this.putAway());
  }
  /** Makes an image of the graph as it is now. */
  putAway(): Promise<void> {
    const { clock } = this.context.ports;
    return this.replica.image.save(
      async () => {
        // Between the steps there is room for a keystroke.
        while (await this.inTurn(async () => this.replica.graph.store.digestSome()))
          await new Promise<void>((done) => void clock.after(0, done));
        return this.inTurn(async () => this.replica.snapshot());
      },
      () => vouchedRecords(this.replica.journal, this.replica.logs, this.context.ports.crypto, paced(clock)),
    );
  }

  /** Keys of this space that the vault has. */
  knowKeys(keys: ReadonlyMap<EpochId, Uint8Array>, parts: ReadonlyMap<PartName, Uint8Array>): void {
    for (const [epoch, key] of keys) this.replica.keys.set(epoch, key);
    for (const [part, key] of parts) this.replica.parts.set(part, key);
  }
  /**
   * IM5: shows the image that was put away last, under the rights as they are, and nothing of the rest of the journal; `load` goes
   * on from there. False where there is none, or where what judges is not what it was made under.
   */
  showImage(): Promise<boolean> {
    return this.inTurn(async () => {
      const { identity } = this.context;
      const image = await this.#image();
      const beside = image && (await this.replica.journal.beside((log) => image.logs.has(log)));
      if (!identity || !image || !beside || !isJudgedBy(this.replica, image, beside)) return false;
      for (const entry of beside) {
        if (entry.header.shard !== this.replica.acl) continue;
        this.replica.markStored(entry);
        await this.#intake.one(entry, undefined, { timely: true, later: true });
      }
      await this.#learn(identity);
      this.replica.showImage(image);
      this.#pause = paced(this.context.ports.clock);
      return true;
    });
  }

  /** What the journal holds. After damage our own logs go on under a new incarnation. */
  load(): Promise<Result<void, Refusal>> {
    // In a turn: what is signed before our own log is here would contradict it.
    return this.inTurn(() => this.#load());
  }
  async #load(): Promise<Result<void, Refusal>> {
    // First, so that what was erased before a crash goes before it is told that all is stored.
    await this.blobs.load();
    const image = await this.#image();
    const vouch = vouching(this.context.ports.crypto, image?.vouched ?? []);
    const loaded = await this.replica.journal.load({ pause: this.#pause, vouch });
    if (!loaded.ok)
      return err(
        refusal(
          'storage',
          `The journal cannot be read: ${loaded.error.message}`,
          'Nothing was changed.',
          'Reload the page; if it stays so, restore from your key file.',
        ),
      );
    for (const entry of loaded.value.entries) {
      await this.#pause();
      this.replica.markStored(entry);
      // Admitted once, so not parked now, whatever the clock says today.
      await this.#intake.one(entry, undefined, { timely: true, later: true });
      // After damage it may wait for what was lost: then nobody is told that all up to it is here.
      if (this.replica.entries.has(entry.id)) this.replica.markDurable(entry);
    }
    const { identity } = this.context;
    if (identity) await this.#learn(identity);
    await this.#openBases();
    const stood = await this.#intake.begin(image, this.#pause);
    this.#putAway = undefined;
    const removed = stood ? ok(undefined) : await this.replica.image.remove();
    if (!removed.ok) this.events.unwritable(removed.error.message);
    if (stood) this.events.began(this);
    this.isWhole = true;
    // Also after a crash between an erasure and what it took away.
    if (this.replica.rights.genesis()) await this.#settled();
    await this.#intake.scrub();
    for (const entry of loaded.value.entries) {
      if (entry.header.device === this.context.device.device)
        this.#sealing.incarnation = Math.max(this.#sealing.incarnation, entry.header.incarnation);
    }
    if (loaded.value.damaged.length > 0) {
      this.context.count('journalDamaged', loaded.value.damaged.length);
      for (const { held } of loaded.value.damaged)
        this.context.count(
          'journalLost',
          held?.reduce((sum, { count }) => sum + count, 0),
        );
      this.#sealing.incarnation++;
      await this.replica.journal.discardDamaged();
    }
    if (this.context.identity) {
      const kept = await this.#waiting.load();
      const { incarnation } = this.#sealing;
      // What names a new node belongs in the log that the node was named under; damage may have cost that log its end.
      const isSound = ({ ops, incarnation: own }: (typeof kept)[number]): boolean =>
        loaded.value.damaged.length === 0 || own === incarnation || !ops.some(({ type }) => type === 'nodeNew');
      this.#sealing.restore(kept.filter(isSound));
    }
    return ok(undefined);
  }

  async #openBases(): Promise<void> {
    const { bases, needless } = await openBases(this.context, this.replica);
    for (const base of bases) {
      this.replica.takeBase(base);
      this.#bytes += base.bytes;
    }
    await this.#removeBases(needless);
  }
  #removeBases(shards: readonly ShardId[]): Promise<unknown> {
    const rows = shards.map((shard) => rowOf(this.id, shard));
    return rows.length > 0 ? this.context.ports.storage.write(rows, 'relaxed') : Promise.resolve();
  }

  /** Removes everything from the storage: it was not to be kept after all. Nothing may be received any more. */
  forget(): Promise<void> {
    return this.inTurn(async () => {
      const { storage } = this.context.ports;
      const rows = await storage.list('journal', `${this.id}/`);
      const bases = await storage.list('space', basesOf(this.id));
      const written = await storage.write(
        [
          ...rows.map(({ key }) => ({ table: 'journal' as const, key })),
          ...bases.map(({ key }) => ({ table: 'space' as const, key })),
        ],
        'relaxed',
      );
      if (!written.ok) this.events.unwritable(written.error.message);
      const removed = await this.replica.image.remove();
      if (!removed.ok) this.events.unwritable(removed.error.message);
    });
  }

  /** Encoded entries from `from`; settles when all are dealt with. Gives what each became. */
  receive(encoded: readonly Uint8Array[], from: Came | undefined): Promise<readonly Admission[]> {
    const isBacklog = from !== undefined && !from.pushed;
    // What somebody writes, here or there, waits for no backlog.
    return this.inTurn(async () => {
      const became = await this.#intake.receive(encoded, from);
      await this.#tidyBases();
      return became;
    }, isBacklog);
  }

  /** Lets go of bodies that others hold: those that `pick` names, asked in the turn. Gives how many bytes went. */
  shelve(pick: () => readonly EntryId[]): Promise<number> {
    return this.inTurn(async () => {
      const { bytes, entries, bases } = this.replica.shelve(pick());
      if (bytes + bases === 0) return 0;
      this.#bytes -= bytes;
      const changes = await this.replica.rebuild();
      // Documents that are open are none of these, and what is in them does not change.
      this.#folded({ ...changes, documents: new Map(), rebuilt: new Set() });
      for (const shard of new Set([...entries.values()].map(({ header }) => header.shard)))
        this.events.durable(this, shard);
      const replaced = await this.replica.journal.replace(entries);
      // Then they lie on the disk still, and are here again after a start.
      if (!replaced.ok) this.context.ports.log('notShelved', { space: this.id, message: replaced.error.message });
      else await this.#tidyBases();
      return bytes + bases;
    });
  }
  /**
   * Keeps a base in the place of the bodies that a document's text was made of: those of the part that `pick` names, asked in
   * the turn. Gives how many bytes it saves.
   */
  compact(pick: () => Part | undefined): Promise<number> {
    return this.inTurn(async () => {
      const part = pick();
      const made = part && (await makeBase(this.context, this.replica, part));
      if (!made) return 0;
      const { base, value, bare } = made;
      // CO2.
      const written = await this.context.ports.storage.write([{ ...rowOf(this.id, base.shard), value }], 'strict');
      if (!written.ok) {
        this.context.ports.log('notCompacted', { space: this.id, message: written.error.message });
        return 0;
      }
      const before = this.replica.baseBytes(base.shard);
      const { bytes, entries } = this.replica.compact(base, bare);
      const saved = bytes + before - base.bytes;
      this.#bytes -= saved;
      this.events.durable(this, base.shard);
      const replaced = await this.replica.journal.replace(entries);
      // Then they lie on the disk still, and the base is needless after a start.
      if (!replaced.ok) this.context.ports.log('notCompacted', { space: this.id, message: replaced.error.message });
      this.context.count('compacted', entries.size);
      this.replica.image.changed(this.replica.graph.sinceImage, () => this.putAway());
      return saved;
    });
  }
  /** Rows of bases that nothing needs. */
  async #tidyBases(): Promise<void> {
    const idle = this.replica.takeIdleBases();
    for (const bytes of idle.values()) this.#bytes -= bytes;
    await this.#removeBases([...idle.keys()]);
  }

  /** Parked entries whose time has come. */
  unpark(): void {
    const due = this.#intake.takeDue();
    if (due.length > 0) void this.receive(due.map(encodeEntry), undefined);
  }

  /** A blob came: entries that waited for it are opened. */
  retryBlobs(): Promise<unknown> {
    return this.inTurn(() => this.#intake.retry('needsBlob'));
  }

  /** Keys that were carried here beside the entries. */
  giveKeys(keys: EpochKeys, parts: PartKeys): Promise<void> {
    return this.inTurn(async () => {
      this.replica.keys = new Map([...keys, ...this.replica.keys]);
      this.replica.parts = new Map([...parts, ...this.replica.parts]);
      await this.#afterRights();
    });
  }
  /** This device can open keys that it could not open before. */
  keyringChanged(): Promise<void> {
    return this.inTurn(() => this.#afterRights());
  }
  /** Rights changed: keys may be had now, and what older entries count for may have changed. */
  async #afterRights(): Promise<void> {
    if (this.context.identity) {
      if (await this.#learn(this.context.identity)) await this.#intake.retry('noKey');
      if (this.replica.judging.isOtherwise()) this.#folded(await this.replica.rebuild());
    }
    await this.#settled();
  }
  /** Whether more can be opened now. */
  async #learn(identity: Identity): Promise<boolean> {
    const keys = await learnKeys(this.context.ports.crypto, this.id, this.replica.rights, identity, this.replica.keys);
    const { rights } = this.replica;
    const parts = await learnParts(this.context.ports.crypto, this.id, rights, identity, this.replica.parts);
    const merged = mergedSets(this.id, rights);
    const renewed = [...parts].some(
      ([part, key]) => !equalBytes(key, this.replica.parts.get(part) ?? new Uint8Array()),
    );
    const held = keys.size + parts.size + merged.size;
    const more = renewed || held > this.#heldKeys;
    this.#heldKeys = held;
    // Nobody vouches for the key of a part alone: what it did not open is tried again with another.
    for (const [id, why] of more ? this.replica.unfolded : [])
      if (why === 'void' && !this.replica.isSureOf(id)) this.replica.unfolded.set(id, 'noKey');
    // What came meanwhile, with a link, stays.
    this.replica.keys = new Map([...this.replica.keys, ...keys]);
    this.replica.parts = new Map([...this.replica.parts, ...parts]);
    this.replica.merged = merged;
    return more;
  }
  async #settled(): Promise<void> {
    await this.#intake.settleErasures();
    this.#forks.look();
    this.#sealing.resume();
    this.events.rightsChanged(this);
  }

  /** What is shown changed, and nothing else. */
  tell(changes: ChangeSet): void {
    this.events.folded(this, changes);
  }
  /** What `work` does to what is shown is told. */
  show(work: () => void): Promise<void> {
    return this.inTurn(async () => {
      work();
      this.#intake.settle();
    });
  }

  inTurn<T>(work: () => Promise<T>, isPatient = false): Promise<T> {
    const turn = this.#serial.run(work, isPatient);
    turn.catch((fault) => this.context.ports.log('fault', { message: String(fault), stack: (fault as Error)?.stack }));
    return turn;
  }
  /** Settles when all that waits for a turn now has had it. */
  passed(): Promise<void> {
    return this.inTurn(async () => {}, true);
  }

  // --- Our own entries ---------------------------------------------------------------------------------------

  nextNode(): { node: NodeId; counter: number } {
    return this.#sealing.nextNode();
  }
  /** Settles when the entry is durable here, or kept here to wait for a new key; or with the reason why neither is. */
  write(shard: ShardId, entryClass: EntryClass, ops: readonly Op[]): Promise<Result<Entry | undefined, Refusal>> {
    if (this.replica.graph.isFull) return Promise.resolve(err(graphFull));
    return this.#sealing.write(shard, entryClass, ops);
  }
  /** Signs a body of the rights log. */
  act(kind: EntryKind, acts: readonly Act[]): Promise<Result<Entry, Refusal>> {
    const waits = waitsUntil(this.replica.rights, this.context.device.device, this.replica.now());
    if (waits !== undefined && needsSay(acts)) return Promise.resolve(err(whyNot('restored')));
    return this.#sealing.act(kind, acts);
  }
  /** Names entries of one shard whose bodies everybody is to forget. Settles when they are gone here. */
  erase(body: EraseBody): Promise<Result<Entry, Refusal>> {
    return this.#sealing.erase(body);
  }
  /** Says what the state of parts is, or that it is what somebody said. */
  checkpoint(body: CheckpointBody): Promise<Result<Entry, Refusal>> {
    return this.#sealing.checkpoint(body);
  }
  /** Whether new content waits: somebody who is out knows the present key. */
  hold(held: boolean): void {
    this.#sealing.hold(held);
  }
  get waitsForKey(): boolean {
    return this.#sealing.waitsForKey;
  }
  /** Ops of ours that are in no entry yet. */
  get unsealed(): number {
    return this.#sealing.unsealed;
  }
}

const graphFull = refusal(
  'graphFull',
  'This space is larger than the memory that this device has for it: not all of it is shown.',
  'Everything that came is kept. Nothing new was written.',
  'Open it on another device, or go on in a new space.',
);
