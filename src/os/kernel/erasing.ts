/**
 * Erasures of one space: which entries are named by which, and whether that counts. It touches no bytes; the replica does.
 *
 * ER1 an entry is erased when an erasure that counts names it, and whoever erased it wrote it or was an Admin there. Decided
 *     from headers and the rights log alone, so equal on all nodes, with and without keys, in whatever order all came.
 * ER2 only an entry that was declared erasable when it was signed is erased: nothing is built on its body.
 * ER4 a file is erased when an erasure that counts names it, and whoever erased it sealed it or was an Admin there. Whose it is its
 *     own name commits to; one that does not say so, as those of before, is not erased.
 * ER3 an erasure that was judged otherwise since no longer counts: its bodies are asked for again.
 */

import type { Entry } from '../../vm/op/entry';
import type { EraseBody } from '../../vm/op/erase';
import type { BlobId, DeviceId, EntryId, NodeId, ShardId, UserId } from '../../vm/op/ids';
import { rankOf } from '../rights/acl';
import type { Rights, Verdict } from '../rights/resolve';

/** One erasure that took something away here: what it was about, and by whom; `erased` by time, at least one. */
type Erasure = {
  readonly entry: Entry;
  readonly shard: ShardId;
  readonly object: NodeId;
  readonly within: NodeId;
  readonly by: UserId;
  readonly erased: readonly Entry[];
};
type Marked = { readonly entry: Entry; readonly body: EraseBody };

type ErasingParts = {
  readonly rights: Pick<Rights, 'userOf' | 'generation'>;
  entry(id: EntryId): Entry | undefined;
  /** Its body is not here, and is asked for. */
  lacks(id: EntryId): boolean;
  /** By all that is known. */
  judge(erase: Entry): Verdict;
  /** By what it cites alone: this never changes. */
  judgeAt(erase: Entry): Verdict;
};

export class Erasing {
  readonly #marks = new Map<EntryId, Marked>();
  readonly #marksByShard = new Map<ShardId, Marked[]>();
  readonly #namedBy = new Map<EntryId, EntryId[]>();
  readonly #blobsNamedBy = new Map<BlobId, EntryId[]>();

  constructor(private readonly parts: ErasingParts) {}

  add(entry: Entry, body: EraseBody): void {
    const mark = { entry, body };
    this.#marks.set(entry.id, mark);
    const others = this.#marksByShard.get(body.shard);
    if (others) others.push(mark);
    else this.#marksByShard.set(body.shard, [mark]);
    for (const blob of body.blobs ?? [])
      this.#blobsNamedBy.set(blob, [...(this.#blobsNamedBy.get(blob) ?? []), entry.id]);
    for (const id of body.entries) this.#namedBy.set(id, [...(this.#namedBy.get(id) ?? []), entry.id].sort());
  }
  bodyOf(erase: EntryId): EraseBody | undefined {
    return this.#marks.get(erase)?.body;
  }
  /** Erasures that count, of entries of a shard, whether those are here or not. */
  marksIn(shard: ShardId): readonly Entry[] {
    const generation = this.parts.rights.generation();
    if (this.#counting.generation !== generation) this.#counting = { generation, marks: new Map() };
    const { marks } = this.#counting;
    return (this.#marksByShard.get(shard) ?? []).flatMap(({ entry }) => {
      const counts = marks.get(entry.id) ?? this.parts.judge(entry).type === 'allowed';
      marks.set(entry.id, counts);
      return counts ? [entry] : [];
    });
  }
  /** Which erasures count, while the rights are the same. */
  #counting = { generation: 0, marks: new Map<EntryId, boolean>() };
  get size(): number {
    return this.#marks.size;
  }
  /** All that is named, whether it is here or not. */
  get named(): Iterable<EntryId> {
    return this.#namedBy.keys();
  }

  /** Files that are named, whether they are here or not. */
  get namedBlobs(): Iterable<BlobId> {
    return this.#blobsNamedBy.keys();
  }
  /** ER4. `owner`: the device that sealed it, as its manifest says. */
  erasesBlob(blob: BlobId, owner: DeviceId | undefined): boolean {
    const author = owner && this.parts.rights.userOf(owner);
    return (this.#blobsNamedBy.get(blob) ?? []).some((id) => {
      const verdict = this.parts.judge((this.#marks.get(id) as Marked).entry);
      if (owner === undefined || verdict.type !== 'allowed') return false;
      return verdict.user === author || rankOf(verdict.role) >= rankOf('admin');
    });
  }

  /** ER1: what erased this entry; of several the one with the least id. */
  eraserOf(target: Entry): EntryId | undefined {
    return this.#find(target, this.parts.judge);
  }
  /** Whether somebody may have taken it for erased, as far as they knew: then it can come without its body. */
  mayLackBody(target: Entry): boolean {
    return this.#find(target, this.parts.judgeAt) !== undefined;
  }
  #find(target: Entry, judge: (erase: Entry) => Verdict): EntryId | undefined {
    const named = this.#namedBy.get(target.id);
    if (!named || target.header.kind !== 'erasable') return undefined;
    const author = this.parts.rights.userOf(target.header.device);
    return named.find((id) => {
      const { entry, body } = this.#marks.get(id) as Marked;
      if (body.shard !== target.header.shard) return false;
      const verdict = judge(entry);
      if (verdict.type !== 'allowed') return false;
      return verdict.user === author || rankOf(verdict.role) >= rankOf('admin');
    });
  }

  /** Those that took something away, of one shard or of all; by their time. As of when they were last settled. */
  erasures(shard?: ShardId): readonly Erasure[] {
    const found: Erasure[] = [];
    const marks = shard === undefined ? this.#marks.values() : (this.#marksByShard.get(shard) ?? []);
    for (const { entry, body } of marks) {
      const erased = body.entries.flatMap((id) => {
        const target = this.parts.entry(id);
        return target?.erasedBy === entry.id && !this.parts.lacks(id) ? [target] : [];
      });
      const by = this.parts.rights.userOf(entry.header.device);
      if (erased.length === 0 || by === undefined) continue;
      erased.sort((a, b) => a.header.hlc - b.header.hlc);
      const { object, within } = body;
      found.push({ entry, shard: body.shard, object, within, by, erased });
    }
    return found.sort((a, b) => a.entry.header.hlc - b.entry.header.hlc || (a.entry.id < b.entry.id ? -1 : 1));
  }
}
