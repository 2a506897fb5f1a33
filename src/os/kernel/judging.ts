/**
 * How the entries of a space count here: by the rights, and, where somebody wrote under a temporary right, by when their work came
 * to light (`timely.ts`). What comes says something about what was there before (it contradicts it, or witnesses it): that is kept
 * to be looked at again. It folds nothing.
 */
import type { EntryLog } from '../../vm/journal/log';
import { type Entry, isSealed } from '../../vm/op/entry';
import type { EntryId, LogId, ShardId } from '../../vm/op/ids';
import type { Role } from '../rights/acl';
import { askedOf } from '../rights/authorize';
import type { Rights, Verdict } from '../rights/resolve';
import { STEP } from './covered';
import { Timely } from './timely';

/** How an entry counts: under which role, or not. */
export type Judged = Role | 'held';
export const countsAs = (verdict: Verdict): Judged => (verdict.type === 'allowed' ? verdict.role : 'held');
const isTemporary = (verdict: Verdict): boolean => verdict.type === 'allowed' && verdict.until !== undefined;

export type JudgingParts = {
  readonly rights: Rights;
  readonly meta: ShardId;
  readonly logs: ReadonlyMap<LogId, EntryLog>;
  /** In the order in which they came. */
  readonly entries: ReadonlyMap<EntryId, Entry>;
  /** How each entry in the graph was judged when it was taken in. */
  readonly judged: ReadonlyMap<EntryId, Judged>;
  /** Of an erasure, the part that it concerns. */
  about(entry: Entry): ShardId | undefined;
};

export class Judging {
  /** Whose judgement may have changed since the graph was built: logs that go on in several ways, and late entries. */
  readonly #unsettled = new Set<EntryId>();
  readonly #unsettledLogs = new Set<EntryLog>();
  /** Only where somebody has written under a temporary right. */
  #timely: Timely | undefined;

  constructor(private readonly parts: JudgingParts) {}

  /** By the rights alone. */
  byRights(entry: Entry): Verdict {
    const { rights, logs } = this.parts;
    const log = logs.get(entry.log);
    const asked = askedOf(entry, this.parts, this.parts.about(entry));
    if (!log || entry.header.seq < log.forkedAt) return rights.judge(asked);
    return rights.judge({ ...asked, leadsTo: (head, length) => log.leadsTo(entry, head, length) });
  }
  /** The same, as it was where its author stood. */
  whereWritten(entry: Entry): Verdict {
    return this.parts.rights.judgeAt(askedOf(entry, this.parts, this.parts.about(entry)));
  }
  /** By the rights, and by when it came to light. */
  judge(entry: Entry): Verdict {
    return this.#inTime(entry.id, this.byRights(entry));
  }
  #inTime(id: EntryId, verdict: Verdict): Verdict {
    return isTemporary(verdict) && this.#timely?.isLate(id) ? { type: 'held', reason: 'late' } : verdict;
  }

  /** It was admitted, and lies in no part that a node keeps in order itself: what it says about others of its log and shard. */
  noted(entry: Entry): void {
    const log = this.parts.logs.get(entry.log);
    if (log?.forked) {
      this.#unsettledLogs.add(log);
      if (this.#timely && entry.header.seq <= log.forkedAt) return this.#time();
    }
    // AD6.
    if (!isSealed(entry)) return;
    const verdict = this.byRights(entry);
    if (this.#timely) for (const id of this.#timeOne(this.#timely, entry, verdict)) this.#unsettled.add(id);
    else if (isTemporary(verdict)) this.#time();
  }
  /** Those that may count otherwise than when they were taken in; asked once. */
  takeUnsettled(): ReadonlySet<EntryId> {
    const ids = new Set(this.#unsettled);
    for (const log of this.#unsettledLogs) for (const { id } of log.slice(log.forkedAt)) ids.add(id);
    this.#unsettled.clear();
    this.#unsettledLogs.clear();
    return ids;
  }
  /** Whether an entry that is here would be shown now and was not, or the other way round, or under another role. */
  isOtherwise(): boolean {
    if (this.#timely) this.#time();
    for (const [id, judged] of this.parts.judged) {
      const entry = this.parts.entries.get(id);
      if (!entry) continue;
      const verdict = this.judge(entry);
      if (isTemporary(verdict) && !this.#timely) {
        this.#time();
        return this.isOtherwise();
      }
      if (judged !== countsAs(verdict)) return true;
    }
    return false;
  }

  /** Goes through all there is, in steps. Gives how each counts. */
  *all(): Generator<undefined, (id: EntryId) => Judged | undefined> {
    const verdicts = new Map<EntryId, Verdict>();
    const before = this.#timely;
    const timely = new Timely((log) => this.parts.logs.get(log)?.forkedAt ?? Number.POSITIVE_INFINITY);
    this.#timely = undefined;
    let temporary = false;
    for (const entry of this.parts.entries.values()) {
      if (!isSealed(entry)) continue;
      const verdict = this.byRights(entry);
      verdicts.set(entry.id, verdict);
      if (verdicts.size % STEP === 0) yield undefined;
      temporary ||= isTemporary(verdict);
      this.#timeOne(timely, entry, verdict);
    }
    if (temporary) this.#timely = timely;
    for (const [id] of this.parts.judged)
      if ((before?.isLate(id) ?? false) !== timely.isLate(id)) this.#unsettled.add(id);
    return (id) => {
      const verdict = verdicts.get(id);
      return verdict && countsAs(this.#inTime(id, verdict));
    };
  }
  #time(): void {
    const steps = this.all();
    while (!steps.next().done);
  }
  #timeOne(timely: Timely, entry: Entry, verdict: Verdict): readonly EntryId[] {
    const counts = verdict.type === 'allowed';
    const user = counts ? verdict.user : this.parts.rights.userOf(entry.header.device);
    return user ? timely.add(entry, { user, counts, until: counts ? verdict.until : undefined }) : [];
  }
}
