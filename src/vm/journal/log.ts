/**
 * One log: the entries of one device incarnation in one shard, from 0, without gaps, each naming the one before. A device
 * that signs two histories makes of it a small tree: both branches are kept, wherever they part, so that replicas that
 * heard of them in another order hold the same. It decides whether an entry continues the log, repeats it or contradicts
 * it. It verifies no signature and knows no rights: what becomes of a device that contradicts itself is the caller's.
 *
 * LG1 an entry is taken once, after the one it names, at the next place, and later than it.
 * LG2 what the log holds is told by the last entries of its branches: equal tips, equal entries.
 */
import { assert } from '../../base/assert';
import { concat, fromHex } from '../../base/bytes';
import { encode, u64 } from '../../base/codec';
import { err, ok, type Result } from '../../base/result';
import { type Hlc, hlcOf } from '../op/clock';
import type { Entry } from '../op/entry';
import { type EntryId, type LogId, ZERO_ENTRY } from '../op/ids';

/** Two entries of one log at one place: proof that its device signed two histories, once both signatures are verified. */
export type ForkProof = { readonly a: Entry; readonly b: Entry };
/** What an entry would do: `fork` names what it contradicts. */
export type Placed = { readonly fork: ForkProof | undefined };
/** The last entry of a branch. `length`: of the log up to there. */
export type Tip = { readonly length: number; readonly head: EntryId };

export type AppendError =
  /** Entries `from` to `to` (not included) are missing. */
  | { readonly type: 'gap'; readonly from: number; readonly to: number }
  | { readonly type: 'duplicate' }
  /** It names a predecessor that no branch has at that place. */
  | { readonly type: 'badPrev'; readonly prev: EntryId }
  /** Its time is not after that of its predecessor or of an entry it depends on. Malformed whatever the clock says. */
  | { readonly type: 'clockBackwards'; readonly after: EntryId };

/** `entries` begin at place `from`; before them the branch runs along `parent`. */
type Branch = { readonly parent: Branch | undefined; readonly from: number; readonly entries: Entry[] };

const endOf = ({ from, entries }: Branch): number => from + entries.length;

export class EntryLog {
  /** In the order in which they came; an unforked log has one. */
  readonly #branches: Branch[] = [];
  /** The branch with the most entries; of several the one whose last entry has the lowest id. */
  #longest: Branch | undefined;
  /** The first place that two entries claim. */
  #forkedAt = Number.POSITIVE_INFINITY;
  /** See `root`; made anew after an entry. */
  #root: Uint8Array<ArrayBuffer> | undefined;
  constructor(readonly id: LogId) {}

  /** Of the longest branch. */
  get length(): number {
    return this.#longest ? endOf(this.#longest) : 0;
  }
  /** How many entries there are, on all branches. */
  get size(): number {
    return this.#branches.reduce((sum, { entries }) => sum + entries.length, 0);
  }
  /** The last entry of the longest branch. */
  get head(): Entry | undefined {
    return this.#longest?.entries.at(-1);
  }
  /** What the next entry's `prev` must be. */
  get headId(): EntryId {
    return this.head?.id ?? ZERO_ENTRY;
  }
  /** What the next entry's time must be after. */
  get headTime(): Hlc {
    return this.head?.header.hlc ?? hlcOf(0);
  }
  get forked(): boolean {
    return this.#branches.length > 1;
  }
  /** The first place that two entries claim; infinite in a sound log. Up to there all branches are one. */
  get forkedAt(): number {
    return this.#forkedAt;
  }
  /** LG2, by (length, head). */
  get tips(): readonly Tip[] {
    return this.#branches
      .map((branch) => ({ length: endOf(branch), head: (branch.entries.at(-1) as Entry).id }))
      .sort((a, b) => a.length - b.length || (a.head < b.head ? -1 : 1));
  }
  /** (id, length, head) of each tip: what a digest of many logs is made of. Asked far more often than it changes. */
  get root(): Uint8Array<ArrayBuffer> {
    const parts = (): Uint8Array[] =>
      this.tips.flatMap(({ length, head }) => [fromHex(this.id), encode(u64, length), fromHex(head)]);
    this.#root ??= concat(...parts());
    return this.#root;
  }
  /** Of the longest branch. */
  at(seq: number): Entry | undefined {
    return this.#longest && entryAt(this.#longest, seq);
  }
  /** Of all branches, from `from`, up to `to` (not included), each after the one it names. */
  slice(from: number, to = Number.POSITIVE_INFINITY): readonly Entry[] {
    const [only] = this.#branches;
    if (only && !this.forked) return only.entries.slice(from, to);
    return this.#branches
      .flatMap(({ entries, from: first }) => entries.slice(Math.max(0, from - first), Math.max(0, to - first)))
      .sort((a, b) => a.header.seq - b.header.seq);
  }
  /** Of each branch but the first: the entry with which it began, and one that it contradicts. */
  get proofs(): readonly ForkProof[] {
    return this.#branches.slice(1).flatMap(({ from, entries: [b] }) => {
      const a = this.slice(from, from + 1).find(({ id }) => id !== b?.id);
      return a && b ? [{ a, b }] : [];
    });
  }

  /** Whether `entry`, which is here, is `head` or before it on the way to it; false when `head` is not here. */
  leadsTo(entry: Entry, head: EntryId, length: number): boolean {
    if (entry.header.seq >= length) return false;
    const branch = this.#branchWith(head, length - 1);
    return branch !== undefined && entryAt(branch, entry.header.seq)?.id === entry.id;
  }
  has(head: EntryId, seq: number): boolean {
    return this.#branchWith(head, seq) !== undefined;
  }

  /**
   * What somebody lacks who told these tips. Tips that are not here and longer than all of ours are of somebody who is ahead;
   * else they are on another branch, and where that left ours is not known: all is given that no known tip leads from.
   */
  lackedBy(tips: readonly Tip[]): readonly Entry[] {
    const known = tips.flatMap(({ head, length }) => {
      const branch = this.#branchWith(head, length - 1);
      return branch ? [{ branch, length }] : [];
    });
    const strange = tips.filter(({ head, length }) => !this.has(head, length - 1));
    if (known.length === 0 && strange.length > 0 && strange.every(({ length }) => length > this.length)) return [];
    if (!this.forked) return this.slice(Math.max(0, ...known.map(({ length }) => length)));
    return this.slice(0).filter(
      ({ id, header }) =>
        !known.some(({ branch, length }) => header.seq < length && entryAt(branch, header.seq)?.id === id),
    );
  }

  /** What `append` would say, without appending. `deps` are the entries that the header names in `deps`. */
  check(entry: Entry, deps: readonly Entry[] = []): Result<Placed, AppendError> {
    assert(entry.log === this.id, `an entry of log ${entry.log} offered to ${this.id}`);
    const { seq, prev, hlc } = entry.header;
    const rivals = this.slice(seq, seq + 1);
    if (rivals.some(({ id }) => id === entry.id)) return err({ type: 'duplicate' });
    if (seq > this.length) return err({ type: 'gap', from: this.length, to: seq });
    const after = seq > 0 ? this.#branchWith(prev, seq - 1) : undefined;
    if (seq === 0 ? prev !== ZERO_ENTRY : !after) return err({ type: 'badPrev', prev });
    const last = after && (entryAt(after, seq - 1) as Entry);
    for (const before of last ? [last, ...deps] : deps) {
      if (hlc <= before.header.hlc) return err({ type: 'clockBackwards', after: before.id });
    }
    const rival = [...rivals].sort((a, b) => (a.id < b.id ? -1 : 1))[0];
    return ok({ fork: rival && { a: rival, b: entry } });
  }
  append(entry: Entry, deps: readonly Entry[] = []): Result<Placed, AppendError> {
    const checked = this.check(entry, deps);
    if (!checked.ok) return checked;
    this.#root = undefined;
    const { seq, prev } = entry.header;
    const parent = seq > 0 ? this.#branchWith(prev, seq - 1) : undefined;
    let branch = parent;
    if (branch && endOf(branch) === seq) branch.entries.push(entry);
    else {
      branch = { parent, from: seq, entries: [entry] };
      this.#branches.push(branch);
    }
    if (checked.value.fork) this.#forkedAt = Math.min(this.#forkedAt, seq);
    const longer = endOf(branch) - this.length;
    if (longer > 0 || (longer === 0 && entry.id <= this.headId)) this.#longest = branch;
    return checked;
  }

  /** Puts another form of an entry that is here, with or without its body, in its place. */
  replace(entry: Entry): void {
    const { seq } = entry.header;
    const branch = this.#branchWith(entry.id, seq);
    assert(branch, `entry ${entry.id} is not in log ${this.id}`);
    branch.entries[seq - branch.from] = entry;
  }

  /** The branch whose own entries have `id` at place `seq`. */
  #branchWith(id: EntryId, seq: number): Branch | undefined {
    return this.#branches.find(({ from, entries }) => entries[seq - from]?.id === id);
  }
}

/** On the branch or what it runs along. */
const entryAt = (branch: Branch, seq: number): Entry | undefined => {
  let on: Branch | undefined = branch;
  while (on && seq < on.from) on = on.parent;
  return on?.entries[seq - on.from];
};
