/**
 * One log: the entries of one device incarnation in one shard, from 0, without gaps, each naming the one before.
 * It decides whether an entry continues the log, repeats it or contradicts it. It verifies no signature and holds the
 * first branch only: what contradicts it is handed back as evidence, and the caller decides what becomes of it.
 */
import { assert } from '../../base/assert';
import { err, ok, type Result } from '../../base/result';
import { type Hlc, hlcOf } from '../op/clock';
import type { Entry } from '../op/entry';
import { type EntryId, type LogId, ZERO_ENTRY } from '../op/ids';

/** Two entries of one log at one place: proof that its device signed two histories, once both signatures are verified. */
export type ForkProof = { readonly a: Entry; readonly b: Entry };

export type AppendError =
  /** Entries `from` to `to` (not included) are missing. */
  | { readonly type: 'gap'; readonly from: number; readonly to: number }
  | { readonly type: 'duplicate' }
  | { readonly type: 'fork'; readonly proof: ForkProof }
  /** It names another predecessor than ours: a fork further back, whose proof is the entry `prev` itself. */
  | { readonly type: 'badPrev'; readonly prev: EntryId }
  /** Its time is not after that of its predecessor or of an entry it depends on. Malformed whatever the clock says. */
  | { readonly type: 'clockBackwards'; readonly after: EntryId };

export class EntryLog {
  readonly #entries: Entry[] = [];
  constructor(readonly id: LogId) {}

  get length(): number {
    return this.#entries.length;
  }
  get head(): Entry | undefined {
    return this.#entries.at(-1);
  }
  /** What the next entry's `prev` must be. */
  get headId(): EntryId {
    return this.head?.id ?? ZERO_ENTRY;
  }
  /** What the next entry's time must be after. */
  get headTime(): Hlc {
    return this.head?.header.hlc ?? hlcOf(0);
  }
  at(seq: number): Entry | undefined {
    return this.#entries[seq];
  }
  /** From `from`, up to `to` (not included). */
  slice(from: number, to?: number): readonly Entry[] {
    return this.#entries.slice(from, to);
  }

  /** What `append` would say, without appending. `deps` are the entries that the header names in `deps`. */
  check(entry: Entry, deps: readonly Entry[] = []): Result<void, AppendError> {
    assert(entry.log === this.id, `an entry of log ${entry.log} offered to ${this.id}`);
    const { seq, prev } = entry.header;
    const known = this.#entries[seq];
    if (known)
      return err(known.id === entry.id ? { type: 'duplicate' } : { type: 'fork', proof: { a: known, b: entry } });
    if (seq > this.length) return err({ type: 'gap', from: this.length, to: seq });
    if (prev !== this.headId) return err({ type: 'badPrev', prev });
    for (const before of this.head ? [this.head, ...deps] : deps) {
      if (entry.header.hlc <= before.header.hlc) return err({ type: 'clockBackwards', after: before.id });
    }
    return ok(undefined);
  }
  append(entry: Entry, deps: readonly Entry[] = []): Result<void, AppendError> {
    const checked = this.check(entry, deps);
    if (checked.ok) this.#entries.push(entry);
    return checked;
  }
}

/** Whether a proof that came from outside is one: same log, same place, different entries. Signatures are checked elsewhere. */
export const isForkProof = ({ a, b }: ForkProof): boolean =>
  a.log === b.log && a.header.seq === b.header.seq && a.id !== b.id;
