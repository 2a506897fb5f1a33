/**
 * How entries come into a space: decoded, their signatures checked in parallel, then one by one through the door; what was
 * admitted is stored and passed on. The caller sees to it that one turn is taken at a time.
 */

import type { ChangeSet } from '../../vm/graph/engine';
import { NO_CHANGES } from '../../vm/graph/store/changed';
import type { ForkProof } from '../../vm/journal/log';
import { MAX_AHEAD_MS } from '../../vm/op/clock';
import { decodeEntry, type Entry, isSealed } from '../../vm/op/entry';
import type { BlobId, EntryId, ShardId } from '../../vm/op/ids';
import { verifyEntry } from '../../vm/op/seal';
import { type Admission, admit, type Prepared, prepare } from './admit';
import { type Opened, openContent } from './bodies';
import type { KernelContext } from './context';
import type { Image } from './images';
import type { Replica } from './replica';
import type { Came } from './session';
import type { Pause } from './slices';

const TURN_ENTRIES = 64;
const TURN_BYTES = 64 * 1024;
/** How an entry passes: `timely` whatever the clock says, `later` see `admit`; `opened` before its turn. */
type Passing = { readonly timely?: boolean; readonly later?: boolean; readonly opened?: Opened | undefined };

export type IntakeEvents = {
  readonly folded: (changes: ChangeSet) => void;
  /** Any entry that is part of the space now. */
  admitted(entry: Entry, from: Came | undefined): void;
  /** Bodies of so many bytes went; below zero, they came again. */
  erased(bytes: number): void;
  /** The rights log took something in. */
  rightsChanged(): Promise<void>;
  /** A log goes on in two ways. If it is this device's own, it must not be written to any more. */
  forked(proof: ForkProof): void;
  /** Others' entries only. */
  spread(entry: Entry, from: Came | undefined): void;
  durable(shard: ShardId): void;
  unwritable(reason: string): void;
  wanted(blobs: readonly BlobId[]): void;
  /** Before it is told that something is stored. */
  scrubbing(): Promise<void>;
};

/** Encoded entries in the order in which they came, cut so that what somebody types meanwhile waits for little: at most 64 at once, and 64 KiB unless one is larger. */
export const turnsOf = (encoded: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] => {
  const turns: Uint8Array[][] = [];
  let bytes = 0;
  for (const entry of encoded) {
    const last = turns.at(-1);
    bytes += entry.length;
    if (last && last.length < TURN_ENTRIES && bytes <= TURN_BYTES) last.push(entry);
    else {
      turns.push([entry]);
      bytes = entry.length;
    }
  }
  return turns;
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
  async receive(encoded: readonly Uint8Array[], from: Came | undefined): Promise<readonly Admission[]> {
    const results: Admission[] = [];
    for (const turn of turnsOf(encoded)) {
      const entries: Entry[] = [];
      for (const bytes of turn) {
        const decoded = decodeEntry(bytes);
        if (decoded.ok) entries.push(decoded.value);
        else {
          this.context.count('refused.malformedEntry');
          results.push({ type: 'refused', reason: 'malformed' });
        }
      }
      // Signatures and bodies in parallel; then one by one through the door, because each may change the keys or the rights.
      const { keys } = this.replica;
      const proven = await Promise.all(entries.map((entry) => this.#proven(entry)));
      for (const [at, entry] of entries.entries()) {
        const is = proven[at] as Admission | Opened;
        if ('type' in is) results.push(is);
        // What did not open then may open under keys that came since.
        else results.push(await this.one(entry, from, is.content || keys === this.replica.keys ? { opened: is } : {}));
      }
      this.#tell();
    }
    await this.settle();
    await this.#store();
    return results;
  }

  async #proven(entry: Entry): Promise<Opened | Admission> {
    if (this.replica.entries.has(entry.id) && !this.#fills(entry)) return { type: 'known' };
    if (await verifyEntry(this.context.ports.crypto, entry))
      return isSealed(entry) ? openContent(this.context, this.replica, entry) : {};
    this.context.count('refused.badSignature');
    return { type: 'refused', reason: 'badSignature' };
  }

  /** A body that is lacking here. */
  #fills(entry: Entry): boolean {
    return entry.erasedBy === undefined && this.replica.fills(entry);
  }
  /** What erasures say now, where rights have changed or the journal was read. Text that was erased is nowhere any more. */
  async settleErasures(named?: Iterable<EntryId>): Promise<void> {
    const { changes, bytes } = await this.replica.settleErasures(named);
    if (bytes > 0) this.events.erased(bytes);
    if (changes) this.replica.graph.changed(changes);
    this.#tell();
  }

  /** A proven entry, and what waited for it. */
  async one(entry: Entry, from: Came | undefined, passing: Passing = {}): Promise<Admission> {
    const { opened, ...how } = passing;
    if (this.#fills(entry)) {
      const taken = this.replica.fill(entry);
      this.events.erased(-entry.body.length);
      if (taken) this.replica.take(entry, opened ?? (await openContent(this.context, this.replica, entry)));
      return { type: 'known' };
    }
    const prepared = await prepare(this.context, this.replica, entry, passing);
    if ('type' in prepared) return prepared;
    const admission = await this.#turn(prepared, from, how);
    if (admission.type === 'admitted') {
      if (admission.aclChanged && !how.later) await this.events.rightsChanged();
      for (const released of this.replica.waiting.released(entry.id)) await this.one(released, from, how);
    }
    return admission;
  }

  /** An entry of our own passes the same door; it is durable, and spread, when its maker says so. */
  async own(prepared: Prepared): Promise<Admission> {
    const admission = await this.#turn(prepared, undefined, { own: true });
    await this.settle();
    return admission;
  }
  /** What entries that came said about others. */
  async settle(): Promise<void> {
    const changes = await this.replica.settle();
    if (changes) this.replica.graph.changed(changes);
    this.#tell();
  }
  /** All that was admitted to be opened later goes into the graph, but for what an image of it holds. Whether it stood. */
  async begin(image: Image | undefined, pause: Pause): Promise<boolean> {
    const { changes, stood } = await this.replica.build(image, pause);
    this.replica.graph.changed(changes);
    this.#tell();
    return stood;
  }
  /** Takes in what was admitted, and tells of it once. */
  #tell(): void {
    const changes = this.replica.graph.flush();
    if (changes) this.events.folded(changes);
    const needs = this.replica.takeNeeds();
    if (needs.length > 0) this.events.wanted(needs);
  }

  async #turn(prepared: Prepared, from: Came | undefined, options: Passing & { own?: boolean }): Promise<Admission> {
    const { own = false, timely = false, later = false } = options;
    const admission = admit(this.context, this.replica, prepared, { timely: own || timely, later });
    if (admission.type !== 'admitted') return admission;
    const entry = this.replica.entries.get(prepared.entry.id) as Entry;
    this.events.admitted(entry, from);
    if (prepared.erase && !later) {
      await this.settleErasures(prepared.erase.entries);
      // The place may be in sight although nothing of it was ever here.
      this.events.folded({ ...NO_CHANGES, nodes: new Set([prepared.erase.object]) });
    }
    if (admission.fork) this.events.forked(admission.fork);
    if (own) return admission;
    const isStored = this.replica.isDurable(entry);
    // What is read from the journal is marked by who reads it; what had waited there is told of with what it waited for.
    if (!isStored || !timely) this.#fresh.push(entry);
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
    const { replica } = this;
    const unread = [...replica.unfolded].flatMap(([id, why]) =>
      why === reason ? (replica.entries.get(id) ?? []) : [],
    );
    for (let i = 0; i < unread.length; i += TURN_ENTRIES) {
      const slice = unread.slice(i, i + TURN_ENTRIES).filter(isSealed);
      const opened = await Promise.all(slice.map((entry) => openContent(this.context, replica, entry)));
      for (const [n, entry] of slice.entries()) {
        const now = opened[n] as Opened;
        if (now.unfolded === reason || replica.unfolded.get(entry.id) !== reason) continue;
        replica.unfolded.delete(entry.id);
        replica.take(entry, now);
      }
      this.#tell();
    }
  }
}
