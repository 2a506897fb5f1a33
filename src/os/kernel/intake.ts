/**
 * How entries come into a space: decoded, their signatures checked in parallel, then one by one through the door; what was
 * admitted is stored and passed on. The caller sees to it that one turn is taken at a time.
 */

import type { ChangeSet } from '../../vm/graph/engine';
import type { ForkProof } from '../../vm/journal/log';
import { MAX_AHEAD_MS } from '../../vm/op/clock';
import { decodeEntry, type Entry, isSealed } from '../../vm/op/entry';
import type { BlobId, EntryId, ShardId } from '../../vm/op/ids';
import { verifyEntry } from '../../vm/op/seal';
import { type Admission, admit, foldPrepared, type Prepared, prepare, prepareData } from './admit';
import type { KernelContext } from './context';
import type { Replica } from './replica';

const INTAKE_BATCH = 64;
const NOTHING: ChangeSet = {
  nodes: new Set(),
  types: new Set(),
  documents: new Map(),
  rebuilt: new Set(),
  edges: new Set(),
};

export type IntakeEvents = {
  readonly folded: (changes: ChangeSet) => void;
  /** Any entry that is part of the space now. */
  admitted(entry: Entry): void;
  /** Bodies of so many bytes went; below zero, they came again. */
  erased(bytes: number): void;
  /** The rights log took something in. */
  rightsChanged(): Promise<void>;
  /** A log goes on in two ways. If it is this device's own, it must not be written to any more. */
  forked(proof: ForkProof): void;
  /** Others' entries only. */
  spread(entry: Entry, from: unknown): void;
  durable(shard: ShardId): void;
  unwritable(reason: string): void;
  wanted(blobs: readonly BlobId[]): void;
  /** Before it is told that something is stored. */
  scrubbing(): Promise<void>;
};

export class Intake {
  /** Admitted and not stored yet. */
  #fresh: Entry[] = [];

  constructor(
    private readonly context: KernelContext,
    private readonly replica: Replica,
    private readonly events: IntakeEvents,
  ) {}

  /** Encoded entries from `from`; settles when all are dealt with. Gives what each became. */
  async receive(encoded: readonly Uint8Array[], from: unknown): Promise<readonly Admission[]> {
    const results: Admission[] = [];
    for (let i = 0; i < encoded.length; i += INTAKE_BATCH) {
      const entries: Entry[] = [];
      for (const bytes of encoded.slice(i, i + INTAKE_BATCH)) {
        const decoded = decodeEntry(bytes);
        if (decoded.ok) entries.push(decoded.value);
        else {
          this.context.count('refused.malformedEntry');
          results.push({ type: 'refused', reason: 'malformed' });
        }
      }
      // Signatures in parallel; then one by one through the door, because each may change the keys or the rights.
      const proven = await Promise.all(entries.map((entry) => this.#proven(entry)));
      for (const [at, entry] of entries.entries()) {
        results.push(proven[at] === true ? await this.one(entry, from) : (proven[at] as Admission));
      }
      this.#tell();
    }
    this.settle();
    await this.#store();
    return results;
  }

  async #proven(entry: Entry): Promise<true | Admission> {
    if (this.replica.entries.has(entry.id) && !this.#fills(entry)) return { type: 'known' };
    if (await verifyEntry(this.context.ports.crypto, entry)) return true;
    this.context.count('refused.badSignature');
    return { type: 'refused', reason: 'badSignature' };
  }

  /** A body that is lacking here. */
  #fills(entry: Entry): boolean {
    return entry.erasedBy === undefined && this.replica.fills(entry);
  }
  /** What erasures say now, where rights have changed or the journal was read. Text that was erased is nowhere any more. */
  settleErasures(named?: Iterable<EntryId>): void {
    const { changes, bytes } = this.replica.settleErasures(named);
    if (bytes > 0) this.events.erased(bytes);
    if (changes) this.replica.changed(changes);
    this.#tell();
  }

  /** A proven entry, and what waited for it. `timely`: not parked, whatever the clock says. */
  async one(entry: Entry, from: unknown, timely = false): Promise<Admission> {
    if (this.#fills(entry)) {
      this.replica.fill(entry);
      this.events.erased(-entry.body.length);
      foldPrepared(this.replica, await prepareData(this.context, this.replica, entry));
      return { type: 'known' };
    }
    const prepared = await prepare(this.context, this.replica, entry, true);
    if ('type' in prepared) return prepared;
    const admission = this.#turn(prepared, from, { timely });
    if (admission.type === 'admitted') {
      if (admission.aclChanged) await this.events.rightsChanged();
      for (const released of this.replica.waiting.released(entry.id)) await this.one(released, from, timely);
    }
    return admission;
  }

  /** An entry of our own passes the same door; it is durable, and spread, when its maker says so. */
  own(prepared: Prepared): Admission {
    const admission = this.#turn(prepared, undefined, { own: true });
    this.settle();
    return admission;
  }
  /** What entries that came said about others. */
  settle(): void {
    const changes = this.replica.settle();
    if (changes) this.replica.changed(changes);
    this.#tell();
  }
  /** Takes in what was admitted, and tells of it once. */
  #tell(): void {
    const changes = this.replica.flush();
    if (changes) this.events.folded(changes);
  }

  #turn(prepared: Prepared, from: unknown, options: { own?: boolean; timely?: boolean } = {}): Admission {
    const { own = false } = options;
    const admission = admit(this.context, this.replica, prepared, {
      timely: own || options.timely === true,
    });
    if (admission.type !== 'admitted') return admission;
    const entry = this.replica.entries.get(prepared.entry.id) as Entry;
    this.events.admitted(entry);
    if (prepared.erase) {
      this.settleErasures(prepared.erase.entries);
      // The place may be in sight although nothing of it was ever here.
      this.events.folded({ ...NOTHING, nodes: new Set([prepared.erase.object]) });
    }
    if (admission.fork) this.events.forked(admission.fork);
    if (prepared.needs) this.events.wanted(prepared.needs as BlobId[]);
    if (own) return admission;
    const isStored = this.replica.isDurable(entry);
    // What is read from the journal is marked by who reads it; what had waited there is told of with what it waited for.
    if (!isStored || options.timely !== true) this.#fresh.push(entry);
    if (isStored) return admission;
    this.events.spread(entry, from);
    return admission;
  }

  /** Others' entries: relaxed, they can be fetched again. */
  async #store(): Promise<void> {
    const fresh = this.#fresh.map((entry) => this.replica.entries.get(entry.id) ?? entry);
    this.#fresh = [];
    if (fresh.length > 0) {
      const written = await this.replica.journal.append(fresh, this.context.kind === 'beacon' ? 'strict' : 'relaxed');
      if (!written.ok) return this.events.unwritable(written.error.message);
    }
    if (!(await this.scrub())) return;
    for (const entry of fresh) this.replica.markDurable(entry);
    for (const shard of new Set(fresh.map((entry) => entry.header.shard))) this.events.durable(shard);
  }

  /** Erased bodies leave the disk, before it is told that the erasure is stored. */
  async scrub(): Promise<boolean> {
    await this.events.scrubbing();
    const scrubbed = await this.replica.scrub();
    if (!scrubbed.ok) this.events.unwritable(scrubbed.error.message);
    else for (const shard of scrubbed.value) this.events.durable(shard);
    return scrubbed.ok;
  }

  /** Parked entries whose time has come are parked no more: they are to be received again. */
  takeDue(): readonly Entry[] {
    const limit = this.context.time.now() + MAX_AHEAD_MS;
    const due = [...this.replica.parked.values()].filter((entry) => entry.header.hlc <= limit);
    for (const entry of due) this.replica.parked.delete(entry.log);
    return due;
  }

  /** What could not be read may be readable now: a blob came, or a key. */
  async retry(reason: 'needsBlob' | 'noKey'): Promise<void> {
    for (const [id, why] of [...this.replica.unfolded]) {
      const entry = why === reason ? this.replica.entries.get(id) : undefined;
      if (!entry || !isSealed(entry)) continue;
      const prepared = await prepareData(this.context, this.replica, entry);
      if (prepared.needs && prepared.unfolded === 'needsBlob' && reason === 'noKey')
        this.events.wanted(prepared.needs as BlobId[]);
      if (prepared.unfolded !== reason) {
        this.replica.unfolded.delete(id);
        foldPrepared(this.replica, prepared);
      }
    }
    this.#tell();
  }
}
