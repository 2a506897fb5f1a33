/**
 * How entries come into a space: decoded, their signatures checked in parallel, then one by one through the door; what was
 * admitted is stored and passed on. The caller sees to it that one turn is taken at a time.
 */

import type { ChangeSet } from '../../vm/graph/engine';
import type { ForkProof } from '../../vm/journal/log';
import { MAX_AHEAD_MS } from '../../vm/op/clock';
import { decodeEntry, type Entry } from '../../vm/op/entry';
import type { BlobId, ShardId } from '../../vm/op/ids';
import { verifyEntry } from '../../vm/op/seal';
import { type Admission, admit, foldPrepared, type Prepared, prepare, prepareData } from './admit';
import type { KernelContext } from './context';
import type { Replica } from './replica';

const INTAKE_BATCH = 64;

export type IntakeEvents = {
  readonly folded: (changes: ChangeSet) => void;
  /** Any entry that is part of the space now. */
  admitted(entry: Entry): void;
  /** The rights log took something in. */
  rightsChanged(): Promise<void>;
  /** A log goes on in two ways. If it is this device's own, it must not be written to any more. */
  forked(proof: ForkProof): void;
  /** Others' entries only. */
  spread(entry: Entry, from: unknown): void;
  durable(shard: ShardId): void;
  unwritable(reason: string): void;
  wanted(blobs: readonly BlobId[]): void;
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
    }
    this.settle();
    await this.#store();
    return results;
  }

  async #proven(entry: Entry): Promise<true | Admission> {
    if (this.replica.entries.has(entry.id)) return { type: 'known' };
    if (await verifyEntry(this.context.ports.crypto, entry)) return true;
    this.context.count('refused.badSignature');
    return { type: 'refused', reason: 'badSignature' };
  }

  /** A proven entry, and what waited for it. `timely`: not parked, whatever the clock says. */
  async one(entry: Entry, from: unknown, timely = false): Promise<Admission> {
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
    if (changes) this.events.folded(changes);
  }

  #turn(prepared: Prepared, from: unknown, options: { own?: boolean; timely?: boolean } = {}): Admission {
    const { own = false } = options;
    const admission = admit(this.context, this.replica, prepared, this.events.folded, {
      timely: own || options.timely === true,
    });
    if (admission.type !== 'admitted') return admission;
    const { entry } = prepared;
    this.events.admitted(entry);
    if (admission.fork) this.events.forked(admission.fork);
    if (prepared.needs) this.events.wanted(prepared.needs as BlobId[]);
    if (own || this.replica.isDurable(entry)) return admission;
    this.#fresh.push(entry);
    this.events.spread(entry, from);
    return admission;
  }

  /** Others' entries: relaxed, they can be fetched again. */
  async #store(): Promise<void> {
    const fresh = this.#fresh;
    this.#fresh = [];
    if (fresh.length === 0) return;
    const written = await this.replica.journal.append(fresh, this.context.kind === 'beacon' ? 'strict' : 'relaxed');
    if (!written.ok) return this.events.unwritable(written.error.message);
    for (const entry of fresh) this.replica.markDurable(entry);
    for (const shard of new Set(fresh.map((entry) => entry.header.shard))) this.events.durable(shard);
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
      if (entry?.header.kind !== 'data') continue;
      const prepared = await prepareData(this.context, this.replica, entry);
      if (prepared.needs && prepared.unfolded === 'needsBlob' && reason === 'noKey')
        this.events.wanted(prepared.needs as BlobId[]);
      if (prepared.unfolded !== reason) {
        this.replica.unfolded.delete(id);
        foldPrepared(this.replica, prepared, this.events.folded);
      }
    }
  }
}
