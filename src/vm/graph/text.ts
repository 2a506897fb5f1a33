/**
 * One document: a Y.Doc that is a function of the set of updates it was given. An update enters the Y.Doc only when all
 * it builds on is there, so the library never holds anything pending; until then it waits here as bytes.
 *
 * A device that claims the same clocks twice (a fork, or worse) turns the document to canonical order: it is built anew
 * from all updates by (stamp, entry, place), where the first to claim a clock keeps it. See docs/decisions/0003-document-hash.md.
 *
 * Updates may be laid together: a *base* is what they made, with the clocks that each of them claimed. It stands for them until a
 * clock that it holds is claimed again: canonical order needs the updates themselves, so then the base is lost.
 *
 * `gc` is on: the entries are the history, and an old version is replayed from them; keeping deleted text in every
 * document of every space would only grow memory.
 */
import * as Y from 'yjs';
import type { Hlc } from '../op/clock';
import { type DeviceId, type EntryId, type NodeId, type ShardId, type UserId, yjsClientIdOf } from '../op/ids';
import { hollow, isWhole, type ParsedUpdate, parseUpdate } from './update';

/** What TipTap's Collaboration binds to. */
export const FRAGMENT = 'default';

/**
 * Must be called on every Y.Doc, kernel and page twin, before its first update: Yjs otherwise removes formatting it
 * holds to be redundant after each remote change, as a local edit nobody signed, and replicas with the same updates differ.
 */
export const prepareDoc = (doc: Y.Doc): Y.Doc => {
  doc.on('afterTransaction', (transaction: Y.Transaction) => {
    (transaction as unknown as { _needFormattingCleanup: boolean })._needFormattingCleanup = false;
  });
  doc.getXmlFragment(FRAGMENT);
  return doc;
};

/** Yjs joins neighbouring collected ranges only near what it just changed: that alone tells orders of arrival apart. */
const joinCollected = (doc: Y.Doc): void => {
  for (const structs of doc.store.clients.values()) {
    let kept = 1;
    for (let i = 1; i < structs.length; i++) {
      const left = structs[kept - 1];
      const right = structs[i] as Y.Item | Y.GC;
      if (left instanceof Y.GC && right instanceof Y.GC) left.mergeWith(right);
      else structs[kept++] = right;
    }
    structs.length = Math.min(kept, structs.length);
  }
};

/** What a document knows of the entry that changed it. */
export type TextStamp = {
  readonly id: EntryId;
  readonly shard: ShardId;
  readonly device: DeviceId;
  readonly author: UserId;
  readonly hlc: Hlc;
};

type Change = ParsedUpdate & {
  readonly stamp: TextStamp;
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly client: number;
};

/** An update as it was signed, and the clocks of its client that it claims; `to` is exclusive. */
export type TextChange = Pick<Change, 'stamp' | 'index' | 'client' | 'from' | 'to'>;

/** What all these changes made together, and none of their bytes. Oldest first. */
export type TextBase = { readonly update: Uint8Array; readonly claims: readonly TextChange[] };

/** An update as it entered: hollow already where it was taken in hollow. */
export type KeptChange = Pick<Change, 'stamp' | 'index' | 'client' | 'bytes'> & { readonly entered: boolean };

/** The client of what no single twin wrote. */
const NOBODY = -1;

type Placed = Pick<Change, 'stamp' | 'index'>;
const compareChanges = (a: Placed, b: Placed): number =>
  a.stamp.hlc - b.stamp.hlc || (a.stamp.id < b.stamp.id ? -1 : a.stamp.id > b.stamp.id ? 1 : a.index - b.index);

export class TextDocument {
  #doc = prepareDoc(new Y.Doc());
  readonly #changes: Change[] = [];
  #queue: Change[] = [];
  /** By the client waited for: highest clock first, so that the next to be ready is at the end. */
  #waiting = new Map<number, { readonly clock: number; readonly change: Change }[]>();
  #waitingStructs = 0;
  #canonical = false;
  /** The last in canonical order, once the document keeps to it. */
  #last: Change | undefined;
  readonly #broken = new Set<Change>();
  readonly #entered = new Set<Change>();
  #base: TextBase | undefined;
  #baseIds: ReadonlySet<EntryId> = new Set();
  /** It is in the document. */
  #baseIn = false;
  #baseLost = false;

  /** `allows`: whether text of this document may stand in that shard, as far as is known now. */
  constructor(
    readonly id: NodeId,
    readonly allows: (shard: ShardId) => boolean,
  ) {}

  get doc(): Y.Doc {
    return this.#doc;
  }
  get pendingStructs(): number {
    return this.#waitingStructs;
  }
  /** The first to have written here; names the shard that the document's hash belongs to. */
  get first(): TextStamp | undefined {
    let first: Placed | undefined = this.#base?.claims[0];
    for (const change of this.#entered) if (!first || compareChanges(change, first) < 0) first = change;
    return first?.stamp;
  }

  /** False when the update is void. It enters the document at the next `flush`. `isHollow`: only what others may have built on. */
  add(stamp: TextStamp, index: number, n: number, given: Uint8Array, isHollow = false): boolean {
    const client = yjsClientIdOf(stamp.device, this.id, n);
    const whole = parseUpdate(given, client);
    if (!whole) return false;
    const bytes = isHollow ? hollow(given, client) : given;
    const parsed = isHollow && bytes ? parseUpdate(bytes, client) : whole;
    if (!parsed || !bytes) return false;
    const change: Change = { ...parsed, stamp, index, bytes, client };
    this.#changes.push(change);
    if (this.allows(stamp.shard)) this.#queue.push(change);
    return true;
  }

  /** A whole document out of a snapshot, of many writers. False when it is not one. */
  addWhole(stamp: TextStamp, index: number, bytes: Uint8Array): boolean {
    if (!isWhole(bytes, prepareDoc(new Y.Doc()))) return false;
    const change: Change = { from: 0, to: 0, structs: 0, needs: new Map(), stamp, index, bytes, client: NOBODY };
    this.#changes.push(change);
    if (this.allows(stamp.shard)) this.#queue.push(change);
    return true;
  }

  /** Everything that was ever taken in, for an image; `bring` takes it back. Nothing is left to flush. */
  kept(): readonly KeptChange[] {
    return this.#changes.map((change) => ({ ...change, entered: this.#entered.has(change) }));
  }
  /** What had entered enters at the next `flush`; all else is for `reconsider`. */
  bring({ stamp, index, client, bytes, entered }: KeptChange): void {
    const parsed = parseUpdate(bytes, client);
    if (!parsed) return;
    const change: Change = { ...parsed, stamp, index, bytes, client };
    this.#changes.push(change);
    if (entered) this.#queue.push(change);
  }

  /** To be called when the answers of `allows` may have changed. */
  reconsider(): void {
    const queued = new Set(this.#queue);
    for (const change of this.#changes) {
      const allowed = this.allows(change.stamp.shard);
      const known = this.#entered.has(change) || queued.has(change);
      if (allowed && !known) this.#queue.push(change);
      if (!allowed && known) this.#stale = true;
    }
  }
  #stale = false;

  /** Applies what is ready. Gives what twins need; `rebuilt` when they must start over. */
  flush(): { readonly updates: readonly Uint8Array[]; readonly rebuilt: boolean } {
    const queue = this.#queue;
    this.#queue = [];
    if (this.#baseLost || (queue.length === 0 && !this.#stale && !this.#baseIsDue))
      return { updates: [], rebuilt: false };
    const base = this.#baseIsDue ? [this.#enterBase()] : [];
    const applied = this.#continue(queue);
    if (applied) return { updates: [...base, ...applied.map((change) => change.bytes)], rebuilt: false };
    if (this.#base) this.#loseBase();
    else this.#rebuild();
    return { updates: [this.update()], rebuilt: true };
  }

  // --- The base ----------------------------------------------------------------------------------------------

  /** What may stand for all changes; `undefined` where something waits, or their order decides. */
  layTogether(): TextBase | undefined {
    const waits = [...this.#waiting.values()].some(({ length }) => length > 0);
    const entered = this.#changes.every((change) => this.#entered.has(change));
    const plain = !this.#canonical && !this.#stale && !this.#baseLost && !this.#baseIsDue;
    if (!plain || !entered || this.#queue.length > 0 || waits) return undefined;
    const claims = this.changes().map(({ stamp, index, client, from, to }) => ({ stamp, index, client, from, to }));
    return { update: this.update(), claims };
  }
  /** From now on it stands for the changes that it names, whether they are here or never come. */
  lay(base: TextBase): void {
    const known = new Set([...this.#baseIds, ...[...this.#entered].map(({ stamp }) => stamp.id)]);
    const isKnown = base.claims.every(({ stamp }) => known.has(stamp.id));
    this.#baseIn = isKnown && !this.#baseIsDue;
    this.#base = base;
    this.#baseIds = new Set(base.claims.map(({ stamp }) => stamp.id));
    const rest = this.#changes.filter(({ stamp }) => !this.#baseIds.has(stamp.id));
    this.#changes.splice(0, this.#changes.length, ...rest);
    for (const change of this.#entered) if (this.#baseIds.has(change.stamp.id)) this.#entered.delete(change);
  }
  /** Its text is in the base already. */
  covers(entry: EntryId): boolean {
    return this.#baseIds.has(entry);
  }
  get base(): TextBase | undefined {
    return this.#base;
  }
  /** Something came that only the changes themselves can be put in order with. */
  get baseIsLost(): boolean {
    return this.#baseLost;
  }
  get #baseIsDue(): boolean {
    return this.#base !== undefined && !this.#baseIn;
  }
  #enterBase(): Uint8Array {
    const { update } = this.#base as TextBase;
    this.#baseIn = true;
    Y.applyUpdateV2(this.#doc, update);
    return update;
  }
  #loseBase(): void {
    this.#baseLost = true;
    this.#doc.destroy();
    this.#doc = prepareDoc(new Y.Doc());
    this.#enterBase();
  }

  #continue(queue: Change[]): readonly Change[] | undefined {
    if (this.#stale) return undefined;
    if (this.#canonical) {
      queue.sort(compareChanges);
      const next = queue[0];
      if (next && this.#last && compareChanges(next, this.#last) < 0) return undefined;
      this.#last = queue.at(-1) ?? this.#last;
    }
    return this.#drain(queue);
  }

  /** The same bytes for the same set of updates, in whatever order they came. */
  update(): Uint8Array {
    joinCollected(this.#doc);
    return Y.encodeStateAsUpdateV2(this.#doc);
  }

  /** What entered the document, oldest first. */
  changes(): readonly TextChange[] {
    return [...(this.#base?.claims ?? []), ...this.#entered].sort(compareChanges);
  }

  /** Of what entered, the last. */
  get last(): Placed | undefined {
    let last: Placed | undefined = this.#base?.claims.at(-1);
    for (const change of this.#entered) if (!last || compareChanges(change, last) > 0) last = change;
    return last;
  }

  #rebuild(): void {
    this.#canonical = true;
    this.#stale = false;
    this.#queue = [];
    this.#changes.sort(compareChanges);
    const allowed = this.#changes.filter((change) => this.allows(change.stamp.shard));
    this.#last = allowed.at(-1);
    for (let whole = false; !whole; ) {
      this.#doc.destroy();
      this.#doc = prepareDoc(new Y.Doc());
      this.#waiting = new Map();
      this.#waitingStructs = 0;
      this.#entered.clear();
      whole = this.#drain(allowed.filter((change) => !this.#broken.has(change))) !== undefined;
    }
  }

  /** In the order given, each followed by what waited for it. `undefined`: build anew, in canonical order. */
  #drain(queue: readonly Change[]): Change[] | undefined {
    const applied: Change[] = [];
    const { store } = this.#doc;
    let current: Change | undefined;
    let contested = false;
    const apply = (change: Change): void => {
      this.#entered.add(change);
      const missing = [...change.needs].find(([client, clock]) => Y.getState(store, client) < clock);
      if (missing) {
        this.#wait(missing[0], missing[1], change);
        return;
      }
      if (change.structs > 0 && change.from < Y.getState(store, change.client)) {
        contested = true;
        if (!this.#canonical) return;
      }
      current = change;
      Y.applyUpdateV2(this.#doc, change.bytes);
      applied.push(change);
    };
    try {
      this.#doc.transact(() => {
        for (const change of queue) {
          const ready = [change];
          for (let next = ready.pop(); next; next = ready.pop()) {
            const known = applied.length;
            apply(next);
            if (contested && !this.#canonical) return;
            if (applied.length > known)
              ready.push(...this.#readyAt(next.client, Y.getState(store, next.client)).reverse());
          }
        }
      });
    } catch (fault) {
      // Decodable bytes that the library cannot integrate: void here, and the half-made document is thrown away.
      if (!current) throw fault;
      if (this.#canonical) this.#broken.add(current);
      return undefined;
    }
    return contested && !this.#canonical ? undefined : applied;
  }

  #wait(client: number, clock: number, change: Change): void {
    const list = this.#waiting.get(client) ?? [];
    let low = 0;
    for (let high = list.length; low < high; ) {
      const mid = (low + high) >> 1;
      if ((list[mid] as { clock: number }).clock > clock) low = mid + 1;
      else high = mid;
    }
    list.splice(low, 0, { clock, change });
    this.#waiting.set(client, list);
    this.#waitingStructs += change.structs;
  }

  #readyAt(client: number, state: number): Change[] {
    const list = this.#waiting.get(client);
    const ready: Change[] = [];
    for (let last = list?.at(-1); last && last.clock <= state; last = list?.at(-1)) {
      list?.pop();
      ready.push(last.change);
      this.#waitingStructs -= last.change.structs;
    }
    return ready.sort(compareChanges);
  }
}
