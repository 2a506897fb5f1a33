/**
 * Erasures of one space: which entries are named by which, and whether that counts. It touches no bytes; the replica does.
 *
 * ER1 an entry is erased when an erasure that counts names it, and whoever erased it wrote it or was an Admin there. Decided
 *     from headers and the rights log alone, so equal on all nodes, with and without keys, in whatever order all came.
 * ER2 only an entry that was declared erasable when it was signed is erased: nothing is built on its body.
 * ER3 an erasure that was judged otherwise since no longer counts: its bodies are asked for again.
 */

import type { Entry } from '../../vm/op/entry';
import type { EraseBody } from '../../vm/op/erase';
import type { EntryId, NodeId, ShardId, UserId } from '../../vm/op/ids';
import { rankOf } from '../rights/acl';
import type { Rights, Verdict } from '../rights/resolve';

/** One erasure that took something away here: what it was about, and by whom; `erased` by time, at least one. */
export type Erasure = {
  readonly entry: Entry;
  readonly shard: ShardId;
  readonly object: NodeId;
  readonly within: NodeId;
  readonly by: UserId;
  readonly erased: readonly Entry[];
};
type Marked = { readonly entry: Entry; readonly body: EraseBody };

export type ErasingParts = {
  readonly rights: Pick<Rights, 'userOf'>;
  entry(id: EntryId): Entry | undefined;
  /** By all that is known. */
  judge(erase: Entry): Verdict;
  /** By what it cites alone: this never changes. */
  judgeAt(erase: Entry): Verdict;
};

export class Erasing {
  readonly #marks = new Map<EntryId, Marked>();
  readonly #namedBy = new Map<EntryId, EntryId[]>();

  constructor(private readonly parts: ErasingParts) {}

  add(entry: Entry, body: EraseBody): void {
    this.#marks.set(entry.id, { entry, body });
    for (const id of body.entries) this.#namedBy.set(id, [...(this.#namedBy.get(id) ?? []), entry.id].sort());
  }
  bodyOf(erase: EntryId): EraseBody | undefined {
    return this.#marks.get(erase)?.body;
  }
  /** All that is named, whether it is here or not. */
  get named(): Iterable<EntryId> {
    return this.#namedBy.keys();
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

  /** Those that count and took something away, of one shard or of all; by their time. */
  erasures(shard?: ShardId): readonly Erasure[] {
    const found: Erasure[] = [];
    for (const { entry, body } of this.#marks.values()) {
      if (shard !== undefined && body.shard !== shard) continue;
      const verdict = this.parts.judge(entry);
      if (verdict.type !== 'allowed') continue;
      const erased = body.entries.flatMap((id) => {
        const target = this.parts.entry(id);
        return target && this.eraserOf(target) === entry.id ? [target] : [];
      });
      if (erased.length === 0) continue;
      erased.sort((a, b) => a.header.hlc - b.header.hlc);
      const { object, within } = body;
      found.push({ entry, shard: body.shard, object, within, by: verdict.user, erased });
    }
    return found.sort((a, b) => a.entry.header.hlc - b.entry.header.hlc || (a.entry.id < b.entry.id ? -1 : 1));
  }
}
